'''The course's own trials of its graders: submissions with a stated end, and variants that are explained.

    trials/<assignment>/<stem>/<name>.py           one submission: what it replaces, and what to expect of it
    trials/<assignment>/<stem>/equivalent.toml     variants that nobody can tell from the solution, with reasons

The stem is a notebook's name, or that without its framework for what fits both. A trial looks like this:

    """Windows instead of loops."""
    # expect: full marks
    # %% conv2d_solution
    def conv2d(image, kernel, padding="valid"):
        ...

`# %%` and the grade_id begin the new source of a solution cell; cells that are not named keep the solution.
'''

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import nbformat

from referee import authoring
from referee.course import Exercise, grader_stems
from referee.errors import CourseError
from referee.report import Record

FOLDER = "trials"
FULL, LOSES, MISCONCEPTION = "full marks", "loses points", "misconception "
_CELL = re.compile(r"^# %% (\S+)[ \t]*\n", re.MULTILINE)
_EXPECT = re.compile(r"^# expect: *(.+?) *$", re.MULTILINE)
_LIKE_CELL, _LIKE_EXPECT = re.compile(r"^#[ \t]*%%", re.MULTILINE), re.compile(r"(?im)^#[ \t]*expect\b")
_LARGEST = 1_000_000  # bytes
_FORM = f"`# expect: {FULL}`, `# expect: {LOSES}` or `# expect: {MISCONCEPTION}NAME` below a docstring"


@dataclass(frozen=True)
class Trial:
    """One submission of the course's own.

    sentence : what it is, in its own words.   expects : what must come of it.   cells : new sources by grade_id.
    """

    path: Path
    sentence: str
    expects: tuple[str, ...]
    cells: dict[str, str]

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def misconceptions(self) -> tuple[str, ...]:
        """The names that feedback must say."""
        return tuple(each.removeprefix(MISCONCEPTION) for each in self.expects if each.startswith(MISCONCEPTION))

    @property
    def kind(self) -> str:
        """What it proves, in one word."""
        if self.expects == (FULL,):
            return "alternative"
        return "misconception" if self.misconceptions else "wrong"


class Equivalent(Record, frozen=True):
    """A variant that nobody can tell from the solution: the changed line of a cell, before and after, and why."""

    cell: str
    before: str
    after: str
    reason: str


class _Equivalents(msgspec.Struct, forbid_unknown_fields=True):
    equivalent: tuple[Equivalent, ...] = ()


def folders(exercise: Exercise) -> Iterator[Path]:
    """Where trials of an exercise lie: its own, then those of both frameworks."""
    for stem in grader_stems(exercise.notebook):
        yield exercise.root / FOLDER / exercise.assignment / stem


def of_exercise(exercise: Exercise) -> list[Trial]:
    """The trials of an exercise. Raises `CourseError` for one that breaks a rule."""
    paths = [path for folder in folders(exercise) for path in sorted(folder.glob("*.py"))]
    known = _solution_cells(exercise)
    return [_read(path, known) for path in paths]


def _read(path: Path, known: frozenset[str]) -> Trial:
    text = _text(path)
    head, *parts = _CELL.split(text)
    cells = dict(zip(parts[::2], parts[1::2], strict=True))
    expects = tuple(_EXPECT.findall(head))
    _require_form(path, text, head, parts[::2])
    try:
        sentence = (ast.get_docstring(ast.parse(head)) or "").strip()
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        found = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) and error.lineno else str(error)
        wanted = f"a docstring and comments at the top of {path}"
        raise CourseError(wanted, found or type(error).__name__, "mend its head") from error
    odd = [each for each in expects if each not in (FULL, LOSES) and not each.startswith(MISCONCEPTION)]
    if not sentence or not expects or odd or (FULL in expects and len(expects) > 1):
        raise CourseError(
            f"{path} to say {_FORM}", ", ".join(odd or expects) or "nothing of that kind", "mend its head"
        )
    if not cells or not known >= cells.keys():
        wanted = f"solution cells out of {', '.join(sorted(known))} in {path}"
        raise CourseError(wanted, ", ".join(sorted(cells.keys() - known)) or "none", "mend its `# %%` lines")
    for name, source in cells.items():
        if why := authoring.no_python(source):  # it would lose points for that alone, and prove nothing
            raise CourseError(f"Python below `# %% {name}` in {path}", why, "mend it")
    return Trial(path, sentence, expects, {name: source.strip("\n") for name, source in cells.items()})


def _require_form(path: Path, text: str, head: str, names: Sequence[str]) -> None:
    """Raise `CourseError` for a line that is meant to begin a cell or to say what to expect, and does not."""
    if len(names) != len(_LIKE_CELL.findall(text)):
        odd = [line for line in text.split("\n") if _LIKE_CELL.match(line) and not _CELL.match(f"{line}\n")]
        raise CourseError(
            f"`# %% grade_id` where a cell begins in {path}", repr(odd[0] if odd else text[-80:]), "mend it"
        )
    if twice := {name for name in names if names.count(name) > 1}:
        raise CourseError(f"each cell once in {path}", f"{', '.join(sorted(twice))} more than once", "keep one of them")
    if len(_EXPECT.findall(head)) != len(_LIKE_EXPECT.findall(head)):
        raise CourseError(f"{path} to say {_FORM}", "a line that nearly does", "mend its head")


def _text(path: Path) -> str:
    if not path.is_file() or path.stat().st_size > _LARGEST:
        found = "no file" if not path.is_file() else f"{path.stat().st_size:,} bytes"
        raise CourseError(f"a trial of at most {_LARGEST:,} bytes at {path}", found, "mend or remove it")
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CourseError(f"a readable trial at {path}", str(error), "mend or remove it") from error


def _solution_cells(exercise: Exercise) -> frozenset[str]:
    """The cells that a student writes, by their grade_ids."""
    specs = authoring.specs(authoring.read_authored(exercise.solution))
    return frozenset(spec.grade_id for spec in specs if spec.solution)


def written(exercise: Exercise, cells: dict[str, str], target: Path) -> Path:
    """The solution with other sources of some cells, as a notebook file."""
    notebook = authoring.read_authored(exercise.solution)
    for cell in notebook.cells:
        if (name := authoring.grade_id(cell)) in cells:
            cell.source = cells[name]
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(nbformat.writes(notebook), encoding="utf-8")
    return target


def equivalents(exercise: Exercise) -> tuple[Equivalent, ...]:
    """The variants of an exercise that are explained. Raises `CourseError` for a file that breaks the form."""
    found: list[Equivalent] = []
    for folder in folders(exercise):
        path = folder / "equivalent.toml"
        if not path.exists():
            continue
        try:
            read = msgspec.toml.decode(path.read_bytes(), type=_Equivalents)
        except (OSError, UnicodeDecodeError, msgspec.MsgspecError) as error:
            wanted = f"[[equivalent]] tables with cell, before, after and reason in {path}"
            raise CourseError(wanted, str(error), "mend it") from error
        if any(not each.reason.strip() for each in read.equivalent):
            raise CourseError(f"a reason for every [[equivalent]] in {path}", "an empty one", "say why")
        found += read.equivalent
    return tuple(found)


def misconceptions_of(graders: Sequence[Path]) -> frozenset[str]:
    """The names of all misconceptions that graders can recognise, read from their texts."""
    names: set[str] = set()
    for grader in graders:
        for node in ast.walk(ast.parse(grader.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Misconception"):
                first = next(iter(node.args), None) or next((k.value for k in node.keywords if k.arg == "name"), None)
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    names.add(first.value)
    return frozenset(names)
