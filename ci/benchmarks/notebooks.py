"""The light notebooks: what a small course notebook does, in Keras, PyTorch and NumPy.

All ways run the same cells. Only "Referee, graded" has a check cell where the others have nbgrader's assertions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ASSIGNMENT, NOTEBOOK, CHECK = "ps1", "light", "result"

#: The last cell of the notebooks that are run for their kernel's memory, and not timed.
_MEMORY = 'with open("/proc/self/smaps_rollup") as file:\n    print(file.read())'
_FIELDS = {"Pss": "pss_mib", "Rss": "rss_mib", "Private_Clean": "own_mib", "Private_Dirty": "own_mib"}


@dataclass(frozen=True)
class Topic:
    """One light notebook.

    modules : what it imports, and therefore what a warm process imports ahead.   cells : its code cells with a line of
    text before each.   claim : what nbgrader's locked cell asserts.   question : the grader's test of the same.
    """

    name: str
    words: str
    modules: tuple[str, ...]
    cells: tuple[tuple[str, str], ...]
    claim: str
    question: str


KERAS = Topic(
    name="keras",
    words="build cnn2 (36,314 parameters), count them, one forward pass",
    modules=("numpy", "tensorflow", "keras"),
    cells=(
        (
            "# Convolutional networks\nThe network cnn2 of the deck.",
            "import keras\nimport numpy as np\nfrom keras import layers",
        ),
        (
            "Convolution, batch normalization and ReLU belong together.",
            "def block(filters):\n"
            "    convolution = layers.Conv2D(filters, 3, padding='same')\n"
            "    return convolution, layers.BatchNormalization(), layers.Activation('relu')",
        ),
        (
            "## The model\nYour code: the missing layers.",
            "stack = [keras.Input((28, 28, 1)), *block(8), *block(8), layers.MaxPooling2D(2)]\n"
            "stack += [*block(16), *block(16), layers.MaxPooling2D(2), layers.Flatten(), layers.Dense(40)]\n"
            "stack += [layers.BatchNormalization(), layers.Dropout(0.3), layers.Activation('relu')]\n"
            "stack += [layers.Dense(10), layers.Activation('softmax')]\n"
            "model = keras.Sequential(stack)",
        ),
        ("How many parameters has it?", "parameters = model.count_params()\nprint(parameters)"),
        (
            "## One image",
            "image = np.linspace(0, 1, 784, dtype='float32').reshape(1, 28, 28, 1)\n"
            "probabilities = np.asarray(model(image, training=False))\nprobabilities.round(3)",
        ),
    ),
    claim="assert parameters == 36314\nassert probabilities.shape == (1, 10)",
    question='assert_matches(student["parameters"], 36314)',
)
TORCH = Topic(
    name="torch",
    words="build cnn2 (36,314 parameters), count them, one forward pass",
    modules=("numpy", "torch", "sympy"),  # PyTorch imports SymPy when it is first needed
    cells=(
        ("# Convolutional networks\nThe network cnn2 of the deck.", "import torch\nfrom torch import nn"),
        (
            "Convolution, batch normalization and ReLU belong together.",
            "def block(channels, filters):\n"
            "    convolution = nn.Conv2d(channels, filters, 3, padding='same')\n"
            "    return convolution, nn.BatchNorm2d(filters), nn.ReLU()",
        ),
        (
            "## The model\nYour code: the missing layers.",
            "layers = [*block(1, 8), *block(8, 8), nn.MaxPool2d(2)]\n"
            "layers += [*block(8, 16), *block(16, 16), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(784, 40)]\n"
            "layers += [nn.BatchNorm1d(40), nn.Dropout(0.3), nn.ReLU(), nn.Linear(40, 10)]\n"
            "model = nn.Sequential(*layers).eval()",
        ),
        (
            "How many parameters has it, with the mean and variance of batch normalization?",
            "watched = [value for name, value in model.named_buffers() if 'running' in name]\n"
            "parameters = sum(value.numel() for value in (*model.parameters(), *watched))\nprint(parameters)",
        ),
        (
            "## One image",
            "image = torch.linspace(0, 1, 784).reshape(1, 1, 28, 28)\n"
            "with torch.no_grad():\n    probabilities = torch.softmax(model(image), dim=1)\nprobabilities",
        ),
    ),
    claim="assert parameters == 36314\nassert probabilities.shape == (1, 10)",
    question='assert_matches(student["parameters"], 36314)',
)
NUMPY = Topic(
    name="numpy",
    words="a dense layer with softmax, one forward pass",
    modules=("numpy",),
    cells=(
        ("# A dense layer", "import numpy as np\n\nrng = np.random.default_rng(1)"),
        ("The weights.", "weights = rng.normal(size=(784, 10)) / 28\nbias = np.zeros(10)"),
        (
            "## The layer\nYour code.",
            "def dense(x):\n    scores = x @ weights + bias\n"
            "    powers = np.exp(scores - scores.max(axis=1, keepdims=True))\n"
            "    return powers / powers.sum(axis=1, keepdims=True)",
        ),
        ("How many parameters has it?", "parameters = weights.size + bias.size\nprint(parameters)"),
        (
            "## One image",
            "image = np.linspace(0, 1, 784).reshape(1, 784)\nprobabilities = dense(image)\nprobabilities.round(3)",
        ),
    ),
    claim="assert parameters == 7850\nassert probabilities.shape == (1, 10)",
    question='assert_matches(student["parameters"], 7850)',
)
TOPICS = {topic.name: topic for topic in (KERAS, TORCH, NUMPY)}


def notebook(topic: Topic, *, memory: bool = False, check: bool = False) -> NotebookNode:
    """The light notebook. memory : its last cell prints what the kernel uses.   check : graded by Referee."""
    cells: list[Any] = []
    for place, (words, source) in enumerate(topic.cells):
        cells.append(new_markdown_cell(words, id=f"text-{place}"))
        cells.append(new_code_cell(source, id=f"code-{place}"))
    cells.append(new_markdown_cell("## Result", id="text-result"))
    cells.append(_grade_cell(f'check("{CHECK}")' if check else topic.claim))
    if memory:
        cells.append(new_code_cell(_MEMORY, id="memory"))
    made: NotebookNode = new_notebook(cells=cells)
    made.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return made


def _grade_cell(source: str) -> NotebookNode:
    marks: dict[str, Any] = {"grade": True, "locked": True, "solution": False, "task": False}
    marks |= {"grade_id": CHECK, "points": 1, "schema_version": 3}
    cell: NotebookNode = new_code_cell(source, id=CHECK, metadata={"nbgrader": marks})
    return cell


def grader(topic: Topic) -> str:
    """The file of checks for "Referee, graded": one question."""
    return (
        f'"""The check of the light notebook."""\nimport pytest\n\nfrom referee.checks import assert_matches\n\n\n'
        f'@pytest.mark.check("{CHECK}")\ndef test_parameters(student):\n'
        f'    """The number of parameters."""\n    {topic.question}\n'
    )


def code(made: NotebookNode) -> list[str]:
    """The sources of the code cells."""
    return [cell.source for cell in made.cells if cell.cell_type == "code"]


def memory_of(text: str) -> dict[str, float] | None:
    """What the memory cell printed, in MiB: `pss_mib`, `rss_mib`, and `own_mib`, which no other process maps."""
    found: dict[str, float] = {}
    for name, number in re.findall(r"^(\w+):\s+(\d+) kB", text, re.MULTILINE):
        if name in _FIELDS:
            found[_FIELDS[name]] = found.get(_FIELDS[name], 0.0) + int(number) / 1024
    return found or None


def printed(executed: NotebookNode) -> str:
    """What all cells printed."""
    outputs = (output for cell in executed.cells for output in cell.get("outputs", []))
    return "".join(output.text for output in outputs if output.output_type == "stream")


def failures(executed: NotebookNode) -> list[str]:
    """The errors that cells ended with; a way that runs a notebook wrongly is not worth timing."""
    outputs = (output for cell in executed.cells for output in cell.get("outputs", []))
    return [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]
