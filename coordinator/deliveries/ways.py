"""The ways out, as this process has them from its settings: which are open, where they may lead, and by what they sign."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from config.settings import Settings
from coordinator.deliveries import lists
from coordinator.deliveries.keys import Secrets
from coordinator.deliveries.lists import Lists
from coordinator.deliveries.models import MAIL, PUSH, WEBHOOK

SMTP_SCHEMES = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
"""``smtp`` speaks TLS from STARTTLS on and not without it, ``smtps`` from the start; ``smtp+plain`` is for a relay on this machine."""


@dataclass(frozen=True)
class Relay:
    """The mail server that takes what goes out."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True)
class Ways:
    """What is open. ``problems`` are settings that could not be read."""

    lists: Lists = field(default_factory=Lists)
    relay: Relay | None = None
    sender: str = ""
    contact: str = ""
    secrets: Secrets | None = None
    problems: tuple[str, ...] = ()

    def closed(self, kind: str) -> str | None:
        """Why nothing of this kind leaves; None where the way is open."""
        return {MAIL: self._mail, WEBHOOK: self._webhook, PUSH: self._push}[kind]()

    def refusal(self, kind: str, address: str) -> str | None:
        """Why nothing goes to this address; None where it may."""
        if closed := self.closed(kind):
            return closed
        if kind == MAIL:
            return self.lists.mail(address)
        try:
            (self.lists.hook if kind == WEBHOOK else self.lists.phone)(address)
        except ValueError as problem:
            return str(problem)
        return None

    def _mail(self) -> str | None:
        if not self.lists.domains:
            return "This hub sends no mail: TALLYROOM_MAIL_DOMAINS lists no domain that mail may go to."
        if self.relay is None or not self.sender:
            return "This hub sends no mail: TALLYROOM_SMTP_URL or TALLYROOM_MAIL_FROM is not set."
        return None

    def _webhook(self) -> str | None:
        if not self.lists.hooks:
            return "This hub calls no webhooks: TALLYROOM_WEBHOOK_HOSTS lists no host that may be called."
        return self._keyless("calls no webhooks")

    def _push(self) -> str | None:
        if not self.contact or not self.lists.phones:
            return "This hub wakes no phones: TALLYROOM_PUSH_CONTACT is not set, or TALLYROOM_PUSH_HOSTS is empty."
        return self._keyless("wakes no phones")

    def _keyless(self, what: str) -> str | None:
        return None if self.secrets else f"This hub {what}: it has no key to sign with (TALLYROOM_SIGNING_KEY_FILE)."


_held: list[Ways] = [Ways()]


def hold(settings: Settings) -> None:
    """Takes the ways of the settings for this process. What can't be read stays closed, and ``doctor`` says so."""
    _held[:] = [of(settings)]


def now() -> Ways:
    """The ways as this process has them."""
    return _held[0]


def of(settings: Settings) -> Ways:
    """The ways that these settings open."""
    problems: list[str] = []
    listed = lists.read(settings.mail_domains, settings.webhook_hosts, settings.push_hosts, settings.webhook_private)
    contact = settings.push_contact
    if contact and not contact.startswith(("mailto:", "https://")):
        problems.append("TALLYROOM_PUSH_CONTACT: it must begin with mailto: or https://")
        contact = ""
    sender = settings.mail_from
    if sender and Lists(domains=("*." + sender.rpartition(".")[2],)).mail(sender):
        problems.append("TALLYROOM_MAIL_FROM: it is no e-mail address")
        sender = ""
    relay = _relay(settings.smtp_url, problems)
    return Ways(listed, relay, sender, contact, _secrets(settings.signing_key), (*listed.problems, *problems))


def _relay(url: str, problems: list[str]) -> Relay | None:
    if not url:
        return None
    try:
        parts = urlsplit(url)
        usual = SMTP_SCHEMES[parts.scheme]
        user, password = (value and unquote(value) for value in (parts.username, parts.password))
        if parts.hostname and parts.path in ("", "/"):
            return Relay(parts.scheme, parts.hostname, parts.port or usual, user, password)
    except (KeyError, ValueError):
        pass
    problems.append("TALLYROOM_SMTP_URL: it must be smtp://, smtps:// or smtp+plain://, a host, and a port where that is another")
    return None


def _secrets(pem: str) -> Secrets | None:
    try:
        return Secrets(pem) if pem else None
    except ValueError:
        return None
