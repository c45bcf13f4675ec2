"""What in a program looks like an attack on the tests that run beside it: by its syntax tree, and never run.

The program is a stranger's: it is bounded, and what does not parse is no program, for IPython would not run it either.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager

LONGEST = 50_000  # characters of a cell that are looked at
_MOST = 20  # signs of a cell
_WORK = 2_000_000  # characters times magics: IPython reads a cell once for each of its magics
_MAGIC = re.compile(r"^\s*[%!?,;/]|=\s*[%!]|\?\s*$", re.MULTILINE)
_DEPTH = 3  # programs within programs

_TREE, _TEXT = "changes the syntax tree of cells", "changes the text of cells"
_SHELL, _ERRORS = "replaces what runs a cell", "hides errors"
_MESSAGES, _CALLER = "sends messages of its own", "looks at the code that calls it"
_MEMORY, _HISTORY = "looks through the memory", "reads the cells that ran"
_END, _EQUAL, _HELPER = "ends the kernel", "equals everything", "replaces what tests compare with"
_FILE, _IPYTHON, _LATER = "names a notebook file", "takes hold of IPython", "runs text that is made while it runs"
_LIE = "lies about its type"

#: Names that say it by themselves, as attributes, as imports, or as texts.
_NAMES = {
    **dict.fromkeys(("ast_transformers",), _TREE),
    **dict.fromkeys(("input_transformers_post", "input_transformers_cleanup", "input_transformer_manager"), _TEXT),
    **dict.fromkeys(("input_splitter", "transform_cell"), _TEXT),
    **dict.fromkeys(("run_ast_nodes", "run_code", "run_cell_async", "pre_run_cell", "pre_execute"), _SHELL),
    **dict.fromkeys(("set_custom_exc", "showtraceback", "showsyntaxerror", "error_in_exec"), _ERRORS),
    **dict.fromkeys(("display_pub", "displayhook", "pub_socket", "iopub_socket", "_publish"), _MESSAGES),
    **dict.fromkeys(("_getframe", "currentframe", "getouterframes", "f_back", "f_code", "f_globals"), _CALLER),
    **dict.fromkeys(("f_locals", "f_lasti", "tb_frame", "gi_frame", "cr_frame", "co_consts", "settrace"), _CALLER),
    **dict.fromkeys(("setprofile", "linecache", "inspect"), _CALLER),
    **dict.fromkeys(("get_objects", "get_referrers", "get_referents", "gc", "ctypes"), _MEMORY),
    **dict.fromkeys(("history_manager", "input_hist_raw", "input_hist_parsed", "_ih"), _HISTORY),
    **dict.fromkeys(("_exit", "abort"), _END),
    **dict.fromkeys(("get_ipython", "InteractiveShell", "ipykernel"), _IPYTHON),
    **dict.fromkeys(("__builtins__",), _HELPER),
    **dict.fromkeys(("nbformat",), _FILE),
    **dict.fromkeys(("__class__",), _LIE),
}
_AS_TEXT = frozenset(_NAMES) - {"inspect", "gc", "ctypes", "abort", "__class__"}  # words that a text may well hold
_MAGICS = ("run_line_magic", "run_cell_magic", "system", "getoutput", "getoutput_parsed")
_COMPARISONS = ("__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")
_LIBRARIES = ("builtins", "cmath", "math", "nose", "numpy", "operator", "pytest", "unittest")
_TESTED = (*_LIBRARIES, "IPython.core", "pandas.testing")
_BUILTINS = ("isinstance", "issubclass", "len", "abs", "type", "all", "any", "sorted", "sum", "round", "min", "max")
_MADE = ("exec", "eval", "compile")
_AT_RUN_TIME = (*_MADE, "__import__", "importlib.import_module")


@dataclass(frozen=True)
class Found:
    """A sign, and the line of the cell where it stands, from 1."""

    line: int
    sign: str


def signs_of(source: str, imported: dict[str, str] | None = None) -> list[Found]:
    """The signs in the text of a cell, by line.

    imported : what cells before it have imported, by the names that these gave it; its own imports are added.

    >>> signs_of("import os\\nos._exit(0)")
    [Found(line=2, sign='ends the kernel')]
    """
    if len(source) > LONGEST:
        return [Found(1, f"is longer than the {LONGEST:,} characters that are looked at")]
    if len(_MAGIC.findall(source)) * len(source) > _WORK:
        return [Found(1, "has more magics than can be looked at")]
    found = dict.fromkeys(_Looking({} if imported is None else imported).over(source))
    return sorted(found, key=lambda each: (each.line, each.sign))[:_MOST]


def parsed(source: str) -> ast.Module | None:
    """A cell as a syntax tree, its magics as calls; None where it is no program that IPython would run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about escapes and line ends of a stranger's
        return _tree(lambda: source) or _tree(lambda: TransformerManager().transform_cell(source))


def _tree(text: Callable[[], str]) -> ast.Module | None:
    try:
        return ast.parse(text())
    except Exception:  # noqa: BLE001 - of CPython's parser, or of IPython's: it would not run there either
        return None


