"""What a kernel's parent has imported, read from the notebooks."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from referee.imports import Needs, needs, packages


def notebook(*cells: str):
    return new_notebook(cells=[new_markdown_cell("import os"), *map(new_code_cell, cells)])


KERAS = notebook("import os\nimport numpy as np\nimport keras\nfrom keras import layers\nfrom referee import exercise")


def test_installed_packages_are_imported_ahead():
    """The packages that the author's notebook imports; not Python's own, not ours, not what is not installed."""
    found = needs(notebook("import os, numpy.random\nfrom torch import nn\nimport digits, nonesuch"), KERAS)
    assert found.preload == ("numpy", "torch")


def test_keras_brings_its_backend():
    """With Keras its backend is imported, which Keras itself does only when it is used."""
    assert needs(KERAS, KERAS).preload == ("keras", "tensorflow", "numpy")
    jax = notebook("import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras")
    assert needs(jax, jax) == Needs(("keras", "torch"), (), (("KERAS_BACKEND", "torch"),))


@pytest.mark.parametrize(
    "cell",
    [
        "import os; os.environ['KERAS_BACKEND'] = 'torch'",
        'import os\nos.environ.setdefault("OMP_NUM_THREADS", "4")',
        "%env TF_XLA_FLAGS=--tf_xla_auto_jit=2",
        "%set_env CUDA_VISIBLE_DEVICES 1",
        "import os\nname = 'KERAS_' + 'x'; os.putenv('OMP_WAIT_POLICY', name)",
    ],
)
def test_a_submission_with_variables_of_its_own_gets_a_bare_parent(cell):
    """What is imported ignores variables that are set later, so nothing is imported ahead of such a submission."""
    assert needs(KERAS, notebook(cell, "import keras")) == Needs()


def test_a_submission_decides_nothing_else():
    """A submission's own imports, however hostile, import nothing into the parent."""
    assert needs(notebook("import numpy"), notebook("import antigravity, torch, tests")).preload == ("numpy",)


@pytest.mark.parametrize(
    "cell",
    ["%matplotlib inline\nimport numpy", "!pip list\nimport numpy", "import numpy\ndef (:", "\x00\nimport numpy"],
)
def test_cells_that_are_no_python(cell):
    """Magics and half-written code keep nothing from being seen."""
    assert needs(notebook(cell), KERAS).preload == ("numpy",)


def test_late_modules_belong_to_the_packages():
    """What the packages import late is handed on, and dropped where nothing is imported ahead."""
    assert needs(KERAS, KERAS, ("keras.src.trainers",)).late == ("keras.src.trainers",)
    assert needs(KERAS, notebook("%env KERAS_BACKEND=jax"), ("keras.src.trainers",)).late == ()


def test_packages_ahead():
    """Packages that other notebooks import are there ahead, unless the notebook's own variables forbid any."""
    notebook = new_notebook(cells=[new_code_cell("import numpy as np")])
    assert needs(notebook, notebook, ahead=("sklearn",)).preload == ("numpy", "sklearn")
    other = new_notebook(cells=[new_code_cell("import os\nos.environ['OMP_NUM_THREADS'] = '4'")])
    assert needs(notebook, other, ahead=("sklearn",)).preload == ()
    assert packages(notebook) == {"numpy"}
