"""Many submissions to Reports: what is to be graded, who does it, and what is left on disk.

    parcel    what of a course the workers need, read once
    plan      which submissions are to be graded, and why
    work      what a worker does with one of them
    slots     worker processes of this machine             room      how many fit
    cluster   workers of a Dask cluster            hub       what happens on one of them
    crew      whichever of these grades
    running   hands out, tries again, writes, counts, tells
    store     files that are there whole or not at all     history   what they were before

Workers grade and return; the process that holds the lock alone writes.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from referee.batch import room
from referee.batch.running import Flow
from referee.batch.slots import Inline, Room, Workers, harness
from referee.batch.slots import prepare as prepare_workers
from referee.checks.session import close_all
from referee.sandbox import nursery
from referee.sandbox.isolation import can_fork
from referee.sandbox.nursery import Plan
from referee.sandbox.scratch import sweep

T = TypeVar("T")
Item = TypeVar("Item")
E = TypeVar("E", bound=Executor)


def workers(wanted: int | None, items: int) -> int:
    """How many worker processes to use: as wanted, or one for each core; never more than there are items."""
    return max(1, min(wanted or room.cores(), items))


def in_parallel(
    function: Callable[[Item], T],
    items: Sequence[Item],
    count: int,
    plans: Collection[Plan] = (),
    slots: Sequence[dict[str, str]] | None = None,
) -> Iterator[tuple[Item, T | BaseException]]:
    """Call `function` on each item in `count` worker processes; yield results, or what was raised, as they come.

    With one worker the items are done in this process, one after the other: for what is the course's own. An item whose
    worker dies is tried once more. The workers share the warm parents for `plans`, which start while they do.
    `slots` are the workers' environments, where these differ from ours.
    """
    try:
        if count == 1 and slots is None:
            yield from Flow(Inline(), function, 1).over(items)
        else:
            slots = [{}] * count if slots is None else slots
            with local_workers(slots, plans) as executor:
                yield from Flow(executor, function, len(slots)).over(items)
    finally:
        close_all()  # the sessions of an inline run; a worker closes its own when it ends
        sweep()  # what workers that were ended at once could not remove


@contextmanager
def local_workers(
    slots: Sequence[dict[str, str]],
    plans: Collection[Plan],
    memory: Room | None = None,
    heard: Callable[[Any], None] | None = None,
) -> Iterator[Executor]:
    """Worker processes of this machine, ended at once where the block does not end well."""
    with ending(Workers(slots, harness(tuple(plans)), memory, heard)) as executor:
        yield executor


@contextmanager
def ending(executor: E) -> Iterator[E]:
    """An executor that ends with the block: after what is under way, or at once where the block does not end well."""
    well = False
    try:
        yield executor
        well = True
    finally:
        executor.shutdown(cancel_futures=not well)


def prepare(plans: Collection[Plan]) -> None:
    """Begin to start what a run on this machine will need: nothing waits for it here."""
    prepare_workers()
    if can_fork():
        for plan in plans:
            nursery.shared().open(plan)


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for one run's copy of what the workers need; those that killed runs left behind are swept."""
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"referee-{os.getpid()}-course-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        sweep()
