"""How long the class page takes in a real browser, where one is installed: until it is read, filtered and sorted."""

from __future__ import annotations

import time
from pathlib import Path

from tests.browser import installed

#: The next frame after a change is on the screen, as near as a script can tell.
_PAINTED = "() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def class_page(page: Path) -> dict[str, float]:
    """What was done with the page -> the seconds until it was painted; nothing where there is no browser."""
    if not installed.chromium():
        return {}
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - an extra

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed.chromium())
        try:
            shown = browser.new_context(offline=True).new_page()
            seconds: dict[str, float] = {}

            def timed(name: str, before: float) -> None:
                shown.evaluate(_PAINTED)
                seconds[f"Chromium: {name}"] = time.perf_counter() - before

            began = time.perf_counter()
            shown.goto(page.as_uri())
            timed("opening", began)
            shown.locator("#find").focus()
            began = time.perf_counter()
            shown.keyboard.press("1")
            timed("filtering", began)
            began = time.perf_counter()
            shown.locator("#student-table th button").nth(1).press("Enter")
            timed("sorting", began)
            return seconds
        finally:
            browser.close()
