"""What can be done with operations: create, read, change, and step through the phases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.exc import IntegrityError

from coordinator import live
from coordinator.access import audit
from coordinator.access.actor import ADMIN, Actor
from coordinator.asking import enqueue
from coordinator.db import session
from coordinator.errors import CodeTaken, InUse, Invalid, NotFound, OperationChanged, PhaseNotNext
from coordinator.jobs import MakeCheckpoint
from coordinator.operations import definitions, gate, parts, zeros
from coordinator.operations.catalogue import Catalogue, UnitEntry, build
from coordinator.operations.models import BUILT_IN, OVERLAP, PHASES, Category, Measure, Operation, Unit

_catalogues: dict[int, Catalogue] = {}
"""The newest catalogue of each operation this process has read; a version never changes, so neither does an entry."""

Following = Callable[[Actor, Catalogue], None]
"""What a room above does in the transaction that begins a phase: who began it, and the operation in its new phase."""

_followings: list[Following] = []


def create(actor: Actor, content: dict[str, Any], **apart: Any) -> Catalogue:
    """Makes an operation, in phase ``planned``; ``apart`` are columns that nobody asks for. Refuses with CodeTaken and Invalid."""
    if session().scalar(select(exists().where(Operation.code == content["code"]))):
        raise CodeTaken(f"There is an operation {content['code']} already. Choose another code.")
    plain = ("code", "name", "time_zone", "starts_at", "ends_at", "reporting_interval_minutes", "exercise")
    operation = Operation(**{name: content[name] for name in plain}, rules=[], derived=[], headlines=[], letters={})
    for name, value in apart.items():
        setattr(operation, name, value)
    _check_window(operation)
    with _refused_as(lambda _: CodeTaken(f"There is an operation {content['code']} already. Choose another code.")):
        session().add(operation)
    for code, (kind, name) in BUILT_IN.items():
        session().add(Unit(operation_id=operation.id, code=code, kind=kind, name=name, expected=False))
    _put_parts(operation, content)
    audit.record(actor, "operation created", operation.id, {"code": operation.code, "exercise": operation.exercise})
    return _defined(operation)


def change(actor: Actor, code: str, changes: dict[str, Any]) -> Catalogue:
    """Changes what was planned and adds what is new; what has figures keeps its meaning. Refuses with InUse, Invalid and,
    where ``changes`` were made from another ``version`` than today's, OperationChanged."""
    operation = _locked(code)
    if changes.pop("version", operation.version) != operation.version:
        raise OperationChanged(
            "Someone changed the operation meanwhile: nothing was stored. Look at it as it is now, then change it again."
        )
    if not changes:
        return _load(operation)
    for name in ("name", "time_zone", "starts_at", "ends_at", "reporting_interval_minutes"):
        if name in changes:
            setattr(operation, name, changes[name])
    _check_window(operation)
    with _refused_as(lambda table: InUse(parts.kept_by(table))):
        parts.remove(operation, changes.get("remove", {}))
    _put_parts(operation, changes)
    _changed(operation)
    audit.record(actor, "operation changed", operation.id, {"members": sorted(changes)})
    return _defined(operation)


def step(actor: Actor, code: str, phase: str) -> Catalogue:
    """The step the desk asks for. Refuses with PhaseNotNext, also for ``certified``, to which only the desk's signatures lead, and with
    NotAtZero for ``live``, where it was rehearsed and nobody has signed that its counters are at zero."""
    if phase == "live":
        zeros.check(_locked(code))
    if phase == "certified" and find(code).phase == "reconciling":
        raise PhaseNotNext("Two people of the desk sign the figures to certify them: see the operation's certification.")
    return set_phase(actor, code, phase)


def set_phase(actor: Actor, code: str, phase: str) -> Catalogue:
    """Goes to the next phase; when this has committed, no report that came too late gets in any more."""
    operation = _locked(code)
    gate.close(operation.id)
    session().refresh(operation)
    at = PHASES.index(operation.phase)
    if PHASES[at + 1 : at + 2] != (phase,):
        raise PhaseNotNext(_next_step(operation.phase, phase))
    operation.phase = phase
    if phase == "live":
        operation.live_at = session().scalar(select(func.clock_timestamp()))
    _changed(operation)
    audit.record(actor, f"phase {phase}", operation.id, {"from": PHASES[at]})
    enqueue(MakeCheckpoint(operation.id))
    catalogue = _defined(operation)
    for follow in _followings:
        follow(actor, catalogue)
    return catalogue


def hold(code: str) -> Catalogue:
    """The operation, whose phase and plan stand still until this transaction ends. Refuses with NotFound."""
    return _load(_locked(code))


def certify(actor: Actor, code: str, number: int) -> Catalogue:
    """The operation with its release of this number: from ``reconciling`` to ``certified``."""
    _locked(code).released = number
    session().flush()
    return set_phase(actor, code, "certified")


