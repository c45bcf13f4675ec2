"""Receptive fields by formula are those that are measured, in NumPy and on a PyTorch model, and those of the deck."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from reference import receptive_field as truth
from reference.forward import Array
from reference.receptive_field import Layer, conv, pool

layers = st.one_of(
    st.builds(conv, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)),
    st.builds(pool, st.integers(1, 3), st.integers(1, 3)),
)
stacks = st.lists(layers, max_size=4)


def ones(stack: list[Layer]) -> list[Array]:
    return [np.ones((layer["kernel"], layer["kernel"])) for layer in truth.convolutions(stack)]


def gradient_field(stack: list[Layer], size: int) -> int:
    """How far the gradient of a PyTorch model's upper left unit reaches, with averages instead of maxima."""
    parts = [
        nn.Conv2d(1, 1, layer["kernel"], layer["stride"], dilation=layer["dilation"], bias=False)
        if layer["kind"] == "conv"
        else nn.AvgPool2d(layer["kernel"], layer["stride"])
        for layer in stack
    ]
    model = nn.Sequential(*parts)
    for weight in model.parameters():
        nn.init.ones_(weight)
    image = torch.ones(1, 1, size, size, requires_grad=True)
    model(image)[0, 0, 0, 0].backward()
    assert image.grad is not None
    return truth.span(np.flatnonzero(image.grad[0, 0].sum(dim=0).numpy()).tolist())


@pytest.mark.parametrize(
    ("stack", "field", "weights"),
    [([conv(7)], 7, 49), ([conv(3)] * 2, 5, 18), ([conv(3)] * 3, 7, 27)],
)
def test_the_deck(stack, field, weights):
    """One layer of 7x7, two and three of 3x3."""
    assert (truth.receptive_field(stack), truth.weights(stack)) == (field, weights)


def test_vgg16():
    """The last pooling layer sees 212 pixels; 13 convolutions, 5 poolings."""
    stack = truth.vgg16_stack()
    assert truth.receptive_field(stack) == 212
    assert (len(stack), len(truth.convolutions(stack))) == (18, 13)


@given(stacks)
@settings(max_examples=40, deadline=None)
def test_measured_in_numpy(stack):
    """Impulses find the field of the formula, in images with room to spare."""
    field = truth.receptive_field(stack)
    assume(field <= 25)
    assert truth.measured_field(stack, ones(stack), field + 2) == field


@given(stacks)
@settings(max_examples=40, deadline=None)
def test_measured_by_gradient(stack):
    """So does the gradient of a PyTorch model."""
    field = truth.receptive_field(stack)
    assume(len(stack) > 0 and field <= 60)
    assert gradient_field(stack, field + 2) == field


@given(stacks)
def test_from_the_top_down(stack):
    """The other recursion, from the unit to the image: (r - 1) * stride + (kernel - 1) * dilation + 1."""
    field = 1
    for layer in reversed(stack):
        field = (field - 1) * layer["stride"] + (layer["kernel"] - 1) * layer["dilation"] + 1
    assert truth.receptive_field(stack) == field


@given(stacks, st.integers(1, 6))
def test_weights_are_the_models(stack, channels):
    """PyTorch's layers have as many weights."""
    parts = [nn.Conv2d(channels, channels, layer["kernel"], bias=False) for layer in truth.convolutions(stack)]
    assert truth.weights(stack, channels) == sum(w.numel() for part in parts for w in part.parameters())


def test_zeros_at_a_border_are_not_seen():
    """The experiment finds less than the formula, where a kernel does not look; nothing where it looks nowhere."""
    kernel = np.zeros((5, 5))
    kernel[1:3, 1:3] = 1.0
    assert truth.measured_field([conv(5)], [kernel], 8) == 2
    assert truth.measured_field([conv(5)], [np.zeros((5, 5))], 8) == 0


def test_gaps_belong_to_the_field():
    """A dilated kernel of 3 sees three pixels, and the field spans all from the first to the last."""
    stack = [conv(3, dilation=4)]
    images = np.concatenate([truth.impulses(10), np.zeros((1, 10, 10, 1))])
    outputs = truth.apply(stack, ones(stack), images)
    assert truth.changed(outputs[:-1], outputs[-1:]) == [0, 4, 8]
    assert truth.measured_field(stack, ones(stack), 10) == 9


def test_apply_is_torchs_model():
    """Random kernels, a pooling in between, not square."""
    stack, random = [conv(3), pool(2), conv(2, 1, 2)], np.random.default_rng(0)
    kernels = [random.normal(size=(3, 3)), random.normal(size=(2, 2))]
    images = random.normal(size=(2, 12, 14, 1))
    x = torch.tensor(images.transpose(0, 3, 1, 2))
    x = nn.functional.conv2d(x, torch.tensor(kernels[0])[None, None])
    x = nn.functional.conv2d(nn.functional.max_pool2d(x, 2), torch.tensor(kernels[1])[None, None], dilation=2)
    np.testing.assert_allclose(truth.apply(stack, kernels, images), x.numpy().transpose(0, 2, 3, 1), atol=1e-12)
