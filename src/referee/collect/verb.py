"""One collect: a source's notebooks into `submitted/`, the newest of each student; the older ones into `attempts/`."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from referee.collect.change import Change, Offer
from referee.collect.claims import Claim, Wanted, by_file, by_student, claims, detect, folders_in, left_out
from referee.collect.interface import Collected, CollectedStudent, LeftOut
from referee.collect.note import Kind, read_note
from referee.collect.sources import Member, Source, opened
from referee.collect.tree import Place, attempts_of
from referee.course import Course, top_of
from referee.errors import SubmissionError, UsageError
from referee.feedback.text import plain
from referee.lock import locked

MOST_FILES = 200  # of one student: each attempt is compared with those that are kept
MOST_BYTES = 32 * 2**30  # of all that is read from one source, unpacked: a class of 1,000 with the largest notebooks


def collect(
    course: Course, assignment: str, source: Path, kind: Wanted = "auto", *, dry_run: bool = False
) -> Collected:
    """Take the students' notebooks of an assignment from a Canvas or Moodle zip, or from a folder.

    The newest of each notebook counts; what counted before, and older ones, go to `attempts/`. The same source again
    changes nothing. A dry run writes nothing and says the same.

    Raises
    ------
    UsageError : no such assignment or source, or a source that cannot be read or told; or nothing can be written.
    """
    exercises = course.exercises(assignment)
    notebooks = tuple(exercise.notebook for exercise in exercises)
    _require_outside(course, assignment, source)
    most = max(int(course.limits_of(exercise).submission_bytes) for exercise in exercises)
    try:
        with opened(source) as given:
            job = _Job(course, assignment, notebooks, given, detect(given, kind), dry_run, most)
            with nullcontext() if dry_run else locked(course, f"referee collect {assignment}"):
                return job.run()
    except OSError as error:
        wanted = f"a course whose submissions can be read and written, at {course.root}"
        found = plain(f"{error.strerror or error} ({error.filename or source})")
        raise UsageError(wanted, found, "mend it and run the same command again: nothing is lost") from error


def _require_outside(course: Course, assignment: str, source: Path) -> None:
    """Raise `UsageError` for a source that is a part of where this course keeps its submissions."""
    for own in (top_of(course.submission, assignment), attempts_of(course)):
        if source.resolve().is_relative_to(own.resolve()):
            found = f"{source}, where this course keeps its own"
            raise UsageError("submissions from elsewhere", found, "grade them as they are: `referee grade`")


@dataclass
class _Job:
    """One collect as it goes: what it is about, what was left out, and how many bytes were read."""

    course: Course
    assignment: str
    notebooks: tuple[str, ...]
    source: Source
    kind: Kind
    dry_run: bool
    most: int
    left: list[LeftOut] = field(default_factory=list)
    read: int = 0

    def run(self) -> Collected:
        found, left = claims(self.source, self.kind, self.assignment, self.notebooks)
        self.left += left
        students = list[CollectedStudent]()
        for group in by_student(found, self.kind, folders_in(top_of(self.course.submission, self.assignment))):
            mine = [each for each in group if isinstance(each, Claim)]
            self.left += [each for each in group if isinstance(each, LeftOut)]
            if mine and (student := self._student(mine)):
                students.append(student)
        return Collected(
            assignment=self.assignment,
            kind=self.kind,
            source=plain(self.source.name),
            dry_run=self.dry_run,
            students=tuple(students),
            left_out=tuple(self.left),
        )

    def _student(self, group: Sequence[Claim]) -> CollectedStudent | None:
        place = Place(self.course, group[0].named.student, self.assignment)
        if reason := place.barred():
            self._leave(group, reason)
            return None
        group = sorted(group, key=lambda claim: claim.order)
        self._leave(group[:-MOST_FILES], f"more than {MOST_FILES} notebooks of one student: the newest were taken")
        read = {name: self._offers(each) for name, each in by_file(group[-MOST_FILES:]).items()}
        offers = {name: each for name, each in read.items() if each and not self._is_older(place, name, each)}
        return self._change(place, offers) if offers else None

    def _is_older(self, place: Place, name: str, offers: list[Offer]) -> bool:
        """Whether what lies there was uploaded after all of these; then they are left out."""
        note, there = read_note(place.folder), place.notebooks().get(name)
        about = note.about(name) if note is not None and note.kind == self.kind else None
        newest = offers[-1].claim.named.upload
        if about is None or about.sha256 != there or not newest or about.upload <= newest:
            return False
        self._leave([offer.claim for offer in offers], "older than what is there, which was uploaded later")
        return True

    def _change(self, place: Place, offers: dict[str, list[Offer]]) -> CollectedStudent:
        change = Change(place, self.source, self.kind, offers, single=len(self.notebooks) == 1)
        said = change.said()
        if not self.dry_run:
            change.write()
        return said

    def _leave(self, group: Sequence[Claim], reason: str) -> None:
        self.left += [left_out(claim.member, reason, claim.named.student) for claim in group]

    def _offers(self, group: Sequence[Claim]) -> list[Offer]:
        """The claims to one file that can be read, from the oldest to the newest."""
        if self.kind == "folder" and len(group) > 1:
            self._leave(group, f"{group[0].target} is there {len(group)} times, and which is the newest is not known")
            return []
        offers = list[Offer]()
        for claim in group:
            try:
                sha256 = self._digest(claim.member)
                earlier = offers[-1].attempt if offers else 0
                offers.append(Offer(claim, sha256, max(claim.number, earlier) + 1))
            except SubmissionError as error:
                self._leave([claim], error.found)
        return offers

    def _digest(self, member: Member) -> str:
        """The hash of a member. Raises `SubmissionError` where it is broken or too large, alone or with the others."""
        found, size = hashlib.sha256(), 0
        for piece in self.source.pieces(member):
            size += len(piece)
            self.read += len(piece)
            if size > self.most:
                raise SubmissionError("a notebook", f"larger than {self.most:,} bytes (submission_bytes)")
            if self.read > MOST_BYTES:
                raise SubmissionError("a class", f"the files together are larger than {MOST_BYTES:,} bytes")
            found.update(piece)
        return found.hexdigest()
