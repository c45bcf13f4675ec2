"""Faces of eight people: 48x48 colour images (uint8, 0 to 255) and labels 0 to 7.

    (x_train, y_train), (x_val, y_val) = faces.load("drawn")

Sources:

    "drawn"     faces that this file draws, of eight people who do not exist: needs no network and no photograph;
                per person 125 for training, 50 for validation, 50 for the test (250, 50, 50 in the lecture: fewer,
                so that a network trains in seconds)
    a path      an .npz or HDF5 file with x_train, y_train, x_val, y_val (and, for the test, x_test, y_test),
                or a folder of pictures: FOLDER/PERSON/*.jpg, split 5 to 1 to 1, or FOLDER/train/PERSON/*.jpg and the
                same for val and test

With no source (None or "") the environment variable REFEREE_FACES names it; without that, it is "drawn".

    python datasets/faces.py FOLDER_OR_H5 faces.npz     makes one .npz file of a folder or an HDF5 file

How a face is drawn: a person is a row of numbers (`Person`); a picture of that person has its own pose, expression,
light, colour cast, background and noise. All shapes are ellipses and lines with soft edges, laid over one another.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from sources import DataInvalid, DataMissing, Part, check_labels, chosen, read_arrays

__all__ = ["CLASSES", "PEOPLE", "SIZE", "DataInvalid", "DataMissing", "Person", "draw", "invent", "load", "load_test"]

ENVIRONMENT = "REFEREE_FACES"
SIZE, CLASSES = 48, 8
DRAWN = {"train": 125, "val": 50, "test": 50}  # pictures of each person
DRAWN_SEEDS = {"train": 11, "val": 12, "test": 13}  # fixed, so that everybody has the same pictures
SHUFFLE_SEED = 7  # the order in which a folder's pictures are split
SPLIT = (5, 1, 1)  # of a folder that is not divided, as in the lecture
PICTURES = (".bmp", ".jpeg", ".jpg", ".png", ".webp")

Colour = tuple[float, float, float]

_AXIS = (np.arange(SIZE, dtype=np.float32) + 0.5) * (2 / SIZE) - 1  # the pixels' centres, from -1 to 1
_DARK, _WHITE, _RED = (
    np.array(c, dtype=np.float32) for c in ((0.1, 0.08, 0.08), (0.95, 0.95, 0.93), (0.66, 0.26, 0.26))
)


@dataclass(frozen=True)
class Person:
    """What makes a face somebody's; these are the numbers of an average one.

    Lengths are in halves of the picture's side, colours (red, green, blue) from 0 to 1. The eyes are at the height 0,
    and down is positive. beard, moustache, glasses, mole : how strong, from 0 to 1.
    """

    width: float = 0.5  # of the head, from the middle to the side
    height: float = 0.66
    skin: Colour = (0.78, 0.58, 0.47)
    hair: Colour = (0.24, 0.17, 0.12)
    fringe: float = 0.3  # how far the hair reaches down over the head
    parting: float = 0.0  # how much farther to the right than to the left
    sides: float = 0.0  # where the hair ends at the sides
    eye_distance: float = 0.43
    eye_size: float = 0.07
    brow_height: float = 0.16  # over the eyes
    brow_thickness: float = 0.03
    brow_tilt: float = 0.0  # positive: the outer ends are lower
    nose_length: float = 0.28
    nose_width: float = 0.075
    mouth_height: float = 0.42  # under the eyes
    mouth_width: float = 0.19
    mouth_curve: float = 0.02  # positive: the corners are higher
    beard: float = 0.0
    moustache: float = 0.0
    glasses: float = 0.0
    mole: float = 0.0
    mole_x: float = 0.0  # to the right
    mole_y: float = 0.2


FAIR, TAN, BROWN = (0.84, 0.65, 0.55), (0.76, 0.56, 0.44), (0.6, 0.42, 0.32)
BLACK_HAIR, BROWN_HAIR, FAIR_HAIR = (0.13, 0.1, 0.09), (0.32, 0.2, 0.13), (0.66, 0.5, 0.28)

PEOPLE: tuple[Person, ...] = (  # pairs that are alike at first sight
    Person(skin=FAIR, hair=BROWN_HAIR, sides=0.4, parting=0.35, eye_distance=0.40, mole=1.0, mole_x=0.24, mole_y=0.22),
    Person(skin=FAIR, hair=BROWN_HAIR, sides=0.4, parting=-0.3, eye_distance=0.48, brow_tilt=0.35, mouth_width=0.23),
    Person(skin=TAN, hair=BLACK_HAIR, beard=1.0, parting=0.2, brow_thickness=0.045, fringe=0.22),
    Person(skin=TAN, hair=BLACK_HAIR, moustache=1.0, parting=0.2, brow_tilt=-0.3, brow_thickness=0.045, fringe=0.36),
    Person(skin=FAIR, hair=FAIR_HAIR, glasses=1.0, width=0.46, height=0.7, nose_length=0.32, parting=-0.2),
    Person(skin=FAIR, hair=FAIR_HAIR, width=0.54, height=0.62, eye_size=0.085, brow_height=0.2, mouth_curve=0.12),
    Person(skin=BROWN, hair=BLACK_HAIR, fringe=0.06, sides=-0.5, beard=1.0, eye_distance=0.46),
    Person(
        skin=BROWN,
        hair=BLACK_HAIR,
        fringe=0.4,
        sides=-0.1,
        glasses=1.0,
        mouth_height=0.46,
        mole=1.0,
        mole_x=-0.22,
        mole_y=0.3,
    ),
)


def load(source: str | os.PathLike[str] | None = None) -> tuple[Part, Part]:
    """The training and the validation faces: (x_train, y_train), (x_val, y_val).

    x : (N, 48, 48, 3), uint8.   y : (N,), int64.

    Raises
    ------
    DataMissing : there is no such file or folder, or a part of it is missing.
    DataInvalid : it does not hold what it should.
    """
    source = chosen(source, ENVIRONMENT, "drawn")
    return _read(source, "train"), _read(source, "val")


def load_test(source: str | os.PathLike[str] | None = None) -> Part:
    """The test faces, as in `load`. For the very end: nothing may be chosen by looking at them.

    Raises
    ------
    DataMissing : also where a file holds no test faces, because they are kept back.
    DataInvalid : as in `load`.
    """
    return _read(chosen(source, ENVIRONMENT, "drawn"), "test")


def draw(number: int, rng: np.random.Generator, people: Sequence[Person] = PEOPLE) -> Part:
    """`number` new pictures of each person, in random order: images (N, 48, 48, 3), uint8, and labels (N,), int64.

    people : whom to draw; the labels are their places in this list.
    """
    labels = rng.permutation(np.repeat(np.arange(len(people)), number))
    few = 64  # at a time, so that what is drawn with stays in the processor's cache
    parts = [_pictures([people[i] for i in labels[n : n + few]], rng) for n in range(0, len(labels), few)]
    return np.concatenate([np.zeros((0, SIZE, SIZE, 3), np.uint8), *parts]), labels


def invent(number: int, rng: np.random.Generator) -> list[Person]:
    """`number` other people, made up at random: nobody of `PEOPLE`, but faces of the same kind."""
    return [_somebody(rng) for _ in range(number)]


def _somebody(rng: np.random.Generator) -> Person:
    def around(value: float, spread: float) -> float:
        return float(value + spread * rng.uniform(-1, 1))

    def perhaps(share: float) -> float:
        return float(rng.uniform(0.7, 1.0) * (rng.random() < share))

    middle, light, dark = Person(), rng.uniform(0.62, 1.08), rng.uniform(0.4, 2.6)
    return Person(
        width=around(middle.width, 0.05),
        height=around(middle.height, 0.05),
        skin=_shade(middle.skin, light),
        hair=_shade(middle.hair, dark),
        fringe=around(0.26, 0.16),
        parting=around(0, 0.4),
        sides=around(0, 0.5),
        eye_distance=around(middle.eye_distance, 0.06),
        eye_size=around(middle.eye_size, 0.015),
        brow_height=around(middle.brow_height, 0.04),
        brow_thickness=around(middle.brow_thickness, 0.015),
        brow_tilt=around(0, 0.4),
        nose_length=around(middle.nose_length, 0.06),
        nose_width=around(middle.nose_width, 0.025),
        mouth_height=around(middle.mouth_height, 0.04),
        mouth_width=around(middle.mouth_width, 0.05),
        mouth_curve=around(middle.mouth_curve, 0.12),
        beard=perhaps(0.3),
        moustache=perhaps(0.3),
        glasses=perhaps(0.35),
        mole=perhaps(0.5),
        mole_x=around(0, 0.28),
        mole_y=around(0.22, 0.12),
    )


def _shade(colour: Colour, factor: float) -> Colour:
    red, green, blue = (min(float(part * factor), 1.0) for part in colour)
    return red, green, blue


class _Easel:
    """The pictures that are being drawn, (N, 48, 48, 3), and who is in them."""

    def __init__(self, people: Sequence[Person], rng: np.random.Generator) -> None:
        self.people, self.rng = people, rng
        self.image = self.colour(0.15, 0.85) + self.slope(0.3)[..., np.newaxis]  # the background

    def vary(self, low: float, high: float) -> np.ndarray:
        """A random number for each picture: (N, 1, 1)."""
        return self.rng.uniform(low, high, size=(len(self.people), 1, 1)).astype(np.float32)

    def colour(self, low: float, high: float) -> np.ndarray:
        """A random colour for each picture: (N, 1, 1, 3)."""
        return np.stack([self.vary(low, high) for _ in range(3)], axis=-1)

    def slope(self, most: float) -> np.ndarray:
        """Numbers that grow in some direction over the picture, 0 in its middle: (N, 48, 48)."""
        return self.vary(-most, most) * _AXIS[np.newaxis] + self.vary(-most, most) * _AXIS[:, np.newaxis]

    def of(self, name: str) -> np.ndarray:
        """A feature of the person in each picture: (N, 1, 1), and (N, 1, 1, 3) for a colour."""
        values = np.array([getattr(person, name) for person in self.people], dtype=np.float32)
        return values.reshape(len(values), 1, 1, *values.shape[1:])

    def lay(self, shape: np.ndarray, colour: np.ndarray, strength: Any = 1.0) -> None:
        """Lay a shape over the pictures; it is given as how many pixels each place is inside of it."""
        mask = (np.clip(0.5 + shape, 0, 1) * strength)[..., np.newaxis]
        self.image += mask * (colour - self.image)


def _pictures(people: Sequence[Person], rng: np.random.Generator) -> np.ndarray:
    """One new picture of each of these people: (N, 48, 48, 3), uint8."""
    easel = _Easel(people, rng)
    _paint(easel)
    light = easel.vary(0.55, 1.15) * (1 + easel.slope(0.35))
    noise = rng.standard_normal(easel.image.shape, dtype=np.float32) * easel.vary(0.02, 0.08)[..., np.newaxis]
    image = easel.image * light[..., np.newaxis] * easel.colour(0.8, 1.2) + noise
    return np.rint(np.clip(image, 0.0, 1.0) * 255).astype(np.uint8)


def _pose(easel: _Easel) -> tuple[np.ndarray, np.ndarray]:
    """Each pixel's place on the face, x to the right and y down, for a head that is shifted, scaled and tilted."""
    across, down = _AXIS[np.newaxis] - easel.vary(-0.32, 0.32), _AXIS[:, np.newaxis] - easel.vary(-0.32, 0.32)
    tilt, scale = np.radians(easel.vary(-12, 12), dtype=np.float64), easel.vary(0.7, 1.05)
    cosine, sine = ((part / scale).astype(np.float32) for part in (np.cos(tilt), np.sin(tilt)))
    return across * cosine + down * sine, down * cosine - across * sine


