"""The table of verdicts: how a check ended, and whose fault it is."""

from pathlib import Path

import pytest

from referee.checks.signals import CheckFailed, NeedsPerson
from referee.checks.verdicts import conclude, with_context
from referee.errors import GraderError, HarnessError, KernelDied, LimitReached, StudentFault, Unrecorded
from referee.report import Evidence, Fault, Outcome

HERE = Path(__file__)
ELSEWHERE = HERE.with_name("other.py")


def raised(error: BaseException) -> BaseException:
    """The error as it is after it was raised in this file."""
    try:
        raise error
    except BaseException as caught:  # noqa: BLE001 - any kind is what is tested
        return caught


ROWS = [
    (None, Outcome.PASSED, None),
    (CheckFailed(Evidence(words="w")), Outcome.FAILED, Fault.STUDENT),
    (AssertionError("no"), Outcome.FAILED, Fault.STUDENT),
    (NeedsPerson(Evidence(words="w")), Outcome.PERSON, None),
    (StudentFault("w", "f"), Outcome.FAILED, Fault.STUDENT),
    (LimitReached("w", "f"), Outcome.UNCHECKED, Fault.LIMIT),
    (KernelDied("w", "f", by_limit=True), Outcome.UNCHECKED, Fault.LIMIT),
    (KernelDied("w", "f"), Outcome.UNCHECKED, Fault.STUDENT),
    (Unrecorded("w", "f"), Outcome.UNCHECKED, Fault.HARNESS),
    (HarnessError("w", "f"), Outcome.UNCHECKED, Fault.HARNESS),
    (GraderError("w", "f"), Outcome.UNCHECKED, Fault.CHECK),
    (ValueError("x"), Outcome.UNCHECKED, Fault.CHECK),
    (RecursionError("x"), Outcome.UNCHECKED, Fault.CHECK),
    (SystemExit(0), Outcome.UNCHECKED, Fault.CHECK),
    (KeyError("x"), Outcome.UNCHECKED, Fault.CHECK),
]


@pytest.mark.parametrize(
    ("error", "outcome", "fault"), ROWS, ids=lambda value: getattr(value, "name", None) or repr(value)
)
def test_each_row_of_the_table(error, outcome, fault):
    """Each way in which a check can end has its outcome and its fault, and only a return passes."""
    verdict, _ = conclude(None if error is None else raised(error), HERE)
    assert (verdict.outcome, verdict.fault) == (outcome, fault)
    assert verdict.passed is (error is None)


def test_an_assertion_outside_the_grader_is_the_checks_fault():
    """An AssertionError of a library or of the reference, and one that was never raised, cost the student nothing."""
    for error, grader in ((raised(AssertionError("no")), ELSEWHERE), (AssertionError("no"), HERE)):
        verdict, evidence = conclude(error, grader)
        assert (verdict.outcome, verdict.fault) == (Outcome.UNCHECKED, Fault.CHECK)
        assert evidence.words == "the check itself failed (AssertionError); this costs no point"


def test_an_assertion_in_a_library_that_the_grader_calls_is_the_checks_fault(tmp_path):
    """What counts is the line that raised, not the line that called it."""
    library = tmp_path / "library.py"
    library.write_text("def claim():\n    raise AssertionError('inner')\n")
    names: dict[str, object] = {}
    exec(compile(library.read_text(), str(library), "exec"), names)
    with pytest.raises(AssertionError) as caught:
        names["claim"]()  # type: ignore[operator] # it was defined a line above
    assert conclude(caught.value, HERE)[0].fault is Fault.CHECK
    assert conclude(caught.value, library)[0].fault is Fault.STUDENT


def test_the_words_of_each_kind():
    """A missing answer says what was asked and found; a failed check of ours says that it costs no point."""
    fault = StudentFault("the value of `x`", "it is of type set", "make a list")
    fault.log = "trace"
    _, evidence = conclude(fault, HERE)
    assert evidence == Evidence(words="the value of `x`: it is of type set", hint="make a list", log="trace")
    _, evidence = conclude(StudentFault("the value of `x`", "`x` is not defined"), HERE)
    assert evidence.words == "`x` is not defined"
    _, evidence = conclude(raised(ZeroDivisionError("0")), HERE)
    assert evidence.words.startswith(f"the check itself failed (ZeroDivisionError in {HERE.name}, line ")
    assert "ZeroDivisionError: 0" in evidence.log
    _, evidence = conclude(HarnessError("a", "b"), HERE)
    assert (evidence.words, evidence.log) == ("the harness failed; this costs no point", "wanted: a\nfound:  b")


def test_evidence_of_signals_is_kept():
    """What a check says by its signals arrives as it was said."""
    evidence = Evidence(words="w", hint="h", expected="1", actual="2", misconception="m")
    assert conclude(raised(CheckFailed(evidence)), HERE)[1] == evidence
    assert conclude(raised(NeedsPerson(evidence)), HERE)[1] == evidence


def test_what_is_said_is_bounded():
    """Words, claims and logs are cut to what a page can show."""
    assert len(conclude(StudentFault("w", "f" * 5000), HERE)[1].words) == 1000
    assert len(conclude(raised(AssertionError("a" * 5000)), HERE)[1].words) == 600
    assert len(conclude(raised(ValueError("v" * 9000)), HERE)[1].log) == 4000


@pytest.mark.parametrize(
    ("words", "context", "together"), [("a", "b", "a; b"), ("", "b", "b"), ("a", "", "a"), ("", "", "")]
)
def test_context_is_added_to_the_words(words, context, together):
    """The sentence about a cell above joins the words with a semicolon, where there are any."""
    assert with_context(Evidence(words=words, hint="h"), context) == Evidence(words=together, hint="h")
