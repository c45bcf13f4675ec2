"""The demo: a course of its own, in which a sample class hands in and is graded."""

from __future__ import annotations

import shutil
from pathlib import Path

from referee import course as courses
from referee import samples
from referee.course import Course
from referee.errors import UsageError
from referee.events import Listener
from referee.workflow.grade import GradedClass, grade_assignment
from referee.workflow.ready import Progress

STORIES = Path("tests") / "scenarios"
_PARTS = ("course.toml", "nbgrader_config.py", "solutions", "reference", "graders", "datasets", "calibrations")
_USAGE = ".referee/usage"
_MARK = ".referee-demo"


def demo(
    course: Course, target: Path, *, progress: Progress, hear: Listener = lambda _event: None
) -> tuple[Course, list[GradedClass]]:
    """Make a course of its own in `target`, hand in the sample class, and grade it.

    Raises
    ------
    UsageError : `target` holds something that is not a demo, or the course has no sample stories.
    """
    stories = {name: story for name, story in samples.stories(course.root / STORIES).items() if story.demo}
    if not stories:
        raise UsageError(f"sample stories in {course.root / STORIES}", "none", "run this in a checkout of Referee")
    _copy_course(course, target)
    samples.trim(target, stories.values())
    fresh = courses.load(target)
    from referee.release import release  # noqa: PLC0415 - nbgrader is an extra

    progress(f"released {len(release(fresh, None))} files into {fresh.root / 'exercises'}")
    for story in stories.values():
        samples.hand_in(fresh, story)
    assignments = sorted({name for story in stories.values() for name in story.assignments})
    return fresh, [grade_assignment(fresh, name, progress=progress, hear=hear, trust=True) for name in assignments]


def _copy_course(course: Course, target: Path) -> None:
    if target.exists() and any(target.iterdir()) and not (target / _MARK).is_file():
        raise UsageError("an empty folder, or an earlier demo", f"{target} holds something else", "use --dir")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    (target / _MARK).touch()
    for name in (*_PARTS, _USAGE):
        source = course.root / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif source.exists():  # what the solutions use may not be known
            shutil.copy2(source, target / name)
