"""Partial credit: a test cell whose last expression is a score, as checks with weights where it is a plain sum.

score = 0
if squares(2) == [1, 4]:        a check of weight 1
    score += 1
try:                            a check of weight 0.5
    assert squares(1) == [1]
    score += 0.5
except Exception:
    pass
score
"""

from __future__ import annotations

import ast
import textwrap
from dataclasses import dataclass

from referee.convert.names import Piece, first_line, read
from referee.convert.vocabulary import HARMLESS

_REFUSED = "its last expression is a score, but not a plain sum of points that single tests give"


@dataclass(frozen=True)
class Part:
    """One test of a score: what it says, what it gives, and the texts of the statements that it is made of."""

    source: str
    points: float
    texts: frozenset[str]


def parts_of(cell: list[Piece], points: float) -> list[Part] | str:
    """The parts of a score; none where the cell gives no score; words where it gives one in another way."""
    if not cell or not _may_be_score(cell[-1].node):
        return []
    last = cell[-1].node
    if not isinstance(last, ast.Expr) or not isinstance(last.value, ast.Name):
        return "its last expression may be a number, which nbgrader takes for the score"
    name = last.value.id
    parts, shared, began = list[Part](), list[Piece](), False
    for piece in cell[:-1]:
        if _begins(piece.node, name):
            began = True
        elif name not in piece.bound | piece.read:
            shared.append(piece)
        elif (found := _gain(piece, name)) is not None and began:
            source, gained = found
            before = [each.text for each in shared]
            parts.append(Part("\n".join([*before, source]), gained, frozenset([*before, piece.text])))
        else:
            return _REFUSED
    if not parts:
        return _REFUSED
    total = sum(part.points for part in parts)
    if abs(total - points) > 1e-9:
        return f"its tests give {total:g} points in all, and the cell is worth {points:g}"
    return parts


def _may_be_score(node: ast.stmt) -> bool:
    """Whether the last statement shows a value that nbgrader may take for a score."""
    if not isinstance(node, ast.Expr):
        return False
    value = node.value
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    if isinstance(value, ast.Call):
        called = value.func.attr if isinstance(value.func, ast.Attribute) else getattr(value.func, "id", "")
        return called in ("round", "sum", "min", "max", "float", "int", "len", "abs")
    return isinstance(value, ast.Name | ast.BinOp | ast.Subscript | ast.IfExp)


def _begins(node: ast.stmt, name: str) -> bool:
    """Whether a statement sets the score to nothing."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
        return False
    return [ast.unparse(target) for target in node.targets] == [name] and node.value.value == 0


def _gain(piece: Piece, name: str) -> tuple[str, float] | None:
    """What a statement tests, as statements that assert it, and what it adds to the score; None of another one."""
    node = piece.node
    if isinstance(node, ast.If):
        gained = _added(node.body, name)
        if gained is None or not _quiet(node.orelse) or name in read([ast.Expr(node.test)]):
            return None
        return f"assert {_text(piece, node.test)}", gained
    if isinstance(node, ast.Try) and not node.orelse and not node.finalbody:
        gained = _added(node.body[-1:], name)
        if gained is None or len(node.body) < 2 or not all(_quiet(handler.body) for handler in node.handlers):
            return None
        body = node.body[:-1]
        if name in read(body):
            return None
        return _lines(piece, body), gained
    return None


def _added(body: list[ast.stmt], name: str) -> float | None:
    """The points that a block adds to the score, where it does nothing else."""
    found = [each for each in body if not _quiet([each])]
    if len(found) != 1:
        return None
    (node,) = found
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and ast.unparse(node.target) == name:
        value: ast.expr = node.value
    elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and isinstance(node.value, ast.BinOp):
        if not isinstance(node.value.op, ast.Add) or ast.unparse(node.value.left) != name:
            return None
        value = node.value.right
    else:
        return None
    try:
        points = ast.literal_eval(value)
    except ValueError:
        return None
    return float(points) if isinstance(points, int | float) and points > 0 else None


def _quiet(body: list[ast.stmt]) -> bool:
    """Whether statements only print, or do nothing."""
    return all(
        isinstance(each, ast.Pass)
        or (
            isinstance(each, ast.Expr)
            and isinstance(each.value, ast.Call)
            and isinstance(each.value.func, ast.Name)
            and each.value.func.id in HARMLESS
        )
        for each in body
    )


def _text(piece: Piece, node: ast.expr) -> str:
    """The text of an expression as it stands; said anew where its lines hold something else as well."""
    found: str = ast.get_source_segment(_from_left(piece), node) or ""
    try:
        same = ast.dump(ast.parse(f"({found})", mode="eval").body) == ast.dump(node)
    except SyntaxError:
        same = False
    said = found if same else ast.unparse(node)
    return f"({said})" if "\n" in said else str(said)


def _from_left(piece: Piece) -> str:
    """The text of a piece on the lines where its node says that it stands."""
    first = first_line(piece.node)
    return "\n" * (first - 1) + piece.text


def _lines(piece: Piece, body: list[ast.stmt]) -> str:
    """The lines of statements in a block, moved to the left; said anew where they share a line with others."""
    assert body[-1].end_lineno is not None
    lines = _from_left(piece).split("\n")[body[0].lineno - 1 : body[-1].end_lineno]
    text = textwrap.dedent("\n".join(lines))
    try:
        same = ast.dump(ast.parse(text)) == ast.dump(ast.Module(body, []))
    except SyntaxError:
        same = False
    return text if same else "\n".join(map(ast.unparse, body))
