"""The questions that a check may ask about a student's work, whoever answers them.

    Student                what a grader holds: student["x"], student.call(...), student.model("net")
      └─ asks a Question   a frozen record with one canonical text, so that it can be recorded
           └─ of a Source  a live kernel, a recording, or the student's own session

Every answer is plain data (see `referee.answers.codec`): Python scalars, strings, lists, tuples, dicts and NumPy arrays
of plain dtypes. Tensors of torch and TensorFlow arrive as NumPy arrays of the same dtype and shape (bfloat16 becomes
float32).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol, TypeAlias, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from referee.answers.remarks import depict, remark
from referee.errors import StudentFault
from referee.pictures import curves

T = TypeVar("T")
Array: TypeAlias = npt.NDArray[Any]
Value: TypeAlias = (
    "bool | int | float | complex | str | bytes | Array | list[Value] | tuple[Value, ...] | dict[Any, Value] | None"
)
#: A size or a number of parameters. Never negative: a lie in one layer must not cancel a surplus in another.
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
#: One entry of a layer's configuration, or of a list of them.
Setting: TypeAlias = bool | int | float | str | None
Ask: TypeAlias = Literal["get", "call", "layers", "predict", "weights", "history"]


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """One question to a kernel.

    ask : what is wanted.   name : the student's global name.
    build : when not None, `name` is a function, and what it returns for these arguments is what the question is about.
    args, kwargs : for "call" the arguments; for "predict" and "layers" `args[0]` is the input batch.
    """

    ask: Ask
    name: str
    args: tuple[Value, ...] = ()
    kwargs: dict[str, Value] = {}
    build: tuple[Value, ...] | None = None

    def words(self) -> str:
        """The question as a person would put it."""
        target = f"`{self.name}(...)`" if self.build is not None else f"`{self.name}`"
        return {
            "get": f"the value of {target}",
            "call": f"what {target} returns",
            "layers": f"the layers of {target}",
            "predict": f"the predictions of {target}",
            "weights": f"the weights of {target}",
            "history": f"the training history in {target}",
        }[self.ask]


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A usable answer: the value, what the code printed meanwhile, and which arguments it changed in place."""

    value: Value
    printed: str = ""
    changed: tuple[str, ...] = ()


class Source(Protocol):
    """Whoever can answer questions. Raises `AnswerError` where there is no usable answer."""

    def ask(self, question: Question) -> Answer: ...


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One layer of a model: `shape` is the output shape with None for the batch axis.

    Counts are scalars: `trainable` + `frozen` is what Keras calls "Param #". In torch, a batch normalization's running
    mean and variance are buffers; they count as frozen here, so that both frameworks give the same numbers.
    """

    name: str
    type: str
    shape: tuple[Count | None, ...] | None
    trainable: Count
    frozen: Count
    config: dict[str, Setting | list[Setting]] = {}

    @property
    def parameters(self) -> int:
        return self.trainable + self.frozen


class ModelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A model's layers in the order in which they run (torch) or are listed (Keras)."""

    framework: Literal["keras", "torch"]
    layers: tuple[Layer, ...]

    @property
    def trainable(self) -> int:
        return sum(layer.trainable for layer in self.layers)

    @property
    def frozen(self) -> int:
        return sum(layer.frozen for layer in self.layers)

    @property
    def parameters(self) -> int:
        return self.trainable + self.frozen


class Model:
    """A student's model: named by a global, or returned by one of their functions (`Student.build`)."""

    def __init__(self, source: Source, name: str, build: tuple[Value, ...] | None = None) -> None:
        self._source = source
        self._name = name
        self._build = build

    def layers(self, example: Array | None = None) -> ModelSummary:
        """The model's layers.

        example : a batch of one input, (1, ...), channels first for torch. Torch needs it, because its layers have
            output shapes only when something flows through them; a Keras model that is built does not.

        Raises
        ------
        StudentFault : no such name, not a model, or a model that is not built.
        """
        return _typed(self._ask("layers", () if example is None else (example,)), ModelSummary, self._name)

    def predict(self, inputs: Array) -> Array:
        """The model's outputs on `inputs` (batch first), in inference mode: dropout off, batch statistics fixed.

        `inputs` are in the framework's own layout: (N, H, W, C) for Keras, (N, C, H, W) for torch.
        """
        return _array(self._ask("predict", (inputs,)), self._name)

    def weights(self) -> list[Array]:
        """All weights in the framework's own order and layout; torch: parameters and buffers by layer."""
        value = self._ask("weights", ())
        return [_array(weight, self._name) for weight in (value if isinstance(value, list) else [value])]

    def _ask(self, ask: Ask, args: tuple[Value, ...]) -> Value:
        return self._source.ask(Question(ask=ask, name=self._name, args=args, build=self._build)).value


class Student:
    """A student's work, as a check sees it: names, functions and models, and plain data that comes back.

    Examples
    --------
    >>> student["feature_map"]                        # doctest: +SKIP
    >>> student.call("conv2d", image, kernel)         # doctest: +SKIP
    >>> student.model("model").layers().parameters    # doctest: +SKIP
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    def __getitem__(self, name: str) -> Value:
        """The value of the student's global `name`. Raises `AnswerError` when it has none that is plain data."""
        return self._source.ask(Question(ask="get", name=name)).value

    def call(self, name: str, /, *args: Value, **kwargs: Value) -> Value:
        """What the student's function `name` returns for these arguments."""
        return self.outcome(name, *args, **kwargs).value

    def outcome(self, name: str, /, *args: Value, **kwargs: Value) -> Answer:
        """Like `call`, with what the function printed and which arguments it changed in place."""
        answer = self._source.ask(Question(ask="call", name=name, args=args, kwargs=kwargs))
        for argument in answer.changed:
            remark(f"`{name}` changes its {argument} in place; a caller would not expect that")
        return answer

    def model(self, name: str) -> Model:
        """The student's model in the global `name` (`keras.Model` or `torch.nn.Module`)."""
        return Model(self._source, name)

    def build(self, name: str, /, *args: Value) -> Model:
        """The model or layer that the student's function `name` returns for these arguments; built anew each time."""
        return Model(self._source, name, args)

    def history(self, name: str) -> dict[str, list[float]]:
        """A training history: metric -> one float per epoch, from a Keras `History` or a dict of lists.

        Its curves stand in the evidence of the check, whatever that concludes.
        """
        value = self._source.ask(Question(ask="history", name=name)).value
        history: dict[str, list[float]] = _typed(value, dict[str, list[float]], name)
        depict(curves(name, history))
        return history


def _typed(value: Value, kind: type[T], name: str) -> T:
    """A kernel's answer in the promised form; anything else is an answer that somebody interfered with."""
    try:
        return msgspec.convert(value, type=kind)
    except (msgspec.ValidationError, RecursionError) as error:
        raise StudentFault(f"a usable answer about `{name}`", f"a malformed one ({error})") from error


def _array(value: Value, name: str) -> Array:
    if not isinstance(value, np.ndarray):
        raise StudentFault(f"an array from `{name}`", f"an answer of type {type(value).__name__}")
    return value
