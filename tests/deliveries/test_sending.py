"""What leaves the hub: to whom, signed, once it is committed; tried again when it fails, and given up where everyone can see it."""

from __future__ import annotations

import base64
import hmac
import json
import logging
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from coordinator import jobs
from coordinator.access.actor import console
from coordinator.db import transaction
from coordinator.deliveries import reaching, sending, service
from coordinator.deliveries.parcels import TRIES, Outcome
from coordinator.messages import reminding
from coordinator.operations import service as operations
from tests.conftest import Caller
from tests.deliveries.conftest import Opened, Outbox
from tests.deliveries.receivers import Postbox, Received, Receiver, certified, postbox, receiver
from tests.hubs import SOON
from tests.messages.conftest import Night

Pass = Callable[..., None]


def signed(secret: str, received: Received) -> bool:
    """Whether a webhook is signed as Standard Webhooks has it, computed here from their words alone."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.".encode() + received.body
    wanted = base64.b64encode(hmac.new(key, content, "sha256").digest()).decode()
    return bool(received.headers["webhook-signature"] == f"v1,{wanted}")


def failing(status: int, times: int = 10**6, **headers: str) -> Callable[[Received], tuple[int, dict[str, str]]]:
    """Answers with ``status`` so many times, then takes everything."""
    left = iter(range(times))
    return lambda _: (status, headers) if next(left, None) is not None else (204, {})


def test_a_bulletin_is_called_out_to_whom_it_reaches_signed_and_in_its_frozen_words(outbox: Outbox, hook: Receiver) -> None:
    added = outbox.add(hook.url + "/kentucky?k=1")
    outbox.add(hook.url + "/tennessee", unit="TN")
    outbox.add(hook.url + "/desk", "desk", None)
    said = outbox.night.say("Hold at the gate.", units=["KY-KSP"], priority="flash", acknowledge_by="2099-01-01T00:00:00Z")
    assert outbox.send() == 1
    (received,) = hook.got
    assert (received.path, received.headers["Content-Type"]) == ("/kentucky?k=1", "application/json")
    assert signed(added["secret"], received)
    body = json.loads(received.body)
    assert (body["id"], body["type"], body["text"]) == (received.headers["webhook-id"], "bulletin", "Hold at the gate.")
    assert (body["exercise"], body["priority"], body["bulletin"]["id"]) == (False, "flash", said["id"])
    (item,) = outbox.items()
    assert (item["id"], item["state"], item["to"]["address"]) == (body["id"], "delivered", hook.url)


def test_a_secret_is_shown_once_and_is_in_no_list_table_answer_or_log(
    outbox: Outbox, hook: Receiver, owner: Connection, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    body = {"kind": "webhook", "address": f"{hook.url}/hidden-path", "whose": "liaison", "unit": "KY"}
    added, again = (outbox.night.desk.post(f"{outbox.path}/addresses", body, "the-same-key") for _ in range(2))
    assert again.json == added.json
    assert again.headers["Idempotent-Replayed"] == "true"
    secret = added.json["secret"].removeprefix("whsec_")
    hook.answer = failing(500)
    outbox.night.say()
    outbox.send()
    listed = outbox.night.desk.get(f"{outbox.path}/addresses").get_data(as_text=True) + str(outbox.items())
    kept = str(owner.execute(text("SELECT * FROM addresses")).all() + owner.execute(text("SELECT body FROM answers")).all())
    acts = str(owner.execute(text("SELECT detail FROM audit")).all() + owner.execute(text("SELECT body FROM answers")).all())
    assert secret not in listed + kept
    assert "hidden-path" not in listed + acts + caplog.text + "".join(capsys.readouterr())


def test_mail_goes_out_as_one_letter_to_each_and_nothing_anyone_wrote_becomes_a_header(
    outbox: Outbox, box: Postbox, create_operation: Any, create_token: Any, owner: Connection
) -> None:
    operation = create_operation(name="A night\nBcc: someone@evil.example", exercise=True)
    night = Night(operation, create_token("desk", operation.code))
    outbox = Outbox(night, owner)
    outbox.add("duty@example.gov", kind="mail")
    outbox.add("stand-in@ky.example.gov", "alternate", kind="mail")
    night.say("Line one.\nSubject: no\n.\nThe last.", priority="immediate")
    assert outbox.send() == 2
    first, second = sorted(box.got, key=lambda one: str(one["To"]))
    assert (first["To"], second["To"], first["From"]) == ("duty@example.gov", "stand-in@ky.example.gov", "hub@tally.example.gov")
    assert first["Subject"] == "EXERCISE. IMMEDIATE: Bulletin 2, A night Bcc: someone@evil.example"
    assert (first["Bcc"], first.get_content_type(), first["Auto-Submitted"]) == (None, "text/plain", "auto-generated")
    assert "Line one.\nSubject: no\n.\nThe last." in first.get_content().replace("\r\n", "\n")
    ids = {f"<{item['id']}@tally.example.gov>" for item in outbox.items()}
    assert {str(one["Message-ID"]) for one in box.got} == ids


def test_mail_goes_over_tls_or_not_at_all(outbox: Outbox, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context, certificate = certified(tmp_path)
    with postbox(context) as secure, postbox() as plain:
        opened(smtp_url=secure.url)
        outbox.add("duty@example.gov", kind="mail")
        outbox.night.say()
        outbox.send()
        (item,) = outbox.items()
        assert item["problem"] == "The certificate of localhost is not good."
        opened(smtp_url=plain.url.replace("smtp+plain", "smtp"))
        outbox.pass_seconds(60)
        outbox.send()
        assert "does not take mail in the way" in outbox.items()[0]["problem"]
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        opened(smtp_url=secure.url)
        outbox.pass_seconds(60)
        outbox.send()
        assert (outbox.states(), len(secure.got), plain.got) == ([("delivered", 3)], 1, [])


def test_an_address_the_mail_server_refuses_for_good_fails_and_says_so_without_its_words(outbox: Outbox, box: Postbox) -> None:
    box.answer = lambda address: f"550 no such user {address}, try x@evil.example"
    outbox.add("nobody@example.gov", kind="mail")
    outbox.night.say()
    outbox.send()
    (item,) = outbox.items()
    assert (item["state"], item["problem"]) == ("failed", "The mail server answered 550 to this address.")


def test_webhooks_go_over_tls_to_the_name_that_the_certificate_is_for(
    outbox: Outbox, opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, certificate = certified(tmp_path)
    with receiver(context) as secure:
        elsewhere = secure.url.replace("localhost", "127.0.0.1")
        opened(
            webhook_hosts=f"{secure.url.removeprefix('https://')}, {elsewhere.removeprefix('https://')}",
            webhook_private="127.0.0.0/8, ::1/128",
        )
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        outbox.add(secure.url)
        outbox.add(elsewhere, unit="TN")
        outbox.night.say()
        outbox.send()
        assert {(item["to"]["unit"], item["state"], item["problem"]) for item in outbox.items()} == {
            ("KY", "delivered", None),
            ("TN", "waiting", "The certificate of 127.0.0.1 is not good."),
        }
        assert len(secure.got) == 1


def test_nothing_leaves_before_commit_and_nothing_after_a_rollback(outbox: Outbox, hook: Receiver, sent: list[jobs.Job]) -> None:
    outbox.add(hook.url)
    answer = outbox.night.desk.post(f"{outbox.path}/bulletins", {"text": "Hold.", "units": ["NOWHERE"]})
    assert (answer.status_code, outbox.items(), jobs.Deliver() in sent) == (422, [], False)
    outbox.night.say()
    assert jobs.Deliver() in sent
    assert (outbox.states(), hook.got) == ([("waiting", 0)], [])


def test_what_fails_is_tried_again_later_and_later_and_given_up_where_it_can_be_seen(outbox: Outbox, hook: Receiver, app: Any) -> None:
    hook.answer = failing(503)
    outbox.add(hook.url)
    outbox.night.say()
    for tries in range(1, TRIES + 1):
        assert (outbox.send(), outbox.send()) == (1, 0), "and not again before its time"
        assert outbox.states() == [("waiting" if tries < TRIES else "given up", tries)]
        outbox.pass_seconds(5)
        assert outbox.send() == 0
        outbox.pass_seconds(1800)
    (item,) = outbox.items(state="given up")
    assert (item["problem"], item["next_at"]) == ("The receiver answered 503.", None)
    assert {received.headers["webhook-id"] for received in hook.got} == {item["id"]}, "the same id at each of them"
    hook.answer = lambda _: (204, {})
    answer = outbox.night.desk.post(f"{outbox.path}/deliveries/{item['id']}/tries", None)
    assert (answer.status_code, answer.json["state"], answer.json["tries"]) == (201, "waiting", 0)
    assert (outbox.send(), outbox.states()) == (1, [("delivered", 1)])
    refused = outbox.night.desk.post(f"{outbox.path}/deliveries/{item['id']}/tries", None)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/not-to-be-tried")


def test_a_receiver_that_asks_for_time_gets_it(outbox: Outbox, hook: Receiver) -> None:
    hook.answer = failing(429, 1, **{"Retry-After": "600"})
    outbox.add(hook.url)
    outbox.night.say()
    outbox.send()
    outbox.pass_seconds(500)
    assert outbox.send() == 0
    outbox.pass_seconds(101)
    assert (outbox.send(), outbox.states()) == (1, [("delivered", 2)])


def test_no_redirect_is_followed(outbox: Outbox, hook: Receiver) -> None:
    with receiver() as other:
        hook.answer = failing(307, Location=other.url)
        outbox.add(hook.url)
        outbox.night.say()
        outbox.send()
        (item,) = outbox.items()
        assert (item["state"], other.got) == ("failed", [])
        assert "leads elsewhere" in item["problem"]


def test_a_private_address_is_refused_when_it_is_added_and_said_plainly(outbox: Outbox, hook: Receiver, opened: Opened) -> None:
    opened(webhook_hosts=hook.url, webhook_private="")
    answer = outbox.asked(hook.url)
    assert answer.status_code == 422
    (said,) = answer.json["errors"]["/address"]
    assert said.startswith("127.0.0.1 is at a private address, and the hub calls none of its own network.")


def test_what_is_taken_off_the_list_gets_nothing_from_then_on(outbox: Outbox, hook: Receiver, opened: Opened) -> None:
    outbox.add(hook.url)
    outbox.night.say()
    opened(webhook_hosts="hooks.example.gov")
    outbox.send()
    (item,) = outbox.items()
    assert (item["state"], hook.got) == ("failed", [])
    assert "not on the list TALLYROOM_WEBHOOK_HOSTS" in item["problem"]


def test_a_name_that_comes_to_lead_elsewhere_is_found_out_when_it_is_called(
    outbox: Outbox, hook: Receiver, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = hook.url.rpartition(":")[2]
    opened(webhook_hosts=f"http://hooks.example.gov:{port}", webhook_private="")
    number, resolved = ["93.184.215.14"], []

    def resolve(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        resolved.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number[0], port))]

    monkeypatch.setattr(reaching.socket, "getaddrinfo", resolve)
    outbox.add(f"http://hooks.example.gov:{port}/")
    number[0] = "127.0.0.1"
    outbox.night.say()
    outbox.send()
    (item,) = outbox.items()
    assert (item["state"], hook.got) == ("failed", [])
    assert "hooks.example.gov is at a private address" in item["problem"]


def test_the_number_that_was_looked_at_is_the_one_that_is_called(
    hook: Receiver, outbox: Outbox, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose second answer is another is asked once: what is connected to is a number."""
    port = hook.url.rpartition(":")[2]
    opened(webhook_hosts=f"http://hooks.example.gov:{port}")
    real, asked = socket.getaddrinfo, []

    def resolve(host: str, *rest: Any, **more: Any) -> Any:
        if host == "hooks.example.gov":
            asked.append(host)
        return real("127.0.0.1" if host == "hooks.example.gov" else host, *rest, **more)

    monkeypatch.setattr(reaching.socket, "getaddrinfo", resolve)
    outbox.add(f"http://hooks.example.gov:{port}/")
    asked.clear()
    outbox.night.say()
    outbox.send()
    assert (outbox.states(), asked) == ([("delivered", 1)], ["hooks.example.gov"])
    assert hook.got[0].headers["Host"] == f"hooks.example.gov:{port}"


