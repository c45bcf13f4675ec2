"""The wire format: every supported value comes back as it was, and no answer, however hostile, breaks the decoder."""

import json
import math
import struct
import sys
import tracemalloc
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from referee.answers.codec import RawAnswer, decode_answer, encode_question, question_key, refusal
from referee.answers.interface import Question
from referee.answers.local import LocalSource
from referee.errors import AnswerError, KernelDied, LimitReached, StudentFault
from referee.sandbox import inside
from referee.sandbox.limits import Limits

LIMITS = Limits()
GET = Question(ask="get", name="x")
quick = settings(deadline=None, max_examples=120, suppress_health_check=[HealthCheck.too_slow])

DTYPES = ["?", "i1", "u1", "<i2", ">i2", "<u4", ">u4", "<i8", ">i8", "u8", "<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]
DTYPES += ["<c8", ">c8", "<c16", ">c16", "<U3", ">U3"]
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
arrays = st.sampled_from(DTYPES).flatmap(
    lambda dtype: hnp.arrays(
        dtype,
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
        elements=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3)
        if "U" in dtype
        else None,
    )
)
scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.sampled_from([2**4096 - 1, -(2**4096 - 1), -(2**63), 2**64]),
    st.floats(), st.complex_numbers(), text, st.binary(max_size=8),
)  # fmt: skip
keys = st.one_of(text, st.integers(), st.booleans(), st.none(), st.binary(max_size=3), st.tuples(text, st.integers()))
values: st.SearchStrategy[Any] = st.recursive(
    st.one_of(scalars, arrays),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.lists(inner, max_size=3).map(tuple), st.dictionaries(keys, inner, max_size=3)
    ),
    max_leaves=10,
)


def trip(value: Any, limits: Limits = LIMITS) -> Any:
    return LocalSource({"x": value}, limits).ask(GET).value


def same(left: Any, right: Any) -> bool:
    """Whether two plain values are equal to the bit; a NaN equals a NaN."""
    if type(left) is not type(right):
        return False
    if isinstance(left, float):
        return struct.pack("<d", left) == struct.pack("<d", right) or (math.isnan(left) and math.isnan(right))
    if isinstance(left, complex):
        return same(left.real, right.real) and same(left.imag, right.imag)
    if isinstance(left, list | tuple):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict):
        return all(map(same, left, right)) and all(map(same, left.values(), right.values()))
    if isinstance(left, np.ndarray):
        if left.dtype.kind == "U":
            return bool(left.shape == right.shape and left.tolist() == right.tolist())
        little = left.astype(left.dtype.newbyteorder("<"))
        return bool((little.dtype, little.shape, little.tobytes()) == (right.dtype, right.shape, right.tobytes()))
    return bool(left == right)


@quick
@given(values)
def test_an_answer_is_the_value_to_the_bit(value):
    """What a kernel encodes, the decoder gives back with the same types and the same bits."""
    assert same(value, trip(value))


@quick
@given(values)
def test_a_question_is_the_value_to_the_bit(value):
    """What a grader sends as an argument, the kernel's side decodes with the same types and the same bits."""
    request, buffers = encode_question(Question(ask="call", name="f", args=(value,)), LIMITS)
    node = json.loads(request)["args"][0]
    if not any(array.dtype.kind == "U" for array in _arrays(value)):
        assert same(value, inside.decode(node, buffers))


def _arrays(value: Any) -> list[Any]:
    if isinstance(value, np.ndarray):
        return [value]
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    return [array for item in value for array in _arrays(item)] if isinstance(value, list | tuple) else []


def test_an_array_of_strings_can_be_an_argument():
    """A grader may hand an array of strings to a student's function."""
    echo = LocalSource({"f": lambda words: words})
    sent = np.array([["a", "bc"], ["", "ä"]])
    assert same(echo.ask(Question(ask="call", name="f", args=(sent,))).value, sent)


def test_decoded_arrays_cannot_be_written():
    """An answer that a grader holds cannot be changed by accident."""
    assert not trip(np.zeros(3)).flags.writeable


def test_layout_does_not_matter():
    """A transposed, strided or Fortran-ordered array arrives as the numbers that it shows."""
    array = np.arange(24.0).reshape(2, 3, 4)
    for view in (array.T, array[::-1, :, ::2], np.asfortranarray(array), np.broadcast_to(np.arange(3), (4, 3))):
        assert np.array_equal(trip(view), view)


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(-3), np.bool_(True), np.complex64(1j)])
def test_numpy_scalars_arrive_as_arrays_without_axes(value):
    """A NumPy scalar keeps its dtype: it arrives as a 0-d array."""
    answer = trip(value)
    assert (answer.shape, answer.dtype, answer[()]) == ((), value.dtype, value)


