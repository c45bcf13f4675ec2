"""The page about a class, opened from its file: read, filtered and sorted by keyboard, and printed."""

import json
import subprocess
import sys

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from ci.benchmarks import synthetic_class
from referee.classroom import page
from referee.classroom.interface import LikeGroup, Likeness, Overview, named
from referee.classroom.overview import overview
from tests.browser import harness, hostile, installed, reports

LARGEST = 2_000_000  # bytes of a page
MANY = 1_000
SHEET = 718  # of A4 between a browser's margins
SIZES = [(harness.PHONE, "light"), (harness.DESK, "dark")]


def small_class() -> Overview:
    """Each of the hand-made reports three times, with what else the page can say."""
    students = [
        replace(report, student=f"{name} {number}")
        for name, report in reports.REPORTS.items()
        for number in range(1, 4)
    ]
    group = LikeGroup(
        students=tuple(map(named, ("failing 1", "failing 2", "perfect 1"))), low=0.81, high=0.97, pairs=("a, b",)
    )
    alike = Likeness(notebook="feature_map", compared=21, little=3, unread=1, groups=(group,))
    return overview(
        students, "convolution", course="CNNs", likeness=(alike,), unreadable=("zoe.json",), waiting=("yves", "xenia")
    )


@pytest.fixture
def show(browser, tmp_path):
    """Opens a class page of this content, after weighing it."""

    def make(content, **options):
        file = tmp_path / "class.html"
        file.write_text(page.render(content), encoding="utf-8")
        assert file.stat().st_size < LARGEST
        return harness.opened(browser, file, **options)

    return make


@pytest.fixture(scope="module")
def many():
    """The content of the page about 1,000 students."""
    found = list(synthetic_class.reports(MANY, ["notebook1", "notebook2"], 12))
    return overview([report.without_answers() for report in found], synthetic_class.ASSIGNMENT)


def rows(shown: harness.Opened) -> list[str]:
    """The names in the rows that are to be seen, in their order."""
    return shown.page.locator("#rows tr:not([hidden]) th").all_inner_texts()


def choose(shown: harness.Opened, field: str, place: int) -> None:
    """Choose what stands at this place of a list, by keyboard."""
    shown.page.locator(field).focus()
    for key in ("Home", *["ArrowDown"] * place):
        shown.page.keyboard.press(key)
    shown.page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_a_class_page_reads_well_everywhere(show):
    """It is accessible and fits light at 360 and dark at 1400 px, and asks for nothing."""
    with show(small_class()) as shown:
        for width, scheme in SIZES:
            shown.page.set_viewport_size({"width": width, "height": 800})
            shown.page.emulate_media(color_scheme=scheme)
            harness.require_fitting(shown)
            harness.require_tidy(shown)
            harness.require_accessible(shown)
        harness.require_untouched(shown, "Class page: convolution")


def test_a_class_page_opened_whole_reads_well(show):
    """With each of its folds open it is accessible and fits a phone, too."""
    with show(small_class(), width=harness.PHONE) as shown:
        shown.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        harness.require_fitting(shown)
        harness.require_accessible(shown)


def test_a_class_page_is_used_by_keyboard(show):
    """The Tab key reaches everything, the focus is seen, folds open by Enter, links lead to what they name."""
    with show(small_class(), width=harness.PHONE) as shown:
        harness.require_keyboard(shown)
        assert harness.require_details(shown)
        assert harness.require_links(shown)
        harness.require_quiet(shown)


def test_a_thousand_students_are_searched_by_keyboard(show, many):
    """What one types leaves those who fit, says how many, and Show all brings everybody back."""
    with show(many) as shown:
        assert len(rows(shown)) == MANY
        shown.page.locator("#find").focus()
        shown.page.keyboard.type("student012")
        expect(shown.page.locator("#count")).to_have_text(f"10 of {MANY} students")
        assert rows(shown) == [f"student012{digit}" for digit in range(10)]
        assert shown.page.locator("#count").get_attribute("role") == "status"
        shown.page.get_by_role("button", name="Show all").focus()
        shown.page.keyboard.press("Enter")
        expect(shown.page.locator("#count")).to_have_text(f"{MANY} students")
        assert len(rows(shown)) == MANY
        harness.require_quiet(shown)


