"""Phones: browsers of their own on a real hub, with what a liaison does on them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.phone.phones import Phone
from tests.hubs import LiveOperation, RealHub


@pytest.fixture
def operation(hub: RealHub) -> LiveOperation:
    """A live operation of this test's own, going on now."""
    return hub.create_operation(time_zone="America/Chicago")


@pytest.fixture
def create_phone(browser: Browser, hub: RealHub) -> Iterator[Callable[..., Phone]]:
    """Makes phones: ``create_phone(operation, "KY")`` is Kentucky's liaison's, signed in, with the page open."""
    made: list[Phone] = []

    def create(operation: LiveOperation, *units: str, role: str = "liaison", opened: bool = True, **options: Any) -> Phone:
        phone = Phone(browser, hub, operation, f"{role} {uuid.uuid4().hex[:6]}", **options)
        made.append(phone)
        phone.invite(role, *units)
        if opened:
            phone.open()
        else:
            phone.page.goto(phone.path)
        return phone

    yield create
    for phone in made:
        phone.close()


@pytest.fixture
def phone(create_phone: Callable[..., Phone], operation: LiveOperation) -> Phone:
    """Kentucky's liaison's phone."""
    return create_phone(operation, "KY")
