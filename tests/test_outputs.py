"""The texts of a cell's outputs, as a page may show them, whatever a hostile kernel sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from referee import outputs
from referee.feedback import foreign_svg, markup, notebook


def cell(*found: NotebookNode) -> NotebookNode:
    return new_code_cell("", outputs=list(found))


def shown(kind: str, value: object) -> NotebookNode:
    return new_output("display_data", data={kind: value})


@pytest.mark.parametrize(
    "found",
    [
        new_output("stream", name="stderr", text="a 1234 b"),
        new_output("error", ename="E1234", evalue="", traceback=[]),
        new_output("error", ename="E", evalue="1234", traceback=[]),
        new_output("error", ename="E", evalue="", traceback=["a", "1234"]),
        new_output("stream", name="stdout", text="12\x1b[31m34"),
        new_output("stream", name="stdout", text="12\u200b34"),
        new_output("stream", name="stdout", text="\uff11\uff12\u0663\u0664"),
        shown("text/html", "<p>12<b class='x'>34</b>"),
        shown("text/html", "1&#50;34"),
        shown("image/svg+xml", "<svg><text>1234</text></svg>"),
        shown("application/json", {"a": [1234]}),
        shown("text/markdown", "12**34**"),
    ],
)
def test_what_a_page_shows_is_among_the_texts(found):
    """Streams, errors and their names, drawings, tags, colours and other digits: the number that is seen is found."""
    assert any("1234" in text for text in outputs.texts(cell(found)))


def test_outputs_stand_together():
    """All outputs of a cell are one text, so that none is small enough to be overlooked; pixels are no text."""
    both = new_output("stream", name="stdout", text="1"), new_output("stream", name="stderr", text="2")
    assert outputs.texts(cell(*both, shown("image/png", "MTIz"))) == ("1\n2",)


def test_head_and_tail_are_those_of_a_page():
    """Whatever a page still shows of a long text is looked at."""
    text = "7" + "\n0" * 30_000 + "\n8"
    (page,) = notebook.part({"cells": [cell(new_output("stream", name="stdout", text=text))]}).cells[0].outputs
    (found,) = outputs.texts(cell(new_output("stream", name="stdout", text=text)))
    for digit in "78":
        assert digit in found
        assert digit in page.html.striptags().replace("characters left out", "")


@given(
    st.recursive(st.none() | st.text() | st.floats(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
)
def test_no_output_is_an_error(value):
    """Whatever is in the fields of an output, there is a text of it."""
    odd = {"output_type": "display_data", "data": {"text/html": value, "a/b": value}, "ename": value, "text": value}
    assert all(isinstance(text, str) for text in outputs.texts({"outputs": [odd]}))


def test_all_that_a_page_shows_is_looked_at():
    """What is searched for hidden inputs is at least what a page shows of outputs, and read as it is shown."""
    assert outputs._MOST_OUTPUTS >= notebook._MOST_OUTPUTS
    assert outputs._END >= notebook._LONGEST_TEXT
    assert max(markup.LONGEST_HTML, foreign_svg.LARGEST) <= outputs._LONGEST_HTML
    assert outputs._ACTS.pattern == notebook._TERMINAL.pattern


@pytest.mark.parametrize(("whole", "lines", "longest"), [(False, 50, 4000), (True, 1002, 9001)])
def test_an_error_is_kept_short_or_as_it_came(whole, lines, longest):
    """Where rules of others shorten it, a long traceback is all there; and what is no text is out in either case."""
    content = {"ename": "RecursionError", "evalue": "x" * 9001, "traceback": ["head", None, *["frame"] * 1000, "end"]}
    kept = outputs.bounded_error(content, whole=whole)
    assert (len(kept["traceback"]), len(kept["evalue"])) == (lines, longest)
    assert kept["traceback"][-1] == "end"
    assert None not in kept["traceback"]