def test_one_that_hangs_keeps_no_other_waiting_and_is_cut_off(
    outbox: Outbox, hook: Receiver, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reaching, "SECONDS", SOON)
    enough = threading.Event()
    with receiver(answer=lambda _: (enough.wait(SOON), (204, {}))[1]) as slow:
        opened(webhook_hosts=f"{hook.url}, {slow.url}")
        outbox.add(slow.url, unit="TN")
        outbox.add(hook.url)
        for _ in range(3):
            outbox.night.say()
        turn = threading.Thread(target=sending.send_all)
        turn.start()
        hook.await_number(3)
        slow.await_number(1)
        assert tennessee_states(outbox) == ["sending", "waiting", "waiting"], "it hangs still, and is given one at a time"
        enough.set()
        turn.join(SOON)
        assert (tennessee_states(outbox), len(slow.got)) == (["delivered"] * 3, 3)
        enough.clear()
        monkeypatch.setattr(reaching, "SECONDS", 1.0)
        outbox.night.say()
        outbox.send()
        enough.set()
    late = [item for item in outbox.items() if item["to"]["unit"] == "TN"][-1]
    assert (late["state"], late["problem"]) == ("waiting", "127.0.0.1 did not answer within 1 s.")
    assert [json.loads(one.body)["bulletin"]["number"] for one in hook.got] == [2, 3, 4, 5]


