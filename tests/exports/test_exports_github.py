"""Summaries and annotations of GitHub Actions, and the lines of a notebook's cells."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import nbformat
import pytest
import yaml  # type: ignore[import-untyped] # papermill brings it, without types
from hypothesis import given
from hypothesis import strategies as st

from referee.cli import main
from referee.exports import anchors, github
from referee.exports.anchors import Place, place, source_lines
from referee.exports.markdown import inline
from referee.feedback.interface import Disclosure, Policy
from referee.report import CellRun, CellStatus, Fault
from tests.exports.made import FAILED, NASTY, OURS, answer, book, cell, check, klass, nasty, scored, student

COMMAND = re.compile(r"::(error|warning|notice) file=([^:,\r\n]*)(?:,line=(\d+))?,title=([^:,\r\n]*)::([^\r\n]*)")
HERE = Place(path="submitted/ada/convolution/maps.ipynb", lines={0: 3, 2: 9}, names={"conv": 12, "essay": 20})


def unescaped(text: str) -> str:
    """What the runner reads, by its own rules."""
    for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def job(*students, policy: Policy | None = None, room: int = github.SUMMARY_BYTES) -> github.Job:
    return github.write(klass(*students), lambda _notebook: policy or Policy(), lambda _student, _notebook: HERE, room)


def test_annotations_point_at_cells():
    """A cell that raised, a failed check, a broken one and an answer are pointed at where they stand in the file."""
    run = CellRun(index=2, grade_id="", status=CellStatus.RAISED, words="NameError: x")
    who = student("ada", book(cell(check(FAILED, words="too small"), check(OURS)), answer(waits=True), cells=(run,)))
    found = [COMMAND.fullmatch(command) for command in job(who).commands]
    assert [each and (each[1], each[3], unescaped(each[4]), unescaped(each[5])) for each in found] == [
        ("error", "9", "convolution/maps: cell 3", "raised an error: NameError: x"),
        ("error", "12", "convolution/maps: conv", "The map of the deck's image.\ntoo small"),
        (
            "warning",
            "12",
            "convolution/maps: conv",
            "The map of the deck's image.\ncould not be checked (the grader is at fault), needs a person",
        ),
        ("notice", "20", "convolution/maps: essay", "essay\n2 points wait for a person"),
    ]


def test_what_a_hidden_check_gave():
    """What a cell printed of a hidden check's questions is in no annotation, unless everything is disclosed."""
    run = CellRun(index=2, grade_id="", status=CellStatus.RAISED, words="GIVEN")
    who = student("ada", book(cell(check()), cells=(run,), revealing=(2,)))
    assert "GIVEN" not in "".join(job(who).commands)
    assert "GIVEN" in "".join(job(who, policy=Policy(hidden=Disclosure.ALL)).commands)


def test_a_notebook_that_was_not_run():
    """A notebook that could not be read is pointed at as a file, once."""
    unread = book(answer(), refused="no notebook", refused_by=Fault.STUDENT)
    assert job(student("ada", unread)).commands == (
        "::error file=submitted/ada/convolution/maps.ipynb,title=convolution/maps::not run: no notebook",
    )


def test_ten_of_a_kind():
    """Ten annotations of each kind are printed, and the summary counts the others."""
    many = student("ada", book(*(cell(check(FAILED), check(OURS)) for _ in range(14))))
    made = job(many)
    assert Counter(command.split(" ")[0] for command in made.commands) == {"::error": 10, "::warning": 10}
    assert "4 more error annotations are not shown" in made.summary
    assert "4 more warning annotations are not shown" in made.summary


def test_each_notebook_is_looked_into_once():
    """However many annotations a notebook has, where its cells stand is found once; without one, never."""
    asked: list[tuple[str, str]] = []

    def find(who: str, notebook: str) -> Place:
        asked.append((who, notebook))
        return HERE

    bad = book(*(cell(check(FAILED)) for _ in range(3)))
    made = github.write(
        klass(student("ada", bad, book(cell(check(FAILED)), name="other")), student("ben", bad), student("cleo")),
        lambda _notebook: Policy(),
        find,
    )
    assert len(made.commands) == 7
    assert sorted(asked) == [("ada", "maps"), ("ada", "other"), ("ben", "maps")]


