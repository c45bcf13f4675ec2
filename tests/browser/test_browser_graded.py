"""Hostile notebooks, really graded by the command: the page of each is only read."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.browser import harness, hostile
from tests.conftest import CONFIG, HIDDEN, PUBLIC, TOML, MiniCourse, mini_cells, nbgrader_cell

CALL = "from referee.cli import main; main()"
SHOW = (
    "import json\nfrom IPython.display import publish_display_data as show\nfor each in json.loads({}):\n    show(each)"
)
BUNDLES = [
    data for name, data in hostile.DATA.items() if name not in ("kinds", "no_text", "png_no_text", "html_halves")
]
RAISES = f"    raise ValueError({hostile.TEXTS['terminal'] + hostile.BREAKOUT!r} * 20)"
RETURNS = f"    return {{{hostile.BREAKOUT!r}: [{hostile.TEXTS['image']!r}] * 50}}"
# by the name of their folder: a cell of their own, and the body of `double` where it is not the right one
STUDENTS = {
    "נועה לוי־כהן": (SHOW.format(repr(json.dumps(BUNDLES))), ""),
    "<img src=x onerror=window.pwned=1>": ("raise SystemError('\\x1b[31m<script>window.pwned=1</script>')", RAISES),
    "محمد \u202eالأمين": (f"print({hostile.BREAKOUT!r} * 100_000)", ""),
    "'\"&lt;b&gt;": (
        "class Odd:\n    def _repr_html_(self):\n        return '<script>window.pwned=1</script>'\nOdd()",
        RETURNS,
    ),
}


def referee(*args: object) -> None:
    """Run the command in a process of its own: this one has a browser's loop running."""
    done = subprocess.run([sys.executable, "-c", CALL, *map(str, args)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a course whose hostile class was graded."""
    mini = MiniCourse(tmp_path_factory.mktemp("hostile") / "course")
    mini.write("course.toml", TOML)
    mini.write("nbgrader_config.py", CONFIG)
    mini.write("graders/public/week/mini.py", PUBLIC)
    mini.write("graders/hidden/week/mini.py", HIDDEN)
    own = nbgrader_cell("# OWN", "own", "solution")
    mini.notebook([*mini_cells(), own])
    referee("release", "--course", mini.root)
    for student, (cell, answer) in STUDENTS.items():
        file = mini.hand_in(student)
        book = json.loads(file.read_text(encoding="utf-8"))
        book["cells"][-1]["source"] = cell
        if answer:
            book["cells"][2]["source"] = f"def double(x):\n{answer}"
        file.write_text(json.dumps(book), encoding="utf-8")
    referee("grade", "week", "--course", mini.root, "--workers", "2")
    return mini.root


@pytest.mark.parametrize("student", STUDENTS)
def test_the_page_of_a_hostile_student_is_only_read(browser, graded, student):
    """Whatever a student's name, outputs, exceptions and answers are, the page that grading wrote stays harmless."""
    file = graded / "feedback" / student / "week" / "mini.html"
    assert file.stat().st_size < 2_000_000
    with harness.opened(browser, file, width=harness.PHONE) as shown:
        assert shown.page.locator("#notebook .cell").count() == 5  # as it ran: it is on the page, too
        harness.require_untouched(shown, "Feedback on week/mini")
        harness.require_fitting(shown)
        harness.require_accessible(shown)


def test_the_page_of_a_hostile_class_leads_to_each_of_them(browser, graded):
    """The class page that the command makes of it is only read, and each link to a student's page opens that page."""
    referee("report", "week", "--course", graded)
    with harness.opened(browser, graded / "reports" / "week.html", width=harness.PHONE) as shown:
        harness.require_untouched(shown, "Class page: week")
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        links = shown.page.locator("#rows a").evaluate_all("(all) => all.map((each) => each.href)")
    wanted = {(graded / "feedback" / student / "week" / "mini.html").as_uri() for student in STUDENTS}
    assert {unquote(link) for link in links} == {unquote(link) for link in wanted}
    for link in links:
        assert Path(unquote(urlsplit(link).path)).is_file()
