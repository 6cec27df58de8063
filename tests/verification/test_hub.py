"""A whole hub signs by itself, and its bundle is made and checked from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from coordinator.verification.fresh_key import fresh_key
from coordinator.verification.keys import Signer
from tests.conftest import report_body
from tests.hubs import LiveOperation, eventually, real_hub


def latest(operation: LiveOperation) -> dict[str, object] | None:
    """The newest checkpoint, None before the first."""
    answer = operation.desk.get(f"/operations/{operation.code}/checkpoints/latest")
    return dict(answer.json) if answer.status == 200 else None


def test_workers_sign_while_the_journal_grows_and_what_they_sign_can_be_checked(tmp_path: Path) -> None:
    key = fresh_key()
    with real_hub(signing_key=key, checkpoint_seconds=1.0) as hub:
        operation = hub.create_operation()
        receipt = operation.desk.post(operation.reports, report_body()).json
        kept = eventually(lambda: (found := latest(operation)) and found["position"] == 1 and found)
        assert kept["key"] == Signer(key).public
        files = {name: tmp_path / f"{name}.json" for name in ("checkpoint", "receipt")}
        files["checkpoint"].write_text(json.dumps(kept))
        files["receipt"].write_text(json.dumps(receipt))
        proof = operation.desk.get(f"{operation.reports}/{receipt['id']}/proof").json
        assert (proof["position"], proof["digest"], proof["checkpoint"]["position"]) == (1, receipt["digest"], 1)
        operation.desk.post(operation.reports, report_body())
        operation.settled(2)
        made = hub.verb("bundle", operation.code, str(tmp_path / "night.zip"))
        assert made.returncode == 0 and "up to position 2" in made.stdout, made.stderr
        words = ("--checkpoint", str(files["checkpoint"]), "--receipt", str(files["receipt"]))
        checked = hub.verb("verify", str(tmp_path / "night.zip"), *words)
        assert checked.returncode == 0 and checked.stdout.endswith("Everything holds.\n"), checked.stdout + checked.stderr
        again = hub.verb("bundle", operation.code, str(tmp_path / "night.zip"))
        assert again.returncode == 1 or "is there already" in again.stderr
