"""Puts axe-core, the checker of accessibility, into .venv: one file of one version whose hash is known, without node.

Exit codes: 0 it is there; 1 it could not be fetched, or was not what it should be.
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import sys
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="
REGISTRY = "https://registry.npmjs.org/"
TARGET = Path(__file__).resolve().parent.parent / ".venv" / "axe-core" / VERSION / "axe.min.js"
_MOST = 32 * 2**20  # bytes; the package has 4 MB


def registry() -> str:
    """The registry that npm is configured for, where there is an npm; else npm's own."""
    npm = shutil.which("npm")
    if not npm:
        return REGISTRY
    done = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False, timeout=60)
    said = done.stdout.strip()
    return f"{said.rstrip('/')}/" if done.returncode == 0 and said.startswith(("https://", "http://")) else REGISTRY


def fetch(source: str) -> bytes:
    """The package as a registry holds it.

    Raises
    ------
    ValueError : it is not the one whose hash stands above.   OSError : it cannot be reached.
    """
    with urllib.request.urlopen(f"{source}axe-core/-/axe-core-{VERSION}.tgz", timeout=60) as answer:
        package = bytes(answer.read(_MOST))
    found = base64.b64encode(hashlib.sha512(package).digest()).decode("ascii")
    if found != SHA512:
        raise ValueError(f"wanted the SHA-512 {SHA512}, found {found}")
    return package


def script(package: bytes) -> bytes:
    """The one file of the package that a page needs."""
    with tarfile.open(fileobj=io.BytesIO(package), mode="r:gz") as archive:
        member = archive.extractfile("package/axe.min.js")
        if member is None:
            raise ValueError("the package holds no axe.min.js")
        return member.read()


def main() -> int:
    """Fetch the file, unless it is there already."""
    if TARGET.is_file():
        return 0
    source = registry()
    try:
        text = script(fetch(source))
    except (OSError, urllib.error.URLError, ValueError, KeyError, tarfile.TarError) as error:
        print(f"ci/fetch_axe.py: wanted axe-core {VERSION} from {source}, found: {error}", file=sys.stderr)
        return 1
    shutil.rmtree(TARGET.parent.parent, ignore_errors=True)  # another version of it
    TARGET.parent.mkdir(parents=True)
    part = TARGET.with_suffix(".part")
    part.write_bytes(text)
    part.replace(TARGET)  # a run that is stopped leaves no half of it
    return 0


if __name__ == "__main__":
    sys.exit(main())
