"""`referee convert`: test cells of an nbgrader course to the first draft of checks outside the kernel.

verb         convert(course, "ps1/problem1"): all of it               saying      its result in words
notebook     the author's cells by what they are for                  configured  what nbgrader's configuration says
names        what a statement binds, reads, draws                     known       whose a name is, and what is copied
draft        one test cell to its checks                              partial     a sum of points to several checks
claims       what asserts                                             catching    errors that are expected, or caught
blocks       statements that hold others, and that bind names         asking      expressions: what is asked for
scope        what is known while statements are translated            vocabulary  names with a meaning of their own
text         a source with places said anew                           grader      drafts as the text of a grader
wording      how a claim is written down
trying       the solution and the blank, graded by the draft          writing     all files, or none
"""

from referee.convert.records import Check, Converted, Result, Tried, Unfinished
from referee.convert.verb import convert

__all__ = ["Check", "Converted", "Result", "Tried", "Unfinished", "convert"]
