"""The hub's own key, as its processes hold it: from the setting, or not there, which stops nothing but signatures."""

from __future__ import annotations

from config.settings import Settings
from coordinator.errors import NoSigningKey
from coordinator.verification.keys import NotAKey, Signer

_held: list[Signer] = []


def hold(settings: Settings) -> None:
    """Takes the key of the settings for this process; none where there is none, or none that is good (``doctor`` says so)."""
    try:
        _held[:] = [Signer(settings.signing_key)] if settings.signing_key else []
    except NotAKey:
        _held[:] = []


def signer() -> Signer:
    """The key; NoSigningKey where this process has none."""
    if not _held:
        raise NoSigningKey("This hub has no signing key, so it can sign nothing: set TALLYROOM_SIGNING_KEY_FILE, and ask `doctor`.")
    return _held[0]


def there() -> bool:
    """Whether this process can sign."""
    return bool(_held)