def _paint(easel: _Easel) -> None:
    """Lay the parts of the faces over the background, from the back to the front."""
    of, vary, lay = easel.of, easel.vary, easel.lay
    x, y = _pose(easel)
    width, height = of("width"), of("height")
    skin, hair = of("skin") * vary(0.92, 1.08)[..., np.newaxis], of("hair") * vary(0.8, 1.2)[..., np.newaxis]
    across = x - vary(-0.1, 0.1)  # the head turns: all that is on the face moves to a side

    head = _ellipse(x, y, (0, 0.08), (width, height))
    hairdo = _ellipse(x, y, (0, 0.02), (width + 0.1, height + 0.04))
    lay(np.minimum(hairdo, _above(y, of("sides"))), hair)
    lay(_ellipse(x, y, (0, 2.3), (1.0, 1.5)), easel.colour(0.1, 0.9))  # shoulders
    lay(_box(x, y, (0, 0.75), (0.2, 0.25)), skin * 0.8)  # neck
    lay(head, skin)
    lay(np.minimum(head, _above(0.24, y)), hair, 0.85 * of("beard"))
    lay(np.minimum(head, _above(y, 0.08 - height + of("fringe") + of("parting") * across)), hair)
    _paint_eyes(easel, across, y, hair)
    _paint_middle(easel, across, y, skin, hair)


