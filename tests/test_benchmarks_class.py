"""The benchmarks over a class: what they say, refuse and check; how long anything takes is not tested here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_output

from ci.benchmarks import __main__ as bench
from ci.benchmarks import (
    command,
    coordinator,
    light_class,
    measure,
    notebooks,
    recordings,
    regrade,
    scale,
    table,
    throughput,
)
from referee import workflow
from referee.batch import store
from referee.errors import HarnessError

ROOT = Path(bench.__file__).resolve().parent.parent.parent
IDLE: dict[str, Any] = {"load": [0.0, 0.25, 1.5], "busy": []}
MACHINE = {
    "cores": 2,
    "cpu": "A processor",
    "memory_gib": 23.5,
    "system": "Linux 6",
    "python": "3.11.7",
    "packages": {"numpy": "2.4.6"},
    "code": "f2d3ea2+",
    "date": "2026-11-27 03:45 UTC",
}
HEAD = """\
machine   2 cores, A processor, 23.5 GiB, Linux 6
versions  Python 3.11.7, numpy 2.4.6
date      2026-11-27 03:45 UTC, code f2d3ea2+
load      0.00, 0.25, 1.50 at the start, 0.00, 0.25, 1.50 at the end (1, 5, 15 minutes)

"""


def measured(**own: Any) -> dict[str, Any]:
    """Data as a benchmark returns it, and as it comes back from a file."""
    made: dict[str, Any] = json.loads(json.dumps({"machine": MACHINE, "start": IDLE, "end": IDLE, **own}))
    return made


@pytest.fixture
def workshop() -> Iterator[Path]:
    """A folder with a short name, as the benchmarks use: the name of a kernel's socket has to fit in 100 characters."""
    with measure.workshop() as folder:
        yield folder


# --- whole commands ---------------------------------------------------------------------------------------------------

ORPHAN = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while time.process_time() < 0.3:
            pass
    os._exit(0)
print("gone")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can adopt a process")
def test_the_cpu_of_an_orphan_is_counted(tmp_path):
    """A process that outlives its parent, in a session of its own, is waited for, and what it used is not lost."""
    ran = command.run([sys.executable, "-c", ORPHAN], tmp_path)
    assert ran.printed == "gone\n"
    assert ran.cpu >= 0.3


def test_a_command_that_fails_is_an_error(tmp_path):
    """What fails is not timed: the error shows the command and its last words."""
    with pytest.raises(HarnessError, match="status 3: no such assignment"):
        command.run(
            [sys.executable, "-c", "import sys; print('no such assignment', file=sys.stderr); sys.exit(3)"], tmp_path
        )


def test_what_a_command_printed_is_data(tmp_path):
    """A command runs in its folder, and its JSON can be read."""
    ran = command.run([sys.executable, "-c", "import json, os; print(json.dumps([os.getcwd()]))"], tmp_path)
    assert ran.data == [str(tmp_path)]


# --- throughput -------------------------------------------------------------------------------------------------------


def row(topic: str, way: str, walls: list[float], cpus: list[float], submissions: int = 20) -> dict[str, Any]:
    return {
        "topic": topic,
        "way": way,
        "submissions": submissions,
        "wall": table.summary(walls),
        "cpu": table.summary(cpus),
    }


def rows() -> list[dict[str, Any]]:
    """Two rounds, in the second of which the machine was half as fast, alike for all ways."""
    return [
        row("keras", "nbgrader", [4.0, 8.0], [3.0, 6.0]),
        row("keras", "papermill", [3.0, 6.0], [2.0, 4.0]),
        row("keras", "referee-1", [0.5, 1.0], [0.5, 1.0]),
        row("keras", "referee-2", [0.25, 0.5], [0.5, 1.0]),
    ]


THROUGHPUT = """\
keras: build cnn2 (36,314 parameters), count them, one forward pass; 20 submissions
  way                                wall s                CPU s  x nbgrader  CPU x  x papermill  CPU x
  nbgrader autograde    6.000 (5.000-7.000)  4.500 (3.750-5.250)           -      -          0.8    0.7
  papermill loop        4.500 (3.750-5.250)  3.000 (2.500-3.500)         1.3    1.5            -      -
  Referee, one worker   0.750 (0.625-0.875)  0.750 (0.625-0.875)         8.0    6.0          6.0    4.0
  Referee, two workers  0.375 (0.312-0.438)  0.750 (0.625-0.875)        16.0    6.0         12.0    4.0

- rounds: 2
- how it is measured"""


