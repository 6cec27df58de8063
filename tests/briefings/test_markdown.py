"""Hostile pages: nothing that is written runs, loads or leads anywhere but to http and https."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coordinator.briefings.markdown import html
from tests.reports.conftest import chances

TAGS = {
    *("p", "br", "hr", "em", "strong", "code", "pre", "blockquote", "ul", "ol", "li", "a", "h3", "h4", "h5", "h6"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"href", "rel", "title", "start", "class"}

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "![a picture](https://elsewhere.example/who-reads.png)",
    "![a picture][1]\n\n[1]: https://elsewhere.example/who-reads.png",
    "[here](javascript:alert(1))",
    "[here](JaVaScRiPt:alert(1))",
    "[here](&#106;avascript:alert(1))",
    "[here](java\\nscript:alert(1))",
    "<javascript:alert(1)>",
    "[here](data:text/html;base64,PHNjcmlwdD4=)",
    "[here](vbscript:x)",
    "[here](//elsewhere.example)",
    "[here](/api/v1/tokens)",
    "[here](file:///etc/passwd)",
    '[here](https://a.example "x\\" onmouseover=alert(1)")',
    "[here][1]\n\n[1]: javascript:alert(1)",
    '<a href="javascript:alert(1)">here</a>',
    "<style>body{display:none}</style>",
    '<iframe src="https://elsewhere.example"></iframe>',
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>`",
    "<svg/onload=alert(1)>",
    "[x](http://)",
    "[x](http://[)",
]


PIECES = [*HOSTILE, "[", "](", ")", "<", ">", "`", "\n\n", "# ", "|", '"', "!", "\\", "javascript:", "x"]


class Seen(HTMLParser):
    """Every tag and attribute of a rendered page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attributes


def harmless(text: str) -> Seen:
    seen = Seen(html(text))
    assert seen.tags <= TAGS, seen.tags
    assert {name for name, _ in seen.attributes} <= ATTRIBUTES, seen.attributes
    assert all((value or "").lower().startswith(("http://", "https://")) for name, value in seen.attributes if name == "href")
    return seen


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_written_runs_or_loads(text: str) -> None:
    harmless(text)


@chances(150)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_however_it_is_put_together(parts: list[str]) -> None:
    harmless("".join(parts))


def test_what_is_meant_comes_out_as_it_is_meant() -> None:
    told = html("# Arrests\n\nCount **once**, see [the law](https://law.example/a?b=1).\n\n| a | b |\n|:--|--:|\n| 1 | 2 |\n")
    assert "<h3>Arrests</h3>" in told and "<strong>once</strong>" in told and "<td>2</td>" in told
    assert '<a href="https://law.example/a?b=1" rel="noopener noreferrer nofollow">the law</a>' in told
    assert html("[](https://law.example) ![a map & key](https://law.example/x.png)") == (
        '<p><a href="https://law.example" rel="noopener noreferrer nofollow">https://law.example</a> [a map &amp; key]</p>\n'
    )
    assert html("<b>bold</b>") == "<p>&lt;b&gt;bold&lt;/b&gt;</p>\n"
