"""Limits that were exceeded and what was used, in words and on every page, as pictures."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.feedback.html import page
from referee.feedback.measures import LIMITS, exceeded_words, limit_and_use, quantity, usage_words
from referee.feedback.terminal import render, render_class, render_own_run
from referee.report import CellRun, CellStatus, Environment, Exceeded, NotebookReport, Report, Timings, Usage
from referee.sandbox.limits import Limits

ENVIRONMENT = Environment(referee="0.1", python="3.11", platform="Linux")
MEMORY = Exceeded(limit="memory_mb", allowed=512, used=634, cell=6)
QUESTION = Exceeded(limit="question_seconds", allowed=10, used=10.04, cell=8)
USE = Usage(
    seconds=70, cell_seconds=61.3, question_seconds=10.04, cpu_seconds=80, memory_mb=634, processes=31, disk_mb=1200,
    output_bytes=900, notebook_output_bytes=4000,
)  # fmt: skip
ENDED = CellRun(index=6, grade_id="train", status=CellStatus.LIMIT, words="the kernel was ended: too much memory")


def report(*exceeded: Exceeded, cells: tuple[CellRun, ...] = (ENDED,), **timings) -> Report:
    made = NotebookReport(
        notebook="basics",
        fingerprint="f",
        environment=ENVIRONMENT,
        cells=cells,
        timings=Timings(exceeded=exceeded, **timings),
    )
    return Report(student="ada", assignment="cnn", notebooks=(made,))


LINES = [
    (MEMORY, "memory: limit 512 MiB, used 634 MiB, in cell 7"),
    (
        Exceeded(limit="cell_seconds", allowed=60, used=61.234, cell=0),
        "time of a cell: limit 60 s, used 61.23 s, in cell 1",
    ),
    (Exceeded(limit="question_seconds", allowed=0.25, used=1.256), "time of a question: limit 0.25 s, used 1.26 s"),
    (Exceeded(limit="processes", allowed=256, used=257), "processes and threads: limit 256, used 257"),
    (
        Exceeded(limit="output_bytes", allowed=1_000_000, used=40_000_000, cell=2),
        "output of a cell: limit 1,000,000 bytes, used 40,000,000 bytes, in cell 3",
    ),
    (Exceeded(limit="new\x1b[2J", allowed=1, used=2), "new\\x1b[2J: limit 1, used 2"),
]


@pytest.mark.parametrize(("exceeded", "line"), LINES)
def test_an_exceeded_limit_in_one_line(exceeded, line):
    """The line names the limit, the use and the cell, counted from 1, with units."""
    assert exceeded_words(exceeded) == line


def test_every_limit_has_words():
    """Each limit that a course can state has a name and a unit for people."""
    assert list(LIMITS) == list(Limits.__struct_fields__)


def test_a_limit_knows_how_it_is_exceeded():
    """The record of an exceeded limit holds what was allowed under these limits."""
    assert Limits(memory_mb=512).exceeded("memory_mb", 634, 6) == MEMORY
    assert limit_and_use(MEMORY) == "memory: limit 512 MiB, used 634 MiB"


@given(st.floats(0, 1e12), st.sampled_from(["", "s", "MiB"]))
def test_a_quantity_is_a_number_and_its_unit(value, unit):
    """Any number is said in one form, with at most two places, and is near to what was measured."""
    text = quantity(value, unit)
    assert re.fullmatch(r"[\d,]+(\.\d{1,2})?" + (f" {unit}" if unit else ""), text)
    assert float(text.split()[0].replace(",", "")) == pytest.approx(value, abs=0.051)


def test_what_was_used_in_one_line():
    """The use of a notebook is one line; one that was not measured has none."""
    assert usage_words(USE) == (
        "slowest cell 61.3 s, slowest question 10.04 s, CPU 80 s, memory 634 MiB, 31 processes and threads, "
        "disk 1,200 MiB, output 4,000 bytes"
    )
    assert usage_words(Usage()) == ""


def test_limits_in_a_terminal():
    """Beside the words about a cell stands what it used; what no reported cell exceeded has a line of its own."""
    assert (
        render(report(MEMORY, QUESTION), width=100, color=False)
        == """\
ada  cnn/basics
0 of 0 points
Next: nothing: everything passed

cell 7 stopped at a limit: the kernel was ended: too much memory; memory: limit 512 MiB, used 634
MiB
time of a question: limit 10 s, used 10.04 s, in cell 9
"""
    )


def test_limits_in_a_class():
    """An instructor's list says what was exceeded, and how far, with each student."""
    assert (
        render_class([report(MEMORY, QUESTION)], width=100, color=False)
        == """\
ada  0 of 0
  !  cell 7 (train): the kernel was ended: too much memory; memory: limit 512 MiB, used 634 MiB
  !  time of a question: limit 10 s, used 10.04 s, in cell 9

Submissions: 1, could not be read: 0, need a person: 0
"""
    )


def test_limits_in_a_students_own_run():
    """`referee check` says the same to a student."""
    (notebook,) = report(MEMORY, QUESTION).notebooks
    assert (
        render_own_run(notebook, {}, width=60, color=False)
        == """\
basics.ipynb: 0 of 0 public checks pass
! cell 7: the kernel was ended: too much memory; memory:
  limit 512 MiB, used 634 MiB
! time of a question: limit 10 s, used 10.04 s, in cell 9"""
    )


def test_a_limit_of_a_cell_that_ended_well_is_shown():
    """A limit that a cell exceeded without being stopped is not lost on any page."""
    fine = CellRun(index=6, grade_id="", status=CellStatus.OK)
    made = report(MEMORY, cells=(fine,))
    line = "memory: limit 512 MiB, used 634 MiB"
    assert f"cell 7 ok: {line}" in render(made, width=100, color=False)
    assert f"!  cell 7: {line}" in render_class([made], width=100, color=False)
    assert f"! cell 7: {line}" in render_own_run(made.notebooks[0], {}, width=100, color=False)


def test_limits_in_a_browser():
    """The page shows a cell's limit in its row, the others in a list, and at its foot all that was used."""
    made = report(MEMORY, QUESTION, usage=USE, kernel="warm", total=70.0, kernel_start=0.1)
    text = page(made, made.notebooks[0])
    row = text[text.index("stopped at a limit") :]
    assert row.index("too much memory") < row.index('<p class="soft">memory: limit 512 MiB, used 634 MiB</p>')
    assert row.index("used 634 MiB") < row.index("</td>", row.index("too much memory"))
    assert "<h2>Limits</h2>\n<ul>\n<li>time of a question: limit 10 s, used 10.04 s, in cell 9</li>\n</ul>" in text
    assert "<dd>70.0 s in all: warm kernel 0.1 s, cells 0.0 s, checks 0.0 s</dd>" in text
    assert f"<dt>Used</dt><dd>{usage_words(USE)}</dd>" in text


def test_a_page_without_limits_says_nothing_of_them():
    """Where no limit was exceeded and nothing was measured, no page speaks of either."""
    made = report()
    text = page(made, made.notebooks[0])
    assert "<h2>Limits</h2>" not in text
    assert "<dt>Used</dt>" not in text
    assert "limit " not in render(report(cells=()), width=80, color=False)
