"""A kernel's scratch folder and environment, and text that is the same for equal runs."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from referee.execution import Job, execute
from referee.report import CellStatus
from referee.sandbox import nursery
from referee.sandbox.inside import stable
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Plan
from referee.sandbox.provisioner import cold_kernel
from referee.sandbox.scratch import Scratch


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("<A object at 0x7f12ab34cd56>", "<A object at 0x…>"),
        ("0xff is short", "0xff is short"),
        ("/tmp/referee-abc_12/work/a.py", "work/a.py"),
        ("File /var/x/referee-q1/home/.cache", "File home/.cache"),
        ("plain", "plain"),
    ],
)
def test_stable_text_is_the_same_for_equal_runs(text, result):
    """Memory addresses and the scratch folder's name, which differ between equal runs, are taken out."""
    assert stable(text) == result


def test_a_scratch_folder_leaves_room_for_sockets():
    """A scratch folder's sockets have names that fit into a Unix socket's path."""
    with cold_kernel(Plan()) as manager:
        assert len(manager.connection_file) < 100
        assert len(f"{manager.ip}-9") < 100
        folder = Path(manager.connection_file).parent
        assert folder.is_dir()
    assert not folder.exists()


def test_threads_are_those_of_the_job(monkeypatch):
    """A kernel's numerical libraries use the number of threads that the job says, whatever the caller's own is."""
    monkeypatch.setenv("OMP_NUM_THREADS", "64")
    scratch = Scratch()
    try:
        assert scratch.environment(3)["OMP_NUM_THREADS"] == "3"
        assert set(scratch.environment(1)) - set(os.environ) >= {"TF_DETERMINISTIC_OPS"} - set(os.environ)
    finally:
        scratch.close()


forks = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")
NOTEBOOK = new_notebook(
    cells=[new_code_cell("import os, sys\nprint(os.getcwd(), 'wave' in sys.modules)")],
    metadata={"kernelspec": {"name": "warm", "display_name": "Warm", "language": "python"}},
)


@pytest.fixture
def kernelspec(tmp_path):
    """A folder with a kernelspec that names our provisioner, as an instructor would install it."""
    folder = tmp_path / "jupyter" / "kernels" / "warm"
    folder.mkdir(parents=True)
    provisioner = {"provisioner_name": "referee-warm", "config": {"preload": ["wave"]}}
    spec = {"argv": ["unused"], "display_name": "Warm", "language": "python"}
    (folder / "kernel.json").write_text(json.dumps({**spec, "metadata": {"kernel_provisioner": provisioner}}))
    yield folder.parent
    nursery.close_shared()


@forks
def test_nbclient_runs_in_a_warm_kernel_without_a_patch(kernelspec, monkeypatch):
    """Plain nbclient, told only the kernel's name, gets a kernel that is forked and walled in, and ends it."""
    monkeypatch.setenv("JUPYTER_PATH", str(kernelspec.parent))
    client = NotebookClient(nbformat.from_dict(NOTEBOOK))
    done = client.execute()
    where = "/scratch/work" if "namespaces" in nursery.shared().layers else "work"
    assert done.cells[0].outputs[0].text.strip().endswith(f"{where} True")
    assert client.km is None


@forks
def test_papermill_runs_in_a_warm_kernel_without_a_patch(kernelspec, tmp_path):
    """papermill's own command, told only the kernel's name, gets a warm kernel, and ends it."""
    nbformat.write(NOTEBOOK, tmp_path / "in.ipynb")
    command = [sys.executable, "-m", "papermill", "-k", "warm", "in.ipynb", "out.ipynb"]
    environment = {**os.environ, "JUPYTER_PATH": str(kernelspec.parent)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "True" in nbformat.read(tmp_path / "out.ipynb", 4).cells[0].outputs[0].text


@pytest.mark.parametrize("kernel", ["warm", "cold"])
def test_an_interrupt_reaches_the_children_of_a_cell(kernel):
    """A cell that waits for a program of its own is interrupted with it, as in a terminal."""
    if kernel == "warm" and not can_fork():
        pytest.skip("kernels are forked on Linux alone")
    wait = "import subprocess\nprint(subprocess.run(['sleep', '100']).returncode)"
    from referee.sandbox.limits import Limits  # noqa: PLC0415 - used here alone

    job = Job(kernel=kernel, limits=Limits(cell_seconds=1))
    execute(new_notebook(cells=[new_code_cell(wait), new_code_cell("print(2)")]), job, {})
    assert [cell.status for cell in job.cells] == [CellStatus.LIMIT, CellStatus.OK]
    assert job.exceeded[0].limit == "cell_seconds"
    assert job.exceeded[0].cell == 0


@forks
@pytest.mark.parametrize("last", ["raise SystemExit", "1 / 0"])
def test_whoever_leaves_without_ending_its_kernel_leaves_nothing(kernelspec, tmp_path, last):
    """A program that starts a warm kernel and ends without shutting it down leaves no folder of it."""
    source = f"from jupyter_client.manager import start_new_kernel\nheld = start_new_kernel(kernel_name='warm')\n{last}"
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:  # a short name, for the paths of sockets
        environment = {**os.environ, "JUPYTER_PATH": str(kernelspec.parent), "TMPDIR": folder}
        done = subprocess.run(
            [sys.executable, "-c", source], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == int(last == "1 / 0"), done.stderr
        assert not list(Path(folder).glob("referee-*"))  # jupyter_client leaves its connection file
