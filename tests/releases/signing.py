"""Who signs in a test of certification: liaisons, two people of the desk, and each step in one line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.totals.evening import Evening


class Signing(Evening):
    """An evening with a second person at the desk and a liaison for each unit, as certification needs them."""

    def __init__(self, catalogue: Catalogue, create_token: Callable[..., Caller]) -> None:
        super().__init__(catalogue, create_token("desk", catalogue.code))
        self.second = create_token("desk", catalogue.code, name="second desk")
        self.create_token = create_token

    def state(self, caller: Caller | None = None) -> dict[str, Any]:
        """How far certification has come."""
        answer = (caller or self.desk).get(f"{self.path}/certification")
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def unit_state(self, code: str) -> dict[str, Any]:
        """What it says of a unit."""
        return next(one for one in self.state()["units"] if one["unit"] == code)

    def sign(self, code: str, caller: Caller | None = None, **members: Any) -> Any:
        """A liaison of the unit signs what it sees; answers the answer."""
        caller = caller or self.create_token("liaison", self.catalogue.code, code)
        seen = next(one for one in self.state(caller)["units"] if one["unit"] == code)
        body = {"unit": code, "position": seen["position"], "digest": seen["digest"]} | members
        return caller.post(f"{self.path}/signatures", body)

    def sign_units(self, *codes: str) -> None:
        """What reconciliation asks is explained, and liaisons of these units sign."""
        self.explain_all()
        for code in codes:
            answer = self.sign(code)
            assert answer.status_code == 201, answer.json

    def explain_all(self) -> None:
        """The desk explains every check that does not hold."""
        for check in self.desk.get(f"{self.path}/reconciliation").json["open"]:
            self.explain(check["check"])

    def explain(self, check: str) -> None:
        """The desk explains a check that does not hold."""
        answer = self.desk.post(f"{self.path}/explanations", {"check": check, "text": "looked at, and so it was"})
        assert answer.status_code == 201, answer.json

    def waive(self, item: str, reason: str = "known, and printed") -> Any:
        """The desk waives an open item."""
        return self.desk.post(f"{self.path}/waivers", {"item": item, "reason": reason})

    def waive_all(self) -> None:
        """The desk waives whatever is open."""
        for one in self.state()["open"]:
            if one["waiver"] is None:
                answer = self.waive(one["item"])
                assert answer.status_code == 201, answer.json

    def desk_signs(self, caller: Caller, **members: Any) -> Any:
        """Someone of the desk signs what it sees."""
        seen = self.state(caller)
        body = {"position": seen["position"], "digest": seen["draft"]["digest"]} | members
        return caller.post(f"{self.path}/certification/signatures", body)

    def release(self) -> dict[str, Any]:
        """Both people of the desk sign; answers the release as it is read."""
        for caller, made in ((self.desk, False), (self.second, True)):
            answer = self.desk_signs(caller)
            assert answer.status_code == 201, answer.json
            assert (answer.json["release"] is not None) == made
        return self.released(answer.json["release"]["number"])

    def released(self, number: int) -> dict[str, Any]:
        """A release."""
        answer = self.desk.get(f"{self.path}/releases/{number}")
        assert answer.status_code == 200, answer.json
        return dict(answer.json)

    def amend(self, reason: str = "Iowa has counted again") -> Any:
        """The desk opens the release again."""
        return self.desk.post(f"{self.path}/amendments", {"reason": reason})

    def phase(self) -> str:
        """The operation's phase."""
        return str(self.desk.get(self.path).json["phase"])


def texts(sentences: Sequence[dict[str, Any]]) -> list[str]:
    """What sentences say."""
    return [one["text"] for one in sentences]
