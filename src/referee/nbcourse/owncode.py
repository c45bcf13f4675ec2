"""The code of its own that a course's configuration names (preprocessors, plugins, hooks): it decides results too."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import re
import sysconfig
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)+")
_INSTALLED = tuple({Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib")})


def own_code(config: Any) -> dict[str, str]:
    """By name what the configuration refers to and no package holds, as the SHA-256 of its text.

    Found are classes and functions, and texts that name something in a module (`"hooks.before"`), wherever they stand.
    What such a module imports in its turn is not followed.
    """
    found = {}
    for value in _values(config):
        name, path, text = _module(value) if isinstance(value, str) else _object(value)
        if path is not None and not any(path.is_relative_to(folder) for folder in _INSTALLED):
            found[name] = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
    return found


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for each in value.values():
            yield from _values(each)
    elif isinstance(value, list | tuple | set | frozenset):
        for each in value:
            yield from _values(each)
    elif isinstance(value, type) or inspect.isroutine(value) or (isinstance(value, str) and _DOTTED.fullmatch(value)):
        yield value


def _module(dotted: str) -> tuple[str, Path | None, str]:
    """The file of the module in which a name stands, and its text."""
    name = dotted.rpartition(".")[0]
    try:
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None or not spec.has_location:
            return name, None, ""
        return name, Path(spec.origin).resolve(), Path(spec.origin).read_text(encoding="utf-8", errors="replace")
    except Exception:  # noqa: BLE001 - "a.b" that names no module, or a package whose code fails: nbgrader will say so
        return name, None, ""


def _object(value: Any) -> tuple[str, Path | None, str]:
    """The file in which a class or function was written, and its own text; of a class, the whole file's."""
    name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', '')}"
    try:
        path = Path(inspect.getfile(value)).resolve()
        whole = path.read_text(encoding="utf-8", errors="replace")
        return name, path, whole if isinstance(value, type) else inspect.getsource(value)
    except (OSError, TypeError):
        return name, None, ""
