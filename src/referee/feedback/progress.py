"""A batch while it runs: a bar with counts, rate and estimate in a terminal, plain lines elsewhere.

Display.say(words)     a line that stays
Display.hear(event)    one event of `referee.events`
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from referee.events import Again, Ended, Event, Finished, Listener, Planned, Pulse
from referee.feedback.text import amount, plain

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_EVERY = 30.0  # seconds between two plain lines on how things stand


class Display:
    """Shows what it hears.

    Parameters
    ----------
    write : writes a line.   console : a terminal, where there is one: then a bar moves below the lines.
    also : hears every event, too.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        console: Console | None = None,
        *,
        also: Listener | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write, self._console, self._clock = write, console, clock
        self._also = also or (lambda _event: None)
        self._done = self._to_grade = 0
        self._told = clock()
        self._bar: Progress | None = None
        self._task: TaskID | None = None

    def say(self, words: str) -> None:
        """Write a line, above the bar where there is one."""
        if self._bar is not None:
            self._bar.console.print(plain(words), markup=False, emoji=False, highlight=False)
        else:
            self._write(plain(words))

    def hear(self, event: Event) -> None:
        """Show an event."""
        self._also(event)
        if isinstance(event, Planned):
            self._begin(event)
        elif isinstance(event, Finished):
            self._done += 1
            self._told = self._clock()
            self.say(f"{self._done}/{self._to_grade}  {finished_line(event)}")
            if self._bar is not None and self._task is not None:
                self._bar.update(self._task, completed=self._done)
        elif isinstance(event, Again):
            self.say(f"{event.student}: {event.why}; it is graded once more")
        elif isinstance(event, Pulse):
            self._pulse(event)
        elif isinstance(event, Ended):
            self.close()
            if event.stopped:
                self.say(f"stopped: {event.stopped}")

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _begin(self, planned: Planned) -> None:
        self._done, self._to_grade, self._told = 0, planned.to_grade, self._clock()
        if self._console is not None and planned.to_grade:
            self._bar = _bar(self._console)
            self._task = self._bar.add_task("", total=planned.to_grade, words="")
            self._bar.start()

    def _pulse(self, pulse: Pulse) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=pulse.finished, words=standing(pulse))
        elif self._clock() - self._told >= _EVERY:
            self._told = self._clock()
            self.say(f"{pulse.finished}/{pulse.to_grade}  {standing(pulse)}")


def finished_line(event: Finished) -> str:
    """One graded submission in a line."""
    words = f"{event.student}  {amount(event.earned)} of {amount(event.points)}"
    if event.trouble:
        return f"{words}  NOT GRADED: {plain(event.trouble, 160)}"
    return f"{words}  (needs a person)" if event.needs_person else words


def standing(pulse: Pulse) -> str:
    """How things stand: pace, estimate, and the submission that has been under way for longest.

    >>> standing(Pulse(finished=30, to_grade=60, under_way=2, elapsed=15, left=15, slowest="ada", slowest_seconds=9))
    '2.0 a second, about 15 s left; ada for 9 s'
    """
    parts = []
    if pulse.finished and pulse.elapsed:
        parts.append(pace(pulse.finished / pulse.elapsed))
    if pulse.left is not None:
        parts.append(f"about {duration(pulse.left)} left")
    told = ", ".join(parts)
    if not pulse.slowest:
        return told
    doing = f", {plain(pulse.doing, 60)}" if pulse.doing else ""
    slowest = f"{plain(pulse.slowest, 40)} for {duration(pulse.slowest_seconds)}{doing}"
    return f"{told}; {slowest}" if told else slowest


def pace(per_second: float) -> str:
    """A rate as people say it.

    >>> pace(3.14), pace(0.2)
    ('3.1 a second', '12.0 a minute')
    """
    return f"{per_second:.1f} a second" if per_second >= 1 else f"{60 * per_second:.1f} a minute"


def duration(seconds: float) -> str:
    """A time as people say it.

    >>> duration(15.4), duration(190), duration(8000)
    ('15 s', '3 min 10 s', '2 h 13 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def terminal_of(stream: TextIO) -> Console | None:
    """The terminal behind a stream; None where it is a file or a pipe, or a terminal that cannot move its cursor."""
    if not stream.isatty() or os.environ.get("TERM") == "dumb":
        return None
    from rich.console import Console  # noqa: PLC0415 - late: many never see it

    console = Console(file=stream, no_color="NO_COLOR" in os.environ)
    return None if console.is_dumb_terminal else console


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415 - late: many never see it
    from rich.table import Column  # noqa: PLC0415 - the same

    words = TextColumn("{task.fields[words]}", markup=False, table_column=Column(no_wrap=True, ratio=1))
    columns = (MofNCompleteColumn(), BarColumn(bar_width=20), words)  # the words alone give way where it is narrow
    return Progress(*columns, console=console, transient=True, expand=True)
