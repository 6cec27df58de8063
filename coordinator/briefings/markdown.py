"""Pages from Markdown: pure. CommonMark with tables, rendered by markdown-it-py.

What a page may do is decided here and not by whoever writes it: no HTML of its own, no picture (it would be fetched from elsewhere, and
say there who reads; its description stands in its place), links to http and https alone. Everything else that is written comes out as
the text it is.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from markdown_it.token import Token

SCHEMES = ("http", "https")
BELOW = 2
"""A page stands below its own title, which is a heading of level 2: its first heading is one of level 3."""


@functools.lru_cache(maxsize=64)
def html(text: str) -> str:
    """The page as HTML, safe to put into a page of the hub. Kept, since all read the same few pages, and a page that is nothing but a
    table of a thousand columns takes seconds."""
    return str(_renderer.render(text))


def _goes_out(address: str) -> bool:
    """Whether a link may lead there."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in SCHEMES and bool(parts.netloc)


def _heading(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    tokens[at].tag = f"h{min(6, int(tokens[at].tag[1]) + BELOW)}"
    return str(renderer.renderToken(tokens, at, options, env))


def _link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """A link to elsewhere tells nobody where it was followed from, and gives no hold on this page."""
    tokens[at].attrSet("rel", "noopener noreferrer nofollow")
    bare = escapeHtml(str(tokens[at].attrGet("href"))) if tokens[at + 1].type == "link_close" else ""  # where nothing is said, its address
    return str(renderer.renderToken(tokens, at, options, env)) + bare


def _picture(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    said = renderer.renderInlineAsText(tokens[at].children or [], options, env)
    return escapeHtml(f"[{said or 'a picture'}]")


def _cell(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Without the style by which a table would align it: pages of the hub take no style but the hub's."""
    tokens[at].attrs.pop("style", None)
    return str(renderer.renderToken(tokens, at, options, env))


def _make() -> MarkdownIt:
    made = MarkdownIt("commonmark", {"html": False}).enable("table")
    made.validateLink = _goes_out  # type: ignore[method-assign,assignment]
    for rule in ("heading_open", "heading_close"):
        made.add_render_rule(rule, _heading)
    for rule in ("th_open", "td_open"):
        made.add_render_rule(rule, _cell)
    made.add_render_rule("link_open", _link)
    made.add_render_rule("image", _picture)
    return made


_renderer = _make()
