"""Moodle's worksheet and gradebook with one column filled."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.collect import moodle as names
from referee.errors import UsageError
from referee.exports import moodle
from referee.exports.filling import Filled, Wishes
from tests.collect.zips import moodle as zip_name
from tests.exports.made import klass, scored, waiting

SHEET = (
    b'\xef\xbb\xbfIdentifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
    b'"Last modified (submission)","Last modified (grade)"\n'
    b'"Participant 501","Ada Lovelace",ada@example.org,"Submitted for grading - ",,10.00,Yes,'
    b'"Friday, 2 January 2026, 3:04 AM",-\n'
    b'"Participant 502","Ben O\'Neill",ben@example.org,"Submitted",4.50,10.00,Yes,-,-\n'
    b'"Participant 503","Marie Curie",marie@example.org,"No submission",,10.00,No,-,-\n'
)
GRADEBOOK = (
    b'"First name","Last name","ID number","Email address","Assignment: Convolution (Real)",'
    b'"Assignment: Convolution (Percentage)","Course total (Real)"\r\n'
    b"Ada,Lovelace,u501,ada@example.org,-,-,-\r\n"
    b'Ben,O\'Neill,u502,ben@example.org,"3.00",-,3.00\r\n'
)
ADA = scored("Ada Lovelace_501", 9.25, lms="moodle", name="Ada Lovelace", number="501")
BEN = scored("Ben O'Neill_502", 4.5, lms="moodle", name="Ben O'Neill", number="502")
MARIE = scored("Marie Curie_503", 7.0, lms="moodle", name="Marie Curie", number="503")


def filled(*students, content=SHEET, **wishes) -> tuple[Filled, bytes]:
    return moodle.write(klass(*students), content, "grades.csv", Wishes(**wishes))


def left(result) -> dict[str, str]:
    return {each.who: each.why for each in result.left}


def test_only_grades_change():
    """One grade is written, one is right already, a locked one is listed; every other byte is as it was."""
    said, after = filled(ADA, BEN, MARIE)
    assert after == SHEET.replace(b'grading - ",,', b'grading - ",9.25,')
    assert [(change.row, change.old, change.new) for change in said.changes] == [(2, "", "9.25")]
    assert (said.same, said.possible) == (1, 10.0)
    assert left(said) == {"Marie Curie_503": "row 4 (Marie Curie): Moodle says that its grade cannot be changed"}


def test_a_groups_number_is_no_participants():
    """A group whose number is a participant's is seen by its name, and listed."""
    group = scored("Group A_502", 1.0, lms="moodle", name="Group A", number="502")
    said, after = filled(group, MARIE)
    assert after == SHEET
    assert left(said)["Group A_502"] == (
        "row 3 (Ben O'Neill) has the number 502, but another name"
        " (--id-column Identifier takes numbers alone, where all are the same persons)"
    )
    assert filled(group, id_column="Identifier")[0].changes[0].row == 3


def test_points_of_moodle():
    """A maximum grade that is not ours is refused, or scaled to where that is wished."""
    with pytest.raises(UsageError, match="100 points"):
        filled(ADA, content=SHEET.replace(b",10.00,", b",100.00,"))
    said, _after = filled(ADA, content=SHEET.replace(b",10.00,", b",100.00,"), scale=True)
    assert (said.changes[0].new, said.scale) == ("92.5", "earned * 100 / 10")


def test_words_are_no_points():
    """An assignment that is graded in words is refused."""
    with pytest.raises(UsageError, match="Scale: not in every row"):
        filled(ADA, content=SHEET.replace(b'"Maximum Grade"', b"Scale").replace(b",10.00,", b",Good,"))


def test_a_worksheet_in_another_language():
    """With its columns named, a localized worksheet is filled, with its decimal commas, and says what it cannot see."""
    content = (
        "Bezeichner;Vollständiger Name;Bewertung;Bestwertung;Bewertung kann geändert werden\r\n"
        "Teilnehmer/in501;Ada Lovelace;;10,00;Ja\r\n"
    ).encode()
    with pytest.raises(UsageError, match="Bezeichner"):
        filled(ADA, content=content, column="Bewertung")
    said, after = filled(ADA, content=content, column="Bewertung", id_column="Bezeichner")
    assert after == content.replace(b"Lovelace;;", b"Lovelace;9,25;")
    assert "Moodle skips it" in said.notes[0]


def test_blind_marking():
    """Without names, participants are found by their numbers alone."""
    content = b"Identifier,Status,Grade,Maximum Grade\nParticipant 501,x,,10\nParticipant 502,x,,10\n"
    blind = scored("Participant_502", 3.0, lms="moodle", name="Participant", number="502")
    assert filled(blind, content=content)[1] == content.replace(b"502,x,,", b"502,x,3,")


def test_the_gradebooks_export():
    """The gradebook's export is filled by exact ID numbers or addresses, in the one column of real grades."""
    said, after = filled(scored("ada@example.org", 2.5), scored("u502", 5.0), ADA, content=GRADEBOOK)
    assert after == GRADEBOOK.replace(b"example.org,-,-,-\r\nBen", b"example.org,2.5,-,-\r\nBen").replace(
        b'"3.00"', b'"5"'
    )
    assert left(said) == {"Ada Lovelace_501": "no row has the number 501 or this name"}
    assert "does not say how many points" in said.notes[0]


