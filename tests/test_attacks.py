"""What an attack on the harness found: each is the smallest case that once harmed somebody else, or paid."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest

from referee import workflow
from referee.answers.codec import decode_answer
from referee.answers.interface import Question, Student
from referee.answers.live import LiveSource
from referee.answers.local import LocalSource
from referee.batch import store
from referee.errors import LimitReached, StudentFault
from referee.report import from_json
from referee.sandbox.limits import Limits
from referee.sandbox.scratch import sweep
from tests.conftest import MiniCourse


def grade(mini: MiniCourse, workers: int = 1) -> dict[str, float]:
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, workers=workers)
    return {report.student: report.earned for report in done.reports}


def submission(mini: MiniCourse, student: str) -> Path:
    return mini.root / "submitted" / student / "week" / "mini.ipynb"


def test_half_a_character_in_a_file_does_not_stop_the_class(mini):
    """A notebook whose language is half a surrogate pair is refused, and the others are graded and recorded."""
    mini.release()
    mini.hand_in("ada")
    path = mini.hand_in("bob")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["kernelspec"]["language"] = "\ud800x"
    path.write_text(json.dumps(notebook), encoding="utf-8")
    assert grade(mini) == {"ada": 4, "bob": 0}
    written = from_json((mini.root / "reports" / "week" / "bob.json").read_bytes())
    assert written.notebooks[0].refused.startswith("mini.ipynb is a notebook in ?x")


def test_a_folder_whose_name_is_no_text_is_left_out_by_name(mini):
    """A student folder that no report can name is said to be left out, and the others are graded."""
    mini.release()
    mini.hand_in("ada")
    source = submission(mini, "ada").parent
    strange = os.fsencode(mini.root / "submitted") + b"/b\xff/week"
    folder = Path(os.fsdecode(strange))
    folder.mkdir(parents=True)
    (folder / "mini.ipynb").write_bytes((source / "mini.ipynb").read_bytes())
    said: list[str] = []
    done = workflow.grade_assignment(mini.course, "week", progress=said.append, workers=1)
    assert [report.student for report in done.reports] == ["ada"]
    assert any("has a name that is no text" in line for line in said)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "0001-01-01 00:00:00", "9" * 1000, "soon"])
def test_a_hostile_timestamp_is_no_timestamp(text, mini):
    """A timestamp that no database can hold costs nobody the recording of the scores."""
    mini.release()
    mini.hand_in("ada")
    (submission(mini, "ada").parent / "timestamp.txt").write_text(text, encoding="utf-8")
    assert grade(mini) == {"ada": 4}


def test_a_notebook_cannot_kill_the_process_that_grades(mini):
    """A notebook that tries to kill the grading process meets nobody: its own work and that of others is graded."""
    mini.release()
    for student in ("ada", "bob"):
        mini.hand_in(student)
    path = mini.hand_in("evil")
    killer = "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\ndef double(x):\n    return 2 * x"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    next(cell for cell in notebook["cells"] if cell["id"] == "double_solution")["source"] = killer
    path.write_text(json.dumps(notebook), encoding="utf-8")
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, workers=2)
    assert {report.student: report.earned for report in done.reports} == {"ada": 4, "bob": 4, "evil": 4}


def test_no_worker_outlives_a_killed_run(mini):
    """When `referee grade` is killed, its workers and their kernels end too, and the next run removes their folders."""
    mini.release()
    for student in ("ada", "bob", "cleo"):
        mini.hand_in(student, "SECRET = 2 * x", "import time; time.sleep(60)\\n    SECRET = 2 * x")
    code = "from referee.cli import main; main()"
    command = [sys.executable, "-c", code, "grade", "week", "--course", str(mini.root), "--workers", "2"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    before = time.monotonic() + 60
    # two workers, the kernels of both, the parent of these and its guard; before that the solution runs with fewer
    while len(family := children(run.pid)) < 6 and time.monotonic() < before:
        time.sleep(0.1)
    assert len(family) >= 6
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    while any(map(alive, family)) and time.monotonic() < before:
        time.sleep(0.1)
    assert not [pid for pid in family if alive(pid)]
    sweep()
    left = Path(tempfile.gettempdir()).glob("referee-*-*")
    assert not [path.name for path in left if path.name.split("-")[1] in map(str, family)]


def children(pid: int) -> list[int]:
    import psutil  # noqa: PLC0415 - only here

    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def alive(pid: int) -> bool:
    import psutil  # noqa: PLC0415 - only here

    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def test_what_is_no_file_of_a_readable_size_is_never_read(mini):
    """A huge file, and a link to a secret, are refused without being read, not even for their fingerprint."""
    mini.release()
    huge = submission(mini, "huge")
    huge.parent.mkdir(parents=True)
    with huge.open("wb") as file:
        file.truncate(2**36)
    link = submission(mini, "link")
    link.parent.mkdir(parents=True)
    link.symlink_to("/etc/passwd")
    assert grade(mini) == {"huge": 0, "link": 0}
    for student in ("huge", "link"):
        report = from_json((mini.root / "reports" / "week" / f"{student}.json").read_bytes())
        assert report.notebooks[0].fingerprint == ""


class Sleeper:
    """A kernel that lives and never answers."""

    killed_because = ""

    async def alive(self) -> bool:
        return True


def test_questions_together_have_a_limit():
    """When the questions of a notebook have used up its time, the next one is a limit at once, and is not asked."""
    limits = Limits(notebook_seconds=10)
    source = LiveSource(Sleeper(), limits)  # type: ignore[arg-type] # nothing else of it is asked for
    source._spent = 11
    question = Question(ask="get", name="x")
    with pytest.raises(LimitReached, match="all questions together took longer than 10 s"):
        decode_answer(source.exchange(question), question, limits)


def test_a_layer_that_describes_itself_with_arrays_is_malformed():
    """A forged layer list whose configuration is no plain setting is the student's fault, not the check's."""
    lie = {"framework": "torch", "layers": [{"name": "a", "type": "Conv2d", "shape": None, "trainable": 1, "frozen": 0,
                                             "config": {"padding": [np.array([1, 2])]}}]}  # fmt: skip

    class Forged(LocalSource):
        def exchange(self, question):  # noqa: ARG002 - whatever is asked
            return super().exchange(Question(ask="get", name="lie"))

    with pytest.raises(StudentFault, match="malformed"):
        Student(Forged({"lie": lie})).model("net").layers()


def test_a_report_that_cannot_be_written_does_not_stop_the_class(mini, inline, monkeypatch):
    """Files of one student that cannot be written are that student's report to come; the others' are written."""
    mini.release()
    for student in ("ada", "bob"):
        mini.hand_in(student)
    write = store.write

    def failing(course, report, text, notebooks):
        if report.student == "ada":
            raise IsADirectoryError(21, "Is a directory")
        write(course, report, text, notebooks)

    monkeypatch.setattr(store, "write", failing)
    done = workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, workers=1)
    reports = {report.student: report for report in done.reports}
    assert reports["bob"].earned == 4
    assert reports["ada"].ours_failed
