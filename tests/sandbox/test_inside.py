"""The file inside the jail: what it takes, what it refuses and in which words, whatever the student's code is."""

import ast
import builtins
import collections
import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from referee.answers.interface import Answer, Question, Student
from referee.answers.local import LocalSource
from referee.errors import AnswerError, LimitReached, StudentFault
from referee.sandbox import inside
from referee.sandbox.limits import Limits


class SubArray(np.ndarray):
    pass


class SubFloat(float):
    pass


class SubInt(int):
    pass


class SubStr(str):
    __slots__ = ()


class SubList(list[Any]):
    pass


class SubDict(dict[Any, Any]):
    pass


class Point(collections.namedtuple("Point", "x y")):
    __slots__ = ()


class Series:
    pass


def ask(namespace: dict[str, Any], question: Question, limits: Limits | None = None) -> Answer:
    return LocalSource(namespace, limits).ask(question)


def get(value: Any, limits: Limits | None = None) -> Any:
    return ask({"x": value}, Question(ask="get", name="x"), limits).value


def call(function: Any, *args: Any, limits: Limits | None = None, **kwargs: Any) -> Answer:
    return ask({"f": function}, Question(ask="call", name="f", args=args, kwargs=kwargs), limits)


def refused(value: Any, limits: Limits | None = None) -> AnswerError:
    with pytest.raises(AnswerError) as caught:
        get(value, limits)
    return caught.value


TAKEN = "numbers, strings, lists, dicts, arrays and tensors are taken"
REFUSED: dict[str, tuple[Any, str]] = {
    "generator": ((n for n in [1]), f"type generator; {TAKEN}; turn it into plain data with list(...)"),
    "map": (map(str, [1]), f"type map; {TAKEN}; turn it into plain data with list(...)"),
    "range": (range(3), f"type range; {TAKEN}; turn it into plain data with list(...)"),
    "dict_keys": ({}.keys(), f"type dict_keys; {TAKEN}; turn it into plain data with list(...)"),
    "set": ({1, 2}, f"type set; {TAKEN}; turn it into plain data with sorted(...)"),
    "frozenset": (frozenset(), f"type frozenset; {TAKEN}; turn it into plain data with sorted(...)"),
    "series": (Series(), f"type Series; {TAKEN}; turn it into plain data with .to_numpy()"),
    "object": (object(), f"type object; {TAKEN}"),
    "function": (len, f"type builtin_function_or_method; {TAKEN}"),
    "module": (json, f"type module; {TAKEN}"),
    "bytearray": (bytearray(b"x"), f"type bytearray; {TAKEN}"),
    "exception": (ValueError("x"), f"type ValueError; {TAKEN}"),
    "masked": (
        np.ma.masked_array([1, 2], [False, True]),
        "type MaskedArray, a subclass of ndarray; only the plain type is taken; "
        "turn it into plain data with .filled(...)",
    ),
    "matrix": (
        np.zeros((1, 1)).view(np.matrix),
        "type matrix, a subclass of ndarray; only the plain type is taken; "
        "turn it into plain data with numpy.asarray(...)",
    ),
    "subclass of ndarray": (
        np.zeros(2).view(SubArray),
        "type SubArray, a subclass of ndarray; only the plain type is taken",
    ),
    "subclass of float": (SubFloat(1), "type SubFloat, a subclass of float; only the plain type is taken"),
    "subclass of int": (SubInt(1), "type SubInt, a subclass of int; only the plain type is taken"),
    "subclass of str": (SubStr("a"), "type SubStr, a subclass of str; only the plain type is taken"),
    "subclass of list": (SubList([1]), "type SubList, a subclass of list; only the plain type is taken"),
    "subclass of dict": (SubDict(), "type SubDict, a subclass of dict; only the plain type is taken"),
    "namedtuple": (Point(1, 2), "type Point, a subclass of tuple; only the plain type is taken"),
    "counter": (collections.Counter("a"), "type Counter, a subclass of dict; only the plain type is taken"),
    "objects": (np.array([None, {}], dtype=object), "an array of dtype object; an array of numbers is wanted"),
    "dates": (np.array(["2020-01-01"], "M8[D]"), "an array of dtype datetime64[D]; an array of numbers is wanted"),
    "bytes that look like a number": (np.array([b"123456789012"]), "an array of dtype |S12; an array of numbers"),
    "structured": (np.zeros(2, "i4,f8"), "an array of dtype [('f0', '<i4'), ('f1', '<f8')]; an array of numbers"),
    "one long field": (np.zeros(2, [("a", "f8"), ("b", "f8")]), "an array of numbers is wanted"),
}


