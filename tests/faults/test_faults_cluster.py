"""A real Dask scheduler and two workers, each a process in a folder of its own: the same reports, whatever dies."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import psutil
import pytest
from distributed import Client

from referee import course as courses
from referee import samples, workflow
from referee.batch import ending
from referee.batch.cluster import Cluster
from referee.batch.parcel import parcel
from referee.batch.work import Order, carry_out
from referee.report import from_json, to_json
from referee.tasks import tasks_of
from tests.conftest import MiniCourse
from tests.faults.scene import STUDENTS, Command, again, graded, make, results
from tests.test_scenarios import STORIES, make_course

_START = 60.0  # seconds for a process of Dask's to begin


@dataclass
class Dask:
    """A scheduler and its workers."""

    folder: Path
    stack: ExitStack
    port: int = 0
    workers: list[psutil.Process] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"tcp://127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start the scheduler."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.scheduler = self._start("scheduler", "--host", "127.0.0.1", "--port", str(self.port), said="Scheduler at")

    def add(self, *more: str, **environment: str) -> psutil.Process:
        """One more worker, in a process and a folder of its own."""
        arguments = (self.address, "--no-nanny", "--nthreads", "1", "--no-dashboard", *more)
        self.workers.append(self._start("worker", *arguments, said="Registered to", **environment))
        return self.workers[-1]

    def _start(self, what: str, *arguments: str, said: str, **environment: str) -> psutil.Process:
        folder = self.folder / f"{what}{len(self.workers)}"
        folder.mkdir()
        log = (folder / "log").open("w")
        self.stack.callback(log.close)
        process = psutil.Popen(
            [sys.executable, "-m", "dask", what, *arguments, *(["--no-dashboard"] if what == "scheduler" else [])],
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, **environment},
        )
        self.stack.callback(_end, process)
        deadline = time.monotonic() + _START
        while said not in (folder / "log").read_text(encoding="utf-8"):
            assert process.poll() is None, (folder / "log").read_text(encoding="utf-8")
            assert time.monotonic() < deadline
            time.sleep(0.1)
        return process


def _end(process: psutil.Popen) -> None:
    """End a process of Dask's, and what it has started."""
    others = process.children(recursive=True) if process.is_running() else []
    for each in (process, *others):
        try:
            each.terminate()
        except psutil.Error:
            continue
    _, alive = psutil.wait_procs([process, *others], timeout=10)
    for each in alive:
        each.kill()
    process.wait()


@contextmanager
def dask(folder: Path) -> Iterator[Dask]:
    with ExitStack() as stack:
        made = Dask(folder, stack)
        made.begin()
        yield made


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    """A scheduler with two workers."""
    with dask(tmp_path_factory.mktemp("dask")) as made:
        made.add()
        made.add()
        yield made


@pytest.fixture
def two(tmp_path):
    """A scheduler with two workers, of which one may die."""
    with dask(tmp_path) as made:
        made.add()
        made.add()
        yield made


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> MiniCourse:
    """The class, with what its solution uses known, and nothing graded."""
    return make(tmp_path_factory.mktemp("fresh") / "course")


@pytest.fixture(scope="module")
def right(fresh, tmp_path_factory: pytest.TempPathFactory):
    """The results of a local run."""
    mini = again(fresh, tmp_path_factory.mktemp("right") / "course")
    code, _, said = Command(("grade", "week"), mini).end()
    assert code == 0, said
    shutil.copytree(mini.root / ".referee" / "usage", fresh.root / ".referee" / "usage")
    return results(mini)


def grade(mini: MiniCourse, cluster: Dask, *more: str) -> Command:
    return Command(("grade", "week", "--cluster", cluster.address, *more), mini)


