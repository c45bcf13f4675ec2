"""How far a unit of a stack of layers sees, by formula and measured, and what the stack's kernels weigh.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides "The trend in modern CNN architectures
goes to small filters" and "Oxford Net"; VGG16 is configuration D of Simonyan, Zisserman, arXiv:1409.1556.

A *stack* is a list of plain dictionaries, from the image upwards: {"kind": "conv" or "pool", "kernel": 3, "stride": 1,
"dilation": 1}. Windows are square. Sizes are in pixels of the image, along one axis.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypedDict

import numpy as np

from reference import forward
from reference.forward import Array


class Layer(TypedDict):
    """One layer of a stack. A pooling's dilation is 1."""

    kind: Literal["conv", "pool"]
    kernel: int
    stride: int
    dilation: int


def conv(kernel: int, stride: int = 1, dilation: int = 1) -> Layer:
    """A convolution with kernels of kernel x kernel."""
    return {"kind": "conv", "kernel": kernel, "stride": stride, "dilation": dilation}


def pool(kernel: int, stride: int | None = None) -> Layer:
    """A max-pooling over kernel x kernel; windows do not overlap unless a stride says so."""
    return {"kind": "pool", "kernel": kernel, "stride": stride or kernel, "dilation": 1}


def receptive_field(stack: Iterable[Layer]) -> int:
    """How many pixels lie between the first and the last one that a unit of the last layer depends on, both included.

    A layer adds, on both sides together, the (kernel - 1) * dilation steps between its first and its last input. Such a
    step is as many pixels long as the strides below it have made it: the *jump*.
    """
    field, jump = 1, 1
    for layer in stack:
        field += (layer["kernel"] - 1) * layer["dilation"] * jump
        jump *= layer["stride"]
    return field


def weights(stack: Iterable[Layer], channels: int = 1) -> int:
    """All weights of the convolutions, biases left out, where each layer has `channels` channels in and out."""
    return sum(layer["kernel"] ** 2 * channels**2 for layer in stack if layer["kind"] == "conv")


def vgg16_stack() -> list[Layer]:
    """VGG16's convolutions and poolings: five blocks of 2, 2, 3, 3, 3 convolutions, each with a pooling after it."""
    return [layer for convolutions in (2, 2, 3, 3, 3) for layer in [conv(3)] * convolutions + [pool(2)]]


def convolutions(stack: Iterable[Layer]) -> list[Layer]:
    """The layers of the stack that have a kernel to learn."""
    return [layer for layer in stack if layer["kind"] == "conv"]


def apply(stack: Iterable[Layer], kernels: Sequence[Array], images: Array) -> Array:
    """What the stack makes of images with one channel: no padding, no bias, no activation.

    kernels : one (k, k) for each convolution.   images : (N, H, W, 1).   Returns (N, H', W', 1), float64.
    """
    left = iter(kernels)
    for layer in stack:
        if layer["kind"] == "conv":
            kernel = np.asarray(next(left))[:, :, np.newaxis, np.newaxis]
            images = forward.conv2d(images, kernel, stride=layer["stride"], dilation=layer["dilation"])
        else:
            images = forward.max_pool2d(images, layer["kernel"], layer["stride"])
    return images


def impulses(size: int) -> Array:
    """(size, size, size, 1), float32: image i is zero but for a 1 at row i and column i."""
    images = np.zeros((size, size, size, 1), dtype=np.float32)
    images[range(size), range(size), range(size)] = 1.0
    return images


def changed(outputs: Array, rest: Array) -> list[int]:
    """Which impulses change the upper left unit: outputs (N, H', W', 1) against those of a zero image, (1, H', W', 1).

    1e-6 is far below what an impulse does, and above the noise of a fast convolution.
    """
    return [int(i) for i in np.flatnonzero(np.abs(outputs[:, 0, 0, 0] - rest[0, 0, 0, 0]) > 1e-6)]


def span(places: Sequence[int]) -> int:
    """From the first to the last place, both included; 0 where there is none."""
    return max(places) - min(places) + 1 if places else 0


def measured_field(stack: Sequence[Layer], kernels: Sequence[Array], size: int) -> int:
    """The field of the upper left unit, found with impulses along the diagonal of images of size x size.

    No kernel may hold a negative number: then no impulse can hide behind another number in a max-pooling.
    """
    outputs = apply(stack, kernels, np.concatenate([impulses(size), np.zeros((1, size, size, 1))]))
    return span(changed(outputs[:-1], outputs[-1:]))
