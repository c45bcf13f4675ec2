"""Faces from files: folders of pictures, HDF5, .npz, what is wrong with them, and the command that converts."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def faces():
    """The loader, imported as a notebook beside it would."""
    return importlib.import_module("faces")


NAMES = tuple(f"person {letter}" for letter in "abcdefgh")


def arrays(counts: tuple[int, int, int] = (3, 2, 1)) -> dict[str, np.ndarray]:
    """Faces whose first pixel says their person and number: x_train, y_train, x_val, ..."""
    made: dict[str, np.ndarray] = {}
    for part, count in zip(("train", "val", "test"), counts, strict=True):
        labels = np.tile(np.arange(8), count)
        images = np.zeros((len(labels), 48, 48, 3), dtype=np.uint8)
        images[:, 0, 0, 0], images[:, 0, 0, 1] = labels, np.arange(len(labels))
        made |= {f"x_{part}": images, f"y_{part}": labels}
    return made


def picture(path: Path, colour: tuple[int, int, int]) -> None:
    """A picture of one colour."""
    image = pytest.importorskip("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.new("RGB", (48, 48), colour).save(path)


@pytest.fixture
def folder(tmp_path):
    """Fourteen pictures of each person: red says the person, green the number."""
    for label, name in enumerate(NAMES):
        for number in range(14):
            picture(tmp_path / "people" / name / f"{number:02}.png", (20 * label, 10 * number, 0))
    (tmp_path / "people" / "notes.txt").write_text("not a person")
    (tmp_path / "people" / NAMES[0] / "notes.txt").write_text("not a picture")
    return tmp_path / "people"


def test_an_npz_file_is_read(faces, tmp_path, monkeypatch):
    """All that is in it, in its own order; REFEREE_FACES names it, too; withheld test faces are told."""
    np.savez(tmp_path / "faces.npz", allow_pickle=False, **arrays())
    (x_train, y_train), (x_val, y_val) = faces.load(tmp_path / "faces.npz")
    assert (x_train.shape, x_val.shape) == ((24, 48, 48, 3), (16, 48, 48, 3))
    assert y_train.dtype == np.int64
    np.testing.assert_array_equal(x_train[:, 0, 0, 0], y_train)
    np.testing.assert_array_equal(x_val[:, 0, 0, 1], np.arange(16))
    assert y_val[3] == 3
    monkeypatch.setenv("REFEREE_FACES", str(tmp_path / "faces.npz"))
    assert len(faces.load_test()[0]) == 8
    assert len(faces.load_test("drawn")[0]) == 400
    kept = {name: array for name, array in arrays().items() if "test" not in name}
    np.savez(tmp_path / "kept.npz", allow_pickle=False, **kept)
    assert len(faces.load(tmp_path / "kept.npz")[0][0]) == 24
    with pytest.raises(faces.DataMissing, match=r"wanted: x_test and y_test .*found: x_train, .*kept back on purpose"):
        faces.load_test(tmp_path / "kept.npz")


def test_a_path_that_is_not_there_is_told(faces, tmp_path):
    """A wrong path of any kind names the path and the default source."""
    for name in ("none.npz", "none.h5", "none"):
        with pytest.raises(faces.DataMissing, match=rf'no file .*{name}.*next: .*"drawn"'):
            faces.load(tmp_path / name)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"x_train": np.zeros((24, 48, 48), np.uint8)},
            r"as \(N, 48, 48, 3\) uint8; found: \(24, 48, 48\) uint8",
        ),
        ({"x_train": np.zeros((24, 3, 48, 48), np.uint8)}, "channels last"),
        ({"x_train": np.zeros((24, 48, 48, 3))}, "found: .* float64"),
        ({"x_train": np.zeros((24, 64, 64, 3), np.uint8)}, r"found: \(24, 64, 64, 3\)"),
        ({"y_train": np.zeros(23, int)}, "one for each image"),
        ({"y_val": np.full(16, 8)}, "labels from 0 to 7; found: 8 to 8"),
    ],
)
def test_wrong_arrays_are_refused(faces, tmp_path, change, words):
    """Each way in which a file can be wrong is told."""
    np.savez(tmp_path / "wrong.npz", **arrays() | change)
    with pytest.raises(faces.DataInvalid, match=words):
        faces.load(tmp_path / "wrong.npz")


def write_hdf5(path: Path, **values: np.ndarray) -> None:
    """An HDF5 file with these arrays."""
    h5py = pytest.importorskip("h5py")
    with h5py.File(path, "w") as file:
        for name, value in values.items():
            file[name] = value


def test_an_hdf5_file_is_read(faces, tmp_path):
    """As an .npz file."""
    write_hdf5(tmp_path / "faces.h5", **arrays())
    (images, labels), _ = faces.load(tmp_path / "faces.h5")
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images[:, 0, 0, 0], labels)


def test_an_hdf5_file_in_other_words_is_read(faces, tmp_path):
    """Capitals, "valid" for "val", whole numbers as floats, and one-hot labels."""
    made = arrays()
    write_hdf5(
        tmp_path / "other.hdf5",
        X_train=made["x_train"].astype(np.float32),
        Y_train=np.eye(8)[made["y_train"]],
        X_valid=made["x_val"],
        Y_valid=made["y_val"].astype(np.float64),
    )
    (images, labels), (others, more) = faces.load(tmp_path / "other.hdf5")
    np.testing.assert_array_equal(images, made["x_train"])
    np.testing.assert_array_equal(labels, made["y_train"])
    np.testing.assert_array_equal(others, made["x_val"])
    np.testing.assert_array_equal(more, made["y_val"])


def test_wrong_hdf5_files_are_refused(faces, tmp_path):
    """Text, a file without the arrays, and colours from 0 to 1 or out of range."""
    pytest.importorskip("h5py")
    (tmp_path / "text.h5").write_text("no HDF5")
    with pytest.raises(faces.DataInvalid, match=r"text\.h5, which cannot be read .*; next:"):
        faces.load(tmp_path / "text.h5")
    write_hdf5(tmp_path / "little.h5", x_train=arrays()["x_train"], group_y=np.zeros(1))
    with pytest.raises(faces.DataMissing, match=r"wanted: x_train and y_train .*; found: group_y, x_train; next:"):
        faces.load(tmp_path / "little.h5")
    for colours in (0.5, 300.0, -1.0, np.nan):
        write_hdf5(tmp_path / "colours.h5", **arrays() | {"x_train": np.full((24, 48, 48, 3), colours)})
        with pytest.raises(faces.DataInvalid, match=r"raw colours from 0 to 255"):
            faces.load(tmp_path / "colours.h5")


def test_a_folder_is_split(faces, folder):
    """5 to 1 to 1 of each person's pictures, none twice, the persons in alphabetical order, the same on every call."""
    (x_train, y_train), (x_val, y_val) = faces.load(folder)
    x_test, y_test = faces.load_test(folder)
    assert (len(y_train), len(y_val), len(y_test)) == (80, 16, 16)
    seen = [tuple(image[0, 0]) for images in (x_train, x_val, x_test) for image in images]
    assert len(set(seen)) == 8 * 14
    for images, labels in ((x_train, y_train), (x_val, y_val), (x_test, y_test)):
        assert images.shape[1:] == (48, 48, 3)
        assert images.dtype == np.uint8
        assert labels.dtype == np.int64
        np.testing.assert_array_equal(images[:, 0, 0, 0], 20 * labels)
    np.testing.assert_array_equal(faces.load(folder)[0][0], x_train)


