"""Statements that hold others, and those that give names: what they mean for the names of a draft."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from referee.convert.asking import Asking, targets
from referee.convert.known import Unaskable, import_lines
from referee.convert.names import bound, early, local
from referee.convert.scope import NOTHING, Local, Patches, Roots, Scope
from referee.convert.text import Text

_QUIET = (ast.Pass, ast.Break, ast.Continue)


class Blocks:
    """The translation of one statement, with all that it holds; what asserts and what catches stands further up."""

    def __init__(self, text: Text, scope: Scope) -> None:
        self.text = text
        self.scope = scope
        self._asking = Asking(text, scope)
        self._branches: Roots = NOTHING  # the questions that decide whether, or how often, the statement is run
        self._inner: dict[str, Roots] = {}  # names of functions around

    @abstractmethod
    def _assert(self, node: ast.Assert) -> None: ...
    @abstractmethod
    def _expression(self, node: ast.Expr) -> None: ...
    @abstractmethod
    def _try(self, node: ast.Try) -> None: ...
    @abstractmethod
    def _with(self, node: ast.With) -> None: ...
    @abstractmethod
    def _raise(self, node: ast.Raise) -> None: ...

    def _statement(self, node: ast.stmt) -> None:
        ways: dict[type[ast.stmt], Callable[[Any], object]] = {
            ast.Assert: self._assert,
            ast.Expr: self._expression,
            ast.Try: self._try,
            ast.With: self._with,
            ast.Raise: self._raise,
            ast.FunctionDef: self._function,
            **dict.fromkeys((ast.Assign, ast.AnnAssign, ast.AugAssign), self._assign),
            **dict.fromkeys((ast.For, ast.While, ast.If), self._compound),
            **dict.fromkeys((ast.Import, ast.ImportFrom), self._import),
            ast.Delete: self._delete,
            ast.Return: lambda found: self.ask(found.value),
        }
        if isinstance(node, ast.Global | ast.Nonlocal):
            raise Patches("it changes names of the kernel from within a function")
        if type(node) in ways:
            ways[type(node)](node)
        elif not isinstance(node, _QUIET):
            raise Unaskable(f"a `{type(node).__name__.lower()}` statement is not translated")

    def _block(self, body: list[ast.stmt]) -> None:
        for each in body:
            self._statement(each)

    def ask(self, node: ast.expr | None, *, function: bool = False) -> Roots:
        """Translate an expression of this statement."""
        return self._asking.ask(node, self._inner, function=function)

    def _compound(self, node: ast.For | ast.While | ast.If) -> None:
        self._require_no_mix(node)
        found = self.ask(node.iter if isinstance(node, ast.For) else node.test)
        if found and isinstance(node, ast.While):
            raise Unaskable("how long it loops, an answer would decide, outside the kernel's limits")
        if isinstance(node, ast.For):
            for name in targets(node.target):
                self._bind(name, Local(found))
        before, self._branches = self._branches, self._branches | found
        self._block(node.body)
        self._block(node.orelse)
        self._branches = before

    def _require_no_mix(self, node: ast.stmt) -> None:
        """Raise `Unaskable` where a block reads a name of the notebook and sets it as well."""
        mixed = bound([node]) & early([node]) & self.scope.known.students.keys() - self.scope.names.keys()
        if mixed:
            raise Patches(f"it reads the notebook's `{min(mixed)}`, and sets it as well")

    def _assign(self, node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> None:
        roots = self.ask(node.value, function=False)
        made = Local(roots, isinstance(node.value, ast.Lambda), self._asking.odd(node.value) if node.value else "")
        if isinstance(node.value, ast.Name | ast.List | ast.Tuple | ast.Dict):
            held = [each.id for each in ast.walk(node.value) if isinstance(each, ast.Name)]
            into = node.targets if isinstance(node, ast.Assign) else [node.target]
            self.scope.same += [(name, other) for target in into for name in targets(target) for other in held]
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            if isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                self._require_own(target)
                made = Local(roots | self._asking.ask(ast.Name(target.id, ast.Load()), self._inner))
            self._target(target, made)

    def _target(self, node: ast.expr, local: Local) -> None:
        """Bind what an assignment binds. Raises `Patches` for a part of what is not the cell's own."""
        match node:
            case ast.Name():
                self._bind(node.id, local)
            case ast.Tuple() | ast.List():
                for each in node.elts:
                    self._target(each, Local(local.roots))
            case ast.Starred():
                self._target(node.value, local)
            case ast.Subscript() | ast.Attribute():
                self._require_own(node)
                self.ask(node.value)
                if isinstance(node, ast.Subscript):
                    self.ask(node.slice)

    def _require_own(self, node: ast.expr) -> None:
        while isinstance(node, ast.Subscript | ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or (node.id not in self.scope.names and node.id not in self._inner):
            name = node.id if isinstance(node, ast.Name) else "a value"
            raise Patches(f"it changes `{name}` inside the kernel")
        if self.scope.module_of(node.id):
            raise Patches(f"it changes the module `{node.id}` inside the kernel")

    def _bind(self, name: str, local: Local) -> None:
        local = replace(local, roots=local.roots | self._branches)
        if name in self._inner:
            self._inner[name] |= local.roots
        else:
            self.scope.bind(name, local)

    def _delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            self._require_own(target)
            if isinstance(target, ast.Name):
                self.scope.names.pop(target.id, None)

    def _import(self, node: ast.Import | ast.ImportFrom, *, at_top: bool = False) -> None:
        for name, line in import_lines(node):
            self.scope.known.require_import(line)
            self.scope.learn(line)
            if name != "*":
                self.scope.names[name] = Local()
            if at_top and not line.startswith(("from nose", "import nose")):
                self.scope.imports[line] = None

    def _function(self, node: ast.FunctionDef) -> None:
        """A function of the cell's own, or of a locked one: it asks when it is called."""
        if node.decorator_list:
            raise Unaskable("it defines a function with a decorator")
        arguments = node.args
        for default in [*arguments.defaults, *(each for each in arguments.kw_defaults if each is not None)]:
            self.ask(default)
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        for annotation in (*(each.annotation for each in every), node.returns):
            self.ask(annotation)
        before, inner, claims = len(self.scope.asked), self._inner, self.scope.claims
        own = local(node)
        self._inner = {**inner, **dict.fromkeys(own, NOTHING)}
        self._block(node.body)
        self._inner, self.scope.claims = inner, claims
        self._bind(node.name, Local(frozenset(self.scope.asked[before:]), function=True))
