"""A grader with a hole is found out: by variants, by misconceptions it does not name, by solutions it refuses."""

import subprocess
import sys
import tempfile

import pytest

from referee import verify
from referee.errors import UsageError
from referee.sandbox.limits import Limits
from referee.verify import Finding, Tried, Wishes, jobs, trials
from tests.conftest import HIDDEN, PUBLIC, SOLUTION, TOML, mini_cells, nbgrader_cell

WEAK = PUBLIC.replace("test_example", "test_weak").replace(
    'student.call("double", 3), 6', 'student.call("double", 0), 0'
)
NAMING = HIDDEN.replace("import assert_matches", "import Misconception, assert_matches").replace(
    "2 * value)", '2 * value, misconceptions=[Misconception("squared", "a hint", value**2)])'
)
ADDS = '"""Adds it to itself."""\n# expect: full marks\n# %% double_solution\ndef double(x):\n    return x + x\n'
SQUARES = ADDS.replace("full marks", "misconception squared").replace("x + x", "x * x")
EXPLAINED = '[[equivalent]]\ncell = "double_solution"\nbefore = "SECRET = 2 * x"\nafter = "{}"\nreason = "a test"\n'


@pytest.fixture
def tried(mini):
    """Tries the small course wholly, in this process: what was found, and what became of the variants."""

    def run(**wishes):
        mini.release()
        found = list(verify.verify(mini.course, mini.course.chosen(None), Wishes(workers=1, **wishes)))
        findings = [each for each in found if isinstance(each, Finding)]
        return findings, [each for each in found if isinstance(each, Tried)]

    return run


def problems(findings: list[Finding]) -> dict[str, tuple[str, ...]]:
    """What is wrong, by trial."""
    return {f"{each.trial} {each.name}".strip(): each.problems for each in findings if each.problems}


def test_every_variant_is_noticed(tried):
    """A grader that asks unseen numbers notices every wrong variant, and the check that did is named."""
    findings, variants = tried()
    assert problems(findings) == {}
    assert {(each.operator, each.state) for each in variants} == {("arithmetic", "killed"), ("constant", "killed")}
    assert all(each.by.startswith("double/") for each in variants)


def test_what_stands_before_a_change_is_not_asked_again(mini, tried, tmp_path):
    """A variant is asked nothing about the cells before its own, which compute what the solution's do."""
    second = SOLUTION.replace("double", "twice").replace("SECRET", "SECRET_2")
    cells = [nbgrader_cell(second, "twice_solution", "solution"), nbgrader_cell('check("twice")', "twice", "check", 1)]
    mini.notebook([*mini_cells(), *cells])
    asked = tmp_path / "asked"
    note = f"    with open({str(asked)!r}, 'a') as file: file.write('x')\n"
    mini.write("graders/public/week/mini.py", PUBLIC + note)
    twice = HIDDEN.replace("test_any", "test_twice").replace('"double"', '"twice"')
    mini.write("graders/hidden/week/mini.py", twice)
    findings, variants = tried()
    assert problems(findings) == {}
    assert {(each.cell, each.state, each.by) for each in variants} == {
        ("double_solution", "killed", "double/test_example"),
        ("twice_solution", "killed", "twice/test_twice"),
    }
    of_double = sum(each.cell == "double_solution" for each in variants)
    assert len(asked.read_text(encoding="utf-8")) == 1  # the solution; whoever is wrong about double ends before
    assert 0 < of_double < len(variants)


def test_a_hole_in_a_grader(mini, tried):
    """A grader that looks at 0 alone takes 3 x for 2 x: this variant survives, with the line that was changed."""
    mini.write("graders/public/week/mini.py", WEAK)
    (mini.root / "graders/hidden/week/mini.py").unlink()
    _, variants = tried()
    survivors = [(each.cell, each.line, each.before, each.after) for each in variants if each.state == "survived"]
    before = variants[0].before
    assert survivors == [("double_solution", variants[0].line, before, before.replace("2", "3"))]


def test_an_explained_variant(mini, tried):
    """A variant that is explained is not run; an explanation of what is no variant is stale."""
    _, variants = tried()
    entry = EXPLAINED.replace("SECRET = 2 * x", variants[0].before)
    mini.write("trials/week/mini/equivalent.toml", entry.format(variants[0].after) + entry.format("return x"))
    findings, again = tried()
    assert [(each.state, each.by) for each in again if each.after == variants[0].after] == [("equivalent", "a test")]
    assert problems(findings) == {
        "proofs": ("equivalent.toml explains what is no variant: double_solution: 'return x'",)
    }


def test_a_check_that_breaks(mini, tried):
    """A check that raises for a reason of its own at a variant has not noticed it: it is broken."""
    odd = HIDDEN.replace(
        "    assert_matches", '    assert 1 / (student.call("double", value) == 2 * value)\n    assert_matches'
    )
    mini.write("graders/hidden/week/mini.py", odd)
    mini.write("graders/public/week/mini.py", WEAK)
    _, variants = tried()
    (broken,) = [each for each in variants if each.operator == "constant"]
    assert (broken.state, "ZeroDivisionError: division by zero" in broken.by) == ("broken", True)


def test_alternatives(mini, tried):
    """Another correct solution has to earn everything."""
    mini.write("trials/week/mini/adds.py", ADDS)
    findings, _ = tried()
    assert problems(findings) == {}
    mini.write("trials/week/mini/adds.py", ADDS.replace("x + x", "x + x + 1"))
    findings, _ = tried()
    assert list(problems(findings)) == ["alternative adds"]


