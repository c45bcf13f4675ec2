"""Each switch of [nbgrader] changes what it says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.nbcourse import book, cells, deeds, every, parity, two_ways
from tests.nbcourse.deeds import Person
from tests.nbcourse.hand import Hand

ON = """
stderr_costs = false
dead_kernel = "rest"
restore_tests = true
note_changed_answers = true
"""


def ends_late(hand: Hand) -> None:
    """The kernel's process ends after two tests."""
    hand.add("quadrat_versteckt", cells.code("import os\nos._exit(1)"))


#: Each of them is touched by one switch, and the last by none.
CLASS = (
    Person("vera", every.ONE, (deeds.solved, deeds.warns)),
    Person("kai", every.ONE, (deeds.solved, ends_late)),
    Person("jan", every.ONE, (deeds.solved, deeds.no_test)),
    Person("rosa", every.ONE, (deeds.solved, deeds.redefines)),
    Person("anna", every.ONE, (deeds.partly,)),
)


@pytest.fixture(scope="module")
def courses(tmp_path_factory, every_course) -> tuple[Path, Path]:
    """The same class by nbgrader's rules, and with all switches on that do not touch each other's cells."""
    pair = parity.every_option(every_course, tmp_path_factory.mktemp("switches"), CLASS)
    plain, switched = pair.ours.root, pair.theirs.root
    every.write(switched / "course.toml", f"{parity.POLICY}{ON}")
    for course in (plain, switched):
        said = two_ways.referee(course, "grade", every.ONE)
        assert said.status == 0, said.err
    return plain, switched


def notes(course: Path, student: str) -> set[str]:
    report: dict[str, Any] = json.loads((course / f"reports/{every.ONE}/{student}.json").read_text(encoding="utf-8"))
    return {note["code"] for part in report["notebooks"] for note in part["notes"]}


def test_each_switch_changes_what_it_says(courses):
    """stderr costs nothing, the tests before a kernel's end keep their points, deleted tests come back; that is all."""
    before, after = (book.scores(course / every.DATABASE) for course in courses)
    changed = {(names[1], names[3]): (before[names], after[names]) for names in before if before[names] != after[names]}
    lost = {name for name, _ in changed if name == "kai"}
    assert lost
    rest = {names: change for names, change in changed.items() if names[0] != "kai"}
    assert rest == {
        ("vera", "mittel_teilweise"): ((0.0, 0), (3.0, 0)),
        ("jan", "quadrat_versteckt"): ((None, 1), (2.5, 0)),
        ("jan", "mittel_teilweise"): ((None, 1), (3.0, 0)),
    }


def test_the_rest_of_a_dead_kernel_fails(courses):
    """The tests that ran before the kernel died have their points, those after it have none, and the others wait."""
    after = {names[3]: score for names, score in book.scores(courses[1] / every.DATABASE).items() if names[1] == "kai"}
    passed = {name for name, (auto, _) in after.items() if auto}
    assert passed == {"quadrat_sichtbar", "quadrat_versteckt"}
    assert {name for name, (auto, _) in after.items() if auto is None} == {"entwurf", "aufsatz", "projekt"}


def test_a_changed_answer_is_noted_and_costs_nothing(courses):
    """The switch makes a note for a person; without it there is none, and the scores are the same."""
    assert ["altered" in notes(course, "rosa") for course in courses] == [False, True]
    assert not [name for name in ("vera", "jan", "anna") if "altered" in notes(courses[1], name)]
