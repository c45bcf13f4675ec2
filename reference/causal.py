"""One-dimensional causal convolution, with dilation, and the three ways to get it wrong.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides '1D "causal" convolution for
time-ordered data' (X = 10, 20, 30; kernel 1, 2) and "Dilation allows to increase receptive field".

The last number of the kernel belongs to the present, the one before it to `dilation` steps earlier, and so on.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Series: TypeAlias = npt.NDArray[np.float64]


def causal_conv1d(x: npt.ArrayLike, kernel: npt.ArrayLike, dilation: int = 1) -> Series:
    """y[t] = sum over i of kernel[i] * x[t - (K - 1 - i) * dilation], where x before its beginning is 0.

    x : (T,).   kernel : (K,).   Returns (T,), float64.
    """
    past = (np.size(kernel) - 1) * dilation
    return _slide(x, kernel, dilation, before=past, after=0)


def same_conv1d(x: npt.ArrayLike, kernel: npt.ArrayLike, dilation: int = 1) -> Series:
    """The zeros shared between both ends, as `padding="same"` does: y[t] sees the future. (T,) -> (T,)."""
    zeros = (np.size(kernel) - 1) * dilation
    return _slide(x, kernel, dilation, before=zeros // 2, after=zeros - zeros // 2)


def unpadded_conv1d(x: npt.ArrayLike, kernel: npt.ArrayLike, dilation: int = 1) -> Series:
    """No zeros at all: (T,) -> (T - (K - 1) * dilation,)."""
    return _slide(x, kernel, dilation, before=0, after=0)


def flipped_causal_conv1d(x: npt.ArrayLike, kernel: npt.ArrayLike, dilation: int = 1) -> Series:
    """The kernel read backwards: its first number belongs to the present. (T,) -> (T,)."""
    return causal_conv1d(x, np.asarray(kernel)[::-1], dilation)


def affected_steps(length: int, changed: int, kernel_size: int, dilation: int = 1) -> list[int]:
    """The t at which y[t] depends on x[changed]: found by changing it and looking."""
    x, kernel = np.zeros(length), np.ones(kernel_size)
    x[changed] = 1.0
    return [int(t) for t in np.flatnonzero(causal_conv1d(x, kernel, dilation))]


def _slide(x: npt.ArrayLike, kernel: npt.ArrayLike, dilation: int, *, before: int, after: int) -> Series:
    """Pad with zeros, then lay the dilated kernel at every place where all of it fits."""
    kernel = np.asarray(kernel, dtype=np.float64)
    padded = np.pad(np.asarray(x, dtype=np.float64), (before, after))
    reach = (kernel.size - 1) * dilation
    places = max(padded.size - reach, 0)
    return np.array([np.sum(kernel * padded[t : t + reach + 1 : dilation]) for t in range(places)])
