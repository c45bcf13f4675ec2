"""Each operator makes the wrong variants that it is named after, only where a student writes, and only valid Python."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referee.verify import variants


def made(source: str, operator: str = "") -> list[str]:
    """What the changed lines of a cell's variants say, of one operator or of all."""
    return [each.after for each in variants.of_cell("c", source) if operator in ("", each.operator)]


LAYERS = 'model.add(layers.Conv2D(8, 3, padding="same", activation="relu"))'
TORCH = "model = nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(9, 4))"


@pytest.mark.parametrize(
    ("source", "operator", "after"),
    [
        (LAYERS, "filters", LAYERS.replace("8", "9")),
        (LAYERS, "kernel size", LAYERS.replace("3", "4")),
        (LAYERS, "padding", LAYERS.replace("same", "valid")),
        (LAYERS, "activation", LAYERS.replace("relu", "tanh")),
        (LAYERS, "stride", LAYERS.replace('"relu"', '"relu", strides=2')),
        (LAYERS, "bias", LAYERS.replace('"relu"', '"relu", use_bias=False')),
        (LAYERS, "drop a layer", ""),
        (TORCH, "drop a layer", TORCH.replace("nn.ReLU(), ", "")),
        (TORCH, "swap two layers", TORCH.replace("nn.Conv2d(1, 8, 3), nn.ReLU()", "nn.ReLU(), nn.Conv2d(1, 8, 3)")),
        (TORCH, "kind of pooling", TORCH.replace("Max", "Avg")),
        (TORCH, "input channels", TORCH.replace("(1,", "(2,")),
        (TORCH, "window", TORCH.replace("Pool2d(2)", "Pool2d(3)")),
        (TORCH, "units", TORCH.replace("(9, 4)", "(9, 5)")),
        (TORCH, "activation", TORCH.replace("ReLU", "Tanh")),
        ("x = layers.ReLU()(x)", "drop a layer", "x = x"),
        (
            'm = layers.Conv1D(1, k, padding="causal", dilation_rate=d)',
            "dilation",
            'm = layers.Conv1D(1, k, padding="causal")',
        ),
        ('m = layers.Conv1D(1, k, padding="causal")', "padding", 'm = layers.Conv1D(1, k, padding="same")'),
        (
            'y = layers.Dense(10, activation="softmax")(x)',
            "missing softmax",
            'y = layers.Dense(10, activation="linear")(x)',
        ),
        ("m = nn.Dropout(0.3)", "dropout rate", "m = nn.Dropout(0.48)"),
        ("base.trainable = False", "frozen or trained", "base.trainable = True"),
        ("p.requires_grad_(False)", "frozen or trained", "p.requires_grad_(True)"),
        ("z = (x - mean) / std", "missing standardization", "z = x"),
        ("z = (x - mean) / std", "missing standardization", "z = x / std"),
        ("z = x / 255", "missing scaling", "z = x"),
        ("m = x_train.mean(axis=0)", "the wrong set", "m = x_val.mean(axis=0)"),
        ("m = x.mean(axis=0)", "axis", "m = x.mean(axis=1)"),
        ("m = x.mean(axis=(0, 1))", "axis", "m = x.mean(axis=(0, 0))"),
        ("m = x.mean(axis=-1)", "axis", "m = x.mean(axis=0)"),
        ("m = np.sum(a * kernel)", "mean for sum", "m = np.mean(a * kernel)"),
        ("m = np.sum(a * kernel)", "flipped kernel", "m = np.sum(a * np.flip(kernel))"),
        ("m = np.max(a)", "min for max", "m = np.min(a)"),
        ("p = np.exp(z)", "missing exponential", "p = z"),
        ("p = F.softmax(z, dim=1)", "missing softmax", "p = z"),
        ("w = k.T", "missing transposition", "w = k"),
        ("w = k[::-1]", "missing flip", "w = k[:]"),
        ("y = f(a, b)", "swapped arguments", "y = f(b, a)"),
        ("y = x[t + look_ahead]", "off by one", "y = x[t + (look_ahead + 1)]"),
        ("y = x[:n]", "off by one", "y = x[:n + 1]"),
        ("for i in range(n): pass", "off by one", "for i in range(n - 1): pass"),
        ("a = b - c", "arithmetic", "a = b + c"),
        ("a = -b", "sign", "a = b"),
        ("a = b < c", "comparison", "a = b <= c"),
        ("a = b and c", "and or", "a = b or c"),
        ("if a == 1: b = 2", "reversed condition", "if not (a == 1): b = 2"),
        ("a = 3", "constant", "a = 4"),
        ("a = 0.5", "constant", "a = 1.0"),
        ("f(shuffle=True)", "true or false", "f(shuffle=False)"),
        ("total += x", "drop a step", ""),
        ("optimizer.step()", "drop a step", ""),
        ("model.eval()", "drop a step", ""),
        ("m.fit(x_train, y_train)", "shuffled labels", "m.fit(x_train, y_train[list(range(1, len(y_train))) + [0]])"),
        ("x = np.asarray(x, dtype=np.float64)", "missing conversion", "x = np.asarray(x)"),
        ("x = images.copy()", "missing copy", "x = images"),
    ],
)
def test_operator(source, operator, after):
    """An operator changes the one thing that its name says."""
    assert after in made(source, operator)


