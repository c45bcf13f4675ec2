"""Pages for a browser: whole, self-contained and deaf to what a student writes into them."""

import itertools
import re
from html.parser import HTMLParser

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.feedback.html import check_fragment, page
from referee.feedback.interface import Disclosure, Policy
from referee.pictures import Heat, written
from referee.report import (
    CellRun,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Fault,
    GradedCell,
    LayerRow,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Timings,
    Verdict,
)

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
ALL = Policy(public=Disclosure.ALL, hidden=Disclosure.ALL)
VOID = {"meta"}


def check(text="words", *, public=True) -> CheckResult:
    evidence = Evidence(
        words=text,
        hint=text,
        expected=f"expected {text}",
        actual=f"{text}\n{text}",
        tolerance=text,
        misconception=text,
        table=(LayerRow(state="different", expected=text, actual=text, differs=text),),
        log=text,
    )
    return CheckResult(
        check="conv", name="t", sentence=text, weight=1.0, public=public, verdict=FAILED, evidence=evidence
    )


def report(text="words", **fields) -> Report:
    environment = Environment(
        referee="0.1", python="3.11", platform=text, packages={text: text}, isolation=("landlock",)
    )
    cell = GradedCell(
        grade_id=text, kind="check", points=1.0, earned=0.0, score=0.0, words=text, results=(check(text),)
    )
    run = CellRun(index=1, grade_id=text, status=CellStatus.RAISED, error=text, words=text, traceback=text)
    made = NotebookReport(
        notebook=text,
        fingerprint="f",
        environment=environment,
        seed=42,
        graded=(cell,),
        cells=(run,),
        notes=(Note(code="n", words=text),),
        timings=Timings(total=2.0, cells={"1": 0.5}),
        **fields,
    )
    return Report(student=text, assignment="cnn", notebooks=(made,))


def whole(text="words", policy=ALL, title="Feedback") -> str:
    made = report(text)
    return page(made, made.notebooks[0], policy, title)


class Outline(HTMLParser):
    """Collects the elements of a page, and finds what is left open."""

    def __init__(self, text) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.open: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.elements.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_a_page_says_everything():
    """The page shows the score, the check, the run, the log and how it was graded."""
    text = whole()
    for part in (
        "<h1>Feedback</h1>",
        "0 of 1 point",
        "Log",
        "Traceback",
        "landlock",
        "<dd>42</dd>",
        "raised an error",
        "0.5 s",
    ):
        assert part in text


def test_a_page_asks_no_network_for_anything():
    """The policy forbids every request, and nothing in the page makes one: links lead to places on it."""
    text = whole()
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text
    assert not {"src", "style", "action"} & Outline(text).attributes
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', text))
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img", text)


def test_a_page_is_well_formed():
    """Every element is closed where it was opened, and the headings step down one by one."""
    outline = Outline(whole())
    assert outline.open == []
    headings = [int(tag[1]) for tag in outline.elements if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))


def test_a_page_fits_a_phone_and_the_dark():
    """The page scales to its screen and follows the reader's colour scheme."""
    text = whole()
    assert "width=device-width" in text
    assert "prefers-color-scheme: dark" in text


@pytest.mark.parametrize("level", list(Disclosure))
def test_nothing_below_its_level_is_in_a_page(level):
    """What the reference computed is in a page at the last level alone; the student's values one level earlier."""
    rows, secrets = tuple(written([1.5, 0.0735]) for _ in range(2)), tuple(written([0.0246, 3]) for _ in range(2))
    heat = Heat(
        title="the map",
        shape=(2, 2),
        axes=(0, 1),
        place=(0, 0),
        step=(1, 1),
        actual=rows,
        expected=secrets,
        wrong=(".#",) * 2,
    )
    evidence = msgspec.structs.replace(
        check().evidence,
        expected="secret-e",
        table=(LayerRow(state="missing", expected="secret-t", actual=None, differs="secret-d"),),
        actual="actual-a",
        log="actual-l",
        pictures=(heat,),
    )
    found = msgspec.structs.replace(check(), evidence=evidence, seed=918273645)
    book = report().notebooks[0]
    cell = msgspec.structs.replace(book.graded[0], results=(found,))
    book = msgspec.structs.replace(book, graded=(cell,))
    text = page(report(), book, Policy(public=level, hidden=level))
    everything, actual = level is Disclosure.ALL, level in (Disclosure.ACTUAL, Disclosure.ALL)
    for secret in ("secret-e", "secret-t", "secret-d", "0.0246", "918273645"):
        assert (secret in text) is everything, secret
    for own in ("actual-a", "actual-l", "0.0735"):
        assert (own in text) is actual, own


def test_a_hidden_check_keeps_its_reference():
    """By default the fragment of a hidden check shows no expected value, and says that it is hidden."""
    shown = check_fragment(check("words", public=False))
    assert "expected words" not in shown
    assert "hidden check" in shown
    assert "expected words" in check_fragment(check("words", public=True))


def test_a_fragment_is_a_part_of_a_page():
    """One check alone comes with its style and without a document around it."""
    shown = check_fragment(check())
    assert shown.startswith("<style>")
    assert "<html" not in shown
    assert Outline(shown).open == []


def test_a_refused_notebook_has_a_page():
    """A notebook that was not run still gets a page that says why."""
    environment = Environment(referee="0.1", python="3.11", platform="Linux")
    refused = NotebookReport(notebook="b", fingerprint="", environment=environment, refused="no <cells>")
    text = page(Report(student="ada", assignment="cnn", notebooks=(refused,)), refused)
    assert "the notebook was not run: no &lt;cells&gt;" in text
    assert "<h2>Checks</h2>" not in text
    assert "<title>Feedback on cnn/b</title>" in text


ELEMENTS = Outline(whole()).elements
ATTACKS = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=a()>",
    "</pre></details>",
    "{{ 7*7 }}",
    "'\" onload=x",
    "&lt;",
]


@given(
    st.sampled_from(ATTACKS)
    | st.text(min_size=1, max_size=30)
    | st.text("<>/!-&'\"={}%\x00\x1b\u202es", min_size=1, max_size=20)
)
def test_no_text_becomes_markup(text):
    """Whatever a student writes, the page has the same elements as before, and no script."""
    shown = whole(f"a{text}z", title=f"a{text}z")
    assert "<script" not in shown.lower()
    pieces = {"pre", "code", "span", "dt", "dd", "p", "dl", "strong"}
    expected = [tag for tag in ELEMENTS if tag not in pieces]
    assert [tag for tag in Outline(shown).elements if tag not in pieces] == expected
    assert not {"src", "style", "onload", "onerror"} & Outline(shown).attributes


@given(st.text("\x00\x07\x1b\x9b\u202e\u2066\ud800\ra ", max_size=20))
def test_no_control_character_reaches_the_page(text):
    """Control characters, bidi overrides and surrogates are spelled out, so the page is valid UTF-8."""
    shown = whole(text)
    shown.encode("utf-8")
    assert all(line.isprintable() for line in shown.split("\n"))


def test_template_marks_are_not_obeyed():
    """What looks like the template's own language stays text."""
    assert "{{ 7*7 }}{% raw %}" in whole("{{ 7*7 }}{% raw %}")


def test_a_huge_text_stays_small():
    """A text of 100 kB in every field leaves a page that a browser opens at once."""
    assert len(whole("<" * 100_000)) < 600_000
