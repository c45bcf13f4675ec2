"""Messages that no honest kernel writes cost the student who sends them, and nobody else."""

import os
import signal
import threading
import time
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from referee import grading, tasks, workflow
from referee.answers.interface import Question
from referee.answers.live import LiveSource
from referee.batch import store
from referee.execution import Job, execute
from referee.report import CellStatus, Fault
from referee.sandbox import nursery, provisioner
from referee.sandbox.isolation import can_fork
from referee.sandbox.limits import Limits

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")

# A reply of its own making on the shell channel, past the thread that sends the true ones
REPLY = """
import hashlib, hmac, json, os, time
k = get_ipython().kernel
parent = k.get_parent()["header"]
who = k._shell_parent_ident.get()
who = who if isinstance(who, list) else [who]
def reply(parent, content, number=0):
    header = {"msg_id": str(number), "msg_type": "execute_reply"}
    parts = [json.dumps(part, default=str).encode() for part in (header, parent, {}, content)]
    signed = hmac.new(k.session.key, b"".join(parts), hashlib.sha256).hexdigest().encode()
    k.shell_stream.socket.send_multipart([*who, b"<IDS|MSG>", signed, *parts])
"""
SEND = """
k = get_ipython().kernel; s = k.session
def send(kind, content, header=b"", metadata=b"{}"):
    m = s.msg(kind, {}, parent=k.get_parent())
    parts = [s.pack(m["header"])[:-1] + header + b"}", s.pack(m["parent_header"]), metadata, content]
    k.iopub_thread.send_multipart([b"x", b"<IDS|MSG>", s.sign(parts), *parts])
"""


@pytest.mark.parametrize(
    "count", ["b'[' * 800 + b']' * 800", "b'\"' + b'x' * 9_000_000 + b'\"'", "b'-1'", "b'1e400'", "b'{}'"]
)
def test_an_execution_count_is_a_number_or_none(count):
    """Whatever a kernel says its count is, the executed notebook can be written, and stays small."""
    cell = f"{SEND}send('execute_input', b'{{\"code\":\"1\",\"execution_count\":' + {count} + b'}}')"
    done = execute(new_notebook(cells=[new_code_cell(cell)]), Job(), {})
    assert len(nbformat.writes(done)) < 100_000
    assert done.cells[0].execution_count is None or done.cells[0].execution_count < 2**31


@pytest.mark.parametrize("place", ["header", "metadata", "content"])
def test_json_that_is_slow_to_parse_ends_the_kernel(place):
    """Five million empty lists in a message are not parsed: the kernel is ended, and the grader stays small."""
    big = 'b"[" + b"[]," * 5_000_000 + b"0]"'
    sent = {
        "header": f"send('status', b'{{}}', b',\"x\":' + {big})",
        "metadata": f"send('status', b'{{}}', metadata=b'{{\"x\":' + {big} + b'}}')",
        "content": f"send('display_data', b'{{\"data\":' + {big} + b'}}')",
    }[place]
    before = psutil.Process().memory_info().rss
    job = Job(limits=Limits(cell_seconds=20))
    execute(new_notebook(cells=[new_code_cell(f"{SEND}{sent}\nimport time; time.sleep(5)")]), job, {})
    assert job.cells[0].status is CellStatus.DIED
    assert "cannot be read" in job.cells[0].words
    assert psutil.Process().memory_info().rss - before < 400 * 2**20


@pytest.mark.parametrize(
    "frames", ["[b'x', b'<IDS|MSG>']", "[b'x', b'<IDS|MSG>', b'', b'{', b'{', b'{', b'{']", "[b'']"]
)
def test_malformed_messages_during_a_question_are_the_students(frames):
    """A message without its parts, sent while a question is asked, is dropped: the answer decides."""
    asked: list[Any] = []

    def at_check(_name: str, source: LiveSource) -> str:
        asked.append(source.exchange(Question(ask="call", name="f", args=(1,))))
        return ""

    cell = f"def f(x):\n    get_ipython().kernel.iopub_thread.send_multipart({frames})\n    return x"
    check = new_code_cell("check('c')", metadata={"nbgrader": {"grade": True, "grade_id": "c", "solution": False}})
    execute(new_notebook(cells=[new_code_cell(cell), check]), Job(at_check=at_check), {})
    assert b'"value"' in asked[0].text


def test_a_report_that_cannot_be_written_stops_nobody(mini, inline, monkeypatch):
    """Whatever the writing of one submission's files raises, the others are graded, and this one needs a person."""
    mini.release()
    mini.hand_in("ada")
    mini.hand_in("bob")
    write = store.write

    def broken(course: Any, report: Any, text: Any, notebooks: Any) -> None:
        if report.student == "ada":
            raise RecursionError("too deep")
        write(course, report, text, notebooks)

    monkeypatch.setattr(store, "write", broken)
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)
    assert {report.student: report.ours_failed for report in done.reports} == {"ada": True, "bob": False}


