"""The rules of the house: which way imports run, where each dependency enters, how large things may be."""

from __future__ import annotations

import ast
import json
import re
import statistics
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src"
FRESH = SRC / "referee" / "fresh"  # the files of a new course: no modules of ours, but what `referee new` copies
FILES = sorted(path for path in (SRC / "referee").rglob("*.py") if not path.is_relative_to(FRESH))
OURS = [*FILES, *sorted((ROOT / "reference").rglob("*.py")), *sorted((ROOT / "graders").rglob("*.py"))]
OURS += [*sorted((ROOT / "ci").rglob("*.py")), *sorted((ROOT / "datasets").rglob("*.py"))]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

# From the top to the bottom: a module imports only what stands below it, or beside it in its own room.
LEVELS = [
    {"__main__"},
    {"cli"},
    {"workflow"},
    {"verify", "samples", "calibrate", "audit", "convert"},
    {"nbcourse"},
    {"release", "batch"},
    {"stability", "replay"},
    {"engine", "grading"},
    {"judging", "basis"},
    {"tasks"},
    {"__init__"},
    {"student"},
    {"collect", "classroom"},
    {"exports"},
    {"gradebook", "feedback", "execution", "checks", "doctor"},
    {"answers"},
    {"sandbox"},
    {"lock"},
    {"calibration"},
    {"course", "authoring", "imports", "outputs"},
    {"usage", "data", "disclosure", "rules"},
    {"sandbox.limits"},
    {"collect.interface", "collect.note"},
    {"events", "changes"},
    {"report"},
    {"pictures"},
    {"record"},
    {"errors", "lean"},
]
DOORS = {
    "nbgrader": {
        "release",
        "convert.configured",
        "gradebook",
        "audit.source",
        "audit.judging",
        "nbcourse.accepting",
        "nbcourse.config",
        "nbcourse.converter",
        "nbcourse.book",
        "nbcourse.switches",
        "nbcourse.running",
        "nbcourse.pages",
        "nbcourse.plain",
    },
    "papermill": {"execution"},
    "nbclient": {"execution"},
    "nbconvert": {"nbcourse.converter", "nbcourse.pages", "nbcourse.plain"},
    "pytest": {"checks.plugin"},
    "click": {
        "cli.group",
        "cli.audit",
        "cli.author",
        "cli.classes",
        "cli.convert",
        "cli.export",
        "cli.new",
        "cli.pages",
        "cli.report",
    },
    "rich": {"feedback.terminal", "feedback.progress"},
    "jinja2": {"feedback.html", "classroom.page"},
    "markupsafe": {
        "feedback.cells",
        "feedback.markup",
        "feedback.notebook",
        "feedback.drawing",
        "feedback.drawing.svg",
        "feedback.drawing.axes",
        "feedback.drawing.cells",
        "feedback.drawing.fields",
        "feedback.drawing.levels",
        "feedback.drawing.maps",
        "feedback.drawing.plots",
    },
    "mistune": {"feedback.markup"},
    "nh3": {"feedback.markup"},
    "pygments": {"feedback.markup"},
    "psutil": {"sandbox.watch", "sandbox.scratch", "batch.room", "doctor"},
    "jupyter_client": {"sandbox.provisioner"},
    "sqlalchemy": {"gradebook", "nbcourse.book"},
    "alembic": {"gradebook"},
    "playwright": set(),  # in tests and for pictures alone
    "tomli_w": set(),  # for msgspec.toml, which imports it by itself
    "dask": set(),
    "distributed": {"batch.cluster", "batch.hub"},
    "tensorflow": set(),
    "keras": set(),
    "torch": set(),
    "sklearn": set(),
    "libcst": {
        "verify.variants.making",
        "verify.variants.seeing",
        "verify.variants.layers",
        "verify.variants.steps",
        "verify.variants.values",
    },
}


def name_of(path: Path) -> str:
    """`answers.codec` for src/referee/answers/codec.py; a package's own file is named like the package."""
    parts = path.relative_to(SRC / "referee").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__") or "__init__"


RECORDS = {"report", "record", "pictures", "events", "changes", "collect.interface", "errors"}
MODULES = {name_of(path): path for path in FILES}


