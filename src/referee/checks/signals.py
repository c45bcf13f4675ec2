"""What a check raises to say that it did not simply pass; both carry the evidence for their verdict."""

from __future__ import annotations

from referee.report import Evidence


class CheckFailed(AssertionError):
    """The claim does not hold; the evidence says how."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.words)
        self.evidence = evidence


class NeedsPerson(Exception):
    """The check cannot decide honestly (a value inside the noise band, say); a person should."""

    def __init__(self, evidence: Evidence) -> None:
        super().__init__(evidence.words)
        self.evidence = evidence
