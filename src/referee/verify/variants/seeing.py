"""What operators see of the solution: a node, what stands around it, and how layers are written in both frameworks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

import libcst as cst

#: The name of the operator, and what stands in the node's place.
Change: TypeAlias = tuple[str, cst.CSTNode | cst.RemovalSentinel]

_LAYER = re.compile(
    r"(Lazy)?(Separable|Depthwise)?(Conv\w*|Dense|Linear|Bilinear|\w*Norm\w*|\w*Normalization|Dropout\w*|\w*Pool\w*|"
    r"Flatten|Activation|ReLU|\w*ReLU|GELU|SiLU|Softmax|LogSoftmax|Sigmoid|Tanh|ZeroPad\w*|ConstantPad\w*|Rescaling|"
    r"Random\w+|Concatenate|Add|Multiply|Lambda|Embedding|LSTM|GRU)"
)


@dataclass(frozen=True)
class Place:
    """A node with the way up from it."""

    node: cst.CSTNode
    parents: Mapping[cst.CSTNode, cst.CSTNode]

    def up(self, steps: int = 1) -> cst.CSTNode | None:
        """The node so many steps above this one."""
        node: cst.CSTNode | None = self.node
        for _ in range(steps):
            node = self.parents.get(node) if node is not None else None
        return node

    def above(self) -> Iterator[cst.CSTNode]:
        """All nodes above this one, the nearest first."""
        node = self.parents.get(self.node)
        while node is not None:
            yield node
            node = self.parents.get(node)


Operator: TypeAlias = Callable[[Place], Iterator[Change]]


def code(node: cst.CSTNode) -> str:
    """A node as text."""
    return cst.Module([]).code_for_node(node)


def name_of(call: cst.CSTNode) -> str:
    """The last part of the name that is called: `Conv2D` of `layers.Conv2D(...)`; empty for anything else."""
    if not isinstance(call, cst.Call):
        return ""
    function = call.func
    if isinstance(function, cst.Attribute):
        return function.attr.value
    return function.value if isinstance(function, cst.Name) else ""


def is_layer(node: cst.CSTNode) -> bool:
    """Whether a node makes a layer, in either framework."""
    return bool(_LAYER.fullmatch(name_of(node)))


def layer_in(statement: cst.CSTNode) -> bool:
    """Whether a statement adds a layer: `model.add(layers.Dense(10))`, `model.append(nn.Flatten())`."""
    if not (isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1):
        return False
    only = statement.body[0]
    call = only.value if isinstance(only, cst.Expr) else None
    if not isinstance(call, cst.Call) or name_of(call) not in ("add", "append", "add_module") or not call.args:
        return False
    return is_layer(call.args[-1].value)


def number(text: str) -> cst.BaseExpression:
    """An expression from its text."""
    return cst.parse_expression(text)


def renamed(call: cst.Call, name: str) -> cst.Call:
    """A call of another function of the same module: `np.mean(x)` for `np.sum(x)`."""
    function = call.func
    if isinstance(function, cst.Attribute):
        return call.with_changes(func=function.with_changes(attr=cst.Name(name)))
    return call.with_changes(func=cst.Name(name))


def keyword(call: cst.Call, name: str) -> cst.Arg | None:
    """An argument by its keyword."""
    return next((arg for arg in call.args if arg.keyword is not None and arg.keyword.value == name), None)


def with_keyword(call: cst.Call, name: str, value: str) -> cst.Call:
    """The call with one keyword set to another value, or added."""
    old = keyword(call, name)
    if old is not None:
        return cast("cst.Call", call.deep_replace(old, old.with_changes(value=number(value))))
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    args = list(call.args)
    if args and isinstance(args[-1].comma, cst.MaybeSentinel):
        args[-1] = args[-1].with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))
    return call.with_changes(args=[*args, cst.Arg(number(value), keyword=cst.Name(name), equal=equal)])


def without(call: cst.Call, name: str) -> cst.Call:
    """The call without one keyword."""
    args = [arg for arg in call.args if arg.keyword is None or arg.keyword.value != name]
    if args:
        args[-1] = args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
    return call.with_changes(args=args)
