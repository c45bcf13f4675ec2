"""The memory of a stack of causal convolutions: the lecture's numbers, and formula against measurement."""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reference import causal_stack

Stack: TypeAlias = Sequence[tuple[int, int]]

stacks = st.lists(st.tuples(st.integers(1, 4), st.integers(1, 5)), max_size=4)
seeds = st.integers(0, 2**32 - 1)


def weights(stack: Stack, seed: int) -> list[npt.NDArray[np.float64]]:
    """Kernels without a number near 0, of either sign."""
    rng = np.random.default_rng(seed)
    return [rng.uniform(0.5, 2, size) * rng.choice((-1, 1), size) for size, _ in stack]


def seen_from(stack: Stack) -> set[int]:
    """The steps back that the output sees, found by walking every path from it down to the input."""
    seen = {0}
    for size, dilation in stack:
        seen = {step + tap * dilation for step in seen for tap in range(size)}
    return seen


@pytest.mark.parametrize(
    ("stack", "memory"),
    [
        (causal_stack.PLAIN, 4),
        (causal_stack.DILATED, 15),
        ([(5, 1)] * 4, 16),
        ([(5, 1), (5, 2), (5, 4), (5, 8)], 60),
        ([], 0),
    ],
)
def test_the_lectures_stacks(stack, memory):
    """The lecture's 4 and 15 steps back, the same stacks with kernels of size 5, and no layer at all."""
    assert causal_stack.memory(stack) == memory
    assert causal_stack.receptive_field(stack) == memory + 1


@given(stacks)
def test_the_formula_counts_the_longest_path(stack):
    """Walking all paths by hand leads as far back as the formula says, and no further."""
    assert causal_stack.memory(stack) == max(seen_from(stack))


@given(stacks, seeds)
def test_measured_is_as_far_as_the_formula_where_no_weight_is_zero(stack, seed):
    """The oldest step is weighed by a product of weights, which is not 0 unless one of them is."""
    kernels = weights(stack, seed)
    assert causal_stack.measured_memory(kernels, [d for _, d in stack]) == causal_stack.memory(stack)


@given(stacks.filter(bool), seeds)
def test_a_leading_zero_shortens_the_memory(stack, seed):
    """A kernel that begins with k zeros looks as far back as one without them."""
    kernels, dilations = weights(stack, seed), [d for _, d in stack]
    padded = [np.concatenate([np.zeros(2), kernel]) for kernel in kernels]
    assert causal_stack.measured_memory(padded, dilations) == causal_stack.memory(stack)


def test_weights_that_look_nowhere():
    """Where a layer has no weight but 0, there is no memory to be measured."""
    with pytest.raises(ValueError, match="no step at all"):
        causal_stack.measured_memory([[1.0, 2.0], [0.0]], [1, 1])


@given(stacks, seeds, st.integers(1, 30))
def test_the_output_is_the_responses_convolution(stack, seed, length):
    """A stack without activations is one long causal kernel: NumPy's convolution with the response gives the same."""
    kernels, dilations = weights(stack, seed), [d for _, d in stack]
    x = np.random.default_rng(seed).normal(size=length)
    expected = np.convolve(x, causal_stack.response(kernels, dilations))[:length]
    np.testing.assert_allclose(causal_stack.output(x, kernels, dilations), expected, atol=1e-9)


@given(st.integers(2, 6), st.integers(0, 300))
def test_doubling_dilations_are_the_shortest(kernel_size, steps):
    """The list doubles from 1 on, looks far enough back, and with one layer less it would not."""
    dilations = causal_stack.doubling_dilations(kernel_size, steps)
    assert dilations == [2**layer for layer in range(len(dilations))]
    closed_form = (kernel_size - 1) * (2 ** len(dilations) - 1)  # 1 + 2 + 4 + ... to n terms is 2^n - 1
    assert closed_form >= steps
    assert not dilations or closed_form - (kernel_size - 1) * dilations[-1] < steps
