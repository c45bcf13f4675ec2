"""Recordings of questions and answers: made while a notebook runs, replayed without one; also the tests' fake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from referee.answers.codec import RawAnswer, decode_answer, question_key, refusal
from referee.answers.interface import Answer, Question
from referee.errors import Unrecorded
from referee.report import RecordedAnswer
from referee.sandbox.limits import Limits


class RawSource(Protocol):
    """Whoever can give a raw answer."""

    def exchange(self, question: Question) -> RawAnswer: ...


class Recorder:
    """Passes questions on to another source and keeps every answer, refusals included.

    All answers together are bounded as well: what exceeds `recording_bytes` is refused, and the refusal is kept.
    """

    def __init__(self, source: RawSource, limits: Limits) -> None:
        self._source = source
        self._limits = limits
        self._answers: list[RecordedAnswer] = []
        self._bytes = 0

    def ask(self, question: Question) -> Answer:
        raw = self._source.exchange(question)
        self._bytes += len(raw.text) + sum(len(buffer) for buffer in raw.buffers)
        if self._bytes > self._limits.recording_bytes:
            raw = refusal("too_large", f"the answers together exceed {self._limits.recording_bytes:,} bytes")
        self._answers.append(RecordedAnswer(question=question_key(question), answer=raw.text, buffers=raw.buffers))
        return decode_answer(raw, question, self._limits)

    @property
    def answers(self) -> tuple[RecordedAnswer, ...]:
        """Everything asked so far, in order."""
        return tuple(self._answers)


class RecordedSource:
    """Answers from a recording.

    The same question may have been asked several times, before and after a cell changed what it is about; the answers
    come back in the order in which they were given, and the last one stays.
    """

    def __init__(self, answers: Iterable[RecordedAnswer], limits: Limits) -> None:
        self._limits = limits
        self._answers: dict[str, list[RecordedAnswer]] = {}
        for answer in answers:
            self._answers.setdefault(answer.question, []).append(answer)

    def ask(self, question: Question) -> Answer:
        """The recorded answer. Raises `Unrecorded` when the question was never asked."""
        kept = self._answers.get(question_key(question))
        if not kept:
            raise Unrecorded(question.words(), "a recording that never asked for it", "run the submission again")
        answer = kept.pop(0) if len(kept) > 1 else kept[0]
        return decode_answer(RawAnswer(answer.answer, answer.buffers), question, self._limits)