def test_throughput_is_a_picture():
    """Each way's wall clock and CPU, and the ratios, which were taken within a round."""
    data = measured(settings={"rounds": 2}, method=["how it is measured"], rows=rows())
    assert throughput.text(data) == HEAD + THROUGHPUT


def test_the_whole_class_is_all_topics():
    """All topics together: their times for all their submissions, round by round."""
    other = [row("numpy", each["way"], [1.0, 1.0], [1.0, 1.0], submissions=10) for each in rows()]
    whole = throughput.together([*rows(), *other])
    assert [each["topic"] for each in whole] == ["class"] * 4
    assert whole[0]["submissions"] == 30
    assert whole[0]["wall"]["samples"] == [(4.0 * 20 + 10) / 30, (8.0 * 20 + 10) / 30]
    data = measured(settings={"rounds": 2}, method=[], rows=whole)
    assert "class: all topics together; 30 submissions" in throughput.text(data)


def test_a_class_is_spread_over_its_topics():
    """Every topic has its share, and nobody is left over."""
    assert throughput._shares(60, ["keras", "torch", "numpy"]) == {"keras": 20, "torch": 20, "numpy": 20}
    assert throughput._shares(5, ["keras", "numpy"]) == {"keras": 3, "numpy": 2}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["throughput", "--students", "0"], "argument --students: wanted a whole number from 1 on, found '0'"),
        (["throughput", "--students", "2"], "wanted: a student for each of the topics keras, torch, numpy"),
        (["throughput", "--only", "jax"], "argument --only: wanted some of keras,torch,numpy, found 'jax'"),
        (["regrade", "--assignment", "week"], "wanted some of cnn_mnist,convolution, found 'week'"),
        (["regrade", "--sample", "2"], "wanted: a sample of more than 2, out of as many --students or more"),
        (["regrade", "--students", "5"], "found:  --sample 12 of --students 5"),
        (["scale", "--sizes", "1,10"], "wanted whole numbers from 2 on, with commas between them, found '1,10'"),
        (["scale", "--sizes", ""], "wanted whole numbers from 2 on, with commas between them, found ''"),
    ],
)
def test_a_wrong_command_is_explained(arguments, words, capsys):
    """What was wanted and what was found, before anything is measured; exit code 2."""
    assert bench.main(arguments) == 2
    assert words in capsys.readouterr().err


def test_the_benchmarks_are_registered(capsys):
    """The command lists them, and each is a module with a `main` and a `text`."""
    assert bench.main([]) == 0
    said = capsys.readouterr().out
    assert all(f"  {module.__name__.rpartition('.')[2]} " in said for module in (throughput, regrade, scale))


def test_each_way_is_run_and_checked(workshop):
    """A class of one goes through nbgrader, papermill and Referee; a result that is not there is an error."""
    ways = throughput._Ways(workshop / "numpy", "numpy", 1)
    for way in ("nbgrader", "papermill", "referee-1"):
        assert ways.run(way).cpu > 0
    for course in ("nbgrader", "referee"):
        with pytest.raises(HarnessError, match="full marks for numpy"):
            light_class.claim_graded(workshop / "numpy" / course, "numpy", 2)


def test_a_notebook_that_failed_is_an_error(tmp_path):
    """A notebook of papermill's counts when all its cells ran, without an error."""
    made = notebooks.notebook(notebooks.NUMPY)
    nbformat.write(made, tmp_path / "a.ipynb")
    with pytest.raises(HarnessError, match="others"):
        light_class.claim_executed(tmp_path, 1)
    for number, cell in enumerate(cell for cell in made.cells if cell.cell_type == "code"):
        cell.execution_count = number + 1
    nbformat.write(made, tmp_path / "a.ipynb")
    light_class.claim_executed(tmp_path, 1)
    made.cells[1].outputs = [new_output("error", ename="NameError", evalue="x", traceback=[])]
    nbformat.write(made, tmp_path / "a.ipynb")
    with pytest.raises(HarnessError, match="NameError: x"):
        light_class.claim_executed(tmp_path, 1)


