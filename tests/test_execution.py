"""Notebooks in real kernels: pauses at check cells, keeps going, keeps limits, and leaves nothing behind."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import papermill
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from referee import outputs
from referee.answers.codec import decode_answer
from referee.answers.interface import Question, Student
from referee.answers.live import LiveSource
from referee.answers.recorded import Recorder
from referee.authoring import is_check
from referee.errors import AnswerError, KernelDied, LimitReached, StudentFault
from referee.execution import Job, execute
from referee.report import CellRun, CellStatus
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import close_shared
from referee.sandbox.scratch import Scratch

LIMITS = Limits(cell_seconds=20, notebook_seconds=60, question_seconds=10)
HOLD_OUT = "import time\nwhile True:\n    try:\n        time.sleep(0.01)\n    except KeyboardInterrupt: pass"


def code(source: str, **metadata: Any) -> Any:
    return new_code_cell(source, metadata=metadata)


def check(name: str) -> Any:
    return code(f'check("{name}")', nbgrader={"grade": True, "grade_id": name, "solution": False})


@dataclass
class Ran:
    """What a run left behind, and what was asked at its check cells."""

    job: Job
    notebook: Any
    said: dict[str, Any] = field(default_factory=dict)

    @property
    def fates(self) -> dict[int, CellStatus]:
        return {cell.index: cell.status for cell in self.job.cells}

    def cell(self, index: int) -> CellRun:
        return next(cell for cell in self.job.cells if cell.index == index)


def run(
    cells: list[Any],
    asks: dict[str, Callable[[LiveSource], Any]] | None = None,
    limits: Limits = LIMITS,
    parameters: dict[str, Any] | None = None,
    files: tuple[Path, ...] = (),
) -> Ran:
    """Run a notebook; at each check cell call what `asks` holds for it."""
    said: dict[str, Any] = {}

    def at_check(name: str, source: LiveSource) -> str:
        said[name] = (asks or {})[name](source)
        return f"asked {name}\n"

    job = Job(limits=limits, at_check=at_check, files=files)
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return Ran(job, execute(notebook, job, parameters or {}), said)


def ask(question: Question, limits: Limits = LIMITS) -> Callable[[LiveSource], Any]:
    """Asks one question and gives the value, or the error."""

    def asking(source: LiveSource) -> Any:
        try:
            return Recorder(source, limits).ask(question).value
        except AnswerError as error:
            return error

    return asking


def get(name: str) -> Callable[[LiveSource], Any]:
    return ask(Question(ask="get", name=name))


def ours() -> set[str]:
    """The scratch folders of this process that exist now."""
    return {path.name for path in Path(tempfile.gettempdir()).glob(f"referee-{os.getpid()}-*")}


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children(recursive=True)}


# ----- one ordinary notebook, many claims

CELLS = [
    code("seed = 0\nextra = 'kept'", tags=["parameters"]),
    code("x = 1\nprint('hello')"),
    check("first"),
    code("x = 2\nraise ValueError('boom at 0x7f5bf06e4a50')"),
    check("second"),
    new_markdown_cell("# words"),
    code(""),
    code("name = input('who?')"),
    code("import os, pathlib\nenvironment = dict(os.environ)\nhere = os.getcwd()\nbeside = sorted(os.listdir())"),
    code("def forever(n): return forever(n)\nforever(1)"),
    code(
        "links = [os.path.join('/proc/self/fd', n) for n in os.listdir('/proc/self/fd')]\n"
        "files = sorted({os.readlink(p) for p in links if os.path.lexists(p)})"
    ),
    code("pathlib.Path('left.txt').write_text('x')\ndef greet(who='you'):\n    print('hi')\n    return 'hello ' + who"),
    check("third"),
    code("check = 3\n7 * 6"),
]


@pytest.fixture(scope="module")
def ordinary(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("beside")
    (folder / "helper.py").write_text("VALUE = 5")
    (folder / "more").mkdir()
    (folder / "more" / "data.txt").write_text("x")
    before, running = ours(), children()

    def third(source: LiveSource) -> Any:
        student = Student(Recorder(source, LIMITS))
        names = ("environment", "here", "beside", "seed", "extra", "files")
        return SimpleNamespace(**{name: student[name] for name in names}, greeting=student.outcome("greet", who="Ada"))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SECRET_TOKEN", "never")
        patch.setenv("REFEREE_DATA", "never")
        ran = run(
            CELLS,
            {"first": get("x"), "second": get("x"), "third": third},
            parameters={"seed": 7},
            files=(folder / "helper.py", folder / "more"),
        )
    return SimpleNamespace(ran=ran, before=before, running=running, third=ran.said["third"])


def test_a_check_cell_sees_the_state_at_that_moment(ordinary):
    """The run pauses at each check cell, and what is asked there is answered by the state after the cells above."""
    assert ordinary.ran.said["first"] == 1
    assert ordinary.ran.said["second"] == 2


def test_the_text_of_a_check_stands_under_its_cell(ordinary):
    """What the hook returns is the check cell's output; the cell itself is never executed as the student's code."""
    outputs = [cell.outputs for cell in ordinary.ran.notebook.cells if is_check(cell)]
    assert [output[0]["text"] for output in outputs] == ["asked first\n", "asked second\n", "asked third\n"]
    assert all(cell.index not in (2, 4, 12) for cell in ordinary.ran.job.cells)


def test_a_notebook_goes_on_after_an_error(ordinary):
    """A cell that raises is noted with its error, and all cells after it run."""
    raised = ordinary.ran.cell(3)
    assert (raised.status, raised.error) == (CellStatus.RAISED, "ValueError")
    assert raised.words == "ValueError: boom at 0x…"
    assert "x = 2" in raised.traceback
    assert "\x1b" not in raised.traceback
    assert "0x7f5b" not in raised.traceback
    assert ordinary.ran.fates[13] is CellStatus.OK


def test_input_is_refused_in_words_that_help(ordinary):
    """A cell that waits for input() ends at once, with words that say what to write instead."""
    assert ordinary.ran.cell(7).words == (
        "it waits for input(); a graded notebook runs without a person, so give the value in the code"
    )


def test_endless_recursion_is_said_in_words(ordinary):
    """A function that calls itself without end is an error of its cell alone."""
    assert ordinary.ran.cell(9).words.startswith("it calls itself without end: maximum recursion depth")


def test_cells_without_code_are_no_runs(ordinary):
    """Markdown and empty cells leave no record and no duration; each executed cell leaves both."""
    assert {5, 6}.isdisjoint(ordinary.ran.fates)
    assert {str(index) for index in ordinary.ran.fates} <= set(ordinary.ran.job.seconds)
    assert ordinary.ran.job.kernel_start > 0


def test_parameters_are_injected_after_their_cell(ordinary):
    """A given parameter replaces the notebook's value in a cell of its own; the others stay."""
    assert (ordinary.third.seed, ordinary.third.extra) == (7, "kept")
    assert "injected-parameters" in ordinary.ran.notebook.cells[1].metadata["tags"]


