"""What each command does, as a list of verbs.

ready      is the course in step, are kernels held, are limits known
grade      plan, run, write, record
regrade    recorded answers, graded again: shown, applied, undone
pages      a page for each notebook
handing_back    what nbgrader needs beside the pages
export     the class in the format of another program;   actions: in a step of GitHub Actions
own_run    a student's own run
demo       a course of its own, with a sample class
"""

from referee.workflow.actions import own_step, write_summary
from referee.workflow.demo import STORIES, demo
from referee.workflow.export import Export, ExportWishes, export_assignment
from referee.workflow.grade import GradedClass, Wishes, grade_assignment
from referee.workflow.own_run import Checked, check_notebook
from referee.workflow.pages import disclosure, with_manual_scores, write_pages
from referee.workflow.ready import limits_line, outline, require_in_step, settle_limits
from referee.workflow.regrade import RegradeWishes, regrade_assignment, undo_regrade

__all__ = [
    "STORIES",
    "Checked",
    "Export",
    "ExportWishes",
    "GradedClass",
    "RegradeWishes",
    "Wishes",
    "check_notebook",
    "demo",
    "disclosure",
    "export_assignment",
    "grade_assignment",
    "limits_line",
    "outline",
    "own_step",
    "regrade_assignment",
    "require_in_step",
    "settle_limits",
    "undo_regrade",
    "with_manual_scores",
    "write_pages",
    "write_summary",
]
