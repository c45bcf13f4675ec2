"""Eight persons' faces: how pictures become inputs, and what may be said of two accuracies on the same pictures.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the exercise "Image based classification of
celebrities". Pictures are (N, 48, 48, 3), uint8.
"""

from __future__ import annotations

import math
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[Any]
Framework: TypeAlias = Literal["keras", "torch"]

SIZE, CHANNELS, CLASSES = 48, 3, 8


def prepare(images: Array, framework: Framework) -> npt.NDArray[np.float32]:
    """Colours from 0 to 255 as numbers from -1 to 1, in the framework's layout.

    images : (N, 48, 48, 3), any numbers.   Returns (N, 48, 48, 3) for Keras and (N, 3, 48, 48) for torch, float32.
    """
    scaled = (np.asarray(images, dtype=np.float64) / 127.5 - 1.0).astype(np.float32)
    return scaled if framework == "keras" else np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))


def margin(first: Array, second: Array) -> float:
    """How sure it is that the first of two networks is better: in standard errors of the difference.

    Both judged the same pictures, so only those count on which they differ (McNemar 1947): if they were equally good,
    each of these would be a toss of a coin.

    first, second : (N,), which pictures each got right.   Returns 0.0 where they never differ.
    """
    first, second = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    won, lost = int(np.sum(first & ~second)), int(np.sum(second & ~first))
    return (won - lost) / math.sqrt(won + lost) if won + lost else 0.0
