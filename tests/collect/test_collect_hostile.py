"""Hostile zips, trees and notes: nothing leaves its place, nothing is believed, and the other students are taken."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.collect import collect, read_note, sources, verb
from referee.collect.naming import LONGEST, strange, student_id, target_name
from referee.errors import UsageError
from tests.collect.zips import link, moodle, notebook, reasons, snapshot, special, taken, write_zip

GOOD = "jane_12_345_mini.ipynb"


@pytest.fixture
def course(mini):
    return mini.course


@pytest.fixture
def packed(tmp_path):
    """Makes a zip of these members and a good one."""

    def make(*members):
        return write_zip(tmp_path / "s.zip", [*members, (GOOD, notebook("good"))])

    return make


HOSTILE_NAMES = {
    "../joe_13_1_mini.ipynb": "its name leads through '..', '.' or an empty folder name",
    "a/../../joe_13_1_mini.ipynb": "its name leads through '..', '.' or an empty folder name",
    "./joe_13_1_mini.ipynb": "its name leads through '..', '.' or an empty folder name",
    "a//joe_13_1_mini.ipynb": "its name leads through '..', '.' or an empty folder name",
    "/etc/joe_13_1_mini.ipynb": "its name is an absolute path",
    "C:joe_13_1_mini.ipynb": "its name is an absolute path",
    "..\\joe_13_1_mini.ipynb": "its name holds a backslash",
    "joe_13_1_mini\r\n.ipynb": "its name holds control characters, or is no text",
    "joe_13_1_mini.ipynb\0.exe": "its name holds control characters, or is no text",
    "": "it has no name",
    "joe_13_1_" + "x" * 1000 + ".ipynb": "its name is longer than 1000 bytes",
    "joe_13_1_work/": "a folder",
}


@pytest.mark.parametrize(("name", "reason"), HOSTILE_NAMES.items(), ids=range(len(HOSTILE_NAMES)))
def test_hostile_names(course, tmp_path, name, reason):
    """A member whose name is a path to elsewhere is left out whole, and the others are taken."""
    spelled = name.replace("\0", "@")
    path = write_zip(tmp_path / "s.zip", [(spelled, b"evil"), (GOOD, notebook("good"))])
    path.write_bytes(path.read_bytes().replace(spelled.encode(), name.encode()) if name else path.read_bytes())
    done = collect(course, "week", path)
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert [each.reason for each in done.left_out] == [reason]
    assert all(each.member.isprintable() and len(each.member) <= 300 for each in done.left_out)


def test_links_and_devices(course, packed):
    """A member that says it is a link, a device or a folder is left out."""
    kinds = {"joe_13_1_mini.ipynb": stat.S_IFLNK, "kim_14_2_mini.ipynb": stat.S_IFCHR, "lee_15_3_f": stat.S_IFDIR}
    done = collect(course, "week", packed(*((special(name, kind), b"/etc/passwd") for name, kind in kinds.items())))
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert [*reasons(done).values()] == ["a link", "no regular file", "a folder"]


def test_a_zip_bomb(mini, tmp_path):
    """A member that unpacks to more than a notebook may have is left out after so many bytes, whatever it says."""
    mini.write("course.toml", 'name = "Mini"\n[limits]\nsubmission_bytes = 100_000\n')
    path = write_zip(tmp_path / "s.zip", {"joe_13_1_mini.ipynb": b"\0" * 50_000_000, GOOD: notebook("good")})
    done = collect(mini.course, "week", path)
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert [*reasons(done).values()] == ["larger than 100,000 bytes (submission_bytes)"]


def test_a_bomb_that_lies_about_its_size(course, packed):
    """A member that says it is small is read no further than it says, and its checksum shows it."""
    path = packed(("joe_13_1_mini.ipynb", b"\0" * 30_000_000))
    said, lie = struct.pack("<L", 30_000_000), struct.pack("<L", 10)
    path.write_bytes(path.read_bytes().replace(said, lie))
    done = collect(course, "week", path)
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert "Bad CRC-32" in done.left_out[0].reason


def test_many_small_bombs(course, packed, monkeypatch):
    """All that is read from one source together is bounded too."""
    monkeypatch.setattr(verb, "MOST_BYTES", 150_000)
    done = collect(course, "week", packed(*((f"a{at}_{at}_1_mini.ipynb", b"\0" * 70_000) for at in range(4))))
    assert [*taken(done)] == ["a0_0/mini.ipynb", "a1_1/mini.ipynb"]
    assert {each.reason for each in done.left_out} == {"the files together are larger than 150,000 bytes"}


def test_many_notebooks_of_one_student(course, packed, monkeypatch):
    """One student's uploads are bounded: the newest are taken."""
    monkeypatch.setattr(verb, "MOST_FILES", 2)
    done = collect(course, "week", packed(*((f"joe_13_{at}_mini.ipynb", notebook(str(at))) for at in range(4))))
    assert [each.kept for each in done.students] == [(), ("attempts/week/joe_13/1/mini.ipynb",)]
    assert (course.submission("joe_13", "week") / "mini.ipynb").read_bytes() == notebook("3")
    assert [*reasons(done)] == ["joe_13_0_mini.ipynb", "joe_13_1_mini.ipynb"]


