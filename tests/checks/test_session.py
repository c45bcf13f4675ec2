"""One session for many submissions: what it keeps, what it forgets, when a new one takes its place, how it ends."""

import os
import random
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from referee.answers.interface import Answer, Question
from referee.answers.local import LocalSource
from referee.checks import session
from referee.checks.plugin import Asked
from referee.checks.session import Graders, close_all, graders_for
from referee.errors import GraderError, HarnessError
from referee.pictures import Curves, Heat
from referee.report import CheckResult, Fault

HEAD = '"""Checks."""\nimport pytest\nfrom referee.checks import assert_matches\n\n'
CHECK = '\n\n@pytest.mark.check("c")\ndef test_{}({}):\n    """It."""\n    {}\n'


@pytest.fixture(autouse=True)
def _no_session_stays():
    """Each test opens its own sessions, and all of them can be closed."""
    close_all()
    yield
    close_all()
    assert not threads()


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "graders"]


def write(folder: Path, text: str, assignment: str = "week") -> Path:
    path = folder / "graders" / "hidden" / assignment / "mini.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text)
    return path


def grader(folder: Path, *bodies: str, top: str = "", fixtures: str = "student") -> Graders:
    """The graders of a course with one check for each body."""
    return graders_for([write(folder, top + checks(*bodies, fixtures=fixtures))], folder)


def checks(*bodies: str, fixtures: str = "student") -> str:
    return "".join(CHECK.format(number, fixtures, body) for number, body in enumerate(bodies))


def run(graders: Graders, **names: Any) -> list[CheckResult]:
    return graders.run("c", Asked(LocalSource(names), len, "digits"))


def said(graders: Graders) -> list[Any]:
    """What the checks say to the student's function `say`."""
    heard: list[Any] = []
    results = run(graders, say=heard.append)
    assert all(result.verdict.passed for result in results), results
    return heard


def test_one_session_serves_many_submissions(tmp_path):
    """A grader is loaded once for all who ask for it, and each gets its own durations."""
    top = "from pathlib import Path\nwith Path(__file__).with_name('log').open('a') as log:\n    log.write('loaded ')\n"
    path = write(tmp_path, top + checks("assert student['x'] == 2"))
    first, second = (graders_for([path], tmp_path) for _ in range(2))
    assert [run(graders, x=x)[0].verdict.passed for graders, x in ((first, 2), (second, 1), (first, 2))] == [1, 0, 1]
    assert first.seconds is not second.seconds
    assert path.with_name("log").read_text() == "loaded "
    assert len(threads()) == 1


def test_a_changed_file_opens_a_new_session(tmp_path):
    """A grader, a module of the reference or a support file that was written again counts from the next submission."""
    (tmp_path / "solutions" / "week").mkdir(parents=True)
    (tmp_path / "truth").mkdir()
    (tmp_path / "truth" / "__init__.py").write_text("")
    reference, support = tmp_path / "truth" / "values.py", tmp_path / "solutions" / "week" / "beside.py"
    reference.write_text("ONE = 1\n")
    support.write_text("TWO = 2\n")
    top = "from truth import values\nimport beside\n"
    path = write(tmp_path, top + checks("student.call('say', (values.ONE, beside.TWO, 3))"))

    def now() -> Any:
        return said(graders_for([path], tmp_path))

    assert now() == [(1, 2, 3)]
    reference.write_text("ONE = 10\n")
    assert now() == [(10, 2, 3)]
    support.write_text("TWO = 20\n")
    assert now() == [(10, 20, 3)]
    write(tmp_path, top + checks("student.call('say', (values.ONE, beside.TWO, 30))"))
    assert now() == [(10, 20, 30)]
    assert len(threads()) == 1


