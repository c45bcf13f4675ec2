"""Submissions are read safely whatever was done to them, and get back what their exercise gave them."""

import copy
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from referee.authoring import (
    grade_id,
    is_check,
    is_locked,
    read_submission,
    recognise,
    restore,
    specs,
)
from referee.errors import SubmissionError

MAX = 1_000_000
PYTHON = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
CELL = {"cell_type": "code", "metadata": {}, "source": ["x = 1\n", "y = 2"], "outputs": [], "execution_count": 3}
quick = settings(deadline=None, max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])


def raw(**changes: Any) -> dict[str, Any]:
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": PYTHON, "cells": [CELL], **changes}


def read(folder: Path, content: Any, max_bytes: int = MAX) -> Any:
    path = folder / "hw.ipynb"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return read_submission(path, max_bytes)


DEEP: Any = []
for _ in range(450):
    DEEP = [DEEP]

JUPYTER = "save it from Jupyter again"
REFUSED: dict[str, tuple[Any, str, str]] = {
    "empty": (b"", "an empty file", "save the notebook and hand it in again"),
    "not JSON": (
        b"hello",
        "a file that is not JSON (line 1, column 1: Expecting value)",
        "open it in Jupyter, save it, and hand it in again",
    ),
    "cut off": (
        b'{"nbformat": 4,\n "cells": [',
        "a file that is not JSON (line 2, column 12: Expecting value)",
        "open it in Jupyter, save it, and hand it in again",
    ),
    "a list": (b"[]", "JSON of a list, not of a notebook", JUPYTER),
    "not UTF-8": (b'{"nbformat": "\xff\xfe\xfd"}', "a file that is not UTF-8 text", JUPYTER),
    "nested": (b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "JSON nested without end", JUPYTER),
    "a huge number": (
        b'{"nbformat": ' + b"4" * 10_000 + b"}",
        "JSON with a number of too many digits",
        JUPYTER,
    ),
    "nbformat 3": (
        raw(nbformat=3),
        "a notebook of nbformat 3",
        "upgrade it: jupyter nbconvert --to notebook --nbformat 4 FILE",
    ),
    "no nbformat": (
        {"cells": [CELL]},
        "JSON without an nbformat",
        "upgrade it: jupyter nbconvert --to notebook --nbformat 4 FILE",
    ),
    "no cells": (raw(cells=[]), "a notebook without cells", "hand in the notebook with your work"),
    "cells of a wrong type": (raw(cells={"a": 1}), "a notebook without cells", "hand in the notebook with your work"),
    "too many cells": (raw(cells=[CELL] * 2001), "a notebook of 2,001 cells (at most 2,000 are taken)", "remove cells"),
    "no cell of a right type": (
        raw(cells=[3, None, {"cell_type": "heading"}, {"cell_type": "code", "source": 3}]),
        "a notebook without cells",
        "hand in the notebook with your work",
    ),
}


