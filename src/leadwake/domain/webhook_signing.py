"""Standard Webhooks' signature: HMAC-SHA256 over id, timestamp and body, once for each secret that counts. Pure.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Signature scheme"
and "Webhook headers" (read 2026-11-29).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

PREFIX: Final = "whsec_"


def headers(secrets: Sequence[str], message_id: str, timestamp_s: int, body: bytes) -> Mapping[str, str]:
    """The three headers of a delivery. secrets: `whsec_…`, the newest first; a receiver needs to know one of them."""
    signed = b"%s.%d.%s" % (message_id.encode("ascii"), timestamp_s, body)
    signatures = " ".join(f"v1,{_mac(secret, signed)}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": str(timestamp_s), "webhook-signature": signatures}


def key_text(secret: str) -> str | None:
    """The key that signs, for tools whose keys are text; None where it is none, as in secrets of older days."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return key.decode("ascii") if key.isascii() else None


def _mac(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode("ascii")
