"""Pages in a terminal, as pictures."""

import re

from hypothesis import given
from hypothesis import strategies as st

from referee.feedback.interface import Disclosure, Policy
from referee.feedback.terminal import render, render_check, render_class
from referee.pictures import Curves, Field, Heat, Level
from referee.report import (
    PASSED,
    CellRun,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Fault,
    GradedCell,
    LayerRow,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
LIMIT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.LIMIT)
CHECK_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
HARNESS_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.HARNESS)
ENVIRONMENT = Environment(referee="0.1", python="3.11", platform="Linux")


def check(
    verdict=PASSED, sentence="The feature map of the deck's image.", *, public=True, weight=1.0, **evidence
) -> CheckResult:
    return CheckResult(
        check="conv",
        name="test_it",
        sentence=sentence,
        weight=weight,
        public=public,
        verdict=verdict,
        evidence=Evidence(**evidence),
    )


def book(*cells, name="basics", **fields) -> NotebookReport:
    return NotebookReport(notebook=name, fingerprint="f", environment=ENVIRONMENT, graded=cells, **fields)


def cell(grade_id, earned, points, *results, waits=False, kind="check") -> GradedCell:
    score = None if waits else earned
    return GradedCell(grade_id=grade_id, kind=kind, points=points, earned=earned, score=score, results=results)


def report(*notebooks, student="ada") -> Report:
    return Report(student=student, assignment="cnn", notebooks=notebooks)


SHAPE = check(
    FAILED,
    "Your conv2d works on images of any size.",
    weight=2.0,
    words="Your answer has another shape than it should have here.",
    hint="Count the positions that the filter can take.",
    misconception="same padding",
    expected="(4, 4)",
    actual="(6, 6)",
    tolerance="exact",
)
MIXED = report(
    book(
        cell("conv", 1.0, 4.0, check(), SHAPE, check(CHECK_FAULT, "It is fast.", words="The check broke."), waits=True),
        cell("essay", 0.0, 2.0, waits=True, kind="person"),
        notes=(Note(code="n", words="Cell 3 was edited although it is locked."),),
        cells=(CellRun(index=4, grade_id="", status=CellStatus.RAISED, error="NameError", words="no name 'k'"),),
    )
)
LAYERS = report(
    book(
        cell(
            "model",
            0.0,
            1.0,
            check(
                FAILED,
                "The model has the layers of the deck.",
                public=False,
                table=(
                    LayerRow(state="same", expected="Dense(8)", actual="Dense(8)"),
                    LayerRow(state="missing", expected="Pool(2)", actual=None),
                    LayerRow(
                        state="different", expected="Conv(8)", actual="Conv(16)", differs="16 filters instead of 8"
                    ),
                ),
            ),
        )
    )
)
ALL = Policy(public=Disclosure.ALL, hidden=Disclosure.ALL)


def test_a_mixed_report_at_60_columns():
    """A narrow terminal gets wrapped, aligned text that is complete without colour."""
    assert (
        render(MIXED, width=60, color=False)
        == """\
ada  cnn/basics
1 of 6 points; 3 points wait for a person (conv, essay)
Next: make this true: Your conv2d works on images of any
size. It looks like this: same padding. Hint: Count the
positions that the filter can take.
Note: Cell 3 was edited although it is locked.

conv  1 of 4 so far, a person decides
✓ passed  The feature map of the deck's image.        1 of 1
✗ failed  Your conv2d works on images of any size.    0 of 2
          Your answer has another shape than it
          should have here.
          Hint: Count the positions that the filter
          can take.
          Looks like: same padding
          Expected: (4, 4)
          Yours: (6, 6)
          Tolerance: exact
✋ person It is fast.                                 ? of 1
          could not be checked (the check is at
          fault), needs a person
          The check broke.

essay  0 of 2 so far, a person decides

cell 5 raised an error: no name 'k'
"""
    )


def test_a_mixed_report_at_100_columns():
    """A wide terminal gets the same words on fewer lines."""
    picture = render(MIXED, width=100, color=False)
    assert (
        picture.split("\n\n")[1]
        == """\
conv  1 of 4 so far, a person decides
✓ passed  The feature map of the deck's image.                                                1 of 1
✗ failed  Your conv2d works on images of any size.                                            0 of 2
          Your answer has another shape than it should have here.
          Hint: Count the positions that the filter can take.
          Looks like: same padding
          Expected: (4, 4)
          Yours: (6, 6)
          Tolerance: exact
✋ person It is fast.                                                                         ? of 1
          could not be checked (the check is at fault), needs a person
          The check broke."""
    )


def test_a_layer_table_for_a_student():
    """A hidden check shows the student's own layers and where one is missing."""
    assert (
        render(LAYERS, width=60, color=False).split("\n\n")[1]
        == """\
model  0 of 1
✗ failed  The model has the layers of the deck.       0 of 1
          = Dense(8)
          - a layer is missing here
          ! Conv(16)
"""
    )


def test_a_layer_table_for_an_instructor():
    """At the last level the table names what was expected."""
    assert (
        render(LAYERS, width=60, color=False, policy=ALL).split("\n\n")[1]
        == """\
model  0 of 1
✗ failed  The model has the layers of the deck.       0 of 1
          = Dense(8)
          - a layer is missing here (expected
          Pool(2))
          ! Conv(16) (16 filters instead of 8)
"""
    )


