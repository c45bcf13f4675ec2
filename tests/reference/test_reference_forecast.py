"""The forecasts' series, network and best filters, each against another way to the same numbers."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference import forecast

Array: TypeAlias = npt.NDArray[Any]

starts = st.floats(0, 6.5)
seeds = st.integers(0, 2**32 - 1)


def test_the_lectures_parameters():
    """192 for the first convolution, 5152 for each other one, 33 for the dense layer; dilations cost nothing."""
    assert forecast.parameters(5, 4) == [192, 5152, 5152, 5152, 33]
    assert sum(forecast.parameters(5, 4)) == 15681


@given(st.integers(1, 6), st.integers(1, 5))
def test_parameters_are_the_sizes_of_the_weights(kernel_size, layers):
    """Counting by formula and adding up the sizes of the arrays give the same."""
    sizes = [int(np.prod(shape)) for shape in forecast.weight_shapes(kernel_size, layers)]
    assert sum(forecast.parameters(kernel_size, layers)) == sum(sizes)


def test_the_wave_is_the_lectures_linspace():
    """The 138 steps are evenly spaced from 0 to 1, both ends included."""
    expected = np.sin(0.7 + np.linspace(0, 20 * np.pi, 138)) * np.sin(0.7 + np.linspace(0, np.pi, 138))
    np.testing.assert_allclose(forecast.wave([0.7], np.arange(138))[0], expected, atol=1e-12)


@given(starts)
def test_half_a_turn_later_the_wave_is_the_same(start):
    """Both sines change their sign, and their product does not."""
    steps = np.arange(forecast.STEPS)
    np.testing.assert_allclose(forecast.wave([start], steps), forecast.wave([start + np.pi], steps), atol=1e-9)


@given(st.lists(st.floats(0, 3.1), min_size=1, max_size=4), st.integers(20, 138))
def test_a_wave_is_recognised_by_its_start(values, length):
    """Fitting a wave without noise gives its start back, up to half a turn."""
    series = forecast.wave(values, np.arange(length))
    np.testing.assert_allclose(
        forecast.wave(forecast.fitted_starts(series), np.arange(138)), forecast.wave(values, np.arange(138)), atol=1e-6
    )


def test_noise_adds_its_variance():
    """The spread around the fitted wave is the noise."""
    seen, ahead = forecast.gen_data(300, 0.3, np.random.default_rng(0))
    series = np.concatenate([seen, ahead], axis=1)
    rest = series - forecast.wave(forecast.fitted_starts(series), np.arange(forecast.STEPS))
    assert seen.shape == (300, 128)
    assert ahead.shape == (300, 10)
    assert rest.std() == pytest.approx(0.3, rel=0.02)


def test_the_baseline_is_ten_steps_old():
    """Step 128 is forecast by step 118, and step 137 by step 127."""
    assert forecast.baseline(np.arange(128)[np.newaxis])[0].tolist() == list(range(118, 128))


def slow_forward(weights: Sequence[Array], dilations: Sequence[int], x: Array) -> list[float]:
    """The network's output, one sum at a time."""
    values = [[number] for number in x]
    for layer, dilation in enumerate(dilations):
        kernel, bias = weights[2 * layer], weights[2 * layer + 1]
        size, inputs, filters = kernel.shape
        result = []
        for t in range(len(x)):
            row = []
            for f in range(filters):
                total = bias[f]
                for i in range(size):
                    past = t - (size - 1 - i) * dilation
                    for c in range(inputs):
                        total += kernel[i, c, f] * (values[past][c] if past >= 0 else 0.0)
                row.append(total)
            result.append(row)
        values = result
    return [sum(v * w for v, w in zip(row, weights[-2][:, 0], strict=True)) + weights[-1][0] for row in values]


@settings(max_examples=20)
@given(seeds, st.lists(st.integers(1, 3), min_size=1, max_size=2), st.integers(1, 3))
def test_the_network_by_slow_loops(seed, dilations, kernel_size):
    """Matrix products over shifted series give what sums over single numbers give."""
    rng = np.random.default_rng(seed)
    shapes = [(kernel_size, 1, 3), (3,)] + [(kernel_size, 3, 3), (3,)] * (len(dilations) - 1) + [(3, 1), (1,)]
    weights, x = [rng.normal(size=shape) for shape in shapes], rng.normal(size=9)
    np.testing.assert_allclose(
        forecast.forward(weights, dilations, x[np.newaxis])[0], slow_forward(weights, dilations, x)
    )


@pytest.mark.parametrize(("memory", "noise"), [(16, 0.1), (60, 0.1), (16, 0.3)])
def test_the_best_filter_by_least_squares(memory, noise):
    """Fitting a filter to many random series comes down to the expected loss, but for chance."""
    seen, ahead = forecast.gen_data(1500, noise, np.random.default_rng(1))
    newest = np.arange(forecast.SEEN - forecast.LOOK_AHEAD, forecast.SEEN)
    design = seen[:, newest[:, np.newaxis] - np.arange(memory + 1)].reshape(-1, memory + 1)
    design = np.concatenate([design, np.ones((len(design), 1))], axis=1)
    target = ahead.reshape(-1)
    filter_ = np.linalg.solve(design.T @ design, design.T @ target)
    loss = np.mean((design @ filter_ - target) ** 2)
    assert loss == pytest.approx(forecast.best_linear_loss(memory, noise), rel=0.05)


@given(st.floats(0.01, 1), st.integers(0, 60), st.integers(1, 40))
@settings(max_examples=30)
def test_a_longer_memory_is_never_worse(noise, memory, more):
    """Older steps can be ignored, and no memory is long enough to forecast the noise."""
    longer = forecast.best_linear_loss(memory + more, noise)
    assert noise**2 <= longer <= forecast.best_linear_loss(memory, noise) + 1e-9
