"""papermill's door to our engine: found by its entry point, importable while papermill is half imported."""

import importlib.metadata
import subprocess
import sys

import papermill.engines
from nbformat.v4 import new_notebook

from referee.engine import RefereeEngine


def test_the_entry_point_is_the_engine():
    """The installed package offers the engine under the name "referee"."""
    (entry,) = importlib.metadata.entry_points(group="papermill.engine", name="referee")
    assert entry.load() is RefereeEngine
    assert papermill.engines.papermill_engines.get_engine("referee") is RefereeEngine


def test_the_kernels_name_and_language_are_papermills():
    """What papermill asks about a notebook is answered as its own engines do."""
    notebook = new_notebook(metadata={"kernelspec": {"name": "k", "language": "python", "display_name": "K"}})
    assert RefereeEngine.nb_kernel_name(notebook) == "k"
    assert RefereeEngine.nb_kernel_name(notebook, "mine") == "mine"
    assert RefereeEngine.nb_language(notebook) == "python"


def test_importing_the_engine_imports_no_papermill():
    """The module that papermill imports in the middle of its own import leaves papermill alone."""
    program = "import referee.engine, sys; print([n for n in ('papermill', 'nbclient', 'zmq') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
