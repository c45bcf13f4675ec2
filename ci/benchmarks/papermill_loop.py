"""What a script does that runs a class by papermill: its Python API, a new kernel for each, the outputs written.

python papermill_loop.py SUBMITTED EXECUTED      (`throughput` starts it)
"""

from __future__ import annotations

import sys
from pathlib import Path

import papermill


def main() -> None:
    """Run every notebook of one folder, and write it as it ran into another one."""
    submitted, executed = map(Path, sys.argv[1:])
    for path in sorted(submitted.glob("*.ipynb")):
        papermill.execute_notebook(path, executed / path.name, kernel_name="python3", progress_bar=False)


if __name__ == "__main__":
    main()
