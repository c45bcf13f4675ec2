"""What grading leaves on disk: each file whole or not at all, and one writer at a time."""

import errno
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from referee import course as courses
from referee.batch import store
from referee.course import Course
from referee.errors import NoRoom, UsageError
from referee.lock import locked
from referee.report import Environment, NotebookReport, Report, to_json
from tests.batch.breaking import STEPS, Interrupted, files, interrupted

ENVIRONMENT = Environment(referee="0.1", python="3.11", platform="Linux")


@pytest.fixture
def course(tmp_path) -> Course:
    """A course that nobody has handed in to."""
    (tmp_path / "course.toml").write_text('name = "Mini"\n', encoding="utf-8")
    return courses.load(tmp_path)


def report(student="ada", earned=0) -> Report:
    made = NotebookReport(notebook="mini", fingerprint=str(earned), environment=ENVIRONMENT)
    return Report(student=student, assignment="week", notebooks=(made,))


def text(student="ada", earned=0) -> bytes:
    return to_json(report(student, earned)) + b"\n"


# --- one file ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", [None, b"", b"before"])
@pytest.mark.parametrize("content", [b"", b"x", b"x" * 1_000_000])
def test_a_file_is_put_in_place(tmp_path, before, content):
    """A file is written with its folders, or in the place of an earlier one, and nothing lies beside it."""
    path = tmp_path / "a" / "b" / "c.json"
    if before is not None:
        path.parent.mkdir(parents=True)
        path.write_bytes(before)
    store.replace(path, content)
    assert [each.name for each in path.parent.iterdir()] == ["c.json"]
    assert path.read_bytes() == content


@pytest.mark.parametrize("error", [Interrupted(), KeyboardInterrupt(), OSError(errno.ENOSPC, "full"), MemoryError()])
@pytest.mark.parametrize("before", [None, b"before"])
@pytest.mark.parametrize("step", STEPS)
def test_a_file_is_there_whole_or_not_at_all(tmp_path, step, before, error):
    """Whenever writing is interrupted there is the old file or the new one, and no half of one beside it."""
    path = tmp_path / "folder" / "a.json"
    if before is not None:
        path.parent.mkdir()
        path.write_bytes(before)
    with interrupted(step, error), pytest.raises(type(error)):
        store.replace(path, b"after " * 1000)
    there = path.read_bytes() if path.exists() else None
    assert there == (b"after " * 1000 if step == "sync" else before)
    assert [each.name for each in tmp_path.rglob("*.new")] == []


def test_the_content_is_on_disk_before_its_name(tmp_path, monkeypatch):
    """A power cut finds the old file or the new one: the content is synced, then the name, then the folder."""
    happened: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def sync(descriptor: int) -> None:
        happened.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "content")  # noqa: PTH112 - a link
        fsync(descriptor)

    def rename(path: Path, target: Path) -> Path:
        happened.append("name")
        return replace(path, target)

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(Path, "replace", rename)
    store.replace(tmp_path / "a.json", b"x")
    assert happened == ["content", "name", "folder"]


def test_a_file_system_that_cannot_sync_folders(tmp_path, monkeypatch):
    """Where a folder cannot be synced, the file is there all the same."""
    fsync = os.fsync

    def sync(descriptor: int) -> None:
        if os.path.isdir(f"/proc/self/fd/{descriptor}"):  # noqa: PTH112 - a link
            raise OSError(errno.EINVAL, "Invalid argument")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", sync)
    store.replace(tmp_path / "a.json", b"x")
    assert (tmp_path / "a.json").read_bytes() == b"x"


# --- a report ---------------------------------------------------------------------------------------------------------


def test_a_submission_is_written(course):
    """The notebooks as they ran and the report lie where they are looked for, and can be read."""
    store.write(course, report(), text(), {"mini": b"{}", "more": b"[]"})
    assert files(course.root) == {
        "autograded/ada/week/mini.ipynb": b"{}",
        "autograded/ada/week/more.ipynb": b"[]",
        "reports/week/ada.json": text(),
    }
    assert store.read_report(store.report_path(course, "week", "ada")) == report()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.sampled_from(STEPS),
    st.integers(0, 3),
    st.sampled_from([Interrupted(), OSError(errno.ENOSPC, "full"), OSError(errno.EACCES, "no")]),
    st.booleans(),
)
def test_where_a_report_is_everything_is(tmp_path, step, turn, error, again):
    """Whatever interrupts the writing of a submission: no file is half, and a new report has its notebooks."""
    shutil.rmtree(tmp_path / "reports", ignore_errors=True)
    shutil.rmtree(tmp_path / "autograded", ignore_errors=True)
    (tmp_path / "course.toml").touch()
    course = courses.load(tmp_path)
    old = {"mini": b"old mini", "more": b"old more"} if again else {}
    if again:
        store.write(course, report(), text(), old)
    before = files(tmp_path)
    with interrupted(step, error, turn), suppress(Interrupted, NoRoom, OSError):
        store.write(course, report(earned=1), text(earned=1), {"mini": b"new mini", "more": b"new more"})
    after = files(tmp_path)
    assert not [name for name in after if name.endswith(".new")]
    whole = {b"old mini", b"old more", b"new mini", b"new more", text(), text(earned=1)}
    assert set(after.values()) <= whole
    assert before.keys() <= after.keys()
    if after.get("reports/week/ada.json") == text(earned=1):
        assert after["autograded/ada/week/mini.ipynb"] == b"new mini"
        assert after["autograded/ada/week/more.ipynb"] == b"new more"


