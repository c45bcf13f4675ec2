"""The course's small pre-trained network, in NumPy: the range of its inputs, its weights by name, and what it computes.

Sources: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", "Use pre-trained CNNs for feature generation"
and "Transfer learning beyond using off-shelf CNN feature"; the range of the inputs is that of VGG16 (Simonyan and
Zisserman, arXiv 1409.1556), as its authors published it in Caffe.

Four blocks of convolution (3x3, "same"), batch normalization, ReLU and max-pooling (2x2) turn 32x32x3 into 2x2x64;
"flatten" puts these in one row; "features" is a dense layer with a ReLU. Images are (N, height, width, channels).
Weights are a dictionary of lists, by the name of their layer, in Keras' order and layout: a convolution has a kernel
(3, 3, in, out) and a bias, a batch normalization scale, shift, mean and variance, a dense layer (in, out) and a bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Weights: TypeAlias = dict[str, list[Array]]
Framework: TypeAlias = Literal["keras", "torch"]
Shape: TypeAlias = tuple[int, ...]

SIDE, FILTERS, FEATURES, PEOPLE = 32, (16, 32, 48, 64), 96, 32
FLAT = (SIDE // 2 ** len(FILTERS)) ** 2 * FILTERS[-1]
EPSILON = 1e-3  # what batch normalization adds to a variance
MEANS = {"red": 123.68, "green": 116.779, "blue": 103.939}  # of ImageNet's pixels, 0 to 255
LAST_BLOCK = f"block{len(FILTERS)}"

#: The usual wrong ranges: the order of the colours, what is subtracted from them, and what they are divided by.
MISTAKES: dict[str, tuple[str, str, float]] = {
    "RGB instead of BGR": ("rgb", "rgb", 1.0),
    "the means in the wrong order": ("bgr", "rgb", 1.0),
    "the colours swapped without their means": ("rgb", "bgr", 1.0),
    "the means not subtracted": ("bgr", "", 1.0),
    "raw pixels": ("rgb", "", 1.0),
    "pixels from 0 to 1": ("rgb", "", 255.0),
    "divided by 255 as well": ("bgr", "bgr", 255.0),
}


def vgg_range(images: Array, order: str = "bgr", means: str = "bgr", divisor: float = 1.0) -> npt.NDArray[np.float32]:
    """What VGG16 was trained on: blue, green, red, each minus its mean over ImageNet, and not scaled.

    images : (N, H, W, 3), red, green, blue, 0 to 255.   Returns (N, H, W, 3), float32.
    order, means, divisor : how it may go wrong, see `MISTAKES`.
    """
    places = {"r": 0, "g": 1, "b": 2}
    values = {name[0]: value for name, value in MEANS.items()}
    subtracted = np.array([values[colour] for colour in means] or [0.0])
    colours = np.asarray(images, dtype=np.float64)[..., [places[colour] for colour in order]]
    return np.asarray((colours - subtracted) / divisor, dtype=np.float32)


def resize(images: Array, side: int = SIDE) -> npt.NDArray[np.float64]:
    """Bilinear, pixel by pixel: (N, H, W, C) -> (N, side, side, C). A pixel's value sits in its centre.

    Beyond the outermost centres the image goes on as it ends.
    """
    images = np.asarray(images, dtype=np.float64)
    for axis in (1, 2):
        size = images.shape[axis]
        place = np.clip((np.arange(side) + 0.5) * size / side - 0.5, 0, size - 1)
        before = np.minimum(np.floor(place).astype(int), max(size - 2, 0))
        after = np.minimum(before + 1, size - 1)
        share = (place - before).reshape([-1 if i == axis else 1 for i in range(4)])
        images = images.take(before, axis) * (1 - share) + images.take(after, axis) * share
    return images


def preprocess(images: Array, mistake: str = "") -> npt.NDArray[np.float32]:
    """Images (N, H, W, 3), uint8, as the network wants them: (N, 32, 32, 3), float32."""
    return vgg_range(resize(images), *MISTAKES[mistake] if mistake else ())


def weight_shapes(*, top: bool = True) -> dict[str, list[Shape]]:
    """The shapes of each layer's weights; `top` with the dense layers behind the blocks."""
    shapes: dict[str, list[Shape]] = {}
    channels = 3
    for block, filters in enumerate(FILTERS, 1):
        shapes[f"block{block}_conv1"] = [(3, 3, channels, filters), (filters,)]
        shapes[f"block{block}_bn1"] = [(filters,)] * 4
        channels = filters
    if top:
        shapes["features"] = [(FLAT, FEATURES), (FEATURES,)]
        shapes["predictions"] = [(FEATURES, PEOPLE), (PEOPLE,)]
    return shapes


