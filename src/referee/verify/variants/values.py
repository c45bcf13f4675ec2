"""Operators on values: numbers, names and indices that are off by one, flipped, or taken from the wrong set."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst as cst

from referee.verify.variants.seeing import Change, Operator, Place, code, is_layer, name_of, number

_ARITHMETIC: dict[type[cst.BaseBinaryOp], type[cst.BaseBinaryOp]] = {
    cst.Add: cst.Subtract,
    cst.Subtract: cst.Add,
    cst.Multiply: cst.Add,
    cst.Divide: cst.Multiply,
    cst.FloorDivide: cst.Multiply,
    cst.Modulo: cst.FloorDivide,
    cst.Power: cst.Multiply,
    cst.MatrixMultiply: cst.Multiply,
}
_AUGMENTED: dict[type[cst.BaseAugOp], type[cst.BaseAugOp]] = {
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.MultiplyAssign: cst.AddAssign,
    cst.DivideAssign: cst.MultiplyAssign,
}
_COMPARED: dict[type[cst.BaseCompOp], type[cst.BaseCompOp]] = {
    cst.LessThan: cst.LessThanEqual,
    cst.LessThanEqual: cst.LessThan,
    cst.GreaterThan: cst.GreaterThanEqual,
    cst.GreaterThanEqual: cst.GreaterThan,
    cst.Equal: cst.NotEqual,
    cst.NotEqual: cst.Equal,
}
_KERNEL = re.compile(r"(kernel|filter|weights?|k|w|patch)", re.IGNORECASE)
_LABELS = re.compile(r"(y_train\w*|labels?_train|train_labels|y_batch|targets?)", re.IGNORECASE)
_AHEAD = re.compile(
    r".*(ahead|lag|delay|shift|offset|stride|dilation|size|window|steps?|length|horizon).*", re.IGNORECASE
)
_AXES = ("axis", "dim", "axes")


def arithmetic(place: Place) -> Iterator[Change]:
    """Another operation: plus for minus, times for divided by."""
    node = place.node
    if isinstance(node, cst.BinaryOperation):
        other = _ARITHMETIC.get(type(node.operator))
        if other is not None and not isinstance(node.left, cst.SimpleString | cst.FormattedString):
            yield "arithmetic", node.with_changes(operator=other())
    if isinstance(node, cst.AugAssign) and type(node.operator) in _AUGMENTED:
        yield "arithmetic", node.with_changes(operator=_AUGMENTED[type(node.operator)]())
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus) and not _number(node.expression):
        yield "sign", node.expression


def _number(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Integer | cst.Float)


def comparison(place: Place) -> Iterator[Change]:
    """Less for less or equal, equal for not equal."""
    node = place.node
    if isinstance(node, cst.ComparisonTarget) and type(node.operator) in _COMPARED:
        yield "comparison", node.with_changes(operator=_COMPARED[type(node.operator)]())


def constant(place: Place) -> Iterator[Change]:
    """Another number; a layer's own have operators of their own, and an axis is another axis."""
    node = place.node
    if _in_layer(place) or isinstance(place.up(), cst.UnaryOperation):
        return
    axis = _is_axis(place)
    if isinstance(node, cst.Integer):
        value = int(node.value, 0)
        yield ("axis" if axis else "constant"), number(str(value + 1 if not axis or value == 0 else value - 1))
    elif isinstance(node, cst.Float) and abs(float(node.value)) < 1e9:
        value_ = float(node.value)
        yield "constant", number(repr(value_ * 2 if value_ else 1.0))
    elif isinstance(node, cst.Name) and node.value in ("True", "False") and not _is_trainable(place):
        yield "true or false", cst.Name("False" if node.value == "True" else "True")


def negative(place: Place) -> Iterator[Change]:
    """A negative number: -1 becomes -2 as an index, and 0 as an axis."""
    node = place.node
    if isinstance(node, cst.UnaryOperation) and isinstance(node.operator, cst.Minus):
        inner = node.expression
        if isinstance(inner, cst.Integer) and not _in_layer(place):
            axis = _is_axis(place)
            yield ("axis" if axis else "constant"), number("0" if axis else f"-{int(inner.value, 0) + 1}")


