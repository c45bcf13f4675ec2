"""What course notebooks do works in a warm kernel behind its walls: frameworks, their workers, plots, programs."""

from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from referee.execution import Job, execute
from referee.imports import needs
from referee.report import CellStatus
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Nursery

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")

CELLS = {
    "matplotlib": (
        "import matplotlib.pyplot as plt\nfigure, axes = plt.subplots()\naxes.plot([1, 2, 3])\n"
        "figure.savefig('plot.png')\nimport os\nprint(os.path.getsize('plot.png') > 1000)"
    ),
    "matplotlib inline": (
        "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint(plt.get_backend())"
    ),
    "tf.data": (
        "import tensorflow as tf\n"
        "data = tf.data.Dataset.range(10).map(lambda x: x * 2, num_parallel_calls=2)\n"
        "data = data.shuffle(10, seed=1).batch(5).prefetch(1)\n"
        "print(sorted(int(x) for batch in data for x in batch))"
    ),
    "tf.function": (
        "import tensorflow as tf\nf = tf.function(lambda x: x ** 2, jit_compile=True)\n"
        "print(float(f(tf.constant(3.0))))"
    ),
    "keras training": (
        "import keras, numpy as np\nmodel = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])\n"
        "model.compile('adam', 'mse')\n"
        "print(len(model.fit(np.ones((32, 4)), np.ones(32), epochs=2, verbose=0).history['loss']))\n"
        "model.save('model.keras'); print(keras.models.load_model('model.keras').count_params())"
    ),
    "torch training": (
        "import torch\nmodel = torch.nn.Linear(4, 1)\nsteps = torch.optim.Adam(model.parameters())\n"
        "loss = (model(torch.ones(8, 4)) ** 2).mean(); loss.backward(); steps.step(); print(loss.item() >= 0)"
    ),
    "DataLoader with workers": (
        "import torch\nfrom torch.utils.data import DataLoader, TensorDataset\n"
        "data = TensorDataset(torch.arange(64.0).reshape(64, 1))\n"
        "print(sum(batch.sum().item() for [batch] in DataLoader(data, batch_size=8, num_workers=2)))"
    ),
    "programs": (
        "import subprocess\n"
        "print(subprocess.run(['sh', '-c', 'echo $((6 * 7))'], capture_output=True, text=True).stdout)"
    ),
    "shell magics": "!echo from a shell\nwords = !echo two words\nprint(words)",
    "processes": (
        "import multiprocessing as mp\n"
        "with mp.get_context('fork').Pool(2) as pool:\n    print(pool.map(abs, [-1, -2]))\n"
        "with mp.get_context('spawn').Pool(1) as pool:\n    print(pool.map(abs, [-3]))"
    ),
    "printing children": (
        "import os\nif os.fork() == 0:\n    print('from a child', flush=True)\n    os._exit(0)\n"
        "os.wait()\nprint('done')"
    ),
    "top-level await": "import asyncio\nprint(await asyncio.sleep(0.01, 'awaited'))",
    "threads": "import threading\nt = threading.Thread(target=lambda: print('in a thread'))\nt.start(); t.join()",
}
PRINTED = {
    "matplotlib": "True",
    "matplotlib inline": "inline",
    "tf.data": "[0, 2, 4, 6, 8, 10, 12, 14, 16, 18]",
    "tf.function": "9.0",
    "keras training": "2\n5",
    "torch training": "True",
    "DataLoader with workers": "2016.0",
    "programs": "42",
    "shell magics": "from a shell\n['two words']",
    "processes": "[1, 2]\n[3]",
    "printing children": "from a child",
    "top-level await": "awaited",
    "threads": "in a thread",
}


@pytest.fixture(scope="module")
def warm():
    """A nursery with this machine's layers."""
    nursery = Nursery()
    yield nursery
    nursery.close()


def printed(warm: Nursery, source: str, **job: Any) -> str:
    """What a cell printed, in a warm kernel whose parent has imported the frameworks."""
    options: dict[str, Any] = {"preload": ("numpy", "torch", "tensorflow", "keras", "matplotlib.pyplot"), **job}
    done = Job(nursery=warm, **options)
    notebook = execute(new_notebook(cells=[new_code_cell(source)]), done, {})
    assert [cell.status for cell in done.cells] == [CellStatus.OK], done.cells
    assert done.kernel == "warm"
    return "".join(out.get("text", "") for out in notebook.cells[0].outputs).replace("\r\n", "\n").strip()


@pytest.mark.parametrize("name", CELLS)
def test_it_works_inside(warm, name):
    """A cell that does this prints what it prints anywhere."""
    assert PRINTED[name] in printed(warm, CELLS[name])


def test_another_backend_of_keras(warm):
    """A notebook that chooses Keras's backend gets a parent that has imported Keras with that one."""
    cell = (
        "import os\nos.environ['KERAS_BACKEND'] = 'torch'\nimport keras, sys\n"
        "print(keras.backend.backend(), 'tensorflow' in sys.modules)"
    )
    notebook = new_notebook(cells=[new_code_cell(cell)])
    needed = needs(notebook, notebook)
    assert needed.variables == (("KERAS_BACKEND", "torch"),)
    assert printed(warm, cell, preload=needed.preload, variables=needed.variables) == "torch False"


def test_a_submission_that_chooses_its_own_backend(warm):
    """A submission that sets what the author's notebook does not gets a kernel in which nothing is imported yet."""
    author = new_notebook(cells=[new_code_cell("import keras")])
    cell = "%env KERAS_BACKEND=torch\nimport keras\nprint(keras.backend.backend())"
    needed = needs(author, new_notebook(cells=[new_code_cell(cell)]))
    assert needed.preload == ()
    assert printed(warm, cell, preload=needed.preload, variables=needed.variables).endswith("torch")
