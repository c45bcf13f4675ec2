"""The class page as it is served while a class is graded: it takes over what is new, and the reader keeps the place."""

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from playwright.sync_api import expect

from referee import course as courses
from referee import workflow
from referee.classroom import serving
from referee.report import to_json
from tests.browser import harness, reports


class Course:
    """A course of one exercise, into which reports are put while its class page is served."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for folder in ("solutions", "exercises"):
            (root / folder / "convolution").mkdir(parents=True)
            (root / folder / "convolution" / "feature_map.ipynb").write_text('{"cells": []}', encoding="utf-8")
        (root / "course.toml").write_text('name = "CNNs"\n', encoding="utf-8")
        (root / "reports" / "convolution").mkdir(parents=True)

    def grade(self, name: str, student: str) -> None:
        """Put a report there, whole at once, as grading does."""
        report = replace(reports.REPORTS[name], student=student)
        part = self.root / f"{student}.part"
        part.write_bytes(to_json(report))
        part.replace(self.root / "reports" / "convolution" / f"{student}.json")


@pytest.fixture
def ungraded(tmp_path):
    """A course in which nobody is graded yet."""
    return Course(tmp_path / "course")


@pytest.fixture
def course(ungraded):
    """A course in which 40 students are graded."""
    made = ungraded
    for number in range(40):
        made.grade("failing" if number % 2 else "perfect", f"student{number:02}")
    return made


@pytest.fixture
def address(course):
    """Where the page of that course is served, by a thread of this process."""
    with served(course) as found:
        yield found


@contextlib.contextmanager
def served(course: Course) -> Iterator[str]:
    server = serving.open_server(workflow.LivePage(courses.load(course.root), "convolution"), 0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield serving.address(server)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_served_page_takes_over_what_is_new(browser, course, address):
    """A report written meanwhile appears by itself; the filter, the focus and the order stay as they were."""
    with harness.opened(browser, address) as shown:
        page = shown.page
        page.locator("#student-table th").nth(1).get_by_role("button").click()
        page.locator("#find").focus()
        page.keyboard.type("student0")
        expect(page.locator("#count")).to_have_text("10 of 40 students")
        course.grade("perfect", "student00-late")
        course.grade("perfect", "zoe")
        expect(page.locator("#count")).to_have_text("11 of 42 students")
        assert page.evaluate("document.activeElement.id") == "find"
        assert page.locator("#student-table th").nth(1).get_attribute("aria-sort") == "ascending"
        scores = [float(text.split()[0]) for text in page.locator("#rows td:nth-child(2)").all_inner_texts()]
        assert scores == sorted(scores)
        page.keyboard.type("1")
        expect(page.locator("#count")).to_have_text("1 of 42 students")
        harness.require_accessible(shown)
        harness.require_quiet(shown)


def test_a_served_page_stays_where_the_reader_is(browser, course, address):
    """What stands at the top of the window stands there after the page grew above it, and an open fold stays open."""
    with harness.opened(browser, address) as shown:
        page = shown.page
        page.locator("#bins summary").click()
        row = page.locator("#rows tr", has_text="student20")
        row.evaluate("(each) => each.scrollIntoView()")
        before = row.bounding_box()
        course.grade("waiting", "anna")  # a new matter, above everything
        expect(page.locator("#count")).to_have_text("41 students")
        after = row.bounding_box()
        assert before is not None
        assert after is not None
        assert after["y"] == pytest.approx(before["y"], abs=2)
        assert page.locator("#bins").get_attribute("open") is not None
        harness.require_quiet(shown)


def test_a_served_page_waits_for_the_first_report(browser, ungraded):
    """Opened before anybody is graded it says so, reads well, and fills itself: its filter and its order work then."""
    with served(ungraded) as address, harness.opened(browser, address) as shown:
        page = shown.page
        expect(page.locator("#numbers")).to_contain_text("this page waits for referee grade convolution")
        harness.require_fitting(shown)
        harness.require_accessible(shown)
        ungraded.grade("perfect", "ada")
        ungraded.grade("failing", "ben")
        expect(page.locator("#count")).to_have_text("2 students", timeout=20_000)
        expect(page.locator("#numbers")).not_to_contain_text("waits")
        page.locator("#find").fill("ben")
        expect(page.locator("#count")).to_have_text("1 of 2 students")
        page.locator("#check-table th").first.get_by_role("button").click()
        assert page.locator("#check-table th").first.get_attribute("aria-sort") == "ascending"
        harness.require_accessible(shown)
        harness.require_quiet(shown)
