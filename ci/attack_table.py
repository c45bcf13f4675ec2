"""The command `ci/attacks [--json] [--write] [NAME ...]`: every attack, every layer off in turn, as a table.

Exit codes: 0 every verdict is clear, whatever it is; 1 at least one is not; 2 the command is wrong.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
from pathlib import Path
from typing import Any

from referee.sandbox.jail import machine
from referee.sandbox.jail.layers import LAYERS
from tests.isolation import spawn
from tests.isolation.attack import EVERY, Attack
from tests.isolation.attacks import ATTACKS
from tests.isolation.spawn import Results, Setting

_TABLE = Path(__file__).resolve().parent.parent / "docs" / "attacks.md"
_ORDER = (*LAYERS, "watch")
_OUTSIDE = Setting(outside=True)
_COLUMNS = {
    "all on": Setting(EVERY),
    **{f"without {layer}": Setting(EVERY - {layer}) for layer in _ORDER},
    "none": Setting(),
    "outside": _OUTSIDE,
}
_ALONE = {layer: Setting(frozenset({layer})) for layer in _ORDER}
_GROUPS = {
    "read": "Read what is not theirs",
    "write": "Write outside",
    "network": "Talk to somebody",
    "processes": "Take hold of other processes and of the machine",
    "resources": "Use up the machine",
    "endings": "Never end, outlive the kernel, leave traps",
    "answers": "Forge answers",
}
_HEAD = """# Attacks on the sandbox

Each attack is code in a notebook cell (`tests/isolation/`). It counts as stopped only where it demonstrably failed, and
as through only where it demonstrably worked: a file was read or changed, a service heard a word, a process was dead.
`ci/attacks --write` makes this page; `tests/isolation/test_isolation.py` holds what it says.

{machine}

The layers: *namespaces* (own file tree, processes, network, a tmpfs of limited size), *landlock* (files, signals,
abstract sockets, TCP), *seccomp* (system calls), *limits* (a user of its own, where that is possible, and resource
limits), and *watch*, which is on the harness's side: memory, disk, output, time. *none* is without all of these; a
kernel even then has no capabilities, no way to new privileges, no descriptor of its parent's, and an environment of
its own. *outside* is a process that a careless harness starts, with none of that; it is tried where that already
stops an attack. *alone* names the layers that stop the attack without any other; where that is one, the columns
show it, and where it is the watch, it may need the namespaces to see what it counts (sockets). Where root and an
ordinary user differ, both are told. Bombs stop by themselves at sizes that are beyond the limits of these runs, but
harm nobody.
"""


def settings(attack: Attack) -> list[Setting]:
    """Where an attack is tried: outside only where something always stops it, alone where several layers do."""
    columns = [setting for setting in _COLUMNS.values() if setting != _OUTSIDE or attack.always]
    return columns + (list(_ALONE.values()) if len(attack.layers) > 1 else [])


def cell(results: dict[str, Results], attack: str, setting: Setting) -> str:
    """What became of an attack, for both users."""
    found = {user: result.of(attack, setting).how for user, result in results.items()}
    if len(set(found.values())) == 1:
        return next(iter(found.values()))
    return ", ".join(f"{user}: {how}" for user, how in found.items())


def alone(results: dict[str, Results], attack: Attack) -> str:
    """The layers that stop an attack without any other."""
    if len(attack.layers) < 2:
        return ", ".join(attack.layers) or "—"
    names = []
    for layer, setting in _ALONE.items():
        users = [user for user, result in results.items() if result.of(attack.name, setting).how == "stopped"]
        always = [user for user, result in results.items() if result.of(attack.name, Setting()).how == "stopped"]
        users = [user for user in users if user not in always]
        if users:
            names.append(layer if len(users) == len(results) - len(always) else f"{layer} ({', '.join(users)})")
    return ", ".join(names) or "—"


def text(results: dict[str, Results], chosen: list[Attack]) -> str:
    """The page."""
    lines = [_HEAD.format(machine=_machine(results))]
    for group, title in _GROUPS.items():
        attacks = [attack for attack in chosen if attack.group == group]
        if attacks:
            lines += [f"## {title}", "", *_rows(results, attacks), ""]
    always: dict[str, list[str]] = {}
    for attack in chosen:
        if attack.always:
            who = "" if len(attack.always) > 1 else f" (as {', '.join(attack.always)})"
            always.setdefault(attack.because, []).append(attack.name + who)
    lines += ["## What always stops some", ""]
    lines += [f"- {', '.join(names)}: {because}." for because, names in always.items()]
    return "\n".join(lines) + "\n"


def _rows(results: dict[str, Results], attacks: list[Attack]) -> list[str]:
    rows = [["attack", "tries to", "alone", *_COLUMNS], ["---"] * (3 + len(_COLUMNS))]
    for attack in attacks:
        tried = settings(attack)
        cells = [cell(results, attack.name, place) if place in tried else "" for place in _COLUMNS.values()]
        rows.append([attack.name, attack.tries, alone(results, attack), *cells])
    return [f"| {' | '.join(row)} |" for row in rows]


def _machine(results: dict[str, Results]) -> str:
    today = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d")
    details = "; ".join(f"{layer}: {words}" for layer, words in machine.details().items())
    missing = [
        f"as {user} without {layer} ({words})"
        for user, each in results.items()
        for layer, words in each.missing.items()
    ]
    untried = [f"not tried as {user} ({why})" for user, why in spawn.users().items() if why]
    return (
        "; ".join([f"Linux {platform.release()}, {platform.machine()}, {today}; {details}", *missing, *untried]) + "."
    )


def data(results: dict[str, Results]) -> dict[str, Any]:
    """The same as data."""
    rows = [
        {
            "attack": name,
            "user": user,
            "layers": sorted(setting.layers),
            "outside": setting.outside,
            "verdict": found.how,
            "why": found.why,
            "seconds": result.seconds[name, setting],
        }
        for user, result in results.items()
        for (name, setting), found in result.verdicts.items()
    ]
    return {"machine": _machine(results), "attacks": rows}


def main() -> int:
    """Run the attacks; the exit code."""
    parser = argparse.ArgumentParser(prog="ci/attacks", description="every attack, with each layer off in turn")
    parser.add_argument("names", nargs="*", metavar="NAME", help="attacks; all by default")
    parser.add_argument("--json", action="store_true", help="print data instead of the table")
    parser.add_argument("--write", action="store_true", help="put the table into docs/attacks.md")
    options = parser.parse_args()
    if unknown := set(options.names) - ATTACKS.keys():
        parser.error(f"no attacks: {', '.join(sorted(unknown))}")
    if options.write and options.names:
        parser.error("--write is for all attacks")
    chosen = [attack for name, attack in ATTACKS.items() if not options.names or name in options.names]
    wanted: dict[Setting, list[str]] = {}
    for attack in chosen:
        for setting in settings(attack):
            wanted.setdefault(setting, []).append(attack.name)
    results = spawn.run(wanted)
    page = text(results, chosen)
    print(json.dumps(data(results), indent=1) if options.json else page)
    if options.write:
        _TABLE.parent.mkdir(exist_ok=True)
        _TABLE.write_text(page, encoding="utf-8")
    unclear = [
        f"{name} as {user}, {sorted(place.layers)}: {result.of(name, place).why}"
        for user, result in results.items()
        for place, names in wanted.items()
        for name in names
        if result.of(name, place).how == "unclear"
    ]
    print("\n".join(f"unclear: {line}" for line in unclear), end="", file=sys.stderr)
    return 1 if unclear else 0


if __name__ == "__main__":
    sys.exit(main())
