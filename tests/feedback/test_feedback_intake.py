"""What a collect took, and what it left out, as pictures."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.collect.interface import Collected, CollectedStudent, LeftOut, State, Taken
from referee.feedback.intake import collected


def file(name="mini.ipynb", state: State = "new", *, late: bool | None = None, attempt=1) -> Taken:
    return Taken(file=name, member=f"{name} in the zip", state=state, late=late, attempt=attempt)


def student(name="ada", *files: Taken, **fields) -> CollectedStudent:
    return CollectedStudent(student=name, files=files or (file(),), **fields)


def found(*students: CollectedStudent, left_out: tuple[LeftOut, ...] = (), **fields) -> Collected:
    known = {"assignment": "week", "kind": "folder", "source": "downloads", "dry_run": False}
    return Collected(students=students, left_out=left_out, **{**known, **fields})


def picture(made: Collected) -> str:
    return "\n".join(collected(made))


def test_a_collect():
    """New and changed students are listed with their files, those that are as before are counted alone."""
    made = found(
        student("ada"),
        student("ben", file(state="changed", late=True, attempt=3), kept=("submitted/ben/attempts/2/mini.ipynb",)),
        student("cy", file(state="as before", late=False)),
        student("dan", file(state="new"), file("more.ipynb", "as before"), beside=("old.ipynb", "older.ipynb")),
        kind="canvas",
        source="submissions.zip",
        left_out=(
            LeftOut(member="eve_1_2_notes.pdf", reason="no notebook", student="eve"),
            LeftOut(member="__MACOSX", reason="a hidden folder"),
        ),
    )
    assert (
        picture(made)
        == """\
week: 4 students taken from submissions.zip (a Canvas zip): 1 new, 2 changed, 1 as before
  ada  new  mini.ipynb
  ben  changed  LATE  attempt 3  mini.ipynb
    kept: submitted/ben/attempts/2/mini.ipynb
  dan  changed  mini.ipynb, more.ipynb
    stays: old.ipynb (not in this source)
    stays: older.ipynb (not in this source)
left out: 2
  eve_1_2_notes.pdf (eve): no notebook
  __MACOSX: a hidden folder"""
    )


def test_a_dry_run():
    """A dry run says what would be taken."""
    assert (
        picture(found(student(), kind="moodle", source="all.zip", dry_run=True))
        == """\
week: 1 student would be taken from all.zip (a Moodle zip): 1 new
  ada  new  mini.ipynb"""
    )


def test_nobody():
    """A source without a notebook says so, and why."""
    assert (
        picture(found(left_out=(LeftOut(member="notes.txt", reason="it is no notebook"),)))
        == """\
week: 0 students taken from downloads (a folder of notebooks): nobody
left out: 1
  notes.txt: it is no notebook"""
    )


def test_the_same_once_more():
    """Collected again, a class that is as before is one line; who is late is named all the same."""
    before = file(state="as before", late=False)
    assert (
        picture(found(student("ada", before), student("ben", before)))
        == "week: 2 students taken from downloads (a folder of notebooks): 2 as before"
    )
    assert picture(found(student("ada", before), student("ben", file(state="as before", late=True)))).splitlines()[
        1:
    ] == ["  ben  as before  LATE  mini.ipynb"]


@pytest.mark.parametrize(
    ("states", "told"),
    [
        (("new", "new"), "new"),
        (("as before", "as before"), "as before"),
        (("new", "as before"), "changed"),
        (("changed", "as before"), "changed"),
        (("new", "changed"), "changed"),
    ],
)
def test_a_student_is_what_all_files_are(states, told):
    """A student is new, or as before, where each file is; and changed where they differ."""
    assert student("ada", *(file(state=state) for state in states)).state == told


@pytest.mark.parametrize(
    ("late", "told"),
    [
        ((None, None), None),
        ((False, None), False),
        ((False, True), True),
        ((None, True), True),
        ((False, False), False),
    ],
)
def test_one_late_file_makes_a_late_student(late, told):
    """A student is late with any late file, in time only where that is known, and else neither."""
    assert student("ada", *(file(late=each) for each in late)).late is told


def test_the_latest_attempt_is_told():
    """Of several files the highest attempt stands in the line."""
    made = found(student("ada", file(attempt=2), file("more.ipynb", attempt=12)))
    assert picture(made).splitlines()[1] == "  ada  new  attempt 12  mini.ipynb, more.ipynb"


@given(st.text(max_size=30) | st.text("\x00\x07\x1b\x9b[2J\r\n\u202e\u2066", max_size=20))
def test_no_text_repaints_the_terminal(text):
    """Whatever the members of a zip are called, each line is one line of visible text."""
    made = found(
        student(text, file(text, late=True, attempt=2), kept=(text,), beside=(text,)),
        assignment=text,
        source=text,
        left_out=(LeftOut(member=text, reason=text, student=text),),
    )
    lines = collected(made)
    assert len(lines) == 6
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in lines)


def test_long_names_stay_within_their_lines():
    """A name without end does not flood the terminal."""
    long = "x" * 100_000
    made = found(student(long, file(long), kept=(long,), beside=(long,)), left_out=(LeftOut(member=long, reason=long),))
    assert max(map(len, collected(made))) < 2000