def _paint_eyes(easel: _Easel, x: np.ndarray, y: np.ndarray, hair: np.ndarray) -> None:
    """Eyes, brows and glasses, left and right."""
    of, vary, lay = easel.of, easel.vary, easel.lay
    size, opening, lift, look = of("eye_size"), vary(0.6, 1.1), vary(-0.03, 0.03), vary(-0.03, 0.03)
    for side in (-1, 1):
        centre = side * of("eye_distance") / 2
        lay(_ellipse(x, y, (centre, 0), (size * 1.5, size * opening)), _WHITE)
        lay(_ellipse(x, y, (centre + look, 0), (size * 0.75, size * opening * 0.9)), _DARK)
        brow = y + of("brow_height") + lift - of("brow_tilt") * (x - centre) * side
        lay(_box(x, brow, (centre, 0), (size * 1.9, of("brow_thickness"))), hair * 0.7)
        lay(0.7 - np.abs(_ellipse(x, y, (centre, 0.01), (0.16, 0.14))), _DARK, of("glasses"))
    lay(_box(x, y, (0, 0), (0.06, 0.015)), _DARK, of("glasses"))


def _paint_middle(easel: _Easel, x: np.ndarray, y: np.ndarray, skin: np.ndarray, hair: np.ndarray) -> None:
    """Nose, moustache, mouth and mole."""
    of, vary, lay = easel.of, easel.vary, easel.lay
    length = of("nose_length")
    lay(_box(x, y, (0, length / 2 + 0.02), (0.028, length / 2)), skin * 0.85)
    lay(_ellipse(x, y, (0, length), (of("nose_width"), 0.035)), skin * 0.7)
    width, open_ = of("mouth_width") * vary(0.9, 1.1), vary(0.0, 0.04)
    bent = y - of("mouth_height") + (of("mouth_curve") + vary(-0.05, 0.05)) * ((x / width) ** 2 - 0.5)
    lay(_box(x, bent, (0, -0.08), (width * 1.1, 0.032)), hair * 0.9, of("moustache"))
    lay(_ellipse(x, bent, (0, 0), (width, 0.035 + open_)), _RED)
    lay(_ellipse(x, y, (of("mole_x"), of("mole_y")), (0.04, 0.04)), _DARK, of("mole"))


