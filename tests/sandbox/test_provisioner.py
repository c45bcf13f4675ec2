"""A kernel's scratch folder and environment, and text that is the same for equal runs."""

import os

import pytest

from referee.sandbox.inside import stable
from referee.sandbox.provisioner import Scratch, kernel_manager


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<A object at 0x7f12ab34cd56>", "<A object at 0x…>"),
        ("0xff is short", "0xff is short"),
        ("/tmp/referee-abc_12/work/a.py", "work/a.py"),
        ("File /var/x/referee-q1/home/.cache", "File home/.cache"),
        ("plain", "plain"),
    ],
)
def test_stable_text_is_the_same_for_equal_runs(text, result):
    """Memory addresses and the scratch folder's name, which differ between equal runs, are taken out."""
    assert stable(text) == result


def test_a_scratch_folder_leaves_room_for_sockets():
    """A scratch folder's sockets have names that fit into a Unix socket's path."""
    scratch = Scratch()
    try:
        manager = kernel_manager(scratch, 1)
        assert len(manager.connection_file) < 100
        assert len(f"{manager.ip}-9") < 100
    finally:
        scratch.close()
    assert not scratch.root.exists()


def test_threads_are_those_of_the_job(monkeypatch):
    """A kernel's numerical libraries use the number of threads that the job says, whatever the caller's own is."""
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    scratch = Scratch()
    try:
        assert scratch.environment(3)["OMP_NUM_THREADS"] == "3"
        assert set(scratch.environment(1)) - set(os.environ) >= {"TF_DETERMINISTIC_OPS"} - set(os.environ)
    finally:
        scratch.close()
