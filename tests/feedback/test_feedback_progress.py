"""A batch while it runs, as pictures: plain lines where there is no terminal, a bar below the lines where there is."""

import io
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from referee.events import Again, Begun, Doing, Ended, Event, Finished, Planned, Pulse
from referee.feedback.progress import Display, duration, finished_line, pace, standing, terminal_of

HOSTILE = st.text(max_size=40) | st.text("\x00\x07\x08\x1b\x9b[2J\r\n\u202e\u2066<>:smile", max_size=20)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Screen:
    """What stands on a terminal after it was sent a text; `odd` is what it was sent beside the moves of a bar."""

    def __init__(self, text: str) -> None:
        self.rows, self.row, self.cursor, self.odd = [""], 0, True, ""
        for part in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|\r|\n|[^\x1b\r\n]+|\x1b", text):
            self._show(part)

    def _show(self, part: str) -> None:
        if part == "\n":
            self.row += 1
            self.rows += [""] * (self.row == len(self.rows))
        elif part == "\x1b[2K":
            self.rows[self.row] = ""
        elif part == "\x1b[1A":
            self.row -= 1
        elif part in ("\x1b[?25l", "\x1b[?25h"):
            self.cursor = part.endswith("h")
        elif part != "\r":
            self.rows[self.row] += part
            self.odd += "".join(each for each in part if not each.isprintable() and each not in "\u200c\u200d")

    @property
    def picture(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows).rstrip("\n")


class Terminal:
    """A display on a terminal of 100 columns; `lines` is what it writes where no bar is."""

    def __init__(self, width: int = 100) -> None:
        self.sent = io.StringIO()
        self.lines: list[str] = []
        console = Console(
            file=self.sent, force_terminal=True, width=width, height=20, color_system=None, legacy_windows=False
        )
        self.display = Display(self.lines.append, console, clock=Clock())

    def hear(self, *events: Event) -> None:
        for event in events:
            self.display.hear(event)

    @property
    def screen(self) -> Screen:
        return Screen(self.sent.getvalue())

    def drawn(self) -> list[str]:
        """The rows of the terminal, the bar as it is drawn ten times a second."""
        if self.display._bar is not None:
            self.display._bar.refresh()
        return self.screen.picture.splitlines()


@pytest.fixture
def terminal():
    """A display on a terminal, whose bar is gone after the test."""
    made = Terminal()
    yield made
    made.display.close()


def planned(to_grade: int = 3) -> Planned:
    return Planned(assignment="week", total=to_grade + 1, kept=1, to_grade=to_grade)


def finished(student: str = "ada", **fields) -> Finished:
    return Finished(**{"student": student, "earned": 4.0, "points": 4.0, "seconds": 1.0, **fields})


def ended(stopped: str = "") -> Ended:
    return Ended(finished=3, kept=1, ours_failed=0, elapsed=9.0, stopped=stopped)


PULSE = Pulse(
    finished=1, to_grade=3, under_way=2, elapsed=2, left=15.2, slowest="ben", slowest_seconds=9, doing="cell 7"
)


def test_a_run_in_plain_lines():
    """Without a terminal a run is a line for each submission, a line for each worker that died, and the reason."""
    lines: list[str] = []
    display = Display(lines.append, clock=Clock())
    for event in (
        planned(),
        Begun(student="ada"),
        Doing(student="ada", words="cell 7"),
        finished(),
        PULSE,
        Again(student="ben", why="the worker process was killed by SIGKILL"),
        finished("ben", earned=4 / 3, needs_person=True),
        finished("cleo", earned=0.0, needs_person=True, trouble="the harness failed (OSError)\nthis costs no point"),
        ended("cleo could not be graded for our reasons"),
    ):
        display.hear(event)
    assert "\n".join(lines) == (
        """\
1/3 ada 4 of 4
ben: the worker process was killed by SIGKILL; it is graded once more
2/3 ben 1.33 of 4 (needs a person)
3/3 cleo 0 of 4 NOT GRADED: the harness failed (OSError) this costs no point
stopped: cleo could not be graded for our reasons"""
    )


def test_silence_is_broken_every_thirty_seconds():
    """Without a terminal, how things stand is said when nothing was for 30 seconds, and not more often."""
    clock, lines = Clock(), list[str]()
    display = Display(lines.append, clock=clock)
    display.hear(planned())
    for seconds in (29.0, 1.0, 29.9, 0.1, 29.0):
        clock.now += seconds
        display.hear(PULSE)
    assert lines == ["1/3 30.0 a minute, about 15 s left; ben for 9 s, cell 7"] * 2
    display.hear(finished())
    clock.now += 29.0
    display.hear(PULSE)
    assert lines[2:] == ["1/3 ada 4 of 4"]


def test_a_second_class_is_counted_anew():
    """Two classes after one another are counted each by itself."""
    lines: list[str] = []
    display = Display(lines.append, clock=Clock())
    for to_grade in (2, 3):
        for event in (planned(to_grade), finished(), ended()):
            display.hear(event)
    assert lines == ["1/2 ada 4 of 4", "1/3 ada 4 of 4"]


