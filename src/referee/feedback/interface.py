"""The seam between reports and pages: what the reader of a check may see.

    Policy ── of(CheckResult) ──> Disclosure
    disclose(CheckResult, Policy) ──> ShownCheck
                                      ├── ShownRow      a line of a layer table
                                      └── ShownPicture  a picture (`showing`)

Every text in these records is bounded and holds no character that could repaint a terminal or reorder a page.
A page still escapes them for its own format.
"""

from __future__ import annotations

import enum

from msgspec.structs import replace

from referee.feedback.showing import ShownPicture, shown_pictures
from referee.feedback.text import block, plain
from referee.report import CheckResult, Evidence, Fault, LayerRow, Outcome, Record, Verdict

ROW_LIMIT = 60
VALUE_LIMIT = 4_000


class Disclosure(enum.Enum):
    """How much of a check's evidence its reader may see; each level adds to the one before."""

    NOTHING = "nothing"  # the sentence and the verdict
    HINT = "hint"  # what happened, what to try, the tolerance, the states of a layer table
    ACTUAL = "actual"  # the student's own value and the log
    ALL = "all"  # the reference's value too

    def shows(self, level: Disclosure) -> bool:
        """Whether a reader at this level may see what `level` discloses."""
        levels = list(Disclosure)
        return levels.index(self) >= levels.index(level)


class Policy(Record, frozen=True):
    """The disclosure levels that hold for one notebook: of each kind of check, and of single ones.

    checks : a level by "cell/test", by "cell", or by "" for every check of the notebook; the first of these counts.
    """

    public: Disclosure = Disclosure.ALL
    hidden: Disclosure = Disclosure.HINT
    checks: dict[str, Disclosure] = {}

    def of(self, result: CheckResult) -> Disclosure:
        names = (f"{result.check}/{result.name}", result.check, "")
        found = next((self.checks[name] for name in names if name in self.checks), None)
        return found or (self.public if result.public else self.hidden)


EVERYTHING = Policy(hidden=Disclosure.ALL)


class Mark(Record, frozen=True):
    """A verdict in three lengths: a sign, a word that needs no Unicode, and a phrase."""

    sign: str
    word: str
    phrase: str


class ShownRow(Record, frozen=True):
    """One line of a layer-by-layer comparison, as far as its reader may see it."""

    state: str
    actual: str
    expected: str = ""
    differs: str = ""


class ShownCheck(Record, frozen=True):
    """One check as far as its reader may see it; an empty field is one that is not shown."""

    check: str
    sentence: str
    mark: Mark
    public: bool
    level: Disclosure
    points: str = ""
    words: str = ""
    hint: str = ""
    misconception: str = ""
    tolerance: str = ""
    actual: str = ""
    expected: str = ""
    log: str = ""
    table: tuple[ShownRow, ...] = ()
    pictures: tuple[ShownPicture, ...] = ()
    seed: int | None = None


def disclose(result: CheckResult, policy: Policy) -> ShownCheck:
    """What the reader of a result may see under a policy; nothing else of its evidence is in the answer."""
    level, evidence = policy.of(result), result.evidence
    shown = ShownCheck(
        check=plain(result.check),
        sentence=plain(result.sentence) or plain(result.name),
        mark=mark_of(result.verdict),
        public=result.public,
        level=level,
    )
    if level.shows(Disclosure.HINT):
        actual, everything = level.shows(Disclosure.ACTUAL), level is Disclosure.ALL
        pictures = shown_pictures(evidence.pictures, actual=actual, everything=everything)
        shown = replace(_with_hints(shown, evidence), pictures=pictures)
    if level.shows(Disclosure.ACTUAL):
        shown = replace(shown, actual=block(evidence.actual, VALUE_LIMIT), log=_log(result, level))
    if level is Disclosure.ALL:
        shown = replace(shown, expected=block(evidence.expected, VALUE_LIMIT), seed=result.seed)
    return shown


def mark_of(verdict: Verdict) -> Mark:
    """The sign, the word and the phrase for a verdict."""
    if verdict.passed:
        return Mark(sign="✓", word="passed", phrase="passed")
    if verdict.needs_person:
        return Mark(sign="✋", word="person", phrase=_PERSON_PHRASES.get(verdict.fault, Outcome.PERSON.value))
    limit = verdict.fault is Fault.LIMIT
    if verdict.outcome is Outcome.UNCHECKED:
        why = "limit" if limit else "because of the code"
        return Mark(sign="?", word="limit" if limit else "unclear", phrase=f"{_UNCHECKED} ({why})")
    return Mark(sign="✗", word="failed", phrase="failed (limit)" if limit else "failed")


_UNCHECKED = Outcome.UNCHECKED.value
_PERSON_PHRASES = {
    None: Outcome.PERSON.value,
    Fault.CHECK: f"{_UNCHECKED} (the check is at fault), needs a person",
    Fault.HARNESS: f"{_UNCHECKED} (the grader is at fault), needs a person",
}


def _with_hints(shown: ShownCheck, evidence: Evidence) -> ShownCheck:
    everything = shown.level.shows(Disclosure.ALL)
    return replace(
        shown,
        words=plain(evidence.words),
        hint=plain(evidence.hint),
        misconception=plain(evidence.misconception),
        tolerance=plain(evidence.tolerance),
        table=tuple(_row(row, everything) for row in evidence.table[:ROW_LIMIT]),
    )


def _log(result: CheckResult, level: Disclosure) -> str:
    """The log; that of a check at fault is the course's own, and may hold what the reference computed."""
    ours = result.verdict.fault in (Fault.CHECK, Fault.HARNESS)
    return block(result.evidence.log) if level is Disclosure.ALL or not ours else ""


def _row(row: LayerRow, everything: bool) -> ShownRow:
    actual = "a layer is missing here" if row.state == "missing" else plain(row.actual or "")
    if not everything:
        return ShownRow(state=row.state, actual=actual)
    return ShownRow(state=row.state, actual=actual, expected=plain(row.expected or ""), differs=plain(row.differs))
