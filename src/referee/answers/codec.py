"""Questions to bytes, and bytes from a hostile kernel to plain data.

What comes in was made beside the student's code, so it is decoded as an attacker's: a strict schema, exact types,
bounds on size, items and depth, an allow-list of dtypes; never pickle, never eval. Every malformed answer becomes a
`StudentFault`; there is no input for which this module raises anything but an `AnswerError`.
"""

from __future__ import annotations

import hashlib
import math
from typing import Annotated, Any, NoReturn, TypeAlias

import msgspec
import numpy as np

from referee.answers.interface import Answer, Array, Question, Value
from referee.errors import AnswerError, KernelDied, LimitReached, StudentFault
from referee.report import clip
from referee.sandbox.inside import Encoder
from referee.sandbox.limits import Limits

_DTYPES = frozenset({"|b1", "|i1", "|u1", *(f"<{kind}{size}" for kind in "iu" for size in (2, 4, 8))})
_DTYPES |= {"<f2", "<f4", "<f8", "<c8", "<c16"}
_MAX_TEXT = 32_000_000
_COLLISIONS = 100
_LIMIT_KINDS = frozenset({"time", "too_large", "too_deep"})

Short: TypeAlias = Annotated[str, msgspec.Meta(max_length=10_000)]
Shape: TypeAlias = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=2**40)]], msgspec.Meta(max_length=32)]


class RawAnswer(msgspec.Struct, frozen=True):
    """An answer as it left the kernel: a JSON text and its buffers, not yet believed."""

    text: bytes
    buffers: tuple[bytes, ...] = ()


class _Node(msgspec.Struct, tag_field="t", forbid_unknown_fields=True):
    pass


class _None(_Node, tag="none"):
    pass


class _Bool(_Node, tag="bool"):
    v: bool


class _Int(_Node, tag="int"):
    v: Annotated[str, msgspec.Meta(max_length=1300, pattern=r"^-?[0-9]+\Z")]


class _Float(_Node, tag="float"):
    v: Annotated[str, msgspec.Meta(max_length=40)]


class _Complex(_Node, tag="complex"):
    v: tuple[Annotated[str, msgspec.Meta(max_length=40)], Annotated[str, msgspec.Meta(max_length=40)]]


class _Str(_Node, tag="str"):
    v: str


class _Bytes(_Node, tag="bytes"):
    b: int


class _Array(_Node, tag="array"):
    d: str
    s: Shape
    b: int


class _Strings(_Node, tag="strings"):
    s: Shape
    v: list[str]


class _List(_Node, tag="list"):
    v: list[AnyNode]


class _Tuple(_Node, tag="tuple"):
    v: list[AnyNode]


class _Dict(_Node, tag="dict"):
    k: list[AnyNode]
    v: list[AnyNode]


AnyNode: TypeAlias = (
    _None | _Bool | _Int | _Float | _Complex | _Str | _Bytes | _Array | _Strings | _List | _Tuple | _Dict
)


class _Error(msgspec.Struct):
    kind: Short
    words: Short
    log: Short = ""


class _Reply(msgspec.Struct, forbid_unknown_fields=True):
    value: AnyNode | None = None
    error: _Error | None = None
    changed: Annotated[list[Short], msgspec.Meta(max_length=100)] = []
    printed: Short = ""


_decoder = msgspec.json.Decoder(_Reply)


def encode_question(question: Question, limits: Limits) -> tuple[bytes, list[bytes]]:
    """The JSON text and the buffers of a question, with the bounds that its answer must keep."""
    encoder = Encoder(max_bytes=1 << 34, max_items=1 << 24, max_depth=50)
    request = {
        "ask": question.ask,
        "name": question.name,
        "args": [encoder.node(arg) for arg in question.args],
        "kwargs": {name: encoder.node(arg) for name, arg in question.kwargs.items()},
        "build": None if question.build is None else [encoder.node(arg) for arg in question.build],
        "limits": {"bytes": limits.answer_bytes, "items": limits.answer_items, "depth": limits.answer_depth},
    }
    return msgspec.json.encode(request), encoder.buffers


def question_key(question: Question) -> str:
    """A short text that two questions share only when they ask the same: the key of a recording."""
    text, buffers = encode_question(question, Limits())
    digest = hashlib.sha256(text)
    for buffer in buffers:
        digest.update(len(buffer).to_bytes(8, "little") + buffer)
    return f"{question.ask} {question.name} {digest.hexdigest()[:24]}"


def refusal(kind: str, words: str) -> RawAnswer:
    """An answer made by the harness itself, where the kernel gave none: "time", "died" or "killed"."""
    return RawAnswer(msgspec.json.encode({"error": {"kind": kind, "words": words}}))


