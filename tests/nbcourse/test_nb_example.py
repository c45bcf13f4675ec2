"""nbgrader's own example course in both ways: no code of the course's own, so that nbgrader's is on our connection."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.nbcourse import book, parity, quickstart
from tests.nbcourse.parity import Pair

#: Of each way in which a submission ends: scored, missing in part, ended before it ran, while it ran, and after.
SOME = ("solved", "partly", "half", "no-test", "cut", "cut-second", "marks", "dies", "too-much", "jupyter")
NOT_SCORED = {
    "cut": "JSON",
    "cut-second": "problem2 could not be graded",
    "marks": "metadata",
    "dies": "exited",
    "too-much": "greater than maximum",
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> Pair:
    """The course, graded in both ways."""
    pair = parity.example(tmp_path_factory.mktemp("nb"), SOME)
    assert [said.status for said in pair.grade().values()] == [0]
    return pair


def test_nothing_differs(graded):
    """Gradebooks, notebooks, files and pages are the same: also what nbgrader saved of whom it could not grade."""
    assert not graded.differences()
    rows = book.rows(graded.theirs.root / "gradebook.db")
    assert {names[2] for names in rows if names[0] == "submission"} >= set(SOME)


def test_who_has_no_scores_is_named(graded):
    """Each report says why nbgrader has no scores, wherever between the first cell read and the last saved it ended."""
    folder = graded.ours.root / "reports" / quickstart.ASSIGNMENT
    found: dict[str, Any] = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}
    assert {name for name, report in found.items() if report["notebooks"][0]["refused"]} == set(NOT_SCORED)
    for name, words in NOT_SCORED.items():
        assert words in found[name]["notebooks"][0]["refused"]