def count_by(code: str, rules_version: int) -> Catalogue:
    """The operation counted by the rules of this version of its briefing: when this has committed, no report counted under others
    gets in unnoticed. Refuses with NotFound."""
    operation = _locked(code)
    gate.close(operation.id)
    session().refresh(operation)
    operation.rules_version = rules_version
    _changed(operation)
    return _defined(operation)


def reopen(actor: Actor, code: str) -> Catalogue:
    """The one step back: from ``certified`` to ``reconciling``, so that a release can be amended. Refuses with PhaseNotNext."""
    operation = _locked(code)
    if operation.phase != "certified":
        raise PhaseNotNext(f"The operation is {operation.phase}; only what is certified, and not archived, is amended.")
    operation.phase = "reconciling"
    _changed(operation)
    audit.record(actor, "phase reconciling", operation.id, {"from": "certified"})
    enqueue(MakeCheckpoint(operation.id))
    return _defined(operation)


def follow_phases_by(*followings: Following) -> None:
    """Says what else happens in this process when a phase begins, in the same transaction: whoever puts a process together knows."""
    _followings[:] = followings


def find(code: str) -> Catalogue:
    """The catalogue of an operation as of now; NotFound where there is none."""
    return _newest(select(Operation.id, Operation.version).where(Operation.code == code))


def find_by_id(operation_id: int) -> Catalogue:
    """The same by id."""
    return _newest(select(Operation.id, Operation.version).where(Operation.id == operation_id))


def at_version(operation_id: int, version: int) -> Catalogue:
    """The catalogue of an operation whose version has just been read."""
    known = _catalogues.get(operation_id)
    if known is None or known.version != version:
        known = _catalogues[operation_id] = _load(session().get_one(Operation, operation_id))
    return known


def afresh(operation_id: int) -> Catalogue:
    """The catalogue as it stands in the tables now, whatever this process has kept: for those who look for what was altered there."""
    session().expire_all()
    return _load(session().get_one(Operation, operation_id))


def overlap_unit(catalogue: Catalogue) -> UnitEntry:
    """The unit at which overlaps are taken out of the nation. Every operation has it from its first moment, so that the first
    adjustment changes no catalogue: nothing can be rolled back under those who have read one, and no phase waits for it."""
    return catalogue.unit_by_code[OVERLAP]


def visible(actor: Actor, limit: int, after: int) -> list[Operation]:
    """Operations the actor may see, newest first, ``limit`` of those with an id below ``after`` (0: from the newest)."""
    query = select(Operation).order_by(Operation.id.desc()).limit(limit)
    if actor.role != ADMIN:
        query = query.where(Operation.code.in_(actor.operations))
    if after:
        query = query.where(Operation.id < after)
    return list(session().scalars(query))


def in_phases(*phases: str) -> list[int]:
    """Ids of the operations that are in one of these phases."""
    return list(session().scalars(select(Operation.id).where(Operation.phase.in_(phases)).order_by(Operation.id)))


def _newest(query: Any) -> Catalogue:
    found = session().execute(query).one_or_none()
    if found is None:
        raise NotFound("There is no such operation, or it is not yours.")
    return at_version(found.id, found.version)


def _load(operation: Operation) -> Catalogue:
    """Reads everything below an operation; not kept, since the transaction may yet be rolled back."""
    session().flush()
    rows = [
        list(session().scalars(select(table).filter_by(operation_id=operation.id).order_by(table.id)))
        for table in (Unit, Measure, Category)
    ]
    return build(operation, *rows)


def _defined(operation: Operation) -> Catalogue:
    """The catalogue after a change, which is put on the record of definitions."""
    catalogue = _load(operation)
    definitions.record(catalogue)
    return catalogue


def _locked(code: str) -> Operation:
    operation = session().scalars(select(Operation).where(Operation.code == code).with_for_update(key_share=True)).one_or_none()
    if operation is None:
        raise NotFound("There is no such operation, or it is not yours.")
    return operation


def _put_parts(operation: Operation, content: dict[str, Any]) -> None:
    parts.check_codes(content)
    parts.put_measures(operation, content.get("measures", []))
    parts.put_letters(operation)
    parts.put_units(operation, content.get("units", []))
    parts.put_relations(operation, content)


def _changed(operation: Operation) -> None:
    operation.version += 1
    live.announce(operation.id)


def _check_window(operation: Operation) -> None:
    if operation.ends_at <= operation.starts_at:
        raise Invalid.at("/ends_at", "The window must end after it starts.")


def _next_step(now: str, wanted: str) -> str:
    following = PHASES[PHASES.index(now) + 1 :]
    if not following:
        return f"The operation is {now}, the last phase."
    return f"The operation is {now}; from there it can go to {following[0]}, not to {wanted}."


@contextmanager
def _refused_as(refusal: Callable[[str], Exception]) -> Iterator[None]:
    """Turns what the database's keys refuse into ``refusal`` of the table whose rows stand against it."""
    try:
        yield
        session().flush()
    except IntegrityError as problem:
        raise refusal(getattr(problem.orig, "diag").table_name or "") from problem  # noqa: B009 (psycopg's, which SQLAlchemy does not know)
