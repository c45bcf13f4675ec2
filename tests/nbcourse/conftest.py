"""The course with every option of nbgrader's, released once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def every_course(tmp_path_factory) -> Path:
    """The course, as nbgrader has released it; tests copy it, and hand in to their copies."""
    from tests.nbcourse import every, parity  # noqa: PLC0415 - nbformat takes a second to import

    return parity.released(tmp_path_factory.mktemp("released"), every.ONE, every.TWO)