def _ellipse(x: np.ndarray, y: np.ndarray, centre: tuple[Any, Any], axes: tuple[Any, Any]) -> np.ndarray:
    """How many pixels each place is inside of an ellipse, about: negative outside."""
    distance = np.sqrt(((x - centre[0]) / axes[0]) ** 2 + ((y - centre[1]) / axes[1]) ** 2)
    return (1 - distance) * np.minimum(*axes) * (SIZE / 2)


def _box(x: np.ndarray, y: np.ndarray, centre: tuple[Any, Any], halves: tuple[Any, Any]) -> np.ndarray:
    """How many pixels each place is inside of a rectangle: negative outside."""
    return np.minimum(halves[0] - np.abs(x - centre[0]), halves[1] - np.abs(y - centre[1])) * (SIZE / 2)


def _above(y: Any, line: Any) -> np.ndarray:
    """How many pixels each place is above a line: negative below."""
    return (line - y) * (SIZE / 2)


def _read(source: str, part: str) -> Part:
    """The part "train", "val" or "test" of a source."""
    if source == "drawn":
        return draw(DRAWN[part], np.random.default_rng(DRAWN_SEEDS[part]))
    path, names = Path(source), (f"x_{part}", f"y_{part}")
    if path.is_dir():
        return _read_folder(path, part)
    read = _read_hdf5 if path.is_file() and path.suffix.lower() in (".h5", ".hdf5") else _read_npz
    images, labels = read(path, names)
    if images.ndim != 4 or images.shape[1:] != (SIZE, SIZE, 3) or images.dtype != np.uint8:
        raise DataInvalid(
            f"wanted: {names[0]} as (N, {SIZE}, {SIZE}, 3) uint8; found: {images.shape} {images.dtype} in {path}; "
            "next: save raw colours from 0 to 255, the channels last"
        )
    check_labels(labels, len(images), CLASSES, names[1], path)
    return images, labels.astype(np.int64)


