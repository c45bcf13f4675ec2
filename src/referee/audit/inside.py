"""What a student could write into a notebook: runs as text in a kernel, beside the tests, and imports nothing of ours.

The first cell calls `begin`, each cell of the student's own `answer`. Every attack is a function of what a student
knows: the names that the task asks for. What it has read it shows as a digest of the text and a number that was drawn
for this run, so that nothing is believed that did not happen.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import importlib
import json
import linecache
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

MARK = "referee audit has read "
_ACTS = "call getitem iter len contains bool int float index hash enter exit str neg pos abs round matmul rmatmul"
_ACTS += " add radd sub rsub mul rmul truediv rtruediv floordiv rfloordiv mod rmod pow rpow and rand or ror xor rxor"
_COMPARISONS = "eq ne lt le gt ge"
_AGREEING = "allclose isclose array_equal array_equiv iscloseobj almost_equal"
_SHADOWED = "isinstance issubclass hasattr callable len abs sum sorted type all any min max round set list tuple str"
_LEVELS = 3  # folders upwards, in which a notebook is looked for

shell: Any = None
names: tuple[str, ...] = ()
helpers: tuple[str, ...] = ()
modules: tuple[str, ...] = ()
nonce = ""


def nothing() -> None:
    """The answer of an attack that needs none."""


answer: Callable[[], None] = nothing


def begin(attack: str, wanted: str) -> None:
    """Start an attack: `wanted` holds names, the author's helpers, modules of helpers, and the number, as JSON."""
    global shell, names, helpers, modules, nonce, answer  # noqa: PLW0603 - one attack per kernel
    shell = get_ipython()  # type: ignore[name-defined] # noqa: F821 - IPython's own
    known = json.loads(wanted)
    names, helpers, modules = (tuple(known[key]) for key in ("names", "helpers", "modules"))
    nonce = known["nonce"]
    answer = _ATTACKS[attack]()
    answer()


def bind(value: Callable[[str], Any]) -> None:
    """Give the names that the task asks for their values."""
    shell.user_ns.update({name: value(name) for name in names})


def show(text: str) -> None:
    """Prove that a text was read."""
    digest = hashlib.sha256((nonce + text.strip()).encode()).hexdigest()
    shell.display_pub.publish({"text/plain": MARK + digest})


