"""What the reader of a check may see, and the words that every page shares."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referee.feedback.html import page
from referee.feedback.interface import Disclosure, Policy, disclose, mark_of
from referee.feedback.summary import first_problem, summarise
from referee.feedback.text import block, plain
from referee.feedback.views import NotebookView, view
from referee.pictures import Curves, Level, curves, written
from referee.report import (
    NOT_HANDED_IN,
    PASSED,
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
from tests import depicted

FAILED = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
LIMIT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.LIMIT)
CHECK_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.CHECK)
HARNESS_FAULT = Verdict(outcome=Outcome.UNCHECKED, fault=Fault.HARNESS)
PERSON = Verdict(outcome=Outcome.PERSON)
VERDICTS = [PASSED, FAILED, LIMIT, CHECK_FAULT, HARNESS_FAULT, PERSON]
SECRET = "reference-7f3a"
ROWS = (
    LayerRow(state="same", expected="Dense(8)", actual="Dense(8)"),
    LayerRow(state="missing", expected=SECRET, actual=None),
    LayerRow(state="different", expected=SECRET, actual="Conv(16)", differs=f"16 instead of {SECRET}"),
    LayerRow(state="extra", expected=None, actual="Dropout"),
)
EVIDENCE = Evidence(
    words="Another shape.",
    hint="Count the positions.",
    expected=SECRET,
    actual="array (9, 7)",
    tolerance="1e-6",
    misconception="same padding",
    table=ROWS,
    log="Traceback",
)


def check(verdict=FAILED, *, public=True, weight=1.0, evidence=EVIDENCE, sentence="It works.") -> CheckResult:
    return CheckResult(
        check="conv",
        name="test_it",
        sentence=sentence,
        weight=weight,
        public=public,
        verdict=verdict,
        evidence=evidence,
        seed=7,
    )


def book(*cells, **fields) -> NotebookReport:
    environment = Environment(referee="0.1", python="3.11", platform="Linux", packages={"numpy": "2.1"})
    return NotebookReport(notebook="basics", fingerprint="f", environment=environment, graded=cells, **fields)


def cell(*results, earned=0.0, points=1.0, score=0.0, kind="check") -> GradedCell:
    return GradedCell(grade_id="conv", kind=kind, points=points, earned=earned, score=score, results=results)


def level_of(level) -> Policy:
    return Policy(public=level, hidden=level)


def filled(level) -> set[str]:
    shown = disclose(check(), level_of(level))
    names = ("words", "hint", "misconception", "tolerance", "table", "actual", "log", "expected", "seed")
    return {name for name in names if getattr(shown, name)}


def test_each_level_adds_to_the_one_before():
    """The four levels show just what they promise."""
    hint = {"words", "hint", "misconception", "tolerance", "table"}
    assert filled(Disclosure.NOTHING) == set()
    assert filled(Disclosure.HINT) == hint
    assert filled(Disclosure.ACTUAL) == hint | {"actual", "log"}
    assert filled(Disclosure.ALL) == hint | {"actual", "log", "expected", "seed"}


def test_the_sentence_and_the_verdict_are_always_shown():
    """Even the strictest level says what was asked and what became of it."""
    shown = disclose(check(), level_of(Disclosure.NOTHING))
    assert (shown.sentence, shown.mark.word) == ("It works.", "failed")


def test_the_default_policy():
    """By default a public check shows everything, and a hidden one its hint."""
    assert disclose(check(public=True), Policy()).level is Disclosure.ALL
    assert disclose(check(public=False), Policy()).level is Disclosure.HINT


@pytest.mark.parametrize(
    ("checks", "level"),
    [
        ({"conv/test_it": Disclosure.NOTHING, "conv": Disclosure.ACTUAL}, Disclosure.NOTHING),
        ({"conv": Disclosure.ACTUAL, "": Disclosure.NOTHING}, Disclosure.ACTUAL),
        ({"": Disclosure.NOTHING}, Disclosure.NOTHING),
        ({"conv/other": Disclosure.NOTHING, "dense": Disclosure.NOTHING}, Disclosure.ALL),
    ],
)
def test_a_single_check_has_a_level_of_its_own(checks, level):
    """The level of a test counts before that of its cell, and this before that of the notebook."""
    assert Policy(checks=checks).of(check(public=True)) is level


def test_a_layer_table_without_the_reference():
    """Below the last level a layer table shows the student's side and the states."""
    rows = disclose(check(), level_of(Disclosure.HINT)).table
    assert [(row.state, row.actual) for row in rows] == [
        ("same", "Dense(8)"),
        ("missing", "a layer is missing here"),
        ("different", "Conv(16)"),
        ("extra", "Dropout"),
    ]
    assert not any(row.expected or row.differs for row in rows)


