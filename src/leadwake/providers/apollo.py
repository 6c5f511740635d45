"""Apollo: what is publicly known of a person by their address, or by their name and company.

Contract: Apollo's REST API (people enrichment, bulk enrichment, poll webhook result), read 2026-11-29. Apollo has no
idempotency key, and each match costs: a call whose answer was lost is an unknown outcome, never simply made again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import httpx
import msgspec

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.errors import AnomalousPayload, NotYet, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Call, Enrichment, Lookup

VENDOR: Final = "apollo"
#: people in one bulk call (Apollo's RECORD_LIMIT_EXCEEDED)
MOST_AT_ONCE: Final = 10
#: what a person costs at most, of Apollo's own sources: 1 for who they are, 8 for a mobile number (People Enrichment)
PLAIN_COST: Final = 1
FURTHER_COST: Final = 9

_API: Final = "/api/v1"
#: a window that has run out and no Retry-After: the windows are fixed, so ask when a part of it has passed
_WINDOWS_S: Final = (
    ("x-minute-requests-left", 60.0),
    ("x-hourly-requests-left", 600.0),
    ("x-24-hour-requests-left", 3600.0),
)
_PER: Final = {"minute": 60.0, "hour": 600.0, "day": 3600.0}
_REF: Final = re.compile(r"-?[0-9]{1,19}")  # a signed 64-bit integer, often negative
_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_LINKEDIN: Final = re.compile(r"https?://([a-z]{2,3}\.)?linkedin\.com/[!-~]{1,200}")
#: what stands for an address that Apollo has and does not show
_LOCKED: Final = "email_not_unlocked@"
_MOST_CONTACTS: Final = 10
_FACT_CHARS: Final = 200
_UNUSABLE: Final = frozenset({"invalid_number", "invalid", "unavailable"})


class Apollo:
    """Looks people up in Apollo."""

    def __init__(self, url: str, api_key: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.http = VendorHttp(VENDOR, url, headers={"x-api-key": api_key}, secrets=(api_key,), deadline_s=deadline_s)

    def __repr__(self) -> str:
        return f"Apollo({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def match(self, lookup: Lookup, call: Call) -> Enrichment:
        """
        What Apollo knows of them; nobody found is an answer, not an error.

        Raises Rejected, BadCredentials, Throttled or Unavailable (nothing was charged); OutcomeUnknown when the answer
        was lost.
        """
        query = {**_sought(lookup), **_further(lookup)}
        answer = await self.http.send(call, "POST", f"{_API}/people/match", query=query)
        told = self._told(answer)
        return _enrichment(told.get("person"), told, told.get("credits_consumed"))

    async def match_many(self, lookups: Sequence[Lookup], call: Call) -> Sequence[Enrichment]:
        """
        The same for at most ten at once, in their order; what is found later is posted to the first one's address.

        Raises ValueError for none or more than ten, and what `match` raises.
        """
        if not 1 <= len(lookups) <= MOST_AT_ONCE:
            raise ValueError(f"one to {MOST_AT_ONCE} people a call")
        details = [_sought(lookup) for lookup in lookups]
        answer = await self.http.send(
            call, "POST", f"{_API}/people/bulk_match", query=_further(lookups[0]), json={"details": details}
        )
        told = self._told(answer)
        matches = told.get("matches")
        if not isinstance(matches, list):
            raise self.http.unreadable(answer)
        people = _in_order(matches, lookups)
        shares = _shares(_decimal(told.get("credits_consumed")), people)
        return [_enrichment(person, told, share) for person, share in zip(people, shares, strict=True)]

    async def late_result(self, ref: str, call: Call) -> Enrichment:
        """
        What was found later, under the number `match` gave.

        Raises NotYet while it is being looked for, Rejected when Apollo does not know the number (any more).
        """
        if not _REF.fullmatch(ref):
            raise Rejected("apollo: not a number of a request", vendor=VENDOR, code="invalid_request_id")
        answer = await self.http.send(call, "GET", f"{_API}/webhook_result/{ref}", reads=True)
        if answer.is_success:
            return late_result(document(answer))
        told = document(answer)
        code = _text(told.get("error_code"))
        if answer.status_code == 404 and code == "result_pending":
            wait = _decimal(told.get("retry_after_seconds"))
            seconds = float(min(max(wait, Decimal(1)), Decimal(3600))) if wait is not None else None
            raise NotYet("apollo is still looking", vendor=VENDOR, code=code, retry_after_s=seconds)
        if answer.status_code == 404 and code != "request_id_unknown":  # a proxy's, say: nothing final was said
            raise Unavailable("apollo: no answer about the request", vendor=VENDOR, code="404")
        raise self._refusal(answer, told)

    async def prove(self, mail_from: str) -> str:
        """The key is right, and what is left of the credits. Raises ProviderError."""
        del mail_from
        call = Call.for_seconds(self.http.deadline_s)
        query = {"include_credit_usage": "true"}
        answer = await self.http.send(call, "GET", f"{_API}/users/api_profile", query=query, reads=True)
        left = _decimal(self._told(answer).get("num_credits_remaining"))
        return "the key is right" + (f", {left:f} credits are left" if left is not None else "")

    def _told(self, answer: httpx.Response) -> dict[str, Any]:
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        if not told:
            raise self.http.unreadable(answer)
        return told

    def _refusal(self, answer: httpx.Response, told: Mapping[str, Any]) -> ProviderError:
        """Only what was found is charged, so a 5xx, which brings nothing, may be asked again."""
        message = _text(told.get("error_message")) or _text(told.get("message")) or _text(told.get("error"))
        error = self.http.refusal(answer, message, code=_text(told.get("error_code")), known=answer.status_code >= 500)
        if isinstance(error, Throttled) and error.retry_after_s is None:
            wait = _window_s(answer.headers, message)
            return Throttled(str(error), vendor=VENDOR, code=error.code, retry_after_s=wait)
        return error


def parse_late_result(body: bytes) -> Enrichment:
    """What Apollo posts. Raises AnomalousPayload for what it never would."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        told = None
    if not isinstance(told, dict):
        raise AnomalousPayload("That is no result of Apollo's.")
    return late_result(told)


