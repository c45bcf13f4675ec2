"""Which drawings may be shown: those that a browser draws about as often as they are written.

A page shows an SVG in `<img>`, where no script of it runs and nothing is loaded for it. But a few kilobytes of it can
still take a browser for ever: elements that draw each other, filters, masks, markers, animations. So a drawing may hold
what plots and graphs consist of, and nothing else.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

LARGEST = 400_000  # characters
_MOST_ELEMENTS = 8_000
_DEEPEST = 60
_MOST_DRAWN = 3_000_000  # characters of what is drawn, each as often as it is used
_XLINK = "{http://www.w3.org/1999/xlink}href"
_SHAPES = {
    "svg",
    "g",
    "path",
    "rect",
    "circle",
    "ellipse",
    "line",
    "polyline",
    "polygon",
    "text",
    "tspan",
    "defs",
    "use",
}
_SHAPES |= {"clipPath", "linearGradient", "radialGradient", "stop", "title", "desc", "style", "metadata"}
_HEAD = re.compile(r"\s*(?:<\?xml[^<>]{0,200}\?>\s*)?(?:<!DOCTYPE[^<>\[]{0,500}>\s*)?(?:<!--[^<>]{0,500}-->\s*)*")
#: What a property or a style may not say, and what hides it from a reader of plain text.
_ACTS = re.compile(r"filter|animat|mask|marker|transition|blend|blur|image|font-face|import|[@\\]|/\*", re.IGNORECASE)
_URL = re.compile(r"url\s*\(", re.IGNORECASE)
_PLACE = re.compile(r"(?:[\w-]+\s*:\s*)?url\(#[\w.-]{1,100}\)")
_HREF = re.compile(r"#[\w.-]{1,100}")


def fit(text: str) -> str:
    """The drawing without its document type. Raises `ValueError`, which says why, where it is not to be shown."""
    if len(text) > LARGEST:
        raise ValueError(f"a drawing of more than {LARGEST // 1000} kB")
    head = _HEAD.match(text)
    text = text[head.end() if head else 0 :].strip()
    if "<!DOCTYPE" in text or "<!ENTITY" in text or "<?" in text:
        raise ValueError("a drawing with definitions of its own")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there is no entity to expand
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise ValueError("a drawing that cannot be read") from error
    if _too_deep(root) or not _drawn_as_written(_drawing(root)):
        raise ValueError("a drawing that may take a browser too long")
    return text


def _too_deep(root: ET.Element) -> bool:
    level, depth = [root], 0
    while level and depth <= _DEEPEST:
        level, depth = [child for each in level for child in each], depth + 1
    return bool(level)


def _drawing(root: ET.Element) -> list[ET.Element]:
    """All elements but those that say who made it."""
    found, open_ones = [], [root]
    while open_ones:
        element = open_ones.pop()
        found.append(element)
        if _name(element) != "metadata":
            open_ones += list(element)
    return found


def _drawn_as_written(elements: list[ET.Element]) -> bool:
    """Whether there is nothing in it that is drawn much more often than it stands there."""
    if len(elements) > _MOST_ELEMENTS or any(_name(each) not in _SHAPES for each in elements):
        return False
    if not all(_harmless(each) for each in elements):
        return False
    uses = [each for each in elements if _name(each) == "use"]
    named = {each.get("id", ""): each for each in elements}
    targets = [named.get((each.get("href") or each.get(_XLINK) or "").lstrip("#")) for each in uses]
    sizes = {id(each): _size(each) for each in targets if each is not None}
    if any(_name(part) in ("use", "svg") for each in targets if each is not None for part in each.iter()):
        return False
    clips = (part for each in elements if _name(each) == "clipPath" for part in each.iter())
    if any(_name(part) == "use" or "clip-path" in " ".join([*part.attrib, *part.attrib.values()]) for part in clips):
        return False
    return sum(sizes[id(each)] for each in targets if each is not None) <= _MOST_DRAWN


def _size(element: ET.Element) -> int:
    """Characters of what an element draws."""
    return sum(50 + sum(map(len, each.attrib.values())) + len(each.text or "") for each in element.iter())


def _harmless(element: ET.Element) -> bool:
    """Whether its attributes and its style only say how shapes look."""
    if _name(element) == "metadata":
        return True
    style = (element.text or "") if _name(element) == "style" else ""
    return all(map(_looks_only, [*element.attrib.items(), ("style", style)]))


def _looks_only(attribute: tuple[str, str]) -> bool:
    name, value = attribute
    plain = name.rpartition("}")[2].lower()
    if plain == "href":
        return _HREF.fullmatch(value) is not None
    if plain.startswith("on") or _ACTS.search(plain):
        return False
    if plain in ("id", "class", "d", "points", "content"):
        return True
    return not _ACTS.search(value) and len(_URL.findall(value)) == len(_PLACE.findall(value))


def _name(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]