def test_the_death_of_the_warm_parent_is_nobodys_fault(mini):
    """A notebook whose kernel ends with its parent is graded again from a fresh one, and loses nothing."""
    mini.release()
    mini.hand_in("ada", "SECRET = 2 * x", "import time; time.sleep(1)\\n    SECRET = 2 * x")
    nursery.close_shared()
    killed: list[int] = []

    def kill() -> None:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not killed:
            for child in psutil.Process().children():
                if "jail import parent" in " ".join(child.cmdline()) and len(child.children(recursive=True)) > 1:
                    time.sleep(0.5)  # the kernel is in a question by now
                    os.kill(child.pid, signal.SIGKILL)
                    killed.append(child.pid)
                    return
            time.sleep(0.02)

    (exercise,) = mini.course.exercises("week")
    task = tasks.task_for(mini.course, exercise, "ada", mini.root / "submitted/ada/week/mini.ipynb")
    thread = threading.Thread(target=kill)
    thread.start()
    report = grading.grade_notebook(task).report
    thread.join()
    assert killed
    assert report.earned == report.points
    assert not [result for result in report.results if result.verdict.fault in (Fault.HARNESS, Fault.STUDENT)]


def test_replies_that_nobody_asked_for_stop_no_clock():
    """A kernel that sends replies for a minute is held to the limit of a cell before it has sent them all."""
    flood = f"""{REPLY}
def flood():
    number, end = 0, time.time() + 60
    while time.time() < end:
        number += 1
        reply({{}}, {{"a": [[]] * 8000}}, number)
k.shell_channel_thread.io_loop.add_callback(flood)
time.sleep(60)"""
    job = Job(limits=Limits(cell_seconds=1))
    execute(new_notebook(cells=[new_code_cell(flood), new_code_cell("print(1)")]), job, {})
    assert job.cells[0].status is CellStatus.LIMIT
    assert job.exceeded[0].limit == "cell_seconds"
    assert job.exceeded[0].used < 60


def test_a_kernel_that_replies_for_itself_and_dies_has_died():
    """Forged replies that wait unread do not make a dead kernel's cell one that never ended."""
    dies = f"""{REPLY}
def go():
    for number in range(3):
        reply(parent, {{"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {{}}}}, number)
    time.sleep(0.5)
    os._exit(0)
k.shell_channel_thread.io_loop.add_callback(go)
time.sleep(5)"""
    job = Job(limits=Limits(cell_seconds=10))
    execute(new_notebook(cells=[new_code_cell(dies), new_code_cell("print(1)")]), job, {})
    assert [cell.status for cell in job.cells] == [CellStatus.DIED, CellStatus.NOT_RUN]


@pytest.mark.parametrize("often", [1, 2])
def test_a_kernel_that_somebody_killed_costs_nothing(mini, often, inline, monkeypatch):
    """A kernel that was killed from outside gets another try; after a second kill the points wait for a person."""
    if "namespaces" not in nursery.shared().layers:
        pytest.skip("without namespaces a kernel can kill itself")
    mini.release()
    mini.hand_in("ada")
    at_check, killed = grading._Grading._at_check, list[int]()

    def killing(self: Any, cell: str, source: Any) -> str:
        if self._task.student == "ada" and len(killed) < often:
            killed.append(source._kernel._manager.provisioner.pid)
            os.kill(killed[-1], signal.SIGKILL)
        return at_check(self, cell, source)

    monkeypatch.setattr(grading._Grading, "_at_check", killing)
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _: None, workers=1)
    [report] = done.reports
    assert len(killed) == often
    assert report.ours_failed == (often == 2)
    assert {result.verdict.fault for result in report.notebooks[0].results} <= {None, Fault.HARNESS}
    assert [cell.score for cell in report.notebooks[0].graded] == [4.0 if often == 1 else None]


@pytest.mark.parametrize("often", [1, 2])
def test_a_kernel_that_was_killed_before_it_answered_costs_nothing(mini, often, monkeypatch):
    """A kernel that ends before anything has run gets another try; after a second end the points wait for a person."""
    mini.release()
    mini.hand_in("ada")
    start, killed = provisioner._WarmManager.start_kernel, list[int]()

    async def killing(self: Any, **arguments: Any) -> None:
        await start(self, **arguments)
        if len(killed) < often:
            killed.append(self.provisioner.pid)
            os.kill(killed[-1], signal.SIGKILL)

    monkeypatch.setattr(provisioner._WarmManager, "start_kernel", killing)
    report, _ = grading.grade(mini.course, "week", "ada")
    assert len(killed) == often
    assert report.ours_failed == (often == 2)
    assert [cell.score for cell in report.notebooks[0].graded] == [4.0 if often == 1 else None]


def test_without_namespaces_a_kernel_that_kills_itself_has_died():
    """Where a kernel can send itself SIGKILL, that is a death of its own and no reason for another try."""
    job = Job(nursery=nursery.Nursery(nursery.shared().layers - {"namespaces"}, spares=0))
    cells = [new_code_cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)"), new_code_cell("print(1)")]
    try:
        execute(new_notebook(cells=cells), job, {})
    finally:
        assert job.nursery is not None
        job.nursery.close()
    assert [cell.status for cell in job.cells] == [CellStatus.DIED, CellStatus.NOT_RUN]
