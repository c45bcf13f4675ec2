"""What a piece of a notebook binds, reads, draws and changes, by Python's own rules of names."""

from __future__ import annotations

import ast
import symtable
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

_MUTATING = ("shuffle", "fill_diagonal", "copyto", "put", "place", "heapify", "insort", "setattr", "put_along_axis")
_CHANGING: tuple[str, ...] = (
    "append",
    "extend",
    "insert",
    "pop",
    "remove",
    "clear",
    "sort",
    "reverse",
    "update",
    "add",
    "discard",
)
_CHANGING += ("setdefault", "popitem", "fill", "resize", "itemset", "partition", "setflags")
_NO_DRAW = ("default_rng", "RandomState", "Generator", "SeedSequence", "Random", "SystemRandom")


@dataclass(frozen=True)
class Piece:
    """One statement of a cell, with its text as the author wrote it."""

    node: ast.stmt
    text: str
    cell: int = 0

    @cached_property
    def bound(self) -> frozenset[str]:
        """The names that the statement binds or deletes in the notebook."""
        return bound([self.node])

    @cached_property
    def read(self) -> frozenset[str]:
        """The names of the notebook that it reads, now or when a function of its own is called."""
        return read([self.node])

    @cached_property
    def touched(self) -> frozenset[str]:
        """The names whose values it may change without binding them: `x[0] = 1`, `x.append(1)`, `shuffle(x)`."""
        return frozenset(_touched(self.node))

    @cached_property
    def changed(self) -> frozenset[str]:
        """The names of the notebook whose values it surely changes without binding them."""
        inner = {each for each in _touched(self.node, _CHANGING) if each not in self.bound}
        return frozenset(inner) if not self.defines else frozenset()

    @property
    def defines(self) -> bool:
        """Whether it defines a function: nothing of it runs before that is called."""
        if isinstance(self.node, ast.FunctionDef):
            return True
        return isinstance(self.node, ast.Assign) and isinstance(self.node.value, ast.Lambda)


def pieces(source: str, cell: int = 0) -> list[Piece]:
    """The statements of a cell; none where it is no Python."""
    if not_python(source):
        return []
    lines = source.split("\n")
    return [Piece(node, segment(lines, node), cell) for node in ast.parse(source).body]


