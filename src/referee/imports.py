"""What a notebook imports, and what the warm parent of its kernel must therefore have imported.

A package that is imported already ignores the variables that it reads on import (KERAS_BACKEND, OMP_NUM_THREADS, ...).
A submission that sets other ones than the author's notebook therefore gets a kernel that has imported nothing.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from nbformat import NotebookNode

_MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
_NAMES = r"(?:KERAS|OMP|MKL|OPENBLAS|NUMEXPR|BLIS|KMP|TF|XLA|CUDA|NVIDIA|JAX|TORCH|PYTORCH|TORCHINDUCTOR)_\w+"
_MENTIONED = re.compile(rf"\b{_NAMES}\b")
_SET = re.compile(rf"environ(?:\.setdefault\(|\[)\s*['\"]({_NAMES})['\"]\s*(?:,|\]\s*=)\s*['\"]([^'\"]*)['\"]")
_MAGIC_SET = re.compile(rf"^\s*%(?:set_)?env\s+({_NAMES})[ =](\S+)\s*$", re.MULTILINE)
#: Modules that come with a package and that a notebook uses without naming them.
_WITH = {"matplotlib": ("matplotlib.pyplot",), "keras": ("tensorflow",), "tensorflow": ("keras",)}


@dataclass(frozen=True)
class Needs:
    """What the parent of a notebook's kernel has imported, and the variables that it was started with.

    late : what the packages of `preload` import only when they are used.
    """

    preload: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


def needs(
    authored: NotebookNode, submitted: NotebookNode, late: tuple[str, ...] = (), ahead: tuple[str, ...] = ()
) -> Needs:
    """What a submitted notebook's kernel is forked from.

    Parameters
    ----------
    authored : the notebook as the course gave it out (or its solution).
    late : modules that its solution was seen to import while it ran.
    ahead : packages that other notebooks import, whose kernels are to be forked from the same parent.

    Examples
    --------
    >>> from nbformat.v4 import new_code_cell, new_notebook
    >>> blank = new_notebook(cells=[new_code_cell("import numpy as np")])
    >>> needs(blank, blank).preload
    ('numpy',)
    """
    wanted, found = _text(authored), _text(submitted)
    variables = _variables(wanted)
    if _variables(found) != variables or _mentioned(found) != _mentioned(wanted):
        return Needs()
    packages = sorted({*imported(wanted), *ahead})
    backend = dict(variables).get("KERAS_BACKEND", "tensorflow")
    modules = [module for name in packages for module in (name, *_with(name, backend))]
    return Needs(tuple(dict.fromkeys(modules)), late, variables)


def packages(notebook: NotebookNode) -> frozenset[str]:
    """The installed packages that a notebook imports anywhere."""
    return frozenset(imported(_text(notebook)))


def imported(text: str) -> Iterator[str]:
    """The installed packages, not of Python itself, that a program imports anywhere."""
    for node in ast.walk(_parsed(text)):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            top = name.split(".", maxsplit=1)[0]
            if top not in sys.stdlib_module_names and top != "referee" and importlib.util.find_spec(top) is not None:
                yield top


def _with(package: str, backend: str) -> tuple[str, ...]:
    if package == "keras" and backend != "tensorflow":
        return (backend,)
    return _WITH.get(package, ())


def _variables(text: str) -> tuple[tuple[str, str], ...]:
    """The variables that are set to a text that stands in the program."""
    return tuple(sorted({**dict(_SET.findall(text)), **dict(_MAGIC_SET.findall(text))}.items()))


def _mentioned(text: str) -> frozenset[str]:
    return frozenset(_MENTIONED.findall(text))


def _text(notebook: NotebookNode) -> str:
    """All code of a notebook; a half surrogate pair, which no program holds, becomes a question mark."""
    cells = (str(cell.source) for cell in notebook.cells if cell.cell_type == "code")
    return "\n\n".join(cells).encode("utf-8", "replace").decode("utf-8")


def _parsed(text: str) -> ast.AST:
    """The program of a notebook; where it does not parse, that of its lines that import."""
    plain = _MAGIC.sub("", text)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass
    tree = ast.Module([], [])
    for line in plain.splitlines():
        if line.lstrip().startswith(("import ", "from ")):
            try:
                tree.body += ast.parse(line.strip()).body
            except (SyntaxError, ValueError):
                continue
    return tree
