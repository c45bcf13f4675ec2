"""How well the networks of home work 07 read digits: one training each, with the settings of the notebooks.

Quantities are shares: "accuracy" of the test digits, that graders measure, and "validation" as the deck reports it.
Source: "Machine Intelligence: Deep Learning", week 5, "CNNs part II", exercises 07 a) to c).
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import Any

import digits  # type: ignore[import-not-found] # it lies in datasets/, which graders find by their own path

from reference import cnn1, cnn2, fcn
from reference.networks import Array

EPOCHS = 10  # as in course.toml


def fcn_mnist(framework: str, data: str, seed: int) -> dict[str, float]:
    """The fully connected network on grey values from 0 to 1."""
    nets = _nets(framework)
    return _reached(nets, nets.fcn, fcn.to_rows, data, seed)


def cnn1_mnist(framework: str, data: str, seed: int) -> dict[str, float]:
    """The first CNN on standardized pixels, and ("raw_...") on grey values from 0 to 255 as they are."""
    (x_train, _), _ = digits.load(data)
    mean, std = cnn1.statistics(x_train)
    nets = _nets(framework)
    raw = _reached(nets, nets.cnn1, cnn1.as_input, data, seed)
    standardized = _reached(nets, nets.cnn1, lambda images: cnn1.standardize(images, mean, std), data, seed)
    return standardized | {f"raw_{name}": value for name, value in raw.items()}


def cnn2_mnist(framework: str, data: str, seed: int) -> dict[str, float]:
    """The deeper CNN on standardized pixels, and ("unfilled_...") without the layers that the student adds."""
    (x_train, _), _ = digits.load(data)
    nets, models = _nets(framework), importlib.import_module(f"reference.models_{framework}")

    def reached(filled: bool) -> dict[str, float]:
        return _reached(
            nets, lambda: models.cnn2(filled=filled), lambda images: cnn2.standardize(images, x_train), data, seed
        )

    return reached(True) | {f"unfilled_{name}": value for name, value in reached(False).items()}


def _nets(framework: str) -> ModuleType:
    return importlib.import_module(f"reference.digit_nets_{framework}")


def _reached(
    nets: ModuleType, make: Callable[[], Any], prepared: Callable[[Array], Array], data: str, seed: int
) -> dict[str, float]:
    """What one training with this seed reaches, on the test and on the validation digits."""
    (x_train, y_train), (x_val, y_val) = digits.load(data)
    x_test, y_test = digits.load_test(data)
    model = nets.train(make, prepared(x_train), y_train, epochs=EPOCHS, seed=seed)
    return {
        "accuracy": fcn.accuracy(nets.predict(model, prepared(x_test)), y_test),
        "validation": fcn.accuracy(nets.predict(model, prepared(x_val)), y_val),
    }
