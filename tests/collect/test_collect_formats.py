"""Canvas's and Moodle's zips and folders of notebooks: whose each file is, which one counts, what is left out."""

from __future__ import annotations

import unicodedata
import zipfile

import msgspec
import pytest

from referee.collect import Collected, collect, read_note
from referee.course import Course
from referee.errors import UsageError
from tests.collect.zips import canvas, moodle, notebook, reasons, snapshot, taken, write_zip


@pytest.fixture
def course(mini):
    return mini.course


def submitted(course: Course, student: str) -> bytes:
    """The notebook of a student that counts."""
    return (course.submission(student, "week") / "mini.ipynb").read_bytes()


def test_a_canvas_zip(course, tmp_path):
    """Each student of a Canvas zip gets a folder of name and id, and their notebook in it."""
    members = {canvas("Doe, Jane", 12, 345, "mini.ipynb"): notebook("a"), "roejo_7_8_mini.ipynb": notebook("b")}
    done = collect(course, "week", write_zip(tmp_path / "submissions.zip", members))
    assert (done.kind, done.source, done.dry_run) == ("canvas", "submissions.zip", False)
    assert taken(done) == {"doejane_12/mini.ipynb": "new", "roejo_7/mini.ipynb": "new"}
    assert submitted(course, "doejane_12") == notebook("a")
    assert not done.left_out
    assert course.submitted("week") == ("doejane_12", "roejo_7")


def test_a_result_is_plain_data(course, tmp_path):
    """What a collect says goes to JSON and back."""
    members = {canvas("jane", 12, 345, "mini.ipynb"): notebook("a"), "odd": b""}
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert msgspec.json.decode(msgspec.json.encode(done), type=Collected) == done


@pytest.mark.parametrize("flag", ["LATE", "late"])
def test_canvas_says_who_was_late(course, tmp_path, flag):
    """A late submission is flagged in the result and in the note, and its student is the same as without the flag."""
    members = {f"jane_{flag}_12_345_mini.ipynb": notebook("a"), "late_7_8_mini.ipynb": notebook("b")}
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert {each.student: each.late for each in done.students} == {"jane_12": True, "late_7": False}
    note = read_note(course.submission("jane_12", "week"))
    assert note is not None
    assert note.late
    file = note.about("mini.ipynb")
    assert file is not None
    assert (file.late, file.attempt, file.member) == (True, 1, f"jane_{flag}_12_345_mini.ipynb")


def test_canvas_without_names(course, tmp_path):
    """Anonymous submissions are told apart by their anonymous ids, even where these are digits alone."""
    names = ["anon_aB3xY_345_mini.ipynb", "LATE_anon_12345_346_mini.ipynb", "anon_77777_347_mini.ipynb"]
    done = collect(course, "week", write_zip(tmp_path / "s.zip", {name: notebook(name) for name in names}))
    late = {each.student: each.late for each in done.students}
    assert late == {"anon_12345": True, "anon_77777": False, "anon_aB3xY": False}


def test_two_students_of_the_same_name(course, tmp_path):
    """Two students of the same name have two folders, for the id is always a part of it."""
    members = {canvas("jane", 12, 1, "mini.ipynb"): notebook("a"), canvas("jane", 13, 2, "mini.ipynb"): notebook("b")}
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert [*taken(done)] == ["jane_12/mini.ipynb", "jane_13/mini.ipynb"]
    assert (submitted(course, "jane_12"), submitted(course, "jane_13")) == (notebook("a"), notebook("b"))


def test_the_newest_attempt_of_canvas_counts(course, tmp_path):
    """Of several uploads the newest gets the plain name; the older ones are kept as attempts, in order."""
    members = [
        (canvas("jane", 12, 300, "mini-2.ipynb"), notebook("3")),
        (canvas("jane", 12, 100, "mini.ipynb"), notebook("1")),
        (canvas("jane", 12, 200, "mini-1.ipynb"), notebook("2")),
    ]
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    (student,) = done.students
    assert (student.files[0].file, student.files[0].attempt) == ("mini.ipynb", 3)
    assert student.kept == ("attempts/week/jane_12/1/mini.ipynb", "attempts/week/jane_12/2/mini.ipynb")
    assert [(course.root / path).read_bytes() for path in student.kept] == [notebook("1"), notebook("2")]
    assert submitted(course, "jane_12") == notebook("3")
    note = read_note(course.root / "attempts/week/jane_12/2")
    assert note is not None
    assert note.files[0].attempt == 2


