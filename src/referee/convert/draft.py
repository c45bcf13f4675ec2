"""One test cell to the draft of its checks.

Without hidden tests, one public check says what the cell said. With them, a hidden check says all of it and decides
the points, as the cell did; the public one only shows what students saw of it. Lines that cannot be said from outside
the kernel stand in the draft as comments, and the check then never passes: a person decides.
"""

from __future__ import annotations

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from referee.convert.asking import quoted
from referee.convert.claims import translated
from referee.convert.known import Known, Unaskable
from referee.convert.names import Piece, draws, early, first_line, identifiers, not_python, pieces, surely_bound
from referee.convert.partial import Part, parts_of
from referee.convert.records import Check, Kind, Unfinished
from referee.convert.scope import Patches, Scope
from referee.convert.text import commented, indented

_MAGIC = re.compile(r"^(\s*)([%!].*)$", re.MULTILINE)
_MADE_OF_MAGIC = re.compile(r"_magic_\((.*)\)")
_RESERVED = "student"  # the parameter of a check
_GAP = "\n"  # an empty line
_WHY = 80  # characters of a reason in the check itself; all of it stands in the comment above


@dataclass
class Draft:
    """The checks of one or more cells, and what they need at the top of their graders.

    taken : the names of the graders that are there, each with the cell that it checks; empty where it checks none.
    """

    taken: dict[str, str] = field(default_factory=dict)
    checks: list[Check] = field(default_factory=list)
    imports: dict[Kind, dict[str, None]] = field(default_factory=lambda: {"public": {}, "hidden": {}})
    uses: dict[Kind, set[str]] = field(default_factory=lambda: {"public": set(), "hidden": set()})
    helpers: dict[Kind, dict[str, str]] = field(default_factory=lambda: {"public": {}, "hidden": {}})

    def add(self, check: Check, scope: Scope, helpers: dict[str, str]) -> None:
        """One more check, with what it needs."""
        self.checks.append(check)
        self.taken[check.name] = check.cell
        self.imports[check.kind] |= scope.imports
        self.uses[check.kind] |= scope.uses
        self.helpers[check.kind] |= helpers


@dataclass(frozen=True)
class Cell:
    """A test cell as it is to be drafted: what students see of it, and all of it.

    points : what it is worth.   autotest : the word that begins lines which nbgrader makes tests of.
    """

    grade_id: str
    shown: str
    whole: str
    points: float
    autotest: str = "AUTOTEST"

    @property
    def has_hidden(self) -> bool:
        return self.shown.strip() != self.whole.strip()


def draft(cell: Cell, known: Mapping[Kind, Known], into: Draft) -> None:
    """Draft the checks of a cell; what is known may differ by kind: no public check copies hidden tests."""
    found = parts_of(pieces(cell.whole), cell.points)
    name = _free(cell.grade_id, 0 if isinstance(found, str) else len(found), into.taken)
    if isinstance(found, str):
        _add(into, known, _Plan(cell, name, cell.whole, "hidden" if cell.has_hidden else "public", refused=found))
    elif found:
        seen = {piece.text for piece in pieces(cell.shown)}
        for number, part in enumerate(found, 1):
            kind: Kind = "public" if part.texts <= seen else "hidden"
            _add(into, known, _Plan(cell, f"{name}_{number}", part.source, kind, part=part))
    elif not cell.has_hidden:
        _add(into, known, _Plan(cell, name, cell.whole, "public"))
    else:
        if pieces(cell.shown) and _says_something(cell.shown):
            _add(into, known, _Plan(cell, name, cell.shown, "public", weight="SHOWN"))
        _add(into, known, _Plan(cell, f"{name}_hidden", cell.whole, "hidden"))


def _free(grade_id: str, parts: int, taken: Mapping[str, str]) -> str:
    """What the names of a cell's checks begin with, so that none of them is another cell's."""
    first = "test_" + re.sub(r"\W", "_", grade_id)
    names = (f"{first}_{number}" if number > 1 else first for number in count(1))
    ends = ("", "_hidden", *(f"_{number}" for number in range(1, parts + 1)))
    return next(name for name in names if all(taken.get(f"{name}{end}", grade_id) == grade_id for end in ends))


def _says_something(source: str) -> bool:
    """Whether a source does more than import, define and show: else there is nothing to check in it."""
    quiet = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.Assign)
    return any(
        not isinstance(piece.node, quiet)
        and not (isinstance(piece.node, ast.Expr) and isinstance(piece.node.value, ast.Constant))
        for piece in pieces(source)
    )


@dataclass(frozen=True)
class _Plan:
    """A check to be drafted. refused : why nothing of it is translated; empty where that is tried."""

    cell: Cell
    name: str
    source: str
    kind: Kind
    weight: str = ""
    part: Part | None = None
    refused: str = ""


