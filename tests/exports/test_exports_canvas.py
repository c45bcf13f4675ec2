"""Canvas's gradebook with one column filled."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.collect import canvas as names
from referee.errors import UsageError
from referee.exports import canvas
from referee.exports.filling import Filled, Wishes
from tests.collect.zips import canvas as zip_name
from tests.exports.made import klass, scored, waiting

BOOK = (
    b"\xef\xbb\xbfStudent,ID,SIS User ID,SIS Login ID,Section,Convolution (12345),Quiz (12346),Final Score\r\n"
    b",,,,,Manual Posting,,\r\n"
    b"    Points Possible,,,,,10.00,5.00,(read only)\r\n"
    b'"Lovelace, Ada",11,s11,ada,"A, ""B""",,1.00,99\r\n'
    b'"O\'Neill, Ben",12,s12,ben,A,"7.00",2.00,50\r\n'
    b'"Curie, Marie",13,s13,marie,"two\r\nlines",EX,3.00,50\r\n'
    b'"Noether, Emmy",14,,emmy,A,8.50,,\r\n'
    b'"Student, Test",99,,f00,A,,,\r\n'
)
ADA = scored("lovelaceada_11", 9.5, lms="canvas", name="lovelaceada", number="11")
BEN = scored("oneillben_12", 20 / 3, lms="canvas", name="oneillben", number="12")


def filled(*students, content=BOOK, **wishes) -> tuple[Filled, bytes]:
    return canvas.write(klass(*students), content, "grades.csv", Wishes(**wishes))


def left(result) -> dict[str, str]:
    return {each.who: each.why for each in result.left}


def test_scores_go_in_and_every_other_byte_stays():
    """Two scores change, one of them in its quotes; everything else in the file is the same."""
    said, after = filled(ADA, BEN)
    expected = BOOK.replace(b'"A, ""B""",,1.00', b'"A, ""B""",9.5,1.00').replace(b'"7.00"', b'"6.67"')
    assert after == expected
    assert [(each.student, each.row, each.old, each.new) for each in said.changes] == [
        ("lovelaceada_11", 4, "", "9.5"),
        ("oneillben_12", 5, "7.00", "6.67"),
    ]
    assert (said.column, said.possible, said.scale) == ("Convolution (12345)", 10.0, "")


def test_a_score_that_is_there_already_is_not_spelled_anew():
    """8.50 stays 8.50, and counts as right."""
    said, after = filled(scored("emmy", 8.5))
    assert (after, said.same, said.changes) == (BOOK, 1, ())


def test_who_is_left_alone():
    """Rows without a submission, excused ones, the test student and students without a row are listed with reasons."""
    said, _after = filled(ADA, scored("marie", 3.0), scored("nobody_77", 1.0, lms="canvas", number="77"))
    why = left(said)
    assert why["marie"] == "row 6 (Curie, Marie): excused in Canvas"
    assert why["nobody_77"] == "no row has the number 77 or this name"
    assert why["row 8 (Student, Test)"] == "Canvas's test student"
    assert why["row 5 (O'Neill, Ben)"] == "no submission with a report"
    assert len(said.changes) == 1


def test_numbers_count_only_where_canvas_gave_them():
    """A folder that ends in a number of its own is no Canvas user; a login that is equal is."""
    moodles = scored("moira_11", 3.0, lms="moodle", number="11")
    said, after = filled(scored("bob_11", 1.0), scored("ben", 2.0), moodles)
    assert left(said)["bob_11"] == "no row has this name"
    assert left(said)["moira_11"] == "no row has the number 11 or this name"
    assert after == BOOK.replace(b'"7.00"', b'"2"')


def test_a_number_with_another_name_is_not_believed():
    """The right number with a wrong name, as from another Canvas, is listed; a named --id-column is believed."""
    other = scored("curiemarie_11", 1.0, lms="canvas", name="curiemarie", number="11")
    said, after = filled(other, BEN)
    assert left(said)["curiemarie_11"] == (
        "row 4 (Lovelace, Ada) has the number 11, but another name"
        " (--id-column ID takes numbers alone, where all are the same persons)"
    )
    assert after == BOOK.replace(b'"7.00"', b'"6.67"')
    assert filled(other, id_column="ID")[0].changes[0].row == 4


