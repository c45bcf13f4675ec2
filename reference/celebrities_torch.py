"""The course's own networks for faces in PyTorch, and how they are trained. Prepared pictures are (N, 3, 48, 48)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Array = npt.NDArray[Any]


def fully_connected() -> nn.Sequential:
    """6912-100-50-8."""
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(6912, 100),
        nn.ReLU(),
        nn.Dropout(0.3),
        nn.Linear(100, 50),
        nn.ReLU(),
        nn.Linear(50, 8),
    )


def convolutional() -> nn.Sequential:
    """Three blocks of convolution, ReLU and max-pooling; then 64 units and 8 classes: 80,344 parameters."""
    model, channels = nn.Sequential(), 3
    for filters in (8, 16, 32):
        model.extend([nn.Conv2d(channels, filters, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)])
        channels = filters
    model.extend([nn.Flatten(), nn.Linear(6 * 6 * 32, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 8)])
    return model


def train(model: nn.Sequential, images: Array, labels: Array, epochs: int) -> None:
    """Adam, mini-batches of 32, cross-entropy."""
    x, y = torch.tensor(images), torch.tensor(labels)
    optimizer, loss_of = torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            loss_of(model(x[batch]), y[batch]).backward()
            optimizer.step()


def predict(model: nn.Sequential, images: Array) -> Array:
    """Logits (N, 8), in evaluation mode."""
    model.eval()
    with torch.no_grad():
        return np.asarray(model(torch.tensor(images)).numpy())


def start(seed: int) -> None:
    """Begin all random numbers with this seed."""
    torch.manual_seed(seed)
