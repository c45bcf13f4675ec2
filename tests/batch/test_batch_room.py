"""How many kernels fit: cores, GPUs, and memory that is shared out so that never more run than there is room for."""

import os
import threading
from contextlib import ExitStack
from types import SimpleNamespace

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.batch import room
from referee.batch.slots import Room
from referee.report import Environment, Exceeded, NotebookReport, Report, Timings, Usage

MIB = 2**20


# --- the room itself --------------------------------------------------------------------------------------------------


class Crowd:
    """Threads that go into a room and stay until they are called; the most memory that they held together."""

    def __init__(self, made: Room) -> None:
        self.room = made
        self.inside: list[int] = []
        self.most = 0
        self._moved = threading.Condition()
        self._leave: dict[int, threading.Event] = {}
        self._threads: list[threading.Thread] = []

    def come(self, *numbers: int) -> None:
        """More threads want to go in."""
        for number in numbers:
            self._leave[number] = threading.Event()
            self._threads.append(threading.Thread(target=self._stay, args=(number,), daemon=True))
            self._threads[-1].start()

    def _stay(self, number: int) -> None:
        with self.room.taken():
            with self.room._changed:
                self.most = max(self.most, sum(self.room._taken.values()))
            with self._moved:
                self.inside.append(number)
                self._moved.notify_all()
            self._leave[number].wait(10)
            with self._moved:
                self.inside.remove(number)
                self._moved.notify_all()

    def leave(self, number: int) -> None:
        """One thread goes."""
        self._leave[number].set()
        with self._moved:
            assert self._moved.wait_for(lambda: number not in self.inside, 5)

    def settled(self, count: int) -> int:
        """How many are inside when `count` have arrived, and a moment later, when no one else has."""
        with self._moved:
            self._moved.wait_for(lambda: len(self.inside) == count, 5)
            self._moved.wait_for(lambda: len(self.inside) != count, 0.05)
            return len(self.inside)

    def end(self) -> None:
        for leave in self._leave.values():
            leave.set()
        for thread in self._threads:
            thread.join(10)
        assert not any(thread.is_alive() for thread in self._threads)


@pytest.fixture
def crowd():
    """Makes a crowd for a room; all of it has left after the test."""
    with ExitStack() as stack:

        def make(made: Room) -> Crowd:
            found = Crowd(made)
            stack.callback(found.end)
            return found

        yield make


@pytest.mark.parametrize(("mb", "each", "fit"), [(1000, 300, 3), (1000, 500, 2), (1000, 501, 1), (999, 1000, 1)])
def test_never_more_than_fit(crowd, mb, each, fit):
    """Of five that want to go in as many are inside as fit, and each that leaves lets one more in."""
    many = crowd(Room(mb, each))
    many.come(*range(5))
    assert many.settled(fit) == fit
    for left in range(1, 6):
        many.leave(many.inside[0])
        expected = min(fit, 5 - left)
        assert many.settled(expected) == expected
    assert many.most == fit * each


@pytest.mark.parametrize(("mb", "each"), [(0, 0), (0, 1), (100, 10**9)])
def test_the_first_always_fits(crowd, mb, each):
    """With too little memory for one, one is tried all the same."""
    many = crowd(Room(mb, each))
    many.come(1)
    assert many.settled(1) == 1


def test_without_a_need_all_fit(crowd):
    """Kernels of which nothing is known yet keep nobody out."""
    many = crowd(Room(100))
    many.come(*range(8))
    assert many.settled(8) == 8


def test_a_greater_need_holds_from_now_on(crowd):
    """Where kernels are seen to need more, those inside stay with what they took, and fewer come after them."""
    made = Room(1000, 200)
    many = crowd(made)
    many.come(*range(3))
    assert many.settled(3) == 3
    made.each = 500
    many.come(3, 4)
    assert many.settled(3) == 3  # 600 taken and 500 wanted
    many.leave(0)
    assert many.settled(3) == 3  # 400 taken: one more fits, and takes 500
    many.leave(1)
    assert many.settled(2) == 2  # 700 taken
    many.leave(2)
    assert many.settled(2) == 2  # 500 taken: the last one fits
    assert many.most == 1000


def test_a_need_beyond_all_memory_lets_one_at_a_time_in(crowd):
    """Where one kernel needs all there is, the next waits until nobody is inside."""
    made = Room(1000, 300)
    many = crowd(made)
    many.come(*range(3))
    assert many.settled(3) == 3
    made.each = 5000
    many.come(3)
    for number, expected in ((0, 2), (1, 1), (2, 1)):
        many.leave(number)
        assert many.settled(expected) == expected
    assert many.inside == [3]


