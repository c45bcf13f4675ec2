"""The notebook as it ran, on its page: nothing that a kernel put out comes to life, and the page stays small."""

import pytest

from referee.feedback import notebook
from referee.feedback.html import page
from tests.browser import harness, hostile, reports

LARGEST = 2_000_000  # bytes of a page
TITLE = "Feedback on convolution/feature_map"


@pytest.fixture
def show(browser, tmp_path):
    """Opens the page of a failing report with this notebook, after weighing it."""

    def make(executed, **options):
        report, file = reports.REPORTS["failing"], tmp_path / "page.html"
        ran = notebook.part(hostile.plain_json(executed))
        file.write_text(page(report, report.notebooks[0], ran=ran), encoding="utf-8")
        assert file.stat().st_size < LARGEST
        return harness.opened(browser, file, **options)

    return make


def require_harmless(shown: harness.Opened) -> None:
    """Fail where anything came to life, or the page does not fit its window."""
    shown.page.keyboard.press("Tab")
    shown.page.wait_for_timeout(100)  # for what starts a little later
    harness.require_untouched(shown, TITLE)
    harness.require_fitting(shown)


@pytest.mark.parametrize("name", hostile.CELLS)
def test_nothing_of_a_notebook_comes_to_life(show, name):
    """Whatever its cells, their outputs, names and kinds are, the page is only read."""
    with show(hostile.notebook(hostile.CELLS[name]), width=harness.PHONE) as shown:
        require_harmless(shown)
        harness.require_accessible(shown)


@pytest.mark.parametrize("name", hostile.HEAVY)
def test_a_heavy_notebook_has_a_light_page(show, name):
    """A notebook that is large in one way has a page of less than 2 MB, which a phone shows."""
    with show(hostile.HEAVY[name](), width=harness.PHONE) as shown:
        require_harmless(shown)