def _add(into: Draft, knowing: Mapping[Kind, Known], plan: _Plan) -> None:
    known = knowing[plan.kind]
    scope = Scope(known, hidden=plan.kind == "hidden")
    body = _Body(scope, plan.kind)
    refused = plan.refused or _refused(plan, known)
    if not refused:
        scope.draws = any(draws(piece.node) for piece in pieces(_python(plan.source)))
        body.copy(pieces(_python(plan.source)))
        body.write(_python(plan.source))
        if not scope.claims and not body.unfinished:
            refused = "nothing in it can fail by what the student did"
    if refused:
        scope = Scope(known, hidden=plan.kind == "hidden")
        body = _Body(scope, plan.kind)
        body.refuse(plan.source, refused)
    weight = plan.weight or (f"{plan.part.points:g}" if plan.part is not None else "")
    code = _function(plan, scope, body.text(), scope.use("SHOWN") if plan.weight else weight)
    into.add(Check(plan.cell.grade_id, plan.name, plan.kind, code, tuple(body.unfinished)), scope, body.helpers)


def _refused(plan: _Plan, known: Known) -> str:
    """Why nothing of a source can be translated; empty where it may be."""
    if any(line.lstrip().startswith("#") and plan.cell.autotest in line for line in plan.source.split("\n")):
        return "nbgrader makes tests of its autotest lines only when it generates the assignment"
    if plan.source.lstrip().startswith("%%"):
        return "it is a magic of IPython's"
    authors = [piece.node for source in known.sources if source.role in ("locked", "test") for piece in source.pieces]
    if any(name == _RESERVED for node in [*authors, *_nodes(plan.source)] for name in identifiers(node)):
        return f"it, or a locked cell, uses the name `{_RESERVED}`, which means something else in a grader"
    if why := not_python(_python(plan.source)):
        return f"it is no Python: {why}"
    return "" if pieces(_python(plan.source)) else "there is nothing in it"


def _nodes(source: str) -> list[ast.stmt]:
    return [piece.node for piece in pieces(_python(source))]


def _python(source: str) -> str:
    """A source whose magics are calls of something that nobody has defined."""
    if not_python(source):
        return _MAGIC.sub(lambda found: f"{found[1]}_magic_({found[2]!r})", source)
    return source


def _function(plan: _Plan, scope: Scope, body: str, weight: str) -> str:
    guard, sentence = scope.use("from_cell"), _sentence(plan, scope)
    more = f", weight={weight}" if weight else ""
    lines = [f"@pytest.mark.check({quoted(plan.cell.grade_id)}{more})", f"@{guard}", f"def {plan.name}(student):"]
    return "\n".join([*lines, f'    """{sentence}"""', indented(body)])


def _sentence(plan: _Plan, scope: Scope) -> str:
    """The line that a student reads: of the cell's own docstring, else made of what is asked."""
    own = next(iter(pieces(plan.source)), None)
    said = ""
    if own is not None and isinstance(own.node, ast.Expr) and isinstance(own.node.value, ast.Constant):
        said = str(own.node.value.value).strip().split("\n")[0].strip() if isinstance(own.node.value.value, str) else ""
    names = list(dict.fromkeys(f"`{root.name}`" for root in scope.asked))[:3]
    said = said or (f"Your {', '.join(names)} {'does' if len(names) == 1 else 'do'} what is wanted." if names else "")
    said = said or f"The tests of {plan.cell.grade_id}."
    if plan.part is not None:
        said = f"{said.removesuffix('.')} (part {plan.name.rpartition('_')[2]})."
    elif plan.kind == "hidden":
        said = f"{said.removesuffix('.')}, on more than is shown."
    return "".join(each if each.isprintable() else " " for each in said).replace("\\", "/").replace('"', "'")