def test_who_fails_inside_leaves_too():
    """An error in the block gives the memory back."""
    made = Room(100, 100)
    for _ in range(3):
        with pytest.raises(ValueError, match="boom"), made.taken():
            raise ValueError("boom")
    with made.taken():
        assert sum(made._taken.values()) == 100


class _Growing(Room):
    """A room whose need is raised by another thread whenever somebody looks at it."""

    def __init__(self, mb: int, *needs: int) -> None:
        self._needs = list(needs)
        super().__init__(mb, needs[0])

    @property
    def each(self) -> int:  # a number that changes while it is read
        return self._needs.pop(0) if len(self._needs) > 1 else self._needs[0]

    @each.setter
    def each(self, _value: int) -> None:
        return


def test_what_is_taken_is_what_was_found_to_fit():
    """A need that is raised between the look and the step in does not let more in than fit."""
    made = _Growing(1000, 100)
    with made.taken():
        made._needs = [100, 950]
        with made.taken():
            assert sum(made._taken.values()) <= 1000


@settings(max_examples=25)
@given(
    st.integers(1, 1000),
    st.lists(st.integers(0, 600), min_size=1, max_size=6),
    st.integers(1, 6),
)
def test_threads_never_hold_more_than_there_is(mb, needs, count):
    """Whatever kernels need, and however that changes, threads that come and go hold no more than there is."""
    made, over = Room(mb, needs[0]), list[dict[object, int]]()

    def work(mine: int) -> None:
        for turn in range(4):
            with made.taken():
                taken = dict(made._taken)
                if len(taken) > 1 and sum(taken.values()) > mb:
                    over.append(taken)
                made.each = max(made.each, needs[(mine + turn) % len(needs)])

    threads = [threading.Thread(target=work, args=(mine,), daemon=True) for mine in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert not over


# --- the memory -------------------------------------------------------------------------------------------------------


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """A machine with 10,000 MiB free and these cgroup files: a text for each; None for a file that there is not."""

    def make(*pairs: tuple[str | None, str | None]) -> None:
        found = []
        for number, pair in enumerate(pairs):
            paths = tuple(tmp_path / f"{number}.{kind}" for kind in ("limit", "used"))
            for path, text in zip(paths, pair, strict=True):
                if text is not None:
                    path.write_text(text, encoding="ascii")
            found.append(paths)
        monkeypatch.setattr(room, "_CGROUPS", tuple(found))
        memory = SimpleNamespace(available=10_000 * MIB)
        monkeypatch.setattr(psutil, "virtual_memory", lambda: memory)

    return make


def mib(amount: int) -> str:
    return f"{amount * MIB}\n"


CGROUPS = {
    "none": ([], 9000),
    "absent files": ([(None, None), (None, None)], 9000),
    "no limit": ([("max\n", mib(500)), (None, None)], 9000),
    "a container": ([(mib(2000), mib(500)), (None, None)], 1350),
    "an old kernel": ([(None, None), (mib(2000), mib(500))], 1350),
    "no limit in an old kernel": ([(None, None), ("9223372036854771712\n", mib(500))], 9000),
    "both": ([(mib(4000), mib(0)), (mib(2000), mib(500))], 1350),
    "a limit above the machine": ([(mib(64_000), mib(500))], 9000),
    "all used": ([(mib(2000), mib(2000))], 0),
    "more used than there is": ([(mib(2000), mib(2100))], 0),
    "the use unknown": ([(mib(2000), None)], 9000),
    "no numbers": ([("a lot", "some")], 9000),
    "empty files": ([("", "")], 9000),
}


@pytest.mark.parametrize(("pairs", "free"), CGROUPS.values(), ids=CGROUPS.keys())
def test_the_memory_of_a_container(machine, pairs, free):
    """Nine tenths of what is free may be used: of the machine, or of the container where that has less."""
    machine(*pairs)
    assert room.free_mb() == free


def test_the_real_machine_has_memory():
    """On any machine some memory is free, and no more than there is."""
    assert 0 < room.free_mb() <= psutil.virtual_memory().total // MIB


# --- GPUs and cores ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("", ()),
        ("-1", ()),
        ("0", ("0",)),
        ("0,1", ("0", "1")),
        ("2,0", ("2", "0")),
        ("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6", ("GPU-8932f937-d72c-4106-c12f-20bd9faed9f6",)),
        ("MIG-1,MIG-2", ("MIG-1", "MIG-2")),
        ("0,,1,", ("0", "1")),
        (" ", ()),
        ("0, 1", ("0", "1")),
        ("0,-1,1", ("0",)),
    ],
)
def test_gpus_that_are_stated(monkeypatch, given, names):
    """CUDA_VISIBLE_DEVICES says which GPUs there are, as CUDA reads it: none where it is empty, or after -1."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", given)
    assert room.gpus() == names


def test_gpus_that_are_found(monkeypatch, tmp_path):
    """Where nothing is stated, the GPUs are the numbered devices, in order."""
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(room, "Path", lambda _path: tmp_path)
    assert room.gpus() == ()
    for name in ("nvidia10", "nvidia0", "nvidia2", "nvidiactl", "nvidia-uvm", "nvidia-caps", "null"):
        (tmp_path / name).touch()
    assert room.gpus() == ("0", "2", "10")


def test_cores_are_those_of_this_process(monkeypatch):
    """The cores are those that this process may use, not all that the machine has."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {1, 5, 7}, raising=False)
    assert room.cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert room.cores() == 6


