"""The same class by nbgrader and by Referee, and every difference between the two that is not a documented one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.nbcourse import compare, deeds, every, quickstart, two_ways
from tests.nbcourse.compare import Copy, Difference
from tests.nbcourse.two_ways import Said

HOOKS = "verwaltung/haken.txt"


@dataclass(frozen=True)
class Pair:
    """Two copies of a course, with the same submissions: one that nbgrader grades, one that Referee does."""

    theirs: Copy
    ours: Copy
    assignments: tuple[str, ...]

    def grade(self) -> list[Said]:
        """Both, at the same time; what `referee grade` said of each assignment."""
        with ThreadPoolExecutor() as pool:
            done = pool.submit(two_ways.autograde, self.theirs.root, *self.assignments)
            said = [two_ways.referee(self.ours.root, "grade", name) for name in self.assignments]
            done.result()
        return said

    def differences(self) -> list[Difference]:
        """All differences in the gradebooks, the notebooks, the files beside them, the pages."""
        found = compare.books(self.theirs, self.ours)
        for folder in (self.theirs.autograded, self.theirs.feedback):
            found += compare.trees(self.theirs, self.ours, folder)
        return found


def every_option(folder: Path, people: Iterable[deeds.Person], more: str = "") -> Pair:
    """The course with every option, and a class. more : what its configuration says besides."""
    people = list(people)
    assignments = tuple(dict.fromkeys(person.assignment for person in people))
    course = every.build(folder / "every")
    two_ways.release(course, *assignments)
    if more:
        every.write(course / "nbgrader_config.py", f"{every.CONFIG}\n{more}")
    deeds.enrol(course, people)
    two_ways.set_due(course / every.DATABASE, deeds.DUE)
    places = {"autograded": "benotet", "feedback": "rückmeldung", "database": every.DATABASE}
    return _pair(course, assignments, **places)


def example(folder: Path, *, whole: bool = False) -> Pair:
    """nbgrader's own example course, and its class."""
    course = quickstart.build(folder / "example", whole=whole)
    two_ways.release(course, quickstart.ASSIGNMENT)
    quickstart.enrol(course)
    two_ways.set_due(course / "gradebook.db", quickstart.DUE)
    return _pair(course, (quickstart.ASSIGNMENT,))


def _pair(course: Path, assignments: Sequence[str], **places: str) -> Pair:
    copies = [Copy(every.copied(course, course.with_name(f"{course.name}-{who}")), **places) for who in ("nb", "ref")]
    return Pair(copies[0], copies[1], tuple(assignments))


def hooks(copy: Copy) -> list[str]:
    """What the course's hooks wrote; in which order submissions are graded is nobody's promise."""
    return sorted((copy.root / HOOKS).read_text(encoding="utf-8").splitlines())
