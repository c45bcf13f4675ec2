"""What a grader needs to state its claims: assertions, wrong references, expected layers, and the difference itself."""

from referee.calibration import Band
from referee.checks.assertions import (
    StructureMisconception,
    assert_accuracy,
    assert_causal,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_shape,
    assert_true,
    renderings,
)
from referee.checks.compare import Difference, Kind, Tolerance, compare, words
from referee.checks.depicting import field_picture
from referee.checks.from_cell import SHOWN, assert_by, assert_equal, from_cell, is_function, raised, raises, unfinished
from referee.checks.misconceptions import Finding, Misconception, recognise
from referee.checks.signals import CheckFailed, NeedsPerson
from referee.checks.structure import LayerDifference, LayerSpec, canonical, diff_layers
from referee.checks.thresholds import Accuracy, accuracy, judge

__all__ = [
    "SHOWN",
    "Accuracy",
    "Band",
    "CheckFailed",
    "Difference",
    "Finding",
    "Kind",
    "LayerDifference",
    "LayerSpec",
    "Misconception",
    "NeedsPerson",
    "StructureMisconception",
    "Tolerance",
    "accuracy",
    "assert_accuracy",
    "assert_by",
    "assert_causal",
    "assert_equal",
    "assert_layers",
    "assert_matches",
    "assert_parameters",
    "assert_shape",
    "assert_true",
    "canonical",
    "compare",
    "diff_layers",
    "field_picture",
    "from_cell",
    "is_function",
    "judge",
    "raised",
    "raises",
    "recognise",
    "renderings",
    "unfinished",
    "words",
]
