"""A collect as text: what was taken, what is late, what was left out and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from referee.collect.interface import Collected, CollectedStudent
from referee.feedback.text import counted, plain

_SOURCES = {"canvas": "a Canvas zip", "moodle": "a Moodle zip", "folder": "a folder of notebooks"}


def collected(found: Collected) -> list[str]:
    """The lines about a collect."""
    return list(_lines(found))


def _lines(found: Collected) -> Iterator[str]:
    states = Counter(student.state for student in found.students)
    told = ", ".join(f"{states[state]} {state}" for state in ("new", "changed", "as before") if states[state])
    verb = "would be taken" if found.dry_run else "taken"
    what = f"{plain(found.source)} ({_SOURCES[found.kind]})"
    yield f"{plain(found.assignment)}: {counted(len(found.students), 'student')} {verb} from {what}: {told or 'nobody'}"
    for student in found.students:
        if student.state != "as before" or student.late:
            yield from _student(student)
    if found.left_out:
        yield f"left out: {len(found.left_out)}"
    for each in found.left_out:
        whose = f" ({plain(each.student)})" if each.student else ""
        yield f"  {plain(each.member)}{whose}: {plain(each.reason)}"


def _student(student: CollectedStudent) -> Iterator[str]:
    files = ", ".join(plain(file.file) for file in student.files)
    late = "  LATE" if student.late else ""
    attempts = max((file.attempt for file in student.files), default=1)
    attempt = f"  attempt {attempts}" if attempts > 1 else ""
    yield f"  {plain(student.student)}  {student.state}{late}{attempt}  {files}"
    yield from (f"    kept: {plain(path)}" for path in student.kept)
    yield from (f"    stays: {plain(name)} (not in this source)" for name in student.beside)
