"""The harness itself: it sees what a bad page does, and says nothing of a good one."""

import pytest

from tests.browser import harness

GOOD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Good</title>
<meta name="viewport" content="width=device-width"></head><body><main><h1>Good</h1>
<details><summary>More</summary><p>text</p></details><p><a href="#end">end</a></p><p id="end">.</p>
</main></body></html>"""


@pytest.fixture
def show(browser, tmp_path):
    """Opens a page of this text."""

    def make(body: str, **options):
        file = tmp_path / "page.html"
        file.write_text(body, encoding="utf-8")
        return harness.opened(browser, file, **options)

    return make


def test_a_good_page_passes(show):
    """A small page without a fault passes everything that is required of a page."""
    with show(GOOD, width=harness.PHONE) as shown:
        harness.require_accessible(shown)
        harness.require_fitting(shown)
        harness.require_tidy(shown)
        assert len(harness.require_keyboard(shown)) == 2
        assert harness.require_details(shown) == 1
        harness.require_untouched(shown, "Good")


@pytest.mark.parametrize(
    "added",
    [
        "<script>console.log('x')</script>",
        "<script>throw new Error('x')</script>",
        "<script>alert(1)</script>",
        "<script>window.open('https://example.invalid/')</script>",
        "<script>fetch('https://example.invalid/').catch(() => 0)</script>",
        "<a href='data:,x' download id=d>x</a><script>document.getElementById('d').click()</script>",
        "<img alt='' src='https://example.invalid/x.png'>",
        "<img alt='' src='file:///etc/hostname'>",
        "<link rel=stylesheet href='http://example.invalid/x.css'>",
        "<style>@import 'https://example.invalid/x.css';</style>",
        "<iframe title=x src='file:///etc/hostname'></iframe>",
        "<meta http-equiv=refresh content='0;url=https://example.invalid/'>",
        "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\"><script>1</script>",
    ],
)
def test_a_loud_page_is_heard(show, added):
    """Whatever a page prints, raises, asks for, opens or has refused is seen."""
    with show(GOOD.replace("<main>", f"{added}<main>")) as shown:
        shown.page.wait_for_timeout(50)
        with pytest.raises(AssertionError, match="not quiet"):
            harness.require_quiet(shown)


@pytest.mark.parametrize(
    "added",
    [
        "<script>window.pwned = 1</script>",
        "<script>document.title = 'pwned'</script>",
        "<form action='/x'></form>",
        "<base href='/'>",
        "<p onclick='1'>x</p>",
        "<a href=' JavaScript:1'>x</a>",
        "<div style='position:fixed;inset:0;background:#fff'>x</div>",
        "<style>h1 { display: none }</style>",
    ],
)
def test_a_page_that_was_touched_is_seen(show, added):
    """Whatever of a student's text came to life in a page is seen."""
    with show(GOOD.replace("</main>", f"{added}</main>")) as shown, pytest.raises(AssertionError):
        harness.require_untouched(shown, "Good")


@pytest.mark.parametrize("added", ["<p style='color:#bbb'>pale</p>", "<img src='data:,'>", "<input>"])
def test_a_page_that_cannot_be_read_is_seen(show, added):
    """What axe-core calls serious or critical fails, with the element."""
    with show(GOOD.replace("</main>", f"{added}</main>")) as shown, pytest.raises(AssertionError, match="axe-core"):
        harness.require_accessible(shown)


@pytest.mark.parametrize(
    "added",
    [f"<p>{'x' * 300}</p>", "<div style='width:500px'>x</div>", f"<p style='overflow:hidden'>{'x' * 300}</p>"],
)
def test_a_page_that_does_not_fit_is_seen(show, added):
    """A text that is wider than a phone, or cut off there, fails; in a region that scrolls it passes."""
    with show(GOOD.replace("</main>", f"{added}</main>"), width=harness.PHONE) as shown:
        with pytest.raises(AssertionError, match="at "):
            harness.require_fitting(shown)
        shown.page.evaluate("document.querySelector('main').style.overflowX = 'auto'")
        harness.require_fitting(shown)


@pytest.mark.parametrize(
    "added",
    [
        "<h2 style='width:3em;overflow-wrap:anywhere'>Discrimination</h2>",
        "<svg viewBox='0 0 99 99'><text x='9' y='50'>ninety</text><text x='20' y='50'>100 %</text></svg>",
    ],
)
def test_a_page_that_is_not_tidy_is_seen(show, added):
    """A heading that is broken within a word, and labels that lie over each other, fail."""
    with show(GOOD.replace("</main>", f"{added}</main>")) as shown, pytest.raises(AssertionError, match=r"broken|over"):
        harness.require_tidy(shown)


@pytest.mark.parametrize(
    "added", ["<style>:focus { outline: none !important }</style>", "<button onfocus='this.blur()'>x</button>"]
)
def test_a_page_without_a_keyboard_is_seen(show, added):
    """A focus that cannot be seen, and a button that the Tab key does not hold, fail."""
    with (
        show(GOOD.replace("</main>", f"{added}</main>")) as shown,
        pytest.raises(AssertionError, match=r"focus|Tab key"),
    ):
        harness.require_keyboard(shown)


def test_a_details_that_does_not_open_is_seen(show):
    """A <details> that Enter does not open fails."""
    script = "<script>document.querySelector('summary').onclick = (e) => e.preventDefault()</script>"
    with show(GOOD.replace("</main>", f"</main>{script}")) as shown, pytest.raises(AssertionError, match="Enter"):
        harness.require_details(shown)