def test_disclosure():
    """What a hidden check found is said as far as the policy shows it."""
    who = student("ada", book(cell(check(FAILED, public=False, words="SAID", expected="SECRET"))))
    told = job(who)
    silent = job(who, policy=Policy(hidden=Disclosure.NOTHING))
    assert "SAID" in told.summary + told.commands[0]
    assert "SECRET" not in told.summary + told.commands[0]
    assert "SAID" not in silent.summary + silent.commands[0]


def test_a_summary():
    """The summary has a line for each notebook with its score and its first problem."""
    late = student("ada", book(cell(check(FAILED, words="too small"))), late=True)
    assert job(late, scored("ben", 9.5)).summary == (
        "## convolution\n\n"
        "| student | notebook | score | waits | late | first problem |\n"
        "|---|---|--:|--:|---|---|\n"
        "| ada | maps | 0 / 4 |  | late | The map of the deck's image&#46;&#58; too small |\n"
        "| ben | maps | 9.5 / 10 |  |  | conv&#58; 9&#46;5 of 10 points |\n"
    )


def test_an_own_run_names_no_points():
    """A student's own run counts public checks, says how points are decided, and leaves answers to persons."""
    made = github.write_own(book(cell(check(FAILED), check()), answer(waits=True)), {"conv": "by hidden checks"}, HERE)
    assert made.summary.startswith("## maps: 1 of 2 public checks pass\n")
    assert made.summary.endswith("- conv: by hidden checks\n")
    assert "point" not in made.summary
    assert len(made.commands) == 1


@pytest.mark.parametrize("room", [0, 500, 1_300, 3_000, 20_000, github.SUMMARY_BYTES])
def test_a_summary_within_its_room(room):
    """A summary never takes more bytes than it may, and says how many lines it leaves out."""
    made = job(*(scored(f"é{number:04}", 1.0) for number in range(300)), room=room).summary
    assert len(made.encode()) <= room
    kept = made.count("| maps |")
    assert f"{300 - kept} of 300 rows are left out" in made or kept == 300 or not made


def test_a_class_of_thousands():
    """A class that does not fit into 1 MiB is cut."""
    made = job(*(scored(f"{'é' * 100}{number}", 1.0) for number in range(6000))).summary
    assert len(made.encode()) <= 2**20
    assert "rows are left out: a summary has at most 1 MiB" in made


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text(text):
    """Whatever a student writes, a command is one line that the runner reads as it is, and a row is one row."""
    made = job(nasty(text))
    assert [command for command in made.commands if not COMMAND.fullmatch(command)] == []
    rows = [line for line in made.summary.split("\n") if line.startswith("|")]
    assert [row.count("|") for row in rows] == [7, 7, 7]
    bare = re.sub(r"&#\d+;", "", rows[2])
    assert not re.search(r"[<>`*\[\]!&]|[@#]|https?:|www\.", bare)


@given(st.text(st.characters(), max_size=30))
def test_inline(text):
    """Any text in Markdown is one line without a sign that means something there, and reads as it was."""
    made = inline(text)
    assert "\n" not in made
    assert not set(made) & set('<>|`*_[]()!\\~^$@+-={}:./"')
    assert "&#" in made or not set(text) & set("<>|`*[]@#")


LINES = st.text(st.characters(), max_size=30) | st.text(alphabet="%25:3A,C\r0D\n", max_size=12)


@given(LINES, LINES)
def test_commands(title, message):
    """Any title and message come back from the runner as they are, but for half surrogate pairs."""
    made = github.Annotation(level="error", cell=None, title=title, message=message).command(Place(path=title))
    found = COMMAND.fullmatch(made)
    assert found is not None
    whole = [each.encode("utf-8", "replace").decode() for each in (title, title, message)]
    assert [unescaped(each) for each in (found[2], found[4], found[5])] == whole


CELLS = st.lists(st.tuples(st.text(max_size=8), st.booleans(), st.booleans()), max_size=6)