def test_a_note_is_readable_whatever_a_file_was_called(course, packed):
    """A name that is spelled out at ten times its length still makes a note that can be read."""
    collect(course, "week", packed(("joe_13_1_" + "\U000e0001" * 240 + ".ipynb", b"")))
    assert read_note(course.submission("joe_13", "week")) is not None


def test_too_many_members(course, packed, monkeypatch):
    """A zip of more members than a class can hand in is refused."""
    monkeypatch.setattr(sources, "MOST_MEMBERS", 3)
    with pytest.raises(UsageError, match="a zip of at most 3 files"):
        collect(course, "week", packed(("a", b""), ("b", b""), ("c", b"")))


def test_a_list_of_members_without_end(course, packed, monkeypatch):
    """The list of members is bounded before it is read into memory."""
    monkeypatch.setattr(sources, "_DIRECTORY_BYTES", 60)
    with pytest.raises(UsageError, match="its list of members is longer than 60 bytes"):
        collect(course, "week", packed())


def change(path: Path, name: str, offset: int, value: int) -> None:
    """Set two bytes of a member's entry in the list of members, and in its own header."""
    content = bytearray(path.read_bytes())
    at = content.rindex(name.encode()) - 46
    content[at + offset : at + offset + 2] = struct.pack("<H", value)
    at = content.index(name.encode()) - 30
    content[at + offset - 2 : at + offset] = struct.pack("<H", value)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("offset", "value", "reason"),
    [
        (8, 0x1, "encrypted"),
        (8, 0x41, "encrypted"),
        (8, 0x20, "a broken file (compressed patched data (flag bit 5))"),
        (10, 14, "compressed in an unusual way (method 14)"),
        (10, 99, "compressed in an unusual way (method 99)"),
    ],
)
def test_members_that_cannot_be_unpacked(course, packed, offset, value, reason):
    """An encrypted member, or one of an unusual compression, is left out with its reason."""
    path = packed(("joe_13_1_mini.ipynb", notebook("a")))
    change(path, "joe_13_1_mini.ipynb", offset, value)
    done = collect(course, "week", path)
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert reasons(done) == {"joe_13_1_mini.ipynb": reason}


def test_broken_content(course, packed):
    """Content that does not unpack is left out; where an older attempt can be read, that one counts."""
    text = os.urandom(2000)
    path = packed(("joe_13_1_mini.ipynb", notebook("old")), ("joe_13_2_mini-1.ipynb", text))
    content = bytearray(path.read_bytes())
    content[content.index(text[:50]) + 1000] ^= 0xFF
    path.write_bytes(content)
    done = collect(course, "week", path)
    assert taken(done) == {"jane_12/mini.ipynb": "new", "joe_13/mini.ipynb": "new"}
    assert [(each.student, each.member) for each in done.left_out] == [("joe_13", "joe_13_2_mini-1.ipynb")]


@pytest.mark.parametrize("keep", [0, 1, 30, -1, -30, -80])
def test_a_truncated_zip(course, packed, keep):
    """A zip that lacks its end is no zip, and nothing is written."""
    path, before = packed(), snapshot(course.root)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(UsageError, match="cannot be read"):
        collect(course, "week", path)
    assert snapshot(course.root) == before


