"""Drafts as the text of a grader: a new file, or an existing one with more at its end."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from referee.convert.draft import Draft
from referee.convert.known import import_lines
from referee.convert.names import bound, segment
from referee.convert.records import Check, Kind
from referee.errors import GraderError

_LINE = 120
_PYTEST = "import pytest"


def text_of(draft: Draft, kind: Kind, name: str, path: Path) -> tuple[str, str]:
    """The whole text of a grader with these drafts in it, and what of it is new; both empty where there are none.

    Parameters
    ----------
    name : "<assignment>/<notebook>".   path : where it lies, or will lie.

    Raises
    ------
    GraderError : it holds a check of that name, or for that cell, already; or something else under a name of ours.
    """
    checks = [each for each in draft.checks if each.kind == kind]
    if not checks:
        return "", ""
    old = path.read_text(encoding="utf-8") if path.is_file() else ""
    tree = _parsed(old, path)
    there = _there(old, tree, checks)
    checks = [each for each in checks if each.cell not in there]
    if not checks:
        return old, ""
    _require_new(tree, checks, path)
    _require_same_helpers(tree, draft.helpers[kind], path)
    helpers = {name: text for name, text in draft.helpers[kind].items() if name not in _defined(tree)}
    code = [*helpers.values(), *(each.code for each in checks)]
    new = "\n\n\n".join(code)
    lines = _needed(draft, kind, new, tree)
    if old:
        return f"{_with_imports(old, tree, lines).rstrip()}\n\n\n{new}\n", new
    words = f'"""Checks on {name}, drafted from {"all of its" if kind == "hidden" else "its visible"} tests."""'
    return "\n\n".join(part for part in (words, "\n".join(lines)) if part) + f"\n\n\n{new}\n", new


def _parsed(text: str, path: Path) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError as error:
        raise GraderError(f"the grader {path} in Python", f"line {error.lineno}: {error.msg}", "mend it") from error


def _there(text: str, tree: ast.Module, checks: Sequence[Check]) -> frozenset[str]:
    """The cells whose checks a grader holds already, letter by letter, of a conversion that was killed."""
    lines = text.split("\n")
    own = [(node, segment(lines, node)) for node in tree.body if isinstance(node, ast.FunctionDef)]
    held: dict[str, list[str]] = {}
    for node, code in own:
        for mark in _marks(node):
            held.setdefault(ast.literal_eval(mark), []).append(code)
    cells = {check.cell for check in checks}
    return frozenset(cell for cell in cells if held.get(cell) == [each.code for each in checks if each.cell == cell])


def _require_new(tree: ast.Module, checks: Sequence[Check], path: Path) -> None:
    taken = _taken_in(tree)
    for check in checks:
        if check.name in taken or check.cell in taken.values():
            found = f"`{check.name}`" if check.name in taken else f"a check for {check.cell!r}"
            remedy = "rename or remove it, or leave that cell out: name the others"
            raise GraderError(f"a grader {path} without checks for {check.cell!r}", f"{found} in it", remedy)


def _require_same_helpers(tree: ast.Module, helpers: Mapping[str, str], path: Path) -> None:
    known = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    for name, text in helpers.items():
        if name in _defined(tree) and (name not in known or ast.unparse(known[name]) != ast.unparse(ast.parse(text))):
            wanted = f"a free name for the notebook's function `{name}` in {path}"
            raise GraderError(wanted, "something else under that name", "rename that in the grader")


def taken(path: Path) -> dict[str, str]:
    """The names that a grader binds, each with the cell that it checks, if any; none where there is no file.

    Raises
    ------
    GraderError : it is no Python.
    """
    return _taken_in(_parsed(path.read_text(encoding="utf-8"), path)) if path.is_file() else {}


def _taken_in(tree: ast.Module) -> dict[str, str]:
    """The same of a grader that was read."""
    checks = [(node.name, mark) for node in tree.body if isinstance(node, ast.FunctionDef) for mark in _marks(node)]
    return dict.fromkeys(_defined(tree), "") | {name: str(ast.literal_eval(mark)) for name, mark in checks}


def _marks(node: ast.FunctionDef) -> list[ast.expr]:
    """The cells that the marks of a function name."""
    calls = [each for each in node.decorator_list if isinstance(each, ast.Call)]
    return [
        call.args[0]
        for call in calls
        if ast.unparse(call.func) == "pytest.mark.check" and call.args and isinstance(call.args[0], ast.Constant)
    ]


def _defined(tree: ast.Module) -> frozenset[str]:
    return bound(tree.body)


def _needed(draft: Draft, kind: Kind, code: str, tree: ast.Module) -> list[str]:
    """The import lines that new code needs and a grader does not have, in the usual order."""
    have = {line for node in tree.body for line in import_lines(node)}
    used = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    lines = [line for line in draft.imports[kind] if _binds(line) & (used | {"*"})]
    lines = [line for line in [_PYTEST, *lines] if not set(import_lines(ast.parse(line).body[0])) <= have]
    known = {line.partition(" import ")[2] for _, line in have if line.startswith("from referee.checks import")}
    uses = sorted(draft.uses[kind] - known, key=lambda name: (name != name.upper(), name))
    plain = sorted({line for line in lines if line.startswith("import ")}, key=str.lower)
    others = sorted({line for line in lines if line.startswith("from ")})
    uses = [name for name in uses if name.split()[-1] in used]
    ours = [_import_of_ours(uses)] if uses else []
    return [*plain, *others, *([""] if ours and (plain or others) and not tree.body else []), *ours]


def _import_of_ours(names: list[str]) -> str:
    line = f"from referee.checks import {', '.join(names)}"
    if len(line) <= _LINE:
        return line
    return "from referee.checks import (\n" + "".join(f"    {name},\n" for name in names) + ")"


def _binds(line: str) -> set[str]:
    """The names that an import line binds."""
    return {name for name, _ in import_lines(ast.parse(line).body[0])}


def _with_imports(text: str, tree: ast.Module, lines: Iterable[str]) -> str:
    """The text of a grader with more imports behind those that it has."""
    new = [line for line in lines if line]
    if not new:
        return text
    imports = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    docstring = [node for node in tree.body[:1] if isinstance(node, ast.Expr)]
    last = (imports or docstring)[-1:]
    at = (last[0].end_lineno or 0) if last else 0
    rows = text.split("\n")
    return "\n".join([*rows[:at], *([] if imports or not at else [""]), *new, *rows[at:]])


def counts(text: str) -> dict[str, int]:
    """How many checks the text of a grader holds for each cell."""
    found: dict[str, int] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.FunctionDef):
            for mark in _marks(node):
                name = str(ast.literal_eval(mark))
                found[name] = found.get(name, 0) + 1
    return found