def not_python(source: str) -> str:
    """Why a source is no Python, of which the names are known; empty where it is."""
    try:
        ast.parse(source)
        symtable.symtable(source, "<cell>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return getattr(error, "msg", "") or str(error) or type(error).__name__
    return ""


def segment(lines: list[str], node: ast.stmt) -> str:
    """The text of a statement with its decorators, from its first character to its last."""
    first = first_line(node)
    taken = [line.encode() for line in lines[first - 1 : node.end_lineno]]
    taken[-1] = taken[-1][: node.end_col_offset]
    begins = node.col_offset if first == node.lineno else 0
    taken[0] = taken[0][begins:]
    return b"\n".join(taken).decode()


def first_line(node: ast.stmt) -> int:
    """The line on which a statement begins, with its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def bound(body: list[ast.stmt]) -> frozenset[str]:
    """The names that these statements bind or delete in the notebook, from within functions (`global x`) too."""
    table = _table(body)
    own = {each.get_name() for each in table.get_symbols() if each.is_assigned() or each.is_imported()}
    inner = {
        each.get_name()
        for child in _below(table)
        for each in child.get_symbols()
        if each.is_declared_global() and each.is_assigned()
    }
    return frozenset(own | inner)


def read(body: list[ast.stmt]) -> frozenset[str]:
    """The names of the notebook that these statements read."""
    table = _table(body)
    own = {each.get_name() for each in table.get_symbols() if each.is_referenced()}
    inner = {
        each.get_name()
        for child in _below(table)
        for each in child.get_symbols()
        if each.is_global() and each.is_referenced()
    }
    return frozenset(own | inner)


def local(node: ast.FunctionDef) -> frozenset[str]:
    """The names that a function binds within itself, its parameters too."""
    (inner, *_) = (child for child in _table([node]).get_children() if child.get_name() == node.name)
    return frozenset(each.get_name() for each in inner.get_symbols() if each.is_local())


def early(body: list[ast.stmt], known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names that these statements may read before they bind them; `known` are bound already.

    What a function reads counts where it is defined.
    """
    found: frozenset[str] = frozenset()
    for node in body:
        first, inner = _first(node)
        found |= read([ast.Expr(each) for each in first] if first is not None else [node]) - known
        for part in ("body", "orelse", "finalbody"):
            if first is not None:
                found |= early(getattr(node, part, []), known | inner)
        for handler in getattr(node, "handlers", []):
            caught = [handler.type] if handler.type is not None else []
            found |= read([ast.Expr(each) for each in caught]) - known
            found |= early(handler.body, known | ({handler.name} if handler.name else frozenset()))
        known |= surely_bound(node)
    return found


def _first(node: ast.stmt) -> tuple[list[ast.expr] | None, frozenset[str]]:
    """What a statement with blocks reads and binds in front of them; None of one without."""
    if isinstance(node, ast.For):
        return [node.iter], _targets([node.target])
    if isinstance(node, ast.If | ast.While):
        return [node.test], frozenset()
    if isinstance(node, ast.With):
        held = [item.optional_vars for item in node.items if item.optional_vars is not None]
        return [item.context_expr for item in node.items], _targets(held)
    return ([], frozenset()) if isinstance(node, ast.Try) else (None, frozenset())


def _targets(nodes: list[ast.expr]) -> frozenset[str]:
    return bound([ast.Assign([each], ast.Constant(0), lineno=1) for each in nodes])


def surely_bound(node: ast.stmt) -> frozenset[str]:
    """The names that a statement has bound when it has run, whichever way it went."""
    if isinstance(node, ast.For | ast.While):
        return frozenset()
    if isinstance(node, ast.If):
        return _all_bound(node.body) & _all_bound(node.orelse)
    if isinstance(node, ast.Try):
        ways = [_all_bound([*node.body, *node.orelse]), *(_all_bound(each.body) for each in node.handlers)]
        return frozenset.intersection(*ways) | _all_bound(node.finalbody)
    return bound([node])


def _all_bound(body: list[ast.stmt]) -> frozenset[str]:
    return frozenset[str]().union(*map(surely_bound, body))


def read_in_functions(body: list[ast.stmt]) -> frozenset[str]:
    """The names of the notebook that functions among these statements read when they are called."""
    tables = (child for child in _below(_table(body)) if child.get_type() == "function")
    return frozenset(each.get_name() for child in tables for each in child.get_symbols() if each.is_global())


def identifiers(node: ast.AST) -> Iterator[str]:
    """Every name that stands in a program: of variables, parameters, functions, classes and imports."""
    for each in ast.walk(node):
        match each:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.alias():
                yield each.asname or each.name.partition(".")[0]
            case ast.ExceptHandler(name=str(name)):
                yield name


def dotted(node: ast.expr) -> str:
    """`np.testing.assert_allclose` of such an expression; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and (base := dotted(node.value)):
        return f"{base}.{node.attr}"
    return ""


def draws(node: ast.AST) -> bool:
    """Whether something is drawn from a generator that the whole process shares."""
    return any(_random(each) not in ("", "seed", *_NO_DRAW) for each in ast.walk(node))


def seeds(node: ast.AST) -> bool:
    """Whether a generator that the whole process shares is seeded."""
    return any(_random(each) == "seed" for each in ast.walk(node))


def _random(node: ast.AST) -> str:
    """What is called of `random` or `np.random`; empty for anything else."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ""
    module = dotted(node.func.value)
    return node.func.attr if module in ("random", "np.random", "numpy.random") else ""


def _table(body: list[ast.stmt]) -> symtable.SymbolTable:
    return symtable.symtable(ast.unparse(ast.Module(body, [])), "<cell>", "exec")


def _below(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _below(child)


def _touched(node: ast.stmt, methods: Collection[str] | None = None) -> Iterator[str]:
    """The names that a statement may change; of methods, these, or all where none are named."""
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript | ast.Attribute) and isinstance(each.ctx, ast.Store | ast.Del):
            yield from _base(each)
        elif isinstance(each, ast.Expr) and isinstance(each.value, ast.Call):
            called = each.value.func
            if isinstance(called, ast.Attribute):
                if methods is None or called.attr in methods:
                    yield from _base(called)
                if called.attr in _MUTATING:
                    yield from (name for argument in each.value.args for name in _base(argument))


def _base(node: ast.expr) -> Iterator[str]:
    """The name that an expression such as `x[0].y` begins with."""
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id
