"""One browser for all tests of this folder; without one they are skipped, but not in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser import installed

pytest.register_assert_rewrite("tests.browser.harness")  # so that its failures say what they found


# of this folder, not of the session: while it is open, this thread has a running event loop, which other tests mind
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, as this machine has it."""
    if missing := installed.missing():
        if os.environ.get("CI", "").lower() in ("true", "1"):
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installed.chromium())
        yield started
        started.close()
