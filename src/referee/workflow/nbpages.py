"""nbgrader's feedback for a class, many students at a time: when a class was graded, and again when persons have."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from pathlib import Path

from referee.batch.crew import Local
from referee.batch.running import Flow
from referee.batch.slots import prepare
from referee.errors import CourseError, UsageError
from referee.feedback.text import counted
from referee.lock import locked
from referee.nbcourse.converter import Halves
from referee.nbcourse.course import NbCourse
from referee.nbcourse.pages import Wanted, write_feedback
from referee.workflow.ready import Progress
from referee.workflow.remake import PageWishes


def write_pages(
    course: NbCourse, assignment: str, students: Sequence[str], workers: tuple[Executor, int], say: Progress
) -> list[Path]:
    """Let nbgrader make these students' feedback; the folders of those who have one now.

    workers : who makes it, and how many at a time.
    """
    executor, width = workers
    wanted = [Wanted(course.root, course.database, assignment, student) for student in students]
    made = []
    if wanted:
        say(f"feedback: {counted(len(wanted), 'submission')}")
    for each, result in Flow(executor, write_feedback, width).over(wanted):
        if why := str(result):
            say(f"feedback: {each.student} has none: {why}")
        else:
            made.append(course.feedback(each.student, assignment))
    return sorted(made)


def lacking(course: NbCourse, assignment: str, students: Sequence[str]) -> list[str]:
    """Those of these students who have no feedback on what was autograded last: a run may have ended before it."""
    return [student for student in students if _lacks(course, assignment, student)]


def _lacks(course: NbCourse, assignment: str, student: str) -> bool:
    pages = course.feedback(student, assignment)
    for notebook in course.autograded(student, assignment).glob("*.ipynb"):
        page = pages / f"{notebook.stem}.html"
        if not page.is_file() or page.stat().st_mtime < notebook.stat().st_mtime:
            return True
    return False


def remake_pages(course: NbCourse, assignment: str, wishes: PageWishes, say: Progress) -> list[Path]:
    """Make the feedback of an assignment again, as `nbgrader generate_feedback --force` does; the students' folders.

    Raises
    ------
    UsageError : no such assignment or student, nobody was graded, or something is wished that only pages of ours have.
    CourseError : some could not be made; the others are there.
    """
    if wishes.reader != "student" or wishes.moment is not None or wishes.out is not None:
        wanted = "nbgrader's own feedback, for an nbgrader course"
        raise UsageError(wanted, "--as, --at or --out", "leave them out: its pages show what nbgrader shows")
    course.exercises(assignment)
    found = Halves(course, assignment).submissions()
    graded = [student for student in found if course.autograded(student, assignment).is_dir()]
    unknown = sorted(set(wishes.students) - set(graded))
    if unknown or not graded:
        wanted = f"students whose {assignment} was autograded ({len(graded)} are)"
        raise UsageError(wanted, ", ".join(unknown) or "none", f"run `referee grade {assignment}` first")
    chosen = [student for student in graded if not wishes.students or student in wishes.students]
    with locked(course, f"referee pages {assignment}"):
        made = write_all(course, assignment, chosen, say)
    if missing := len(chosen) - len(made):
        wanted, failed = f"feedback for {counted(len(chosen), 'submission')}", f"{missing} could not be made"
        raise CourseError(wanted, failed, "see the lines above: each says why; then run this again")
    return made


def write_all(course: NbCourse, assignment: str, students: Sequence[str], say: Progress) -> list[Path]:
    """As `write_pages`, by workers that are there for nothing else."""
    if not students:
        return []
    prepare(("referee.nbcourse.pages",))
    with ExitStack() as stack:
        crew = Local((), None, gpu=False, say=lambda _words: None, stack=stack)
        return write_pages(course, assignment, students, crew.start(len(students), 0), say)
