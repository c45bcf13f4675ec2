"""Famous networks have the parameters of the papers and of PyTorch's layers, and compute what those compute."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from reference import famous_nets as truth
from reference import forward
from reference.famous_nets import Layer, Row, Shape

IMAGENET = (224, 224, 3)
GOOGLENET_3A = (64, 96, 128, 16, 32, 32)


def modules(net: list[Layer], shape: Shape, activation: type[nn.Module], pooling: Any) -> list[nn.Module]:
    """PyTorch's layers of a net; lazy ones, so that they find out their inputs by themselves."""
    parts: list[nn.Module] = []
    for layer in net:
        kind, window = layer["layer"], (layer.get("kernel", 0), layer.get("stride", 0))
        if kind == "conv":
            parts += [nn.LazyConv2d(layer["filters"], *window, layer["padding"]), activation()]
        elif kind == "pool":
            parts.append(pooling(*window))
        elif kind == "flatten":
            parts.append(nn.Flatten())
        else:
            parts += [nn.LazyLinear(layer["units"]), activation()]
    return parts[:-1] if isinstance(parts[-1], activation) else parts


def measured(net: list[Layer], shape: Shape) -> list[Row]:
    """A table of the net as PyTorch sees it, on the device "meta": with shapes, but without numbers."""
    height, width, channels = shape
    rows, kinds = [], iter(layer["layer"] for layer in net)
    with torch.device("meta"):
        values = torch.zeros(1, channels, height, width)
        for part in modules(net, shape, nn.ReLU, nn.MaxPool2d):
            values = part(values)
            if not isinstance(part, nn.ReLU):
                size = tuple(values.shape[1:])
                count = sum(weight.numel() for weight in part.parameters())
                rows.append(Row(next(kinds), (*size[1:], size[0]) if len(size) == 3 else size, count))
    return rows


@pytest.mark.parametrize(
    ("net", "shape", "parameters"),
    [
        (truth.lenet5(), (32, 32, 1), 61_706),
        (truth.alexnet(), IMAGENET, 61_100_840),
        (truth.vgg16(), IMAGENET, 138_357_544),
    ],
)
def test_published_counts(net, shape, parameters):
    """The known totals, and PyTorch's table of the same layers, row by row."""
    assert truth.parameters(net, shape) == parameters
    assert truth.layer_table(net, shape) == measured(net, shape)


def test_lenet5_by_hand():
    """Each layer of LeNet-5, as the formula on paper gives it."""
    counts = [row.parameters for row in truth.layer_table(truth.lenet5(), (32, 32, 1))]
    assert counts == [156, 0, 2_416, 0, 48_120, 0, 10_164, 850]


windows = st.one_of(
    st.builds(truth.conv, st.integers(1, 6), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2)),
    st.builds(truth.pool, st.integers(1, 3), st.integers(1, 3)),
)


