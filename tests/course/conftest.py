"""The loaders find what they share as they do beside a notebook: by its bare name."""

import sys
from pathlib import Path

import pytest

DATASETS = Path(__file__).parents[2] / "datasets"


@pytest.fixture(autouse=True, scope="module")
def beside():
    """The folder of the loaders comes first where modules are sought, and they are imported anew in every file."""
    own = {path.stem for path in DATASETS.glob("*.py")}
    before = {name: sys.modules.pop(name) for name in own & set(sys.modules)}
    sys.path.insert(0, str(DATASETS))
    yield
    sys.path.remove(str(DATASETS))
    for name in own & set(sys.modules):
        del sys.modules[name]
    sys.modules.update(before)