@pytest.mark.parametrize(("content", "found", "remedy"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_notebook_is_refused_with_a_way_out(content, found, remedy, tmp_path):
    """Each unreadable file is refused in words that say what it is and what to do."""
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, content)
    assert str(caught.value) == (
        "wanted: hw.ipynb: a Jupyter notebook (nbformat 4) of at most 1,000,000 bytes\n"
        f"found:  {found}\nnext:   {remedy}"
    )


@pytest.mark.parametrize("kind", ["code", "markdown", "raw"])
def test_a_cell_is_one_that_nbformat_would_make(kind, tmp_path):
    """A submission's cells have every field that nbformat gives a cell of their kind, and no other."""
    (cell,) = read(tmp_path, raw(cells=[{**CELL, "cell_type": kind}])).cells
    assert cell == getattr(nbformat.v4, f"new_{kind}_cell")("x = 1\ny = 2", id="cell-0")
    assert type(cell.metadata) is type(cell)


def test_a_notebook_of_fifty_megabytes_is_refused_unread(tmp_path):
    """A file beyond the limit is refused by its size alone, padded or sparse."""
    path = tmp_path / "hw.ipynb"
    with path.open("wb") as file:
        file.write(json.dumps(raw()).encode())
        file.truncate(50_000_000)
    with pytest.raises(SubmissionError) as caught:
        read_submission(path, 20_000_000)
    assert caught.value.found == "a file of 50,000,000 bytes"
    assert caught.value.remedy == "clear all outputs and save it again"


@pytest.mark.parametrize("kind", ["folder", "link", "missing", "dangling"])
def test_only_a_regular_file_is_read(kind, tmp_path):
    """A folder, a link (to a readable notebook, even) and nothing at all are not read."""
    path, other = tmp_path / "hw.ipynb", tmp_path / "other.ipynb"
    other.write_text(json.dumps(raw()))
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.symlink_to(other if kind == "link" else tmp_path / "nothing")
    with pytest.raises(SubmissionError, match="something that is not a regular file"):
        read_submission(path, MAX)


@pytest.mark.parametrize(
    ("metadata", "language"),
    [
        ({"kernelspec": {"name": "ir", "display_name": "R", "language": "R"}}, "R"),
        ({"kernelspec": {"name": "ir"}}, "R"),
        ({"kernelspec": {"name": "ir", "display_name": "R"}}, "R"),
        ({"language_info": {"name": "julia"}}, "julia"),
        ({"kernelspec": {"language": "x" * 500}}, "x" * 40),
    ],
)
def test_a_notebook_in_another_language_is_refused(metadata, language, tmp_path):
    """A notebook in R or Julia is refused, with its language in bounded words."""
    with pytest.raises(SubmissionError) as caught:
        read(tmp_path, raw(metadata=metadata))
    assert caught.value.found == f"a notebook in {language}"
    assert caught.value.remedy == "choose a Python kernel and save"


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        [],
        {"kernelspec": None},
        {"kernelspec": {}},
        {"kernelspec": {"name": "my-env", "display_name": "Python [conda]"}},
        {"kernelspec": {"language": 3}, "language_info": []},
        {"language_info": {"name": "Python"}},
    ],
)
def test_a_notebook_that_does_not_say_its_language_is_python(metadata, tmp_path):
    """Without a usable kernelspec a notebook is taken for Python, and gets one."""
    assert read(tmp_path, raw(metadata=metadata)).metadata["kernelspec"]["name"] == "python3"


def test_cells_of_wrong_types_are_dropped_and_the_rest_kept(tmp_path):
    """What is no cell is dropped; sources of lines become text; outputs and other metadata do not come in."""
    cells = [
        3,
        {"cell_type": "heading", "source": "x"},
        {"cell_type": "code", "source": {"a": 1}},
        {"cell_type": "code", "source": ["a", 3, "b"], "metadata": [], "outputs": "bad"},
        {"cell_type": "markdown"},
        {**CELL, "metadata": {"tags": "parameters", "nbgrader": {"grade_id": 3}, "editable": False}},
        {**CELL, "metadata": {"tags": ["a", 1], "nbgrader": {"grade_id": "g", "points": 5}}, "attachments": {}},
        {"cell_type": "raw", "source": "half \ud800"},
    ]
    notebook = read(tmp_path, raw(cells=cells))
    nbformat.validate(notebook)
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == [
        ("code", "ab"),
        ("markdown", ""),
        ("code", "x = 1\ny = 2"),
        ("code", "x = 1\ny = 2"),
        ("raw", "half ?"),
    ]
    assert notebook.cells[2].metadata == {}
    assert notebook.cells[3].metadata == {"nbgrader": {"grade_id": "g", "points": 5}, "tags": ["a"]}
    assert all(not cell.get("outputs") for cell in notebook.cells)


def test_tags_that_no_notebook_may_hold_are_dropped(tmp_path):
    """Empty and repeated tags, tags with commas and with half a character are dropped; the notebook can be written."""
    tags = ["mine", "", "a,b", "mine", "half \ud800", 3]
    restored, _ = restore(AUTHORED, read(tmp_path, raw(cells=[{**CELL, "metadata": {"tags": tags}}])))
    assert [each.metadata["tags"] for each in restored.cells if not grade_id(each)] == [["mine"]]
    nbformat.validate(nbformat.reads(nbformat.writes(restored).encode().decode(), as_version=4))


