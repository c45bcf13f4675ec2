"""Pictures as SVG: safe and valid whatever the picture, small, the same each time, and saying what they should."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader

from referee import feedback
from referee.feedback.drawing import GLOBALS, draw, words
from referee.feedback.drawing.axes import ticks
from referee.feedback.drawing.colours import REFERENCE, YOURS, diverging, is_dark, sequential
from referee.feedback.drawing.svg import element, text
from referee.feedback.interface import Disclosure, Policy, ShownCheck, disclose
from referee.feedback.showing import ShownPicture
from referee.feedback.text import plain
from referee.pictures import Curves, Field, Heat, Level, Picture, curves, mask, written
from referee.report import CheckResult, Evidence, Fault, Outcome, Verdict
from tests import depicted

LIMIT = 100_000
ELEMENTS = {"svg", "title", "desc", "g", "path", "text", "circle", "rect"}
ATTRIBUTES = {
    *("role", "class", "viewBox", "width", "height", "font-size", "fill", "d", "stroke", "stroke-width", "transform"),
    *(
        "stroke-dasharray",
        "stroke-linecap",
        "fill-opacity",
        "opacity",
        "vector-effect",
        "shape-rendering",
        "text-anchor",
    ),
    *("x", "y", "cx", "cy", "r", "rx"),
}
HEAT = Heat(
    title="the feature map", shape=(2, 3), axes=(0, 1), place=(0, 0), step=(1, 1), actual=("1 2 3", "4 ? 6"),
    expected=("1 2 3", "4 5 7"), wrong=("...", ".##"),
)  # fmt: skip
SERIES = Heat(
    title="the forecast", shape=(9,), axes=(0,), place=(2,), step=(1, 1), actual=("1 2 ? 4 5 6",),
    expected=("1 2 3 4 5 7",), wrong=("..#..#",),
)  # fmt: skip
FIELD = Field(title="the field", shape=(4,), step=(1, 1), actual=("##..",), expected=(".##.",))
LEVEL = Level(title="digits", share=0.9, error=0.014, total=450, lowest=0.94, mean=0.96, highest=0.98, floor=0.92)
CURVES = Curves(
    title="history", series={"loss": "0.8 0.5 0.25", "val_loss": "0.9 0.6 0.75", "accuracy": "0.1 0.2 0.3"}, epochs=3,
    gap=0.5, best=2,
)  # fmt: skip
EVERY: list[Picture] = [HEAT, SERIES, FIELD, LEVEL, CURVES]


def check_of(*pictures: Picture, level: Disclosure = Disclosure.ALL) -> ShownCheck:
    """A failed check with these pictures, as its reader sees it."""
    verdict = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
    evidence = Evidence(pictures=pictures)
    result = CheckResult(
        check="c", name="t", sentence="S.", weight=1, public=True, verdict=verdict, evidence=evidence
    )  # fmt: skip
    return disclose(result, Policy(public=level, hidden=level))


def shown(picture: Picture, level: Disclosure = Disclosure.ALL) -> ShownPicture:
    (found,) = check_of(picture, level=level).pictures
    return found


def parsed(markup: str) -> ElementTree.Element:
    """A drawing as a tree, without the name space."""
    return ElementTree.fromstring(markup.replace('xmlns="http://www.w3.org/2000/svg"', ""))


def drawn(picture: Picture, level: Disclosure = Disclosure.ALL) -> ElementTree.Element:
    return parsed(draw(shown(picture, level)))


def texts(tree: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in tree.iter("text")]


@settings(deadline=None, max_examples=150)
@given(depicted.pictures, st.sampled_from(list(Disclosure)))
def test_any_picture_is_drawn_safely(picture, level):
    """Valid XML of known elements and attributes alone, no larger than its bound, without a number that is none."""
    for found in check_of(picture, level=level).pictures:
        markup = draw(found)
        assert len(markup.encode()) < LIMIT
        tree = parsed(markup)
        for each in tree.iter():
            assert each.tag in ELEMENTS
            assert set(each.attrib) <= ATTRIBUTES
            assert not re.search(r"nan|inf|url|javascript", " ".join(each.attrib.values()), re.IGNORECASE)
        assert markup == draw(found)
        assert words(found).isprintable()


@settings(deadline=None, max_examples=150)
@given(depicted.pictures)
def test_everything_is_within_the_picture(picture):
    """No label begins outside of the drawing, whatever the values."""
    for found in check_of(picture).pictures:
        tree = parsed(draw(found))
        width, height = (float(tree.attrib[name]) for name in ("width", "height"))
        assert 0 < width < 700
        assert 0 < height < 2000
        for each in tree.iter("text"):
            assert -1 <= float(each.attrib["x"]) <= width
            assert 0 <= float(each.attrib["y"]) <= height + 1


SECRET = 73519.0


@settings(deadline=None)
@given(depicted.heats(), st.sampled_from([Disclosure.HINT, Disclosure.ACTUAL]))
def test_no_expected_number_is_drawn(heat, level):
    """Below the last level a drawing is the same whatever was expected, and holds nothing of it."""
    secret = tuple(written([SECRET] * (row.count(" ") + 1)) for row in heat.actual)
    plain = msgspec.structs.replace(heat, expected=(), wrong=())
    held = msgspec.structs.replace(heat, expected=secret, wrong=mask([[True] * len(r.split(" ")) for r in heat.actual]))
    drawings = [[draw(each) for each in check_of(picture, level=level).pictures] for picture in (plain, held)]
    assert drawings[0] == drawings[1]
    assert not any("7.35e+04" in drawing for drawing in drawings[1])
    assert "7.35e+04" in words(shown(held))


@settings(deadline=None)
@given(depicted.fields(), st.sampled_from([Disclosure.HINT, Disclosure.ACTUAL]))
def test_no_expected_field_is_drawn(field, level):
    """Below the last level the drawing of a field is the same whatever was expected."""
    others = [(), field.actual, mask([mark == "." for mark in row] for row in field.actual)]
    found = [check_of(msgspec.structs.replace(field, expected=other), level=level).pictures for other in others]
    assert len({tuple(draw(each) for each in pictures) for pictures in found}) == 1


def test_no_floor_is_drawn_with_the_hints():
    """The floor is for the last level alone."""
    assert "floor 92 %" in texts(drawn(LEVEL))
    assert not any("floor" in word or "92" in word for word in texts(drawn(LEVEL, Disclosure.HINT)))
    assert "92" not in words(shown(LEVEL, Disclosure.HINT))


@pytest.mark.parametrize("picture", EVERY, ids=lambda picture: picture.title)
def test_what_a_screen_reader_says(picture):
    """Each drawing is one image with a title, and says in words what is seen."""
    tree = drawn(picture)
    assert (tree.attrib["role"], tree[0].tag, tree[0].text, tree[1].tag) == ("img", "title", picture.title, "desc")
    assert words(shown(picture)) == f"{picture.title}: {tree[1].text}"


def test_words():
    """The lines that stand below the pictures and in a terminal."""
    assert [words(shown(picture)) for picture in EVERY] == [
        "the feature map: 2 of 6 values wrong in 2x3; yours 1 to 6, expected 1 to 7",
        "the forecast: 2 of 6 values wrong in [2:8] of 9 values; yours 1 to 6, expected 1 to 7",
        "the field: 2 of 4 cells; 1 of them not expected, and 1 missing",
        "digits: 90.0 % of 450 (standard error 1.4); the reference reaches 94.0 to 98.0 %; at least 92.0 % is wanted",
        "history: 3 epochs; at the end accuracy 0.3, loss 0.25, val_loss 0.75; gap of the losses 0.5; "
        "lowest validation loss after epoch 2",
    ]


def test_words_for_a_reader_who_may_see_less():
    """Without the reference's side the words are about the student's own."""
    lines = [words(shown(picture, Disclosure.ACTUAL)) for picture in EVERY]
    assert lines[:3] == [
        "the feature map: 2x3; yours 1 to 6",
        "the forecast: [2:8] of 9 values; yours 1 to 6",
        "the field: 2 of 4 cells",
    ]


def test_a_part_of_a_large_array_is_named():
    """Means and windows are said to be such."""
    large = msgspec.structs.replace(HEAT, shape=(5, 20, 30, 3), axes=(1, 2), place=(4, 0, 0, 1), step=(10, 10))
    assert words(shown(large)).startswith(
        "the feature map: 2 of 6 means of 10x10 values wrong in [4, :, :, 1] of 5x20x30x3"
    )


def test_a_small_map_holds_its_numbers():
    """Each finite value stands in its cell, on all three maps, and a legend names the ends of both scales."""
    found = texts(drawn(HEAT))
    actual, expected, difference = ["1", "2", "3", "4", "6"], ["1", "2", "3", "4", "5", "7"], ["0", "0", "0", "0", "-1"]
    legend = ["value", "1", "7", "difference", "-1", "0", "1", "wrong", "not a finite number"]
    headings = ["yours", "expected", "yours minus expected"]
    assert sorted(found) == sorted([*actual, *expected, *difference, *legend, *headings])


def test_a_large_map_holds_none():
    """Of a map with more than eight rows only the colours are shown, one path for each."""
    rows = tuple(written(range(20 * i, 20 * i + 20)) for i in range(20))
    large = msgspec.structs.replace(HEAT, shape=(20, 20), actual=rows, expected=rows, wrong=())
    tree = drawn(large)
    assert "137" not in texts(tree)
    assert len([each for each in tree.iter("path") if each.attrib.get("stroke") in sequential()]) == 3 * len(
        sequential()
    )


def test_wrong_cells_are_told_without_colour():
    """What is wrong is outlined, in black on white, so that it shows on any colour."""
    outlines = [each.attrib for each in drawn(HEAT).iter("path") if each.attrib.get("stroke") in ("#fff", "#000")]
    region = [each["d"] for each in outlines if each["d"] != "M0 0h1M0 1h1M0 0v1M1 0v1"]
    assert region == ["M1 1h2M1 2h2M1 1v1M3 1v1"] * 2


def test_a_field_is_told_without_colour():
    """Found, found but not expected, and expected but not found are filled, striped and framed, and named."""
    found = texts(drawn(FIELD))
    assert found == ["0", "3", "found", "found, not expected", "expected, not found"]
    assert texts(drawn(FIELD, Disclosure.ACTUAL)) == ["0", "3", "found"]


def test_lines_are_told_without_colour():
    """Training and validation, yours and the expected differ in their dashes, and each is named."""
    for picture, names in ((CURVES, ("training", "validation")), (SERIES, ("yours", "expected"))):
        tree = drawn(picture)
        lines = [each.attrib for each in tree.iter("path") if each.attrib.get("stroke-width") == "1.8"]
        assert {each.get("stroke-dasharray") for each in lines} == {None, "6 3"}
        assert set(names) <= set(texts(tree))


def test_learning_curves_say_where_it_overfits():
    """The lowest validation loss is marked, the gap shaded and named, and each measure has a panel."""
    tree = drawn(CURVES)
    assert {"loss", "accuracy", "epoch", "lowest validation loss: epoch 2", "gap 0.5"} <= set(texts(tree))
    assert len([each for each in tree.iter("path") if "fill-opacity" in each.attrib]) == 1


def test_hostile_names_stay_text():
    """A name that is markup, or moves the cursor, is shown as it is written."""
    name = "</text><script>alert(1)</script>\x1b[2J\u202e"
    found = curves(name, {name[:30]: [1.0, 2.0]})
    assert found is not None
    markup = draw(shown(found))
    assert "<script" not in markup
    assert "\x1b" not in markup
    assert "\u202e" not in markup
    assert drawn(found)[0].text == "</text><script>alert(1)</script>\\x1b[2J\\u202e"


@given(st.text())
def test_elements_are_safe_by_construction(content):
    """Whatever text stands in an element or an attribute comes back from the XML as that text, and none acts."""
    tree = ElementTree.fromstring(element("g", text(content, 1, 2), class_=plain(content)))
    assert [each.tag for each in tree.iter()] == ["g", "text"]
    assert (tree.attrib["class"], tree[0].text or "") == (plain(content), plain(content))


def test_colour_maps_grow_evenly():
    """From each level to the next the lightness changes in one direction, and by about the same."""
    light = [_lightness(colour) for colour in sequential()]
    steps = [b - a for a, b in pairwise(light)]
    assert min(steps) > 0
    assert max(steps) < 1.5 * min(steps)
    sides = [_lightness(colour) for colour in diverging()]
    middle = len(sides) // 2
    assert sides.index(max(sides)) == middle
    assert sides[: middle + 1] == sorted(sides[: middle + 1])
    assert sides[middle:] == sorted(sides[middle:], reverse=True)
    assert [is_dark(colour) for colour in (sequential()[0], sequential()[-1])] == [True, False]


def test_numbers_and_lines_can_be_read():
    """Numbers on any cell have a contrast of 4.5 at least, lines and marks one of 3 on white and on a dark page."""
    for colour in (*sequential(), *diverging()):
        assert _contrast(colour, "#ffffff" if is_dark(colour) else "#000000") >= 4.5
    for colour in (YOURS, REFERENCE):
        assert min(_contrast(colour, "#ffffff"), _contrast(colour, "#14171d")) >= 3


def _contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _lightness(colour: str) -> float:
    """CIE L*, another measure than the one that the maps are made with."""
    return float(116 * _luminance(colour) ** (1 / 3) - 16)


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return float(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2])


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_ticks_of_any_range(one, other):
    """The labels of an axis are few, finite and within it."""
    low, high = sorted((one, other))
    found = ticks(low, high)
    assert 1 <= len(found) <= 5
    slack = (high / 2 - low / 2) * 1e-6
    assert all(low - slack <= value <= high + slack for value in found)


WORST = {
    "checkerboard map": Heat(
        title="t", shape=(32, 32), axes=(0, 1), place=(0, 0), step=(1, 1), wrong=("#." * 16, ".#" * 16) * 16,
        actual=tuple(written((7 * i * j + 3 * j + i) % 101 for j in range(32)) for i in range(32)),
        expected=tuple(written((5 * i * j + i) % 97 for j in range(32)) for i in range(32)),
    ),
    "map without a number": Heat(
        title="t", shape=(32, 32), axes=(0, 1), place=(0, 0), step=(1, 1), actual=(written([float("nan")] * 32),) * 32,
        expected=(written([float("nan")] * 32),) * 32, wrong=("#" * 32,) * 32,
    ),
    "checkerboard field": Field(
        title="t", shape=(64, 64), step=(1, 1), actual=("#." * 32, ".#" * 32) * 32, expected=(".#" * 32, "#." * 32) * 32
    ),
    "long curves": Curves(
        title="t", series={str(i): written(1e-5 * j * i * (-1) ** j for j in range(200)) for i in range(8)},
        epochs=10**9, step=5025126,
    ),
}  # fmt: skip


@pytest.mark.parametrize("picture", WORST.values(), ids=WORST.keys())
def test_the_largest_pictures(picture):
    """Even what nobody computes but a forger would write stays within the bound."""
    assert 3_000 < len(draw(shown(picture)).encode()) < LIMIT


def test_ticks():
    """Labels are round numbers, and there are several of them."""
    assert ticks(0.925, 0.998, 4) == [0.94, 0.96, 0.98]
    assert ticks(-1.1, 1.2) == [-1.0, -0.5, 0.0, 0.5, 1.0]
    assert ticks(3, 3) == [3]
    assert ticks(1, 1 + 1e-15) == [1, 1 + 1e-15]


def macro(check: ShownCheck) -> str:
    """What the template makes of a check's pictures."""
    folder = Path(feedback.__file__).parent
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.globals.update(GLOBALS)
    page = environment.from_string('{% from "pictures.html.j2" import pictures %}{{ pictures(check) }}')
    return page.render(check=check)


def test_figures():
    """Each picture is a figure with its drawing, and its words below; without pictures there is nothing."""
    found = macro(check_of(HEAT, LEVEL))
    assert [found.count(tag) for tag in ("<figure", "</figure>", "<svg", "<figcaption>")] == [2] * 4
    assert "yours 1 to 6, expected 1 to 7</figcaption>" in found
    assert macro(check_of()).strip() == ""
