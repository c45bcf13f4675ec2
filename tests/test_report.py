"""Reports: to JSON and back unchanged, strict about what they are, and without timings the same for equal gradings."""

from contextlib import nullcontext
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.errors import HarnessError
from referee.pictures import Level
from referee.report import (
    PASSED,
    SCHEMA,
    CellRun,
    CheckResult,
    Environment,
    Evidence,
    Exceeded,
    Fault,
    GradedCell,
    LayerRow,
    Note,
    NotebookReport,
    Outcome,
    RecordedAnswer,
    Report,
    Timings,
    Usage,
    Verdict,
    from_json,
    to_json,
)
from tests.depicted import curves, levels

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
number = st.floats(allow_nan=False, allow_infinity=False)
seconds = st.dictionaries(text, number, max_size=2)
verdicts = st.builds(Verdict, outcome=st.sampled_from(Outcome), fault=st.none() | st.sampled_from(Fault))
rows = st.builds(LayerRow, state=st.sampled_from(["same", "extra"]), expected=st.none() | text, actual=text)
evidence = st.builds(
    Evidence, words=text, hint=text, table=st.lists(rows, max_size=2).map(tuple), log=text,
    pictures=st.lists(curves | levels, max_size=1).map(tuple),
)  # fmt: skip
results = st.builds(
    CheckResult, check=text, name=text, sentence=text, weight=number, public=st.booleans(), verdict=verdicts,
    evidence=evidence, seed=st.integers(0, 2**32),
)  # fmt: skip
cells = st.builds(
    GradedCell, grade_id=text, kind=st.sampled_from(["check", "person"]), points=number, earned=number,
    score=st.none() | number, words=text, results=st.lists(results, max_size=2).map(tuple),
)  # fmt: skip
answers = st.builds(
    RecordedAnswer, question=text, answer=st.binary(max_size=5), buffers=st.lists(st.binary(max_size=5)).map(tuple)
)
usages = st.builds(Usage, seconds=number.map(abs), memory_mb=st.integers(0, 2**40), output_bytes=st.integers(0, 9))
exceeded = st.builds(Exceeded, limit=text, allowed=number, used=number, cell=st.none() | st.integers(0, 9))
notebooks = st.builds(
    NotebookReport, notebook=text, fingerprint=text, environment=st.builds(Environment, referee=text, python=text,
    platform=text), parameters=st.dictionaries(text, st.none() | text | st.integers(-9, 9) | number, max_size=2),
    graded=st.lists(cells, max_size=2).map(tuple), notes=st.lists(st.builds(Note, code=text, words=text)).map(tuple),
    answers=st.lists(answers, max_size=2).map(tuple),
    cells=st.lists(st.builds(CellRun, index=st.integers(0, 9), grade_id=text)).map(tuple),
    timings=st.builds(Timings, total=number, cells=seconds, checks=seconds, usage=usages, kernel=text,
    exceeded=st.lists(exceeded, max_size=2).map(tuple)),
)  # fmt: skip
reports = st.builds(Report, student=text, assignment=text, notebooks=st.lists(notebooks, max_size=2).map(tuple))


def report(**changes: Any) -> Report:
    notebook = NotebookReport(
        notebook="n", fingerprint="f", environment=Environment(referee="1", python="3", platform="p")
    )
    return Report(student="s", assignment="a", notebooks=(msgspec.structs.replace(notebook, **changes),))


def result(outcome: Outcome, fault: Fault | None = None) -> CheckResult:
    verdict = Verdict(outcome=outcome, fault=fault)
    return CheckResult(check="c", name="t", sentence="S.", weight=1, public=True, verdict=verdict)


def cell(score: float | None, *checks: CheckResult) -> GradedCell:
    return GradedCell(grade_id="c", kind="check", points=4, earned=score or 0, score=score, results=checks)


@settings(deadline=None, max_examples=60)
@given(reports)
def test_a_report_comes_back_from_json_as_it_was(original):
    """Writing a report and reading it gives the same report, and writing that the same bytes."""
    assert from_json(to_json(original)) == original
    assert to_json(from_json(to_json(original))) == to_json(original)


@settings(deadline=None, max_examples=60)
@given(reports, seconds)
def test_without_timings_only_the_timings_are_gone(original, others):
    """Two reports that differ in durations alone are equal without timings, and nothing else is lost."""
    slow = msgspec.structs.replace(
        original,
        notebooks=tuple(
            msgspec.structs.replace(each, timings=Timings(total=9, cells=others)) for each in original.notebooks
        ),
    )
    assert to_json(slow.without_timings()) == to_json(original.without_timings())
    for bare, full in zip(original.without_timings().notebooks, original.notebooks, strict=True):
        assert bare.timings == Timings()
        assert msgspec.structs.replace(bare, timings=full.timings) == full


@pytest.mark.parametrize("schema", [1, 99])
def test_another_schema_is_refused_as_such(schema):
    """A report of another version is refused with both versions and the next step, even when its fields are unknown."""
    with pytest.raises(HarnessError) as caught:
        from_json(b'{"schema": %d, "anything": [1]}' % schema)
    assert str(caught.value) == (
        f"wanted: a report of schema {SCHEMA}\nfound:  one of schema {schema}\nnext:   grade the submission again"
    )