def late_result(told: Mapping[str, Any]) -> Enrichment:
    """
    What Apollo posts to a lookup's address, or answers when it is asked for the same.

    One person was asked about, so whoever the result names is them. Raises AnomalousPayload for another shape.
    """
    inner = told.get("webhook_result", told)
    people = inner.get("people") if isinstance(inner, dict) else None
    if _text(told.get("webhook_status")) == "failed" and not people:
        return Enrichment(credits=Decimal(0))
    if not isinstance(inner, dict) or not isinstance(people, list):
        raise AnomalousPayload("That is no result of Apollo's.")
    found = [person for person in people if isinstance(person, dict)]
    return Enrichment(
        emails=_emails(_each(found, "emails")),
        phones=_phones(_each(found, "phone_numbers")),
        credits=_decimal(inner.get("credits_consumed")),
    )


def _sought(lookup: Lookup) -> dict[str, str]:
    given = {"email": lookup.email, "name": lookup.name, "organization_name": lookup.company}
    return {name: value for name, value in given.items() if value}


def _further(lookup: Lookup) -> dict[str, str]:
    """Apollo takes https only; whoever builds the URL knows."""
    if not lookup.callback_url:
        return {}
    return {"run_waterfall_email": "true", "run_waterfall_phone": "true", "webhook_url": lookup.callback_url}


def _enrichment(person: object, told: Mapping[str, Any], cost: object) -> Enrichment:
    waterfall = told.get("waterfall")
    is_pending = isinstance(waterfall, dict) and waterfall.get("status") == "accepted"
    ref = _ref(told.get("request_id"))
    charged = _decimal(cost)
    if not isinstance(person, dict) or not person:
        return Enrichment(credits=None if is_pending else charged or Decimal(0), is_pending=is_pending, ref=ref)
    if charged is None and not is_pending:
        charged = Decimal(PLAIN_COST)  # a single match does not say
    personal = person.get("personal_emails")
    return Enrichment(
        facts=_facts(person),
        emails=_emails([person.get("email"), *(personal if isinstance(personal, list) else ())]),
        phones=_phones(_each([person], "phone_numbers")),
        credits=charged,
        is_pending=is_pending,
        ref=ref,
    )


