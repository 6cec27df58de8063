"""What tests of certification share: an operation that is reconciling, with figures, and who signs in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coordinator.operations.catalogue import Catalogue
from tests.conftest import Caller
from tests.releases.signing import Signing
from tests.totals.evening import arrests, victims

HEADLINES = [{"code": "victims", "text": "{victims_rescued} victims rescued, of whom {victims_rescued.minor} were minors."}]


@pytest.fixture
def create_signing(create_operation: Callable[..., Catalogue], create_token: Callable[..., Caller]) -> Callable[..., Signing]:
    """Makes an operation that is reconciling, and who signs in it."""

    def create(**members: Any) -> Signing:
        return Signing(create_operation("reconciling", **members), create_token)

    return create


@pytest.fixture
def night(create_signing: Callable[..., Signing]) -> Signing:
    """Kentucky 12 arrests and 3 victims, of whom 1 minor; Tennessee 7 arrests: positions 1 to 3, folded."""
    night = create_signing(headlines=HEADLINES)
    night.say(arrests(12), victims(2), unit="KY")
    night.say(victims(1, "minor"), unit="KY-KSP")
    night.say(arrests(7), unit="TN")
    night.fold()
    return night


@pytest.fixture
def signed(night: Signing) -> Signing:
    """The same with every unit's signature."""
    night.sign_units("KY", "TN")
    return night


@pytest.fixture
def certified(signed: Signing) -> Signing:
    """The same with its first release."""
    signed.release()
    return signed
