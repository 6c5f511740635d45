"""HubSpot: contacts, written so that a repeat changes nothing.

Contract: HubSpot's CRM v3 (objects/contacts), read 2026-11-22. The e-mail is the key where there is one; else the
contact is looked for by phone before it is made, by our own unique property where the portal has it (hubspot_keys).
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import httpx

from leadwake.domain.deals import Stage
from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers import hubspot_keys, hubspot_words
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.hubspot_deals import HubSpotDeals
from leadwake.providers.hubspot_keys import KEY
from leadwake.providers.ports import (
    CALL_DEADLINE_S,
    Accepted,
    Call,
    CrmChange,
    CrmContact,
    CrmDeal,
    CrmNote,
    CrmPerson,
    ForgetContact,
    OutgoingDeal,
    Page,
)

VENDOR = "hubspot"
_CONTACTS = "/crm/v3/objects/contacts"
_NOTES = "/crm/v3/objects/notes"
#: who the colleagues are is asked for again after this long
OWNERS_KNOWN_S = 600.0
PAGE = 100
CHANGES_A_LOOK = 500

#: Seconds to wait by the policy that ran out. DAILY lasts until the portal's midnight, unknown to us: ask hourly.
POLICY_WAIT_S: dict[str, float] = {"DAILY": 3600.0, "TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}
#: Retry-After comes in seconds or in milliseconds, as reported by others: above this it is the latter
_SECONDS_AT_MOST = 600.0

_CONTACT_ID = re.compile(r"[0-9A-Za-z_-]{1,40}")
_EXISTING_ID = re.compile(r"Existing ID:\s*([0-9]{1,20})")
#: what HubSpot decodes in the URI before it signs (validating-requests guide)
_DECODED = {"%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'", "%28": "(", "%29": ")",
            "%2A": "*", "%2C": ",", "%3B": ";"}  # fmt: skip


class HubSpot:
    """Keeps contacts in a HubSpot portal."""

    def __init__(self, url: str, token: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.http = VendorHttp(
            VENDOR, url, headers={"Authorization": f"Bearer {token}"}, secrets=(token,), deadline_s=deadline_s
        )
        self._owners: dict[str, tuple[str | None, float]] = {}  # e-mail → HubSpot's id, and until when it is believed
        self._deals = HubSpotDeals(self.http, self._refusal, self._owner_of)

    def __repr__(self) -> str:
        return f"HubSpot({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def upsert_contact(self, contact: CrmContact, call: Call) -> Accepted:
        """
        HubSpot has the contact with these properties; `ref` is its id. Doing it again changes nothing.

        A property that the portal does not have costs the others nothing: then name, number and address alone are
        written, at last without our key. HubSpot's contacts have no tags.
        Raises Rejected, BadCredentials, Throttled or Unavailable; OutcomeUnknown when the answer was lost.
        """
        until = self.http.until()
        owner = await self._owner_of(contact.owner_email, until) if contact.owner_email else None
        owned = {**contact.properties, "hubspot_owner_id": owner} if owner else contact.properties
        tries = [replace(contact, properties=owned)] if owned else []
        tries.append(replace(contact, properties={}))
        if contact.is_keyed:
            tries.append(replace(contact, properties={}, is_keyed=False))
        for one in tries[:-1]:
            try:
                return await self._written(one, call, until)
            except BadCredentials:
                raise
            except Rejected:
                continue
        return await self._written(tries[-1], call, until)

    async def add_note(self, note: CrmNote, call: Call) -> Accepted:
        """The contact has the note. Raises Rejected, BadCredentials, Throttled, Unavailable or OutcomeUnknown."""
        until = self.http.until()
        if note.maybe_there and (found := await self._find_note(note.mark, call, until)):
            return Accepted(found)
        answer = await self.http.send(call, "POST", _NOTES, json=hubspot_words.note(note), until=until)
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        return self._accepted(answer, told)

    async def write_deal(self, deal: OutgoingDeal, call: Call) -> Accepted:
        """The deal stands there, at its stage or further. Raises as upsert_contact does."""
        return await self._deals.write(deal, call)

    async def stages(self) -> Sequence[Stage]:
        """Every stage of every pipeline for deals. Raises ProviderError."""
        return await self._deals.stages()

    async def make_key(self) -> frozenset[str]:
        """The objects that have our property, whose values are unique. Raises ProviderError, with what to do."""
        return await hubspot_keys.make(self.http, self._refusal)

    async def _find_note(self, mark: str, call: Call, until: float) -> str | None:
        """HubSpot has no idempotency key for notes: ours stands in the text."""
        filters = [{"propertyName": "hs_note_body", "operator": "CONTAINS_TOKEN", "value": mark}]
        asked = {"filterGroups": [{"filters": filters}], "properties": ["hs_timestamp"], "limit": 1}
        answer = await self.http.send(call, "POST", f"{_NOTES}/search", json=asked, reads=True, until=until)
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        results = told.get("results")
        found = results[0] if isinstance(results, list) and results else None
        return _contact_id(found) if isinstance(found, dict) else None

    async def _owner_of(self, email: str, until: float) -> str | None:
        """HubSpot's id of a colleague; None when it knows none, or cannot say now: the record matters more."""
        at = asyncio.get_running_loop().time()
        known = self._owners.get(email)
        if known is None or known[1] < at:
            call = Call.for_seconds(self.http.deadline_s)
            try:
                answer = await self.http.send(
                    call, "GET", "/crm/v3/owners", query={"email": email, "limit": 1}, reads=True, until=until
                )
            except ProviderError:
                return None
            known = (hubspot_words.owner(document(answer), email), at + OWNERS_KNOWN_S)
            self._owners[email] = known
        return known[0]

    async def _written(self, contact: CrmContact, call: Call, until: float) -> Accepted:
        if contact.known_as and (done := await self._update_known(contact, call, until)):
            return done
        if contact.email:
            return await self._upsert_by("email", contact.email, contact, call, until)
        found = await self._find_by_phone(contact, call, until) if contact.phone else None
        if found:
            return await self._update(found, contact, call, until)
        if contact.is_keyed:
            return await self._upsert_by(KEY, contact.key, contact, call, until)
        return await self._create(contact, call, until)

    async def forget_contact(self, contact: ForgetContact, call: Call) -> Accepted:
        """
        HubSpot has deleted the contacts and notes named, and any contact under the address; deals of ours are nameless.

        Doing it again changes nothing.

        HubSpot keeps what is deleted restorable for 90 days; that is told on the certificate.
        Raises Rejected, BadCredentials, Throttled or Unavailable.
        """
        until = self.http.until()
        named = [ref for ref in contact.refs if _CONTACT_ID.fullmatch(ref)]
        found = await self._find_by_email(contact.email, call, until) if contact.email else []
        for ref in _named("deal:", contact.refs):
            await self._deals.unname(ref, call, until)
        notes = [f"{_NOTES}/{one}" for one in _named("note:", contact.refs)]
        for path in [*notes, *(f"{_CONTACTS}/{one}" for one in dict.fromkeys([*named, *found]))]:
            answer = await self.http.send(call, "DELETE", path, repeatable=True, until=until)
            if not answer.is_success and answer.status_code != 404:
                raise self._refusal(answer, document(answer))
        return Accepted(None)

    async def read_contact(self, ref: str) -> CrmPerson | None:
        """The contact; None when it is not there (any more). Raises ProviderError."""
        told = await self._read(f"{_CONTACTS}/{ref}", hubspot_words.CONTACT_QUERY)
        return hubspot_words.person(ref, told) if told else None

    async def read_deal(self, ref: str) -> CrmDeal | None:
        """The deal with its contacts; None when it is not there (any more). Raises ProviderError."""
        told = await self._read(f"/crm/v3/objects/deals/{ref}", hubspot_words.DEAL_QUERY)
        return hubspot_words.deal(ref, told) if told else None

    async def owner_email(self, owner: str) -> str | None:
        """The address of a colleague; None when HubSpot knows none. Raises ProviderError."""
        told = await self._read(f"/crm/v3/owners/{owner}", "")
        return _text(told, "email").lower() or None if told else None

    async def changes(self, since: datetime) -> Sequence[CrmChange]:
        """
        Contacts and deals changed since, of each kind the oldest first, at most CHANGES_A_LOOK. Raises ProviderError.

        A token without the scope for deals is told of contacts only.
        """
        contacts = await self._changed("contact", "lastmodifieddate", since)
        try:
            return [*contacts, *await self._changed("deal", "hs_lastmodifieddate", since)]
        except BadCredentials:
            return contacts

    async def look_through(self, kind: str, after: str | None) -> Page:
        """Nothing: `changes` names all that changed."""
        del kind, after
        return Page()

    async def _changed(self, kind: str, by: str, since: datetime) -> list[CrmChange]:
        found: list[CrmChange] = []
        after: str | None = None
        filters = [{"propertyName": by, "operator": "GTE", "value": str(int(since.timestamp() * 1000))}]
        asked: dict[str, Any] = {
            "filterGroups": [{"filters": filters}], "sorts": [by], "properties": [by], "limit": PAGE,
        }  # fmt: skip
        while len(found) < CHANGES_A_LOOK:
            order = {**asked, "after": after} if after else asked
            answer = await self.http.ask("POST", f"/crm/v3/objects/{kind}s/search", json=order)
            told = document(answer)
            if not answer.is_success:
                raise self._refusal(answer, told)
            page, after = hubspot_words.changes(kind, told)
            found += page
            if not after or not page:
                break
        return found

    async def _read(self, path: str, query: str) -> dict[str, Any] | None:
        if not _CONTACT_ID.fullmatch(path.rpartition("/")[2]):
            return None
        answer = await self.http.ask("GET", path, query=query)
        if answer.status_code == 404:
            return None
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        if not told:
            raise Unavailable("hubspot's answer cannot be read", vendor=VENDOR, code="unreadable")
        return told

    async def prove(self, mail_from: str) -> str:
        """The token is right and may read contacts. Raises ProviderError."""
        del mail_from
        asked = {"filterGroups": [], "properties": ["email"], "limit": 1}
        answer = await self.http.send(
            Call.for_seconds(self.http.deadline_s), "POST", f"{_CONTACTS}/search", json=asked, reads=True
        )
        if not answer.is_success:
            raise self._refusal(answer, document(answer))
        return "the token is right and may read contacts"

    async def _update_known(self, contact: CrmContact, call: Call, until: float) -> Accepted | None:
        """The record we wrote before, changed; None when HubSpot no longer has it."""
        changed = {"properties": properties(contact)}
        path = f"{_CONTACTS}/{contact.known_as}"
        answer = await self.http.send(call, "PATCH", path, json=changed, repeatable=True, until=until)
        told = document(answer)
        if answer.is_success:
            return self._accepted(answer, told)
        if answer.status_code == 409 and contact.is_keyed:
            return await self._update_known(replace(contact, is_keyed=False), call, until)
        if answer.status_code == 404:
            return None
        raise self._refusal(answer, told)

    async def _find_by_email(self, email: str, call: Call, until: float) -> list[str]:
        asked = {
            "filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ", "value": email}]}],
            "properties": ["email"],
            "limit": 20,
        }
        answer = await self.http.send(call, "POST", f"{_CONTACTS}/search", json=asked, reads=True, until=until)
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        results = told.get("results")
        if not isinstance(results, list):
            raise Unavailable("hubspot's search answer cannot be read", vendor=VENDOR, code="unreadable")
        return [found_id for one in results if isinstance(one, dict) and (found_id := _contact_id(one))]

    async def _upsert_by(self, name: str, value: str, contact: CrmContact, call: Call, until: float) -> Accepted:
        entry = {
            "id": value,
            "idProperty": name,
            "objectWriteTraceId": contact.key,
            "properties": properties(contact),
        }
        answer = await self.http.send(
            call, "POST", f"{_CONTACTS}/batch/upsert", json={"inputs": [entry]}, repeatable=True, until=until
        )
        told = document(answer)
        if not answer.is_success:
            return await self._existing_or_raise(answer, told, contact, call, until)
        results = told.get("results")
        if isinstance(results, list) and results and isinstance(results[0], dict):
            return self._accepted(answer, results[0])
        errors = told.get("errors")  # 207: a batch may half succeed; ours has one entry
        if isinstance(errors, list) and errors and isinstance(errors[0], dict):
            as_its_own = httpx.Response(_status_of(errors[0]), headers=answer.headers)
            return await self._existing_or_raise(as_its_own, errors[0], contact, call, until)
        raise self.http.unreadable(answer)

    async def _create(self, contact: CrmContact, call: Call, until: float) -> Accepted:
        answer = await self.http.send(call, "POST", _CONTACTS, json={"properties": properties(contact)}, until=until)
        told = document(answer)
        if answer.is_success:
            return self._accepted(answer, told)
        return await self._existing_or_raise(answer, told, contact, call, until)

    async def _existing_or_raise(
        self, answer: httpx.Response, told: Mapping[str, Any], contact: CrmContact, call: Call, until: float
    ) -> Accepted:
        """409 names the contact that is already there: that one is updated, the create never repeated."""
        existing = _EXISTING_ID.search(_text(told, "message")) if answer.status_code == 409 else None
        if existing:
            return await self._update(existing.group(1), contact, call, until)
        raise self._refusal(answer, told)

    async def _update(self, contact_id: str, contact: CrmContact, call: Call, until: float) -> Accepted:
        answer = await self.http.send(
            call, "PATCH", f"{_CONTACTS}/{contact_id}", json={"properties": properties(contact)}, repeatable=True,
            until=until,
        )  # fmt: skip
        told = document(answer)
        if answer.is_success:
            return self._accepted(answer, told)
        if answer.status_code == 409 and contact.is_keyed:  # another record holds our key: this one goes without
            return await self._update(contact_id, replace(contact, is_keyed=False), call, until)
        if answer.status_code == 404:  # merged or deleted since it was found
            raise Unavailable("hubspot no longer has the contact it named", vendor=VENDOR, code="404")
        raise self._refusal(answer, told)

    async def _find_by_phone(self, contact: CrmContact, call: Call, until: float) -> str | None:
        """
        The id of the contact with this phone whose name does not contradict; of several the oldest (HubSpot's order).

        A household shares a phone: another name on it is another person, and must not be renamed into ours.
        """
        groups = [
            {"filters": [{"propertyName": name, "operator": "EQ", "value": contact.phone}]}
            for name in ("phone", "mobilephone")
        ]
        asked = {"filterGroups": groups, "properties": ["firstname", "lastname"], "limit": 20}
        answer = await self.http.send(call, "POST", f"{_CONTACTS}/search", json=asked, reads=True, until=until)
        told = document(answer)
        if not answer.is_success:
            raise self._refusal(answer, told)
        results = told.get("results")
        if not isinstance(results, list):
            raise Unavailable("hubspot's search answer cannot be read", vendor=VENDOR, code="unreadable")
        same = (found for found in results if isinstance(found, dict) and _may_be(found, contact))
        return next((found_id for found in same if (found_id := _contact_id(found))), None)

    def _accepted(self, answer: httpx.Response, contact: Mapping[str, Any]) -> Accepted:
        contact_id = _contact_id(contact)
        if contact_id is None:
            raise self.http.unreadable(answer)
        return Accepted(contact_id)

    def _refusal(self, answer: httpx.Response, told: Mapping[str, Any]) -> ProviderError:
        """Every 5xx may be tried again, accepted or not: the write is an upsert. 423 and 477 are passing too."""
        policy = _text(told, "policyName")
        error = self.http.refusal(
            answer, _text(told, "message"), code=policy or _text(told, "category"), known=answer.status_code >= 500
        )
        if answer.status_code in {423, 477}:
            return Unavailable(str(error), vendor=VENDOR, code=error.code)
        if isinstance(error, Throttled):
            return Throttled(str(error), vendor=VENDOR, code=error.code, retry_after_s=_wait_s(error, policy))
        if isinstance(error, OutcomeUnknown):
            return Unavailable(str(error), vendor=VENDOR, code=error.code)
        return error


