"""Networks as stacks of layers: shapes and parameters by formula, and what a stack computes, in NumPy.

Shapes have no batch axis and end with the channels. Weights are in Keras' order and layout; `from_torch` brings those
of PyTorch into it. One NumPy network serves both frameworks, so that a grader has to import neither.

    stack = grow((28, 28, 1), partial(convolution, filters=8), flatten, partial(dense, units=10))
    total, trainable, frozen = parameters(stack)
    outputs = forward(stack, weights, images)

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the summaries of home work 07; for batch
normalization Ioffe and Szegedy, 2015.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Framework: TypeAlias = Literal["keras", "torch"]

EPSILON: dict[Framework, float] = {"keras": 1e-3, "torch": 1e-5}  # each framework's own default in batch norm
FEW = 32  # images at a time, so that what is calculated with them stays in the processor's cache


class Layer(NamedTuple):
    """A layer: its canonical type, output shape, and parameters; `weights` are the shapes that those come in."""

    type: str
    shape: tuple[int, ...]
    trainable: int = 0
    frozen: int = 0
    weights: tuple[tuple[int, ...], ...] = ()


def grow(start: tuple[int, ...], *makers: Callable[[tuple[int, ...]], Layer]) -> list[Layer]:
    """A stack of layers on an input of the shape `start`: each is made for the output shape of the one before."""
    stack: list[Layer] = []
    for make in makers:
        stack.append(make(stack[-1].shape if stack else start))
    return stack


def convolution(shape: tuple[int, ...], filters: int, size: int = 3, padding: str = "same") -> Layer:
    """A kernel of size x size x channels and one bias for each filter; "same" padding keeps height and width."""
    height, width, channels = shape
    lost = 0 if padding == "same" else size - 1
    kernel = (size, size, channels, filters)
    return Layer("Conv2D", (height - lost, width - lost, filters), math.prod(kernel) + filters, 0, (kernel, (filters,)))


def batch_normalization(shape: tuple[int, ...]) -> Layer:
    """Four numbers per channel: scale and shift are learned, mean and variance only watched (frozen)."""
    channels = shape[-1]
    return Layer("BatchNormalization", shape, 2 * channels, 2 * channels, ((channels,),) * 4)


def activation(shape: tuple[int, ...], name: str) -> Layer:
    """A function of each value (relu) or of all classes together (softmax): nothing to learn."""
    return Layer(f"Activation:{name}", shape)


def relu(shape: tuple[int, ...]) -> Layer:
    """The larger one of each value and 0."""
    return activation(shape, "relu")


def max_pooling(shape: tuple[int, ...], size: int = 2) -> Layer:
    """size x size windows without overlap: height and width are divided, the channels stay."""
    height, width, channels = shape
    return Layer("MaxPooling2D", (height // size, width // size, channels))


def flatten(shape: tuple[int, ...]) -> Layer:
    """All values in one row."""
    return Layer("Flatten", (math.prod(shape),))


def dense(shape: tuple[int, ...], units: int) -> Layer:
    """One weight per input and one bias for each unit."""
    (inputs,) = shape
    return Layer("Dense", (units,), inputs * units + units, 0, ((inputs, units), (units,)))


def dropout(shape: tuple[int, ...]) -> Layer:
    """Only in training it does something; nothing to learn."""
    return Layer("Dropout", shape)


def parameters(stack: Sequence[Layer]) -> tuple[int, int, int]:
    """(total, trainable, frozen) parameters of these layers."""
    trainable, frozen = sum(layer.trainable for layer in stack), sum(layer.frozen for layer in stack)
    return trainable + frozen, trainable, frozen


def weight_shapes(stack: Sequence[Layer], framework: Framework) -> list[tuple[int, ...]]:
    """The shapes of a stack's weights, in the order and layout of the framework."""
    shapes = [shape for layer in stack for shape in layer.weights]
    if framework == "keras":
        return shapes
    return [(shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1] for shape in shapes]


