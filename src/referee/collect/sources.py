"""Where submissions come from, a zip or a folder: their members, and the bytes of one, in bounded pieces.

A zip's headers are not believed. What they say about sizes bounds nothing, names are judged in `naming`, and only what
was read to its end with the right checksum is taken. A folder's links are not followed.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from referee.errors import SubmissionError, UsageError
from referee.feedback.text import plain

MOST_MEMBERS = 100_000
PIECE = 1 << 16
_DIRECTORY_BYTES = 64_000_000  # of a zip's list of members: 100,000 of them, with names of 500 bytes
_UTF8, _ENCRYPTED = 0x800, 0x1
_DOS_FOLDER = 0x10
_NEXT = "download it again, and give the zip (or its unpacked folder) as it came"
_BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OverflowError,
    EOFError,
    OSError,
    struct.error,
    zlib.error,
)


@dataclass(frozen=True)
class Member:
    """One thing in a source: its path there, when it was changed (for order alone), and why it may not be read."""

    path: str
    when: tuple[int, ...]
    refused: str
    place: int


@dataclass(frozen=True)
class Source:
    """A source that is open: its own name, its members, and how to read one of them."""

    name: str
    folder: bool
    members: tuple[Member, ...]
    _pieces: Callable[[Member], Iterator[bytes]]

    def pieces(self, member: Member) -> Iterator[bytes]:
        """The content of a member, as many bytes as there are. Raises `SubmissionError` for one that is broken."""
        try:
            yield from self._pieces(member)
        except _BROKEN as error:
            raise SubmissionError("a file that can be read", f"a broken file ({plain(str(error), 200)})") from error


@contextmanager
def opened(path: Path) -> Iterator[Source]:
    """A zip or a folder, open. Raises `UsageError` for what is neither."""
    with ExitStack() as stack:
        try:
            source = _folder(path) if path.is_dir() else _zip(path, stack)
        except _BROKEN as error:
            found = f"{path} cannot be read: {plain(str(error), 200)}"
            raise UsageError("a zip or a folder of submissions", found, _NEXT) from error
        yield source


def _zip(path: Path, stack: ExitStack) -> Source:
    if not path.is_file():
        found = "something else" if path.exists() else "no such file or folder"
        raise UsageError("a zip or a folder of submissions", f"{found} at {path}", "give the path of the download")
    file = stack.enter_context(path.open("rb"))
    return _archive(path, stack.enter_context(zipfile.ZipFile(_Careful(file))))


class _Careful:
    """A file for `zipfile`, which would read a list of members of any length into memory at once."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable
        self.name = file.name

    def read(self, size: int = -1) -> bytes:
        if size > _DIRECTORY_BYTES:
            raise zipfile.BadZipFile(f"its list of members is longer than {_DIRECTORY_BYTES:,} bytes")
        return self._file.read(size)


def _archive(path: Path, archive: zipfile.ZipFile) -> Source:
    infos = archive.infolist()
    if not infos:
        raise UsageError("a zip of submissions", f"{path} is empty", _NEXT)
    if len(infos) > MOST_MEMBERS:
        raise UsageError(f"a zip of at most {MOST_MEMBERS:,} files", f"{len(infos):,} in {path}", "collect it in parts")
    members = tuple(Member(_decoded(info), info.date_time, _refused(info), at) for at, info in enumerate(infos))

    def pieces(member: Member) -> Iterator[bytes]:
        with archive.open(infos[member.place]) as file:
            while piece := file.read(PIECE):
                yield piece

    return Source(path.name, False, members, pieces)


def _decoded(info: zipfile.ZipInfo) -> str:
    """A member's whole name. One that is not said to be UTF-8 was read as cp437: undone where it is UTF-8 after all."""
    if info.flag_bits & _UTF8:
        return info.orig_filename
    try:
        return info.orig_filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return info.orig_filename


def _refused(info: zipfile.ZipInfo) -> str:
    """Why a member may not be read, by its header; empty where nothing speaks against it."""
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.orig_filename.endswith("/") or kind == stat.S_IFDIR or info.external_attr & _DOS_FOLDER:
        return "a folder"
    if kind == stat.S_IFLNK:
        return "a link"
    if kind not in (0, stat.S_IFREG):
        return "no regular file"
    if info.flag_bits & _ENCRYPTED:
        return "encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"compressed in an unusual way (method {info.compress_type})"
    return ""


def _folder(path: Path) -> Source:
    found = sorted(_walk(path), key=lambda pair: pair[0])
    members = tuple(_member(name, entry, at) for at, (name, entry) in enumerate(found))

    def pieces(member: Member) -> Iterator[bytes]:
        return file_pieces(Path(found[member.place][1].path))

    return Source(path.resolve().name, True, members, pieces)


def _walk(path: Path) -> Iterator[tuple[str, os.DirEntry[str]]]:
    """All that lies in a folder, by its path in it, except what lies in hidden folders; no link is followed."""
    count, waiting = 0, [("", str(path))]
    while waiting:
        prefix, folder = waiting.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                if (count := count + 1) > MOST_MEMBERS:
                    raise UsageError(f"a folder of at most {MOST_MEMBERS:,} files", f"more in {path}", "choose another")
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith("."):
                    waiting.append((f"{prefix}{entry.name}/", entry.path))
                else:
                    yield prefix + entry.name, entry


def _member(name: str, entry: os.DirEntry[str], place: int) -> Member:
    status = entry.stat(follow_symlinks=False)
    refused = {stat.S_IFREG: "", stat.S_IFLNK: "a link", stat.S_IFDIR: "a hidden folder"}
    return Member(name, (status.st_mtime_ns,), refused.get(stat.S_IFMT(status.st_mode), "no regular file"), place)


def file_pieces(path: Path) -> Iterator[bytes]:
    """The bytes of a regular file; no link is followed, and nothing waits for a pipe to be written."""
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("no regular file")
        while piece := file.read(PIECE):
            yield piece
