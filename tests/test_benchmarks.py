"""What the benchmarks say and refuse; how long anything takes is not tested here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output

from ci.benchmarks import __main__ as bench
from ci.benchmarks import endurance, kernels, machine, measure, notebooks, runs, table, ways
from referee.errors import HarnessError, UsageError

ROLLUP = """555-777 ---p 00000000 00:00 0    [rollup]
Rss:                4096 kB
Pss:                2048 kB
Pss_Anon:           1024 kB
Private_Clean:       512 kB
Private_Dirty:      1536 kB
"""


def row(way: str, width: int, walls: list[float], **extra: Any) -> dict[str, Any]:
    place = {"topic": "numpy", "way": way, "kernels": "", "at_a_time": width, "notebooks": len(walls)}
    use = {"kernel_cpu": table.summary([0.5]), "driver_cpu": table.summary([]), "memory": None}
    return {**place, "wall": table.summary(walls), **use, **extra}


def rows() -> list[dict[str, Any]]:
    """Rounds in which the machine was slower and slower, alike for all ways."""
    return [
        row("nbgrader", 1, [0.5, 1.0, 2.0], memory={"pss_mib": 55.4, "own_mib": 49.0, "rss_mib": 70.0}),
        row("referee", 1, [0.025, 0.05, 0.1], kernels="warm"),
        row("inside", 1, [0.4, 0.8, 1.6]),
        row("floor", 1, [0.01, 0.03, 0.075]),
        row("referee", 2, [0.025, 0.05, 0.1], kernels="warm"),
    ]


def measured() -> dict[str, Any]:
    idle = {"load": [0.0, 0.25, 1.5], "busy": []}
    return {
        "machine": {
            "cores": 2,
            "cpu": "A processor",
            "memory_gib": 23.5,
            "system": "Linux 6",
            "python": "3.11.7",
            "packages": {"numpy": "2.4.6"},
            "code": "f2d3ea2+",
            "date": "2026-11-23 03:45 UTC",
        },
        "start": idle,
        "end": {**idle, "busy": [{"pid": 7, "name": "stress", "cores": 0.9}]},
        "settings": {"rounds": 3},
        "method": ["how it is measured"],
        "notes": ["a note"],
        "rows": rows(),
        "targets": kernels.targets(rows()),
    }


TABLE = """\
machine   2 cores, A processor, 23.5 GiB, Linux 6
versions  Python 3.11.7, numpy 2.4.6
date      2026-11-23 03:45 UTC, code f2d3ea2+
load      0.00, 0.25, 1.50 at the start, 0.00, 0.25, 1.50 at the end (1, 5, 15 minutes)
WARNING   other processes were busy at the end, so the times are too long: stress (7, 90%)

numpy: a dense layer with softmax, one forward pass
  way                  at once               wall s  x nbgrader  in process  over floor  CPU s  driver s  PSS  own
  nbgrader autograde         1  1.000 (0.750-1.500)           -         0.8         970  0.500         -   55   49
  Referee warm               1  0.050 (0.038-0.075)        20.0        16.0          20  0.500         -    -    -
  nbgrader in process        1  0.800 (0.600-1.200)         1.2           -         770  0.500         -    -    -
  floor: a bare fork         1  0.030 (0.020-0.052)        33.3        26.7           -  0.500         -    -    -
  Referee warm               2  0.050 (0.038-0.075)        20.0        16.0           -  0.500         -    -    -

targets
  numpy  one at a time  times nbgrader    at least 18  20.0 (20.0-20.0)  met
  numpy  one at a time  above floor     at most 35 ms        20 (18-23)  met
  numpy  two at a time  times nbgrader    at least 24  20.0 (20.0-20.0)  MISSED

