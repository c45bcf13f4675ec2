"""What students do with the notebooks of the course in `every`: each deed changes a submission (`hand.Hand`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_output

from tests.nbcourse import cells, every
from tests.nbcourse.hand import Hand, hand_in, marks

Deed = Callable[[Hand], None]
ON_TIME, LATE = "2026-11-20 11:00:00 UTC", "2026-11-20 13:30:00 UTC"
DUE = "2026-11-20 12:00:00.000000"  # as the gradebook keeps it


# --- aufgabe-1, one notebook ------------------------------------------------------------------------------------------


def solved(hand: Hand) -> None:
    """Everything right."""
    hand.write(
        quadrat="def quadrat(x):\n    return x ** 2",
        mittel="def mittel(werte):\n    return sum(werte) / len(werte)",
        alt="def alt(x):\n    return x",
        woerter="woerter = 'ä b'.split()\nanzahl = len(woerter)",
        entwurf="class Entwurf:\n    'Ein eigener.'",
        aufsatz="Darum.",
    )


def partly(hand: Hand) -> None:
    """Partial credit, a hidden test that fails, and one autotest."""
    hand.write(
        quadrat="def quadrat(x):\n    return abs(x) * abs(x) if x > 0 else 0",
        mittel="def mittel(werte):\n    return sum(werte) // len(werte)",
        woerter="woerter = ['a', 'b']\nanzahl = 2",
    )


def wrong(hand: Hand) -> None:
    """All answers are wrong ones."""
    hand.write(
        quadrat="def quadrat(x):\n    return 2 * x + 1",
        mittel="def mittel(werte):\n    return 1.5",
        alt="def alt(x):\n    return -x",
        woerter="woerter = []\nanzahl = '2'",
        aufsatz="?",
    )


def untouched(_hand: Hand) -> None:
    """Nothing was answered."""


def name_error(hand: Hand) -> None:
    """A name that nobody defined, at the top level of an answer."""
    hand.write(quadrat="quadrat = fehlt")


def syntax_error(hand: Hand) -> None:
    """No Python."""
    hand.write(quadrat="def quadrat(x)\n    return x * x")


def raises_between(hand: Hand) -> None:
    """An exception in a cell that is no part of the assignment, with a traceback longer than the limit."""
    source = "\n".join(f"def f{n}():\n    return f{n + 1}()" for n in range(12)) + "\nf0()"
    hand.add("quadrat", cells.code(source))


def leaves(hand: Hand) -> None:
    """`sys.exit` in a cell."""
    hand.write(mittel="import sys\n\ndef mittel(werte):\n    return 2\n\nsys.exit('genug')")


def loops(hand: Hand) -> None:
    """A loop that ends only when the kernel is interrupted, in an answer; a test that does, too."""
    hand.write(mittel="import time\n\nwhile True:\n    time.sleep(0.05)")


def no_test(hand: Hand) -> None:
    """A test cell, a partial one and a task are gone."""
    hand.drop("quadrat_versteckt", "mittel_teilweise", "projekt")


def no_answer(hand: Hand) -> None:
    """An answer, a manually graded one and read-only cells are gone."""
    hand.drop("mittel", "aufsatz", "einrichten", "hinweis")


def doubled(hand: Hand) -> None:
    """Cells copied as a notebook editor copies them: the copies have the same names."""
    hand.double("quadrat", "quadrat_sichtbar", "entwurf", "aufsatz", "hinweis", "projekt", quadrat="quadrat = None")


def locked_edited(hand: Hand) -> None:
    """Tests weakened, a read-only cell changed."""
    wrong(hand)
    hand.write(quadrat_sichtbar="assert True", mittel_teilweise="3", einrichten="raise SystemExit", ende="1 / 0")


def marks_changed(hand: Hand) -> None:
    """Points, locks and kinds of cells changed in the metadata; a mark more."""
    hand.mark("quadrat_sichtbar", points=100)
    hand.mark("quadrat_versteckt", locked=False, checksum="0")
    hand.mark("aufsatz", points=50)
    hand.mark("mittel", locked=True, mehr="als erlaubt")
    hand.mark("warnt", grade=False)
    hand.mark("dreimal", grade_id="unbekannt")
    hand.mark("text_statt_zahl", solution=True)
    hand.mark("hinweis", locked=False)


def kinds_changed(hand: Hand) -> None:
    """Code became words, and words became code."""
    for name in ("quadrat_versteckt", "mittel", "aufsatz", "hinweis", "entwurf"):
        cell = hand.cell(name)
        if cell.cell_type == "code":
            cell["cell_type"] = "markdown"
            del cell["outputs"], cell["execution_count"]
        else:
            cell.update(cell_type="code", outputs=[], execution_count=None)


def moved(hand: Hand) -> None:
    """A test stands before its answer, and the marks of an answer are gone."""
    book, place = hand.at("quadrat_sichtbar")
    book.cells.insert(2, book.cells.pop(place))
    del hand.cell("woerter").metadata["nbgrader"]


def no_notebook(hand: Hand) -> None:
    """Another file instead."""
    hand.books.clear()
    hand.file("abgabe.txt", "Mein Rechner ist kaputt.")


def another_notebook(hand: Hand) -> None:
    """A notebook beside that nobody asked for, and files of the student's own."""
    every.save(hand.folder / "eigenes.ipynb", cells.notebook("eigenes", cells.code("print('eigenes')")))
    hand.file("bilder/liesmich.txt", "Bilder")
    hand.file("müll.tmp", "left out by CourseDirectory.ignore")


