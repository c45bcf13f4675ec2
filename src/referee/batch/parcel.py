"""What of a course its graders and kernels need, read once: the same files for every submission of a run.

Workers on other machines have nothing else of the course; on this one, a change to a grader while a class is graded
waits for the next run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from referee import basis, calibration, data, grading
from referee.checks.dependence import CALIBRATION, CONFTEST, digests
from referee.course import Course
from referee.errors import CourseError, DataError
from referee.tasks import Task, templates

_DATA = "data"
THREADS = 1  # in each kernel, whatever the number of workers: so that all give the same numbers


@dataclass(frozen=True)
class Parcel:
    """Files of a course under their paths in it, and the tasks that need them, with paths of the same kind.

    data : the data file, where there is one and it is sent along.
    """

    files: Mapping[str, bytes]
    tasks: tuple[Task, ...]
    course: str
    data: Mapping[str, bytes]

    def unpack(self, root: Path) -> tuple[Task, ...]:
        """Write the files into a folder; the tasks with their places there."""
        for name, content in {**self.files, **self.data}.items():
            target = root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        return tuple(self._at(root, task) for task in self.tasks)

    def _at(self, root: Path, task: Task) -> Task:
        parameters = dict(task.parameters)
        if self.data:
            parameters["data"] = str(root / next(iter(self.data)))
        return replace(
            task,
            authored=root / task.authored,
            graders=tuple(root / path for path in task.graders),
            files=tuple(root / path for path in task.files),
            root=root,
            parameters=parameters,
        )


def parcel(course: Course, assignment: str, *, with_data: bool = False) -> Parcel:
    """Read what the graders and kernels of an assignment need; `with_data` takes the data file along.

    Raises
    ------
    CourseError, DataError : a file of the course, or the data, cannot be read.
    """
    found = templates(course, assignment, THREADS)
    limits = [course.policy.stated_limits(assignment), msgspec.to_builtins(course.policy.derived)]
    files: dict[str, bytes] = {}
    tasks = []
    for task in found:
        imported = _read(course.root, [*_imported(course.root, task), *_conftests(course.root, task)])
        measured = _read(course.root, _calibrations(course.root, task))
        graders = {**_read(course.root, task.graders), **imported, **measured}
        beside = _read(course.root, task.files)
        files |= {**graders, **beside, **_read(course.root, [task.authored])}
        named = grading.data_fingerprint(str(task.parameters.get("data", "")))
        known = basis.of_exercise(task, beside, graders, named, limits)
        depends = _depends(course.root, task, graders, imported, measured)
        tasks.append(_relative(replace(task, basis=known, depends=depends), course.root))
    sources = {str(task.parameters.get("data", "")) for task in found} if with_data else set()
    return Parcel(files, tuple(tasks), course.policy.name, _data(sources))


def _data(sources: Iterable[str]) -> dict[str, bytes]:
    paths = [Path(source) for source in sources if data.is_file(source)]
    try:
        return {f"{_DATA}/{path.name}": path.read_bytes() for path in paths}
    except OSError as error:
        raise DataError("the data file", str(error), data.REMEDY) from error


def _relative(task: Task, root: Path) -> Task:
    return replace(
        task,
        submitted=Path(),
        authored=task.authored.relative_to(root),
        graders=tuple(path.relative_to(root) for path in task.graders),
        files=tuple(path.relative_to(root) for path in task.files),
        root=Path(),
    )


def _read(root: Path, paths: Iterable[Path]) -> dict[str, bytes]:
    """The files, and those in folders, by their paths in the course; caches and what is no file are left out."""
    found: dict[str, bytes] = {}
    for path in paths:
        for each in [path] if path.is_file() else sorted(path.rglob("*")):
            if each.is_file() and "__pycache__" not in each.parts:
                try:
                    found[each.relative_to(root).as_posix()] = each.read_bytes()
                except OSError as error:
                    raise CourseError(f"a readable {each}", str(error), "mend its permissions") from error
    return found


def _imported(root: Path, task: Task) -> Iterator[Path]:
    """The modules and packages of the course that the graders import, and what these import in turn, whole."""
    places = (root, root / "solutions" / task.assignment, root / "datasets")
    open_ones, known = list(task.graders), set[Path]()
    while open_ones:
        path = open_ones.pop()
        for name in _names(path):
            place = next((found for folder in places if (found := _module(folder, name)) is not None), None)
            if place is not None and place not in known:
                known.add(place)
                open_ones += [place] if place.is_file() else sorted(place.rglob("*.py"))
    yield from sorted(known)


def _conftests(root: Path, task: Task) -> Iterator[Path]:
    """pytest's own files, whose fixtures the graders have."""
    folders = {folder for path in task.graders for folder in path.parents if folder.is_relative_to(root)}
    yield from sorted(path for folder in folders if (path := folder / f"{CONFTEST}.py").is_file())


def _calibrations(root: Path, task: Task) -> list[Path]:
    """The measured bands that the checks may ask for."""
    path = calibration.path_of(root, task.assignment, task.notebook)
    return [path] if path.is_file() else []


def _depends(
    root: Path,
    task: Task,
    graders: Mapping[str, bytes],
    imported: Mapping[str, bytes],
    measured: Mapping[str, bytes],
) -> dict[str, str]:
    """What each check's conclusion depends on; a change to a module that one imports concerns all that import any."""
    modules = dict.fromkeys(
        (path.stem for name in imported for path in (Path(name), *Path(name).parents)), basis.of_files(imported)
    )
    modules[CALIBRATION] = basis.of_files(measured)
    found = dict[str, str]()
    for path in task.graders:
        kind = "hidden" if "hidden" in path.relative_to(root).parts else "public"
        text = graders[path.relative_to(root).as_posix()]
        found |= {f"{kind}/{name}": each for name, each in digests(text, modules).items()}
    return found


def _module(folder: Path, name: str) -> Path | None:
    """The file or package `name` in a folder of the course; a folder without Python in it is none."""
    if (file := folder / f"{name}.py").is_file():
        return file
    package = folder / name
    return package if package.is_dir() and next(package.rglob("*.py"), None) is not None else None


def _names(path: Path) -> Iterator[str]:
    """The top-level names that a file imports; none where it does not parse, which loading it will say."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        yield from (name.partition(".")[0] for name in names)