def test_metadata_nested_without_end_does_not_come_in(tmp_path):
    """Deeply nested metadata, which would exhaust the stack later, is dropped when the file is read."""
    cell = {**CELL, "metadata": {"nbgrader": {"grade_id": "task", "points": DEEP, "x": DEEP}, "deep": DEEP}}
    notebook = read(tmp_path, raw(cells=[cell], metadata={**PYTHON, "deep": DEEP}))
    restored, _ = restore(AUTHORED, notebook)
    assert grade_id(notebook.cells[0]) == "task"
    nbformat.writes(restored)


def test_a_version_nested_without_end_is_refused(tmp_path):
    """A version that is no number is refused whatever it is."""
    for version in (DEEP, {"a": DEEP}, "4", True):
        with pytest.raises(SubmissionError, match="nbformat"):
            read(tmp_path, raw(nbformat=version))


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.sampled_from(["code", "python"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["cells", "metadata", "source", "cell_type", "nbgrader", "grade_id", "tags", "kernelspec"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)


@quick
@given(json_values, json_values, json_values)
def test_any_json_is_a_notebook_or_a_submission_error(tmp_path, cells, metadata, cell):
    """Whatever stands in a notebook's places, it is read and can be restored and written, or is refused."""
    for content in (
        raw(cells=cells, metadata=metadata),
        raw(cells=[cell, CELL]),
        raw(cells=[{**CELL, "metadata": cell}]),
    ):
        try:
            notebook = read(tmp_path, content)
        except SubmissionError:
            continue
        restored, _ = restore(AUTHORED, notebook)
        nbformat.validate(nbformat.reads(nbformat.writes(restored), as_version=4))


@quick
@given(st.binary(max_size=100))
def test_any_bytes_are_a_submission_error(tmp_path, content):
    """No bytes make reading raise anything but a `SubmissionError`."""
    with pytest.raises(SubmissionError):
        read(tmp_path, content)


# ----- the author's notebook


def cell(source: str, name: str, kind: str, points: float | None = None, markdown: bool = False, **extra: Any) -> Any:
    """A cell with nbgrader metadata; unlike the shared fixture's, at hand when the module is loaded."""
    metadata: dict[str, Any] = {"grade_id": name, "locked": kind in ("locked", "check"), "schema_version": 3}
    metadata |= {"solution": kind in ("solution", "person"), "grade": kind in ("check", "person"), "task": False}
    metadata |= {} if points is None else {"points": points}
    make = new_markdown_cell if markdown else new_code_cell
    return make(source, id=name, metadata={"nbgrader": metadata, **extra})


AUTHORED = new_notebook(
    metadata=PYTHON,
    cells=[
        new_markdown_cell("# Title", id="title"),
        cell("import numpy as np", "setup", "locked"),
        cell("seed = 0", "parameters", "locked", tags=["parameters"]),
        cell("def a(): ...", "task", "solution"),
        cell('check("one")', "one", "check", 3),
        cell('check("two")', "two", "check", 2),
        cell("Explain.", "essay", "person", 4, markdown=True),
        cell("given = 1", "given", "locked"),
        cell("def b(): ...", "more", "solution"),
        cell('check("three")', "three", "check", 1),
    ],
)
NAMES = [grade_id(each) for each in AUTHORED.cells if grade_id(each)]


def submit(*order: str, **sources: str) -> Any:
    """A submission with these cells in this order ("-" is a cell of the student's own) and these sources."""
    truth = {grade_id(each): each for each in AUTHORED.cells}
    cells = [copy.deepcopy(truth[name]) if name != "-" else new_code_cell("own = 1", id="own") for name in order]
    for each in cells:
        each.source = sources.get(grade_id(each), each.source)
    notebook = new_notebook(metadata=PYTHON)
    notebook.cells = cells  # not checked: the same cell may stand in it twice
    return notebook


def order(notebook: Any) -> list[str]:
    return [grade_id(each) or "-" for each in notebook.cells]


def notes_of(submitted: Any) -> list[str]:
    return [f"{note.code}: {note.words}" for note in restore(AUTHORED, submitted)[1]]


def test_an_untouched_submission_has_no_notes():
    """A submission as it should be is left as it is, and there is nothing to say about it."""
    restored, notes = restore(AUTHORED, submit(*NAMES))
    assert (order(restored), notes) == (NAMES, ())


def test_deleted_cells_come_back_where_they_belong():
    """A deleted check, given or answer cell comes back after the cell before it, and a note says so."""
    left = [name for name in NAMES if name not in ("two", "setup", "more")]
    restored, notes = restore(AUTHORED, submit(*left))
    assert order(restored) == NAMES
    assert [note.words for note in notes] == [
        "the given cell 'setup' was deleted; it was put back",
        "the check cell 'two' was deleted; its checks ran where it belongs",
        "the answer cell 'more' was deleted; it counts as not answered",
    ]


def test_a_check_that_stands_too_early_is_moved():
    """A check cell above the work that it checks runs after it."""
    restored, notes = restore(AUTHORED, submit("one", "setup", "parameters", "task", *NAMES[4:]))
    assert order(restored) == NAMES
    assert [(note.code, note.words) for note in notes] == [
        ("moved", "the cell 'one' stood too early; it ran where it belongs")
    ]


def test_of_duplicates_the_last_counts():
    """Of two answer cells with one name the last keeps it; a locked duplicate is dropped."""
    submitted = submit(*NAMES[:2], "task", "task", "one", "one", *NAMES[4:])
    submitted.cells[2].source, submitted.cells[3].source = "first", "last"
    restored, notes = restore(AUTHORED, submitted)
    assert order(restored) == [*NAMES[:2], "-", *NAMES[2:]]
    assert [each.source for each in restored.cells if grade_id(each) == "task"] == ["last"]
    assert [note.code for note in notes] == ["duplicate", "duplicate"]


def test_edited_cells_points_and_types_are_set_right():
    """An edited locked cell, other points and another cell type are noted, and the author's version counts."""
    submitted = submit(*NAMES, one='check("free points")')
    submitted.cells[NAMES.index("two")].metadata["nbgrader"]["points"] = 100
    essay = new_code_cell("My answer.", id="essay", metadata=submitted.cells[NAMES.index("essay")].metadata)
    submitted.cells[NAMES.index("essay")] = essay
    restored, notes = restore(AUTHORED, submitted)
    assert [f"{note.code}: {note.words}" for note in notes] == [
        "edited: the locked cell 'one' was edited; the author's version ran",
        "points: the file says that 'two' is worth 100; the course's 2 points count",
        "type: the cell 'essay' is a code cell; it was made a markdown cell again",
    ]
    truth = {spec.grade_id: spec for spec in specs(AUTHORED)}
    assert {spec.grade_id: spec.points for spec in specs(restored)} == {name: truth[name].points for name in NAMES}
    answer = restored.cells[NAMES.index("essay")]
    assert (answer.cell_type, answer.source) == ("markdown", "My answer.")


def test_names_and_tags_that_the_author_did_not_give_are_taken_away():
    """A grade_id that no cell of the exercise has, and reserved tags on a student's own cell, have no effect."""
    submitted = submit(*NAMES, "-", "-")
    submitted.cells[-1].metadata["nbgrader"] = {"grade_id": "bonus", "grade": True, "points": 50}
    submitted.cells[-2].metadata["tags"] = ["parameters", "raises-exception", "mine"]
    restored, _ = restore(AUTHORED, submitted)
    assert order(restored) == [*NAMES, "-", "-"]
    assert restored.cells[-2].metadata["tags"] == ["mine"]
    assert sum(spec.points for spec in specs(restored)) == 10


edits = st.lists(st.sampled_from([*NAMES, *NAMES, "-"]), max_size=16)


@settings(deadline=None, max_examples=200)
@given(edits, st.data())
def test_any_submission_gets_its_exercise_back(names, data):
    """After any shuffle, deletion, duplication and edit, each locked cell stands once, whole, after its predecessor."""
    submitted = submit(*names)
    for each in submitted.cells:
        each.source = data.draw(st.sampled_from([each.source, "", "changed = 1"]))
        if "nbgrader" in each.metadata:
            key, value = data.draw(
                st.sampled_from(
                    [("points", 99), ("grade", True), ("locked", False), ("solution", True), ("task", True)]
                )
            )
            each.metadata["nbgrader"][key] = value
    before = copy.deepcopy(submitted)
    restored, _ = restore(AUTHORED, submitted)
    assert submitted == before
    places = {grade_id(each): place for place, each in enumerate(restored.cells) if grade_id(each)}
    assert sorted(name for name in order(restored) if name != "-") == sorted(NAMES)
    authored = {grade_id(each): each for each in AUTHORED.cells}
    previous = ""
    for name in NAMES:
        mine, theirs = authored[name], restored.cells[places[name]]
        assert theirs.metadata == mine.metadata
        assert theirs.cell_type == mine.cell_type
        if is_locked(mine):
            assert theirs.source == mine.source
            assert places[name] > places.get(previous, -1)
        previous = name
    own = [each.source for each in submitted.cells if not grade_id(each)]
    kept = iter([each.source for each in restored.cells if not grade_id(each)])
    assert all(source in kept for source in own)  # in their order, with the earlier ones of duplicates between them
    nbformat.validate(restored)
    again, notes = restore(AUTHORED, restored)
    assert (again, notes) == (restored, ())


@settings(deadline=None, max_examples=30)
@given(edits)
def test_restoring_is_deterministic(names):
    """The same submission gives the same notebook, cell ids included, and no id twice."""
    first, second = (restore(AUTHORED, submit(*names))[0] for _ in range(2))
    assert nbformat.writes(first) == nbformat.writes(second)
    assert len({each["id"] for each in first.cells}) == len(first.cells)


def test_reading_gives_the_same_ids_each_time(tmp_path):
    """A notebook without cell ids gets the same ones at each reading."""
    content = raw(cells=[CELL, CELL])
    assert nbformat.writes(read(tmp_path, content)) == nbformat.writes(read(tmp_path, content))


def test_an_odd_grade_id_gets_a_valid_cell_id():
    """A grade_id that is no valid cell id, by its signs or its length, still gives a valid notebook."""
    authored = new_notebook(metadata=PYTHON)
    authored.cells = [cell("x", "a", "locked"), cell("y", "b", "locked")]
    for each, name in zip(authored.cells, ("a b/ä", "n" * 100), strict=True):
        each.metadata["nbgrader"]["grade_id"] = name
    nbformat.validate(restore(authored, new_notebook(cells=[]))[0])


@pytest.mark.parametrize(
    ("kind", "check", "locked"),
    [("locked", False, True), ("check", True, True), ("solution", False, False), ("person", False, False)],
)
def test_kinds_of_cells(kind, check, locked):
    """A check cell carries points that checks decide; it and a read-only cell are the author's, answers are not."""
    assert (is_check(cell("x", "n", kind)), is_locked(cell("x", "n", kind))) == (check, locked)


def test_a_markdown_cell_with_points_is_no_check():
    """A manually graded text is never a check cell."""
    assert not is_check(cell("x", "n", "person", 3, markdown=True))
    assert not is_check(cell("x", "n", "check", 3, markdown=True))


def test_an_exercise_is_recognised_by_its_cells():
    """A file of another name is taken for the exercise whose grade_ids it holds, where that is clear."""
    other = new_notebook(cells=[cell("x", "setup", "locked"), cell("x", "other", "check", 1)])
    exercises = [("week", AUTHORED), ("next", other)]
    assert recognise(submit("setup", "task", "one"), exercises) == "week"
    assert recognise(new_notebook(cells=[cell("x", "other", "check", 1)]), exercises) == "next"
    assert recognise(submit("setup", "parameters"), exercises) is None
    assert recognise(submit("one"), [("a", AUTHORED), ("b", AUTHORED)]) is None
    assert recognise(submit("one"), []) is None
