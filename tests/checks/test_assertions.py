"""What graders call: the evidence of a failed claim, as pictures, and that hostile answers end in a verdict."""

import sys
from contextlib import suppress
from subprocess import run
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from referee import checks
from referee.answers.interface import Layer, ModelSummary
from referee.checks import (
    Band,
    CheckFailed,
    LayerSpec,
    Misconception,
    NeedsPerson,
    StructureMisconception,
    assert_accuracy,
    assert_causal,
    assert_layers,
    assert_matches,
    assert_parameters,
    assert_shape,
    assert_true,
    compare,
    renderings,
)
from referee.errors import GraderError
from referee.report import Evidence

MAP: Any = np.array([[32.5, -105.5, -44.0, -60.5], [-105.5, 104.0, 224.0, 213.5], [185.5, 217.5, 38.5, 52.5]])


def evidence(claim: Any, *args: Any, **options: Any) -> Evidence:
    """The evidence of a claim that fails."""
    with pytest.raises(CheckFailed) as failure:
        claim(*args, **options)
    return failure.value.evidence


def model(*layers: Any) -> ModelSummary:
    """A Keras summary of (type, shape, trainable, frozen) rows."""
    rows = [Layer(name="x", type=kind, shape=(None, *shape), trainable=t, frozen=f) for kind, shape, t, f in layers]
    return ModelSummary(framework="keras", layers=tuple(rows))


NET = model(("Conv2D", (26, 26, 8), 80, 0), ("BatchNormalization", (26, 26, 8), 16, 16), ("Dense", (10,), 410, 0))


def test_a_right_answer_passes_silently():
    """Nothing is raised for what matches, within the tolerance."""
    assert_matches([20, 50, 80], np.array([20.0, 50.0, 80.0]))
    assert_matches(MAP.astype(np.float32), MAP)
    assert_matches(1.01, 1.0, rtol=0.02)
    assert_matches(0.01, 0.0, atol=0.02)


def test_one_wrong_value_as_a_picture():
    """Words without the right value; both pictures, the wrong cell marked, the error beside the right values only."""
    wrong = MAP.copy()
    wrong[1, 3] = 7
    found = evidence(assert_matches, wrong, MAP, what="feature_map", hint="look at the last column")
    assert found.words == "feature_map: 1 of 12 values differ, the worst at [1, 3]"
    assert found.hint == "look at the last column"
    assert found.tolerance == "float64: equal to 1e-9 relative or 1e-9 absolute"
    assert found.actual == (
        "shape (3, 4), float64\n"
        "  32.5  -105.5     -44   -60.5\n"
        "-105.5     104     224      7*\n"
        " 185.5   217.5    38.5    52.5"
    )
    assert found.expected == (
        "shape (3, 4), float64\n"
        "  32.5  -105.5     -44   -60.5\n"
        "-105.5     104     224   213.5\n"
        " 185.5   217.5    38.5    52.5\n"
        "largest error 206.5 at [1, 3]"
    )


def test_a_window_around_the_worst_value():
    """Of a big array the pictures show the part where it is worst."""
    expected = np.zeros((2, 50, 50), dtype=int)
    actual = expected.copy()
    actual[1, 20, 49] = 3
    found = evidence(assert_matches, actual, expected)
    assert found.actual == (
        "shape (2, 50, 50), int64, part [1, 18:23, 45:50]\n"
        " 0   0   0   0   0\n 0   0   0   0   0\n 0   0   0   0  3*\n 0   0   0   0   0\n 0   0   0   0   0"
    )


def test_close_values_are_shown_with_all_their_digits():
    """Two values that look alike in six digits are shown in seventeen."""
    found = evidence(assert_matches, [1.0, 2.0000001], [1.0, 2.0])
    assert found.actual == "shape (2,), float64\n                  1  2.0000000999999998*"
    assert found.misconception == "single precision"


def test_pictures_of_other_values():
    """Nested data shows the place; text is escaped; a dtype is named."""
    nested = evidence(assert_matches, {"a": [1, "x\n\x1b"]}, {"a": [1, "y"]})
    assert (nested.actual, nested.expected) == ("at ['a'][1]: 'x\\n\\x1b'", "at ['a'][1]: 'y'")
    lone = evidence(assert_matches, 3, 4)
    assert (lone.actual, lone.expected) == ("3", "4")
    strict = evidence(assert_matches, [1.0], [1.0], dtype="float32")
    assert (strict.actual, strict.expected) == ("float64", "float32")


