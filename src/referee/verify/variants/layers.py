"""Operators on layers: dropped, swapped, of another size, stride, padding, dilation or activation, frozen or not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import libcst as cst

from referee.verify.variants.seeing import (
    Change,
    Operator,
    Place,
    code,
    is_layer,
    keyword,
    layer_in,
    name_of,
    number,
    renamed,
    with_keyword,
    without,
)

_CONV = re.compile(r"(Separable|Depthwise|Lazy)?Conv[123][Dd](Transpose)?")
_POOL = re.compile(r"(Max|Avg|Average)Pool(ing)?[123][Dd]")
_ACTIVATIONS = {"relu": "tanh", "tanh": "relu", "sigmoid": "relu", "softmax": "linear", "linear": "relu"}
_MODULES = {"ReLU": "Tanh", "Tanh": "ReLU", "Sigmoid": "ReLU", "Softmax": "Identity", "LogSoftmax": "Identity"}
#: What a position means, so that a changed number has a name; keywords speak for themselves.
_POSITIONS = {
    "Conv2D": ("filters", "kernel size", "stride", "padding"),
    "Conv1D": ("filters", "kernel size", "stride", "padding"),
    "Conv2d": ("input channels", "filters", "kernel size", "stride", "padding", "dilation"),
    "Conv1d": ("input channels", "filters", "kernel size", "stride", "padding", "dilation"),
    "Dense": ("units",),
    "Linear": ("inputs", "units"),
    "LazyLinear": ("units",),
    "MaxPooling2D": ("window", "stride"),
    "MaxPool2d": ("window", "stride"),
    "Dropout": ("dropout rate",),
    "BatchNorm1d": ("channels",),
    "BatchNorm2d": ("channels",),
}
_KEYWORDS = {
    "kernel_size": "kernel size",
    "pool_size": "window",
    "strides": "stride",
    "dilation_rate": "dilation",
    "out_channels": "filters",
    "in_channels": "input channels",
    "out_features": "units",
    "in_features": "inputs",
    "rate": "dropout rate",
    "p": "dropout rate",
}


def dropped(place: Place) -> Iterator[Change]:
    """A layer that is not there: a statement that adds it, an element of a list, or a step of a functional model."""
    node = place.node
    if layer_in(node):
        yield "drop a layer", cst.RemoveFromParent()
    if isinstance(node, cst.Element | cst.Arg) and is_layer(node.value) and _in_sequence(place):
        yield "drop a layer", cst.RemoveFromParent()
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Call) and is_layer(node.func) and len(node.args) == 1:
        yield "drop a layer", node.args[0].value  # layers.ReLU()(x) becomes x


def swapped(place: Place) -> Iterator[Change]:
    """Two neighbouring layers in the other order."""
    body = getattr(place.node, "body", None)
    if isinstance(place.node, cst.Module | cst.IndentedBlock) and body is not None:
        for first, second in pairwise(body):
            if layer_in(first) and layer_in(second) and code(first).strip() != code(second).strip():
                new = [second if each is first else first if each is second else each for each in body]
                yield "swap two layers", place.node.with_changes(body=new)
    if isinstance(place.node, cst.List | cst.Tuple | cst.Call):
        name = "args" if isinstance(place.node, cst.Call) else "elements"
        items = list(getattr(place.node, name))
        for place_, (first, second) in enumerate(pairwise(items)):
            if is_layer(first.value) and is_layer(second.value) and name_of(first.value) != name_of(second.value):
                new = list(items)
                new[place_] = first.with_changes(value=second.value)
                new[place_ + 1] = second.with_changes(value=first.value)
                yield "swap two layers", place.node.with_changes(**{name: new})


def convolution(place: Place) -> Iterator[Change]:
    """Another stride, padding, dilation, or no bias, for a convolution or a pooling."""
    node, name = place.node, name_of(place.node)
    if not isinstance(node, cst.Call):
        return
    keras = name.endswith("D") or name.endswith("Transpose")
    if _CONV.fullmatch(name):
        stride, dilation, bias = ("strides", "dilation_rate", "use_bias") if keras else ("stride", "dilation", "bias")
        padded = keyword(node, "padding")
        if keyword(node, stride) is None and not (
            padded is not None and code(padded.value).strip("'\"") == "same" and not keras
        ):
            yield "stride", with_keyword(node, stride, "2")
        if keyword(node, dilation) is not None:
            yield "dilation", without(node, dilation)
        if (old := keyword(node, bias)) is None or code(old.value) == "True":
            yield "bias", with_keyword(node, bias, "False")
        elif code(old.value) == "False":
            yield "bias", without(node, bias)
        yield from _padding(node)
    elif _POOL.fullmatch(name):
        yield "kind of pooling", renamed(node, _other_pooling(name, "Average" if keras else "Avg"))
    elif name in ("Dense", "Linear", "LazyLinear"):
        bias = "use_bias" if name == "Dense" else "bias"
        if keyword(node, bias) is None:
            yield "bias", with_keyword(node, bias, "False")


def _other_pooling(name: str, average: str) -> str:
    """MaxPooling2D for AveragePooling2D, and the other way round; the frameworks spell the average differently."""
    if name.startswith("Max"):
        return name.replace("Max", average, 1)
    return re.sub(r"^(Average|Avg)", "Max", name)


def _padding(node: cst.Call) -> Iterator[Change]:
    old = keyword(node, "padding")
    if old is None:
        return
    other = {"same": "valid", "causal": "same", "valid": "same"}.get(code(old.value).strip("'\""))
    if other is not None:
        yield "padding", with_keyword(node, "padding", f'"{other}"')
    else:
        yield "padding", without(node, "padding")


def activation(place: Place) -> Iterator[Change]:
    """Another activation, or none."""
    node = place.node
    if isinstance(node, cst.SimpleString) and node.raw_value in _ACTIVATIONS and _says_activation(place):
        operator = "missing softmax" if node.raw_value == "softmax" else "activation"
        yield operator, cst.SimpleString(f'"{_ACTIVATIONS[node.raw_value]}"')
    if isinstance(node, cst.Call) and name_of(node) in _MODULES:
        operator = "missing softmax" if "Softmax" in name_of(node) else "activation"
        yield operator, renamed(node, _MODULES[name_of(node)])


def size(place: Place) -> Iterator[Change]:
    """Another number in a layer: kernel size, units, filters, window, rate."""
    call = place.up()
    if not (isinstance(place.node, cst.Arg) and isinstance(call, cst.Call) and is_layer(call)):
        return
    value, name = place.node.value, _meaning(place.node, call)
    if isinstance(value, cst.Integer):
        yield name, place.node.with_changes(value=number(str(int(value.value, 0) + 1)))
    elif isinstance(value, cst.Float):
        yield name, place.node.with_changes(value=number(f"{min(0.9, float(value.value) * 1.6):.3g}"))
    elif (
        isinstance(value, cst.Name)
        and name in {*_KEYWORDS.values(), "filters", "units"}
        and value.value not in ("True", "False", "None")
    ):
        yield name, place.node.with_changes(value=number(f"{value.value} + 1"))


def frozen(place: Place) -> Iterator[Change]:
    """What should be frozen is trained, and the other way round."""
    node = place.node
    if (
        isinstance(node, cst.Assign)
        and any(code(target.target).endswith((".trainable", ".requires_grad")) for target in node.targets)
        and code(node.value) in ("True", "False")
    ):
        yield (
            "frozen or trained",
            node.with_changes(value=cst.Name("False" if code(node.value) == "True" else "True")),
        )
    if isinstance(node, cst.Call) and name_of(node) == "requires_grad_" and node.args:
        given = code(node.args[0].value)
        if given in ("True", "False"):
            other = cst.Name("False" if given == "True" else "True")
            yield "frozen or trained", node.with_changes(args=[node.args[0].with_changes(value=other)])


def _in_sequence(place: Place) -> bool:
    """Whether a node is one of several in a list of layers, or an argument of `nn.Sequential`."""
    above = place.up()
    if isinstance(above, cst.List | cst.Tuple):
        return len(above.elements) > 1
    return isinstance(above, cst.Call) and name_of(above) == "Sequential" and len(above.args) > 1


def _meaning(arg: cst.Arg, call: cst.Call) -> str:
    """What a layer's argument is: by its keyword, or by its position."""
    if arg.keyword is not None:
        return _KEYWORDS.get(arg.keyword.value, arg.keyword.value)
    known = _POSITIONS.get(name_of(call), ())
    where = list(call.args).index(arg)
    return known[where] if where < len(known) else "a layer's number"


def _says_activation(place: Place) -> bool:
    """Whether a string is the name of an activation: of a keyword, or the argument of `Activation(...)`."""
    arg, call = place.up(), place.up(2)
    if not isinstance(arg, cst.Arg):
        return False
    return (arg.keyword is not None and arg.keyword.value == "activation") or name_of(call or arg) == "Activation"


OPERATORS: tuple[Operator, ...] = (dropped, swapped, convolution, activation, size, frozen)
