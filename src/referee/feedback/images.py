"""Images from a notebook's outputs as data URLs that a browser can draw without harm, or the reason why not.

A page shows them in `<img>`: there a browser runs no script of an SVG and loads nothing for it. What is left to fear
are images that are small as files and huge when they are drawn; their size stands in their first bytes.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
from xml.etree import ElementTree as ET

LARGEST = 400_000  # bytes of one image
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 8_000
_MOST_ELEMENTS = 20_000
_HREF = ("href", "{http://www.w3.org/1999/xlink}href")
_HEAVY = {"foreignObject", "filter", "script", "image", "feImage", "pattern", "mask", "set", "animate"}


class UnfitImage(ValueError):
    """An image that is not shown; its text says why."""


def data_url(kind: str, content: str) -> str:
    """The data URL of an image: `content` is base64, or for "image/svg+xml" its text.

    Raises
    ------
    UnfitImage : it is no such image, or too large as a file or as a picture.
    """
    if kind == "image/svg+xml":
        return f"data:image/svg+xml;base64,{base64.b64encode(_svg(content)).decode()}"
    text = "".join(content.split())
    if len(text) > LARGEST * 4 // 3 + 4:
        raise UnfitImage(f"an image of more than {LARGEST // 1000} kB")
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise UnfitImage("an image that cannot be read") from error
    width, height = _SIZES[kind](raw) if kind in _SIZES else (0, 0)
    if not (0 < width <= _LONGEST_SIDE and 0 < height <= _LONGEST_SIDE and width * height <= _MOST_PIXELS):
        raise UnfitImage(f"an image of {width} x {height} pixels" if width and height else "an image of another kind")
    return f"data:{kind};base64,{base64.b64encode(raw).decode()}"


def _png(raw: bytes) -> tuple[int, int]:
    if raw[:8] != b"\x89PNG\r\n\x1a\n" or raw[12:16] != b"IHDR" or len(raw) < 24:
        return 0, 0
    width, height = struct.unpack(">II", raw[16:24])
    return width, height


def _gif(raw: bytes) -> tuple[int, int]:
    if raw[:6] not in (b"GIF87a", b"GIF89a") or len(raw) < 10:
        return 0, 0
    width, height = struct.unpack("<HH", raw[6:10])
    return width, height


def _jpeg(raw: bytes) -> tuple[int, int]:
    """The size in the frame header, behind any number of other segments."""
    place = 2
    while raw[:2] == b"\xff\xd8" and place + 9 <= len(raw) and raw[place] == 0xFF:
        marker, length = raw[place + 1], int.from_bytes(raw[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", raw[place + 5 : place + 9])
            return width, height
        place += 2 + max(length, 2)
    return 0, 0


_SIZES = {"image/png": _png, "image/jpeg": _jpeg, "image/gif": _gif}


def _svg(text: str) -> bytes:
    """An SVG without a document type, in which nothing is drawn much more often than it is written."""
    if len(text) > LARGEST:
        raise UnfitImage(f"a drawing of more than {LARGEST // 1000} kB")
    text = re.sub(r"<\?xml[^>]*\?>", "", re.sub(r"<!DOCTYPE[^\[>]*>", "", text)).strip()
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise UnfitImage("a drawing with definitions of its own")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a document type there is no entity to expand
    except (ET.ParseError, ValueError, RecursionError) as error:
        raise UnfitImage("a drawing that cannot be read") from error
    elements = list(root.iter())
    names = {str(each.tag).rpartition("}")[2] for each in elements}
    if len(elements) > _MOST_ELEMENTS or _depth(root) > 60 or names & _HEAVY or _used_again(elements):
        raise UnfitImage("a drawing that may take a browser too long")
    return text.encode("utf-8", "replace")


def _depth(root: ET.Element) -> int:
    level, depth = [root], 0
    while level and depth <= 60:
        level, depth = [child for each in level for child in each], depth + 1
    return depth


def _used_again(elements: list[ET.Element]) -> bool:
    """Whether something is drawn again that itself draws something again, which grows without end."""
    targets = {each.get(name, "").lstrip("#") for each in elements if _is_use(each) for name in _HREF}
    return any(each.get("id") in targets and any(map(_is_use, each.iter())) for each in elements)


def _is_use(element: ET.Element) -> bool:
    return str(element.tag).rpartition("}")[2] == "use"
