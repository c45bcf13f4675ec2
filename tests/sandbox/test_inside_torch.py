"""Questions about torch tensors and modules: exact values, layers as they run, modes as they were."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from referee.answers.interface import Layer, Model, Student
from referee.answers.local import LocalSource
from referee.errors import StudentFault

IMAGE = np.arange(2 * 8 * 8, dtype=np.float64).reshape(2, 1, 8, 8) / 100


class Twice(nn.Module):  # type: ignore[misc] # torch is not followed
    """Runs one linear layer two times, and holds a parameter of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)
        self.unused = nn.Linear(3, 2, bias=False)
        self.scale = nn.Parameter(torch.ones(3))

    def forward(self, x: Any) -> Any:
        return self.linear(self.linear(x)) * self.scale


def network() -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding="same"), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(),
        nn.Linear(256, 10),
    )  # fmt: skip


def student(**names: Any) -> Student:
    return Student(LocalSource(names))


def layers(module: Any, example: Any = None) -> list[Layer]:
    return list(student(m=module).model("m").layers(example).layers)


@pytest.mark.parametrize(
    "dtype", [torch.float16, torch.float32, torch.float64, torch.int64, torch.uint8, torch.bool, torch.complex64]
)
def test_tensors_keep_their_dtype_and_shape(dtype):
    """A tensor arrives as the array of the same dtype, shape and numbers."""
    tensor = torch.tensor([[0, 1], [2, 3]]).to(dtype)
    answer: Any = student(x=tensor)["x"]
    assert np.array_equal(answer, tensor.numpy())
    assert answer.dtype == tensor.numpy().dtype


def test_bfloat16_becomes_float32():
    """A bfloat16 tensor, which NumPy does not have, arrives as the same numbers in float32."""
    answer: Any = student(x=torch.tensor([1.5, -0.25], dtype=torch.bfloat16))["x"]
    assert answer.dtype == np.float32
    assert answer.tolist() == [1.5, -0.25]


@pytest.mark.parametrize(
    ("tensor", "numbers"),
    [
        (torch.ones(2, requires_grad=True) * 2, [2.0, 2.0]),
        (nn.Parameter(torch.zeros(2)), [0.0, 0.0]),
        (torch.arange(4.0).reshape(2, 2).T, [[0.0, 2.0], [1.0, 3.0]]),
        (torch.eye(2).to_sparse(), [[1.0, 0.0], [0.0, 1.0]]),
        (torch.tensor([1 + 2j]).conj(), [1 - 2j]),
        (torch.tensor(3.5), 3.5),
    ],
    ids=["graph", "parameter", "transposed", "sparse", "conjugated", "0-d"],
)
def test_a_tensor_of_any_kind_arrives_as_its_numbers(tensor, numbers):
    """A tensor with a graph, a view, a sparse or a lazy one arrives as the numbers that it stands for."""
    answer: Any = student(x=tensor)["x"]
    assert answer.tolist() == numbers


def test_a_subclass_of_tensor_is_refused():
    """A subclass of Tensor may say one thing and hold another, so it is refused in words that say so."""

    class Sub(torch.Tensor):  # type: ignore[misc] # torch is not followed
        pass

    with pytest.raises(StudentFault, match="type Sub, a subclass of Tensor; only the plain type is taken"):
        student(x=torch.ones(2).as_subclass(Sub))["x"]


def test_layers_are_listed_as_they_run_with_shapes_and_counts():
    """Each layer has its type, output shape and numbers; running statistics count as frozen, as in Keras."""
    rows = [(row.type, row.shape, row.trainable, row.frozen) for row in layers(network(), IMAGE[:1])]
    assert rows == [
        ("Conv2d", (None, 4, 8, 8), 40, 0),
        ("BatchNorm2d", (None, 4, 8, 8), 8, 8),
        ("ReLU", (None, 4, 8, 8), 0, 0),
        ("Dropout", (None, 4, 8, 8), 0, 0),
        ("Flatten", (None, 256), 0, 0),
        ("Linear", (None, 10), 2570, 0),
    ]


def test_a_layers_configuration_is_its_plain_settings():
    """The configuration holds what was given to the layer, and whether it has a bias."""
    config = layers(network(), IMAGE[:1])[0].config
    expected = {"in_channels": 1, "out_channels": 4, "kernel_size": [3, 3], "padding": "same", "bias": True}
    assert {key: list(value) if isinstance(value := config[key], tuple) else value for key in expected} == expected
    assert layers(nn.Linear(2, 2, bias=False))[0].config["bias"] is False


def test_layers_without_weights():
    """A network on the "meta" device, which allocates nothing, has its shapes and counts all the same."""
    with torch.device("meta"):
        vast = nn.Sequential(nn.Flatten(), nn.Linear(64, 10**6))
    assert [(row.shape, row.trainable) for row in layers(vast, IMAGE[:1])] == [
        ((None, 64), 0),
        ((None, 10**6), 65 * 10**6),
    ]


