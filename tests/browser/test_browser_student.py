"""The page of one notebook, as a student opens it: in light and dark, on a phone and a desk, by keyboard, on paper."""

import pytest

from referee.feedback import notebook
from referee.feedback.html import page
from referee.feedback.interface import EVERYTHING
from referee.report import CellUse
from tests.browser import harness, ran, reports

SHEET = 718  # of A4 between a browser's margins
SIZES = [(harness.PHONE, "light"), (harness.DESK, "dark")]

USE = {"1": CellUse(seconds=0.4, memory_mb=120), "5": CellUse(seconds=2.5, memory_mb=300)}


@pytest.fixture
def student_page(browser, tmp_path):
    """Opens the page of a report's notebook, with the notebook as it ran, for a student or for the instructor."""

    def make(report, *, whole=True, everything=False, **options):
        file = tmp_path / "page.html"
        part, banner = (notebook.part(ran.NOTEBOOK), "A preview.") if whole else (None, "")
        policy = EVERYTHING if everything else None
        made = page(report, report.notebooks[0], policy, ran=part, reference=USE if whole else None, banner=banner)
        file.write_text(made, encoding="utf-8")
        return harness.opened(browser, file, **options)

    return make


@pytest.mark.parametrize("name", reports.REPORTS)
def test_a_students_page_reads_well_everywhere(student_page, name):
    """It is accessible and fits light at 360 and dark at 1400 px, says its title, and asks for nothing."""
    whole = name in ("failing", "perfect")  # on one page and on another the notebook, which is the same on each
    with student_page(reports.REPORTS[name], whole=whole, everything=name == "failing") as shown:
        for width, scheme in SIZES:
            shown.page.set_viewport_size({"width": width, "height": 800})
            shown.page.emulate_media(color_scheme=scheme)
            harness.require_fitting(shown)
            harness.require_tidy(shown)
            harness.require_accessible(shown)
        harness.require_untouched(shown, "Feedback on convolution/feature_map")


@pytest.mark.parametrize("name", ["failing", "pictures"])
def test_a_students_page_is_used_by_keyboard(student_page, name):
    """The Tab key reaches everything, the focus is seen, and each <details> opens by Enter and closes by space."""
    with student_page(reports.REPORTS[name], everything=True, width=harness.PHONE) as shown:
        harness.require_keyboard(shown)
        assert harness.require_details(shown)
        assert harness.require_links(shown)
        harness.require_quiet(shown)


def test_a_students_page_follows_the_readers_theme(student_page):
    """Its background is light for a reader of light pages, and dark for one of dark ones."""
    with student_page(reports.REPORTS["failing"]) as shown:
        light = harness.lightness(shown)
        shown.page.emulate_media(color_scheme="dark")
        assert light > 0.9
        assert harness.lightness(shown) < 0.2


def test_a_students_page_can_be_printed(student_page):
    """On paper it fits the width of a sheet, and is dark on light even for a reader of dark pages."""
    with student_page(reports.REPORTS["failing"], width=SHEET) as shown:
        shown.page.emulate_media(media="print")
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        shown.page.emulate_media(media="print", color_scheme="dark")
        harness.require_accessible(shown)
        assert harness.lightness(shown) > 0.9
        assert shown.page.get_by_text("the kernel was flipped", exact=True).is_visible()
        assert len(shown.page.pdf(format="A4")) > 5_000


def test_a_students_page_keeps_still(student_page):
    """For a reader who wants no motion nothing moves."""
    with student_page(reports.REPORTS["failing"], still=True) as shown:
        assert not shown.look("moving")