def tennessee_states(outbox: Outbox) -> list[str]:
    """Where each of Tennessee's stands, the oldest first."""
    return [item["state"] for item in outbox.items() if item["to"]["unit"] == "TN"]


def test_only_one_worker_sends_at_a_time_and_whoever_is_killed_lets_go(outbox: Outbox, hook: Receiver) -> None:
    enough, inner = threading.Event(), []
    hook.answer = lambda _: (inner.append(sending.send_all()), enough.set(), (204, {}))[2]
    outbox.add(hook.url)
    outbox.night.say()
    assert (outbox.send(), inner) == (1, [0])


def test_what_a_killed_worker_had_in_hand_is_due_again_and_its_late_word_changes_nothing(outbox: Outbox, hook: Receiver) -> None:
    outbox.add(hook.url)
    outbox.night.say()
    with transaction():
        (parcel,) = service.take(16)
    assert (outbox.send(), outbox.states()) == (0, [("sending", 1)])
    outbox.pass_seconds(service.LEASE_SECONDS + 1)
    assert (outbox.send(), outbox.states()) == (1, [("delivered", 2)])
    with transaction():
        service.settle(parcel, Outcome("too late"))
    assert (outbox.states(), outbox.items()[0]["problem"]) == ([("delivered", 2)], None)


