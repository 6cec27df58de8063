"""The liaison's page, and what lets a phone keep it: the page without any operation in it, a service worker, a manifest.

The page itself holds no figure and no name. It finds its operation in its own address and knows of it what the phone kept, so
it opens without a network, and the same page serves every operation and everyone: the worker keeps one for all.
"""

from __future__ import annotations

import json
import re
from typing import Any

from flask import Blueprint, Response, current_app, request

from coordinator.access.actor import Actor
from coordinator.access.guards import public
from coordinator.browser.files import Files
from coordinator.browser.pages import open_page, page, render, secured
from coordinator.db import transaction
from coordinator.errors import NotFound
from coordinator.fields import OPERATION_CODE
from coordinator.operations import service as operations
from coordinator.reports.personal import patterns

room = Blueprint("post", __name__, template_folder="templates")

SHELL, SCOPE = "/post/shell", "/operations/"
WORKER, BACKGROUND = "js/post/worker.js", "js/post/background.js"

MODULES = tuple(
    f"js/{name}.js"
    for name in (
        "figures",
        "times",
        "hub",
        "presence",
        "store",
        "stream",
        "post/app",
        "post/banners",
        "post/cells",
        "post/counters",
        "post/details",
        "post/dialogs",
        "post/draft",
        "post/form",
        "post/history",
        "post/hubside",
        "post/joint",
        "post/knowledge",
        "post/line",
        "post/moments",
        "post/orders",
        "post/personal",
        "post/queue",
        "post/rules",
        "post/saying",
        "post/sending",
        "post/unlock",
        "post/wake",
        "post/words",
    )
)
LOOKS = ("css/tallyroom.css", "css/post.css", "icon.svg", "icon-192.png", "icon-512.png", "icon-maskable-512.png")
FONTS = tuple(f"vendor/public-sans-{weight}.woff2" for weight in ("regular", "bold"))
VENDOR = ("vendor/preact.js", "vendor/idb.js")


@room.get("/operations/<code>/post")
@page("reports.post")
def post(actor: Actor, code: str) -> str:
    """The page on which a liaison posts, and the desk for whoever calls."""
    with transaction():
        operations.find(code)
    return _shell()


@room.get(SHELL)
@open_page
def shell() -> str:
    """The same page for a phone to keep: it says nothing of any operation, so anyone may have it."""
    return _shell()


@room.get("/post/worker.js")
@public
def worker() -> Response:
    """The service worker that keeps the page. Another version of any file is another worker, which a browser notices by itself.

    With ``?sends`` it is a module, which also takes the queue to the hub while no page is open.
    """
    kept = [files().address(name) for name in (*MODULES, *LOOKS, *FONTS, *VENDOR)]
    head = json.dumps({"version": files().version, "shell": SHELL, "files": kept})
    sends = f'import {{ sendWaiting }} from "{files().address(BACKGROUND)}";\nself.sendWaiting = sendWaiting;\n'
    begin = sends if "sends" in request.args else ""
    script = f"{begin}self.KEPT = {head};\n".encode() + files().by_name[WORKER].content
    headers = {"Service-Worker-Allowed": SCOPE, "Cache-Control": "no-cache"}
    return secured(Response(script, headers=headers, content_type="text/javascript; charset=utf-8"))


@room.get("/post/<name>.webmanifest")
@public
def manifest(name: str) -> Response:
    """What makes the page of an operation an app on the home screen. It repeats the code it was asked for and knows no more: whether
    there is such an operation, it can't say."""
    if not re.fullmatch(OPERATION_CODE, name):
        raise NotFound("There is nothing at this address.")
    return Response(json.dumps(_manifest(name)), content_type="application/manifest+json")


def _manifest(code: str) -> dict[str, Any]:
    address = f"/operations/{code}/post"
    return {
        "id": address,
        "start_url": address,
        "scope": "/",
        "name": f"Tallyroom {code}",
        "short_name": "Tallyroom",
        "description": "Post figures of a running operation.",
        "display": "standalone",
        "background_color": "#f5f6f7",
        "theme_color": "#162e51",
        "icons": [
            {"src": files().address("icon.svg"), "sizes": "any", "type": "image/svg+xml"},
            {"src": files().address("icon-192.png"), "sizes": "192x192", "type": "image/png"},
            {"src": files().address("icon-512.png"), "sizes": "512x512", "type": "image/png"},
            {"src": files().address("icon-maskable-512.png"), "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }


def _shell() -> str:
    content = {"version": files().version, "personal": patterns()}
    return render("reports/post.html", content=content, modules=(*MODULES, *VENDOR), operation=None)


def files() -> Files:
    """The files of the pages."""
    held: Files = current_app.extensions["tallyroom.files"]
    return held