def test_what_a_check_imports_late_is_watched_too(tmp_path):
    """A support file that is first imported inside a check belongs to the session like any other."""
    support = tmp_path / "solutions" / "week" / "late.py"
    support.parent.mkdir(parents=True)
    support.write_text("VALUE = 1\n")
    path = write(tmp_path, checks("import late; student.call('say', late.VALUE)"))
    assert said(graders_for([path], tmp_path)) == said(graders_for([path], tmp_path)) == [1]
    assert "late" not in sys.modules
    support.write_text("VALUE = 20\n")
    assert said(graders_for([path], tmp_path)) == [20]


def test_a_mended_grader_is_loaded(tmp_path):
    """A grader that could not be loaded leaves nothing open, and is tried again the next time."""
    path = write(tmp_path, "import not_a_module_at_all\n")
    for _ in range(2):
        with pytest.raises(GraderError, match="not_a_module_at_all"):
            graders_for([path], tmp_path)
    assert not threads()
    write(tmp_path, checks("return"))
    assert run(graders_for([path], tmp_path))[0].verdict.passed


def test_support_modules_of_one_name_stay_apart(tmp_path):
    """Two open sessions see each its own module of the same name, at loading and inside a check, in any order."""
    body = "import digits as again, lazily; student.call('say', (digits.NAME, again.NAME, lazily.NAME))"
    for name in "ab":
        folder = tmp_path / "solutions" / name
        folder.mkdir(parents=True)
        for module in ("digits", "lazily"):
            (folder / f"{module}.py").write_text(f"NAME = {name!r}\n")
        write(tmp_path, "import digits\n" + checks(body), name)
    first, second = (graders_for([tmp_path / "graders/hidden" / name / "mini.py"], tmp_path) for name in "ab")
    assert [said(graders) for graders in (second, first, second, first)] == [[(n, n, n)] for n in "baba"]
    assert not {"digits", "lazily"} & sys.modules.keys()


def test_a_module_of_the_process_keeps_its_place(tmp_path, monkeypatch):
    """A module that this process has under the same name is not the course's, and is back when the checks have run."""
    support = tmp_path / "solutions" / "week" / "common_name.py"
    support.parent.mkdir(parents=True)
    support.write_text("NAME = 'course'\n")
    graders = grader(tmp_path, "student.call('say', common_name.NAME)", top="import common_name\n")
    ours = type(sys)("common_name")
    monkeypatch.setitem(sys.modules, "common_name", ours)
    assert said(graders) == ["course"]
    assert sys.modules["common_name"] is ours


def test_draws_do_not_depend_on_who_came_before(tmp_path):
    """Global random numbers begin anew at each check's own seed, and those of the process go on as if nothing was."""
    top = "import random\nimport numpy as np\nloaded = float(np.random.normal())\n"
    body = "student.call('say', (loaded, random.random(), float(np.random.normal()), float(rng.normal())))"
    graders = grader(tmp_path, body, body, top=top, fixtures="student, rng")
    random.seed(5)
    np.random.seed(5)
    expected = random.random(), np.random.normal()
    random.seed(5)
    np.random.seed(5)
    first = said(graders)
    assert (random.random(), np.random.normal()) == expected
    assert said(graders) == first
    close_all()
    assert said(graders_for([tmp_path / "graders/hidden/week/mini.py"], tmp_path)) == first


def test_nothing_of_a_check_stays_for_the_next_submission(tmp_path):
    """Fixtures of any scope, patches, NumPy's error state and temporary files are gone when the next one is graded."""
    top = (
        "import numpy as np\nclass Kept:\n    value = 'as loaded'\n"
        "@pytest.fixture(scope='session')\ndef long():\n    return []\n"
    )
    body = (
        "student.call('say', (Kept.value, list(long), np.geterr()['divide'], len(list(tmp_path.iterdir()))));"
        "monkeypatch.setattr(Kept, 'value', 1); long.append(1); np.seterr(all='raise');"
        "(tmp_path / 'file').write_text('x')"
    )
    graders = grader(tmp_path, body, top=top, fixtures="student, long, monkeypatch, tmp_path")
    assert said(graders) == said(graders) == [("as loaded", [], np.geterr()["divide"], 0)]