def test_an_alarm_goes_to_the_liaison_then_the_alternate_then_the_desk(outbox: Outbox, hook: Receiver, pass_minutes: Pass) -> None:
    night = outbox.night
    for unit in ("KY", "TN"):
        night.acknowledge(night.desk, night.order(), unit)
    week = {"unit": "TN", "minutes": 10080}  # only Kentucky can be late
    night.desk.client.put(f"/api/v1{night.path}/intervals", json=week, headers=night.desk.headers)
    contact = {"name": "Duty desk", "telephone": "extension 12", "alternate": "Night desk"}
    night.desk.post(f"{night.path}/check-ins", {"unit": "KY", "contact": contact})
    for whose, unit in (("liaison", "KY"), ("alternate", "KY"), ("desk", None), ("liaison", "TN")):
        outbox.add(f"{hook.url}/{whose}-{unit}", whose, unit)
    pass_minutes(night.operation, 61)
    for whose, last in (("liaison-KY", "Report what is new"), ("alternate-KY", "Its liaison was reminded"), ("desk-None", "call it")):
        with transaction():
            reminding.remind(night.operation.id)
        outbox.send()
        mine = [one for one in hook.got if one.path != "/liaison-TN"]
        assert mine[-1].path == f"/{whose}"
        said = json.loads(mine[-1].body)
        assert last in said["text"]
        assert "extension" not in str(said), "no telephone number leaves the hub"
        pass_minutes(night.operation, 10)


