"""GoHighLevel's words for contacts, opportunities and events, mapped to ours; and whether it signed a webhook.

Contract: highlevel-api-docs "docs/webhook events", the webhook integration guide, read 2026-11-22. The samples have
neither `timestamp` nor `webhookId`, so both are optional. The direction of a message is `direction`, never its type.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from leadwake.domain.deals import Stage
from leadwake.errors import AnomalousPayload
from leadwake.providers.crm_values import cents, instant, ref, word
from leadwake.providers.ports import CrmChange, CrmDeal, CrmNews, CrmPerson, Page

VENDOR: Final = "gohighlevel"
#: the older header X-WH-Signature is announced as removed on this day
OLD_SIGNATURE_ENDS: Final = datetime(2026, 7, 1, tzinfo=UTC)
TOLERANCE: Final = timedelta(minutes=5)
#: their channel → ours
_CHANNELS: Final = {"SMS": "sms", "Email": "email", "Call": "voice"}
_KINDS: Final = {
    "ContactCreate": "created", "ContactUpdate": "changed", "ContactDndUpdate": "changed",
    "ContactDelete": "gone", "OpportunityDelete": "deal_gone",
    **dict.fromkeys(
        ("OpportunityCreate", "OpportunityUpdate", "OpportunityStatusUpdate", "OpportunityStageUpdate",
         "OpportunityMonetaryValueUpdate"), "deal",
    ),
}  # fmt: skip
_OUTCOMES: Final = {"won": "won", "lost": "lost", "abandoned": "lost"}
_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----(.*?)-----END PUBLIC KEY-----", re.DOTALL)


def person(told: Mapping[str, Any]) -> CrmPerson | None:
    """A contact as the API or a webhook tells it; None when it has no id."""
    contact = ref(told.get("id"))
    if contact is None:
        return None
    return CrmPerson(
        contact, word(told, "email"), word(told, "phone"), word(told, "firstName"), word(told, "lastName"),
        ref(told.get("assignedTo")), stopped(told),
    )  # fmt: skip


def stopped(told: Mapping[str, Any]) -> frozenset[str]:
    """
    The channels nobody may use: those whose setting is active or permanent.

    `dnd` alone stands for all of them, but only where no channel is named: in the documented sample it is true while
    SMS is inactive.
    """
    settings = told.get("dndSettings")
    if not isinstance(settings, dict) or not settings:
        return frozenset(_CHANNELS.values() if told.get("dnd") is True else ())
    named = {name: one.get("status") for name, one in settings.items() if isinstance(one, dict)}
    return frozenset(ours for theirs, ours in _CHANNELS.items() if named.get(theirs) in {"active", "permanent"})


def deal(told: Mapping[str, Any]) -> CrmDeal | None:
    """An opportunity as the API or a webhook tells it; None when it has no id."""
    found, contact = ref(told.get("id")), ref(told.get("contactId"))
    if found is None:
        return None
    return CrmDeal(
        found, (contact,) if contact else (), _OUTCOMES.get(str(told.get("status"))), word(told, "pipelineStageId"),
        cents(told.get("monetaryValue")), pipeline=word(told, "pipelineId"),
    )  # fmt: skip


def stages(told: Mapping[str, Any]) -> list[Stage]:
    """The stages of every pipeline, as the location has them in order."""
    both = [(one, stage) for one in _listed(told.get("pipelines")) for stage in _listed(one.get("stages"))]
    return [
        Stage(
            pipeline, stage, word(one, "name", 100) or pipeline, word(found, "name", 100) or stage, position
        )
        for position, (one, found) in enumerate(both)
        if (pipeline := ref(one.get("id"))) and (stage := ref(found.get("id")))
    ]  # fmt: skip


def open_deal(told: Mapping[str, Any], contact: str, pipeline: str) -> str | None:
    """The contact's open opportunity in that pipeline, of a list."""
    return next(
        (
            ref(one.get("id")) for one in _listed(told.get("opportunities"))
            if one.get("status") == "open" and one.get("pipelineId") == pipeline and one.get("contactId") == contact
        ),
        None,
    )  # fmt: skip


def _listed(rows: object) -> list[Mapping[str, Any]]:
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def changes(kind: str, rows: object) -> list[CrmChange]:
    """What a list of the API's says was changed when."""
    return [
        CrmChange(kind, known, at, made or at)
        for one in _listed(rows)
        if (known := ref(one.get("id")))
        and ((made := instant(one.get("dateAdded") or one.get("createdAt"))) or True)
        and (at := instant(one.get("dateUpdated") or one.get("updatedAt")) or made)
    ]


