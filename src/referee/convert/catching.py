"""Errors that a test cell expects, or catches: in a check they come out of the kernel as refusals."""

from __future__ import annotations

import ast
import textwrap

from referee.convert.asking import quoted, targets
from referee.convert.blocks import Blocks
from referee.convert.known import Unaskable
from referee.convert.scope import Local, Roots
from referee.convert.vocabulary import HARMLESS, RAISING, RAISING_WITH_WORDS
from referee.convert.wording import hinted, laid_out, what_of

_WIDE = frozenset(("AssertionError", "Exception", "BaseException"))


class Catching(Blocks):
    """Translates `try`, `with pytest.raises(...)` and `assert_raises(...)`."""

    def _hint(self, node: ast.expr | None) -> str | None:
        """The message of an assert, as Python; empty where there is none, None where it is made of values."""
        if node is None:
            return ""
        return self.text.of(node) if isinstance(node, ast.Constant) and isinstance(node.value, str) else None

    def _assert_raises(self, call: ast.Call, node: ast.stmt) -> None:
        """`assert_raises(ValueError, squares, 0)`: an error that the student's function raises."""
        if len(call.args) < 2 or not all(each.arg for each in call.keywords):
            raise Unaskable("a form of assert_raises that is not translated")
        errors, called, *rest = call.args
        if isinstance(called, ast.Lambda) and not rest:
            roots = self.ask(called.body)
            body = self.text.of(called.body)
        elif isinstance(called, ast.Name):
            made = ast.Call(called, rest, call.keywords)
            known = dict(self.scope.imports)
            roots = self._called(called, made)
            body = self._call_text(called, made)
            if "partial(student.call" not in body:
                self.scope.imports = known  # of the function's name alone
        else:
            raise Unaskable("a form of assert_raises that is not translated")
        if not roots:
            raise Unaskable("it asks nothing of the student's work")
        self._with_raises(node, self._errors(errors), body, roots, "")

    def _called(self, called: ast.Name, call: ast.Call) -> Roots:
        """The questions in a call of a function by its arguments, which stand behind it in assert_raises."""
        for each in [*call.args, *(keyword.value for keyword in call.keywords)]:
            if odd := self._asking.odd(each, self._inner):
                raise Unaskable(f"it gives `{called.id}` {odd}; only plain data goes into the kernel")
            self.ask(each)
        return self.ask(called, function=True)

    def _call_text(self, called: ast.Name, call: ast.Call) -> str:
        arguments = [self.text.of(each) for each in call.args]
        arguments += [f"{each.arg}={self.text.of(each.value)}" for each in call.keywords]
        function = self.text.of(called)
        if "partial(student.call" in function:
            return f"student.call({', '.join([quoted(called.id), *arguments])})"
        return f"{function}({', '.join(arguments)})"

    def _with_raises(self, node: ast.stmt, errors: str, body: str, roots: Roots, hint: str) -> None:
        self.scope.claims += 1
        what = quoted(what_of(roots, hidden=self.scope.hidden).removeprefix("what ").removesuffix(" returns"))
        parts = [errors, f"what={what}", *hinted(hint)]
        head = laid_out(f"with {self.scope.use('raises')}", parts, node.col_offset)
        if '"""' in body or "'''" in body:
            raise Unaskable("it holds a text of several lines within a `try`")
        margin = " " * node.col_offset
        self.text.replace_node(node, f"{head}:\n{textwrap.indent(textwrap.dedent(body), margin + '    ')}")

    def _errors(self, node: ast.expr) -> str:
        """Classes of errors, as `raises` takes them: by name where only the kernel knows them."""
        if isinstance(node, ast.Tuple):
            return ", ".join(map(self._errors, node.elts))
        if isinstance(node, ast.Name):
            if self.scope.known.sort(node.id) in ("class", "author") or node.id in self.scope.names:
                return quoted(node.id)
            self.ask(node)
            return node.id
        self.ask(node)
        return self.text.of(node)

    def _with(self, node: ast.With) -> None:
        for item in node.items:
            call, name = item.context_expr, ""
            if isinstance(call, ast.Call):
                name = self._asking.full_name(call.func, self._inner)
                last = call.func.attr if isinstance(call.func, ast.Attribute) else name.rpartition(".")[2]
                if last in RAISING_WITH_WORDS:
                    raise Unaskable("it tests the words of an error, which hidden checks do not see")
                if last in RAISING or name in RAISING:
                    self._raising(item, call, node)
                    continue
            self.ask(call)
            if item.optional_vars is not None:
                self._target(item.optional_vars, Local())
        self._block(node.body)

    def _raising(self, item: ast.withitem, call: ast.Call, node: ast.With) -> None:
        """`with pytest.raises(ValueError):` and its kin."""
        if len(call.args) != 1 or call.keywords:
            raise Unaskable("it tests the words of an error, which hidden checks do not see")
        start, end = self.text.span(call)
        if item.optional_vars is not None:
            end = self.text.span(item.optional_vars)[1]
            self._lose(targets(item.optional_vars))
        what = _tried(node.body)
        self.text.replace(start, end, f"{self.scope.use('raises')}({self._errors(call.args[0])}, what={quoted(what)})")
        self.scope.claims += 1

    def _lose(self, names: list[str]) -> None:
        for name in names:
            self.scope.lost[name] = f"`{name}` is an error inside the kernel, of which only its kind is known"

    def _try(self, node: ast.Try) -> None:
        self._require_no_mix(node)
        tried = self._expecting(node)
        if tried is not None:
            body, hint = tried
            before = len(self.scope.asked)
            self._block(body)
            roots = frozenset(self.scope.asked[before:])
            if not roots:
                raise Unaskable("it asks nothing of the student's work")
            caught = node.handlers[0].type
            errors = "Exception" if caught is None else self._errors(caught)
            self._with_raises(node, errors, self._lines(body), roots, hint)
            return
        for handler in node.handlers:
            self._caught(handler)
        self._block([*node.body, *node.orelse, *node.finalbody])

    def _expecting(self, node: ast.Try) -> tuple[list[ast.stmt], str] | None:
        """The statements that are to raise, and a hint, where that is all that a `try` says; None of another one."""
        if len(node.handlers) != 1 or node.finalbody or not _is_harmless(node.handlers[0].body):
            return None
        if node.handlers[0].name is not None:
            return None
        if node.orelse:
            return (node.body, self._failure(node.orelse[-1])) if self._fails(node.orelse) else None
        if len(node.body) > 1 and self._fails(node.body[-1:]):
            caught = node.handlers[0].type
            names = {each.id for each in ast.walk(caught) if isinstance(each, ast.Name)} if caught else {"Exception"}
            if names & _WIDE:
                raise Unaskable("it catches the failure of its own assert: as it stands it cannot fail")
            return node.body[:-1], self._failure(node.body[-1])
        return None

    def _fails(self, body: list[ast.stmt]) -> bool:
        """Whether these statements only say that a test has failed."""
        *before, last = body
        if not _is_harmless(before):
            return False
        if isinstance(last, ast.Assert):
            return isinstance(last.test, ast.Constant) and not last.test.value
        return isinstance(last, ast.Raise) and "AssertionError" in ast.unparse(last)

    def _failure(self, node: ast.stmt) -> str:
        """The message of a failure, as Python; empty where it has none."""
        said: ast.expr | None = node.msg if isinstance(node, ast.Assert) else None
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and node.exc.args:
            said = node.exc.args[0]
        return self._hint(said) or ""

    def _caught(self, handler: ast.ExceptHandler) -> None:
        """An `except` that also catches what the student's code raises in the kernel."""
        name = self.scope.use("raised")
        if handler.type is None:
            start = self.text.place(handler.lineno, handler.col_offset)
            self.text.replace(start, start + len("except"), f"except {name}(Exception)")
        else:
            self.text.replace_node(handler.type, f"{name}({self._errors(handler.type)})")
        if handler.name is not None:
            self._lose([handler.name])
        self._block(handler.body)

    def _lines(self, body: list[ast.stmt]) -> str:
        """The text of statements that stand in a block, translated."""
        start, end = self.text.span(body[0])[0], self.text.span(body[-1])[1]
        return " " * body[0].col_offset + self.text.between(start, end)

    def _raise(self, node: ast.Raise) -> None:
        """What is raised where an answer decides that is a claim."""
        if self.ask(node.exc):
            return
        self.ask(node.cause)
        self.scope.claims += bool(self._branches)


def _tried(body: list[ast.stmt]) -> str:
    """What is to raise, in the student's words."""
    calls = [each for statement in body for each in ast.walk(statement) if isinstance(each, ast.Call)]
    names = [each.func.id for each in calls if isinstance(each.func, ast.Name)]
    return f"`{names[0]}`" if names else "what is tried"


def _is_harmless(body: list[ast.stmt]) -> bool:
    """Whether statements do nothing that matters: `pass`, a text, a `print`, or `assert True`."""
    return all(
        isinstance(each, ast.Pass)
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Call) and _function_of(each.value) in HARMLESS)
        or (isinstance(each, ast.Assert) and isinstance(each.test, ast.Constant) and bool(each.test.value))
        for each in body
    )


def _function_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