def test_numbers_of_a_worksheet_are_not_those_of_a_gradebook():
    """An ID number such as u501 is not the participant 501, even where its column is named."""
    said, after = filled(ADA, scored("u502", 3.0), content=GRADEBOOK, id_column="ID number")
    assert after == GRADEBOOK
    assert left(said)["Ada Lovelace_501"] == "no row has the number 501 or this name"


def test_a_class_of_the_zip_in_the_gradebooks_export():
    """The gradebook's export, which has no numbers of the zip, is refused for a class from there, with the remedy."""
    with pytest.raises(UsageError, match="Ada Lovelace_501: no row has the number 501 or this name") as caught:
        filled(ADA, BEN, MARIE, content=GRADEBOOK)
    assert "grading worksheet" in caught.value.remedy
    assert "--id-column" in caught.value.remedy
    with pytest.raises(UsageError) as caught:
        filled(scored("nobody", 1.0), content=SHEET)
    assert "the gradebook's export" not in caught.value.remedy


@pytest.mark.parametrize("grade", [b"12,5", b"12,5,0"])
def test_a_row_that_is_too_long(grade):
    """A grade with a comma that has no quotes is no maximum of 5: its row is named, and the others are filled."""
    content = SHEET.replace(b',"Submitted",4.50', b',"Submitted",' + grade)
    said, after = filled(ADA, BEN, content=content)
    assert after == content.replace(b'grading - ",,', b'grading - ",9.25,')
    fields = 9 + grade.count(b",")
    assert left(said)["Ben O'Neill_502"] == (
        f"row 3 (Ben O'Neill) has {fields} fields, but the header 9: is there a ',' without quotes in one?"
    )


def test_a_row_that_is_too_short():
    """A row that ends before its maximum is named and left as it is."""
    content = SHEET.replace(b'"Submitted",4.50,10.00,Yes,-,-', b'"Submitted",4.50')
    said, after = filled(ADA, BEN, content=content)
    assert after == content.replace(b'grading - ",,', b'grading - ",9.25,')
    assert left(said)["Ben O'Neill_502"] == "row 3 (Ben O'Neill) ends before this column"


def test_grades_without_a_column_after_them():
    """A column of grades with nothing after it has no maximum, and is refused."""
    with pytest.raises(UsageError, match="no such column: not in every row"):
        filled(ADA, content=b"Identifier,Note,Grade\nParticipant 501,x,\n")


def test_columns_are_listed():
    """Where no one column is the assignment's, those that it may be are listed."""
    with pytest.raises(UsageError, match=r"none; there are: Assignment: Lab \(Real\)"):
        filled(ADA, content=GRADEBOOK.replace(b"Convolution", b"Lab"))
    with pytest.raises(UsageError, match=r"0 columns called 'Nota'; there are: Identifier \| Full name"):
        filled(ADA, column="Nota")
    with pytest.raises(UsageError, match=r"a column that tells who is who in grades\.csv"):
        filled(ADA, content=b"Name,Assignment: Convolution (Real)\nAda,-\n")


def test_a_participant_twice():
    """A participant in two rows is an error that names both."""
    with pytest.raises(UsageError, match="501 in rows 2, 3"):
        filled(ADA, content=SHEET.replace(b"Participant 502", b"Participant 501"))


def test_what_waits_for_a_person():
    """A score of which a part waits is listed, not written."""
    said, after = filled(waiting("x_501", lms="moodle", number="501"))
    assert after == SHEET
    assert "2 points wait for a person" in left(said)["x_501"]


@given(st.text(alphabet="aeioé Ö'-李", min_size=1, max_size=20).filter(str.strip), st.integers(1, 10**9))
def test_collected_names_are_found(name, number):
    """Whoever Moodle's zip names is found in Moodle's worksheet, by number and by name."""
    taken = names.read(zip_name(name, number, "maps.ipynb"))
    assert not isinstance(taken, str)
    prefix = taken.student.rpartition("_")[0]
    who = scored(taken.student, 4.0, lms="moodle", name=prefix, number=str(number))
    file = io.StringIO(newline="")
    header = ["Identifier", "Full name", "Grade", "Maximum Grade"]
    rows = [header, [f"Participant {number + 1}", "Z", "", "10.0"], [f"Participant {number}", name, "", "10.0"]]
    csv.writer(file).writerows(rows)
    said, _after = filled(who, content=file.getvalue().encode())
    assert [change.row for change in said.changes] == [3]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=5), st.data())
def test_grades_alone_change(scores, data):
    """Over generated worksheets with odd quoting, the file that comes back differs in its grades alone."""
    end = data.draw(st.sampled_from(("\n", "\r\n")))
    values = st.text(alphabet="ab \"',;é\n\r", max_size=5)

    def field(value: str) -> str:
        must = any(sign in value for sign in '"\r\n,;')
        return '"' + value.replace('"', '""') + '"' if must or data.draw(st.booleans()) else value

    rows = [["Identifier", "Status", "Grade", "Maximum Grade", "Feedback comments"]]
    rows += [[f"Participant {n}", data.draw(values), "", "10.00", data.draw(values)] for n in range(len(scores))]
    content = end.join(",".join(map(field, row)) for row in rows).encode()
    people = [scored(f"x_{n}", score, lms="moodle", number=str(n)) for n, score in enumerate(scores)]
    _said, after = filled(*people, content=content)
    before, now = (list(csv.reader(io.StringIO(each.decode(), newline=""))) for each in (content, after))
    assert [row[:2] + row[3:] for row in before] == [row[:2] + row[3:] for row in now]
    assert [float(row[2]) for row in now[1:]] == [round(score, 2) for score in scores]
