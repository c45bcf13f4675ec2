"""Reports as pages for a browser: one file each, with its style inside and no request to any network."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from referee.feedback.interface import Disclosure, Policy, disclose
from referee.feedback.text import plain
from referee.feedback.views import view
from referee.report import CheckResult, NotebookReport, Report


def page(report: Report, notebook: NotebookReport, policy: Policy | None = None, title: str = "") -> str:
    """A whole page about one notebook of a report, for the reader that the policy has in mind.

    Everything from the student is bounded, neutralised (control characters, bidi overrides) and escaped.
    """
    shown = view(report, notebook, policy or Policy())
    return _template().render(view=shown, title=plain(title) or f"Feedback on {shown.name}", fragment=None).lstrip()


def check_fragment(result: CheckResult, policy: Policy | None = None) -> str:
    """One check alone, as `check("...")` shows it in a notebook: a `<div>` with its own style."""
    return _template().render(fragment=disclose(result, policy or Policy()), view=None, title="").lstrip()


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2", globals={"levels": Disclosure})