@pytest.mark.parametrize("wrap", [lambda value: value, lambda value: [1, (value,)], lambda value: {"a": value}])
@pytest.mark.parametrize(("value", "words"), REFUSED.values(), ids=REFUSED)
def test_what_is_not_plain_data_is_refused_in_words_that_help(value, words, wrap):
    """What is not plain data is refused at any depth, and the words say its type and, where there is one, a way."""
    error = refused(wrap(value))
    assert isinstance(error, StudentFault)
    assert words in error.found


def test_a_refusal_as_a_student_reads_it():
    """The message says what was asked, what there was and how to make it plain data."""
    assert str(refused(zip("a", "b", strict=True))) == (
        "wanted: the value of `x`\n"
        "found:  it is of type zip; numbers, strings, lists, dicts, arrays and tensors are taken; "
        "turn it into plain data with list(...)"
    )


def test_ordered_and_default_dicts_are_dicts():
    """An OrderedDict and a defaultdict arrive as plain dicts."""
    for value in (collections.OrderedDict(a=1), collections.defaultdict(int, a=1)):
        assert type(get(value)) is dict
        assert get(value) == {"a": 1}


class _LyingMeta(type):
    @property
    def __name__(cls) -> str:  # type: ignore[override] # a lie
        raise RuntimeError("no name")

    @property
    def __mro__(cls) -> Any:
        raise RuntimeError("no order")

    def __instancecheck__(cls, _other: Any) -> bool:
        return True

    def __eq__(cls, _other: object) -> bool:
        return True

    def __hash__(cls) -> int:
        return hash(float)


class _Liar(metaclass=_LyingMeta):
    __array__ = None

    def __getattribute__(self, name: str) -> Any:
        return {"__class__": np.ndarray, "shape": (1,), "dtype": np.dtype("f8")}.get(name, lambda *_: b"")

    def __eq__(self, _other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        raise RuntimeError("no truth")


class _Disguised:
    """Says that it is a NumPy scalar; NumPy would believe it."""

    __module__ = "builtins"

    @property  # type: ignore[misc] # a lie
    def __class__(self) -> Any:
        return np.float64

    def __array__(self, *_args: Any, **_kwargs: Any) -> Any:
        return np.array([1.0])


@pytest.mark.parametrize("value", [_Liar(), _Disguised(), _Liar], ids=["liar", "disguised", "class"])
def test_an_object_that_lies_about_itself_is_refused(value):
    """An object with a false class, equality, name or metaclass is refused; nothing of it is believed."""
    assert isinstance(refused([value]), StudentFault)


def test_an_object_that_numpy_would_convert_arrives_as_plain_numbers_at_most():
    """A class that even claims NumPy's module gives the plain numbers that it converts to, or nothing."""
    kind = type("float64", (_Disguised,), {"__module__": "numpy"})
    try:
        value = get(kind())
    except AnswerError:
        return
    assert type(value) is np.ndarray
    assert value.tolist() == [1.0]


def test_an_error_class_that_lies_is_still_an_answer():
    """An exception whose class and message cannot be shown is reported as one that was raised."""

    class Bad(Exception, metaclass=_LyingMeta):
        def __str__(self) -> str:
            raise RuntimeError("no message")

    def fail() -> None:
        raise Bad

    with pytest.raises(StudentFault, match="it raised an error that cannot be shown"):
        call(fail)


class _Sticky(str):
    """Text that stays itself when it is cut or formatted."""

    __slots__ = ()

    def __getitem__(self, _key: Any) -> Any:
        return self

    def __format__(self, _spec: str) -> str:
        raise RuntimeError("no text")


def test_an_error_whose_message_is_no_plain_text_is_still_an_answer():
    """A message of a subclass of str that cannot be formatted does not break the answer."""

    class Odd(Exception):
        def __str__(self) -> str:
            return _Sticky("x" * 10_000)

    def fail() -> None:
        raise Odd

    with pytest.raises(StudentFault, match="it raised an error that cannot be shown"):
        call(fail)


# ----- limits


def test_a_list_that_holds_itself_is_too_deep():
    """A self-referential list ends at the limit of depth, which the words name."""
    endless: list[Any] = []
    endless.append(endless)
    error = refused(endless)
    assert isinstance(error, LimitReached)
    assert error.found == "it is nested more than 20 levels deep"


@pytest.mark.parametrize(
    ("value", "limits", "words"),
    [
        (np.zeros((10, 10)), Limits(answer_bytes=100), "an array of 800 bytes, shape (10, 10); at most 100 bytes"),
        ([np.zeros(5)] * 3, Limits(answer_bytes=100), "more data than an answer may hold"),
        (b"x" * 101, Limits(answer_bytes=100), "more data than an answer may hold"),
        ("x" * 101, Limits(answer_bytes=100), "more data than an answer may hold"),
        ([1] * 10, Limits(answer_items=10), "more data than an answer may hold"),
        ({1: 2, 3: 4}, Limits(answer_items=4), "more data than an answer may hold"),
        (np.array(["a"] * 10), Limits(answer_items=10), "more data than an answer may hold"),
        (2**4096, Limits(), "an integer of 4097 bits; at most 4096 are taken"),
        ([[[1]]], Limits(answer_depth=2), "nested more than 2 levels deep"),
    ],
)
def test_each_bound_of_an_answer_is_kept_and_named(value, limits, words):
    """An answer beyond a bound of bytes, items, depth or digits is a limit that was reached, in words that name it."""
    error = refused(value, limits)
    assert isinstance(error, LimitReached)
    assert words in error.found


def test_what_just_fits_is_taken():
    """An answer that uses a bound up to the last byte, item and level is taken."""
    assert get(b"x" * 100, Limits(answer_bytes=100)) == b"x" * 100
    assert get([1] * 9, Limits(answer_items=10)) == [1] * 9
    assert get([[1]], Limits(answer_depth=2)) == [[1]]


# ----- functions


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ValueError("wrong shape"), "it raised ValueError: wrong shape"),
        (SystemExit(3), "it raised SystemExit: 3"),
        (GeneratorExit(), "it raised GeneratorExit: "),
        (AssertionError(), "it raised AssertionError: "),
    ],
)
def test_whatever_a_function_raises_is_the_answer(error, words):
    """Any exception of a student's function, SystemExit included, is the student's fault with its traceback."""

    def fail() -> None:
        raise error

    with pytest.raises(StudentFault) as caught:
        call(fail)
    assert caught.value.found == words
    assert caught.value.wanted == "what `f` returns"
    assert "in fail" in caught.value.log


