"""Recordings: replaying gives the answers and the errors of the run, in the order in which they were given."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.answers.interface import Question, Student
from referee.answers.local import LocalSource
from referee.answers.recorded import RecordedSource, Recorder
from referee.errors import AnswerError, LimitReached, StudentFault, Unrecorded
from referee.report import RecordedAnswer
from referee.sandbox.limits import Limits

LIMITS = Limits()


def fail() -> None:
    raise ValueError("boom")


def chatty(values: Any) -> Any:
    print("hello")  # noqa: T201 - what is recorded
    values[0] = 7
    return values.sum()


NAMES: dict[str, Any] = {"x": 1, "array": np.arange(3.0), "fail": fail, "chatty": chatty, "odd": {1}, "big": "x" * 999}
ASKED = [
    Question(ask="get", name="x"),
    Question(ask="get", name="array"),
    Question(ask="call", name="fail"),
    Question(ask="call", name="chatty", args=(np.zeros(3),)),
    Question(ask="get", name="odd"),
    Question(ask="get", name="missing"),
    Question(ask="get", name="big"),
]


def outcome(source: Any, question: Question) -> tuple[Any, ...]:
    """What a source says, in a form that can be compared."""
    try:
        answer = source.ask(question)
    except AnswerError as error:
        return type(error), str(error), error.log
    value = answer.value.tolist() if isinstance(answer.value, np.ndarray) else answer.value
    return value, answer.printed, answer.changed


@settings(deadline=None, max_examples=30)
@given(st.permutations(ASKED))
def test_a_replay_gives_equal_answers_and_errors(questions):
    """Answers, printed text, changed arguments, errors and their logs are the same when they are replayed."""
    limits = Limits(answer_bytes=500)
    recorder = Recorder(LocalSource(NAMES, limits), limits)
    said = [outcome(recorder, question) for question in questions]
    replay = RecordedSource(recorder.answers, limits)
    assert [outcome(replay, question) for question in reversed(questions)] == said[::-1]


def test_what_was_refused_is_recorded_too():
    """A refusal is an answer: each question leaves one entry, and the kinds of error come back."""
    recorder = Recorder(LocalSource(NAMES), Limits(answer_bytes=500))
    for question in ASKED:
        outcome(recorder, question)
    assert len(recorder.answers) == len(ASKED)
    replay = RecordedSource(recorder.answers, LIMITS)
    with pytest.raises(StudentFault, match="ValueError: boom"):
        Student(replay).call("fail")


def test_answers_come_back_in_their_order_and_the_last_one_stays():
    """The same question, asked before and after a cell changed its answer, is replayed in that order."""
    names = {"x": 1}
    recorder = Recorder(LocalSource(names), LIMITS)
    for value in (1, 2, 3):
        names["x"] = value
        recorder.ask(ASKED[0])
    replay = Student(RecordedSource(recorder.answers, LIMITS))
    assert [replay["x"] for _ in range(5)] == [1, 2, 3, 3, 3]


def test_a_question_that_was_never_asked_is_unrecorded():
    """A new question has no recorded answer, and the message says what to do."""
    replay = Student(RecordedSource([], LIMITS))
    with pytest.raises(Unrecorded) as caught:
        replay.call("conv2d", 1)
    assert str(caught.value) == (
        "wanted: what `conv2d` returns\nfound:  a recording that never asked for it\nnext:   run the submission again"
    )


def test_other_arguments_are_another_question():
    """An answer for other arguments is never given as this one's."""
    recorder = Recorder(LocalSource({"f": lambda a: a}), LIMITS)
    Student(recorder).call("f", np.zeros(2))
    with pytest.raises(Unrecorded):
        Student(RecordedSource(recorder.answers, LIMITS)).call("f", np.zeros(2, dtype=np.float32))


def test_a_recording_is_decoded_as_hostile():
    """A recording comes from a kernel: what is malformed in it is refused at a replay as it was in the run."""
    recorder = Recorder(LocalSource({"x": 1}), LIMITS)
    recorder.ask(ASKED[0])
    key = recorder.answers[0].question
    broken = RecordedAnswer(question=key, answer=b'{"value":{"t":"array","d":"|O","s":[],"b":0}}', buffers=(b"",))
    with pytest.raises(StudentFault, match="dtype"):
        RecordedSource([broken], LIMITS).ask(ASKED[0])


def test_a_replay_keeps_the_limits_of_its_own_time():
    """Smaller limits hold for a recording as well."""
    generous = Limits(answer_bytes=10**9)
    recorder = Recorder(LocalSource({"x": np.zeros(5 * 10**6)}, generous), generous)
    recorder.ask(ASKED[0])
    with pytest.raises(LimitReached):
        RecordedSource(recorder.answers, Limits(answer_bytes=10)).ask(ASKED[0])
