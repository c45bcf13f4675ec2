"""What of a submission nbgrader is let near."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from referee.nbcourse.accepting import refused
from referee.sandbox.limits import Limits

LIMITS = Limits(submission_bytes=1000, disk_mb=1)


@pytest.fixture
def folder(tmp_path):
    """A submission of one notebook and a file in a folder."""
    (tmp_path / "ps1.ipynb").write_text("{}")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "x.csv").write_text("1,2")
    return tmp_path


def why(folder: Path) -> str:
    """Why it is refused."""
    return refused(folder, sorted(folder.glob("*.ipynb")), LIMITS)


@pytest.mark.parametrize(
    "time", ["", "2026-11-27 12:00:00 UTC", "2026-11-27T12:00:00.123+01:00", "2015-02-02 15:58:23.948203 PST"]
)
def test_files_with_a_time_are_taken(folder, time):
    """Files, folders, and every form of time that nbgrader reads, are accepted."""
    (folder / "timestamp.txt").write_text(time)
    assert why(folder) == ""


@pytest.mark.parametrize("target", ["/etc/passwd", "ps1.ipynb", "nowhere", "/"])
def test_no_link_is_followed(folder, target):
    """A link is refused, wherever it leads."""
    (folder / "data" / "l").symlink_to(target)
    assert why(folder) == "'data/l' is a link; only files that were handed in are taken"


def test_a_pipe_is_no_file(folder):
    """What would hold up whoever reads it is refused."""
    os.mkfifo(folder / "p")
    assert why(folder) == "'p' is neither a file nor a folder"


def test_too_much_is_refused(folder):
    """A large notebook, and many megabytes beside it, are refused with their sizes."""
    (folder / "ps1.ipynb").write_text("x" * 1001)
    assert why(folder) == "ps1.ipynb has 1,001 bytes; at most 1,000 are read"
    (folder / "ps1.ipynb").write_text("{}")
    (folder / "large").write_bytes(bytes(2**20))
    assert why(folder) == "1,048,581 bytes were handed in; the limit disk_mb = 1 holds for them, too"


@pytest.mark.parametrize("time", ["tomorrow or so", "2026-13-45", "\x00", "9" * 400])
def test_a_time_that_is_none_is_said(folder, time):
    """A timestamp that nobody can read is named, where nbgrader would raise an error of its own."""
    (folder / "timestamp.txt").write_text(time)
    assert why(folder).startswith("timestamp.txt holds no time that can be read")