@dataclass
class _Looking:
    """One look over a program, with what its names stand for."""

    modules: dict[str, str]
    depth: int = 0

    def over(self, source: str, at: int | None = None) -> Iterator[Found]:
        """The signs of a program; those of a program within another stand at the line of that one."""
        tree = parsed(source)
        if tree is None:
            return
        excused = set(map(id, _said(tree)))
        for node in ast.walk(tree):
            self._note_import(node)
        for node in ast.walk(tree):
            if id(node) not in excused:
                for sign in self._signs(node):
                    yield Found(at or int(getattr(node, "lineno", 1)), sign)
                for inner in self._inner(node):
                    yield from inner
        yield from (Found(at or node.lineno, _HELPER) for node in tree.body if _shadows(node))

    def _note_import(self, node: ast.AST) -> None:
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.modules[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else (alias.name.partition(".")[0])
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            self.modules.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})

    def _signs(self, node: ast.AST) -> Iterator[str]:
        """The signs of one node."""
        yield from (_NAMES[name] for name in _names(node) if name in _NAMES)
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, (ast.Store, ast.Del)):
            yield from self._replaced(node.value)
            if node.attr in ("run_cell", "execute_request", "do_execute"):
                yield _SHELL
        elif isinstance(node, ast.Attribute) and node.attr == "__dict__":
            yield from self._replaced(node.value)
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            if self._stands_for(node.value) == "sys.modules":
                yield _HELPER
        elif isinstance(node, ast.FunctionDef) and node.name in _COMPARISONS and _always(node):
            yield _EQUAL
        elif isinstance(node, ast.Assign) and any(name in _COMPARISONS for name in map(_name, node.targets)):
            if not isinstance(node.value, ast.Lambda) or _truth(node.value.body):
                yield _EQUAL
        elif isinstance(node, (ast.Constant, ast.BinOp)):
            yield from self._text(_constant(node) or "")
        elif isinstance(node, ast.Call):
            yield from self._call(node)
        elif isinstance(node, ast.Raise) and _name(getattr(node.exc, "func", node.exc)) == "SystemExit":
            yield _END

    def _text(self, text: str) -> Iterator[str]:
        if ".ipynb" in text:
            yield _FILE
        if text in _AS_TEXT:
            yield _NAMES[text]
        if text in _COMPARISONS:
            yield _EQUAL

    def _call(self, node: ast.Call) -> Iterator[str]:
        called = self._stands_for(node.func)
        if called in ("exit", "quit", "sys.exit", "os.kill", "signal.raise_signal"):
            yield _END
        elif called in ("setattr", "delattr", "vars", "unittest.mock.patch.object") and node.args:
            yield from self._replaced(node.args[0])
        elif called == "unittest.mock.patch":
            yield _HELPER
        elif called in _AT_RUN_TIME and node.args and _constant(node.args[0]) is None:
            yield _LATER

    def _replaced(self, owner: ast.expr) -> Iterator[str]:
        """The sign of something being replaced in `owner`, where that is a module that tests use."""
        name = self._stands_for(owner)
        if any(name == tested or name.startswith(f"{tested}.") for tested in _TESTED):
            yield _HELPER

    def _stands_for(self, node: ast.expr) -> str:
        """The dotted name of an expression, with the module that its first part was imported from."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if isinstance(node, ast.Call) and _name(node.func) == "__import__" and node.args:
            parts.append(_constant(node.args[0]) or "")
        elif isinstance(node, ast.Name):
            parts.append(self.modules.get(node.id, node.id))
        return ".".join(reversed(parts))

    def _inner(self, node: ast.AST) -> Iterator[Iterator[Found]]:
        """The programs that a program runs as text: by exec, or under a magic."""
        if not isinstance(node, ast.Call) or self.depth >= _DEPTH:
            return
        name = self._stands_for(node.func)
        texts = node.args[:1] if name in _MADE else node.args[1:3] if name.endswith("_magic") else []
        for text in texts:
            if (inner := _constant(text)) is not None:
                yield _Looking(dict(self.modules), self.depth + 1).over(inner, node.lineno)


def _said(tree: ast.AST) -> Iterator[ast.AST]:
    """What is no sign: sentences that only document, and the call by which a magic is run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.Attribute) and node.attr in _MAGICS and isinstance(node.value, ast.Call):
            if _name(node.value.func) == "get_ipython":
                yield node.value.func
        elif isinstance(node, ast.Attribute) and node.attr == "__class__" and isinstance(node.ctx, ast.Load):
            yield node


def _names(node: ast.AST) -> Iterator[str]:
    """The names that a node uses or imports."""
    if isinstance(node, ast.Attribute):
        yield node.attr
    elif isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.FunctionDef):
        yield node.name
    elif isinstance(node, (ast.Import, ast.ImportFrom)):
        module = getattr(node, "module", None) or ""
        for dotted in (module, *(alias.name for alias in node.names)):
            yield from dotted.split(".")


def _name(node: ast.AST | None) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def _constant(node: ast.expr) -> str | None:
    """The text that an expression is, put together where it is given in parts; None where it is none."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else str(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _constant(node.left), _constant(node.right)
        return None if left is None or right is None else left + right
    return None


def _always(function: ast.FunctionDef) -> bool:
    """Whether a function returns nothing but what counts as true."""
    returns = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    return bool(returns) and all(value is not None and _truth(value) for value in returns)


def _truth(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and bool(node.value)


def _shadows(node: ast.stmt) -> bool:
    """Whether a statement gives a builtin's name to a function of its own."""
    defined = [node.name] if isinstance(node, (ast.FunctionDef, ast.ClassDef)) else []
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
        defined = [_name(target) for target in node.targets]
    return any(name in _BUILTINS for name in defined)
