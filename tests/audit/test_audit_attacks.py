"""The attacks in real kernels: each test cell is attacked, what works is found, and nothing works on a check cell."""

import json
import re
from pathlib import Path

import nbgrader
import pytest
from click.testing import CliRunner

from referee.audit import auditing, saying
from referee.audit.attacks import ATTACKS
from referee.audit.records import Audit, Audited
from referee.cli import main
from referee.nbcourse.config import open_course
from tests.audit import courses

EVERYWHERE = {"event", "ast_transformer", "input_transformer", "patched_shell", "silent_errors", "forged_result"}
MORE = {
    "double": {"notebook", "frames", "lying_object"},
    "root": {"notebook", "frames"},
    "table": {"notebook", "patched_helpers"},
    "words": {"notebook", "lying_object", "patched_helpers"},
    "steps": {"notebook", "frames", "lying_object"},
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """A course with tests of every kind and one check cell, audited."""
    root = courses.mixed(tmp_path_factory.mktemp("audit") / "course", courses.KINDS)
    return auditing.attack(open_course(root), None, None, None, lambda _words: None)


def cell(audit: Audit, name: str) -> Audited:
    return next(each for each in audit.cells if each.cell == name)


def beating(found: Audited) -> set[str]:
    return {each.attack for each in found.tries if each.outcome == "defeated"}


@pytest.mark.parametrize("name", MORE)
def test_what_works_inside_the_kernel_is_found(audit, name):
    """For tests of each kind, the attacks that give their points without an answer are found by trying."""
    found = cell(audit, name)
    assert (found.state, found.beaten) == ("kernel", True)
    assert beating(found) == EVERYWHERE | MORE[name]
    assert {each.earned for each in found.tries} == {0.0, found.points}


def test_a_dead_kernel_earns_nothing(audit):
    """To end the kernel, or the cell, gives no point anywhere."""
    ended = [each for found in audit.cells for each in found.tries if each.attack.startswith("exit_")]
    assert ended
    assert {(each.outcome, each.earned) for each in ended} == {("held", 0.0)}


def test_a_check_cell_is_out_of_reach(audit):
    """Every attack is tried against a cell that asks a grader outside the kernel, and none gives a point or a text."""
    found = cell(audit, "triple")
    assert (found.state, found.beaten, found.seen) == ("grader", False, False)
    assert [each.attack for each in found.tries] == [attack.name for attack in ATTACKS]
    assert {each.outcome for each in found.tries} == {"held"}
    assert all("outside the kernel" in each.evidence for each in found.tries)


def test_only_hidden_text_is_read(audit):
    """Text that students do not see is read, as a digest proves; a test that they see anyway has nothing to read."""
    seen = {found.cell: {each.attack for each in found.tries if each.read} for found in audit.cells}
    assert seen.pop("double") == {"notebook", "event", "frames"}
    assert not any(seen.values())
    assert [found.cell for found in audit.cells if found.hidden] == ["double"]


def test_the_notebook_is_read_only_where_it_lies_beside_the_kernel(audit):
    """What needs the notebook in the kernel's folder works under nbgrader's own autograde alone."""
    where = {(each.attack, each.where) for found in audit.cells for each in found.tries if each.outcome == "defeated"}
    assert {attack for attack, place in where if place == "autograde"} == {"notebook"}
    assert not [attack for attack, place in where if place == "anywhere" and attack == "notebook"]


def test_what_cannot_be_judged_is_said(audit):
    """A test that the solution fails, and one that passes without an answer, are findings of their own."""
    broken, easy = cell(audit, "broken"), cell(audit, "easy")
    assert (broken.state, broken.tries) == ("failed", ())
    assert "AssertionError" in broken.why
    assert (easy.state, easy.tries, easy.beaten) == ("free", (), True)


def test_an_audit_in_words(audit):
    """The table shows each cell once, each finding has its evidence, and the last lines say how to move the cells."""
    lines = list(saying.lines(audit))
    text = "\n".join(lines)
    rows = [line for line in lines if re.search(r" [!n·r](  [!n·r]){11}", line)]
    assert [line.split()[0] for line in rows] == [*MORE, "triple"]
    assert rows[-1].endswith("out of reach")
    assert "  referee convert ps1/kinds double root table words steps" in lines
    assert "5 of 7 test cells cannot be held in the kernel." in lines
    assert "easy                                    1  passes without an answer" in text
    assert re.search(r"  notebook +1 of 1, read +autograde ", text)
    assert re.search(r"  forged_result +1 of 1 +anywhere +result 'full points', then error NameError", text)


def test_the_quickstart_course(tmp_path):
    """Of nbgrader's own example every autograded cell is audited, header and all, and none can be held in the kernel."""
    example = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
    for path in (example / "header.ipynb", *(example / "ps1").glob("*.*")):
        target = tmp_path / "source" / path.relative_to(example)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    config = "c = get_config()\nc.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    done = CliRunner().invoke(main, ["audit", str(tmp_path), "--notebook", "problem1", "--json"])
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert [each["cell"] for each in found["cells"]] == [
        "correct_squares",
        "squares_invalid_input",
        "correct_sum_of_squares",
        "sum_of_squares_uses_squares",
    ]
    assert found["kernels"] == 3 + len(ATTACKS)
    for each in found["cells"]:
        assert {tried["attack"] for tried in each["tries"] if tried["outcome"] == "defeated"} >= EVERYWHERE
    assert "13 of 13: ps1/problem1" in done.stderr
