"""The benchmark beside nbgrader itself: what it says and checks; how long anything takes is not tested here."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ci.benchmarks import __main__ as bench
from ci.benchmarks import measure, nbgrader, nbgrader_class, table
from referee.errors import HarnessError

IDLE: dict[str, Any] = {"load": [0.0, 0.25, 1.5], "busy": []}
MACHINE = {
    "cores": 2,
    "cpu": "A processor",
    "memory_gib": 23.5,
    "system": "Linux 6",
    "python": "3.11.7",
    "packages": {"nbgrader": "0.9.6"},
    "code": "f2d3ea2+",
    "date": "2026-11-27 03:45 UTC",
}


def row(what: str, way: str, walls: list[float], cpus: list[float]) -> dict[str, Any]:
    place = {"what": what, "way": way, "submissions": 10}
    return {**place, "wall": table.summary(walls), "cpu": table.summary(cpus)}


def rows() -> list[dict[str, Any]]:
    """Two rounds, in the second of which the machine was half as fast, alike for all ways."""
    found = []
    for what, ways in nbgrader.PAIRS.items():
        theirs, one, two = ways
        found += [row(what, theirs, [10.0, 20.0], [8.0, 16.0]), row(what, one, [2.0, 4.0], [2.0, 4.0])]
        found.append(row(what, two, [1.0, 2.0], [2.0, 4.0]))
    return found


TABLE = """\
machine   2 cores, A processor, 23.5 GiB, Linux 6
versions  Python 3.11.7, nbgrader 0.9.6
date      2026-11-27 03:45 UTC, code f2d3ea2+
load      0.00, 0.25, 1.50 at the start, 0.00, 0.25, 1.50 at the end (1, 5, 15 minutes)

scores; 10 submissions
  way                             wall s  s each             CPU s  x nbgrader  CPU x
  nbgrader autograde    15.0 (12.5-17.5)   1.500  12.0 (10.0-14.0)           -      -
  Referee, one worker      3.0 (2.5-3.5)   0.300     3.0 (2.5-3.5)         5.0    4.0
  Referee, two workers     1.5 (1.2-1.8)   0.150     3.0 (2.5-3.5)        10.0    4.0

scores and feedback; 10 submissions
  way                                              wall s  s each             CPU s  x nbgrader  CPU x
  nbgrader autograde, generate_feedback  15.0 (12.5-17.5)   1.500  12.0 (10.0-14.0)           -      -
  Referee, one worker                       3.0 (2.5-3.5)   0.300     3.0 (2.5-3.5)         5.0    4.0
  Referee, two workers                      1.5 (1.2-1.8)   0.150     3.0 (2.5-3.5)        10.0    4.0

- rounds: 2
- how it is measured"""


def test_the_table_is_a_picture():
    """Each way's wall clock and CPU beside nbgrader's, with and without feedback; ratios are taken within a round."""
    data = {"machine": MACHINE, "start": IDLE, "end": IDLE, "settings": {"rounds": 2}, "method": ["how it is measured"]}
    assert nbgrader.text(json.loads(json.dumps({**data, "rows": rows()}))) == TABLE


def test_a_wrong_command_is_explained(capsys):
    """What was wanted and what was found; exit code 2."""
    assert bench.main(["nbgrader", "--submissions", "0"]) == 2
    assert "argument --submissions: wanted a whole number from 1 on, found '0'" in capsys.readouterr().err


def test_other_scores_end_the_benchmark():
    """A way whose scores are others, that graded fewer, or a class that all got the same: its times mean nothing."""
    good = [("a", 1.0, False), ("b", 2.0, False), ("c", 0.0, True)]
    nbgrader.claim_same([good, list(good)], 3)
    for seen in (
        [good, good[:2]],
        [good, [*good[:2], ("c", 0.0, False)]],
        [good[:2]],
        [[(n, 1.0, False) for n in "abc"]],
    ):
        with pytest.raises(HarnessError, match="scores"):
            nbgrader.claim_same(seen, 3)


def test_each_way_is_run_and_checked():
    """Three submissions, one of them wrong, by both programs: the same scores, a page each, and a course as it was."""
    with measure.workshop() as folder:
        course: Path = folder / "course"
        nbgrader_class.build(course, 3)
        ways = (("scores", "nbgrader autograde"), ("scores and feedback", "Referee, one worker"))
        seen = [nbgrader.graded(course, *way) for way in ways]
        assert all(ran.cpu > 0 for ran, _ in seen)
        nbgrader.claim_same([scores for _, scores in seen], 3)
        assert seen[0][1] == [("student0000", 7.0, True), ("student0001", 7.0, False), ("student0002", 5.0, True)]
        assert not (course / "autograded").exists()
