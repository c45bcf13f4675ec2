"""Worker processes: what they keep from one submission to the next, and what is left when they have ended."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from referee import batch
from referee.batch.running import SetAside
from referee.checks.session import close_all, graders_for
from referee.sandbox.isolation import can_fork

GRADER = '''"""Leaves a file for each time that it is loaded."""
import os, tempfile
from pathlib import Path
import pytest

tempfile.mkstemp(prefix=f"{os.getpid()}-", dir=Path(__file__).with_name("loaded"))

@pytest.mark.check("c")
def test_it(student):
    """It."""
'''


@pytest.fixture
def path(tmp_path):
    """A grader that says how often it was loaded, and by whom."""
    (tmp_path / "loaded").mkdir()
    path = tmp_path / "mini.py"
    path.write_text(GRADER)
    return path


def ask(path: Path) -> int:
    """What a worker does for one submission; which worker it was."""
    assert len(graders_for([path], path.parent).checks) == 1
    return os.getpid()


@pytest.mark.parametrize("count", [1, 2])
def test_a_worker_loads_its_graders_once(count, path):
    """However many submissions a worker grades, it starts pytest for their graders once."""
    close_all()
    workers = [worker for _, worker in batch.in_parallel(ask, [path] * 8, count)]
    assert len(workers) == 8
    loaded = [file.name.split("-")[0] for file in (path.parent / "loaded").iterdir()]
    assert sorted(loaded) == sorted({str(worker) for worker in workers})


def test_nothing_stays_open(path):
    """With one worker the sessions of this process are closed at the end, also when nobody takes all results."""
    for taken in (1, 3):
        results = batch.in_parallel(ask, [path] * 3, 1)
        for _ in range(taken):
            next(results)
        assert [thread for thread in threading.enumerate() if thread.name == "graders"]
        results.close()  # type: ignore[attr-defined] # it is a generator, whatever else it may become
        assert not [thread for thread in threading.enumerate() if thread.name == "graders"]


def perhaps_die(item: str) -> str:
    """What a worker does for an item; one of them kills it."""
    if item == "evil":
        os.kill(os.getpid(), signal.SIGKILL)
    return item.upper()


def test_a_killed_worker_costs_only_the_item_that_killed_it():
    """An item that kills its worker is done once more, and then set aside; every other one has its result."""
    results = dict(batch.in_parallel(perhaps_die, ["ada", "bob", "evil", "cleo"], 2))
    evil = results.pop("evil")
    assert isinstance(evil, SetAside)
    assert str(evil) == "the worker process was killed by SIGKILL"
    assert results == {"ada": "ADA", "bob": "BOB", "cleo": "CLEO"}


@dataclass(frozen=True)
class Silent:
    """An item whose worker says nothing for a long time."""

    seconds: float
    patience: float = 0.5


def sleep(item: Silent) -> float:
    time.sleep(item.seconds)
    return item.seconds


def test_a_worker_that_says_nothing_is_ended():
    """A check that never comes to its end costs its own submission alone."""
    results = dict(batch.in_parallel(sleep, [Silent(0.01), Silent(1000.0), Silent(0.02)], 2))
    assert str(results.pop(Silent(1000.0))) == "the worker process said nothing for 0.5 s, and was ended"
    assert results == {Silent(0.01): 0.01, Silent(0.02): 0.02}


def place(_item: int) -> str:
    return str(Path.cwd())


@pytest.mark.parametrize("count", [1, 2])
def test_checks_run_in_no_folder_of_the_callers(count):
    """A file that a check reads by a relative path would change unnoticed: there is none where checks run."""
    assert {found for _, found in batch.in_parallel(place, [1, 2], count)} == {os.sep}
    assert str(Path.cwd()) != os.sep


@pytest.mark.skipif(not can_fork(), reason="workers are forked on Linux alone")
def test_ctrl_c_does_not_reach_what_forks_the_workers():
    """The process that imports for the workers has Ctrl-C blocked from its first moment, and prints no traceback."""
    code = """
from multiprocessing import forkserver
from referee.batch.slots import prepare
prepare()
with open(f"/proc/{forkserver._forkserver._forkserver_pid}/status") as status:
    print(next(line.split()[1] for line in status if line.startswith("SigBlk")))
"""
    blocked = int(subprocess.check_output([sys.executable, "-c", code], text=True), 16)
    assert blocked & 1 << signal.SIGINT - 1