@given(st.lists(windows, min_size=1, max_size=3), st.integers(24, 40), st.integers(24, 40), st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_tables_are_torchs(stack, height, width, channels):
    """Any windows, any image: shapes and parameters are PyTorch's."""
    net, shape = [*stack, truth.flatten(), truth.dense(7), truth.dense(3)], (height, width, channels)
    if all(min(row.shape) > 0 for row in truth.layer_table(net, shape)):
        assert truth.layer_table(net, shape) == measured(net, shape)


def test_where_the_parameters_are():
    """96 % of AlexNet's and 89 % of VGG16's parameters are in dense layers."""
    assert truth.dense_share(truth.alexnet(), IMAGENET) == pytest.approx(0.9596, abs=1e-4)
    assert truth.dense_share(truth.vgg16(), IMAGENET) == pytest.approx(0.8936, abs=1e-4)
    assert truth.dense_share([truth.flatten(), truth.dense(2)], (3, 3, 1)) == 1.0


@pytest.mark.parametrize("width", [1, 3])
@pytest.mark.parametrize("make", [truth.alexnet, truth.vgg16])
def test_widths_scale_with_the_first_layer(make, width):
    """A narrower network has the same shapes, but for the numbers of channels and units."""
    full, narrow = truth.layer_table(make(), IMAGENET), truth.layer_table(make(width, 5, 2), IMAGENET)
    for whole, part in zip(full, narrow, strict=True):
        if len(whole.shape) == 3:
            assert part.shape == (*whole.shape[:2], whole.shape[2] * width // 64)
    assert [row.shape for row in narrow[-3:]] == [(5,), (5,), (2,)]


@pytest.mark.parametrize(("activation", "function"), [(nn.Tanh, np.tanh), (nn.ReLU, forward.relu)])
def test_it_computes_what_torch_computes(activation, function):
    """A small net with padding, strides and two dense layers, behind a map that is not square."""
    torch.manual_seed(0)
    net = [truth.conv(4, 5, 2, 1), truth.pool(2, 2), truth.conv(6, 3), truth.flatten(), truth.dense(8), truth.dense(3)]
    shape, images = (20, 26, 2), np.random.default_rng(0).normal(size=(3, 20, 26, 2))
    model = nn.Sequential(*modules(net, shape, activation, nn.AvgPool2d)).double()
    with torch.no_grad():
        expected = model(torch.tensor(images.transpose(0, 3, 1, 2))).numpy()
    weights = truth.weights_from_torch(
        [w.detach().numpy() for w in model.parameters()], truth.layer_table(net, shape)[2].shape
    )
    actual = truth.apply(net, weights, images, function, forward.average_pool2d)
    np.testing.assert_allclose(actual, expected, atol=1e-10)


def test_inception_3a():
    """GoogLeNet's first inception module has 163,696 parameters; counted with PyTorch's layers, too."""
    sizes = truth.inception_convolutions(192, GOOGLENET_3A)
    layers = [nn.Conv2d(inputs, filters, kernel, device="meta") for kernel, inputs, filters in sizes]
    counted = sum(weight.numel() for layer in layers for weight in layer.parameters())
    assert truth.inception_parameters(192, GOOGLENET_3A) == counted == 163_696


def test_inception_computes_what_torch_computes():
    """Four branches, joined in depth; of negative maps, too, where a pooling must not see its padding."""
    torch.manual_seed(0)
    sizes = truth.inception_convolutions(5, (2, 3, 4, 2, 3, 1))
    convolutions = [nn.Conv2d(inputs, filters, kernel, padding="same").double() for kernel, inputs, filters in sizes]
    images = np.random.default_rng(0).normal(size=(2, 6, 7, 5)) - 2.0
    x = torch.tensor(images.transpose(0, 3, 1, 2))
    pooled = nn.functional.max_pool2d(x, 3, stride=1, padding=1)
    with torch.no_grad():
        branches = [(x, [0]), (x, [1, 2]), (x, [3, 4]), (pooled, [5])]
        outputs = [
            nn.Sequential(*(part for i in path for part in (convolutions[i], nn.ReLU())))(v) for v, path in branches
        ]
        expected = torch.cat(outputs, dim=1).numpy()
    parts = [(c.weight.detach().numpy().transpose(2, 3, 1, 0), c.bias.detach().numpy()) for c in convolutions]
    np.testing.assert_allclose(truth.inception(parts, images).transpose(0, 3, 1, 2), expected, atol=1e-12)


def bottleneck(channels: int, middle: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(channels, middle, 1, bias=False),
        nn.BatchNorm2d(middle),
        nn.ReLU(),
        nn.Conv2d(middle, middle, 3, padding=1, bias=False),
        nn.BatchNorm2d(middle),
        nn.ReLU(),
        nn.Conv2d(middle, channels, 1, bias=False),
        nn.BatchNorm2d(channels),
    ).double()


@pytest.mark.parametrize(("channels", "middle"), [(256, 64), (7, 3)])
def test_bottleneck_parameters(channels, middle):
    """ResNet-50's first bottleneck behind the projection has 70,400 learned parameters; PyTorch counts the same."""
    block = bottleneck(channels, middle)
    learned = sum(weight.numel() for weight in block.parameters())
    observed = sum(buffer.numel() for buffer in block.buffers() if buffer.ndim)
    assert truth.bottleneck_parameters(channels, middle) == (learned, observed)
    assert truth.bottleneck_parameters(256, 64) == (70_400, 768)


def test_bottleneck_computes_what_torch_computes():
    """With a batch normalization that has learned and seen something."""
    torch.manual_seed(0)
    block, images = bottleneck(5, 3).eval(), np.random.default_rng(0).normal(size=(2, 4, 6, 5))
    for values in (*block.parameters(), *block.buffers()):
        if values.ndim == 1:
            nn.init.uniform_(values, 0.5, 1.5)
    x = torch.tensor(images.transpose(0, 3, 1, 2))
    with torch.no_grad():
        expected = torch.relu(x + block(x)).numpy().transpose(0, 2, 3, 1)
    state = [value.numpy() for value in block.state_dict().values() if value.ndim > 0]
    kernels = [value.transpose(2, 3, 1, 0) for value in state if value.ndim == 4]
    vectors = [value for value in state if value.ndim == 1]
    norms = [vectors[place : place + 4] for place in (0, 4, 8)]
    np.testing.assert_allclose(truth.bottleneck(kernels, norms, images, truth.EPSILON["torch"]), expected, atol=1e-10)
