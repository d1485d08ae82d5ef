"""A document as plain blocks, written as Markdown or as one HTML file; each escapes everything, in one place."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Block", "Commands", "Figure", "Grid", "Heading", "Items", "Text", "to_html", "to_markdown"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1, 2 or 3."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph; `strong` sets its beginning in bold."""

    text: str
    strong: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: Sequence[str]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table."""

    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Commands:
    """Lines to type."""

    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class Figure:
    """An SVG drawing made by us; Markdown leaves it out, since its numbers stand in a table."""

    svg: str
    caption: str


Block = Heading | Text | Items | Grid | Commands | Figure

_MARKED = re.compile(r"([\\`*_{}\[\]#|~$])")
_BEGINS = re.compile(r"^(\d*)([-+=.)])")  # a list, a numbered list, a line under a heading
_STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1d2430;background:#fff}
h1{font-size:1.7rem}h2{margin-top:2.2rem;border-bottom:1px solid #d5dae2;padding-bottom:.2rem}h3{margin-top:1.6rem}
table{display:block;overflow-x:auto;border-collapse:collapse;margin:.8rem 0;font-variant-numeric:tabular-nums}
th,td{border-bottom:1px solid #e3e7ee;padding:.25rem .7rem .25rem 0;text-align:left;vertical-align:top}
th{color:#5b6675;font-weight:600}pre{background:#f3f5f8;padding:.7rem;overflow:auto}
figure{margin:.8rem 0}figcaption{color:#5b6675;font-size:.9em}svg{max-width:100%;height:auto}
p,li{overflow-wrap:anywhere}
@media print{table{display:table}td{overflow-wrap:anywhere}}
@media print{body{margin:0;max-width:none}h2,h3{break-after:avoid}figure,tr{break-inside:avoid}}
"""


def to_markdown(blocks: Sequence[Block]) -> str:
    """Write a document as Markdown; no text in it can become markup."""
    return "\n\n".join(part for part in map(_markdown, blocks) if part) + "\n"


def to_html(title: str, blocks: Sequence[Block]) -> str:
    """Write a document as one HTML file that needs nothing else, runs no script and fetches nothing."""
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    body = "\n".join(map(_html, blocks))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def _mark(text: str) -> str:
    """Escape what Markdown would read as markup, HTML included, on one line."""
    line = html.escape(" ".join(text.split()), quote=False)
    return _BEGINS.sub(r"\1\\\2", _MARKED.sub(r"\\\1", line))


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {_mark(text)}"
        case Text(text, strong):
            return (f"**{_mark(strong)}** " if strong else "") + _mark(text)
        case Items(items):
            return "\n".join(f"- {_mark(item)}" for item in items)
        case Grid(head, rows):
            cells = [" | ".join(map(_mark, row)) for row in (head, *rows)]
            cells.insert(1, " | ".join(["---"] * len(head)))
            return "\n".join(f"| {row} |" for row in cells)
        case Commands(lines):
            return "\n".join(f"    {' '.join(line.split())}" for line in lines)
        case Figure():
            return ""


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{html.escape(text)}</h{level}>"
        case Text(text, strong):
            begins = f"<strong>{html.escape(strong)}</strong> " if strong else ""
            return f"<p>{begins}{html.escape(text)}</p>"
        case Items(items):
            return "<ul>" + "".join(f"<li>{html.escape(item)}</li>" for item in items) + "</ul>"
        case Grid(head, rows):
            top = "".join(f"<th>{html.escape(cell)}</th>" for cell in head)
            body = "".join("<tr>" + "".join(f"<td>{html.escape(c)}</td>" for c in row) + "</tr>" for row in rows)
            return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
        case Commands(lines):
            return f"<pre>{html.escape(chr(10).join(lines))}</pre>"
        case Figure(svg, caption):
            return f"<figure>{svg}<figcaption>{html.escape(caption)}</figcaption></figure>"
