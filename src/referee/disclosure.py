"""How much of a check's evidence a student sees: before the due date and after it, for all checks or for single ones.

[disclosure]                  # course.toml
public = "all"
hidden = "hint"

[disclosure.check]            # by assignment, notebook, check cell or test: the most specific name counts
"convolution/feature_map/relu" = "nothing"

[disclosure.after]            # once an assignment is due; what is not stated here stays as it was before
hidden = "all"

[assignment.convolution]
due = 2026-12-04T23:59:00+01:00
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from referee.report import Record

Level: TypeAlias = Literal["nothing", "hint", "actual", "all"]
Moment: TypeAlias = Literal["before", "after"]


class Levels(Record, frozen=True):
    """What is stated for one moment. `check` holds levels by "assignment[/notebook[/cell[/test]]]"."""

    public: Level | None = None
    hidden: Level | None = None
    check: dict[str, Level] = {}


class Disclosure(Levels, frozen=True):
    """The section `[disclosure]` of course.toml: levels, and those that hold in their place after the due date."""

    public: Level = "all"
    hidden: Level = "hint"
    after: Levels = Levels()

    def at(self, moment: Moment) -> Disclosure:
        """The levels that hold at a moment."""
        if moment == "before":
            return Disclosure(public=self.public, hidden=self.hidden, check=self.check)
        after = self.after
        return Disclosure(
            public=after.public or self.public, hidden=after.hidden or self.hidden, check={**self.check, **after.check}
        )

    def names(self) -> Iterator[str]:
        """Every name for which a level is stated."""
        yield from dict.fromkeys([*self.check, *self.after.check])

    def of_notebook(self, assignment: str, stems: Sequence[str]) -> dict[str, Level]:
        """The levels stated for one notebook, by "cell/test", by "cell", or by "" for all of it.

        stems : the names of the notebook, the most specific first: `x_torch` is meant by `x` as well.
        """
        found: dict[str, Level] = {}
        for prefix in (assignment, *(f"{assignment}/{stem}" for stem in reversed(stems))):
            for name, level in self.check.items():
                if name == prefix:
                    found[""] = level
                elif prefix != assignment and name.startswith(f"{prefix}/"):
                    found[name.removeprefix(f"{prefix}/")] = level
        return found