- 3 rounds
- how it is measured
- a note"""


def test_the_table_is_a_picture():
    """The whole table: aligned, with warnings, what was reached beside what is wanted, and a dash for the unknown."""
    assert kernels.text(measured()) == TABLE


def test_the_table_is_made_of_the_data_alone():
    """The table of data that went through a JSON file is the same table."""
    assert kernels.text(json.loads(json.dumps(measured()))) == TABLE


def test_ratios_are_taken_within_a_round():
    """What slows the machine in one round slows all ways, and leaves the ratio as it is."""
    found = kernels.times(rows(), rows()[1])
    assert found is not None
    assert found["samples"] == [20.0, 20.0, 20.0]


def test_no_ratio_without_the_other_way():
    """Where nbgrader or the floor was not measured, nothing is compared with it, and no target is judged."""
    alone = [row("referee", 1, [0.1])]
    assert kernels.times(alone, alone[0]) is None
    assert kernels.targets(alone) == []


def test_quartiles():
    """The median with its quartiles; one sample is all three; no sample is no figure."""
    assert table.summary([4.0, 1.0, 3.0, 2.0, 5.0]) == {
        "median": 3.0,
        "q1": 2.0,
        "q3": 4.0,
        "samples": [4.0, 1.0, 3.0, 2.0, 5.0],
    }
    assert table.shown(table.summary([0.2154])) == "0.215 (0.215-0.215)"
    assert table.shown(table.summary([-0.002, -0.001]), ".0f", 1000) == "-2 (-2 to -1)"
    assert table.summary([]) is None
    assert table.shown(None) == "-"


def test_two_drivers_are_one_figure_per_notebook():
    """Two that work at the same time: from the first start to the last end, for all their notebooks."""
    reply: dict[str, Any] = {"began": 10.0, "ended": 11.0, "notebooks": 2, "kernel_cpu": 1.0, "driver_cpu": 0.2}
    first = {**reply, "memory": [{"pss_mib": 40.0}]}
    second = {**reply, "ended": 12.0, "memory": [{"pss_mib": 60.0}]}
    found = measure.together([first, second])
    assert (found["wall"], found["kernel_cpu"], found["driver_cpu"]) == (0.5, 0.5, 0.1)
    assert found["memory"] == {"pss_mib": 50.0}
    assert measure.together([first, {**second, "kernel_cpu": None}])["kernel_cpu"] is None


def test_memory_is_read_from_what_the_cell_printed():
    """PSS and RSS in MiB, and what no other process maps; a system without smaps_rollup says nothing."""
    assert notebooks.memory_of(ROLLUP) == {"pss_mib": 2.0, "rss_mib": 4.0, "own_mib": 2.0}
    assert notebooks.memory_of("7850\n") is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["kernel"],
            "wanted: one of the benchmarks: kernels, endurance, throughput, nbgrader, regrade, scale, class_page\n"
            "found:  'kernel'\nnext:   ci/bench kernels",
        ),
        (["kernels", "--rounds", "0"], "argument --rounds: wanted a whole number from 1 on, found '0'"),
        (["kernels", "--rounds", "many"], "argument --rounds: wanted a whole number from 1 on, found 'many'"),
        (["kernels", "--only", "keras,jax"], "argument --only: wanted some of keras,torch,numpy, found 'jax'"),
        (
            ["kernels", "--ways", ","],
            "argument --ways: wanted some of nbgrader,inside,papermill,referee,graded,floor, found ','",
        ),
        (["kernels", "--fast"], "found:  unrecognized arguments: --fast\nnext:   ci/bench kernels --help"),
    ],
)
def test_a_wrong_command_is_explained(arguments, words, capsys):
    """What was wanted, what was found, what to do next; exit code 2."""
    assert bench.main(arguments) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert not said.out


def test_the_benchmarks_are_listed(capsys):
    """Without a name the command says which benchmarks there are."""
    assert bench.main([]) == 0
    assert "  kernels     a light notebook by nbgrader" in capsys.readouterr().out


def test_what_is_not_installed_is_named(monkeypatch):
    """A framework that is missing is named before anything is measured."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else object())
    with pytest.raises(UsageError, match="no torch"):
        kernels.main(["--only", "torch"])


@pytest.mark.parametrize("chosen", ["keras,numpy", "numpy, keras"])
def test_choices_keep_their_order(chosen):
    """Choices run in the order of the table, however they are written."""
    assert kernels.parser().parse_args(["--only", chosen]).only == ("keras", "numpy")


@pytest.mark.parametrize("topic", notebooks.TOPICS.values(), ids=lambda topic: topic.name)
def test_all_ways_run_the_same_cells(topic):
    """Only what is graded differs, and only in the graded cell."""
    plain, graded = notebooks.notebook(topic), notebooks.notebook(topic, check=True)
    different = [old.id for old, new in zip(plain.cells, graded.cells, strict=True) if old != new]
    assert different == [notebooks.CHECK]
    assert notebooks.code(notebooks.notebook(topic, memory=True))[:-1] == notebooks.code(plain)


