"""What a notebook leaves behind, read while it may still change it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_notebook

from referee.execution import Job, execute
from referee.sandbox import leavings
from referee.sandbox.isolation import can_fork

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=20).filter(
    lambda name: name not in (".", "..") and len(name.encode()) < 200
)


@given(files=st.dictionaries(NAMES, st.binary(max_size=50), max_size=8))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_lies_there_is_found(tmp_path_factory, files):
    """Every plain file comes back under its name and with its content."""
    work = tmp_path_factory.mktemp("work")
    for name, content in files.items():
        (work / name).write_bytes(content)
    assert leavings.read(work, (), 10_000).files == files


def test_what_was_given_is_no_leaving(tmp_path):
    """A file that is as it was given is left out, one that was changed is not."""
    given_folder, work = tmp_path / "data", tmp_path / "work"
    given_folder.mkdir()
    (given_folder / "same.txt").write_text("a")
    (given_folder / "changed.txt").write_text("b")
    (work / "data").mkdir(parents=True)
    (work / "data" / "same.txt").write_text("a")
    (work / "data" / "changed.txt").write_text("c")
    assert leavings.read(work, [given_folder], 1000).files == {"data/changed.txt": b"c"}


def test_nothing_but_plain_files_is_taken(tmp_path):
    """Links, pipes and what lies behind a linked folder are not read."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text("secret")
    work = tmp_path / "work"
    work.mkdir()
    (work / "link").symlink_to(outside / "secret")
    (work / "folder").symlink_to(outside)
    os.mkfifo(work / "pipe")
    assert leavings.read(work, (), 1000) == leavings.Leavings()


@pytest.mark.parametrize(("most_bytes", "most_files"), [(10, 100), (1000, 1)])
def test_too_much_is_said(tmp_path, most_bytes, most_files):
    """What does not fit is left out, and that is known."""
    for name in "ab":
        (tmp_path / name).write_bytes(b"12345678")
    found = leavings.read(tmp_path, (), most_bytes, most_files)
    assert found == leavings.Leavings({"a": b"12345678"}, left_out=True)


def test_no_folder_has_nothing(tmp_path):
    """A kernel that is gone has left nothing, which is no error."""
    assert leavings.read(tmp_path / "gone", (), 1000) == leavings.Leavings()


@pytest.mark.skipif(not can_fork(), reason="kernels with a file tree of their own")
def test_a_kernel_leaves_its_files(tmp_path):
    """What a notebook wrote in its own file tree is there when it has ended, and no link it made leads anywhere."""
    (tmp_path / "given.txt").write_text("given")
    source = "import os\nos.mkdir('d')\nopen('d/x', 'w').write('new')\nos.symlink('/etc/passwd', 'l')"
    job = Job(keep_bytes=1000, files=[Path(tmp_path / "given.txt")])
    execute(new_notebook(cells=[new_code_cell(source)]), job, {})
    assert job.left.files == {"d/x": b"new"}
