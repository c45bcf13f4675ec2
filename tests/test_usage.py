"""Limits from the solution's own run: generous, coarse, and never in the way of what a course states."""

import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.report import CellRun, CellStatus, Environment, Exceeded, NotebookReport, Timings, Usage
from referee.sandbox.limits import Limits
from referee.usage import FLOORS, Derivation, Origin, derive, load, of_run, origin, roomy, save, step

seconds = st.floats(0, 1e6)
counts = st.integers(0, 10**10)
usages = st.builds(
    Usage, seconds=seconds, cell_seconds=seconds, question_seconds=seconds, cpu_seconds=seconds, memory_mb=counts,
    processes=counts, disk_mb=counts, output_bytes=counts, notebook_output_bytes=counts,
)  # fmt: skip
stated = st.dictionaries(st.sampled_from(Limits.__struct_fields__), st.integers(64, 10**6), max_size=6)
times = st.floats(1, 20).map(lambda value: Derivation(times=value))
floors = st.sampled_from(sorted(FLOORS.values()))
USE = Usage(seconds=41, cell_seconds=18.5, question_seconds=0.4, cpu_seconds=60, memory_mb=702, processes=44, disk_mb=3)
HERE = Origin(files="f", parameters={"epochs": 10}, referee="0.1", platform="p")


def share(use: Usage, limit: str) -> float:
    return float(getattr(use, "seconds" if limit == "notebook_seconds" else limit))


# ----- from use to limits


def test_the_limits_of_a_small_network():
    """A use that is modest gives the floors, and one that is not gives five times as much, rounded up."""
    limits = derive(USE, Derivation(), {})
    assert {name: getattr(limits, name) for name in FLOORS} == {
        "cell_seconds": 150,
        "notebook_seconds": 240,
        "question_seconds": 10,
        "memory_mb": 5120,
        "processes": 256,
        "disk_mb": 256,
        "output_bytes": 1_000_000,
        "notebook_output_bytes": 20_000_000,
    }


@given(usages, usages, times)
def test_who_uses_more_never_gets_less(one, other, how):
    """Derived limits are monotone: none falls when a use grows."""
    small, large = derive(one, how, {}), derive(one.most(other), how, {})
    assert all(getattr(small, name) <= getattr(large, name) for name in FLOORS)


@given(usages, times)
def test_a_derived_limit_leaves_room(use, how):
    """No derived limit is below its floor, nor below the stated multiple of what the solution used."""
    limits = derive(use, how, {})
    assert all(getattr(limits, name) >= floor for name, floor in FLOORS.items())
    assert all(getattr(limits, name) >= how.times * share(use, name) for name in FLOORS)


@given(usages, stated, times)
def test_a_stated_limit_always_wins(use, given_ones, how):
    """Whatever was used, a limit that the course states holds; what nobody measures keeps its default."""
    limits, default = derive(use, how, given_ones), Limits()
    assert {name: getattr(limits, name) for name in given_ones} == given_ones
    others = set(Limits.__struct_fields__) - FLOORS.keys() - given_ones.keys()
    assert all(getattr(limits, name) == getattr(default, name) for name in others)


@given(usages, stated, st.dictionaries(st.sampled_from(sorted(FLOORS)), st.integers(64, 10**6)))
def test_a_derived_limit_stays_below_the_most(use, given_ones, most):
    """What course.toml calls the most is the most that is derived, and lowers no limit that is stated."""
    for limits in (derive(use, Derivation(most=most), given_ones), roomy(Derivation(most=most), given_ones)):
        for name, value in most.items():
            assert getattr(limits, name) == given_ones[name] if name in given_ones else getattr(limits, name) <= value


@given(st.floats(0, 1e12), floors)
def test_rounding_twice_is_rounding_once(value, floor):
    """A limit on the ladder stays where it is, and the next one is never twice as far."""
    rounded = step(value, floor)
    assert step(rounded, floor) == rounded
    assert rounded >= value
    assert rounded == floor or rounded < 2 * value


def test_the_ladder():
    """From one step to the next it is coarse enough that another measurement mostly gives the same limit."""
    assert sorted({step(value, 30) for value in range(700)}) == [30, 45, 60, 90, 150, 210, 300, 450, 600, 900]


def test_a_notebook_may_take_the_time_that_a_cell_may():
    """A cell's stated limit is not undone by a smaller one that is derived for the whole notebook."""
    limits = derive(USE, Derivation(), {"cell_seconds": 900, "output_bytes": 50_000_000})
    assert (limits.notebook_seconds, limits.notebook_output_bytes) == (900, 50_000_000)


