"""What reports were before they were changed: kept whole, continued after an interruption, and taken back in order."""

import errno
import os
import shutil
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee import course as courses
from referee.batch import history, store
from referee.changes import Change, Entry, Score
from referee.course import Course
from tests.batch.breaking import Interrupted, files, interrupted


@pytest.fixture
def course(tmp_path) -> Course:
    """A course that nobody has handed in to."""
    (tmp_path / "course.toml").write_text('name = "Mini"\n', encoding="utf-8")
    return courses.load(tmp_path)


def entry(number=0, **fields) -> Entry:
    known = {"kind": "regrade", "state": "open", "assignment": "week", "at": "now"}
    return Entry(number=number, **{**known, **fields})


def graded(course: Course, **texts: bytes) -> None:
    """Leave these reports in the course."""
    for student, content in texts.items():
        store.replace(store.report_path(course, "week", student), content)


def now(course: Course, student: str) -> bytes:
    return store.report_path(course, "week", student).read_bytes()


def test_an_entry_keeps_what_was(course):
    """A change replaces reports, keeps each as it was, and knows by their digests which it wrote."""
    graded(course, ada=b"old ada", ben=b"old ben", cy=b"old cy")
    made = history.change(course, entry(), {"ada": b"new ada", "ben": b"new ben"})
    assert (made.number, made.state) == (1, "open")
    assert made.after == {"ada": history.digest(b"new ada"), "ben": history.digest(b"new ben")}
    assert (now(course, "ada"), now(course, "ben"), now(course, "cy")) == (b"new ada", b"new ben", b"old cy")
    assert history.before(course, made, "ada").read_bytes() == b"old ada"
    assert history.before(course, made, "ben").read_bytes() == b"old ben"
    assert not history.before(course, made, "cy").exists()
    assert history.entries(course, "week") == (made,)
    assert history.interrupted(course, "week") == made
    done = history.close(course, made)
    assert done.state == "done"
    assert history.entries(course, "week") == (done,)
    assert history.interrupted(course, "week") is None
    assert not [name for name in files(course.root) if name.endswith(".new")]


def test_entries_are_numbered(course):
    """Each entry has the next number, also after ten thousand, and they are listed the oldest first."""
    graded(course, ada=b"0")
    for number in range(1, 4):
        made = history.close(course, history.change(course, entry(), {"ada": str(number).encode()}))
        assert made.number == number
    history.close(course, entry(9999))
    assert history.change(course, entry(), {}).number == 10_000
    assert history.change(course, entry(), {}).number == 10_001
    assert [each.number for each in history.entries(course, "week")] == [1, 2, 3, 9999, 10_000, 10_001]
    assert history.entries(course, "other") == ()
    assert history.change(course, entry(assignment="other"), {}).number == 1


def test_a_continued_entry_keeps_the_oldest(course):
    """An entry that was interrupted and is continued keeps the reports as they were before it first began."""
    graded(course, ada=b"0", ben=b"0")
    first = history.change(course, entry(), {"ada": b"1"})
    again = history.change(course, first, {"ada": b"2", "ben": b"2"})
    assert again.number == first.number == 1
    assert again.after == {"ada": history.digest(b"2"), "ben": history.digest(b"2")}
    assert history.before(course, again, "ada").read_bytes() == b"0"
    assert history.before(course, again, "ben").read_bytes() == b"0"
    assert now(course, "ada") == b"2"
    assert len(history.entries(course, "week")) == 1


def test_a_student_who_had_no_report(course):
    """Where there was no report nothing is kept, and the new one is written."""
    made = history.change(course, entry(), {"ada": b"1"})
    assert not history.before(course, made, "ada").exists()
    assert now(course, "ada") == b"1"


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("step", ["write", "fsync", "replace"])
def test_an_interrupted_entry_can_be_continued(course, step, turn):
    """Whenever a change is interrupted, each report is the old or the new one, and the same again completes it."""
    graded(course, ada=b"old ada", ben=b"old ben", cy=b"old cy")
    texts = {"ada": b"new ada", "ben": b"new ben", "cy": b"new cy"}
    with interrupted(step, Interrupted(), turn), pytest.raises(Interrupted):
        history.change(course, entry(), texts)
    open_one = history.interrupted(course, "week")
    assert (open_one is None) == (turn == 0)
    for student, new in texts.items():
        assert now(course, student) in (new, f"old {student}".encode())
        if now(course, student) == new:
            assert open_one is not None
            assert history.before(course, open_one, student).read_bytes() == f"old {student}".encode()
    made = history.close(course, history.change(course, open_one or entry(), texts))
    assert open_one is None or made.number == open_one.number
    for student, new in texts.items():
        assert now(course, student) == new
        assert history.before(course, made, student).read_bytes() == f"old {student}".encode()


UNREADABLE_ENTRIES = {
    "nothing": b"",
    "half": b'{"number": 1, "kind": "reg',
    "no text": b'{"number": 1, "kind": "\xff"}',
    "another type": b'{"number": "one"}',
    "a field more": b'{"number":1,"kind":"regrade","state":"open","assignment":"week","at":"now","more":1}',
    "without end": b'{"number":1,"after":' + b"[" * 100_000,
}


