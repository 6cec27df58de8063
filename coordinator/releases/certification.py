"""What can be done before the desk signs: a unit signs its figures, the desk waives what is open; and how far it has come.

Whether a signature stands is never stored: it does while no later entry touches its unit or one below, credits included, and
the rows it was given for read as they did. So whatever moves a figure is enough, and nothing has to remember to tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from sqlalchemy import select, text
from uuid_utils.compat import uuid7

from coordinator import clock
from coordinator.access import audit
from coordinator.access.actor import LIAISON, Actor
from coordinator.db import session
from coordinator.errors import Invalid, NotToBeSigned, NotYourUnit, PositionMoved, SignedAlready
from coordinator.fields import moment_text
from coordinator.operations import service as operations
from coordinator.operations.catalogue import Catalogue, UnitEntry
from coordinator.operations.documents import whole
from coordinator.reconciliation import service as reconciliation
from coordinator.releases import opening, signing, statistics
from coordinator.releases import reading as releases
from coordinator.releases.canonical import digest_text
from coordinator.releases.models import Amendment, Signature, Waiver
from coordinator.reports.personal import complaint
from coordinator.totals import alarms, reading
from coordinator.totals import service as totals

SIGNED_IN = "reconciling"
"""The phase in which figures are signed."""

SIGNING = ("jurisdiction", "agency", "site")
"""Kinds of units that sign: the built-in ones are nobody's."""

SAID_HERE = ("rule", "unquantified", "heard", "finals", "changed")
"""Checks of reconciliation that certification asks in its own words: who was heard and what is final a unit's signature answers, what
has changed the reason of the amendment."""

STRIPPED = ("generated_at", "as_of", "at", "phase")
"""Members of the totals document that differ between two readings of one position."""


class Stood(NamedTuple):
    """A unit's last signature, and what made it fall: None while it stands."""

    signature: Signature
    fallen: dict[str, Any] | None


