"""A network that has learned on other pictures, for transfer learning: its layers, its weights, in Keras or in PyTorch.

    network = backbone.load("small", "keras")

Networks:

    "small"     four blocks of convolution, batch normalization, ReLU and max-pooling, then 96 features; images of
                32x32. It learned to tell drawn people apart, none of whom is one of the eight people of faces.py. Its
                weights lie beside this file, in backbone.npz, made by ci/train_backbone.py.
    "vgg16"     the real VGG16 (Simonyan and Zisserman 2014), learned on the 1000 classes of ImageNet: 4096 features,
                images of 224x224. Its weights are read where the framework keeps them, and nothing is fetched:
                ~/.keras/models for Keras, ~/.cache/torch/hub/checkpoints for PyTorch.

Both want colours in "VGG range" (see the exercise). PyTorch's own VGG16 learned with another range: it gets a first
layer here that changes one into the other. Layers have the same names in both frameworks, those of Keras' VGG16; an
activation is a layer of its own.
"""

from __future__ import annotations

import hashlib
import os
import pickle
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sources import DataInvalid, DataMissing, read_arrays

__all__ = ["FEATURES", "FEATURE_LAYER", "SIDE", "DataInvalid", "DataMissing", "load", "resize", "untrained", "weights"]

SIDE = {"small": 32, "vgg16": 224}  # of the images that a network takes
FEATURES = {"small": 96, "vgg16": 4096}
FEATURE_LAYER = {"small": "features_relu", "vgg16": "fc2_relu"}

BLOCKS = {  # the filters of each convolution, block by block
    "small": ((16,), (32,), (48,), (64,)),
    "vgg16": ((64, 64), (128, 128), (256, 256, 256), (512, 512, 512), (512, 512, 512)),
}
DENSE = {
    "small": (("features", FEATURES["small"]), ("predictions", 32)),
    "vgg16": (("fc1", 4096), ("fc2", FEATURES["vgg16"]), ("predictions", 1000)),
}
NORMALIZED = ("small",)  # networks with a batch normalization after each convolution
EPSILON, MOMENTUM = 1e-3, 0.9  # of the batch normalizations; Keras and PyTorch have different defaults
CAFFE_MEAN = (103.939, 116.779, 123.68)  # blue, green, red: what "VGG range" subtracts
TORCHVISION_MEAN, TORCHVISION_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # red, green, blue, of 0 to 1

SMALL_FILE = Path(__file__).with_name("backbone.npz")
KERAS_FILE = "vgg16_weights_tf_dim_ordering_tf_kernels.h5"
KERAS_MD5 = "64373286793e3c8b2b4e3219cbf3544b"  # as published in keras.applications
TORCH_FILE = "vgg16-397923af.pth"
TORCH_SHA256 = "397923af"  # its first digits, as published in the file's name

FRAMEWORKS = ("keras", "torch")
_Weights = dict[str, list[np.ndarray]]


class Row(NamedTuple):
    """One layer of a network: its name, what kind it is, and how many filters or units it has, if it has any."""

    name: str
    kind: str
    size: int = 0


def load(network: str = "small", framework: str = "keras", *, top: bool = True) -> Any:
    """A network with the weights that it has learned: a `keras.Model`, or a `torch.nn.Sequential`.

    top : with the layers behind the blocks (features and predictions), or ending in "flatten".

    Raises
    ------
    DataMissing : its weights are not on this machine.   DataInvalid : they are not what was published.
    """
    rows = layers(network, top=top)
    found = weights(network, framework)
    model = _build(network, framework, rows)
    put = _into_keras if framework == "keras" else _into_torch
    for row in rows:
        if row.name in found:
            put(model, row.name, found[row.name], network)
    return model


def untrained(network: str = "small", framework: str = "keras", *, classes: int) -> Any:
    """The same layers with weights that have learned nothing, and another number of classes (logits)."""
    *rows, last = layers(network)
    return _build(network, framework, [*rows, last._replace(size=classes)])


def layers(network: str, *, top: bool = True) -> list[Row]:
    """The layers of a network, in order."""
    _require(network, BLOCKS, "a network")
    rows = []
    for block, convolutions in enumerate(BLOCKS[network], 1):
        for number, filters in enumerate(convolutions, 1):
            rows.append(Row(f"block{block}_conv{number}", "convolution", filters))
            if network in NORMALIZED:
                rows.append(Row(f"block{block}_bn{number}", "normalization", filters))
            rows.append(Row(f"block{block}_relu{number}", "relu"))
        rows.append(Row(f"block{block}_pool", "pooling"))
    rows.append(Row("flatten", "flatten"))
    for name, units in DENSE[network] if top else ():
        rows += [Row(name, "dense", units), Row(f"{name}_relu", "relu")]
    return rows[:-1] if top else rows  # predictions are logits