UNREADABLE = {
    "nothing": b"",
    "half": text()[: len(text()) // 2],
    "no JSON": b"\x00\xff\xfe",
    "another type": b"[1, 2]",
    "no text": text().replace(b"ada", b"\xff\xfe"),
    "without end": b'{"schema": 4, "x": ' + b"[" * 100_000,
    "a field more": text().replace(b"{", b'{"more": 1,', 1),
    "another version": text().replace(b'"schema": 4', b'"schema": 99'),
}


@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_a_report_that_cannot_be_read_is_none(tmp_path, content):
    """A damaged report counts as none, whatever happened to it."""
    assert content != text()
    (tmp_path / "ada.json").write_bytes(content)
    assert store.read_report(tmp_path / "ada.json") is None


def test_a_folder_is_no_report(tmp_path):
    """What is no file, or is not there, is no report."""
    assert store.read_report(tmp_path) is None
    assert store.read_report(tmp_path / "none.json") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("step", ["mkdir", "write", "fsync", "replace"])
def test_no_room_for_anything(course, step, number):
    """A full or broken disk stops the run, with the reason, the place and the next step; nothing is left half."""
    error = OSError(number, os.strerror(number), "/there/x")
    with interrupted(step, error), pytest.raises(NoRoom) as raised:
        store.write(course, report(), text(), {"mini": b"{}"})
    assert str(raised.value) == (
        f"wanted: room for the results in {course.root}\n"
        f"found:  {os.strerror(number)} (/there/x)\n"
        "next:   make room, and run the same command again: it goes on where it was"
    )
    assert files(course.root) == {}


def test_no_room_without_a_file_name(course):
    """An error that names no file is told with the folder."""
    with interrupted("fsync", OSError(errno.ENOSPC, "No space left on device")), pytest.raises(NoRoom) as raised:
        store.write(course, report(), text(), {})
    assert raised.value.found == f"No space left on device ({course.root})"


@pytest.mark.parametrize("number", [errno.EACCES, errno.ENAMETOOLONG, errno.EISDIR, errno.EMFILE])
def test_what_concerns_one_file_only(course, number):
    """An error that the next report need not meet is no lack of room."""
    error = OSError(number, os.strerror(number))
    with interrupted("replace", error), pytest.raises(type(error), match=os.strerror(number)):
        store.write(course, report(), text(), {"mini": b"{}"})


def test_leftovers_are_swept(course):
    """What a killed run left half is removed for this assignment; whole files and other assignments' stay."""
    store.write(course, report(), text(), {"mini": b"{}"})
    whole = files(course.root)
    others = ("reports/other/.7.new", "autograded/ada/other/.7.new")
    for name in ("reports/week/.7.new", "autograded/ada/week/.7.new", "autograded/ben/week/.99.new", *others):
        (course.root / name).parent.mkdir(parents=True, exist_ok=True)
        (course.root / name).write_bytes(b"half")
    store.sweep(course, "week")
    assert files(course.root) == {**whole, **dict.fromkeys(others, b"half")}
    store.sweep(course, "no such assignment")


def test_an_unfinished_class_page_is_swept(course):
    """What a killed `referee report` left beside the reports goes; a page that is being made just now stays."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    gone, here = f".{int(done.stdout)}.new", f".{os.getpid()}.new"
    kept = {here, ".x.new", f".{10**30}.new", ".new", "week.html"}
    (course.root / "reports").mkdir()
    for name in (gone, *kept):
        (course.root / "reports" / name).write_bytes(b"half")
    store.sweep(course, "week")
    assert {path.name for path in (course.root / "reports").iterdir()} == kept


def test_leftovers_of_an_assignment_of_any_name(course):
    """An assignment's name is a name, and no pattern."""
    for name in ("reports/week [1]/.7.new", "reports/week 1/.7.new"):
        (course.root / name).parent.mkdir(parents=True)
        (course.root / name).write_bytes(b"half")
    store.sweep(course, "week [1]")
    assert files(course.root) == {"reports/week 1/.7.new": b"half"}


def test_a_killed_process_leaves_no_half_file(course):
    """A process that is killed while it writes leaves the old report, and one leftover that the next run sweeps."""
    store.write(course, report(), text(), {})
    code = (
        "import os, signal, sys; from pathlib import Path; from referee.batch import store\n"
        "os.fsync = lambda _: os.kill(os.getpid(), signal.SIGKILL)\n"
        "store.replace(Path(sys.argv[1]), b'after')\n"
    )
    path = store.report_path(course, "week", "ada")
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == text()
    assert len(list(path.parent.iterdir())) == 2
    store.sweep(course, "week")
    assert files(course.root) == {"reports/week/ada.json": text()}


# --- the lock ---------------------------------------------------------------------------------------------------------

HOLD = (
    "import sys; from pathlib import Path; from referee import course; from referee.lock import locked\n"
    "with locked(course.load(Path(sys.argv[1])), 'referee grade week'):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


@contextmanager
def holder(course: Course) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock."""
    command = [sys.executable, "-c", HOLD, str(course.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.kill()


def test_the_second_is_told_who_is_first(course):
    """Who comes second is told which process writes, since when and what it does; nothing is changed."""
    with holder(course) as process:
        before = (course.root / ".referee" / "lock").read_bytes()
        with pytest.raises(UsageError) as raised, locked(course, "referee regrade week"):
            pytest.fail("there is another one")
        assert (course.root / ".referee" / "lock").read_bytes() == before
        told = json.loads(before)
        assert told["pid"] == process.pid
        assert str(raised.value) == (
            f"wanted: nobody else who writes to the course {course.root}\n"
            f"found:  process {process.pid} on {told['host']}, since {told['since']}: referee grade week\n"
            "next:   wait for its end, or end it; nothing was changed"
        )
        with pytest.raises(UsageError, match=f"process {process.pid} on"), locked(course, "x"):
            pytest.fail("it still holds")


def test_a_killed_holder_lets_go(course):
    """A process that is killed holds nothing any more, whatever the file says."""
    with holder(course) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert str(process.pid) in (course.root / ".referee" / "lock").read_text(encoding="utf-8")
        with locked(course, "referee regrade week"):
            told = json.loads((course.root / ".referee" / "lock").read_bytes())
            assert (told["pid"], told["doing"]) == (os.getpid(), "referee regrade week")


def test_one_after_the_other(course):
    """A lock is free after its block, also where that ended with an error."""
    for _ in range(3):
        with pytest.raises(ValueError, match="boom"), locked(course, "x"):
            raise ValueError("boom")
    with locked(course, "x"), pytest.raises(UsageError), locked(course, "y"):
        pytest.fail("in one process, too, there is one holder")
    assert (course.root / ".referee" / ".gitignore").read_text(encoding="utf-8") == "*\n"


def test_two_courses_have_two_locks(course, tmp_path):
    """Another course can be written at the same time."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "course.toml").touch()
    with locked(course, "x"), locked(courses.load(tmp_path / "other"), "y"):
        pass


GARBAGE = {
    "nothing": b"",
    "zeros": bytes(64),
    "no text": b"\xff\xfe\xfd",
    "no text within": b'{"pid":1,"host":"\xff","doing":"x","since":"y"}',
    "another type": b'{"pid":"one","host":"x","doing":"x","since":"y"}',
    "a list": b"[]",
    "half": b'{"pid":1,"host":"x","do',
    "without end": b'{"x":' + b"[" * 4000,
    "too long": b'{"pid":1,"host":"x","doing":"' + b"x" * 10_000 + b'","since":"y"}',
}


@pytest.mark.parametrize("content", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage_in_the_lock_file(course, content):
    """Whatever the lock's file says, who comes second is told that there is a first, and who comes alone may write."""
    with holder(course):
        (course.root / ".referee" / "lock").write_bytes(content)
        with pytest.raises(UsageError) as raised, locked(course, "x"):
            pytest.fail("there is another one")
        assert raised.value.found == "another process"
    with locked(course, "x"):
        assert json.loads((course.root / ".referee" / "lock").read_bytes())["pid"] == os.getpid()


def test_a_lock_without_room_for_words(course, monkeypatch):
    """On a full disk the lock holds, without the words."""

    def full(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with locked(course, "x"), pytest.raises(UsageError, match="another process"), locked(course, "y"):
        pytest.fail("there is another one")
