"""What the course's own networks reach on faces: one training of each, for `referee calibrate`."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from reference import celebrities

EPOCHS = 10  # as [assignment.celebrities.parameters] in course.toml says
EACH = 50  # unseen faces of each person, as the grader draws them


def faces(framework: str, data: str, seed: int) -> dict[str, float]:
    """The accuracies of the fully connected network and of the CNN on unseen faces, as shares."""
    source: Any = importlib.import_module("faces")
    networks: Any = importlib.import_module(f"reference.celebrities_{framework}")
    (x_train, y_train), _ = source.load(data)
    x_test, y_test = source.draw(EACH, np.random.default_rng([seed, 1])) if data == "drawn" else source.load_test(data)
    kind: celebrities.Framework = "keras" if framework == "keras" else "torch"
    train, test = celebrities.prepare(x_train, kind), celebrities.prepare(x_test, kind)
    networks.start(seed)
    reached = {}
    for name, network in (("fcn", networks.fully_connected()), ("cnn", networks.convolutional())):
        networks.train(network, train, y_train, EPOCHS)
        reached[name] = float(np.mean(networks.predict(network, test).argmax(axis=1) == y_test))
    return reached
