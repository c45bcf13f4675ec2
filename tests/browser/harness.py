"""A page of ours in a real browser that reaches nothing: opened from its file, watched, and asked how it is.

opened       a page, and everything that it did which a page may want to hide
require_*    what every page must hold; each fails with the names of the elements that do not
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Error, Frame, Page, Route

from tests.browser import installed

PHONE, DESK = 360, 1400
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
_VIOLATIONS = """
window.__violations = [];
document.addEventListener("securitypolicyviolation", (e) => window.__violations.push(
  `${e.violatedDirective}: ${e.blockedURI} ${e.sample}`));
"""
_SEVERE = {"serious", "critical"}


def require_installed(*, ci: bool) -> None:
    """Skip where there is no browser or no axe-core; in CI, where somebody relies on these tests, fail."""
    if missing := installed.missing():
        if ci:
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)


@dataclass
class Seen:
    """What a page did beside being shown; every list of a good page is empty.

    console : what it printed.   errors : what it raised.   requests : whatever it asked for but its own file.
    dialogs : alerts and their like.   pages : windows it opened, and places it went to.   downloads : files it gave.
    violations : what its own security policy refused.
    """

    console: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    downloads: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


@dataclass
class Opened:
    """A page that is open."""

    page: Page
    seen: Seen

    def look(self, question: str) -> Any:
        """The answer of a function of look.js."""
        return self.page.evaluate(f"{LOOK}.{question}()")


@contextmanager
def opened(
    browser: Browser,
    where: Path | str,
    *,
    width: int = DESK,
    scheme: Literal["light", "dark"] = "light",
    still: bool = False,
) -> Iterator[Opened]:
    """A page in a window of its own, from its file, with no network; `still` asks for reduced motion.

    where : the file; or the address of a server of ours, and then that server is all that is reached.
    """
    url = where if isinstance(where, str) else where.as_uri()
    context = _context(browser, offline=isinstance(where, Path))
    seen, page = Seen(), context.new_page()
    try:
        page.set_default_timeout(30_000)
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce" if still else "no-preference")
        page.add_init_script(_VIOLATIONS)
        _watch(context, page, url, seen)
        page.goto(url, wait_until="load")
        yield Opened(page, seen)
    finally:
        context.unroute_all(behavior="ignoreErrors")
        for each in context.pages:  # whatever it opened, too
            each.close()


@cache
def _context(browser: Browser, *, offline: bool) -> BrowserContext:
    """A session of the browser: one for all files, for pages of ours keep nothing in it, and each takes its time."""
    return browser.new_context(offline=offline, locale="en-GB", timezone_id="UTC")


def _watch(context: BrowserContext, page: Page, url: str, seen: Seen) -> None:
    def only_itself(route: Route) -> None:
        asked = route.request
        whole = asked.url.split("#")[0] == url and asked.is_navigation_request() and asked.frame == page.main_frame
        if whole or (url.startswith("http") and asked.url.startswith(url)):
            route.continue_()
        else:
            seen.requests.append(f"{asked.method} {asked.url[:200]}")
            route.abort()

    def dismissed(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    def moved(frame: Frame) -> None:
        if frame.url.split("#")[0] != url:
            seen.pages.append(frame.url[:200])

    context.route("**/*", only_itself)
    page.on("popup", lambda other: seen.pages.append(other.url))
    page.on("console", lambda message: seen.console.append(f"{message.type}: {message.text}"[:500]))
    page.on("pageerror", lambda error: seen.errors.append(str(error)[:500]))
    page.on("dialog", dismissed)
    page.on("download", lambda download: seen.downloads.append(download.url[:200]))
    page.on("framenavigated", moved)


def require_quiet(shown: Opened) -> None:
    """Fail where the page printed, raised, asked for, opened or tried anything."""
    try:
        shown.seen.violations = shown.page.evaluate("window.__violations")
    except Error as error:  # it is about to go elsewhere
        shown.seen.errors.append(str(error)[:500])
    loud = {name: found for name, found in dataclasses.asdict(shown.seen).items() if found}
    assert not loud, f"the page is not quiet: {loud}"


def require_accessible(shown: Opened) -> None:
    """Fail where axe-core finds a serious or critical fault; its moderate ones are in the message."""
    faults = axe(shown.page)
    assert not [each for each in faults if each.split(":")[0] in _SEVERE], "\n".join(["axe-core:", *faults])


def axe(page: Page) -> list[str]:
    """What axe-core finds in a page: impact, rule, and the first elements, the worst first."""
    file = installed.axe()
    assert file is not None
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(f"{file.read_text(encoding='utf-8')};0")
    found = page.evaluate("axe.run(document, {resultTypes: ['violations'], elementRef: false})")["violations"]
    order = ["critical", "serious", "moderate", "minor", None]
    return [
        f"{each['impact']}: {each['id']}, {each['help']} ({len(each['nodes'])} times)\n"
        + "\n".join(f"    {node['html'][:160]}\n      {node['failureSummary'][:400]}" for node in each["nodes"][:3])
        for each in sorted(found, key=lambda each: order.index(each["impact"]))
    ]


def require_fitting(shown: Opened) -> None:
    """Fail where the page is wider than its window, or a text sticks out of its box or is cut off."""
    found = shown.look("overflow")
    assert not found, "\n".join([f"at {shown.page.viewport_size}:", *found[:20]])


def require_tidy(shown: Opened) -> None:
    """Fail where a word of a heading or a control is broken within, or texts of a drawing lie over each other."""
    found = shown.look("broken")
    assert not found, "\n".join([f"at {shown.page.viewport_size}:", *found[:20]])


def require_keyboard(shown: Opened, most: int = 200) -> list[str]:
    """Fail where the Tab key misses something that can be used, or a reader cannot see where it is; the stops."""
    stops: list[str] = shown.look("number")
    assert len(stops) <= most, f"{len(stops)} stops"
    reached: set[int] = set()
    for _ in range(2 * len(stops) + 5):  # a browser makes a stop of each region that scrolls, too
        shown.page.keyboard.press("Tab")
        here = shown.look("focused")
        if here["place"] in reached:
            break
        assert here["visible"], f"the focus is not to be seen on {here['name']}"
        reached |= {here["place"]} - {-1}
    missed = [stop for place, stop in enumerate(stops) if place not in reached]
    assert not missed, f"the Tab key does not reach {missed}"
    return stops


def require_details(shown: Opened) -> int:
    """Fail where a <details> does not open by Enter and close by the space key; how many there are."""
    summaries = shown.page.locator("summary:visible")
    for number in range(count := summaries.count()):
        summary = summaries.nth(number)
        before = summary.evaluate("(each) => each.parentElement.open")
        summary.focus()
        for key, wanted in (("Enter", not before), ("Space", before)):
            shown.page.keyboard.press(key)
            assert summary.evaluate("(each) => each.parentElement.open") is wanted, f"{key}: {summary.inner_text()}"
    return count


def require_links(shown: Opened) -> int:
    """Fail where a link within the page leads nowhere, or its target is not brought into the window; how many."""
    links = shown.page.locator("a[href^='#']")
    for number in range(count := links.count()):
        links.nth(number).focus()
        shown.page.keyboard.press("Enter")
        target = str(links.nth(number).get_attribute("href"))
        assert shown.page.evaluate("location.hash") == target
        assert shown.look("targeted"), f"{target} is not in the window"
    return count


def lightness(shown: Opened) -> float:
    """How light the page's background is: 0 black, 1 white."""
    return float(shown.look("lightness"))


def require_untouched(shown: Opened, title: str) -> None:
    """Fail where a text of a student's came to life: it ran, asked, went, renamed, covered or stands as an element."""
    assert shown.page.evaluate("window.pwned") is None
    assert shown.page.title() == title
    assert not shown.look("foreign")
    assert shown.look("headed"), "the page's heading is not to be seen"
    require_quiet(shown)
