"""LeNet-5, AlexNet, VGG16, an inception module and a ResNet bottleneck: shapes, parameters, and what they compute.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the review of ImageNet winning architectures.
LeNet-5: LeCun, Bottou, Bengio, Haffner 1998, with plain average pooling and all maps connected. AlexNet: torchvision's
version for one GPU, after Krizhevsky, arXiv:1404.5997. VGG16: configuration D of arXiv:1409.1556. Inception:
arXiv:1409.4842. Bottleneck: arXiv:1512.03385.

A *net* is a list of plain dictionaries without activations and dropout. Shapes are (height, width, channels), or
(units,); they have no batch axis.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from reference import forward
from reference.forward import Array

Layer: TypeAlias = dict[str, Any]
Shape: TypeAlias = tuple[int, ...]
EPSILON = {"keras": 1e-3, "torch": 1e-5}  # each framework's own default in batch normalization


class Row(NamedTuple):
    """A layer in a table: its kind, the shape of its output, and its parameters."""

    kind: str
    shape: Shape
    parameters: int


def conv(filters: int, kernel: int, stride: int = 1, padding: int = 0) -> Layer:
    """Filters of kernel x kernel, each with a bias; `padding` zeros on each of the four sides."""
    return {"layer": "conv", "filters": filters, "kernel": kernel, "stride": stride, "padding": padding}


def pool(kernel: int, stride: int) -> Layer:
    """A pooling over kernel x kernel, without padding."""
    return {"layer": "pool", "kernel": kernel, "stride": stride}


def flatten() -> Layer:
    """All numbers in one row."""
    return {"layer": "flatten"}


def dense(units: int) -> Layer:
    """Units that see all inputs, each with a bias."""
    return {"layer": "dense", "units": units}


def lenet5() -> list[Layer]:
    """For images 32x32x1."""
    return [conv(6, 5), pool(2, 2), conv(16, 5), pool(2, 2), conv(120, 5), flatten(), dense(84), dense(10)]


def alexnet(width: int = 64, hidden: int = 4096, classes: int = 1000) -> list[Layer]:
    """For images 224x224x3."""
    first = [conv(width, 11, stride=4, padding=2), pool(3, 2), conv(3 * width, 5, padding=2), pool(3, 2)]
    last = [conv(times * width, 3, padding=1) for times in (6, 4, 4)]
    return [*first, *last, pool(3, 2), flatten(), dense(hidden), dense(hidden), dense(classes)]


def vgg16(width: int = 64, hidden: int = 4096, classes: int = 1000) -> list[Layer]:
    """For images 224x224x3."""
    net = []
    for convolutions, times in ((2, 1), (2, 2), (3, 4), (3, 8), (3, 8)):
        net += [conv(times * width, 3, padding=1) for _ in range(convolutions)] + [pool(2, 2)]
    return [*net, flatten(), dense(hidden), dense(hidden), dense(classes)]


def layer_table(net: Sequence[Layer], shape: Shape) -> list[Row]:
    """One row for each layer, each derived from the output shape of the one before."""
    rows = []
    for layer in net:
        kind, parameters = layer["layer"], 0
        if kind == "flatten":
            shape = (math.prod(shape),)
        elif kind == "dense":
            parameters = (shape[0] + 1) * layer["units"]
            shape = (layer["units"],)
        else:
            height, width, channels = shape
            if kind == "conv":
                parameters = (layer["kernel"] ** 2 * channels + 1) * layer["filters"]
                channels = layer["filters"]
            shape = (*(_places(layer, size) for size in (height, width)), channels)
        rows.append(Row(kind, shape, parameters))
    return rows


def _places(layer: Layer, size: int) -> int:
    return forward.output_size(size, layer["kernel"], layer["stride"], layer.get("padding", 0))


def parameters(net: Sequence[Layer], shape: Shape) -> int:
    """All parameters of a net."""
    return sum(row.parameters for row in layer_table(net, shape))


def dense_share(net: Sequence[Layer], shape: Shape) -> float:
    """The share of the parameters that lies in dense layers, from 0 to 1."""
    in_dense = sum(row.parameters for row in layer_table(net, shape) if row.kind == "dense")
    return in_dense / parameters(net, shape)


def inception_convolutions(channels: int, sizes: Sequence[int]) -> list[tuple[int, int, int]]:
    """An inception module's convolutions as (kernel, channels, filters), branch by branch.

    sizes : filters of the 1x1; of the 1x1 and the 3x3; of the 1x1 and the 5x5; of the 1x1 behind the pooling.
    """
    ones, reduced3, threes, reduced5, fives, pooled = sizes
    return [
        (1, channels, ones),
        (1, channels, reduced3),
        (3, reduced3, threes),
        (1, channels, reduced5),
        (5, reduced5, fives),
        (1, channels, pooled),
    ]


def inception_parameters(channels: int, sizes: Sequence[int]) -> int:
    """All weights and biases of an inception module."""
    return sum((k * k * inputs + 1) * filters for k, inputs, filters in inception_convolutions(channels, sizes))


def inception(convolutions: Sequence[tuple[Array, Array]], images: Array) -> Array:
    """What an inception module makes of images (N, H, W, C): its four branches, one behind the other in depth.

    convolutions : kernel (k, k, C, F) and bias (F,) of each, in the order of `inception_convolutions`.
    """

    def convolved(values: Array, place: int) -> Array:
        kernel, bias = convolutions[place]
        return forward.relu(forward.conv2d(values, kernel, bias, padding=len(kernel) // 2))

    pooled = forward.max_pool2d(images, 3, stride=1, padding=1)
    branches = [
        convolved(images, 0),
        convolved(convolved(images, 1), 2),
        convolved(convolved(images, 3), 4),
        convolved(pooled, 5),
    ]
    return np.concatenate(branches, axis=-1)


def bottleneck_parameters(channels: int, middle: int) -> tuple[int, int]:
    """(trainable, not trainable) of a ResNet bottleneck without biases: kernels, and four numbers per channel and norm.

    Scale and shift of a batch normalization are learned, mean and variance only observed.
    """
    kernels = channels * middle + 9 * middle * middle + middle * channels
    normalized = middle + middle + channels
    return kernels + 2 * normalized, 2 * normalized


def bottleneck(kernels: Sequence[Array], norms: Sequence[Sequence[Array]], images: Array, epsilon: float) -> Array:
    """What a ResNet bottleneck makes of images (N, H, W, C), in inference mode.

    kernels : (1, 1, C, M), (3, 3, M, M), (1, 1, M, C).   norms : scale, shift, mean, variance for each, (M,) or (C,).
    """
    values = images
    for place, (kernel, norm) in enumerate(zip(kernels, norms, strict=True)):
        scale, shift, mean, variance = (np.asarray(part, dtype=np.float64) for part in norm)
        values = forward.conv2d(values, kernel, padding=len(kernel) // 2)
        values = scale * (values - mean) / np.sqrt(variance + epsilon) + shift
        values = forward.relu(values + images if place == 2 else values)
    return values


def apply(
    net: Sequence[Layer],
    weights: Sequence[Array],
    images: Array,
    activation: Callable[[Array], Array] = forward.relu,
    pooling: Callable[[Array, int, int], Array] = forward.max_pool2d,
) -> Array:
    """What a net makes of images (N, H, W, C): the activation follows each layer with weights but the last one.

    weights : kernel (k, k, C, F) and bias (F,) of each convolution, matrix (inputs, units) and bias of a dense layer.
    Flattening runs through rows, columns and channels.   Returns (N, units).
    """
    left: Iterator[Array] = (np.asarray(weight, dtype=np.float64) for weight in weights)
    values = np.asarray(images, dtype=np.float64)
    for place, layer in enumerate(net):
        if layer["layer"] == "pool":
            values = pooling(values, layer["kernel"], layer["stride"])
        elif layer["layer"] == "flatten":
            values = values.reshape(len(values), -1)
        elif layer["layer"] == "conv":
            kernel, bias = next(left), next(left)
            values = forward.conv2d(values, kernel, bias, stride=layer["stride"], padding=layer["padding"])
        else:
            values = values @ next(left) + next(left)
        if layer["layer"] in {"conv", "dense"} and place < len(net) - 1:
            values = activation(values)
    return values


def weights_from_torch(weights: Sequence[Array], flattened: Shape) -> list[Array]:
    """PyTorch's weights in Keras' layout: OIHW to HWIO, (out, in) to (in, out).

    flattened : the map (height, width, channels) before the first dense layer; PyTorch flattens it channels first.
    """
    height, width, channels = flattened
    result: list[Array] = []
    for weight in weights:
        first_dense = weight.ndim == 2 and not any(earlier.ndim == 2 for earlier in result)
        if weight.ndim == 4:
            result.append(weight.transpose(2, 3, 1, 0))
        elif first_dense and weight.shape[1] == math.prod(flattened):
            by_place = weight.reshape(-1, channels, height, width).transpose(2, 3, 1, 0)
            result.append(by_place.reshape(math.prod(flattened), -1))
        else:
            result.append(weight.T)
    return result