def test_the_numpy_notebook_computes_what_it_claims():
    """The cells run, and the assertion of the graded cell holds."""
    space: dict[str, Any] = {}
    for source in notebooks.code(notebooks.notebook(notebooks.NUMPY)):
        exec(source, space)
    assert space["probabilities"].sum() == pytest.approx(1)


@pytest.mark.parametrize("way", list(ways.WAYS))
def test_every_way_has_a_place_in_a_round(way):
    """Each way of the table is run by one of the drivers, whatever the row is called."""
    asked = {kernels.Slot(name, 2, 1).request()[0] for name in kernels.WAYS}
    assert way in asked


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the floor forks")
def test_a_driver_runs_and_ends(tmp_path):
    """The floor's driver runs four notebooks, two at a time, tells their memory, and is gone after its fleet."""
    with measure.fleet("numpy", tmp_path) as fleet:
        found = fleet.ask("floor", 1, {"do": "run", "notebooks": 2, "width": 2, "memory": False})
        memory = fleet.ask("floor", 1, {"do": "run", "notebooks": 1, "width": 1, "memory": True})["memory"]
        process = next(iter(fleet._drivers.values()))._process
    assert found["notebooks"] == 4
    assert found["kernel_cpu"] > 0
    assert memory is None if sys.platform != "linux" else memory["own_mib"] < memory["rss_mib"]
    assert process.returncode == 0


def test_a_way_that_fails_says_why(tmp_path):
    """A request that no driver understands comes back as the driver's traceback, and the driver ends all the same."""
    with pytest.raises(HarnessError, match="KeyError: 'width'"), measure.fleet("numpy", tmp_path) as fleet:
        fleet.ask("floor", 1, {"do": "run", "notebooks": 1})


def test_the_workshop_is_gone_afterwards():
    """Whatever ends a benchmark, its folder does not stay."""
    left: list[Path] = []

    def stop() -> None:
        with measure.workshop() as folder:
            (folder / "file").write_text("")
            left.append(folder)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop()
    assert not left[0].exists()


def test_a_wrong_result_is_not_timed():
    """A notebook with an error in a cell ends the benchmark."""
    made = notebooks.notebook(notebooks.NUMPY)
    made.cells[1].outputs = [new_output("error", ename="NameError", evalue="x", traceback=[])]
    with pytest.raises(RuntimeError, match="NameError: x"):
        runs.checked({}, [made])


def test_the_machine_is_described():
    """The head of a table names the processor, the versions and who else was busy."""
    described = machine.describe(["numpy", "no-such-package"])
    assert list(described["packages"]) == ["numpy"]
    idle: dict[str, Any] = {"load": [0.9, 0.5, 0.1], "busy": []}
    assert "something else was busy a moment before" in machine.lines(described, idle, idle)[-1]


def test_the_command_itself():
    """`ci/bench` works from any folder."""
    command = Path(bench.__file__).parent.parent / "bench"
    done = subprocess.run([command, "nothing"], cwd="/", capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "ci/bench: UsageError" in done.stderr


def test_what_endures_is_a_picture():
    """The table of the endurance run: what failed is counted, and said below."""
    idle = {"load": [0.0, 0.0, 0.0], "busy": []}
    row = {
        "at_a_time": 2,
        "notebooks": 3,
        "wall": 2.4,
        "seconds": table.summary([0.7, 0.8, 0.9]),
        "slowest": 0.9,
        "failed": ["notebook 2: cell 1 died: the process exited"],
        "parent_mib": [435.6, 435.7],
        "processes_left": 0,
        "files_left": [],
    }
    data = {"machine": measured()["machine"], "start": idle, "end": idle, "rows": [row]}
    assert endurance.text(data).splitlines()[5:] == [
        "at once  notebooks  wall s               s each  slowest  failed      parent MiB  processes left  files left",
        "      2          3       2  0.800 (0.750-0.850)     0.90       1  435.6 to 435.7               0           0",
        "",
        "- s each: of one notebook, its kernel's start and end included; median (quartiles)",
        "- parent: its memory that no file backs, at the start and at the end",
        "notebook 2: cell 1 died: the process exited",
    ]


def test_endurance_takes_a_number_and_widths():
    """How many notebooks, and how many at a time."""
    options = endurance.parser().parse_args(["--notebooks", "7", "--widths", "2"])
    assert (options.notebooks, options.widths) == (7, ("2",))
    with pytest.raises(UsageError, match="wanted some of 1,2"):
        endurance.parser().parse_args(["--widths", "3"])
