"""What the tests of deliveries share: ways that lead to this machine, an outbox that can be read, and time that has passed for it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, text

from config.settings import Settings
from coordinator.deliveries import sending, ways
from tests.conftest import Caller
from tests.deliveries.receivers import Postbox, Receiver, postbox, receiver
from tests.hubs import hub, shared_hub
from tests.messages.conftest import Night, night, owner, pass_minutes, tennessee

__all__ = ["hub", "night", "owner", "pass_minutes", "shared_hub", "tennessee"]

LOOPBACK = {"webhook_private": "127.0.0.0/8", "mail_domains": "example.gov, *.example.gov", "mail_from": "hub@tally.example.gov"}
Opened = Callable[..., None]


@pytest.fixture
def opened(settings: Settings) -> Iterator[Opened]:
    """Opens ways for the test: ``opened(webhook_hosts="http://127.0.0.1:9000")``."""
    yield lambda **more: ways.hold(dataclasses.replace(settings, **(LOOPBACK | more)))
    ways.hold(settings)


@pytest.fixture
def hook(opened: Opened) -> Iterator[Receiver]:
    """A receiver of webhooks to which the way is open."""
    with receiver() as made:
        opened(webhook_hosts=made.url)
        yield made


@pytest.fixture
def box(opened: Opened) -> Iterator[Postbox]:
    """A mail server to which the way is open."""
    with postbox() as made:
        opened(smtp_url=made.url)
        yield made


class Outbox:
    """Short ways to an operation's outbox."""

    def __init__(self, night: Night, owner: Connection) -> None:
        self.night, self.owner, self.path = night, owner, night.path

    def add(self, address: str, whose: str = "liaison", unit: str | None = "KY", kind: str = "webhook") -> dict[str, Any]:
        """An address that the desk adds."""
        answer = self.asked(address, whose, unit, kind)
        assert answer.status_code == 201, answer.json
        return dict(answer.json)

    def asked(self, address: str, whose: str = "liaison", unit: str | None = "KY", kind: str = "webhook") -> Any:
        """The answer to that."""
        return self.night.desk.post(f"{self.path}/addresses", {"kind": kind, "address": address, "whose": whose, "unit": unit})

    def items(self, caller: Caller | None = None, **query: Any) -> list[dict[str, Any]]:
        """What is in it, the oldest first."""
        return list(reversed((caller or self.night.desk).get(f"{self.path}/deliveries", **query).json["items"]))

    def states(self) -> list[tuple[str, int]]:
        """State and tries of each."""
        return [(one["state"], one["tries"]) for one in self.items()]

    def send(self) -> int:
        """Sends what is due, as the worker does; answers how many tries of this operation's that were."""
        before = sum(one["tries"] for one in self.items())
        sending.send_all()
        return sum(one["tries"] for one in self.items()) - before

    def pass_seconds(self, seconds: float) -> None:
        """Lets time pass for the outbox."""
        with self.owner.begin():
            moved = text("UPDATE outgoing SET next_at = next_at - make_interval(secs => :seconds) WHERE operation_id = :id")
            self.owner.execute(moved, {"seconds": seconds, "id": self.night.operation.id})


@pytest.fixture
def outbox(night: Night, owner: Connection) -> Outbox:
    """The outbox of the test's operation. What other tests have left in theirs is not due while this one lasts."""
    with owner.begin():
        owner.execute(text("UPDATE outgoing SET next_at = next_at + interval '1 day' WHERE state IN ('waiting', 'sending')"))
    return Outbox(night, owner)
