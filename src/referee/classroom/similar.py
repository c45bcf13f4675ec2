"""Submissions whose own code is nearly the same, for a person to look at.

Own code is what is left of a student's fingerprints without the exercise's and without those that many in the class
share: what everybody writes says nothing about two of them. Two are similar by containment: the share of the smaller
one's own fingerprints that the larger one has, too. What is the same to the byte is listed even where many share it:
the one right answer of a short exercise still differs in its names, numbers and layout. No pair is looked at that
shares nothing rare (as in Bayardo, Ma & Srikant, Scaling Up All Pairs Similarity Search, WWW 2007), so that large
classes take seconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence

from referee.classroom.interface import NAME, LikeGroup, Likeness, named
from referee.classroom.items import connected
from referee.feedback.text import plain
from referee.report import Record

ALIKE = 0.8  # containment from which a pair is listed
LEAST = 12  # own fingerprints: with fewer, two right answers are the same by chance
SHORT = 50  # tokens, which is about as much in words that need no explanation
COMMON, COMMON_LEAST = 0.2, 10  # what more than this share of the class has, and at least so many, is nobody's own
TO_THE_BYTE = "the same to the byte"
_PAIRS = 12  # of a group that are told one by one


class Prints(Record, frozen=True):
    """The fingerprints of one notebook: by student; `base` those of the exercise; `unread` how many files were not.

    codes : a hash of each student's own code, where it is known: who has the same one wrote the same to the byte.
    """

    students: dict[str, frozenset[int]]
    base: frozenset[int] = frozenset()
    unread: int = 0
    codes: dict[str, str] = {}


class Pair(Record, frozen=True):
    """Two students by name, and how much of the smaller one's own code the other has (0 to 1)."""

    first: str
    second: str
    containment: float


def likeness(notebook: str, prints: Prints) -> Likeness:
    """How similar the own code of students is for one notebook."""
    own = own_prints(prints.students, prints.base)
    enough = {student: some for student, some in own.items() if len(some) >= LEAST}
    long = [student for student, some in prints.students.items() if len(some - prints.base) >= LEAST]
    shared = [student for student in long if student not in enough]
    return Likeness(
        notebook=plain(notebook, NAME),
        compared=len(enough),
        shared=len(shared),
        little=len(own) - len(long),
        unread=prints.unread,
        groups=_groups([*pairs(enough), *_copies(shared, prints.codes)], prints.codes),
    )


def _copies(students: Sequence[str], codes: Mapping[str, str]) -> Iterator[Pair]:
    """The first of those who have the same code to the byte, with each of the others."""
    first: dict[str, str] = {}
    for student in sorted(students):
        if student in codes and first.setdefault(codes[student], student) != student:
            yield Pair(first=first[codes[student]], second=student, containment=1.0)


def own_prints(students: Mapping[str, frozenset[int]], base: frozenset[int]) -> dict[str, frozenset[int]]:
    """What is a student's own, by student: neither the exercise's nor shared by many."""
    spread = _spread(students)
    most = max(COMMON * len(students), COMMON_LEAST)
    common = {value for value, count in spread.items() if count > most} | base
    return {student: some - common for student, some in students.items()}


def _spread(students: Mapping[str, frozenset[int]]) -> Counter[int]:
    """How many students have each fingerprint."""
    spread = Counter[int]()
    for some in students.values():
        spread.update(some)
    return spread


def pairs(own: Mapping[str, frozenset[int]]) -> list[Pair]:
    """The pairs that are alike, the most similar first.

    Of two alike ones, the smaller has at most a fifth that the larger has not: among any fifth of its fingerprints and
    one more, its rarest for instance, there is a shared one.
    """
    spread = _spread(own)
    holders: dict[int, list[str]] = {}
    for student in sorted(own):
        for value in own[student]:
            if spread[value] > 1:
                holders.setdefault(value, []).append(student)
    found = []
    for student, some in own.items():
        rare = sorted(some, key=lambda value: (spread[value], value))[: math.floor((1 - ALIKE) * len(some) + 1e-9) + 1]
        others = {other for value in rare for other in holders.get(value, ())}
        larger = {other for other in others if (len(some), student) < (len(own[other]), other)}
        for other, shared in _shared(some, larger, own, holders).items():
            if other in larger and shared / len(some) >= ALIKE:
                first, second = sorted((student, other))
                found.append(Pair(first=first, second=second, containment=shared / len(some)))
    return sorted(found, key=lambda pair: (-pair.containment, pair.first, pair.second))


def _shared(
    some: frozenset[int],
    others: Collection[str],
    own: Mapping[str, frozenset[int]],
    holders: Mapping[int, Sequence[str]],
) -> Mapping[str, int]:
    """How many of some fingerprints others have, by the shorter way: theirs looked up, or all holders counted."""
    if sum(len(holders.get(value, ())) for value in some) > len(some) * len(others):
        return {other: len(some & own[other]) for other in others}
    counts = Counter[str]()
    for value in some:
        counts.update(holders.get(value, ()))
    return counts


def _groups(found: Sequence[Pair], codes: Mapping[str, str]) -> tuple[LikeGroup, ...]:
    """Who hangs together by pairs; the largest groups first."""
    names = sorted({name for pair in found for name in (pair.first, pair.second)})
    place = {name: i for i, name in enumerate(names)}
    by_member: dict[int, list[Pair]] = {}
    groups = connected([(place[pair.first], place[pair.second]) for pair in found])
    group_of = {member: number for number, group in enumerate(groups) for member in group}
    for pair in found:
        by_member.setdefault(group_of[place[pair.first]], []).append(pair)
    made = [_group([names[i] for i in group], by_member[number], codes) for number, group in enumerate(groups)]
    return tuple(sorted(made, key=lambda group: (-len(group.students), -group.high, group.students[0].student)))


def _group(students: Sequence[str], found: Sequence[Pair], codes: Mapping[str, str]) -> LikeGroup:
    def same(pair: Pair) -> bool:
        return pair.first in codes and codes[pair.first] == codes.get(pair.second)

    told = (
        f"{plain(pair.first, NAME)} and {plain(pair.second, NAME)}: "
        + (TO_THE_BYTE if same(pair) else f"{100 * pair.containment:.0f} %")
        for pair in sorted(found, key=same, reverse=True)[:_PAIRS]
    )
    return LikeGroup(
        students=tuple(map(named, students)),
        low=min(pair.containment for pair in found),
        high=max(pair.containment for pair in found),
        identical=students[0] in codes and len({codes.get(student) for student in students}) == 1,
        pairs=tuple(told),
    )
