"""Notebooks with nbgrader's cell metadata: read safely, taken apart, and a submission put into its exercise's form.

The author's released notebook is the truth about which cells there are, what they are worth and what locked ones say.
A submission brings only the student's own cells: `restore` puts everything else back and notes what it found.
"""

from __future__ import annotations

import ast
import copy
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeAlias

import nbformat
from nbformat import NotebookNode

from referee.errors import CourseError, SubmissionError
from referee.report import CellSpec, Note

_RESERVED_TAGS = ("parameters", "injected-parameters", "skip-execution", "raises-exception")
_MAX_CELLS = 2000
Stamp: TypeAlias = tuple[int, int, int] | None


def read_submission(path: Path, max_bytes: int) -> NotebookNode:
    """A handed-in notebook, whatever its sender did to it: outputs dropped, metadata of the wrong type dropped.

    Raises
    ------
    SubmissionError : not a file, too large, empty, not JSON, not nbformat 4, not Python, or without cells.
    """
    return parse_submission(path.name, submitted_bytes(path, max_bytes), max_bytes)


def submitted_bytes(path: Path, max_bytes: int) -> bytes:
    """The content of a handed-in file. Raises `SubmissionError` for what is no file of a size that is read."""
    wanted = _wanted(path.name, max_bytes)
    if not path.is_file() or path.is_symlink():
        raise SubmissionError(wanted, "something that is not a regular file", "hand in the notebook itself")
    size = path.stat().st_size
    if size == 0:
        raise SubmissionError(wanted, "an empty file", "save the notebook and hand it in again")
    if size > max_bytes:
        raise SubmissionError(wanted, f"a file of {size:,} bytes", "clear all outputs and save it again")
    try:
        return path.read_bytes()
    except OSError as error:
        raise SubmissionError(wanted, f"a file that cannot be read ({error.strerror})", "hand it in again") from error


def parse_submission(name: str, content: bytes, max_bytes: int) -> NotebookNode:
    """The notebook that a handed-in file holds; raises as `read_submission` does."""
    wanted = _wanted(name, max_bytes)
    return _sane(_json(content, wanted), wanted)


def _wanted(name: str, max_bytes: int) -> str:
    return f"{name}: a Jupyter notebook (nbformat 4) of at most {max_bytes:,} bytes"


def _json(content: bytes, wanted: str) -> dict[str, Any]:
    try:
        raw = json.loads(content)
    except UnicodeDecodeError as error:
        raise SubmissionError(wanted, "a file that is not UTF-8 text", "save it from Jupyter again") from error
    except json.JSONDecodeError as error:
        found = f"a file that is not JSON (line {error.lineno}, column {error.colno}: {error.msg.removesuffix(' at')})"
        raise SubmissionError(wanted, found, "open it in Jupyter, save it, and hand it in again") from error
    except RecursionError as error:
        raise SubmissionError(wanted, "JSON nested without end", "save it from Jupyter again") from error
    except ValueError as error:  # Python converts no integer of more than 4300 digits
        raise SubmissionError(wanted, "JSON with a number of too many digits", "save it from Jupyter again") from error
    if not isinstance(raw, dict):
        raise SubmissionError(
            wanted, f"JSON of a {type(raw).__name__}, not of a notebook", "save it from Jupyter again"
        )
    return raw


