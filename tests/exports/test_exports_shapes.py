"""CSV, JSON and its schema, Gradescope's results, JUnit: valid whatever students write."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.exports import data, github, gradescope, junit, schema, shown, table
from referee.exports.interface import ExportedClass, ExportedStudent
from referee.feedback.interface import Disclosure, Policy
from referee.judging import scored as scored_cell
from referee.pictures import Curves, Heat
from referee.report import NOT_HANDED_IN, PASSED, Fault, Note, to_json
from tests.exports.made import (
    FAILED,
    NASTY,
    OURS,
    PERSON,
    answer,
    book,
    cell,
    check,
    klass,
    nasty,
    scored,
    student,
    waiting,
)

SCHEMAS = Path(__file__).resolve().parents[2] / "docs" / "schema"
OPEN, CLOSED = Policy(), Policy(public=Disclosure.ALL, hidden=Disclosure.NOTHING)
ANY = st.text(st.characters(), max_size=20) | st.sampled_from(NASTY)  # half surrogate pairs, too


def mixed() -> ExportedStudent:
    """A student with a passed, a failed hidden, a broken and a waiting check, an answer, and a missing notebook."""
    hidden = check(FAILED, public=False, words="SAID", hint="HINTED", actual="YOURS", expected="SECRET")
    refused = book(cell(check(FAILED)), name="gone", refused=NOT_HANDED_IN, refused_by=Fault.STUDENT)
    refused = msgspec.structs.replace(refused, graded=(answer(0.0, 3.0),))
    checked = cell(check(), hidden, check(OURS), check(PERSON), points=8.0)
    return student("ada", book(checked, answer(1.5)), refused, late=True)


def rows(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline="")))


def test_csv():
    """A row for each student says the score, what waits, who was late, and each notebook's score where there is one."""
    late = mixed()
    text = table.write(klass(late, scored("ben", 20 / 3)))
    assert rows(text) == [
        ["student", "earned", "points", "waiting", "late", "maps", "gone"],
        ["ada", "3.5", "13", "4", "yes", "3.5", ""],
        ["ben", "6.67", "10", "0", "", "6.67", ""],
    ]
    assert text.count(b"\r\n") == 3


@pytest.mark.parametrize("name", NASTY)
def test_csv_computes_nothing(name):
    """No cell of a student's begins as a formula does, and one student is one row."""
    read = rows(table.write(klass(nasty(name))))
    assert len(read) == 2
    assert not [each for line in read for each in line if each.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))]


@given(ANY)
def test_any_text_in_a_cell(text):
    """Whatever a text holds, its cell is one printable line that no spreadsheet computes."""
    shown = table.harmless(text)
    assert shown.isprintable() or "\u200c" in shown or "\u200d" in shown
    assert not shown.startswith(("=", "+", "-", "@", "＝", "＋", "－", "＠"))