class _Body:
    """The body of a check while it is written."""

    def __init__(self, scope: Scope, kind: Kind) -> None:
        self._scope, self._kind = scope, kind
        self._lines: list[tuple[str, Piece | None]] = []  # what is translated, with the statement that it was
        self._handed: list[Piece] = []
        self.helpers: dict[str, str] = {}
        self.unfinished: list[Unfinished] = []

    def text(self) -> str:
        """All of it; what is unfinished ends in a verdict that nobody can mistake for a pass."""
        text = "\n".join(part.strip("\n") for part, _ in self._lines if part.strip("\n") or part == _GAP)
        if self.unfinished:
            why = textwrap.shorten(self.unfinished[0].why, _WHY, placeholder=" ...")
            text += f"\n{self._scope.use('unfinished')}({quoted(why)})"
        return re.sub(r"\n{3,}", "\n\n", text).strip("\n")

    def refuse(self, source: str, why: str) -> None:
        """Nothing of a source is translated."""
        self._by_hand(source.strip("\n"), why)

    def _by_hand(self, source: str, why: str) -> None:
        self._lines.append((self._handed_over(source, why), None))

    def _handed_over(self, source: str, why: str) -> str:
        """What stands in the draft for lines that are left to a person."""
        source = _MADE_OF_MAGIC.sub(lambda found: str(ast.literal_eval(found[1])), source)
        self.unfinished.append(Unfinished(self._kind, source, why))
        return f"# to finish by hand: {why}\n{commented(source)}"

    def copy(self, own: list[Piece]) -> None:
        """What the author's other cells give to these statements, in front of them or at the top of the grader."""
        known, scope = self._scope.known, self._scope
        reads = early([piece.node for piece in own])
        wanted = {name for name in reads if known.sort(name) == "author" and known.copied(name)}
        for name in sorted(wanted):
            try:
                known.copies(frozenset([name]))
            except Unaskable as error:
                scope.lost[name] = str(error)
        scope.copying = True
        for piece in known.copies(frozenset(wanted - scope.lost.keys())):
            self._copy(piece)
        scope.copying = False
        scope.claims = 0

    def _copy(self, piece: Piece) -> None:
        scope = self._scope
        fork = scope.fork()
        try:
            made = translated(piece, fork)
            if not piece.defines:
                _require_no_claim(piece, scope, fork)
        except Unaskable as error:
            scope.lost |= dict.fromkeys(piece.bound | piece.touched, str(error))
            return
        scope.take(fork)
        (name, *_) = [*sorted(piece.bound), ""]
        stands_alone = piece.defines and all(
            scope.known.sort(each) in ("builtin", "import") or each in self.helpers or each == name
            for each in piece.read
        )
        if stands_alone and made:
            self.helpers[name] = made
        elif made:
            self._lines.append((made, None))

    def write(self, source: str) -> None:
        """The statements of the cell, with the comments between them."""
        for before, piece, behind in _laid_out(source):
            self._lines += [(_GAP, None)] if before.startswith(_GAP) else []
            self._lines.append((before.strip("\n"), None))
            try:
                if "_magic_(" in piece.text:
                    raise Unaskable("it uses a magic of IPython")
                lost = {name: why for name, why in self._scope.lost.items() if name not in surely_bound(piece.node)}
                made = translated(piece, self._scope)
                self._scope.lost = lost | self._scope.lost
                self._lines.append((f"{made}{behind if made else ''}", piece))
            except Unaskable as error:
                self._lose(piece, error)
            except (RecursionError, MemoryError):
                self._lose(piece, Unaskable("it is nested too deeply"))
        self._give_up()

    def _give_up(self) -> None:
        """Leave to a person, too, what only such lines read: it may be an object that cannot leave the kernel."""
        for place in reversed(range(len(self._lines))):
            made, piece = self._lines[place]
            if piece is None or not isinstance(piece.node, ast.Assign) or "student" not in made:
                continue
            others = [other for _, other in self._lines if other is not None and other is not piece]
            by_hand = any(piece.bound & other.read for other in self._handed)
            if by_hand and not any(piece.bound & other.read for other in others):
                self._handed.append(piece)
                self._lines[place] = self._handed_over(piece.text, "only lines that are left to a person use it"), None

    def _lose(self, piece: Piece, error: Unaskable) -> None:
        scope = self._scope
        scope.patched = scope.patched or isinstance(error, Patches)
        for name in piece.bound:
            scope.lost[name] = f"`{name}` comes from lines that are to be finished by hand"
            scope.names.pop(name, None)
        self._handed.append(piece)
        self._by_hand(piece.text, str(error))


def _require_no_claim(piece: Piece, before: Scope, after: Scope) -> None:
    """Raise `Unaskable` for a statement of another cell that asks the student's work, or claims something.

    It would cost the points of this cell what only that one is about.
    """
    held = [after.names[name].roots for name in piece.bound | piece.touched if name in after.names]
    asks = any(held) or len(after.asked) > len(before.asked) or after.claims > before.claims
    if asks or any(isinstance(each, ast.Assert | ast.Raise) for each in ast.walk(piece.node)):
        names = ", ".join(f"`{name}`" for name in sorted(piece.bound | piece.touched))
        raise Unaskable(f"{names} comes from tests of another cell, which are not repeated here")


def _laid_out(source: str) -> Iterator[tuple[str, Piece, str]]:
    """Each statement with the comments in front of it, and what stands behind it on its last line."""
    lines, at = source.split("\n"), 0
    for piece in pieces(source):
        node = piece.node
        first = first_line(node)
        assert node.end_lineno is not None
        gap = _GAP if any(not line.strip() for line in lines[at : first - 1]) else ""
        before = gap + "\n".join(line for line in lines[at : first - 1] if line.strip().startswith("#"))
        rest = lines[node.end_lineno - 1].encode()[node.end_col_offset :].decode().strip()
        yield before, piece, f"  {rest}" if rest.startswith("#") else ""
        at = max(at, node.end_lineno)