def test_two_students_of_one_row():
    """A row that two students claim is nobody's."""
    said, after = filled(ADA, scored("ada", 1.0), scored("emmy", 8.5))
    assert after == BOOK
    assert left(said)["ada"] == "row 4 (Lovelace, Ada) is also that of lovelaceada_11"
    assert "is also that of ada" in left(said)["lovelaceada_11"]


def test_a_person_who_is_still_needed():
    """A score of which a part waits is not written, unless that is wished."""
    said, after = filled(waiting("ada"))
    assert after == BOOK
    assert "2 points wait for a person" in left(said)["ada"]
    assert filled(waiting("ada"), partial=True)[0].changes[0].new == "5"


def test_other_points():
    """Where Canvas has other points nothing is written, unless scores are to be scaled, which is said."""
    twenty = BOOK.replace(b"10.00", b"20.00")
    with pytest.raises(UsageError, match=r"20 points") as caught:
        filled(ADA, content=twenty)
    assert "--scale to write earned * 20 / 10" in caught.value.remedy
    said, _after = filled(ADA, content=twenty, scale=True)
    assert (said.changes[0].new, said.scale) == ("19", "earned * 20 / 10")
    with pytest.raises(UsageError, match="0 points"):
        filled(scored("ada", 0.0, 0.0), scale=True)


def test_a_column_without_points():
    """A file without the points of a column is filled, and says that they were not compared."""
    without = BOOK.replace(b"    Points Possible,,,,,10.00", b"    Points Possible,,,,,")
    said, _after = filled(ADA, content=without)
    assert (said.possible, len(said.notes), said.changes[0].new) == (None, 1, "9.5")


def test_the_column_is_never_guessed():
    """The column is the assignment's by name, or the one that is named; else all candidates are listed."""
    two = BOOK.replace(b"Quiz (12346)", b"convolution (12346)")
    with pytest.raises(UsageError, match=r"there are: Convolution \(12345\) \| convolution \(12346\)"):
        filled(ADA, content=two)
    assert filled(ADA, content=two, column="convolution (12346)", scale=True)[0].column == "convolution (12346)"
    with pytest.raises(UsageError, match=r"there are: Convolution \(12345\) \| Quiz \(12346\)"):
        filled(ADA, column="Final Score")
    with pytest.raises(UsageError, match="none; there are: Lab"):
        filled(ADA, content=BOOK.replace(b"Convolution (12345)", b"Lab (12345)").replace(b"Quiz (12346)", b"Quiz"))
    with pytest.raises(UsageError, match="read only"):
        filled(ADA, content=BOOK.replace(b"10.00", b"(read only)"))


def test_a_file_that_says_an_id_twice():
    """A number in two rows is an error that names both."""
    with pytest.raises(UsageError, match="11 in rows 4, 5"):
        filled(ADA, content=BOOK.replace(b",12,s12", b",11,s12"))


def test_a_file_without_ids():
    """A file without the column ID is an error that lists its columns."""
    with pytest.raises(UsageError, match=r"0 columns called 'ID'; there are: Student \| Number"):
        filled(ADA, content=BOOK.replace(b"ID,SIS User ID,SIS Login ID", b"Number,x,y").removeprefix(b"\xef\xbb\xbf"))


def test_first_and_last_names():
    """A file with the names in two columns is read, too, and the names compared."""
    content = b"LastName,FirstName,ID,SIS Login ID,Section,convolution (1)\nLovelace,Ada,11,x,A,\n"
    said, after = filled(ADA, content=content)
    assert after == content.replace(b"A,\n", b"A,9.5\n")
    assert said.notes


def test_semicolons_and_decimal_commas():
    """Where semicolons separate and decimals have commas, new scores have them, too."""
    content = (
        b"Student;ID;SIS Login ID;Section;Convolution (1)\n    Points Possible;;;;10,00\nLovelace, Ada;11;ada;A;\n"
    )
    assert filled(ADA, content=content)[1] == content.replace(b"A;\n", b"A;9,5\n")


def test_a_decimal_comma_among_commas_is_quoted():
    """Where commas separate and mark decimals, the new field has quotes."""
    content = (
        b'Student,ID,SIS Login ID,Section,Convolution (1)\n    Points Possible,,,,"10,00"\n"Lovelace, Ada",11,ada,A,\n'
    )
    assert filled(ADA, content=content)[1] == content.replace(b"A,\n", b'A,"9,5"\n')


