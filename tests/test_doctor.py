"""What a machine can do: findings with remedies, and nothing is changed by looking."""

import importlib.util
import sys
from types import SimpleNamespace

import pytest

from referee.doctor import Finding, examine
from referee.sandbox import isolation
from referee.sandbox.isolation import COLD_LAYERS


def find(name: str) -> Finding:
    return next(finding for finding in examine() if finding.name == name)


def test_every_finding_that_is_not_ok_has_a_remedy():
    """What is not enough comes with the next step, and each name is there once."""
    findings = examine()
    assert all(finding.ok or finding.remedy for finding in findings)
    assert len({finding.name for finding in findings}) == len(findings)
    assert {finding.name for finding in findings if finding.needed} == {"python", "scratch"}


def test_this_machine_can_run_the_tests():
    """On a machine where this runs, what is needed is there."""
    assert all(finding.ok for finding in examine() if finding.needed)
    assert find("python").found.startswith(f"{sys.version_info.major}.{sys.version_info.minor}.")


def test_a_missing_extra_is_named_with_its_command(monkeypatch):
    """An extra that is not installed is said with its use and the command that installs it."""
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "nbgrader" else real(name))
    assert find("nbgrader") == Finding(
        name="nbgrader",
        ok=False,
        found="not installed",
        remedy="pip install nbgrader, for the gradebook and `referee release`",
    )


def test_an_old_python_is_not_enough(monkeypatch):
    """A Python below 3.11 is a failed need."""
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    assert (find("python").ok, find("python").needed, find("python").remedy) == (False, True, "use 3.11+")


@pytest.mark.parametrize(("free", "ok"), [(2.9, False), (3.1, True)])
def test_memory_for_one_kernel(free, ok, monkeypatch):
    """Too little free memory is said with what to do about it."""
    monkeypatch.setattr("psutil.virtual_memory", lambda: SimpleNamespace(available=free * 2**30))
    finding = find("memory")
    assert (finding.ok, finding.found) == (ok, f"{free:.1f} GiB free")
    assert ("--workers 1" in finding.remedy) is not ok


@pytest.mark.parametrize(
    ("folder", "free", "ok"), [("/tmp", 5, True), ("/tmp", 0.5, False), ("/tmp/" + "x" * 80, 5, False)]
)
def test_the_scratch_folder_is_large_and_its_name_short(folder, free, ok, monkeypatch):
    """A full disk, and a path too long for a Unix socket, are failed needs with one remedy."""
    monkeypatch.setattr("tempfile.gettempdir", lambda: folder)
    monkeypatch.setattr("shutil.disk_usage", lambda _path: SimpleNamespace(free=free * 2**30))
    finding = find("scratch")
    assert (finding.ok, finding.needed, "TMPDIR" in finding.remedy) == (ok, True, not ok)


@pytest.fixture
def without(monkeypatch):
    """Makes the machine one on which some layers do not work."""

    def lose(**why):
        monkeypatch.setattr("referee.sandbox.isolation.missing", lambda: why)

    return lose


def test_missing_isolation_is_never_called_fine(without):
    """A layer that is missing is named with the reason and the remedy, and isolation as a whole is not fine."""
    without(seccomp="libseccomp.so.2 is not installed")
    isolation, seccomp = find("isolation"), find("seccomp")
    assert (isolation.ok, isolation.found) == (False, "student kernels are not held by seccomp")
    assert "--trust" in isolation.remedy
    assert (seccomp.ok, seccomp.found) == (False, "does not work here: libseccomp.so.2 is not installed")
    assert "apt-get install libseccomp2" in seccomp.remedy
    assert find("landlock").ok is True


def test_full_isolation_names_its_layers(without):
    """Where every layer works, each is said with what it is for."""
    without()
    assert find("isolation").found == "student kernels are held by namespaces, landlock, seccomp, limits"
    assert find("namespaces").found.endswith(
        "a file tree, process table and network of its own, and a quota on the disk"
    )


def test_another_system_has_no_layers(monkeypatch):
    """Outside Linux nothing is tried, and every layer says why it is missing."""
    monkeypatch.setattr("referee.sandbox.isolation.can_fork", lambda: False)
    isolation.missing.cache_clear()
    try:
        assert all("Linux alone" in find(name).found for name in isolation.PURPOSES)
        assert not find("isolation").ok
        assert isolation.names() == COLD_LAYERS
    finally:
        isolation.missing.cache_clear()