@pytest.mark.parametrize("kind", [np.longdouble, np.clongdouble])
def test_long_doubles_arrive_in_double_precision(kind):
    """A long double arrives as the nearest double."""
    answer = trip(np.array([0.1, -2.0], dtype=kind))
    assert answer.dtype == (np.float64 if kind is np.longdouble else np.complex128)
    assert np.array_equal(answer, np.array([0.1, -2.0], dtype=kind).astype(answer.dtype))


@pytest.mark.parametrize(
    ("value", "arrives"),
    [
        ("a\ud800b", "a?b"),
        (["\udfff"], ["?"]),
        ({"\ud800": 1}, {"?": 1}),
        (np.array(["\ud800x", "y"]), np.array(["?x", "y"])),
        ("\U0001f600", "\U0001f600"),
    ],
)
def test_half_a_character_becomes_a_question_mark(value, arrives):
    """A lone surrogate, which no file or page can hold, arrives as a question mark wherever it stands."""
    assert same(trip(value), arrives)


def test_half_a_character_in_an_error_or_in_print():
    """A lone surrogate in an error's message or in printed text does not hide the answer."""

    def speak() -> int:
        print("\ud800!")  # noqa: T201 - what is tested
        return 1

    def fail() -> None:
        raise ValueError("\ud800!")

    source = LocalSource({"speak": speak, "fail": fail})
    assert source.ask(Question(ask="call", name="speak")).printed == "?!\n"
    with pytest.raises(StudentFault, match=r"raised ValueError: \?!"):
        source.ask(Question(ask="call", name="fail"))


# ----- hostile answers


def decode(text: str | bytes | dict[str, Any], *buffers: bytes, limits: Limits = LIMITS) -> Any:
    raw = json.dumps(text).encode() if isinstance(text, dict) else text.encode() if isinstance(text, str) else text
    return decode_answer(RawAnswer(raw, buffers), GET, limits).value


@quick
@given(st.binary(max_size=200), st.lists(st.binary(max_size=8), max_size=2))
def test_arbitrary_bytes_are_an_answer_error(text, buffers):
    """No bytes make the decoder raise anything but an `AnswerError`."""
    with pytest.raises(AnswerError):
        decode(text, *buffers)


tags = st.sampled_from(["none", "bool", "int", "float", "complex", "str", "bytes", "array", "strings", "list", "tuple",
                        "dict", "set", ""])  # fmt: skip
junk = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.just(2**70), st.floats(), st.text(max_size=4),
    st.sampled_from(["0x1p+0", "0x1p99999", "nan", "1", "-0", "<f4", "|b1", "|O", "<M8[s]"]),
    st.lists(st.integers(-2, 2**41), max_size=3), st.lists(st.text(max_size=2), max_size=3),
)  # fmt: skip
nodes: st.SearchStrategy[Any] = st.recursive(
    st.fixed_dictionaries({"t": tags}, optional={"v": junk, "b": junk, "d": junk, "s": junk, "k": junk}),
    lambda inner: st.one_of(
        st.fixed_dictionaries({"t": tags, "v": st.lists(inner, max_size=3)}),
        st.fixed_dictionaries({"t": tags, "k": st.lists(inner, max_size=2), "v": st.lists(inner, max_size=2)}),
    ),
    max_leaves=6,
)


@settings(parent=quick, max_examples=300)
@given(nodes, st.lists(st.binary(max_size=16), max_size=3))
def test_nodes_that_look_right_give_plain_data_or_an_answer_error(node, buffers):
    """A well-formed text with wrong tags, fields and shapes gives plain data or an `AnswerError`, nothing else."""
    try:
        value = decode(json.dumps({"value": node}), *buffers)
    except AnswerError:
        return
    assert same(value, trip(value))


