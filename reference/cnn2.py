"""The deck's network "cnn2": its layers, shapes and parameters by formula, and what it computes, in NumPy.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercise 07 c). The four layers between
"here is your code coming" and "end of your code" are the student's; the network without them is the *unfilled* one.

Shapes have no batch axis and end with the channels. Weights are in Keras' order and layout; `from_torch` brings those
of PyTorch into it. One NumPy network serves both frameworks, so that a grader has to import neither.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Framework: TypeAlias = Literal["keras", "torch"]

INPUT, KERNEL, POOL, DENSE, CLASSES = (28, 28, 1), 3, 2, 40, 10
EPSILON: dict[Framework, float] = {"keras": 1e-3, "torch": 1e-5}  # each framework's own default in batch norm


class Layer(NamedTuple):
    """A layer: its canonical type, output shape, and parameters; `weights` are the shapes that those come in."""

    type: str
    shape: tuple[int, ...]
    trainable: int = 0
    frozen: int = 0
    weights: tuple[tuple[int, ...], ...] = ()


def layers(*, filled: bool = True, final_softmax: bool = True) -> list[Layer]:
    """The layers of cnn2 in order, each derived from the output shape of the one before."""
    stack = [Layer("Input", INPUT)]

    def add(make: Callable[..., Layer], *settings: int | str) -> None:
        stack.append(make(stack[-1].shape, *settings))

    def block(filters: int) -> None:
        add(convolution, filters)
        add(batch_normalization)
        add(activation, "relu")

    block(8)
    block(8)
    add(max_pooling)
    block(16)
    if filled:
        block(16)
        add(max_pooling)
    add(flatten)
    add(dense, DENSE)
    add(batch_normalization)
    add(dropout)
    add(activation, "relu")
    add(dense, CLASSES)
    if final_softmax:
        add(activation, "softmax")
    return stack[1:]


def convolution(shape: tuple[int, ...], filters: int) -> Layer:
    """A kernel of KERNEL x KERNEL x channels and one bias for each filter; "same" padding keeps height and width."""
    height, width, channels = shape
    kernel = (KERNEL, KERNEL, channels, filters)
    return Layer(
        "Conv2D", (height, width, filters), KERNEL * KERNEL * channels * filters + filters, 0, (kernel, (filters,))
    )


def batch_normalization(shape: tuple[int, ...]) -> Layer:
    """Four numbers per channel: scale and shift are learned, mean and variance only watched (frozen)."""
    channels = shape[-1]
    return Layer("BatchNormalization", shape, 2 * channels, 2 * channels, ((channels,),) * 4)


def activation(shape: tuple[int, ...], name: str) -> Layer:
    """A function of each value (relu) or of all classes together (softmax): nothing to learn."""
    return Layer(f"Activation:{name}", shape)


def max_pooling(shape: tuple[int, ...]) -> Layer:
    """POOL x POOL windows without overlap: height and width are divided, the channels stay."""
    height, width, channels = shape
    return Layer("MaxPooling2D", (height // POOL, width // POOL, channels))


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


def weight_shapes(framework: Framework) -> list[tuple[int, ...]]:
    """The shapes of the filled network's weights, in the order and layout of the framework."""
    shapes = [shape for layer in layers() for shape in layer.weights]
    if framework == "keras":
        return shapes
    return [(shape[3], shape[2], *shape[:2]) if len(shape) == 4 else shape[::-1] for shape in shapes]


def from_torch(weights: Sequence[Array]) -> list[Array]:
    """PyTorch's weights in Keras' layout: kernels from OIHW to HWIO, dense matrices from (out, in) to (in, out).

    PyTorch flattens channels first; so the rows of the dense matrix behind Flatten change their order, too.
    """
    flattened = layers()[[layer.type for layer in layers()].index("Flatten") - 1].shape
    height, width, channels = flattened
    result = []
    for weight in weights:
        if weight.ndim == 4:
            result.append(weight.transpose(2, 3, 1, 0))
        elif weight.ndim == 2 and weight.shape[1] == math.prod(flattened):
            by_pixel = weight.reshape(-1, channels, height, width).transpose(2, 3, 1, 0)
            result.append(by_pixel.reshape(math.prod(flattened), -1))
        else:
            result.append(weight.T)
    return result


def forward(weights: Sequence[Array], images: Array, epsilon: float = EPSILON["keras"]) -> Array:
    """The class probabilities of the filled network with these weights, as it predicts after training.

    weights : shapes as in `weight_shapes("keras")`.   images : (N, 28, 28, 1).   Returns (N, 10), float64.
    """
    few = 32  # images at a time, so that what is calculated with them stays in the processor's cache
    parts = [images[start : start + few] for start in range(0, len(images), few)]
    return np.concatenate([_forward(weights, part, epsilon) for part in parts or [images]])


def _forward(weights: Sequence[Array], images: Array, epsilon: float) -> Array:
    values = np.asarray(images, dtype=np.float64)
    left: Iterator[Array] = (np.asarray(weight, dtype=np.float64) for weight in weights)
    for layer in layers():
        if layer.type == "Conv2D":
            values = _convolve(values, next(left), next(left))
        elif layer.type == "BatchNormalization":
            scale, shift, mean, variance = next(left), next(left), next(left), next(left)
            values = scale * (values - mean) / np.sqrt(variance + epsilon) + shift
        elif layer.type == "Activation:relu":
            values = np.maximum(values, 0.0)
        elif layer.type == "MaxPooling2D":
            n, height, width, channels = values.shape
            values = values.reshape(n, height // POOL, POOL, width // POOL, POOL, channels).max(axis=(2, 4))
        elif layer.type == "Flatten":
            values = values.reshape(len(values), -1)
        elif layer.type == "Dense":
            values = values @ next(left) + next(left)
        elif layer.type == "Activation:softmax":
            values = softmax(values)
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


def standardize(images: Array, training: Array) -> npt.NDArray[np.float32]:
    """The deck's pixel-wise standardizing, by the TRAINING images' statistics alone.

    images, training : (N, 28, 28), any numbers.   Returns (N, 28, 28, 1), float32.
    """
    training = np.asarray(training, dtype=np.float64)
    mean, std = training.mean(axis=0), training.std(axis=0)
    return np.asarray((images - mean) / (std + 0.0001), dtype=np.float32)[..., np.newaxis]


def _convolve(values: Array, kernel: Array, bias: Array) -> Array:
    """A "same" convolution over all channels: for each place in the kernel, a shifted image times a matrix."""
    size = len(kernel)
    before, after = (size - 1) // 2, size // 2
    padded = np.pad(values, ((0, 0), (before, after), (before, after), (0, 0)))
    number, height, width, channels = values.shape
    result = np.zeros((number * height * width, kernel.shape[3]))
    for row in range(size):
        for column in range(size):
            shifted = padded[:, row : row + height, column : column + width]
            result += shifted.reshape(-1, channels) @ kernel[row, column]  # one large product is quicker than many
    return result.reshape(number, height, width, -1) + bias