def test_submissions_are_different_files(tmp_path):
    """No two students hand in the same file, and what their cells compute is the same."""
    light_class.as_files(tmp_path / "class", "numpy", 2)
    texts = {path.read_bytes() for path in (tmp_path / "class").glob("*.ipynb")}
    assert len(texts) == 2
    codes = {tuple(notebooks.code(nbformat.reads(text.decode(), as_version=4))) for text in texts}
    assert codes == {tuple(notebooks.code(notebooks.notebook(notebooks.NUMPY)))}


# --- regrade ----------------------------------------------------------------------------------------------------------


def regraded() -> dict[str, Any]:
    return {
        "assignment": "cnn_mnist",
        "change": "another floor",
        "students": 300,
        "graded": 12,
        **regrade.extrapolated(24.0, 124.0, 12, 300),
        "shown": {"wall": 20.0, "cpu": 22.0},
        "applied": {"wall": 40.0, "cpu": 44.0},
    }


REGRADE = """\
assignment  students  graded  s each  again s  regrade s  CPU s    x  --apply s  CPU s   x
cnn_mnist        300      12  10.000     3004       20.0   22.0  150       40.0   44.0  75

targets of regrade --apply
  cnn_mnist  times faster  at least 100  75.1  MISSED
  cnn_mnist  seconds         at most 30  40.0  MISSED

- cnn_mnist: another floor
- how it is measured"""


def test_a_regrade_is_a_picture():
    """A class graded again in both ways, and what a regrade has to reach."""
    data = measured(rows=[regraded()], targets=list(regrade.targets(regraded())), method=["how it is measured"])
    assert regrade.text(data) == HEAD + REGRADE


def test_a_regrade_can_reach_its_targets():
    """Both are met by a regrade that is fast enough."""
    fast = {**regraded(), "applied": {"wall": 30.0, "cpu": 30.0}}
    assert [target["met"] for target in regrade.targets(fast)] == [True, True]


def test_a_class_is_extrapolated_from_two_and_a_sample():
    """What the command itself costs counts once; where everybody was graded, nothing is extrapolated."""
    assert regrade.extrapolated(24.0, 124.0, 12, 300) == {"each": 10.0, "fixed": 4.0, "again": 3004.0}
    assert regrade.extrapolated(4.0, 8.0, 42, 42)["again"] == pytest.approx(8.0)


@pytest.mark.parametrize("name", regrade.CASES)
def test_the_edits_fit_the_graders(name):
    """What a case edits stands once in this course's hidden grader."""
    case = regrade.CASES[name]
    text = (ROOT / "graders" / "hidden" / name / f"{case.grader}.py").read_text(encoding="utf-8")
    assert text.count(case.old) == 1


def test_recordings_of_a_class_are_those_of_real_gradings(mini):
    """Everybody's checks ask one kernel, each with its own numbers: the reports stand, and grading gives the same."""
    mini.release()
    for student in ("ada", "bob", "cora"):
        mini.hand_in(student)
    workflow.settle_limits(mini.course, "week", lambda _words: None, 1)
    recordings.make(mini.course, "week", ["ada", "bob", "cora"])
    made = reports(mini.course)
    assert workflow.grade_assignment(mini.course, "week", progress=lambda _words: None).kept == 3
    workflow.grade_assignment(mini.course, "week", progress=lambda _words: None, again=True)
    assert reports(mini.course) == made
    assert len({report.notebooks[0].answers for report in made}) == 3


def reports(course: Any) -> list[Any]:
    found = [store.read_report(store.report_path(course, "week", name)) for name in ("ada", "bob", "cora")]
    return [report.without_timings() for report in found if report is not None]


def test_a_light_class_is_regraded(workshop):
    """Two students of this repository's course are graded, a tolerance changes, and nothing runs again."""
    group = regrade._Class(regrade._course(workshop / "course"), "convolution", 2, 2)
    group.grade(group.students)
    group.edit()
    done = group.regrade("--apply").data
    assert (done["number"], done["scores"]) == (1, [])  # other graders, and nobody's score changed
    with pytest.raises(HarnessError, match="other text"):
        group.edit()


# --- scale ------------------------------------------------------------------------------------------------------------


