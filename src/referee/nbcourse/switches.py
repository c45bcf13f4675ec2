"""nbgrader's preprocessors as a class is graded with them: execution is replaced, and rules of ours may be on.

replayed   Execute            -> puts what ran elsewhere in its place
scoring    SaveAutoGrades     -> `stderr_costs`, and the scores of cells that checks outside the kernel decide
restoring  before all others: deleted cells come back (`restore_tests`, `restore_locked`)
captured   the first half of autograding ends here: what would be executed is taken
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import copy
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.preprocessors import NbGraderPreprocessor

from referee import authoring
from referee.nbcourse import restoring
from referee.rules import Rules


def restoring_from(released_of: Callable[[str], Path], rules: Rules) -> list[type[Any]]:
    """What puts deleted cells back, before nbgrader sanitizes; nothing where the rules do not want it.

    released_of : where the notebook of this name lies as students got it.
    """
    if not (rules.restore_tests or rules.restore_locked):
        return []

    class Restore(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader has no types
        def preprocess(self, nb: NotebookNode, resources: Any) -> Any:
            path = released_of(resources["nbgrader"]["notebook"])
            released = authoring.authored(path).notebook
            made, notes = restoring.restored(released, nb, everything=rules.restore_locked)
            for line in restoring.words(notes):
                self.log.warning(line)
            return made, resources

    return [Restore]


class Captured(Exception):
    """Carries the notebook as it would be executed."""

    def __init__(self, notebook: NotebookNode) -> None:
        super().__init__()
        self.notebook = notebook


def capturing() -> type[Any]:
    """A preprocessor in Execute's place that takes the notebook and ends the conversion there."""

    class Capture(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader has no types
        def preprocess(self, nb: NotebookNode, resources: Any) -> Any:  # noqa: ARG002 - nbconvert's hook
            raise Captured(nb)

    return Capture


def replayed(executed: NotebookNode) -> type[Any]:
    """A preprocessor in Execute's place that hands on what was executed elsewhere."""

    class Replay(NbGraderPreprocessor):  # type: ignore[misc] # nbgrader has no types
        def preprocess(self, nb: NotebookNode, resources: Any) -> Any:  # noqa: ARG002 - nbconvert's hook
            return executed, resources

    return Replay


def scoring(base: type[Any], *, stderr_costs: bool, checked: Mapping[str, float | None]) -> type[Any]:
    """nbgrader's SaveAutoGrades with our rules.

    checked : the points of cells that checks outside the kernel decided; None where a person has to.
    """

    def judged(cell: NotebookNode) -> NotebookNode:
        """The cell as nbgrader's rule is to see it: its own outputs are not touched."""
        grade_id = cell.metadata.nbgrader["grade_id"]
        seen = copy(cell)
        if (points := checked.get(grade_id)) is not None:
            text = {"text/plain": repr(float(points))}  # nbgrader's own form of partial credit
            seen.outputs = [NotebookNode(new_output("execute_result", text))]
        elif not stderr_costs and cell.cell_type == "code":
            seen.outputs = [each for each in cell.outputs if not _is_stderr(each)]
        return seen

    class Scoring(base):  # type: ignore[misc] # a class that the course's configuration may have chosen
        def _add_score(self, cell: NotebookNode, resources: Any) -> None:
            super()._add_score(judged(cell), resources)
            grade_id = cell.metadata.nbgrader["grade_id"]
            if grade_id in checked and checked[grade_id] is None:
                grade = self.gradebook.find_grade(grade_id, self.notebook_id, self.assignment_id, self.student_id)
                grade.auto_score, grade.needs_manual_grade = None, True
                self.gradebook.db.commit()

    Scoring.__name__ = base.__name__
    return Scoring


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")
