"""Every attack, in the order of the table."""

from __future__ import annotations

from tests.isolation import bombs, endings, forging, network, processes, reading
from tests.isolation.attack import Attack

ATTACKS: dict[str, Attack] = {
    attack.name: attack
    for room in (reading, network, processes, bombs, endings, forging)
    for attack in room.ATTACKS
}  # fmt: skip
