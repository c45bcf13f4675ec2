"""Submissions come in: from a Canvas or Moodle zip, or a folder of notebooks, into nbgrader's `submitted/`.

    verb          one collect                                        -> sources, claims, change
    sources       a zip or a folder: its members and their bytes, bounded
    claims        which member is whose notebook, by names alone     -> canvas, moodle, plain
    canvas, moodle, plain   the rules by which each format names files
    naming        names from outside made into names of ours
    change        what a student's new notebooks change              -> tree, note
    tree          what lies on the disk, and changing it without losing anything
    note          what stays beside the notebooks; grading reads it
    interface     the records of a collect

An arrow names what a module calls.
"""

from referee.collect.interface import Collected, CollectedStudent, LeftOut, Taken
from referee.collect.note import CollectedFile, CollectedNote, read_note
from referee.collect.verb import collect

__all__ = [
    "Collected",
    "CollectedFile",
    "CollectedNote",
    "CollectedStudent",
    "LeftOut",
    "Taken",
    "collect",
    "read_note",
]