def weights(network: str = "small", framework: str = "keras") -> dict[str, list[np.ndarray]]:
    """What each layer with weights has learned, by its name, in Keras' order and layout whatever the framework.

    A convolution: kernel (height, width, in, out), bias. A batch normalization: scale, shift, mean, variance. A dense
    layer: matrix (in, out), bias.   Raises as `load` does.
    """
    _require(network, BLOCKS, "a network")
    _require(framework, FRAMEWORKS, "a framework")
    path = SMALL_FILE if network == "small" else _keras_path() if framework == "keras" else _torch_path()
    found = _read(path)
    wanted = shapes(network)
    have = {name: [array.shape for array in arrays] for name, arrays in found.items()}
    for name, expected in wanted.items():
        if have.get(name) != expected:
            raise DataInvalid(
                f"wanted: weights of the shapes {expected} for the layer {name!r} of {network!r}; "
                f"found: {have.get(name, 'none')} in {path}; next: put the published file there"
            )
    return {name: found[name] for name in wanted}


def shapes(network: str) -> dict[str, list[tuple[int, ...]]]:
    """The shapes of the weights of each layer that has some, in Keras' layout."""
    side, channels, result = SIDE[network], 3, {}
    for name, kind, size in layers(network):
        if kind == "convolution":
            result[name], channels = [(3, 3, channels, size), (size,)], size
        elif kind == "normalization":
            result[name] = [(size,)] * 4
        elif kind == "pooling":
            side //= 2
        elif kind == "flatten":
            channels *= side * side
        elif kind == "dense":
            result[name], channels = [(channels, size), (size,)], size
    return result


def resize(images: np.ndarray, side: int) -> np.ndarray:
    """Images (N, H, W, C) in another size: (N, side, side, C), float32, bilinear. Values stay in their range."""
    rows, columns = (_mixture(size, side) for size in images.shape[1:3])
    return np.einsum("yh,nhwc,xw->nyxc", rows, images.astype(np.float32), columns, optimize=True)


def _mixture(old: int, new: int) -> np.ndarray:
    """How much each old pixel counts for each new one: (new, old), float32. A pixel's value sits in its centre."""
    centres = np.clip((np.arange(new) + 0.5) * old / new - 0.5, 0, old - 1)
    return np.maximum(0, 1 - np.abs(centres[:, np.newaxis] - np.arange(old))).astype(np.float32)


def _require(name: str, known: Any, what: str) -> None:
    if name not in known:
        raise DataMissing(f"wanted: {what} out of {', '.join(known)}; found: {name!r}; next: name one of these")


def _read(path: Path) -> _Weights:
    """The weights in a file of one of three kinds. Raises DataInvalid where it holds something else."""
    try:
        return {".npz": _read_npz, ".h5": _read_h5, ".pth": _read_pth}[path.suffix](path)
    except (OSError, pickle.UnpicklingError, RuntimeError, KeyError, AttributeError, ValueError) as error:
        if isinstance(error, DataMissing | DataInvalid):
            raise
        raise DataInvalid(
            f"wanted: weights in {path}; found: a file that cannot be read ({error!r:.200}); "
            "next: put the published file there"
        ) from error


def _read_npz(path: Path) -> _Weights:
    """The weights that the course trained; arrays are called LAYER/0, LAYER/1, ..."""
    wanted = [(name, place) for name, sizes in shapes("small").items() for place in range(len(sizes))]
    remedy = "copy it from the course, or make it with `python ci/train_backbone.py`"
    arrays = read_arrays(path, [f"{name}/{place}" for name, place in wanted], "weights", remedy)
    found: _Weights = {}
    for (name, _), array in zip(wanted, arrays, strict=True):
        found.setdefault(name, []).append(array)
    return found


def _keras_path() -> Path:
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    next_step = "keras.applications.VGG16() fetches it (553 MB) on a machine with a network"
    return _checked(Path(home, "models", KERAS_FILE), "md5", KERAS_MD5, next_step)


def _torch_path() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    home = os.environ.get("TORCH_HOME") or Path(cache, "torch")
    next_step = "torchvision.models.vgg16(weights='IMAGENET1K_V1') fetches it (528 MB) on a machine with a network"
    return _checked(Path(home, "hub", "checkpoints", TORCH_FILE), "sha256", TORCH_SHA256, next_step)


def _checked(path: Path, algorithm: str, digest: str, next_step: str) -> Path:
    """The path, if there is a file whose digest begins as published."""
    if not path.is_file():
        raise DataMissing(f'wanted: {path}; found: no such file; next: {next_step}, or use the network "small"')
    with path.open("rb") as file:
        found = hashlib.file_digest(file, algorithm).hexdigest()
    if not found.startswith(digest):
        raise DataInvalid(
            f"wanted: {path.name} as published ({algorithm} {digest[:8]}...); found: {found[:8]}... in {path}; "
            f"next: delete it; then {next_step}"
        )
    return path


def _read_h5(path: Path) -> _Weights:
    """The weights of a file that keras.applications published: a group for each layer, which lists its arrays."""
    import h5py  # noqa: PLC0415 - comes with Keras, and only this network needs it

    with h5py.File(path, "r") as file:
        return {
            str(name): [np.asarray(group[weight]) for weight in group.attrs["weight_names"]]
            for name, group in file.items()
            if len(group.attrs.get("weight_names", ()))
        }