def test_the_upload_decides_before_the_number(course, tmp_path):
    """Canvas gives away a number again whose file was deleted: the later upload is the newer one."""
    members = {"jane_12_300_mini.ipynb": notebook("new"), "jane_12_200_mini-4.ipynb": notebook("old")}
    collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert submitted(course, "jane_12") == notebook("new")


def test_the_same_name_twice_in_a_zip(course, tmp_path):
    """A name that is there twice, as other uploads, is two attempts."""
    members = {"jane_12_9_mini.ipynb": notebook("old"), "jane_12_10_mini.ipynb": notebook("new")}
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert submitted(course, "jane_12") == notebook("new")
    assert done.students[0].kept == ("attempts/week/jane_12/1/mini.ipynb",)


def test_a_number_is_an_attempt_only_of_a_notebook(mini, tmp_path):
    """`lab-1` is a notebook of its own where the course has it, and another file's number is a part of its name."""
    mini.notebook([], "solutions/week/mini-1.ipynb")
    members = {f"jane_12_{upload}_{name}.ipynb": notebook(name) for upload, name in enumerate(["mini-1", "scratch-1"])}
    done = collect(mini.course, "week", write_zip(tmp_path / "s.zip", members))
    assert [*taken(done)] == ["jane_12/mini-1.ipynb", "jane_12/scratch-1.ipynb"]


def test_other_names_are_kept_and_made_plain(course, tmp_path):
    """A file of another name is taken under its own base name, without signs that a name may not hold."""
    members = {
        "jane_12_1_final (1)\u202e!.ipynb": notebook("a"),
        "joe_13_2_MINI.IPYNB": notebook("b"),
        "zoe_14_3_!!!.ipynb": notebook("c"),
    }
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert [*taken(done)] == ["jane_12/final 1.ipynb", "joe_13/mini.ipynb", "zoe_14/notebook.ipynb"]


def test_what_canvas_adds_is_left_out(course, tmp_path):
    """Text, links and files that are no notebooks are left out, each with its reason."""
    members = {
        "jane_12_345_mini.ipynb": notebook("a"),
        "joe_13_text.html": b"",
        "joe_LATE_14_link.html": b"",
        "joe_15_346_essay.pdf": b"",
        "joe_15_347_work.zip": b"",
        "joe_15_348_mini-checkpoint.ipynb": b"",
        "__MACOSX/._jane_12_345_mini.ipynb": b"",
        "readme.txt": b"",
    }
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert [*taken(done)] == ["jane_12/mini.ipynb"]
    assert reasons(done) == {
        "joe_13_text.html": "text or a link, typed into Canvas",
        "joe_LATE_14_link.html": "text or a link, typed into Canvas",
        "joe_15_346_essay.pdf": "no notebook (.ipynb)",
        "joe_15_347_work.zip": "an archive inside: unpack it by hand",
        "joe_15_348_mini-checkpoint.ipynb": "Jupyter's own copy of a notebook",
        "__MACOSX/._jane_12_345_mini.ipynb": "a hidden file",
        "readme.txt": "its name does not follow Canvas's rule",
    }
    assert {each.student for each in done.left_out} == {"", "joe_15"}


@pytest.mark.parametrize("form", [{}, {"old": True}, {"folders": False}])
def test_a_moodle_zip(course, tmp_path, form):
    """Moodle's zip is read in each of its forms, says nothing about lateness, and keeps the full name with its id."""
    members = {
        moodle("Jane_Marie Doe", 12, "mini.ipynb", **form): notebook("a"),
        moodle("Participant", 13, "mini.ipynb", **form): notebook("b"),
        "Jane Doe_12_assignsubmission_onlinetext/onlinetext.html": b"",
        "Default group_assignsubmission_file/mini.ipynb": b"",
    }
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert done.kind == "moodle"
    assert taken(done) == {"Jane Marie Doe_12/mini.ipynb": "new", "Participant_13/mini.ipynb": "new"}
    assert {each.late for each in done.students} == {None}
    assert [*reasons(done).values()] == ["text, typed into Moodle", "its name does not follow Moodle's rule"]


