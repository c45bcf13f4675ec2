"""The records of the class page; every text in them is bounded and holds no character that acts rather than shows.

Overview                    all that the page says
├── Scores                  mean, median and the distribution
│   └── Bin
├── Matter                  something that needs a person, and whom it is about
├── CheckItem               one check: how many passed, how well it tells students apart
├── Twins                   checks that decide the same
├── Cluster                 failures with one cause
│   └── Example             one of them in full
├── Outliers                who used much more than the others
├── OverLimit               a limit, and who exceeded it
├── Likeness                how similar the own code of students is, for one notebook
│   └── LikeGroup           some whose own code is nearly the same
└── Row                     one student
    └── Book                one notebook of the student's
"""

from __future__ import annotations

from referee.feedback.text import plain
from referee.report import Record

NAME, LABEL = 80, 240  # characters of a student's name, and of a check's
#: With fewer submissions than this, no check and no use of time is called conspicuous: it would be chance.
ENOUGH = 5


class Bin(Record, frozen=True):
    """How many scores lie from `low` to `high` per cent; the upper end belongs to the next bin, but for the last."""

    low: int
    high: int
    count: int


class Scores(Record, frozen=True):
    """The distribution of the scores, in points and as shares (0 to 1) of what there was to earn."""

    count: int
    mean: float
    median: float
    points: float
    mean_share: float
    median_share: float
    bins: tuple[Bin, ...]


class Named(Record, frozen=True):
    """A student, as in the report and as shown, with a few words about what is meant; they may be empty."""

    student: str
    shown: str
    words: str = ""


def named(student: str, words: str = "") -> Named:
    """A student with words that may hold anything."""
    return Named(student=student, shown=plain(student, NAME), words=plain(words, LABEL))


class Matter(Record, frozen=True):
    """Something that needs a person: why, and whom it is about.

    cells, points : how many cells wait for it, and for how many points; 0 where it is no matter of points.
    """

    reason: str
    students: tuple[Named, ...]
    cells: int = 0
    points: float = 0.0


class CheckItem(Record, frozen=True):
    """What one check did in this class.

    passed, failed, unchecked, person : how many submissions; those that need a person are not decided yet.
    share : passed over all that are decided; None where there are none.
    discrimination : the correlation of passing it with the score without it, -1 to 1; None where that is undefined,
    and with fewer than `ENOUGH` decided ones.
    dead : everybody passed, or nobody did.   negative : those who pass it have lower scores
    otherwise, by more than one standard error of a correlation (1 / sqrt(n - 1)), so that it is not mere chance.
    """

    label: str
    sentence: str
    public: bool
    passed: int
    failed: int
    unchecked: int
    person: int
    share: float | None
    discrimination: float | None
    dead: bool
    negative: bool

    @property
    def decided(self) -> int:
        return self.passed + self.failed + self.unchecked


class Twins(Record, frozen=True):
    """Checks that decide (nearly) the same: places in the list of checks, the lowest phi, the fewest submissions."""

    checks: tuple[int, ...]
    phi: float
    count: int


class Example(Record, frozen=True):
    """One failure in full; `actual` and `expected` may have several lines."""

    student: str
    check: str
    words: str
    hint: str
    actual: str
    expected: str


class Cluster(Record, frozen=True):
    """Failures with one cause. `kind` says how it was recognised; `checks` are those concerned, with how many students.

    A student stands here once, however many checks the same cause failed. `lost` is in points, of all of them together.
    """

    kind: str
    title: str
    lost: float
    students: tuple[Named, ...]
    checks: tuple[tuple[str, int], ...]
    example: Example


class Outliers(Record, frozen=True):
    """Who used much more of something than the others: `words` of each say how much, and how many times the median."""

    notebook: str
    what: str
    median: str
    count: int
    students: tuple[Named, ...]


class OverLimit(Record, frozen=True):
    """A limit that was exceeded in a notebook, and by whom."""

    notebook: str
    limit: str
    students: tuple[Named, ...]


class LikeGroup(Record, frozen=True):
    """Some whose own code is nearly the same. `low`, `high` : containment of the pairs, 0 to 1.

    identical : all of them have the same to the byte.
    pairs : who with whom, the most similar first, a bounded number of them.
    """

    students: tuple[Named, ...]
    low: float
    high: float
    identical: bool = False
    pairs: tuple[str, ...] = ()


class Likeness(Record, frozen=True):
    """How similar the own code of students is for one notebook.

    compared : how many have enough code of their own.   little : how many wrote too little.
    shared : how many wrote enough, but hardly anything that not many in the class share: compared to the byte alone.
    unread : how many files were not read.
    """

    notebook: str
    compared: int
    little: int
    unread: int
    groups: tuple[LikeGroup, ...]
    shared: int = 0


class Book(Record, frozen=True):
    """One notebook of a student's: its score as shown, as a number to sort by (-1: none), and its page."""

    score: str
    number: float
    page: str


class Row(Record, frozen=True):
    """One student. `notable` is what a reader should know, in a few short phrases; `checks`, `clusters` are places.

    broken : a cell did not end well, or the kernel died.
    key : short, and the same for as long as the student's name is.
    """

    key: str
    shown: str
    earned: float
    points: float
    share: float | None
    books: tuple[Book, ...]
    notable: tuple[str, ...]
    person: bool
    limit: bool
    missing: bool
    unread: bool
    late: bool
    broken: bool
    checks: tuple[int, ...] = ()
    clusters: tuple[int, ...] = ()


class Overview(Record, frozen=True):
    """All that the page about a class says.

    unreadable : files of reports that cannot be read.   waiting : who handed in and has no report yet.
    unknown : why it is not known what persons gave; empty where it is.
    """

    assignment: str
    course: str
    notebooks: tuple[str, ...]
    scores: Scores | None
    matters: tuple[Matter, ...]
    checks: tuple[CheckItem, ...]
    twins: tuple[Twins, ...]
    clusters: tuple[Cluster, ...]
    outliers: tuple[Outliers, ...]
    limits: tuple[OverLimit, ...]
    likeness: tuple[Likeness, ...]
    rows: tuple[Row, ...]
    unreadable: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    unknown: str = ""