def _read_pth(path: Path) -> _Weights:
    """The weights of a state dict that torchvision published, in Keras' layout."""
    import torch  # noqa: PLC0415 - only where it is asked for

    state = torch.load(path, map_location="cpu", weights_only=True)
    arrays = [array.numpy() for array in state.values()]  # in the order of the layers: kernel, bias, kernel, bias, ...
    pairs = zip(shapes("vgg16"), arrays[::2], arrays[1::2], strict=False)
    found = {name: [_turned(kernel), bias] for name, kernel, bias in pairs}
    if "fc1" in found:
        found["fc1"][0] = _rows_by_pixel(found["fc1"][0], BLOCKS["vgg16"][-1][-1])
    return found


def _turned(kernel: np.ndarray) -> np.ndarray:
    """PyTorch's kernel in Keras' layout."""
    return kernel.transpose(2, 3, 1, 0) if kernel.ndim == 4 else kernel.T


def _rows_by_pixel(matrix: np.ndarray, channels: int) -> np.ndarray:
    """The matrix behind "flatten": PyTorch flattens channel by channel, Keras pixel by pixel."""
    return matrix.reshape(channels, -1, matrix.shape[1]).swapaxes(0, 1).reshape(matrix.shape)


def _rows_by_channel(matrix: np.ndarray, channels: int) -> np.ndarray:
    """The way back from `_rows_by_pixel`."""
    return matrix.reshape(-1, channels, matrix.shape[1]).swapaxes(0, 1).reshape(matrix.shape)


def _build(network: str, framework: str, rows: Sequence[Row]) -> Any:
    _require(framework, FRAMEWORKS, "a framework")
    return _keras_model(network, rows) if framework == "keras" else _torch_model(network, rows)


def _keras_model(network: str, rows: Sequence[Row]) -> Any:
    import keras  # noqa: PLC0415 - only where it is asked for

    make: dict[str, Callable[[str, int], Any]] = {
        "convolution": lambda name, size: keras.layers.Conv2D(size, 3, padding="same", name=name),
        "normalization": lambda name, _: keras.layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, name=name),
        "relu": lambda name, _: keras.layers.Activation("relu", name=name),
        "pooling": lambda name, _: keras.layers.MaxPooling2D(2, name=name),
        "flatten": lambda name, _: keras.layers.Flatten(name=name),
        "dense": lambda name, size: keras.layers.Dense(size, name=name),
    }
    inputs = values = keras.Input((SIDE[network], SIDE[network], 3), name="images")
    for name, kind, size in rows:
        values = make[kind](name, size)(values)
    return keras.Model(inputs, values, name=network)


def _into_keras(model: Any, name: str, arrays: Sequence[np.ndarray], _network: str) -> None:
    model.get_layer(name).set_weights(arrays)


def _torch_model(network: str, rows: Sequence[Row]) -> Any:
    from torch import nn  # noqa: PLC0415 - only where it is asked for

    channels, modules = 3, OrderedDict[str, Any]()
    if network == "vgg16":
        modules["range"] = _to_torchvision_range()
    inputs = {name: sizes[0][0] for name, sizes in shapes(network).items() if len(sizes[0]) == 2}
    for name, kind, size in rows:
        if kind == "convolution":
            modules[name], channels = nn.Conv2d(channels, size, 3, padding="same"), size
        elif kind == "normalization":
            modules[name] = nn.BatchNorm2d(size, momentum=1 - MOMENTUM, eps=EPSILON)
        elif kind == "dense":
            modules[name] = nn.Linear(inputs[name], size)
        else:
            modules[name] = {"relu": nn.ReLU, "flatten": nn.Flatten}.get(kind, lambda: nn.MaxPool2d(2))()
    return nn.Sequential(modules)


def _to_torchvision_range() -> Any:
    """A layer without weights of its own that changes VGG range into the one that PyTorch's VGG16 learned with."""
    import torch  # noqa: PLC0415 - only where it is asked for

    class ToTorchvisionRange(torch.nn.Module):
        def forward(self, images: Any) -> Any:
            def row(values: Sequence[float]) -> Any:
                return torch.tensor(values, dtype=images.dtype, device=images.device).reshape(1, 3, 1, 1)

            rgb = (images + row(CAFFE_MEAN)).flip(1) / 255
            return (rgb - row(TORCHVISION_MEAN)) / row(TORCHVISION_STD)

    return ToTorchvisionRange()


def _into_torch(model: Any, name: str, arrays: Sequence[np.ndarray], network: str) -> None:
    import torch  # noqa: PLC0415 - only where it is asked for

    module, (kernel, *rest) = model.get_submodule(name), arrays
    if name == DENSE[network][0][0]:
        kernel = _rows_by_channel(kernel, BLOCKS[network][-1][-1])
    kernel = kernel.transpose(3, 2, 0, 1) if kernel.ndim == 4 else kernel.T
    targets = [module.weight, module.bias, *(getattr(module, key, None) for key in ("running_mean", "running_var"))]
    with torch.no_grad():
        for target, array in zip(targets, [kernel, *rest], strict=False):
            target.copy_(torch.from_numpy(np.ascontiguousarray(array)))
