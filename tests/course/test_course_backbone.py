"""Pre-trained weights come from where the frameworks keep them, checked; a file that is not right is said to be so."""

import hashlib
import importlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest


@pytest.fixture
def backbone() -> Any:
    """The loader, imported anew as a notebook would."""
    return importlib.import_module("backbone")


@pytest.fixture
def tiny(backbone, monkeypatch):
    """VGG16 with one or two filters everywhere and 32x32 images: the same layers in a file of a few kilobytes."""
    monkeypatch.setitem(backbone.BLOCKS, "vgg16", ((2, 2), (2, 2), (3, 3, 3), (2, 2, 2), (3, 3, 3)))
    monkeypatch.setitem(backbone.DENSE, "vgg16", (("fc1", 5), ("fc2", 4), ("predictions", 6)))
    monkeypatch.setitem(backbone.SIDE, "vgg16", 64)
    rng = np.random.default_rng(0)
    shapes = backbone.shapes("vgg16")
    return {name: [rng.normal(size=shape).astype(np.float32) for shape in layer] for name, layer in shapes.items()}


@pytest.fixture
def keras_file(backbone, tiny, tmp_path, monkeypatch):
    """A file in the form of keras.applications, where Keras keeps it."""
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "models" / backbone.KERAS_FILE
    path.parent.mkdir()
    with h5py.File(path, "w") as file:
        for name in ("input_1", "block1_pool", *tiny):
            group = file.create_group(name)
            arrays = dict(zip((f"{name}_W_1:0", f"{name}_b_1:0"), tiny.get(name, ()), strict=False))
            group.attrs["weight_names"] = [key.encode() for key in arrays]
            for key, array in arrays.items():
                group[key] = array
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(backbone, "KERAS_MD5", hashlib.md5(path.read_bytes()).hexdigest())
    return path


@pytest.fixture
def torch_file(backbone, tiny, tmp_path, monkeypatch):
    """A state dict in the form of torchvision, where torch.hub keeps it."""
    torch = pytest.importorskip("torch")
    path = tmp_path / "hub" / "checkpoints" / backbone.TORCH_FILE
    path.parent.mkdir(parents=True)
    numbers = [0, 2, 5, 7, 10, 12, 14, 17, 19, 21, 24, 26, 28]
    names = [f"features.{number}" for number in numbers] + [f"classifier.{number}" for number in (0, 3, 6)]
    state: dict[str, Any] = {}
    for name, (kernel, bias) in zip(names, tiny.values(), strict=True):
        matrix = kernel
        if name == "classifier.0":  # what PyTorch flattens, it flattens channel by channel
            matrix = kernel.reshape(2, 2, 3, -1).transpose(2, 0, 1, 3).reshape(kernel.shape)
        turned = matrix.transpose(3, 2, 0, 1) if matrix.ndim == 4 else matrix.T
        state |= {f"{name}.weight": torch.tensor(turned), f"{name}.bias": torch.tensor(bias)}
    torch.save(state, path)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    seal(backbone, path, monkeypatch)
    return path


