"""A bundle of an honest hub holds, whoever looks; what is wrong is said with its place; what is no bundle is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from coordinator.verification import archive, keys, signing
from coordinator.verification.findings import Findings, Refused
from coordinator.verification.fresh_key import fresh_key
from coordinator.verification.verify import DOES_NOT, HOLDS, REFUSED, Held, main, verify
from tests.verification.conftest import Night, as_held, play, saved

ROOT = Path(__file__).parents[2]


def test_a_bundle_of_a_whole_night_holds_against_a_checkpoint_that_was_kept(night: Night) -> None:
    kept = night.kept()
    said: list[str] = []
    found = verify(night.bundle(), Held(), said.append)
    assert found.hold, found.faults
    assert any("counted again from the journal up to position 14" in line for line in said), said
    assert night.verdict(night.bundle(), kept, keys=(signing.signer().public,)).hold


def test_a_bundle_in_which_nothing_was_said_holds(begin: Callable[[], Night]) -> None:
    night = begin()
    found = night.verdict(night.bundle())
    assert found.hold, found.faults


def test_a_bundle_of_an_earlier_position_holds(night: Night) -> None:
    for at in (0, 4, 9, 10):
        found = night.verdict(night.bundle(at=at))
        assert found.hold, (at, found.faults)


def test_releases_and_signatures_are_counted_and_held_against_each_other(certified: Night) -> None:
    said: list[str] = []
    kept = as_held(certified.kept())
    found = verify(certified.bundle(), Held((kept,)), said.append)
    assert found.hold, found.faults
    for release in (1, 2):
        assert any(line.startswith(f"ok     release {release}: counted again from the journal up to position") for line in said), said
    assert any("signatures: 7, those of units under the figures that the journal comes to" in line for line in said), said
    assert any("acts: " in line for line in said), said


def test_a_bundle_of_a_release_goes_as_far_as_it_does_and_the_next_one_extends_it(certified: Night) -> None:
    kept = certified.desk.get(f"/operations/{certified.operation.code}/checkpoints").json["items"]
    first, second = (certified.bundle(f"{release}.zip", release=release) for release in (1, 2))
    for path in (first, second):
        found = certified.verdict(path)
        assert found.hold, found.faults
    assert certified.verdict(second, *kept).hold
    assert certified.desk.get(f"/operations/{certified.operation.code}/bundle", release=3).status_code == 404
    assert certified.desk.get(f"/operations/{certified.operation.code}/bundle", release=1, at=1).status_code == 422


def test_any_member_may_have_the_bundle_once_it_is_certified(certified: Night, create_token: Callable[..., Any]) -> None:
    observer = create_token("observer", certified.operation.code)
    assert observer.get(f"/operations/{certified.operation.code}/bundle").status_code == 200


def test_later_reports_and_changes_of_definitions_extend_what_a_checkpoint_was_made_of(night: Night) -> None:
    kept = night.kept()
    night.desk.patch(f"/operations/{night.operation.code}", {"units": [{"code": "OH", "name": "Ohio", "kind": "jurisdiction"}]})
    night.post(unit="OH", lines=[{"measure": "arrests", "quantity": 7}])
    night.fold()
    later = night.kept()
    found = night.verdict(night.bundle(), kept, later)
    assert found.hold, found.faults


def test_a_checkpoint_that_reaches_further_than_the_bundle_is_not_covered_by_it(night: Night) -> None:
    path = night.bundle()
    kept = night.kept()
    assert "that record was cut, or the bundle is older" in night.verdict(path, kept).faults[0]


def test_a_bundle_or_receipt_or_checkpoint_of_another_operation_is_named_as_such(night: Night, begin: Callable[[], Night]) -> None:
    other = begin()
    other.post()
    other.fold()
    found = night.verdict(night.bundle(), other.kept())
    assert any(f"it is of the operation {other.operation.code}" in fault for fault in found.faults)
    found = night.verdict(night.bundle(), receipts=tuple(other.receipts))
    assert any("its report is not in the bundle" in fault for fault in found.faults)


def test_every_receipt_is_found_in_the_bundle_and_one_that_was_altered_is_not(night: Night) -> None:
    night.kept()
    said: list[str] = []
    found = verify(night.bundle(), Held(receipts=tuple(night.receipts)), said.append)
    assert found.hold and sum("its report stands at position" in line for line in said) == len(night.receipts)
    forged = night.receipts[0] | {"digest": "sha-256:" + "0" * 64}
    assert "is not the one it was given for" in night.verdict(night.bundle(), receipts=(forged,)).faults[0]


def test_signatures_of_a_key_that_was_not_given_are_not_believed(night: Night) -> None:
    night.kept()
    stranger = keys.Signer(fresh_key()).public
    assert any("which is none of those given" in fault for fault in night.verdict(night.bundle(), keys=(stranger,)).faults)


def test_the_verb_says_what_it_checked_and_ends_with_0_1_or_2(night: Night, capsys: pytest.CaptureFixture[str]) -> None:
    kept = saved(night.folder / "checkpoint.json", night.kept())
    receipts = saved(night.folder / "receipts.json", night.receipts)
    key = saved(night.folder / "key.json", night.desk.get("/signing-key").json)
    path = night.bundle()
    assert main([str(path), "--checkpoint", str(kept), "--receipt", str(receipts), "--key", str(key)]) == HOLDS
    said = capsys.readouterr().out
    assert said.endswith("Everything holds.\n") and "WRONG" not in said
    cut = night.folder / "cut.zip"
    cut.write_bytes(path.read_bytes()[:-40])
    assert main([str(cut)]) == DOES_NOT
    assert "do not rely on this bundle" in capsys.readouterr().out
    kept.write_text("{}")
    assert main([str(path), "--checkpoint", str(kept)]) == REFUSED
    assert "holds no checkpoint" in capsys.readouterr().err


@pytest.mark.parametrize("content", [b"", b"{}", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.zip"
    path.write_bytes(content)
    with pytest.raises(Refused, match="not a bundle"):
        verify(path, Held())
    assert main([str(path)]) == REFUSED
    assert main([str(tmp_path / "none.zip")]) == REFUSED


def test_a_bundle_that_was_cut_or_altered_says_where(night: Night) -> None:
    content = night.bundle().read_bytes()
    at = content.index(b'"quantity"') + 12
    altered = content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]
    said = {}
    for name, bad in (("cut", content[: len(content) // 3]), ("altered", altered), ("without its end", content[:-10])):
        path = night.folder / "bad.zip"
        path.write_bytes(bad)
        said[name] = " ".join(night.verdict(path).faults)
    assert "It is cut short within" in said["cut"]
    assert "was altered: it does not have the check sum that stands before it." in said["altered"]
    assert "The directory at its end is missing or was altered." in said["without its end"]


def test_it_needs_the_standard_library_and_cryptography_alone(night: Night) -> None:
    """In a process that can import nothing else: no web stack, no database driver, no JSON library of ours."""
    path, kept = night.bundle(), saved(night.folder / "checkpoint.json", night.kept())
    path = night.bundle()
    guard = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
allowed = set(sys.stdlib_module_names) | {{"coordinator", "cryptography", "_cffi_backend", "cffi", "typing_extensions"}}
class Guard:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in allowed:
            raise ImportError(name + " is not there")
sys.meta_path.insert(0, Guard())
sys.argv = ["verify", {str(path)!r}, "--checkpoint", {str(kept)!r}]
import runpy
runpy.run_module("coordinator.verification", run_name="__main__")
"""
    told = subprocess.run([sys.executable, "-P", "-c", guard], capture_output=True, text=True, timeout=60, check=False)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.endswith("Everything holds.\n")


