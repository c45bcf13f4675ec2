"""The run itself: orders go to the workers, what they bring back is written and counted, whoever watches is told.

Nothing is counted before it is on disk. A submission that ends its worker is tried once more, and then set aside.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from referee.batch import store
from referee.batch.slots import WorkerDied
from referee.batch.work import Order, Outcome, carry_out, given_up
from referee.course import Course
from referee.errors import ClusterLost, CourseError, DataError, MissingExtra, NoRoom
from referee.events import Again, Begun, Doing, Event, Finished, Listener, Pulse
from referee.report import SET_ASIDE, Note, Report

Item = TypeVar("Item")
T = TypeVar("T")

_TRIES = 2
_PULSE = 1.0  # seconds
#: Errors that concern the whole class.
_ALL = (CourseError, DataError, MissingExtra, ClusterLost)


class SetAside(Exception):
    """An item has ended its worker as often as it may; the message says how it ended."""


@dataclass
class Flow(Generic[Item, T]):
    """Calls of one function on many items, `width` of them handed out at a time; a fresh try for whom a worker died."""

    executor: Executor
    function: Callable[[Item], T]
    width: int
    begun: Callable[[Item], None] = lambda _item: None
    again: Callable[[Item, str], None] = lambda _item, _why: None
    pulse: Callable[[], None] = lambda: None
    _deaths: dict[int, int] = field(default_factory=dict)

    def over(self, items: Sequence[Item]) -> Iterator[tuple[Item, T | BaseException]]:
        """Each item with its result, or with what was raised, as they come."""
        waiting, flying = deque(enumerate(items)), dict[Future[T], tuple[int, Item]]()
        try:
            while waiting or flying:
                while waiting and len(flying) < self.width:
                    number, item = waiting.popleft()
                    self.begun(item)
                    flying[self.executor.submit(self.function, item)] = number, item
                done, _ = wait(flying, timeout=_PULSE, return_when=FIRST_COMPLETED)
                for future in sorted(done, key=lambda each: flying[each][0]):
                    number, item = flying.pop(future)
                    error = future.exception()
                    if isinstance(error, WorkerDied) and self._may_try_again(number):
                        self.again(item, str(error))
                        waiting.appendleft((number, item))
                        continue
                    if isinstance(error, WorkerDied):
                        error = SetAside(str(error))
                    yield item, future.result() if error is None else error
                self.pulse()
        finally:
            for future in flying:
                future.cancel()

    def _may_try_again(self, number: int) -> bool:
        self._deaths[number] = self._deaths.get(number, 0) + 1
        return self._deaths[number] < _TRIES


@dataclass
class Run:
    """One run over the submissions of a class.

    executor, width : who works, and how many submissions are handed out at a time.
    expected : the seconds that a submission is expected to take, until some have been seen.
    stop_on_error : end after the first submission that could not be graded for our reasons.
    replacing : told of each report before it is written, while an older one lies in its place.

    `work` is what a worker does with an order, and `written` makes a report on disk of what came of it: a run over
    another kind of course has its own.
    """

    course: Course
    executor: Executor
    width: int
    hear: Listener = lambda _event: None
    expected: float = 0.0
    stop_on_error: bool = False
    replacing: Callable[[Report], None] = lambda _report: None
    stopped: str = ""
    _began: float = field(default_factory=time.monotonic)
    _orders: int = 0
    _since: dict[str, float] = field(default_factory=dict)
    _doing: dict[str, str] = field(default_factory=dict)
    _took: list[float] = field(default_factory=list)
    _told: float = 0.0

    def grade(self, orders: Sequence[Any]) -> Iterator[Report]:
        """Carry out these orders; each report, without its recordings, when its files are on disk.

        Raises
        ------
        CourseError, GraderError, DataError : the course is wrong; what was graded before is kept.
        NoRoom : nothing can be written any more; the same holds.
        """
        self._orders = len(orders)
        flow = Flow(self.executor, self.work, self.width, self._begin, self._again, self._pulse)
        for order, result in flow.over(orders):
            report = self.written(order, result)
            took = time.monotonic() - self._since.pop(order.student, self._began)
            self._took.append(took)
            self._doing.pop(order.student, None)
            self.hear(finished(report, took))
            yield report
            if report.ours_failed and self.stop_on_error:
                self.stopped = f"{report.student} could not be graded for our reasons"
                return

    @property
    def elapsed(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    def heard(self, event: Event) -> None:
        """Take note of what a worker tells, and pass it on."""
        if isinstance(event, Doing):
            self._doing[event.student] = event.words
        self.hear(event)

    def _begin(self, order: Any) -> None:
        self._since[order.student] = time.monotonic()
        self.hear(Begun(student=order.student))

    def _again(self, order: Any, why: str) -> None:
        self.hear(Again(student=order.student, why=why))

    @property
    def work(self) -> Callable[[Any], Any]:
        """What is done with an order in a worker process."""
        return carry_out

    def written(self, order: Any, result: Any) -> Report:
        """The report on an order, on disk. One that cannot be written because of what it is stays with a person."""
        outcome = outcome_of(order, result)
        try:
            with store.no_room(self.course.root):
                self.replacing(outcome.report)
            store.write(self.course, outcome.report, outcome.text, outcome.notebooks)
        except NoRoom:
            raise
        except Exception as error:  # noqa: BLE001 - one report that cannot be written is no reason to stop
            return given_up(order, _failed(error)).report
        return outcome.report

    def _pulse(self) -> None:
        now = time.monotonic()
        if now - self._told < _PULSE:
            return
        self._told = now
        slowest = min(self._since, key=self._since.__getitem__, default="")
        self.hear(
            Pulse(
                finished=len(self._took),
                to_grade=self._orders,
                under_way=len(self._since),
                elapsed=now - self._began,
                left=self._left(now),
                slowest=slowest,
                slowest_seconds=now - self._since[slowest] if slowest else 0.0,
                doing=self._doing.get(slowest, ""),
            )
        )

    def _left(self, now: float) -> float | None:
        """The seconds that the rest will take: by the pace of this run, before that by what is known from others."""
        open_ones = self._orders - len(self._took)
        if len(self._took) >= 2 * self.width:
            return (now - self._began) / len(self._took) * open_ones
        guess = self.expected * self._orders / self.width - (now - self._began)
        return guess if guess > 0 else None


def outcome_of(order: Order, result: Outcome | BaseException) -> Outcome:
    """What became of an order. Raises what concerns the whole class."""
    if isinstance(result, _ALL):
        raise result
    if isinstance(result, SetAside):
        return _set_aside(order, str(result))
    if isinstance(result, BaseException):
        return given_up(order, _failed(result))
    return result


def finished(report: Report, seconds: float) -> Finished:
    """What is told of a report that is on disk."""
    troubles = [book.refused for book in report.notebooks if book.ours_failed and book.refused]
    troubles += [
        result.evidence.words
        for book in report.notebooks
        for result in book.results
        if result.verdict.needs_person and result.verdict.fault is not None
    ]
    return Finished(
        student=report.student,
        earned=report.earned,
        points=report.points,
        seconds=round(seconds, 3),
        needs_person=any(book.needs_person for book in report.notebooks),
        trouble=troubles[0] if troubles else "",
    )


def _failed(why: BaseException) -> str:
    return f"the harness failed ({type(why).__name__}: {why}); this costs no point"


def _set_aside(order: Order, how: str) -> Outcome:
    """The outcome for a submission that ended its worker twice; it is not tried again unless somebody asks."""
    words = f"set aside: {how}, {_TRIES} times while this was graded; this costs no point"
    note = Note(code=SET_ASIDE, words=words)
    tasks = tuple(replace(task, notes=(*task.notes, note)) for task in order.tasks)
    return given_up(replace(order, tasks=tasks), words)
