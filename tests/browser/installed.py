"""What the tests in a browser need of the machine, and how to get it; run as a program, it names the browser.

Exit codes of the program: 0 a browser is there; 1 none.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def chromium() -> str:
    """The path of a Chromium of this machine's own; empty where there is none."""
    found = next((path for name in _NAMES if (path := shutil.which(name))), "")
    return found or (str(_MAC) if _MAC.is_file() else "")


def axe() -> Path | None:
    """The file of axe-core that `ci/fetch_axe.py` put into .venv; None where there is none."""
    return max((ROOT / ".venv" / "axe-core").glob("*/axe.min.js"), default=None)


def missing() -> str:
    """What is not there and the command that gets it; empty where everything is."""
    wanted = [] if chromium() else ["Chromium (Debian: apt-get install chromium fonts-dejavu-core)"]
    wanted += [] if axe() else ["axe-core (.venv/bin/python ci/fetch_axe.py)"]
    return f"not installed: {' and '.join(wanted)}" if wanted else ""


if __name__ == "__main__":
    path = chromium()
    sys.stdout.write(f"{path or missing()}\n")
    sys.exit(0 if path else 1)