def test_what_is_no_zip(course, tmp_path):
    """A missing file, another kind of file, an empty zip and a pipe are refused with what to do next."""
    with pytest.raises(UsageError, match="no such file or folder at"):
        collect(course, "week", tmp_path / "nothing.zip")
    (tmp_path / "text.zip").write_text("a zip, honestly")
    with pytest.raises(UsageError, match=r"text\.zip cannot be read: File is not a zip file"):
        collect(course, "week", tmp_path / "text.zip")
    with pytest.raises(UsageError, match="is empty"):
        collect(course, "week", write_zip(tmp_path / "empty.zip", {}))
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UsageError, match="something else at"):
        collect(course, "week", tmp_path / "pipe")


@pytest.mark.parametrize(
    "planted", ["submitted/jane_12", "submitted/jane_12/week", "attempts/week", "attempts/week/jane_12"]
)
def test_no_link_is_written_through(course, packed, tmp_path, planted):
    """A link on the way to a student's folder, or to the attempts, bars that student alone."""
    (tmp_path / "elsewhere").mkdir()
    (course.root / planted).parent.mkdir(parents=True)
    (course.root / planted).symlink_to(tmp_path / "elsewhere")
    done = collect(course, "week", packed(("joe_13_1_mini.ipynb", b"")))
    assert "jane_12/mini.ipynb" not in taken(done)
    assert f"{planted} is a link, or no folder: move it away" in reasons(done).values()
    assert not [*(tmp_path / "elsewhere").iterdir()]


@pytest.mark.parametrize("name", ["mini.ipynb", "other.ipynb", "timestamp.txt", "collected.json", ".collecting"])
def test_no_link_is_taken_for_a_file(course, packed, tmp_path, name):
    """A link, or a folder, where a file of a submission belongs bars that student: neither is read nor replaced."""
    (tmp_path / "secret").write_text("secret")
    folder = course.submission("jane_12", "week")
    folder.mkdir(parents=True)
    (folder / name).symlink_to(tmp_path / "secret")
    before = snapshot(course.root)
    done = collect(course, "week", packed())
    assert reasons(done) == {GOOD: f"submitted/jane_12/week/{name} is a link, or no file: move it away"}
    assert snapshot(course.root) == before
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_disk_that_cannot_be_written(course, packed):
    """What the system refuses is said as it is, and the same command works when it is mended."""
    (course.root / "submitted").write_text("in the way")
    with pytest.raises(UsageError, match="run the same command again: nothing is lost"):
        collect(course, "week", packed())
    (course.root / "submitted").unlink()
    assert [*taken(collect(course, "week", packed()))] == ["jane_12/mini.ipynb"]