def late(hand: Hand) -> None:
    """Handed in an hour and a half after the due date."""
    hand.file("timestamp.txt", LATE)


def in_time(hand: Hand) -> None:
    """Handed in an hour before the due date, as another time zone has it."""
    hand.file("timestamp.txt", "2026-11-20 13:00:00 +0200")


def outputs_left(hand: Hand) -> None:
    """The notebook as it ran at home: outputs, counts, widgets, cell metadata."""
    for number, cell in enumerate(cell for cell in hand.book.cells if cell.cell_type == "code"):
        cell["execution_count"] = number + 7
        cell["outputs"] = [new_output("execute_result", {"text/plain": "3"}, execution_count=number + 7)]
        cell["metadata"].update({"scrolled": True, "collapsed": False, "tags": ["eins"], "behalten": {"a": 1}})
        cell["metadata"]["execution"] = {"iopub.status.idle": "2026-11-19T11:00:00Z"}
    hand.book.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {}}}
    hand.book.metadata["kernelspec"] = {"name": "conda-env-py311", "display_name": "conda", "language": "python"}


def bad_json(hand: Hand) -> None:
    """The file ends in the middle."""
    name = next(iter(hand.books))
    hand.file(name, nbformat.writes(hand.books[name])[:700])


def format_3(hand: Hand) -> None:
    """Saved by an old Jupyter."""
    name = next(iter(hand.books))
    hand.file(name, nbformat.writes(hand.books[name], version=3))


def warns(hand: Hand) -> None:
    """Right, but for words on stderr while a test runs."""
    source = "    print('Achtung', file=sys.stderr)\n    return sum(werte) / len(werte)"
    hand.write(mittel=f"import sys\n\ndef mittel(werte):\n{source}")


def hushed(hand: Hand) -> None:
    """Errors leave no traceback."""
    wrong(hand)
    hand.add("einrichten", cells.code("get_ipython().showtraceback = lambda *_words, **_more: None"))


def talkative(hand: Hand) -> None:
    """More lines than are kept, on both streams, and several kinds of outputs in one cell."""
    hand.add("quadrat", cells.code("for i in range(40):\n    print('Zeile', i)"))
    hand.add("quadrat", cells.code("import sys\nfor i in range(9):\n    print(i)\n    print(i, file=sys.stderr)\ni"))
    hand.write(woerter="woerter = ['ä', 'b']\nanzahl = 2\nprint('größer', '\N{SNOWMAN}' * 3)\nwoerter")


def changed_files(hand: Hand) -> None:
    """Support files changed: what the course has of its own comes back, but for what is excluded from that."""
    hand.file("hilfe.py", "def zweimal(x):\n    return 'cheat'\n")
    hand.file("eigenes.py", "def dreimal(x):\n    return x + x + x\n")
    hand.file("daten/zahlen.txt", "0\n")


