"""What transfer learning reaches on the course's faces: one training each, with the settings of the notebooks.

Accuracies are shares of unseen pictures: newly drawn ones, or the test pictures of real data.
Source: "Machine Intelligence: Deep Learning", week 5, "Use CNN features for classification of 8 celebs".
"""

from __future__ import annotations

import importlib
from typing import Any

import backbone  # type: ignore[import-not-found] # it lies in datasets/, which graders find by their own path
import faces  # type: ignore[import-not-found] # the same
import numpy as np
import numpy.typing as npt
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from reference import backbone as truth

Array = npt.NDArray[Any]
EACH = 40  # unseen pictures of each person, as the graders draw them
FEW, SCRATCH_BATCH, SCRATCH_EPOCHS = 5, 8, 30  # as in cnn_features
PICTURES, BATCH, EPOCHS, HEAD_RATE, FINE_RATE = 10, 16, 30, 1e-3, 1e-4  # as in fine_tuning


def cnn_features(framework: str, data: str, seed: int) -> dict[str, float]:
    """ "accuracy" by features, and of a network that learns from "scratch" on the same few pictures.

    Students choose their classifier: the least that the lecture's kinds (dense layer, SVM, random forest) reach counts.
    """
    (x_train, y_train), (x_test, y_test) = _few(data, FEW), _unseen(data, seed)
    train, test = truth.preprocess(x_train), truth.preprocess(x_test)
    weights = backbone.weights("small")
    features, unseen = (truth.activations(weights, images)["features_relu"] for images in (train, test))
    nets = _nets(framework, seed)
    kinds = (LogisticRegression(), SVC(), RandomForestClassifier(random_state=seed))
    reached = [make_pipeline(StandardScaler(), kind).fit(features, y_train).score(unseen, y_test) for kind in kinds]
    scratch = backbone.untrained("small", framework, classes=faces.CLASSES)
    nets.train(scratch, train, y_train, epochs=SCRATCH_EPOCHS, rate=1e-3, batch=SCRATCH_BATCH)
    return {
        "accuracy": float(min(reached)),
        "scratch": _accuracy(nets.predict(scratch, test), y_test),
    }


def fine_tuning(framework: str, data: str, seed: int) -> dict[str, float]:
    """ "head" and "accuracy" after the two stages, on pictures that stand on their heads.

    "movement" and "head_movement": the most that a number of the unfrozen convolution, and of the head, moved in the
    second stage.
    """
    (x_train, y_train), (x_test, y_test) = _few(data, PICTURES), _unseen(data, seed)
    train, test = truth.preprocess(x_train[:, ::-1]), truth.preprocess(x_test[:, ::-1])
    nets = _nets(framework, seed)
    model = nets.with_head(backbone.load("small", framework, top=False), faces.CLASSES)
    nets.freeze(model)
    nets.train(model, train, y_train, epochs=EPOCHS, rate=HEAD_RATE, batch=BATCH)
    head, before = _accuracy(nets.predict(model, test), y_test), nets.weights(model)
    nets.unfreeze_last_block(model)
    nets.train(model, train, y_train, epochs=EPOCHS, rate=FINE_RATE, batch=BATCH)
    moved = {have.shape: float(np.abs(now - have).max()) for have, now in zip(before, nets.weights(model), strict=True)}
    return {
        "head": head,
        "accuracy": _accuracy(nets.predict(model, test), y_test),
        "movement": moved[truth.weight_shapes()["block4_conv1"][0]],
        "head_movement": moved[truth.FLAT, faces.CLASSES],
    }


def _nets(framework: str, seed: int) -> Any:
    """The models and trainings of this framework, whose random numbers start at the seed."""
    nets: Any = importlib.import_module(f"reference.transfer_{framework}")
    nets.start(seed)
    return nets


def _few(data: str, number: int) -> tuple[Array, Array]:
    """The first `number` training pictures of each person, in their order."""
    (images, labels), _ = faces.load(data)
    places = [np.flatnonzero(labels == person)[:number] for person in range(faces.CLASSES)]
    few = np.sort(np.concatenate(places))
    return images[few], labels[few]


def _unseen(data: str, seed: int) -> tuple[Array, Array]:
    """Unseen pictures and their labels."""
    drawn: tuple[Array, Array] = (
        faces.draw(EACH, np.random.default_rng([seed, 1])) if data == "drawn" else faces.load_test(data)
    )
    return drawn


def _accuracy(outputs: Array, labels: Array) -> float:
    return float(np.mean(np.argmax(outputs, axis=1) == labels))