def run(submissions: int, cpu: float) -> dict[str, Any]:
    phases = {name: {"wall": cpu * submissions, "cpu": cpu * submissions / 5} for name in scale.PHASES}
    memory = {"now": 150.0, "most": 150 + submissions / 100}
    return {"wall": 2 + 2 * cpu * submissions, "cpu": 1 + cpu * submissions, "phases": phases, "memory": memory}


def sized(submissions: int, cpu: float) -> dict[str, Any]:
    """A class in which a submission costs so much, beside 1 s for the command."""
    runs, one = (dict.fromkeys(scale.RUNS, run(number, cpu)) for number in (submissions, 1))
    return scale._row(submissions, runs, one)


SCALE = """\
everybody is graded; ms per submission
  submissions  total s   wall   CPU  plan  write  pages  gradebook  rest  most MiB  KiB each
          101      3.0  10.00  5.00  1.00   1.00   1.00       1.00  1.00       151      10.2
         1001     18.0  16.00  8.00  1.60   1.60   1.60       1.60  1.60       160      10.2

nothing has changed; ms per submission
  submissions  total s   wall   CPU  plan  write  pages  gradebook  rest  most MiB  KiB each
          101      3.0  10.00  5.00  1.00   1.00   1.00       1.00  1.00       151      10.2
         1001     18.0  16.00  8.00  1.60   1.60   1.60       1.60  1.60       160      10.2

targets
  everybody is graded  CPU, largest over smallest  at most 1.3  1.60  MISSED
  nothing has changed  CPU, largest over smallest  at most 1.3  1.60  MISSED

- how it is measured"""


def test_the_scale_is_a_picture():
    """What a submission costs in classes of different sizes, by phase, and whether it is the same in all."""
    found = [sized(101, 0.005), sized(1001, 0.008)]
    data = measured(rows=found, targets=list(scale.targets(found)), method=["how it is measured"])
    assert scale.text(data) == HEAD + SCALE


def test_flat_is_met():
    """A submission that costs the same in a large class; a single size says nothing of it."""
    assert [target["met"] for target in scale.targets([sized(101, 0.005), sized(1001, 0.006)])] == [True, True]
    assert list(scale.targets([sized(101, 0.005)])) == []


def test_no_figure_where_the_system_does_not_say_the_memory():
    """Elsewhere than on Linux there is a dash."""
    bare = {**run(101, 0.005), "memory": {}}
    cost = scale.per_submission(101, bare, {**run(1, 0.005), "memory": {}})
    assert cost["memory_mib"] is None
    row = {"submissions": 101, "first": cost, "second": cost}
    assert scale._table([row], "first")[1].endswith("-         -")


@pytest.mark.parametrize(("size", "times"), [(1, 3), (300, 3), (301, 1)])
def test_small_classes_are_measured_three_times(size, times, monkeypatch):
    """The try in the middle stands for a small class, for each of the two runs on its own."""
    tries = [
        dict(zip(scale.RUNS, (run(1, first), run(1, second)), strict=True))
        for first, second in ((3, 4), (1, 6), (2, 5))
    ]
    asked = iter(tries)
    monkeypatch.setattr(scale, "_run", lambda *_arguments: next(asked))
    found = scale._runs(Path(), Path(), size)
    assert [found[each]["cpu"] for each in scale.RUNS] == ([3, 6] if times == 3 else [4, 5])
    assert len(list(asked)) == 3 - times


def test_sizes_are_sorted():
    """The sizes of classes, however they are written."""
    assert scale.parser().parse_args(["--sizes", "30, 10,30"]).sizes == (10, 30)


def test_a_phase_within_another_is_counted_once():
    """Each phase has its own time, without that of the phases which it calls."""
    clock = coordinator.Clock()
    inner = clock.timed("inner", lambda: 3)
    outer = clock.timed("outer", lambda: inner() + inner())
    assert outer() == 6
    assert set(clock.phases) == {"inner", "outer"}
    assert clock._inside == []


def test_the_coordinator_grades_a_class_that_nobody_runs(workshop):
    """Three submissions by one real grading's outcome: all with full marks, and at the second run all reports stand."""
    template = scale._template(workshop)
    runs = scale._run(workshop, template, 3)
    assert [runs[each]["kept"] for each in scale.RUNS] == [0, 3]
    assert set(runs["first"]["phases"]) == set(scale.PHASES)
    assert not (workshop / "course-3").exists()