def test_one_check_alone():
    """A single check needs no report around it."""
    result = check(LIMIT, "It answers in time.", words="No answer within 10 seconds.")
    assert (
        render_check(result, width=60, color=False)
        == """\
? limit   It answers in time.
          could not be checked (limit)
          No answer within 10 seconds.
"""
    )


def test_pictures_in_words():
    """What a field and learning curves show is a line each; maps stand there as numbers, and accuracies in words."""
    kinds = (
        Field(title="the field", shape=(3,), step=(1, 1), actual=("##.",), expected=(".##",)),
        Curves(title="history", series={"loss": "1 0.5"}, epochs=2),
        Level(title="digits", share=0.9, error=0.1, total=9),
        Heat(title="map", shape=(1, 1), axes=(0, 1), place=(0, 0), step=(1, 1), actual=("1",)),
    )
    text = render_check(check(FAILED, "It works.", words="Wrong.", pictures=kinds), width=60, color=False)
    assert text == (
        "✗ failed  It works.\n"
        "          Wrong.\n"
        "          the field: 2 of 3 cells; 1 of them not expected,\n"
        "          and 1 missing\n"
        "          history: 2 epochs; at the end loss 0.5\n"
    )


def test_a_log_keeps_its_last_lines():
    """Of a long log the end is shown, where the error is."""
    shown = render_check(check(FAILED, log="\n".join(f"line {n}" for n in range(50))), width=60, color=False)
    assert "line 49" in shown
    assert "line 37" not in shown


def test_a_class():
    """Each student gets a block with the score and the why, and the class gets its counts."""
    refused = report(book(refused="it is not a notebook", refused_by=Fault.STUDENT), student="cy")
    fine = report(
        book(cell("conv", 4.0, 4.0, check())), book(cell("pool", 1.0, 1.0, check()), name="more"), student="bo"
    )
    assert (
        render_class([refused, MIXED, fine], width=60, color=False)
        == """\
ada  1 of 6
  ·  Cell 3 was edited although it is locked.
  !  cell 5: no name 'k'
  ✗  conv 1 of 4: same padding: Count the positions that
     the filter can take
  ✋ conv 1 of 4: could not be checked (the check is at
     fault), needs a person: The check broke
  ✋ essay 0 of 2: a person grades this

bo  5 of 5  (basics 4 of 4, more 1 of 1)

cy  0 of 0
  ?  not run: it is not a notebook

Submissions: 3, could not be read: 1, need a person: 1
Could not be read: cy
Needs a person, a check is at fault: ada (conv)
Needs a person, an answer to read: ada (essay)
"""
    )


def test_a_harness_fault_in_a_class():
    """A fault of ours is named as ours."""
    broken = report(book(cell("conv", 0.0, 1.0, check(HARNESS_FAULT, "It works."), waits=True)))
    shown = render_class([broken], width=100, color=False)
    assert "✋ conv 0 of 1: could not be checked (the grader is at fault), needs a person: It works" in shown
    assert "Needs a person, not graded because we failed: ada (conv)" in shown


def test_an_empty_class():
    """No reports are counted as none."""
    assert render_class([], width=80, color=False).strip() == ("Submissions: 0, could not be read: 0, need a person: 0")


def test_a_class_is_coloured_by_its_signs():
    """What went wrong stands out in a list of a class, and the words are the same as without colour."""
    coloured = render_class([MIXED], width=80, color=True)
    assert re.search("\x1b\\[1;31m *✗", coloured)
    assert re.sub("\x1b\\[[0-9;]*m", "", coloured).split() == render_class([MIXED], width=80, color=False).split()


def test_colour_adds_nothing_but_colour():
    """Without its colour codes the coloured page is the plain one."""
    coloured = render(MIXED, width=60, color=True)
    assert "\x1b[" in coloured
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in bare.splitlines()] == render(MIXED, width=60, color=False).splitlines()


def hostile(text) -> Report:
    evidence = dict.fromkeys(("words", "hint", "expected", "actual", "tolerance", "misconception", "log"), text)
    row = LayerRow(state="different", expected=text, actual=text, differs=text)
    result = check(FAILED, text, table=(row,), **evidence)
    run = CellRun(index=0, grade_id=text, status=CellStatus.RAISED, error=text, words=text, traceback=text)
    made = book(cell(text, 0.0, 1.0, result), name=text, notes=(Note(code="n", words=text),), cells=(run,))
    return report(made, book(refused=text), student=text)


@given(
    st.text(max_size=40) | st.text("\x00\x07\x08\x1b\x9b[2J\r\n\u202e\u2066<>", max_size=20), st.sampled_from([60, 100])
)
def test_no_text_repaints_the_terminal(text, width):
    """Whatever a student prints, no control character and no bidi override reaches the terminal."""
    made = hostile(text)
    shown = render(made, width=width, color=False, policy=ALL) + render_class([made], width=width, color=False)
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in shown.split("\n"))


def test_a_huge_text_stays_small():
    """A text of 100 kB does not flood the page."""
    assert len(render(hostile("x" * 100_000), width=100, color=False, policy=ALL)) < 60_000


def test_markup_is_not_obeyed():
    """Brackets that look like the terminal library's own markup are shown as they are."""
    assert "[bold red]boo[/] :smile:" in render_check(
        check(FAILED, words="[bold red]boo[/] :smile:"), width=60, color=False
    )
