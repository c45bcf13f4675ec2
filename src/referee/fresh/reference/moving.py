"""Moving averages: convolutions of a signal with a window of equal weights."""

import numpy as np


def moving_average(signal, size, zeros_around=False):
    """The mean of each `size` neighbours: (n,) -> (n - size + 1,), float64.

    zeros_around : surround the signal with zeros, so that the result is as long as the signal.
    """
    window = np.full(size, 1 / size)
    return np.convolve(np.asarray(signal, dtype=np.float64), window, mode="same" if zeros_around else "valid")
