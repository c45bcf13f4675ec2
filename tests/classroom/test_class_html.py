"""The class page as a file: whole, quiet, and deaf to what students write into it."""

import base64
import hashlib
import itertools
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from referee.classroom.interface import Overview
from referee.classroom.overview import overview
from referee.classroom.page import render
from referee.classroom.similar import Prints, likeness
from referee.report import (
    PASSED,
    CellRun,
    CellStatus,
    Exceeded,
    Fault,
    Note,
    NotebookReport,
    Report,
    Steadiness,
    Timings,
    Usage,
)
from tests.classroom.people import FAILED, OVER_LIMIT, PERSON, answers, book, cell, missing, report, result

VOID = {"meta", "input"}
SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class Elements(HTMLParser):
    """Collects the elements of a page with their attributes, and finds what is left open."""

    def __init__(self, text) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.append(tag)
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    @property
    def attributes(self) -> set[str]:
        """The names of all attributes."""
        return {name for _, attrs in self.found for name in attrs}

    def all(self, name: str) -> list[str]:
        """The values of an attribute, wherever it stands."""
        return [attrs[name] or "" for _, attrs in self.found if name in attrs]


def everything(text="words") -> Overview:
    """A class in which every part of the page has something to say, and every text is this one."""
    file = text[:60]  # what a file system takes as a name is bounded
    wrong = {"words": text, "hint": text, "actual": f"{text}\n{text}", "expected": text}
    over = Timings(
        total=9.0, exceeded=(Exceeded(limit=f"{text}_", allowed=1, used=2, cell=1),), usage=Usage(memory_mb=5)
    )
    run = CellRun(index=1, grade_id=text, status=CellStatus.RAISED, error=text, words=text, traceback=text)
    steady = Steadiness(check=text, name=text, outcomes={text: (1,), "failed": (2,)})

    def one(who: str, *verdicts, seconds=1.0) -> Report:
        results = [result(verdict, f"{text}{i}", text, **wrong) for i, verdict in enumerate(verdicts)]
        named = result(FAILED, f"{text}m", text, misconception=text, **wrong)
        made = book(
            cell([*results, named], name=text),
            name=file,
            cells=(run,),
            notes=(Note(code="several", words=text), Note(code="late", words=text)),
            steadiness=(steady,),
            repeats=2,
            timings=over if seconds > 5 else Timings(total=seconds, usage=Usage(memory_mb=5)),
        )
        return report(f"{who}{file}", made)

    refused = NotebookReport(
        notebook=file, fingerprint="", environment=book().environment, refused=text, refused_by=Fault.STUDENT
    )
    reports = [
        one("a", PASSED, FAILED, FAILED),
        one("b", PASSED, PASSED, PASSED),
        one("c", PASSED, FAILED, FAILED),
        one("d", PASSED, PASSED, PASSED),
        one("e", PASSED, OVER_LIMIT, FAILED, seconds=9.0),
        one("f", PASSED, PERSON, PERSON),
        report(f"g{file}", refused),
    ]
    alike = likeness(file, Prints(students={f"{who}{file}": frozenset(range(20)) for who in "abc"}))
    return overview(reports, text, course=text, likeness=[alike], unreadable=[f"{text}.json"], waiting=[text])


def test_every_part_stands_in_its_order():
    """The numbers, at once what needs a person, scores, causes, checks, similar code, resources, all students."""
    text = render(everything())
    parts = ["persons", "scores", "causes", "checks", "similar", "resources", "students"]
    assert [part for part in Elements(text).all("id") if part in ("numbers", *parts)] == ["numbers", *parts]
    inside = [link[1:] for link in Elements(text.partition("</nav>")[0].partition("<nav")[2]).all("href")]
    assert inside == parts
    for words in (
        "cannot be read: grade again", "1 submission without a report yet", "What was handed in could not be read",
        "Look at first:", "dead: all passed", "2 checks, phi 1.00, n = 5", "Misconception: words",
        "One example in full", "9.0 times the median", "limit exceeded, words_", "3 students",
        "Show these in the table",
    ):  # fmt: skip
        assert words in text, words


