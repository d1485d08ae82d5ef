"""Documents say what they are given, and nothing in them becomes markup."""

from __future__ import annotations

import html.parser
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.study.document import Commands, Grid, Heading, Items, Text, to_html, to_markdown

HOSTILE = "<script>alert(1)</script> | **b** `c` [d](http://e) <img src=x onerror=y>\n# f\n- g & h"


class Page(html.parser.HTMLParser):
    """The tags and the text of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.said = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.said += data


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60) | st.just(HOSTILE))
def test_html_holds_the_text_and_no_tag_of_it(text: str) -> None:
    """Whatever a title, a cell, an item or a command holds is text."""
    blocks = [Heading(1, text), Text(text, strong=text), Items([text]), Grid([text], [[text]]), Commands([text])]
    page = Page()
    page.feed(to_html(text, blocks))
    expected = {"html", "head", "meta", "title", "style", "body", "h1", "p", "strong", "ul", "li", "table", "thead"}
    assert page.tags <= expected | {"tbody", "tr", "th", "td", "pre"}
    assert page.said.count(text) >= 7 or not text.strip()


@pytest.mark.parametrize("block", [Heading(2, HOSTILE), Text(HOSTILE), Items([HOSTILE]), Grid(["x"], [[HOSTILE]])])
def test_markdown_has_no_markup_of_the_text(block: Heading | Text | Items | Grid) -> None:
    """No tag, link, emphasis, heading or further table cell comes out of a text."""
    written = to_markdown([block])
    assert "<" not in written
    assert not re.search(r"(?<!\\)[*`\[\]]", written.replace("| --- |", ""))
    assert len(re.findall(r"(?<!\\)\|", written)) == (6 if isinstance(block, Grid) else 0)
    assert len(written.splitlines()) == (3 if isinstance(block, Grid) else 1)


@pytest.mark.parametrize("text", ["1. one", "- item", "+ item", "=== ", "2) two"])
def test_a_paragraph_does_not_begin_a_list(text: str) -> None:
    """What looks like a list or an underline at the beginning of a line is escaped."""
    assert re.match(r"\d*\\[-+=.)]", to_markdown([Text(text)]))
