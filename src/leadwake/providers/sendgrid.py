"""SendGrid: mail out, and the events that say what became of it.

Contract: SendGrid's OpenAPI (tsg_mail_v3) and its Event Webhook pages, read 2026-11-22. There is no idempotency key and
no way to ask: our ids travel as custom_args and come back with each event, which settles an unknown outcome.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from leadwake.errors import AnomalousPayload, ProviderError
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Accepted, Call, Delivery, DeliveryStatus, OutgoingEmail

VENDOR = "sendgrid"

STATUSES: dict[str, DeliveryStatus] = {
    "processed": DeliveryStatus.ACCEPTED,
    "deferred": DeliveryStatus.DEFERRED,
    "delivered": DeliveryStatus.DELIVERED,
    "bounce": DeliveryStatus.BOUNCED,
    "blocked": DeliveryStatus.UNDELIVERED,
    "dropped": DeliveryStatus.UNDELIVERED,
    "open": DeliveryStatus.OPENED,
    "click": DeliveryStatus.CLICKED,
    "spamreport": DeliveryStatus.COMPLAINED,
    "unsubscribe": DeliveryStatus.UNSUBSCRIBED,
    "group_unsubscribe": DeliveryStatus.UNSUBSCRIBED,
}

#: "You may not override the following headers" (mail/send reference)
RESERVED_HEADERS = frozenset(
    {
        "x-sg-id",
        "x-sg-eid",
        "received",
        "dkim-signature",
        "content-type",
        "content-transfer-encoding",
        "to",
        "from",
        "subject",
        "reply-to",
        "cc",
        "bcc",
    }
)

#: sg_message_id is the X-Message-Id of the send and what SendGrid's machines add to it
_MACHINE = re.compile(r"\.(?:filter|recv)")
_OUR_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


class SendGrid:
    """Sends mail through SendGrid's v3 API."""

    def __init__(self, url: str, api_key: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.http = VendorHttp(
            VENDOR, url, headers={"Authorization": f"Bearer {api_key}"}, secrets=(api_key,), deadline_s=deadline_s
        )

    def __repr__(self) -> str:
        return f"SendGrid({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def send_email(self, email: OutgoingEmail, call: Call) -> Accepted:
        """
        SendGrid has queued the mail; `ref` is its X-Message-Id. Accepted is not delivered: a suppressed address is
        accepted too and comes back as a `dropped` event.

        Raises Rejected, BadCredentials, Throttled, Unavailable or OutcomeUnknown.
        """
        answer = await self.http.send(call, "POST", "/v3/mail/send", json=mail(email))
        if not answer.is_success:
            raise self._refusal(answer)
        return Accepted(answer.headers.get("X-Message-Id"))

    async def prove(self, mail_from: str) -> str:
        """
        The key may send mail: one is taken in SendGrid's sandbox mode, which delivers nothing and costs nothing.

        Raises ProviderError.
        """
        sample = OutgoingEmail(
            to=mail_from, subject="Test", text="Test", html="", message_id=f"<{uuid4()}@leadwake.invalid>",
            from_email=mail_from, from_name="Leadwake",
        )  # fmt: skip
        asked = {**mail(sample), "mail_settings": {"sandbox_mode": {"enable": True}}}
        answer = await self.http.send(
            Call.for_seconds(self.http.deadline_s), "POST", "/v3/mail/send", json=asked, reads=True
        )
        if not answer.is_success:
            raise self._refusal(answer)
        return "the key may send mail"

    def _refusal(self, answer: httpx.Response) -> ProviderError:
        return refusal(self.http, answer)


def refusal(http: VendorHttp, answer: httpx.Response) -> ProviderError:
    """500 and 503 are documented as "try again": known not to have been accepted. A bare 502 or 504 is not."""
    errors = document(answer).get("errors")
    first = errors[0] if isinstance(errors, list) and errors and isinstance(errors[0], dict) else {}
    told = ": ".join(str(first[key]) for key in ("field", "message") if isinstance(first.get(key), str))
    return http.refusal(answer, told, known=answer.status_code in {500, 503})


def mail(email: OutgoingEmail) -> dict[str, Any]:
    """The body of mail/send. Plain text before HTML, as SendGrid asks; a blank part is left out (it is refused)."""
    parts = (("text/plain", email.text), ("text/html", email.html))
    headers = {name: value for name, value in email.headers.items() if name.lower() not in RESERVED_HEADERS}
    envelope: dict[str, Any] = {
        "to": [_person(email.to, email.to_name)],
        # Not among the reserved headers: the same id for every try of one action lets mailboxes drop a second copy.
        "headers": {**headers, "Message-ID": email.message_id},
    }
    if email.ids:
        # Of the recipient, not of the whole mail: there the contract takes a string only.
        envelope["custom_args"] = dict(email.ids)
    body: dict[str, Any] = {
        "personalizations": [envelope],
        "from": _person(email.from_email, email.from_name),
        "subject": email.subject,
        "content": [{"type": kind, "value": text} for kind, text in parts if text],
        # A tracking pixel and rewritten links make a personal answer look like a campaign, and cost delivery.
        "tracking_settings": {
            "click_tracking": {"enable": False, "enable_text": False},
            "open_tracking": {"enable": False},
        },
    }
    if email.reply_to:
        body["reply_to"] = {"email": email.reply_to}
    return body


class Events(NamedTuple):
    """An event webhook understood. skipped: how many entries were none."""

    deliveries: list[Delivery]
    skipped: int


def parse_events(body: bytes) -> Events:
    """
    The events of one post, in its order (which means nothing). Entries that are no events are counted, not fatal.

    Raises AnomalousPayload when the body is no JSON array: SendGrid never sends that.
    """
    try:
        entries = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        entries = None
    if not isinstance(entries, list):
        raise AnomalousPayload("a SendGrid event webhook that is no JSON array")
    found = [_delivery(entry) if isinstance(entry, dict) else None for entry in entries]
    deliveries = [delivery for delivery in found if delivery is not None]
    return Events(deliveries, len(found) - len(deliveries))


def verify_event_signature(
    public_key: str,
    signature: str,
    timestamp: str,
    body: bytes,
    *,
    tolerance: timedelta | None = None,
    now: datetime | None = None,
) -> bool:
    """
    True when SendGrid signed `timestamp` + `body` (raw bytes, a CRLF at their end included).

    public_key: base64 of the SubjectPublicKeyInfo, as SendGrid shows it, or the same as PEM; P-256. signature,
    timestamp: headers X-Twilio-Email-Event-Webhook-Signature and -Timestamp.
    tolerance: how far the timestamp may lie from `now` (default: the real time); SendGrid documents none, and its
    retries over 24 h carry the timestamp of their own signing [M], so a window of minutes holds; None: any.
    """
    key = _public_key(public_key)
    if key is None or (tolerance is not None and not _is_near(timestamp, now or datetime.now(UTC), tolerance)):
        return False
    try:
        raw = base64.b64decode(signature.encode("ascii"), validate=True)
        key.verify(raw, timestamp.encode("utf-8", "replace") + body, ec.ECDSA(SHA256()))
    except (InvalidSignature, binascii.Error, UnicodeEncodeError):
        return False
    return True


@lru_cache(maxsize=8)
def _public_key(text: str) -> ec.EllipticCurvePublicKey | None:
    lines = [line for line in text.strip().splitlines() if not line.startswith("-----")]
    try:
        key = load_der_public_key(base64.b64decode("".join(lines).encode("ascii"), validate=True))
    except ValueError:  # binascii.Error and UnicodeEncodeError are ValueErrors
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


def _is_near(timestamp: str, now: datetime, tolerance: timedelta) -> bool:
    if not re.fullmatch(r"[0-9]{1,11}", timestamp):
        return False
    return abs(now.timestamp() - int(timestamp)) <= tolerance.total_seconds()


def _delivery(entry: Mapping[str, Any]) -> Delivery | None:
    event = _text(entry, "event")
    event_id = _event_id(entry, event)
    if not event or not event_id:
        return None
    # A block is this mailbox refusing for now; a bounce is an address that does not exist.
    kind = "blocked" if event == "bounce" and _text(entry, "type") == "blocked" else event
    message_id = _text(entry, "sg_message_id")
    return Delivery(
        vendor=VENDOR,
        event_id=event_id,
        status=STATUSES.get(kind, DeliveryStatus.UNKNOWN),
        ref=_MACHINE.split(message_id, maxsplit=1)[0] or None,
        action_id=_our_id(entry, "action_id"),
        attempt_id=_our_id(entry, "attempt_id"),
        at=_instant(entry.get("timestamp")),
        code=_text(entry, "status")[:20] or kind,
        reason=(_text(entry, "reason") or _text(entry, "response"))[:300] or None,
        recipient=_text(entry, "email").lower() or None,
    )


def _event_id(entry: Mapping[str, Any], event: str) -> str:
    """What dedupes: the event's id with its kind (a documented sample shares one id over seven events)."""
    if given := _text(entry, "sg_event_id"):
        return f"{given[:200]}:{event[:40]}"
    message_id = _text(entry, "sg_message_id") or _text(entry, "smtp-id")
    return f"{message_id[:200]}:{event[:40]}:{entry.get('timestamp')!s:.20}" if message_id else ""


def _instant(value: object) -> datetime | None:
    """Unix seconds, or milliseconds in Single Send events; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = value / 1000 if value > 1e11 else value
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < 1e11 else None


def _person(address: str, name: str | None) -> dict[str, str]:
    return {"email": address, "name": name} if name else {"email": address}


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _our_id(entry: Mapping[str, Any], name: str) -> str | None:
    value = _text(entry, name)
    return value if _OUR_ID.fullmatch(value) else None
