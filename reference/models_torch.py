"""The course's models in PyTorch, and how they are trained.

Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II": exercise 07 c) and '1D "causal" convolution in
Keras', carried over to PyTorch. Images are (N, 1, 28, 28), series (N, 1, T).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Array = npt.NDArray[Any]


def cnn2(*, filled: bool = True) -> nn.Sequential:
    """The network cnn2, which gives logits; unfilled, without the block that the student adds."""
    student = (*_block(16, 16), nn.MaxPool2d(2)) if filled else ()
    inputs = 16 * 7 * 7 if filled else 16 * 14 * 14
    return nn.Sequential(
        *_block(1, 8),
        *_block(8, 8),
        nn.MaxPool2d(2),
        *_block(8, 16),
        *student,
        nn.Flatten(),
        nn.Linear(inputs, 40),
        nn.BatchNorm1d(40),
        nn.Dropout(0.3),
        nn.ReLU(),
        nn.Linear(40, 10),
    )


def train(images: Array, labels: Array, *, epochs: int, seed: int, filled: bool = True) -> nn.Sequential:
    """A trained cnn2. images : (N, 1, 28, 28), standardized.   labels : (N,), int."""
    torch.manual_seed(seed)
    model = cnn2(filled=filled)
    optimizer = torch.optim.Adam(model.parameters())
    x, y = torch.tensor(images, dtype=torch.float32), torch.tensor(labels, dtype=torch.int64)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(x)).split(32):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[batch]), y[batch]).backward()
            optimizer.step()
    return model.eval()


def predict(model: nn.Sequential, images: Array) -> Array:
    """Logits (N, 10) in inference mode."""
    model.eval()
    with torch.no_grad():
        return np.asarray(model(torch.tensor(images, dtype=torch.float32)))


def causal_layer(kernel: Sequence[float] | Array, dilation: int = 1) -> nn.Sequential:
    """A causal convolution with this kernel loaded, without bias: (N, 1, T) -> (N, 1, T)."""
    size = len(kernel)
    convolution = nn.Conv1d(1, 1, size, dilation=dilation, bias=False)
    with torch.no_grad():
        convolution.weight.copy_(torch.tensor(np.asarray(kernel, dtype=np.float32)).reshape(1, 1, size))
    return nn.Sequential(nn.ConstantPad1d(((size - 1) * dilation, 0), 0.0), convolution)


def _block(channels: int, filters: int) -> tuple[nn.Module, ...]:
    """Convolution, batch normalization, ReLU: what cnn2 repeats."""
    return nn.Conv2d(channels, filters, 3, padding="same"), nn.BatchNorm2d(filters), nn.ReLU()