def test_the_demo_class_has_the_same_reports(cluster, tmp_path):
    """Graded on two Dask workers, which share no folder, the demo's class has the local run's reports to the byte."""
    (tmp_path / "local").mkdir()
    made = make_course(tmp_path / "local")
    toml = made.root / "course.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n[limits]\ncell_seconds = 5\n", encoding="utf-8")
    made = courses.load(made.root)
    for story in (each for each in STORIES.values() if each.demo and each.assignments == ("convolution",)):
        samples.hand_in(made, story)
    workflow.grade_assignment(made, "convolution", progress=lambda _: None)
    far = MiniCourse(tmp_path / "far")
    shutil.copytree(made.root, far.root, ignore=shutil.ignore_patterns("reports", "autograded", "feedback", "*.db"))
    said: list[str] = []
    done = workflow.grade_assignment(far.course, "convolution", progress=said.append, cluster=cluster.address)
    assert sum(line.startswith("kernels on tcp://127.0.0.1:") for line in said) == 2
    assert len(done.reports) == 9

    def texts(root: Path) -> dict[str, bytes]:
        paths = (root / "reports" / "convolution").iterdir()
        return {path.name: to_json(from_json(path.read_bytes()).without_timings()) for path in paths}

    assert texts(far.root) == texts(made.root)
    assert not [path for path in cluster.folder.rglob("*") if path.suffix == ".ipynb"], "left in a worker's folder"
    again = workflow.grade_assignment(far.course, "convolution", progress=said.append)
    assert again.kept == 9, "what was graded there is not graded again here"


def test_events_come_from_the_workers(cluster, fresh, right, tmp_path):
    """What a Dask worker does with a submission is an event of the run."""
    mini = again(fresh, tmp_path / "course")
    command = grade(mini, cluster, "--events", str(tmp_path / "events"))
    code, _, said = command.end()
    assert code == 0, said
    assert results(mini) == right
    told = (tmp_path / "events").read_text(encoding="utf-8")
    assert '{"type":"doing","student":"ada","words":"the checks of double"}' in told


def test_a_killed_worker_of_dask(two, fresh, right, tmp_path):
    """What a killed Dask worker had under way is graded by the other one, and every result is right."""
    mini = again(fresh, tmp_path / "course")
    command = grade(mini, two)
    command.until(lambda: bool(graded(mini)))
    kernels = two.workers[0].children(recursive=True)
    two.workers[0].kill()
    code, _, said = command.end()
    assert code == 0, said
    assert results(mini) == right
    _, alive = psutil.wait_procs(kernels, timeout=20)
    assert not alive, "what the killed worker had started is still there"


def test_the_only_worker_with_the_parcel_is_killed(two, fresh):
    """The course's files are there for the next order although the one Dask worker that had them was killed."""
    mini = MiniCourse(fresh.root)
    sent = parcel(mini.course, "week")
    tasks = tasks_of(sent.tasks, mini.root / "submitted" / "ada" / "week", "ada")
    with ending(Cluster(two.address, sent, gpu=False, heard=lambda _: None)) as cluster, Client(two.address) as client:
        deadline = time.monotonic() + _START
        while len(holders := {worker for each in client.who_has().values() for worker in each}) != 1:
            assert time.monotonic() < deadline
            time.sleep(0.1)  # Dask drops copies every two seconds
        pids = client.run(os.getpid)
        (holder,) = holders
        next(each for each in two.workers if each.pid == pids[holder]).kill()
        outcome = cluster.submit(carry_out, Order("ada", tasks, sent.course)).result(timeout=_START)
    assert outcome.report.points == 4


def test_a_killed_scheduler(two, fresh, right, tmp_path):
    """Without its scheduler a run ends with what to do, and goes on elsewhere."""
    mini = again(fresh, tmp_path / "course")
    command = grade(mini, two)
    command.until(lambda: bool(graded(mini)))
    two.scheduler.kill()
    code, _, said = command.end()
    assert code == 3, said
    assert "the same command" in said
    assert "Traceback" not in said
    code, _, said = Command(("grade", "week"), mini).end()
    assert code == 0, said
    assert results(mini) == right


