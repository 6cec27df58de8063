"""How refusals are answered: RFC 9457 problem details, from one table.

``type`` is a path on the hub itself (``/problems/operation-not-open``), where the same sentence can be read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from coordinator import errors
from coordinator.errors import Refusal

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True)
class Kind:
    """One kind of problem: HTTP status, the name in its type, and its title."""

    status: int
    name: str
    title: str


KINDS: dict[type[Refusal], Kind] = {
    errors.Invalid: Kind(422, "invalid", "The content breaks a rule"),
    errors.NotReadable: Kind(400, "not-readable", "The body can't be read"),
    errors.TooLarge: Kind(413, "too-large", "The body is too large"),
    errors.UnsupportedContent: Kind(415, "unsupported-content", "The body is of a kind not taken here"),
    errors.NotSignedIn: Kind(401, "not-signed-in", "A valid token is needed"),
    errors.SessionEnded: Kind(401, "session-ended", "The session has ended"),
    errors.NotRecognised: Kind(401, "not-recognised", "That does not sign anyone in"),
    errors.FromElsewhere: Kind(403, "from-elsewhere", "The request came from another site"),
    errors.TooManyAttempts: Kind(429, "too-many-attempts", "Too many failures to sign in"),
    errors.InvitationSpent: Kind(409, "invitation-spent", "The invitation is no longer good"),
    errors.NameTaken: Kind(409, "name-taken", "The name is taken"),
    errors.NotAllowed: Kind(403, "not-allowed", "The caller may not do this"),
    errors.NotYourUnit: Kind(403, "not-your-unit", "The caller posts for other units"),
    errors.NotFound: Kind(404, "not-found", "There is no such thing here"),
    errors.NotAcceptable: Kind(406, "not-acceptable", "The answer can't be had in that form"),
    errors.MethodNotAllowed: Kind(405, "method-not-allowed", "The address does not take this method"),
    errors.OperationNotOpen: Kind(409, "operation-not-open", "The operation takes no reports now"),
    errors.NotReconciling: Kind(409, "not-reconciling", "The operation is not reconciling"),
    errors.NotCountedYet: Kind(409, "not-counted-yet", "Something is not counted yet"),
    errors.FiguresChanged: Kind(409, "figures-changed", "The figures have changed meanwhile"),
    errors.PhaseNotNext: Kind(409, "phase-not-next", "The operation can't go to that phase from here"),
    errors.OperationChanged: Kind(409, "operation-changed", "The operation was changed meanwhile"),
    errors.CodeTaken: Kind(409, "code-taken", "The code is taken"),
    errors.InUse: Kind(409, "in-use", "What has figures stays as it is"),
    errors.ReportNotCurrent: Kind(409, "report-not-current", "The report can't be changed any more"),
    errors.HeardOtherwise: Kind(409, "heard-otherwise", "The desk has it with other figures"),
    errors.NotAtZero: Kind(409, "not-at-zero", "The counters are not signed at zero"),
    errors.NotToBeSigned: Kind(409, "not-to-be-signed", "Nothing is to be signed now"),
    errors.SignedAlready: Kind(409, "signed-already", "The signature stands already"),
    errors.PositionMoved: Kind(409, "position-moved", "What is to be signed has moved"),
    errors.StillOpen: Kind(409, "still-open", "Something is still open"),
    errors.BriefingNotAcknowledged: Kind(409, "briefing-not-acknowledged", "The counting rules are to be acknowledged first"),
    errors.BriefingNotCurrent: Kind(409, "briefing-not-current", "Other counting rules are in force"),
    errors.CheckNotPassed: Kind(422, "check-not-passed", "An answer of the short check is wrong"),
    errors.BulletinNotCurrent: Kind(409, "bulletin-not-current", "A newer bulletin stands in place of this one"),
    errors.NotToBeTried: Kind(409, "not-to-be-tried", "The delivery is not to be tried again"),
    errors.StandDownNotUnderWay: Kind(409, "stand-down-not-under-way", "No stand-down is under way"),
    errors.ApprovedAlready: Kind(409, "approved-already", "The situation report was approved already"),
    errors.KeyReused: Kind(422, "idempotency-key-reused", "The idempotency key was used for another body"),
    errors.KeyInUse: Kind(409, "idempotency-key-in-use", "The same request is still being answered"),
    errors.TooManyWrites: Kind(429, "too-many-writes", "Too many writes"),
    errors.ExportTooLong: Kind(409, "export-too-long", "The file is made by a worker"),
    errors.ExportNotReady: Kind(409, "export-not-ready", "The file is not there yet"),
    errors.NotPublishable: Kind(409, "not-publishable", "The public form is not safe"),
    errors.PartsMissing: Kind(503, "parts-missing", "This installation has no browser's parts"),
    errors.NoSigningKey: Kind(503, "no-signing-key", "This hub has no key to sign with"),
    errors.Unavailable: Kind(503, "unavailable", "The hub can't reach its database"),
}

MEMBERS: dict[type[Refusal], tuple[str, ...]] = {
    errors.Invalid: ("errors",),
    errors.CheckNotPassed: ("errors",),
    errors.BriefingNotAcknowledged: ("unit", "version"),
    errors.PositionMoved: ("position", "digest"),
    errors.StillOpen: ("open",),
}
"""What a refusal says beside its sentence, for a program to go by."""

UNEXPECTED = Kind(500, "unexpected", "The hub made a mistake")

REMEDIES = {
    401: "Sign in, or open the page from where you signed in.",
    403: "If yours should be another role, ask the desk of the operation.",
    404: "Check the address. If it is right, the operation is not one of yours: its desk can change that.",
    500: "Load the page again. If it happens again, tell whoever runs this hub the number above.",
    503: "Nothing reported so far is lost. Load the page again in a moment.",
}
"""What a person can do about a refusal of this status, beside its own sentence."""

RETRY_SECONDS = 2
"""What a caller is told to wait when the database can't be reached."""


def problem(refusal: Refusal, instance: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    """The answer to a refusal: body, status, headers."""
    kind = KINDS[type(refusal)]
    body = document(kind, refusal.detail or kind.title + ".", instance)
    body |= {name: getattr(refusal, name) for name in MEMBERS.get(type(refusal), ())}
    return body, kind.status, _headers(refusal)


def document(kind: Kind, detail: str, instance: str) -> dict[str, Any]:
    """A problem document without extensions."""
    return {"type": f"/problems/{kind.name}", "title": kind.title, "status": kind.status, "detail": detail, "instance": instance}


def _headers(refusal: Refusal) -> dict[str, str]:
    if isinstance(refusal, errors.TooManyWrites | errors.TooManyAttempts):
        return {"Retry-After": str(max(1, math.ceil(refusal.seconds)))}
    if isinstance(refusal, errors.Unavailable | errors.NoSigningKey):
        return {"Retry-After": str(RETRY_SECONDS)}
    if isinstance(refusal, errors.NotSignedIn):
        return {"WWW-Authenticate": 'Bearer realm="tallyroom"'}
    return {}
