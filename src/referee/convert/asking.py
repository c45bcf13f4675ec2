"""Expressions of a test cell, said from outside the kernel: what is the notebook's is asked for.

    squares(2)          student.call("squares", 2)
    result              student["result"]
    map(squares, xs)    map(partial(student.call, "squares"), xs)

What stays in the kernel (instances, attributes of a student's objects, functions given to functions) is `Unaskable`.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import replace

from referee.convert.known import Unaskable
from referee.convert.names import dotted
from referee.convert.scope import BOTH, NOTHING, Local, Patches, Root, Roots, Scope
from referee.convert.text import Text
from referee.convert.vocabulary import (
    CALLERS,
    GIVABLE_MODULES,
    IDENTITY,
    KERNEL_ONLY,
    MEASURES,
    PATCHING,
    PLAIN_ATTRIBUTES,
    PLAIN_MODULES,
    PRINTED,
    RULES,
    SIZED,
    SOURCES,
    case_method,
    within,
)

_IDENTITY = "it asks whether an answer is the same object as another: what leaves the kernel is a copy"
Inner = Mapping[str, Roots]
_NONE: Inner = {}
_ODD = {
    ast.Lambda: "a function",
    ast.GeneratorExp: "a generator",
    ast.Set: "a set",
    ast.SetComp: "a set",
}
_ODD_CALLS = {"set": "a set", "frozenset": "a set", "iter": "an iterator", "map": "a map", "filter": "a filter"}
_ODD_CALLS |= {"zip": "a zip", "range": "a range", "open": "a file", "object": "an object", "enumerate": "an iterator"}


class Asking:
    """Translates the expressions of one piece of text; what is said anew is written into it."""

    def __init__(self, text: Text, scope: Scope) -> None:
        self.text = text
        self.scope = scope

    def ask(self, node: ast.expr | None, inner: Inner = _NONE, *, function: bool = False) -> Roots:
        """Translate an expression, and return the questions that its value depends on.

        inner : names of nested scopes (of a lambda, say).   function : the value may be one of the student's functions.

        Raises
        ------
        Unaskable : it cannot be said from outside the kernel.
        """
        match node:
            case None | ast.Constant():
                return NOTHING
            case ast.Name():
                return self._name(node, inner, function)
            case ast.Call():
                return self._call(node, inner)
            case ast.Attribute():
                return self._attribute(node, inner)
            case ast.Compare():
                return self._compare(node, inner)
            case ast.BinOp():
                return self._operation(node, inner)
            case ast.Lambda():
                return self.ask(node.body, {**inner, **dict.fromkeys(parameters(node.args), NOTHING)})
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, inner)
            case ast.JoinedStr():
                return self._formatted(node, inner)
            case ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                raise Unaskable("it uses a form that is not translated")
        return self._all([each for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)], inner)

    def _all(self, nodes: Sequence[ast.expr], inner: Inner) -> Roots:
        return NOTHING.union(*(self.ask(each, inner) for each in nodes))

    def _name(self, node: ast.Name, inner: Inner, function: bool) -> Roots:
        name, scope = node.id, self.scope
        if name in inner:
            return inner[name]
        if name in scope.lost:
            raise Unaskable(scope.lost[name])
        if name in scope.names:
            local = scope.names[name]
            if local.function and local.roots and not function:
                raise Unaskable(f"it hands on `{name}`, which asks the student's work")
            return local.roots
        sort = scope.known.sort(name)
        if sort in ("value", "author"):
            self.text.replace_node(node, f"student[{quoted(name)}]")
            return scope.ask(Root(name, called=False, text=name))
        if sort == "function" and function:
            self.text.replace_node(node, f"{scope.partial()}(student.call, {quoted(name)})")
            return scope.ask(Root(name, called=True, text=name))
        return self._elsewhere(name, sort)

    def _elsewhere(self, name: str, sort: str) -> Roots:
        """A name that is no answer of the student's: of an import, of Python's own, or none that is known."""
        scope = self.scope
        if sort == "function":
            raise Unaskable(f"it looks at the function `{name}` itself, not at what it returns")
        if sort == "class":
            raise Unaskable(f"it uses the notebook's class `{name}`: its objects stay in the kernel")
        if name in KERNEL_ONLY:
            raise Unaskable(f"`{name}` {KERNEL_ONLY[name]}")
        if sort == "import":
            self._import(scope.known.imports[name])
        elif sort == "unknown":
            if not scope.known.stars:
                raise Unaskable(f"no cell before it defines `{name}`")
            for line in scope.known.stars:
                self._import(line)
        return NOTHING

    def _import(self, line: str) -> None:
        self.scope.known.require_import(line)
        self.scope.learn(line)
        if not line.startswith(("from nose", "import nose")):
            self.scope.imports[line] = None

    def full_name(self, node: ast.expr, inner: Inner = _NONE) -> str:
        """The name of what an expression stands for, with its module: `numpy.testing.assert_equal`; else empty."""
        name = dotted(node)
        first, _, rest = name.partition(".")
        if not name or first in inner or first in self.scope.lost:
            return ""
        if first in self.scope.names:
            base = self.scope.module_of(first)
        elif self.scope.known.sort(first) == "import":
            self.scope.learn(self.scope.known.imports[first])
            base = self.scope.module_of(first)
        else:
            return name if self.scope.known.sort(first) in ("builtin", "unknown") else ""
        return f"{base}.{rest}" if rest else base

    def _call(self, node: ast.Call, inner: Inner) -> Roots:
        called, name = node.func, self.full_name(node.func, inner)
        if isinstance(called, ast.Name) and self._is_students(called.id, inner):
            return self._question(node, called.id, inner)
        if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            self._require_module(name, called.value.id)
        local = self.scope.names.get(called.id) if isinstance(called, ast.Name) and called.id not in inner else None
        self._forbid(name)
        if self._is_answer(called, local):
            raise Unaskable("it calls what the student's code returns, and functions stay in the kernel")
        takes_functions = name in CALLERS or (local is not None and local.function)
        own = NOTHING if local is not None and local.function else self._called(called, inner)
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        found = [self._argument(each, inner, takes_functions) for each in arguments]
        roots = NOTHING.union(*found)
        if name in RULES and len(found) > 1 and _strangers(found[0], found[1]):
            raise Unaskable(BOTH)
        if name.rpartition(".")[2] in SIZED and any(
            each and not _measures(argument) for each, argument in zip(found, arguments, strict=True)
        ):
            raise Unaskable(f"how much `{name}` makes, an answer would decide, outside the kernel's limits")
        if roots and name in IDENTITY:
            raise Unaskable(_IDENTITY)
        if case_method(name.rpartition(".")[2]) in ("assertIs", "assertIsNot"):
            self.require_no_identity(node.args[:2], inner)
        if roots and not name.startswith("unittest") and _foreign(name, PLAIN_MODULES, self._is_module(called, inner)):
            raise Unaskable(f"it gives an answer to `{name}`, which may want what stays in the kernel")
        if local is not None and local.function:
            roots |= local.roots
        if roots and isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
            self._taint(called.value.id, roots)
        return roots | own

    def _is_students(self, name: str, inner: Inner) -> bool:
        scope = self.scope
        if name in inner or name in scope.names or name in scope.lost:
            return False
        sort = scope.known.sort(name)
        return sort in ("function", "value") or (sort == "author" and not scope.known.copied(name))

    def is_students_function(self, name: str, inner: Inner) -> bool:
        """Whether a name stands for a function of the student's."""
        return self._is_students(name, inner) and self.scope.known.sort(name) == "function"

    def _is_answer(self, called: ast.expr, local: Local | None) -> bool:
        """Whether what is called is an answer itself: `make_adder(2)(3)`."""
        if isinstance(called, ast.Name):
            return local is not None and not local.function and bool(local.roots)
        return (
            isinstance(called, ast.Call) and isinstance(called.func, ast.Name) and self._is_students(called.func.id, {})
        )

    def _is_module(self, called: ast.expr, inner: Inner) -> bool:
        """Whether what is called comes from an import."""
        first = dotted(called).partition(".")[0]
        return bool(first) and first not in inner and bool(self.scope.module_of(first))

    def _called(self, called: ast.expr, inner: Inner) -> Roots:
        """The questions in what is called, where that is an expression of its own, such as a method of an answer."""
        return self._name(called, inner, True) if isinstance(called, ast.Name) else self.ask(called, inner)

    def _argument(self, node: ast.expr, inner: Inner, takes_functions: bool) -> Roots:
        if isinstance(node, ast.Starred):
            return self.ask(node.value, inner)
        return self.ask(node, inner, function=takes_functions)

    def _question(self, node: ast.Call, name: str, inner: Inner) -> Roots:
        """A call of something that the student's notebook defines."""
        opening = self.text.opening(node.func)
        if opening is None:
            raise Unaskable(f"it calls `{name}` in a form that is not translated")
        arguments = [*node.args, *(keyword.value for keyword in node.keywords)]
        for each in arguments:
            self._require_givable(each, name, inner)
            self._argument(each, inner, takes_functions=False)
            self.scope.given |= {
                part.id for part in ast.walk(each) if isinstance(part, ast.Name)
            } & self.scope.names.keys()
        more = ", " if arguments else ""
        self.text.replace(self.text.span(node.func)[0], opening, f"student.call({quoted(name)}{more}")
        start, end = self.text.span(node)
        return self.scope.ask(Root(name, called=True, text=self.text.source[start:end]))

    def _require_givable(self, node: ast.expr, name: str, inner: Inner) -> None:
        """Raise `Unaskable` for an argument that is no plain data, as far as the text says."""
        if odd := self.odd(node, inner):
            raise Unaskable(f"it gives `{name}` {odd}; only plain data goes into the kernel")

    def odd(self, node: ast.expr, inner: Inner = _NONE) -> str:
        """What sort of thing an expression is that cannot be given to the student's code; empty for plain data."""
        if type(node) in _ODD:
            return _ODD[type(node)]
        if isinstance(node, ast.Starred):
            return ""
        if isinstance(node, ast.List | ast.Tuple):
            return next((odd for each in node.elts if (odd := self.odd(each, inner))), "")
        if isinstance(node, ast.Dict):
            return next((odd for each in node.values if (odd := self.odd(each, inner))), "")
        if isinstance(node, ast.Name) and node.id not in inner:
            return self._odd_name(node.id)
        if isinstance(node, ast.Call):
            name = self.full_name(node.func, inner)
            if name in _ODD_CALLS:
                return _ODD_CALLS[name]
            if _foreign(name, GIVABLE_MODULES, self._is_module(node.func, inner)):
                return f"what `{name}` makes"
            if isinstance(node.func, ast.Name) and self.scope.known.sort(node.func.id) == "author":
                made = self.scope.known.authors[node.func.id]
                return "an object of a class" if any(isinstance(each.node, ast.ClassDef) for each in made) else ""
        return ""

    def _odd_name(self, name: str) -> str:
        local, known = self.scope.names.get(name), self.scope.known
        if local is not None:
            return f"the function `{name}`" if local.function else local.odd
        if known.sort(name) in ("function", "class"):
            return f"the {known.sort(name)} `{name}`"
        return f"`{name}`" if known.sort(name) == "import" or name in KERNEL_ONLY else ""

    def _attribute(self, node: ast.Attribute, inner: Inner) -> Roots:
        name = self.full_name(node, inner)
        self._forbid(name)
        roots = self.ask(node.value, inner)
        if roots and node.attr not in PLAIN_ATTRIBUTES:
            raise Unaskable(f"it uses `.{node.attr}` of the student's object, which stays in the kernel")
        return roots

    def _forbid(self, name: str) -> None:
        """Raise `Unaskable` for what only makes sense inside the kernel."""
        if name in KERNEL_ONLY:
            raise Unaskable(f"`{name}` {KERNEL_ONLY[name]}")
        if within(name, PATCHING):
            raise Patches(f"`{name}` changes what the student's code uses, inside the kernel")
        if within(name, PRINTED):
            raise Unaskable(f"`{name}` is about printed or shown output, which stays in the kernel")
        if within(name, SOURCES):
            raise Unaskable(f"`{name}` looks at the student's code, which stays in the kernel")

    def _require_module(self, name: str, first: str) -> None:
        """Nothing of the file system is a grader's: raise `Unaskable` for functions that read files."""
        last = name.rpartition(".")[2]
        if self.scope.module_of(first) and (last.startswith("read_") or last in ("load", "loadtxt", "genfromtxt")):
            raise Unaskable(f"`{name}` reads a file, and no grader runs where the notebook's files are")

    def _compare(self, node: ast.Compare, inner: Inner) -> Roots:
        sides = [self.ask(each, inner) for each in (node.left, *node.comparators)]
        nodes = (node.left, *node.comparators)
        for place, operator in enumerate(node.ops):
            if isinstance(operator, ast.Is | ast.IsNot):
                self.require_no_identity(nodes[place : place + 2], inner)
            if isinstance(operator, ast.Eq) and _strangers(*sides[place : place + 2]):
                raise Unaskable(BOTH)
        return NOTHING.union(*sides)

    def require_no_identity(self, sides: Sequence[ast.expr], inner: Inner) -> None:
        """Raise `Unaskable` where it is asked whether an answer is one and the same object as another value."""
        if any(self.ask(each, inner) and not _is_type(each) for each in sides) and not any(map(_is_single, sides)):
            raise Unaskable(_IDENTITY)

    def _operation(self, node: ast.BinOp, inner: Inner) -> Roots:
        left, right = self.ask(node.left, inner), self.ask(node.right, inner)
        texts = (ast.List, ast.Tuple, ast.JoinedStr)
        of_text = any(isinstance(each, texts) or _is_text(each) for each in (node.left, node.right))
        if (isinstance(node.op, ast.Pow | ast.LShift) and right) or (
            isinstance(node.op, ast.Mult) and of_text and (left or right) and not _measures(node.right)
        ):
            raise Unaskable("how much it makes, an answer would decide, outside the kernel's limits")
        return left | right

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, inner: Inner) -> Roots:
        names, roots = dict(inner), NOTHING
        for each in node.generators:
            found = self.ask(each.iter, names)
            names |= dict.fromkeys(targets(each.target), found)
            roots |= found.union(*(self.ask(condition, names) for condition in each.ifs))
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return roots.union(*(self.ask(each, names) for each in results))

    def _formatted(self, node: ast.JoinedStr, inner: Inner) -> Roots:
        """A formatted string: Python before 3.12 does not say where its parts stand, so they must stay as they are."""
        within_it = Asking(Text(self.text.source), self.scope)
        roots = within_it._all([part.value for part in node.values if isinstance(part, ast.FormattedValue)], inner)
        if within_it.text.changed:
            raise Unaskable("it asks the student's work within a formatted string: give the answer a name first")
        return roots

    def _taint(self, name: str, roots: Roots) -> None:
        """A method of a local value was given an answer: `found.append(squares(2))`."""
        if (local := self.scope.names.get(name)) is not None:
            self.scope.names[name] = replace(local, roots=local.roots | roots)


def _strangers(left: Roots, right: Roots) -> bool:
    """Whether two sides are answers to different questions; of one answer, parts may be compared: it is sorted, say."""
    return bool(left) and bool(right) and not left & right


def _is_single(node: ast.expr) -> bool:
    """Whether an expression is None, True or False, of which there is one wherever it is asked."""
    return isinstance(node, ast.Constant) and (node.value is None or isinstance(node.value, bool))


def _is_type(node: ast.expr) -> bool:
    """Whether an expression is the class of a value, and plain data's classes are the same outside the kernel."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "type"


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _measures(node: ast.expr) -> bool:
    """Whether an expression is the size of something that is there already."""
    if isinstance(node, ast.Subscript):
        return _measures(node.value)
    called = node.func if isinstance(node, ast.Call) else node
    return (getattr(called, "attr", "") or getattr(called, "id", "")) in MEASURES


def _foreign(name: str, modules: frozenset[str], from_import: bool) -> bool:
    return from_import and bool(name) and name.partition(".")[0] not in modules


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of a function's parameters."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [each.arg for each in every]


def targets(node: ast.expr) -> list[str]:
    """The names that an assignment to this binds."""
    return [each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)]


def quoted(text: str) -> str:
    """A text as Python, with double quotes."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