def test_only_the_solution():
    """What lies outside the solution region is the author's, and stays."""
    source = "a = 1\n### BEGIN SOLUTION\nb = 2\n### END SOLUTION\nc = 3\n"
    assert [(each.line, each.before, each.after) for each in variants.of_cell("c", source)] == [(3, "b = 2", "b = 3")]


@pytest.mark.parametrize("source", ["%%bash\nls *\n", "f(\n", "x = " + "[" * 5000, "x = " + "a.b" * 3000, "\0"])
def test_no_python(source):
    """A cell that is no Python, or that no reader can take, is said to have no variants, and nothing fails."""
    with pytest.raises(variants.NoPython, match=r"."):
        variants.of_cell("c", source)


def test_a_magic_stands_aside():
    """A line with a magic stays as it is, whatever is changed beside it."""
    found = variants.of_cell("c", "%matplotlib inline\nif fast:\n    !ls\nx = 2 * y\n")
    assert {"x = 3 * y", "x = 2 + y"} <= {each.after for each in found}
    assert not [each for each in found if "magic" in each.source]
    assert all(each.source.startswith("%matplotlib inline\n") for each in found if each.line > 1)


@pytest.mark.parametrize(
    ("source", "after"),
    [
        ("y = x[\n    row * size : row * size\n    + size,\n]", "+ size) + 1"),
        ("y = range(\n    n\n    - k\n)", "- k) - 1"),
        ("y = range(k := n)", "y = range((k := n) - 1)"),
        ("y = list(range(a if b else c))", "y = list(range((a if b else c) - 1))"),
    ],
)
def test_bounds_on_several_lines(source, after):
    """A bound that goes over several lines, or binds more loosely than a sum, is off by one as a whole."""
    assert any(after in each.source for each in variants.of_cell("c", source) if each.operator == "off by one")


def test_what_cannot_be_written_is_left_out():
    """A change that would be no Python is none; the others of the cell are made."""
    found = variants.of_cell("c", "x = 0x" + "F" * 5000 + "\ny = 2 * z\n")
    assert "y = 3 * z" in {each.after for each in found}


def test_lines_are_counted_as_python_does():
    """A separator of lines that is none for Python moves no mark of the solution."""
    source = 'a = 1\ntext = "\u2028"\n### BEGIN SOLUTION\nb = 2\n### END SOLUTION\nc = 3\n'
    assert {each.line for each in variants.of_cell("c", source)} == {4}


def test_an_empty_block_stays_python():
    """A block whose only statement is dropped says `pass`."""
    (dropped,) = [
        each for each in variants.of_cell("c", "for x in xs:\n    total += x\n") if each.operator == "drop a step"
    ]
    assert "pass" in dropped.source


SNIPPETS = [
    "x = (a - m) / s\n",
    f"{LAYERS}\n",
    f"{TORCH}\n",
    "for i in range(n):\n    y[i] = np.sum(k * x[i : i + size])\n",
    "def f(x):\n    return np.maximum(x, 0)\n",
    "if padding == 'same':\n    x = np.pad(x, 1)\n",
    "model.add(layers.Flatten())\nmodel.add(layers.Dense(3))\n",
]


@given(st.lists(st.sampled_from(SNIPPETS), min_size=1, max_size=5))
def test_every_variant_is_new_and_valid(snippets):
    """Whatever the solution, each variant is Python, differs from it and from all others, and says where."""
    source = "".join(snippets)
    found = variants.of_cell("c", source)
    assert found
    texts = [each.source for each in found]
    assert len({*texts, source}) == len(texts) + 1
    for each in found:
        ast.parse(each.source)
        assert 1 <= each.line <= source.count("\n")
        assert each.before != each.after
