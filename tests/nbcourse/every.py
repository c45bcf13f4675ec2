"""A course that uses every kind of cell and, as far as one course can, every option of nbgrader's.

Three assignments: `aufgabe-1` with one notebook that has every kind of cell, `aufgabe-2` with two, the second of which
reads what the first has written, and `aufgabe-3` with pictures, which takes longer. Folders, database and names are
its own, and not all of them ASCII.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from tests.nbcourse.cells import answer, code, locked, notebook, person, task, test, text

ONE, TWO, THREE = "aufgabe-1", "aufgabe-2", "aufgabe-3"
EVERYTHING, FIRST, SECOND, PICTURES = "alles möglich", "01-messen", "02-zeichnen", "bilder"
DATABASE = "verwaltung/noten.db"
TIMEOUT = 3  # seconds a cell
CONFIG = f'''"""The course's own configuration."""

import sys
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.insert(0, str(here / "verwaltung"))

c = get_config()
c.CourseDirectory.course_id = "jede-option"
c.CourseDirectory.directory_structure = "{{nbgrader_step}}/{{assignment_id}}/{{student_id}}"
c.CourseDirectory.source_directory = "autor"
c.CourseDirectory.release_directory = "ausgabe"
c.CourseDirectory.submitted_directory = "abgaben für heute"
c.CourseDirectory.autograded_directory = "benotet"
c.CourseDirectory.feedback_directory = "rückmeldung"
c.CourseDirectory.db_url = f"sqlite:///{{here / '{DATABASE}'}}"
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.tmp"]
c.IncludeHeaderFooter.header = "verwaltung/kopf.ipynb"
c.IncludeHeaderFooter.footer = "verwaltung/fuss.ipynb"
c.ClearSolutions.code_stub = {{"python": "# HIER DEIN CODE\\nraise NotImplementedError"}}
c.ClearSolutions.text_stub = "HIER DEINE ANTWORT"
c.ClearHiddenTests.begin_test_delimeter = "BEGIN VERSTECKT"
c.ClearHiddenTests.end_test_delimeter = "END VERSTECKT"
c.Execute.timeout = {TIMEOUT}
c.Execute.error_on_timeout = {{"ename": "ZuLangsam", "evalue": "mehr als erlaubt", "traceback": ["ZuLangsam"]}}
c.IgnorePattern.enabled = True
c.IgnorePattern.pattern = "bekannte Warnung"
c.LimitOutput.max_lines = 12
c.LimitOutput.max_traceback = 6
c.AssignLatePenalties.plugin_class = "abzug.HalberPunkt"
c.Autograde.exclude_overwriting = {{"{ONE}": ["eigenes.py"]}}
c.Autograde.pre_convert_hook = "haken.vorher"
c.Autograde.post_convert_hook = "haken.nachher"
c.Autograde.permissions = 640
c.ClearMetadataPreprocessor.enabled = True
c.ClearMetadataPreprocessor.preserve_cell_metadata_mask = {{"nbgrader", "behalten"}}
c.ClearMetadataPreprocessor.preserve_nb_metadata_mask = {{"kernelspec", ("language_info", "name")}}
'''
PENALTY = '''"""Half a point for each hour that has begun."""

import math

from nbgrader.plugins import BasePlugin


