"""What every page shares: who may see it, the frame it stands in, what it may do in a browser, and refusals a person can read."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, redirect, render_template, request

from coordinator.access import cookies
from coordinator.access.guards import guard, public
from coordinator.browser.files import Files
from coordinator.errors import PartsMissing
from coordinator.problems import REMEDIES

View = Callable[..., Any]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
)
"""What a page may load and do: nothing but what comes from this hub. Text that got in as a script would not run."""

HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), screen-wake-lock=(self)",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}
"""Headers of every page. Pages show figures of an operation: no cache keeps them when their reader has gone."""

FOR_PROGRAMS = ("/api/", "/problems/", "/static/", "/healthz", "/readyz", "/metrics")
"""Where addresses for programs begin; what they refuse is a problem document, whoever asks."""

MISSING = (
    "Pages need files that set-up fetches by npm, and they are not here. "
    "Start the hub again with a network, or run `python3 -m coordinator.browser.parts`; the API works meanwhile."
)


def page(act: str) -> Callable[[View], View]:
    """``@page("totals.read")`` above a view that answers HTML: who may do ``act`` gets through, as by ``guard``, as its first argument."""

    return lambda view: guard(act)(_framed(view))


def open_page(view: View) -> View:
    """Marks a page that anyone may see, since by it people come in."""
    return public(_framed(view))


def _framed(view: View) -> View:
    @functools.wraps(view)
    def framed(*args: Any, **kwargs: Any) -> Any:
        if not _files().complete:
            raise PartsMissing(MISSING)
        return secured(current_app.make_response(view(*args, **kwargs)))

    return framed


def secured(response: Response) -> Response:
    """A page under the policy of all pages; whatever a view has set itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def render(template: str, **content: Any) -> str:
    """A page from a room's template, which extends ``browser/base.html``; ``asset("js/board.js")`` in it is a file's address."""
    return render_template(template, asset=_files().address, **content)


def wants_page() -> bool:
    """Whether the one who asks reads pages and the address is one of them: who says nothing of HTML gets a problem document."""
    if request.path.startswith(FOR_PROGRAMS):
        return False
    return "text/html" in request.accept_mimetypes.values()


def problem_page(body: Mapping[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    """The same refusal as a problem document, as a page: what happened and what to do."""
    if status == 401 and request.method == "GET":
        return _way_in(body)
    code = (request.view_args or {}).get("code")
    home = f"/operations/{code}" if status == 403 and code else None
    html = render("browser/problem.html", problem=body, remedy=REMEDIES.get(status), home=home)
    return secured(Response(html, status, headers, content_type="text/html; charset=utf-8"))


def _way_in(body: Mapping[str, Any]) -> Response:
    """Whoever must sign in first is taken there, and afterwards back: by the short code where this browser is a device."""
    place = "/unlock" if cookies.secret(cookies.DEVICE) else "/sign-in"
    asked = {"next": request.full_path.removesuffix("?")} | ({"ended": "1"} if body["type"].endswith("/session-ended") else {})
    return secured(redirect(f"{place}?{urlencode(asked)}", 303))  # type: ignore[arg-type]


def _files() -> Files:
    files: Files = current_app.extensions["tallyroom.files"]
    return files
