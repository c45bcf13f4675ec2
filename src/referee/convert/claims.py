"""Statements of a test cell, said from outside the kernel: what asserts there asserts here, by the same rule.

assert squares(2) == [1, 4]             assert_equal(student.call("squares", 2), [1, 4], what=...)
assert np.allclose(f(x), y), "words"    assert_by(np.allclose, student.call("f", x), y, what=..., hint="words")
try: f(0)                               with raises(ValueError, what=...):
except ValueError: pass                     student.call("f", 0)
else: raise AssertionError("words")
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TypeGuard

from referee.convert.asking import quoted
from referee.convert.catching import Catching
from referee.convert.known import Unaskable, require_no_files
from referee.convert.names import Piece
from referee.convert.scope import BOTH, NOTHING, Patches, Root, Roots, Scope
from referee.convert.text import Text
from referee.convert.vocabulary import CASE_RULES, HARMLESS, RAISING, RAISING_WITH_WORDS, RULES, SEEDS, case_method
from referee.convert.wording import hinted, laid_out, what_of


def translated(piece: Piece, scope: Scope) -> str:
    """A statement as a check says it; empty where nothing is left of it, such as of an import that goes to the top.

    Raises
    ------
    Unaskable : it cannot be said from outside the kernel; then `scope` is as it was.
    """
    fork = scope.fork()
    try:
        made = Claims(Text(piece.text), fork).whole()
    except SyntaxError as error:  # of a part that is no program by itself, such as one with `nonlocal`
        raise Unaskable("it uses names in a way that is not translated") from error
    scope.take(fork)
    return made


@dataclass(frozen=True)
class _Rule:
    """A function that says whether two values agree, and its other arguments, as Python."""

    name: str
    more: str = ""


class Claims(Catching):
    """The translation of one statement of a cell, with all that it holds."""

    def whole(self) -> str:
        """The statement, translated."""
        node = ast.parse(self.text.source).body[0]
        if isinstance(node, ast.Import | ast.ImportFrom):
            self._import(node, at_top=True)
            return ""
        if isinstance(node, ast.Expr) and self._is_shown(node.value):
            return ""
        require_no_files(node, self.scope.known.beside)
        self._statement(node)
        return self.text.between(0, len(self.text.source))

    def _is_shown(self, node: ast.expr) -> bool:
        """Whether an expression only shows something: a text, or what `print` is given."""
        if isinstance(node, ast.Constant):
            return True
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in HARMLESS

    def _assert(self, node: ast.Assert) -> None:
        test, scope = node.test, self.scope
        hint = self._hint(node.msg)
        if isinstance(test, ast.Constant) and not test.value:
            scope.claims += bool(self._branches)
            return
        if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq):
            if self._agree(None, (test.left, test.comparators[0]), hint, node):
                return
        elif self._is_rule(test) and self._by_rule(test, hint, node):
            return
        roots = self._exists(test) or self.ask(test)
        if not roots:
            self._require_untouched(test)
            return
        scope.claims += 1
        if hint is None:
            self._message(node)
            return
        condition, shown = self.text.of(test), self._source(test)
        words = f"a claim about {what_of(roots, hidden=True)} does not hold"
        if not scope.hidden and "`" not in shown and "\n" not in shown and len(shown) <= 80:
            words = f"`{shown}` does not hold"
        if not _is_truth(test):
            condition = f"bool({condition})"
        parts = [condition, quoted(words), *hinted(hint)]
        self.text.replace_node(node, laid_out(scope.use("assert_true"), parts, node.col_offset))

    def _exists(self, node: ast.expr) -> Roots:
        """The question in `f`, `f is not None` or `callable(f)`, where these say that a function is there."""
        name = node
        if isinstance(node, ast.Call) and self._asking.full_name(node.func, self._inner) == "callable" and node.args:
            name = node.args[0]
        elif isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.IsNot):
            none = node.comparators[0]
            name = node.left if isinstance(none, ast.Constant) and none.value is None else node
        if not isinstance(name, ast.Name) or not self._asking.is_students_function(name.id, self._inner):
            return NOTHING
        self.text.replace_node(node, f"{self.scope.use('is_function')}(student, {quoted(name.id)})")
        return self.scope.ask(Root(name.id, called=False, text=name.id))

    def _message(self, node: ast.Assert) -> None:
        """An assert whose message is made when it fails; one that cannot be made here is left out."""
        try:
            self.ask(node.msg)
        except Unaskable:
            start, end = self.text.span(node)
            self.text.replace(start, end, f"assert {self.text.of(node.test)}")

    def _agree(self, rule: _Rule | None, sides: tuple[ast.expr, ast.expr], hint: str | None, node: ast.stmt) -> bool:
        """Say that an answer agrees with what is expected; False where there are not one of each."""
        actual, expected = map(self.ask, sides)
        if actual and expected and not actual & expected:
            raise Unaskable(BOTH)
        if bool(actual) == bool(expected) or hint is None:
            return False
        swapped = bool(expected)
        said = [self.text.of(each) for each in (reversed(sides) if swapped else sides)]
        what = f"what={quoted(what_of(actual | expected, hidden=self.scope.hidden))}"
        self.scope.claims += 1
        name = self.scope.use("assert_by" if rule else "assert_equal")
        parts = [
            *([rule.name] if rule else []),
            *said,
            *([rule.more] if rule and rule.more else []),
            what,
            *hinted(hint),
        ]
        parts += ["swapped=True"] if swapped and rule else []
        self.text.replace_node(node, laid_out(name, parts, node.col_offset))
        return True

    def _is_rule(self, node: ast.expr) -> TypeGuard[ast.Call]:
        """Whether an expression is a call of a function that says whether two values agree."""
        return isinstance(node, ast.Call) and self._asking.full_name(node.func, self._inner) in RULES

    def _by_rule(self, call: ast.Call, hint: str | None, node: ast.stmt, name: str = "") -> bool:
        """Say that two values agree by a function that is called with both; False where it is called otherwise."""
        if len(call.args) < 2 or any(isinstance(each, ast.Starred) for each in call.args):
            return False
        rest = [*call.args[2:], *(keyword.value for keyword in call.keywords)]
        if any(keyword.arg in (None, "msg", "err_msg", "verbose") for keyword in call.keywords):
            return False
        if any(self.ask(each) for each in rest):
            raise Unaskable("how closely it compares depends on an answer")
        more = [self.text.of(each) for each in call.args[2:]]
        more += [f"{keyword.arg}={self.text.of(keyword.value)}" for keyword in call.keywords]
        self.ask(call.func)
        rule = _Rule(name or self.text.of(call.func), ", ".join(more))
        return self._agree(rule, (call.args[0], call.args[1]), hint, node)

    def _expression(self, node: ast.Expr) -> None:
        value = node.value
        if not isinstance(value, ast.Call):
            self.scope.claims += bool(self.ask(value))
            return
        name = self._asking.full_name(value.func, self._inner)
        if name in HARMLESS:
            self._shown(node)
            return
        method = value.func.attr if isinstance(value.func, ast.Attribute) else ""
        last = method or name.rpartition(".")[2]
        if last in RAISING or name in RAISING:
            self._assert_raises(value, node)
            return
        if last in RAISING_WITH_WORDS:
            raise Unaskable("it tests the words of an error, which hidden checks do not see")
        if last in SEEDS and name:
            self._seed(name)
        if case_method(last) in ("assertIs", "assertIsNot"):
            self._asking.require_no_identity(value.args[:2], self._inner)
        if name.startswith("nose."):
            self._nose(value, case_method(name.rpartition(".")[2]), node)
            return
        if (name in RULES or method in CASE_RULES) and self._by_rule(value, "", node):
            return
        if self.ask(value):
            self.scope.claims += 1
        elif last.startswith("assert"):
            self._require_untouched(value)

    def _shown(self, node: ast.Expr) -> None:
        """What is printed along the way; where that cannot be asked, nothing is."""
        fork = self.scope.fork()
        try:
            type(self)(Text(self.text.source), fork).ask(node.value)
        except Unaskable:
            self.text.replace_node(node, "pass")
        else:
            self.ask(node.value)

    def _nose(self, call: ast.Call, method: str, node: ast.stmt) -> None:
        """A function of nose.tools, as the method of a TestCase that it always was."""
        self.scope.imports["from unittest import TestCase"] = None
        rule = f"TestCase().{method}"
        if method in CASE_RULES and len(call.args) >= 2:
            own = ast.Call(ast.Name("print", ast.Load()), call.args, call.keywords)
            if self._by_rule(own, "", node, rule):
                return
        roots = NOTHING.union(*(self.ask(each) for each in [*call.args, *(each.value for each in call.keywords)]))
        if roots:
            self.scope.claims += 1
        else:
            self._require_untouched(call)
        self.text.replace_node(call.func, rule)

    def _require_untouched(self, node: ast.expr) -> None:
        """Raise `Unaskable` where an assert is about what a call did to its argument: the kernel got a copy."""
        names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} & self.scope.shared()
        if names:
            raise Unaskable(f"it looks at what the student's code does to `{min(names)}`, of which it gets a copy")

    def _seed(self, name: str) -> None:
        if not self.scope.draws and not self.scope.copying:
            raise Patches(
                f"`{name}` sets what the student's code may draw; a seed outside the kernel sets nothing there"
            )

    def _source(self, node: ast.expr) -> str:
        start, end = self.text.span(node)
        return self.text.source[start:end]


def _is_truth(node: ast.expr) -> bool:
    """Whether an expression is True or False by its form."""
    if isinstance(node, ast.Compare):
        return len(node.ops) == 1 and isinstance(node.ops[0], ast.Is | ast.IsNot | ast.In | ast.NotIn)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in ("isinstance", "all", "any", "bool", "callable")
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