FORGED = {
    "no JSON": b"{",
    "a list": b"[]",
    "another kind": b'{"kind": "x", "source": "", "files": []}',
    "a field too many": b'{"kind": "canvas", "source": "", "files": [], "score": 100}',
    "a long name": b'{"kind": "canvas", "source": "' + b"x" * 3000 + b'", "files": []}',
    "too large": b'{"kind": "canvas", "source": "", "files": []' + b" " * 1_000_000 + b"}",
    "deep": b"[" * 100_000,
    "no text": b"\xff",
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_forged_note_is_none(tmp_path, forged):
    """A note that is not one, whoever wrote it, says nothing."""
    (tmp_path / "collected.json").write_bytes(forged)
    assert read_note(tmp_path) is None


def test_a_note_is_a_file_in_a_folder(tmp_path):
    """A note is not read through a link, from a pipe, or where there is none."""
    assert read_note(tmp_path / "nowhere") is None
    assert read_note(tmp_path) is None
    (tmp_path / "real").write_text('{"kind": "canvas", "source": "", "files": []}')
    (tmp_path / "collected.json").symlink_to(tmp_path / "real")
    assert read_note(tmp_path) is None
    (tmp_path / "collected.json").unlink()
    os.mkfifo(tmp_path / "collected.json")
    assert read_note(tmp_path) is None
    (tmp_path / "collected.json").unlink()
    (tmp_path / "real").rename(tmp_path / "collected.json")
    assert read_note(tmp_path) is not None


WORDS = ["..", "/", "\\", "\0", "_12_345_", "_LATE", "mini", ".ipynb", "-1", "anon_", "submitted", "attempts", "week"]
SIGNS = ["C:", "\u202e", "~", "$HOME", "collected.json", ".", "é", "\ud800", "\n", " ", "_12_assignsubmission_file/"]
pieces = st.sampled_from([*WORDS, *SIGNS])
odd = st.lists(st.one_of(pieces, st.text(max_size=5)), max_size=8).map("".join)
ids, files = st.integers(1, 3), st.sampled_from(["mini.ipynb", "mini-1.ipynb", "mini-2.ipynb", "Mini.ipynb"])
fitting = st.builds("{}_{}_{}_{}".format, st.one_of(odd, st.just("jane")), ids, ids, st.one_of(odd, files))
foldered = st.builds("{}_{}_assignsubmission_file/{}".format, st.one_of(odd, st.just("Jane")), ids, files)
names = st.one_of(odd, fitting, foldered)
members = st.lists(st.tuples(names, st.binary(max_size=50), st.booleans()), max_size=8)


@given(members, st.sampled_from(["auto", "canvas", "moodle", "folder"]), st.data())
def test_whatever_a_zip_holds(tmp_path_factory, members, kind, data):
    """Nothing appears outside submitted/<student>/<assignment> and attempts/, and a second collect changes nothing."""
    from tests.conftest import TOML, MiniCourse, mini_cells  # noqa: PLC0415 - a fixture is not made anew for each example

    root = tmp_path_factory.mktemp("any")
    mini = MiniCourse(root / "course")
    mini.write("course.toml", TOML)
    mini.notebook(mini_cells())
    before = snapshot(root)
    content = bytearray(hostile_zip(root / "s.zip", members))
    if content and data.draw(st.booleans(), "damaged"):
        content[data.draw(st.integers(0, len(content) - 1), "where")] ^= data.draw(st.integers(1, 255), "how")
    (root / "s.zip").write_bytes(content)
    try:
        done = collect(mini.course, "week", root / "s.zip", kind)
    except UsageError:
        assert set(snapshot(root)) <= {*before, "s.zip", "course/attempts/"}
        return
    after = snapshot(root)
    for path in after.keys() - before.keys() - {"s.zip"}:
        parts = path.removesuffix("/").split("/")
        assert parts[1] in ("submitted", "attempts")
        assert len(parts) < 4 or "week" in (parts[3], parts[2])
        assert len(parts) <= (5 if parts[1] == "submitted" else 6)
    assert {path: before[path] for path in before} == {path: after[path] for path in before}
    again = collect(mini.course, "week", root / "s.zip", kind)
    assert set(taken(again).values()) <= {"as before"}
    assert taken(again).keys() == taken(done).keys()
    assert not any(each.kept for each in again.students)
    assert snapshot(root) == after


def hostile_zip(path: Path, members: list[tuple[str, bytes, bool]]) -> bytes:
    """A zip of these members, some of them links, whatever their names."""
    with zipfile.ZipFile(path, "w") as archive:
        seen = set()
        for text, content, is_link in members:
            name = text.encode("utf-8", "replace").decode()
            if name.split("\0")[0] not in seen:
                seen.add(name.split("\0")[0])
                archive.writestr(link(name) if is_link else zipfile.ZipInfo(name), content)
    return path.read_bytes()


@given(st.text(), st.from_regex(r"[0-9]{1,20}", fullmatch=True))
def test_any_name_makes_a_plain_one(name, number):
    """Whatever a student is called, the folder's name is one part of a path, short, visible, and ends in the id."""
    student = student_id(name, number)
    assert student.endswith(f"_{number}")
    assert len(student.encode()) <= LONGEST
    assert not student.startswith((".", "-"))
    assert not strange(student)
    assert "/" not in student
    assert student.isprintable()
    assert student_id(student_id(name)) == student_id(name)


@given(st.text())
def test_any_file_makes_a_plain_one(name):
    """Whatever a file is called, its name here is one part of a path that ends as a notebook does."""
    file, _ = target_name(f"{name}.ipynb", ["mini"], numbered=True)
    assert file.endswith(".ipynb")
    assert len(file.encode()) <= LONGEST
    assert not file.startswith(".")
    assert "/" not in file
    assert not strange(file)


def test_a_name_does_not_act_in_what_is_said(course, tmp_path):
    """What is shown of a member's name moves no cursor and turns no text around."""
    path = write_zip(tmp_path / "s.zip", {moodle("Jane\u202e", 12, "mini\x1b[31m.ipynb"): b"", GOOD: b""})
    done = collect(course, "week", path, "canvas")
    assert all(each.member.isprintable() for each in done.left_out)