def stand_in(does: Callable[[str], Any], compares: Callable[[str], Any]) -> Any:
    """An object on which every operation gives what `does` and `compares` say; where they say None, the object."""

    def operation(name: str, of: Callable[[str], Any]) -> Callable[..., Any]:
        def method(self: Any, *_args: Any, **_kwargs: Any) -> Any:
            value = of(name)
            return self if value is None else value

        return method

    body: dict[str, Any] = {f"__{name}__": operation(name, does) for name in _ACTS.split()}
    body |= {f"__{name}__": operation(name, compares) for name in _COMPARISONS.split()}

    def attribute(self: Any, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self

    return type("Answer", (), {**body, "__getattr__": attribute})()


def harmless(name: str) -> Any:
    """What an operation gives that has to be of some type; None where any object will do."""
    known: dict[str, Any] = {"bool": True, "contains": True, "len": 1, "int": 1, "float": 1.0, "index": 1, "hash": 1}
    return iter((1,)) if name == "iter" else "1" if name == "str" else known.get(name)


# --- what a test wants to hear, from its text -------------------------------------------------------------------------


class Test:
    """The text of a test cell, and what each call and name in it is compared with."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.tree = ast.parse(shell.transform_cell(source))
        self.above = {child: node for node in ast.walk(self.tree) for child in ast.iter_child_nodes(node)}

    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """The calls of functions that the task asks for."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
                yield node.func.id, node

    def values(self) -> Iterator[tuple[str, ast.Name]]:
        """The other uses of names that the task asks for."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name) and node.id in names and isinstance(node.ctx, ast.Load):
                above = self.above[node]
                if not (isinstance(above, ast.Call) and above.func is node):
                    yield node.id, node

    def wanted(self, node: ast.AST) -> tuple[str, ast.AST] | None:
        """What stands on the other side of a comparison, or the exception that is waited for; None where neither is."""
        above = self.above.get(node)
        if isinstance(above, ast.Compare):
            return "value", above.comparators[0] if above.left is node else above.left
        if isinstance(above, ast.BinOp) and isinstance(above.op, ast.Sub):
            return "value", above.right if above.left is node else above.left
        if isinstance(above, ast.Call) and node in above.args:
            return self._beside(node, above)
        if isinstance(above, ast.UnaryOp) and isinstance(above.op, ast.Not):
            return "value", ast.Constant(False)
        if isinstance(above, (ast.Assert, ast.If, ast.BoolOp)):
            return "value", ast.Constant(True)
        if isinstance(above, ast.Assign) and isinstance(above.targets[0], ast.Name):
            return self._later(above.targets[0].id, above.lineno) or self._raised(above)
        return self._raised(above)

    def _beside(self, node: ast.AST, call: ast.Call) -> tuple[str, ast.AST] | None:
        """The other argument of `assert_equal(f(1), 2)`; through `abs(f(1))` one looks further up."""
        others = [other for other in call.args if other is not node]
        return ("value", others[0]) if others else self.wanted(call)

    def _later(self, name: str, line: int) -> tuple[str, ast.AST] | None:
        for node in ast.walk(self.tree):
            later = isinstance(node, ast.Name) and node.id == name and node.lineno > line
            if later and (found := self.wanted(node)) is not None:
                return found
        return None

    def _raised(self, node: ast.AST | None) -> tuple[str, ast.AST] | None:
        while node is not None:
            above = self.above.get(node)
            if isinstance(above, ast.Try) and node in above.body and above.handlers:
                kind = above.handlers[0].type
                kind = kind.elts[0] if isinstance(kind, ast.Tuple) else kind
                return None if kind is None else ("raise", kind)
            if isinstance(above, ast.With) and isinstance(call := above.items[0].context_expr, ast.Call) and call.args:
                return "raise", call.args[0]
            node = above
        return None


def told(found: tuple[str, ast.AST] | None, namespace: dict[str, Any]) -> Any:
    """Give, or raise, what a test wants; None where that cannot be told."""
    if found is None:
        return None
    kind, node = found
    if any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(node)):
        return None  # it would ask us again
    assert isinstance(node, ast.expr)
    tree = ast.fix_missing_locations(ast.Expression(node))
    value = eval(compile(tree, "wanted", "eval"), namespace)  # noqa: S307 - this is the attack
    if kind == "raise":
        raise value("as the test wants it")
    return value


class Told:
    """Answers from the texts of tests: a call is recognised by its arguments."""

    def __init__(self) -> None:
        self.tests: list[Test] = []

    def learn(self, source: str) -> None:
        with contextlib.suppress(SyntaxError):
            self.tests.append(Test(source))

    def value(self, name: str) -> Any:
        """The function, or the value, that a name should be bound to."""
        if any(called == name for test in self.tests for called, _call in test.calls()):
            return self._function(name)
        for test in self.tests:
            for used, node in test.values():
                if used == name and (found := test.wanted(node)) is not None:
                    with contextlib.suppress(Exception):
                        return told(found, shell.user_ns)
        return self._function(name)

    def _function(self, name: str) -> Callable[..., Any]:
        def function(*args: Any, **kwargs: Any) -> Any:
            for test in self.tests:
                for called, call in test.calls():
                    if called == name and _same(call, args, kwargs):
                        return told(test.wanted(call), shell.user_ns)
            return None

        return function


def _same(call: ast.Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    try:
        expression = ast.Call(ast.Name("_args", ast.Load()), call.args, call.keywords)
        tree = ast.fix_missing_locations(ast.Expression(expression))
        space = {**shell.user_ns, "_args": lambda *a, **k: repr((a, k))}
        return bool(eval(compile(tree, "arguments", "eval"), space) == repr((args, kwargs)))  # noqa: S307 - as above
    except Exception:  # noqa: BLE001 - arguments that exist only while the test runs
        return False


# --- the attacks ------------------------------------------------------------------------------------------------------


def notebook() -> Callable[[], None]:
    """Reads the notebook beside the kernel."""
    knowledge = Told()
    here = Path.cwd()
    for folder in (here, *here.parents[:_LEVELS]):
        for path in folder.glob("*.ipynb"):
            with contextlib.suppress(Exception):  # what cannot be read is not read
                for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
                    marks = cell["metadata"].get("nbgrader", {})
                    if cell["cell_type"] == "code" and marks.get("grade") and not marks.get("solution"):
                        source = "".join(cell["source"])
                        show(source)
                        knowledge.learn(source)
    return lambda: bind(knowledge.value)


def event() -> Callable[[], None]:
    """Reads each cell before it runs."""

    def before(info: Any) -> None:
        knowledge = Told()
        show(info.raw_cell)
        knowledge.learn(info.raw_cell)
        bind(knowledge.value)

    shell.events.register("pre_run_cell", before)
    return nothing


def frames() -> Callable[[], None]:
    """Reads the frame that calls a function, and the text that the frame came from."""

    def function(*_args: Any, **_kwargs: Any) -> Any:
        frame = sys._getframe(1)
        source = "".join(linecache.getlines(frame.f_code.co_filename))
        show(source)
        try:
            test = Test(source)
        except SyntaxError:
            return None
        place = list(frame.f_code.co_positions())[frame.f_lasti // 2]
        for node in ast.walk(test.tree):
            if isinstance(node, ast.Call) and place == (
                node.lineno,
                node.end_lineno,
                node.col_offset,
                node.end_col_offset,
            ):
                return told(test.wanted(node), {**frame.f_globals, **frame.f_locals})
        return None

    return lambda: bind(lambda _name: function)


def ast_transformer() -> Callable[[], None]:
    """Empties the syntax tree of each cell."""

    class Emptied(ast.NodeTransformer):
        def visit_Module(self, node: ast.Module) -> ast.Module:
            return ast.Module([], node.type_ignores)

    shell.ast_transformers.append(Emptied())
    return nothing


def input_transformer() -> Callable[[], None]:
    """Replaces the text of each cell."""
    shell.input_transformers_cleanup.append(lambda _lines: ["pass\n"])
    shell.input_transformers_post.append(lambda _lines: ["pass\n"])
    return nothing


def lying_object() -> Callable[[], None]:
    """Answers with objects that equal everything."""
    liar = stand_in(harmless, lambda _name: True)
    return lambda: bind(lambda _name: liar)


def patched_helpers() -> Callable[[], None]:
    """Replaces what tests compare with: helpers in modules and of the author's, and names of builtins."""

    class Sure(int):
        __hash__ = int.__hash__

    for name in _COMPARISONS.split():
        setattr(Sure, f"__{name}__", lambda _self, _other: True)

    class Swallowing:
        def __enter__(self) -> Any:
            return self

        def __exit__(self, *_error: object) -> bool:
            return True

    def agree(*_args: Any, **_kwargs: Any) -> Any:
        return Swallowing()

    for name in modules:
        with contextlib.suppress(Exception):  # it is not installed
            module = importlib.import_module(name)
            for owner in (module, *(getattr(module, part) for part in ("TestCase",) if hasattr(module, part))):
                for part in dir(owner):
                    if part.lower().startswith(("assert", "fail", "raises", "approx")):
                        setattr(owner, part, agree)
                    elif part in _AGREEING.split():
                        setattr(owner, part, lambda *_args, **_kwargs: True)
    liar = stand_in(harmless, lambda _name: NotImplemented)

    def answers() -> None:
        bind(lambda _name: liar)
        shell.user_ns.update({name: lambda *_args, **_kwargs: Sure(1) for name in _SHADOWED.split()})
        shell.user_ns.update(dict.fromkeys(helpers, agree))

    return answers


def patched_shell() -> Callable[[], None]:
    """Replaces what runs a cell."""

    async def runs_nothing(*_args: Any, **_kwargs: Any) -> bool:
        return False

    shell.run_ast_nodes = shell.run_code = runs_nothing
    return nothing


def silent_errors() -> Callable[[], None]:
    """Lets a cell fail, shows no error, and says that it went well."""
    from IPython.core.interactiveshell import ExecutionResult  # noqa: PLC0415 - in a kernel only

    shell.set_custom_exc((BaseException,), lambda *_args, **_kwargs: None)
    shell.showtraceback = shell.showsyntaxerror = lambda *_args, **_kwargs: None
    ExecutionResult.success = property(lambda _self: True)
    return nothing


def forged_result() -> Callable[[], None]:
    """Publishes a result before the cell fails: of two outputs nbgrader takes the first."""

    def before(_info: Any) -> None:
        hook = shell.displayhook
        content = {"execution_count": 1, "data": {"text/plain": "full points"}, "metadata": {}}
        hook.session.send(hook.pub_socket, "execute_result", content, parent=hook.parent_header)

    shell.events.register("pre_run_cell", before)
    return nothing


def skip_tag() -> Callable[[], None]:
    """Nothing in any cell: it is the tags of the test cells that do it."""
    return nothing


def exit_process() -> Callable[[], None]:
    """Ends the kernel when a test asks."""

    def end(_name: str) -> Any:
        sys.stdout.flush()
        os._exit(0)

    ending = stand_in(end, end)
    return lambda: bind(lambda _name: ending)


def exit_cell() -> Callable[[], None]:
    """Ends the cell politely when a test asks."""

    def end(_name: str) -> Any:
        sys.exit(0)

    ending = stand_in(end, end)
    return lambda: bind(lambda _name: ending)


_ATTACKS: dict[str, Callable[[], Callable[[], None]]] = {
    each.__name__: each
    for each in (
        notebook,
        event,
        frames,
        ast_transformer,
        input_transformer,
        lying_object,
        patched_helpers,
        patched_shell,
        silent_errors,
        forged_result,
        skip_tag,
        exit_process,
        exit_cell,
    )
}