def test_stopped_by_hand(two, fresh, right, tmp_path):
    """Ctrl-C ends what is under way on the workers as well; another run goes on there."""
    mini = again(fresh, tmp_path / "course")
    mini.hand_in("fay", "SECRET = 2 * x", "import time; time.sleep(60); SECRET = 2 * x")
    command = grade(mini, two)
    command.until(lambda: len(graded(mini)) == len(STUDENTS) - 1)
    os.killpg(command.process.pid, signal.SIGINT)
    code, _, said = command.end()
    assert code == 130, said
    assert "Traceback" not in said
    mini.hand_in("fay", "SECRET = 2 * x", "import time; time.sleep(0.1); SECRET = x * 2")
    code, _, said = grade(mini, two).end()
    assert code == 0, said
    assert results(mini) == right


SEEN = (
    "import os, time\\nbegan = time.monotonic(); time.sleep(0.3)\\n"
    "print('seen', os.environ.get('CUDA_VISIBLE_DEVICES'), began, time.monotonic())\\ndef double(x):"
)


def seen(mini: MiniCourse) -> list[tuple[str, float, float]]:
    """For each submission: the GPUs that its kernel saw, and from when to when."""
    found = []
    for student in STUDENTS:
        text = (mini.root / "autograded" / student / "week" / "mini.ipynb").read_text(encoding="utf-8")
        device, began, ended = re.search(r"seen (\S*) (\S+) ([0-9.]+)", text).groups()  # type: ignore[union-attr] # it is there
        found.append((device, float(began), float(ended)))
    return found


def test_two_courses_at_once(cluster, fresh, right, tmp_path):
    """Two courses that are graded on one cluster at the same time do not disturb each other."""
    minis = [again(fresh, tmp_path / name) for name in ("one", "other")]
    toml = minis[1].root / "course.toml"
    toml.write_text(f"{toml.read_text(encoding='utf-8')}\n[disclosure]\nhidden = 'all'\n", encoding="utf-8")
    grader = minis[1].root / "graders" / "hidden" / "week" / "mini.py"
    grader.write_text(f"# another course\n{grader.read_text(encoding='utf-8')}", encoding="utf-8")
    commands = [grade(mini, cluster) for mini in minis]
    for mini, (code, _, said) in zip(minis, [command.end() for command in commands], strict=True):
        assert code == 0, said
        assert "once more" not in said
        assert {name: score for name, (_, score) in results(mini).items()} == {
            name: score for name, (_, score) in right.items()
        }


def test_a_gpu_for_each_kernel(fresh, tmp_path):
    """Kernels that need a GPU see one, which no other sees meanwhile; those that need none see none."""
    mini = again(fresh, tmp_path / "course")
    for student in STUDENTS:
        mini.hand_in(student, "def double(x):", SEEN)
    (tmp_path / "dask").mkdir()
    with dask(tmp_path / "dask") as made:
        made.add()
        command = grade(mini, made)
        code, _, said = command.end()
        assert code == 0, said
        assert {device for device, _, _ in seen(mini)} == {""}
        toml = mini.root / "course.toml"
        toml.write_text(toml.read_text(encoding="utf-8") + "\n[assignment.week]\ngpu = true\n", encoding="utf-8")
        code, _, said = grade(mini, made, "--again").end()
        assert code == 2
        assert "wanted: a worker with GPUs in the cluster" in said
        made.add("--nthreads", "2", "--resources", "GPU=2", CUDA_VISIBLE_DEVICES="3,5")
        code, _, said = grade(mini, made, "--again").end()
        assert code == 0, said
        assert "workers: 2 at a time, on 2 Dask workers" in said
    times = sorted(seen(mini))
    assert {device for device, _, _ in times} == {"3", "5"}
    for (device, _, ended), (other, began, _) in pairwise(times):
        assert device != other or ended <= began


def test_no_cluster(fresh, tmp_path):
    """An address at which nobody answers is said as such, and nothing is graded."""
    mini = again(fresh, tmp_path / "course")
    code, _, said = Command(("grade", "week", "--cluster", "tcp://127.0.0.1:9"), mini).end()
    assert code == 2
    assert "wanted: a Dask scheduler at tcp://127.0.0.1:9" in said
    assert "Traceback" not in said
    assert not graded(mini)
