"""Warm kernels: what a parent hands on to its children, and what it must not; who ends with whom."""

import json
import os
import resource
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from referee.errors import HarnessError
from referee.execution import Job, execute
from referee.report import CellStatus
from referee.sandbox import nursery
from referee.sandbox.forkserver import ForkServer
from referee.sandbox.isolation import can_fork
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Nursery, Plan
from tests.sandbox.ordinary import missing, ordinary

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")


@pytest.fixture(scope="module")
def warm():
    """A nursery with this machine's layers."""
    nursery = Nursery()
    yield nursery
    nursery.close()


def run(warm: Nursery, *cells: str, **job: Any) -> list[str]:
    """The text that each cell printed, in a warm kernel of its own."""
    done = Job(nursery=warm, **job)
    notebook = execute(new_notebook(cells=[new_code_cell(cell) for cell in cells]), done, {})
    failed = [(cell.index, cell.words, cell.traceback) for cell in done.cells if cell.status is not CellStatus.OK]
    assert not failed, failed
    return ["".join(out.get("text", "") for out in cell.outputs) for cell in notebook.cells]


def ended(pids: Iterable[int], seconds: float = 10.0) -> bool:
    """True when all processes are gone, which may take a moment."""
    deadline = time.monotonic() + seconds
    while any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def descendants() -> set[int]:
    """The processes that this one started, and theirs."""
    return {child.pid for child in psutil.Process().children(recursive=True)}


def test_a_package_is_there_before_the_first_cell(warm):
    """What the plan preloads is imported already when the student's first cell runs."""
    assert run(warm, "import sys; print('sklearn' in sys.modules)", preload=("sklearn",)) == ["True\n"]
    assert run(warm, "import sys; print('sklearn' in sys.modules)") == ["False\n"]


def test_each_notebook_has_a_kernel_of_its_own(warm):
    """Nothing that one notebook defines, changes or writes is there for the next one."""
    dirty = "import math, os; x = 1; math.pi = 3; os.environ['LEFT'] = 'x'; open('left', 'w').close()"
    assert run(warm, dirty) == [""]
    clean = "import math, os; print('x' in globals(), math.pi > 3, 'LEFT' in os.environ, os.listdir())"
    assert run(warm, clean) == ["False True False []\n"]


def test_equal_seeds_give_equal_draws_and_secrets_differ(warm):
    """Random generators start from the plan's seed; keys, names and unique numbers are never the same twice."""
    draws = "import random, numpy as np; print(random.random(), np.random.rand())"
    secrets = (
        "import os, uuid, secrets, ssl, tempfile, multiprocessing as m\n"
        "print(os.urandom(8), uuid.uuid4(), secrets.token_hex(8), ssl.RAND_bytes(8), m.current_process().authkey)"
    )
    first, second, other = (run(warm, draws, secrets, preload=("numpy", "ssl"), seed=seed) for seed in (5, 5, 6))
    assert first[0] == second[0] != other[0]
    assert not set(first[1].split()) & set(second[1].split())


def test_the_frameworks_draw_from_the_seed(warm):
    """TensorFlow, Keras and PyTorch start from the plan's seed, too."""
    cell = (
        "import torch, keras, tensorflow as tf\n"
        "print(float(torch.rand(1)), float(tf.random.uniform([])), float(keras.random.uniform(())))"
    )
    packages = ("torch", "tensorflow", "keras")
    assert run(warm, cell, preload=packages, seed=1) == run(warm, cell, preload=packages, seed=1)
    assert run(warm, cell, preload=packages, seed=1) != run(warm, cell, preload=packages, seed=2)


def test_a_parent_of_frameworks_has_one_thread_and_touches_no_device(warm):
    """Importing TensorFlow, Keras and PyTorch starts no thread and initialises no CUDA: forking is safe."""
    server = warm.open(Plan(preload=("torch", "tensorflow", "keras")))
    server.wait_ready()
    assert server.threads == 1
    assert not server.absent
    asked = "import torch; print(torch.cuda.is_initialized())"
    assert run(warm, asked, preload=("torch", "tensorflow", "keras")) == ["False\n"]


