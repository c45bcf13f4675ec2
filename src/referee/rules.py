"""Where grading an nbgrader course may follow rules of ours: nbgrader's own are the default, each of ours is a switch.

[nbgrader]                  # course.toml, beside nbgrader_config.py; may be empty, and the file may be missing
stderr_costs = false        # output on stderr costs no point
dead_kernel = "rest"        # a kernel that dies fails what came after it, and not the whole submission
restore_tests = true        # a test cell that was deleted comes back, and runs where it belongs
restore_locked = true       # so does every other locked cell; one that lost its marks, or moved, is set right
note_changed_answers = true # a cell that changes what an earlier answer cell defined is noted
"""

from __future__ import annotations

from typing import Literal

from referee.record import Record


class Rules(Record, frozen=True):
    """The section `[nbgrader]` of course.toml.

    stderr_costs : output on stderr makes a test cell worth nothing, as nbgrader has it.
    dead_kernel : "submission": a kernel that dies leaves the whole submission without scores, for a person to look at,
        as in nbgrader. "rest": the test cells that ran before keep their points, those after it have none.
    restore_tests : put back test cells that were deleted. nbgrader leaves them without a score (its own option
        `OverwriteCells.add_missing_cells` works, too).
    restore_locked : put back all other locked cells, and set right what a student did to the marks of any known cell.
        nbgrader overwrites the text of locked cells that are there under their names, in any case.
    note_changed_answers : note where a later cell of the student defines again what an answer cell defined.
    kernel : "warm": forked, isolated, limited. "nbgrader": as nbgrader itself runs notebooks, in parallel, but with
        network, all files and no limits but its timeout; for work that is trusted (--trust), and other languages.
    feedback : write nbgrader's feedback pages when a class is graded.
    """

    stderr_costs: bool = True
    dead_kernel: Literal["submission", "rest"] = "submission"
    restore_tests: bool = False
    restore_locked: bool = False
    note_changed_answers: bool = False
    kernel: Literal["warm", "nbgrader"] = "warm"
    feedback: bool = True
