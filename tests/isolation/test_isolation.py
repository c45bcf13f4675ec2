"""The attack suite: each attack is stopped with all layers on, and succeeds without those that stop it.

The attacks run as root and as an ordinary user, in a process for each, both at a time. `ci/attacks` makes the table.
"""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from referee.sandbox.isolation import can_fork
from tests.isolation import spawn
from tests.isolation.attack import EVERY, USERS
from tests.isolation.attacks import ATTACKS
from tests.isolation.spawn import Results, Setting
from tests.isolation.victims import running

pytestmark = pytest.mark.skipif(not can_fork(), reason="kernels are forked on Linux alone")

_TABLE = Path(__file__).resolve().parents[2] / "docs" / "attacks.md"


def without(name: str, user: str) -> Setting:
    """Where an attack is to succeed: without the layers that stop it, or outside where something always does."""
    attack = ATTACKS[name]
    return Setting(outside=True) if user in attack.always else Setting(EVERY - attack.layers)


@pytest.fixture(scope="module")
def results(request) -> dict[str, Results]:
    """What became of the attacks that are asked for, for each user."""
    here = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    names = {item.callspec.params["name"] for item in here if "name" in item.callspec.params}
    wanted: dict[Setting, set[str]] = {}
    for name in names:
        for setting in {Setting(EVERY), *(without(name, user) for user in USERS)}:
            wanted.setdefault(setting, set()).add(name)
    ordered = {setting: [name for name in ATTACKS if name in chosen] for setting, chosen in wanted.items()}
    return spawn.run(ordered)


def verdict(results: dict[str, Results], name: str, user: str, setting: Setting) -> str:
    """How an attack ended, with the reason; skips what cannot be tried here."""
    if why := spawn.users()[user]:
        pytest.skip(f"as {user}: {why}")
    missing = results[user].missing
    if setting.layers & missing.keys():
        pytest.skip("; ".join(f"no {layer}: {words}" for layer, words in missing.items()))
    found = results[user].of(name, setting)
    if found.how == "skipped":
        pytest.skip(found.why)
    return f"{found.how}: {found.why}"


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", list(ATTACKS))
def test_the_attack_is_stopped(results, name, user):
    """With all layers on, the attack demonstrably fails."""
    assert verdict(results, name, user, Setting(EVERY)).startswith("stopped")


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_succeeds_without_what_stops_it(results, name, user):
    """Without the layers that stop it, or outside of any sandbox, the attack demonstrably succeeds."""
    assert verdict(results, name, user, without(name, user)).startswith("through")


def test_the_attacks_leave_nothing_behind(results):
    """When the attacks are over, none of their processes and files is left."""
    assert results
    assert not running(spawn.prefix())
    assert not [*Path("/tmp").glob(f"{spawn.prefix()}*"), *Path("/dev/shm").glob(f"{spawn.prefix()}*")]
    assert not [child for child in psutil.Process().children() if "runner" in " ".join(child.cmdline())]


def test_the_table_has_every_attack():
    """The table in docs/ has a row for each attack; `ci/attacks --write` makes it."""
    text = _TABLE.read_text(encoding="utf-8")
    assert not [name for name in ATTACKS if f"| {name} |" not in text]
