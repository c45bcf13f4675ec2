"""The inception module: what it computes, how its branches are concatenated, and what its parameters cost.

Sources: Szegedy et al., "Going deeper with convolutions" (2014), figure 2; "Machine Intelligence: Deep Learning",
week 5, "CNNs part II", the slides "The idea of inception modules" and "How to concatenate tensors of different
dimensions?". The centred padding, with the odd zero at the end, is that of Torch's `nn.DepthConcat`.

Tensors without a batch axis are (H, W, C), batches (N, H, W, C); kernels are (height, width, channels in, filters).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from reference import image_layers

Tensor: TypeAlias = npt.NDArray[np.float64]
Shape: TypeAlias = tuple[int, ...]


class Filters(NamedTuple):
    """How many filters each convolution of a module has, in the order of the branches."""

    f1: int
    r3: int
    f3: int
    r5: int
    f5: int
    fp: int


class Convolution(NamedTuple):
    """A kernel (height, width, channels in, filters) and a bias (filters,)."""

    kernel: Tensor
    bias: Tensor


class Module(NamedTuple):
    """The six convolutions of an inception module."""

    one: Convolution
    reduce3: Convolution
    three: Convolution
    reduce5: Convolution
    five: Convolution
    project: Convolution


def depth_concat(tensors: Sequence[npt.ArrayLike]) -> Tensor:
    """Zeros around the smaller tensors until all are as high and as wide as the largest; then all channels in a row.

    tensors : (H_i, W_i, C_i) each.   Returns (max H_i, max W_i, sum C_i).
    """
    arrays = [np.asarray(tensor, dtype=np.float64) for tensor in tensors]
    height, width = (max(array.shape[axis] for array in arrays) for axis in (0, 1))
    return np.concatenate([centred(array, height, width) for array in arrays], axis=2)


def centred(array: Tensor, height: int, width: int) -> Tensor:
    """The tensor in the middle of zeros: half of them, rounded down, above and on the left. (height, width, C)."""
    (above, below), (left, right) = (
        (missing // 2, missing - missing // 2) for missing in (height - array.shape[0], width - array.shape[1])
    )
    return np.pad(array, ((above, below), (left, right), (0, 0)))


def shapes(channels: int, filters: Filters) -> list[Shape]:
    """The kernels' shapes of a module for so many channels, in the order of `Module`."""
    f1, r3, f3, r5, f5, fp = filters
    return [(1, 1, channels, f1), (1, 1, channels, r3), (3, 3, r3, f3), (1, 1, channels, r5), (5, 5, r5, f5),
            (1, 1, channels, fp)]  # fmt: skip


def naive_shapes(channels: int, f1: int, f3: int, f5: int) -> list[Shape]:
    """The kernels' shapes without any reduction: three convolutions, and a pooling without weights."""
    return [(1, 1, channels, f1), (3, 3, channels, f3), (5, 5, channels, f5)]


def parameters(kernels: Sequence[Shape]) -> int:
    """A weight for each number in a kernel, and a bias for each filter."""
    return sum(height * width * channels * filters + filters for height, width, channels, filters in kernels)


def count_inception(channels: int, filters: Filters) -> tuple[int, int]:
    """(parameters, depth of the result) of a module."""
    return parameters(shapes(channels, filters)), filters.f1 + filters.f3 + filters.f5 + filters.fp


def count_naive(channels: int, f1: int, f3: int, f5: int) -> tuple[int, int]:
    """(parameters, depth of the result) without reductions; the pooling hands on all channels."""
    return parameters(naive_shapes(channels, f1, f3, f5)), f1 + f3 + f5 + channels


def branches(module: Module, batch: npt.ArrayLike) -> list[Tensor]:
    """What each of the four branches makes of a batch (N, H, W, C): (N, H, W, filters) each."""
    x = np.asarray(batch, dtype=np.float64)
    return [
        layer(x, module.one),
        layer(layer(x, module.reduce3), module.three),
        layer(layer(x, module.reduce5), module.five),
        layer(image_layers.max_pool(x, 3), module.project),
    ]


def forward(module: Module, batch: npt.ArrayLike) -> Tensor:
    """The module's result for a batch: (N, H, W, C) -> (N, H, W, f1 + f3 + f5 + fp)."""
    return np.concatenate(branches(module, batch), axis=3)


def layer(batch: npt.ArrayLike, convolution: Convolution) -> Tensor:
    """A "same" convolution and its ReLU."""
    return image_layers.relu(image_layers.convolve(batch, convolution.kernel, convolution.bias))


def from_arrays(arrays: Sequence[npt.NDArray[np.float64]], channels: int, filters: Filters) -> Module:
    """The module whose kernels and biases are `arrays`, in any order: every shape must occur once.

    So all six numbers of filters have to differ. Raises ValueError where a shape is missing, or is one too many.
    """
    by_shape = {array.shape: np.asarray(array, dtype=np.float64) for array in arrays}
    wanted = [shape for kernel in shapes(channels, filters) for shape in (kernel, kernel[-1:])]
    if len(arrays) != len(wanted) or by_shape.keys() != set(wanted):
        raise ValueError(f"kernels and biases of the shapes {wanted}")
    return Module(*(Convolution(by_shape[kernel], by_shape[kernel[-1:]]) for kernel in shapes(channels, filters)))
