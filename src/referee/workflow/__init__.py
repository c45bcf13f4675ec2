"""What each command does, as a list of verbs.

ready      is the course in step, are kernels held, are limits known
opening    which kind of course a folder is
grade      plan, run, write, record
nbgrade    the same for an nbgrader course;   nbpages: nbgrader's feedback;   either: whichever it is
nbentering a submission's way through nbgrader;   nbreport: the report on it
regrade    recorded answers, graded again: shown, applied, undone
pages      a page for each notebook
persons    what persons gave, and reports with it
remake     these pages made again, or a preview of them
handing_back    what nbgrader needs beside the pages
export     the class in the format of another program;   actions: in a step of GitHub Actions
out        the file that somebody names with --out
own_run    a student's own run
class_page the page about a class, written or kept up to date
handed     the students' code, for comparing it
demo       a course of its own, with a sample class
fresh      a new course, to be edited
opening    which course a folder lies in;   elsewhere: what is there that is not our job
"""

from referee.workflow.actions import own_step, write_summary
from referee.workflow.class_page import LivePage, write_class_page
from referee.workflow.demo import STORIES, demo
from referee.workflow.either import grade_any, make_any_pages
from referee.workflow.export import Export, ExportWishes, export_assignment
from referee.workflow.grade import GradedClass, Wishes, grade_assignment
from referee.workflow.handed import write_export
from referee.workflow.own_run import Checked, check_notebook
from referee.workflow.pages import disclosure, never_met, write_pages
from referee.workflow.persons import with_manual_scores
from referee.workflow.ready import limits_line, outline, require_in_step, settle_limits
from referee.workflow.regrade import RegradeWishes, regrade_assignment, undo_regrade
from referee.workflow.remake import PageWishes, graded_reports, make_pages

__all__ = [
    "STORIES",
    "Checked",
    "Export",
    "ExportWishes",
    "GradedClass",
    "LivePage",
    "PageWishes",
    "RegradeWishes",
    "Wishes",
    "check_notebook",
    "demo",
    "disclosure",
    "export_assignment",
    "grade_any",
    "grade_assignment",
    "graded_reports",
    "limits_line",
    "make_any_pages",
    "make_pages",
    "never_met",
    "outline",
    "own_step",
    "regrade_assignment",
    "require_in_step",
    "settle_limits",
    "undo_regrade",
    "with_manual_scores",
    "write_class_page",
    "write_export",
    "write_pages",
    "write_summary",
]
