"""The distribution of scores, and what each check tells about the students: item analysis.

The numbers are those of classical test theory (Crocker & Algina, Introduction to Classical and Modern Test Theory,
1986, chapter 14). A check is an item, scored 1 for passed and 0 for failed or not answered; what waits for a person is
no answer yet and does not count.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from referee.classroom.interface import ENOUGH, LABEL, Bin, CheckItem, Scores, Twins
from referee.feedback.text import plain
from referee.report import CheckResult, GradedCell, Outcome, Report

BINS = 10
SAME = 0.98  # phi from which two checks are said to decide the same
_LEAST = 3  # two points always lie on a line
_TINY = 1e-9  # what rounding alone may leave of a correlation of zero

#: notebook, cell, name of the test, public
Key: TypeAlias = tuple[str, str, str, bool]


@dataclass
class Marks:
    """What one check concluded, student by student; `ones` and `decided` hold a bit for each submission.

    rests : the points of those who are decided, without this check, in the order of the submissions.
    """

    result: CheckResult
    passed: int = 0
    failed: int = 0
    unchecked: int = 0
    person: int = 0
    ones: int = 0
    decided: int = 0
    rests: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def share_of(report: Report) -> float | None:
    """The score as a share of what there was to earn; None where there was nothing."""
    return report.earned / report.points if report.points else None


def scores(reports: Sequence[Report]) -> Scores | None:
    """The distribution of the scores; None where nobody was graded."""
    if not reports:
        return None
    earned = sorted(report.earned for report in reports)
    shares = sorted(share_of(report) or 0.0 for report in reports)
    counts = [0] * BINS
    for share in shares:
        counts[min(max(int(share * BINS + _TINY), 0), BINS - 1)] += 1
    width = 100 // BINS
    return Scores(
        count=len(reports),
        mean=statistics.fmean(earned),
        median=statistics.median(earned),
        points=max(report.points for report in reports),
        mean_share=statistics.fmean(shares),
        median_share=statistics.median(shares),
        bins=tuple(Bin(low=i * width, high=(i + 1) * width, count=count) for i, count in enumerate(counts)),
    )


def marks(reports: Sequence[Report]) -> dict[Key, Marks]:
    """What each check concluded, in the order of the notebooks; the reports are to be in a fixed order."""
    found: dict[Key, Marks] = {}
    for place, report in enumerate(reports):
        total = report.earned
        for key, cell, result in _results(report):
            mark = found.setdefault(key, Marks(result))
            _count(mark, result)
            if not result.verdict.needs_person:
                one = result.verdict.passed
                mark.decided |= 1 << place
                mark.ones |= one << place
                mark.values.append(float(one))
                mark.rests.append(total - one * _worth(cell, result))
    order = {name: place for place, name in enumerate(notebooks(reports))}
    return dict(sorted(found.items(), key=lambda pair: order[pair[0][0]]))  # stable: as the cells stand


def notebooks(reports: Sequence[Report]) -> tuple[str, ...]:
    """The notebooks of the assignment, by name."""
    return tuple(sorted({book.notebook for report in reports for book in report.notebooks}))


def key_of(notebook: str, result: CheckResult) -> Key:
    """What tells one check from all others of an assignment."""
    return notebook, result.check, result.name, result.public


def label_of(key: Key) -> str:
    """A check's name as it is shown; a public and a hidden one may be called the same."""
    notebook, cell, name, public = key
    return plain(f"{notebook} · {cell} · {name}{' (public)' * public}", LABEL)


def items(found: dict[Key, Marks]) -> tuple[CheckItem, ...]:
    """What each check did in the class."""
    return tuple(_item(key, mark) for key, mark in found.items())


def _results(report: Report) -> Iterator[tuple[Key, GradedCell, CheckResult]]:
    for book in report.notebooks:
        for cell in book.graded:
            for result in cell.results:
                yield key_of(book.notebook, result), cell, result


