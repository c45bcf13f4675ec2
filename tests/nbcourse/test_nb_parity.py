"""`referee grade` gives an nbgrader course what `nbgrader autograde` gives it: the real commands, on two copies.

A third copy has the switches of [nbgrader] on: each changes what it says, and nothing else.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_output

from tests.nbcourse import book, cells, command, compare, deeds, documented, every, parity, two_ways
from tests.nbcourse.compare import Copy
from tests.nbcourse.parity import TOUCHED, Pair
from tests.nbcourse.two_ways import Said

GATE = deeds.gate()
OURS_ONLY = [person.name for person in GATE if person.ours]
BAD = {  # and what is said of each
    ("endlos", every.TWO): f"{every.TIMEOUT} s",
    ("kai", every.ONE): "exited",
    ("viel", every.TWO): "400 MiB",
}


@pytest.fixture
def both(three_ways) -> tuple[Pair, dict[str, Said]]:
    """The class, graded in both ways, and what `referee grade` said of each assignment."""
    pair, _, said = three_ways
    return pair, {name: said[name] for name in pair.assignments}


def reports(course: Path, assignment: str) -> dict[str, Any]:
    folder = course / "reports" / assignment
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")}


def test_every_difference_is_documented(both):
    """Gradebooks, notebooks, files and pages of 21 submissions are the same, but for what is documented."""
    found = both[0].differences(OURS_ONLY)
    assert not compare.unexplained(found, documented.GATE), "\n".join(map(str, found))
    assert not compare.unused(found, documented.GATE)


def test_the_class_has_all_that_can_happen(both):
    """The rows that were compared hold every kind of result: else their being the same would mean little."""
    rows = book.rows(both[0].theirs.root / every.DATABASE)
    grades = [row for names, row in rows.items() if names[0] == "grade"]
    assert len([person for person in GATE if not person.ours]) > 20
    assert {row["auto_score"] for row in grades} == {None, 0.0, 0.5, 1.0, 2.0, 2.5, 3.0}
    assert {row["needs_manual_grade"] for row in grades} == {0, 1}
    assert {row["auto_comment"] for names, row in rows.items() if names[0] == "comment"} == {None, "No response."}
    penalties = {row["late_submission_penalty"] for names, row in rows.items() if names[0] == "submitted notebook"}
    assert penalties == {None, 0.5, 1.0}
    assert {len(row["timestamp"] or "") > 0 for names, row in rows.items() if names[0] == "submission"} == {True, False}


def test_hooks_were_called_alike(both):
    """The course's own hooks ran before and after each submission, with the same arguments."""
    pair, _ = both
    assert parity.hooks(pair.ours) - {line for line in parity.hooks(pair.ours) if _of_ours(line)} == parity.hooks(
        pair.theirs
    )


def _of_ours(line: str) -> bool:
    return any(f"{name}/" in line for name in OURS_ONLY)


def test_a_killed_run_goes_on(both):
    """What was graded before the kill stands, and the others were graded by the second call of the same command."""
    said = both[1][every.ONE]
    assert said.status == 0, said.err
    assert "as before: " in said.err


def test_the_bad_ones_are_named_and_hurt_nobody(both):
    """A notebook that never ends, one that kills its kernel, one that fills the memory: a reason each, no scores."""
    pair, said = both
    assert [each.status for each in said.values()] == [0, 0]
    scores = book.scores(pair.ours.root / every.DATABASE)
    for (name, assignment), words in BAD.items():
        mine = {names[2]: score for names, score in scores.items() if names[:2] == (assignment, name)}
        assert {notebook for notebook, score in mine.items() if score == (None, 1)} >= {max(mine)}
        report = reports(pair.ours.root, assignment)[name]
        assert words in " ".join(part["refused"] for part in report["notebooks"])
        assert not (pair.ours.root / "benotet" / assignment / name).exists()


def test_who_was_not_read_is_named(both):
    """A broken file, marks that nbgrader refuses, and cells that were copied: each report says why."""
    found = reports(both[0].ours.root, every.ONE)
    assert "JSON" in found["sven"]["notebooks"][0]["refused"]
    assert "version" in found["lena"]["notebooks"][0]["refused"]
    assert found["nora"]["notebooks"][0]["refused"]
    assert "otto" not in found  # who handed in no notebook has no report, as in nbgrader


API = f"""
import json, os, sys
from nbgrader.apps import NbGraderAPI
from nbgrader.apps.nbgraderapp import NbGraderApp

said = []
for root in sys.argv[1:]:
    os.chdir(root)
    app = NbGraderApp()
    app.initialize([])
    api = NbGraderAPI(config=app.config)
    parts = [api.get_submissions({every.ONE!r}), api.get_assignment({every.ONE!r})]
    parts += [api.get_notebook_submissions({every.ONE!r}, {every.EVERYTHING!r}), api.get_student_submissions("anna")]
    said.append([*parts, api.get_student_notebook_submissions("anna", {every.ONE!r})])
print(json.dumps(said, default=str))
"""


