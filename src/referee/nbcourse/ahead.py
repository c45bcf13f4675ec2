"""What a framework imports only when it is used, learnt from the author's own notebook: kernels have it from birth.

Only for notebooks that import a framework which does so, and once: the record lies in `.referee/usage`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from referee import authoring, imports
from referee.course import Exercise
from referee.errors import CourseError, HarnessError
from referee.execution import Job, execute
from referee.nbcourse.course import NbCourse
from referee.nbcourse.running import VARIABLES

_FRAMEWORKS = frozenset({"jax", "keras", "tensorflow", "torch"})


def learn(course: NbCourse, assignment: str, say: Callable[[str], None]) -> None:
    """Run each notebook of an assignment once that imports a framework, and remember what it imported while it ran."""
    for exercise in course.exercises(assignment):
        if course.usage_of(exercise) is None and _imports_framework(exercise):
            say(f"{exercise.notebook}: its author's notebook runs once, so that kernels know what it imports")
            with contextlib.suppress(HarnessError, OSError):  # then kernels import it by themselves
                _run(course, exercise)


def _imports_framework(exercise: Exercise) -> bool:
    try:
        return bool(imports.packages(authoring.authored(exercise.solution).notebook) & _FRAMEWORKS)
    except CourseError:
        return False


def _run(course: NbCourse, exercise: Exercise) -> None:
    notebook = authoring.authored(exercise.solution).notebook
    needs = imports.needs(notebook, notebook)
    job = Job(
        limits=course.limits_of(exercise),
        preload=needs.preload,
        variables=tuple(sorted({*needs.variables, *VARIABLES})),
        files=exercise.support,
        want_modules=True,
    )
    execute(notebook, job, {})
    course.remember(exercise, job.usage, job.modules)
