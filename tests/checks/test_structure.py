"""Layers of both frameworks in one canonical form, aligned, and the differences in plain words."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.answers.interface import Layer, ModelSummary
from referee.checks.structure import LayerSpec, canonical, diff_layers
from referee.errors import GraderError


def layer(kind: str, shape: Any, trainable: int = 0, frozen: int = 0, **config: Any) -> Layer:
    """A layer of a summary, as the kernel's side reports it."""
    return Layer(name=kind.lower(), type=kind, shape=shape, trainable=trainable, frozen=frozen, config=config)


def keras(*layers: Layer) -> ModelSummary:
    return ModelSummary(framework="keras", layers=layers)


def torch(*layers: Layer) -> ModelSummary:
    return ModelSummary(framework="torch", layers=layers)


KERAS_CONV: dict[str, Any] = {
    "kernel_size": (3, 3),
    "strides": (1, 1),
    "padding": "same",
    "dilation_rate": (1, 1),
    "use_bias": True,
}
TORCH_CONV: dict[str, Any] = {
    "kernel_size": (3, 3),
    "stride": (1, 1),
    "padding": (1, 1),
    "dilation": (1, 1),
    "bias": True,
}

KERAS = keras(
    layer("InputLayer", (None, 28, 28, 1)),
    layer("Conv2D", (None, 28, 28, 8), 80, filters=8, activation="linear", **KERAS_CONV),
    layer("BatchNormalization", (None, 28, 28, 8), 16, 16),
    layer("Activation", (None, 28, 28, 8), activation="relu"),
    layer("MaxPooling2D", (None, 14, 14, 8), pool_size=[2, 2], strides=[2, 2], padding="valid"),
    layer("Flatten", (None, 1568)),
    layer("Dropout", (None, 1568), rate=0.3),
    layer("Dense", (None, 10), 15690, units=10, use_bias=True, activation="softmax"),
)
TORCH = torch(
    layer("Conv2d", (None, 8, 28, 28), 80, out_channels=8, in_channels=1, **TORCH_CONV),
    layer("BatchNorm2d", (None, 8, 28, 28), 16, 16, num_features=8, bias=True),
    layer("ReLU", (None, 8, 28, 28), inplace=False, bias=False),
    layer("MaxPool2d", (None, 8, 14, 14), kernel_size=2, stride=2, padding=0, dilation=1, bias=False),
    layer("Identity", (None, 8, 14, 14)),
    layer("Flatten", (None, 1568), start_dim=1),
    layer("Dropout", (None, 1568), p=0.3),
    layer("Linear", (None, 10), 15690, in_features=1568, out_features=10, bias=True),
)
SPECS = canonical(KERAS)


def without(summary: ModelSummary, index: int) -> ModelSummary:
    return ModelSummary(framework=summary.framework, layers=summary.layers[:index] + summary.layers[index + 1 :])


def changed(summary: ModelSummary, index: int, **fields: Any) -> ModelSummary:
    old = summary.layers[index]
    config = {**old.config, **fields.pop("config", {})}
    values: dict[str, Any] = {
        "name": old.name,
        "type": old.type,
        "shape": old.shape,
        "trainable": old.trainable,
        "frozen": old.frozen,
    }
    new = Layer(**(values | fields), config=config)
    return ModelSummary(
        framework=summary.framework, layers=(*summary.layers[:index], new, *summary.layers[index + 1 :])
    )


def differs(summary: ModelSummary, expected: Any = SPECS, **options: Any) -> list[str]:
    """The words of the rows that are not the same."""
    return [row.differs for row in diff_layers(summary, expected, **options).rows if row.state == "different"]


def test_both_frameworks_have_one_canonical_form():
    """The same net in Keras and in PyTorch gives the same rows, but for the softmax that torch leaves to the loss."""
    assert canonical(TORCH) == SPECS[:-1]
    assert SPECS[-1] == LayerSpec(type="Activation:softmax", shape=(10,), trainable=0, frozen=0)
    assert [spec.type for spec in SPECS] == [
        "Conv2D", "BatchNormalization", "Activation:relu", "MaxPooling2D", "Flatten", "Dropout", "Dense",
        "Activation:softmax",
    ]  # fmt: skip


