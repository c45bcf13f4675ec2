"""Reports as pages for a browser: one file each, with its style inside and no request to any network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from referee.feedback.cells import NotebookPart
from referee.feedback.drawing import GLOBALS
from referee.feedback.interface import Disclosure, Policy, disclose
from referee.feedback.text import block, plain
from referee.feedback.views import view
from referee.report import CellUse, CheckResult, NotebookReport, Report


def page(
    report: Report,
    notebook: NotebookReport,
    policy: Policy | None = None,
    title: str = "",
    *,
    ran: NotebookPart | None = None,
    reference: Mapping[str, CellUse] | None = None,
    banner: str = "",
) -> str:
    """A whole page about one notebook of a report, for the reader that the policy has in mind.

    ran : the notebook as it ran, which becomes a part of the page.
    reference : what the cells of the reference used, by the index of this notebook's cells.
    banner : a line on top, such as for whom this page is.

    Everything from the student is bounded, neutralised (control characters, bidi overrides) and escaped.
    """
    ran = ran or NotebookPart()
    shown = view(report, notebook, policy or Policy(), ran, reference)
    title = plain(title) or f"Feedback on {shown.name}"
    return _template().render(view=shown, ran=ran, title=title, banner=plain(banner), fragment=None).lstrip()


def check_fragment(result: CheckResult, policy: Policy | None = None) -> str:
    """One check alone, as `check("...")` shows it in a notebook: a `<div>` with its own style."""
    return fragment([result], policy=policy)


def fragment(results: Iterable[CheckResult], remark: str = "", policy: Policy | None = None) -> str:
    """Some checks and a remark below them, for a notebook: each a `<div>`, with their style before the first."""
    shown = [disclose(result, policy or Policy()) for result in results]
    return _template().render(fragment=shown, remark=block(remark), view=None).lstrip()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2", globals={"levels": Disclosure, **GLOBALS})