def properties(contact: CrmContact) -> dict[str, str]:
    """What is written: strings only, nothing blank (a blank would clear what the CRM knows)."""
    own = {
        "email": contact.email, "phone": contact.phone, "firstname": contact.first_name, "lastname": contact.last_name,
        KEY: contact.key if contact.is_keyed else None,
    }  # fmt: skip
    return {name: str(value) for name, value in {**contact.properties, **own}.items() if value}


def verify_signature(
    client_secret: str,
    method: str,
    url: str,
    body: bytes,
    timestamp: str,
    signature: str,
    *,
    now: datetime | None = None,
    tolerance: timedelta | None = timedelta(minutes=5),
) -> bool:
    """
    True when HubSpot signed this request (v3) not longer than `tolerance` ago; None: whenever.

    url: as HubSpot called it, from our public URL. timestamp: header X-HubSpot-Request-Timestamp, Unix milliseconds.
    A blank secret verifies nothing.

    Source: "Validating requests" guide: base64(HMAC-SHA256(secret, METHOD + URI + body + timestamp)).
    """
    if not client_secret or not re.fullmatch(r"[0-9]{1,15}", timestamp):
        return False
    age_s = (now or datetime.now(UTC)).timestamp() - int(timestamp) / 1000
    is_recent = tolerance is None or abs(age_s) <= tolerance.total_seconds()
    is_signed = False
    for uri in (url, _decoded(url)):
        signed = method.upper().encode("utf-8", "replace") + uri.encode("utf-8", "replace") + body + timestamp.encode()
        expected = base64.b64encode(hmac.new(client_secret.encode(), signed, sha256).digest())
        is_signed |= hmac.compare_digest(expected, signature.encode("utf-8", "replace"))
    return is_signed and is_recent