def test_an_interrupt_is_the_limit_of_time():
    """A KeyboardInterrupt, which is how a question is ended, is reported as the limit of time."""

    def stopped() -> None:
        raise KeyboardInterrupt

    with pytest.raises(LimitReached, match="longer than the limit for one question"):
        call(stopped)


def test_what_an_error_says_is_bounded():
    """An error's message and traceback are cut to what a page can show."""

    def fail() -> None:
        raise ValueError("x" * 10**6)

    with pytest.raises(StudentFault) as caught:
        call(fail)
    assert len(caught.value.found) == 500
    assert len(caught.value.log) <= 4000


def test_printed_text_is_kept_and_bounded():
    """What a function prints comes with the answer, cut after 2000 characters, and not into our own output."""

    def chatty(times: int) -> int:
        for _ in range(times):
            print("hello", end="")  # noqa: T201 - what is tested
        return times

    assert call(chatty, 2).printed == "hellohello"
    assert len(call(chatty, 10_000).printed) == 2000


def test_our_own_output_stays_ours(capsys):
    """A question leaves nothing on the standard streams of the process that answers it."""
    call(lambda: print("x"))  # noqa: T201 - what is tested
    assert capsys.readouterr() == ("", "")


def test_changed_arguments_are_reported_by_name():
    """A function that changes its arguments in place is found out; one that only reads them is not."""

    def spoil(a: Any, b: Any, c: Any = None) -> int:
        a[0] = 9
        c.append(1)
        return len(b)

    array = np.zeros(2)
    assert call(spoil, array, [1], c=[0]).changed == ("argument 1", "c")
    assert array[0] == 0
    assert call(lambda a: a * 2, array).changed == ()


def test_arguments_arrive_writable_and_unchanged():
    """A student's function gets arrays that it may write to, with the grader's values and dtypes."""

    def check(a: Any, *, b: Any) -> list[Any]:
        return [str(a.dtype), a.flags.writeable, a.tolist(), b]

    answer = call(check, np.array([[1, 2]], dtype=">i2"), b={"k": (1, "ä")})
    assert answer.value == ["int16", True, [[1, 2]], {"k": (1, "ä")}]


@pytest.mark.parametrize(
    ("namespace", "question", "words"),
    [
        ({}, Question(ask="get", name="f"), "`f` is not defined"),
        ({}, Question(ask="call", name="f"), "`f` is not defined"),
        ({"f": 3}, Question(ask="call", name="f"), "`f` is of type int, not a function"),
        ({"f": 3}, Question(ask="weights", name="f", build=()), "`f` is of type int, not a function"),
        ({"f": 3}, Question(ask="layers", name="f"), "it is of type int, not a Keras model or torch module"),
        ({"f": 3}, Question(ask="weights", name="f"), "it is of type int, not a Keras model or torch module"),
        ({"f": 3}, Question(ask="predict", name="f", args=(np.zeros(1),)), "it is of type int, not a Keras model"),
        ({"f": 3}, Question(ask="history", name="f"), "it is of type int; a History or a dict of lists is wanted"),
        ({"f": lambda: 3}, Question(ask="call", name="f", args=(1,)), "it raised TypeError"),
        ({"f": lambda: 3}, Question(ask="get", name="f"), "it is of type function; numbers"),
    ],
)
def test_what_is_missing_or_of_the_wrong_kind_is_said(namespace, question, words):
    """A missing name, something that cannot be called and something that is no model are said as such."""
    with pytest.raises(StudentFault) as caught:
        ask(namespace, question)
    assert caught.value.found.startswith(words)


