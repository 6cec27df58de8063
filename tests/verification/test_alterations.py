"""Every alteration is found: of a bundle on its way, and of the tables behind the hub's back."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from coordinator import db
from coordinator.access.actor import console
from coordinator.db import driver_url, transaction
from coordinator.operations import service as operations
from coordinator.verification import acts, keys, service
from coordinator.verification.canonical import encode
from coordinator.verification.findings import Findings, Refused
from coordinator.verification.fresh_key import fresh_key
from coordinator.verification.verify import Held, verify
from tests.hubs import LONG
from tests.verification.altering import Tampering, altered, packed, restated, unpacked
from tests.verification.conftest import Night, as_held

ALTERATIONS = 1_000
TAMPERINGS = 1_000 if LONG else 60


def verdict(path: Path, content: bytes, held: Held = Held()) -> Findings | None:  # noqa: B008 (it is frozen)
    """What ``verify`` finds; None where it refuses to look."""
    path.write_bytes(content)
    try:
        return verify(path, held)
    except Refused:
        return None


def test_every_alteration_of_a_bundle_is_found(certified: Night, seed: int) -> None:
    night = certified
    content = night.bundle().read_bytes()
    path, chance = night.folder / "altered.zip", random.Random(seed)
    assert verdict(path, packed(unpacked(content))), "unpacked and packed again it is the same"
    missed = []
    for _ in range(ALTERATIONS):
        what, bad = altered(content, chance)
        found = verdict(path, bad)
        if found is not None and found.hold:
            missed.append(what)
    assert missed == []


def test_a_bundle_signed_anew_by_someone_else_is_found_by_key_and_by_kept_checkpoint(night: Night) -> None:
    kept = night.kept()
    ours = kept["key"]
    files = unpacked(night.bundle().read_bytes())
    thief = keys.Signer(fresh_key())
    head = json.loads(files["bundle.json"]) | {"key": thief.public}
    files["bundle.json"] = encode(head)
    files["bundle.sig"] = thief.sign(files["bundle.json"]).hex().encode() + b"\n"
    path = night.folder / "stolen.zip"
    assert verdict(path, packed(files)) and verdict(path, packed(files)).hold  # type: ignore[union-attr]
    for held in (Held(keys=(ours,)), Held((as_held(kept),))):
        found = verdict(path, packed(files), held)
        assert found is not None and any("which is none of those given" in fault for fault in found.faults)


def test_figures_that_the_hub_itself_states_wrongly_are_found(night: Night) -> None:
    """Signed by the right key and faultless otherwise: what is left is the arithmetic."""
    files = unpacked(night.bundle().read_bytes())
    figures = json.loads(files["figures.json"])
    path, signer = night.folder / "wrong.zip", keys.Signer(fresh_key())
    for change in (_one_more_arrest, _one_row_less, _other_status, _rule_turned_round):
        wrong = json.loads(json.dumps(figures))
        change(wrong)
        files["figures.json"] = encode(wrong)
        head = json.loads(restated(files)) | {"key": signer.public}
        files["bundle.json"] = encode(head)
        files["bundle.sig"] = signer.sign(files["bundle.json"]).hex().encode() + b"\n"
        found = verdict(path, packed(files))
        assert found is not None and [fault.partition(":")[0] for fault in found.faults] == ["figures"] * len(found.faults) != []


def _one_more_arrest(figures: dict) -> None:
    figures["totals"]["national"]["arrests"]["total"] += 1


def _one_row_less(figures: dict) -> None:
    figures["rows"].pop()


def _other_status(figures: dict) -> None:
    figures["totals"]["status"] = "certified"


def _rule_turned_round(figures: dict) -> None:
    figures["totals"]["rules"][0]["holds"] = not figures["totals"]["rules"][0]["holds"]


def test_a_bundle_of_a_later_version_is_refused_with_that_word(night: Night) -> None:
    files = unpacked(night.bundle().read_bytes())
    files["bundle.json"] = files["bundle.json"].replace(b"tallyroom-bundle-1", b"tallyroom-bundle-2")
    path = night.folder / "later.zip"
    path.write_bytes(packed(files))
    with pytest.raises(Refused, match="verify it with the version that made it, or a later one"):
        verify(path, Held())


@pytest.fixture
def powerful(app: Flask, owner_url: str) -> Iterator[None]:
    """For this test the hub is connected as the database's superuser, who can become the hub and itself again."""
    before = list(db._engines)
    engine = db.use(create_engine(driver_url(owner_url), pool_size=1))
    yield
    engine.dispose()
    db._engines[:] = before


class Undone(Exception):
    """Rolls a transaction back."""


def test_every_tampering_with_the_tables_is_found_by_a_checkpoint_kept_elsewhere(certified: Night, powerful: None, seed: int) -> None:
    night = certified
    held, chance = Held((as_held(night.kept()),)), random.Random(seed)
    missed, tables = [], set()
    for _ in range(TAMPERINGS):
        what, found = tampered(night, chance, held)
        tables.add(what.replace("a row of ", "").replace("a row put into ", "").replace(".", " ").split()[0])
        if found is not None and found.hold:
            missed.append(what)
    assert missed == []
    assert len(tables) >= (10 if LONG else 6), tables
    with transaction() as session:
        assert clean(session, night, held).hold, "the hub itself is as it was: nothing above came from a wrong alarm"


def test_an_altered_row_of_each_table_of_acts_is_found(certified: Night, powerful: None, seed: int) -> None:
    held, chance = Held((as_held(certified.kept()),)), random.Random(seed)
    for table in acts.TABLES:
        what, found = tampered(certified, chance, held, table)
        assert table in what
        assert found is None or not found.hold, what


def tampered(night: Night, chance: random.Random, held: Held, only: str = "") -> tuple[str, Findings | None]:
    """Tampers in a transaction, makes the bundle in it, verifies that and undoes it all; None where no bundle could be made."""
    what, found = "", None
    try:
        with transaction() as session:
            work = Tampering(session, night.operation.id, chance)
            work.begin()
            what = work.tamper(only)
            work.end()
            try:
                found = clean(session, night, held)
            except Exception as problem:  # whatever it is, no bundle came of it
                assert not isinstance(problem, AssertionError)
            raise Undone
    except Undone:
        operations._catalogues.pop(night.operation.id, None)  # what this process has read of what was undone
        return what, found


def clean(session: Session, night: Night, held: Held) -> Findings:
    """The verdict on the bundle as it comes out of the present transaction."""
    file = io.BytesIO()
    service.bundle(console(), night.operation.code, None, file)
    path = night.folder / "tampered.zip"
    path.write_bytes(file.getvalue())
    return verify(path, held)


def test_tampering_is_found_by_whoever_asks_the_hub_for_a_bundle(night: Night, owner_url: str) -> None:
    kept = night.kept()
    engine = create_engine(driver_url(owner_url))
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        query = text("UPDATE lines SET quantity = quantity + 1 WHERE operation_id = :id AND quantity = 5")
        connection.execute(query, {"id": night.operation.id})
    engine.dispose()
    found = night.verdict(night.bundle(), kept)
    assert "journal, position 2: the report is not the one that was received: it does not have the digest of its receipt" in found.faults