def test_a_fused_activation_is_a_row_of_its_own():
    """Conv2D(activation='relu') and Conv2D followed by ReLU are the same net."""
    fused = keras(layer("Conv2D", (None, 9, 9, 2), 20, filters=2, activation="relu"))
    apart = keras(layer("Conv2D", (None, 9, 9, 2), 20, filters=2), layer("ReLU", (None, 9, 9, 2)))
    assert canonical(fused) == canonical(apart)


@pytest.mark.parametrize(
    ("padding", "kernel", "stride", "dilation", "wanted"),
    [
        (0, 3, 1, 1, "valid"),
        (1, 3, 1, 1, "same"),
        ((2, 2), (5, 5), 1, 1, "same"),
        (2, 3, 1, 2, "same"),
        (1, 5, 1, 1, (1, 1)),
        (1, 3, 2, 1, (1, 1)),
        ("same", 4, 1, 1, "same"),
    ],
)
def test_torch_padding(padding, kernel, stride, dilation, wanted):
    """A torch padding that keeps the size is 'same'; none is 'valid'; any other stays a number for each axis."""
    conv = layer("Conv2d", None, padding=padding, kernel_size=kernel, stride=stride, dilation=dilation)
    assert canonical(torch(conv))[0].config["padding"] == wanted


def test_torch_shapes_of_series():
    """A 1-D convolution's channels go last; a dense layer's features stay where they are."""
    conv, dense = layer("Conv1d", (None, 32, 100)), layer("Linear", (None, 7, 5))
    pool = layer("AdaptiveAvgPool2d", (None, 16, 1, 1))
    assert [spec.shape for spec in canonical(torch(conv, dense, pool))] == [(100, 32), (7, 5), (16,)]


def test_the_same_net_is_equal():
    """Nothing differs, and the words say so."""
    found = diff_layers(KERAS, SPECS)
    assert found.equal
    assert found.words() == "equal"
    assert {row.state for row in found.rows} == {"same"}
    assert found.rows[0].actual == "Conv2D (28, 28, 8), 80 parameters"


@pytest.mark.parametrize(
    ("index", "change", "wanted"),
    [
        (1, {"config": {"filters": 16}}, "16 filters instead of 8"),
        (1, {"config": {"padding": "valid"}}, "padding 'valid' instead of 'same'"),
        (1, {"config": {"kernel_size": [5, 5]}}, "kernel (5, 5) instead of (3, 3)"),
        (1, {"config": {"use_bias": False}, "trainable": 72}, "no bias, 72 trainable parameters instead of 80"),
        (1, {"shape": (None, 13, 13, 8)}, "output (13, 13, 8) instead of (28, 28, 8)"),
        (1, {"trainable": 0, "frozen": 80}, "0 trainable parameters instead of 80, 80 frozen parameters instead of 0"),
        (3, {"config": {"activation": "tanh"}}, "Activation:tanh instead of Activation:relu"),
        (4, {"type": "AveragePooling2D"}, "AveragePooling2D instead of MaxPooling2D"),
        (4, {"config": {"pool_size": 3}}, "window (3, 3) instead of (2, 2)"),
        (6, {"config": {"rate": 0.5}}, "rate 0.5 instead of 0.3"),
        (7, {"config": {"units": 9}}, "9 units instead of 10"),
        (1, {"config": {"filters": None}}, "None filters instead of 8"),
    ],
)
def test_differences_as_pictures(index, change, wanted):
    """Each difference has its exact words."""
    assert differs(changed(KERAS, index, **change)) == [wanted]


def test_words_count_and_place_without_saying_what_was_wanted():
    """The sentence names the student's layers and the aspect, never the right value."""
    found = diff_layers(changed(without(KERAS, 5), 1, config={"filters": 16}, trainable=160), SPECS)
    assert found.words() == "1 layer is missing, 1 differs: layer 1 (Conv2D) in its filters and trainable parameters"
    assert diff_layers(without(without(KERAS, 5), 2), SPECS).words() == "2 layers are missing"
    more = keras(*KERAS.layers[:4], layer("custom Oops", None), *KERAS.layers[4:])
    assert diff_layers(more, SPECS).words() == "1 layer is extra"


