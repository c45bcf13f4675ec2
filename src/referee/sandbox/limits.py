"""How much a student's notebook may use: the limits that a course states and the engine enforces."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from referee.report import Exceeded, Record

# Within these bounds a kernel can start and a system keeps the limit; a number beyond them is a slip of the pen
Seconds: TypeAlias = Annotated[float, msgspec.Meta(gt=0, le=10**9)]
Count: TypeAlias = Annotated[int, msgspec.Meta(gt=0, le=10**12)]
Processes: TypeAlias = Annotated[int, msgspec.Meta(ge=16, le=10**12)]
OpenFiles: TypeAlias = Annotated[int, msgspec.Meta(ge=64, le=1_000_000)]


class Limits(Record, frozen=True):
    """Limits for one notebook; exceeding one is a verdict that names the limit, the use and the cell.

    start_seconds : until the kernel answers for the first time; exceeding it is the harness's fault.
    cell_seconds, notebook_seconds, question_seconds : wall clock for a cell, all cells, one question of a check.
    memory_mb : memory of the kernel and all its children that is theirs alone and no file's (`watch`), in MiB.
    processes : processes and threads of the kernel at a time; the system counts both, and frameworks start dozens.
    disk_mb : everything that the kernel may write, in its scratch folder and in shared memory, in MiB.
    open_files : files, sockets and pipes that one process of the kernel holds open at a time.
    output_bytes : output of one cell that is kept; a cell that prints more is interrupted.
    notebook_output_bytes : output of all cells together that is kept; the cell that prints more is interrupted.
    submission_bytes : the size of the handed-in file.
    answer_bytes, answer_items, answer_depth : the size of one answer.
    recording_bytes : the size of all answers of a notebook together; a report holds them.
    """

    start_seconds: Seconds = 60
    cell_seconds: Seconds = 60
    notebook_seconds: Seconds = 300
    question_seconds: Seconds = 30
    memory_mb: Count = 4096
    processes: Processes = 256
    disk_mb: Count = 1024
    open_files: OpenFiles = 1024
    output_bytes: Count = 1_000_000
    notebook_output_bytes: Count = 20_000_000
    submission_bytes: Count = 20_000_000
    answer_bytes: Count = 64_000_000
    answer_items: Count = 100_000
    answer_depth: Count = 20
    recording_bytes: Count = 128_000_000

    def exceeded(self, limit: str, used: float, cell: int | None = None) -> Exceeded:
        """The record of one of these limits being exceeded, in the cell with this index where it was in one.

        >>> Limits(memory_mb=512).exceeded("memory_mb", 634, 6).allowed
        512
        """
        return Exceeded(limit=limit, allowed=getattr(self, limit), used=used, cell=cell)