@pytest.mark.parametrize("content", UNREADABLE_ENTRIES.values(), ids=UNREADABLE_ENTRIES.keys())
def test_an_unreadable_entry_is_left_out(course, content):
    """An entry that cannot be read is left out, and what it kept stays untouched by the next one."""
    graded(course, ada=b"0")
    first = history.close(course, history.change(course, entry(), {"ada": b"1"}))
    (course.root / "history" / "week" / "0001" / "entry.json").write_bytes(content)
    assert history.entries(course, "week") == ()
    assert history.last_to_undo(course, "week") is None
    made = history.change(course, entry(), {"ada": b"2"})
    assert history.before(course, first, "ada").read_bytes() == b"0"
    assert history.before(course, made, "ada").read_bytes() == b"1"
    assert history.entries(course, "week") == (made,)


def test_what_lies_around_is_no_entry(course):
    """Files and folders of others in history are left alone."""
    made = history.close(course, history.change(course, entry(), {"ada": b"1"}))
    (course.root / "history" / "week" / "notes.txt").write_text("x", encoding="utf-8")
    (course.root / "history" / "week" / "0007").mkdir()
    (course.root / "history" / "week" / "0008" / "entry.json").mkdir(parents=True)
    assert history.entries(course, "week") == (made,)


def test_the_last_one_that_can_be_taken_back(course):
    """What is undone next is the last regrade that was not undone; an undoing that was interrupted does not count."""
    assert history.last_to_undo(course, "week") is None
    first, second = (history.close(course, entry(number)) for number in (1, 2))
    assert history.last_to_undo(course, "week") == second
    undo = history.change(course, entry(3, kind="undo", undoes=2), {})
    assert history.last_to_undo(course, "week") == second
    history.close(course, undo)
    assert history.last_to_undo(course, "week") == first
    history.close(course, entry(4, kind="undo", undoes=1))
    assert history.last_to_undo(course, "week") is None
    third = history.change(course, entry(5), {})
    assert history.last_to_undo(course, "week") == third


def test_originals_are_second_names_where_that_is_possible(course):
    """A kept report is the same file under a second name, which the new report does not touch."""
    graded(course, ada=b"old")
    inode = store.report_path(course, "week", "ada").stat().st_ino
    made = history.change(course, entry(), {"ada": b"new"})
    assert history.before(course, made, "ada").stat().st_ino == inode


@pytest.mark.parametrize("number", [errno.EPERM, errno.EXDEV, errno.ENOTSUP, errno.EMLINK])
def test_a_file_system_without_second_names(course, monkeypatch, number):
    """Where a file can have no second name the original is copied, whole, and nothing else is left."""
    graded(course, ada=b"old")

    def unable(*_args: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "link", unable)
    made = history.change(course, entry(), {"ada": b"new"})
    assert history.before(course, made, "ada").read_bytes() == b"old"
    assert now(course, "ada") == b"new"
    assert sorted(files(course.root)) == [
        "history/week/0001/before/ada.json",
        "history/week/0001/entry.json",
        "reports/week/ada.json",
    ]


def test_a_copy_of_an_original_is_as_durable_as_the_report(course, monkeypatch):
    """Where the original is copied, its content is on disk before the report is replaced."""
    graded(course, ada=b"old")
    synced: list[str] = []
    fsync = os.fsync

    def sync(descriptor: int) -> None:
        synced.append(os.path.realpath(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    def unable(*_args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fsync", sync)
    monkeypatch.setattr(os, "link", unable)
    made = history.change(course, entry(), {"ada": b"new"})
    folder = history.before(course, made, "ada").parent
    assert [path for path in synced if Path(path).parent == folder and path.endswith((".new", ".json"))]


def test_a_copy_that_is_interrupted_leaves_nothing(course, monkeypatch):
    """Where copying an original is interrupted, the report is the old one, and no half copy is left."""
    graded(course, ada=b"old")

    def unable(*_args: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    def half(_source: Path, target: Path) -> None:
        target.write_bytes(b"o")
        raise Interrupted

    monkeypatch.setattr(os, "link", unable)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", half)
        with interrupted("replace", Interrupted(), 1), pytest.raises(Interrupted):
            history.change(course, entry(), {"ada": b"new"})
    assert now(course, "ada") == b"old"
    assert not list((course.root / "history").rglob("*.new"))


@given(st.text(max_size=20), st.floats(0, 100), st.floats(0, 100))
def test_an_entry_reads_as_it_was_written(name, before, after):
    """Any entry survives its file."""
    change = Change(
        student=name, notebook=name, cell=name, check=name, sentence=name, was="passed", now="failed",
        earned_before=before, earned_after=after,
    )  # fmt: skip
    made = entry(
        3, changes=(change,), scores=(Score(student=name, before=before, after=after, points=after),), undoes=2
    )
    assert msgspec.json.decode(msgspec.json.encode(made, order="deterministic"), type=Entry) == made
