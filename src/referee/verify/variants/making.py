"""From the source of a solution cell to its variants: one node changed at a time, within the solution regions."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, ParentNodeProvider, PositionProvider

from referee.verify.variants import layers, steps, values
from referee.verify.variants.seeing import Place

_BEGIN, _END = re.compile(r"#+\s*BEGIN SOLUTION"), re.compile(r"#+\s*END SOLUTION")
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


def of_cell(cell: str, source: str) -> list[Variant]:
    """Every variant of a cell, in the order of its lines; none of a cell that is no plain Python."""
    regions = solution_lines(source)
    try:
        wrapper = MetadataWrapper(cst.parse_module(source))
    except cst.ParserSyntaxError:
        return []
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
    for number, line in enumerate(source.splitlines(), start=1):
        if _BEGIN.search(line):
            inside = marked = True
        elif _END.search(line):
            inside = False
        elif inside:
            lines.add(number)
    return lines if marked else set(range(1, source.count("\n") + 2))


def _changes(place: Place) -> Iterator[tuple[str, cst.CSTNode | cst.RemovalSentinel]]:
    for operator in _OPERATORS:
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
    old, new = source.splitlines(), text.splitlines()
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