@settings(deadline=None, max_examples=40)
@given(st.sets(st.integers(0, len(SPECS) - 1)))
def test_what_is_left_out_is_what_is_missing(gone):
    """Whichever layers are left out of the expected ones, they are extra; left out of the model, missing."""
    kept = [spec for i, spec in enumerate(SPECS) if i not in gone]
    states = [row.state for row in diff_layers(KERAS, kept).rows]
    assert states == ["extra" if i in gone else "same" for i in range(len(SPECS))]


def test_final_softmax():
    """Required as it stands, optional at either end, or forbidden."""
    assert diff_layers(TORCH, SPECS).words() == "1 layer is missing"
    assert diff_layers(TORCH, SPECS, final_softmax="optional").equal
    assert diff_layers(KERAS, SPECS[:-1], final_softmax="optional").equal
    assert diff_layers(TORCH, SPECS, final_softmax="forbidden").equal
    assert not diff_layers(KERAS, SPECS, final_softmax="forbidden").equal


def test_optional_layers_may_be_missing_but_not_wrong():
    """A functional call leaves no layer behind; a layer that is there is compared."""
    bare = without(without(TORCH, 5), 2)
    optional = ("Activation:relu", "Flatten")
    assert diff_layers(bare, SPECS, final_softmax="optional", optional=optional).equal
    assert not diff_layers(bare, SPECS, final_softmax="optional", optional=("Flatten",)).equal


def test_unstated_parts_are_not_compared():
    """A spec with a type alone accepts any layer of that type."""
    assert diff_layers(KERAS, [LayerSpec(type=spec.type) for spec in SPECS]).equal


def test_a_number_for_all_axes():
    """An expected kernel_size of 3 means (3, 3)."""
    specs = [LayerSpec(type="Conv2D", config={"kernel_size": 3}), *SPECS[1:]]
    assert diff_layers(KERAS, specs).equal


def test_an_empty_model():
    """No layers at all: everything is missing."""
    assert diff_layers(keras(), SPECS[:2]).words() == "2 layers are missing"
    assert diff_layers(keras(), []).equal


scalars = st.one_of(st.none(), st.booleans(), st.integers(-2, 9), st.floats(), st.text(max_size=4), st.just(10**4000))
configs = st.dictionaries(
    st.sampled_from(["kernel_size", "padding", "stride", "dilation", "activation", "units", "p", "bias", "strides"]),
    st.one_of(scalars, st.lists(scalars, max_size=3), st.lists(scalars, max_size=3).map(tuple)),
)
layers = st.builds(
    Layer,
    name=st.text(max_size=3),
    type=st.sampled_from(["Conv2d", "Conv2D", "Dense", "MaxPool2d", "Activation", "Flatten", "x\x1b\n" * 50]),
    shape=st.none() | st.lists(st.none() | st.integers(0, 9), max_size=4).map(tuple),
    trainable=st.integers(0, 9) | st.just(10**4000),
    frozen=st.integers(0, 9),
    config=configs,
)


@settings(deadline=None, max_examples=80)
@given(st.sampled_from(["keras", "torch"]), st.lists(layers, max_size=6))
def test_hostile_summaries_never_raise_and_rows_are_bounded(framework, found):
    """Whatever a student's summary holds, there are rows, short and without control characters."""
    difference = diff_layers(ModelSummary(framework=framework, layers=tuple(found)), SPECS)
    for row in difference.rows:
        for text in (row.expected or "", row.actual or "", row.differs):
            assert len(text) <= 300
            assert text.isprintable()
    assert difference.words().isprintable()


def test_very_deep_models_are_bounded():
    """Thousands of layers end in some hundreds of rows."""
    deep = keras(*(layer("Flatten", None) for _ in range(5000)))
    assert len(diff_layers(deep, SPECS).rows) < 700


def test_the_authors_mistakes_are_theirs():
    """An unknown option or a spec that is none is a grader's error."""
    option: Any = "maybe"
    with pytest.raises(GraderError):
        diff_layers(KERAS, SPECS, final_softmax=option)
    specs: Any = ["Conv2D"]
    with pytest.raises(GraderError):
        diff_layers(KERAS, specs)
