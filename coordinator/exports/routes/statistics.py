"""``/operations/{code}/statistics``: agency-level statistics in every format, of a position or a release."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app

from coordinator.access.actor import Actor
from coordinator.access.guards import guard
from coordinator.apart import Apart
from coordinator.db import transaction
from coordinator.doors import Room, tagged, unchanged_or
from coordinator.exports import service
from coordinator.exports.dossier import Dossier
from coordinator.exports.formats import FORMATS, document
from coordinator.exports.schemas import Statistics, StatisticsQuery

room = Room("exports", __name__, url_prefix="/api/v1/operations/<code>", description="What leaves the hub as a file.")

_APART = Apart(1)
"""One file at a time in each process: they are long work for one processor."""


def _file(form: str, about: str) -> dict[str, Any]:
    """What the description of the API says of such an answer."""
    shape = {"type": "string"} | ({"format": "binary"} if FORMATS[form].slow else {})
    return {"responses": {200: {"description": about, "content": {FORMATS[form].media_type.partition(";")[0]: {"schema": shape}}}}}


@room.route("/statistics.json", methods=["GET"])
@guard("statistics.read")
@room.arguments(StatisticsQuery, location="query")
@room.response(200, Statistics)
def as_json(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics by unit, measure and category as JSON."""
    with transaction(snapshot=True):
        dossier = service.dossier(actor, code, **query)
    return tagged(document(dossier))


@room.route("/statistics.csv", methods=["GET"])
@guard("statistics.read")
@room.doc(**_file("csv", "RFC 4180, UTF-8"))
@room.arguments(StatisticsQuery, location="query")
def as_csv(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics as a spreadsheet's file."""
    return _answer("csv", actor, code, query)


@room.route("/statistics.xlsx", methods=["GET"])
@guard("statistics.read")
@room.doc(**_file("xlsx", "Office Open XML: the nation, the units, notes and definitions"))
@room.arguments(StatisticsQuery, location="query")
def as_xlsx(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics as a workbook."""
    return _answer("xlsx", actor, code, query)


@room.route("/statistics.pdf", methods=["GET"])
@guard("statistics.read")
@room.doc(**_file("pdf", "PDF/UA-1: tagged, to be printed and to be read aloud"))
@room.arguments(StatisticsQuery, location="query")
def as_pdf(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics as a paper, with charts, remarks and how it was counted."""
    return _answer("pdf", actor, code, query)


@room.route("/statistics.sdmx.csv", methods=["GET"])
@guard("statistics.read")
@room.doc(**_file("sdmx.csv", "SDMX-CSV 2.0"))
@room.arguments(StatisticsQuery, location="query")
def as_sdmx_csv(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the statistics as statistical offices exchange them."""
    return _answer("sdmx.csv", actor, code, query)


@room.route("/statistics.sdmx.xml", methods=["GET"])
@guard("statistics.read")
@room.doc(**_file("sdmx.xml", "SDMX-ML 3.0: the structure that the SDMX-CSV names"))
@room.arguments(StatisticsQuery, location="query")
def as_sdmx_structure(actor: Actor, query: dict[str, Any], code: str) -> Response:
    """Read the structure of the statistics: code lists, concepts, data structure, dataflow."""
    return _answer("sdmx.xml", actor, code, query)


def _answer(form: str, actor: Actor, code: str, query: dict[str, Any]) -> Response:
    """A file of this form; what takes long is written outside the transaction, and beside those who wait."""
    with transaction(snapshot=True):
        dossier = service.dossier(actor, code, **query, whole=form == "pdf")
    service.brief(dossier, form, current_app.extensions["tallyroom.settings"].export_rows)
    write = FORMATS[form].write
    return file(dossier, form, _APART.do(write, dossier) if FORMATS[form].slow else write(dossier))


def file(dossier: Dossier, form: str, content: bytes) -> Response:
    """A file to keep, under the ETag of its bytes."""
    headers = {"Content-Disposition": f'attachment; filename="{dossier.name}.{FORMATS[form].ending}"'}
    return unchanged_or(Response(content, 200, headers, content_type=FORMATS[form].media_type), content)
