"""SendGrid's domain authentication: the DNS records a domain needs, and whether SendGrid sees them.

Contract: SendGrid's OpenAPI (domain authentication v3), read 2026-11-22.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import httpx
import msgspec

from leadwake.errors import OutcomeUnknown, Rejected, Unavailable
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Call
from leadwake.providers.sendgrid import VENDOR, refusal

_DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_PATH = "/v3/whitelabel/domains"


@dataclass(frozen=True, slots=True)
class Record:
    """One DNS record. kind: CNAME, TXT, MX; host: where; data: what; why: what SendGrid found instead, or ""."""

    name: str
    kind: str
    host: str
    data: str
    valid: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class Domain:
    """A domain that mail is to come from. valid: every record is there."""

    id: int
    domain: str
    valid: bool
    records: tuple[Record, ...]


class SendGridDomains:
    """
    Reads, makes and checks authenticated domains. Everything here may be repeated; raises Rejected, BadCredentials,
    Throttled or Unavailable.
    """

    def __init__(self, url: str, api_key: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self._http = VendorHttp(
            VENDOR, url, headers={"Authorization": f"Bearer {api_key}"}, secrets=(api_key,), deadline_s=deadline_s
        )

    def __repr__(self) -> str:
        return f"SendGridDomains({self._http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self._http.aclose()

    async def find_or_create(self, domain: str) -> Domain:
        """The domain as SendGrid has it, made now where it had none."""
        if not is_domain(domain):
            raise Rejected("this is no domain", vendor=VENDOR, code="domain")
        listed = await self._ask("GET", _PATH, query={"domain": domain, "limit": 50})
        known = [found for found in map(_domain, _entries(listed)) if found and found.domain == domain]
        if known:
            return next((found for found in known if found.valid), known[0])
        # Not repeated by itself: a second one would be a second set of records. Tried again, the list above finds it.
        made = await self._ask("POST", _PATH, json={"domain": domain, "automatic_security": True})
        return _readable(document(made))

    async def check(self, domain_id: int) -> Domain:
        """SendGrid has looked at the DNS a moment ago; the domain with what it found."""
        told = document(await self._ask("POST", f"{_PATH}/{domain_id}/validate"))
        results = told.get("validation_results")
        found = _readable(document(await self._ask("GET", f"{_PATH}/{domain_id}")))
        if not isinstance(results, dict):
            return found
        records = tuple(_checked(record, results.get(record.name)) for record in found.records)
        return replace(found, records=records, valid=told.get("valid") is True)

    async def _ask(
        self, method: str, path: str, *, query: Mapping[str, str | int] | None = None, json: object = None
    ) -> httpx.Response:
        answer = await self._http.send(
            Call.for_seconds(self._http.deadline_s), method, path, query=query, json=json, reads=method == "GET",
            repeatable=path.endswith("/validate"),
        )  # fmt: skip
        if answer.is_success:
            return answer
        error = refusal(self._http, answer)
        if isinstance(error, OutcomeUnknown):
            raise Unavailable(str(error), vendor=VENDOR, code=error.code)
        raise error


def is_domain(text: str) -> bool:
    """True for a domain in lower case that mail can come from."""
    return _DOMAIN.fullmatch(text) is not None


def _entries(answer: httpx.Response) -> list[Mapping[str, Any]]:
    try:
        found = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        found = None
    if not isinstance(found, list):
        raise Unavailable("sendgrid's list cannot be read", vendor=VENDOR, code="unreadable")
    return [entry for entry in found if isinstance(entry, dict)]


def _readable(entry: Mapping[str, Any]) -> Domain:
    found = _domain(entry)
    if found is None:
        raise Unavailable("sendgrid's answer cannot be read", vendor=VENDOR, code="unreadable")
    return found


def _domain(entry: Mapping[str, Any]) -> Domain | None:
    number, name, dns = entry.get("id"), entry.get("domain"), entry.get("dns")
    if not isinstance(number, int | float) or isinstance(number, bool) or not isinstance(name, str):
        return None
    records = [_record(key, one) for key, one in dns.items() if isinstance(one, dict)] if isinstance(dns, dict) else []
    return Domain(int(number), name.lower(), entry.get("valid") is True, tuple(records[:12]))


def _record(name: str, entry: Mapping[str, Any]) -> Record:
    def text(key: str) -> str:
        value = entry.get(key)
        return value[:500] if isinstance(value, str) else ""

    return Record(str(name)[:40], text("type").upper(), text("host"), text("data"), entry.get("valid") is True)


def _checked(record: Record, result: object) -> Record:
    if not isinstance(result, dict):
        return record
    why = result.get("reason")
    return replace(record, valid=result.get("valid") is True, why=why[:300] if isinstance(why, str) else "")