@pytest.mark.parametrize("verdict", [CHECK_FAULT, HARNESS_FAULT])
def test_the_log_of_a_broken_check_is_the_courses_own(verdict):
    """A traceback of ours may hold reference values, so it takes the last level to see it."""
    assert disclose(check(verdict), level_of(Disclosure.ACTUAL)).log == ""
    assert disclose(check(verdict), level_of(Disclosure.ALL)).log == "Traceback"


texts = st.text(max_size=30).map(lambda text: text.replace(SECRET, ""))
secrets = st.builds(lambda before, after: before + SECRET + after, texts, texts)
rows = st.builds(
    LayerRow,
    state=st.sampled_from(["missing", "extra", "different"]),
    expected=st.none() | secrets,
    actual=st.none() | texts,
    differs=secrets,
)
evidences = st.builds(
    Evidence,
    words=texts,
    hint=texts,
    expected=secrets,
    actual=texts,
    tolerance=texts,
    misconception=texts,
    table=st.lists(rows, max_size=4).map(tuple),
    log=texts,
    pictures=st.lists(depicted.pictures, max_size=2).map(tuple),
)


@given(evidences, st.sampled_from(VERDICTS), st.booleans(), st.sampled_from(list(Disclosure)))
def test_no_expected_value_leaks(evidence, verdict, public, level):
    """Below the last level nothing that a page can show holds a reference value, whatever the evidence."""
    shown = disclose(check(verdict, public=public, evidence=evidence), level_of(level))
    assert (SECRET in msgspec.json.encode(shown).decode()) == (level is Disclosure.ALL)


@given(evidences, st.sampled_from([Disclosure.NOTHING, Disclosure.HINT]))
def test_no_actual_value_leaks(evidence, level):
    """Below its level the student's value and the log are not shown."""
    marked = msgspec.structs.replace(evidence, actual="the-actual", log="the-log")
    shown = msgspec.json.encode(disclose(check(evidence=marked), level_of(level)))
    assert b"the-actual" not in shown
    assert b"the-log" not in shown


@settings(deadline=None)
@given(depicted.pictures, st.sampled_from(list(Disclosure)))
def test_the_references_side_of_a_picture_is_shown_at_the_last_level_only(picture, level):
    """Below it neither what was expected nor what is wrong nor the floor is in what a page draws from."""
    public = level is Disclosure.ALL
    for shown in disclose(check(evidence=Evidence(pictures=(picture,))), level_of(level)).pictures:
        for name in {"expected", "wrong", "floor"} & set(picture.__struct_fields__):
            assert getattr(shown.content, name) == (getattr(picture, name) if public else _nothing(name))


def _nothing(name: str) -> tuple[()] | None:
    return None if name == "floor" else ()


@settings(deadline=None)
@given(depicted.pictures)
def test_each_level_adds_to_the_pictures(picture):
    """A measured accuracy is shown from the hints on, all else with the student's own values, and nothing before."""
    evidence = Evidence(pictures=(picture,))
    shown = [bool(disclose(check(evidence=evidence), level_of(level)).pictures) for level in Disclosure]
    assert shown == [False, isinstance(picture, Level), True, True]


