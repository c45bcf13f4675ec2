"""Transfer learning in Keras: a new head on a pre-trained network, in two stages. Images are (N, 32, 32, 3)."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
LAST = "block4_conv1"  # the convolution of the last block


def start(seed: int) -> None:
    """Where all random numbers start."""
    keras.utils.set_random_seed(seed)


def with_head(blocks: Any, classes: int) -> Any:
    """The blocks, which end in "flatten", and one new dense layer that gives logits."""
    return keras.Model(blocks.input, keras.layers.Dense(classes, name="head")(blocks.output))


def freeze(model: Any) -> None:
    """All layers but the head stay as they are."""
    for layer in model.layers:
        layer.trainable = layer.name == "head"


def unfreeze_last_block(model: Any) -> None:
    """The convolution of the last block learns, too; its batch normalization does not."""
    model.get_layer(LAST).trainable = True


def train(model: Any, images: Array, labels: Array, *, epochs: int, rate: float, batch: int) -> None:
    """Adam on the cross-entropy of logits; what is frozen is decided when this begins."""
    model.compile(
        keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True), jit_compile=False
    )
    model.fit(images, labels, batch_size=batch, epochs=epochs, verbose=0)


def predict(model: Any, images: Array) -> Array:
    """The outputs in inference mode."""
    return np.asarray(model.predict(images, verbose=0))


def weights(model: Any) -> list[Array]:
    """All weights, in Keras' layout."""
    return [np.array(array) for array in model.get_weights()]
