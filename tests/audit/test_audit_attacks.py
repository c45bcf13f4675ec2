"""The attacks in real kernels: each test cell is attacked, what works is found, and nothing works on a check cell."""

import json
import re
from pathlib import Path

import nbgrader
import pytest
from click.testing import CliRunner

from referee.audit import auditing, saying, trying
from referee.audit.attacks import ATTACKS
from referee.audit.records import Audit, Audited
from referee.cli import main
from referee.nbcourse.config import open_course
from tests.audit import courses

EVERYWHERE = {"event", "ast_transformer", "input_transformer", "patched_shell", "silent_errors", "forged_result"}
EVERYWHERE |= {"skip_tag"}
FEW = {"event", "frames", "ast_transformer", "forged_result"}
MORE = {
    "double": {"notebook", "frames", "lying_object"},
    "root": {"notebook", "frames"},
    "table": {"notebook", "patched_helpers"},
    "words": {"notebook", "lying_object", "patched_helpers"},
    "steps": {"notebook", "frames", "lying_object"},
    "area": {"notebook", "frames", "lying_object", "patched_helpers"},
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
    assert "  referee convert ps1/kinds double root table words steps area" in lines
    assert "6 of 8 test cells cannot be held in the kernel." in lines
    assert "easy                                    1  passes without an answer" in text
    assert re.search(r"  notebook +1 of 1, read +autograde ", text)
    assert re.search(r"  forged_result +1 of 1 +anywhere +result 'full points', then error NameError", text)


def test_the_page_about_it_is_current(audit):
    """The table in docs/audit.md is what the audit of this course says now (`ci/audit` writes it)."""
    page = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
    assert "\n".join(saying.table(audit.cells)).rstrip("\n") in page


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """nbgrader's own example course, as `nbgrader quickstart` makes it."""
    root = tmp_path_factory.mktemp("quickstart") / "course"
    example = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide" / "source"
    for path in (example / "header.ipynb", *(example / "ps1").glob("*.*")):
        target = root / "source" / path.relative_to(example)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    config = "c = get_config()\nc.IncludeHeaderFooter.header = 'source/header.ipynb'\n"
    (root / "nbgrader_config.py").write_text(config)
    return root


def found_in(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[dict[str, set[str]], list[str]]:
    """The attacks that beat each cell of problem1, of a few that all beat it; and the cells that are out of reach."""
    few = [attack for attack in ATTACKS if attack.name in FEW]  # all of them run above
    monkeypatch.setattr(trying, "ATTACKS", few)
    done = CliRunner().invoke(main, ["audit", str(root), "--notebook", "problem1", "--json"])
    assert done.exit_code == 0, done.output
    assert "4 of 4: ps1/problem1" in done.stderr
    found = json.loads(done.stdout)
    assert found["kernels"] == 2 + len(FEW)
    beaten = {
        each["cell"]: {tried["attack"] for tried in each["tries"] if tried["outcome"] == "defeated"}
        for each in found["cells"]
    }
    return beaten, [each["cell"] for each in found["cells"] if each["state"] == "grader"]


def test_the_quickstart_course_and_a_converted_cell(quickstart, monkeypatch):
    """Every autograded cell of nbgrader's own example is beaten; one that `referee convert` has moved no longer is."""
    cells = ["correct_squares", "squares_invalid_input", "correct_sum_of_squares", "sum_of_squares_uses_squares"]
    assert found_in(quickstart, monkeypatch) == (dict.fromkeys(cells, FEW), [])
    moved = ["correct_squares", "squares_invalid_input"]
    done = CliRunner().invoke(main, ["convert", "ps1/problem1", *moved, "--course", str(quickstart)])
    assert done.exit_code == 0, done.output
    assert found_in(quickstart, monkeypatch) == ({cell: set() if cell in moved else FEW for cell in cells}, moved)
