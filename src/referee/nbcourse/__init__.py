"""A course whose tests stand inside nbgrader's notebooks, graded as it is.

course      what is where: nbgrader's folders as a `Course`            config     nbgrader's own configuration
basis       what determines a result, as digests                       accepting  what nbgrader is let near
owncode     the plugins and hooks of the course's own, which do, too
converter   nbgrader's Autograde in two halves: what comes before the notebooks run, and what comes after
book        nbgrader's gradebook, opened once and written in whole steps
switches    nbgrader's preprocessors with rules of ours                restoring  cells that were deleted come back
orders      from a sanitized submission to what a worker needs         ahead      what kernels import before the fork
running     what a worker does: the notebooks of one submission run    plain      as nbgrader itself runs them
altered     cells that change what an earlier answer defined
outcome     what ran and what nbgrader made of it, as a report
pages       nbgrader's feedback
"""
