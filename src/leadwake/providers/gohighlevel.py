"""GoHighLevel (LeadConnector v2): contacts of one location, written so that a repeat changes nothing.

Contract: highlevel-api-docs apps/contacts.json, read 2026-11-22. Its upsert matches by the location's own order and
would rename a housemate, so whoever has the address or the number is looked for first; what nobody has is upserted, so
that two at once make one contact.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx

from leadwake.domain.deals import Stage
from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers import gohighlevel_words
from leadwake.providers.gohighlevel_deals import GoHighLevelDeals
from leadwake.providers.http import VendorHttp, document
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

VENDOR = "gohighlevel"
#: conversations want another one; nothing here speaks to them
API_VERSION = "2021-07-28"
#: 100 requests in 10 s, 200,000 a day (marketplace docs, rate limits); which day is not said: ask hourly
INTERVAL_WAIT_S = 10.0
DAILY_WAIT_S = 3600.0
#: who the colleagues are is asked for again after this long
USERS_KNOWN_S = 600.0
NOTE_CHARS = 20_000
PAGE = 100
#: fields of a contact itself; any other name is a custom field's id
_OWN_FIELDS = frozenset({
    "address1", "assignedTo", "city", "country", "postalCode", "source", "state", "timezone", "website",
})  # fmt: skip

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_NOT_FOUND = re.compile(r"not found", re.IGNORECASE)


class GoHighLevel:
    """Keeps contacts in a GoHighLevel location."""

    def __init__(self, url: str, token: str, location_id: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.location_id = location_id
        headers = {"Authorization": f"Bearer {token}", "Version": API_VERSION}
        self.http = VendorHttp(VENDOR, url, headers=headers, secrets=(token,), deadline_s=deadline_s)
        self._users: tuple[dict[str, str], float] = ({}, 0.0)  # e-mail → id, and until when it is believed
        self._deals = GoHighLevelDeals(self.http, location_id, self._refusal, _is_gone, self._owner_of)

    def __repr__(self) -> str:
        return f"GoHighLevel({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def upsert_contact(self, contact: CrmContact, call: Call) -> Accepted:
        """
        GoHighLevel has the contact with these properties and tags; `ref` is its id. Doing it again changes nothing.

        Raises Rejected, BadCredentials, Throttled or Unavailable; OutcomeUnknown when the answer was lost.
        """
        until = self.http.until()
        owner = await self._owner_of(contact.owner_email, until) if contact.owner_email else None
        owned = {**contact.properties, "assignedTo": owner} if owner else contact.properties
        try:
            written = await self._written(replace(contact, properties=owned), call, until)
        except Rejected as error:  # a custom field that is not there costs the others nothing
            if isinstance(error, BadCredentials) or not owned:
                raise
            written = await self._written(replace(contact, properties={}), call, until)
        if contact.tags:  # tags inside an upsert would replace what the team has put there
            path = f"/contacts/{written.ref}/tags"
            await self._asked(call, "POST", path, until, json={"tags": list(contact.tags)}, repeatable=True)
        return written

    async def add_note(self, note: CrmNote, call: Call) -> Accepted:
        """The contact has the note. Raises Rejected, BadCredentials, Throttled, Unavailable or OutcomeUnknown."""
        until = self.http.until()
        path = f"/contacts/{note.contact}/notes"
        if note.maybe_there:
            answer = await self._asked(call, "GET", path, until, reads=True)
            if found := gohighlevel_words.note_with(document(answer), note.mark):
                return Accepted(found)
        body = {"body": f"{note.text[:NOTE_CHARS]}\n\n{note.mark}"}
        made = document(await self._asked(call, "POST", path, until, json=body)).get("note")
        return Accepted(_contact_id(made) if isinstance(made, dict) else None)

    async def write_deal(self, deal: OutgoingDeal, call: Call) -> Accepted:
        """The opportunity stands there, at its stage or further. Raises as upsert_contact does."""
        return await self._deals.write(deal, call)

    async def stages(self) -> Sequence[Stage]:
        """Every stage of every pipeline. Raises ProviderError."""
        return await self._deals.stages()

    async def make_key(self) -> frozenset[str]:
        """None: nothing that a team can make here is unique."""
        return frozenset()

    async def _owner_of(self, email: str, until: float) -> str | None:
        """The location's id of a colleague; None when it has none, or cannot say now: the record matters more."""
        at = asyncio.get_running_loop().time()
        if self._users[1] < at:
            call = Call.for_seconds(self.http.deadline_s)
            query = {"locationId": self.location_id}
            try:
                answer = await self._asked(call, "GET", "/users/", until, query=query, reads=True)
            except ProviderError:
                return None
            self._users = (gohighlevel_words.users(document(answer)), at + USERS_KNOWN_S)
        return self._users[0].get(email.lower())

    async def forget_contact(self, contact: ForgetContact, call: Call) -> Accepted:
        """
        GoHighLevel has deleted the contacts named, and another one under the address; our opportunities are nameless.

        Doing it again changes nothing.

        Raises Rejected, BadCredentials, Throttled or Unavailable.
        """
        until = self.http.until()
        for ref in contact.refs:
            if ref.startswith("deal:") and _ID.fullmatch(deal := ref.removeprefix("deal:")):
                await self._deals.unname(deal, call, until)
        named = [ref for ref in contact.refs if _ID.fullmatch(ref)]
        found = await self._holder("email", contact.email, call, until) if contact.email else None
        for ref in dict.fromkeys([*named, *([found["id"]] if found else [])]):
            answer = await self.http.send(call, "DELETE", f"/contacts/{ref}", repeatable=True, until=until)
            if not answer.is_success and not _is_gone(answer):
                raise self._refusal(answer)
        return Accepted(None)

    async def read_contact(self, ref: str) -> CrmPerson | None:
        """The contact; None when it is not there (any more). Raises ProviderError."""
        told = await self._read(f"/contacts/{ref}")
        contact = told.get("contact") if told else None
        return gohighlevel_words.person(contact) if isinstance(contact, dict) else None

    async def read_deal(self, ref: str) -> CrmDeal | None:
        """The opportunity; None when it is not there (any more). Raises ProviderError."""
        told = await self._read(f"/opportunities/{ref}")
        found = told.get("opportunity") if told else None
        return gohighlevel_words.deal(found) if isinstance(found, dict) else None

    async def owner_email(self, owner: str) -> str | None:
        """The address of a user of the location; None when there is none. Raises ProviderError."""
        query = {"locationId": self.location_id}
        answer = await self._told("/users/", query)
        users = gohighlevel_words.users(document(answer))
        return next((email for email, known in users.items() if known == owner), None)

    async def changes(self, since: datetime) -> Sequence[CrmChange]:
        """
        Contacts and opportunities changed since, of the newest PAGE of each. Raises ProviderError.

        Its lists know no order by change, and its search is not documented: what is older comes by webhook, or when
        everything is looked through.
        """
        found = [*(await self.look_through("contact", None)).changes, *(await self.look_through("deal", None)).changes]
        return sorted((one for one in found if one.at >= since), key=lambda one: one.at)

    async def look_through(self, kind: str, after: str | None) -> Page:
        """A page of all contacts or opportunities, the newest first. Raises ProviderError."""
        path, location = ("/contacts/", "locationId") if kind == "contact" else ("/opportunities/search", "location_id")
        query: dict[str, str | int] = {location: self.location_id, "limit": PAGE}
        instant, _, ref = (after or "").partition(" ")
        if instant.isdecimal() and _ID.fullmatch(ref):
            query |= {"startAfter": int(instant), "startAfterId": ref}
        return gohighlevel_words.page(kind, document(await self._told(path, query)), PAGE)

    async def _told(self, path: str, query: Mapping[str, str | int]) -> httpx.Response:
        answer = await self.http.ask("GET", path, query=query)
        if not answer.is_success:
            raise self._refusal(answer)
        return answer

    async def _read(self, path: str) -> dict[str, Any] | None:
        if not _ID.fullmatch(path.rpartition("/")[2]):
            return None
        answer = await self.http.ask("GET", path)
        if _is_gone(answer):
            return None
        if not answer.is_success:
            raise self._refusal(answer)
        return document(answer)

    async def prove(self, mail_from: str) -> str:
        """The token is right and may read the location's contacts. Raises ProviderError."""
        del mail_from
        query = {"locationId": self.location_id, "limit": 1}
        call = Call.for_seconds(self.http.deadline_s)
        await self._asked(call, "GET", "/contacts/", self.http.until(), query=query, reads=True)
        return "the token is right and may read the location's contacts"

    async def _written(self, contact: CrmContact, call: Call, until: float) -> Accepted:
        if contact.known_as and (done := await self._update(contact.known_as, contact, call, until)):
            return done
        if contact.email and (found := await self._holder("email", contact.email, call, until)):
            return await self._update_found(found["id"], contact, call, until)
        if contact.phone and (found := await self._holder("number", contact.phone, call, until)):
            if _may_be(found, contact):
                return await self._update_found(found["id"], contact, call, until)
            return await self._beside(contact, call, until)
        return await self._new("/contacts/upsert", contact, call, until)

    async def _holder(self, kind: str, value: str, call: Call, until: float) -> Mapping[str, Any] | None:
        """The contact that has this address or number; None when nobody has."""
        query = f"locationId={quote(self.location_id, safe='')}&{kind}={quote(value, safe='')}"
        answer = await self.http.send(call, "GET", "/contacts/search/duplicate", query=query, reads=True, until=until)
        if _is_gone(answer):
            return None
        if not answer.is_success:
            raise self._refusal(answer)
        told = document(answer)
        if "contact" not in told:
            raise Unavailable("gohighlevel's search answer cannot be read", vendor=VENDOR, code="unreadable")
        found = told["contact"]
        return found if isinstance(found, dict) and _contact_id(found) else None

    async def _update_found(self, ref: str, contact: CrmContact, call: Call, until: float) -> Accepted:
        if done := await self._update(ref, contact, call, until):
            return done
        raise Unavailable("gohighlevel no longer has the contact it named", vendor=VENDOR, code="404")

    async def _update(self, ref: str, contact: CrmContact, call: Call, until: float) -> Accepted | None:
        """That contact, changed; None when it is no longer there."""
        answer = await self.http.send(
            call, "PUT", f"/contacts/{ref}", json=fields(contact), repeatable=True, until=until
        )
        if _is_gone(answer):
            return None
        if not answer.is_success:
            raise self._refusal(answer)
        return Accepted(ref)

    async def _beside(self, contact: CrmContact, call: Call, until: float) -> Accepted:
        """Another person has the number: a contact of their own, without it where the location forbids a double."""
        try:
            return await self._new("/contacts/", contact, call, until)
        except Rejected as error:
            if not contact.email:
                raise Rejected(
                    "gohighlevel has this number under another name, and the location allows no duplicates",
                    vendor=VENDOR, code=error.code,
                ) from error  # fmt: skip
        return await self._new("/contacts/upsert", contact, call, until, without=("phone",))

    async def _new(
        self, path: str, contact: CrmContact, call: Call, until: float, *, without: tuple[str, ...] = ()
    ) -> Accepted:
        given = {name: value for name, value in fields(contact).items() if name not in without}
        body = {"locationId": self.location_id, **given}
        answer = await self._asked(call, "POST", path, until, json=body, repeatable=path.endswith("/upsert"))
        made = document(answer).get("contact")
        ref = _contact_id(made) if isinstance(made, dict) else None
        if ref is None:
            raise self.http.unreadable(answer)
        return Accepted(ref)

    async def _asked(self, call: Call, method: str, path: str, until: float, **request: Any) -> httpx.Response:
        answer = await self.http.send(call, method, path, until=until, **request)
        if not answer.is_success:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: httpx.Response) -> ProviderError:
        """Every 5xx may be tried again, accepted or not: the write is an upsert."""
        error = self.http.refusal(answer, _message(document(answer)), known=answer.status_code >= 500)
        if isinstance(error, Throttled):
            daily = answer.headers.get("X-RateLimit-Daily-Remaining") == "0"
            wait = DAILY_WAIT_S if daily else error.retry_after_s or INTERVAL_WAIT_S
            return Throttled(str(error), vendor=VENDOR, code="DAILY" if daily else error.code, retry_after_s=wait)
        if isinstance(error, OutcomeUnknown):
            return Unavailable(str(error), vendor=VENDOR, code=error.code)
        return error