def test_the_same_reports_give_the_same_bytes():
    """Nothing on the page depends on when or where it is made."""
    assert render(everything()) == render(everything())


def test_an_empty_class_has_a_page():
    """Before anybody is graded, the page says so."""
    text = render(overview([], "week", waiting=["ada"]))
    assert "Nothing is graded yet." in text
    assert not re.search("every point is decided|No check failed", text)
    assert Elements(text).open == []


def test_a_class_without_problems_says_so():
    """Where all is decided and passed, the page says that nothing needs a person and no check failed."""
    text = render(overview(answers({"ada": "11", "ben": "11"}), "week"))
    assert "Nothing: every point is decided." in text
    assert "No check failed." in text


def test_what_all_passed_is_not_looked_at_first():
    """What nobody passed and what is negative are; what all passed is marked in the table, less so where public."""
    signs = {"ada": "01011", "ben": "01011", "cat": "01100", "dan": "01100", "eve": "01110"}
    made = overview(answers(signs), "week")
    public = replace(made.checks[1], label="public", public=True)
    text = render(replace(made, checks=(*made.checks, public)))
    first = text.partition('<p id="first">')[2].partition("</p>")[0]
    assert re.findall(r"test_\d</a> \([a-z ]+\)", first) == ["test_2</a> (negative)", "test_0</a> (nobody passed)"]
    table = text.partition('id="check-table"')[2].partition("</table>")[0]
    assert re.findall(r'<span class="(\w+)">((?:dead: )?all passed|nobody passed) <', table) == [
        ("bad", "nobody passed"), ("unsure", "dead: all passed"), ("soft", "all passed")
    ]  # fmt: skip


def test_the_table_says_whose_pages_it_leads_to():
    """Beside the students stands that the pages are as students see them, and how an instructor gets everything."""
    text = render(everything()).partition('<section id="students"')[2]
    assert "as the student sees it now" in text
    assert "referee pages words --as instructor --out FOLDER" in text


@pytest.mark.parametrize("live", ["", "0123abcd"])
def test_only_this_very_script_may_run(live):
    """The policy allows the page's own script by its hash, its own server where it is served, and no more."""
    text = render(everything(), live=live)
    (script,) = SCRIPT.findall(text)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    (policy,) = [attrs["content"] for _, attrs in Elements(text).found if "http-equiv" in attrs]
    parts = ["default-src 'none'", "style-src 'unsafe-inline'", f"script-src 'sha256-{digest}'"]
    parts += ["connect-src 'self'"] if live else []
    assert policy == "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])
    assert ("data-live" in text.split("<head>")[0]) == bool(live)


def test_the_page_asks_no_network_for_anything():
    """Nothing outside of the script even looks like a request; links lead within the page or to students' pages."""
    text = SCRIPT.sub("", render(everything()))
    assert not re.search(r"https?:|url\(|@import|<link|<img|<iframe", text)
    links = Elements(text).all("href")
    assert all(link.startswith(("#", "feedback/")) for link in links)
    assert not {"src", "style", "action", "onclick", "onload"} & Elements(text).attributes


