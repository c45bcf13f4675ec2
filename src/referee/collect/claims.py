"""What a source claims: which member is whose notebook, decided by names alone, before anything is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal, TypeAlias

from referee.collect import canvas, moodle, plain
from referee.collect.interface import LeftOut, Named
from referee.collect.naming import fold, leftover, no_notebook, strange, target_name
from referee.collect.note import Kind
from referee.collect.sources import Member, Source
from referee.errors import UsageError
from referee.feedback.text import plain as safe

Wanted: TypeAlias = Literal["auto", "canvas", "moodle", "folder"]
Reader: TypeAlias = Callable[[str], Named | str]
_SHOWN = 200  # characters of a member's name
_LMS: dict[Kind, Reader] = {"canvas": canvas.read, "moodle": moodle.read}


@dataclass(frozen=True)
class Claim:
    """A member that is a student's notebook. `order` sorts the attempts of one file, `number` is the N of its name."""

    member: Member
    named: Named
    target: str
    number: int

    @property
    def order(self) -> tuple[object, ...]:
        return self.named.upload, self.number, -self.named.depth, self.member.when, self.member.path


def detect(source: Source, wanted: Wanted) -> Kind:
    """The format of a source, as it is stated or as the names of its members have it.

    Raises
    ------
    UsageError : no name fits the format, or the names fit several.
    """
    paths = [member.path for member in source.members if not member.refused and not strange(member.path)]
    fits: list[Kind] = [kind for kind, read in _LMS.items() if any(not isinstance(read(path), str) for path in paths)]
    if wanted == "folder" or (wanted == "auto" and source.folder and not fits):
        _require_notebooks(source)
        return "folder"
    if wanted != "auto" and wanted in fits:
        return wanted
    if wanted == "auto" and (fits == ["moodle"] or (len(fits) == 1 and not source.folder)):
        return fits[0]
    raise _undecided(source, wanted, fits, paths)


def _require_notebooks(source: Source) -> None:
    if all(no_notebook(member.path) for member in source.members):
        found = f"none among the {len(source.members)} files of {source.name}"
        raise UsageError("notebooks (.ipynb) in a folder", found, "give the folder that the students' files lie in")


def _undecided(source: Source, wanted: Wanted, fits: Sequence[Kind], paths: Sequence[str]) -> UsageError:
    if wanted != "auto" or not fits:
        example = f", such as {safe(paths[0], _SHOWN)}" if paths else ""
        names = f"names of {len(source.members)} members{example}" if source.members else "no file at all"
        rule = {"canvas": "Canvas", "moodle": "Moodle"}.get(wanted, "Canvas or of Moodle")
        return UsageError(f"names by the rule of {rule} in {source.name}", names, "say what it is with --format")
    may_be = [*fits, "folder"] if source.folder else fits
    found = f"{source.name} may be {' or '.join(may_be)}, by its names"
    return UsageError("one format", found, f"say which: --format {' or --format '.join(may_be)}")


def claims(source: Source, kind: Kind, assignment: str, notebooks: Sequence[str]) -> tuple[list[Claim], list[LeftOut]]:
    """The members that are notebooks of students, and the others with the reason."""
    read: Reader = _LMS.get(kind, partial(plain.read, assignment=assignment, notebooks=notebooks))
    found, left = list[Claim](), list[LeftOut]()
    for member in source.members:
        named = member.refused or strange(member.path) or leftover(member.path) or read(member.path)
        reason = named if isinstance(named, str) else no_notebook(named.file)
        if reason or isinstance(named, str):
            left.append(left_out(member, reason, "" if isinstance(named, str) else named.student))
            continue
        target, number = target_name(named.file, notebooks, numbered=kind == "canvas")
        found.append(Claim(member, named, target, number))
    return found, left


def left_out(member: Member, reason: str, student: str = "") -> LeftOut:
    """A member that is not taken, its name spelled safely."""
    return LeftOut(member=safe(member.path, _SHOWN), reason=reason, student=student)


def by_student(found: Iterable[Claim], kind: Kind, there: Iterable[str]) -> Iterator[list[Claim] | list[LeftOut]]:
    """The claims of each student, in order; where names do not tell students apart, why none of them is taken.

    there : the names of the students' folders that exist already.
    """
    groups = dict[str, list[Claim]]()
    for claim in found:
        groups.setdefault(fold(claim.named.student), []).append(claim)
    known = dict[str, list[str]]()
    for name in there:
        known.setdefault(fold(name), []).append(name)
    for key in sorted(groups):
        group, others = groups[key], known.get(key, [])
        spelled = sorted({claim.named.spelled for claim in group})
        student = min(claim.named.student for claim in group)
        if kind == "folder" and len(spelled) > 1:
            names = ", ".join(safe(name, _SHOWN) for name in spelled)
            yield _all_left(group, student, f"these students' names cannot be told apart here: {names}")
        elif others and student not in others:
            yield _all_left(group, student, f"the folder of {student!r} exists as {safe(others[0])!r}: rename one")
        else:
            yield [replace(claim, named=replace(claim.named, student=student)) for claim in group]


def _all_left(group: Iterable[Claim], student: str, reason: str) -> list[LeftOut]:
    return [left_out(claim.member, reason, student) for claim in group]


def by_file(group: Iterable[Claim]) -> dict[str, list[Claim]]:
    """One student's claims by the file that they are, each list in the order of the claims."""
    files, names = dict[str, list[Claim]](), dict[str, str]()
    for claim in group:
        files.setdefault(names.setdefault(fold(claim.target), claim.target), []).append(claim)
    return files


def folders_in(path: Path) -> list[str]:
    """The names of what lies in a folder; none where there is no folder."""
    return sorted(each.name for each in path.iterdir()) if path.is_dir() else []
