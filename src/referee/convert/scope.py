"""What a draft knows while its statements are translated one by one: local names, and what they hold."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import TypeAlias

from referee.convert.known import Known, Unaskable


@dataclass(frozen=True)
class Root:
    """A question that a value comes from: the name that is asked, whether it is called, and the words of the cell."""

    name: str
    called: bool
    text: str

    def words(self, *, hidden: bool) -> str:
        """What is compared, in the student's words; without the inputs of a hidden test."""
        if not self.called:
            return f"`{self.name}`"
        shown = not hidden and len(self.text) <= 60 and "\n" not in self.text and "`" not in self.text
        return f"what `{self.text if shown else self.name}` returns"


#: The questions that a value depends on; none for what the author alone has given.
Roots: TypeAlias = frozenset[Root]
NOTHING: Roots = frozenset()
_PARTIAL = "from functools import partial"
BOTH = "both sides are the student's answers: what the kernel supplies is no expectation"


class Patches(Unaskable):
    """The lines change names of the kernel's: whatever follows them would be asked of something else."""


@dataclass(frozen=True)
class Local:
    """What a name of the cell's own holds.

    roots : the questions it depends on.   function : it can be called, and is not the student's.
    odd : why it cannot be given to the student's code; empty where it can.
    """

    roots: Roots = NOTHING
    function: bool = False
    odd: str = ""


@dataclass
class Scope:
    """The state of one check: shared by the statements of its cell and of what was copied for them.

    hidden : its words must not show the inputs.   lost : names that lines to be finished by hand would have bound.
    same : local names, and those that may hold the same objects.
    given : local names that were given to the student's code.   asked : what it has asked so far.
    claims : how many statements can fail by what the student did.   uses : names of `referee.checks`.
    draws : the cell draws random numbers itself.   copying : statements of other cells are translated.
    own : names that the cell itself has bound.
    """

    known: Known
    hidden: bool = False
    names: dict[str, Local] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)
    lost: dict[str, str] = field(default_factory=dict)
    given: set[str] = field(default_factory=set)
    same: list[tuple[str, str]] = field(default_factory=list)
    asked: list[Root] = field(default_factory=list)
    claims: int = 0
    patched: bool = False
    draws: bool = False
    copying: bool = False
    own: set[str] = field(default_factory=set)
    imports: dict[str, None] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)

    def fork(self) -> Scope:
        """A copy whose changes are its own."""
        held = {each.name: getattr(self, each.name) for each in fields(self)}
        copies = {name: copy.copy(value) for name, value in held.items() if isinstance(value, dict | set | list)}
        return Scope(**{**held, **copies})

    def take(self, other: Scope) -> None:
        """Go on from where a fork has come to."""
        for each in fields(self):
            setattr(self, each.name, getattr(other, each.name))

    def ask(self, root: Root) -> Roots:
        """Note a question. Raises `Unaskable` after lines that change the kernel's names."""
        if self.patched:
            raise Unaskable("it asks the student's work after lines that change it, and that are to be done by hand")
        self.asked.append(root)
        return frozenset([root])

    def use(self, name: str) -> str:
        """The name of something in `referee.checks`, which the grader then imports; another one where that is taken."""
        if name not in self.known.identifiers:
            self.uses.add(name)
            return name
        self.uses.add(f"{name} as referee_{name}")
        return f"referee_{name}"

    def partial(self) -> str:
        """The name of `functools.partial`, which the grader then imports."""
        taken = "partial" in self.known.identifiers and self.known.imports.get("partial") != _PARTIAL
        self.imports[f"{_PARTIAL} as referee_partial" if taken else _PARTIAL] = None
        return "referee_partial" if taken else "partial"

    def bind(self, name: str, local: Local) -> None:
        """A statement of the cell gives a name a value. Raises `Patches` where the student's functions would see it."""
        if not self.copying:
            if name not in self.own and name in self.known.patchable:
                raise Patches(f"it changes `{name}`, which the student's code uses, inside the kernel")
            self.own.add(name)
        self.names[name] = local
        self.lost.pop(name, None)

    def shared(self) -> set[str]:
        """The local names whose objects were given to the student's code, under that name or another one."""
        found: set[str] = set()
        more = set(self.given)
        while more - found:
            found |= more
            more = {other for pair in self.same for other in pair if found & set(pair)}
        return found

    def module_of(self, name: str) -> str:
        """The module, or the name in one, that an imported name stands for: `numpy` of `np`; empty for none."""
        return self.modules.get(name, "")

    def learn(self, line: str) -> None:
        """Remember what an import line binds."""
        self.modules |= dict(imported(line))


def imported(line: str) -> Iterator[tuple[str, str]]:
    """What the names of an import line stand for, in full.

    >>> list(imported("from numpy import testing as npt"))
    [('npt', 'numpy.testing')]
    """
    words = line.split()
    if words[0] == "from":
        names = [part.split(" as ") for part in line.partition(" import ")[2].split(", ")]
        yield from ((pair[-1], f"{words[1]}.{pair[0]}") for pair in names)
    else:
        for part in line.removeprefix("import ").split(", "):
            name, _, other = part.partition(" as ")
            yield (other, name) if other else (name.partition(".")[0], name.partition(".")[0])
