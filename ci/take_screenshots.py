"""The command `ci/screenshots [--demo FOLDER] [--out FOLDER]`: pictures of what people see, for the documents.

Exit codes: 0 all pictures were written; 1 Chromium or a command of Referee's failed; 2 the command line is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import pty
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.browser import installed  # noqa: E402 - it lies beside this folder, not in it

_COLOURS = 200  # of a picture; a page has few, and a PNG of so many is a third of the size
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


@dataclass(frozen=True)
class Shot:
    """A picture of a file of the demo. `size` is the window's, in CSS pixels; `at` what is scrolled to its top."""

    name: str
    file: str
    size: tuple[int, int]
    scheme: Literal["light", "dark"] = "light"
    at: str = ""


@dataclass(frozen=True)
class Session:
    """A picture of a command in a terminal of so many columns."""

    name: str
    columns: int
    arguments: tuple[str, ...]


SHOTS = (
    Shot("student-page", "feedback/chen/convolution/feature_map.html", (900, 1100)),
    Shot("student-page-dark", "feedback/chen/convolution/feature_map.html", (390, 844), "dark", "#checks"),
    Shot("class-page", "reports/convolution.html", (1200, 1100)),
)
SESSIONS = (
    Session("terminal", 80, ("grade", "convolution")),
    Session("terminal-narrow", 60, ("check", "submitted/chen/convolution/feature_map.ipynb")),
)


def referee(folder: Path, *arguments: str, columns: int = 80, accept: tuple[int, ...] = (0,)) -> str:
    """What a command of ours prints on a terminal of so many columns, colours included, run in a folder.

    Raises
    ------
    SystemExit : it ended with another exit code than is accepted.
    """
    ours, theirs = pty.openpty()
    printed = io.BytesIO()
    reader = threading.Thread(target=_read, args=(ours, printed))
    reader.start()
    program = [sys.executable, "-c", "from referee.cli import main; main()", *arguments]
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "REFEREE_DATA")}
    environment = {**kept, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    done = subprocess.run(program, cwd=folder, stdout=theirs, stderr=subprocess.PIPE, env=environment, check=False)
    os.close(theirs)
    reader.join()
    os.close(ours)
    if done.returncode not in accept:
        sys.exit(f"referee {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr.decode()[-2000:]}")
    return printed.getvalue().decode().replace("\r\n", "\n").replace(f"{folder}/", "demo/")


def _read(descriptor: int, into: io.BytesIO) -> None:
    with contextlib.suppress(OSError):  # how a terminal says that nobody is on its other side
        while content := os.read(descriptor, 65536):
            into.write(content)


@contextlib.contextmanager
def demo(folder: Path | None) -> Iterator[Path]:
    """The folder of a demo: that which is given, else one that is made now."""
    if folder:
        yield folder.resolve()
        return
    with tempfile.TemporaryDirectory() as temporary:
        made = Path(temporary) / "demo"
        print("grading the demo class", file=sys.stderr)
        referee(ROOT, "demo", "--dir", str(made))
        yield made


def terminal(text: str, columns: int) -> tuple[str, tuple[int, int]]:
    """A text with colours as an SVG of a terminal, and its width and height."""
    console = Console(record=True, width=columns, file=io.StringIO(), color_system="standard", force_terminal=True)
    console.print(Text.from_ansi(text.rstrip()))
    drawing = console.export_svg(title=f"{columns} columns", theme=DIMMED_MONOKAI, unique_id="terminal")
    drawing = _FONT.sub("", drawing).replace("Fira Code", "DejaVu Sans Mono")  # this machine's font: none is fetched
    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing)[0]
    return drawing, (round(float(width)), round(float(height)))


def take(browser: Browser, file: Path, shot: Shot, out: Path) -> None:
    """Write one picture."""
    width, height = shot.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=shot.scheme,
        device_scale_factor=1.5,
        offline=True,
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.goto(file.as_uri())
    if shot.at:
        page.locator(shot.at).evaluate("(element) => element.scrollIntoView()", timeout=5_000)
    picture = page.screenshot()
    context.close()
    small = Image.open(io.BytesIO(picture)).convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE)
    target = out / f"{shot.name}.png"
    small.save(target, optimize=True)
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB, {small.width} x {small.height}")


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(prog="ci/screenshots", description="Pictures of the demo class, for docs/.")
    parser.add_argument("--demo", type=Path, help="a demo that was made before; else one is graded now")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where the pictures go (default: docs/)")
    options = parser.parse_args()
    if not installed.chromium():
        print(f"ci/screenshots: {installed.missing()}", file=sys.stderr)
        return 1
    with demo(options.demo) as folder, tempfile.TemporaryDirectory() as temporary, sync_playwright() as playwright:
        referee(folder, "report", "convolution", "--out", "reports/convolution.html")
        browser = playwright.chromium.launch(executable_path=installed.chromium())
        for shot in SHOTS:
            take(browser, folder / shot.file, shot, options.out)
        for session in SESSIONS:
            said = referee(folder, *session.arguments, columns=session.columns, accept=(0, 1))
            drawing, size = terminal(f"$ referee {' '.join(session.arguments)}\n{said}", session.columns)
            drawn = Path(temporary) / f"{session.name}.svg"
            drawn.write_text(drawing, encoding="utf-8")
            take(browser, drawn, Shot(session.name, "", size), options.out)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
