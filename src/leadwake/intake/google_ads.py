"""A Google Ads lead form: columns with ids of Google's, a key in the body in place of a signature.

Source: developers.google.com/google-ads/webhook/docs/implementation (read 2026-11-22). Ids are int64 and kept as text;
unknown fields are passed over, `column_name` may be missing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.api import read_object
from leadwake.intake.fields import LIMITS, believed, clean_line, inquiry, instant
from leadwake.intake.questions import Answer, as_text, read

SOURCE, CHANNEL = "google_ads", "web_form"
_KEY = "google_key"
#: what stands beside the answers and is worth keeping: theirs → ours
_BESIDE = {
    "form_id": "form_id", "campaign_id": "campaign_id", "adgroup_id": "adgroup_id", "creative_id": "creative_id",
    "asset_group_id": "asset_group_id", "gcl_id": "gclid", "lead_id": "lead_id", "lead_stage": "lead_stage",
    "lead_source": "lead_source",
}  # fmt: skip


def read_post(body: bytes) -> tuple[dict[str, Any], str]:
    """The posted object without its key, and the key; "" without one. Raises Unparsable, InputError."""
    document = read_object(body)
    key = document.pop(_KEY, "")
    return document, key if isinstance(key, str) else ""


def opens(key: str, given: str) -> bool:
    """True when the key given is ours; a blank one of ours opens nothing."""
    return bool(key) and hmac.compare_digest(key.encode(), given.encode("utf-8", "replace"))


def lead_id(document: Mapping[str, Any]) -> str | None:
    """Google's id of the lead, which it repeats when it sends it again."""
    found = as_text(document.get("lead_id")) if not isinstance(document.get("lead_id"), bool) else None
    return clean_line(found, LIMITS["source"] * 5) if found else None


def is_test(document: Mapping[str, Any]) -> bool:
    """True for what "Send test data" in Google Ads sends: it must not be answered."""
    return document.get("is_test") in (True, "true", "True", 1)


def stored(document: Mapping[str, Any]) -> bytes:
    """The bytes that are kept: everything but the key."""
    return json.dumps(document).encode()


def read_lead(body: bytes, _: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a stored post. Raises InputError when there is no name, phone or e-mail."""
    document = read_object(body)
    columns = document.get("user_column_data")
    found = read(_answer(one) for one in (columns if isinstance(columns, list) else ()) if isinstance(one, dict))
    if not any(found.fields.get(name) for name in ("name", "first_name", "last_name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "the form asked for none of them"))
    asked_at, claimed_at = believed(_submitted(document), now)
    beside = {ours: as_text(document.get(theirs)) for theirs, ours in _BESIDE.items()}
    return inquiry(
        found.fields, asked_at=asked_at, claimed_at=claimed_at, channel=CHANNEL, source=SOURCE,
        consent=replace(found.claim(), timestamp=asked_at), extra=found.bounded(**beside),
    )  # fmt: skip


def _answer(column: Mapping[str, Any]) -> Answer:
    column_id, name = (as_text(column.get(key)) or "" for key in ("column_id", "column_name"))
    return Answer(name or column_id, column.get("string_value"), (column_id,) if name else ())


def _submitted(document: Mapping[str, Any]) -> datetime | None:
    try:
        return instant(str(document["lead_submit_time"]))
    except (KeyError, ValueError):
        return None