def seal(backbone: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the file as it is for the published one."""
    monkeypatch.setattr(backbone, "TORCH_SHA256", hashlib.sha256(path.read_bytes()).hexdigest()[:8])


def test_vgg16_has_the_parameters_that_it_is_known_for(backbone):
    """By the shapes of its weights, VGG16 has 138,357,544 parameters and 4096 features."""
    shapes = backbone.shapes("vgg16")
    assert sum(int(np.prod(shape)) for layer in shapes.values() for shape in layer) == 138_357_544
    assert shapes["fc2"][0][1] == backbone.FEATURES["vgg16"] == 4096


def test_keras_own_vgg16_has_these_layers(backbone):
    """The layers with weights are those of keras.applications, by name and shape, and pooling ends each block."""
    keras = pytest.importorskip("keras")
    with keras.device("cpu"):
        real = keras.applications.VGG16(weights=None, include_top=False, input_shape=(224, 224, 3))
    shapes = {layer.name: [tuple(weight.shape) for weight in layer.weights] for layer in real.layers if layer.weights}
    ours = backbone.shapes("vgg16")
    assert {name: ours[name] for name in shapes} == shapes
    assert [row.name for row in backbone.layers("vgg16") if row.kind == "pooling"] == [
        f"block{number}_pool" for number in range(1, 6)
    ]


def test_the_keras_file_is_read(backbone, tiny, keras_file):
    """Each layer gets the arrays of its group, and the model computes with them."""
    weights = backbone.load("vgg16", "keras").get_weights()
    wanted = [array for arrays in tiny.values() for array in arrays]
    assert all(np.array_equal(have, want) for have, want in zip(weights, wanted, strict=True))


def test_both_frameworks_compute_the_same_with_the_same_weights(backbone, keras_file, torch_file):
    """From each framework's own file, in its own layout, the same picture gets the same predictions."""
    torch = pytest.importorskip("torch")
    images = np.random.default_rng(1).normal(size=(2, 64, 64, 3)).astype(np.float32)
    expected = np.asarray(backbone.load("vgg16", "keras")(images))
    model = backbone.load("vgg16", "torch").eval()
    with torch.no_grad():
        found = model[1:](torch.from_numpy(images.transpose(0, 3, 1, 2).copy())).numpy()
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_pytorchs_vgg16_gets_the_range_that_it_learned_with(backbone, torch_file):
    """Its first layer makes of VGG range what torchvision's normalization makes of the raw picture."""
    torch = pytest.importorskip("torch")
    raw = np.random.default_rng(2).integers(0, 256, size=(1, 4, 4, 3)).astype(np.float32)
    vgg = torch.from_numpy((raw[..., ::-1] - np.array([103.939, 116.779, 123.68])).transpose(0, 3, 1, 2).copy())
    expected = (raw / 255 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    found = backbone.load("vgg16", "torch")[0](vgg.float()).numpy()
    np.testing.assert_allclose(found.transpose(0, 2, 3, 1), expected, atol=1e-4)


@pytest.mark.parametrize("framework", ["keras", "torch"])
def test_no_file_is_said_with_its_path(backbone, tmp_path, monkeypatch, framework):
    """Without the framework's file, the message says where it was looked for and what helps."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(backbone.DataMissing, match=rf"wanted: {tmp_path}.*no such file.*next: .*small"):
        backbone.load("vgg16", framework)


def test_another_content_is_refused(backbone, keras_file, torch_file):
    """A file of the right name whose digest is not the published one is not read."""
    for path, framework in ((keras_file, "keras"), (torch_file, "torch")):
        path.write_bytes(path.read_bytes() + b"?")
        with pytest.raises(backbone.DataInvalid, match=r"as published .*; found: .*; next: delete it"):
            backbone.weights("vgg16", framework)


def test_a_pickle_with_code_in_it_is_not_run(backbone, torch_file, tmp_path, monkeypatch):
    """Even with a right digest, a file that would run something is refused."""
    marker = tmp_path / "marker"

    class Evil:
        def __reduce__(self):
            return (open, (str(marker), "w"))

    torch_file.write_bytes(pickle.dumps(Evil(), protocol=2))
    seal(backbone, torch_file, monkeypatch)
    with pytest.raises(backbone.DataInvalid, match="cannot be read"):
        backbone.weights("vgg16", "torch")
    assert not marker.exists()


def test_other_shapes_are_refused(backbone, keras_file, torch_file, monkeypatch):
    """Weights of a network of another size are refused, with the layer's name."""
    monkeypatch.setitem(backbone.BLOCKS, "vgg16", ((7, 2), (2, 2), (3, 3, 3), (2, 2, 2), (3, 3, 3)))
    for framework in ("keras", "torch"):
        with pytest.raises(backbone.DataInvalid, match="'block1_conv1' of 'vgg16'"):
            backbone.load("vgg16", framework)


def test_unknown_names_are_said(backbone):
    """A network or framework that there is not is named, beside those that there are."""
    with pytest.raises(backbone.DataMissing, match="small, vgg16; found: 'resnet'"):
        backbone.load("resnet")
    with pytest.raises(backbone.DataMissing, match="keras, torch; found: 'jax'"):
        backbone.load("small", "jax")


def test_an_untrained_network_has_the_same_layers(backbone):
    """It has another number of classes, and weights that are not the shipped ones."""
    pytest.importorskip("torch")
    fresh, shipped = backbone.untrained("small", "torch", classes=8), backbone.load("small", "torch")
    assert [name for name, _ in fresh.named_children()] == [name for name, _ in shipped.named_children()]
    assert fresh.predictions.out_features == 8
    assert not np.array_equal(fresh.features.weight.detach().numpy(), shipped.features.weight.detach().numpy())