def test_the_formgrader_reads_the_result(both):
    """nbgrader's API, from which the formgrader is made, says the same of both copies."""
    roots = [str(copy.root) for copy in (both[0].theirs, both[0].ours)]
    theirs, ours = map(_without_ids, json.loads(two_ways.python(both[0].theirs.root, API, *roots).out))
    assert max(map(len, theirs)) > 15
    assert theirs == ours


def _without_ids(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_ids(each) for key, each in value.items() if key not in ("id", "index")}
    return sorted(map(_without_ids, value), key=repr) if isinstance(value, list) else value


MANUAL = """
UPDATE grade SET manual_score = 4.5, extra_credit = 0.5, needs_manual_grade = 0 WHERE id IN (
    SELECT grade.id FROM grade JOIN base_cell ON base_cell.id = grade.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = grade.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    WHERE student_id IN ('anna', 'max') AND base_cell.name IN ('entwurf', 'quadrat_sichtbar', 'projekt'))
"""
COMMENT = """
UPDATE comment SET manual_comment = 'Schön: größer <b>!' WHERE id IN (
    SELECT comment.id FROM comment JOIN base_cell ON base_cell.id = comment.cell_id
    JOIN submitted_notebook ON submitted_notebook.id = comment.notebook_id
    JOIN submitted_assignment ON submitted_assignment.id = submitted_notebook.assignment_id
    WHERE student_id IN ('anna', 'max') AND base_cell.name IN ('aufsatz', 'quadrat', 'projekt'))
"""


def test_what_a_person_gave_survives_a_second_autograde(both, tmp_path):
    """Scores and comments of a person, given before a notebook is autograded again: the same rows and pages in both."""
    pair = parity.copied(both[0], tmp_path)
    for copy in (pair.theirs, pair.ours):
        with closing(sqlite3.connect(copy.root / every.DATABASE)) as gradebook, gradebook:
            assert gradebook.execute(MANUAL).rowcount == 8 - 2
            gradebook.execute(COMMENT)
    said = pair.grade_again(every.ONE, "anna")
    assert said.status == 0, said.err
    found = pair.differences(OURS_ONLY)
    assert not compare.unexplained(found, documented.GATE), "\n".join(map(str, found))
    row = book.rows(pair.ours.root / every.DATABASE)[
        "grade", every.ONE, "anna", every.EVERYTHING, "entwurf", "GradeCell"
    ]
    assert row == {"auto_score": None, "manual_score": 4.5, "extra_credit": 0.5, "needs_manual_grade": 1}


# --- the switches of [nbgrader] --------------------------------------------------------------------------------------


@pytest.fixture
def courses(three_ways) -> tuple[Path, Path]:
    """The same submissions by nbgrader's rules, and with all switches on that do not touch each other's cells."""
    pair, switched, said = three_ways
    assert said[str(switched)].status == 0, said[str(switched)].err
    return pair.ours.root, switched


def notes(course: Path, student: str) -> set[str]:
    report: dict[str, Any] = json.loads((course / f"reports/{every.ONE}/{student}.json").read_text(encoding="utf-8"))
    return {note["code"] for part in report["notebooks"] for note in part["notes"]}


def test_each_switch_changes_what_it_says(courses):
    """stderr costs nothing, deleted tests come back, and what ran before a kernel's end counts: that is all."""
    before, after = (book.scores(course / every.DATABASE) for course in courses)
    assert {names[1] for names in after} == set(TOUCHED)
    changed = {names[1:4:2]: (before[names], after[names]) for names in after if before[names] != after[names]}
    assert {names: change for names, change in changed.items() if names[0] != "kai"} == {
        ("vera", "mittel_teilweise"): ((0.0, 0), (3.0, 0)),
        ("jan", "quadrat_versteckt"): ((None, 1), (2.5, 0)),
        ("jan", "mittel_teilweise"): ((None, 1), (3.0, 0)),
    }


def test_the_rest_of_a_dead_kernel_fails(courses):
    """The tests that ran before the kernel died have their points, those after it have none, and the others wait."""
    before, after = (
        {names[3]: score for names, score in book.scores(course / every.DATABASE).items() if names[1] == "kai"}
        for course in courses
    )
    assert set(before.values()) == {(None, 1)}
    assert {name for name, (auto, _) in after.items() if auto} == {"quadrat_sichtbar", "quadrat_versteckt"}
    assert {name for name, (auto, _) in after.items() if auto is None} == {"entwurf", "aufsatz", "projekt"}