def _sane(raw: dict[str, Any], wanted: str) -> NotebookNode:
    version = raw.get("nbformat")
    if version != 4:
        found = f"a notebook of nbformat {version!r:.40}" if isinstance(version, int) else "JSON without an nbformat"
        raise SubmissionError(wanted, found, "upgrade it: jupyter nbconvert --to notebook --nbformat 4 FILE")
    cells = raw.get("cells")
    if not isinstance(cells, list) or not cells:
        raise SubmissionError(wanted, "a notebook without cells", "hand in the notebook with your work")
    if len(cells) > _MAX_CELLS:
        raise SubmissionError(
            wanted, f"a notebook of {len(cells):,} cells (at most {_MAX_CELLS:,} are taken)", "remove cells"
        )
    language = _language(raw.get("metadata"))
    if language.lower() != "python":
        raise SubmissionError(f"{wanted} in Python", f"a notebook in {language:.40}", "choose a Python kernel and save")
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [cell for index, entry in enumerate(cells) if (cell := _cell(entry, index)) is not None]
    if not notebook.cells:
        raise SubmissionError(wanted, "a notebook without cells", "hand in the notebook with your work")
    notebook.metadata = NotebookNode(kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"})
    return notebook


def _language(metadata: Any) -> str:
    """The language that a notebook says it is in; Python where it says nothing."""
    if not isinstance(metadata, dict):
        return "python"
    for holder, key in (("kernelspec", "language"), ("language_info", "name")):
        section = metadata.get(holder)
        if isinstance(section, dict) and isinstance(section.get(key), str) and section[key]:
            return str(section[key])
    kernel = metadata.get("kernelspec")
    return "R" if isinstance(kernel, dict) and kernel.get("name") == "ir" else "python"


def _cell(entry: Any, index: int) -> NotebookNode | None:
    """One cell with what matters of it; None for what is not a cell."""
    if not isinstance(entry, dict) or entry.get("cell_type") not in ("code", "markdown", "raw"):
        return None
    source = entry.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    if not isinstance(source, str):
        return None
    source = source.encode("utf-8", "replace").decode("utf-8")
    # made by hand: nbformat would check each cell against its schema, which here cannot fail
    cell = NotebookNode(id=f"cell-{index}", cell_type=entry["cell_type"], metadata=NotebookNode(), source=source)
    if entry["cell_type"] == "code":
        cell.update(execution_count=None, outputs=[])
    metadata = entry.get("metadata")
    if isinstance(metadata, dict):
        nbgrader, tags = metadata.get("nbgrader"), metadata.get("tags")
        if isinstance(nbgrader, dict) and isinstance(nbgrader.get("grade_id"), str):
            plain = {key: value for key, value in nbgrader.items() if isinstance(value, str | int | float | None)}
            cell.metadata["nbgrader"] = NotebookNode(plain)
        if isinstance(tags, list):
            cell.metadata["tags"] = [*dict.fromkeys(tag for tag in tags if _is_tag(tag))]
    return cell


def _is_tag(tag: Any) -> bool:
    """Whether nbformat takes this as a tag, and a file can hold it (no half of a surrogate pair)."""
    return isinstance(tag, str) and tag != "" and "," not in tag and tag.isprintable()


def read_authored(path: Path) -> NotebookNode:
    """A notebook of the course's own. Raises `CourseError` when it is missing, unreadable or breaks a rule."""
    notebook = _read(path)
    for cell in notebook.cells:
        name = grade_id(cell)
        if is_check(cell) and cell.source.strip() != f'check("{name}")':
            raise CourseError(f'the check cell {name!r} of {path.name} to say check("{name}")', repr(cell.source[:80]))
    return notebook


def _read(path: Path) -> NotebookNode:
    try:
        notebook: NotebookNode = nbformat.read(path, as_version=4)
    except FileNotFoundError as error:
        raise CourseError(f"the notebook {path}", "no such file", "make it with `referee release`") from error
    except Exception as error:  # nbformat raises many kinds; each means the same to the author
        raise CourseError(f"a readable notebook at {path}", f"{type(error).__name__}: {error}") from error
    seen: set[str] = set()
    for cell in notebook.cells:
        name = grade_id(cell)
        if name and name in seen:
            raise CourseError(f"grade_ids that are used once in {path.name}", f"{name!r} twice", "rename one of them")
        seen.add(name)
    return notebook


@dataclass(frozen=True)
class Authored:
    """An author's notebook as many submissions are compared with it: not to be changed."""

    notebook: NotebookNode

    @cached_property
    def specs(self) -> tuple[CellSpec, ...]:
        return specs(self.notebook)

    @cached_property
    def parameter_names(self) -> tuple[str, ...]:
        return tuple(self.parameter_defaults)

    @cached_property
    def parameter_defaults(self) -> dict[str, Any]:
        return parameter_defaults(self.notebook)


def authored(path: Path) -> Authored:
    """A notebook of the course's own, read once for as long as its file stays the same. Raises `CourseError`.

    Its test cells may be nbgrader's own, which hold their tests.
    """
    return _authored(path, stamp(path))


@lru_cache(maxsize=64)
def _authored(path: Path, _version: Stamp) -> Authored:
    return Authored(_read(path))


def stamp(path: Path) -> Stamp:
    """What changes when a file is written again, or another takes its place; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def no_python(source: str) -> str:
    """What keeps a code cell from being Python, magics aside; empty where nothing does."""
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: PLC0415 - slow to import

    try:
        ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # a NUL byte; nested too deeply
        return getattr(error, "msg", "") or str(error) or type(error).__name__
    return ""


def grade_id(cell: NotebookNode) -> str:
    """nbgrader's name of a cell; empty where it has none."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def is_check(cell: NotebookNode) -> bool:
    """Whether a cell carries points that checks decide."""
    metadata = cell.metadata.get("nbgrader", {})
    return bool(cell.cell_type == "code" and metadata.get("grade") and not metadata.get("solution"))


def is_injected(cell: NotebookNode) -> bool:
    """Whether a cell holds the injected parameters: it is none of the notebook as it was handed in."""
    return "injected-parameters" in cell.metadata.get("tags", [])


def is_locked(cell: NotebookNode) -> bool:
    """Whether a cell is the author's: a check cell or a read-only one."""
    metadata = cell.metadata.get("nbgrader", {})
    return is_check(cell) or bool(metadata.get("locked") and not metadata.get("solution"))


def specs(notebook: NotebookNode) -> tuple[CellSpec, ...]:
    """The cells with nbgrader metadata, in order, as records."""
    return tuple(_spec(cell) for cell in notebook.cells if grade_id(cell))


def _spec(cell: NotebookNode) -> CellSpec:
    metadata = cell.metadata["nbgrader"]
    return CellSpec(
        grade_id=metadata["grade_id"],
        cell_type=cell.cell_type,
        source=cell.source,
        checksum=str(metadata.get("checksum", "")),
        grade=bool(metadata.get("grade")),
        solution=bool(metadata.get("solution")),
        locked=bool(metadata.get("locked")),
        task=bool(metadata.get("task")),
        points=float(metadata.get("points", 0) or 0),
    )


def parameter_defaults(notebook: NotebookNode) -> dict[str, Any]:
    """What the cell tagged `parameters` assigns: names that may be injected, with their literal values."""
    cell = next((cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])), None)
    if cell is None:
        return {}
    try:
        body = ast.parse(cell.source).body
    except SyntaxError as error:
        found = f"line {error.lineno}: {error.msg}"
        raise CourseError("a cell tagged `parameters` in Python", found, "mend that cell") from error
    pairs = [(target, node.value) for node in body if isinstance(node, ast.Assign) for target in node.targets]
    pairs += [(node.target, node.value) for node in body if isinstance(node, ast.AnnAssign) and node.value is not None]
    return {target.id: _literal(value) for target, value in pairs if isinstance(target, ast.Name)}


