"""No text of a student's comes to life in a page of ours, whatever it is and wherever it stands."""

import pytest
from playwright.sync_api import Error

from referee.feedback.html import check_fragment, page
from tests.browser import harness, hostile

LARGEST = 2_000_000  # bytes of a page


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page of this text, after weighing it."""

    def make(text, **options):
        file = tmp_path / "page.html"
        file.write_text(text, encoding="utf-8")
        assert file.stat().st_size < LARGEST
        return harness.opened(browser, file, **options)

    return make


def require_harmless(shown: harness.Opened, title: str) -> None:
    """Fail where anything came to life, or the page cannot be read at 360 px."""
    shown.page.keyboard.press("Tab")
    shown.page.wait_for_timeout(100)  # for what starts a little later
    harness.require_untouched(shown, title)
    harness.require_fitting(shown)
    harness.require_accessible(shown)


# the others act in a terminal, in a style sheet or in the order of letters, and not as HTML of their own
ALIVE = [
    "script",
    "script_of_another",
    "breakout",
    "image",
    "drawing",
    "opens",
    "style",
    "style_out",
    "covers",
    "refresh",
]
ALIVE += ["base", "form", "frame", "object"]


@pytest.mark.parametrize("name", ALIVE)
def test_the_attacks_are_attacks(show, name):
    """In a page that escapes nothing each of them leaves a mark: what the tests below look for can be found."""
    around = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Open</title><h1>Open</h1>'
    with show(f"{around}{hostile.TEXTS[name]}") as shown:
        shown.page.wait_for_timeout(100)
        with pytest.raises((AssertionError, Error)):
            harness.require_untouched(shown, "Open")


def test_no_text_of_a_report_comes_to_life(show):
    """A report that says an attack in each of its fields, its student's name included, has a page that is only read."""
    report = hostile.report()
    with show(page(report, report.notebooks[0], title="Feedback"), width=harness.PHONE) as shown:
        require_harmless(shown, "Feedback")
        assert not shown.page.locator("script, img, [style], [onfocus]").count()


def test_no_text_of_a_check_comes_to_life_in_a_notebook(show):
    """What `check(...)` shows of such checks is only read, too: it stands in the page of Jupyter."""
    checks = "".join(check_fragment(hostile.every(text)) for text in hostile.TEXTS.values())
    around = '<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook</title><body>'
    with show(f"{around}<main><h1>Notebook</h1>{checks}</main>", width=harness.PHONE) as shown:
        require_harmless(shown, "Notebook")
