"""What Twilio's products have in common: who calls the API, its errors and dates, and how it signs what it posts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping

from leadwake.sandbox.bodies import FORM
from leadwake.sandbox.wire import Answer, Request

API_VERSION = "2010-04-01"

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def refusal(status: int, code: int, text: str, *headers: tuple[str, str]) -> Answer:
    """Twilio's error body."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return Answer.json(status, {"code": code, "message": text, "more_info": more_info, "status": status}, *headers)


def signed_headers(url: str, fields: Mapping[str, str], token: str) -> dict[str, str]:
    """The headers of Twilio's webhook requests; signature over the URL and the sorted parameters."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return {
        "content-type": f"{FORM}; charset=UTF-8",
        "user-agent": "TwilioProxy/1.1",
        "i-twilio-idempotency-token": secrets.token_hex(16),
        "x-twilio-signature": base64.b64encode(digest).decode(),
    }


def rfc2822(at: int) -> str:
    """Unix seconds as Twilio writes dates."""
    t = time.gmtime(at)
    clock = f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02}"
    return f"{_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year} {clock} +0000"


def credentials(request: Request, account: str) -> str:
    """The password of Basic authentication by this account or one of its API keys, "" where there is none."""
    user, password = basic(request)
    return password if user == account or user.startswith("SK") else ""


def basic(request: Request) -> tuple[str, str]:
    """The user and password of Basic authentication, blank where there is none."""
    scheme, _, encoded = request.header(b"authorization").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # not base64, not ASCII, not UTF-8
        return "", ""
    return user, password
