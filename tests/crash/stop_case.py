"""A text from somebody, as Twilio posts it: signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

import httpx

from harness import Installation


async def text_in(it: Installation, number: str, body: str) -> httpx.Response:
    """What the product answers to a text that `number` sent to ours."""
    url = f"{it.url}/hooks/twilio/sms"
    fields = {
        "MessageSid": "SM" + secrets.token_hex(16),
        "From": number,
        "To": it.environment["LEADWAKE_TWILIO_FROM"],
        "Body": body,
        "AccountSid": it.environment["LEADWAKE_TWILIO_ACCOUNT_SID"],
        "NumMedia": "0",
    }
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(it.environment["LEADWAKE_TWILIO_AUTH_TOKEN"].encode(), signed.encode(), hashlib.sha1).digest()
    headers = {"X-Twilio-Signature": base64.b64encode(digest).decode()}
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return await client.post(url, data=fields, headers=headers)