def test_a_divided_folder_is_taken_as_it_is(faces, tmp_path):
    """train, val and test with the same persons in each."""
    for number, part in enumerate(("train", "val", "test")):
        for label, name in enumerate(NAMES):
            picture(tmp_path / part / name / "a.jpg", (20 * label, 0, 40 * number))
    (x_train, y_train), (x_val, _) = faces.load(tmp_path)
    assert y_train.tolist() == list(range(8))
    assert abs(int(x_train[3, 0, 0, 0]) - 60) < 5
    assert abs(int(x_val[0, 0, 0, 2]) - 40) < 5
    (tmp_path / "val" / NAMES[2]).rename(tmp_path / "val" / "somebody")
    with pytest.raises(faces.DataInvalid, match=r"wanted: the persons of .*train, in .*val; found: 8 .*somebody"):
        faces.load(tmp_path)
    (tmp_path / "test").rename(tmp_path / "tests")
    with pytest.raises(faces.DataMissing, match=r"wanted: a folder .*test; found: none"):
        faces.load_test(tmp_path)


def test_pictures_are_cropped_and_resized(faces, folder):
    """The middle square of a wide picture, in grey or with transparency as well."""
    image = pytest.importorskip("PIL.Image")
    wide = np.zeros((100, 300, 3), dtype=np.uint8)
    wide[:, 100:200] = 200
    image.fromarray(wide).save(folder / NAMES[0] / "00.png")
    image.new("L", (10, 10), 77).save(folder / NAMES[0] / "01.png")
    image.new("RGBA", (60, 60), (77, 77, 77, 0)).save(folder / NAMES[0] / "02.png")
    parts = [*faces.load(folder), faces.load_test(folder)]
    firsts = np.concatenate([images[labels == 0] for images, labels in parts])
    for value in (200, 77):
        assert (np.abs(firsts.astype(int) - value).max(axis=(1, 2, 3)) <= 20).any()


