"""The content of the class page as one HTML file, with its style and its script inside and no request to any network.

The script is this package's own and the page allows no other: its hash stands in the page's content security policy.
"""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from referee.classroom.interface import ENOUGH, Overview
from referee.classroom.items import SAME
from referee.classroom.outliers import WORTH
from referee.classroom.overview import row_key
from referee.classroom.similar import ALIKE, COMMON, COMMON_LEAST, SHORT, TO_THE_BYTE
from referee.feedback.text import amount, counted

_HERE = Path(__file__).parent
#: How each kind of cause is called in front of its name.
KINDS = {
    "misconception": "Misconception",
    "limit": "Limit exceeded",
    "died": "No answer",
    "error": "Raised",
    "shape": "Wrong shape",
    "words": "Other",
    "not read": "Could not be read",
    "rest": "The rest",
}


def render(shown: Overview, *, live: str = "") -> str:
    """The page; the same content gives the same text.

    live : what its server calls this version, where it is served: then it asks whether there is another one.
    """
    return _template().render(view=shown, live=live, policy=_policy(live=bool(live))).lstrip()


def _policy(*, live: bool) -> str:
    """What the page may do: its own style, its own script, and, where it is served, ask its own server."""
    digest = base64.b64encode(hashlib.sha256(_script().encode("utf-8")).digest()).decode("ascii")
    parts = ["default-src 'none'", "style-src 'unsafe-inline'", f"script-src 'sha256-{digest}'"]
    parts += ["connect-src 'self'"] * live
    return "; ".join([*parts, "base-uri 'none'", "form-action 'none'"])


@cache
def _script() -> str:
    return (_HERE / "class_page.js").read_text(encoding="utf-8")


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(amount=amount, percent=_percent, points=counted, signed=_signed, key=row_key)
    words = {
        "kinds": KINDS,
        "enough": ENOUGH,
        "same": SAME,
        "alike": ALIKE,
        "common": COMMON,
        "common_least": COMMON_LEAST,
        "short": SHORT,
        "to_the_byte": TO_THE_BYTE,
        "worth": WORTH,
        "script": _script(),
    }
    return environment.get_template("class_page.html.j2", globals=words)


def _percent(share: float | None) -> str:
    """A share as people write it.

    >>> _percent(0.5), _percent(None)
    ('50 %', '-')
    """
    return "-" if share is None else f"{100 * share:.0f} %"


def _signed(value: float | None) -> str:
    """A correlation to two places.

    >>> _signed(-0.349), _signed(-0.001), _signed(None)
    ('-0.35', '0.00', '-')
    """
    return "-" if value is None else f"{round(value, 2) + 0.0:.2f}"