def _read_npz(path: Path, names: Sequence[str]) -> list[np.ndarray]:
    return read_arrays(path, names, "faces", 'mend the path, or use the source "drawn"')


def _read_hdf5(path: Path, names: Sequence[str]) -> list[np.ndarray]:
    """The named arrays of an HDF5 file; capitals, "valid" for "val", whole floats and one-hot labels are fine, too."""
    h5py = _imported("h5py", path)
    try:
        with h5py.File(path) as file:
            known = [name for name in file if isinstance(file[name], h5py.Dataset)]
            found = {name.lower().replace("validation", "val").replace("valid", "val"): name for name in known}
            values = [np.asarray(file[found[name]]) for name in names if name in found]
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise DataInvalid(
            f"wanted: an HDF5 file of faces; found: {path}, which cannot be read ({error}); next: mend or replace it"
        ) from error
    if len(values) < len(names):
        raise DataMissing(
            f"wanted: {' and '.join(names)} in {path}; found: {', '.join(sorted(found.values())) or 'nothing'}; "
            "next: use a file that holds them (test faces may be kept back on purpose)"
        )
    images, labels = values
    one_hot = labels.ndim == 2 and labels.shape[1] == CLASSES and bool((np.sort(labels)[:, -2:] == (0, 1)).all())
    labels = labels.argmax(axis=1) if one_hot else labels
    return [_whole(images, np.uint8), _whole(labels, np.int64)]


def _whole(values: np.ndarray, kind: type[np.integer]) -> np.ndarray:
    """Whole numbers of any type as this one, where they fit into it; anything else as it is."""
    if values.dtype.kind not in "iuf" or not np.isfinite(values).all():
        return values
    with np.errstate(invalid="ignore"):
        converted = values.astype(kind)
    return converted if np.array_equal(converted, values) else values