@given(CELLS, st.sampled_from((None, 1, 2)), st.booleans())
def test_lines_of_cells(cells, indent, sorted_keys):
    """The line of a cell is that on which its source begins, however the JSON is laid out."""
    made = []
    for number, (text, as_list, tricky) in enumerate(cells):
        mark = f"HERE{number}" + text
        metadata = {"nbgrader": {"grade_id": f"g{number}"}, **({"source": ["x"], "cells": [1]} if tricky else {})}
        made.append({"metadata": metadata, "source": [mark, text] if as_list else mark, "outputs": [{"source": "no"}]})
    book = {"nbformat": 4, "metadata": {"cells": [{"source": "no"}]}, "cells": made}
    text = json.dumps(book, indent=indent, sort_keys=sorted_keys)
    expected = {n: text[: text.index(f'"HERE{n}')].count("\n") + 1 for n in range(len(cells))}
    found = place("x.ipynb", text.encode())
    assert found.lines == expected
    assert found.names == {f"g{number}": line for number, line in expected.items()}


def test_a_real_notebook():
    """Of a notebook that nbformat wrote, a cell's line holds the first line of its source."""
    cells = [nbformat.v4.new_code_cell("a = 1\nb = 2"), nbformat.v4.new_markdown_cell("# Title")]
    text = nbformat.writes(nbformat.v4.new_notebook(cells=cells))
    lines = text.split("\n")
    assert [lines[line - 1].strip() for line in source_lines(text).values()] == ['"a = 1\\n",', '"# Title"']


@given(st.binary(max_size=60) | st.text(alphabet='{}[]",:cels source01\\', max_size=60).map(str.encode))
def test_any_file(content):
    """A file that is no notebook has a path and no lines that are not its own."""
    found = place("x.ipynb", content)
    assert found.path == "x.ipynb"
    assert all(1 <= line <= content.count(b"\n") + 1 for line in found.lines.values())


def test_more_tokens_than_a_notebook_has(monkeypatch):
    """A file of millions of tokens is only a file, too."""
    text = json.dumps({"cells": [{"source": "x", "outputs": [0] * 100}]})
    assert source_lines(text) == {0: 1}
    monkeypatch.setattr(anchors, "_MOST_TOKENS", 100)
    assert source_lines(text) == {}


def test_only_notebooks_that_are_pointed_at_are_read():
    """Of a large class the notebooks of the annotations that are shown are looked into, and no others."""
    read = list[str]()

    def find(student: str, _notebook: str) -> Place:
        read.append(student)
        return HERE

    many = [student(f"s{number:03}", book(cell(check(FAILED)))) for number in range(200)]
    made = github.write(klass(*many), lambda _notebook: Policy(), find)
    assert read == [f"s{number:03}" for number in range(10)]
    assert "190 more error annotations" in made.summary


def test_the_workflow_in_the_manual():
    """The workflow for a student's repository is whole YAML: it brings Python and Referee, then runs a real command."""
    root = Path(__file__).resolve().parents[2]
    (block,) = re.findall(r"```yaml\n(.*?)```", (root / "docs" / "exports.md").read_text(encoding="utf-8"), re.DOTALL)
    made = yaml.safe_load(block)
    (job,) = made["jobs"].values()
    assert {"push", "pull_request"} <= made[True].keys()  # YAML 1.1 reads `on` as a truth value, and GitHub does not
    assert job["runs-on"]
    steps = [step.get("uses", step.get("run")).partition("@")[0] for step in job["steps"]]
    assert steps[:2] == ["actions/checkout", "actions/setup-python"]
    assert steps[2].startswith("pip install ")
    program, command, *arguments = shlex.split(steps[3])
    context = main.commands[command].make_context(command, arguments)
    assert (program, context.params["github"]) == ("referee", True)
    assert (root / context.params["notebook"]).is_file()


def test_nested_without_end():
    """A notebook that is nested too deeply is only a file."""
    assert place("x.ipynb", b'{"cells": ' + b"[" * 100_000).lines == {}


def test_a_key_twice():
    """Of two lists of cells the last one counts, as for every reader of JSON."""
    text = '{"cells": [{"source": "a"}, {"source": "b"}],\n"cells": [{"source": "x",\n"source": "y"}]}'
    assert source_lines(text) == {0: 3}
