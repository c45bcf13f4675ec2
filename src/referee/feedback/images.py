"""Images from a notebook's outputs as data URLs that a browser can draw without harm, or the reason why not.

A page shows them in `<img>`: there a browser runs no script of an SVG and loads nothing for it. What is left to fear
are images that are small as files and huge when they are drawn; their size stands in their first bytes.
"""

from __future__ import annotations

import base64
import binascii
import struct

from referee.feedback import foreign_svg

LARGEST = 400_000  # bytes of one image
_MOST_PIXELS = 16_000_000
_LONGEST_SIDE = 8_000


class UnfitImage(ValueError):
    """An image that is not shown; its text says why."""


def data_url(kind: str, content: str) -> str:
    """The data URL of an image: `content` is base64, or for "image/svg+xml" its text.

    Raises
    ------
    UnfitImage : it is no such image, or too large as a file or as a picture.
    """
    if kind == "image/svg+xml":
        try:
            drawing = foreign_svg.fit(content)
        except ValueError as error:
            raise UnfitImage(str(error)) from error
        return f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode('utf-8', 'replace')).decode()}"
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
