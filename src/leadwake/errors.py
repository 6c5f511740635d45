"""Every error of Leadwake, drawn once.

LeadwakeError
  ConfigError                      refuse to start; exit 2
  InputError                       the payload is malformed; 422
    Unparsable                     not even readable; 400
  RuleError                        well formed, not legal now; 409
  WebhookError
    BadSignature                   401
    BadKey                         403
    AnomalousPayload               400
  ProviderError                    an outside party did not do what was asked
    Throttled                      try again later; the request was not processed
    Unavailable                    try again later; known not to have been accepted
      NotYet                       the vendor is well; this one thing cannot be done yet
    Rejected                       the same request will fail again
      BadCredentials               and so will every other one: the vendor is paused, the owner told
    OutcomeUnknown                 accepted or not? look before any second send
  StateError                       an action was not in the state its caller expected
  DatabaseAway                     the database cannot be reached; 503 with Retry-After
"""

from __future__ import annotations

from collections.abc import Mapping


class LeadwakeError(Exception):
    """Something in Leadwake went wrong; the message says what to do."""


class ConfigError(LeadwakeError):
    """A setting is missing or wrong; the process refuses to start."""


class InputError(LeadwakeError):
    """The payload is readable and its content is refused: `reasons` maps field name → reason."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{field}: {reason}" for field, reason in reasons.items()))
        self.reasons = dict(reasons)


class Unparsable(InputError):
    """The payload cannot be read at all (broken JSON, wrong encoding, nested too deep)."""

    def __init__(self, reason: str) -> None:
        super().__init__({"body": reason})


class RuleError(LeadwakeError):
    """Well formed, but not legal in the present state."""


class WebhookError(LeadwakeError):
    """A vendor's webhook was not accepted."""


class BadSignature(WebhookError):
    """The signature is missing, stale or wrong."""


class BadKey(WebhookError):
    """The key that stands in for a signature is missing or wrong; the sender must not try again."""


class AnomalousPayload(WebhookError):
    """Signed, but not of the documented shape."""


class ProviderError(LeadwakeError):
    """A vendor did not do what was asked.

    vendor: our name of it ("twilio"). code: the vendor's own code or HTTP status, as text.
    retry_after_s: seconds the vendor asked us to wait, None when it said nothing.
    """

    def __init__(self, message: str, *, vendor: str, code: str = "", retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.vendor = vendor
        self.code = code
        self.retry_after_s = retry_after_s


class Throttled(ProviderError):
    """Too many requests; this one was not processed."""


class Unavailable(ProviderError):
    """The vendor failed before accepting: nothing was sent."""


class NotYet(Unavailable):
    """The vendor is well and cannot do this one thing yet."""


class Rejected(ProviderError):
    """The vendor will never take this request."""

    def __init__(self, message: str, *, vendor: str, code: str = "", opted_out: bool = False) -> None:
        super().__init__(message, vendor=vendor, code=code)
        #: the vendor says the recipient has opted out (Twilio 21610): record it
        self.opted_out = opted_out


class BadCredentials(Rejected):
    """The vendor refuses who we are, or has suspended the account."""


class OutcomeUnknown(ProviderError):
    """The request was written and no answer was read: it may have been accepted."""


class StateError(LeadwakeError):
    """An action was not in the state its caller expected."""


class DatabaseAway(LeadwakeError):
    """The database cannot be reached just now."""