def _read_folder(folder: Path, part: str) -> Part:
    """The pictures of one part; the persons are numbered by their folders' names, in alphabetical order."""
    divided = (folder / "train").is_dir()
    people = _people(folder / part, folder / "train") if divided else _people(folder, folder)
    images: list[np.ndarray] = []
    labels: list[int] = []
    for label, person in enumerate(people):
        pictures = sorted(path for path in person.iterdir() if path.suffix.lower() in PICTURES)
        mine = pictures if divided else _share(pictures, part)
        if not mine:
            raise DataMissing(
                f"wanted: pictures for {part} in {person}; found: {len(pictures)} in all; next: put more pictures "
                f"there ({', '.join(PICTURES)}), {1 if divided else sum(SPLIT)} at least"
            )
        images += [_picture(path) for path in mine]
        labels += [label] * len(mine)
    return np.stack(images), np.array(labels, dtype=np.int64)


def _people(folder: Path, first: Path) -> list[Path]:
    """The folders of the eight persons, whose names are the same as in `first`."""
    if not folder.is_dir():
        raise DataMissing(f"wanted: a folder {folder}; found: none; next: make train, val and test beside one another")
    people, wanted = (
        sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith("."))
        for parent in (folder, first)
    )
    names, others = ([path.name for path in paths] for paths in (people, wanted))
    if len(names) != CLASSES or names != others:
        expected = f"{CLASSES} persons, a folder each" if names == others else f"the persons of {first}"
        raise DataInvalid(
            f"wanted: {expected}, in {folder}; found: {len(names)} ({', '.join(names[:10]) or 'none'}); "
            "next: add, rename or move away folders"
        )
    return people


def _share(pictures: list[Path], part: str) -> list[Path]:
    """This part's share of somebody's pictures: 5 to 1 to 1, in an order that is mixed, and the same for everybody."""
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(pictures))
    held_out = len(pictures) // sum(SPLIT)
    where = {"test": slice(0, held_out), "val": slice(held_out, 2 * held_out), "train": slice(2 * held_out, None)}
    return [pictures[i] for i in order[where[part]]] if held_out else []


def _picture(path: Path) -> np.ndarray:
    """A picture's middle square, in 48x48 pixels and three colours."""
    _imported("PIL", path, package="Pillow")
    from PIL import Image, ImageOps  # noqa: PLC0415 - only pictures need it

    try:
        with Image.open(path) as picture:
            return np.asarray(ImageOps.fit(picture.convert("RGB"), (SIZE, SIZE)))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise DataInvalid(
            f"wanted: a picture; found: {path}, which cannot be read ({error}); next: mend it or move it away"
        ) from error


def _imported(name: str, path: Path, package: str = "") -> ModuleType:
    """A module that only some sources need. Raises DataMissing, with the way to get it, where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = package or name
        raise DataMissing(
            f"wanted: {package}, to read {path}; found: it is not installed; next: pip install {package}"
        ) from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Make an .npz file of a folder or an HDF5 file; 0 where it was made, 2 where it could not be."""
    parser = argparse.ArgumentParser(description="Make one .npz file of faces from a folder or an HDF5 file.")
    parser.add_argument("source", help="a folder of pictures, or an .h5 file")
    parser.add_argument("target", type=Path, help="the .npz file to make; REFEREE_FACES may name it")
    options = parser.parse_args(arguments)
    try:
        parts = {part: _read(options.source, part) for part in ("train", "val", "test")}
    except (DataMissing, DataInvalid) as error:
        print(error, file=sys.stderr)  # noqa: T201 - this is a command
        return 2
    arrays = {f"{axis}_{part}": array for part, pair in parts.items() for axis, array in zip("xy", pair, strict=True)}
    np.savez_compressed(options.target, allow_pickle=False, **arrays)
    counts = ", ".join(f"{part} {len(labels)}" for part, (_, labels) in parts.items())
    print(f"{options.target}: {counts}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
