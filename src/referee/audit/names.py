"""Names in the code of a notebook: what the task asks for, which is what students know."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from IPython.core.inputtransformer2 import TransformerManager

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_INNER = (*_DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def asked_for(own: Iterable[str], tests: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """The names that answers define, and those that tests use and nobody else does.

    own, tests, given : the cells' texts: of the solution, of tests, and of what the author gives and locks.

    >>> asked_for(["import math\\ndef area(r): return math.pi * r * r"], ["assert abs(area(1) - y) < TOL"], ["TOL = 1"])
    ('area', 'y')
    """
    own_trees, test_trees, given_trees = ([_parsed(text) for text in texts] for texts in (own, tests, given))
    imported = {name for tree in (*own_trees, *given_trees, *test_trees) for name in _imported(tree)}
    defined = {name for tree in own_trees for name in _bound(tree)}
    used = {node.id for tree in test_trees for node in ast.walk(tree) if isinstance(node, ast.Name)}
    known = {name for tree in (*given_trees, *test_trees) for name in _bound(tree)} | _parameters(test_trees)
    return tuple(sorted((defined | (used - known - set(dir(builtins)))) - imported))


def called(tests: Iterable[str], given: Iterable[str]) -> tuple[str, ...]:
    """The functions of the author's that tests call.

    >>> called(["near(f(1), 2)"], ["def near(a, b): assert a == b"])
    ('near',)
    """
    nodes = [node for text in tests for node in ast.walk(_parsed(text)) if isinstance(node, ast.Call)]
    names = {node.func.id for node in nodes if isinstance(node.func, ast.Name)}
    return tuple(sorted(names & {name for text in given for name in _bound(_parsed(text))}))


def imports_of(source: str) -> str:
    """The statements of a cell that import, which students write as their answers need them."""
    statements = (node for node in _parsed(source).body if isinstance(node, (ast.Import, ast.ImportFrom)))
    return "".join(f"{ast.unparse(node)}\n" for node in statements)


def only_shows(source: str) -> bool:
    """Whether a cell only shows something, and defines nothing."""
    return all(isinstance(node, ast.Expr) for node in _parsed(source).body)


def python(source: str) -> str:
    """The cell as Python, its magics as calls; empty where it is no Python."""
    try:
        text: str = TransformerManager().transform_cell(source)
        ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
    return text


def _parsed(source: str) -> ast.Module:
    return ast.parse(python(source))


def _bound(tree: ast.AST) -> Iterator[str]:
    """The names that running a cell gives a value, imports aside."""
    for node in _outer(tree):
        if isinstance(node, _DEFINITIONS):
            yield node.name
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.ExceptHandler) and node.name:
            yield node.name


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in _outer(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names)


def _outer(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a cell that belong to no function, class or comprehension in it."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _INNER):
            waiting += ast.iter_child_nodes(node)


def _parameters(trees: Iterable[ast.AST]) -> set[str]:
    """What is bound inside functions and comprehensions."""
    nodes = [node for tree in trees for node in ast.walk(tree)]
    inner = {node.arg for node in nodes if isinstance(node, ast.arg)}
    return inner | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
