"""How the networks of the assignment causal_convolution are trained, and what comes of it: for `referee calibrate`."""

from __future__ import annotations

import importlib

import numpy as np

from reference import forecast


def dilated_forecast(framework: str, data: str, seed: int) -> dict[str, float]:  # noqa: ARG001 - there is one data set
    """Test losses of the plain and the dilated network, trained once each as in the notebook, and their ratio.

    The training series and the weights follow from the seed; the test series are as many as the grader's, with the
    same noise. data : all series are drawn here, so there is nothing to choose.
    """
    models = importlib.import_module(f"reference.forecast_{framework}")
    rng = np.random.default_rng(seed)
    seen, ahead = forecast.gen_data(forecast.TRAINING, forecast.NOISE, rng)
    test_seen, test_ahead = forecast.gen_data(forecast.TEST, forecast.NOISE, rng)
    losses = {}
    for name, dilations in (("plain", forecast.PLAIN), ("dilated", forecast.DILATED)):
        model = models.train(dilations, seen, ahead, seed=seed)
        losses[name] = forecast.mse(models.predict(model, test_seen), test_ahead)
    return {
        "plain_loss": losses["plain"],
        "dilated_loss": losses["dilated"],
        "ratio": losses["dilated"] / losses["plain"],
    }
