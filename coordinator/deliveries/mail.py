"""By e-mail: one letter to one address, plain text, through the relay of the settings."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from coordinator.deliveries import reaching, words
from coordinator.deliveries.parcels import Outcome, Parcel
from coordinator.deliveries.ways import Relay, Ways

REFUSED_FOR_GOOD = 500


def send(parcel: Parcel, ways: Ways) -> Outcome:
    """Hands a letter to the relay, and says what came of it."""
    if ways.relay is None:
        return Outcome(ways.closed("mail"))
    try:
        with _connected(ways.relay, ways.sender) as relay:
            relay.send_message(letter(parcel, ways.sender), ways.sender, [parcel.address])
    except smtplib.SMTPRecipientsRefused as problem:
        (code, _), *_ = problem.recipients.values()
        return _answered(code, "to this address")
    except smtplib.SMTPAuthenticationError as problem:
        return Outcome(f"The mail server answered {problem.smtp_code} to the hub's user name and password.")
    except smtplib.SMTPResponseException as problem:
        return _answered(problem.smtp_code, "to this mail")
    except smtplib.SMTPException:
        return Outcome("The mail server does not take mail in the way that TALLYROOM_SMTP_URL asks for, or broke off.")
    except OSError as problem:
        return Outcome(reaching.in_words(ways.relay.host, problem))
    return Outcome()


def letter(parcel: Parcel, sender: str) -> EmailMessage:
    """The letter. Its Message-ID is the same at every try; no header can be put in by what anybody wrote."""
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = parcel.address
    made["Subject"] = words.title(parcel.message)
    made["Date"] = format_datetime(parcel.now)
    made["Message-ID"] = f"<{parcel.id}@{_domain(sender)}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(words.letter(parcel.message), cte="quoted-printable")
    return made


def _connected(relay: Relay, sender: str) -> smtplib.SMTP:
    """A connection that is secure, unless the settings say that it need not be."""
    place, context = (relay.host, relay.port, _domain(sender)), ssl.create_default_context()
    if relay.scheme == "smtps":
        made: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=reaching.SECONDS, context=context)
    else:
        made = smtplib.SMTP(*place, timeout=reaching.SECONDS)
    try:
        if relay.scheme == "smtp":
            made.starttls(context=context)
        if relay.user:
            made.login(relay.user, relay.password or "")
    except BaseException:
        made.close()
        raise
    return made


def _answered(code: int, what: str) -> Outcome:
    return Outcome(f"The mail server answered {code} {what}.", final=code >= REFUSED_FOR_GOOD)


def _domain(sender: str) -> str:
    return sender.rpartition("@")[2]