# --- what fits --------------------------------------------------------------------------------------------------------


@pytest.fixture
def eight(monkeypatch):
    """A machine of 8 cores with 4,000 MiB to use."""
    monkeypatch.setattr(room, "cores", lambda: 8)
    monkeypatch.setattr(room, "free_mb", lambda: 4000)


FITS = [  # wanted, items, kernel_mb, gpus -> count
    ((None, 100, 100, None), 8),
    ((None, 3, 100, None), 3),
    ((None, 0, 100, None), 1),
    ((2, 100, 100, None), 2),
    ((20, 100, 0, None), 11),
    ((20, 100, 100, None), 8),
    ((None, 100, 650, None), 4),
    ((None, 100, 4000, None), 1),
    ((None, 100, 10**6, None), 1),
    ((1, 100, 10**6, None), 1),
    ((None, 100, 100, 2), 2),
    ((None, 100, 100, 16), 8),
    ((1, 100, 100, 2), 1),
    ((4, 100, 100, 2), 2),
    ((None, 1, 100, 2), 1),
    ((None, 100, 3000, 2), 1),
]


@pytest.mark.parametrize(("asked", "count"), FITS)
def test_how_many_fit(eight, asked, count):
    """As many as wanted, or one a core or GPU; never more than items, GPUs or memory allow, and never none."""
    assert room.fit(*asked).count == count


@given(st.none() | st.integers(1, 300), st.integers(0, 1000), st.integers(0, 10**6), st.none() | st.integers(1, 16))
def test_what_fits_is_within_every_bound(wanted, items, kernel_mb, gpus):
    """Whatever is asked for, there is one worker at least, and more only within every bound."""
    found = room.fit(wanted, items, kernel_mb, gpus)
    assert found.count >= 1
    bounds = [items, found.free_mb // found.each_mb, *(bound for bound in (wanted, gpus) if bound is not None)]
    assert found.count <= max(1, min(bounds))


def test_why_so_many_in_words(eight):
    """The line says what limits the number."""
    assert room.fit(None, 9, 1500).words == "8 cores; 4,000 MiB free, 1,850 MiB for each"
    assert room.fit(3, 9, 0).words == "3 wanted; 4,000 MiB free, 350 MiB for each"
    assert room.fit(None, 9, 0, 2).words == "8 cores, 2 GPUs; 4,000 MiB free, 350 MiB for each"


def used(memory_mb: int, *limits: str) -> Report:
    """A report on a notebook that used so much memory, and exceeded these limits."""
    timings = Timings(
        usage=Usage(memory_mb=memory_mb), exceeded=tuple(Exceeded(limit=name, allowed=1, used=2) for name in limits)
    )
    environment = Environment(referee="0.1", python="3.11", platform="Linux")
    made = NotebookReport(notebook="mini", fingerprint="f", environment=environment, timings=timings)
    return Report(student="ada", assignment="week", notebooks=(made,))


def test_what_a_kernel_is_known_to_need():
    """The largest use within the limit counts; one that was stopped for its memory says nothing of the others."""
    assert room.used_by([]) == 0
    assert room.used_by([used(0), used(700), used(300)]) == 700
    assert room.used_by([used(5000, "memory_mb"), used(300)]) == 300
    assert room.used_by([used(900, "cell_seconds")]) == 900