@pytest.mark.parametrize(
    "text",
    [b"", b"null", b"[]", b"{}", b"{", b"\xff\xfe", b'{"schema": "1"}', b'{"schema": 4}', b"[" * 100_000,
     b'{"schema": 4, "student": "\xff", "assignment": "a", "notebooks": []}',
     b'{"schema": 4, "student": "s", "assignment": "a", "notebooks": [], "extra": 1}',
     b'{"schema": 4, "student": "s", "assignment": "a", "notebooks": [], "x": ' + b"[" * 100_000],
)  # fmt: skip
def test_what_is_no_report_is_refused(text):
    """A text that is no report, or has fields that no report has, is the harness's error and nothing worse."""
    with pytest.raises(HarnessError):
        from_json(text)


SCHEMA_3 = b"""{
 "student": "ada", "assignment": "convolution", "course": "", "schema": 3,
 "notebooks": [{
  "notebook": "feature_map", "fingerprint": "f",
  "environment": {"referee": "1", "python": "3.12.1", "platform": "Linux", "packages": {}, "isolation": []},
  "graded": [{
   "grade_id": "conv", "kind": "check", "points": 2.0, "earned": 0.0, "score": 0.0, "words": "", "results": [{
    "check": "conv", "name": "test_it", "sentence": "It works.", "weight": 1.0, "public": true,
    "verdict": {"outcome": "failed", "fault": "student"},
    "evidence": {"words": "wrong", "hint": "", "expected": "1", "actual": "2", "tolerance": "", "misconception": "",
     "foreseen": false, "table": [], "log": "", "near": false},
    "seed": 7, "depends": ""}]}]}]}"""


def test_a_report_of_the_version_before_is_read():
    """A report that was written before there were pictures is read as one without any, and written anew as of now."""
    old = from_json(SCHEMA_3)
    (found,) = old.notebooks[0].results
    assert (old.schema, found.evidence.words, found.evidence.pictures) == (SCHEMA, "wrong", ())
    assert from_json(to_json(old)) == old


def test_too_many_pictures_are_refused():
    """A check's pictures are counted, so that a forged report cannot make a page of any length."""
    level = Level(title="digits", share=0.5, error=0.01, total=9)
    for number, fits in ((6, True), (7, False)):
        evidence = Evidence(pictures=(level,) * number)
        cells = cell(0, msgspec.structs.replace(result(Outcome.FAILED), evidence=evidence))
        with nullcontext() if fits else pytest.raises(HarnessError):
            assert from_json(to_json(report(graded=(cells,)))).notebooks


def test_a_damaged_report_is_refused_with_the_place():
    """A value of the wrong type is refused with the place where it stands."""
    damaged = to_json(report()).replace(b'"notebook": "n"', b'"notebook": 3')
    with pytest.raises(HarnessError) as caught:
        from_json(damaged)
    assert caught.value.found == "Expected `str`, got `int` - at `$.notebooks[0].notebook`"


@given(usages, usages)
def test_the_larger_of_two_uses(one, other):
    """Two uses have one that is the larger in each field, whichever comes first."""
    both = one.most(other)
    assert both == other.most(one) == both.most(one)
    assert all(getattr(both, name) in (getattr(one, name), getattr(other, name)) for name in Usage.__struct_fields__)
    assert one.most(Usage()) == one


def test_records_cannot_be_changed():
    """A record is frozen."""
    with pytest.raises(AttributeError):
        report().student = "other"  # type: ignore[misc] # what must not work


@pytest.mark.parametrize(
    ("outcome", "fault", "passed", "person"),
    [
        (Outcome.PASSED, None, True, False),
        (Outcome.FAILED, Fault.STUDENT, False, False),
        (Outcome.UNCHECKED, Fault.STUDENT, False, False),
        (Outcome.UNCHECKED, Fault.LIMIT, False, False),
        (Outcome.UNCHECKED, Fault.CHECK, False, True),
        (Outcome.UNCHECKED, Fault.HARNESS, False, True),
        (Outcome.PERSON, None, False, True),
    ],
)
def test_only_what_is_not_the_students_fault_needs_a_person(outcome, fault, passed, person):
    """A verdict passes or not, and a person is needed exactly where no automatic score is fair."""
    verdict = Verdict(outcome=outcome, fault=fault)
    assert (verdict.passed, verdict.needs_person) == (passed, person)
    assert PASSED.passed


def test_sums_and_waiting_cells():
    """Earned and possible points are sums over cells; a cell without a score waits for a person."""
    whole = report(graded=(cell(3.0), cell(None)))
    assert (whole.earned, whole.points) == (3.0, 8.0)
    assert whole.notebooks[0].needs_person == (cell(None),)


@pytest.mark.parametrize("fault", [Fault.HARNESS, Fault.CHECK])
def test_ours_failed_where_a_check_or_a_notebook_says_so(fault):
    """A report says that we failed for a notebook that we could not run, and for a check or a harness at fault."""
    ours = result(Outcome.UNCHECKED, fault)
    theirs = result(Outcome.UNCHECKED, Fault.STUDENT)
    assert report(refused="x", refused_by=Fault.HARNESS).ours_failed
    assert report(graded=(cell(None, theirs, ours),)).ours_failed
    assert not report(refused="x", refused_by=Fault.STUDENT, graded=(cell(None, theirs),)).ours_failed
