"""The networks fcn and cnn1 of home work 07 in PyTorch, and how they are trained.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercises 07 a) and b), carried over to PyTorch.
Inputs come in the layout of Keras, channels last, so that both frameworks are asked alike.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Array = npt.NDArray[Any]


def fcn(rate: float = 0.3) -> nn.Sequential:
    """The fully connected network: rows (N, 784) -> logits (N, 10)."""
    model = nn.Sequential()
    for inputs, units in ((784, 500), (500, 50)):
        model.extend([nn.Linear(inputs, units), nn.BatchNorm1d(units), nn.Dropout(rate), nn.ReLU()])
    return model.append(nn.Linear(50, 10))


def cnn1() -> nn.Sequential:
    """One convolution, one dense layer: images (N, 1, 28, 28) -> logits (N, 10)."""
    return nn.Sequential(nn.Conv2d(1, 32, 3, padding="same"), nn.ReLU(), nn.Flatten(), nn.Linear(32 * 28 * 28, 10))


def train(make: Callable[[], nn.Sequential], inputs: Array, labels: Array, *, epochs: int, seed: int) -> nn.Sequential:
    """A trained network: Adam, mini-batches of 32, cross-entropy.   labels : (N,), int."""
    torch.manual_seed(seed)
    model = make()
    optimizer, loss_of = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    x, y = _tensor(inputs), torch.tensor(labels, dtype=torch.int64)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model.eval()


def predict(model: nn.Sequential, inputs: Array) -> Array:
    """Logits (N, 10) in inference mode."""
    model.eval()
    with torch.no_grad():
        return np.asarray(model(_tensor(inputs)))


def _tensor(inputs: Array) -> torch.Tensor:
    """Images (N, H, W, C) with their channels first, rows as they are."""
    values = np.asarray(inputs, dtype=np.float32)
    return torch.tensor(np.ascontiguousarray(values.transpose(0, 3, 1, 2)) if values.ndim == 4 else values)
