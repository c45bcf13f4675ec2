"""The course's modules that graders import: there while their checks run, and out of sight at all other times.

Two assignments may each have a `digits.py`; each one's graders see their own, in one process and in any order.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType

from referee.authoring import stamp


class CourseModules:
    """What one set of graders has imported from the course at `root`: `reference`, support files, themselves."""

    def __init__(self, root: Path, graders: Sequence[Path]) -> None:
        self._root = root
        beside = sorted({str(root / "solutions" / path.parent.name) for path in graders})
        self._folders = [str(root), *beside, str(root / "datasets")]
        self._modules: dict[str, ModuleType] = {}
        self._stamps = {path: stamp(path) for path in graders}
        self._installed = [path for path in map(Path, {sys.prefix, sys.base_prefix}) if path.is_relative_to(root)]
        importlib.invalidate_caches()  # a support file may be younger than what Python remembers of its folder

    @property
    def current(self) -> bool:
        """Whether every file behind these modules is as it was when it was loaded."""
        return all(stamp(path) == then for path, then in self._stamps.items())

    @contextmanager
    def present(self) -> Iterator[None]:
        """Let these modules, and others of the course, be imported in this block."""
        others = {name: sys.modules[name] for name in self._modules.keys() & sys.modules.keys()}
        before, writes = sys.modules.keys() - others.keys(), sys.dont_write_bytecode
        sys.modules.update(self._modules)
        sys.path[:0], sys.dont_write_bytecode = self._folders, True
        try:
            yield
        finally:
            sys.dont_write_bytecode = writes
            for folder in self._folders:
                with suppress(ValueError):  # a grader may have taken it away itself
                    sys.path.remove(folder)
            self._take(sys.modules.keys() - before)
            sys.modules.update(others)

    def _take(self, new: set[str]) -> None:
        """Take the course's modules out of the interpreter's; libraries that came along stay there."""
        files = {name: file for name in new - self._modules.keys() if (file := self._file(name))}
        self._stamps.update({file: stamp(file) for file in files.values() if file not in self._stamps})
        packages = {package for name in files for package in _packages(name)}
        for name in new & (files.keys() | packages | self._modules.keys()):
            self._modules[name] = sys.modules.pop(name)

    def _file(self, name: str) -> Path | None:
        """The file of the course that a module is, if it is one: no library, and not Referee itself."""
        file = getattr(sys.modules[name], "__file__", None)
        if not isinstance(file, str) or name.partition(".")[0] == "referee":
            return None
        path = Path(file)
        library = "site-packages" in path.parts or any(path.is_relative_to(folder) for folder in self._installed)
        return path if path.is_relative_to(self._root) and not library else None


def _packages(name: str) -> list[str]:
    """The packages that a module is in; pytest makes those of a grader, without a file."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts))]