def test_the_page_is_well_formed():
    """Every element is closed where it was opened, ids are used once, headings step down one by one, links arrive."""
    outline = Elements(render(everything()))
    assert outline.open == []
    ids = outline.all("id")
    assert len(ids) == len(set(ids))
    headings = [int(tag[1]) for tag in outline.tags if re.fullmatch(r"h\d", tag)]
    assert headings[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    assert {link[1:] for link in outline.all("href") if link.startswith("#")} <= set(ids)
    assert set(outline.all("aria-labelledby")) | set(outline.all("for")) <= set(ids)


def test_each_choice_of_who_finds_somebody():
    """For every state that the list offers there is a row in that state, and every state of a row is offered."""
    shown, absent = everything(), overview([report("ada", missing())], "week")
    outline = Elements(render(replace(shown, rows=(*shown.rows, *absent.rows))))
    offered = {attrs["value"] for tag, attrs in outline.found if tag == "option" and (attrs["value"] or "").isalpha()}
    assert offered == {state for states in outline.all("data-state") for state in states.split()}
    assert {"late", "broken", "person"} <= offered


def test_tables_scroll_in_regions_that_can_be_reached():
    """Each wide table lies in a region with a name of its own that takes the focus; each column can be sorted."""
    outline = Elements(render(everything()))
    regions = [attrs for _, attrs in outline.found if attrs.get("role") == "region"]
    assert [attrs["tabindex"] for attrs in regions] == ["0", "0"]
    assert len({attrs["aria-label"] for attrs in regions}) == 2
    assert {attrs["data-type"] for _, attrs in outline.found if "data-type" in attrs} == {"t", "n"}


def test_the_histogram_can_be_read_aloud():
    """The picture has a name that tells every bin, and a table says the same."""
    text = render(overview(answers({"ada": "11", "ben": "10"}), "week"))
    (label,) = [attrs["aria-label"] for tag, attrs in Elements(text).found if tag == "svg"]
    assert label is not None
    assert "50 to 60 per cent: 1" in label
    assert "90 to 100 per cent: 1" in label


def test_similar_code_is_no_accusation():
    """The list says that it is to look at; no word of it accuses anybody."""
    text = render(everything()).lower()
    assert "no finding" in text
    assert not re.search(r"cheat|plagiar|copied|guilty|suspect|fraud|offen[cs]e", SCRIPT.sub("", text))


ELEMENTS = Elements(render(everything("az"))).tags
ATTACKS = [
    "<script>alert(1)</script>",
    "</style><img src=x onerror=a()>",
    "</script><script>",
    "</pre></details></table>",
    "{{ 7*7 }}",
    "'\" onload=x autofocus tabindex=1",
    "&lt;",
    "<!--",
    "javascript:alert(1)",
]
PIECES = {"pre", "code"}


@given(
    st.sampled_from(ATTACKS) | st.text(min_size=1, max_size=30) | st.text("<>/!-&'\"={}%\x00\x1b\u202es", max_size=20)
)
def test_no_text_becomes_markup(text):
    """Whatever a student writes, the page has the same elements, attributes and script as before."""
    shown = render(everything(f"a{text}z"))
    assert len(re.findall("<script", shown, re.IGNORECASE)) == 1
    outline = Elements(shown)
    assert [tag for tag in outline.tags if tag not in PIECES] == [tag for tag in ELEMENTS if tag not in PIECES]
    assert not {"src", "style", "onload", "onerror", "autofocus"} & outline.attributes
    assert all(link.startswith(("#", "feedback/")) for link in outline.all("href"))


@given(st.text("\x00\x07\x1b\x9b\u202e\u2066\ud800\ra ", max_size=20))
def test_no_control_character_reaches_the_page(text):
    """Control characters, bidi overrides and surrogates are spelled out, so the page is valid UTF-8."""
    shown = render(everything(text))
    shown.encode("utf-8")
    assert all(line.isprintable() for line in shown.split("\n"))


def test_a_large_class_stays_small():
    """Texts are bounded: megabytes of words in a report do not become megabytes of page."""
    assert len(render(everything("long words " * 100_000))) < 200_000


@pytest.mark.parametrize("live", ["", "v1"])
def test_the_script_finds_what_it_looks_for(live):
    """Each element and each attribute that the script names is on the page: served, or from a file."""
    text = render(everything(), live=live)
    (script,) = SCRIPT.findall(text)
    outline = Elements(text)
    ids = set(re.findall(r'byId\("([\w-]+)"\)', script)) | {"find", "state", "check", "cluster"}
    assert ids - set(outline.all("id")) == (set() if live else {"live"})
    assert {"data-type", "data-show", "data-value", "data-state", "data-check", "data-cluster"} <= outline.attributes
    choices = [attrs["id"] for tag, attrs in outline.found if tag == "select"]
    assert all(f"data-{choice}" in outline.attributes for choice in choices)
    shown = {attrs["data-show"] for _, attrs in outline.found if "data-show" in attrs}
    assert shown <= set(choices)