@quick
@given(values, st.data())
def test_a_mutated_answer_is_plain_data_or_an_answer_error(value, data):
    """Flipping a byte of a valid answer, in its text or in a buffer, gives plain data or an `AnswerError`."""
    raw = LocalSource({"x": value}).exchange(GET)
    parts = [bytearray(raw.text), *map(bytearray, raw.buffers)]
    part = data.draw(st.sampled_from([part for part in parts if part]))
    part[data.draw(st.integers(0, len(part) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del part[data.draw(st.integers(0, len(part) - 1)) :]
    try:
        decode(bytes(parts[0]), *map(bytes, parts[1:]))
    except AnswerError:
        return


ARRAY = {"t": "array", "d": "<f4", "s": [2], "b": 0}
HOSTILE: dict[str, tuple[dict[str, Any], bytes]] = {
    "buffer out of range": ({**ARRAY, "b": 1}, bytes(8)),
    "buffer from behind": ({**ARRAY, "b": -1}, bytes(8)),
    "buffer that is huge": ({**ARRAY, "b": 2**80}, bytes(8)),
    "buffer too short": (ARRAY, bytes(7)),
    "buffer too long": (ARRAY, bytes(12)),
    "negative size": ({**ARRAY, "s": [-2]}, bytes(8)),
    "two negative sizes": ({**ARRAY, "s": [-1, -2]}, bytes(8)),
    "huge shape": ({**ARRAY, "s": [2**40, 2**40]}, bytes(8)),
    "huge empty shape": ({**ARRAY, "s": [0, 2**40, 2**40, 2**40]}, b""),
    "a size beyond all sizes": ({**ARRAY, "s": [2**80]}, bytes(8)),
    "too many axes": ({**ARRAY, "s": [1] * 33, "d": "<f8"}, bytes(8)),
    "a fractional size": ({**ARRAY, "s": [2.5]}, bytes(8)),
    "objects": ({**ARRAY, "d": "|O"}, bytes(16)),
    "structured": ({**ARRAY, "d": "i4,i4"}, bytes(16)),
    "unknown dtype": ({**ARRAY, "d": "<f3"}, bytes(6)),
    "big-endian": ({**ARRAY, "d": ">f4"}, bytes(8)),
    "dates": ({**ARRAY, "d": "<M8[s]"}, bytes(16)),
    "void": ({**ARRAY, "d": "|V4"}, bytes(8)),
    "a dtype of a million letters": ({**ARRAY, "d": "f" * 10**6}, bytes(8)),
    "a boolean 2": ({**ARRAY, "d": "|b1"}, b"\1\2"),
    "an integer of a million digits": ({"t": "int", "v": "9" * 10**6}, b""),
    "an integer with a line break": ({"t": "int", "v": "12\n"}, b""),
    "an integer in other digits": ({"t": "int", "v": "١٢"}, b""),
    "an integer with underscores": ({"t": "int", "v": "1_0"}, b""),
    "a float beyond all floats": ({"t": "float", "v": "0x1p99999"}, b""),
    "a float in words": ({"t": "float", "v": "one"}, b""),
    "half a complex": ({"t": "complex", "v": ["0x1p0"]}, b""),
    "an unhashable key": ({"t": "dict", "k": [{"t": "list", "v": []}], "v": [{"t": "none"}]}, b""),
    "a key without a value": ({"t": "dict", "k": [{"t": "none"}], "v": []}, b""),
    "an array as a key": ({"t": "dict", "k": [ARRAY], "v": [{"t": "none"}]}, bytes(8)),
    "a wrong number of strings": ({"t": "strings", "s": [3], "v": ["a"]}, b""),
    "strings that grow": ({"t": "strings", "s": [5000], "v": ["a" * 1000, *[""] * 4999]}, b""),
    "an unknown tag": ({"t": "set", "v": []}, b""),
    "an unknown field": ({"t": "none", "__class__": "int"}, b""),
    "a tag that is a number": ({"t": 1}, b""),
}


@pytest.mark.parametrize(("node", "buffer"), HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_node_is_the_students_fault_and_costs_no_memory(node, buffer):
    """Each malformed value is refused as the student's fault, without allocating what it claims to be."""
    text = json.dumps({"value": node})
    tracemalloc.start()
    try:
        with pytest.raises(StudentFault, match="not in the agreed form"):
            decode(text, buffer)
        assert tracemalloc.get_traced_memory()[1] < 30_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("opening", ['{"value": ', ""])
def test_nesting_without_end_is_refused(opening):
    """An answer nested a hundred thousand levels deep is refused, not followed."""
    with pytest.raises(StudentFault):
        decode(opening + '{"t":"list","v":[' * 100_000)


def test_nesting_that_closes_is_refused_beyond_the_depth():
    """A well-formed answer that is deeper than agreed is refused."""
    with pytest.raises(StudentFault):
        decode('{"value":' + '{"t":"list","v":[' * 200 + '{"t":"none"}' + "]}" * 200 + "}")


def test_more_items_than_agreed_are_refused():
    """A well-formed answer with more items than agreed is refused, strings in an array included."""
    few = Limits(answer_items=10)
    many = {"value": {"t": "list", "v": [{"t": "none"}] * 11}}
    with pytest.raises(StudentFault, match="more items or levels"):
        decode(many, limits=few)
    with pytest.raises(StudentFault, match="wrong number of strings"):
        decode({"value": {"t": "strings", "s": [11], "v": ["a"] * 11}}, limits=few)


def test_keys_chosen_to_collide_are_refused():
    """A dict whose keys all share one hash is refused: looking each up among the others would cost minutes."""
    modulus = sys.hash_info.modulus
    keys = [{"t": "int", "v": str(number * modulus)} for number in range(1, 1000)]
    with pytest.raises(StudentFault, match="share their hashes"):
        decode({"value": {"t": "dict", "k": keys, "v": [{"t": "none"}] * len(keys)}})


def test_more_bytes_than_agreed_are_a_limit():
    """Buffers beyond the agreed size are a limit, before anything is decoded."""
    with pytest.raises(LimitReached, match="an answer of 40,000,"):
        decode({"value": {"t": "none"}}, bytes(40_000_000), limits=Limits(answer_bytes=100))


@pytest.mark.parametrize(
    "reply",
    [
        {},
        {"value": None},
        {"error": {"kind": "raised"}},
        {"error": {"kind": "raised", "words": "w" * 10_001}},
        {"value": {"t": "none"}, "changed": ["a"] * 101},
        {"value": {"t": "none"}, "printed": "p" * 10_001},
        {"value": {"t": "none"}, "grade": 100},
        {"error": [1]},
    ],
)
def test_a_reply_of_the_wrong_form_is_refused(reply):
    """A reply without a value, with unbounded words or with fields of its own is refused."""
    with pytest.raises(StudentFault, match="not in the agreed form"):
        decode(reply)


@pytest.mark.parametrize("kind", ["harness", "HarnessError", "check", "person", "passed", "unrecorded", ""])
def test_a_kernel_cannot_blame_the_harness(kind):
    """An error kind that a kernel invents is the student's fault, whatever it calls itself."""
    with pytest.raises(StudentFault):
        decode({"error": {"kind": kind, "words": "it was you"}})


def test_a_malformed_answer_as_a_person_reads_it():
    """The message about a malformed answer says what was asked, what came and what to leave alone."""
    with pytest.raises(StudentFault) as caught:
        decode({"value": {"t": "array", "d": "|O", "s": [], "b": 0}}, b"")
    assert str(caught.value) == (
        "wanted: the value of `x`\n"
        "found:  an answer that is not in the agreed form (dtype |O is not taken)\n"
        "next:   do not interfere with the kernel's own modules"
    )


# ----- refusals and keys


@pytest.mark.parametrize(
    ("kind", "error", "by_limit"),
    [
        ("time", LimitReached, None),
        ("too_large", LimitReached, None),
        ("too_deep", LimitReached, None),
        ("died", KernelDied, False),
        ("killed", KernelDied, True),
        ("silent", StudentFault, None),
        ("missing", StudentFault, None),
    ],
)
def test_refusals_become_the_error_of_their_kind(kind, error, by_limit):
    """A refusal of the harness's own is the error that its kind stands for, with its words."""
    with pytest.raises(error, match="these words") as caught:
        decode_answer(refusal(kind, "these words"), GET, LIMITS)
    assert getattr(caught.value, "by_limit", None) is by_limit


@quick
@given(values, values)
def test_questions_share_a_key_only_when_they_ask_the_same(left, right):
    """Equal questions have equal keys, and questions with different arguments different ones."""

    def key(value: Any) -> str:
        return question_key(Question(ask="call", name="f", args=(value,)))

    assert key(left) == key(left)
    encoded = [encode_question(Question(ask="call", name="f", args=(value,)), LIMITS) for value in (left, right)]
    assert (key(left) == key(right)) == (encoded[0] == encoded[1])


def test_a_key_tells_apart_what_is_asked():
    """The kind of a question, its name, its build and its keyword arguments are all part of its key."""
    questions = [
        GET,
        Question(ask="get", name="y"),
        Question(ask="call", name="x"),
        Question(ask="call", name="x", kwargs={"a": 1}),
        Question(ask="call", name="x", args=(1,)),
        Question(ask="call", name="x", args=(True,)),
        Question(ask="weights", name="x"),
        Question(ask="weights", name="x", build=()),
    ]
    assert len({question_key(question) for question in questions}) == len(questions)


def test_a_recordings_keys_do_not_depend_on_limits():
    """The key of a question is the same under other limits, so that a recording outlives them."""
    one, other = (encode_question(GET, limits)[0] for limits in (Limits(), Limits(answer_items=5)))
    assert one != other
    assert msgspec.json.decode(one)["name"] == msgspec.json.decode(other)["name"]
    assert question_key(GET) == question_key(GET)
