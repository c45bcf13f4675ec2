"""LIME: which super-pixels does a black box use for one image? Switch them on and off, and fit a sparse linear model.

Source: Ribeiro, Singh, Guestrin 2016, "Why Should I Trust You?", and the slide "LIME" of "CNNs part II": (1) delete
super-pixels at random and note which as a vector of 0 and 1; (2) classify the perturbed images; (3) regress the
scores on the vectors (lasso), and see which super-pixels' presence raises the score. As on the slide, every perturbed
image counts the same: there is no weight for its distance from the original.

A segmentation (H, W) holds for each pixel the number of its super-pixel, 0 to K - 1. A design (N, K) has one row for
each perturbed image: 1 where the super-pixel is present, 0 where it is grey. Grey is GREY, in all channels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from reference.small_cnn import Array

GREY = 0.5


def grid(height: int, width: int, rows: int, columns: int) -> Array:
    """Rectangles of about the same size, numbered row by row: (height, width), int64."""
    row, column = np.arange(height) * rows // height, np.arange(width) * columns // width
    return row[:, np.newaxis] * columns + column


def perturb(image: Array, segments: Array, present: Array, grey: float = GREY) -> Array:
    """A copy of the image (H, W, C) in which the super-pixels k with present[k] == 0 are `grey` in all channels."""
    kept = np.asarray(present, dtype=bool)[segments]
    return np.asarray(np.where(kept[..., np.newaxis], image, grey), dtype=image.dtype)


def explain(score: Callable[[Array], Array], image: Array, segments: Array, design: Array, penalty: float) -> Array:
    """The weight of each super-pixel (K,) for the score, which maps (N, H, W, C) to (N,)."""
    perturbed = np.stack([perturb(image, segments, row) for row in design])
    return lasso(design, score(perturbed), penalty)


def lasso(design: Array, answers: Array, penalty: float, *, sweeps: int = 2000) -> Array:
    """The w that minimizes |y - b - X w|^2 / (2 N) + penalty * (|w_1| + ... + |w_K|), by coordinate descent.

    design : X, (N, K).   answers : y, (N,).   Returns w, (K,). The intercept b is free and costs nothing: without it,
    all is measured from the means. Every step solves for one weight exactly, with the others held: what correlates with
    the rest is shrunk by the penalty, and is 0 when it is smaller than that.
    """
    x = np.asarray(design, dtype=np.float64)
    x = x - x.mean(axis=0)
    rest = np.asarray(answers, dtype=np.float64) - np.mean(answers)  # y - X w, for w = 0
    weights, power = np.zeros(x.shape[1]), np.mean(x * x, axis=0)
    for _ in range(sweeps):
        before = weights.copy()
        for k in np.flatnonzero(power > 0):
            rest += x[:, k] * weights[k]
            pull = np.mean(x[:, k] * rest)
            weights[k] = np.sign(pull) * max(abs(pull) - penalty, 0.0) / power[k]
            rest -= x[:, k] * weights[k]
        if np.abs(weights - before).max(initial=0.0) <= 1e-12 * np.abs(weights).max(initial=0.0):
            break
    return weights


def top(weights: Array, number: int) -> list[int]:
    """The `number` super-pixels with the largest weights, the largest first: what speaks most for the class."""
    return [int(k) for k in np.argsort(-np.asarray(weights), kind="stable")[:number]]
