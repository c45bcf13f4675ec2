"""What a conversion did, in words for its author."""

from __future__ import annotations

from collections.abc import Iterator

from referee.convert.records import Converted, Result, Tried
from referee.feedback.text import counted

_SHORT = 60


def lines(result: Result) -> Iterator[str]:
    """The result, line by line."""
    done = [cell for cell in result.cells if not cell.left]
    if not result.cells:
        yield f"{result.exercise}: there is no autograded test cell to convert"
        return
    if result.dry:
        for kind, text in result.drafts.items():
            yield f"--- would go to the {kind} grader\n\n{text}\n"
    would = "would be" if result.dry else "are"
    yield f"{result.exercise}: {len(done)} of {result.tests} test cells {would} checks outside the kernel"
    if result.trouble:
        yield f"nothing is written, for no notebook could be graded by these graders: {result.trouble}"
    width = max(len(cell.cell) for cell in result.cells)
    for cell in result.cells:
        yield f"  {cell.cell:<{width}}  {_row(cell)}"
    yield from _by_hand(result)
    yield from _afterwards(result)


def _row(cell: Converted) -> str:
    if cell.left:
        return f"stays in the notebook: {cell.left}"
    if cell.solution is None or cell.blank is None:
        return "not tried"
    found = f"solution {_earned(cell.solution)} of {cell.points:g}, blank {_earned(cell.blank)}"
    if cell.right:
        return f"{found}: right"
    if cell.unfinished:
        fails = f"; UNTIL THEN the solution fails: {cell.solution.words[:300]}" if cell.solution.decided else ""
        return f"{found}: to finish by hand{fails}"
    if cell.blank.earned:
        return f"{found}: LOOK AT IT: the blank earns points, as it may have done in the cell"
    return f"{found}: LOOK AT IT: {cell.solution.words[:300]}"


def _earned(tried: Tried) -> str:
    return f"{tried.earned:g}" if tried.decided else "waits for a person"


def _by_hand(result: Result) -> Iterator[str]:
    """The lines that a person has to say anew."""
    unfinished = [(cell.cell, each) for cell in result.cells for each in cell.unfinished]
    if not unfinished:
        return
    yield "\nto finish by hand (the lines stand in the drafts as comments; until then such a check never passes):"
    for cell, each in unfinished:
        first, *more = each.lines.strip().split("\n")
        shown = first if len(first) <= _SHORT else f"{first[:_SHORT]}..."
        yield f"  {cell}, {each.kind} grader: {shown}{f' (and {len(more)} more lines)' if more else ''}"
        yield f"      {each.why}"


def _afterwards(result: Result) -> Iterator[str]:
    assignment, _, notebook = result.exercise.partition("/")
    if result.dry:
        yield "\nnothing was written; without --dry-run this would be: " + (", ".join(result.written) or "nothing")
        return
    if not result.written:
        yield "\nnothing had to be written"
    else:
        yield "\nwritten: " + ", ".join(result.written)
    if result.before:
        source = next(path for path in result.written if path.endswith(f"{notebook}.ipynb") and path != result.before)
        made = [path for path in result.fresh if path != result.before and not path.endswith(".ipynb")]
        yield f"to take it back: cp {result.before} {source}" + (f" && rm {' '.join(made)}" if made else "")
        others = [path for path in result.written if path.endswith(".py") and path not in result.fresh]
        if others:
            yield f"    and take the new checks out of {', '.join(others)}"
        manifests = [path for path in result.written if path.endswith("/manifest.json") and path not in result.fresh]
        if manifests:
            cells = ", ".join(cell.cell for cell in result.cells if cell.cell in result.taken)
            yield f"    and {cells} (under {notebook!r}) out of {', '.join(manifests)}"
    yield "\nnext:"
    if any(cell.unfinished for cell in result.cells):
        yield f"  finish the drafts by hand; `referee convert {result.exercise}` then tries them again"
    elif not all(cell.right or cell.left for cell in result.cells):
        yield f"  look at the drafts; `referee convert {result.exercise}` then tries them again"
    if result.in_book:
        number = counted(result.in_book, "submission")
        yield f"  {number} of {result.exercise} in nbgrader's gradebook: `generate_assignment` would fail, and --force"
        yield f"    then removes the release of {assignment}: first take a new database, for the next class"
        yield "    (c.CourseDirectory.db_url in nbgrader_config.py); only then:"
    yield f"  nbgrader generate_assignment {assignment} --force    # the release, with source/{assignment}/checks"
    yield f"  referee grade {assignment}    # nbgrader autograde gives check cells nothing"
    yield "  students need the package for the first cell (its core; no framework, no nbgrader)"
    if result.handed_in and result.before and not result.in_book:
        yield (
            f"  {counted(result.handed_in, 'student')} handed in {assignment}: if they are in the gradebook, nbgrader "
            "refuses to add cells there, such as the first one here; convert for the next class, or a new database"
        )
