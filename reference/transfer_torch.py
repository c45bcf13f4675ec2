"""Transfer learning in PyTorch: a new head on a pre-trained network, in two stages. Images are (N, 32, 32, 3)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from reference import backbone

Array = npt.NDArray[Any]


def start(seed: int) -> None:
    """Where all random numbers start."""
    torch.manual_seed(seed)


def with_head(blocks: nn.Module, classes: int) -> nn.Module:
    """The blocks, which end in "flatten", and one new dense layer that gives logits."""
    return nn.Sequential(blocks, nn.Linear(backbone.FLAT, classes))


def freeze(model: nn.Module) -> None:
    """All layers but the head stay as they are."""
    model[0].requires_grad_(False)


def unfreeze_last_block(model: nn.Module) -> None:
    """The convolution of the last block learns, too; its batch normalization does not."""
    model.get_submodule("0.block4_conv1").requires_grad_(True)


def train(model: nn.Module, images: Array, labels: Array, *, epochs: int, rate: float, batch: int) -> None:
    """Adam on the cross-entropy of logits. Frozen batch normalizations stay in inference mode, all others do not."""
    x, y = _tensor(images), torch.tensor(labels)
    optimizer = torch.optim.Adam((each for each in model.parameters() if each.requires_grad), lr=rate)
    model.train(all(each.requires_grad for each in model.parameters()))
    for _ in range(epochs):
        for places in torch.randperm(len(x)).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x[places]), y[places]).backward()
            optimizer.step()


def predict(model: nn.Module, images: Array) -> Array:
    """The outputs in inference mode."""
    model.eval()
    with torch.no_grad():
        return model(_tensor(images)).numpy()  # type: ignore[no-any-return] # an array


def weights(model: nn.Module) -> list[Array]:
    """All weights but counters, in Keras' layout."""
    return backbone.from_torch([value.numpy().copy() for value in model.state_dict().values() if value.ndim])


def _tensor(images: Array) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