def test_a_bundle_is_the_same_for_the_same_state_but_for_when_it_was_made(night: Night) -> None:
    first, second = night.bundle("1.zip").read_bytes(), night.bundle("2.zip").read_bytes()
    assert len(first) == len(second)
    assert json.dumps(str(first[:2000])) == json.dumps(str(second[:2000]))


def test_nothing_in_a_bundle_writes_over_what_is_found_in_it() -> None:
    said: list[str] = []
    findings = Findings(said.append)
    findings.ok("bundle: \x1b[2Jx\r\nEverything holds. \u202e\ud800 Doña Ana")
    findings.wrong("x\n", "y\x9b1A")
    assert said == ["ok     bundle: \\u{1b}[2Jx\\u{d}\\u{a}Everything holds. \\u{202e}\\u{d800} Doña Ana", "WRONG  x\\u{a}: y\\u{9b}1A"]


def test_a_file_that_holds_more_than_a_bundle_can_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "many.zip"
    with path.open("wb") as file:
        many = archive.Writer(file)
        for number in range(4):
            many.add(f"{number}.json", [b"x" * 100])
        many.close()
    for limit, most in (("MOST_FILES", 3), ("MOST_BYTES", 300)):
        with monkeypatch.context() as patch:
            patch.setattr(archive, limit, most)
            assert verify(path, Held()).faults == ["bundle: It holds more than a bundle can."]
    nested = tmp_path / "checkpoint.json"
    nested.write_text("[" * 100_000)
    assert main([str(path), "--checkpoint", str(nested)]) == REFUSED


def test_findings_beyond_a_few_are_counted_and_not_listed() -> None:
    said: list[str] = []
    found = Findings(said.append)
    for number in range(25):
        found.wrong("journal", f"thing {number}")
    found.close()
    assert len(found.faults) == 25 and len(said) == 21 and said[-1].endswith("5 more")


def test_a_second_night_does_not_disturb_the_first(night: Night, begin: Callable[[], Night]) -> None:
    other = begin()
    play(other)
    kept = night.kept()
    other.kept()
    assert night.verdict(night.bundle(), kept).hold
