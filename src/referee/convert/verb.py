"""Test cells to checks: drafted, tried with the solution and the blank, and written, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from referee import authoring, release
from referee.convert import configured, notebook, trying, writing
from referee.convert.draft import Draft, draft
from referee.convert.grader import taken as taken_names
from referee.convert.grader import text_of
from referee.convert.known import Known
from referee.convert.records import Converted, Kind, Result
from referee.course import Course
from referee.errors import CourseError, UsageError
from referee.feedback.text import counted
from referee.lock import locked
from referee.nbcourse.book import Book
from referee.nbcourse.course import NbCourse, NbExercise

_KINDS: tuple[Kind, Kind] = ("public", "hidden")


def convert(
    course: Course,
    name: str,
    cells: Sequence[str] = (),
    *,
    dry: bool = False,
    anyway: bool = False,
    progress: Callable[[str], None] = lambda _words: None,
) -> Result:
    """Write the first draft of checks for test cells of a notebook, and let the notebook ask for them.

    Parameters
    ----------
    name : "<assignment>/<notebook>".   cells : grade_ids; all test cells where none is named.
    dry : say what would be written, and write nothing.   progress : told what is being done.
    anyway : convert even where nbgrader's gradebook holds submissions and the notebook gets a cell more.

    Raises
    ------
    UsageError : there is no such notebook or cell, the course is none of nbgrader's, or its class has handed in.
    GraderError : a grader holds such a check already.   CourseError : the notebook breaks a rule of nbgrader's.
    """
    if not isinstance(course, NbCourse):
        wanted = "an nbgrader course: a folder with nbgrader_config.py, whose course.toml has a section [nbgrader]"
        raise UsageError(
            wanted, f"a course of Referee's own in {course.root}", "its tests are outside the kernel already"
        )
    exercise = _exercise(course, name)
    own = _read(exercise.solution)
    marks = configured.marks(course.app)
    chosen = _chosen(own, exercise, cells)
    left = _left(own, chosen, marks)
    taken = [cell for cell in chosen if authoring.grade_id(cell) not in left]
    drafts = _drafts(own, taken, marks, course, exercise)
    graders, new = _graders(course, exercise, drafts)
    made = notebook.converted(own, {authoring.grade_id(cell) for cell in taken}, exercise.name)
    number = len(notebook.tests(made)) + sum(map(notebook.is_ours, made.cells))
    if not graders:
        told = _told(made, chosen, left, drafts, trying.NOTHING)
        return Result(exercise=exercise.name, cells=told, tests=number, dry=dry)
    grows = len(made.cells) > len(own.cells)
    in_book = _in_book(course, exercise, allowed=dry or anyway) if grows else 0
    progress(f"trying the checks of {exercise.name} with the solution and the blank")
    trial = trying.tried(course, exercise, made, graders, course.app)
    before = writing.before_path(course, exercise) if taken else None
    files = _files(course, exercise, made, graders)
    if before is not None:
        files = {before: exercise.solution.read_bytes(), **files, exercise.solution: writing.as_file(made)}
    changed = {path: content for path, content in files.items() if not _same(path, content)}
    fresh = tuple(_relative(course, path) for path in changed if not path.exists())
    if trial.trouble:  # a grader that cannot be loaded would keep all others from being graded
        changed = {}
    if not dry and changed:
        with locked(course, f"referee convert {name}"):
            writing.write(changed)
    return Result(
        exercise=exercise.name,
        cells=_told(made, chosen, left, drafts, trial),
        taken=tuple(map(authoring.grade_id, taken)),
        drafts=new,
        written=tuple(_relative(course, path) for path in changed),
        before=_relative(course, before) if before is not None and changed else "",
        fresh=fresh,
        trouble=trial.trouble,
        handed_in=len(course.submitted(exercise.assignment)) if grows else 0,
        in_book=in_book,
        tests=number,
        dry=dry,
    )


def _in_book(course: NbCourse, exercise: NbExercise, *, allowed: bool) -> int:
    """How many submissions of the notebook nbgrader's gradebook holds. Raises `UsageError` where none are allowed."""
    try:
        book = Book(course.database, kept=False)
    except UsageError:  # there is none yet
        return 0
    try:
        number = book.submissions(exercise.assignment, exercise.notebook)
    finally:
        book.close()
    if number and not allowed:
        found = f"{counted(number, 'submission')} of {exercise.name} in nbgrader's gradebook, which then adds no cell"
        remedy = "convert for the next class, with a new database, or say --anyway; --dry-run shows the drafts"
        raise UsageError(f"a class that has not handed in {exercise.name} yet", found, remedy)
    return number


def _exercise(course: NbCourse, name: str) -> NbExercise:
    if not name.partition("/")[2]:
        known = ", ".join(exercise.name for exercise in course.exercises(name or None))
        raise UsageError("a notebook: ASSIGNMENT/NOTEBOOK", repr(name), f"name one of {known}")
    (exercise,) = course.chosen(name)
    assert isinstance(exercise, NbExercise)
    return exercise


