"""A regrade as text: who gains or loses how much, on which check, and what was left alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from referee.changes import Change, Odd, Regraded, Score
from referee.feedback.text import amount, counted, plain

_MOST = 20  # students who are shown one by one
_CHECKS = 6  # of each
_ODD = 10


def regraded(found: Regraded) -> list[str]:
    """The lines about a regrade, or its undoing."""
    return list(_undone(found) if found.undone else _regraded(found))


def _regraded(found: Regraded) -> Iterator[str]:
    gain = sum(score.after > score.before for score in found.scores)
    lose = sum(score.after < score.before for score in found.scores)
    keep = found.reports - gain - lose
    would = "" if found.number else "would "
    yield (
        f"{plain(found.assignment)}: {counted(found.reports, 'report')} in {found.seconds:.1f} s: "
        f"{gain} {would}gain, {lose} {would}lose, {keep} keep their points"
    )
    yield from _odd("had to run again", found.run_again)
    yield from _odd("left alone", found.left_alone)
    if found.changes:
        yield ""
        yield from _by_check(found.changes)
        yield ""
        yield from _by_student(found)
    yield ""
    yield _next(found)


def _next(found: Regraded) -> str:
    name = plain(found.assignment)
    if found.interrupted is not None:
        return (
            f"regrade {found.interrupted} was interrupted before it was done: "
            f"`referee regrade {name} --apply` finishes it, --undo takes it back"
        )
    if found.number is not None:
        return f"applied as regrade {found.number}; `referee regrade {name} --undo` takes it back"
    if found.scores:
        return f"nothing was changed yet: `referee regrade {name} --apply`"
    return "nobody's points change"


def _undone(found: Regraded) -> Iterator[str]:
    count, points = counted(found.reports, "report"), f"{len(found.scores)} with other points"
    yield f"{plain(found.assignment)}: {count} put back as they were, {points} (entry {found.number} in history)"
    yield from _scores(found.scores)
    yield from _odd("left alone", found.left_alone)
    yield "the graders on the disk are not put back: while they are the changed ones, `referee grade` grades by them"


def _odd(what: str, odd: Sequence[Odd]) -> Iterator[str]:
    by_reason = defaultdict[str, list[str]](list)
    for each in odd:
        by_reason[each.why].append(plain(each.student))
    for why, students in by_reason.items():
        rest = f" and {len(students) - _ODD} more" if len(students) > _ODD else ""
        yield f"  {what}: {', '.join(students[:_ODD])}{rest} ({plain(why)})"


def _by_check(changes: Sequence[Change]) -> Iterator[str]:
    """For each check: how many it concerns, and the points that they gain and lose together."""
    groups = defaultdict[tuple[str, str, str], list[Change]](list)
    for each in changes:
        groups[each.notebook, each.cell, each.check].append(each)
    for (notebook, cell, check), group in sorted(groups.items()):
        gained = sum(each.gain for each in group if each.gain > 0)
        lost = -sum(each.gain for each in group if each.gain < 0)
        where = "/".join(plain(part) for part in (notebook, cell, check) if part)
        sentence = plain(group[0].sentence)
        told = f"{counted(len(group), 'student')}, {amount(gained)} gained, {amount(lost)} lost"
        yield f"  {where}: {told}" + f"  ({sentence})" * bool(sentence)


def _by_student(found: Regraded) -> Iterator[str]:
    """The students whose points change, those who lose most first, with the checks that others conclude first."""
    changes = defaultdict[str, list[Change]](list)
    for each in found.changes:
        changes[each.student].append(each)
    moved = [score for score in found.scores if score.after != score.before]
    shown = sorted(moved, key=lambda score: (score.after - score.before, score.student))
    for score in shown[:_MOST]:
        yield from _scores([score])
        mine = sorted(changes[score.student], key=lambda each: each.was == each.now)
        yield from map(_check, mine[:_CHECKS])
        if len(mine) > _CHECKS:
            yield f"      and {counted(len(mine) - _CHECKS, 'check')} more"
    if len(shown) > _MOST:
        yield f"  and {counted(len(shown) - _MOST, 'student')} more; --json lists all"


def _check(each: Change) -> str:
    where = "/".join(plain(part) for part in (each.notebook, each.cell, each.check) if part)
    verdict = each.now if each.was == each.now else f"{each.was} -> {each.now}"
    return f"      {where}: {verdict}  {'+' if each.gain >= 0 else '-'}{amount(abs(each.gain))}"


def _scores(scores: Sequence[Score]) -> Iterator[str]:
    for score in scores:
        yield f"  {plain(score.student)}  {amount(score.before)} -> {amount(score.after)} of {amount(score.points)}"
