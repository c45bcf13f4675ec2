"""A small CNN that reads handwritten digits in colour, already trained, in Keras, PyTorch or plain NumPy.

    model = trained.build("keras")            # (N, 28, 28, 3) -> (N, 10)
    model = trained.build("torch")            # (N, 3, 28, 28) -> (N, 10)
    shares = trained.probabilities(images)    # NumPy: (N, 28, 28, 3) -> (N, 10)

Layers, with the shape of one image behind each:

    convolution 3x3, 8 filters, "same", ELU     28 x 28 x 8
    average pooling 2x2                         14 x 14 x 8
    convolution 3x3, 16 filters, "same", ELU    14 x 14 x 16
    average pooling 2x2                          7 x  7 x 16
    flatten                                      784
    dense, ELU                                   32
    dense: the scores                            10
    softmax: the probabilities                   10

ELU is x for x > 0 and exp(x) - 1 elsewhere. It has no kink, as ReLU has, and an average no ties, as a maximum has: so
the derivatives have no jumps, and rounding errors stay as small as they are.

The weights lie beside this file, in trained.npz. `python ci/train_cnn.py` made them, from the digits of digits.py.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("trained.npz")
NAMES = ("convolution_1", "convolution_2", "dense", "scores")  # the layers with weights
SIZE, CHANNELS = 28, 3


def weights() -> list[np.ndarray]:
    """The trained weights, float32, in Keras' order and layout: kernel and bias of each layer.

    Shapes: (3, 3, 3, 8), (8,), (3, 3, 8, 16), (16,), (784, 32), (32,), (32, 10), (10,).
    """
    with np.load(FILE, allow_pickle=False) as arrays:
        return [arrays[f"{name}_{part}"] for name in NAMES for part in ("kernel", "bias")]


def build(framework: str, values: list[np.ndarray] | None = None, size: tuple[int, int] = (SIZE, SIZE)) -> Any:
    """The network as a `keras.Sequential` or a `torch.nn.Sequential`; its last layer is the softmax.

    framework : "keras" or "torch".   values : other weights than the trained ones, in shapes and order as in `weights`.
    size : height and width of the images, multiples of 4; other ones than 28 x 28 need other dense weights.
    """
    builders = {"keras": _build_keras, "torch": _build_torch}
    if framework not in builders:
        raise ValueError(f'wanted: "keras" or "torch"; found: {framework!r}')
    return builders[framework](weights() if values is None else values, size)


def probabilities(images: np.ndarray, values: list[np.ndarray] | None = None) -> np.ndarray:
    """What the network answers, calculated with NumPy alone: (N, 28, 28, 3) -> (N, 10), float64; rows add up to 1."""
    kernel_1, bias_1, kernel_2, bias_2, dense, bias_3, last, bias_4 = weights() if values is None else values
    maps = np.asarray(images, dtype=np.float64)
    for kernel, bias in ((kernel_1, bias_1), (kernel_2, bias_2)):
        maps = _halve(_elu(_convolve(maps, kernel) + bias))
    scores = _elu(maps.reshape(len(maps), -1) @ dense + bias_3) @ last + bias_4
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def wolf(images: np.ndarray) -> np.ndarray:
    """A black box of somebody else's, for the notebook on LIME: "is this a wolf?", (N, 28, 28, 3) -> (N,), from 0 to 1.

    Find out from its answers what it looks at, before you read on.
    """
    brightness = np.asarray(images, dtype=np.float64).mean(axis=3)
    snow, sky = brightness[:, 21:, 7:21].mean(axis=(1, 2)), brightness[:, :7, 21:].mean(axis=(1, 2))
    return 1 / (1 + np.exp(-6 * (snow - 0.7) + 4 * (sky - 0.7)))


def paint(grey: np.ndarray, seed: int) -> np.ndarray:
    """Digits in colour: a bright ink on a dark paper, both drawn at random for each image.

    grey : (N, 28, 28), uint8, 0 is paper and 255 is ink.   Returns (N, 28, 28, 3), float32, from 0 to 1.
    """
    rng = np.random.default_rng(seed)
    ink = rng.uniform(0.5, 1.0, size=(len(grey), 1, 1, CHANNELS))
    paper = rng.uniform(0.0, 0.3, size=(len(grey), 1, 1, CHANNELS))
    share = np.asarray(grey)[..., np.newaxis] / 255
    return (paper + (ink - paper) * share).astype(np.float32)


def _build_keras(values: list[np.ndarray], size: tuple[int, int]) -> Any:
    import keras  # noqa: PLC0415 - only who asks for Keras needs it

    layers = keras.layers
    model = keras.Sequential(
        [
            keras.Input((*size, CHANNELS)),
            layers.Conv2D(8, 3, padding="same", activation="elu", name="convolution_1"),
            layers.AveragePooling2D(2),
            layers.Conv2D(16, 3, padding="same", activation="elu", name="convolution_2"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(32, activation="elu", name="dense"),
            layers.Dense(10, name="scores"),
            layers.Softmax(name="probabilities"),
        ]
    )
    model.set_weights(values)
    return model


def _build_torch(values: list[np.ndarray], size: tuple[int, int]) -> Any:
    import torch  # noqa: PLC0415 - only who asks for PyTorch needs it
    from torch import nn  # noqa: PLC0415 - the same

    model = nn.Sequential(
        nn.Conv2d(CHANNELS, 8, 3, padding="same"),
        nn.ELU(),
        nn.AvgPool2d(2),
        nn.Conv2d(8, 16, 3, padding="same"),
        nn.ELU(),
        nn.AvgPool2d(2),
        nn.Flatten(),
        nn.Linear(size[0] // 4 * (size[1] // 4) * 16, 32),
        nn.ELU(),
        nn.Linear(32, 10),
        nn.Softmax(dim=1),
    )
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), to_torch(values, size), strict=True):
            parameter.copy_(torch.tensor(value))
    return model.eval()


def to_torch(values: list[np.ndarray], size: tuple[int, int] = (SIZE, SIZE)) -> list[np.ndarray]:
    """Weights in PyTorch's layout: kernels OIHW, matrices (out, in); PyTorch flattens (channel, row, column)."""
    kernel_1, bias_1, kernel_2, bias_2, dense, bias_3, last, bias_4 = values
    rows = dense.reshape(size[0] // 4, size[1] // 4, 16, -1).transpose(3, 2, 0, 1).reshape(dense.shape[1], -1)
    kernel_1, kernel_2 = (kernel.transpose(3, 2, 0, 1) for kernel in (kernel_1, kernel_2))
    return [kernel_1, bias_1, kernel_2, bias_2, rows, bias_3, last.T, bias_4]


def _convolve(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """A 3x3 convolution that keeps height and width; zeros surround the maps."""
    height, width = maps.shape[1:3]
    padded = np.pad(maps, ((0, 0), (1, 1), (1, 1), (0, 0)))
    places = [(row, column) for row in range(3) for column in range(3)]
    return sum(padded[:, row : row + height, column : column + width] @ kernel[row, column] for row, column in places)


def _elu(values: np.ndarray) -> np.ndarray:
    return np.where(values > 0, values, np.expm1(np.minimum(values, 0)))


def _halve(maps: np.ndarray) -> np.ndarray:
    """Average pooling over 2x2 windows."""
    number, height, width, channels = maps.shape
    return maps.reshape(number, height // 2, 2, width // 2, 2, channels).mean(axis=(2, 4))