def test_folders_inside_a_moodle_submission(course, tmp_path):
    """A notebook in a folder is taken by its base name; of two the outer one counts, and the inner one is kept."""
    members = {
        moodle("Jane", 12, "work/deep/mini.ipynb"): notebook("inner"),
        moodle("Jane", 12, "mini.ipynb"): notebook("outer"),
        moodle("Joe", 13, "work/mini.ipynb"): notebook("only"),
    }
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    assert (submitted(course, "Jane_12"), submitted(course, "Joe_13")) == (notebook("outer"), notebook("only"))
    assert [path for each in done.students for path in each.kept] == ["attempts/week/Jane_12/1/mini.ipynb"]


def test_names_in_any_script(course, tmp_path):
    """Names keep their letters, in one normal form, whether the zip says that it is in UTF-8 or not."""
    plain = {moodle("Zoë Åström", 1, "mini.ipynb"): notebook("a"), moodle("अनिता 王", 2, "mini.ipynb"): notebook("b")}
    path = write_zip(tmp_path / "s.zip", {unicodedata.normalize("NFD", name): text for name, text in plain.items()})
    wanted = ["Zoë Åström_1/mini.ipynb", "अनिता 王_2/mini.ipynb"]
    assert [*taken(collect(course, "week", path, dry_run=True))] == wanted
    unsaid = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        flags = {info.flag_bits for info in archive.infolist()}
    assert flags == {0x800}
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        pieces = unsaid.split(mark)
        unsaid = mark.join([pieces[0], *(piece[: at - 4] + b"\0\0" + piece[at - 2 :] for piece in pieces[1:])])
    path.write_bytes(unsaid)
    assert [*taken(collect(course, "week", path))] == wanted


def test_long_names_are_cut_and_ids_are_not(course, tmp_path):
    """A name of any length makes a folder of at most 128 bytes that ends in the whole id."""
    members = {moodle("é" * 200, 12345, "mini.ipynb"): b"1", moodle("é" * 201, 67890, "mini.ipynb"): b"2"}
    done = collect(course, "week", write_zip(tmp_path / "s.zip", members))
    names = [each.student for each in done.students]
    assert [name[-6:] for name in names] == ["_12345", "_67890"]
    assert all(len(name.encode()) <= 128 for name in names)


def test_formats_are_told_by_names_or_asked_for(course, tmp_path):
    """A zip that fits no format, or both, is refused with what to do; a stated format takes what fits it."""
    both = {"jane_12_345_mini.ipynb": notebook("a"), moodle("Joe", 13, "mini.ipynb"): notebook("b")}
    path = write_zip(tmp_path / "s.zip", both)
    with pytest.raises(UsageError) as error:
        collect(course, "week", path)
    assert str(error.value) == (
        "wanted: one format\nfound:  s.zip may be canvas or moodle, by its names\n"
        "next:   say which: --format canvas or --format moodle"
    )
    assert [*taken(collect(course, "week", path, "moodle"))] == ["Joe_13/mini.ipynb"]
    neither = write_zip(tmp_path / "n.zip", {"mini.ipynb": b"", "x/y": b""})
    with pytest.raises(UsageError, match=r"Canvas or of Moodle in n\.zip\nfound:  names of 2 members, such as mini"):
        collect(course, "week", neither)
    with pytest.raises(UsageError, match="the rule of Canvas"):
        collect(course, "week", write_zip(path, {moodle("Joe", 13, "mini.ipynb"): b""}), "canvas")


def test_a_dry_run_says_the_same_and_writes_nothing(course, tmp_path):
    """What a dry run announces is what the same command then does."""
    members = {"jane_12_1_mini.ipynb": notebook("a"), "jane_12_2_mini-1.ipynb": notebook("b"), "x": b""}
    path, before = write_zip(tmp_path / "s.zip", members), snapshot(course.root)
    said = collect(course, "week", path, dry_run=True)
    assert snapshot(course.root) == before
    assert msgspec.structs.replace(said, dry_run=False) == collect(course, "week", path)


def test_an_unknown_assignment(course, tmp_path):
    """An assignment that there is not is refused before anything is opened."""
    with pytest.raises(UsageError, match="one of the assignments week"):
        collect(course, "weak", tmp_path / "nothing.zip")
