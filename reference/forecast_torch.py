"""The forecasting networks in PyTorch, and how they are trained. Source: see `reference.forecast`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from reference.forecast import BATCH, EPOCHS, FILTERS, KERNEL_SIZE, LOOK_AHEAD

Array = npt.NDArray[Any]


def network(dilations: Sequence[int], kernel_size: int = KERNEL_SIZE) -> nn.Sequential:
    """(N, 1, T) -> (N, 1, T): one causal convolution for each dilation, and a dense layer; nothing is cut off."""
    stack: list[nn.Module] = []
    for place, dilation in enumerate(dilations):
        stack.append(nn.ConstantPad1d(((kernel_size - 1) * dilation, 0), 0.0))
        stack.append(nn.Conv1d(FILTERS if place else 1, FILTERS, kernel_size, dilation=dilation))
    return nn.Sequential(*stack, nn.Conv1d(FILTERS, 1, 1))


def train(dilations: Sequence[int], seen: Array, ahead: Array, *, seed: int) -> nn.Sequential:
    """A network trained on series (N, 128) to forecast (N, 10)."""
    torch.manual_seed(seed)
    model = network(dilations)
    optimizer = torch.optim.Adam(model.parameters())
    inputs, targets = (torch.tensor(series, dtype=torch.float32).unsqueeze(1) for series in (seen, ahead))
    for _ in range(EPOCHS):
        for batch in torch.randperm(len(inputs)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.mse_loss(model(inputs[batch])[..., -LOOK_AHEAD:], targets[batch]).backward()
            optimizer.step()
    return model


def predict(model: nn.Sequential, seen: Array) -> Array:
    """Forecasts (N, 10) for series (N, T)."""
    with torch.no_grad():
        outputs = model(torch.tensor(seen, dtype=torch.float32).unsqueeze(1))
    return np.asarray(outputs[:, 0, -LOOK_AHEAD:])