def _decoded(url: str) -> str:
    return re.sub(r"%[0-9A-Fa-f]{2}", lambda found: _DECODED.get(found[0].upper(), found[0]), url)


def _wait_s(error: ProviderError, policy: str) -> float | None:
    if policy in POLICY_WAIT_S:
        return POLICY_WAIT_S[policy]
    wait = error.retry_after_s
    return wait / 1000 if wait is not None and wait > _SECONDS_AT_MOST else wait


def _status_of(entry: Mapping[str, Any]) -> int:
    """The HTTP status an entry of a batch answer would have had alone; its own `status` is a word."""
    category = _text(entry, "category")
    return {"CONFLICT": 409, "RATE_LIMITS": 429, "RATE_LIMIT": 429}.get(category, 400)


def _named(prefix: str, refs: Sequence[str]) -> list[str]:
    """The ids of one kind among what is to be forgotten."""
    ids = [ref.removeprefix(prefix) for ref in refs if ref.startswith(prefix)]
    return [one for one in ids if _CONTACT_ID.fullmatch(one)]


def _may_be(found: Mapping[str, Any], contact: CrmContact) -> bool:
    has = found.get("properties")
    has = has if isinstance(has, dict) else {}
    pairs = ((has.get("firstname"), contact.first_name), (has.get("lastname"), contact.last_name))
    return all(not theirs or not ours or str(theirs).casefold() == ours.casefold() for theirs, ours in pairs)


def _contact_id(entry: Mapping[str, Any]) -> str | None:
    found = entry.get("id")
    found = str(found) if isinstance(found, int) and not isinstance(found, bool) else found
    return found if isinstance(found, str) and _CONTACT_ID.fullmatch(found) else None


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""
