"""What trying a course shows, as lines for a person."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from referee.verify.records import HOLES, Finding, Row, Tried


def line(finding: Finding) -> str:
    """One finding, with its problems below it."""
    state = "holds" if not finding.problems else "DOES NOT HOLD"
    scored = finding.trial not in ("in step", "proofs")
    score = f"{finding.earned:g} of {finding.points:g} points" if scored else ""
    what = f"{finding.trial} {finding.name}".strip()
    head = f"{finding.exercise:<40} {what:<36} {state:<14} {score}".rstrip()
    return "\n".join([head, *(f"    {problem}" for problem in finding.problems)])


def variants(rows: Sequence[Row], tried: Sequence[Tried]) -> str:
    """The table of variants, and those that somebody has to look at, each as an author may mark it."""
    if not rows:
        return ""
    names = ("variants", "killed", "survived", "equivalent", "broken")
    lines = ["", f"{'variants of the solutions':<40}" + "".join(f"{name:>12}" for name in names)]
    for row in rows:
        lines.append(f"{row.exercise:<40}" + "".join(f"{getattr(row, name):>12}" for name in names))
    totals = [sum(getattr(row, name) for row in rows) for name in names]
    lines.append(f"{'all':<40}" + "".join(f"{total:>12}" for total in totals))
    return "\n".join([*lines, *_holes(tried)])


def _holes(tried: Sequence[Tried]) -> Iterator[str]:
    """Variants that no check noticed, in the form in which they can be explained."""
    for each in tried:
        if each.state in HOLES:
            yield ""
            yield f"{each.state}: {each.exercise}, cell {each.cell}, line {each.line}: {each.operator}"
            if each.by:
                yield f"    {each.by}"
            yield "    [[equivalent]]"
            for name in ("cell", "before", "after"):
                yield f"    {name} = {json.dumps(getattr(each, name), ensure_ascii=False)}"
            yield '    reason = ""'
