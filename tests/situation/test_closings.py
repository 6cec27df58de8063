"""Whose night is closed: presence learns of finals from reconciliation, and of certification from releases."""

from __future__ import annotations

from collections.abc import Callable

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller, fold_all, report_body
from tests.messages.conftest import Night
from tests.releases.signing import Signing
from tests.structure.worlds import step


def test_presence_says_whose_final_is_in_and_who_is_certified(operation: Catalogue, create_token: Callable[..., Caller]) -> None:
    signing = Signing(operation, create_token)
    night = Night(operation, signing.desk)
    lines = [{"measure": "arrests", "quantity": 3}, {"measure": "victims_rescued", "quantity": 1}]
    assert signing.desk.post(f"{night.path}/reports", report_body(lines=lines)).status_code == 201
    assert signing.desk.post(f"{night.path}/check-ins", {"unit": "KY-KSP"}).status_code == 201
    fold_all(operation.id)
    step(operation.code, "standing_down", "reconciling")
    figures = [{"measure": "arrests", "quantity": 3}]
    assert signing.desk.post(f"{night.path}/finals", {"unit": "KY", "figures": figures}).status_code == 201
    assert statuses(night)["KY"] == "current", "one of its two figures has no final yet"
    figures = [{"measure": "victims_rescued", "quantity": 1}]
    assert signing.desk.post(f"{night.path}/finals", {"unit": "KY", "figures": figures}).status_code == 201
    assert statuses(night) == {"KY": "final in", "KY-KSP": "final in", "TN": "not checked in"}, "a final is with all below"

    signing.sign_units("KY")
    signing.waive_all()
    signing.release()
    assert set(statuses(night).values()) == {"certified"}
    assert signing.amend().status_code == 201
    assert statuses(night)["KY"] == "final in"


def statuses(night: Night) -> dict[str, str]:
    """Unit -> where it stands."""
    return {one["unit"]: one["status"] for one in night.desk.get(f"{night.path}/presence").json["items"]}
