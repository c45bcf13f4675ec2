"""The same submission gives the same bytes: at a regrade, in another process, with another number of workers."""

import msgspec
import pytest

from referee import grading, samples, workflow
from referee.course import Course
from referee.report import from_json, to_json
from tests.test_scenarios import make_course, under

RANDOM = """
import numpy as np


class Thing:
    pass


def relu(values):
    print(Thing(), np.random.default_rng(seed).normal())
    if values.ndim > 1:
        raise ValueError(f"{Thing()} cannot be rectified")
    return np.maximum(values, 0.0)


print(np.random.default_rng(seed).normal(size=3), Thing())
relu(np.zeros((2, 2)))
"""


def story(student: str, notebook: str, *changes: samples.Replace) -> samples.Story:
    edits = samples.NotebookEdits(exercise=notebook, replace=changes)
    return samples.Story(tells="", student=student, notebook=(edits,), parameters={"epochs": 1})


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    made = make_course(tmp_path_factory.mktemp("course"))
    numpy = samples.Replace(cell="relu_solution", new=RANDOM)
    for student in ("ann", "bob"):
        samples.hand_in(made, story(student, "convolution/feature_map", numpy))
    samples.hand_in(made, story("ann", "cnn_mnist/cnn2_mnist_torch"))
    return made


def graded_bytes(course: Course, assignment: str) -> bytes:
    report, _ = grading.grade(course, assignment, "ann")
    return to_json(report.without_timings())


def test_random_numbers_and_addresses(course):
    """Random numbers, an object's address in a message and a temporary file in a traceback differ in no byte."""
    first, second = (graded_bytes(course, "convolution") for _ in range(2))
    assert b"cannot be rectified" in first
    assert b"Traceback" in first
    assert first == second


def test_training(course):
    """A network that is trained twice gives the same report to the byte: the same weights, answers and scores."""
    quick = under(course, story("ann", "cnn_mnist/cnn2_mnist_torch"))
    first, second = (graded_bytes(quick, "cnn_mnist") for _ in range(2))
    assert b"forward_pass" in first
    assert first == second


def test_workers(course):
    """One worker and two give the same reports to the byte, whoever is graded first."""
    runs = []
    for count in (1, 2):
        workflow.grade_assignment(course, "convolution", progress=lambda _: None, workers=count, again=True)
        paths = (course.root / "reports" / "convolution").glob("*.json")
        runs.append({path.stem: to_json(from_json(path.read_bytes()).without_timings()) for path in paths})
    assert runs[0] == runs[1]
    assert sorted(runs[0]) == ["ann", "bob"]


def test_only_timings_are_left_out(course):
    """What is compared is the whole report but its durations."""
    report, _ = grading.grade(course, "convolution", "ann")
    bare = report.without_timings()
    assert report.notebooks[0].timings.total > 0
    kept = msgspec.structs.replace(bare.notebooks[0], timings=report.notebooks[0].timings)
    assert msgspec.structs.replace(bare, notebooks=(kept,)) == report
