"""A small course whose graders import much, and what the tests on it have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from referee import batch, workflow
from referee.batch import store
from referee.batch.slots import Inline
from referee.events import Event
from referee.report import NotebookReport, Report, to_json
from tests.conftest import CONFIG, HIDDEN, PUBLIC, TOML, MiniCourse, mini_cells

FILES = {
    "course.toml": TOML.replace('name = "Mini"', 'name = "Mini"\nseed = 7'),
    "nbgrader_config.py": CONFIG,
    "graders/public/week/mini.py": PUBLIC,
    "graders/hidden/week/mini.py": HIDDEN.replace(
        "import pytest\n", "import pytest\nimport scale\nfrom helper import ONE\nfrom facts.numbers import TWO\n"
    ).replace("2 * value", "TWO * value * ONE * scale.ONE"),
    "facts/__init__.py": "",
    "facts/numbers.py": "from facts import inner\nTWO = 2 * inner.ONE\n",
    "facts/inner.py": "ONE = 1\n",
    "facts/table.json": "{}\n",
    "scale.py": "def one():\n    import deeper\n    return deeper.ONE\n\n\nONE = one()\n",
    "deeper.py": "ONE = 1\n",
    "unused.py": "ONE = 1\n",
    "other/__init__.py": "ONE = 1\n",
    "solutions/week/helper.py": "ONE = 1\n",
    "solutions/week/data.txt": "1 2 3\n",
}


def course_in(folder: Path) -> MiniCourse:
    """The course, released; nobody has handed in anything."""
    made = MiniCourse(folder)
    for path, text in FILES.items():
        made.write(path, text)
    made.notebook(mini_cells())
    made.release()
    return made


def grade(mini: MiniCourse, hear: Callable[[Event], None] = lambda _event: None, **wishes: Any) -> tuple[Report, ...]:
    """Grade the class in this process."""
    wishes = {"workers": 1, **wishes}
    return workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, hear=hear, **wishes).reports


@contextmanager
def in_this_process() -> Iterator[None]:
    """While submissions are graded here, one after the other."""

    @contextmanager
    def local_workers(*_args: Any) -> Iterator[Inline]:
        yield Inline()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "local_workers", local_workers)
        patch.delenv("REFEREE_DATA", raising=False)
        yield


def edit(mini: MiniCourse, path: str, old: str = "", new: str = "# more\n") -> Path:
    """Replace a part of a file, or add to its end."""
    text = (mini.root / path).read_text(encoding="utf-8")
    assert old in text
    return mini.write(path, text.replace(old, new) if old else text + new)


def report_of(mini: MiniCourse, student: str) -> Report:
    report = store.read_report(store.report_path(mini.course, "week", student))
    assert report is not None
    return report


def rewrite(mini: MiniCourse, student: str, change: Callable[[NotebookReport], NotebookReport]) -> None:
    """Change the report that a student has."""
    report = report_of(mini, student)
    report = msgspec.structs.replace(report, notebooks=tuple(map(change, report.notebooks)))
    store.replace(store.report_path(mini.course, "week", student), to_json(report))
