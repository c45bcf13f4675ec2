"""The same class by nbgrader and by Referee, and every difference between the two that is not a documented one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from tests.nbcourse import compare, deeds, every, quickstart, two_ways
from tests.nbcourse.compare import Copy, Difference
from tests.nbcourse.two_ways import Said

POLICY = "[limits]\nmemory_mb = 400\n\n[nbgrader]\n"
#: All switches that do not touch each other's cells.
SWITCHES = """
stderr_costs = false
dead_kernel = "rest"
restore_tests = true
note_changed_answers = true
"""
#: Each of them is touched by one of these or two, and the first by none.
TOUCHED = ("anna", "jan", "kai", "vera")
HOOKS = "verwaltung/haken.txt"


def graded(course: Path, assignment: str) -> Said:
    """`referee grade`."""
    return two_ways.referee(course, "grade", assignment)


def killed_and_graded(course: Path, assignment: str) -> Said:
    """`referee grade` that a kill -9 ends in the middle; then the same command again."""
    if assignment == every.ONE:
        two_ways.killed(course, assignment, after=3)
    return graded(course, assignment)


@dataclass(frozen=True)
class Pair:
    """Two copies of a course, with the same submissions: one that nbgrader grades, one that Referee does."""

    theirs: Copy
    ours: Copy
    assignments: tuple[str, ...]

    def grade(self, ours: Callable[[Path, str], Said] = graded, more: Path | None = None) -> dict[str, Said]:
        """Both, at the same time; by assignment what `referee grade` said.

        ours : how that is called.   more : a course whose first assignment Referee grades as well; what it said of
        that is under its path.
        """
        with ThreadPoolExecutor() as pool:
            done = pool.submit(two_ways.autograde, self.theirs.root, *self.assignments)
            said = {name: ours(self.ours.root, name) for name in self.assignments}
            if more is not None:
                said[str(more)] = graded(more, self.assignments[0])
            done.result()
        return said

    def grade_again(self, assignment: str, student: str) -> Said:
        """One submission once more, in both ways at the same time."""
        only = ["--student", student]
        theirs = [[kind, assignment, *only, "--force"] for kind in ("autograde", "feedback")]
        with ThreadPoolExecutor() as pool:
            done = pool.submit(two_ways.commands, self.theirs.root, *theirs)
            said = two_ways.referee(self.ours.root, "grade", assignment, *only, "--again")
            done.result()
        return said

    def differences(self, without: Iterable[str] = ()) -> list[Difference]:
        """All differences in the gradebooks, the notebooks, the files beside them, the pages.

        without : students of whom only one copy knows.
        """
        found = compare.books(self.theirs, self.ours, set(without))
        for folder in (self.theirs.autograded, self.theirs.feedback):
            found += compare.trees(self.theirs, self.ours, folder)
        parts = [f"/{name}" for name in without]
        return [each for each in found if not any(f"{part}/" in f"{each.place}/" for part in parts)]


def released(folder: Path, *assignments: str) -> Path:
    """The course with every option, whose assignments students have got."""
    return two_ways.release(every.build(folder / "every"), *assignments)


def every_option(course: Path, folder: Path, people: Iterable[deeds.Person]) -> Pair:
    """Two copies of a released course with every option, in which a class has handed in."""
    people = list(people)
    assignments = tuple(dict.fromkeys(person.assignment for person in people))
    course = every.copied(course, folder / course.name)
    deeds.enrol(course, [person for person in people if not person.ours])
    two_ways.set_due(course / every.DATABASE, deeds.DUE)
    places = {"autograded": "benotet", "feedback": "rückmeldung", "database": every.DATABASE}
    pair = _pair(course, assignments, **places)
    deeds.enrol(pair.ours.root, [person for person in people if person.ours])
    every.write(pair.ours.root / "course.toml", POLICY)
    return pair


def switched(course: Path, folder: Path) -> Path:
    """A copy of a released course in which some of the class are graded by rules of Referee's own."""
    people = [
        replace(each, ours=True) for each in deeds.gate() if each.assignment == every.ONE and each.name in TOUCHED
    ]
    made = every_option(course, folder, people).ours.root
    every.write(made / "course.toml", f"{POLICY}{SWITCHES}")
    return made


def example(folder: Path, names: Iterable[str] = ("half",), *, whole: bool = False) -> Pair:
    """nbgrader's own example course, the class of its documentation, and some more."""
    course = quickstart.build(folder / "example", whole=whole)
    two_ways.release(course, quickstart.ASSIGNMENT)
    quickstart.enrol(course, names)
    two_ways.set_due(course / "gradebook.db", quickstart.DUE)
    return _pair(course, (quickstart.ASSIGNMENT,))


def _pair(course: Path, assignments: Sequence[str], **places: str) -> Pair:
    copies = [Copy(every.copied(course, course.with_name(f"{course.name}-{who}")), **places) for who in ("nb", "ref")]
    return Pair(copies[0], copies[1], tuple(assignments))


def copied(pair: Pair, folder: Path) -> Pair:
    """The two courses once more, as they are now."""
    theirs, ours = (
        replace(each, root=every.copied(each.root, folder / each.root.name)) for each in (pair.theirs, pair.ours)
    )
    return replace(pair, theirs=theirs, ours=ours)


def hooks(copy: Copy) -> set[str]:
    """What the course's hooks wrote; in which order submissions are graded, and how often, is nobody's promise."""
    return set((copy.root / HOOKS).read_text(encoding="utf-8").splitlines())
