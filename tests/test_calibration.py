"""Bands are what was measured, for the framework and data that they were measured with; a missing one costs nobody."""

import json
import math
import statistics
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from referee import calibration, grading
from referee.batch import store
from referee.calibration import Band, Calibration, Distribution, Run, band_of
from referee.checks import assert_accuracy, thresholds
from referee.cli import main
from referee.errors import CourseError, GraderError
from referee.report import CheckResult, Fault
from tests.conftest import MiniCourse

RECIPE = '''"""How good it gets."""


def mini(framework, data, seed):
    """One training."""
    return {"accuracy": 0.9 + seed / 100, "seed": seed}
'''
ASKING = '''"""Hidden checks."""
import numpy as np
import pytest

from referee.checks import assert_accuracy


@pytest.mark.check("double")
def test_good(student, framework, calibration):
    """As good as the reference."""
    right = 0.89 if student.call("double", 1) == 2 else 0.5
    labels = np.zeros(1000, dtype=int)
    predictions = (np.arange(1000) >= 1000 * right).astype(int)
    assert framework == "numpy"
    assert_accuracy(predictions, labels, band=calibration("accuracy"))
'''


def distribution(
    framework: str = "keras", data: str = "digits", device: str = "cpu", values: tuple[float, ...] = (0.9, 0.95)
) -> Distribution:
    """What two trainings gave."""
    runs = tuple(Run(seed=seed, values={"accuracy": value}) for seed, value in enumerate(values))
    return Distribution(framework=framework, data=data, device=device, environment={}, runs=runs)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_band(values):
    """A band holds every value, and its mean and spread are the sample's."""
    band = band_of(values)
    assert band.lowest == min(values) <= band.mean + 1e-12
    assert band.mean - 1e-12 <= max(values) == band.highest
    assert math.isclose(band.spread, statistics.stdev(values), abs_tol=1e-12)
    assert band.seeds == len(values)


def test_the_band_of_one_run_has_no_spread():
    """One run is a point."""
    assert band_of([0.5]) == Band(0.5, 0.5, 0.5, 0.0, 1)


def test_all_devices_count():
    """A band takes every device together, and no other framework or data."""
    found = Calibration(exercise="a/b")
    for each in (
        distribution(),
        distribution(device="cuda", values=(0.8, 0.99)),
        distribution(framework="torch", values=(0.1, 0.2)),
        distribution(data="sha256:00", values=(0.1, 0.2)),
    ):
        found = found.with_(each)
    band = calibration.band(found, "a/b", "keras", "digits", "accuracy")
    assert (band.lowest, band.highest, band.seeds) == (0.8, 0.99, 4)


def test_measured_again():
    """A new measurement of the same kind replaces the old one."""
    found = Calibration(exercise="a/b").with_(distribution()).with_(distribution(values=(0.5, 0.6)))
    assert calibration.band(found, "a/b", "keras", "digits", "accuracy").highest == 0.6


@pytest.mark.parametrize(
    "asked",
    [("torch", "digits", "accuracy"), ("keras", "mnist", "accuracy"), ("keras", "digits", "loss")],
)
def test_never_measured(asked):
    """No threshold is honest that was never measured: the error says what is there, and the command that measures."""
    found = Calibration(exercise="a/b").with_(distribution())
    with pytest.raises(GraderError, match="referee calibrate a/b"):
        calibration.band(found, "a/b", *asked)
    with pytest.raises(GraderError, match="none"):
        calibration.band(None, "a/b", *asked)


def test_written_and_read(tmp_path):
    """A calibration comes back as it was written, and what is none says so."""
    path = tmp_path / "calibrations" / "a" / "b.json"
    assert calibration.read(path) is None
    store.replace(path, calibration.encoded(Calibration(exercise="a/b").with_(distribution())))
    assert calibration.read(path) == Calibration(exercise="a/b").with_(distribution())
    for text in ("{", '{"exercise": 1}', '{"exercise": "a/b", "schema": 99}'):
        path.write_text(text)
        with pytest.raises(CourseError, match="referee calibrate"):
            calibration.read(path)


@given(st.floats(0.01, 1), st.integers(10, 5000))
def test_floor(lowest, total):
    """The floor lies two standard errors of the test set below the reference's worst, and never at nothing."""
    floor = thresholds.floor_of(lowest, total)
    assert 0 < floor <= max(lowest, 1 / total)
    assert floor == pytest.approx(max(lowest - 2 * math.sqrt(lowest * (1 - lowest) / total), 1 / total))


def test_an_accuracy_needs_a_threshold():
    """A claim about an accuracy without a floor or a band is the grader's mistake."""
    with pytest.raises(GraderError, match="a floor, or the reference's band"):
        assert_accuracy([0, 1], [0, 1])