def test_a_folder_of_a_check_is_gone_afterwards(tmp_path):
    """`tmp_path` does not stay as long as the session."""
    (path,) = said(grader(tmp_path, "student.call('say', str(tmp_path))", fixtures="student, tmp_path"))
    assert not Path(path).exists()


def test_the_submission_is_forgotten(tmp_path):
    """A check that failed does not keep the student's answers alive for a debugger."""
    result = run(grader(tmp_path, "assert student['x'] == 2"), x=1)[0]
    assert not result.verdict.passed
    assert not {"last_type", "last_value", "last_traceback"} & vars(sys).keys()


def test_questions_are_asked_in_the_callers_thread(tmp_path):
    """A kernel's sockets belong to who grades: each question runs there, the check elsewhere."""
    seen: list[tuple[int, int]] = []

    def say(there: int) -> None:
        seen.append((there, threading.get_ident()))

    run(grader(tmp_path, "import threading; student.call('say', threading.get_ident())"), say=say)
    ((there, here),) = seen
    assert here == threading.get_ident() != there


def test_remarks_reach_the_evidence(tmp_path):
    """What is worth telling about an answer stands in the evidence of the check that asked, and of no other."""

    def spoil(values: np.ndarray) -> int:
        values[0] = 9
        return 1

    body = "import numpy as np; student.call('spoil', np.zeros(2))"
    first, second = run(grader(tmp_path, body, "student['spoil_not']"), spoil=spoil, spoil_not=1)
    assert "changes its" in first.evidence.words
    assert second.evidence.words == ""


def test_pictures_reach_the_evidence(tmp_path):
    """What a check fails with and what it looked at stand as pictures in its evidence, and in that of no other."""
    body = "from referee.checks import assert_matches; student.history('h'); "
    body += "assert_matches([[1, 2], [3, 5]], [[1, 2], [3, 4]])"
    first, second = run(grader(tmp_path, body, "student['h']"), h={"loss": [1.0, 0.5]})
    assert [type(picture) for picture in first.evidence.pictures] == [Heat, Curves]
    assert second.evidence.pictures == ()


class Failing:
    """A source whose every answer is an error."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def ask(self, question: Question) -> Answer:  # noqa: ARG002 - whatever is asked
        raise self.error


def test_an_error_of_the_source_is_judged_by_its_kind(tmp_path):
    """A harness that fails while it asks is no fault of the check or the student."""
    graders = grader(tmp_path, "student['x']")
    (result,) = graders.run("c", Asked(Failing(HarnessError("a", "b")), len, "digits"))
    assert result.verdict.fault is Fault.HARNESS


def test_an_interruption_while_a_question_is_asked(tmp_path):
    """Ctrl-C in the middle of a question comes out as it is, and the next submission gets a new session."""
    error = KeyboardInterrupt()
    graders = grader(tmp_path, "student['x']")
    with pytest.raises(KeyboardInterrupt) as caught:
        graders.run("c", Asked(Failing(error), len, "digits"))
    assert caught.value is error
    assert run(graders_for([tmp_path / "graders/hidden/week/mini.py"], tmp_path), x=1)[0].verdict.passed


KILLS = {"exit": "pytest.exit('enough')", "interrupt": "raise KeyboardInterrupt('by the check')"}


@pytest.mark.parametrize("body", KILLS.values(), ids=KILLS)
def test_a_check_that_ends_the_session(body, tmp_path):
    """What ends pytest itself comes out of the run, and the next submission gets a new session."""
    graders = grader(tmp_path, f"if student['x']: {body}")
    with pytest.raises((pytest.exit.Exception, KeyboardInterrupt), match=r"enough|by the check"):
        run(graders, x=1)
    assert not threads()
    assert run(graders_for([tmp_path / "graders/hidden/week/mini.py"], tmp_path), x=0)[0].verdict.passed


def test_a_grader_that_exits_when_it_is_loaded(tmp_path):
    """Neither an exit nor an interruption at the top of a grader ends the program."""
    for top in ("raise SystemExit(0)\n", "pytest.exit('enough')\n", "raise KeyboardInterrupt\n"):
        with pytest.raises(GraderError):
            grader(tmp_path, "return", top=top)
    assert not threads()


SCRIPT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it ignores Ctrl-C
from pathlib import Path
from referee.answers.local import LocalSource
from referee.checks.plugin import Asked
from referee.checks.session import graders_for
graders = graders_for([Path(sys.argv[1])], Path(sys.argv[2]))
print(len(graders.run("c", Asked(LocalSource({}), len, "digits"))))
"""


