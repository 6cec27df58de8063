"""Refusals: states of the world in which the hub does not do what was asked. They know no HTTP.

``problems.py`` says how each is answered. A new refusal is a class here and a row there.
"""

from __future__ import annotations


class Refusal(Exception):
    """Why something was not done: ``detail`` is one sentence for the person who asked."""

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail)
        self.detail = detail


class Invalid(Refusal):
    """What was sent breaks a rule; ``errors`` is JSON pointer -> list of messages."""

    def __init__(self, errors: dict[str, list[str]], detail: str = "What was sent breaks the rules listed in errors.") -> None:
        super().__init__(detail)
        self.errors = errors

    @classmethod
    def at(cls, pointer: str, message: str) -> Invalid:
        """One mistake at one place."""
        return cls({pointer: [message]})


class NotReadable(Refusal):
    """The body is not what its content type says it is."""


class TooLarge(Refusal):
    """The body or batch is over the limit."""


class UnsupportedContent(Refusal):
    """The body is of a kind this address does not take."""


class NotSignedIn(Refusal):
    """No token, or one that is unknown, expired or revoked."""


class SessionEnded(NotSignedIn):
    """The session has ended: idle too long, twelve hours old, signed out or revoked. Sign in again."""


class NotRecognised(NotSignedIn):
    """Name and passphrase, or device and short code, do not belong together."""


class FromElsewhere(Refusal):
    """A browser was sent here by a page of another site, or does not say which page sent it."""


class TooManyAttempts(Refusal):
    """Too many failures to sign in; ``seconds`` until another may be made."""

    def __init__(self, seconds: float) -> None:
        minutes = max(1, round(seconds / 60))
        super().__init__(f"Too many failures to sign in. Try again in {minutes} minute{'s' if minutes > 1 else ''}, or ask an admin.")
        self.seconds = seconds


class InvitationSpent(Refusal):
    """The invitation has been taken, revoked or has expired."""


class NameTaken(Refusal):
    """Another account signs in by this name."""


class NotAllowed(Refusal):
    """The caller may see this, but not do it."""


class NotYourUnit(NotAllowed):
    """The caller posts for other units."""


class NotFound(Refusal):
    """There is no such thing, or the caller may not know of it: both look alike."""


class NotAcceptable(Refusal):
    """The address can't answer in the form asked for."""


class MethodNotAllowed(Refusal):
    """The address does not take this method."""


class OperationNotOpen(Refusal):
    """The operation's phase takes no reports."""


class NotReconciling(Refusal):
    """The operation's phase is another than reconciling."""


class NotCountedYet(Refusal):
    """Something that was reported is not in the totals yet, so nothing can be made of them."""


class FiguresChanged(Refusal):
    """The figures are no longer those that an act was about."""


class PhaseNotNext(Refusal):
    """The operation can't go from its phase to that one."""


class OperationChanged(Refusal):
    """Someone changed the operation after the version that a change was made from, or removed what a request names meanwhile."""


class CodeTaken(Refusal):
    """The code belongs to another operation."""


class InUse(Refusal):
    """What has figures can't be removed or changed in its meaning."""


class ReportNotCurrent(Refusal):
    """The report has been corrected or withdrawn already, or is another unit's."""


class HeardOtherwise(Refusal):
    """The desk took this report by telephone with other figures, or it has come through from the phone with others."""


class NotAtZero(Refusal):
    """A counter of the operation is not at zero, or nobody has signed yet that all are."""


class NotToBeSigned(Refusal):
    """The operation's phase is none in which figures are signed."""


class SignedAlready(Refusal):
    """The signature stands already, or the same person has given the other one."""


class PositionMoved(Refusal):
    """What is to be signed is no longer what the signer has seen; ``position`` and ``digest`` are what it is now."""

    def __init__(self, detail: str, position: int, digest: str) -> None:
        super().__init__(detail)
        self.position, self.digest = position, digest


class StillOpen(Refusal):
    """Something is open that nobody has waived; ``open`` names each item."""

    def __init__(self, detail: str, items: list[str]) -> None:
        super().__init__(detail)
        self.open = items


class BriefingNotAcknowledged(Refusal):
    """Whoever posts for ``unit`` has not acknowledged the counting rules in force, those of ``version`` of the briefing."""

    def __init__(self, detail: str, unit: str, version: int) -> None:
        super().__init__(detail)
        self.unit, self.version = unit, version


class BriefingNotCurrent(Refusal):
    """Other counting rules are in force than those of this version, or it asks for no acknowledgement."""


class CheckNotPassed(Invalid):
    """An answer to the short check of the counting rules is wrong; ``errors`` has the rule to read again at each such answer."""


class BulletinNotCurrent(Refusal):
    """The bulletin has been superseded or cancelled by a newer one."""


class NotToBeTried(Refusal):
    """The delivery is under way or has arrived, or its address was removed."""


class StandDownNotUnderWay(Refusal):
    """No stand-down has been ordered, or it is over already."""


class ApprovedAlready(Refusal):
    """The situation report was approved already."""


class KeyReused(Refusal):
    """The idempotency key came with another body before."""


class KeyInUse(Refusal):
    """The same request is still being answered."""


class TooManyWrites(Refusal):
    """The token has written more than its rate; ``seconds`` until it may again."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Too many writes with this token. Try again in {seconds:.1f} s; nothing was stored.")
        self.seconds = seconds


class ExportTooLong(Refusal):
    """The file would take longer to make than its reader should wait: a worker makes it, when asked."""


class ExportNotReady(Refusal):
    """The file has not been made yet, or could not be."""


class NotPublishable(Refusal):
    """The check of a public form found something that could be derived."""


class PartsMissing(Refusal):
    """This installation has not fetched what its pages need in a browser; the API works without it."""


class NoSigningKey(Refusal):
    """The hub has no key to sign with: checkpoints and bundles are not made."""


class Unavailable(Refusal):
    """The database can't be reached: the outcome is unknown, and repeating with the same key is safe."""
