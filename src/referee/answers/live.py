"""Answers from a running kernel: one comm message there, one comm message back, within a limit of time.

The comm and its binary buffers are plain Jupyter protocol, so any kernel that has run `inside.py` can answer, however
it was started. The kernel is hostile: messages that do not belong to our question are dropped and counted, and a kernel
that neither answers nor can be interrupted is killed.
"""

from __future__ import annotations

import contextlib
import time
import uuid
from queue import Empty
from typing import Any, Protocol

from jupyter_core.utils import run_sync

from referee.answers.codec import RawAnswer, encode_question, refusal
from referee.answers.interface import Question
from referee.sandbox.limits import Limits

_GRACE = 3.0  # seconds that an interrupted kernel gets to answer
_POLL = 0.2  # seconds between two looks whether the kernel lives
_FLOOD = 5_000  # messages that are not an answer, after which the kernel is ended
_NO_MESSAGE: dict[str, Any] = {"parent_header": {}, "msg_type": "", "content": {}}


class Kernel(Protocol):
    """The parts of a running kernel that questions need."""

    @property
    def client(self) -> Any: ...
    async def alive(self) -> bool: ...
    async def interrupt(self) -> None: ...
    async def kill(self, why: str) -> None: ...
    @property
    def killed_because(self) -> str: ...


class LiveSource:
    """Asks a running kernel. One question at a time; a kernel that dies stays dead for all that follow."""

    def __init__(self, kernel: Kernel, limits: Limits) -> None:
        self._kernel = kernel
        self._limits = limits
        self._comm = uuid.uuid4().hex
        self._opened = False
        self._spent = 0.0
        self.slowest = 0.0

    def exchange(self, question: Question) -> RawAnswer:
        """The raw answer to a question; "time", "died" and "killed" are answers of ours."""
        began = time.monotonic()
        raw: RawAnswer = run_sync(self._exchange)(question)
        took = time.monotonic() - began
        self._spent, self.slowest = self._spent + took, max(self.slowest, took)
        return raw

    async def _exchange(self, question: Question) -> RawAnswer:
        if not await self._kernel.alive():
            return self._gone()
        if self._spent > self._limits.notebook_seconds:
            return refusal("time", f"all questions together took longer than {self._limits.notebook_seconds:g} s")
        if not self._opened:
            self._send("comm_open", {"comm_id": self._comm, "target_name": "referee", "data": {}}, [])
            self._opened = True
        text, buffers = encode_question(question, self._limits)
        sent = self._send("comm_msg", {"comm_id": self._comm, "data": {}}, [text, *buffers])
        raw = await self._wait(sent, self._limits.question_seconds)
        if raw is not None:
            return raw
        await self._kernel.interrupt()
        if await self._wait(sent, _GRACE) is None:
            await self._kernel.kill(
                f"it did not stop after the limit of {self._limits.question_seconds:g} s for {question.words()}"
            )
        return refusal("time", f"it took longer than the limit of {self._limits.question_seconds:g} s for one question")

    def _send(self, kind: str, content: dict[str, Any], buffers: list[bytes]) -> str:
        client = self._kernel.client
        message = client.session.msg(kind, content)
        client.session.send(client.shell_channel.socket, message, buffers=buffers)
        return str(message["header"]["msg_id"])

    async def _wait(self, sent: str, seconds: float) -> RawAnswer | None:
        """The answer to the message `sent`, or None when the time is up; a dead or silent kernel is an answer too."""
        deadline, dropped = time.monotonic() + seconds, 0
        while (left := deadline - time.monotonic()) > 0:
            message = await self._next(min(left, _POLL))
            if message is None:
                if not await self._kernel.alive():
                    return self._gone()
                continue
            if message["parent_header"].get("msg_id") != sent:
                dropped += 1
            elif message["msg_type"] == "comm_msg" and message["content"].get("comm_id") == self._comm:
                text, *buffers = [bytes(buffer) for buffer in message["buffers"]] or [b""]
                return RawAnswer(text, tuple(buffers))
            elif message["msg_type"] == "status" and message["content"].get("execution_state") == "idle":
                return refusal("silent", "the kernel gave no answer: its code has removed what answers questions")
            else:
                dropped += 1
            if dropped > _FLOOD:
                await self._kernel.kill(f"it sent more than {_FLOOD:,} messages instead of an answer")
                return self._gone()
        return None

    async def _next(self, seconds: float) -> dict[str, Any] | None:
        """The next message on iopub; None when none came; a message that cannot be read is dropped."""
        with contextlib.suppress(Empty):
            try:
                message: dict[str, Any] = await self._kernel.client.iopub_channel.get_msg(timeout=seconds)
                if all(isinstance(message.get(part), dict) for part in ("parent_header", "content")):
                    return message
                return _NO_MESSAGE
            except Empty:
                raise
            except Exception:  # noqa: BLE001 - no honest kernel signed or wrote that, whatever it breaks here
                return _NO_MESSAGE
        return None

    def _gone(self) -> RawAnswer:
        if self._kernel.killed_because:
            return refusal("killed", f"the kernel was ended: {self._kernel.killed_because}")
        return refusal("died", "the kernel has died")