def test_the_executed_notebook_holds_its_outputs(ordinary):
    """The executed notebook is valid and holds what the cells printed, showed and raised."""
    nbformat.validate(ordinary.ran.notebook)
    texts = [str(cell.get("outputs")) for cell in ordinary.ran.notebook.cells]
    assert "hello" in texts[2]
    assert "ValueError" in texts[4]
    assert "'text/plain': '42'" in texts[14]


def test_the_notebook_that_was_given_is_not_changed(ordinary):
    """Running works on a copy."""
    assert [cell.get("outputs", []) for cell in CELLS] == [[] for _ in CELLS]


def test_a_kernel_holds_no_variable_of_the_caller(ordinary):
    """The kernel's environment is an allow-list and its own settings: no secret and no path of the caller's."""
    kernel = ordinary.third.environment
    assert "never" not in kernel.values()
    scratch = Path(ordinary.third.here).parent
    assert Path(kernel["HOME"]) == scratch / "home"
    assert Path(kernel["TMPDIR"]) == scratch / "tmp"
    own = Scratch()
    try:
        allowed = {*own.environment(1), "JPY_PARENT_PID", "PYDEVD_USE_FRAME_EVAL", "LC_CTYPE", "TERM", "CLICOLOR"}
        allowed |= {
            "USER",
            "LOGNAME",
            "CLICOLOR_FORCE",
            "FORCE_COLOR",
            "PAGER",
            "GIT_PAGER",
            "MPLBACKEND",
            "COLUMNS",
            "LINES",
        }
    finally:
        own.close()
    assert set(kernel) <= allowed


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are listed on Linux alone")
def test_a_kernel_cannot_write_to_the_callers_streams(ordinary):
    """No open file of the kernel is one of the caller's: what it writes below Python goes nowhere."""
    places = [name for name in ordinary.third.files if name.startswith("/") and not name.startswith("/proc/")]
    scratch = str(Path(ordinary.third.here).parent)
    assert [name for name in places if name not in ("/dev/null", "/dev/urandom") and scratch not in name] == []