def page(kind: str, told: Mapping[str, Any], whole: int) -> Page:
    """
    A page of a list, and where the next one begins; one that holds fewer than `whole` is the last.

    The list of opportunities says where it goes on; that of contacts, as documented, does not: after its last row.
    """
    rows = _listed(told.get("contacts" if kind == "contact" else "opportunities"))
    if len(rows) < whole:
        return Page(changes(kind, rows))
    meta, last = told.get("meta"), rows[-1]
    meta = meta if isinstance(meta, dict) else {}
    made = instant(last.get("dateAdded") or last.get("createdAt"))
    at, after = meta.get("startAfter"), ref(meta.get("startAfterId")) or ref(last.get("id"))
    at = at if isinstance(at, int) else int(made.timestamp() * 1000) if made else None
    return Page(changes(kind, rows), f"{at} {after}" if at is not None and after else None)


def users(told: Mapping[str, Any]) -> dict[str, str]:
    """The location's users: e-mail address, in small letters → id."""
    rows = _listed(told.get("users"))
    return {email.lower(): known for one in rows if (email := word(one, "email")) and (known := ref(one.get("id")))}


def note_with(told: Mapping[str, Any], mark: str) -> str | None:
    """The id of the note that holds our mark."""
    rows = _listed(told.get("notes"))
    return next((ref(one.get("id")) for one in rows if mark in str(one.get("body"))), None)


def event(body: bytes, now: datetime) -> CrmNews | None:
    """
    What a webhook says; None when it is of no use to us.

    Raises AnomalousPayload: no JSON object, or told longer ago than TOLERANCE.
    """
    told = payload(body)
    at = word(told, "timestamp")
    if at is not None and not _is_recent(at, now):
        raise AnomalousPayload("the event is older than five minutes, or its instant cannot be read")
    event_id = ref(told.get("webhookId")) or hashlib.sha256(body).hexdigest()
    kind = _KINDS.get(str(told.get("type")))
    is_reply = told.get("direction") == "inbound" and told.get("messageType") == "SMS"
    if kind is None and is_reply:
        kind, found = "message", ref(told.get("contactId"))
    else:
        found = ref(told.get("id"))
    return CrmNews(VENDOR, event_id, kind, found, content=body) if kind and found else None


def payload(body: bytes) -> dict[str, Any]:
    """The JSON object of a webhook. Raises AnomalousPayload."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise AnomalousPayload("the body is no JSON") from error
    if not isinstance(told, dict):
        raise AnomalousPayload("the body is no JSON object")
    return told


def verify(keys: str, body: bytes, signature: str, old_signature: str, now: datetime) -> bool:
    """
    True when GoHighLevel signed these bytes: Ed25519 in X-GHL-Signature, or RSA in the older one while that is in use.

    keys: its public keys, one or two, as PEM or as the bare base64 within.
    """
    found = list(_keys(keys))
    if signature:
        return any(_fits(key, signature, body) for key in found if isinstance(key, Ed25519PublicKey))
    is_in_use = now < OLD_SIGNATURE_ENDS
    return is_in_use and any(_fits(key, old_signature, body) for key in found if isinstance(key, RSAPublicKey))


def is_key(text: str) -> bool:
    """True when webhooks can be verified by it."""
    return any(isinstance(key, Ed25519PublicKey | RSAPublicKey) for key in _keys(text))


def _keys(text: str) -> Iterable[object]:
    whole = text.replace("\\n", "\n")
    for one in _PEM.findall(whole) or [whole]:
        try:
            yield load_der_public_key(base64.b64decode("".join(one.split()), validate=True))
        except (ValueError, binascii.Error, UnsupportedAlgorithm):
            continue


def _fits(key: Ed25519PublicKey | RSAPublicKey, signature: str, body: bytes) -> bool:
    try:
        signed = base64.b64decode(signature, validate=True)
        if isinstance(key, Ed25519PublicKey):
            key.verify(signed, body)
        else:
            key.verify(signed, body, PKCS1v15(), SHA256())
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True


def _is_recent(text: str, now: datetime) -> bool:
    try:
        at = datetime.fromisoformat(text)
        age = now - (at if at.tzinfo else at.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return False
    return abs(age) <= TOLERANCE