def from_torch(stack: Sequence[Layer], weights: Sequence[Array]) -> list[Array]:
    """PyTorch's weights in Keras' layout: kernels from OIHW to HWIO, dense matrices from (out, in) to (in, out).

    PyTorch flattens channels first; so the rows of the dense matrix behind Flatten change their order, too.
    """
    flattened = next((before.shape for before, layer in itertools.pairwise(stack) if _flattens(layer)), ())
    result = []
    for weight in weights:
        if weight.ndim == 4:
            result.append(weight.transpose(2, 3, 1, 0))
        elif weight.ndim == 2 and len(flattened) == 3 and weight.shape[1] == math.prod(flattened):
            height, width, channels = flattened
            by_pixel = weight.reshape(-1, channels, height, width).transpose(2, 3, 1, 0)
            result.append(by_pixel.reshape(math.prod(flattened), -1))
        else:
            result.append(weight.T)
    return result


def forward(stack: Sequence[Layer], weights: Sequence[Array], inputs: Array, epsilon: float) -> Array:
    """What a stack with these weights predicts after training, for each input; batch norm divides by
    sqrt(variance + epsilon).

    weights : shapes as in `weight_shapes(stack, "keras")`.   inputs : (N, ...).   Returns (N, ...), float64.
    """
    parts = [inputs[start : start + FEW] for start in range(0, len(inputs), FEW)]
    return np.concatenate([_forward(stack, weights, part, epsilon) for part in parts or [inputs]])


def _forward(stack: Sequence[Layer], weights: Sequence[Array], inputs: Array, epsilon: float) -> Array:
    values = np.asarray(inputs, dtype=np.float64)
    left: Iterator[Array] = (np.asarray(weight, dtype=np.float64) for weight in weights)
    before = values.shape[1:]
    for layer in stack:
        if layer.type == "Conv2D":
            values = _convolve(values, next(left), next(left), same=layer.shape[:2] == before[:2])
        elif layer.type == "BatchNormalization":
            scale, shift, mean, variance = next(left), next(left), next(left), next(left)
            values = scale * (values - mean) / np.sqrt(variance + epsilon) + shift
        elif layer.type == "Activation:relu":
            values = np.maximum(values, 0.0)
        elif layer.type == "MaxPooling2D":
            values = _pool(values, before[0] // layer.shape[0])
        elif layer.type == "Flatten":
            values = values.reshape(len(values), *layer.shape)
        elif layer.type == "Dense":
            values = values @ next(left) + next(left)
        elif layer.type == "Activation:softmax":
            values = softmax(values)
        before = layer.shape
    return values


def softmax(logits: Array) -> Array:
    """Probabilities from logits, row by row; the largest logit is subtracted first, so that nothing overflows."""
    powers = np.exp(logits - np.max(logits, axis=-1, keepdims=True))
    return np.asarray(powers / np.sum(powers, axis=-1, keepdims=True))


def as_probabilities(outputs: Array) -> Array:
    """Outputs that are probabilities already, as they are; logits through softmax."""
    outputs = np.asarray(outputs, dtype=np.float64)
    if np.all(outputs >= 0) and np.allclose(outputs.sum(axis=-1), 1.0, atol=1e-4):
        return outputs
    return softmax(outputs)


def _flattens(layer: Layer) -> bool:
    return layer.type == "Flatten"


def _pool(values: Array, size: int) -> Array:
    """The largest value in each size x size window; a rest at the right and at the bottom is left out."""
    n, height, width, channels = values.shape
    rows, columns = height // size, width // size
    windows = values[:, : rows * size, : columns * size].reshape(n, rows, size, columns, size, channels)
    return np.asarray(windows.max(axis=(2, 4)))


def _convolve(values: Array, kernel: Array, bias: Array, *, same: bool) -> Array:
    """A convolution over all channels: for each place in the kernel, a shifted image times a matrix."""
    size = len(kernel)
    before, after = ((size - 1) // 2, size // 2) if same else (0, 0)
    padded = np.pad(values, ((0, 0), (before, after), (before, after), (0, 0)))
    number, channels = len(values), values.shape[3]
    height, width = padded.shape[1] - size + 1, padded.shape[2] - size + 1
    result = np.zeros((number * height * width, kernel.shape[3]))
    for row in range(size):
        for column in range(size):
            shifted = padded[:, row : row + height, column : column + width]
            result += shifted.reshape(-1, channels) @ kernel[row, column]  # one large product is quicker than many
    return result.reshape(number, height, width, kernel.shape[3]) + bias