def test_a_reused_layer_owns_its_parameters_once():
    """A layer that runs twice is listed twice, its parameters counted once, and one that never runs has no shape."""
    summary = student(m=Twice()).model("m").layers(np.zeros((1, 3)))
    rows = [(row.name, row.type, row.shape, row.trainable) for row in summary.layers]
    assert rows == [
        ("linear", "Linear", (None, 3), 12),
        ("linear", "Linear", (None, 3), 0),
        ("", "custom Twice", (None, 3), 3),
        ("unused", "Linear", None, 6),
    ]
    assert summary.parameters == sum(parameter.numel() for parameter in Twice().parameters())


def test_frozen_parameters_count_as_frozen():
    """A parameter that needs no gradient counts as frozen."""
    module = nn.Linear(3, 2)
    module.bias.requires_grad_(False)
    (row,) = layers(module)
    assert (row.trainable, row.frozen, row.parameters) == (6, 2, 8)


def test_lazy_layers_are_not_built_until_they_see_an_input():
    """A lazy layer that never saw an input is said to be not built; afterwards it is a plain layer."""
    module = nn.Sequential(nn.LazyLinear(2))
    for example in (None, np.zeros((1, 3))):
        with pytest.raises(StudentFault, match="lazy layers that never saw an input: call it on a batch first"):
            layers(module, example)
    module(torch.zeros(1, 3))
    assert [(row.type, row.trainable) for row in layers(module)] == [("Linear", 8)]


def test_predictions_are_those_of_inference_mode():
    """Predictions equal the model's own in eval mode, batch after batch, whatever mode the student left it in."""
    module = network().train()
    many = np.random.default_rng(0).normal(size=(600, 1, 8, 8))
    answer = student(m=module).model("m").predict(many)
    module.eval()
    with torch.no_grad():
        parts = [module(torch.from_numpy(part).float()) for part in np.split(many, [256, 512])]
    assert np.array_equal(answer, torch.cat(parts).numpy())


def test_every_modules_mode_is_as_before():
    """Asking for layers and predictions leaves each module's own training flag, hooks and statistics alone."""
    module = network().train()
    list(module.modules())[2].eval()
    modes = [part.training for part in module.modules()]
    before = {name: value.clone() for name, value in module.state_dict().items()}
    model = student(m=module).model("m")
    model.predict(IMAGE)
    model.layers(IMAGE[:1])
    assert [part.training for part in module.modules()] == modes
    assert not any(part._forward_hooks for part in module.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_modes_and_hooks_come_back_after_an_error():
    """A forward pass that raises is the student's fault, and leaves modes and hooks as they were."""
    module = network().train()
    model = student(m=module).model("m")
    for ask in (model.predict, model.layers):
        with pytest.raises(StudentFault, match="it raised RuntimeError"):
            ask(np.zeros((1, 5)))
    assert all(part.training for part in module.modules())
    assert not any(part._forward_hooks for part in module.modules())


def test_inputs_get_the_models_own_precision():
    """A float64 batch is cast to the model's precision; whole numbers stay whole, for an embedding."""
    half = nn.Linear(2, 1).to(torch.float64)
    assert student(m=half).model("m").predict(np.ones((1, 2), dtype=np.float32)).dtype == np.float64
    assert student(m=nn.Embedding(5, 2)).model("m").predict(np.array([[1, 4]])).shape == (1, 2, 2)
    assert student(m=nn.ReLU()).model("m").predict(np.array([[-1.0, 2.0]])).tolist() == [[0.0, 2.0]]


def test_weights_are_all_parameters_and_buffers_in_order():
    """Weights come in the framework's order; a batch counter, which is no weight, is left out."""
    module = network()
    expected = [value.numpy() for value in module.state_dict().values() if value.ndim]
    answer = student(m=module).model("m").weights()
    assert [array.shape for array in answer] == [(4, 1, 3, 3), (4,), (4,), (4,), (4,), (4,), (10, 256), (10,)]
    assert all(np.array_equal(left, right) for left, right in zip(answer, expected, strict=True))


def test_a_model_can_be_built_by_a_function():
    """`build` asks about what the student's function returns for these arguments, built anew each time."""
    made: list[int] = []

    def make(units: int) -> nn.Module:
        made.append(units)
        return nn.Linear(3, units)

    model: Model = student(make=make).build("make", 2)
    assert model.layers().parameters == 8
    assert [weight.shape for weight in model.weights()] == [(2, 3), (2,)]
    assert made == [2, 2]


def test_shared_parameters_count_once():
    """Two layers with one common weight own it once, as `parameters()` says."""
    module = nn.Sequential(nn.Linear(3, 3, bias=False), nn.Linear(3, 3, bias=False))
    module[1].weight = module[0].weight
    assert student(m=module).model("m").layers().parameters == sum(each.numel() for each in module.parameters()) == 9
