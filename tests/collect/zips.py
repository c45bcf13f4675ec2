"""Zips as Canvas and Moodle make them, by their documented rules, and what lies in a course after a collect."""

from __future__ import annotations

import re
import stat
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from referee.collect import Collected


def notebook(text: str) -> bytes:
    """Some content that is told apart from other; collecting never looks into it."""
    return b'{"nbformat": 4, "cells": [], "metadata": {"is": "' + text.encode() + b'"}}'


def canvas(user: str, number: int, upload: int, file: str, *, late: bool = False) -> str:
    """Canvas's name of an uploaded file: `get_filename` and `add_upload_submission` of its `content_zipper.rb`."""
    prefix = "_".join([user.lower(), *(["LATE"] if late else []), str(number)])
    safe = re.sub(r'[\x00/\\:*?"<>|]+', "_", file)
    return re.sub(r"[^\w]", "", prefix) + f"_{upload}_{safe}"


def moodle(user: str, number: int, path: str, *, folders: bool = True, old: bool = False) -> str:
    """Moodle's name of an uploaded file: `get_student_prefix` and `load_submissionplugin_filelist`."""
    prefix = f"{user.replace('_', ' ')}_{number}_assignsubmission_file"
    return f"{prefix}{'_' if old else ''}/{path}" if folders else f"{prefix}_{path.replace('/', '')}"


def write_zip(path: Path, members: Mapping[str, bytes] | Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> Path:
    """A compressed zip of these members, in order."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items() if isinstance(members, Mapping) else members:
            info = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)) if isinstance(name, str) else name
            archive.writestr(info, content, zipfile.ZIP_DEFLATED)
    return path


def link(name: str) -> zipfile.ZipInfo:
    """A member that says it is a symbolic link."""
    return special(name, stat.S_IFLNK)


def special(name: str, kind: int) -> zipfile.ZipInfo:
    """A member that says it is of this kind of file."""
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    return info


def snapshot(root: Path) -> dict[str, bytes]:
    """Everything under a folder but the lock: the content of files by their paths; a folder is empty, with a slash."""
    return {
        f"{path.relative_to(root)}{'/' if path.is_dir() else ''}": path.read_bytes() if path.is_file() else b""
        for path in sorted(root.rglob("*"))
        if ".referee" not in path.parts
    }


def taken(collected: Collected) -> dict[str, str]:
    """What was taken, as `<student>/<file>`, with its state."""
    return {f"{each.student}/{file.file}": file.state for each in collected.students for file in each.files}


def reasons(collected: Collected) -> dict[str, str]:
    """What was left out, with the reason."""
    return {each.member: each.reason for each in collected.left_out}
