"""Near-identical code, tried on this course: its own alternative solutions are honest answers to the same tasks."""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path

import pytest

from referee import authoring
from referee import course as courses
from referee.classroom.similar import ALIKE, LEAST
from referee.classroom.tokens import all_grams, fingerprints
from referee.course import Exercise
from referee.verify import trials
from referee.workflow import handed

ROOT = Path(__file__).resolve().parent.parent.parent
COURSE = courses.load(ROOT)
FAR = 0.5  # the most that was found is 0.39


@cache
def answers(exercise: Exercise) -> dict[str, dict[str, str]]:
    """The right answers that there are: the solution and all others, each as the cells that it fills."""
    given = handed.given(exercise)
    notebook = authoring.authored(exercise.solution).notebook
    own = {
        authoring.grade_id(cell): cell.source
        for cell in notebook.cells
        if cell.cell_type == "code" and authoring.grade_id(cell) not in given.locked
    }
    others = (trial for trial in trials.of_exercise(exercise) if "full marks" in trial.expects)
    return {"the solution": own, **{trial.path.stem: trial.cells for trial in others}}


@pytest.mark.parametrize("assignment", COURSE.assignments)
def test_honest_answers_are_not_alike(assignment):
    """Where two right answers fill the same cells, they share far less of their own code than a listed pair does."""
    compared = 0
    for exercise in COURSE.exercises(assignment):
        base = all_grams(handed.given(exercise).sources)
        for (one, mine), (other, theirs) in itertools.combinations(answers(exercise).items(), 2):
            cells = mine.keys() & theirs.keys()
            prints = [fingerprints([some[cell] for cell in cells]) - base for some in (mine, theirs)]
            size = min(map(len, prints))
            if size >= LEAST:
                compared += 1
                alike = len(prints[0] & prints[1]) / size
                assert alike < FAR < ALIKE, f"{exercise.name}: {one} and {other} share {alike:.0%}"
    assert compared


def test_nearly_every_exercise_leaves_enough_to_compare():
    """A solution has enough code of its own, but where four lines like the given ones are all that is asked for."""
    little = []
    for exercise in COURSE.exercises():
        own = fingerprints(answers(exercise)["the solution"].values())
        if len(own - all_grams(handed.given(exercise).sources)) < LEAST:
            little.append(exercise.name)
    assert little == ["cnn_mnist/cnn2_mnist_keras", "cnn_mnist/cnn2_mnist_torch"]