def test_titles_of_pictures_are_harmless():
    """What a student named shows as text that moves nothing, in titles and in names of series."""
    found = curves("h\x1b[2J", {"loss\u202e": [1.0]})
    assert found is not None
    (shown,) = disclose(check(evidence=Evidence(pictures=(found,))), level_of(Disclosure.ACTUAL)).pictures
    assert isinstance(shown.content, Curves)
    assert (shown.content.title, list(shown.content.series)) == ("h\\x1b[2J", ["loss\\u202e"])


def test_marks():
    """Each verdict has a sign, an ASCII word and a phrase that says whose fault it is."""
    assert [msgspec.structs.astuple(mark_of(verdict)) for verdict in VERDICTS] == [
        ("✓", "passed", "passed"),
        ("✗", "failed", "failed"),
        ("?", "limit", "could not be checked (limit)"),
        ("✋", "person", "could not be checked (the check is at fault), needs a person"),
        ("✋", "person", "could not be checked (the grader is at fault), needs a person"),
        ("✋", "person", "needs a person"),
    ]


def test_summary_of_a_mixed_notebook():
    """The summary counts what is earned and what waits, and names the first failed check."""
    cells = (
        cell(check(PASSED), check(CHECK_FAULT), earned=1.0, points=2.0, score=None),
        cell(check(sentence="Shapes agree.", evidence=Evidence(words="no")), points=1.0),
    )
    summary = summarise(book(*cells, notes=(Note(code="n", words="Two cells share a name."),)), Policy())
    assert msgspec.structs.astuple(summary) == (
        "1 of 3 points",
        "1 point waits for a person (conv)",
        "make this true: Shapes agree.",
        ("Two cells share a name.",),
        1 / 3,
        "conv",
        0,
    )


@pytest.mark.parametrize(
    ("notebook", "step"),
    [
        (book(cell(check(PASSED), earned=1.0, score=1.0)), "nothing: everything passed"),
        (book(cell(score=None, kind="person")), "nothing: a person looks at the rest"),
        (book(refused="no cells"), "the notebook was not run: no cells"),
        (book(refused=NOT_HANDED_IN), "hand this notebook in: there is none of this name in what was handed in"),
    ],
)
def test_what_to_do_next(notebook, step):
    """Where no check failed the next step says why there is none."""
    assert summarise(notebook, Policy()).next_step == step


def failed(words="", hint="", misconception="", sentence="It works.") -> CheckResult:
    return check(evidence=Evidence(words=words, hint=hint, misconception=misconception), sentence=sentence)


def test_the_next_step_leads_to_the_mistake():
    """A cell that ended badly comes first, then the mistake that explains most checks, then the first claim."""
    before = failed("no; before it, cell 15 (pool) did not end well: SyntaxError: unmatched ')' (line 10)")
    flipped = [failed(hint="put your finger on it", misconception="flipped", sentence=f"Map {n}.") for n in (1, 2)]
    other = failed(hint="count", misconception="padded")
    plain_one = failed("no", sentence="Shapes agree.")

    def steps(*results: CheckResult, level=Disclosure.HINT) -> tuple[str, str, int]:
        summary = summarise(book(cell(*results)), level_of(level))
        return summary.next_step, summary.next_check, summary.next_cell

    assert steps(plain_one, *flipped, before) == (
        "look at cell 15 first: SyntaxError: unmatched ')' (line 10)",
        "",
        15,
    )
    found = "make this true: Map 1. It looks like this: flipped (2 checks fail by it). Hint: put your finger on it"
    assert steps(plain_one, other, *flipped) == (found, "conv", 0)
    assert steps(failed(hint="look again")) == ("make this true: It works. Hint: look again", "conv", 0)
    assert steps(plain_one, before, *flipped, level=Disclosure.NOTHING)[0] == "make this true: Shapes agree."


def test_a_hint_is_given_once():
    """Of several checks that fail by one mistake the first has the hint; the others say so."""
    results = [failed(hint="turn it", misconception="flipped") for _ in range(2)]
    shown = view_of(book(cell(*results, failed(hint="turn it"))))
    assert [each.hint for each in shown.cells[0].checks] == ["turn it", "as above", "turn it"]


