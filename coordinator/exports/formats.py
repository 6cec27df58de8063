"""The formats a dossier can be had in. Pure: each writer makes bytes of a dossier and nothing else, the same bytes every time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from coordinator.exports import plain
from coordinator.exports.dossier import Dossier, Tell, silent
from coordinator.exports.paper import as_pdf
from coordinator.exports.sdmx import as_sdmx_csv, as_structure
from coordinator.wire import encode


@dataclass(frozen=True)
class Format:
    """``ending`` of the file's name, its media type, who writes it, and whether writing takes long enough to hold others up:
    then it also takes a ``Tell``."""

    ending: str
    media_type: str
    write: Callable[..., bytes]
    slow: bool = False


def document(dossier: Dossier) -> dict[str, Any]:
    """The statistics as the API answers them."""
    totals = dossier.totals
    head = {"operation": dossier.code, "position": dossier.position, "status": dossier.status, "generated_at": dossier.moment}
    reporting = {"expected": totals["reporting"]["expected"], "heard": totals["reporting"]["heard"]}
    more = {"release": dossier.release, "public": dossier.public, "reporting": reporting, "digest": f"sha-256:{dossier.digest}"}
    return head | more | {"rows": list(dossier.rows)}


def _as_json(dossier: Dossier) -> bytes:
    return encode(document(dossier))


def _as_csv(dossier: Dossier) -> bytes:
    return plain.as_csv(dossier.rows)


def _as_xlsx(dossier: Dossier, tell: Tell = silent) -> bytes:
    from coordinator.exports.workbook import as_xlsx  # here, since most processes never make one and each would hold its library

    return as_xlsx(dossier, tell)


FORMATS: Mapping[str, Format] = {
    "json": Format("json", "application/json", _as_json),
    "csv": Format("csv", "text/csv; charset=utf-8; header=present", _as_csv),
    "xlsx": Format("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _as_xlsx, slow=True),
    "pdf": Format("pdf", "application/pdf", as_pdf, slow=True),
    "sdmx.csv": Format("sdmx.csv", "application/vnd.sdmx.data+csv; version=2.0.0; charset=utf-8", as_sdmx_csv),
    "sdmx.xml": Format("sdmx.xml", "application/vnd.sdmx.structure+xml; version=3.0.0", as_structure),
}
