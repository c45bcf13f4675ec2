"""What the cells of an author's notebook define, and who owns it: the author, or the student.

A name that only locked cells (or test cells) bind is the author's, and can be copied into a grader. A name that an
answer cell or an open one binds is the student's: what it holds is asked of the kernel.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias

from referee.convert.names import Piece, bound, draws, early, identifiers, pieces, read_in_functions, seeds

Role: TypeAlias = Literal["locked", "test", "answer", "open"]
Sort: TypeAlias = Literal["function", "class", "value"]
_BUILTIN = frozenset(dir(builtins))


class Unaskable(Exception):
    """Something cannot be said from outside the kernel; the message says what, for the author."""


@dataclass(frozen=True)
class Source:
    """The code of one cell: where it stands, its name, and whose it is."""

    place: int
    grade_id: str
    role: Role
    text: str

    @cached_property
    def pieces(self) -> list[Piece]:
        return pieces(self.text, self.place)


@dataclass
class Known:
    """The names of a notebook, as a test cell at `place` meets them.

    beside : the folder of the notebook, whose files no grader has.
    """

    sources: Sequence[Source]
    place: int
    beside: Path
    imports: dict[str, str] = field(init=False)
    stars: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        lines = [line for source in self.sources for piece in source.pieces for line in import_lines(piece.node)]
        own = self.students
        self.imports = {name: line for name, line in lines if name != "*" and name not in own}
        self.stars = tuple(dict.fromkeys(line for name, line in lines if name == "*"))

    @cached_property
    def identifiers(self) -> frozenset[str]:
        """Every name that stands anywhere in the notebook's code."""
        return frozenset(name for source in self.sources for piece in source.pieces for name in identifiers(piece.node))

    @cached_property
    def students(self) -> dict[str, Sort]:
        """The names that the student's own cells bind, and what the author's solution makes of them."""
        sorts: dict[str, Sort] = {}
        for source in self.sources:
            if source.role in ("answer", "open"):
                for piece in source.pieces:
                    imported = {name for name, _ in import_lines(piece.node)}
                    sorts |= dict.fromkeys(piece.changed - sorts.keys(), "value")
                    sorts |= {name: sort_of(piece) for name in piece.bound - imported}
        return sorts

    @cached_property
    def authors(self) -> dict[str, list[Piece]]:
        """The statements of locked and of earlier test cells by the names that they alone bind."""
        found: dict[str, list[Piece]] = {}
        for piece in self._own():
            for name in piece.bound - self.imports.keys() - self.students.keys():
                found.setdefault(name, []).append(piece)
        return found

    def _own(self) -> Iterator[Piece]:
        for source in self.sources:
            if source.place < self.place and source.role in ("locked", "test"):
                yield from source.pieces

    @cached_property
    def patchable(self) -> frozenset[str]:
        """Names which the student's functions would see changed, if a test cell bound them anew."""
        inner = [piece.node for source in self.sources if source.role != "test" for piece in source.pieces]
        defined = {name for name, sort in self.students.items() if sort != "value"}
        return frozenset(defined | (read_in_functions(inner) & (self.students.keys() | self.authors.keys())))

    def sort(self, name: str) -> Sort | Literal["author", "import", "builtin", "unknown"]:
        """What a name of the notebook is."""
        if name in self.students:
            return self.students[name]
        if name in self.authors:
            return "author"
        if name in self.imports:
            return "import"
        return "builtin" if name in _BUILTIN else "unknown"

    def in_kernel(self, name: str) -> bool:
        """Whether an author's name is bound in the kernel, by a locked cell."""
        return any(self._role(piece) == "locked" for piece in self.authors.get(name, []))

    def _role(self, piece: Piece) -> Role:
        return next(source.role for source in self.sources if source.place == piece.cell)

    def asks(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """Whether an author's name leads to a name of the student's."""
        if name in self.students:
            return True
        if name in seen:
            return False
        return any(self.asks(each, seen | {name}) for piece in self.authors.get(name, []) for each in piece.read)

    def copied(self, name: str) -> bool:
        """Whether a grader gets a copy of an author's name: of a function always, of a value if nobody is asked."""
        own = self.authors.get(name, [])
        return bool(own) and (all(piece.defines for piece in own) or not self.in_kernel(name) or not self.asks(name))

    def copies(self, names: frozenset[str]) -> list[Piece]:
        """The author's statements that give these names their values, in the notebook's order.

        Raises
        ------
        Unaskable : they read a file beside the notebook, or draw from a generator that was not seeded there.
        """
        wanted, found = set(names), dict[int, Piece]()
        own = list(self._own())
        while True:
            more = [piece for piece in own if id(piece) not in found and self._gives(piece, wanted)]
            more += [piece for piece in own if id(piece) not in found and self._seeds(piece, own, found)]
            if not more:
                break
            for piece in more:
                self._require_copyable(piece)
                found[id(piece)] = piece
                wanted |= {name for name in early([piece.node]) if self.copied(name)}
        self._require_seeded(own, found)
        return [piece for piece in own if id(piece) in found]

    def _gives(self, piece: Piece, wanted: set[str]) -> bool:
        return not isinstance(piece.node, ast.Import | ast.ImportFrom) and bool((piece.bound | piece.touched) & wanted)

    def _seeds(self, piece: Piece, own: list[Piece], found: dict[int, Piece]) -> bool:
        """Whether a copied statement draws numbers that depend on this one, which stands before it in its cell."""
        if piece.defines or not (seeds(piece.node) or draws(piece.node)):
            return False
        later = own[own.index(piece) + 1 :]
        return any(id(each) in found and each.cell == piece.cell and draws(each.node) for each in later)

    def _require_seeded(self, own: list[Piece], found: dict[int, Piece]) -> None:
        for piece in own:
            if id(piece) in found and draws(piece.node) and not piece.defines:
                before = own[: own.index(piece) + 1]
                if not any(each.cell == piece.cell and seeds(each.node) for each in before):
                    names = ", ".join(sorted(piece.bound))
                    raise Unaskable(f"`{names}` is drawn at random, and its cell sets no seed")

    def _require_copyable(self, piece: Piece) -> None:
        require_no_files(piece.node, self.beside)

    def require_import(self, line: str) -> None:
        """Raise `Unaskable` for an import of a file that lies beside the notebook."""
        node = ast.parse(line).body[0]
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for module in modules:
            top = module.partition(".")[0]
            if (self.beside / f"{top}.py").exists() or (self.beside / top).is_dir() or not top:
                raise Unaskable(f"the module `{module}` lies beside the notebook, where no grader imports from")


def require_no_files(node: ast.AST, beside: Path) -> None:
    """Raise `Unaskable` where code names a file that lies beside the notebook, or opens one."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == "open":
            raise Unaskable("it opens a file, and no grader runs where the notebook's files are")
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and _names_file(each.value, beside):
            raise Unaskable(f"it names the file {each.value!r}, which lies beside the notebook")


def _names_file(text: str, beside: Path) -> bool:
    if not text.strip() or len(text) > 200 or "\n" in text or "\0" in text:
        return False
    return text not in (".", "..", "/") and (beside / text).is_file()


def sort_of(piece: Piece) -> Sort:
    """What a statement makes of the names that it binds."""
    if isinstance(piece.node, ast.ClassDef):
        return "class"
    return "function" if piece.defines or isinstance(piece.node, ast.AsyncFunctionDef) else "value"


def import_lines(node: ast.stmt) -> list[tuple[str, str]]:
    """The names that an import binds, each with a line of its own that binds it."""
    if isinstance(node, ast.Import):
        return [
            (alias.asname or alias.name.partition(".")[0], ast.unparse(ast.Import([alias]))) for alias in node.names
        ]
    if isinstance(node, ast.ImportFrom):
        return [
            (alias.asname or alias.name, ast.unparse(ast.ImportFrom(node.module, [alias], node.level)))
            for alias in node.names
        ]
    return []


def binds(source: Source) -> frozenset[str]:
    """The names that a cell binds."""
    return bound([piece.node for piece in source.pieces])
