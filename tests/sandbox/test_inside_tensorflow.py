"""Questions about TensorFlow tensors and Keras models. TensorFlow is imported in this file of the tests alone."""

import os
from typing import Any

import numpy as np
import pytest

from referee.answers.interface import Layer, Student
from referee.answers.local import LocalSource
from referee.errors import StudentFault

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")


def student(**names: Any) -> Student:
    return Student(LocalSource(names))


def layers(model: Any) -> list[Layer]:
    return list(student(m=model).model("m").layers().layers)


def small() -> Any:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            keras.layers.Conv2D(2, 3, padding="same", activation="relu", name="conv"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64", "int32", "int64", "uint8", "bool", "complex64"])
def test_tensors_and_variables_keep_their_dtype(dtype):
    """A tensor and a tf.Variable arrive as the array of the same dtype, shape and numbers."""
    numbers = np.array([[0, 1], [2, 3]]).astype(dtype)
    for value in (tf.constant(numbers), tf.Variable(numbers)):
        answer: Any = student(x=value)["x"]
        assert answer.dtype == numbers.dtype
        assert np.array_equal(answer, numbers)


def test_bfloat16_becomes_float32():
    """A bfloat16 tensor, array, scalar or variable arrives as the same numbers in float32."""
    numbers = tf.constant([1.5, -0.25], tf.bfloat16)
    for value in (numbers, tf.Variable(numbers), keras.Variable(numbers, dtype="bfloat16"), numbers.numpy()):
        answer: Any = student(x=value)["x"]
        assert answer.dtype == np.float32
        assert answer.tolist() == [1.5, -0.25]
    scalar: Any = student(x=tf.constant(1.5, tf.bfloat16))["x"]
    assert (scalar.shape, scalar.dtype, float(scalar)) == ((), np.float32, 1.5)


def test_keras_variables_and_scalars_arrive_as_their_numbers():
    """A keras.Variable and a tensor without axes arrive as arrays of their numbers."""
    variable: Any = student(x=keras.Variable([1.0, 2.0]))["x"]
    scalar: Any = student(x=tf.constant(3))["x"]
    assert variable.tolist() == [1.0, 2.0]
    assert (scalar.shape, int(scalar)) == ((), 3)


def test_tensors_that_hold_no_numbers_are_refused():
    """A ragged, a symbolic and a string tensor are refused in words, not turned into something else."""
    for value in (tf.ragged.constant([[1], [2, 3]]), keras.Input((2,)), tf.constant(["a"])):
        with pytest.raises(StudentFault):
            student(x=value)["x"]


def test_layers_of_a_sequential_model():
    """Each layer has its type, output shape and counts; the batch normalization's statistics are frozen."""
    rows = [(row.type, row.shape, row.trainable, row.frozen) for row in layers(small())]
    assert rows == [
        ("Conv2D", (None, 6, 6, 2), 20, 0),
        ("BatchNormalization", (None, 6, 6, 2), 4, 4),
        ("Dropout", (None, 6, 6, 2), 0, 0),
        ("Flatten", (None, 72), 0, 0),
        ("Dense", (None, 3), 219, 0),
    ]
    summary = student(m=small()).model("m").layers()
    assert (summary.framework, summary.parameters) == ("keras", small().count_params())


def test_a_layers_configuration_is_its_plain_settings():
    """The configuration holds the layer's plain settings, under Keras's names."""
    first = layers(small())[0]
    assert first.name == "conv"
    assert {key: first.config[key] for key in ("filters", "padding", "activation")} == {
        "filters": 2,
        "padding": "same",
        "activation": "relu",
    }


def test_layers_of_a_functional_model_with_a_model_inside():
    """A functional model's layers are listed, and a model inside it layer by layer."""
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2)])
    inputs = keras.Input((4,))
    outer = keras.Model(inputs, keras.layers.Dense(1)(inner(inputs)))
    rows = [(row.type, row.shape, row.parameters) for row in layers(outer)]
    assert [row for row in rows if row[0] != "InputLayer"] == [("Dense", (None, 2), 10), ("Dense", (None, 1), 3)]


