"""A Facebook or Instagram lead form: the webhook names the lead, Meta's Graph API says what they wrote.

Source: developers.facebook.com, "Webhooks for Leadgen" and "Retrieving leads" (read 2026-11-22). Notices come in
batches of entries and changes, ids as strings or as numbers above 2**53: text here. Questions are named by whoever made
the form.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.api import read_object
from leadwake.intake.fields import believed, inquiry, instant
from leadwake.intake.questions import Answer, Read, as_text, read, yes_or_no

DOOR, SOURCE, CHANNEL = "meta", "facebook_lead_ads", "web_form"

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_CHALLENGE = re.compile(r"[\w.~-]{1,256}", re.ASCII)
#: what a notice says beside the lead's id; in Meta's own words
_NOTICED = ("page_id", "form_id", "ad_id", "adgroup_id")
_IDS = (*_NOTICED, "adset_id", "campaign_id")
_NAMES = {"ad_name": "ad", "adset_name": "adset", "campaign_name": "campaign", "platform": "platform"}


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody filled in a form. body: what is kept of it, until what they wrote has been fetched."""

    leadgen_id: str
    body: bytes


def verify_signature(app_secret: str, signature: str, body: bytes) -> bool:
    """
    True when Meta signed the raw body. signature: header X-Hub-Signature-256. A blank secret verifies nothing.

    Source: "Validating payloads": "sha256=" + hex of HMAC-SHA256(app secret, body).
    """
    expected = "sha256=" + hmac.new(app_secret.encode(), body, sha256).hexdigest()
    return bool(app_secret) and hmac.compare_digest(expected.encode(), signature.strip().encode("utf-8", "replace"))


def challenge(text: str) -> str | None:
    """Meta's challenge as it may be sent back; None for what it would never send."""
    return text if _CHALLENGE.fullmatch(text) else None


def read_notices(body: bytes) -> list[Notice]:
    """The leads a webhook speaks of, each once; what it says of anything else is passed over. Raises Unparsable."""
    document = read_object(body)
    found: dict[str, Notice] = {}
    if document.get("object") == "page":
        for value in _changes(document):
            if leadgen_id := _id(value.get("leadgen_id")):
                kept = {name: known for name in _NOTICED if (known := _id(value.get(name)))}
                notice = {"leadgen_id": leadgen_id, **kept, "created_time": as_text(value.get("created_time"))}
                found.setdefault(leadgen_id, Notice(leadgen_id, json.dumps({"notice": notice}).encode()))
    return list(found.values())


def wanted(body: bytes) -> str | None:
    """The id of the lead that is still to be fetched; None when what they wrote is there."""
    document = read_object(body)
    return None if isinstance(document.get("lead"), dict) else _id(_object(document.get("notice")).get("leadgen_id"))


def completed(body: bytes, lead: Mapping[str, Any]) -> bytes:
    """The stored notice with what was fetched."""
    return json.dumps({**read_object(body), "lead": dict(lead)}).encode()


def read_lead(body: bytes, _: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a completed notice. Raises InputError when there is no name, phone or e-mail."""
    document = read_object(body)
    notice, lead = _object(document.get("notice")), _object(document.get("lead"))
    found = read(_answers(lead))
    _ticked(found, lead.get("custom_disclaimer_responses"))
    if not any(found.fields.get(name) for name in ("name", "first_name", "last_name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "the form asked for none of them"))
    asked_at, claimed_at = believed(_created(lead, notice), now)
    ids = {name: _id(lead.get(name)) or _id(notice.get(name)) for name in _IDS}
    names = {ours: as_text(lead.get(theirs)) for theirs, ours in _NAMES.items()}
    return inquiry(
        found.fields, asked_at=asked_at, claimed_at=claimed_at, channel=CHANNEL, source=SOURCE,
        consent=replace(found.claim(), timestamp=asked_at),
        extra=found.bounded(
            leadgen_id=_id(notice.get("leadgen_id")), **names, **ids, home_listing=lead.get("home_listing"),
            vehicle=lead.get("vehicle"), is_organic=lead.get("is_organic"),
        ),
    )  # fmt: skip


def _changes(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in _list(document.get("entry")):
        for change in _list(_object(entry).get("changes")):
            if _object(change).get("field") == "leadgen":
                yield _object(_object(change).get("value"))


def _answers(lead: Mapping[str, Any]) -> Iterator[Answer]:
    for entry in _list(lead.get("field_data")):
        name, values = as_text(_object(entry).get("name")), _object(entry).get("values")
        given = [value for value in _list(values) if value not in (None, "")]
        if name and given:
            yield Answer(name, given[0] if len(given) == 1 else given)


def _ticked(found: Read, boxes: Any) -> None:
    """Boxes beside the form's own disclaimer: kept; one whose name speaks of texts is a claim of consent."""
    for box in _list(boxes):
        name, ticked = as_text(_object(box).get("checkbox_key")), as_text(_object(box).get("is_checked"))
        if name and ticked is not None:
            is_ticked = bool(yes_or_no(ticked))
            found.keep(name, is_ticked)
            if re.search(r"sms|text", name, re.IGNORECASE):
                found.sms, found.wording = is_ticked, found.wording or name[:200]


def _created(lead: Mapping[str, Any], notice: Mapping[str, Any]) -> datetime | None:
    """When it was filled in: ISO 8601 from the Graph API, Unix seconds in the notice."""
    try:
        return instant(str(lead["created_time"]))
    except (KeyError, ValueError):
        pass
    try:
        return datetime.fromtimestamp(int(str(notice.get("created_time"))), UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _id(value: Any) -> str | None:
    text = as_text(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    return text if text and _ID.fullmatch(text) else None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