def _count(mark: Marks, result: CheckResult) -> None:
    if result.verdict.passed:
        mark.passed += 1
    elif result.verdict.needs_person:
        mark.person += 1
    elif result.verdict.outcome is Outcome.UNCHECKED:
        mark.unchecked += 1
    else:
        mark.failed += 1


def _worth(cell: GradedCell, result: CheckResult) -> float:
    """The points that this check alone brings."""
    weights = math.fsum(each.weight for each in cell.results)
    return cell.points * result.weight / weights if weights else 0.0


def _item(key: Key, mark: Marks) -> CheckItem:
    decided = len(mark.values)
    r = correlation(mark.values, mark.rests) if decided >= ENOUGH else None
    return CheckItem(
        label=label_of(key),
        sentence=plain(mark.result.sentence, LABEL),
        public=mark.result.public,
        passed=mark.passed,
        failed=mark.failed,
        unchecked=mark.unchecked,
        person=mark.person,
        share=mark.passed / decided if decided else None,
        discrimination=r,
        dead=decided >= ENOUGH and mark.passed in (0, decided),
        negative=r is not None and r < -1 / math.sqrt(decided - 1),  # one standard error
    )


def correlation(xs: Sequence[float], ys: Sequence[float]) -> float | None:
    """Pearson's correlation; None with fewer than three pairs, or where one side is the same for all.

    >>> correlation([0, 1, 1], [1, 3, 3])
    1.0
    """
    if len(xs) < _LEAST or min(xs) == max(xs):
        return None
    mean_x, mean_y = statistics.fmean(xs), statistics.fmean(ys)
    spread_x = math.fsum((x - mean_x) ** 2 for x in xs)
    spread_y = math.fsum((y - mean_y) ** 2 for y in ys)
    if spread_y <= _TINY**2 * len(ys) * (1 + mean_y**2):  # the scores differ by rounding alone
        return None
    both = math.fsum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return max(-1.0, min(1.0, both / math.sqrt(spread_x * spread_y)))


def phi(a: Marks, b: Marks) -> tuple[float, int] | None:
    """The phi coefficient of two checks and over how many submissions; None where one is the same for all of these."""
    common = a.decided & b.decided
    n, n_a, n_b = common.bit_count(), (a.ones & common).bit_count(), (b.ones & common).bit_count()
    spread = n_a * (n - n_a) * n_b * (n - n_b)
    if not spread:
        return None
    both = (a.ones & b.ones & common).bit_count()
    return (n * both - n_a * n_b) / math.sqrt(spread), n


def twins(found: dict[Key, Marks]) -> tuple[Twins, ...]:
    """Groups of checks that decide the same for (nearly) every submission; those that all or none pass are left out."""
    listed = list(found.values())
    links: list[tuple[int, int, float, int]] = []
    for i, a in enumerate(listed):
        for j in range(i + 1, len(listed)):
            both = phi(a, listed[j])
            if both is not None and both[0] >= SAME and both[1] >= ENOUGH:
                links.append((i, j, *both))
    groups = connected([(i, j) for i, j, _, _ in links])
    made = []
    for group in groups:
        inside = [(value, n) for i, _, value, n in links if i in group]
        made.append(Twins(checks=group, phi=min(v for v, _ in inside), count=min(n for _, n in inside)))
    return tuple(made)


def connected(links: Sequence[tuple[int, int]]) -> list[tuple[int, ...]]:
    """The groups that links between numbers make, each in order, by their first number.

    >>> connected([(4, 5), (1, 2), (2, 9)])
    [(1, 2, 9), (4, 5)]
    """
    parent: dict[int, int] = {}

    def root(node: int) -> int:
        while parent.setdefault(node, node) != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for i, j in links:
        parent[root(i)] = root(j)
    groups: dict[int, list[int]] = {}
    for node in sorted(parent):
        groups.setdefault(root(node), []).append(node)
    return sorted(tuple(group) for group in groups.values())