def test_a_thousand_students_are_filtered_by_keyboard(show, many):
    """Each list leaves exactly those of whom the content says so, and two of them together those of both."""
    limited = [row.shown for row in many.rows if row.limit]
    waiting = [row.shown for row in many.rows if row.person]
    failed = [place for place, check in enumerate(many.checks) if check.failed][1]
    assert 0 < len(limited) < MANY
    with show(many) as shown:
        choose(shown, "#state", 2)
        assert rows(shown) == limited
        choose(shown, "#state", 1)
        assert rows(shown) == waiting
        choose(shown, "#check", 2)
        assert rows(shown) == [row.shown for row in many.rows if row.person and failed in row.checks]
        harness.require_quiet(shown)


def test_a_thousand_students_are_sorted_by_keyboard(show, many):
    """The button of a heading sorts by it, rising and then falling, and says so to a screen reader."""
    with show(many) as shown:
        heading = shown.page.locator("#student-table th").nth(1)
        heading.locator("button").focus()
        for key, order in (("Enter", "ascending"), ("Space", "descending")):
            shown.page.keyboard.press(key)
            assert heading.get_attribute("aria-sort") == order
            scores = [float(text.split()[0]) for text in shown.page.locator("#rows td:nth-child(2)").all_inner_texts()]
            assert scores == sorted(scores, reverse=order == "descending")
        assert sorted(rows(shown)) == [f"student{number:04}" for number in range(MANY)]


def test_the_benchmark_measures_a_real_browser(tmp_path, many):
    """What `ci/bench class_page` says of Chromium was measured: each of its three times is more than nothing."""
    if not installed.chromium():
        pytest.skip(installed.missing())
    file = tmp_path / "class.html"
    file.write_text(page.render(many), encoding="utf-8")
    program = "import sys, json, pathlib; from ci.benchmarks import chromium\n"
    program += "print(json.dumps(chromium.class_page(pathlib.Path(sys.argv[1]))))"
    found = json.loads(
        subprocess.check_output([sys.executable, "-c", program, str(file)], cwd=installed.ROOT, text=True)
    )
    assert len(found) == 3
    assert all(seconds > 0 for seconds in found.values())


def test_a_cause_leads_to_its_students(show):
    """The button of a cause leaves its students in the table; a link to somebody hidden brings the row back."""
    content = small_class()
    with show(content) as shown:
        shown.page.locator("[data-show=cluster]").first.focus()
        shown.page.keyboard.press("Enter")
        assert rows(shown) == [row.shown for row in content.rows if 0 in row.clusters]
        hidden = next(row for row in content.rows if 0 not in row.clusters and row.person)
        shown.page.locator(f"a[href='#{hidden.key}']").first.focus()
        shown.page.keyboard.press("Enter")
        assert hidden.shown in rows(shown)


def test_a_class_page_can_be_printed(show):
    """On paper it fits the width of a sheet, light even for a reader of dark pages, and its folds are open."""
    with show(small_class(), width=SHEET) as shown:
        shown.page.emulate_media(media="print", color_scheme="dark")
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        assert harness.lightness(shown) > 0.9
        shown.page.evaluate("dispatchEvent(new Event('beforeprint'))")
        assert not shown.page.locator("details:not([open])").count()
        shown.page.evaluate("dispatchEvent(new Event('afterprint'))")
        assert shown.page.locator("details:not([open])").count()


def test_a_class_page_is_whole_without_its_script(browser, tmp_path):
    """Where scripts are forbidden every student is there, and no control is shown that would do nothing."""
    file = tmp_path / "class.html"
    file.write_text(page.render(small_class()), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False, offline=True)
    opened = context.new_page()
    opened.goto(file.as_uri())
    assert opened.locator("#rows tr:visible").count() == len(small_class().rows)
    assert not opened.locator("#filter:visible, .act:visible").count()
    context.close()


def test_a_class_page_keeps_still(show):
    """For a reader who wants no motion nothing moves."""
    with show(small_class(), still=True) as shown:
        assert not shown.look("moving")


def test_no_text_of_a_hostile_class_comes_to_life(show):
    """A class of which each student attacks with name, words, errors and code has a page that is only read."""
    texts = list(hostile.TEXTS.values())
    likes = LikeGroup(students=tuple(map(named, texts)), low=0.9, high=1.0, pairs=tuple(map(repr, texts)))
    content = overview(
        [hostile.report([text], student=text) for text in texts],
        hostile.BREAKOUT,
        course=hostile.BREAKOUT,
        likeness=(Likeness(notebook="n", compared=len(texts), little=0, unread=0, groups=(likes,)),),
        unreadable=texts,
        waiting=texts,
    )
    with show(content, width=harness.PHONE) as shown:
        shown.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        shown.page.keyboard.press("Tab")
        shown.page.wait_for_timeout(100)
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        harness.require_untouched(shown, shown.page.locator("h1").inner_text())
