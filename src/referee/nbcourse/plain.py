"""nbgrader's own execution, in a worker process (`kernel = "nbgrader"`): network, all files, any language, no walls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from nbconvert.preprocessors import ExecutePreprocessor
from nbformat import NotebookNode
from nbgrader import utils
from nbgrader.converters import Autograde
from traitlets.utils.importstring import import_item

from referee.nbcourse.config import configured


@lru_cache(maxsize=2)
def application(root: Path, database: str) -> Any:
    """nbgrader's application for a course, read once in this process."""
    return configured(root, database)


def executed(root: Path, database: str, folder: Path, notebook: NotebookNode) -> tuple[NotebookNode, str]:
    """The notebook as nbgrader's preprocessor runs it in a folder, and why it did not run to its end, if so."""
    app = application(root, database)
    converter = Autograde(coursedir=app.coursedir, parent=app)
    for each in converter.autograde_preprocessors:
        kind = import_item(each) if isinstance(each, str) else each
        if issubclass(kind, ExecutePreprocessor):
            try:
                with utils.setenv(NBGRADER_EXECUTION="autograde"):
                    done, _ = kind(parent=converter).preprocess(notebook, {"metadata": {"path": str(folder)}})
            except Exception as error:  # noqa: BLE001 - a kernel that died, or never answered: nbgrader gives up as well
                return notebook, f"{type(error).__name__}: {str(error)[:300]}"
            return done, ""
    return notebook, ""
