"""The commands that know two kinds of courses: ours and nbgrader's."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

from referee.batch.slots import prepare
from referee.course import Course, usable
from referee.events import Listener
from referee.nbcourse.course import NbCourse
from referee.workflow.grade import GradedClass, Wishes, anybody_new, grade_assignment
from referee.workflow.ready import NB_WORKERS, Progress
from referee.workflow.remake import PageWishes, make_pages


def grade_any(
    course: Course,
    assignment: str,
    *,
    progress: Progress,
    hear: Listener = lambda _event: None,
    **wishes: Unpack[Wishes],
) -> GradedClass:
    """Grade an assignment of a course of either kind; raises as `grade_assignment` and `grade_nbgrader` do."""
    if isinstance(course, NbCourse):
        students = wishes.get("students") or course.submitted(assignment)
        if anybody_new(course, assignment, list(filter(usable, students))):
            prepare(NB_WORKERS)  # which takes as long as importing nbgrader does, here
        from referee.workflow.nbgrade import grade_nbgrader  # noqa: PLC0415 - nbgrader is slow to import

        return grade_nbgrader(course, assignment, progress=progress, hear=hear, **wishes)
    return grade_assignment(course, assignment, progress=progress, hear=hear, **wishes)


def make_any_pages(course: Course, assignment: str, wishes: PageWishes, say: Progress) -> list[Path]:
    """Make the pages of a course of either kind again; raises as `make_pages` and `remake_pages` do."""
    if isinstance(course, NbCourse):
        from referee.workflow.nbpages import remake_pages  # noqa: PLC0415 - nbgrader is slow to import

        return remake_pages(course, assignment, wishes, say)
    return list(make_pages(course, assignment, wishes, say))