def own_file_wrong(hand: Hand) -> None:
    """The file that students write raises: a traceback names it, and where it lies."""
    hand.file("eigenes.py", "def dreimal(x):\n    raise ValueError(x)\n")


def skips(hand: Hand) -> None:
    """Tags that nbclient knows; input(); magics and a shell."""
    wrong(hand)
    hand.cell("quadrat_sichtbar").metadata["tags"] = ["skip-execution"]
    hand.cell("quadrat_versteckt").metadata["tags"] = ["raises-exception"]
    hand.add("quadrat", cells.code("input('Name? ')"))
    hand.add("quadrat", cells.code("!echo Muschel"))
    hand.add("quadrat", cells.code("%%capture gefangen\nprint('still')"))


def writes_files(hand: Hand) -> None:
    """Files and a folder that the notebook writes, one of them over a file of the course."""
    source = (
        "Path('neu').mkdir()\nPath('neu/datei.txt').write_text('neu')\nPath('daten/zahlen.txt').write_text('7')\n"
        "Path('hilfe.py').unlink()"
    )
    hand.add("einrichten", cells.code(source))


def redefines(hand: Hand) -> None:
    """A later cell of the student's own changes what an answer defined."""
    hand.write(quadrat="def quadrat(x):\n    return 0")
    hand.add("quadrat_sichtbar", cells.code("quadrat = lambda x: x * x"))


def too_much(hand: Hand) -> None:
    """A test cell's last expression is more than the cell's points: nbgrader has no score for that."""
    hand.write(
        mittel="class Viel(float):\n    def __eq__(self, other):\n        return 9\n"
        "    __hash__ = float.__hash__\n\ndef mittel(werte):\n    return Viel(1)"
    )


def bad_time(hand: Hand) -> None:
    """A timestamp that nobody can read."""
    hand.file("timestamp.txt", "gestern abend")


def empty_time(hand: Hand) -> None:
    """A timestamp file with nothing in it."""
    hand.file("timestamp.txt", "\n")


def no_cells(hand: Hand) -> None:
    """A notebook without a cell."""
    hand.book["cells"] = []


def marks_broken(hand: Hand) -> None:
    """Marks that are no marks: nbgrader refuses the notebook."""
    hand.mark("quadrat_sichtbar", grade_id="zwei wörter")


def old_marks(hand: Hand) -> None:
    """Marks of an older nbgrader."""
    for cell in hand.book.cells:
        if "nbgrader" in cell.metadata:
            marks(cell).update(schema_version=2)


def ends_late(hand: Hand) -> None:
    """The kernel's process ends after two tests."""
    hand.add("quadrat_versteckt", cells.code("import os\nos._exit(1)"))


# --- aufgabe-2, two notebooks -----------------------------------------------------------------------------------------


def both(hand: Hand) -> None:
    """Both notebooks right."""
    hand.write(messung="werte = [3, 1, 2]", bild="hoehe = max(werte)", beschreibung="Eine Linie.")


def first_wrong(hand: Hand) -> None:
    """What the first notebook writes makes a test of the second fail."""
    both(hand)
    hand.write(messung="werte = [3, 1, 1]")


def first_fails(hand: Hand) -> None:
    """The first notebook writes nothing, so that the second reads what is not there."""
    both(hand)
    hand.write(messung="raise ValueError('kein Gerät')")


def only_second(hand: Hand) -> None:
    """The first notebook is missing."""
    both(hand)
    del hand.books[f"{every.FIRST}.ipynb"]
    hand.file("ergebnis/werte.json", "[1, 2, 3]")


def only_first(hand: Hand) -> None:
    """The second notebook is missing."""
    both(hand)
    del hand.books[f"{every.SECOND}.ipynb"]


def second_cut(hand: Hand) -> None:
    """The file of the second notebook ends in the middle."""
    both(hand)
    name = f"{every.SECOND}.ipynb"
    hand.file(name, nbformat.writes(hand.books[name])[:500])


def never_ends(hand: Hand) -> None:
    """A loop that no interrupt ends, right after a test."""
    both(hand)
    source = "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass"
    hand.add("gelesen", cells.code(source))


def exits(hand: Hand) -> None:
    """The kernel's process ends at once."""
    both(hand)
    hand.add("gelesen", cells.code("import os\nos._exit(1)"))