class Figures:
    """An operation at the end of its journal, as certification sees it: totals and rows, signatures and what is open."""

    def __init__(self, actor: Actor, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.position = reading.standing_position(catalogue.id)
        self.number = catalogue.released + 1
        self.status = "certified" if self.number == 1 else f"amended-{self.number - 1}"
        document = totals.totals(actor, catalogue.code, at=self.position)
        self.totals = _bare(document) | {"status": "exercise" if catalogue.exercise else self.status}
        self.rows = list(statistics.rows(catalogue, self.totals))
        self.by_unit = signing.by_unit(self.rows)

    @cached_property
    def stood(self) -> dict[int, Stood]:
        """The last signature of each unit that has signed, by its id."""
        query = select(Signature).where(Signature.operation_id == self.catalogue.id, Signature.kind == "unit")
        last = {
            one.unit_id: one for one in session().scalars(query.order_by(Signature.position)) if one.unit_id in self.catalogue.unit_by_id
        }
        touched = _touched(self.catalogue, min((one.position for one in last.values()), default=self.position))
        return {unit: Stood(one, self._fallen(one, unit, touched)) for unit, one in last.items() if unit is not None}

    @cached_property
    def required(self) -> list[UnitEntry]:
        """The units that must sign, or be waived."""
        return signing.required(self.catalogue, self.by_unit)

    @cached_property
    def open(self) -> list[dict[str, Any]]:
        """Every open item, with the waiver that covers it or None."""
        unsigned = [
            {"unit": unit.code, "unit_name": unit.name, "figures": self.text(unit)}
            for unit in self.required
            if unit.id not in self.stood or self.stood[unit.id].fallen
        ]
        shown = self.totals | {"alarms": alarms.standing(self.catalogue.id)}
        given = {(one.item, one.detail): one for one in self.waivers}
        found = [*opening.items(whole(self.catalogue), shown, unsigned), *self._unreconciled]
        return [one | {"waiver": _waiver(given.get((one["item"], one["detail"])))} for one in found]

    @property
    def _unreconciled(self) -> Iterator[dict[str, str]]:
        """What reconciliation has not settled, but for what is an item here already."""
        last = releases.latest(self.catalogue)
        for one in reconciliation.open_items(self.catalogue, self.position, last and last["totals"]):
            if one.code not in SAID_HERE:
                yield {"item": one.check, "detail": one.detail}

    @cached_property
    def waivers(self) -> Sequence[Waiver]:
        """Every waiver ever given, the first first."""
        return session().scalars(select(Waiver).where(Waiver.operation_id == self.catalogue.id).order_by(Waiver.given_at)).all()

    @cached_property
    def amendment(self) -> dict[str, Any] | None:
        """Why the last release is being amended, None while none is."""
        found = session().get(Amendment, (self.catalogue.id, self.number))
        if found is None:
            return None
        return {"amends": found.amends, "reason": found.reason, "name": found.name, "opened_at": moment_text(found.opened_at)}

    def text(self, unit: UnitEntry) -> str:
        """What a unit has, in one line."""
        return signing.figures_text(self.catalogue, self._told[unit.code])

    @cached_property
    def _told(self) -> dict[str, Any]:
        return {one["code"]: one for one in self.totals["units"]}

    def digest(self, unit: UnitEntry, position: int | None = None) -> bytes:
        """The SHA-256 of what ``unit`` would sign, now or with figures that stand since ``position``."""
        return signing.fingerprint(self.catalogue, unit, self.position if position is None else position, self.by_unit)

    def _fallen(self, signature: Signature, unit_id: int, touched: Sequence[Touch]) -> dict[str, Any] | None:
        unit = self.catalogue.unit_by_id[unit_id]
        below = {one.id for one in signing.subtree(self.catalogue, unit)}
        for touch in touched:
            if touch.position > signature.position and not below.isdisjoint(touch.units):
                whose = self.catalogue.unit_by_id[touch.unit].code
                return {"position": touch.position, "reason": f"Entry {touch.position}, a {touch.kind} of {whose}, came after it."}
        if self.digest(unit, signature.position) != bytes(signature.digest):
            return {"position": None, "reason": "The plan was changed: what was signed reads otherwise now."}
        return None


class Touch(NamedTuple):
    """An entry of the journal: its kind, whose it is, and every unit whose rows it may have changed."""

    position: int
    kind: str
    unit: int
    units: frozenset[int]


_TOUCHED = text("""
    SELECT j.position, r.kind, r.unit_id,
           ARRAY(SELECT a.unit_id FROM assists a WHERE a.report_id = r.id OR a.report_id = r.supersedes) AS assisting
    FROM journal j JOIN reports r ON r.id = j.report_id
    WHERE j.operation_id = :operation AND j.position > :after ORDER BY j.position
""")


def _touched(catalogue: Catalogue, after: int) -> list[Touch]:
    """What has come into the journal after a position."""
    rows = session().execute(_TOUCHED, {"operation": catalogue.id, "after": after})
    return [Touch(row.position, row.kind, row.unit_id, frozenset((row.unit_id, *row.assisting))) for row in rows]


def sign(actor: Actor, code: str, content: dict[str, Any]) -> dict[str, Any]:
    """A unit's liaison signs its figures at a position. Refuses with NotToBeSigned, Invalid, NotYourUnit, SignedAlready, PositionMoved."""
    catalogue = operations.hold(code)
    unit = _own_unit(actor, catalogue, content["unit"])
    check_phase(catalogue)
    figures = Figures(actor, catalogue)
    stood = figures.stood.get(unit.id)
    if stood is not None and stood.fallen is None:
        raise SignedAlready(
            f"{unit.code} was signed at position {stood.signature.position} by {stood.signature.name}, and that signature stands."
        )
    _check_seen(figures, unit, content["position"], content.get("digest"))
    signature = put(actor, catalogue, "unit", content["position"], figures.digest(unit, content["position"]), unit_id=unit.id)
    audit.record(actor, "unit signed", catalogue.id, {"unit": unit.code, "position": signature.position})
    return signature_document(catalogue, signature)


def waive(actor: Actor, code: str, content: dict[str, Any]) -> dict[str, Any]:
    """The desk says why something open is certified all the same. Refuses with NotToBeSigned, Invalid, SignedAlready."""
    catalogue = operations.hold(code)
    check_phase(catalogue)
    check_reason(content["reason"])
    found = next((one for one in Figures(actor, catalogue).open if one["item"] == content["item"]), None)
    if found is None:
        raise Invalid.at("/item", f"{content['item']} is not open: there is nothing to waive.")
    if found["waiver"]:
        raise SignedAlready(f"{found['item']} was waived by {found['waiver']['name']}: {found['waiver']['reason']}")
    plain = {name: found[name] for name in ("item", "detail")} | {"reason": content["reason"]}
    waiver = Waiver(id=uuid7(), operation_id=catalogue.id, right_id=actor.id, name=actor.name, given_at=clock.now(), **plain)
    session().add(waiver)
    audit.record(actor, "waiver given", catalogue.id, {"item": waiver.item, "reason": waiver.reason})
    return _waiver(waiver) or {}


def check_phase(catalogue: Catalogue) -> None:
    """Refuses with NotToBeSigned outside of reconciling."""
    if catalogue.phase != SIGNED_IN:
        phase = catalogue.phase.replace("_", " ")
        raise NotToBeSigned(f"Figures are signed while the operation is reconciling; it is {phase}.")


def check_reason(reason: str) -> None:
    """Refuses with Invalid a reason that holds what looks like a person."""
    if said := complaint(reason):
        raise Invalid.at("/reason", said)


def put(actor: Actor, catalogue: Catalogue, kind: str, position: int, digest: bytes, **what: int) -> Signature:
    """Writes a signature; whose it is, the database checks."""
    if actor.id is None:
        raise NotToBeSigned("The command line signs nothing: sign in, or send a token.")
    account = actor.session.account if actor.session else None
    signer = {"right_id": actor.id, "account_id": account, "person": actor.person, "name": actor.name, "signed_at": clock.now()}
    signature = Signature(id=uuid7(), operation_id=catalogue.id, kind=kind, position=position, digest=digest, **what, **signer)
    session().add(signature)
    session().flush()
    return signature


def signature_document(catalogue: Catalogue, one: Signature) -> dict[str, Any]:
    """A signature as it is shown and printed."""
    return {
        "kind": one.kind,
        "unit": catalogue.unit_by_id[one.unit_id].code if one.unit_id else None,
        "position": one.position,
        "digest": digest_text(one.digest),
        "name": one.name,
        "signed_at": moment_text(one.signed_at),
    }


def standing_signatures(figures: Figures) -> Iterable[dict[str, Any]]:
    """The signatures of units that stand, in the order of the units."""
    for unit in figures.catalogue.units:
        stood = figures.stood.get(unit.id)
        if stood is not None and stood.fallen is None:
            yield signature_document(figures.catalogue, stood.signature)


def _own_unit(actor: Actor, catalogue: Catalogue, code: str) -> UnitEntry:
    unit = catalogue.unit_by_code.get(code)
    if unit is None or unit.kind not in SIGNING:
        raise Invalid.at("/unit", f"There is no unit {code} that signs.")
    if actor.role != LIAISON:
        raise NotYourUnit("Units sign for themselves, by their liaisons. The desk waives what is not signed, and signs the whole.")
    if not catalogue.covers(actor.units, unit):
        raise NotYourUnit(f"You sign for other units, not for {code}.")
    return unit


def _check_seen(figures: Figures, unit: UnitEntry, position: int, digest: str | None) -> None:
    """Refuses with PositionMoved what is no longer, or not, what the signer has seen."""
    below = {one.id for one in signing.subtree(figures.catalogue, unit)}
    now = figures.position, digest_text(figures.digest(unit))
    since = [touch.position for touch in _touched(figures.catalogue, position) if not below.isdisjoint(touch.units)]
    if position > figures.position:
        raise PositionMoved(f"The journal stands at {figures.position}; position {position} is not there yet.", *now)
    if since:
        raise PositionMoved(f"Entry {since[0]} has changed what {unit.code} has since position {position}. Look at it again.", *now)
    if digest != digest_text(figures.digest(unit, position)):
        raise PositionMoved(f"What was seen of {unit.code} is not what it has at position {position}. Look at it again.", *now)


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    """The totals document of a position without what depends on when it is read."""
    kept = {name: value for name, value in document.items() if name not in STRIPPED}
    national = {
        code: {name: value for name, value in one.items() if not name.startswith("last_")} for code, one in document["national"].items()
    }
    reporting = {name: value for name, value in document["reporting"].items() if name != "overdue"}
    return kept | {"national": national, "reporting": reporting}


def _waiver(one: Waiver | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "item": one.item,
        "detail": one.detail,
        "reason": one.reason,
        "name": one.name,
        "given_at": moment_text(one.given_at),
    }
