"""Each switch of [nbgrader] changes what it says, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.nbcourse import book, every
from tests.nbcourse.parity import TOUCHED


@pytest.fixture
def courses(three_ways) -> tuple[Path, Path]:
    """The same submissions by nbgrader's rules, and with all switches on that do not touch each other's cells."""
    pair, switched, said = three_ways
    assert said[str(switched)].status == 0, said[str(switched)].err
    return pair.ours.root, switched


def notes(course: Path, student: str) -> set[str]:
    report: dict[str, Any] = json.loads((course / f"reports/{every.ONE}/{student}.json").read_text(encoding="utf-8"))
    return {note["code"] for part in report["notebooks"] for note in part["notes"]}


def test_each_switch_changes_what_it_says(courses):
    """stderr costs nothing, deleted tests come back, and what ran before a kernel's end counts: that is all."""
    before, after = (book.scores(course / every.DATABASE) for course in courses)
    assert {names[1] for names in after} == set(TOUCHED)
    changed = {names[1:4:2]: (before[names], after[names]) for names in after if before[names] != after[names]}
    assert {names: change for names, change in changed.items() if names[0] != "kai"} == {
        ("vera", "mittel_teilweise"): ((0.0, 0), (3.0, 0)),
        ("jan", "quadrat_versteckt"): ((None, 1), (2.5, 0)),
        ("jan", "mittel_teilweise"): ((None, 1), (3.0, 0)),
    }


def test_the_rest_of_a_dead_kernel_fails(courses):
    """The tests that ran before the kernel died have their points, those after it have none, and the others wait."""
    before, after = (
        {names[3]: score for names, score in book.scores(course / every.DATABASE).items() if names[1] == "kai"}
        for course in courses
    )
    assert set(before.values()) == {(None, 1)}
    assert {name for name, (auto, _) in after.items() if auto} == {"quadrat_sichtbar", "quadrat_versteckt"}
    assert {name for name, (auto, _) in after.items() if auto is None} == {"entwurf", "aufsatz", "projekt"}


def test_a_changed_answer_is_noted_and_costs_nothing(courses):
    """The switch makes a note for a person; without it there is none, and the scores are the same."""
    assert ["altered" in notes(course, "vera") for course in courses] == [False, True]
    assert not [name for name in ("anna", "jan") if "altered" in notes(courses[1], name)]