def test_a_bar_shows_how_things_stand(terminal):
    """In a terminal the lowest line says how many are done, the pace, what is left, and who is slowest."""
    terminal.hear(planned(), finished(), PULSE)
    terminal.display.say("a line")
    assert terminal.drawn() == [
        "1/3 ada 4 of 4",
        "a line",
        "1/3 ━━━━━━╸              30.0 a minute, about 15 s left; ben for 9 s, cell 7",
    ]
    assert not terminal.screen.cursor
    assert not terminal.lines


def test_the_lines_survive_the_bar(terminal):
    """At the end the bar is gone, every line that was said meanwhile stands in order, and the cursor is back."""
    terminal.hear(planned(), Begun(student="ada"), finished(), PULSE)
    terminal.hear(Again(student="ben", why="it died"), PULSE, finished("ben"), PULSE, ended())
    assert (
        terminal.screen.picture
        == """\
1/3 ada 4 of 4
ben: it died; it is graded once more
2/3 ben 4 of 4"""
    )
    assert terminal.screen.cursor


def test_what_is_said_after_the_bar_is_a_plain_line(terminal):
    """When the bar has gone, lines go where they went before it came."""
    terminal.display.say("before")
    terminal.hear(planned(), ended("the disk is full"))
    terminal.display.say("after")
    assert terminal.lines == ["before", "stopped: the disk is full", "after"]


def test_a_bar_that_was_closed_early_is_gone(terminal):
    """A run that ends with an error leaves no bar behind, and closing twice is closing once."""
    terminal.hear(planned(), PULSE)
    terminal.display.close()
    terminal.display.close()
    assert terminal.screen.picture == ""
    assert terminal.screen.cursor


def test_nothing_to_grade_needs_no_bar(terminal):
    """Where every report stands, nothing is drawn."""
    terminal.hear(planned(0), ended())
    assert terminal.sent.getvalue() == ""
    assert terminal.lines == []


def test_two_bars_after_one_another(terminal):
    """A second class gets a bar of its own, which begins at nothing."""
    terminal.hear(planned(), finished(), ended(), planned(5))
    terminal.display.say("a line")
    assert terminal.drawn() == ["1/3 ada 4 of 4", "a line", "0/5"]


def test_markup_is_not_obeyed(terminal):
    """A name that looks like the terminal library's own markup, or like its emoji, is shown as it is."""
    name = "[bold red]eve[/] :smile:"
    terminal.hear(planned(), finished(name), Pulse(finished=1, to_grade=3, under_way=1, elapsed=0, slowest=name))
    terminal.display.say("{task.total} [/nothing]")
    assert terminal.drawn() == [
        "1/3 [bold red]eve[/] :smile: 4 of 4",
        "{task.total} [/nothing]",
        "1/3 ━━━━━━╸              [bold red]eve[/] :smile: for 0 s",
    ]


@settings(max_examples=60)
@given(HOSTILE)
def test_no_text_repaints_the_terminal(text):
    """Whatever a student is called or prints, what reaches the terminal are the bar's own moves and visible text."""
    terminal = Terminal()
    pulse = Pulse(finished=1, to_grade=3, under_way=1, elapsed=1, slowest=text, slowest_seconds=1, doing=text)
    terminal.hear(planned(), Again(student=text, why=text), finished(text, trouble=text), pulse)
    terminal.display.say(text)
    terminal.hear(ended(text))
    assert not terminal.screen.odd
    assert terminal.screen.cursor
    assert "1/3" in terminal.screen.picture
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in terminal.lines)


@settings(max_examples=60)
@given(HOSTILE)
def test_no_text_breaks_a_plain_line(text):
    """Whatever a student is called, each event is one visible line."""
    clock, lines = Clock(), list[str]()
    display = Display(lines.append, clock=clock)
    display.hear(planned())
    clock.now += 60
    display.hear(Pulse(finished=0, to_grade=3, under_way=1, elapsed=1, slowest=text, doing=text))
    display.hear(Again(student=text, why=text))
    display.hear(finished(text, trouble=text))
    assert len(lines) == 3
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in lines)


def test_a_very_long_name_stays_in_its_line(terminal):
    """A name of a hundred thousand characters hides neither the count nor the points of a line."""
    terminal.hear(planned(), finished("x" * 100_000), ended())
    line = " ".join(terminal.drawn())
    assert len(line) < 700
    assert line.startswith("1/3 xxx")
    assert line.endswith("xxx 4 of 4")


@pytest.mark.parametrize("width", [30, 60, 80, 100])
def test_long_words_leave_the_count_and_the_bar(width):
    """However narrow the terminal and however long the words, the count and the bar stay, in one row."""
    terminal = Terminal(width)
    name = "x" * 100_000
    pulse = Pulse(finished=1, to_grade=3, under_way=1, elapsed=1, slowest=name, slowest_seconds=1, doing=name)
    terminal.hear(planned(), finished(), pulse)
    *lines, bar = terminal.drawn()
    terminal.hear(ended())
    assert lines == ["1/3 ada 4 of 4"]
    assert len(bar) <= width
    assert bar.startswith("1/3 ━")


