"""Train the reference cnn2 with several seeds and print its parameters and accuracies.

    python ci/reference_accuracy.py --data digits --seeds 3 --epochs 10 --framework keras

The floors in graders/hidden/cnn_mnist/cnn2_mnist.py come from this command. `--unfilled` trains the network without the
student's layers: how well that does is why accuracy alone cannot grade this exercise.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # the same numbers on every machine
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "datasets")]

import digits  # noqa: E402 - the path comes first
import numpy as np  # noqa: E402 - the same

from reference import cnn2  # noqa: E402 - the same


def main(arguments: list[str] | None = None) -> int:
    """Parse, measure, print."""
    options = _parser().parse_args(arguments)
    rows = [measure(options, seed) for seed in range(options.seeds)]
    counts = cnn2.parameters(cnn2.layers(filled=not options.unfilled))
    result = {
        "data": options.data,
        "framework": options.framework,
        "epochs": options.epochs,
        "filled": not options.unfilled,
        "parameters": dict(zip(("total", "trainable", "frozen"), counts, strict=True)),
        "runs": rows,
    }
    print(json.dumps(result, indent=1) if options.json else table(result))
    return 0


def measure(options: argparse.Namespace, seed: int) -> dict[str, Any]:
    """One training: validation and test accuracy and the seconds it took."""
    models = importlib.import_module(f"reference.models_{options.framework}")
    (x_train, y_train), (x_val, y_val) = digits.load(options.data)
    x_test, y_test = digits.load_test(options.data)
    images = (cnn2.standardize(x, x_train) for x in (x_train, x_val, x_test))
    train, validation, test = (_layout(options.framework, x) for x in images)
    start = time.perf_counter()
    model = models.train(train, y_train, epochs=options.epochs, seed=seed, filled=not options.unfilled)
    seconds = time.perf_counter() - start
    return {
        "seed": seed,
        "validation": _accuracy(models.predict(model, validation), y_val),
        "test": _accuracy(models.predict(model, test), y_test),
        "seconds": round(seconds, 1),
    }


def table(result: dict[str, Any]) -> str:
    """The result for a person."""
    total, trainable, frozen = result["parameters"].values()
    lines = [
        f"cnn2{'' if result['filled'] else ' unfilled'} in {result['framework']} on {result['data']}, "
        f"{result['epochs']} epochs",
        f"parameters {total:,} / {trainable:,} / {frozen:,} (total / trainable / frozen)",
        "seed  validation    test  seconds",
    ]
    for run in result["runs"]:
        lines.append(f"{run['seed']:4}  {run['validation']:10.3f}  {run['test']:6.3f}  {run['seconds']:7.1f}")
    for name, of in (("lowest", min), ("highest", max)):
        validation, test = (of(run[key] for run in result["runs"]) for key in ("validation", "test"))
        lines.append(f"{name:7}  {validation:7.3f}  {test:6.3f}")
    return "\n".join(lines)


def _accuracy(outputs: np.ndarray, labels: np.ndarray) -> float:
    """The share of images whose largest output is the right class."""
    return round(float(np.mean(np.argmax(outputs, axis=1) == labels)), 4)


def _layout(framework: str, images: np.ndarray) -> np.ndarray:
    """Images as the framework wants them: channels last in Keras, first in PyTorch."""
    return images if framework == "keras" else images.transpose(0, 3, 1, 2)


def _positive(text: str) -> int:
    """A whole number of at least 1, from the command line."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"wanted a number of at least 1, found {number}")
    return number


def _parser() -> argparse.ArgumentParser:
    """The command's options."""
    parser = argparse.ArgumentParser(description="Train the reference cnn2 and print its accuracies.")
    parser.add_argument("--data", default="digits", help='"digits", "mnist" or the path of an .npz file')
    parser.add_argument("--seeds", type=_positive, default=3, help="how many trainings, with seeds 0, 1, ...")
    parser.add_argument("--epochs", type=_positive, default=10)
    parser.add_argument("--framework", choices=("keras", "torch"), default="keras")
    parser.add_argument("--unfilled", action="store_true", help="without the student's layers")
    parser.add_argument("--json", action="store_true")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
