"""Every error that Referee raises on purpose, in one tree.

    RefereeError                what was wanted, what was found, what to do next
    ├── UsageError              the command line asks for something that does not exist        exit 2
    ├── CourseError             the course itself is wrong: the author mends it                exit 2
    │   └── GraderError         a grader cannot be loaded, or breaks a rule of graders
    ├── SubmissionError         a file that a student handed in cannot be read
    ├── DataError               a data set is missing, unreadable or not what its hash says    exit 2
    ├── MissingExtra            an optional dependency is not installed                        exit 2
    ├── GradebookError          the gradebook cannot be read or written                        exit 3
    ├── HarnessError            Referee failed: never a student's fault                        exit 3
    │   ├── NoRoom              nothing can be written any more
    │   └── ClusterLost         the machines that graded cannot be reached any more
    └── AnswerError             a question to a kernel has no usable answer
        ├── StudentFault        because of the student's work (a missing name, a raised error, a generator, ...)
        ├── LimitReached        because a limit of time, size or depth was exhausted
        ├── KernelDied          because the kernel is gone
        └── Unrecorded          because the recording never asked this question

A check that fails or that needs a person is not an error of the program; its signals, `CheckFailed` and
`NeedsPerson`, carry evidence and live in `referee.checks.signals`.
"""

from __future__ import annotations


class RefereeError(Exception):
    """An expected problem, in three parts that a person can act on.

    Parameters
    ----------
    wanted : what was needed, in one phrase.
    found : what was there instead.
    remedy : the next step for the reader; may be empty where there is none.
    """

    exit_code = 2

    def __init__(self, wanted: str, found: str, remedy: str = "") -> None:
        super().__init__(wanted, found, remedy)
        self.wanted = wanted
        self.found = found
        self.remedy = remedy

    def __str__(self) -> str:
        lines = [f"wanted: {self.wanted}", f"found:  {self.found}"]
        if self.remedy:
            lines.append(f"next:   {self.remedy}")
        return "\n".join(lines)


class UsageError(RefereeError):
    """The command asks for something that this course or machine does not have."""


class CourseError(RefereeError):
    """The course is wrong in a way that only its author can mend."""


class GraderError(CourseError):
    """A grader file cannot be loaded, or breaks a rule that graders keep."""


class SubmissionError(RefereeError):
    """A submitted file cannot be read as a notebook of this exercise."""


class DataError(RefereeError):
    """A data set is missing, unreadable, or differs from its published hash."""


class MissingExtra(RefereeError):
    """An optional dependency is needed for this command and is not installed."""


class GradebookError(RefereeError):
    """The gradebook cannot be opened, read or written."""

    exit_code = 3


class HarnessError(RefereeError):
    """Referee itself failed; the student's score must not suffer for it."""

    exit_code = 3


class NoRoom(HarnessError):
    """Nothing can be written any more: the same command goes on when there is room."""


class ClusterLost(HarnessError):
    """The cluster that graded cannot be reached any more: the same command goes on with another, or without."""


class AnswerError(RefereeError):
    """A question to a kernel has no usable answer; `log` is the student's traceback, where there is one."""

    log = ""


class StudentFault(AnswerError):
    """The answer is missing or unusable because of what the student's code does."""


class LimitReached(AnswerError):
    """The answer exceeds a limit of time, size or depth."""


class KernelDied(AnswerError):
    """The kernel is gone; `by_limit` says whether Referee ended it because a limit was exhausted."""

    def __init__(self, wanted: str, found: str, remedy: str = "", *, by_limit: bool = False) -> None:
        super().__init__(wanted, found, remedy)
        self.by_limit = by_limit


class Unrecorded(AnswerError):
    """The recording does not hold an answer to this question."""
