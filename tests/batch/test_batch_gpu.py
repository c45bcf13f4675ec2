"""GPUs of this machine, told by the variable that names them: one kernel each, and none for who needs none."""

import re
from itertools import pairwise

import pytest

from referee import workflow
from referee.errors import UsageError
from tests.conftest import MiniCourse

STUDENTS = ("ada", "ben", "cleo", "dan")
SEEN = (
    "import os, time\\nbegan = time.monotonic(); time.sleep(0.2)\\n"
    "print('seen', os.environ.get('CUDA_VISIBLE_DEVICES', 'all'), began, time.monotonic())\\ndef double(x):"
)


@pytest.fixture
def mini(mini):
    """A class whose notebooks tell which GPUs their kernels see, and when."""
    mini.release()
    for student in STUDENTS:
        mini.hand_in(student, "def double(x):", SEEN)
    return mini


def grade(mini: MiniCourse, said: list[str] | None = None) -> list[tuple[str, float, float]]:
    say = (said if said is not None else []).append
    workflow.grade_assignment(mini.course, "week", progress=say, workers=3, again=True)
    found = []
    for student in STUDENTS:
        text = (mini.root / "autograded" / student / "week" / "mini.ipynb").read_text(encoding="utf-8")
        parts = re.search(r"seen (\S*) ([0-9.]+) ([0-9.]+)", text)
        assert parts is not None
        found.append((parts[1], float(parts[2]), float(parts[3])))
    return sorted(found)


def needs_gpu(mini: MiniCourse) -> None:
    toml = mini.root / "course.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + "\n[assignment.week]\ngpu = true\n", encoding="utf-8")


def test_each_kernel_has_a_gpu_of_its_own(mini, monkeypatch):
    """With two GPUs no more than two kernels run at a time, each with one that no other has meanwhile."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    needs_gpu(mini)
    said: list[str] = []
    times = grade(mini, said)
    assert {device for device, _, _ in times} == {"4", "7"}
    for (device, _, ended), (other, began, _) in pairwise(times):
        assert device != other or ended <= began
    assert any(line.startswith("workers: 2 at a time (3 wanted, 2 GPUs; ") for line in said)


def test_who_needs_no_gpu_sees_none(mini, monkeypatch):
    """Kernels of other assignments leave the GPUs to those that need them."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,7")
    assert {device for device, _, _ in grade(mini)} == {""}


def test_no_gpu(mini, monkeypatch):
    """An assignment that needs a GPU is not graded on a machine without one; the error says where it could be."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    needs_gpu(mini)
    with pytest.raises(UsageError, match="use --cluster, or take `gpu = true` out"):
        workflow.grade_assignment(mini.course, "week", progress=lambda _: None)
    assert not (mini.root / "reports").exists()