def fields(contact: CrmContact) -> dict[str, Any]:
    """What is written: nothing blank (a blank would clear what the CRM knows)."""
    own = {
        "email": contact.email, "phone": contact.phone, "firstName": contact.first_name, "lastName": contact.last_name,
    }  # fmt: skip
    written: dict[str, Any] = {name: value for name, value in own.items() if value}
    written |= {name: value for name, value in contact.properties.items() if value and name in _OWN_FIELDS}
    custom = [
        {"id": name, "field_value": value}
        for name, value in contact.properties.items()
        if value and name not in _OWN_FIELDS and name not in own
    ]
    return written | ({"customFields": custom} if custom else {})


def _is_gone(answer: httpx.Response) -> bool:
    """What is not there is answered by 404, or by 400 that says so."""
    return answer.status_code == 404 or (
        answer.status_code in {400, 422} and bool(_NOT_FOUND.search(_message(document(answer))))
    )


def _message(told: Mapping[str, Any]) -> str:
    """`message` is a string or an array of them."""
    message = told.get("message")
    if isinstance(message, list):
        return "; ".join(str(one) for one in message)
    return message if isinstance(message, str) else ""


def _may_be(found: Mapping[str, Any], contact: CrmContact) -> bool:
    """A household shares a phone: another name on it is another person, and must not be renamed into ours."""
    pairs = ((found.get("firstName"), contact.first_name), (found.get("lastName"), contact.last_name))
    return all(not theirs or not ours or str(theirs).casefold() == ours.casefold() for theirs, ours in pairs)


def _contact_id(entry: Mapping[str, Any]) -> str | None:
    found = entry.get("id")
    return found if isinstance(found, str) and _ID.fullmatch(found) else None
