"""HTML and SVG elements in which every text is escaped: what a run says can never become markup."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

__all__ = ["Markup", "chip", "clip", "el", "facts", "join", "plain", "table"]

_PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


class Markup(str):
    """Text that is markup already; made by `el` and `join` only."""

    __slots__ = ()


def el(tag: str, *children: object, **attributes: object) -> Markup:
    """Give one element; children that are no `Markup` are escaped as text.

    Args:
        tag: Name of the element.
        children: Elements and texts; None is left out.
        attributes: `stroke_width` becomes `stroke-width`, `class_` becomes `class`; None and False are left out.
    """
    named = "".join(_attribute(name, value) for name, value in attributes.items() if not _is_left_out(value))
    return Markup(f"<{tag}{named}>{join(*children)}</{tag}>")


def join(*children: object) -> Markup:
    """Give children one after the other, those that are no `Markup` escaped."""
    return Markup(
        "".join(c if isinstance(c, Markup) else html.escape(_visible(str(c))) for c in children if c is not None)
    )


def chip(text: str, color: str, sign: str = "") -> Markup:
    """Give a short coloured word; the sign says the same without colour."""
    return el("span", f"{sign} {text}".strip(), class_="t-chip", style=f"--c:{color}")


def facts(pairs: dict[str, object]) -> Markup:
    """Give named facts as a row of small columns; empty ones are left out."""
    shown = [(name, value) for name, value in pairs.items() if value not in (None, "", (), [])]
    return el("dl", *(el("div", el("dt", name), el("dd", value)) for name, value in shown), class_="t-facts")


def table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> Markup:
    """Give a plain table."""
    head = el("tr", *(el("th", h) for h in heads))
    body = (el("tr", *(el("td", cell) for cell in row)) for row in rows)
    return el("table", el("thead", head), el("tbody", *body), class_="t-table")


def clip(text: str, length: int) -> str:
    """Give the first line of a text, cut to a length."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def plain(text: str) -> str:
    """Give text so that Streamlit's Markdown shows it as it stands."""
    return _PUNCTUATION.sub(r"\\\1", text)


def _is_left_out(value: object) -> bool:
    return value is None or value is False


def _attribute(name: str, value: object) -> str:
    key = name.rstrip("_").replace("_", "-")
    told = html.escape(_visible(str(value))).replace("\n", "&#10;")
    return f' {key}="{told}"'


def _visible(text: str) -> str:
    """Show control characters, and those that turn the direction of text, as what they are."""
    return "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text)