def crashes(hand: Hand) -> None:
    """The kernel's process reads memory that is not there."""
    both(hand)
    hand.add("gelesen", cells.code("import ctypes\nctypes.string_at(0)"))


def fills_memory(hand: Hand) -> None:
    """Memory without end; nbgrader would let it have all of the machine's."""
    both(hand)
    hand.add("gelesen", cells.code("viel = []\nwhile True:\n    viel.append(b'x' * 600_000_000)"))


# --- aufgabe-3, pictures ----------------------------------------------------------------------------------------------


def drawn(hand: Hand) -> None:
    """Right."""
    hand.write(werte="werte = [3, 2, 1]")


# --- the class --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Person:
    """A submission: who, to what, what was done.

    gate : part of the class that the tests grade.   ours : nbgrader is spared it.
    """

    name: str
    assignment: str
    deeds: tuple[Deed, ...]
    gate: bool = True
    ours: bool = False


CLASS = (
    Person("anna", every.ONE, (solved,)),
    Person("ben", every.ONE, (solved, partly, changed_files, late, another_notebook, outputs_left)),
    Person("clara", every.ONE, (wrong, own_file_wrong, syntax_error)),
    Person("david", every.ONE, (untouched,)),
    Person("gustav", every.ONE, (solved, leaves, name_error, raises_between)),
    Person("ida", every.ONE, (solved, loops)),
    Person("jan", every.ONE, (solved, no_test)),
    Person("karl", every.ONE, (solved, no_answer, moved)),
    Person("lena", every.ONE, (solved, doubled)),
    Person("max", every.ONE, (locked_edited,)),
    Person("nora", every.ONE, (solved, marks_changed)),
    Person("otto", every.ONE, (no_notebook,)),
    Person("sven", every.ONE, (solved, bad_json)),
    Person("tina", every.ONE, (solved, kinds_changed, format_3)),
    Person("vera", every.ONE, (solved, warns, redefines, talkative, writes_files, in_time)),
    Person("willi", every.ONE, (hushed, skips)),
    Person("kai", every.ONE, (solved, ends_late)),
    Person("Zoë Müller", every.TWO, (both,)),
    Person("anna", every.TWO, (first_wrong, late)),
    Person("clara", every.TWO, (only_second,)),
    Person("david", every.TWO, (only_first,)),
    Person("endlos", every.TWO, (never_ends,), ours=True),
    Person("viel", every.TWO, (fills_memory,), ours=True),
    # not in the tests: one deed at a time, what nbgrader needs long for, and what is rarer
    *(
        Person(f"nur-{deed.__name__.replace('_', '-')}", every.ONE, (solved, deed), gate=False)
        for deed in (
            partly,
            name_error,
            syntax_error,
            raises_between,
            leaves,
            no_test,
            no_answer,
            doubled,
            marks_changed,
            kinds_changed,
            moved,
            another_notebook,
            late,
            in_time,
            outputs_left,
            warns,
            talkative,
            changed_files,
            skips,
            writes_files,
            redefines,
            too_much,
            bad_time,
            empty_time,
            no_cells,
            marks_broken,
            old_marks,
        )
    ),
    Person("ben", every.TWO, (first_fails,), gate=False),
    Person("lena", every.TWO, (second_cut, late), gate=False),
    Person("emil", every.TWO, (exits,), gate=False),
    Person("emma", every.TWO, (untouched,), gate=False),
    Person("ewig", every.TWO, (never_ends,), gate=False),
    Person("gustav", every.TWO, (crashes,), gate=False),
    Person("otto", every.TWO, (no_notebook,), gate=False),
    Person("sven", every.TWO, (both, bad_json), gate=False),
    Person("anna", every.THREE, (drawn,), gate=False),
    Person("ben", every.THREE, (untouched,), gate=False),
)


def gate() -> tuple[Person, ...]:
    """The class that the tests grade."""
    return tuple(person for person in CLASS if person.gate)


def enrol(course: Path, people: Iterable[Person]) -> None:
    """Let people hand in, in a course that was released."""
    for person in people:
        folder = course / "abgaben für heute" / person.assignment / person.name
        folder.mkdir(parents=True)
        hand_in(course / "ausgabe" / person.assignment, folder, *person.deeds)
