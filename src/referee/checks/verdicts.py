"""What became of one check: from how its function ended to a verdict with evidence.

The same rules hold for a grader run by pytest and for a public check in a student's own notebook:

    returned                                   passed
    CheckFailed, or an assert in the grader    failed, student
    NeedsPerson                                needs a person
    StudentFault                               failed, student
    LimitReached, KernelDied by a limit        could not be checked, limit
    KernelDied                                 could not be checked, student
    Unrecorded, HarnessError                   could not be checked, harness
    anything else                              could not be checked, check
"""

from __future__ import annotations

import traceback
from pathlib import Path

import msgspec

from referee.answers.remarks import Remarks
from referee.checks.signals import CheckFailed, NeedsPerson
from referee.errors import AnswerError, HarnessError, KernelDied, LimitReached, StudentFault, Unrecorded
from referee.pictures import MOST
from referee.report import PASSED, Evidence, Fault, Outcome, Verdict, clip

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
PERSON = Verdict(outcome=Outcome.PERSON)
NOT_RUN = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
_LOG = 4000


def conclude(error: BaseException | None, grader: Path) -> tuple[Verdict, Evidence]:
    """The verdict and the evidence for a check in the file `grader` that ended with `error` (None: it returned)."""
    if error is None:
        return PASSED, Evidence()
    if isinstance(error, CheckFailed):
        return FAILED, error.evidence
    if isinstance(error, NeedsPerson):
        return PERSON, error.evidence
    if isinstance(error, AnswerError):
        return _no_answer(error)
    if isinstance(error, HarnessError):
        return unchecked(Fault.HARNESS), Evidence(words="the harness failed; this costs no point", log=str(error))
    if isinstance(error, AssertionError) and _raised_in(error, grader):
        return FAILED, Evidence(words=clip(str(error), 600) or "the claim does not hold")
    words = f"the check itself failed ({type(error).__name__}{_place(error, grader)}); this costs no point"
    log = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    return unchecked(Fault.CHECK), Evidence(words=words, log=log[-_LOG:])


def _no_answer(error: AnswerError) -> tuple[Verdict, Evidence]:
    words = error.found if error.found.startswith("`") else f"{error.wanted}: {error.found}"
    evidence = Evidence(words=clip(words, 1000), hint=error.remedy, log=error.log)
    if isinstance(error, StudentFault):
        return FAILED, evidence
    if isinstance(error, LimitReached):
        return unchecked(Fault.LIMIT), evidence
    if isinstance(error, KernelDied):
        return unchecked(Fault.LIMIT if error.by_limit else Fault.STUDENT), evidence
    assert isinstance(error, Unrecorded)
    return unchecked(Fault.HARNESS), evidence


def with_context(evidence: Evidence, *context: str) -> Evidence:
    """The evidence with more sentences, such as which cell above failed, or that an argument was changed."""
    words = "; ".join(text for text in (evidence.words, *context) if text)
    return msgspec.structs.replace(evidence, words=words)


def with_remarks(evidence: Evidence, remarks: Remarks) -> Evidence:
    """The evidence with what was said and shown while the check ran, behind what it says itself."""
    return msgspec.structs.replace(
        with_context(evidence, *remarks),
        near=evidence.near or remarks.near,
        pictures=(*evidence.pictures, *remarks.pictures)[:MOST],
    )


def unchecked(fault: Fault) -> Verdict:
    """The verdict that a check came to no conclusion, and whose fault that is."""
    return Verdict(outcome=Outcome.UNCHECKED, fault=fault)


def _place(error: BaseException, grader: Path) -> str:
    """Where in the grader the error came up, for whoever mends it."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == grader]
    return f" in {grader.name}, line {frames[-1].lineno}" if frames else ""


def _raised_in(error: BaseException, grader: Path) -> bool:
    """Whether `error` was raised by a line of the grader itself, not in a library or the reference."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and Path(frames[-1].filename).resolve() == grader.resolve()
