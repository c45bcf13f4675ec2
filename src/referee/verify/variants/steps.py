"""Operators on what a solution does, step by step: left out, reversed, mixed up, another function in its place."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from referee.verify.variants.seeing import Change, Operator, Place, code, keyword, layer_in, name_of, renamed, without

_OTHERS = {
    "sum": ("mean", "mean for sum"),
    "mean": ("sum", "sum for mean"),
    "reduce_sum": ("reduce_mean", "mean for sum"),
    "reduce_mean": ("reduce_sum", "sum for mean"),
    "max": ("min", "min for max"),
    "amax": ("amin", "min for max"),
    "reduce_max": ("reduce_min", "min for max"),
    "min": ("max", "max for min"),
    "argmax": ("argmin", "argmin for argmax"),
    "maximum": ("minimum", "minimum for maximum"),
    "minimum": ("maximum", "maximum for minimum"),
    "zeros": ("ones", "ones for zeros"),
    "zeros_like": ("ones_like", "ones for zeros"),
    "ones": ("zeros", "zeros for ones"),
    "std": ("var", "variance for deviation"),
    "floor": ("ceil", "ceil for floor"),
    "any": ("all", "all for any"),
    "all": ("any", "any for all"),
    "train": ("eval", "training or inference"),
}
_DROPPED = {
    "exp": "missing exponential",
    "log": "missing logarithm",
    "sqrt": "missing root",
    "abs": "missing absolute value",
    "absolute": "missing absolute value",
    "softmax": "missing softmax",
    "relu": "missing activation",
    "square": "missing square",
    "transpose": "missing transposition",
    "flip": "missing flip",
    "cumsum": "missing sum",
}
_CONVERTED = {"astype": "missing conversion", "copy": "missing copy", "clone": "missing copy"}
_BUFFERS = ("zeros", "zeros_like", "ones")
_SYMMETRIC = {"maximum", "minimum", "add", "multiply", "array_equal", "allclose", "isclose", "zip", "max", "min"}
_QUIET = ("print", "show", "plot", "imshow", "set_title", "title", "summary")


def left_out(place: Place) -> Iterator[Change]:
    """A step that is not done: a call for its effect, or a value that is not brought up to date."""
    node = place.node
    if not isinstance(node, cst.SimpleStatementLine) or len(node.body) != 1 or layer_in(node):
        return
    only = node.body[0]
    if (
        isinstance(only, cst.AugAssign)
        or (isinstance(only, cst.Expr) and isinstance(only.value, cst.Call) and name_of(only.value) not in _QUIET)
        or (
            isinstance(only, cst.Assign)
            and _brings_up_to_date(only)
            and name_of(only.value) not in ("asarray", "array")
        )
    ):
        yield "drop a step", cst.RemoveFromParent()


def _brings_up_to_date(node: cst.Assign) -> bool:
    """Whether an assignment's value is made of the old one: `x = relu(x)`; or sets a part: `y[0] = 1`, `a.b = 1`."""
    target = node.targets[0].target
    if isinstance(target, cst.Subscript | cst.Attribute):
        return True
    return isinstance(target, cst.Name) and target.value in names_in(node.value)


def names_in(node: cst.CSTNode) -> set[str]:
    """All names in an expression."""
    found: set[str] = set()

    class Collect(cst.CSTVisitor):
        def visit_Name(self, node: cst.Name) -> None:
            found.add(node.value)

    node.visit(Collect())
    return found


def other_function(place: Place) -> Iterator[Change]:
    """Another function of the same kind, or none: mean for sum, a missing softmax or root."""
    node = place.node
    if not isinstance(node, cst.Call):
        return
    name = name_of(node)
    filled_later = name in _BUFFERS and isinstance(place.up(), cst.Assign)  # mostly the same, whatever it begins with
    if name in _OTHERS and not filled_later and (name != "train" or not node.args):
        other, operator = _OTHERS[name]
        yield operator, renamed(node, other)
    if name in _DROPPED and (inner := _inner(node)) is not None:
        yield _DROPPED[name], inner
    if name in _CONVERTED and (inner := _inner(node)) is not None:
        yield _CONVERTED[name], inner
    if name in ("asarray", "array") and keyword(node, "dtype") is not None:
        yield "missing conversion", without(node, "dtype")
    if name in ("sum", "mean", "max", "min", "argmax", "std") and keyword(node, "keepdims") is not None:
        yield "missing keepdims", without(node, "keepdims")


def _inner(call: cst.Call) -> cst.BaseExpression | None:
    """What a call is applied to: the object of a method, or the first argument of a function of a module."""
    function = call.func
    if isinstance(function, cst.Attribute) and code(function.value) not in (
        "np",
        "numpy",
        "torch",
        "tf",
        "keras",
        "F",
        "math",
        "tf.math",
        "keras.ops",
        "ops",
        "nn.functional",
        "torch.nn.functional",
        "tf.nn",
        "keras.activations",
    ):
        return function.value
    return call.args[0].value if call.args and call.args[0].keyword is None else None


def transposition(place: Place) -> Iterator[Change]:
    """A `.T` that is not there."""
    if isinstance(place.node, cst.Attribute) and place.node.attr.value in ("T", "mT"):
        yield "missing transposition", place.node.value


def swapped_arguments(place: Place) -> Iterator[Change]:
    """Two arguments in the other order."""
    node = place.node
    if not isinstance(node, cst.Call) or len(node.args) < 2 or name_of(node) in _SYMMETRIC:
        return
    first, second = node.args[:2]
    if first.keyword is not None or second.keyword is not None or first.star or second.star:
        return
    if not all(isinstance(arg.value, cst.Name | cst.Attribute | cst.Subscript) for arg in (first, second)):
        return
    if code(first.value) != code(second.value):
        args = [first.with_changes(value=second.value), second.with_changes(value=first.value), *node.args[2:]]
        yield "swapped arguments", node.with_changes(args=args)


def standardization(place: Place) -> Iterator[Change]:
    """(x - mean) / std without its parts, and x / 255 without the division."""
    node = place.node
    if not isinstance(node, cst.BinaryOperation) or not isinstance(node.operator, cst.Divide):
        return
    inner = node.left
    if isinstance(inner, cst.BinaryOperation) and isinstance(inner.operator, cst.Subtract):
        yield "missing standardization", inner.left
        yield "missing standardization", node.with_changes(left=inner.left)
        yield "missing standardization", inner
    elif isinstance(node.right, cst.Integer | cst.Float):
        yield "missing scaling", node.left


def condition(place: Place) -> Iterator[Change]:
    """A condition that is the other way round, or a branch that is never taken."""
    node = place.node
    if isinstance(node, cst.If | cst.IfExp | cst.While):
        test = node.test
        inverted = cst.UnaryOperation(cst.Not(), test if isinstance(test, cst.Name | cst.Call) else _bracketed(test))
        yield "reversed condition", node.with_changes(test=inverted)
    if isinstance(node, cst.BooleanOperation):
        other = cst.Or() if isinstance(node.operator, cst.And) else cst.And()
        yield "and or", node.with_changes(operator=other)


def _bracketed(expression: cst.BaseExpression) -> cst.BaseExpression:
    return expression.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])


OPERATORS: tuple[Operator, ...] = (
    left_out,
    other_function,
    transposition,
    swapped_arguments,
    standardization,
    condition,
)
