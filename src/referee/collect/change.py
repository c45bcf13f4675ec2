"""What a student's new notebooks change: which files stop counting, which attempts are kept, what is written."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from referee.collect.claims import Claim
from referee.collect.interface import CollectedStudent, State, Taken
from referee.collect.naming import fold
from referee.collect.note import NOTE, CollectedFile, CollectedNote, Kind, encode
from referee.collect.sources import Member, Source
from referee.collect.tree import TIMESTAMP, Content, Place
from referee.errors import SubmissionError, UsageError
from referee.feedback.text import plain
from referee.report import clip

_SHOWN = 1000  # characters of a name in a note, which `read_note` bounds


@dataclass(frozen=True)
class Offer:
    """A claim that was read to its end; `attempt` counts the student's files of this name from 1."""

    claim: Claim
    sha256: str
    attempt: int

    def noted(self) -> CollectedFile:
        """What the note says about it."""
        name, member, late = self.claim.target, clip(plain(self.claim.member.path), _SHOWN), self.claim.named.late
        upload = self.claim.named.upload
        return CollectedFile(
            name=name, member=member, late=late, attempt=self.attempt, sha256=self.sha256, upload=upload
        )


@dataclass(frozen=True)
class _MemberPieces:
    """The bytes of a member, read anew each time."""

    source: Source
    member: Member

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.source.pieces(self.member)
        except SubmissionError as error:  # it was readable a moment ago
            raise UsageError("a source that stays as it is", error.found, "run the same command again") from error


@dataclass(frozen=True)
class Change:
    """One student's change.

    offers : by file, each list from the oldest to the newest.
    single : whether the assignment has one notebook, and so one answer: a file of another name is the same notebook
        then. Grading takes a file by its exact name before it looks into others, so an older one must not stay beside.
    """

    place: Place
    source: Source
    kind: Kind
    offers: dict[str, list[Offer]]
    single: bool

    @cached_property
    def newest(self) -> dict[str, Offer]:
        """What counts from now on, by file."""
        return {name: offers[-1] for name, offers in self.offers.items()}

    @cached_property
    def there(self) -> dict[str, str]:
        """What counts until now: the hash of each file."""
        return self.place.notebooks()

    @cached_property
    def replaced(self) -> dict[str, str]:
        """What stops counting."""
        return {name: sha for name, sha in self.there.items() if self._is_replaced(name, sha)}

    def _is_replaced(self, name: str, sha256: str) -> bool:
        if name in self.newest:
            return sha256 != self.newest[name].sha256
        return self.single or fold(name) in map(fold, self.newest)

    @cached_property
    def attempts(self) -> dict[int, dict[str, Content]]:
        """The attempts to be kept, by their numbers."""
        numbers = count(max(self.place.numbers(), default=0) + 1)
        return dict(zip(numbers, self._attempts(), strict=False))

    def _attempts(self) -> Iterator[dict[str, Content]]:
        """What counted until now, then the older ones of the source, in order; none that is kept already."""
        old = self.place.current([*self.replaced, TIMESTAMP]) if self.replaced else {}
        made = {name: content.sha256 for name, content in old.items()}
        if self.replaced and not self.place.has_kept(made):
            yield old | self.place.current([NOTE])
        kept = set(made.items())
        for offer in (offer for offers in self.offers.values() for offer in offers[:-1]):
            pair = offer.claim.target, offer.sha256
            if pair not in kept and not self.place.has_kept(dict([pair])):
                kept.add(pair)
                yield {offer.claim.target: self._content(offer), NOTE: self._note([offer])}

    def write(self) -> None:
        """Make the change on the disk, in the order that `tree` states."""
        attempts, replaced, there = self.attempts, self.replaced, self.there  # as it is before anything is written
        self.place.sweep()
        for number, files in attempts.items():
            self.place.keep(number, files)
        if replaced:
            self.place.remove([TIMESTAMP, *sorted(replaced.keys() - self.newest.keys())])
        for name, offer in self.newest.items():
            if there.get(name) != offer.sha256:
                self.place.put(name, self._content(offer))
        note = self._note([offer for _, offer in sorted(self.newest.items())])
        if note.sha256 not in {content.sha256 for content in self.place.current([NOTE]).values()}:
            self.place.put(NOTE, note)

    def said(self) -> CollectedStudent:
        """The change in words of the report."""
        paths = [self.place.attempts / str(at) / name for at, files in self.attempts.items() for name in files]
        kept = [path.relative_to(self.place.course.root) for path in paths if path.name != NOTE]
        return CollectedStudent(
            student=self.place.student,
            files=tuple(self._taken(offer) for offer in self.newest.values()),
            kept=tuple(plain(str(path), 1000) for path in kept),
            beside=tuple(plain(name) for name in sorted(self.there.keys() - self.newest.keys() - self.replaced.keys())),
        )

    def _taken(self, offer: Offer) -> Taken:
        name, member = offer.claim.target, plain(offer.claim.member.path)
        late, attempt = offer.claim.named.late, offer.attempt
        return Taken(file=name, member=member, state=self._state(offer), late=late, attempt=attempt)

    def _state(self, offer: Offer) -> State:
        if self.there.get(offer.claim.target) == offer.sha256:
            return "as before"
        return "changed" if offer.claim.target in self.there or self.replaced else "new"

    def _note(self, offers: Sequence[Offer]) -> Content:
        """What is written beside these notebooks."""
        files = tuple(offer.noted() for offer in offers)
        text = encode(CollectedNote(kind=self.kind, source=clip(plain(self.source.name), _SHOWN), files=files))
        return Content([text], hashlib.sha256(text).hexdigest())

    def _content(self, offer: Offer) -> Content:
        return Content(_MemberPieces(self.source, offer.claim.member), offer.sha256)
