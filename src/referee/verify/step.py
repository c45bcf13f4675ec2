"""Whether the released files of an exercise are what its solution gives now, and can be used as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from referee import authoring
from referee.course import Exercise
from referee.verify.records import Finding


def in_step(exercise: Exercise, fresh: Path) -> Finding:
    """Compare what students have with what was released just now, into the folder `fresh`."""
    folder, new = exercise.released.parent, fresh / exercise.assignment
    names = [exercise.released.name, *(path.name for path in exercise.support), "checks"]
    problems = [words for name in names for words in _differences(folder / name, new / name, name)]
    problems += _unusable(exercise)
    return Finding(exercise=exercise.name, trial="in step", problems=tuple(problems))


def _unusable(exercise: Exercise) -> Iterator[str]:
    """What keeps a student from using an exercise: no `check` of its own to call, or cells that are no Python."""
    cells = [cell for cell in authoring.read_authored(exercise.released).cells if cell.cell_type == "code"]
    wanted = f'exercise("{exercise.name}")'
    if any(map(authoring.is_check, cells)) and not any(wanted in cell.source for cell in cells):
        yield f"no cell says `check = {wanted}`: its check cells would raise a NameError at the student"
    for cell in cells:
        if error := authoring.no_python(cell.source):
            name = authoring.grade_id(cell) or cell.source[:40]
            yield f"the released cell {name!r} is no Python ({error}): leave more than a comment in it"


def _differences(old: Path, new: Path, name: str) -> Sequence[str]:
    def content(root: Path) -> dict[str, bytes]:
        files = [root] if root.is_file() else sorted(path for path in root.rglob("*") if path.is_file())
        return {str(path.relative_to(root)): path.read_bytes() for path in files if "__pycache__" not in path.parts}

    ours, theirs = content(old), content(new)
    changed = sorted(key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key))
    return [f"{name if key == '.' else f'{name}/{key}'} is not in step: run `referee release`" for key in changed]
