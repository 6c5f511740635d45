"""
Stand-in for GoHighLevel: the contacts of a location, their tags and notes, opportunities, pipelines, users.

Sources: GoHighLevel/highlevel-api-docs apps/contacts.json, opportunities.json, users.json (read 2026-11-22).
One contact an address and one a number: a location forbids duplicates unless somebody allowed them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.journal import instant
from leadwake.sandbox.vendors import oauth
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer, is_json
from leadwake.sandbox.wire import Answer, Request

MAX_CONTACTS = 100_000
MAX_NOTES = 1_000
_CONTACT = re.compile(r"/contacts/([0-9A-Za-z_-]{1,64})(/tags|/notes)?")
_OPPORTUNITY = re.compile(r"/opportunities/([0-9A-Za-z_-]{1,64})")

USERS = tuple(
    {"id": ref, "name": f"{first} {last}", "firstName": first, "lastName": last,
     "email": f"{first}.{last}@example.com".lower()}
    for ref, first, last in (("bNl8QNGXhIQJLv8eeASQ", "Morgan", "Reyes"), ("cNl8QNGXhIQJLv8eeASR", "Dana", "Whitfield"))
)  # fmt: skip
PIPELINES = (
    {"id": "VDm7RPYC2GLUvdpKmBfC", "name": "Sales", "stages": [
        {"id": "e93ba61a-53b3-45e7-985a-c7732dbcdb69", "name": "New lead"},
        {"id": "e93ba61a-53b3-45e7-985a-c7732dbcdb70", "name": "Appointment"},
        {"id": "e93ba61a-53b3-45e7-985a-c7732dbcdb71", "name": "Contract"},
    ]},
)  # fmt: skip


class Refused(Exception):
    """GoHighLevel's no: HTTP status and its words, one text or several."""

    def __init__(self, status: int, message: str | list[str]) -> None:
        super().__init__(str(message))
        self.status = status
        self.message = message


@dataclass(slots=True)
class Contact:
    """A person in the location. at: Unix seconds of the last change."""

    id: str
    fields: dict[str, Any]
    at: float
    made_at: float
    notes: list[dict[str, Any]] = field(default_factory=list)

    def as_object(self) -> dict[str, Any]:
        """As the vendor shows it."""
        return {"id": self.id, "tags": [], **self.fields, "dateUpdated": instant(self.at)[:23] + "Z",
                "dateAdded": instant(self.made_at)[:23] + "Z"}  # fmt: skip


