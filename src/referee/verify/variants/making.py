"""From the source of a solution cell to its variants: one node changed at a time, within the solution regions.

Lines with a magic or a command of the shell stand aside meanwhile, as `pass`.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from referee.verify.variants import layers, steps, values
from referee.verify.variants.seeing import Place

_BEGIN, _END = re.compile(r"#+\s*BEGIN SOLUTION"), re.compile(r"#+\s*END SOLUTION")
_MAGIC = re.compile(r"^([ \t]*)([%!?].*)$", re.MULTILINE)
_ASIDE = re.compile(r"pass  # magic ([0-9]+)")
_LINE_END = re.compile(r"\r\n|\r|\n")  # as Python counts lines; `splitlines` knows more ends
_OPERATORS = (*layers.OPERATORS, *steps.OPERATORS, *values.OPERATORS)


@dataclass(frozen=True)
class Variant:
    """A solution cell with one thing changed.

    cell : its grade_id.   line : of the change, in the cell, from 1.
    before, after : the changed lines; `after` is empty where they are gone.
    """

    cell: str
    operator: str
    line: int
    before: str
    after: str
    source: str


class NoPython(ValueError):
    """A cell of which no variants can be made; the text says why."""


def of_cell(cell: str, source: str) -> list[Variant]:
    """Every variant of a cell, in the order of its lines. Raises `NoPython` for what is none, magics aside."""
    magics = [match[2] for match in _MAGIC.finditer(source)]
    try:
        if _is_python(source):
            return _variants(cell, source)
        places = iter(range(len(magics)))
        plain = _MAGIC.sub(lambda match: f"{match[1]}pass  # magic {next(places)}", source)
        ast.parse(plain)
        found = _variants(cell, plain)
    except (SyntaxError, ValueError, MemoryError, cst.ParserSyntaxError) as error:
        raise NoPython(getattr(error, "msg", "") or str(error) or type(error).__name__) from error
    except RecursionError as error:
        raise NoPython("it is nested too deeply") from error

    def back(text: str) -> str:
        return _ASIDE.sub(lambda match: magics[int(match[1])], text)

    return [replace(each, before=back(each.before), after=back(each.after), source=back(each.source)) for each in found]


def _is_python(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _variants(cell: str, source: str) -> list[Variant]:
    regions = solution_lines(source)
    wrapper = MetadataWrapper(cst.parse_module(source))
    places = wrapper.resolve(PositionProvider)
    parents = wrapper.resolve(ParentNodeProvider)
    found: dict[str, Variant] = {}
    for node, where in places.items():
        if not isinstance(where, CodeRange) or where.start.line not in regions or where.end.line not in regions:
            continue
        for operator, new in _changes(Place(node, parents)):
            text = _with(wrapper.module, node, new)
            if text is not None and text != source and text not in found:
                found[text] = _variant(cell, operator, source, text)
    return sorted(found.values(), key=lambda variant: (variant.line, variant.operator, variant.after))


def solution_lines(source: str) -> set[int]:
    """The numbers of the lines that a student writes; all of a cell without marks."""
    lines, inside, marked = set[int](), False, False
    for number, line in enumerate(_LINE_END.split(source), start=1):
        if _BEGIN.search(line):
            inside = marked = True
        elif _END.search(line):
            inside = False
        elif inside:
            lines.add(number)
    return lines if marked else set(range(1, len(_LINE_END.split(source)) + 1))


def _changes(place: Place) -> Iterator[tuple[str, cst.CSTNode | cst.RemovalSentinel]]:
    for operator in _OPERATORS:
        with contextlib.suppress(cst.ParserSyntaxError, ValueError):  # what it would write is no Python
            yield from operator(place)


def _with(module: cst.Module, old: cst.CSTNode, new: cst.CSTNode | cst.RemovalSentinel) -> str | None:
    """The source with one node in another's place; None where that is no Python."""
    try:
        if isinstance(new, cst.RemovalSentinel):
            changed = module.visit(_Removing(old))
        else:
            changed = module.deep_replace(old, new)  # type: ignore[arg-type] # whatever node it is
        assert isinstance(changed, cst.Module)
        text = changed.code
        compile(text, "variant", "exec")
    except (SyntaxError, cst.CSTValidationError, ValueError, TypeError):
        return None
    return text


class _Removing(cst.CSTTransformer):
    """Takes one node away; a block that would be left empty says `pass`."""

    def __init__(self, node: cst.CSTNode) -> None:
        super().__init__()
        self._node = node

    def on_leave(  # type: ignore[override] # the types of what it takes and gives follow from the node
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> cst.CSTNode | cst.RemovalSentinel:
        if original_node is self._node:
            return cst.RemoveFromParent()
        if isinstance(updated_node, cst.IndentedBlock) and not updated_node.body:
            return updated_node.with_changes(body=[cst.parse_statement("pass")])
        return updated_node


def _variant(cell: str, operator: str, source: str, text: str) -> Variant:
    """A variant with the lines that differ, for whoever has to understand it."""
    old, new = _LINE_END.split(source), _LINE_END.split(text)
    changes = [
        code for code in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if code[0] != "equal"
    ]
    first, last = changes[0], changes[-1]
    lines = range(first[1], last[2])
    line = next((number for number in lines if _says_something(old[number])), first[1])
    before, after = (_joined(part) for part in (old[first[1] : last[2]], new[first[3] : last[4]]))
    return Variant(cell, operator, line + 1, before, after, text)


def _joined(lines: list[str]) -> str:
    return " / ".join(line.strip() for line in lines if _says_something(line))


def _says_something(line: str) -> bool:
    """Whether a line is more than a comment: a dropped statement takes the comments above it along."""
    return bool(line.strip()) and not line.lstrip().startswith("#")
