"""The reference causal convolution gives the deck's toy values and never looks ahead."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from reference import causal

X, KERNEL = [10, 20, 30], [1, 2]

numbers = st.floats(-100, 100, width=32)
series = arrays(np.float64, st.integers(1, 12), elements=numbers)
kernels = arrays(np.float64, st.integers(1, 4), elements=numbers)
dilations = st.integers(1, 4)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (causal.causal_conv1d, [20, 50, 80]),
        (causal.unpadded_conv1d, [50, 80]),
        (causal.flipped_causal_conv1d, [10, 40, 70]),
        (causal.same_conv1d, [50, 80, 30]),
    ],
)
def test_the_toy_example_of_the_deck(function, expected):
    """The right values, and what each of the three mistakes gives."""
    assert function(X, KERNEL).tolist() == expected


def test_dilation_by_hand():
    """With dilation 2, the kernel skips every other step."""
    assert causal.causal_conv1d([1, 2, 3, 4], [1, 10], 2).tolist() == [10, 20, 31, 42]


@given(series, kernels)
def test_without_dilation_it_is_numpys_convolution(x, kernel):
    """NumPy turns the kernel around once more, and its full result begins with the causal one."""
    np.testing.assert_allclose(
        causal.causal_conv1d(x, kernel), np.convolve(x, kernel[::-1], "full")[: len(x)], atol=1e-6
    )


@given(series, kernels, dilations)
def test_a_dilated_kernel_is_a_kernel_with_zeros_between(x, kernel, dilation):
    """Dilation means zeros in between: both ways give the same."""
    stretched = np.zeros((len(kernel) - 1) * dilation + 1)
    stretched[::dilation] = kernel
    np.testing.assert_allclose(causal.causal_conv1d(x, kernel, dilation), causal.causal_conv1d(x, stretched), atol=1e-9)


@given(series, kernels, dilations, st.data())
def test_the_future_changes_nothing_before_it(x, kernel, dilation, data):
    """Whatever comes after step t, the results before t are the same to the bit."""
    t = data.draw(st.integers(0, len(x) - 1))
    changed = x.copy()
    changed[t:] = data.draw(arrays(np.float64, len(x) - t, elements=numbers))
    before, after = (causal.causal_conv1d(values, kernel, dilation) for values in (x, changed))
    np.testing.assert_array_equal(before[:t], after[:t])


@given(series, kernels, dilations, st.integers(1, 5))
def test_a_delayed_series_gives_a_delayed_result(x, kernel, dilation, delay):
    """Zeros in front move the result back by as many steps."""
    delayed = causal.causal_conv1d(np.concatenate([np.zeros(delay), x]), kernel, dilation)
    np.testing.assert_allclose(delayed[delay:], causal.causal_conv1d(x, kernel, dilation), atol=1e-9)


@given(series, kernels, dilations)
def test_lengths(x, kernel, dilation):
    """Causal and 'same' keep the length; unpadded loses what the kernel reaches back, down to nothing."""
    reach = (len(kernel) - 1) * dilation
    assert len(causal.causal_conv1d(x, kernel, dilation)) == len(causal.same_conv1d(x, kernel, dilation)) == len(x)
    assert len(causal.unpadded_conv1d(x, kernel, dilation)) == max(len(x) - reach, 0)


def test_affected_steps_are_the_multiples_of_the_dilation():
    """A change is seen at once, and again one and two dilations later."""
    assert causal.affected_steps(12, 5, 3, 2) == [5, 7, 9]
    assert causal.affected_steps(12, 10, 3, 2) == [10]
