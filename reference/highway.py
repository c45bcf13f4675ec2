"""A highway layer, its Jacobian by formula, and Jacobians measured by finite differences.

Sources: Srivastava, Greff and Schmidhuber, "Highway networks" (2015); "Machine Intelligence: Deep Learning", week 5,
"CNNs part II", the slide "Highway Networks: providing a highway for the gradient".

    y = H(x) T(x) + x (1 - T(x))        H(x) = tanh(x W_H + b_H)        T(x) = sigmoid(x W_T + b_T)

Inputs are x : (N, D) or (D,), float; W_H, W_T : (D in, D out); b_H, b_T : (D,). Products are taken number by number.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]


class Weights(NamedTuple):
    """The weights of one layer, in the order in which the course's functions take them."""

    w_h: Array
    b_h: Array
    w_t: Array
    b_t: Array


def transform(x: npt.ArrayLike, weights: Weights) -> Array:
    """H(x): what the layer makes of its input where the gate is open. Like x."""
    return np.asarray(np.tanh(np.asarray(x) @ weights.w_h + weights.b_h))


def gate(x: npt.ArrayLike, weights: Weights) -> Array:
    """T(x): which share of the result comes from H(x); each number in (0, 1). Like x."""
    return sigmoid(np.asarray(x) @ weights.w_t + weights.b_t)


def highway(x: npt.ArrayLike, weights: Weights) -> Array:
    """y = H(x) T(x) + x (1 - T(x)). Like x."""
    t = gate(x, weights)
    return np.asarray(transform(x, weights) * t + np.asarray(x) * (1 - t))


def jacobian(x: npt.ArrayLike, weights: Weights) -> Array:
    """J[i, j] = dy_i / dx_j at one x (D,): by the product rule, T H' + (H - x) T' + (1 - T) I. Returns (D, D)."""
    h, t = transform(x, weights), gate(x, weights)
    by_h = t[:, np.newaxis] * transform_jacobian(x, weights)
    by_t = (h - np.asarray(x))[:, np.newaxis] * gate_jacobian(x, weights)
    return np.asarray(by_h + by_t + np.diag(1 - t))


def transform_jacobian(x: npt.ArrayLike, weights: Weights) -> Array:
    """H'[i, j] = dH_i / dx_j at one x (D,); the derivative of tanh is 1 - tanh^2. Returns (D, D)."""
    return (1 - transform(x, weights) ** 2)[:, np.newaxis] * weights.w_h.T


def gate_jacobian(x: npt.ArrayLike, weights: Weights) -> Array:
    """T'[i, j] = dT_i / dx_j at one x (D,); the derivative of the sigmoid s is s (1 - s). Returns (D, D)."""
    t = gate(x, weights)
    return (t * (1 - t))[:, np.newaxis] * weights.w_t.T


def gate_bias(carried: float) -> float:
    """The b_T with which, where W_T is zero, this share of x is carried on: 1 - sigmoid(b_T) = carried."""
    return float(np.log(1 - carried) - np.log(carried))


def sigmoid(values: npt.ArrayLike) -> Array:
    """1 / (1 + exp(-values)), written with tanh so that nothing overflows."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * np.asarray(values, dtype=np.float64))))


def probes(x: npt.ArrayLike, step: float = 1e-5) -> Array:
    """The points at which a function is asked for its Jacobian at x (D,): one step ahead, one back. (2 D, D)."""
    steps = step * np.eye(np.size(x))
    return np.concatenate([np.asarray(x) + steps, np.asarray(x) - steps])


def measured_jacobian(answers: npt.ArrayLike, step: float = 1e-5) -> Array:
    """J[i, j] = dy_i / dx_j from a function's results at `probes`, by central differences. (2 D, K) -> (K, D)."""
    ahead, back = np.split(np.asarray(answers, dtype=np.float64), 2)
    return np.asarray((ahead - back).T / (2 * step))


def numerical_jacobian(function: Callable[[Array], Array], x: npt.ArrayLike, step: float = 1e-5) -> Array:
    """The Jacobian of a function of batches (N, D) -> (N, K) at one x (D,), measured. Returns (K, D)."""
    return measured_jacobian(function(probes(x, step)), step)
