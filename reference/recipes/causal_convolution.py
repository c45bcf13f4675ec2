"""How the networks of the assignment causal_convolution are trained, and what comes of it: for `referee calibrate`."""

from __future__ import annotations

import importlib

import numpy as np

from reference import forecast


def dilated_forecast(framework: str, data: str, seed: int) -> dict[str, float]:  # noqa: ARG001 - the form of a recipe
    """The notebook's experiment with one seed: both networks' losses on series with and without noise, and their ratio.

    The training series and the weights follow from the seed; the test series are as many as the grader's.
    data : all series are drawn here, so there is nothing to choose.
    """
    models = importlib.import_module(f"reference.forecast_{framework}")
    rng = np.random.default_rng(seed)
    seen, ahead = forecast.gen_data(forecast.TRAINING, forecast.NOISE, rng)
    test_seen, test_ahead = forecast.gen_data(forecast.TEST, forecast.NOISE, rng)
    clean_seen, clean_ahead = forecast.gen_data(forecast.TEST, 0.0, rng)
    losses = {}
    for name, dilations in (("plain", forecast.PLAIN), ("dilated", forecast.DILATED)):
        model = models.train(dilations, seen, ahead, seed=seed)
        losses[f"{name}_loss"] = forecast.mse(models.predict(model, test_seen), test_ahead)
        losses[f"{name}_clean_loss"] = forecast.mse(models.predict(model, clean_seen), clean_ahead)
    return {**losses, "ratio": losses["dilated_loss"] / losses["plain_loss"]}
