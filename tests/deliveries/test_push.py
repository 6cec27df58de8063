"""Phones are woken: by words only they can read, from a hub their push service can tell, and no longer than they want to be."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from coordinator.deliveries import push
from tests.conftest import Caller
from tests.deliveries.conftest import Opened, Outbox
from tests.deliveries.phones import Phone, coded, decoded, vouched
from tests.deliveries.receivers import Receiver, receiver


@pytest.fixture
def service(opened: Opened) -> Iterator[Receiver]:
    """A push service to which the way is open."""
    with receiver(answer=lambda _: (201, {})) as made:
        opened(push_hosts=made.url, push_contact="mailto:hub@example.gov")
        yield made


def subscribe(outbox: Outbox, caller: Caller, phone: Phone) -> str:
    """Enters a phone, by its id on the hub."""
    answer = caller.post(f"{outbox.path}/push-subscriptions", phone.subscription)
    assert answer.status_code == 201, answer.json
    return str(answer.json["id"])


def test_what_is_sealed_is_the_example_of_the_standard_to_the_last_byte() -> None:
    """RFC 8291, section 5 and appendix A."""
    phone = decoded("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4")
    once = ec.derive_private_key(int.from_bytes(decoded("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1())
    salt, auth = decoded("DGv6ra1nlYgDCS1FRnbzlw"), decoded("BTBZMqHH6r4Tts7J_aSIgg")
    sealed = push.encrypt(b"When I grow up, I want to be a watermelon", phone, auth, salt, once)
    assert coded(sealed) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK"
        "4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


def test_a_bulletin_wakes_the_phones_it_reaches_and_says_no_more_than_its_first_words(
    outbox: Outbox, service: Receiver, liaison: Caller, tennessee: Caller
) -> None:
    mine, other = Phone(f"{service.url}/ky"), Phone(f"{service.url}/tn")
    subscribe(outbox, liaison, mine)
    subscribe(outbox, tennessee, other)
    key = liaison.get(f"{outbox.path}/push-subscriptions").json["key"]
    outbox.night.say("Hold at the gate. " * 20, units=["KY"], priority="flash")
    assert outbox.send() == 1
    (received,) = service.got
    told = mine.read(received.body)
    assert (received.path, told["title"], told["page"]) == ("/ky", "FLASH: Bulletin 2, A night", f"{outbox.path}/bulletins")
    assert told["body"].startswith("Hold at the gate.")
    assert len(told["body"]) <= 120
    assert (told["id"], received.headers["Urgency"]) == (outbox.items()[0]["id"], "high")
    claims = vouched(received, key)
    assert (claims["aud"], claims["sub"]) == (service.url, "mailto:hub@example.gov")
    assert 0 < claims["exp"] - time.time() < 24 * 3600
    with pytest.raises(Exception, match=r"^$"):
        other.read(received.body)


def test_a_phone_that_is_gone_is_removed_and_one_of_a_revoked_right_is_woken_no_more(
    outbox: Outbox, service: Receiver, liaison: Caller, tennessee: Caller
) -> None:
    subscribe(outbox, liaison, Phone(f"{service.url}/ky"))
    subscribe(outbox, tennessee, Phone(f"{service.url}/tn"))
    assert outbox.night.desk.delete(f"/tokens/{tennessee.id}").status_code == 204
    service.answer = lambda _: (410, {})
    outbox.night.say()
    assert outbox.send() == 1
    (item,) = outbox.items()
    assert (item["state"], item["problem"]) == ("failed", "This phone takes nothing any more, and was removed.")
    assert liaison.get(f"{outbox.path}/push-subscriptions").json["items"] == []
    outbox.night.say()
    assert outbox.send() == 0


def test_the_same_phone_again_is_one_and_it_can_end_it_itself_but_no_one_elses(
    outbox: Outbox, service: Receiver, liaison: Caller, tennessee: Caller
) -> None:
    phone = Phone(f"{service.url}/ky")
    first, second = (subscribe(outbox, liaison, phone) for _ in range(2))
    assert [one["id"] for one in liaison.get(f"{outbox.path}/push-subscriptions").json["items"]] == [second] != [first]
    assert tennessee.delete(f"{outbox.path}/push-subscriptions/{second}").status_code == 404
    assert liaison.delete(f"{outbox.path}/push-subscriptions/{second}").status_code == 204
    outbox.night.say()
    assert (outbox.send(), service.got) == (0, [])
    refused = liaison.post(f"{outbox.path}/push-subscriptions", phone.subscription | {"endpoint": "https://evil.example/x"})
    assert "TALLYROOM_PUSH_HOSTS" in refused.json["errors"]["/endpoint"][0]
