"""A notebook as a page shows it: records between `notebook`, which makes them harmless, and the pages.

NotebookPart                what is shown of a notebook, and how much was left out
└── ShownNotebookCell       one cell: its number as reports count, its source as markup, its outputs
    └── ShownOutput         one output as markup, or the words for what is not shown
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from markupsafe import Markup


@dataclass(frozen=True)
class ShownOutput:
    """One output. `error` marks what went to stderr or is a traceback; `omitted` says what is not shown, and why."""

    html: Markup = field(default_factory=Markup)
    error: bool = False
    omitted: str = ""


@dataclass(frozen=True)
class ShownNotebookCell:
    """One cell. `number` counts the cells of the notebook as it was handed in, from 1; `own`: a student may edit it."""

    number: int
    kind: Literal["code", "markdown", "raw"]
    grade_id: str
    own: bool
    source: Markup
    outputs: tuple[ShownOutput, ...] = ()


@dataclass(frozen=True)
class NotebookPart:
    """What a page shows of a notebook. `left_out` says what it does not.

    answers : by the name of a check cell, the number of the student's own cell that it is about.
    numbers : those of the cells that are shown.
    """

    cells: tuple[ShownNotebookCell, ...] = ()
    left_out: str = ""
    answers: dict[str, int] = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()
