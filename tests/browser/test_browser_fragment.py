"""One check as it stands in a notebook: in the colours of the real JupyterLab, light, dark and of high contrast."""

import sys
from pathlib import Path

import pytest

from referee.feedback.html import check_fragment
from referee.feedback.interface import EVERYTHING
from tests.browser import harness, reports

THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"
# of JupyterLab's own style only what a rendered output is under; the rest of it is no part of a theme
AROUND = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Notebook</title><style>{theme}</style>
<style>body {{ margin: 0; background: var(--jp-layout-color0); }}
.jp-RenderedHTMLCommon {{ color: var(--jp-content-font-color1); font-family: var(--jp-content-font-family);
  font-size: var(--jp-content-font-size1); line-height: var(--jp-content-line-height); overflow-wrap: break-word; }}
.jp-RenderedHTMLCommon :is(pre, code) {{ color: var(--jp-content-font-color1); font-family: var(--jp-code-font-family);
  background: var(--jp-layout-color0); white-space: pre-wrap; }}
.jp-RenderedHTMLCommon a {{ color: var(--jp-content-link-color); }}</style></head>
<body><main>
<h1 class="jp-RenderedHTMLCommon">Notebook</h1><div class="jp-RenderedHTMLCommon">{shown}</div></main></body></html>"""


@pytest.fixture
def in_jupyter(browser, tmp_path):
    """Opens a page that shows all checks of all reports, and all of each, in a theme."""

    def make(theme, **options):
        css = (THEMES / f"theme-{theme}-extension" / "index.css").read_text(encoding="utf-8")
        results = [each for report in reports.REPORTS.values() for each in report.notebooks[0].results]
        file = tmp_path / "page.html"
        shown = "".join(check_fragment(each, EVERYTHING) for each in results)
        file.write_text(AROUND.format(theme=css, shown=shown), encoding="utf-8")
        return harness.opened(browser, file, **options)

    return make


@pytest.mark.parametrize("theme", ["light", "dark", "dark-high-contrast"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_check_reads_well_in_jupyterlab(in_jupyter, theme, scheme):
    """Whatever the theme and the system's colours, it is accessible and fits a narrow window."""
    with in_jupyter(theme, width=harness.PHONE, scheme=scheme) as shown:
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        harness.require_untouched(shown, "Notebook")


def test_a_check_is_used_by_keyboard_in_jupyterlab(in_jupyter):
    """The Tab key reaches its folds and what scrolls, the focus is seen, and folds open by Enter and close by space."""
    with in_jupyter("light") as shown:
        harness.require_keyboard(shown)
        assert harness.require_details(shown)
