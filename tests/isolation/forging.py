"""Attacks on the grader's questions: forged answers, floods between them, a kernel that grades itself.

No layer mends that a student's code can say what it likes. What the harness does: it takes one answer to each
question, the one that bears the question's number; it asks with inputs that nobody has seen; and it concludes outside.
The counterpart is a harness that does not. In all of these the student's `double` is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import mock

from jupyter_core.utils import run_sync
from nbformat.v4 import new_code_cell, new_notebook

from referee.answers import live
from referee.answers.codec import RawAnswer, decode_answer
from referee.answers.interface import Question
from referee.answers.live import LiveSource
from referee.errors import RefereeError
from referee.execution import Job, execute
from referee.sandbox.limits import Limits
from referee.sandbox.nursery import Nursery
from tests.isolation.attack import BOTH, Attack
from tests.isolation.judges import Verdict

# Referee ends a kernel after 5,000 messages that are no answer; here after fewer, for the time that reading takes
# Both are below what ZeroMQ keeps for a reader (1,000 messages): what a slow reader misses of a flood is dropped.
_FLOOD = 200
_PATIENT = 500  # messages that a harness reads which does not count them

#: Answers each question, and says at once what it hopes to be asked next.
_SECOND = """
import json
def double(x):
    return x + 1
manager = get_ipython().kernel.comm_manager
honest = manager.targets["referee"]
def opened(comm, message):
    honest(comm, message)
    answer = comm._msg_callback
    def asked(message):
        answer(message)
        reply = {"value": {"t": "int", "v": "42"}, "printed": "", "changed": []}
        comm.send({}, buffers=[json.dumps(reply).encode()])
    comm.on_msg(asked)
manager.register_target("referee", opened)
"""
#: Takes the place of what answers questions, and of the kernel's own evaluation of expressions.
_PATCHED = """
import json
def double(x):
    return x + 1
def opened(comm, message):
    def asked(message):
        comm.send({}, buffers=[json.dumps({"value": {"t": "int", "v": "6"}, "printed": "", "changed": []}).encode()])
    comm.on_msg(asked)
get_ipython().kernel.comm_manager.register_target("referee", opened)
true = {"status": "ok", "data": {"text/plain": "True"}, "metadata": {}}
get_ipython().user_expressions = lambda expressions: dict.fromkeys(expressions, true)
"""
_FLOODING = """
import threading
def double(x):
    kernel, end = get_ipython().kernel, threading.Event()
    def flood():
        for _ in range(8000):
            kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "busy"}, None)
    thread = threading.Thread(target=flood)
    thread.start()
    thread.join()
    return x + 1
"""

ATTACKS = (
    Attack(
        "second_answer",
        "answers",
        "forge a second answer, which waits on the kernel's own socket for the next question",
        _SECOND,
        always=BOTH,
        because="an answer counts for the question whose number it bears; the number is drawn when it is asked",
        judge="answers",
    ),
    Attack(
        "patched_kernel",
        "answers",
        "patch ipykernel so that it answers the grader's questions itself",
        _PATCHED,
        always=BOTH,
        because="the kernel is asked for values on unseen inputs, and never whether they are right",
        judge="answers",
    ),
    Attack(
        "question_flood",
        "answers",
        "send messages without end instead of an answer",
        _FLOODING,
        always=BOTH,
        because="5,000 messages that are no answer end the kernel",
        judge="answers",
    ),
)


class _Careless(LiveSource):
    """A harness that takes the next answer for the answer to its question."""

    async def _wait(self, sent: str, seconds: float) -> RawAnswer | None:  # noqa: ARG002 - that is the careless part
        for _ in range(_PATIENT):
            message = await self._next(seconds)
            if message is None:
                return None
            if message["msg_type"] == "comm_msg" and message["buffers"]:
                text, *buffers = [bytes(buffer) for buffer in message["buffers"]]
                return RawAnswer(text, tuple(buffers))
        return None


def answered(attack: Attack, nursery: Nursery, careful: bool) -> Verdict:
    """How a forgery ends, with Referee's own questions or, unless `careful`, with careless ones."""
    asked = {"second_answer": _second, "patched_kernel": _patched, "question_flood": _flood}[attack.name]
    found: list[Verdict] = []

    def check(_name: str, source: LiveSource) -> str:
        # A check that fails here would be taken for the harness's own
        try:
            found.append(asked(source, careful))
        except RefereeError as error:
            found.append(Verdict("unclear", f"{type(error).__name__}: {error}"))
        return ""

    job = Job(nursery=nursery, at_check=check, limits=Limits(question_seconds=20, processes=64, disk_mb=32))
    check_cell = new_code_cell('check("x")', metadata={"nbgrader": {"grade_id": "x", "grade": True, "points": 1}})
    execute(new_notebook(cells=[new_code_cell(attack.code), check_cell]), job, {})
    if not found or any(cell.error for cell in job.cells):
        return Verdict("unclear", repr(job.cells))
    return found[0]


def _value(source: LiveSource, x: int) -> Any:
    """What `double(x)` is said to be; None where there is no usable answer."""
    question = Question(ask="call", name="double", args=(x,))
    with suppress(RefereeError):
        return decode_answer(source.exchange(question), question, Limits()).value
    return None


def _second(source: LiveSource, careful: bool) -> Verdict:
    asking = source if careful else _Careless(source._kernel, source._limits)
    first, second = _value(asking, 3), _value(asking, 21)
    if (first, second) == (4, 42):
        return Verdict("through", "the answer forged beforehand was taken for the second answer")
    return Verdict("stopped" if (first, second) == (4, 22) else "unclear", f"the answers were {first} and {second}")


def _patched(source: LiveSource, careful: bool) -> Verdict:
    if not careful:
        said = _expression(source, "double(21) == 42")
        return Verdict("through" if said == "True" else "unclear", f"the kernel says that the check passed: {said}")
    seen, unseen = _value(source, 3), _value(source, 1271)
    right = seen == 6 and unseen != 2542
    return Verdict("stopped" if right else "unclear", f"it said {seen} to the example, {unseen} to an unseen number")


def _expression(source: LiveSource, text: str) -> str:
    """What the kernel says to an expression that it is asked to evaluate."""
    client: Any = source._kernel.client
    sent = client.execute("", silent=True, user_expressions={"said": text})
    while True:
        message = run_sync(client.shell_channel.get_msg)(timeout=10)
        if message["parent_header"].get("msg_id") == sent:
            return str(message["content"]["user_expressions"]["said"]["data"]["text/plain"])


def _flood(source: LiveSource, careful: bool) -> Verdict:
    with _counted(source) as read, mock.patch.object(live, "_FLOOD", _FLOOD if careful else 10**9):
        _value(source, 3)
    if len(read) > _PATIENT:
        return Verdict("through", f"{len(read):,} messages were read for one answer")
    killed = source._kernel.killed_because
    return Verdict("stopped" if "messages" in killed else "unclear", f"{len(read):,} messages; {killed}")


@contextmanager
def _counted(source: LiveSource) -> Iterator[list[None]]:
    """A list that grows by one with each message that is read."""
    read: list[None] = []
    following = source._next

    async def counted(seconds: float) -> dict[str, Any] | None:
        read.append(None)
        return await following(seconds)

    with mock.patch.object(source, "_next", counted):
        yield read