def test_the_misconception_gives_the_hint():
    """The slide's map is transposed: its own hint; without it, the probe's."""
    slide = Misconception("the slide's map", "this is the slide's map, which is transposed", lambda: MAP.T)
    found = evidence(assert_matches, MAP.T, MAP, misconceptions=[slide], hint="general advice")
    assert (found.misconception, found.hint) == (slide.name, slide.hint)
    assert evidence(assert_matches, MAP.T, MAP).misconception == "transposed"
    assert evidence(assert_matches, MAP[:2], MAP, misconceptions=[slide]).misconception == ""


values = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.complex_numbers(),
        st.just(10**4000),
        st.sampled_from(["?", "u1", "i8", "f4", "f8", "c16", "U9"]).flatmap(
            lambda d: hnp.arrays(d, hnp.array_shapes(min_dims=0, min_side=0, max_dims=3, max_side=7))
        ),
    ),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2) | st.floats(), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@settings(deadline=None, max_examples=120)
@given(values, values)
def test_hostile_answers_end_in_a_verdict(actual, expected):
    """Any answer passes or fails; the pictures stay within their budget and hold no control characters."""
    try:
        assert_matches(actual, expected)
    except CheckFailed as failure:
        found = failure.evidence
        assert not compare(actual, expected).equal
        for text in (found.actual, found.expected):
            assert len(text) <= 600
            assert all(line.isprintable() for line in text.split("\n"))
            assert text.count("\n") <= 6
        assert found.words.isprintable()
    else:
        assert compare(actual, expected).equal


@settings(deadline=None, max_examples=60)
@given(values, st.integers(1, 4))
def test_hostile_answers_to_the_other_claims(value, t):
    """Shape, accuracy and causality too: a verdict, or nothing."""
    claims: list[Any] = [
        (assert_shape, value, (None, 3)),
        (assert_causal, value, np.arange(9.0), t),
        (assert_causal, np.arange(9.0), value, t),
    ]
    for claim, *args in claims:
        with suppress(CheckFailed):
            claim(*args)
    with suppress(CheckFailed):
        assert_causal(value, value, t, axis=1)
    with suppress(CheckFailed, NeedsPerson):
        assert_accuracy(value, [0, 1, 2], floor=0.9)


def test_renderings_of_equal_values():
    """Pictures can be made of equal values too."""
    assert renderings(MAP, MAP, compare(MAP, MAP))[0].startswith("shape (3, 4), float64")
    assert renderings("a", "a", compare("a", "a")) == ("'a'", "'a'")


def test_shape():
    """A shape with free axes; words name both."""
    assert_shape(np.zeros((7, 10)), (None, 10))
    assert_shape([[1, 2]], (1, 2))
    assert evidence(assert_shape, MAP, (None, 10)).words == "the answer: shape (3, 4) where (None, 10) was wanted"
    assert evidence(assert_shape, MAP, (3,)).expected == "shape (3,)"
    assert evidence(assert_shape, None, (3,)).words == "the answer: nothing (None) where an array of numbers was wanted"


def test_layers():
    """The table of rows is the evidence, with a sentence that tells how many and where."""
    specs = [LayerSpec(type="Conv2D", shape=(28, 28, 8)), LayerSpec(type="BatchNormalization")]
    specs += [LayerSpec(type="MaxPooling2D"), LayerSpec(type="Dense", trainable=410)]
    found = evidence(assert_layers, NET, specs, hint="mind the padding")
    assert found.words == "the model: 1 layer is missing, 1 differs: layer 1 (Conv2D) in its output shape"
    assert [row.state for row in found.table] == ["different", "same", "missing", "same"]
    assert found.table[0].differs == "output (26, 26, 8) instead of (28, 28, 8)"
    assert found.hint == "mind the padding"
    assert_layers(NET, [LayerSpec(type=name) for name in ("Conv2D", "BatchNormalization", "Dense")])


def test_the_unfilled_skeleton_is_recognised():
    """A wrong structure that the author foresaw has a name and a hint."""
    skeleton = StructureMisconception("unfilled", "fill in the layers", [LayerSpec(type="Dense")])
    found = evidence(
        assert_layers, model(("Dense", (10,), 5, 0)), [LayerSpec(type="Conv2D")], misconceptions=[skeleton]
    )
    assert (found.misconception, found.hint) == ("unfilled", "fill in the layers")


