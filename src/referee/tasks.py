"""A submission's notebooks as tasks: which file is which exercise, and everything that determines the results.

templates(course, assignment)      one task for each exercise, of nobody yet
tasks_of(templates, folder, who)   the tasks of one student's submission
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from referee import authoring
from referee.collect.note import read_note
from referee.course import Course, Exercise, Parameter
from referee.errors import SubmissionError
from referee.imports import needs
from referee.report import Basis, CheckResult, Note
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Plan


@dataclass(frozen=True)
class Enough:
    """When a run need not go on, because all is known that was asked; for the course's own trials.

    misconceptions : all of these were recognised.   but : a check cost points that is not among these, "cell/name".
    known : check cells at which nothing is asked, because the answers are the solution's.
    """

    misconceptions: frozenset[str] = frozenset()
    but: frozenset[str] | None = None
    known: frozenset[str] = frozenset()

    def reached(self, results: Sequence[CheckResult]) -> bool:
        """Whether these results say it all."""
        if self.misconceptions:
            return self.misconceptions <= {result.evidence.misconception for result in results}
        lost = (each for each in results if not each.verdict.passed and not each.verdict.needs_person)
        return self.but is not None and any(f"{each.check}/{each.name}" not in self.but for each in lost)


@dataclass(frozen=True, kw_only=True)
class Task:
    """Everything that determines the result of one notebook.

    submitted : the handed-in file.   authored : the notebook that says which cells there are and what they are worth.
    graders : the grader files; `root` is where they import from.   files : what lies beside the notebook when it runs.
    late : modules that the solution was seen to import while it ran, to be imported ahead.
    ahead : packages beside the notebook's own that its kernel's parent has imported.
    trusted : the notebook is the course's own, so that the modules which it loaded may be asked for and believed.
    repeat : 0 for the grading that counts; n for the n-th of those that show whether the seed decides.
    enough : when the run need not go on; None runs it to its end.
    basis : the parts of the report's basis that are known before the notebook is read.
    depends : by "public/<function>" or "hidden/<function>", the digest of what that check's conclusion depends on.
    """

    student: str
    assignment: str
    notebook: str
    submitted: Path
    authored: Path
    graders: tuple[Path, ...]
    root: Path
    files: tuple[Path, ...] = ()
    limits: Limits = field(default_factory=Limits)
    parameters: dict[str, Parameter] = field(default_factory=dict)
    withhold: tuple[str, ...] = ()
    threads: int = 1
    late: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    trusted: bool = False
    notes: tuple[Note, ...] = ()
    repeat: int = 0
    enough: Enough | None = None
    basis: Basis = field(default_factory=Basis)
    depends: dict[str, str] = field(default_factory=dict)

    def seed_of(self, check: str) -> int:
        """A check's seed: the same at a regrade, and different between students, checks and repeats."""
        key = f"{self.student}\0{self.assignment}\0{self.notebook}\0{check}" + f"\0{self.repeat}" * bool(self.repeat)
        return int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "little")

    def depends_of(self, result: CheckResult) -> str:
        """What the conclusion of a check depends on, as a digest; empty where that is not known."""
        kind = "public" if result.public else "hidden"
        return self.depends.get(f"{kind}/{result.name.partition('[')[0]}", "")


def task_for(course: Course, exercise: Exercise, student: str, submitted: Path, threads: int = 1) -> Task:
    """The task of grading one submitted notebook under the course's policy."""
    return Task(
        student=student,
        assignment=exercise.assignment,
        notebook=exercise.notebook,
        submitted=submitted,
        authored=exercise.released,
        graders=exercise.graders,
        root=course.root,
        files=exercise.support,
        limits=course.limits_of(exercise),
        late=course.late_of(exercise),
        parameters=course.policy.parameters_of(exercise.assignment),
        withhold=course.policy.data.withhold,
        threads=threads,
    )


def templates(course: Course, assignment: str, threads: int = 1) -> tuple[Task, ...]:
    """A task for each exercise of an assignment, made once for all students."""
    return tuple(task_for(course, each, "", each.released, threads) for each in course.exercises(assignment))


def tasks_of(known: Sequence[Task], folder: Path, student: str) -> tuple[Task, ...]:
    """The tasks of what a student has in a folder: one for each exercise, handed in or not."""
    found, extra = _match(folder, known)
    tasks = []
    for each in known:
        path, notes = found.get(each.notebook, (folder / f"{each.notebook}.ipynb", ()))
        notes = (*notes, *_late(path), *extra)
        tasks.append(replace(each, student=student, submitted=path, notes=notes))
    return tuple(tasks)


def parent_of(task: Task) -> Plan:
    """The plan of the warm parent from which kernels for a task are forked, if the submission is as the author's is."""
    authored = authoring.authored(task.authored).notebook
    needed = needs(authored, authored, task.late, task.ahead)
    return Plan(preload=needed.preload, late=needed.late, variables=needed.variables, threads=task.threads)


def _late(path: Path) -> tuple[Note, ...]:
    """A note where a file was handed in late, as far as the collector knew."""
    note = read_note(path.parent)
    about = note.about(path.name) if note is not None else None
    if note is None or about is None or not about.late:
        return ()
    try:
        content = authoring.submitted_bytes(path, Limits().submission_bytes)
    except SubmissionError:
        return ()
    if hashlib.sha256(content).hexdigest() != about.sha256:
        return ()  # another file by now, of which the note knows nothing
    return (Note(code="late", words=f"handed in late, as {note.source} says"),)


def _match(folder: Path, known: Sequence[Task]) -> tuple[dict[str, tuple[Path, tuple[Note, ...]]], tuple[Note, ...]]:
    """Which file is which exercise: by name, and else by the grade_ids inside; and notes about the rest."""
    names = [task.notebook for task in known]
    found: dict[str, tuple[Path, tuple[Note, ...]]] = {}
    extra: list[Note] = []
    others = [path for path in sorted(folder.glob("*.ipynb")) if path.stem not in names]
    for path in (folder / f"{name}.ipynb" for name in names):
        if path.is_file():
            found[path.stem] = (path, ())
    names_given = set(found)
    open_ones = [task for task in known if task.notebook not in found]
    for path in others:
        name = _recognise(path, open_ones)
        if name in found and name not in names_given:
            words = f"{path.name!r} looks like {name}.ipynb as well as {found[name][0].name!r}, which was graded"
            extra.append(Note(code="several", words=words))
        elif name is None or name in found:
            words = f"{path.name!r} is none of the notebooks {', '.join(sorted(names))}; it was not graded"
            extra.append(Note(code="unknown", words=words))
        else:
            words = f"the file is called {path.name!r}; it was taken for {name}.ipynb by the cells it holds"
            found[name] = (path, (Note(code="name", words=words),))
    return found, tuple(extra)


def _recognise(path: Path, open_ones: Iterable[Task]) -> str | None:
    exercises = [(task.notebook, authoring.authored(task.authored).notebook) for task in open_ones]
    try:
        return authoring.recognise(authoring.read_submission(path, Limits().submission_bytes), exercises)
    except SubmissionError:
        return None
