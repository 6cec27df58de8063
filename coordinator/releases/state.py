"""How far certification has come: what the pages and the API show of it before anyone signs."""

from __future__ import annotations

import hashlib
from typing import Any

from coordinator.access.actor import LIAISON, Actor
from coordinator.operations import service as operations
from coordinator.operations.catalogue import UnitEntry
from coordinator.releases import changes, releasing, signing
from coordinator.releases.canonical import canonical, digest_text
from coordinator.releases.certification import SIGNED_IN, Figures, signature_document


def state(actor: Actor, code: str) -> dict[str, Any]:
    """Who has signed what at which position, what fell and why, what is open or waived, what the desk would sign, the next step.

    Read it in a snapshot. Refuses with NotFound.
    """
    return _told(actor, Figures(actor, operations.find(code)))


def to_sign(actor: Actor, code: str) -> tuple[dict[str, Any], dict[str, list[signing.Row]]]:
    """The same, and what each unit that the actor signs for would sign: its rows and those of all below it, by its code."""
    figures = Figures(actor, operations.find(code))
    document = _told(actor, figures)
    own = [figures.catalogue.unit_by_code[one["unit"]] for one in document["units"] if one["yours"]]
    return document, {
        unit.code: [row for one in signing.subtree(figures.catalogue, unit) for row in figures.by_unit.get(one.code, ())] for unit in own
    }


def _told(actor: Actor, figures: Figures) -> dict[str, Any]:
    catalogue = figures.catalogue
    signed_in = catalogue.phase == SIGNED_IN
    drafted = releasing.draft(figures) if signed_in else None
    digest = hashlib.sha256(canonical(drafted)).digest() if drafted else b""
    desk = [signature_document(catalogue, one) for one in releasing.desk_signatures(figures, digest)] if drafted else []
    moved = releasing.changes_since_last(catalogue, figures.rows)
    open = figures.open if signed_in else []
    return {
        "operation": catalogue.code,
        "phase": catalogue.phase,
        "position": figures.position,
        "released": catalogue.released,
        "next": _next(catalogue, open, len(desk)),
        "draft": drafted
        and {
            "number": figures.number,
            "status": figures.status,
            "digest": digest_text(digest),
            "sentences": drafted["sentences"],
            "remarks": [one["text"] for one in drafted["remarks"]],
        },
        "units": [_unit(actor, figures, unit) for unit in _shown(actor, figures)],
        "open": open,
        "signatures": desk,
        "amendment": figures.amendment,
        "changes": moved,
        "alarms": changes.sentences(moved["unmoved"]),
    }


def _shown(actor: Actor, figures: Figures) -> list[UnitEntry]:
    """The units that must sign, those that have, and those whose liaison looks."""
    catalogue = figures.catalogue
    shown = {unit.id for unit in figures.required} | set(figures.stood)
    shown |= actor.units if actor.role == LIAISON else set()
    return [unit for unit in catalogue.units if unit.id in shown]


def _unit(actor: Actor, figures: Figures, unit: UnitEntry) -> dict[str, Any]:
    stood = figures.stood.get(unit.id)
    standing = stood is not None and stood.fallen is None
    return {
        "unit": unit.code,
        "name": unit.name,
        "yours": actor.role == LIAISON and figures.catalogue.covers(actor.units, unit),
        "required": unit in figures.required,
        "state": "signed" if standing else "fallen" if stood else "unsigned",
        "signature": stood and signature_document(figures.catalogue, stood.signature),
        "fallen": stood and stood.fallen,
        "position": figures.position,
        "digest": digest_text(figures.digest(unit)),
        "figures": figures.text(unit),
    }


def _next(catalogue: Any, open: list[dict[str, Any]], signatures: int) -> dict[str, str]:
    """The one thing to do next, as a step's name and a sentence."""
    if catalogue.certified:
        said = f"Release {catalogue.released} stands." if catalogue.released else "The operation was certified without a release."
        return {
            "step": "released",
            "detail": said + (" Amend it, with a reason, to put it right." if catalogue.phase == "certified" else ""),
        }
    if catalogue.phase != SIGNED_IN:
        return {
            "step": "wait",
            "detail": f"Figures are signed once the operation is reconciling; it is {catalogue.phase.replace('_', ' ')}.",
        }
    left = sum(one["waiver"] is None for one in open)
    if left:
        said = "One item is open" if left == 1 else f"{left} items are open"
        return {"step": "open", "detail": f"{said}: each is settled, or waived with a reason that is printed."}
    if not signatures:
        return {
            "step": "first-signature",
            "detail": "Nothing is open. Two people of the desk sign; the second one's signature is the release.",
        }
    return {"step": "second-signature", "detail": "One person of the desk has signed. Another person's signature is the release."}
