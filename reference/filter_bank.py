"""A convolutional layer: several filters over several channels, and how Keras and PyTorch keep their weights.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides on the 6x6 image and on feature maps;
the layouts are those that the frameworks document for `Conv2D` (height, width, in, out) and `Conv2d` (out, in, height,
width).

Kernels come in neither of the two layouts but as (F, h, w, C): for each of F filters, h x w x C numbers, as images
have them. Images are (N, H, W, C). Everything is float64.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from reference import convolution

Array: TypeAlias = npt.NDArray[np.float64]
Padding: TypeAlias = Literal["valid", "same"]


def conv_layer(images: Array, kernels: Array, biases: npt.ArrayLike = 0.0, padding: Padding = "valid") -> Array:
    """One feature map for each filter: the maps of its channels, added up, plus its bias.

    images : (N, H, W, C).   kernels : (F, h, w, C).   biases : (F,), or one number for all.

    Returns (N, H - h + 1, W - w + 1, F), or (N, H, W, F) for "same" padding.
    """
    maps = [[_map(image, kernel, padding) for kernel in kernels] for image in images]
    return np.moveaxis(np.array(maps), 1, 3) + np.asarray(biases, dtype=np.float64)


def conv_block(images: Array, kernels: Array) -> Array:
    """Convolution without padding, ReLU and 2x2 max-pooling, as the deck's slide has them.

    images : (N, H, W, C).   kernels : (F, h, w, C).   Returns (N, (H - h + 1) // 2, (W - w + 1) // 2, F).
    """
    activations = convolution.relu(conv_layer(images, kernels))
    return per_map(activations, convolution.max_pool2d)


def per_map(values: Array, function: Any) -> Array:
    """A function of one map (H, W), such as a pooling, applied to each map of (N, H, W, F)."""
    maps = [[function(image[..., channel]) for channel in range(image.shape[-1])] for image in values]
    return np.moveaxis(np.array(maps), 1, 3)


def keras_layout(kernels: Array) -> Array:
    """(F, h, w, C) -> (h, w, C, F), "HWIO": the filters are the last axis."""
    return kernels.transpose(1, 2, 3, 0)


def torch_layout(kernels: Array) -> Array:
    """(F, h, w, C) -> (F, C, h, w), "OIHW": the filters are the first axis, and the channels come next."""
    return kernels.transpose(0, 3, 1, 2)


def from_keras(weights: Array) -> Array:
    """(h, w, C, F) -> (F, h, w, C)."""
    return weights.transpose(3, 0, 1, 2)


def from_torch(weights: Array) -> Array:
    """(F, C, h, w) -> (F, h, w, C)."""
    return weights.transpose(0, 2, 3, 1)


def parameters(filters: int, height: int, width: int, channels: int) -> int:
    """The weights of a layer of so many filters of height x width on so many channels, and one bias for each filter."""
    return (height * width * channels + 1) * filters


def _map(image: Array, kernel: Array, padding: Padding) -> Array:
    """The feature map of one image (H, W, C) for one filter (h, w, C)."""
    channels = range(image.shape[-1])
    maps = [convolution.conv2d(image[..., c], kernel[..., c], padding) for c in channels]
    return np.asarray(np.sum(maps, axis=0), dtype=np.float64)
