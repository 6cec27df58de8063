"""The desk signs the whole, and its second person's signature is the release; and what was released is opened again, with a reason.

What the desk signs is the release itself, without the desk's signatures and the moment: the figures at the journal's end, what
they are made of and what was waived. Whatever changes any of it makes another text, and a signature under the old one none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import select

from coordinator.access import audit
from coordinator.access.accounts import login_of
from coordinator.access.actor import Actor
from coordinator.db import session
from coordinator.errors import NotToBeSigned, PositionMoved, SignedAlready, StillOpen
from coordinator.fields import moment_text
from coordinator.operations import gate
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue
from coordinator.operations.documents import whole
from coordinator.reconciliation import service as reconciliation
from coordinator.releases import changes, reading, sentences
from coordinator.releases.canonical import canonical, digest_text
from coordinator.releases.certification import Figures, check_phase, check_reason, put, signature_document, standing_signatures
from coordinator.releases.models import Amendment, Release, Signature
from coordinator.releases.remarks import remarks
from coordinator.reports.models import JournalEntry
from coordinator.totals import fold

FORM = "tallyroom-release-2"
"""Which members a release has, for programs that read it years later. In the first form ``operation`` had no definitions, and
``remarks`` were sentences alone."""

THE_HUB_S = ("phase", "version")
"""Members of the operation document that say how far the hub is, and nothing about a figure."""

NEEDED = 2
"""People of the desk whose signatures make a release; the database holds this too."""


def draft(figures: Figures) -> dict[str, Any]:
    """What the desk would sign: the release to come, but for the desk's signatures and when it is released."""
    catalogue, document = figures.catalogue, whole(figures.catalogue)
    earlier = [reading.content(catalogue, number) for number in range(1, figures.number)]
    last = earlier[-1]["rows"] if earlier else []
    return {
        "form": FORM,
        "operation": {name: value for name, value in document.items() if name not in THE_HUB_S},
        "exercise": catalogue.exercise,
        "number": figures.number,
        "status": figures.status,
        "position": figures.position,
        "seal": _seal(catalogue, figures.position),
        "previous": _previous(catalogue),
        "amendment": figures.amendment,
        "totals": figures.totals,
        "rows": figures.rows,
        "sentences": sentences.sentences(catalogue, figures.totals),
        "remarks": [one.stored() for one in remarks(document, figures.totals)],
        "waivers": [one["waiver"] for one in figures.open if one["waiver"]],
        "signatures": list(standing_signatures(figures)),
        "changes": changes.changes(last, figures.rows) if earlier else changes.changes([], []),
        "stale": list(_stale(figures, earlier)),
        "adjustments": reconciliation.standing_adjustments(catalogue, figures.position),
        "controls": reconciliation.controls(catalogue, figures.position),
    }


def sign(actor: Actor, code: str, content: dict[str, Any]) -> dict[str, Any]:
    """Someone of the desk signs the whole at the journal's end; the second one's signature makes the release and certifies.

    Until this transaction ends no report comes in. Refuses with NotToBeSigned, PositionMoved, StillOpen, SignedAlready.
    """
    catalogue = operations.hold(code)
    check_phase(catalogue)
    gate.close(catalogue.id)
    fold.settle(catalogue.id)
    figures = Figures(actor, catalogue)
    drafted = draft(figures)
    signed = hashlib.sha256(canonical(drafted)).digest()
    _check_seen(figures, signed, content)
    _check_open(figures)
    others = desk_signatures(figures, signed)
    own = _put(actor, figures, signed, others)
    if len(others) + 1 < NEEDED:
        return {"signature": signature_document(catalogue, own), "release": None}
    return {"signature": signature_document(catalogue, own), "release": _release(actor, figures, drafted, signed, [*others, own])}


def amend(actor: Actor, code: str, reason: str) -> dict[str, Any]:
    """Opens what was released, so that it can be put right: back to reconciling. Refuses with NotToBeSigned, PhaseNotNext, Invalid."""
    check_reason(reason)
    catalogue = operations.hold(code)
    if not catalogue.released:
        raise NotToBeSigned("Nothing has been released yet, so there is nothing to amend.")
    catalogue = operations.reopen(actor, code)
    amendment = Amendment(operation_id=catalogue.id, number=catalogue.released + 1, amends=catalogue.released, reason=reason)
    amendment.right_id, amendment.name = actor.id, actor.name
    session().add(amendment)
    session().flush()
    session().refresh(amendment)
    audit.record(actor, "amendment opened", catalogue.id, {"release": amendment.number, "reason": reason})
    return {
        "number": amendment.number,
        "amends": amendment.amends,
        "reason": reason,
        "name": actor.name,
        "opened_at": moment_text(amendment.opened_at),
    }