def test_parameters():
    """Counts, whether there are too many or too few, but not how many were wanted."""
    assert_parameters(NET, total=522, trainable=506, frozen=16)
    found = evidence(assert_parameters, NET, total=36_314, frozen=10)
    assert found.words == "the model: 522 parameters in total, too few; 16 parameters not trainable, too many"
    assert found.expected == "36,314 in total, 10 not trainable"
    assert found.actual == "522 in total, 16 not trainable"
    unfilled = Misconception("unfilled", "fill in the layers", 522)
    assert evidence(assert_parameters, NET, total=36_314, misconceptions=[unfilled]).misconception == "unfilled"


def predictions(right: int, total: int = 600) -> Any:
    """Labels, and predictions of which so many are right."""
    labels = np.arange(total) % 10
    return np.where(np.arange(total) < right, labels, (labels + 1) % 10), labels


def test_accuracy():
    """Passed at the floor, failed far below, and a person inside the noise."""
    assert_accuracy(*predictions(558), floor=0.93)
    found = evidence(
        assert_accuracy, *predictions(480), floor=0.93, band=Band(0.94, 0.97, 0.955, 0.01, 5), what="digits"
    )
    assert found.words == (
        "accuracy 80.0 % of 600 digits (standard error 1.6 points); the reference reaches 94.0 to 97.0 % with 5 seeds"
    )
    assert (found.expected, found.actual) == ("at least 93.0 %", "80.0 %")
    with pytest.raises(NeedsPerson, match="too close to the threshold"):
        assert_accuracy(*predictions(553), floor=0.93)


def test_true():
    """A plain claim with its words; a condition that is no truth value is the grader's error."""
    assert_true(True, "fine")
    assert_true(np.True_, "fine")
    found = evidence(assert_true, False, "the validation data were augmented too", "augment the training data only")
    assert (found.words, found.hint) == ("the validation data were augmented too", "augment the training data only")
    for condition in (np.ones(3), 1, None):
        with pytest.raises(GraderError):
            assert_true(condition, "unclear")


def convolve(x: Any, causal: bool) -> Any:
    """A kernel of size 3 over a series, padded on the left only or on both sides."""
    padded = np.pad(x, (2, 0) if causal else (1, 1))
    return sum(weight * padded[i : i + len(x)] for i, weight in enumerate((1.0, 2.0, 3.0)))


def test_causal():
    """A causal convolution passes; a 'same' one is told how far it looks ahead."""
    x = np.arange(10.0)
    changed = x + np.eye(10)[5]
    assert_causal(convolve(x, True), convolve(changed, True), 5)
    found = evidence(assert_causal, convolve(x, False), convolve(changed, False), 5)
    assert found.words == (
        "the output: changing the input at time step 5 changes the output at step 4: it looks ahead by 1 step"
    )
    assert found.hint == "a causal layer pads on the left only"


def test_causal_over_batches():
    """The time axis may be any; NaN that stays NaN is no look-ahead."""
    y = np.random.default_rng(0).normal(size=(2, 8, 3))
    later, earlier = y.copy(), y.copy()
    later[:, 4:] += 1
    earlier[1, 2, 0] = np.nan
    assert_causal(y, later, 4, axis=1)
    assert_causal(earlier, earlier, 4, axis=1)
    assert "at step 2: it looks ahead by 2 steps" in evidence(assert_causal, y, earlier, 4, axis=1).words


def test_causal_unusable():
    """Too short, differently shaped or no arrays at all: failed in words."""
    y = np.arange(6.0)
    assert evidence(assert_causal, y, y, 6).words == "the output: 6 time steps, where more than 6 were wanted"
    assert "shape (7,) after the input changed" in evidence(assert_causal, y, np.arange(7.0), 3).words
    assert evidence(assert_causal, None, y, 3).words == (
        "the output: nothing (None) where an array with a time axis was wanted"
    )
    with pytest.raises(GraderError):
        assert_causal(y, y, 0)


def test_the_front_imports_no_pytest():
    """A student's own session can compare without pytest, papermill or nbgrader."""
    code = "import sys, referee.checks; sys.exit(bool({'pytest', 'papermill', 'nbgrader'} & set(sys.modules)))"
    assert run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_front_is_complete():
    """Every exported name is there."""
    assert all(hasattr(checks, name) for name in checks.__all__)
