"""What each cell used, beside the same cell of the reference's run."""

from referee import usage
from referee.report import CellRun, CellStatus, CellUse, Environment, NotebookReport, Timings, Usage

HERE = Environment(referee="0.1", python="3.11", platform="Linux")


def run(*names, slow=1.0) -> NotebookReport:
    """A run whose cells have these grade_ids, at every second place; the n-th took n times `slow` seconds."""
    cells = tuple(CellRun(index=2 * n, grade_id=name, status=CellStatus.OK) for n, name in enumerate(names))
    seconds = {str(2 * n): slow * (n + 1) for n in range(len(names))}
    memory = {str(2 * n): 10 * n for n in range(len(names))}
    timings = Timings(cells=seconds, memory=memory)
    return NotebookReport(notebook="b", fingerprint="", environment=HERE, cells=cells, timings=timings)


def test_cells_are_found_by_name_and_place():
    """A named cell finds its twin wherever it stands; unnamed ones do where as many stand between two named ones."""
    reference = usage.cells_of(run("", "a", "", "", "b"))
    mine = run("", "a", "", "b", "", "")
    assert usage.beside(mine, reference) == {
        "0": CellUse(seconds=1, memory_mb=0),
        "2": CellUse(seconds=2, memory_mb=10),
        "6": CellUse(seconds=5, memory_mb=40),
    }


def test_the_newest_run_is_remembered(mini):
    """What the solution's cells used is kept with the rest, and replaced by the next run's."""
    (exercise,) = mini.course.exercises()
    assert mini.course.cells_of(exercise) == {}
    for slow in (1.0, 0.5):
        mini.course.remember(exercise, Usage(seconds=9), (), usage.cells_of(run("a", slow=slow)))
    assert mini.course.cells_of(exercise) == {"a": CellUse(seconds=0.5)}
    mini.solution.write_text(mini.solution.read_text() + "\n")
    assert mini.course.cells_of(exercise) == {}