def program(path: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    args = [sys.executable, "-c", SCRIPT, str(path), str(folder)]
    return subprocess.run(args, capture_output=True, text=True, check=False, timeout=60)


def test_a_program_ends_with_its_sessions(tmp_path):
    """A program that closes nothing ends all the same, without a word."""
    done = program(write(tmp_path, checks("return")), tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


@pytest.mark.skipif(os.name != "posix", reason="Windows sends no signal to itself like this")
def test_an_interrupted_program_ends_though_a_check_never_does(tmp_path):
    """Ctrl-C while a check hangs ends the program; nobody waits for the check."""
    body = "import os, signal, threading; os.kill(os.getpid(), signal.SIGINT); threading.Event().wait()"
    done = program(write(tmp_path, checks(body)), tmp_path)
    assert done.returncode != 0
    assert "KeyboardInterrupt" in done.stderr


def test_the_session_that_was_idle_longest_is_closed(tmp_path, monkeypatch):
    """A process keeps a bounded number of sessions open, those that were used last."""
    monkeypatch.setattr(session, "_MOST_OPEN", 2)
    log = "from pathlib import Path\nwith Path(__file__).with_name('log').open('a') as log:\n    log.write('x')\n"
    paths = {name: write(tmp_path, log + checks("return"), name) for name in "abc"}
    for name in "abacab":
        assert run(graders_for([paths[name]], tmp_path))[0].verdict.passed
    assert len(threads()) == 2
    assert {name: len(path.with_name("log").read_text()) for name, path in paths.items()} == {"a": 1, "b": 2, "c": 1}


def test_several_threads_may_grade(tmp_path):
    """Threads that share a session take turns: each gets the results of its own submission."""
    graders = grader(tmp_path, *["assert_matches(student.call('f', 3), 3)"] * 5)
    passed: dict[int, list[bool]] = {}

    def work(number: int) -> Callable[[], None]:
        def grade() -> None:
            results = run(graders, f=lambda x: x + number)
            passed[number] = [result.verdict.passed for result in results]

        return grade

    workers = [threading.Thread(target=work(number)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert passed == {number: [number == 0] * 5 for number in range(4)}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on Windows")
def test_a_forked_process_opens_its_own(tmp_path):
    """The sessions of the process that forked are not there in the child, which grades all the same."""
    path = write(tmp_path, checks("return"))
    assert run(graders_for([path], tmp_path))[0].verdict.passed
    child = os.fork()
    if child == 0:
        passed = False
        try:
            passed = run(graders_for([path], tmp_path))[0].verdict.passed
            close_all()
        finally:
            os._exit(0 if passed else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_the_same_results_to_the_byte(tmp_path):
    """A submission that is checked first, after another one, or in a new session has the same results."""
    bodies = ("assert_matches(student.call('f', rng.normal(size=4)), np.random.normal(size=4))", "1 / 0")
    graders = grader(tmp_path, *bodies, top="import numpy as np\n", fixtures="student, rng")

    def results(graders: Graders, factor: float) -> bytes:
        return msgspec.json.encode(run(graders, f=lambda x: factor * x))

    alone = results(graders, 2.0)
    assert b"ZeroDivisionError" in alone
    results(graders, 3.0)
    assert results(graders, 2.0) == alone
    close_all()
    assert results(graders_for([tmp_path / "graders/hidden/week/mini.py"], tmp_path), 2.0) == alone
