"""How a test cell ended, by nbgrader's own rule: what its outputs are worth, and what they show."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nbformat import NotebookNode

from referee import authoring, outputs
from referee.audit.inside import MARK
from referee.audit.names import python
from referee.errors import MissingExtra
from referee.report import CellRun, CellStatus, GradedCell
from referee.sandbox.inside import stable

try:
    from nbgrader.utils import determine_grade
except ImportError as error:
    raise MissingExtra("nbgrader, for its courses", str(error), "pip install nbgrader") from error

_SHOWN = re.compile(re.escape(MARK) + r"([0-9a-f]{64})")
_ALIVE = (CellStatus.OK, CellStatus.RAISED)
_WORDS = 160


@dataclass(frozen=True)
class End:
    """How a test cell ended: its points, what it put out in one line, and the digests that stand in the notebook."""

    earned: float
    words: str


def points_of(cell: NotebookNode) -> float:
    """What a test cell is worth."""
    return float(cell.metadata["nbgrader"].get("points") or 0)


def ends(
    executed: NotebookNode, ran: Sequence[CellRun], tests: Mapping[str, NotebookNode], *, stderr_costs: bool
) -> dict[str, End]:
    """How each test cell of a notebook ended; `tests` are the author's, whose metadata counts.

    What did not come to its end earns nothing: nbgrader grades no submission whose kernel died.
    """
    fates = {cell.grade_id: cell for cell in ran}
    found = {}
    for cell in executed.cells:
        name = authoring.grade_id(cell)
        if name not in tests:
            continue
        fate = fates.get(name)
        if fate is not None and fate.status not in _ALIVE:
            found[name] = End(0.0, f"{fate.status.value.replace('_', ' ')}: {fate.words}"[:_WORDS])
            continue
        cell.metadata["nbgrader"] = tests[name].metadata["nbgrader"]
        found[name] = _end(cell, stderr_costs)
    return found


def checked(cell: GradedCell) -> End:
    """How a check cell ended, whose checks ran outside the kernel."""
    verdicts = ", ".join(dict.fromkeys(result.verdict.outcome.value for result in cell.results))
    said = next((result.evidence.words for result in cell.results if not result.verdict.passed), "")
    return End(cell.earned, f"its checks outside the kernel: {verdicts or 'not asked'}; {said or cell.words}"[:_WORDS])


def _end(cell: NotebookNode, stderr_costs: bool) -> End:
    shown = _words(cell)
    if not stderr_costs:
        cell.outputs = [each for each in cell.outputs if each.get("name") != "stderr"]
    try:
        earned, _most = determine_grade(cell)
    except (ValueError, KeyError) as error:
        return End(0.0, f"nbgrader itself fails: {error}; {shown}")
    return End(float(earned or 0.0), shown)


def _words(cell: NotebookNode) -> str:
    """What a cell put out, in one line; what we put there to show that we read is left out."""
    parts = []
    for output in cell.get("outputs", []):
        if output.output_type == "error":
            parts.append(f"error {outputs.text_of(output, 'ename')}: {outputs.text_of(output, 'evalue')}".rstrip(": "))
        elif output.output_type == "execute_result":
            parts.append(f"result {output['data'].get('text/plain', '')!r}")
        elif output.output_type == "stream":
            parts.append(f"{output.name} {output.text.strip()!r}")
    return stable(", then ".join(parts) or "it ended without an error and put out nothing")[:_WORDS]


def digests(executed: NotebookNode) -> frozenset[str]:
    """The digests by which an attack shows what it has read."""
    texts = (
        str(output["data"].get("text/plain", ""))
        for cell in executed.cells
        for output in cell.get("outputs", [])
        if output.output_type == "display_data"
    )
    return frozenset(digest for text in texts for digest in _SHOWN.findall(text))


def digests_of(source: str, nonce: str) -> frozenset[str]:
    """The digests that show that a test's text was read, as it stands or as Python."""
    texts = (source, python(source))
    return frozenset(hashlib.sha256((nonce + text.strip()).encode()).hexdigest() for text in texts)