def test_misconceptions(mini, tried):
    """A wrong submission has to be told its mistake by name, and has to lose a point."""
    mini.write("graders/hidden/week/mini.py", NAMING)
    mini.write("trials/week/mini/squares.py", SQUARES)
    findings, _ = tried()
    assert problems(findings) == {}
    mini.write("trials/week/mini/squares.py", SQUARES.replace("x * x", "x * 3"))
    findings, _ = tried()
    (problem,) = problems(findings)["misconception squares"]
    assert problem.startswith("the misconception 'squared' was not recognised")
    mini.write(
        "trials/week/mini/squares.py",
        SQUARES.replace("misconception squared", "loses points").replace("x * x", "2 * x"),
    )
    findings, _ = tried()
    assert problems(findings) == {"wrong squares": ("it loses no point",)}


def test_a_trial_has_the_limits_of_students(mini):
    """A trial may use what a student may where nothing was measured, not the plenty of the author's own run."""
    mini.write("trials/week/mini/adds.py", ADDS)
    mini.release()
    (exercise,) = mini.course.exercises()
    (trial,) = trials.of_exercise(exercise)
    limits = jobs.trial_task(mini.course, exercise, mini.root / "exercises", trial).limits
    assert (limits.memory_mb, limits.cell_seconds) == (Limits().memory_mb, 20)  # the course states the second


def test_what_the_policy_wants(mini, tried):
    """A course may want so many alternatives, a trial for each misconception, and a budget of time."""
    mini.write("graders/hidden/week/mini.py", NAMING)
    wanted = "\n[verify]\nalternatives = 2\nevery_misconception = true\nbudget_seconds = 0.000001\n"
    mini.write("course.toml", TOML + wanted)
    mini.write("trials/week/mini/adds.py", ADDS)
    findings, _ = tried()
    found = problems(findings)
    assert found["proofs"] == (
        "1 alternative solutions; wanted are 2",
        "no trial says `# expect: misconception squared`",
    )
    assert "its budget is 1e-06 s" in found["solution"][0]


def test_what_killed_runs_left_behind_is_removed(tried, tmp_path, monkeypatch):
    """The folders of processes that are gone are removed by the next run, and its own are gone at its end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    process = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    (tmp_path / f"referee-{int(process.stdout)}-verify-left").mkdir()
    tried()
    assert [path.name for path in tmp_path.iterdir() if "verify" in path.name] == []


def test_seeds(tried):
    """With several seeds the solution runs with each of them."""
    findings, _ = tried(seeds=3)
    assert [each.name for each in findings if each.trial == "solution"] == ["seed 1", "seed 2", "seed 3"]
    assert problems(findings) == {}


def test_a_cell_that_is_no_python(mini, tried, cell_of):
    """A cell of which no variants can be made is said to be untried; the others are tried."""
    cells = mini_cells()
    shell = nbgrader_cell("### BEGIN SOLUTION\nlist?\n### END SOLUTION", "shell_solution", "solution")
    mini.notebook([*cells[:3], shell, *cells[3:]])
    findings, variants = tried()
    assert any("no variants of the cell shell_solution" in each for each in problems(findings)["proofs"])
    assert {each.cell for each in variants} == {"double_solution"}


def test_quick_parameters(mini, tried, cell_of):
    """A variant that little training cannot tell from the solution is run at length before it counts as survived."""
    cells = mini_cells()
    cells[1].source = "seed = 0\nepochs = 5"
    cells[2].source = cells[2].source.replace("2 * x", "2 * x if epochs > 1 else 0 * x + 7")
    mini.notebook(cells)
    mini.write("course.toml", TOML + "\n[assignment.week.quick]\nepochs = 1\n")
    findings, variants = tried()
    assert problems(findings) == {}
    by_after = {each.after: each.state for each in variants}
    assert by_after[next(after for after in by_after if "3 * x" in after)] == "killed"


def test_no_such_device(tried, monkeypatch):
    """A device that this machine lacks is an error of the command, before anything runs."""
    monkeypatch.setattr("referee.batch.room.gpus", lambda: ())
    with pytest.raises(UsageError, match="a CUDA device"):
        tried(device="cuda")


def test_one_notebook(mini):
    """A notebook is chosen by its assignment and its own name; a wrong name lists the right ones."""
    assert [exercise.name for exercise in mini.course.chosen("week/mini")] == ["week/mini"]
    with pytest.raises(UsageError, match="one of the notebooks mini of week"):
        mini.course.chosen("week/maxi")


def test_a_misconception_that_needs_a_whole_training(mini, tried):
    """A misconception that little training does not show is looked for at length before it counts as not recognised."""
    cells = mini_cells()
    cells[1].source = "seed = 0\nepochs = 5"
    mini.notebook(cells)
    mini.write("course.toml", TOML + "\n[assignment.week.quick]\nepochs = 1\n")
    mini.write("graders/hidden/week/mini.py", NAMING)
    mini.write("trials/week/mini/squares.py", SQUARES.replace("x * x", "x * x if epochs > 1 else 2 * x"))
    findings, _ = tried()
    assert problems(findings) == {}
    (found,) = [each for each in findings if each.trial == "misconception"]
    assert found.earned < found.points


def test_quick_mode(mini, tried, cell_of):
    """The quick mode runs no trial, few variants, and none of a notebook that trains."""
    mini.write("trials/week/mini/adds.py", ADDS.replace("x + x", "x + x + 1"))
    findings, variants = tried(quick=True)
    assert (problems(findings), len(variants)) == ({}, 2)
    mini.write("course.toml", TOML + "\n[assignment.week.quick]\nseed = 1\n")
    findings, variants = tried(quick=True)
    assert (problems(findings), variants) == ({}, [])