class HalberPunkt(BasePlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return 0.5 * math.ceil(total_seconds_late / 3600)
'''
HOOKS = '''"""What is done before and after a conversion: a line in a file of the course."""

from pathlib import Path


def _write(when, assignment, student, notebooks):
    names = ",".join(sorted(Path(notebook).parent.name + "/" + Path(notebook).name for notebook in notebooks))
    with (Path(__file__).parent / "haken.txt").open("a", encoding="utf-8") as file:
        file.write(f"{when} {assignment} {student} {names}\\n")


def vorher(assignment, student, notebooks):
    _write("vorher", assignment, student, notebooks)


def nachher(assignment, student, notebooks):
    _write("nachher", assignment, student, notebooks)
'''
AUTOTESTS = """python3:
    setup: "from hashlib import sha1"
    hash: 'sha1({{snippet}}.encode("utf-8")+b"{{salt}}").hexdigest()'
    dispatch: "type({{snippet}})"
    normalize: "str({{snippet}})"
    check: 'assert {{snippet}} == \"\"\"{{value}}\"\"\", \"\"\"{{message}}\"\"\"'
    success: "print('Richtig!')"
    templates:
        default:
            - test: "type({{snippet}})"
              fail: "type of {{snippet}} is not correct"
            - test: "{{snippet}}"
              fail: "value of {{snippet}} is not correct"
"""


def everything() -> NotebookNode:
    """Every kind of cell."""
    return notebook(
        "alles",
        text("# Alles\nEin Heft mit jeder Art von Zelle: größer, älter, \N{SNOWMAN}."),
        locked(
            "einrichten",
            code(
                "import warnings\nfrom pathlib import Path\n\n"
                "from hilfe import zweimal\nfrom eigenes import dreimal\n\n"
                "zahlen = [float(zeile) for zeile in Path('daten/zahlen.txt').read_text().split()]"
            ),
        ),
        text("Zuerst quadrieren."),
        answer("quadrat", "def quadrat(x):\n    ### BEGIN SOLUTION\n    return x * x\n    ### END SOLUTION"),
        test("quadrat_sichtbar", 1, "assert quadrat(3) == 9\nassert zweimal(2) == 4"),
        test(
            "quadrat_versteckt",
            2.5,
            "assert quadrat(2) == 4\n### BEGIN VERSTECKT\nassert quadrat(-1.5) == 2.25\n"
            "assert [quadrat(x) for x in zahlen] == [1, 4, 9]\n### END VERSTECKT",
        ),
        answer(
            "mittel",
            "def mittel(werte):\n    ### BEGIN SOLUTION\n    return sum(werte) / len(werte)\n    ### END SOLUTION",
        ),
        test(
            "mittel_teilweise",
            3,
            "punkte = 0\npunkte += 1 * (mittel([1, 2, 3]) == 2)\npunkte += 0.5 * (mittel([1, 2]) == 1.5)\n"
            "### BEGIN VERSTECKT\npunkte += 1.5 * (mittel(zahlen) == 2)\n### END VERSTECKT\npunkte",
        ),
        test("dreimal", 1, "assert dreimal(2) == 6"),
        answer("alt", "def alt(x):\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"),
        test("warnt", 2, "warnings.simplefilter('always')\nwarnings.warn('eine bekannte Warnung')\nassert alt(1) == 1"),
        test("zusatz", 0, "assert quadrat(1j) == -1"),
        answer("woerter", "### BEGIN SOLUTION\nwoerter = ['ä', 'b']\nanzahl = 2\n### END SOLUTION"),
        test("automatisch", 2, "### AUTOTEST anzahl\n### HASHED AUTOTEST len(woerter); woerter[0]"),
        test("text_statt_zahl", 1, "'eine Zeichenkette'"),
        person("entwurf", 5, code("### BEGIN SOLUTION\nclass Entwurf:\n    pass\n### END SOLUTION")),
        person(
            "aufsatz",
            4.5,
            text("Warum?\n### BEGIN MARK SCHEME\nEin Punkt für jedes Argument.\n### END MARK SCHEME"),
        ),
        text("Zwischendurch."),
        task(
            "projekt",
            3,
            "Mach etwas Eigenes.\n=== BEGIN MARK SCHEME ===\nOriginalität: 3 Punkte\n=== END MARK SCHEME ===",
        ),
        code("# Platz für das Projekt"),
        locked("hinweis", text("**Nicht ändern.**")),
        locked("ende", code("print('fertig')")),
    )


def measuring() -> NotebookNode:
    """The first of two notebooks: it writes a file."""
    return notebook(
        "messen",
        text("# Messen"),
        answer("messung", "### BEGIN SOLUTION\nwerte = [1, 2, 3]\n### END SOLUTION"),
        locked(
            "schreiben",
            code(
                "import json\nfrom pathlib import Path\n\nPath('ergebnis').mkdir(exist_ok=True)\n"
                "_ = Path('ergebnis/werte.json').write_text(json.dumps(werte))"
            ),
        ),
        test("gemessen", 2, "assert len(werte) == 3"),
    )


def drawing() -> NotebookNode:
    """The second: it reads the file, and draws."""
    return notebook(
        "zeichnen",
        text("# Zeichnen"),
        locked(
            "lesen", code("import json\n\nwith open('ergebnis/werte.json') as datei:\n    werte = json.load(datei)")
        ),
        test("gelesen", 1, "assert sum(werte) == 6"),
        answer("bild", "### BEGIN SOLUTION\nhoehe = max(werte)\n### END SOLUTION"),
        code(
            "from IPython.display import HTML, Latex, Markdown, SVG, display\n\n"
            "display(HTML('<b>fett</b>'), Latex('$x^2$'), Markdown('*kursiv*'))\n"
            'SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle r="4"/></svg>\')'
        ),
        test("gezeichnet", 2, "assert hoehe == 3"),
        person("beschreibung", 2, text("Was siehst du?")),
    )


def plotting() -> NotebookNode:
    """A picture by matplotlib, with a progress bar's outputs and a widget's messages."""
    return notebook(
        "bilder",
        answer("werte", "### BEGIN SOLUTION\nwerte = [1, 3, 2]\n### END SOLUTION"),
        code(
            "%matplotlib inline\nimport matplotlib.pyplot as plt\n\nplt.figure(figsize=(2, 1))\nplt.plot(werte)\n"
            "plt.title('Höhe')\nplt.show()"
        ),
        code(
            "from IPython.display import clear_output, display\n\nfor i in range(3):\n    clear_output(wait=True)\n"
            "    print('Schritt', i)\ngriff = display('alt', display_id='griff')\ngriff.update('neu')"
        ),
        code("import numpy as np\n\nfeld = np.asarray(werte)\nfeld"),
        code("object()"),
        test("feld", 1, "assert feld.sum() == 6"),
    )


def build(folder: Path) -> Path:
    """Write the course's files; `nbgrader generate_assignment` has to follow."""
    files = {
        "nbgrader_config.py": CONFIG,
        "verwaltung/abzug.py": PENALTY,
        "verwaltung/haken.py": HOOKS,
        "autotests.yml": AUTOTESTS,
        f"autor/{ONE}/hilfe.py": "def zweimal(x):\n    return 2 * x\n",
        f"autor/{ONE}/eigenes.py": "def dreimal(x):\n    return 3 * x\n",
        f"autor/{ONE}/daten/zahlen.txt": "1\n2\n3\n",
        f"autor/{ONE}/daten/liesmich.tmp": "left out by CourseDirectory.ignore",
    }
    for name, words in files.items():
        write(folder / name, words)
    save(
        folder / "verwaltung/kopf.ipynb",
        notebook("kopf", text("## Kopf"), locked("kopf", code("KURS = 'jede-option'"))),
    )
    save(folder / "verwaltung/fuss.ipynb", notebook("fuss", text("## Fuß")))
    save(folder / f"autor/{ONE}/{EVERYTHING}.ipynb", everything())
    save(folder / f"autor/{TWO}/{FIRST}.ipynb", measuring())
    save(folder / f"autor/{TWO}/{SECOND}.ipynb", drawing())
    save(folder / f"autor/{THREE}/{PICTURES}.ipynb", plotting())
    return folder


def write(path: Path, words: str) -> Path:
    """A text file, with the folders that it needs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")
    return path


def save(path: Path, made: NotebookNode) -> Path:
    """A notebook's file, with the folders that it needs."""
    return write(path, nbformat.writes(made) + "\n")


def copied(course: Path, target: Path) -> Path:
    """A copy of a course, file times and permissions included."""
    return Path(shutil.copytree(course, target, symlinks=True))