def test_an_unbuilt_model_is_said_to_be_unbuilt():
    """A model that never saw an input shape is refused, with the two ways to build it."""
    with pytest.raises(StudentFault) as caught:
        layers(keras.Sequential([keras.layers.Dense(2)]))
    assert str(caught.value) == (
        "wanted: the layers of `m`\n"
        "found:  the model is not built: give it an input shape (keras.Input) or call it on a batch"
    )


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # Keras: a layer without get_config, which students write
def test_a_layer_of_the_students_own_is_marked():
    """A layer class that is not the framework's own is marked as custom, even when it borrows a name."""

    class Dense(keras.layers.Layer):  # type: ignore[misc,name-defined] # keras has no types
        def call(self, x: Any) -> Any:
            return x * 2

    model = keras.Sequential([keras.Input((2,)), Dense(), keras.layers.Dense(1)])
    assert [row.type for row in layers(model)] == ["custom Dense", "Dense"]


@pytest.mark.filterwarnings("ignore:.*:UserWarning")  # Keras: a layer without get_config, which students write
def test_a_layer_that_does_not_say_how_it_is_configured():
    """A layer with arguments of its own and no `get_config` is listed like any other, without a configuration."""

    class Scale(keras.layers.Layer):  # type: ignore[misc,name-defined] # keras has no types
        def __init__(self, factor: Any) -> None:
            super().__init__()
            self.factor = factor

        def call(self, x: Any) -> Any:
            return x * 2

    model = keras.Sequential([keras.Input((2,)), Scale(object()), keras.layers.Dense(1)])
    first = layers(model)[0]
    assert (first.type, first.config) == ("custom Scale", {})


def test_frozen_layers_count_as_frozen():
    """The weights of a layer with `trainable = False` count as frozen."""
    model = small()
    model.layers[-1].trainable = False
    assert [(row.trainable, row.frozen) for row in layers(model)][-1] == (0, 219)


def test_predictions_are_those_of_inference_mode():
    """Predictions equal the model's own with training=False, batch after batch, and change no statistic."""
    model = small()
    before = [weight.copy() for weight in model.get_weights()]
    many = np.random.default_rng(0).normal(size=(300, 6, 6, 1)).astype("f4")
    answer = student(m=model).model("m").predict(many)
    parts = [np.asarray(model(part, training=False)) for part in np.split(many, [256])]
    assert np.array_equal(answer, np.concatenate(parts))
    assert all(np.array_equal(left, right) for left, right in zip(before, model.get_weights(), strict=True))


def test_weights_are_the_models_own():
    """Weights come in Keras's order and layout."""
    model = small()
    answer = student(m=model).model("m").weights()
    assert all(np.array_equal(left, right) for left, right in zip(answer, model.get_weights(), strict=True))


def test_a_history_as_fit_returns_it():
    """What `fit` returns is a history: one number per epoch for each metric."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    history = model.fit(np.ones((4, 2)), np.ones((4, 1)), epochs=2, verbose=0)
    answer = student(h=history).history("h")
    assert answer == {"loss": [float(value) for value in history.history["loss"]]}
    assert len(answer["loss"]) == 2


def test_a_model_can_be_built_by_a_function():
    """`build` asks about the layer or model that a student's function returns."""
    model = student(make=lambda units: keras.Sequential([keras.Input((3,)), keras.layers.Dense(units)])).build(
        "make", 4
    )
    assert model.layers().parameters == 16
    assert model.predict(np.zeros((2, 3))).shape == (2, 4)


def test_tensors_can_be_inside_plain_data():
    """A list or dict of tensors arrives as a list or dict of arrays."""
    answer: Any = student(x={"a": [tf.constant([1.0])]})["x"]
    assert answer["a"][0].tolist() == [1.0]