def test_the_environment_is_an_allow_list(warm, monkeypatch):
    """No variable of the harness reaches a kernel or the parent that it is forked from, unless it is on the list."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden-value")
    fresh = Nursery(warm.layers)
    try:
        [text] = run(fresh, "import os, json; print(json.dumps(dict(os.environ)))")
        parent = psutil.Process(fresh.open(Plan()).pid)
        inherited = [process.environ() for process in (parent, *parent.children(recursive=True))]
    finally:
        fresh.close()
    assert "hidden-value" not in text
    assert not [variables for variables in inherited if "hidden-value" in variables.values()]
    assert {"HOME", "TMPDIR", "OMP_NUM_THREADS", "PATH"} <= set(json.loads(text))


def test_a_kernel_holds_no_descriptor_of_its_parent(warm):
    """A kernel's open files are its own: none is of the parent, the harness or another kernel."""
    cell = (
        "import os\nfor fd in sorted(map(int, os.listdir('/proc/self/fd'))):\n"
        "    try: print(os.readlink(f'/proc/self/fd/{fd}').split(':')[0])\n    except OSError: pass"
    )
    [text] = run(warm, cell)
    assert set(text.split()) <= {"/dev/null", "socket", "anon_inode", "pipe"} | {
        line for line in text.split() if line.startswith("/proc/")
    }


def test_the_arguments_are_those_of_a_kernel(warm):
    """A notebook sees the arguments of a kernel, not the command that started the parent."""
    assert run(warm, "import sys; print(sys.argv[0], len(sys.argv), sys.argv[1])") == ["ipykernel_launcher.py 4 -f\n"]


def test_a_dead_parent_is_replaced(warm):
    """When the parent of kernels is killed, the next notebook gets a kernel from a fresh one."""
    assert run(warm, "print(1)", preload=("json",)) == ["1\n"]
    before = warm.open(Plan(preload=("json",))).pid
    family = [before, *(child.pid for child in psutil.Process(before).children(recursive=True))]
    os.kill(before, signal.SIGKILL)
    assert ended(family)
    assert run(warm, "print(2)", preload=("json",)) == ["2\n"]
    assert warm.open(Plan(preload=("json",))).pid != before


def test_a_parent_that_dies_takes_its_kernels_with_it(warm):
    """Killing the parent under a running notebook ends that kernel; the report says that it died."""
    plan = Plan(preload=("json",), processes=77)
    berth = warm.take(plan, 30)
    kernel = berth.kernel.pid
    guard = warm.open(plan).pid
    os.kill(guard, signal.SIGKILL)
    assert ended([guard, kernel])
    assert select.select([berth.kernel.pidfd], [], [], 10)[0]
    assert not berth.kernel.alive()
    berth.close()


def test_everything_ends_with_its_owner(tmp_path):
    """kill -9 of the harness leaves no process behind, running notebook or not."""
    script = (
        "import sys, time\nfrom referee.sandbox.nursery import Nursery, Plan\n"
        "import psutil\nnursery = Nursery()\nberth = nursery.take(Plan(), 60)\n"
        "print(*[child.pid for child in psutil.Process().children(recursive=True)], flush=True)\ntime.sleep(600)"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=environment) as owner:
        assert owner.stdout is not None
        pids = [int(pid) for pid in owner.stdout.readline().split()]
        assert len(pids) >= 3  # the guard, the parent, the kernel, and perhaps its spare
        owner.kill()
    assert ended(pids)