def test_a_changed_answer_is_noted_and_costs_nothing(courses):
    """The switch makes a note for a person; without it there is none, and the scores are the same."""
    assert ["altered" in notes(course, "vera") for course in courses] == [False, True]
    assert not [name for name in ("anna", "jan") if "altered" in notes(courses[1], name)]


# --- the comparison itself --------------------------------------------------------------------------------------------


@pytest.fixture
def twins(tmp_path) -> tuple[Copy, Copy]:
    """Two copies of a graded course in which nothing differs."""
    made = []
    for name in ("one", "other"):
        root = tmp_path / name
        every.save(root / "autograded/ada/ps1/a.ipynb", every.everything())
        every.write(root / "autograded/ada/ps1/data.txt", "1\n2\n")
        made.append(Copy(root))
    return made[0], made[1]


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize(
    ("deed", "place"),
    [
        (
            lambda at: spoil(at / "a.ipynb", "quadrat(3) == 9", "quadrat(3) == 8"),
            "a.ipynb/cell 4 quadrat_sichtbar/source",
        ),
        (lambda at: spoil(at / "a.ipynb", '"points": 2.5', '"points": 2'), "a.ipynb/cell 5 quadrat_versteckt/metadata"),
        (lambda at: spoil(at / "a.ipynb", '"python3"', '"python2"'), "a.ipynb/metadata"),
        (lambda at: spoil(at / "data.txt", "2", "3"), "data.txt/line 2 and what follows"),
        (lambda at: (at / "data.txt").chmod(0o600), "data.txt/permissions"),
        (lambda at: (at / "data.txt").unlink(), "data.txt"),
        (lambda at: (at / "more").mkdir(), "more"),
    ],
)
def test_a_difference_is_found(twins, deed, place):
    """One change in one file is one difference, with its place; and nothing is found before it."""
    one, other = twins
    assert not compare.trees(one, other, "autograded")
    deed(other.root / "autograded/ada/ps1")
    assert [each.place for each in compare.trees(one, other, "autograded")] == [f"autograded/ada/ps1/{place}"]


def test_a_stream_in_two_pieces_is_the_same(twins):
    """What a kernel happened to send in two pieces is one output, in notebooks and pages; another stream is not."""
    page = (
        '<div class="output_area"><div class="prompt"></div>\n<div class="output_subarea output_stream {} output_text">'
    )
    pieces = (
        [("stdout", "ab\n")],
        [("stdout", "a"), ("stdout", "b"), ("stdout", "\n")],
        [("stdout", "a"), ("stderr", "b\n")],
    )
    found = []
    for other in pieces:
        for copy, parts in zip(twins, (pieces[0], other), strict=True):
            cell = cells.code("print('ab')")
            cell["outputs"] = [new_output("stream", name=name, text=text) for name, text in parts]
            every.save(copy.root / "autograded/ada/ps1/a.ipynb", cells.notebook("a", cell))
            areas = [f"{page.format(f'output_{name}')}\n<pre>{text}</pre>\n</div>\n</div>\n" for name, text in parts]
            every.write(copy.root / "autograded/ada/ps1/a.html", "".join(areas))
        found.append([each.place.rpartition("/ps1/")[2] for each in compare.trees(twins[0], twins[1], "autograded")])
    assert found[:2] == [[], []]
    assert [place.partition("/")[0] for place in found[2]] == ["a.html", "a.ipynb"]


def test_a_difference_between_gradebooks_is_found(both, tmp_path):
    """One number in one row is one difference; a row that belongs to nothing is one as well."""
    theirs = both[0].theirs
    other = Copy(tmp_path, database="noten.db")
    shutil.copy(theirs.root / every.DATABASE, tmp_path / "noten.db")
    assert not compare.books(theirs, other)
    with closing(sqlite3.connect(tmp_path / "noten.db")) as gradebook, gradebook:
        gradebook.execute(
            "UPDATE grade SET auto_score = 0.75 WHERE id = (SELECT max(id) FROM grade WHERE auto_score = 2.5)"
        )
        gradebook.execute("INSERT INTO comment (id) VALUES ('nobody')")
    found = compare.books(theirs, other)
    assert [(each.theirs, each.ours) for each in found] == [("2.5", "0.75"), ("0", "1")]


def test_the_large_comparison_explains_itself(capsys):
    """`ci/parity` with a name that it does not know says which it knows, and grades nothing."""
    assert command.main(["everything"]) == 2
    assert "wanted some of every, standard, example, missing" in capsys.readouterr().err