def from_torch(arrays: Sequence[Array]) -> list[Array]:
    """PyTorch's weights in Keras' layout: kernels from OIHW to HWIO, matrices from (out, in) to (in, out).

    PyTorch flattens channels first; so the rows of a matrix behind "flatten" change their order, too.
    """
    return [_turned(np.asarray(array)) for array in arrays]


def _turned(array: Array) -> Array:
    if array.ndim == 4:
        return array.transpose(2, 3, 1, 0)
    if array.ndim == 2 and array.shape[1] == FLAT:
        return array.reshape(len(array), FILTERS[-1], -1).transpose(2, 1, 0).reshape(FLAT, len(array))
    return array.T


def by_name(arrays: Sequence[Array], shapes: Mapping[str, Sequence[Shape]]) -> Weights | None:
    """Each layer's weights out of a list in Keras' layout; None where shapes are missing, or others are there.

    Layers may come in any order, but those with weights of equal shapes in that of `shapes`.
    """
    left = list(arrays)
    found: Weights = {}
    for name, wanted in shapes.items():
        found[name] = []
        for shape in wanted:
            place = next((place for place, array in enumerate(left) if array.shape == shape), None)
            if place is None:
                return None
            found[name].append(left.pop(place))
    return None if left else found


def activations(weights: Weights, images: Array, *, batch_statistics: bool = False) -> dict[str, Array]:
    """What comes out of "flatten" and of each later layer: (N, ...), float64.

    weights : as `weight_shapes`; those behind the blocks may be missing.   images : (N, 32, 32, 3), in VGG range.
    batch_statistics : normalize by the mean and variance of these images, as in training: wrong for prediction.
    """
    few = len(images) if batch_statistics else 32  # at a time, so that all of it stays in the processor's cache
    starts = range(0, max(len(images), 1), max(few, 1))
    parts = [_activations(weights, images[start : start + few], batch_statistics) for start in starts]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _activations(weights: Weights, images: Array, batch_statistics: bool) -> dict[str, Array]:
    values = np.asarray(images, dtype=np.float64)
    for block in range(1, len(FILTERS) + 1):
        values = convolve(values, *weights[f"block{block}_conv1"])
        values = normalize(values, *weights[f"block{block}_bn1"], batch_statistics=batch_statistics)
        values = max_pool(np.maximum(values, 0.0))
    found = {"flatten": values.reshape(len(values), -1)}
    if "features" in weights:
        found["features"] = dense(found["flatten"], *weights["features"])
        found["features_relu"] = np.maximum(found["features"], 0.0)
    if "predictions" in weights:
        found["predictions"] = dense(found["features_relu"], *weights["predictions"])
    if "head" in weights:
        found["head"] = dense(found["flatten"], *weights["head"])
    return found


def convolve(values: Array, kernel: Array, bias: Array) -> Array:
    """A "same" convolution with a 3x3 kernel: for each of its places, a shifted image times a matrix."""
    padded = np.pad(values, ((0, 0), (1, 1), (1, 1), (0, 0)))
    number, height, width, channels = values.shape
    result = np.zeros((number * height * width, kernel.shape[3]))
    for row in range(3):
        for column in range(3):
            shifted = padded[:, row : row + height, column : column + width]
            result += shifted.reshape(-1, channels) @ np.asarray(kernel[row, column], dtype=np.float64)
    return result.reshape(number, height, width, -1) + bias


def normalize(
    values: Array, scale: Array, shift: Array, mean: Array, variance: Array, *, batch_statistics: bool = False
) -> Array:
    """Batch normalization: by the running mean and variance, or by those of these very values."""
    if batch_statistics:
        mean, variance = values.mean(axis=(0, 1, 2)), values.var(axis=(0, 1, 2))
    return (values - mean) / np.sqrt(np.asarray(variance, dtype=np.float64) + EPSILON) * scale + shift


def max_pool(values: Array) -> Array:
    """The largest number in each 2x2 window, channel by channel."""
    number, height, width, channels = values.shape
    return np.asarray(values.reshape(number, height // 2, 2, width // 2, 2, channels).max(axis=(2, 4)))


def dense(values: Array, matrix: Array, bias: Array) -> Array:
    """One weight per input and one bias for each unit."""
    return np.asarray(values @ np.asarray(matrix, dtype=np.float64) + bias)