@cache  # parsed once: CPython 3.11 may say "AST constructor recursion depth mismatch" (gh-106905), the rarer the better
def imports(path: Path) -> frozenset[str]:
    """Every module that a file imports, inside functions too; imports for types alone do not run."""
    found: set[str] = set()
    for node in ast.walk(without_types_only(ast.parse(path.read_text(encoding="utf-8")))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if name.removeprefix("referee.") in MODULES}
            found |= modules or {node.module}
    return frozenset(found)


def without_types_only(tree: ast.Module) -> ast.Module:
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test))
    ]
    return tree


def inner_imports(name: str) -> set[str]:
    """The modules of ours that one of ours imports."""
    ours = {found for found in imports(MODULES[name]) if found.split(".")[0] == "referee"}
    return {found.removeprefix("referee").removeprefix(".") or "__init__" for found in ours}


def level(name: str) -> int:
    """The storey of a module: its own, else that of the room it is in."""
    own = next((number for number, names in enumerate(LEVELS) if name in names), None)
    return (
        own if own is not None else next(n for n, names in enumerate(LEVELS) if name.split(".", maxsplit=1)[0] in names)
    )


@pytest.mark.parametrize("name", sorted(MODULES))
def test_imports_run_downward(name):
    """A module imports only what stands below it, or its siblings in the same room."""
    room = name.split(".")[0]
    wrong = {
        other
        for other in inner_imports(name)
        if level(other) <= level(name) and other.split(".")[0] != room and other != name
    }
    assert not wrong, f"{name} imports upward or sideways: {sorted(wrong)}"


def test_no_circle_of_any_kind():
    """No chain of imports, lazy ones included, leads back to where it began."""
    open_ones = {name: inner_imports(name) - {name} for name in MODULES}
    while leaves := {name for name, needs in open_ones.items() if not needs & open_ones.keys()}:
        open_ones = {name: needs for name, needs in open_ones.items() if name not in leaves}
    assert not open_ones, f"a circle among {sorted(open_ones)}"


@pytest.mark.parametrize("dependency", sorted(DOORS))
def test_each_dependency_has_its_named_door(dependency):
    """A third-party package is imported only by the modules that are named for it."""
    users = {
        name for name, path in MODULES.items() if any(found.split(".")[0] == dependency for found in imports(path))
    }
    assert users <= DOORS[dependency], f"{dependency} is also imported by {sorted(users - DOORS[dependency])}"


def test_every_module_imports_alone():
    """Each module can be the first of ours that a program imports."""
    script = """
import os, sys
import distributed, IPython, jupyter_client, libcst, nbclient, nbformat, numpy, papermill, pytest  # once for all
import alembic.script, click, jinja2, mistune, nbconvert, nbgrader.apps, nh3, psutil, pygments, rich, sqlalchemy.orm
under_way = {}
def one_ended():
    pid, status = os.wait()
    name = under_way.pop(pid)
    if status:
        print(name)
for name in sys.argv[1:]:
    while len(under_way) >= (os.cpu_count() or 1):
        one_ended()
    if (pid := os.fork()) == 0:
        __import__(name)
        os._exit(0)
    under_way[pid] = name
while under_way:
    one_ended()
"""
    names = ["referee" if name == "__init__" else f"referee.{name}" for name in MODULES]
    done = subprocess.run([sys.executable, "-c", script, *names], capture_output=True, text=True, check=False)
    assert not done.stdout, f"does not import alone: {done.stdout.split()}\n{done.stderr[-2000:]}"
    assert done.returncode == 0, done.stderr


def test_what_runs_in_the_jail_imports_nothing_of_ours():
    """`inside.py` is executed as text where Referee is not installed."""
    assert not inner_imports("sandbox.inside")


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.split(".")[0] in ("gradebook", "feedback")))
def test_gradebook_and_feedback_know_only_reports(name):
    """Pages, lists and the gradebook are made from records alone."""
    room = name.split(".")[0]
    assert {other for other in inner_imports(name) if other.split(".")[0] != room} <= RECORDS


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.split(".")[0] == "classroom"))
def test_the_class_page_knows_only_reports_and_their_words(name):
    """The page about a class is made from records alone, in the words of feedback."""
    outside = {other for other in inner_imports(name) if other.split(".")[0] not in ("classroom", "feedback")}
    assert outside <= RECORDS