def test_the_run_that_is_measured_has_room():
    """The solution's own run is under what is stated, and elsewhere under far more than the defaults."""
    limits, default = roomy(Derivation(), {"memory_mb": 512}), Limits()
    assert limits.memory_mb == 512
    assert all(getattr(limits, name) == 10 * getattr(default, name) for name in FLOORS if name != "memory_mb")


# ----- which runs count


def run(*statuses: CellStatus, refused: str = "", **timings: Any) -> NotebookReport:
    return NotebookReport(
        notebook="n",
        fingerprint="f",
        environment=Environment(referee="1", python="3", platform="p"),
        refused=refused,
        cells=tuple(CellRun(index=place, grade_id="", status=status) for place, status in enumerate(statuses)),
        timings=Timings(**{"usage": USE, **timings}),
    )


def test_a_run_that_ended_well_counts():
    """A run of which every cell ended well tells what the notebook uses."""
    assert of_run(run(CellStatus.OK, CellStatus.OK)) == USE


@pytest.mark.parametrize("status", [status for status in CellStatus if status is not CellStatus.OK], ids=str)
def test_a_run_that_ended_early_does_not_count(status):
    """A cell that raised, was stopped or never ran would have used more."""
    assert of_run(run(CellStatus.OK, status)) is None


def test_a_run_without_a_measurement_does_not_count():
    """A notebook that was refused, was not measured, or was stopped by a limit says nothing about its use."""
    stopped = Exceeded(limit="question_seconds", allowed=1, used=2)
    assert of_run(run(refused="no")) is None
    assert of_run(run(CellStatus.OK, usage=Usage())) is None
    assert of_run(run(CellStatus.OK, exceeded=(stopped,))) is None


# ----- on disk


@given(usages)
def test_a_record_comes_back_as_it_was(use):
    """What was saved is what is loaded."""
    # not pytest's folder, which is one for all examples of a property
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "week" / "mini.json"
        assert save(path, HERE, use) == use
        assert load(path, HERE) == use
        assert [each.name for each in path.parent.iterdir()] == ["mini.json"]


def test_a_limit_that_was_given_is_not_taken_back(tmp_path):
    """A second, quicker run of the same solution lowers nothing; one of another solution starts anew."""
    path, quick = tmp_path / "mini.json", msgspec.structs.replace(USE, cell_seconds=1.0, processes=50)
    save(path, HERE, USE)
    assert save(path, HERE, quick) == msgspec.structs.replace(USE, processes=50)
    other = msgspec.structs.replace(HERE, files="g")
    assert save(path, other, quick) == quick
    assert load(path, HERE) is None


@pytest.mark.parametrize(
    "change", [{"files": "g"}, {"parameters": {"epochs": 1}}, {"referee": "0.2"}, {"platform": "another"}], ids=str
)
def test_a_record_of_another_state_does_not_count(change, tmp_path):
    """A changed solution, parameter, version or machine makes a record stale."""
    save(tmp_path / "mini.json", HERE, USE)
    assert load(tmp_path / "mini.json", msgspec.structs.replace(HERE, **change)) is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"\xff" * 10,
        lambda _: b"[" * 100_000,
        lambda text: text[:-9],
        lambda text: text.replace(b'"usage"', b'"use"'),
        lambda text: text.replace(b'"memory_mb": 702', b'"memory_mb": -702'),
        lambda text: text.replace(b'"memory_mb": 702', b'"memory_mb": "702"'),
        lambda text: text.replace(b'"cell_seconds": 18.5', b'"cell_seconds": 1e999'),
    ],
)
def test_a_damaged_record_counts_as_none(damage, tmp_path):
    """A record that is not what was written is measured again, and no reason to stop."""
    path = tmp_path / "mini.json"
    save(path, HERE, USE)
    text = path.read_bytes()
    assert damage(text) != text
    path.write_bytes(damage(text))
    assert load(path, HERE) is None
    save(path, HERE, USE)
    assert load(path, HERE) == USE


def test_what_a_record_belongs_to(tmp_path):
    """Content and names of files and folders count, and caches do not."""
    folder = tmp_path / "data"
    (folder / "__pycache__").mkdir(parents=True)
    (tmp_path / "mini.ipynb").write_text("{}")

    def now() -> Origin:
        return origin([tmp_path / "mini.ipynb", folder], {"seed": 0})

    seen = [now()]
    (folder / "__pycache__" / "x.pyc").write_text("x")
    assert now() == seen[0]
    for name, text in [("data/x", "1"), ("data/x", "2"), ("data/y", "2"), ("mini.ipynb", "[]")]:
        (tmp_path / name).write_text(text)
        assert now() not in seen
        seen.append(now())
    (folder / "x").unlink()
    assert now() not in seen