class GoHighLevel:
    """The stand-in."""

    name = "gohighlevel"

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.opportunities: dict[str, dict[str, Any]] = {}
        self.oauth = oauth.Authority(oauth.GOHIGHLEVEL)
        self._index: dict[tuple[str, str], str] = {}  # ("email" | "phone", value) → contact id

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if (answer := self.oauth.work(request, path)) is not None:
            return answer
        try:
            if self.oauth.refuses(request):
                raise Refused(401, "Invalid token: access token is invalid")
            if not bearer(request) or request.header(b"version") != "2021-07-28":
                raise Refused(401, "Authorization and Version headers are required")
            if request.method in ("POST", "PUT") and not is_json(request):
                raise Refused(415, "Content-Type must be application/json")
            return self._route(request, path)(request)
        except Refused as refused:
            return _error(refused.status, refused.message)
        except (Unreadable, RecursionError):
            return _error(400, "not readable as JSON")

    def throttled(self) -> Answer:
        limits = (("x-ratelimit-interval-milliseconds", "10000"), ("x-ratelimit-remaining", "0"))
        return _error(429, "Too Many Requests", RETRY_AFTER_1S, *limits)

    def failed(self) -> Answer:
        return _error(500, "Internal server error")

    def _route(self, request: Request, path: str) -> Callable[[Request], Answer]:
        routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", "/contacts/upsert"): self._upsert,
            ("POST", "/contacts/"): self._create,
            ("GET", "/contacts/"): self._list,
            ("GET", "/contacts/search/duplicate"): self._duplicate,
            ("POST", "/opportunities/"): self._open,
            ("GET", "/opportunities/pipelines"): lambda _: Answer.json(200, {"pipelines": PIPELINES}),
            ("GET", "/opportunities/search"): self._opportunities,
            ("GET", "/users/"): lambda _: Answer.json(200, {"users": USERS}),
        }
        if route := routes.get((request.method, path)):
            return route
        if found := _CONTACT.fullmatch(path):
            ref, part = found[1], found[2] or ""
            works: dict[tuple[str, str], Callable[[Request, Contact], Answer]] = {
                ("GET", ""): lambda _, contact: Answer.json(200, {"contact": contact.as_object()}),
                ("PUT", ""): self._put, ("DELETE", ""): self._delete, ("POST", "/tags"): _tag,
                ("POST", "/notes"): _note,
                ("GET", "/notes"): lambda _, contact: Answer.json(200, {"notes": contact.notes}),
            }  # fmt: skip
            if work := works.get((request.method, part)):
                return lambda request: work(request, self._known(ref))
        if (found := _OPPORTUNITY.fullmatch(path)) and request.method in ("GET", "PUT"):
            ref = found[1]
            return lambda request: self._opportunity(request, ref)
        raise Refused(404, "this stand-in does not have that resource")

    def _known(self, ref: str) -> Contact:
        if ref not in self.contacts:
            raise Refused(400, f"Contact with id {ref} not found")
        return self.contacts[ref]

    # contacts

    def _upsert(self, request: Request) -> Answer:
        order = _order(request)
        known = next((self.contacts[ref] for ref in self._holders(order)), None)
        contact = known or self._make(request.at)
        self._change(contact, order, request.at)
        return Answer.json(200, {"new": known is None, "contact": contact.as_object(), "traceId": secrets.token_hex(8)})

    def _create(self, request: Request) -> Answer:
        order = _order(request)
        if any(self._holders(order)):
            raise Refused(400, "This location does not allow duplicated contacts.")
        contact = self._make(request.at)
        self._change(contact, order, request.at)
        return Answer.json(201, {"contact": contact.as_object()})

    def _put(self, request: Request, contact: Contact) -> Answer:
        order = json_object(request.body)
        if "locationId" in order:
            raise Refused(422, ["property locationId should not exist"])
        if any(ref != contact.id for ref in self._holders(order)):
            raise Refused(400, "This location does not allow duplicated contacts.")
        self._change(contact, order, request.at)
        return Answer.json(200, {"succeded": True, "contact": contact.as_object()})

    def _delete(self, request: Request, contact: Contact) -> Answer:  # noqa: ARG002 - one signature for all
        self._forget(contact)
        del self.contacts[contact.id]
        return Answer.json(200, {"succeded": True})

    def _list(self, request: Request) -> Answer:
        _location(form(request.query).get("locationId"))
        found = _page([one.as_object() for one in self.contacts.values()], form(request.query), "dateAdded")
        return Answer.json(200, {"contacts": found, "count": len(self.contacts)})

    def _duplicate(self, request: Request) -> Answer:
        query = form(request.query)
        _location(query.get("locationId"))
        asked = {"email": query.get("email", ""), "phone": query.get("number", "")}
        found = next((self.contacts[ref].as_object() for ref in self._holders(asked)), None)
        return Answer.json(200, {"contact": found})

    def _holders(self, order: Mapping[str, Any]) -> list[str]:
        """Who has the address, then who has the number."""
        keys = [(name, str(order.get(name) or "").strip().lower()) for name in ("email", "phone")]
        return [self._index[key] for key in keys if key[1] and key in self._index]

    def _make(self, at: float) -> Contact:
        if len(self.contacts) >= MAX_CONTACTS:
            raise Refused(422, "the stand-in is full")
        contact = Contact(secrets.token_urlsafe(15), {}, at, at)
        self.contacts[contact.id] = contact
        return contact

    def _change(self, contact: Contact, order: Mapping[str, Any], at: float) -> None:
        self._forget(contact)
        contact.fields |= order
        contact.at = at
        for name in ("email", "phone"):
            if value := str(contact.fields.get(name) or "").strip().lower():
                self._index.setdefault((name, value), contact.id)

    def _forget(self, contact: Contact) -> None:
        for name in ("email", "phone"):
            key = (name, str(contact.fields.get(name) or "").strip().lower())
            if self._index.get(key) == contact.id:
                del self._index[key]

    # opportunities

    def _open(self, request: Request) -> Answer:
        order = _order(request)
        lacking = [name for name in ("pipelineId", "name", "status", "contactId") if not order.get(name)]
        if lacking:
            raise Refused(422, [f"{name} should not be empty" for name in lacking])
        self._known(str(order["contactId"]))
        if any(_is_open(one, order["contactId"], order["pipelineId"]) for one in self.opportunities.values()):
            raise Refused(400, "Can not create duplicate opportunity for the contact.")
        at = instant(request.at)[:23] + "Z"
        made = {**order, "id": secrets.token_urlsafe(15), "createdAt": at, "updatedAt": at}
        self.opportunities[made["id"]] = made
        return Answer.json(201, {"opportunity": made})

    def _opportunity(self, request: Request, ref: str) -> Answer:
        if ref not in self.opportunities:
            raise Refused(404, "Opportunity not found")
        if request.method == "PUT":
            order = json_object(request.body)
            if wrong := [name for name in ("locationId", "contactId") if name in order]:
                raise Refused(422, [f"property {name} should not exist" for name in wrong])
            self.opportunities[ref] |= order | {"updatedAt": instant(request.at)[:23] + "Z"}
        return Answer.json(200, {"opportunity": self.opportunities[ref]})

    def _opportunities(self, request: Request) -> Answer:
        query = form(request.query)
        _location(query.get("location_id"))
        asked = {"contactId": "contact_id", "pipelineId": "pipeline_id", "status": "status"}
        wanted = {name: query[theirs] for name, theirs in asked.items() if query.get(theirs) not in (None, "", "all")}
        found = [
            one for one in self.opportunities.values() if all(one.get(name) == value for name, value in wanted.items())
        ]
        shown = _page(found, query, "createdAt")
        return Answer.json(200, {"opportunities": shown, "meta": {"total": len(found)}})