def test_files_lie_beside_the_notebook(ordinary):
    """Support files and folders are in the kernel's own working folder, a scratch one."""
    assert ordinary.third.beside == ["helper.py", "more"]
    assert Path(ordinary.third.here).name == "work"


def test_a_call_gives_what_the_function_returns_and_prints(ordinary):
    """A question with keyword arguments reaches a function in the kernel; its printed text comes with the answer."""
    assert (ordinary.third.greeting.value, ordinary.third.greeting.printed) == ("hello Ada", "hi\n")


def test_nothing_is_left_behind(ordinary):
    """After a run its scratch folder is gone and no process of it lives."""
    close_shared()  # the kernel that was forked ahead, and the parent of both
    assert ours() <= ordinary.before
    assert children() <= ordinary.running


# ----- limits in a kernel that survives them


@pytest.fixture(scope="module")
def limited() -> Ran:
    limits = Limits(cell_seconds=1, notebook_seconds=60, question_seconds=1, output_bytes=2000)

    def slow(source: LiveSource) -> Any:
        return [
            ask(Question(ask="call", name="slow"), limits)(source),
            ask(Question(ask="get", name="x"), limits)(source),
        ]

    cells = [
        code("x = 5\nwhile True: pass"),
        code("y = 1"),
        code("while True: print('x' * 100)"),
        code("def slow():\n    while True: pass"),
        check("slow"),
        code("z = 1"),
    ]
    return run(cells, {"slow": slow}, limits)


def test_an_endless_loop_hits_the_limit_of_a_cell_and_later_cells_run(limited):
    """A cell that runs too long is interrupted, named with its limit, and the cells after it run."""
    assert (limited.cell(0).status, limited.cell(0).words) == (
        CellStatus.LIMIT,
        "it ran longer than the limit of 1 s for a cell",
    )
    assert limited.fates[1] is limited.fates[5] is CellStatus.OK


def test_printing_without_end_is_cut_and_interrupted(limited):
    """A cell that prints without end is interrupted; what is kept stays within the limit."""
    assert (limited.cell(2).status, limited.cell(2).words) == (
        CellStatus.LIMIT,
        "it printed more than the limit of 2,000 bytes",
    )
    kept = [output["text"] for output in limited.notebook.cells[2].outputs if output.output_type == "stream"]
    assert 0 < sum(map(len, kept)) <= 2000


def test_a_question_that_takes_too_long_is_a_limit_and_the_kernel_lives_on(limited):
    """A question beyond its limit is ended and named, and the next question is answered."""
    error, after = limited.said["slow"]
    assert isinstance(error, LimitReached)
    assert error.found == "it took longer than the limit of 1 s for one question"
    assert after == 5


# ----- kernels that die


@pytest.mark.parametrize(
    "source",
    [
        "import os; os._exit(0)",
        "import ctypes; ctypes.string_at(0)",
        "import sys\nsys.setrecursionlimit(10**8)\nclass R:\n    def __repr__(self): return repr(self)\nrepr(R())",
    ],
    ids=["exit", "segfault", "stack overflow"],
)
def test_a_kernel_that_dies_is_said_to_have_died(source):
    """A cell that ends the process is DIED, the cells after it are not run, and every question says so."""
    ran = run([code("x = 1"), code(source), code("y = 1"), check("after")], {"after": get("x")})
    assert ran.fates == {0: CellStatus.OK, 1: CellStatus.DIED, 2: CellStatus.NOT_RUN}
    assert ran.cell(1).words == "the process exited, crashed, or was killed while this cell ran"
    assert ran.cell(2).words == "the kernel had died"
    error = ran.said["after"]
    assert isinstance(error, KernelDied)
    assert (error.found, error.by_limit) == ("the kernel has died", False)


