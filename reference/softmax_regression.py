"""One dense layer with a softmax, its cross-entropy, the gradients, and one step of gradient descent.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", the slides "A fully connected neural networks
with 2 hidden layers" (z = b + sum x_i w_i) and "What is going on in a 1 layer fully connected NN?" (the cost is the
cross-entropy averaged over the mini-batch; w <- w - rate * dC/dw).

x : (N, D), a mini-batch.   w : (D, K).   b : (K,).   y : (N, K), one-hot labels.   Everything is float64.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.float64]


class Training(NamedTuple):
    """The cost before each step, and the weights and biases after the last one."""

    losses: list[float]
    weights: Array
    biases: Array


def dense(x: Array, w: Array, b: Array) -> Array:
    """The logits z = x w + b, (N, K)."""
    return x @ w + b


def softmax(z: Array) -> Array:
    """The probabilities exp(z) / sum exp(z) of each row, (N, K); no power exceeds 1, however large the logits are."""
    powers = np.exp(z - np.max(z, axis=1, keepdims=True))
    return np.asarray(powers / np.sum(powers, axis=1, keepdims=True))


def cross_entropy(p: Array, y: Array) -> float:
    """The mean over the rows of -sum y ln p, where 0 ln 0 is 0."""
    return float(-np.sum(np.log(p[y > 0]) * y[y > 0]) / len(p))


def gradients(x: Array, w: Array, b: Array, y: Array) -> tuple[Array, Array]:
    """The gradients of the cost by w, (D, K), and by b, (K,): by the logits it is (p - y) / N."""
    by_logits = (softmax(dense(x, w, b)) - y) / len(x)
    return x.T @ by_logits, np.asarray(np.sum(by_logits, axis=0))


def step(x: Array, w: Array, b: Array, y: Array, rate: float) -> tuple[Array, Array]:
    """The weights and biases a step further downhill; both gradients are those at the old ones."""
    by_weights, by_biases = gradients(x, w, b, y)
    return w - rate * by_weights, b - rate * by_biases


def train(x: Array, y: Array, rate: float, steps: int) -> Training:
    """So many steps on the whole of x and y, from zeros."""
    w, b, losses = np.zeros((x.shape[1], y.shape[1])), np.zeros(y.shape[1]), []
    for _ in range(steps):
        losses.append(cross_entropy(softmax(dense(x, w, b)), y))
        w, b = step(x, w, b, y, rate)
    return Training(losses, w, b)
