"""Turns between two threads: what is done where, what crosses, and how it ends."""

import contextvars
import threading
from collections.abc import Callable

import pytest

from referee.checks.aside import Aside


@pytest.fixture
def aside():
    """An aside whose thread serves until the test ends."""
    made = Aside()
    made.start(made.serve)
    yield made
    made.close()
    assert made.ended


def test_work_is_done_in_the_thread_and_questions_at_the_caller(aside):
    """Work runs in the other thread, what it asks runs in ours, and both results arrive."""
    here = threading.get_ident()
    there, asked = aside.do(lambda: (threading.get_ident(), aside.ask(threading.get_ident)))
    assert there != here
    assert asked == here
    assert aside.do(threading.get_ident) == there


def test_an_error_of_a_question_is_raised_where_it_was_asked(aside):
    """The work can catch what its question raised: the same object, and the thread goes on."""
    error = ValueError("no answer")

    def fail() -> None:
        raise error

    def work() -> BaseException | None:
        try:
            aside.ask(fail)
        except ValueError as caught:
            return caught
        return None

    assert aside.do(work) is error
    assert aside.do(lambda: 3) == 3


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), SystemExit(3)], ids=repr)
def test_an_error_of_the_work_ends_the_thread_and_is_raised_here(error):
    """What the work raises comes out as it is, after main has come to its end; then nothing more is done."""
    aside, ended = Aside(), list[bool]()

    def main() -> None:
        aside.serve()
        ended.append(True)

    def work() -> None:
        raise error

    aside.start(main)
    with pytest.raises(type(error)) as caught:
        aside.do(work)
    assert caught.value is error
    assert ended == [True]
    assert aside.ended
    with pytest.raises(RuntimeError, match="has ended"):
        aside.do(lambda: None)
    aside.close()


def test_a_main_that_never_serves(aside):
    """A main function that returns at once has ended, and what it raises is raised by `start`."""
    made = Aside()
    made.start(lambda: None)
    assert made.ended

    def fail() -> None:
        raise LookupError("main")

    with pytest.raises(LookupError):
        Aside().start(fail)


def test_main_may_ask_while_it_ends():
    """What is asked after the last work, as by a fixture that is torn down late, is still answered."""
    aside, answers = Aside(), list[int]()

    def main() -> None:
        aside.serve()
        answers.append(aside.ask(lambda: 7))

    aside.start(main)
    aside.close()
    assert answers == [7]


def test_what_work_sets_in_the_context_is_not_there_for_the_next(aside):
    """Each piece of work begins in the context that main left, whatever the one before did to it."""
    variable = contextvars.ContextVar("variable", default="main's")

    def work() -> str:
        found = variable.get()
        variable.set("changed")
        return found

    assert [aside.do(work), aside.do(work), variable.get()] == ["main's"] * 3


def test_a_caller_that_leaves_is_not_waited_for():
    """After an interruption here the thread asks in vain and then ends: it waits for nobody."""
    aside, left, said = Aside(), threading.Event(), list[str]()
    done = threading.Event()

    def main() -> None:
        aside.serve()
        done.set()

    def work() -> None:
        left.wait(10)
        try:
            aside.ask(lambda: None)
        except RuntimeError as error:
            said.append(str(error))

    aside.start(main)

    class Interrupted:
        def get(self, timeout: float) -> None:  # noqa: ARG002 - as the queue takes it
            raise KeyboardInterrupt

        def put(self, what: object) -> None:
            """Nobody listens."""

    aside._says = Interrupted()  # type: ignore[assignment] # stands for Ctrl-C in the middle of waiting
    with pytest.raises(KeyboardInterrupt):
        aside.do(work)
    left.set()
    assert done.wait(10)
    assert said == ["nobody waits for this thread any more"]


def test_helpers_of_the_work_may_ask_too(aside):
    """Several threads of one piece of work ask at once; each gets the answer to its own question."""

    def ask(number: int, answers: dict[int, int]) -> Callable[[], None]:
        return lambda: answers.__setitem__(number, aside.ask(lambda: number * number))

    def work() -> dict[int, int]:
        answers: dict[int, int] = {}
        threads = [threading.Thread(target=ask(number, answers)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return answers

    assert aside.do(work) == {number: number * number for number in range(8)}