def test_a_kernel_that_dies_at_a_question_is_said_to_have_died():
    """A function that ends the process costs its own answer and those after it, as the student's doing."""
    cells = [code("import os\ndef bye(): os._exit(1)"), check("bye"), check("after")]
    ran = run(cells, {"bye": ask(Question(ask="call", name="bye")), "after": get("bye")})
    for error in ran.said.values():
        assert isinstance(error, KernelDied)
        assert not error.by_limit


def test_a_cell_that_cannot_be_interrupted_ends_the_kernel():
    """A loop that catches the interrupt is killed: its limit is named, and the cells after it are not run."""
    limits = Limits(cell_seconds=1, notebook_seconds=60, question_seconds=1)
    ran = run([code(HOLD_OUT), code("y = 1"), check("after")], {"after": get("y")}, limits)
    assert ran.cell(0).status is CellStatus.LIMIT
    assert ran.cell(0).words == "it ran longer than the limit of 1 s for a cell; the kernel had to be ended"
    assert ran.cell(1).status is CellStatus.NOT_RUN
    assert isinstance(ran.said["after"], KernelDied)
    assert ran.said["after"].by_limit


def test_a_question_that_cannot_be_interrupted_ends_the_kernel():
    """A function that catches the interrupt is a limit; then the kernel is gone, and the reason is said."""
    limits = Limits(cell_seconds=10, notebook_seconds=60, question_seconds=1)
    cells = [code("def hold():\n    " + HOLD_OUT.replace("\n", "\n    ")), check("hold"), code("y = 1"), check("after")]
    ran = run(cells, {"hold": ask(Question(ask="call", name="hold"), limits), "after": get("y")}, limits)
    assert isinstance(ran.said["hold"], LimitReached)
    assert isinstance(ran.said["after"], KernelDied)
    assert ran.said["after"].found == (
        "the kernel was ended: it did not stop after the limit of 1 s for what `hold` returns"
    )
    assert ran.cell(2).status is CellStatus.NOT_RUN


def test_the_limit_of_the_notebook_ends_its_last_cell_and_leaves_the_rest():
    """When the notebook's time is used up, the running cell is ended and the cells after it are not run."""
    limits = Limits(cell_seconds=30, notebook_seconds=1.5)
    ran = run([code("x = 1"), code("while True: pass"), code("y = 1"), check("after")], {"after": get("x")}, limits)
    assert ran.cell(1).words == "the notebook used up its limit of 1.5 s in this cell"
    assert ran.fates == {0: CellStatus.OK, 1: CellStatus.LIMIT, 2: CellStatus.NOT_RUN}
    assert ran.cell(2).words == "the notebook had used up its limit of 1.5 s"
    assert ran.said["after"] == 1


def test_too_much_memory_ends_the_kernel_and_says_so():
    """A kernel that takes more memory than the limit is ended; the words name the limit."""
    cells = [
        code("x = bytearray(600 * 2**20)\nimport time\nwhile True: time.sleep(0.01)"),
        code("y = 1"),
        check("after"),
    ]
    ran = run(cells, {"after": get("y")}, Limits(memory_mb=300, cell_seconds=20, notebook_seconds=30))
    assert ran.cell(0).status is CellStatus.LIMIT
    assert ran.cell(0).words == "the kernel was ended: it used more memory than the limit of 300 MiB"
    assert ran.cell(1).status is CellStatus.NOT_RUN
    assert isinstance(ran.said["after"], KernelDied)
    assert ran.said["after"].by_limit


# ----- hostile kernels

