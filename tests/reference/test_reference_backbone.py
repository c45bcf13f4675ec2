"""The small backbone in NumPy against both frameworks' own layers, and the range of its inputs against Keras' own."""

import importlib
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import backbone

ROOT = Path(__file__).parents[2]


@pytest.fixture
def loader(monkeypatch):
    """datasets/backbone.py, which lies where graders and notebooks find it."""
    monkeypatch.syspath_prepend(str(ROOT / "datasets"))
    monkeypatch.delitem(sys.modules, "backbone", raising=False)
    return importlib.import_module("backbone")


def images(number: int = 3, height: int = 48, width: int = 48, seed: int = 0) -> Any:
    return np.random.default_rng(seed).integers(0, 256, size=(number, height, width, 3), dtype=np.uint8)


def test_the_examples_of_the_text():
    """Red 200, green 100, blue 50 become the three numbers that the notebook states."""
    colour = np.full((1, 2, 2, 3), (200, 100, 50), dtype=np.uint8)
    np.testing.assert_allclose(backbone.vgg_range(colour)[0, 0, 0], [-53.939, -16.779, 76.32], atol=1e-4)


def test_the_range_is_the_one_of_keras_vgg16():
    """Keras' own preprocessing of VGG16 gives the same numbers."""
    keras = pytest.importorskip("keras")
    raw = images()
    expected = keras.applications.vgg16.preprocess_input(raw.astype(np.float32))
    np.testing.assert_allclose(backbone.vgg_range(raw), expected, atol=1e-3)


def test_every_mistake_is_another_result():
    """No two wrong ranges are equal, and none of them is right."""
    raw = images(1)
    results = [backbone.vgg_range(raw), *(backbone.vgg_range(raw, *how) for how in backbone.MISTAKES.values())]
    for place, one in enumerate(results):
        assert not any(np.allclose(one, other, atol=1.0) for other in results[place + 1 :])


@given(st.integers(1, 60), st.integers(1, 60), st.integers(1, 50))
def test_resizing_keeps_a_plain_image(height, width, side):
    """An image of one colour stays one, whatever its size was."""
    resized = backbone.resize(np.full((1, height, width, 1), 7.0), side)
    assert resized.shape == (1, side, side, 1)
    np.testing.assert_allclose(resized, 7.0)


@pytest.mark.parametrize("shape", [(48, 48), (40, 56), (20, 31)])
def test_resizing_is_the_one_of_pytorch(loader, shape):
    """PyTorch's bilinear interpolation gives the same, and so does what the notebooks use."""
    torch = pytest.importorskip("torch")
    raw = images(2, *shape)
    tensor = torch.tensor(raw.astype(np.float64)).permute(0, 3, 1, 2)
    expected = torch.nn.functional.interpolate(tensor, size=(32, 32), mode="bilinear").permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(backbone.resize(raw), expected, atol=1e-8)
    np.testing.assert_allclose(loader.resize(raw, 32), expected, atol=1e-2)


def test_the_shapes_of_the_shipped_weights(loader):
    """The file holds the arrays that the reference derives, of float32, in less than a megabyte."""
    weights = loader.weights("small")
    assert {name: [array.shape for array in arrays] for name, arrays in weights.items()} == backbone.weight_shapes()
    assert {array.dtype for arrays in weights.values() for array in arrays} == {np.dtype(np.float32)}
    assert loader.SMALL_FILE.stat().st_size < 1_000_000


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_the_forward_pass_is_the_frameworks(loader, framework):
    """What comes out of the whole network, and of "flatten", is what the framework's own layers give."""
    pytest.importorskip(framework)
    inputs = backbone.preprocess(images())
    expected = backbone.activations(loader.weights("small"), inputs)
    for top, name in ((True, "predictions"), (False, "flatten")):
        found = outputs_of(loader.load("small", framework, top=top), inputs, framework)
        if name == "flatten" and framework == "torch":
            found = found.reshape(len(found), backbone.FILTERS[-1], -1).swapaxes(1, 2).reshape(found.shape)
        np.testing.assert_allclose(found, expected[name], rtol=1e-3, atol=1e-3)


def outputs_of(model: Any, inputs: Any, framework: str, *, training: bool = False) -> Any:
    """A model's outputs for images (N, H, W, C)."""
    if framework == "keras":
        return np.asarray(model(inputs, training=training))
    torch = pytest.importorskip("torch")
    model.train(training)
    with torch.no_grad():
        return model(torch.from_numpy(np.ascontiguousarray(inputs.transpose(0, 3, 1, 2)))).numpy()


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_batch_statistics_are_those_of_training(loader, framework):
    """With the statistics of the batch, the reference gives what the framework gives in training mode."""
    pytest.importorskip(framework)
    inputs = backbone.preprocess(images(5, seed=1))
    expected = backbone.activations(loader.weights("small"), inputs, batch_statistics=True)["predictions"]
    found = outputs_of(loader.load("small", framework), inputs, framework, training=True)
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2)


def test_pictures_are_treated_one_by_one(loader):
    """Outside training, the features of a picture do not depend on the others; in training mode they do."""
    weights, inputs = loader.weights("small"), backbone.preprocess(images(40))
    together = backbone.activations(weights, inputs)["features_relu"]
    np.testing.assert_allclose(backbone.activations(weights, inputs[35:36])["features_relu"], together[35:36])
    mixed = backbone.activations(weights, inputs, batch_statistics=True)["features_relu"]
    assert not np.allclose(mixed, together, atol=0.1)


def test_weights_are_found_in_any_order_of_layers(loader):
    """A head that a module registers first, and PyTorch's layout, make no difference."""
    weights = {name: arrays for name, arrays in loader.weights("small").items() if "block" in name}
    head = [np.ones((backbone.FLAT, 8), np.float32), np.zeros(8, np.float32)]
    shapes = backbone.weight_shapes(top=False) | {"head": [(backbone.FLAT, 8), (8,)]}
    arrays = [*head, *(array for layer in weights.values() for array in layer)]
    found = backbone.by_name(arrays, shapes)
    assert found is not None
    np.testing.assert_array_equal(found["block4_bn1"][3], weights["block4_bn1"][3])
    assert backbone.by_name(arrays[1:], shapes) is None
    assert backbone.by_name([*arrays, np.zeros(3)], shapes) is None


def test_from_torch_turns_every_layout(loader):
    """The state of PyTorch's model, turned, is the shipped file."""
    pytest.importorskip("torch")
    state = [value.numpy() for value in loader.load("small", "torch").state_dict().values() if value.ndim]
    found = backbone.by_name(backbone.from_torch(state), backbone.weight_shapes())
    assert found is not None
    for name, arrays in loader.weights("small").items():
        for have, want in zip(found[name], arrays, strict=True):
            np.testing.assert_array_equal(have, want)