def test_build_asks_about_what_a_function_returns():
    """With `build`, the question is about what the function returns for these arguments."""
    source = LocalSource({"make": lambda n: {"loss": [float(n)]}})
    assert source.ask(Question(ask="history", name="make", build=(2,))).value == {"loss": [2.0]}
    assert Question(ask="layers", name="make", build=(2,)).words() == "the layers of `make(...)`"


def test_histories_are_lists_of_floats():
    """A history is a dict of lists, or anything that holds one as Keras does; its numbers become floats."""
    recorded = {"loss": [np.float32(0.5), 1], "acc": np.array([0.25])}
    student = Student(LocalSource({"a": recorded, "b": types.SimpleNamespace(history=recorded), "c": {"loss": 3}}))
    assert student.history("a") == student.history("b") == {"loss": [0.5, 1.0], "acc": [0.25]}
    with pytest.raises(StudentFault, match="TypeError"):
        student.history("c")


def test_the_typed_front_refuses_answers_of_another_form():
    """A kernel that answers a model question with something else is refused, not passed on to the grader."""

    class Wrong:
        def __init__(self, value: Any) -> None:
            self.value = value

        def ask(self, _question: Question) -> Answer:
            return Answer(value=self.value)

    negative: dict[str, Any] = {"name": "a", "type": "Dense", "shape": None, "trainable": -5, "frozen": 0, "config": {}}
    for value in (3, {"framework": "keras"}, {"framework": "jax", "layers": []}, {"framework": "torch", "layers": [1]}):
        with pytest.raises(StudentFault, match="a malformed one"):
            Student(Wrong(value)).model("m").layers()
    with pytest.raises(StudentFault, match="a malformed one"):
        Student(Wrong({"framework": "keras", "layers": [negative]})).model("m").layers()
    with pytest.raises(StudentFault, match="an array from `m`"):
        Student(Wrong("digits")).model("m").predict(np.zeros(1))
    with pytest.raises(StudentFault, match="a malformed one"):
        Student(Wrong({"loss": ["low"]})).history("h")


# ----- a student's own patches


def test_names_replaced_after_loading_change_no_answer(monkeypatch):
    """A kernel whose student replaces json.dumps, NumPy's functions and module-level names still answers honestly."""
    array = np.arange(6.0).reshape(2, 3)
    expected = [[1.5, "a", {"k": None}], array]

    def broken(*_args: Any, **_kwargs: Any) -> Any:
        raise RuntimeError("patched")

    with monkeypatch.context() as patch:
        for target, name in [(json, "dumps"), (json, "loads"), (np, "array"), (np, "asarray"), (np, "concatenate")]:
            patch.setattr(target, name, broken)
        value = get(expected)
    assert value[0] == expected[0]
    assert np.array_equal(value[1], array)


def test_builtins_replaced_after_loading_change_no_answer():
    """Replacing `type` and `isinstance` for everybody does not make a subclass pass for the plain type."""
    names = dict(vars(builtins))
    answer = _loaded(names)["answer"]
    names |= {"type": lambda *_args: float, "isinstance": lambda *_args: True}
    replies = [json.loads(answer(REQUEST, [], {"x": value})[0]) for value in (1, "a", SubFloat(1.0))]
    assert [reply.get("value") for reply in replies] == [{"t": "int", "v": "1"}, {"t": "str", "v": "a"}, None]
    assert replies[2]["error"]["words"].startswith("it is of type SubFloat")


REQUEST = b'{"ask":"get","name":"x","args":[],"kwargs":{},"build":null,"limits":{"bytes":99,"items":9,"depth":9}}'


def _loaded(names: dict[str, Any]) -> dict[str, Any]:
    """The names of a copy of `inside.py` that was loaded with built-ins of its own."""
    namespace: dict[str, Any] = {"__name__": "alone", "__builtins__": names}
    exec(compile(Path(inside.__file__).read_text(encoding="utf-8"), "<alone>", "exec"), namespace)
    return namespace


def test_inside_imports_nothing_of_ours():
    """The file runs where Referee is not installed: none of its imports is ours."""
    tree = ast.parse(Path(inside.__file__).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert {name.split(".")[0] for name in names} <= {*sys.stdlib_module_names, "comm"}