def _facts(person: Mapping[str, Any]) -> dict[str, str]:
    """Only what an agent or the score can use: careers, portraits and the like are left where they are."""
    found = person.get("organization")
    company = found if isinstance(found, dict) else {}
    employees = company.get("estimated_num_employees")
    linkedin = _text(person.get("linkedin_url"))
    facts = {
        "title": _text(person.get("title")),
        "seniority": _text(person.get("seniority")),
        "company": _text(company.get("name")),
        "industry": _text(company.get("industry")),
        "employees": str(employees) if isinstance(employees, int) and not isinstance(employees, bool) else "",
        "location": ", ".join(part for name in ("city", "state", "country") if (part := _text(person.get(name)))),
        "linkedin": linkedin if _LINKEDIN.fullmatch(linkedin) else "",
    }
    return {name: value for name, value in facts.items() if value}


def _each(people: Iterable[Mapping[str, Any]], name: str) -> list[Any]:
    return [entry for person in people if isinstance(found := person.get(name), list) for entry in found]


def _emails(found: Iterable[object]) -> tuple[str, ...]:
    texts = (one.get("email") if isinstance(one, dict) else one for one in found)
    read = (normalise_email(text) for text in texts if isinstance(text, str) and not text.startswith(_LOCKED))
    return _few(read)


def _phones(found: Iterable[object]) -> tuple[str, ...]:
    usable = (one for one in found if isinstance(one, dict) and one.get("status_cd") not in _UNUSABLE)
    return _few(_phone(_text(one.get("sanitized_number")), _text(one.get("raw_number"))) for one in usable)


def _phone(sanitized: str, raw: str) -> str | None:
    """Apollo's own E.164 is taken at its word: it is shown to a person, never dialled by us."""
    return sanitized if _E164.fullmatch(sanitized) else normalise_phone(raw)


def _few(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))[:_MOST_CONTACTS]


def _in_order(matches: Sequence[object], lookups: Sequence[Lookup]) -> list[object]:
    """Each lookup's match. Apollo answers in the order of the question; where it leaves some out, the address tells."""
    if len(matches) == len(lookups):
        return list(matches)
    by_email = {_text(one.get("email")).lower(): one for one in matches if isinstance(one, dict)}
    return [by_email.get((lookup.email or "").lower()) if lookup.email else None for lookup in lookups]


def _shares(total: Decimal | None, people: Sequence[object]) -> list[Decimal | None]:
    """The credits of a call over those it found; they add up to what Apollo says."""
    found = [place for place, person in enumerate(people) if person]
    if total is None or not found:
        return [total if place == 0 else None for place in range(len(people))]
    each = total // len(found)
    shares: list[Decimal | None] = [each if person else Decimal(0) for person in people]
    shares[found[0]] = total - each * (len(found) - 1)
    return shares


def _window_s(headers: Mapping[str, str], message: str) -> float | None:
    """How long to wait where Apollo does not say: by the window that has run out."""
    empty = [wait for name, wait in _WINDOWS_S if headers.get(name, "").strip() == "0"]
    named = re.search(r"times per (minute|hour|day)", message)
    return max([*empty, *([_PER[named[1]]] if named else [])], default=None)


def _ref(value: object) -> str | None:
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    return text if _REF.fullmatch(text) else None


def _decimal(value: object) -> Decimal | None:
    """A number of credits, which may be a fraction; None for anything else."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, int | float | str) or isinstance(value, bool):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 1_000_000 else None


def _text(value: object) -> str:
    return " ".join(value.split())[:_FACT_CHARS] if isinstance(value, str) else ""
