"""The command `ci/bench NAME [--json] [...]`: finds the benchmark, runs it, prints what it returns, exits.

The table goes to standard output, progress to standard error. Exit codes: 0 done, whether targets are met or not;
2 the command is wrong or something is not installed; 3 a way to run a notebook failed; 130 stopped.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys

from ci.benchmarks import table
from referee.errors import RefereeError, UsageError

#: Each benchmark is a module beside this one: `main(arguments)` measures and returns data, `text(data)` is its table.
BENCHMARKS = {
    "kernels": "a light notebook by nbgrader, papermill, Referee, and a bare fork",
    "endurance": "hundreds of trainings in a row in warm kernels: what hangs, fails, grows, or is left behind",
    "throughput": "a class of light notebooks by nbgrader autograde, a papermill loop, and Referee: whole commands",
    "nbgrader": "a class of an nbgrader course by nbgrader, and by Referee with one and two workers: whole commands",
    "regrade": "a class graded again from its recordings after a changed tolerance, and by running it again",
    "scale": "what the coordinator itself costs for each of up to thousands of submissions",
    "class_page": "the page about a class of a thousand: reading, statistics, causes, similar code, rendering",
}


def main(arguments: list[str] | None = None) -> int:
    """Run one benchmark; the exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # an orderly end, as for Ctrl-C
    try:
        return _run(sys.argv[1:] if arguments is None else arguments)
    except RefereeError as error:
        print(f"ci/bench: {type(error).__name__}\n{error}", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:  # whoever reads the table has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("ci/bench: stopped; its processes and files are gone", file=sys.stderr)
        return 130


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] in ("-h", "--help"):
        print("usage: ci/bench NAME [--json] [...]\n")
        print("\n".join(table.aligned([("  " + name, words) for name, words in BENCHMARKS.items()], left=2)))
        return 0
    name, *rest = arguments
    if name not in BENCHMARKS:
        raise UsageError(
            f"one of the benchmarks: {', '.join(BENCHMARKS)}", repr(name), f"ci/bench {next(iter(BENCHMARKS))}"
        )
    benchmark = importlib.import_module(f"ci.benchmarks.{name}")
    as_json = "--json" in rest
    data = benchmark.main([argument for argument in rest if argument != "--json"])
    print(json.dumps(data, indent=1) if as_json else benchmark.text(data), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
