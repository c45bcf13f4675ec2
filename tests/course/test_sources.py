"""What all loaders share: sources by name, arrays that are read safely, labels that are checked, downloads."""

import importlib
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="module")
def sources():
    """The module, imported as a loader beside it would."""
    return importlib.import_module("sources")


@pytest.mark.parametrize(
    ("source", "environment", "expected"),
    [("a.npz", "b.npz", "a.npz"), (None, "b.npz", "b.npz"), ("", "b.npz", "b.npz"), (None, "", "inside")],
)
def test_a_named_source_comes_first(sources, monkeypatch, source, environment, expected):
    """A source that is asked for wins over the environment's, and that over the default."""
    monkeypatch.setenv("REFEREE_X", environment)
    assert sources.chosen(source, "REFEREE_X", "inside") == expected


def test_arrays_come_in_the_order_asked_for(sources, tmp_path):
    """The names decide the order, and arrays that nobody asked for stay in the file."""
    np.savez(tmp_path / "a.npz", a=np.arange(3), b=np.arange(4), c=np.arange(5))
    b, a = sources.read_arrays(tmp_path / "a.npz", ("b", "a"), "things", "")
    assert (len(b), len(a)) == (4, 3)


def test_a_file_that_is_not_there_says_the_remedy(sources, tmp_path):
    """The remedy is the loader's; a folder is no file."""
    for path in (tmp_path / "none.npz", tmp_path):
        with pytest.raises(sources.DataMissing, match=r"wanted: an .npz file of things; found: no file.*next: do this"):
            sources.read_arrays(path, ("a",), "things", "do this")


def test_an_array_that_is_not_there_says_what_is(sources, tmp_path):
    """The message lists what the file holds, or that it holds nothing."""
    np.savez(tmp_path / "a.npz", a=np.arange(3))
    np.savez(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError, match=r"wanted: x and a in .*; found: a; next:"):
        sources.read_arrays(tmp_path / "a.npz", ("x", "a"), "things", "")
    with pytest.raises(FileNotFoundError, match=r"found: nothing; next:"):
        sources.read_arrays(tmp_path / "none.npz", ("x",), "things", "")


def broken(tmp_path: Path) -> list[Path]:
    """Files that are no .npz of plain arrays: text, nothing, a pickle, one array, and damaged archives."""
    (tmp_path / "text.npz").write_text("not an archive")
    (tmp_path / "empty.npz").touch()
    np.savez(tmp_path / "pickle.npz", a=np.array([{}], dtype=object))
    np.savez_compressed(tmp_path / "whole.npz", a=np.arange(1000))
    whole = (tmp_path / "whole.npz").read_bytes()
    (tmp_path / "short.npz").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "bits.npz").write_bytes(whole[:200] + bytes(b ^ 255 for b in whole[200:260]) + whole[260:])
    with (tmp_path / "single.npz").open("wb") as file:
        np.save(file, np.zeros(3))
    return [tmp_path / f"{name}.npz" for name in ("text", "empty", "pickle", "short", "bits", "single")]


def test_broken_files_are_refused(sources, tmp_path):
    """Whatever is wrong with a file, the message names it, and no pickle is ever opened."""
    for path in broken(tmp_path):
        with pytest.raises(sources.DataInvalid, match=rf"{path.name}, which cannot be read .*; next:"):
            sources.read_arrays(path, ("a",), "things", "")


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (np.zeros(4, int), r"y as at least 2 whole numbers, one for each image; found: \(4,\) int64 for 3 images"),
        (np.zeros((3, 1), int), "one for each image"),
        (np.zeros(3), "found: .* float64"),
        (np.array([0, 1, 5]), "labels from 0 to 4; found: 0 to 5"),
        (np.array([-1, 1, 4]), "labels from 0 to 4; found: -1 to 4"),
    ],
)
def test_wrong_labels_are_told(sources, tmp_path, labels, words):
    """One whole number for each image, and none beyond the classes."""
    with pytest.raises(sources.DataInvalid, match=words):
        sources.check_labels(labels, 3, 5, "y", tmp_path, wanted=2)


def test_right_labels_pass(sources, tmp_path):
    """Any kind of whole number will do; too few are told, and none at all is too few."""
    for kind in (np.uint8, np.int64):
        sources.check_labels(np.array([0, 1, 4], dtype=kind), 3, 5, "y", tmp_path)
    for count, wanted in ((3, 4), (0, 1)):
        with pytest.raises(sources.DataInvalid, match=f"at least {wanted}"):
            sources.check_labels(np.zeros(count, int), count, 5, "y", tmp_path, wanted=wanted)


def test_a_download_is_checked_and_kept(sources, monkeypatch, tmp_path):
    """pooch gets the hash and the user's cache, so that a file is fetched once and never believed unseen."""
    pooch = pytest.importorskip("pooch")
    asked: dict[str, object] = {}

    def retrieve(url, known_hash, path):
        asked.update(url=url, known_hash=known_hash, path=path)
        return str(tmp_path / "file.npz")

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    assert sources.fetch("https://x/y.npz", "ab12", "the file", "wait") == tmp_path / "file.npz"
    assert asked == {"url": "https://x/y.npz", "known_hash": "sha256:ab12", "path": pooch.os_cache("referee")}


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (ConnectionError("no route"), FileNotFoundError, r"wanted: Y from .*\(no route\).*next: wait"),
        (ValueError("hash differs"), ValueError, r"wanted: Y as published \(sha256 ab12...\).*next: delete it"),
    ],
)
def test_a_failed_download_says_why(sources, monkeypatch, error, kind, words):
    """No network and a wrong hash are different troubles."""
    pooch = pytest.importorskip("pooch")

    def retrieve(*args, **kwargs):
        raise error

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    with pytest.raises(kind, match=words):
        sources.fetch("https://x/y.npz", "ab12", "Y", "wait")