@pytest.fixture
def asking(mini):
    """The small course, whose grader asks for a band; and a function that calibrates it."""
    mini.write("reference/__init__.py", "")
    mini.write("reference/recipes/__init__.py", "")
    mini.write("reference/recipes/week.py", RECIPE)
    mini.write("graders/hidden/week/mini.py", ASKING)
    mini.release()

    def calibrate(*options):
        return CliRunner().invoke(main, ["calibrate", "--seeds", "3", "--course", str(mini.root), *options])

    return SimpleNamespace(mini=mini, calibrate=calibrate, path=mini.root / "calibrations" / "week" / "mini.json")


def test_calibrate(asking):
    """The recipe runs with each seed, and the file says what came of it, and where."""
    result = asking.calibrate()
    assert result.exit_code == 0, result.output
    read = calibration.read(asking.path)
    assert read is not None
    (found,) = read.distributions
    assert (found.framework, found.data, found.device) == ("numpy", "", "cpu")
    assert [(run.seed, run.values["accuracy"]) for run in found.runs] == [(0, 0.9), (1, 0.91), (2, 0.92)]
    assert {"python", "platform", "processor", "numpy"} <= found.environment.keys()
    assert "0.9100   0.9000 to 0.9200" in result.stdout
    assert result.stdout.splitlines()[0] == "week/mini, numpy, cpu, 3 seeds"
    assert result.stdout.splitlines()[-1] == "    written to calibrations/week/mini.json"
    again = asking.calibrate("--seeds", "1").stdout
    assert again.splitlines()[-1] == "    written to calibrations/week/mini.json, in place of one with 3 seeds"


def test_calibrate_as_data(asking):
    """A program gets the distributions."""
    result = asking.calibrate("--json", "week/mini")
    (found,) = json.loads(result.stdout)
    assert (found["exercise"], len(found["runs"])) == ("week/mini", 3)


@pytest.mark.parametrize(
    "returned",
    [
        "{}",
        "None",
        '{"accuracy": float("nan")}',
        '{"accuracy": "high"}',
        "[0.9]",
        "1 / 0",
        '{f"a{seed}": 0.5}',
        '{"a": True}',
    ],
)
def test_a_recipe_that_gives_no_numbers(asking, returned):
    """A recipe that fails, or gives no finite numbers by name, is the course's mistake; nothing is written."""
    asking.mini.write(
        "reference/recipes/week.py", RECIPE.replace('{"accuracy": 0.9 + seed / 100, "seed": seed}', returned)
    )
    result = asking.calibrate()
    assert result.exit_code == 2
    assert "the recipe mini" in result.stderr
    assert not asking.path.exists()


@pytest.mark.parametrize("content", ["", "{", '{"exercise": "week/mini", "schema": 9}', '{"exercise": NaN}'])
def test_a_broken_calibration_is_said_before_anything_is_trained(asking, content):
    """A file that is no calibration ends the command before a recipe is called, and stays for whoever mends it."""
    asking.mini.write("calibrations/week/mini.json", content)
    asking.mini.write("reference/recipes/week.py", RECIPE.replace("return", "raise LookupError\n    return"))
    result = asking.calibrate()
    assert result.exit_code == 2
    assert "remove it and run `referee calibrate`" in result.stderr
    assert "LookupError" not in result.stderr
    assert asking.path.read_text(encoding="utf-8") == content


def test_numbers_of_numpy(asking):
    """A recipe may give NumPy's numbers."""
    returned = '{"accuracy": __import__("numpy").float32(0.5)}'
    asking.mini.write(
        "reference/recipes/week.py", RECIPE.replace('{"accuracy": 0.9 + seed / 100, "seed": seed}', returned)
    )
    assert asking.calibrate().exit_code == 0


def test_no_recipe(mini):
    """An exercise without a training has no recipe, and asking to calibrate it says so."""
    result = CliRunner().invoke(main, ["calibrate", "--course", str(mini.root)])
    assert result.exit_code == 2
    assert "a recipe in" in result.stderr


def graded(mini: MiniCourse) -> list[CheckResult]:
    """The results of the check that asks for a band, of the solution as a submission."""
    mini.hand_in("ada")
    report, _ = grading.grade(mini.course, "week", "ada")
    return [result for result in report.notebooks[0].results if result.name == "test_good"]


def test_graded_against_the_band(asking):
    """A grader that asks for the band passes what the reference reaches; without a calibration it costs no point."""
    (result,) = graded(asking.mini)
    assert (result.verdict.passed, result.verdict.fault) == (False, Fault.CHECK)
    assert "referee calibrate week/mini" in result.evidence.words + result.evidence.log
    asking.calibrate()
    (result,) = graded(asking.mini)
    assert result.verdict.passed, result.evidence


def test_a_public_grader_has_no_bands(asking):
    """Students have no calibrations: a public check that asks for one is refused at the release."""
    asking.mini.write("graders/public/week/mini.py", ASKING.replace("test_good", "test_public"))
    result = CliRunner().invoke(main, ["release", "--course", str(asking.mini.root)])
    assert result.exit_code == 2
    assert "the fixture `calibration`" in result.stderr