def desk_signatures(figures: Figures, signed: bytes) -> list[Signature]:
    """The desk's signatures under exactly this, the first first."""
    query = select(Signature).where(
        Signature.operation_id == figures.catalogue.id,
        Signature.kind == "desk",
        Signature.number == figures.number,
        Signature.position == figures.position,
        Signature.digest == signed,
    )
    return list(session().scalars(query.order_by(Signature.signed_at)))


def changes_since_last(catalogue: Catalogue, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What differs in ``rows``, the statistics of now, from the last release, as ``changes`` tells it; nothing before the first."""
    last = reading.latest(catalogue)
    return changes.changes(last["rows"], rows) if last else changes.changes([], [])


def _check_seen(figures: Figures, signed: bytes, content: dict[str, Any]) -> None:
    now = figures.position, digest_text(signed)
    if content["position"] != figures.position:
        raise PositionMoved(f"The journal stands at {figures.position}, not at {content['position']}. Look at the figures again.", *now)
    if content.get("digest") != digest_text(signed):
        raise PositionMoved("What was seen is not what would be released now. Look at it again.", *now)


def _check_open(figures: Figures) -> None:
    open = [one["item"] for one in figures.open if not one["waiver"]]
    if open:
        said = "1 item is open" if len(open) == 1 else f"{len(open)} items are open"
        raise StillOpen(f"{said}: settle each, or waive it with a reason that is printed. The first is {open[0]}.", open)


def _put(actor: Actor, figures: Figures, signed: bytes, others: Sequence[Signature]) -> Signature:
    if actor.person in {one.person for one in others}:
        raise SignedAlready("You have signed this; the second signature must be another person's.")
    if login_of(actor.name) in {login_of(one.name) for one in others}:
        raise SignedAlready(
            f"{actor.name} has signed this, and your right has the same name: the second signature must be another person's. "
            "Sign in with your own account, or have an admin issue you a token in your own name."
        )
    own = put(actor, figures.catalogue, "desk", figures.position, signed, number=figures.number)
    audit.record(actor, "release signed", figures.catalogue.id, {"release": figures.number, "position": figures.position})
    return own


def _release(actor: Actor, figures: Figures, drafted: dict[str, Any], signed: bytes, desk: Sequence[Signature]) -> dict[str, Any]:
    """Makes the release of what was signed, and certifies the operation."""
    catalogue, released_at = figures.catalogue, desk[-1].signed_at
    signatures = [*drafted["signatures"], *(signature_document(catalogue, one) for one in desk)]
    content = canonical(drafted | {"signatures": signatures, "released_at": moment_text(released_at)})
    release = Release(
        operation_id=catalogue.id,
        number=figures.number,
        position=figures.position,
        status=figures.status,
        content=content,
        digest=hashlib.sha256(content).digest(),
        previous_digest=reading.stored(catalogue, catalogue.released).digest if catalogue.released else None,
        signed=signed,
        released_by=actor.id,
        released_at=released_at,
    )
    session().add(release)
    session().flush()
    operations.certify(actor, catalogue.code, figures.number)
    audit.record(actor, "released", catalogue.id, {"release": release.number, "position": release.position})
    return {"number": release.number, "status": release.status, "position": release.position, "digest": digest_text(release.digest)}


def _stale(figures: Figures, earlier: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Sentences of earlier releases that are no longer so, each with its release and how it reads now."""
    for told in earlier:
        for one in sentences.stale(figures.catalogue, figures.totals, told["sentences"]):
            yield {"release": told["number"], "code": one["code"], "text": one["text"], "now": one["now"]["text"]}


def _previous(catalogue: Catalogue) -> str | None:
    return digest_text(reading.stored(catalogue, catalogue.released).digest) if catalogue.released else None


def _seal(catalogue: Catalogue, position: int) -> str | None:
    """The journal's seal at the position: by it the release is bound to every entry before it."""
    query = select(JournalEntry.seal).where(JournalEntry.operation_id == catalogue.id, JournalEntry.position == position)
    found = session().scalar(query)
    return found.hex() if found else None