def test_wrong_folders_are_refused(faces, folder, tmp_path):
    """Too few persons, too few pictures, pictures that are none, and nothing at all."""
    for path in sorted((folder / NAMES[1]).glob("*.png"))[6:]:
        path.unlink()
    with pytest.raises(faces.DataMissing, match=r"pictures for val in .*person b; found: 6 in all; .*7 at least"):
        faces._read(str(folder), "val")
    (folder / NAMES[0] / "03.png").write_text("no picture")
    with pytest.raises(faces.DataInvalid, match=r"wanted: a picture; found: .*03\.png, which cannot be read"):
        [faces._read(str(folder), part) for part in ("test", "val", "train")]
    (folder / NAMES[7]).rename(tmp_path / "away")
    with pytest.raises(faces.DataInvalid, match=r"wanted: 8 persons, a folder each, in .*; found: 7 \(person a"):
        faces.load(folder)
    (tmp_path / "empty").mkdir()
    with pytest.raises(faces.DataInvalid, match=r"found: 0 \(none\)"):
        faces.load(tmp_path / "empty")


@pytest.mark.parametrize(("module", "package"), [("h5py", "h5py"), ("PIL", "Pillow")])
def test_a_package_that_is_missing_is_named(faces, folder, monkeypatch, module, package):
    """Only who needs a package has to have it, and the message says how to get it."""
    file = folder.with_name("a.h5")
    file.touch()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(faces.DataMissing, match=f"wanted: {package}.*not installed; next: pip install {package}"):
        faces.load({"h5py": file, "PIL": folder}[module])


def test_the_command_makes_a_file_to_grade_with(faces, folder, tmp_path, capsys):
    """A folder or an HDF5 file becomes an .npz file with the same faces."""
    assert faces.main([str(folder), str(tmp_path / "out.npz")]) == 0
    assert "train 80, val 16, test 16" in capsys.readouterr().out
    for made, wanted in zip(faces.load(tmp_path / "out.npz"), faces.load(folder), strict=True):
        np.testing.assert_array_equal(made[0], wanted[0])
        np.testing.assert_array_equal(made[1], wanted[1])
    write_hdf5(tmp_path / "faces.h5", **arrays())
    assert faces.main([str(tmp_path / "faces.h5"), str(tmp_path / "second.npz")]) == 0
    np.testing.assert_array_equal(faces.load_test(tmp_path / "second.npz")[0], arrays()["x_test"])


def test_the_command_tells_what_is_wrong(faces, tmp_path, capsys):
    """A source that cannot be read ends with 2, the reason on stderr, and no file."""
    assert faces.main([str(tmp_path / "none"), str(tmp_path / "out.npz")]) == 2
    assert "wanted:" in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()
