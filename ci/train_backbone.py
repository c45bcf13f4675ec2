"""Train the small backbone of the course on drawn people and write datasets/backbone.npz.

    python ci/train_backbone.py

None of these people is one of the eight of the exercises: they are invented, from a seed. The same command gives the
same file on the same machine with the same PyTorch; elsewhere the last digits may differ, so the file is committed.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

BATCH = 64
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "datasets")]

import backbone  # noqa: E402 - the path comes first
import faces  # noqa: E402 - the same

from reference import backbone as truth  # noqa: E402 - the same


def main(arguments: list[str] | None = None) -> int:
    """Draw people, train, say how well other pictures of them are told apart, write the file."""
    options = _parser().parse_args(arguments)
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)  # the order of sums, and so the last digits, do not depend on the machine's cores
    torch.use_deterministic_algorithms(True)
    rng = np.random.default_rng(options.seed)
    people = faces.invent(truth.PEOPLE, rng)
    (x_train, y_train), (x_val, y_val) = (_drawn(people, n, rng) for n in (options.pictures, 10))
    model = backbone.untrained("small", "torch", classes=truth.PEOPLE)
    start = time.perf_counter()
    train(model, x_train, y_train, options.epochs)
    share, seconds = accuracy(model, x_val, y_val), time.perf_counter() - start
    print(f"{len(x_train)} pictures of {len(people)} people, {seconds:.0f} s: {share:.1%} of {len(x_val)} others right")
    state = [value.numpy() for value in model.state_dict().values() if value.ndim]
    weights = truth.by_name(truth.from_torch(state), truth.weight_shapes())
    assert weights is not None
    arrays = {f"{name}/{i}": array for name, layer in weights.items() for i, array in enumerate(layer)}
    np.savez_compressed(options.to, allow_pickle=False, **arrays)
    print(f"{options.to}: {options.to.stat().st_size:,} bytes")
    return 0


def train(model: nn.Module, images: torch.Tensor, labels: torch.Tensor, epochs: int) -> None:
    """Adam with a learning rate that rises and falls once."""
    steps = epochs * -(-len(images) // BATCH)
    optimizer = torch.optim.Adam(model.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, total_steps=steps)
    model.train()
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images[batch]), labels[batch]).backward()
            optimizer.step()
            schedule.step()
    model.eval()


def accuracy(model: nn.Module, images: torch.Tensor, labels: torch.Tensor) -> float:
    """The share of pictures whose largest output is the right person."""
    with torch.no_grad():
        return float((model(images).argmax(dim=1) == labels).float().mean())


def _drawn(people: list[faces.Person], number: int, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures of these people as the network wants them, channels first, and who they show."""
    images, labels = faces.draw(number, rng, people)
    ready = truth.preprocess(images).transpose(0, 3, 1, 2)
    return torch.from_numpy(np.ascontiguousarray(ready)), torch.from_numpy(labels)


def _parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(description="Train the small backbone on drawn people and write its weights.")
    parser.add_argument("--seed", type=int, default=2015)
    parser.add_argument("--pictures", type=int, default=100, help="of each person, for training")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--to", type=Path, default=backbone.SMALL_FILE)
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