def test_a_row_that_is_too_short():
    """A row that ends before the column is listed, not lengthened."""
    content = b'Student,ID,Section,Convolution (1)\n    Points Possible,,,10\n"Lovelace, Ada",11,A\n'
    said, after = filled(ADA, content=content)
    assert after == content
    assert left(said)["lovelaceada_11"].endswith("ends before this column")


def test_nobody_of_the_class():
    """A gradebook without anybody of the class is an error that says why, and what to do."""
    others = [scored(f"x{n}_{n}", 1.0, lms="canvas", name=f"x{n}", number=str(n)) for n in range(70, 75)]
    with pytest.raises(UsageError) as caught:
        filled(*others)
    assert caught.value.wanted == "a row in grades.csv for at least one of 5 students with a report"
    assert caught.value.found.startswith("none: x70_70: no row has the number 70 or this name; x71_71: ")
    assert caught.value.found.endswith("; and 2 more")
    assert "--id-column" in caught.value.remedy


@pytest.mark.parametrize("row", [b"Lovelace, Ada,11,A,7", b'"Lovelace, Ada",11,A,9,5', b'"Lovelace, Ada",11,A,9,'])
def test_a_row_that_is_too_long(row):
    """A row with more fields than the header is listed and left as it is: nobody knows which of them is which."""
    head = b"Student,ID,Section,Convolution (1)\n    Points Possible,,,10\n"
    content = head + row + b'\n"O\'Neill, Ben",12,A,\n'
    said, after = filled(ADA, BEN, content=content)
    assert after == content.replace(b"12,A,", b"12,A,6.67")
    why = "has 5 fields, but the header 4: is there a ',' without quotes in one?"
    assert [each.who + each.why for each in said.left if why in each.why] != []


@given(
    st.sampled_from(("Lovelace, Ada", "O'Neill-Smith, Zoë Ann", "de la Cruz, José", "李, 雷")), st.integers(1, 10**9)
)
def test_collected_names_are_matched(name, number):
    """Whoever Canvas's zip names is found in Canvas's gradebook, by number and by name."""
    family, _, first = name.partition(", ")
    taken = names.read(zip_name(f"{family} {first}", number, 7, "maps.ipynb"))
    assert not isinstance(taken, str)
    prefix = taken.student.rpartition("_")[0]
    who = scored(taken.student, 4.0, lms="canvas", name=prefix, number=str(number))
    file = io.StringIO(newline="")
    rows = [["Student", "ID", "Section", "convolution (1)"], ["    Points Possible", "", "", "10"]]
    csv.writer(file).writerows([*rows, [name, number, "A", ""], ["Other, One", number + 1, "A", ""]])
    said, _after = filled(who, content=file.getvalue().encode())
    assert [change.row for change in said.changes] == [3]


@given(st.lists(st.floats(0, 10), min_size=1, max_size=5), st.sampled_from((",", ";", "\t")), st.data())
def test_one_column_changes(scores, separator, data):
    """Over generated files with odd quoting, the file that comes back differs in the one column alone."""
    end = data.draw(st.sampled_from(("\n", "\r\n")))
    values = st.text(alphabet="ab \"',;é\n\r", max_size=5)

    def field(value: str) -> str:
        must = any(sign in value for sign in '"\r\n,;\t')
        return '"' + value.replace('"', '""') + '"' if must or data.draw(st.booleans()) else value

    rows = [["Student", "ID", "Section", "Convolution (1)", "Note"], ["    Points Possible", "", "", "10.00", ""]]
    people = [scored(f"x_{n}", score, lms="canvas", number=str(n)) for n, score in enumerate(scores, 1)]
    rows += [[data.draw(values), str(n), data.draw(values), "", data.draw(values)] for n in range(1, len(scores) + 1)]
    content = end.join(separator.join(map(field, row)) for row in rows).encode()
    said, after = filled(*people, content=content, id_column="ID")
    assert not [each for each in said.left if each.kind == "student"]
    before, now = (
        list(csv.reader(io.StringIO(each.decode(), newline=""), delimiter=separator)) for each in (content, after)
    )
    assert [row[:3] + row[4:] for row in before] == [row[:3] + row[4:] for row in now]
    assert [float(row[3].replace(",", ".")) for row in now[2:]] == [round(score, 2) for score in scores]
    again, unchanged = filled(*people, content=after, id_column="ID")
    assert (again.same, again.changes, unchanged) == (len(scores), (), after)
