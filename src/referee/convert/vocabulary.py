"""Names with a meaning of their own in test cells: what asserts, what cannot leave the kernel, what plain data has."""

from __future__ import annotations

#: Rules of two values, which raise or return the verdict; the student's value may be either.
RULES = frozenset(
    {
        *(f"numpy.{name}" for name in ("allclose", "isclose", "array_equal", "array_equiv")),
        *("math.isclose", "cmath.isclose"),
        *(
            f"numpy.testing.{name}"
            for name in (
                *("assert_equal", "assert_array_equal", "assert_allclose", "assert_almost_equal"),
                *("assert_array_almost_equal", "assert_approx_equal", "assert_string_equal", "assert_array_less"),
            )
        ),
    }
)
#: The same as methods of a `unittest.TestCase`.
CASE_RULES = frozenset(
    f"assert{name}"
    for name in (
        *("Equal", "Equals", "NotEqual", "AlmostEqual", "NotAlmostEqual", "ListEqual", "TupleEqual", "DictEqual"),
        *("SequenceEqual", "MultiLineEqual", "CountEqual", "SetEqual", "Is", "Greater", "GreaterEqual", "Less"),
        "LessEqual",
    )
)
#: Those of nose.tools that are no method of a TestCase with other letters.
NOSE = {
    "eq_": "assertEqual",
    "ok_": "assertTrue",
    "assert_equals": "assertEqual",
    "assert_items_equal": "assertCountEqual",
}
RAISING = ("assert_raises", "assertRaises", "pytest.raises")
RAISING_WITH_WORDS = ("assert_raises_regex", "assertRaisesRegex", "assert_raises_regexp", "assert_warns", "assertWarns")

#: Modules whose functions take the plain data that answers are; others' may want what stayed in the kernel.
PLAIN_MODULES = frozenset(
    {
        *("numpy", "math", "cmath", "statistics", "itertools", "functools", "operator", "collections", "re", "string"),
        *("json", "copy", "decimal", "fractions", "random", "unittest", "nose", "pytest", "scipy", "textwrap", "time"),
        *("datetime", "typing", "numbers", "bisect", "heapq", "difflib", "hashlib", "struct"),
    }
)
#: Whose values the student's code may be given: what they make is plain data.
GIVABLE_MODULES = PLAIN_MODULES - {"collections", "decimal", "fractions", "re", "unittest", "pytest", "datetime"}

KERNEL_ONLY = {
    **dict.fromkeys(("globals", "locals", "vars", "dir", "exec", "eval"), "looks into the kernel's names"),
    **dict.fromkeys(("get_ipython", "In", "Out", "_", "__"), "uses the notebook's own session"),
    **dict.fromkeys(("open", "input"), "reads a file, or waits for a person"),
    **dict.fromkeys(("callable", "hasattr", "getattr", "setattr", "id", "super"), "looks at an object in the kernel"),
    **dict.fromkeys(("display",), "shows something, which nobody sees outside the kernel"),
}
PATCHING = ("unittest.mock", "mock", "sys.stdout", "sys.stderr", "sys.modules", "sys._getframe", "builtins")
PRINTED = ("contextlib.redirect_stdout", "contextlib.redirect_stderr", "io.StringIO", "IPython", "pytest.capsys")
SOURCES = ("inspect", "ast", "dis", "tokenize", "timeit", "tracemalloc", "gc")

#: Functions that ask whether values are one and the same object, or lie in the same memory.
IDENTITY = frozenset({"numpy.shares_memory", "numpy.may_share_memory", "operator.is_", "operator.is_not"})

#: Attributes and methods that plain data has, and that do not change it.
PLAIN_ATTRIBUTES = frozenset(
    {
        *("shape", "ndim", "size", "dtype", "T", "real", "imag", "nbytes", "itemsize", "flat", "kind", "name"),
        *("all", "any", "sum", "mean", "min", "max", "std", "var", "prod", "argmax", "argmin", "cumsum", "trace"),
        *("reshape", "ravel", "flatten", "squeeze", "transpose", "astype", "tolist", "item", "copy", "round", "dot"),
        *("keys", "values", "items", "get", "count", "index", "conjugate", "is_integer", "bit_length", "nonzero"),
        *("lower", "upper", "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "join", "replace", "find"),
        *("startswith", "endswith", "isdigit", "isalpha", "isalnum", "isupper", "islower", "isspace", "title"),
        *("capitalize", "encode", "decode", "zfill", "casefold", "partition", "swapaxes", "diagonal"),
        *("isnumeric", "isidentifier", "rfind", "center", "ljust", "rjust", "swapcase", "newbyteorder", "clip"),
    }
)
#: Functions of Python that call what they are given.
CALLERS: tuple[str, ...] = (
    "map",
    "filter",
    "sorted",
    "max",
    "min",
    "functools.reduce",
    "functools.partial",
    "numpy.vectorize",
)
CALLERS += ("numpy.apply_along_axis", "itertools.starmap", "itertools.accumulate")
#: Functions that make as much, or compute as long, as an argument says: no answer may say that.
SIZED = frozenset(
    {
        *("range", "pow", "bytes", "bytearray"),
        *("arange", "zeros", "ones", "full", "empty", "eye", "identity", "linspace", "logspace", "tile", "repeat"),
        *("factorial", "comb", "perm", "count", "product", "permutations", "combinations", "cycle", "power"),
    }
)
MEASURES = ("len", "shape", "ndim", "size", "min", "count")
HARMLESS = ("print", "display", "pprint")
SEEDS = ("seed", "manual_seed", "set_seed", "set_random_seed")


def within(name: str, families: tuple[str, ...]) -> bool:
    """Whether a full name is one of these, or lies in one of these modules."""
    return any(name == family or name.startswith(f"{family}.") for family in families)


def case_method(name: str) -> str:
    """The method of `unittest.TestCase` that a function of nose.tools stands for.

    >>> case_method("assert_almost_equal")
    'assertAlmostEqual'
    """
    first, *rest = name.split("_")
    return NOSE.get(name) or first + "".join(part.capitalize() for part in rest)
