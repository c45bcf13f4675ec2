"""What the tests in a browser need: found, fetched with its hash, and missed with words that help."""

import io
import tarfile
from pathlib import Path

import pytest

from ci import fetch_axe
from tests.browser import harness, installed


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without a browser, and a checkout without axe-core."""
    monkeypatch.setattr("shutil.which", lambda _name: None)
    monkeypatch.setattr(installed, "_MAC", tmp_path / "none")
    monkeypatch.setattr(installed, "ROOT", tmp_path)


def test_what_is_missing_is_said_with_its_remedy(bare):
    """Without a browser and axe-core the words name both, and the commands that get them."""
    assert installed.missing() == (
        "not installed: Chromium (Debian: apt-get install chromium fonts-dejavu-core)"
        " and axe-core (.venv/bin/python ci/fetch_axe.py)"
    )


def test_ci_does_not_skip(bare):
    """At a desk the tests are skipped, in CI they fail."""
    with pytest.raises(pytest.skip.Exception, match="apt-get install chromium"):
        harness.require_installed(ci=False)
    with pytest.raises(pytest.fail.Exception, match="apt-get install chromium"):
        harness.require_installed(ci=True)


def test_axe_is_looked_for_where_it_is_put():
    """The file that is fetched is the one that the tests read."""
    assert fetch_axe.TARGET.parents[2] == installed.ROOT / ".venv"
    assert installed.axe() in (None, fetch_axe.TARGET)


def package(folder: Path, content: bytes) -> str:
    """A registry that holds this script as axe-core; its address."""
    target = folder / "axe-core" / "-" / f"axe-core-{fetch_axe.VERSION}.tgz"
    target.parent.mkdir(parents=True)
    with tarfile.open(target, "w:gz") as archive:
        member = tarfile.TarInfo("package/axe.min.js")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return f"{folder.as_uri()}/"


def test_a_package_with_another_hash_is_refused(tmp_path, monkeypatch, capsys):
    """What a registry gives is believed only if its hash is the one that we know; else nothing is written."""
    source = package(tmp_path, b"evil()")
    with pytest.raises(ValueError, match="SHA-512"):
        fetch_axe.fetch(source)
    monkeypatch.setattr(fetch_axe, "registry", lambda: source)
    monkeypatch.setattr(fetch_axe, "TARGET", tmp_path / "axe-core" / "1" / "axe.min.js")
    assert fetch_axe.main() == 1
    assert not fetch_axe.TARGET.exists()
    assert "wanted axe-core" in capsys.readouterr().err


def test_a_registry_that_is_not_there_is_said(tmp_path, monkeypatch, capsys):
    """Without a network the command says what it wanted and from where, and nothing is written."""
    monkeypatch.setattr(fetch_axe, "registry", lambda: f"{tmp_path.as_uri()}/nothing/")
    monkeypatch.setattr(fetch_axe, "TARGET", tmp_path / "axe-core" / "1" / "axe.min.js")
    assert fetch_axe.main() == 1
    assert tmp_path.as_uri() in capsys.readouterr().err


def test_one_file_of_the_package_is_kept(tmp_path):
    """Of the package only the script is unpacked, and a package without it is refused."""
    package(tmp_path, b"axe()")
    content = next(tmp_path.rglob("*.tgz")).read_bytes()
    assert fetch_axe.script(content) == b"axe()"
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w:gz"):
        pass
    with pytest.raises(KeyError):
        fetch_axe.script(empty.getvalue())