@pytest.mark.parametrize("name", sorted(name for name in MODULES if name.split(".")[0] == "exports"))
def test_exports_know_records_and_what_readers_may_see(name):
    """A format is made from records, through the same words and disclosure as the pages."""
    words = {"feedback.text", "feedback.interface", "collect.note"}
    assert {other for other in inner_imports(name) if other.split(".")[0] != "exports"} <= RECORDS | words


def test_a_students_session_stays_light():
    """What a student calls inside a notebook pulls in neither pytest nor papermill nor nbgrader nor a framework."""
    code = "import sys, json; from referee import exercise; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)))
    assert not loaded & {"pytest", "papermill", "nbgrader", "nbclient", "tensorflow", "torch", "keras", "sklearn"}
    assert "referee.lean" not in loaded  # what a session's own packages need of jsonschema is not ours to leave out


def test_no_command_builds_grammars():
    """A command imports nbformat without what jsonschema has of IRIs; whoever wants that can import it all the same."""
    code = """
import sys
from click.testing import CliRunner
from referee.cli import main
CliRunner().invoke(main, ["verify", "nothing"])
assert {"nbformat", "jsonschema", "referee.verify"} <= set(sys.modules)
print("rfc3987_syntax" in sys.modules, "lark" in sys.modules)
import rfc3987_syntax
print(rfc3987_syntax.is_valid_syntax("iri", "http://a.example/"))
"""
    said = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert said.split() == ["False", "False", "True"]


def test_files_are_short():
    """No file of ours has more than 500 lines."""
    lengths = {path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines()) for path in [*OURS, *TESTS]}
    assert not {str(path): lines for path, lines in lengths.items() if lines > 500}


def functions(path: Path) -> dict[str, int]:
    """The number of lines of each function's body, its docstring not counted."""
    lengths = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            lengths[f"{path.name}:{node.lineno}"] = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
    return lengths


def test_functions_are_short():
    """No function has more than 60 lines, and half of the engine's have at most 8."""
    lengths = {name: lines for path in OURS for name, lines in functions(path).items()}
    assert not {name: lines for name, lines in lengths.items() if lines > 60}
    assert statistics.median(lines for path in FILES for lines in functions(path).values()) <= 8


def test_exemptions_are_explained():
    """Each exemption from lint or types says why, on its line."""
    bare = re.compile(r"# noqa(?!: [A-Z0-9, ]+ (- |#))|# type: ignore(?!\[[\w, -]+\]\s+(#|-) ?\w)|# fmt: off(?! )")
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in OURS
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"# noqa|# type: ignore", line) and bare.search(line)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.name)
def test_every_test_opens_with_a_sentence(path):
    """Each test says in a docstring what it holds."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tests = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")]
    assert not [node.name for node in tests if not ast.get_docstring(node)]


def notebooks(folder: str) -> dict[str, Path]:
    return {str(path.relative_to(ROOT / folder).with_suffix("")): path for path in (ROOT / folder).glob("*/*.ipynb")}


def test_the_same_stem_everywhere():
    """Every solution has its exercise and its graders under the same name, and nothing is left over."""
    solutions = notebooks("solutions")
    assert solutions
    assert solutions.keys() == notebooks("exercises").keys()
    stems = {re.sub(r"_(keras|torch)$", "", name) for name in solutions} | set(solutions)
    for kind in ("public", "hidden"):
        graders = {
            str(path.relative_to(ROOT / "graders" / kind).with_suffix("")) for path in OURS if kind in path.parts
        }
        assert graders <= stems


@pytest.mark.parametrize("path", [*notebooks("solutions").values(), *notebooks("exercises").values()], ids=str)
def test_notebooks_hold_no_outputs(path):
    """Committed notebooks hold neither outputs nor execution counts."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert not [cell["id"] for cell in cells if cell.get("outputs") or cell.get("execution_count")]


def test_the_core_installs_without_frameworks():
    """What every student installs names no framework, no nbgrader and no Dask."""
    import tomllib  # noqa: PLC0415 - used here alone

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {re.split(r"[\[<>=!~; ]", entry)[0] for entry in project["dependencies"]}
    assert not names & {
        "tensorflow",
        "tensorflow-cpu",
        "keras",
        "torch",
        "nbgrader",
        "dask",
        "distributed",
        "scikit-learn",
    }
