"""What the reference reaches, measured with several seeds: the bands against which graders state their thresholds.

    calibrations/<assignment>/<stem>.json    written by `referee calibrate`, kept under version control
    calibration("accuracy") in a grader      the band of that quantity, for the submission's framework and data

A distribution belongs to a framework, to data and to a device, and says in which environment it was measured. A band
takes all devices together: a threshold must not depend on where a submission runs.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable
from pathlib import Path

import msgspec

from referee.course import grader_stems
from referee.errors import CourseError, GraderError
from referee.report import Record

FOLDER = "calibrations"
_SCHEMA = 1
_REMEDY = "take it from version control, or remove it and run `referee calibrate`"


class Run(Record, frozen=True):
    """One training of the reference: its seed, and the quantities that came of it by name (accuracies as shares)."""

    seed: int
    values: dict[str, float]
    seconds: float = 0.0


class Distribution(Record, frozen=True):
    """The trainings with one framework, on one data set and one device.

    data : the name of embedded data, or "sha256:..." of a file.   environment : versions, platform and processor.
    """

    framework: str
    data: str
    device: str
    environment: dict[str, str]
    runs: tuple[Run, ...]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is a distribution of."""
        return self.framework, self.data, self.device


class Calibration(Record, frozen=True):
    """All that was measured for one exercise, whatever the framework."""

    exercise: str
    distributions: tuple[Distribution, ...] = ()
    schema: int = _SCHEMA

    def with_(self, new: Distribution) -> Calibration:
        """With a distribution added, in place of an earlier one of the same kind."""
        kept = [each for each in self.distributions if each.key != new.key]
        ordered = sorted([*kept, new], key=lambda each: each.key)
        return msgspec.structs.replace(self, distributions=tuple(ordered))


class Band(Record, frozen=True):
    """What the reference reaches of one quantity with `seeds` seeds; `spread` is the standard deviation, 0 for one."""

    lowest: float
    highest: float
    mean: float
    spread: float
    seeds: int

    def words(self) -> str:
        """For a person: '94.6 to 98.7 % with 5 seeds', for a share."""
        return f"{100 * self.lowest:.1f} to {100 * self.highest:.1f} % with {self.seeds} seeds"


def band_of(values: Iterable[float]) -> Band:
    """The band of some values, at least one."""
    values = list(values)
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return Band(min(values), max(values), statistics.fmean(values), spread, len(values))


def path_of(root: Path, assignment: str, notebook: str) -> Path:
    """Where the calibration of a notebook lies: under its own name, else under that without its framework."""
    folder = root / FOLDER / assignment
    paths = [folder / f"{stem}.json" for stem in grader_stems(notebook)]
    return next((path for path in paths if path.is_file()), paths[-1])


def read(path: Path) -> Calibration | None:
    """The calibration in a file; None where there is none. Raises `CourseError` for what is no calibration."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Calibration)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise CourseError(f"a readable calibration at {path}", str(error), _REMEDY) from error
    if found.schema != _SCHEMA:
        wanted = f"a calibration of schema {_SCHEMA} at {path}"
        raise CourseError(wanted, f"schema {found.schema}", _REMEDY)
    return found


def encoded(calibration: Calibration) -> bytes:
    """A calibration as its file holds it: readable and with a stable order of its keys."""
    return msgspec.json.format(msgspec.json.encode(calibration, order="deterministic"), indent=1) + b"\n"


def band(calibration: Calibration | None, exercise: str, framework: str, data: str, quantity: str) -> Band:
    """The band of a quantity, for a framework and data.

    Raises
    ------
    GraderError : that was never measured, so that no threshold would be honest; such a check costs nobody a point.
    """
    distributions = calibration.distributions if calibration is not None else ()
    fitting = [each for each in distributions if (each.framework, each.data) == (framework, data)]
    found = [run.values.get(quantity, math.nan) for each in fitting for run in each.runs]
    if not found or not all(map(math.isfinite, found)):
        known = sorted({f"{each.framework} on {each.data}" for each in distributions})
        raise GraderError(
            f"a calibration of {quantity!r} for {framework} on {data}",
            f"ones for {', '.join(known)}" if known else "none",
            f"run `referee calibrate {exercise}`",
        )
    return band_of(found)
