"""Recordings of questions and answers: made while a notebook runs, replayed without one; also the tests' fake."""

from __future__ import annotations

from collections import Counter
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
        self.cell = ""  # the check cell at which questions are asked now

    def ask(self, question: Question) -> Answer:
        raw = self._source.exchange(question)
        self._bytes += len(raw.text) + sum(len(buffer) for buffer in raw.buffers)
        if self._bytes > self._limits.recording_bytes:
            raw = refusal("too_large", f"the answers together exceed {self._limits.recording_bytes:,} bytes")
        key = question_key(question)
        self._answers.append(RecordedAnswer(question=key, answer=raw.text, buffers=raw.buffers, cell=self.cell))
        return decode_answer(raw, question, self._limits)

    @property
    def answers(self) -> tuple[RecordedAnswer, ...]:
        """Everything asked so far, in order."""
        return tuple(self._answers)


def was_refused_in_order(answer: RecordedAnswer) -> bool:
    """Whether a question was refused for what was asked before it: the kernel was gone, or a sum was used up."""
    error = answer.answer[:200]
    return any(kind in error for kind in (b'"died"', b'"killed"')) or b" together " in error


class RecordedSource:
    """Answers from a recording.

    A question may have been asked at several check cells, before and after another cell changed the answer: what is
    asked at `cell` is answered with what was said there. Asked several times at one, the answers come back in the order
    in which they were given, and the last one stays. `missed` counts the questions that were never asked, and the calls
    that were made more often than before: a function may have a memory.
    """

    def __init__(self, answers: Iterable[RecordedAnswer], limits: Limits) -> None:
        self._limits = limits
        self._answers: dict[tuple[str, str], list[RecordedAnswer]] = {}
        self._served: Counter[tuple[str, str]] = Counter()
        self._given: Counter[tuple[str, str]] = Counter()
        self.cell, self.missed = "", 0
        for answer in answers:
            self._answers.setdefault((answer.cell, answer.question), []).append(answer)
            self._given[answer.cell, answer.question] += 1

    def varies(self, cell: str) -> bool:
        """Whether a question was answered differently when it was asked again at this cell: then the order counts."""
        groups = (kept for (where, _), kept in self._answers.items() if where == cell)
        return any(each != kept[0] for kept in groups for each in kept[1:])

    def ask(self, question: Question) -> Answer:
        """The recorded answer. Raises `Unrecorded` when the question was never asked at this check cell."""
        key = self.cell, question_key(question)
        kept = self._answers.get(key)
        self._served[key] += 1
        if kept and question.ask == "call" and self._served[key] > self._given[key]:
            self.missed += 1
        if not kept:
            self.missed += 1
            raise Unrecorded(question.words(), "a recording that never asked for it", "run the submission again")
        answer = kept.pop(0) if len(kept) > 1 else kept[0]
        return decode_answer(RawAnswer(answer.answer, answer.buffers), question, self._limits)