def decode_answer(raw: RawAnswer, question: Question, limits: Limits) -> Answer:
    """The plain data in a raw answer.

    Raises
    ------
    StudentFault : the kernel refused (a missing name, a raised error, a generator, ...) or sent something malformed.
    LimitReached : the answer exceeds a bound, or took too long.   KernelDied : there is no kernel any more.
    """
    size = len(raw.text) + sum(len(buffer) for buffer in raw.buffers)
    if len(raw.text) > _MAX_TEXT or size > limits.answer_bytes + _MAX_TEXT:
        raise LimitReached(question.words(), f"an answer of {size:,} bytes", "return less data")
    try:
        reply = _decoder.decode(raw.text)
        if reply.error is not None:
            _refuse(reply.error, question)
        if reply.value is None:
            raise ValueError("neither a value nor an error")
        value = _Builder(raw.buffers, limits).build(reply.value, 0)
    except AnswerError:
        raise
    except (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        found = f"an answer that is not in the agreed form ({clip(str(error), 200)})"
        raise StudentFault(question.words(), found, "do not interfere with the kernel's own modules") from error
    return Answer(value=value, printed=reply.printed, changed=tuple(reply.changed))


def _refuse(error: _Error, question: Question) -> NoReturn:
    if error.kind in ("died", "killed"):
        raise KernelDied(question.words(), error.words, by_limit=error.kind == "killed")
    kind = LimitReached if error.kind in _LIMIT_KINDS else StudentFault
    failure = kind(question.words(), error.words)
    failure.log = error.log
    raise failure


class _Builder:
    """Builds the value of a checked node; counts items, so that a small text cannot become a large object."""

    def __init__(self, buffers: tuple[bytes, ...], limits: Limits) -> None:
        self._buffers = buffers
        self._limits = limits
        self._items = 0

    def build(self, node: AnyNode, depth: int) -> Value:
        self._items += 1
        if self._items > self._limits.answer_items or depth > self._limits.answer_depth + 1:
            raise ValueError("more items or levels than agreed")
        match node:
            case _List():
                return [self.build(item, depth + 1) for item in node.v]
            case _Tuple():
                return tuple(self.build(item, depth + 1) for item in node.v)
            case _Dict():
                return self._dict(node, depth)
            case _Array():
                return self._array(node)
            case _Strings():
                return self._strings(node)
            case _Bytes():
                return self._buffer(node.b)
        return _scalar(node)

    def _dict(self, node: _Dict, depth: int) -> dict[Any, Value]:
        keys = [self.build(key, depth + 1) for key in node.k]
        values = [self.build(value, depth + 1) for value in node.v]
        if len(keys) - len({hash(key) for key in keys}) > _COLLISIONS:
            raise ValueError("keys that were chosen to share their hashes")  # or a small text would cost minutes
        return dict(zip(keys, values, strict=True))  # an unhashable key is a TypeError: malformed

    def _array(self, node: _Array) -> Array:
        if node.d not in _DTYPES:
            raise ValueError(f"dtype {clip(node.d, 200)} is not taken")
        dtype, data = np.dtype(node.d), self._buffer(node.b)
        if len(data) != math.prod(node.s) * dtype.itemsize:
            raise ValueError(f"{len(data)} bytes for shape {tuple(node.s)} of {node.d}")
        if dtype.kind == "b" and data.strip(b"\0\1"):
            raise ValueError("a boolean that is neither 0 nor 1")
        array = np.frombuffer(data, dtype=dtype).reshape(node.s)
        array.flags.writeable = False
        return array

    def _strings(self, node: _Strings) -> Array:
        self._items += len(node.v)
        if self._items > self._limits.answer_items or len(node.v) != math.prod(node.s):
            raise ValueError("a wrong number of strings")
        if sum(map(len, node.v)) > 1_000_000 or max(map(len, node.v), default=0) * len(node.v) > 4_000_000:
            raise ValueError("an array of strings that is too large")
        return np.array(node.v, dtype=np.str_).reshape(node.s)

    def _buffer(self, index: int) -> bytes:
        if not 0 <= index < len(self._buffers):
            raise ValueError(f"buffer {index} of {len(self._buffers)}")
        return self._buffers[index]


def _scalar(node: AnyNode) -> bool | int | float | complex | str | None:
    match node:
        case _Bool() | _Str():
            return node.v
        case _Int():
            return int(node.v)
        case _Float():
            return float.fromhex(node.v)
        case _Complex():
            return complex(float.fromhex(node.v[0]), float.fromhex(node.v[1]))
    return None