def _literal(node: ast.expr) -> Any:
    """The value of an expression that is a literal; None of another one."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return None


def recognise(notebook: NotebookNode, exercises: Sequence[tuple[str, NotebookNode]]) -> str | None:
    """Which exercise a notebook of an unknown name is, by the grade_ids it holds; None when that is not clear."""
    have = {grade_id(cell) for cell in notebook.cells} - {""}
    shares = [(len(have & _graded(authored)), name) for name, authored in exercises]
    best = max(shares, default=(0, ""))
    return best[1] if best[0] > 0 and [share for share, _ in shares].count(best[0]) == 1 else None


def _graded(notebook: NotebookNode) -> set[str]:
    return {grade_id(cell) for cell in notebook.cells} - {"", "setup", "parameters"}


def restore(authored: NotebookNode, submitted: NotebookNode) -> tuple[NotebookNode, tuple[Note, ...]]:
    """The submission in the form of its exercise: locked cells as the author wrote them, each where it belongs.

    A check cell or read-only cell that was deleted comes back after the cell that precedes it in the exercise; one that
    was edited is set right; of duplicates the last counts; points are the author's, whatever the metadata says.
    """
    truth = {grade_id(cell): cell for cell in authored.cells if grade_id(cell)}
    restored, notes = copy.deepcopy(submitted), list[Note]()
    restored.cells = [_own(cell, truth, notes) for cell in _unique(restored.cells, truth, notes)]
    before: str = ""
    for name, cell in truth.items():
        places = {grade_id(other): place for place, other in enumerate(restored.cells) if grade_id(other)}
        after = places.get(before, -1)
        if name not in places:
            restored.cells.insert(after + 1, copy.deepcopy(cell))
            notes.append(Note(code="missing", words=_missing(name, cell)))
        elif is_locked(cell) and places[name] < after:
            moved = restored.cells.pop(places[name])
            restored.cells.insert(after, moved)
            notes.append(Note(code="moved", words=f"the cell {name!r} stood too early; it ran where it belongs"))
        before = name
    for place, cell in enumerate(restored.cells):
        cell["id"] = _cell_id(grade_id(cell), place)
    return restored, tuple(notes)


def _cell_id(name: str, place: int) -> str:
    """A cell id that is the same for the same submission: nbformat would draw a random one."""
    valid = re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    return name if valid else f"cell-{place}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _missing(name: str, cell: NotebookNode) -> str:
    if is_check(cell):
        return f"the check cell {name!r} was deleted; its checks ran where it belongs"
    if is_locked(cell):
        return f"the given cell {name!r} was deleted; it was put back"
    return f"the answer cell {name!r} was deleted; it counts as not answered"


def _unique(cells: list[NotebookNode], truth: dict[str, NotebookNode], notes: list[Note]) -> list[NotebookNode]:
    """The cells, where only the last of several with the same grade_id keeps its name."""
    last = {grade_id(cell): place for place, cell in enumerate(cells)}
    kept: list[NotebookNode] = []
    for place, cell in enumerate(cells):
        name = grade_id(cell)
        if name and (name not in truth or last[name] != place):
            del cell.metadata["nbgrader"]
            if name in truth:
                notes.append(
                    Note(code="duplicate", words=f"the cell {name!r} is there more than once; the last counts")
                )
            if name in truth and is_locked(truth[name]):
                continue
        kept.append(cell)
    return kept


def _own(cell: NotebookNode, truth: dict[str, NotebookNode], notes: list[Note]) -> NotebookNode:
    """One cell with the author's metadata, and the author's source where it is locked."""
    name = grade_id(cell)
    if not name:
        cell.metadata.pop("nbgrader", None)
        cell.metadata["tags"] = [tag for tag in cell.metadata.get("tags", []) if tag not in _RESERVED_TAGS]
        return cell
    author = truth[name]
    theirs, ours = cell.metadata["nbgrader"].get("points"), author.metadata["nbgrader"].get("points")
    if theirs != ours:
        words = f"the file says that {name!r} is worth {theirs!r:.20}; the course's {ours!r} points count"
        notes.append(Note(code="points", words=words))
    if is_locked(author):
        if cell.source.strip() != author.source.strip() or cell.cell_type != author.cell_type:
            notes.append(Note(code="edited", words=f"the locked cell {name!r} was edited; the author's version ran"))
        return copy.deepcopy(author)
    if cell.cell_type != author.cell_type:
        words = f"the cell {name!r} is a {cell.cell_type} cell; it was made a {author.cell_type} cell again"
        notes.append(Note(code="type", words=words))
    fresh = copy.deepcopy(author)
    fresh.source = cell.source
    return fresh
