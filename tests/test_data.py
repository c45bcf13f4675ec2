"""Data that a kernel may see: a copy without what is withheld, and a fingerprint that is the same everywhere."""

import hashlib

import numpy as np
import pytest

from referee.data import fingerprint, is_file, withheld_copy
from referee.errors import DataError


def test_a_name_is_no_file():
    """A data set by name has no suffix; a path has one."""
    assert [is_file(source) for source in ("digits", "mnist.npz", "/a/b/mnist.npz", "/a/faces", "")] == [
        *(False, True, True, True, False)
    ]


def test_a_fingerprint_names_the_content_and_not_the_place(tmp_path):
    """Equal files in different folders have one fingerprint, and a changed one another; a name is its own."""
    for folder in ("a", "b", "c"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x.npz").write_bytes(b"1" if folder != "c" else b"2")
    a, b, c = (fingerprint(str(tmp_path / folder / "x.npz")) for folder in "abc")
    assert a == b == f"x.npz sha256:{hashlib.sha256(b'1').hexdigest()[:16]}"
    assert a != c
    assert fingerprint("digits") == "digits"


def test_what_is_withheld_is_not_in_the_copy(tmp_path):
    """The copy holds every other array as it was, and not one byte of what is withheld."""
    source = tmp_path / "d.npz"
    secret = np.arange(1000, dtype="i8") + 123456789
    np.savez(source, x_train=np.eye(3, dtype="f4"), y_test=secret)
    (tmp_path / "out").mkdir()
    copy = withheld_copy(source, ["y_test", "not there"], tmp_path / "out")
    assert copy == tmp_path / "out" / "d.npz"
    with np.load(copy, allow_pickle=False) as arrays:
        assert arrays.files == ["x_train"]
        assert np.array_equal(arrays["x_train"], np.eye(3, dtype="f4"))
    assert secret.tobytes()[:64] not in copy.read_bytes()
    with np.load(source) as arrays:
        assert set(arrays.files) == {"x_train", "y_test"}


def test_a_missing_file_as_a_person_reads_it(tmp_path):
    """The message names the file and the two ways on."""
    path = tmp_path / "no.npz"
    for ask in (lambda: fingerprint(str(path)), lambda: withheld_copy(path, [], tmp_path)):
        with pytest.raises(DataError) as caught:
            ask()
        assert str(caught.value) == (
            f"wanted: the data file {path}\nfound:  No such file or directory\n"
            "next:   name an .npz file (of a folder of images, make one: see the assignment's loader), "
            "or unset the variable"
        )


@pytest.mark.parametrize("kind", ["text", "empty", "one array", "objects", "cut off", "zip"])
def test_a_file_of_another_form_is_refused(kind, tmp_path):
    """A file that is no .npz of plain arrays is a data error, and nothing in it is unpickled."""
    source = tmp_path / "d.npz"
    if kind == "objects":
        np.savez(source, a=np.array([{}], dtype=object))
    elif kind == "one array":
        with source.open("wb") as file:
            np.save(file, np.zeros(3))
    elif kind == "cut off":
        np.savez(source, a=np.zeros(100))
        source.write_bytes(source.read_bytes()[:300])
    else:
        source.write_bytes({"text": b"hello", "empty": b"", "zip": b"PK\x03\x04" + b"x" * 50}[kind])
    (tmp_path / "out").mkdir()
    with pytest.raises(DataError, match=r"an .npz file of plain arrays at"):
        withheld_copy(source, [], tmp_path / "out")