def test_a_page_knows_the_other_notebooks():
    """Of an assignment with several notebooks each page says the whole score and leads to the others."""
    two = [msgspec.structs.replace(book(cell(earned=1.0, points=2.0)), notebook=name) for name in ("a/b", "c")]
    report = Report(student="ada", assignment="cnn", notebooks=tuple(two))
    shown = view(report, two[1], Policy())
    assert (shown.assignment, shown.siblings[0].notebook, shown.siblings[0].score) == ("2 of 4 points", "a/b", "1 of 2")
    assert 'href="a%2Fb.html"' in page(report, two[1])
    assert view(report_of(two[0]), two[0], Policy()).assignment == ""


def test_a_fault_of_ours_is_no_problem_of_the_students():
    """The first problem is one that the student can mend."""
    mine = check()
    assert first_problem([check(PASSED), check(CHECK_FAULT), mine]) is mine
    assert first_problem([check(CHECK_FAULT)]) is None


def test_a_picture_that_checks_share_is_shown_once():
    """The curves of one training, at which several checks look, stand at the first of them alone."""
    training = Curves(title="h", series={"loss": written([2, 1])}, epochs=2)
    level = Level(title="accuracy", share=0.5, error=0.1, total=10)
    seen = [
        msgspec.structs.replace(EVIDENCE, pictures=pictures) for pictures in ((training, training), (level, training))
    ]
    shown = view_of(book(*(cell(check(evidence=each)) for each in seen)))
    kept = [[picture.content for picture in each.checks[0].pictures] for each in shown.cells]
    assert kept == [[training], [level]]


def test_a_cell_shows_the_share_of_each_check():
    """A check's points are its share of the cell, and a question mark where a person decides."""
    results = (check(PASSED, weight=2.0), check(FAILED), check(PERSON))
    shown = view_of(book(cell(*results, earned=4.0, points=8.0, score=None)))
    assert [each.points for each in shown.cells[0].checks] == ["4 of 4", "0 of 2", "? of 2"]
    assert shown.cells[0].score == "4 of 8 so far, a person decides"


def report_of(notebook) -> Report:
    return Report(student="ada", assignment="cnn", notebooks=(notebook,))


def view_of(notebook) -> NotebookView:
    return view(report_of(notebook), notebook, Policy())


def test_runs_and_surroundings():
    """The run table and the lines about the grading come ready to print."""
    died = CellRun(index=4, grade_id="x", status=CellStatus.DIED, error="Killed", words="memory")
    notebook = book(cells=(died,), timings=Timings(total=3.0, cells={"4": 1.26}))
    shown = view_of(notebook)
    assert (shown.runs[0].status, shown.runs[0].words, shown.runs[0].seconds) == (
        "the kernel died",
        "memory",
        "1.3 s",
    )
    assert shown.environment == "Referee 0.1, Python 3.11, Linux; numpy 2.1"
    assert shown.isolation.startswith("none")


@given(st.text())
def test_plain_is_one_harmless_line(text):
    """A line of any text holds no character that acts rather than shows, except the joiners that scripts need."""
    assert all(character.isprintable() or character in "\u200c\u200d" for character in plain(text))


@given(st.text())
def test_block_keeps_only_line_ends(text):
    """A block of any text holds line ends and nothing else that acts."""
    assert all(line.replace("\u200c", "").replace("\u200d", "").isprintable() for line in block(text).split("\n"))


def test_long_texts_are_bounded():
    """A long text keeps its head and its tail, and says how much is left out."""
    line = plain("a" * 50_000 + "b" * 50_000)
    assert line.startswith("aaa")
    assert line.endswith("bbb")
    assert "99400 characters left out" in line
    assert len(line) < 700


def test_hostile_characters_are_spelled_out():
    """Escape sequences, overrides, null bytes and surrogates become visible text."""
    assert plain("\x1b[2J \u202eabc\x00 \ud800 \u00a0z") == "\\x1b[2J \\u202eabc\\x00 \\ud800 z"
