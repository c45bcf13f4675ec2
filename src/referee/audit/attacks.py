"""The attacks that are tried: each with a sentence, and whether it needs the notebook beside the kernel.

Their code is `inside.py`, which is put into the notebook as text.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from referee.record import Record


class Attack(Record, frozen=True):
    """What a student might write.

    name : the function of `inside.py` that does it.   sentence : what it does, in the words of a table.
    beside : it is tried with the notebook in the kernel's folder as well, where nbgrader keeps it.
    tag : what each test cell is tagged with, for nbgrader leaves the tags of locked cells as they are handed in.
    """

    name: str
    sentence: str
    beside: bool = False
    tag: str = ""


ATTACKS = (
    Attack(
        name="notebook", sentence="reads the notebook beside the kernel, and answers what its tests want", beside=True
    ),
    Attack(name="event", sentence="is told of each cell before it runs (pre_run_cell), and answers what it wants"),
    Attack(
        name="frames", sentence="a function looks at the cell that calls it, and answers what that is compared with"
    ),
    Attack(name="ast_transformer", sentence="empties the syntax tree of each cell"),
    Attack(name="input_transformer", sentence="replaces the text of each cell"),
    Attack(name="lying_object", sentence="answers with an object that equals everything"),
    Attack(
        name="patched_helpers",
        sentence="replaces numpy.testing, unittest, isclose, names like len, given helpers",
    ),
    Attack(name="patched_shell", sentence="replaces what runs a cell, so that nothing runs"),
    Attack(name="silent_errors", sentence="lets the cell fail, shows no error and reports success"),
    Attack(name="forged_result", sentence="publishes a result of its own before the cell fails"),
    Attack(name="skip_tag", sentence="tags each test cell so that it is not run at all", tag="skip-execution"),
    Attack(name="exit_process", sentence="ends the kernel (os._exit) when a test asks"),
    Attack(name="exit_cell", sentence="ends the cell (SystemExit) when a test asks"),
)


class Known(Record, frozen=True):
    """What a student knows of a task.

    names : what the task asks for.   helpers : functions of the author's that tests call.
    modules : where other helpers of its tests come from.
    """

    names: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()


def first_cell(attack: Attack, known: Known, nonce: str) -> str:
    """The cell with which a student would begin the notebook; `nonce` is the number of this run."""
    wanted = msgspec.json.encode({**msgspec.to_builtins(known), "nonce": nonce}).decode()
    return (
        f'import types\nattack = types.ModuleType("attack")\nexec({_inside()!r}, attack.__dict__)\n'
        f"attack.begin({attack.name!r}, {wanted!r})"
    )


ANSWER = "attack.answer()"


@cache
def _inside() -> str:
    return Path(__file__).with_name("inside.py").read_text(encoding="utf-8")