def test_bad_addresses_are_refused_with_what_to_do(outbox: Outbox, hook: Receiver, box: Postbox) -> None:
    wrong = {
        ("x@evil.example", "liaison", "KY", "mail"): ("/address", "not on the list TALLYROOM_MAIL_DOMAINS"),
        ("duty@example.gov\r\nBcc: x@evil.example", "liaison", "KY", "mail"): ("/address", "not an e-mail address"),
        ("https://evil.example/", "liaison", "KY", "webhook"): ("/address", "calls no webhooks"),
        ("duty@example.gov", "liaison", None, "mail"): ("/unit", "Name the unit"),
        ("duty@example.gov", "desk", "KY", "mail"): ("/unit", "for the desk leave it out"),
        ("duty@example.gov", "liaison", "XX", "mail"): ("/unit", "There is no unit XX"),
        ("duty@example.gov", "liaison", "KY", "push"): ("/kind", "Must be one of"),
    }
    for asked, (pointer, said) in wrong.items():
        answer = outbox.asked(*asked)
        assert (answer.status_code, list(answer.json["errors"])) == (422, [pointer]), asked
        assert said in answer.json["errors"][pointer][0]
    outbox.add("duty@example.gov", kind="mail")
    assert "on the list already" in outbox.asked("duty@example.gov", kind="mail").json["errors"]["/address"][0]


def test_a_removed_address_gets_nothing_more_not_even_what_waits(outbox: Outbox, hook: Receiver) -> None:
    added = outbox.add(hook.url)
    outbox.night.say()
    for _ in range(2):
        assert outbox.night.desk.delete(f"{outbox.path}/addresses/{added['id']}").status_code == 204
    outbox.night.say()
    assert (outbox.send(), hook.got) == (0, [])
    (item,) = outbox.items()
    assert (item["state"], item["problem"]) == ("failed", "The address was removed before this had gone out.")
    again = outbox.night.desk.post(f"{outbox.path}/deliveries/{item['id']}/tries", None)
    assert "Add it again" in again.json["detail"]
    assert outbox.add(hook.url)["secret"] != added["secret"], "a new one, since the old may be why it was removed"


def test_when_the_operation_is_archived_nobodys_address_is_kept(outbox: Outbox, box: Postbox, owner: Connection) -> None:
    outbox.add("duty@example.gov", kind="mail")
    outbox.night.say()
    with owner.begin():  # as if it had been certified: archiving is what is looked at
        owner.execute(
            text("UPDATE operations SET phase = 'certified', version = version + 1 WHERE id = :id"), {"id": outbox.night.operation.id}
        )
    with transaction():
        operations.set_phase(console(), outbox.night.operation.code, "archived")
    for table in ("addresses", "outgoing"):
        assert owner.scalar(text(f"SELECT count(*) FROM {table} WHERE operation_id = :id"), {"id": outbox.night.operation.id}) == 0
    owner.rollback()
    assert outbox.asked("duty@example.gov", kind="mail").status_code == 409
    assert outbox.send() == 0


def test_what_waits_and_what_failed_is_counted_for_whoever_looks_after_the_hub(outbox: Outbox, hook: Receiver, liaison: Caller) -> None:
    def counted() -> dict[str, float]:
        lines = liaison.client.get("/metrics").get_data(as_text=True).splitlines()
        return {line.split()[0]: float(line.split()[1]) for line in lines if line.startswith("tallyroom_deliveries_")}

    before = counted()
    hook.answer = failing(410)
    outbox.add(hook.url)
    outbox.night.say()
    assert counted()["tallyroom_deliveries_waiting"] == before["tallyroom_deliveries_waiting"] + 1
    outbox.send()
    assert counted()["tallyroom_deliveries_failed"] == before["tallyroom_deliveries_failed"] + 1