def _read(path: Path) -> NotebookNode:
    try:
        found: NotebookNode = nbformat.read(path, as_version=4)
    except Exception as error:  # nbformat raises many kinds; each means the same to the author
        raise CourseError(f"a readable notebook at {path}", f"{type(error).__name__}: {error}") from error
    language = found.metadata.get("kernelspec", {}).get("language", "python")
    if str(language).lower() != "python":
        raise UsageError("a notebook in Python", f"one in {language}: {path.name}", "leave its tests as they are")
    return found


def _chosen(own: NotebookNode, exercise: NbExercise, cells: Sequence[str]) -> list[NotebookNode]:
    """The test cells to convert. Raises `UsageError` for a name that is none of them."""
    known = notebook.tests(own)
    names = {authoring.grade_id(cell): cell for cell in known}
    if len(names) < len(known):
        raise CourseError(f"grade_ids that are used once in {exercise.name}", "one twice", "rename one of them")
    ours = {authoring.grade_id(cell) for cell in own.cells if notebook.is_ours(cell)}
    for name in cells:
        if name not in names:
            found = f"{name!r}, which is a check cell already" if name in ours else repr(name)
            raise UsageError(
                f"test cells of {exercise.name} out of {notebook.known_names(known)}", found, "name others"
            )
    return [cell for name, cell in names.items() if not cells or name in cells]


def _left(own: NotebookNode, chosen: Sequence[NotebookNode], marks: configured.Marks) -> dict[str, str]:
    """The cells that have to stay, because others lean on them; and why."""
    left: dict[str, str] = {}
    while True:
        names = {authoring.grade_id(cell) for cell in chosen} - left.keys()
        more = {
            authoring.grade_id(cell): why
            for cell in chosen
            if authoring.grade_id(cell) in names and (why := notebook.leaned_on(cell, own, names, marks))
        }
        if not more:
            return left
        left |= more


def _drafts(
    own: NotebookNode, taken: Sequence[NotebookNode], marks: configured.Marks, course: NbCourse, exercise: NbExercise
) -> Draft:
    folder = exercise.solution.parent
    sources = {kind: notebook.sources(own, marks, hidden=kind == "hidden") for kind in _KINDS}
    places = {source.grade_id: source.place for source in sources["hidden"] if source.grade_id}
    made = Draft()
    for kind in _KINDS:
        made.taken |= taken_names(writing.grader_path(course, exercise, kind))
    for cell in taken:
        place = places[authoring.grade_id(cell)]
        draft(notebook.cell_of(cell, marks), {kind: Known(sources[kind], place, folder) for kind in _KINDS}, made)
    return made


def _graders(course: Course, exercise: NbExercise, drafts: Draft) -> tuple[dict[Kind, str], dict[Kind, str]]:
    """The whole texts of both graders, and what of them is new; by kind, as far as there are any."""
    whole: dict[Kind, str] = {}
    new: dict[Kind, str] = {}
    for kind in _KINDS:
        path = writing.grader_path(course, exercise, kind)
        if path.is_file():
            whole[kind] = path.read_text(encoding="utf-8")
            if kind == "public":
                release.require_shippable(path)
        text, added = text_of(drafts, kind, exercise.name, path)
        if text:
            whole[kind], new[kind] = text, added
    return whole, new


def _files(course: NbCourse, exercise: NbExercise, made: NotebookNode, graders: dict[Kind, str]) -> dict[Path, bytes]:
    """Every file but the notebook itself, as it should be."""
    paths = {kind: writing.grader_path(course, exercise, kind) for kind in _KINDS}
    return {
        **writing.policy(course),
        **{paths[kind]: text.encode() for kind, text in graders.items()},
        **writing.travelling(exercise, made, graders, paths["public"]),
    }


def _told(
    made: NotebookNode, chosen: Sequence[NotebookNode], left: dict[str, str], drafts: Draft, trial: trying.Trial
) -> tuple[Converted, ...]:
    """What became of each cell: of those that were chosen, and of those that are checks since earlier."""
    names = [authoring.grade_id(cell) for cell in chosen]
    specs = [cell for cell in made.cells if authoring.grade_id(cell) in names or notebook.is_ours(cell)]
    return tuple(
        Converted(
            cell=(name := authoring.grade_id(cell)),
            points=float(cell.metadata["nbgrader"].get("points", 0) or 0),
            left=left.get(name, ""),
            unfinished=tuple(each for check in drafts.checks if check.cell == name for each in check.unfinished),
            solution=trial.solution.get(name),
            blank=trial.blank.get(name),
        )
        for cell in specs
    )


def _same(path: Path, content: bytes) -> bool:
    return path.is_file() and path.read_bytes() == content


def _relative(course: Course, path: Path) -> str:
    resolved = path.resolve()
    return str(resolved.relative_to(course.root)) if resolved.is_relative_to(course.root) else str(path)
