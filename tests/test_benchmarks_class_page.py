"""The benchmark of the class page: its synthetic class, its table, and that it runs; no time is tested here."""

from __future__ import annotations

from typing import Any

import pytest

from ci.benchmarks import __main__ as bench
from ci.benchmarks import class_page, synthetic_class
from referee.classroom.items import items, marks, twins
from referee.classroom.overview import overview
from referee.report import from_json, to_json

IDLE: dict[str, Any] = {"load": [0.0, 0.25, 1.5], "busy": []}
DATA: dict[str, Any] = {
    "machine": {
        "cores": 2,
        "cpu": "A processor",
        "memory_gib": 23.5,
        "system": "Linux 6",
        "python": "3.11.7",
        "packages": {"msgspec": "0.22.0"},
        "code": "f2d3ea2",
        "date": "2026-11-27 03:45 UTC",
    },
    "start": IDLE,
    "end": IDLE,
    "settings": {"students": 1000, "notebooks": 4, "checks": 12},
    "seconds": {"reading the reports": 0.5, "the whole": 7.25},
    "bytes": 824_879,
    "largest": 2_000_000,
    "alike": 75,
    "method": ["how it is measured"],
}
TABLE = """\
machine   2 cores, A processor, 23.5 GiB, Linux 6
versions  Python 3.11.7, msgspec 0.22.0
date      2026-11-27 03:45 UTC, code f2d3ea2
load      0.00, 0.25, 1.50 at the start, 0.00, 0.25, 1.50 at the end (1, 5, 15 minutes)

1000 students, 4 notebooks, 12 checks in each notebook
  reading the reports  0.50 s
  the whole            7.25 s

the page: 824,879 bytes, at most 2,000,000 wanted: met
groups of near-identical code: 75

- how it is measured"""


def test_the_table_is_a_picture():
    """Each part with its seconds, the size of the page beside what is wanted, and how it was measured."""
    assert class_page.text(DATA) == TABLE
    assert "2,000,001 bytes, at most 2,000,000 wanted: MISSED" in class_page.text({**DATA, "bytes": 2_000_001})


def test_it_runs():
    """A class of a hundred is written, read, compared and shown: its copies are found, and every part has a time."""
    found = class_page.main(["--students", "60", "--notebooks", "1", "--checks", "8"])
    assert found["alike"] >= 1
    assert found["seconds"]["the whole"] > 0
    assert 10_000 < found["bytes"] < 500_000


@pytest.mark.parametrize("option", ["--students", "--notebooks", "--checks"])
def test_sizes_are_numbers(option, capsys):
    """A class of no students is refused in three lines."""
    assert bench.main(["class_page", option, "0"]) == 2
    assert "wanted a whole number from 1 on, found '0'" in capsys.readouterr().err


def test_the_synthetic_class_is_the_same_each_time():
    """Its reports are what `referee grade` could have written, and hold a dead check and two that decide the same."""
    made = list(synthetic_class.reports(40, ["one", "two"], 12))
    assert made == list(synthetic_class.reports(40, ["one", "two"], 12))
    assert from_json(to_json(made[0])) == made[0]
    found = marks(made)
    assert sum(item.dead for item in items(found)) == 2
    assert {len(group.checks) for group in twins(found)} == {2}
    assert overview(made, "synthetic").clusters


def test_the_synthetic_copies_rename_everything():
    """A copy has none of the other's variables and is otherwise the same."""
    one, other = synthetic_class.code(0, 0), synthetic_class.code(1, 0)
    assert one != other
    names = {"left": "a", "right": "b", "index": "i"}
    renamed = "\n".join(other)
    for new, old in names.items():
        renamed = renamed.replace(new, old)
    assert renamed == "\n".join(one)
    assert synthetic_class.code(2, 0) != one