def off_by_one(place: Place) -> Iterator[Change]:
    """A bound or a distance that is off by one."""
    node = place.node
    if isinstance(node, cst.Slice):
        for side in ("lower", "upper"):
            bound = getattr(node, side)
            if isinstance(bound, cst.Name | cst.Attribute | cst.BinaryOperation | cst.Subscript):
                yield "off by one", node.with_changes(**{side: number(f"{_operand(bound)} + 1")})
        if node.step is not None and code(node.step) == "-1":
            yield "missing flip", node.with_changes(step=None, second_colon=cst.MaybeSentinel.DEFAULT)
    if isinstance(node, cst.Call) and name_of(node) in ("range", "arange") and node.args:
        last = node.args[min(1, len(node.args) - 1)]
        if not isinstance(last.value, cst.Integer):
            shorter = last.with_changes(value=number(f"{_operand(last.value)} - 1"))
            yield "off by one", node.with_changes(args=[shorter if arg is last else arg for arg in node.args])
    if isinstance(node, cst.Name) and _AHEAD.fullmatch(node.value) and isinstance(place.up(), cst.BinaryOperation):
        yield "off by one", number(f"({node.value} + 1)")


def _operand(node: cst.BaseExpression) -> str:
    """A node as text to which something can be added."""
    text = code(node)
    loose = isinstance(node, cst.NamedExpr | cst.GeneratorExp | cst.IfExp | cst.Lambda | cst.BooleanOperation)
    return f"({text})" if loose or "\n" in text else text


def flipped(place: Place) -> Iterator[Change]:
    """A kernel that is turned round, before it is multiplied."""
    node, above = place.node, place.up()
    if not (isinstance(node, cst.Name) and _KERNEL.fullmatch(node.value)):
        return
    if (isinstance(above, cst.BinaryOperation) and isinstance(above.operator, cst.Multiply | cst.MatrixMultiply)) or (
        isinstance(above, cst.Arg)
        and name_of(place.up(2) or above)
        in (
            *("dot", "vdot", "tensordot", "correlate", "convolve", "reshape", "tensor", "as_tensor", "from_numpy"),
            *("multiply", "expand_dims", "asarray", "array"),
        )
    ):
        yield "flipped kernel", number(f"np.flip({node.value})")


def wrong_set(place: Place) -> Iterator[Change]:
    """Statistics and trainings from the wrong set, and shuffled labels."""
    node = place.node
    if (
        not isinstance(node, cst.Name)
        or isinstance(place.up(), cst.AssignTarget | cst.Param | cst.Attribute | cst.Element)
    ) and not (isinstance(node, cst.Name) and _read_attribute(place)):
        return
    name = node.value
    if name.startswith(("x_", "X_", "images_", "features_")) and "train" in name:
        yield "the wrong set", cst.Name(name.replace("train", "val"))
    if _LABELS.fullmatch(name):
        yield "shuffled labels", number(f"{name}[list(range(1, len({name}))) + [0]]")


def _read_attribute(place: Place) -> bool:
    """Whether a name is what a method is called of: `x_train.mean()`."""
    above = place.up()
    return isinstance(above, cst.Attribute) and above.value is place.node


def _in_layer(place: Place) -> bool:
    arg, call = place.up(), place.up(2)
    return isinstance(arg, cst.Arg) and call is not None and is_layer(call)


def _is_axis(place: Place) -> bool:
    """Whether a number is the axis of a call: by keyword, also within a tuple of axes."""
    for above in place.above():
        if isinstance(above, cst.Arg):
            return above.keyword is not None and above.keyword.value in _AXES
        if isinstance(above, cst.BaseStatement):
            return False
    return False


def _is_trainable(place: Place) -> bool:
    above = place.up()
    if isinstance(above, cst.Assign):
        return code(above.targets[0].target).endswith((".trainable", ".requires_grad"))
    return isinstance(above, cst.Arg) and name_of(place.up(2) or above) == "requires_grad_"


OPERATORS: tuple[Operator, ...] = (arithmetic, comparison, constant, negative, off_by_one, flipped, wrong_set)