def test_closing_leaves_nothing_behind(tmp_path, monkeypatch):
    """A closed nursery leaves no process, socket or folder."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = descendants()
    nursery = Nursery()
    assert run(nursery, "import subprocess; subprocess.Popen(['sleep', '600']); print(1)") == ["1\n"]
    ours = descendants() - before
    assert len(ours) >= 3  # the guard, the parent and the spare
    nursery.close()
    assert ended(ours)
    assert list(tmp_path.iterdir()) == []


def test_the_spare_is_of_the_same_plan_and_files(warm, tmp_path):
    """A kernel that was forked ahead is used only where its files are still the same."""
    file = tmp_path / "data.txt"
    file.write_text("old")
    read = "print(open('data.txt').read())"
    assert run(warm, read, files=[file]) == ["old\n"]
    file.write_text("newer")
    assert run(warm, read, files=[file]) == ["newer\n"]


def test_late_modules_are_known_and_imported_ahead(warm):
    """What a trusted notebook imported late can be imported ahead for the kernels after it."""
    job = Job(nursery=warm, want_modules=True)
    execute(new_notebook(cells=[new_code_cell("import imaplib")]), job, {})
    assert "imaplib" in job.modules
    assert "os" not in job.modules
    assert run(warm, "import sys; print('imaplib' in sys.modules)", late=job.modules) == ["True\n"]


@pytest.fixture
def harmful(tmp_path):
    """A package of the runtime that starts a thread when it is imported, and one that ends the process."""
    folder = tmp_path / "packages"
    folder.mkdir()
    started = "threading.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    (folder / "threaded.py").write_text(f"import threading, time\n{started}")
    (folder / "deadly.py").write_text("import os\nos._exit(9)")
    return folder


@pytest.mark.parametrize("name", ["threaded", "deadly"])
def test_packages_that_cannot_be_imported_ahead(warm, harmful, name, monkeypatch):
    """Where a package starts a thread or ends the parent, kernels come from a parent that has not imported it."""
    fresh = Nursery(warm.layers)
    monkeypatch.setattr(fresh, "_house", replace(fresh._house, readable=(*fresh._house.readable, str(harmful))))
    options = {"preload": (name,), "variables": (("PYTHONPATH", str(harmful)),)}
    try:
        asked = f"import sys; print({name!r} in sys.modules, len(sys.path) > 0)"
        assert [run(fresh, asked, **options) for _ in range(2)] == [["False True\n"]] * 2
    finally:
        fresh.close()


def test_given_files_are_not_the_notebooks_own_use(warm, tmp_path):
    """A data file larger than the limit on the disk is put beside the notebook all the same."""
    data = tmp_path / "data.bin"
    data.write_bytes(bytes(12 << 20))
    read = "import os; print(os.path.getsize('data.bin')); open('own', 'wb').write(bytes(3 << 20)); print('wrote')"
    [text] = run(warm, read, files=[data], limits=Limits(disk_mb=4))
    assert text == f"{12 << 20}\nwrote\n"


def test_a_parent_that_cannot_start_says_why(warm):
    """A parent that fails to start gives a clear error with its own last words."""
    broken = type(warm._house)(readable=("/nonexistent-prefix",), layers=warm.layers)
    with pytest.raises(HarnessError, match="a warm parent"):
        ForkServer(broken, (), {}).wait_ready()


def test_what_a_kernel_used_is_known_when_it_has_ended(warm):
    """The CPU seconds of a kernel and of the processes that it waited for come from the system, not from itself."""
    busy = "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'for _ in range(10**7): pass'])"
    job = Job(nursery=warm)
    execute(new_notebook(cells=[new_code_cell(busy)]), job, {})
    assert 0.1 < job.usage.cpu_seconds < 60
    assert job.usage.processes > 1


def test_a_folder_of_files_arrives_without_what_links_point_to(warm, tmp_path):
    """Files and folders of the course lie beside the notebook as copies; a link in a folder is not followed."""
    (tmp_path / "secret").write_text("s")
    folder = tmp_path / "images"
    folder.mkdir()
    (folder / "a.txt").write_text("a")
    (folder / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "helper.py").write_text("VALUE = 7")
    (tmp_path / "course.py").symlink_to(tmp_path / "helper.py")
    cell = (
        "import os; print(sorted(os.listdir('images')), open('images/a.txt').read())\n"
        "open('images/a.txt', 'w').write('b')\nimport course; print(course.VALUE)"
    )
    [text] = run(warm, cell, files=[folder, tmp_path / "course.py"])
    assert text == "['a.txt'] a\n7\n"
    assert Path(folder / "a.txt").read_text() == "a"


def test_a_parent_that_cannot_fork_says_so_and_lives(warm):
    """When no process can be made, the kernel that was asked for is refused, and the next one is forked as ever."""
    fresh = Nursery(warm.layers, spares=0)
    try:
        assert run(fresh, "print('first')") == ["first\n"]
        guard = psutil.Process(fresh.open(Plan()).pid)
        [parent] = [child.pid for child in guard.children()]
        before = resource.prlimit(parent, resource.RLIMIT_NOFILE)
        resource.prlimit(parent, resource.RLIMIT_NOFILE, (3, before[1]))
        with pytest.raises(HarnessError, match="a parent that can fork"):
            fresh.take(Plan(), 30)
        resource.prlimit(parent, resource.RLIMIT_NOFILE, before)
        assert run(fresh, "print('as ever')") == ["as ever\n"]
        assert [child.pid for child in guard.children()] == [parent]
    finally:
        fresh.close()


_SENT_AND_NEVER_TAKEN = """
import array, os, socket
held, count = [], 0
try:
    while count < 100_000:
        held.append(socket.socketpair())
        held[-1][0].setblocking(False)
        for _ in range(2):
            held[-1][0].sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0] * 250))])
            count += 250
