"""What a check's conclusion depends on, read from the grader's text: so that a regrade repeats only what changed.

A check is its function, and whatever of its module the function names, directly or through others. Comments, the
docstring and the mark `@pytest.mark.check` (its weight) are no part of that: they change no conclusion.
"""

from __future__ import annotations

import ast
import copy
import hashlib
from collections.abc import Iterator, Mapping

_MARK = "pytest.mark.check"
#: Whatever names one of these may reach everything.
_EVERYTHING = {"globals", "locals", "vars", "exec", "eval", "__import__", "importlib", "sys"}
CONFTEST = "conftest"  # concerns every check
CALIBRATION = "calibration"  # the fixture: concerns the checks that name it


def digests(text: bytes, modules: Mapping[str, str]) -> dict[str, str]:
    """For each check function of a grader the SHA-256 of what its conclusion depends on; none where it does not parse.

    modules : the digests of the course's modules, by their top-level names; `conftest` for pytest's own files,
        `calibration` for what the fixture of that name gives.
    """
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return {}
    module = _Module(tree, modules)
    return {
        node.name: module.digest(node) for node in tree.body if isinstance(node, ast.FunctionDef) and _is_check(node)
    }


class _Module:
    """The statements of a grader by the names that they bind; the others concern every check."""

    def __init__(self, tree: ast.Module, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._binding: dict[str, list[ast.stmt]] = {}
        self._always: list[ast.stmt] = []
        for node in tree.body:
            names = list(_bound(node))
            for name in names:
                self._binding.setdefault(name, []).append(node)
            if not names or _is_fixture(node):
                self._always.append(node)
        self._all = [node for node in tree.body if not (isinstance(node, ast.FunctionDef) and _is_check(node))]

    def digest(self, check: ast.FunctionDef) -> str:
        """The digest of a check and of all that it reaches."""
        reached, used, open_ones = dict[int, ast.stmt](), {CONFTEST}, [check, *self._always]
        while open_ones:
            node = open_ones.pop()
            if id(node) in reached:
                continue
            reached[id(node)] = node
            names = set(_named(node))
            used |= names & {CALIBRATION}
            if names & _EVERYTHING:
                open_ones += self._all
                used |= self._modules.keys()
            open_ones += [other for name in names for other in self._binding.get(name, ())]
        parts = sorted(ast.dump(_bare(node)) for node in reached.values())
        used |= {name for node in reached.values() for name in _imported(node)}
        parts += [f"{name} {self._modules[name]}" for name in sorted(used & self._modules.keys())]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _is_check(node: ast.FunctionDef) -> bool:
    return any(isinstance(call, ast.Call) and ast.unparse(call.func) == _MARK for call in node.decorator_list)


def _is_fixture(node: ast.stmt) -> bool:
    return isinstance(node, ast.FunctionDef) and any("fixture" in ast.unparse(each) for each in node.decorator_list)


def _bound(node: ast.stmt) -> Iterator[str]:
    """The names that a statement of a module binds, where that is all it does."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        yield from ((alias.asname or alias.name).partition(".")[0] for alias in node.names if alias.name != "*")
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if all(isinstance(target, ast.Name) for target in targets):
            yield from (target.id for target in targets if isinstance(target, ast.Name))


def _named(node: ast.stmt) -> Iterator[str]:
    """Every name that a statement mentions; the arguments of a function may be fixtures."""
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.arg):
            yield each.arg


def _imported(node: ast.stmt) -> Iterator[str]:
    """The top-level names of the modules that are imported anywhere in a statement."""
    for each in ast.walk(node):
        if isinstance(each, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in each.names)
        elif isinstance(each, ast.ImportFrom) and each.module:
            yield each.module.partition(".")[0]


def _bare(node: ast.stmt) -> ast.stmt:
    """A statement without what changes no conclusion."""
    if not isinstance(node, ast.FunctionDef):
        return node
    bare = copy.copy(node)
    bare.decorator_list = [
        each for each in node.decorator_list if not (isinstance(each, ast.Call) and ast.unparse(each.func) == _MARK)
    ]
    if ast.get_docstring(node) is not None:
        bare.body = node.body[1:]
    return bare
