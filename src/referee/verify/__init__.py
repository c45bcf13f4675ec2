"""Tries the course itself, before a class does.

    step        the exercises that students have are what the solutions give now
    jobs        what is run: solutions, skeletons, trials and variants, each graded as a submission would be
    trials      the course's own submissions with a stated end, and variants that are explained
    variants    wrong variants of the solutions, made automatically
    judging     what came of each run            saying     the same for a person
    trying      the whole of it, in order

The quick mode leaves out the trials, all but a few variants, and every variant of a notebook with `quick` parameters in
course.toml: that one trains.
"""

from referee.verify.records import HOLES, Finding, Measured, Row, Tried, Wishes, table
from referee.verify.trying import measure, verify

__all__ = ["HOLES", "Finding", "Measured", "Row", "Tried", "Wishes", "measure", "table", "verify"]