def test_a_narrow_terminal_is_left_clean():
    """In a terminal of 30 columns the bar goes away as a whole."""
    terminal = Terminal(width=30)
    terminal.hear(planned(), finished(), PULSE)
    terminal.drawn()
    terminal.hear(ended())
    assert terminal.drawn() == ["1/3 ada 4 of 4"]


def test_another_listener_hears_everything():
    """`also` hears every event, in order, those too of which nothing is shown."""
    heard: list[Event] = []
    events: list[Event] = [planned(), Begun(student="ada"), Doing(student="ada", words="cell 1"), PULSE]
    events += [Again(student="ada", why="it died"), finished(), ended()]
    display = Display(lambda _words: None, also=heard.append, clock=Clock())
    for event in events:
        display.hear(event)
    assert heard == events


FINISHED = [
    (finished(), "ada  4 of 4"),
    (finished(earned=0.0, points=0.0), "ada  0 of 0"),
    (finished(needs_person=True), "ada  4 of 4  (needs a person)"),
    (finished(needs_person=True, trouble="no\x1b[2J"), "ada  4 of 4  NOT GRADED: no\\x1b[2J"),
    (finished(earned=1234567.5), "ada  1234567.5 of 4"),
]


@pytest.mark.parametrize(("event", "line"), FINISHED)
def test_a_submission_in_a_line(event, line):
    """The line names the student, the points, and what keeps them from being final."""
    assert finished_line(event) == line


STANDING: list[tuple[dict[str, object], str]] = [
    ({}, ""),
    ({"elapsed": 5}, ""),
    ({"finished": 3}, ""),
    ({"left": 0.0}, "about 0 s left"),
    ({"finished": 3, "elapsed": 1.5}, "2.0 a second"),
    ({"finished": 1, "elapsed": 1e9, "left": 1e9}, "0.0 a minute, about 277777 h 46 min left"),
    ({"slowest": "ada"}, "ada for 0 s"),
    ({"slowest": "ada", "slowest_seconds": 3725, "doing": "cell 7"}, "ada for 1 h 2 min, cell 7"),
    ({"doing": "cell 7"}, ""),
    ({"left": 61, "slowest": "a\u202eb\n", "doing": "\x1b[31m"}, "about 1 min 1 s left; a\\u202eb for 0 s, \\x1b[31m"),
]


@pytest.mark.parametrize(("fields", "words"), STANDING)
def test_how_things_stand(fields, words):
    """What is not known yet is not said, and large amounts are said as people say them."""
    assert standing(Pulse(**{"finished": 0, "to_grade": 9, "under_way": 0, "elapsed": 0.0, **fields})) == words


DURATIONS = [
    (0, "0 s"),
    (0.4, "0 s"),
    (59.4, "59 s"),
    (59.6, "1 min 0 s"),
    (3599, "59 min 59 s"),
    (3599.7, "1 h 0 min"),
    (86_400, "24 h 0 min"),
    (1e9, "277777 h 46 min"),
]


@pytest.mark.parametrize(("seconds", "words"), DURATIONS)
def test_a_time_as_people_say_it(seconds, words):
    """A time is rounded before it is taken apart: nobody is told of 60 seconds, or of 60 minutes."""
    assert duration(seconds) == words


@given(st.floats(0, 1e9))
def test_no_time_has_sixty_of_anything(seconds):
    """A time of any length is near to what it says, and its smaller part is below 60."""
    parts = [int(number) for number in re.findall(r"\d+", duration(seconds))]
    assert all(part < 60 for part in parts[1:])
    if len(parts) == 1:
        assert abs(parts[0] - seconds) <= 0.5


@pytest.mark.parametrize(
    ("rate", "words"), [(0, "0.0 a minute"), (0.5, "30.0 a minute"), (1, "1.0 a second"), (1234.56, "1234.6 a second")]
)
def test_a_rate_as_people_say_it(rate, words):
    """A rate is said by the second where it is one at least, else by the minute."""
    assert pace(rate) == words


class _Tty(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_file_is_no_terminal(monkeypatch, tmp_path):
    """A file, and text in memory, get plain lines."""
    monkeypatch.setenv("TERM", "xterm")
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        assert terminal_of(file) is None
    assert terminal_of(io.StringIO()) is None


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_a_terminal_that_cannot_move_gets_plain_lines(monkeypatch, term):
    """Where the cursor cannot be moved there is no bar."""
    monkeypatch.setenv("TERM", term)
    assert terminal_of(_Tty()) is None


@pytest.mark.parametrize("no_color", [None, "1"])
def test_a_terminal_is_used_as_it_is(monkeypatch, no_color):
    """A terminal is written to where it is, with colours or, where none are wanted, without."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    stream = _Tty()
    console = terminal_of(stream)
    assert console is not None
    assert console.file is stream
    assert console.no_color is (no_color is not None)
