"""``/static/VERSION/...``: the files of the pages. Nothing in them is secret; they say nothing of any operation."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, request

from coordinator.access.guards import public
from coordinator.browser.files import Files
from coordinator.errors import NotFound

room = Blueprint("browser", __name__, template_folder="templates")

FOR_EVER = "public, max-age=31536000, immutable"


@room.get("/static/<version>/<path:name>")
@public
def static(version: str, name: str) -> Response:
    """A file, kept by the browser for ever under its version.

    Under another version, which a page from before a restart asks for, it is today's and is not kept.
    """
    files: Files = current_app.extensions["tallyroom.files"]
    file = files.by_name.get(name)
    if file is None:
        raise NotFound("There is no such file.")
    zipped = file.squeezed is not None and bool(request.accept_encodings["gzip"])
    response = Response(file.squeezed if zipped else file.content, content_type=file.media_type)
    response.headers["Cache-Control"] = FOR_EVER if version == files.version else "no-cache"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.vary.add("Accept-Encoding")
    if zipped:
        response.content_encoding = "gzip"
    response.set_etag(file.tag + ("-gzip" if zipped else ""))
    response.make_conditional(request)
    return response