def committed(kind: str) -> dict[str, object]:
    return dict(json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")))


@pytest.mark.parametrize("kind", ["class", "report"])
def test_the_published_schemas_are_current(kind):
    """What is committed in docs/schema is what the records say now; `ci/schemas` writes it."""
    assert (SCHEMAS / f"{kind}.schema.json").read_bytes() == schema.schema(kind)
    jsonschema.Draft202012Validator.check_schema(committed(kind))


@pytest.mark.parametrize("kind", ["class", "report"])
def test_patterns_are_those_of_json_schema(kind):
    """No pattern has an anchor that only Python knows."""
    text = (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert not re.search(r'"pattern": ".*\\\\[AZ]', text)


def test_pictures_are_in_the_schema():
    """A report with pictures validates, and one with a forged row does not."""
    heat = Heat(
        title="a", shape=(2, 2), axes=(0, 1), place=(0, 0), step=(1, 1), actual=("1 2", "3 ?"), wrong=("..", ".#")
    )
    curves = Curves(title="b", series={"loss": "1 0.5"}, epochs=2)
    who = student("ada", book(cell(check(FAILED, pictures=(heat, curves)))))
    made = to_json(who.report)
    jsonschema.validate(json.loads(made), committed("report"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(made.replace(b"3 ?", b"3 x")), committed("report"))


@pytest.mark.parametrize("who", [mixed(), waiting("x"), *map(nasty, NASTY)])
def test_an_export_is_what_its_schema_says(who):
    """An exported class, and a report, validate against the published schemas, whatever students write."""
    jsonschema.validate(json.loads(data.write(klass(who))), committed("class"))
    jsonschema.validate(json.loads(to_json(who.report)), committed("report"))


def test_a_schema_refuses():
    """A class with a field that there is not, or without its students, does not validate."""
    made = json.loads(data.write(klass(mixed())))
    for wrong in ({**made, "extra": 1}, {"assignment": "x"}, {**made, "schema": 2}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, committed("class"))


def test_the_class_as_data():
    """The data say scores, who decided, and what was found; they hold no student's values and no reference's."""
    who = msgspec.structs.replace(mixed(), by_person=(("maps", "essay"),))
    assert data.write(klass(scored("a  b\x07", 1.0))).count(b'"student": "a  b\\u0007"') == 1
    text = data.write(klass(who))
    assert not [secret for secret in (b"YOURS", b"SECRET") if secret in text]
    read = msgspec.json.decode(text, type=data.ClassData)
    (ada,) = read.students
    assert (ada.earned, ada.points, ada.waiting, ada.late) == (3.5, 13.0, 4.0, True)
    maps, gone = ada.notebooks
    assert (gone.state, gone.refused) == ("not handed in", NOT_HANDED_IN)
    assert [(each.cell, each.earned, each.waiting, each.by_person) for each in maps.cells] == [
        ("conv", 2.0, 4.0, False),
        ("essay", 1.5, 0.0, True),
    ]
    assert [each.fault for each in maps.cells[0].checks] == [None, Fault.STUDENT, Fault.HARNESS, None]
    assert data.write(klass(who)) == text


def test_a_persons_comment():
    """What a person said of a score is in the data."""
    given = msgspec.structs.replace(answer(1.0), words="graded by a person: nearly")
    read = msgspec.json.decode(data.write(klass(student("ada", book(given)))), type=data.ClassData)
    assert read.students[0].notebooks[0].cells[0].words == "graded by a person: nearly"


def results(who: ExportedStudent, policy: Policy = OPEN) -> dict[str, Any]:
    return dict(json.loads(gradescope.write(who, lambda _notebook: policy)))


def test_gradescope():
    """Each check is a test with its points; what waits has no status; the score is what is earned so far."""
    made = results(mixed())
    tests = made["tests"]
    assert made["score"] == 3.5
    assert [(each.get("score"), each.get("max_score"), each.get("status")) for each in tests] == [
        (2.0, 2.0, "passed"),
        (0.0, 2.0, "failed"),
        (0.0, 2.0, None),
        (0.0, 2.0, None),
        (1.5, 2.0, "failed"),
        (0.0, 3.0, "failed"),
    ]
    assert {each["visibility"] for each in tests} == {"visible"}
    assert tests[1]["tags"] == ["hidden"]
    assert "4 points wait for a person" in str(made["output"])


def test_gradescope_discloses_what_the_policy_does():
    """A hidden check's words and values are there as far as the course's disclosure shows them."""
    everything = Policy(hidden=Disclosure.ALL)
    texts = [str(results(mixed(), policy)["tests"][1]["output"]) for policy in (everything, OPEN, CLOSED)]
    assert [text.split("\n") for text in texts] == [
        ["SAID", "Hint: HINTED", "Expected: SECRET", "Yours: YOURS"],
        ["SAID", "Hint: HINTED"],
        [""],
    ]


def test_a_persons_score_on_a_checked_cell():
    """Where a person gave the score, the cell carries it as one test, and its checks carry none."""
    failed = cell(check(FAILED), check())
    given = msgspec.structs.replace(failed, earned=3.0, score=3.0, words="graded by a person: nearly")
    tests = results(student("ada", book(given), by_person=(("maps", "conv"),)))["tests"]
    assert [(each.get("score"), each.get("max_score"), each.get("status")) for each in tests] == [
        (3.0, 4.0, "failed"),
        (None, None, "failed"),
        (None, None, "passed"),
    ]
    assert tests[0]["output"] == "graded by a person: nearly"


KINDS = st.sampled_from((PASSED, FAILED, OURS, PERSON))
CHECKS = st.lists(st.tuples(KINDS, st.sampled_from((0.5, 1.0, 2.0, 3.0))), min_size=1, max_size=6)
CELLS = st.lists(st.tuples(st.sampled_from((0.25, 1.0, 4.17, 5.0, 1 / 3)), CHECKS), min_size=1, max_size=5)


def cents(values: Iterable[float]) -> int:
    """A sum of numbers as they are spelled, in cents."""
    whole = 100 * sum(Decimal(str(value)) for value in values)
    assert whole == int(whole), f"{whole} is more exact than cents"
    return int(whole)


@given(CELLS, st.decimals(0, 11, places=2).map(float))
def test_gradescopes_points_add_up(cells, essay):
    """To the cent, tests add up to the score and the points of the assignment, and a passed one has all of its own."""
    checked = (
        scored_cell("c", points, [check(verdict, weight=weight) for verdict, weight in checks])
        for points, checks in cells
    )
    who = student("ada", book(*checked, answer(essay, 9.0)), by_person=(("maps", "essay"),))
    made = results(who)
    assert cents(test["score"] for test in made["tests"]) == cents([made["score"]])
    assert cents(test["max_score"] for test in made["tests"]) == cents([round(who.report.points, 2)])
    for test, verdict in zip(made["tests"], (each for _, checks in cells for each, _ in checks), strict=False):
        assert test["score"] == (test["max_score"] if verdict.passed else 0)
        assert test["max_score"] >= 0


@given(CELLS)
def test_rounded_scores_are_those_of_checks(cells):
    """A score that `referee grade` rounded is no person's: each check is one result, and no other is there."""
    checked = [
        scored_cell(f"c{number}", points, [check(verdict, weight=weight) for verdict, weight in checks])
        for number, (points, checks) in enumerate(cells)
    ]
    found = list(shown.results(book(*checked), OPEN))
    assert [each.end == "passed" for each in found] == [one.passed for _, checks in cells for one, _ in checks]
    assert [each for each in found if each.points is None or each.name == each.cell] == []


def test_a_person_who_gives_what_the_checks_gave():
    """A score that a person gave is the person's, also where it is what the checks had come to."""
    who = student("ada", book(cell(check(), check(FAILED))), by_person=(("maps", "conv"),))
    assert [each.get("score") for each in results(who)["tests"]] == [2.0, None, None]
    cases = [case.attrib["name"] for case in suites(klass(who)).iter("testcase")]
    assert cases[0] == "conv"


def test_a_notebook_that_could_not_be_read():
    """A notebook that could not be read is one failing test with its points, in all formats that have tests."""
    empty = [msgspec.structs.replace(cell(name=name), score=0.0) for name in ("a", "b", "c")]
    who = student("hugo", book(*empty, refused="maps.ipynb is no JSON", refused_by=Fault.STUDENT))
    (test,) = results(who)["tests"]
    assert (test["name"], test["score"], test["max_score"], test["status"]) == ("maps", 0.0, 12.0, "failed")
    assert test["output"] == "could not be read: maps.ipynb is no JSON"
    (case,) = suites(klass(who)).iter("testcase")
    assert [(below.tag, below.text) for below in case] == [("failure", test["output"])]
    assert "maps&#58; could not be read&#58; maps&#46;ipynb is no JSON" in github.summary(
        klass(who), lambda _notebook: OPEN, Counter()
    )


def test_a_person_who_graded_what_could_not_be_read():
    """Points that a person gave in a notebook that could not be read stand for themselves; the rest is one test."""
    given = msgspec.structs.replace(answer(1.5), words="graded by a person: by word of mouth")
    refused = book(cell(name="a"), given, refused="no JSON", refused_by=Fault.STUDENT)
    tests = results(student("hugo", refused, by_person=(("maps", "essay"),)))["tests"]
    assert [(each["name"], each["score"], each["max_score"]) for each in tests] == [
        ("maps", 0.0, 4.0),
        ("essay", 1.5, 2.0),
    ]


def suites(made: ExportedClass, policy: Policy = OPEN) -> ET.Element:
    return ET.fromstring(junit.write(made, lambda _notebook: policy))


COUNTS = ("tests", "failures", "errors", "skipped")
CHILDREN = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def require_junit(root: ET.Element) -> None:
    """The structure that readers of JUnit XML agree on."""
    assert root.tag == "testsuites"
    for suite in root:
        assert suite.tag == "testsuite"
        assert float(suite.attrib["time"]) >= 0
        assert "name" in suite.attrib
        assert len(suite) == int(suite.attrib["tests"])
        for case in suite:
            assert case.tag == "testcase"
            assert case.attrib.keys() == {"classname", "name"}
            assert [below.tag in CHILDREN.values() and "message" in below.attrib for below in case] in ([], [True])
        for count, tag in CHILDREN.items():
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.attrib[count])
    for count in COUNTS:
        assert int(root.attrib[count]) == sum(int(suite.attrib[count]) for suite in root)


def test_junit():
    """A failure is the student's, an error ours, skipped what waits; suites are a student's notebooks."""
    root = suites(klass(mixed(), scored("ben", 10.0)))
    require_junit(root)
    assert [suite.attrib["name"] for suite in root] == ["ada/maps", "ada/gone", "ben/maps"]
    assert {name: root.attrib[name] for name in COUNTS} == dict(zip(COUNTS, "7311", strict=True))
    texts = [case.text or "" for case in root.iter("failure")]
    assert texts[0] == "SAID\nHint: HINTED"
    assert texts[2] == NOT_HANDED_IN
    assert suites(klass(mixed()), CLOSED)[0][1][0].text is None


def test_what_we_could_not_grade():
    """A notebook that our harness could not run is an error, not a failure."""
    ours = book(answer(0.0, waits=True), refused="the grader died", refused_by=Fault.HARNESS)
    root = suites(klass(student("ada", ours)))
    assert [(below.tag, below.text) for below in root[0][0]] == [("error", "the grader died")]


@pytest.mark.parametrize("text", NASTY)
def test_hostile_text(text):
    """Whatever every text of a student is, XML and JSON parse, and say one thing of one notebook."""
    who = nasty(text)
    root = suites(klass(who))
    require_junit(root)
    assert len(root) == 1
    assert len(results(who)["tests"]) == 2
    assert len(json.loads(data.write(klass(who)))["students"]) == 1


@given(st.text(st.characters()))
def test_what_xml_can_hold(text):
    """A text made legal stands in a document as it is, and is the same text where it was legal before."""
    made = junit.legal(text)
    root = ET.Element("x")
    root.text = made
    assert (ET.fromstring(ET.tostring(root, encoding="utf-8")).text or "") == made.replace("\r\n", "\n").replace(
        "\r", "\n"
    )
    assert junit.legal(made) == made


@given(ANY, ANY)
def test_any_text_in_xml(name, words):
    """Any text, half surrogate pairs and control characters too, gives a document that parses."""
    who = student(name, book(cell(check(FAILED, words=words, hint=name)), notes=(Note(code="x", words=words),)))
    require_junit(suites(klass(who)))