def _page(rows: list[dict[str, Any]], query: Mapping[str, str], made: str) -> list[dict[str, Any]]:
    """The newest first, those made before another one where it is named."""
    keyed = sorted(((_millis(one[made]), one["id"], one) for one in rows), key=lambda row: row[:2], reverse=True)
    try:
        limit = min(100, int(query.get("limit", "20")))
        before = (int(query["startAfter"]), query.get("startAfterId", "")) if query.get("startAfter") else None
    except ValueError as problem:
        raise Refused(422, ["limit and startAfter must be numbers"]) from problem
    return [one for at, ref, one in keyed if before is None or (at, ref) < before][:limit]


def _millis(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _is_open(one: Mapping[str, Any], contact: object, pipeline: object) -> bool:
    return (one.get("contactId"), one.get("pipelineId"), one.get("status")) == (contact, pipeline, "open")


def _tag(request: Request, contact: Contact) -> Answer:
    given = json_object(request.body).get("tags")
    if not isinstance(given, list):
        raise Refused(422, ["tags must be an array"])
    held = contact.fields.get("tags")
    contact.fields["tags"] = list(dict.fromkeys([*(held if isinstance(held, list) else []), *map(str, given)]))
    return Answer.json(201, {"tags": contact.fields["tags"]})


def _note(request: Request, contact: Contact) -> Answer:
    body = json_object(request.body).get("body")
    if not isinstance(body, str) or len(contact.notes) >= MAX_NOTES:
        raise Refused(422, ["body must be a string"])
    note = {"id": secrets.token_urlsafe(15), "body": body, "contactId": contact.id, "dateAdded": instant(request.at)}
    contact.notes.append(note)
    return Answer.json(201, {"note": note})


def _order(request: Request) -> dict[str, Any]:
    order = json_object(request.body)
    _location(order.get("locationId"))
    return order


def _location(given: object) -> None:
    if not isinstance(given, str) or not given:
        raise Refused(422, ["locationId should not be empty"])


def _error(status: int, message: str | list[str], *headers: tuple[str, str]) -> Answer:
    names = {400: "Bad Request", 401: "Unauthorized", 404: "Not Found", 422: "Unprocessable Entity",
             429: "Too Many Requests"}  # fmt: skip
    return Answer.json(
        status, {"statusCode": status, "message": message, "error": names.get(status, "Error")}, *headers
    )
