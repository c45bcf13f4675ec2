"""How far a stack of causal convolutions looks back: by formula, and measured by a change of its input.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides 'Stacking 1D "causal" convolutions
without dilation' (four layers look 4 steps back) and "Dilation allows to increase receptive field" (15 steps back);
van den Oord et al., "WaveNet", 2016, section 2.1, for the doubled dilations.

A stack is a list of (kernel size, dilation), from the input to the output. Its *memory* is how many steps back the
oldest step lies that the output of the last layer can see; its *receptive field* is how many steps there are from that
one to the present one, both included.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from reference.causal import Series, causal_conv1d

#: The lecture's two stacks, of kernels of size 2.
PLAIN = ((2, 1), (2, 1), (2, 1), (2, 1))
DILATED = ((2, 1), (2, 2), (2, 4), (2, 8))


def memory(stack: Sequence[tuple[int, int]]) -> int:
    """The oldest weight of a layer looks (K - 1) d steps back, and each layer starts where the one below it ended."""
    return sum((size - 1) * dilation for size, dilation in stack)


def receptive_field(stack: Sequence[tuple[int, int]]) -> int:
    """The steps of the memory, and the present one."""
    return memory(stack) + 1


def output(x: npt.ArrayLike, kernels: Sequence[npt.ArrayLike], dilations: Sequence[int]) -> Series:
    """One causal convolution after the other, each with one filter, no bias and no activation. (T,) -> (T,)."""
    values = np.asarray(x, dtype=np.float64)
    for kernel, dilation in zip(kernels, dilations, strict=True):
        values = causal_conv1d(values, kernel, dilation)
    return values


def response(kernels: Sequence[npt.ArrayLike], dilations: Sequence[int]) -> Series:
    """What a single 1 at step 0 becomes: the number at t weighs the step t back. As long as the receptive field."""
    impulse = np.zeros(receptive_field([(np.size(k), d) for k, d in zip(kernels, dilations, strict=True)]))
    impulse[0] = 1.0
    return output(impulse, kernels, dilations)


def measured_memory(kernels: Sequence[npt.ArrayLike], dilations: Sequence[int]) -> int:
    """How many steps back these weights do look: no more than `memory`, and less where a kernel begins with a 0.

    Raises `ValueError` where they look nowhere, since a layer has no weight but 0.
    """
    seen = np.flatnonzero(response(kernels, dilations))
    if not seen.size:
        raise ValueError("these weights look at no step at all")
    return int(seen[-1])


def doubling_dilations(kernel_size: int, steps: int) -> list[int]:
    """The shortest list 1, 2, 4, ... with which kernels of this size (2 or more) look `steps` steps back, or more."""
    dilations: list[int] = []
    while memory([(kernel_size, dilation) for dilation in dilations]) < steps:
        dilations.append(2 ** len(dilations))
    return dilations
