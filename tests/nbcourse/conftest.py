"""The course with every option of nbgrader's, released once, and the class that both programs have graded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def every_course(tmp_path_factory) -> Path:
    """The course, as nbgrader has released it; tests copy it, and hand in to their copies."""
    from tests.nbcourse import every, parity  # noqa: PLC0415 - nbformat takes a second to import

    return parity.released(tmp_path_factory.mktemp("released"), every.ONE, every.TWO)


@pytest.fixture(scope="session")
def three_ways(tmp_path_factory, every_course) -> Any:
    """The class graded in both ways, some of it by other rules at the same time, and what `referee grade` said of each.

    By nbgrader's rules it was killed in the middle, and went on.
    """
    from tests.nbcourse import deeds, parity  # noqa: PLC0415 - nbformat takes a second to import

    pair = parity.every_option(every_course, tmp_path_factory.mktemp("nb"), deeds.gate())
    switched = parity.switched(every_course, tmp_path_factory.mktemp("switches"))
    said = pair.grade(parity.killed_and_graded, switched)
    return pair, switched, said
