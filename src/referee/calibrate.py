"""`referee calibrate`: trains the reference with several seeds, and stores what it reaches for graders to ask.

    reference/recipes/<assignment>.py    a function for each exercise whose thresholds depend on a training:

        def cnn1_mnist(framework: str, data: str, seed: int) -> dict[str, float]:
            ...
            return {"accuracy": 0.928}

The function is called like the notebook without its framework. It is the course's own, so it runs unwalled, in worker
processes with one thread each; the seeds are 0, 1, 2, ...
"""

from __future__ import annotations

import importlib
import math
import numbers
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from referee import authoring, batch, calibration, data, grading
from referee.batch import room, store
from referee.calibration import Calibration, Distribution, Run
from referee.course import Course, Exercise, framework_of, grader_stems
from referee.errors import CourseError, UsageError

RECIPES = Path("reference") / "recipes"
_ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # the same numbers on every machine
    "TF_CPP_MIN_LOG_LEVEL": "3",
}


@dataclass(frozen=True)
class Training:
    """One call of a recipe: with which framework, on which data, from which seed."""

    root: Path
    assignment: str
    recipe: str
    framework: str
    data: str
    seed: int


@dataclass(frozen=True)
class Measured:
    """What was measured for an exercise and a framework, the file that holds it, and what it replaced there."""

    exercise: str
    distribution: Distribution
    path: Path
    replaced: Distribution | None


def calibrate(
    course: Course, exercises: Sequence[Exercise], *, seeds: int, device: str = "cpu", workers: int | None = None
) -> Iterator[Measured]:
    """Train the references of these exercises, and write each distribution when it is complete.

    Raises
    ------
    UsageError : none of these exercises has a recipe, or the device is not there.
    CourseError : a recipe fails, or gives something else than finite numbers by name.
    DataError : the data is not there.
    """
    trainings = [
        Training(course.root, exercise.assignment, recipe, framework_of(exercise.notebook), source, seed)
        for exercise in exercises
        if (recipe := _recipe_of(course, exercise))
        for source in [_data_of(course, exercise)]
        for seed in range(seeds)
    ]
    if not trainings:
        names = ", ".join(exercise.name for exercise in exercises)
        wanted = f"a recipe in {course.root / RECIPES} for one of {names}"
        raise UsageError(wanted, "none", "only exercises with a recipe are calibrated")
    seen = room.slots(device, batch.workers(workers, len(trainings))) or []
    slots = [{**_ONE_THREAD, **each} for each in seen]
    for training in trainings:
        calibration.read(_path_of(course, training))  # one that is broken is said before hours of training
    done: dict[tuple[str, str, str], list[Run]] = {}
    for training, result in batch.in_parallel(_train, trainings, len(slots), (), slots):
        if isinstance(result, BaseException):
            what = f"the recipe {training.recipe} of {RECIPES / training.assignment}.py for {training.framework}"
            raise CourseError(f"{what} to train", f"{type(result).__name__}: {result}", "mend it") from result
        runs = done.setdefault((training.assignment, training.recipe, training.framework), [])
        runs.append(result)
        if len(runs) == seeds:
            yield _write(course, training, runs, device)


def _recipe_of(course: Course, exercise: Exercise) -> str:
    """The name of an exercise's recipe; empty where it has none."""
    path = course.root / RECIPES / f"{exercise.assignment}.py"
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8")
    return next((stem for stem in grader_stems(exercise.notebook) if f"\ndef {stem}(" in text), "")


def _data_of(course: Course, exercise: Exercise) -> str:
    """The data that the exercise would be graded with."""
    given = course.policy.parameters_of(exercise.assignment).get("data")
    return str(given or authoring.authored(exercise.solution).parameter_defaults.get("data") or "")


def _train(training: Training) -> Run:
    """Call a recipe, in a worker process that ends soon: what it imports stays there."""
    folders = [
        str(training.root),
        str(training.root / "datasets"),
        str(training.root / "solutions" / training.assignment),
    ]
    sys.path[:0] = [folder for folder in folders if folder not in sys.path]
    module = importlib.import_module(f"reference.recipes.{training.assignment}")
    began = time.perf_counter()
    values = getattr(module, training.recipe)(training.framework, training.data, training.seed)
    seconds = round(time.perf_counter() - began, 1)
    if not isinstance(values, dict) or not values or not all(map(_is_finite, values.values())):
        raise ValueError(f"wanted finite numbers by name, found {values!r:.200}")
    return Run(seed=training.seed, values={str(name): float(value) for name, value in values.items()}, seconds=seconds)


def _is_finite(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def _write(course: Course, training: Training, runs: list[Run], device: str) -> Measured:
    """Put a complete distribution into the exercise's file, in place of an earlier one of the same kind."""
    distribution = Distribution(
        framework=training.framework,
        data=data.identity(training.data),
        device=device,
        environment=_environment(),
        runs=tuple(sorted(runs, key=lambda run: run.seed)),
    )
    if len(named := {tuple(sorted(run.values)) for run in runs}) > 1:
        wanted = f"the same quantities with each seed from the recipe {training.recipe} of {training.assignment}"
        raise CourseError(wanted, " and ".join(", ".join(names) for names in sorted(named)), "mend it")
    name = f"{training.assignment}/{training.recipe}"
    path = _path_of(course, training)
    known = calibration.read(path) or Calibration(exercise=name)
    store.replace(path, calibration.encoded(known.with_(distribution)))
    replaced = next((each for each in known.distributions if each.key == distribution.key), None)
    return Measured(name, distribution, path, replaced)


def _path_of(course: Course, training: Training) -> Path:
    return course.root / calibration.FOLDER / training.assignment / f"{training.recipe}.json"


def _environment() -> dict[str, str]:
    """Where it was measured, as far as that can matter to a number."""
    here = grading.environment()
    return {"python": here.python, "platform": here.platform, "processor": _processor(), **here.packages}


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return "unknown"
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")
