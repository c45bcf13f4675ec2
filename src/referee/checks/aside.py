"""A function in a thread of its own that takes turns with its caller: only one of the two runs at a time.

    the caller                       the thread
    aside.start(main)                main() runs until it calls `aside.serve()`
    aside.do(work)                   work() runs
        question() runs              .. aside.ask(question), where work wants something done at the caller
    aside.close()                    `serve` returns, and main runs to its end

pytest shows its session only from the inside, while its main function runs: this keeps such an inside at hand. The
sockets of a running kernel belong to the thread that opened them, so what a check asks of one is asked by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")
_WAIT = 0.5  # seconds, after which a caller who waits looks whether it was interrupted


@dataclass(frozen=True)
class _Outcome:
    """What a function came to; an error keeps its identity and its traceback on its way to the other thread."""

    value: Any = None
    error: BaseException | None = None

    @classmethod
    def of(cls, function: Callable[[], Any]) -> _Outcome:
        try:
            return cls(function())
        except BaseException as error:  # noqa: BLE001 - raised again in the other thread, as it is
            return cls(error=error)

    def open(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.value


class _End(_Outcome):
    """The last thing that a thread says."""


@dataclass(frozen=True)
class _Question:
    function: Callable[[], Any]
    reply: SimpleQueue[_Outcome]

    def answer(self) -> None:
        self.reply.put(_Outcome.of(self.function))


class Aside:
    """See the module. An error of `work` ends the thread, after which the error is raised at the caller.

    A caller that is interrupted while it waits leaves the thread behind: it is a daemon, and asks in vain from then on.
    """

    def __init__(self) -> None:
        self.ended = False
        self._work: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._says: SimpleQueue[_Outcome | _Question] = SimpleQueue()
        self._failed: BaseException | None = None

    def start(self, main: Callable[[], object]) -> None:
        """Run `main` until it serves, or ends (see `ended`). Raises what it raises."""
        thread = Thread(target=copy_context().run, args=(self._run, main), name="graders", daemon=True)
        thread.start()
        self._listen()

    def do(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises when the thread runs it."""
        if self.ended:
            raise RuntimeError("a thread that has ended was given work")
        self._work.put(work)
        result: T = self._listen()
        return result

    def close(self) -> None:
        """Let `main` come to its end. Raises what it raises."""
        if not self.ended:
            self._work.put(None)
            self._listen()

    def _listen(self) -> Any:
        """Answer what the thread asks, until it says what its work came to."""
        try:
            while isinstance(said := self._heard(), _Question):
                said.answer()
        except BaseException:  # Ctrl-C, while the thread was at work
            self.ended = True
            self._work.put(None)
            raise
        self.ended = isinstance(said, _End)
        return said.open()

    def _heard(self) -> _Outcome | _Question:
        """What the thread says next.

        A signal that comes in the moment before a wait begins does not end it: so no wait is for ever.
        """
        while True:
            with suppress(Empty):
                return self._says.get(timeout=_WAIT)

    def ask(self, question: Callable[[], T]) -> T:
        """In the thread: what `question` returns or raises when the caller runs it."""
        if self.ended:
            raise RuntimeError("nobody waits for this thread any more")
        reply: SimpleQueue[_Outcome] = SimpleQueue()
        self._says.put(_Question(question, reply))
        result: T = reply.get().open()
        return result

    def serve(self) -> None:
        """In the thread: do the caller's work until there is no more."""
        self._says.put(_Outcome())
        while self._serve_once():
            pass

    def _serve_once(self) -> bool:
        work = self._work.get()
        if work is None:
            return False
        # in a copy of the context: what one piece of work sets (NumPy's error state, say) is not there for the next
        outcome = _Outcome.of(partial(copy_context().run, work))
        self._failed = outcome.error
        if self._failed is None:
            self._says.put(outcome)
        return self._failed is None

    def _run(self, main: Callable[[], object]) -> None:
        end = _Outcome.of(main)
        self._says.put(_End(error=self._failed or end.error))
