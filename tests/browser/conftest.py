"""One browser for all tests of this folder; without one they are skipped, but not in CI."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

pytest.register_assert_rewrite("tests.browser.harness")  # so that its failures say what they found

from tests.browser import harness, installed  # noqa: E402 - rewritten first


# of this folder, not of the session: while it is open, this thread has a running event loop, which other tests mind
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, as this machine has it."""
    harness.require_installed(ci="CI" in os.environ)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=installed.chromium())
        expect.set_options(timeout=30_000)  # nothing here is about time
        yield started
        started.close()