HOSTILE = {
    "comm manager": "from comm import get_comm_manager as g\ng().targets.clear(); g().comms.clear()",
    "handlers": "get_ipython().kernel.shell_handlers.clear()",
    "comm": "import ipykernel.comm.comm as b\nb.BaseComm.send = lambda *a, **k: None",
    "reply": "import ipykernel.comm.comm as b\nb.BaseComm.publish_msg = lambda *a, **k: 1 / 0",
    "garbage": "import ipykernel.comm.comm as b\nold = b.BaseComm.publish_msg\n"
    "def lie(self, kind, *a, **k):\n    k['buffers'] = [b'{}']\n    return old(self, kind, *a, **k)\n"
    "b.BaseComm.publish_msg = lie",
}


def test_a_kernel_that_was_tampered_with_gives_no_answer_and_no_crash():
    """Deleted handlers, a cleared comm manager and forged replies are no usable answer, and never our failure."""
    limits = Limits(cell_seconds=10, notebook_seconds=60, question_seconds=2)
    for name, source in HOSTILE.items():
        ran = run([code("x = 1"), code(source), check("x")], {"x": ask(Question(ask="get", name="x"), limits)}, limits)
        assert isinstance(ran.said["x"], StudentFault | LimitReached | KernelDied), name


def test_a_forged_grade_is_not_an_answer():
    """A kernel that answers before it is asked, or for another question, is not listened to."""
    forge = (
        "from comm import create_comm\n"
        "c = create_comm(target_name='referee', comm_id='0' * 32)\n"
        'c.send({}, buffers=[b\'{"value":{"t":"int","v":"100"}}\'])\nx = 1'
    )
    assert run([code(forge), check("x")], {"x": get("x")}).said["x"] == 1


# ----- papermill


@pytest.mark.filterwarnings("ignore::DeprecationWarning:papermill.*")
def test_papermill_finds_the_engine_by_name(tmp_path):
    """`papermill --engine referee` runs a notebook and keeps papermill's promise about a cell that raised."""
    notebook = new_notebook(
        cells=[code("a = 1", tags=["parameters"]), code("print(a)"), code("1 / 0"), code("print('on')")]
    )
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "in.ipynb")
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        papermill.execute_notebook(
            str(tmp_path / "in.ipynb"), str(tmp_path / "out.ipynb"), {"a": 5}, engine_name="referee", progress_bar=False
        )
    text = (tmp_path / "out.ipynb").read_text()
    assert '"5\\n"' in text
    assert '"on\\n"' in text


@pytest.mark.parametrize(
    "program",
    [
        "import papermill",
        "import referee.execution",
        "import referee.engine, sys; assert 'papermill' not in sys.modules",
        "import papermill.engines as e; assert e.papermill_engines.get_engine('referee').__name__ == 'RefereeEngine'",
    ],
)
def test_modules_import_alone(program):
    """The engine is found while papermill is half imported, and each side can be imported first."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_raw_refusal_is_an_answer_error():
    """The live source's own refusals decode to the error of their kind."""

    class Gone:
        client: Any = None
        killed_because = "it was told to"

        async def alive(self) -> bool:
            return False

        async def interrupt(self) -> None: ...
        async def kill(self, why: str) -> None: ...

    question = Question(ask="get", name="x")
    with pytest.raises(KernelDied, match="the kernel was ended: it was told to"):
        decode_answer(LiveSource(Gone(), LIMITS).exchange(question), question, LIMITS)


def test_a_cell_that_ends_as_it_is_interrupted():
    """A cell that prints too much and ends at that moment is told of the limit on output, and not kept waiting."""
    cells = [code("print('x' * 5000)") for _ in range(12)]
    ran = run(cells, limits=Limits(output_bytes=1000, cell_seconds=30, notebook_seconds=120))
    assert {cell.words for cell in ran.job.cells} == {"it printed more than the limit of 1,000 bytes"}
    assert {each.limit for each in ran.job.exceeded} == {"output_bytes"}
    assert [each.cell for each in ran.job.exceeded] == list(range(12))


def test_a_line_of_a_cell_is_named_without_ipythons_file():
    """What IPython calls a cell's file tells nobody anything; the line in it does."""
    words = outputs.explain("SyntaxError", "unmatched ')' (16765496.py, line 10)")
    assert words == "SyntaxError: unmatched ')' (line 10)"