except OSError as error:
    print(count, error)
"""
_HARNESS = """
import resource, sys
from contextlib import closing
from nbformat.v4 import new_code_cell, new_notebook
from referee.execution import Job, execute
from referee.sandbox.nursery import Nursery, Plan
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
def at_check(name, source):
    with closing(nursery.take(Plan(), 30)) as berth:
        print("another kernel lives:", berth.kernel.alive())
    return ""
check = new_code_cell("check('it')", metadata={"nbgrader": {"grade": True, "grade_id": "it", "solution": False}})
with closing(Nursery(spares=0)) as nursery:
    job = Job(nursery=nursery, at_check=at_check)
    print(execute(new_notebook(cells=[new_code_cell(sys.argv[1]), check]), job, {}).cells[0].outputs[0].text)
"""


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_descriptors_on_their_way_do_not_keep_the_harness_from_forking():
    """A kernel that has as many descriptors on their way as it may keeps nobody else from sending one."""
    command = ordinary([sys.executable, "-c", _HARNESS, _SENT_AND_NEVER_TAKEN])
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o777)
        environment = {**os.environ, "TMPDIR": folder, "HOME": folder}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "Too many references" in done.stdout
    assert "another kernel lives: True" in done.stdout


def test_a_kernel_starts_within_the_least_that_a_course_may_allow(warm):
    """The smallest limits that course.toml takes leave a kernel room to start and to run a cell."""
    assert run(warm, "print(1)", limits=Limits(processes=16, open_files=64, disk_mb=1)) == ["1\n"]


def test_what_cannot_be_staged_leaves_no_folder(warm, tmp_path, monkeypatch):
    """Where a file for the notebook is gone, the kernel is refused and nothing of it is left."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(FileNotFoundError):
        warm._begin(Plan(files=(tmp_path / "gone",)))
    assert sorted(tmp_path.iterdir()) == before


def test_what_was_closed_is_not_killed_again(warm, monkeypatch):
    """A kernel that has been closed is let alone by its nursery's end: its number may be another process's by then."""
    killed: list[int] = []
    monkeypatch.setattr(nursery, "kill_tree", killed.append)
    fresh = Nursery(warm.layers - {"namespaces"}, spares=0)
    berth = fresh.take(Plan(), 30)
    berth.close()
    fresh.close()
    assert killed == [berth.kernel.pid]
