"""Answers from the student's own session: the same questions, the same wire format, without a kernel in between."""

from __future__ import annotations

from typing import Any

from referee.answers.codec import RawAnswer, decode_answer, encode_question
from referee.answers.interface import Answer, Question
from referee.sandbox import inside
from referee.sandbox.limits import Limits


class LocalSource:
    """Answers questions from a namespace in this very process (a student's own notebook, or a test)."""

    def __init__(self, namespace: dict[str, Any], limits: Limits | None = None) -> None:
        self._namespace = namespace
        self._limits = limits or Limits()

    def exchange(self, question: Question) -> RawAnswer:
        """The raw answer, made and encoded exactly as it would be in a kernel."""
        text, buffers = inside.answer(*encode_question(question, self._limits), self._namespace)
        return RawAnswer(text, tuple(buffers))

    def ask(self, question: Question) -> Answer:
        return decode_answer(self.exchange(question), question, self._limits)
