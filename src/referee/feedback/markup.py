"""Text that a stranger wrote, as markup that is safe in a page: Markdown, Python, and HTML from an output.

Everything that leaves this module went through an allowlist of elements (or was escaped whole). No attribute survives
that could load, run, style or name anything: no src, no style, no class, no id, no event.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache

import mistune
import nh3
from markupsafe import Markup, escape
from mistune.plugins.math import math
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from referee.feedback.text import block

_LONGEST = 20_000  # characters of a text that are parsed; longer ones are cut
LONGEST_HTML = 100_000
_LONGEST_LINE = 2_000
#: What the patterns of parsers take quadratic time for; nobody writes it.
_SLOW = re.compile(rf"[^\n]{{{_LONGEST_LINE}}}|[ \t]{{200}}")
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})")
_MOST_TAGS = 8_000
_DEEPEST = 100
#: Elements that HTML opens again in each block that follows, so that a few kilobytes of them become gigabytes.
_REOPENED = {"a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"}
_MOST_REOPENED = 8
_UNCLOSED = {
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
    "br",
    "hr",
    "img",
    "col",
    "input",
    "meta",
    "link",
    "wbr",
}
_TEXT = {"a", "b", "blockquote", "br", "code", "del", "em", "h3", "h4", "h5", "h6", "hr", "i", "kbd", "li", "ol", "p"}
_TEXT |= {"pre", "s", "span", "strong", "sub", "sup", "ul", "dl", "dt", "dd", "div"}
_TABLE = {"caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"}
_ATTRIBUTES: dict[str, set[str]] = {
    "*": set(),
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
}
_GONE = {"script", "style", "template", "iframe", "object", "embed", "svg", "math", "head", "title", "noscript"}
_LARGEST_SPAN = 20  # rows or columns of one cell
_ELSEWHERE = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_PAGES_OWN = 2  # levels of headings; those of a text follow below them


def clean(html: str) -> Markup:
    """HTML from a stranger without everything that acts: what is left is text, tables and links to other sites.

    Empty where a parser would take very long, or make very much of it.
    """
    if len(html) > LONGEST_HTML or not _plain_enough(html):
        return Markup()
    cleaned = nh3.clean(
        html,
        tags=_TEXT | _TABLE,
        clean_content_tags=_GONE,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
    )
    # only now are characters what they are, for HTML has names for those that act, too
    return Markup(block(cleaned, 10 * LONGEST_HTML))  # noqa: S704 - what nh3 lets through is the allowlist above


def _plain_enough(html: str) -> bool:
    """Whether its elements are as many, as deep and as well closed as those of an honest output."""
    depth, reopened = Counter[str](), 0
    for count, tag in enumerate(_TAG.finditer(html)):
        closing, name = bool(tag[1]), tag[2].lower()
        if name in _UNCLOSED:
            continue
        depth[name] = max(0, depth[name] + (-1 if closing else 1))
        reopened = sum(depth[each] for each in _REOPENED) if name in _REOPENED else reopened
        if count > _MOST_TAGS or reopened > _MOST_REOPENED or depth[name] > _DEEPEST:
            return False
    return sum(depth.values()) <= _DEEPEST


def _attribute(_tag: str, name: str, value: str) -> str | None:
    """The value of an attribute that may stay: a huge span makes a page of millions of cells."""
    if name == "href":
        return value if _ELSEWHERE.match(value) else None
    if name not in ("colspan", "rowspan", "start"):
        return value
    return value if value.isdecimal() and 0 < int(value[:9]) <= _LARGEST_SPAN else None


@lru_cache(maxsize=1024)  # the author's texts are the same in every submission
def markdown(text: str) -> Markup:
    """A Markdown text; HTML in it is shown as it was written, and an image as its words."""
    text = block(text, _LONGEST)
    if _SLOW.search(text):
        return plain_text(text)
    try:
        return clean(str(_markdown()(text))) or plain_text(text)
    except RecursionError:  # nested deeper than anybody writes
        return plain_text(text)


@lru_cache(maxsize=1024)  # the author's cells are the same in every submission
def python(source: str) -> Markup:
    """Python source with its words marked by class: `hl-k` for a keyword, and so on."""
    source = block(source, _LONGEST)
    if _SLOW.search(source):
        return escape(source)
    marked = highlight(source, PythonLexer(stripnl=False), HtmlFormatter(nowrap=True, classprefix="hl-"))
    return Markup(marked.rstrip("\n"))  # noqa: S704 - the formatter escapes every token


def plain_text(text: str) -> Markup:
    """A text as it is, in a fixed pitch."""
    return Markup("<pre>{}</pre>").format(text)


@cache
def _markdown() -> mistune.Markdown:
    return mistune.create_markdown(renderer=_Renderer(escape=True), plugins=["table", "strikethrough", _formulas])


def _formulas(md: mistune.Markdown) -> None:
    """TeX as it was written: a page without scripts sets no formula, and Markdown would take its backslashes."""
    math(md)
    if md.renderer is not None:
        md.renderer.register("inline_math", lambda _renderer, text: f"<code>{escape(text)}</code>")
        md.renderer.register("block_math", lambda _renderer, text: f"<pre>{escape(text.strip())}</pre>\n")


class _Renderer(mistune.HTMLRenderer):
    """Markdown without images, and with headings that fit below those of a page."""

    def heading(self, text: str, level: int, **_attributes: object) -> str:
        return f"<h{min(level + _PAGES_OWN, 6)}>{text}</h{min(level + _PAGES_OWN, 6)}>\n"

    def image(self, text: str, url: str, title: str | None = None) -> str:  # noqa: ARG002 - mistune's hook
        return f"[image{': ' if text else ''}{escape(text)}]"
