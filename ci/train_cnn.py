"""Train the small CNN of datasets/trained.py and write its weights to datasets/trained.npz.

    python ci/train_cnn.py            # writes the file
    python ci/train_cnn.py --check    # trains, and compares with the file instead

One thread, one seed, deterministic algorithms: the same packages on the same kind of processor give the same weights.
On others the last digits may differ, so `--check` asks for weights that are close and not for equal bytes.
The labels are smoothed: else the probabilities would be so close to 0 and 1 that covering a part changes nothing. Noise
and weight decay keep the network from minding single pixels: they cost a point of accuracy, and make its saliency
maps readable.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "datasets"))

import digits  # noqa: E402 - the path comes first
import trained  # noqa: E402 - the same

SEED, EPOCHS, BATCH, TOLERANCE = 0, 30, 32, 1e-3
SMOOTHING, NOISE, DECAY = 0.1, 0.3, 0.05


def main(arguments: list[str] | None = None) -> int:
    """Train, then write or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    check = parser.parse_args(arguments).check
    values = train()
    print(f"accuracy on the test digits: {accuracy(values):.3f}")
    if not check:
        parts = (f"{name}_{part}" for name in trained.NAMES for part in ("kernel", "bias"))
        np.savez_compressed(trained.FILE, **dict(zip(parts, values, strict=True)))
        return 0
    off = max(float(np.abs(new - old).max()) for new, old in zip(values, trained.weights(), strict=True))
    print(f"largest difference from the weights in the file: {off:.2g} (at most {TOLERANCE:g} is taken)")
    return 0 if off <= TOLERANCE else 1


def train() -> list[np.ndarray]:
    """The weights after the training, in Keras' layout; every epoch paints the digits anew."""
    torch.manual_seed(SEED)
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    (grey, labels), _ = digits.load("digits")
    model = trained.build("torch", initial()).train()
    scores, targets = model[:-1], torch.tensor(labels)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=DECAY)
    loss_of = torch.nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    for epoch in range(EPOCHS):
        images = torch.tensor(trained.paint(grey, seed=epoch).transpose(0, 3, 1, 2))
        images += NOISE * torch.randn(images.shape)
        for batch in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            loss_of(scores(images[batch]), targets[batch]).backward()
            optimizer.step()
    return from_torch([parameter.detach().numpy() for parameter in model.parameters()])


def initial() -> list[np.ndarray]:
    """Random weights to begin with, with a variance of 1 / inputs, and biases of zero."""
    rng = np.random.default_rng(SEED)
    shapes = [(3, 3, 3, 8), (3, 3, 8, 16), (784, 32), (32, 10)]
    kernels = [rng.normal(size=shape, scale=np.prod(shape[:-1]) ** -0.5).astype(np.float32) for shape in shapes]
    return [part for kernel in kernels for part in (kernel, np.zeros(kernel.shape[-1], dtype=np.float32))]


def from_torch(values: list[np.ndarray]) -> list[np.ndarray]:
    """The inverse of `trained.to_torch`."""
    kernel_1, bias_1, kernel_2, bias_2, dense, bias_3, last, bias_4 = values
    rows = dense.reshape(-1, 16, 7, 7).transpose(2, 3, 1, 0).reshape(784, -1)
    kernel_1, kernel_2 = (kernel.transpose(2, 3, 1, 0) for kernel in (kernel_1, kernel_2))
    return [kernel_1, bias_1, kernel_2, bias_2, rows, bias_3, last.T, bias_4]


def accuracy(values: list[np.ndarray]) -> float:
    """The share of the test digits that the network reads right, in colours that it has not seen."""
    grey, labels = digits.load_test("digits")
    found = trained.probabilities(trained.paint(grey, seed=10_000), values).argmax(axis=1)
    return float(np.mean(found == labels))


if __name__ == "__main__":
    sys.exit(main())
