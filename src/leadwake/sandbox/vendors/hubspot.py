"""
Stand-in for HubSpot's CRM: contacts with unique e-mails, batch upsert, search, owners.

Sources: HubSpot/hubspot-api-python models; developers.hubspot.com on contacts, batch upsert, errors
(read 2026-11-22).
The 409 text: mitodl/mitxpro issue 2652.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import unquote

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.journal import instant
from leadwake.sandbox.vendors import oauth
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer, is_json
from leadwake.sandbox.vendors.hubspot_records import Records, Refused
from leadwake.sandbox.wire import Answer, Request

MAX_CONTACTS = 100_000
MAX_BATCH = 100
MAX_PAGE = 200
MAX_PROPERTIES = 200
#: Properties that an upsert may name as unique; each costs an index.
MAX_INDEXES = 16
FIRST_ID = 101
#: Properties that are searched by value so often that each search must not look at everybody.
SEARCHED = ("email", "phone", "mobilephone")

_CONTACTS = "/crm/v3/objects/contacts"
_ONE = re.compile(r"/crm/v3/objects/contacts/([^/]{1,320})")
_PROPERTIES = re.compile(r"/crm/v3/properties/(contacts|deals)(?:/([a-z][a-z0-9_]{0,99}))?")
_PROPERTY = re.compile(r"[a-z][a-z0-9_]{0,99}")
_EMAIL = re.compile(r"[^@\s<>,;]{1,64}@[^@\s<>,;]+\.[^@\s<>,;.]{2,}")

_OWNED_SINCE = "2024-03-01T15:04:05.000Z"


def _owner(owner_id: str, user_id: int, first: str, last: str) -> dict[str, Any]:
    return {
        "id": owner_id,
        "email": f"{first}.{last}@example.com".lower(),
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": user_id,
        "userIdIncludingInactive": user_id,
        "createdAt": _OWNED_SINCE,
        "updatedAt": _OWNED_SINCE,
        "archived": False,
        "teams": [],
    }


OWNERS = (_owner("70111", 4501, "Morgan", "Reyes"), _owner("70112", 4502, "Dana", "Whitfield"))


@dataclass(slots=True)
class Contact:
    """A person in the CRM. created_at, updated_at: Unix seconds."""

    id: str
    properties: dict[str, str]
    created_at: float
    updated_at: float = field(default=0.0)

    def as_object(self, wanted: Iterable[str] | None = None) -> dict[str, Any]:
        """HubSpot's object; `wanted` names the properties that are shown, None for all."""
        shown = self.properties if wanted is None else {name: self.properties.get(name) for name in wanted}
        own = {
            "createdate": _stamp(self.created_at),
            "lastmodifieddate": _stamp(self.updated_at),
            "hs_object_id": self.id,
        }
        return {
            "id": self.id,
            "properties": {**shown, **own},
            "createdAt": _stamp(self.created_at),
            "updatedAt": _stamp(self.updated_at),
            "archived": False,
        }


class HubSpot:
    """The stand-in."""

    name = "hubspot"

    def __init__(self, max_contacts: int = MAX_CONTACTS) -> None:
        self._contacts: dict[str, Contact] = {}
        self._index: dict[str, dict[str, str]] = {"email": {}}  # unique: value → id
        self._searched: dict[str, dict[str, dict[str, None]]] = {name: {} for name in SEARCHED}  # value → ids
        self._next_id = FIRST_ID
        self._max = max_contacts
        self._properties: dict[tuple[str, str], dict[str, Any]] = {}  # what somebody made
        self.records = Records()
        self.oauth = oauth.Authority(oauth.HUBSPOT)

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if (answer := self.oauth.work(request, path)) is not None:
            return answer
        if not bearer(request) or self.oauth.refuses(request):
            return error(Refused(401, "INVALID_AUTHENTICATION", "Authentication credentials not found."))
        if request.method not in ("GET", "DELETE") and not is_json(request):
            return error(Refused(415, "VALIDATION_ERROR", "Content-Type must be application/json"))
        try:
            route = self._route(request.method, path.removesuffix("/"))
            return route(request)
        except Refused as refused:
            return error(refused)
        except (Unreadable, RecursionError):
            return error(Refused(400, "VALIDATION_ERROR", "Invalid input JSON"))

    def throttled(self) -> Answer:
        body = {
            "status": "error",
            "message": "You have reached your ten_secondly_rolling limit.",
            "errorType": "RATE_LIMIT",
            "correlationId": _correlation(),
            "policyName": "TEN_SECONDLY_ROLLING",
        }
        limits = (("x-hubspot-ratelimit-interval-milliseconds", "10000"), ("x-hubspot-ratelimit-remaining", "0"))
        return Answer.json(429, body, RETRY_AFTER_1S, *limits)

    def failed(self) -> Answer:
        return error(Refused(500, "INTERNAL_ERROR", "internal error"))

    def _route(self, method: str, path: str) -> Callable[[Request], Answer]:
        routes: dict[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", f"{_CONTACTS}/batch/upsert"): self._upsert,
            ("POST", _CONTACTS): self._create,
            ("POST", f"{_CONTACTS}/search"): self._search,
            ("GET", "/crm/v3/owners"): self._owners,
            **{("GET", f"/crm/v3/owners/{one['id']}"): _shown(one) for one in OWNERS},
        }
        route = routes.get((method, path))
        if route is not None:
            return route
        if (told := self.records.route(method, path)) is not None:
            return told
        if found := _PROPERTIES.fullmatch(path):
            kind, name = found[1], found[2]
            if method == "POST" and name is None:
                return lambda request: self._make_property(request, kind)
            if method == "GET" and name is not None:
                return lambda _: self._shown_property(kind, name)
        one = _ONE.fullmatch(path)
        if one is not None and method in ("GET", "PATCH", "DELETE"):
            key, work = unquote(one[1]), {"GET": self._get, "PATCH": self._update, "DELETE": self._archive}[method]
            return lambda request: work(request, key)
        raise Refused(404, "OBJECT_NOT_FOUND", "this stand-in does not have that resource")

    def _make_property(self, request: Request, kind: str) -> Answer:
        order = json_object(request.body)
        lacking = [one for one in ("name", "label", "type", "fieldType", "groupName") if not order.get(one)]
        name = str(order.get("name"))
        if lacking or not _PROPERTY.fullmatch(name):
            raise Refused(400, "VALIDATION_ERROR", f"Invalid input JSON: {', '.join(lacking) or name[:100]}")
        if (kind, name) in self._properties:
            raise Refused(409, "OBJECT_ALREADY_EXISTS", f"A property named '{name}' already exists.")
        self._properties[kind, name] = order
        if order.get("hasUniqueValue") is True:
            self._indexed(name) if kind == "contacts" else self.records.unique.setdefault(kind, []).append(name)
        return Answer.json(201, order)

    def _shown_property(self, kind: str, name: str) -> Answer:
        if (kind, name) not in self._properties:
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        return Answer.json(200, {"hasUniqueValue": False} | self._properties[kind, name])

    def _create(self, request: Request) -> Answer:
        return Answer.json(201, self._add(_properties(json_object(request.body)), request.at).as_object())

    def _upsert(self, request: Request) -> Answer:
        inputs = json_object(request.body).get("inputs")
        if not isinstance(inputs, list) or not 1 <= len(inputs) <= MAX_BATCH:
            raise Refused(400, "VALIDATION_ERROR", f"inputs must hold 1 to {MAX_BATCH} contacts")
        read = [_upsert_input(item) for item in inputs]  # a malformed one refuses the whole batch, before any is done
        if len({(name, key) for name, key, _ in read}) < len(read):
            raise Refused(400, "VALIDATION_ERROR", "Duplicate IDs found in batch input")
        results: list[dict[str, Any]] = []
        refused: list[dict[str, Any]] = []
        for name, key, properties in read:
            try:
                results.append(self._upsert_one(name, key, properties, request.at))
            except Refused as problem:
                refused.append(_standard_error(problem))
        now = _stamp(time.time())
        body = {"status": "COMPLETE", "results": results, "startedAt": _stamp(request.at), "completedAt": now}
        if refused:
            return Answer.json(207, body | {"numErrors": len(refused), "errors": refused})
        return Answer.json(200, body)

    def _upsert_one(self, name: str, key: str, properties: dict[str, str], at: float) -> dict[str, Any]:
        contact = self._find(name, key)
        new = contact is None
        if contact is None and name == "hs_object_id":
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        if contact is None:
            contact = self._add({name: key} | properties, at)
        else:
            self._change(contact, properties, at)
        return contact.as_object() | {"new": new}

    def _get(self, request: Request, key: str) -> Answer:
        query = form(request.query)
        contact = self._find(query.get("idProperty", "hs_object_id"), key)
        if contact is None:
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        wanted = query["properties"].split(",") if query.get("properties") else None
        return Answer.json(200, contact.as_object(wanted))

    def _update(self, request: Request, key: str) -> Answer:
        properties = _properties(json_object(request.body))
        contact = self._find(form(request.query).get("idProperty", "hs_object_id"), key)
        if contact is None:
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        self._change(contact, properties, request.at)
        return Answer.json(200, contact.as_object())

    def _archive(self, request: Request, key: str) -> Answer:  # noqa: ARG002 - one signature for all
        """Gone for good; the real one keeps it restorable for 90 days. Nothing to delete is no error."""
        contact = self._contacts.pop(key, None)
        if contact is not None:
            self._leave(contact)
        return Answer(204, b"", "text/plain")

    def _search(self, request: Request) -> Answer:
        order = json_object(request.body)
        limit, after = _whole(order.get("limit", 10)), _whole(order.get("after", 0))
        if not 1 <= limit <= MAX_PAGE:
            raise Refused(400, "VALIDATION_ERROR", f"limit must be 1 to {MAX_PAGE}")
        matches = _matcher(order)
        found = [contact for contact in self._candidates(order) if matches(contact)]
        wanted = order.get("properties")
        names = [str(name) for name in wanted] if isinstance(wanted, list) and wanted else None
        page = [contact.as_object(names) for contact in found[after : after + limit]]
        body: dict[str, Any] = {"total": len(found), "results": page}
        if after + limit < len(found):
            body["paging"] = {"next": {"after": str(after + limit)}}
        return Answer.json(200, body)

    def _owners(self, request: Request) -> Answer:
        email = form(request.query).get("email")
        return Answer.json(200, {"results": [owner for owner in OWNERS if email in (None, "", owner["email"])]})

    # contacts and their unique properties

    def _find(self, name: str, key: str) -> Contact | None:
        if name in ("hs_object_id", "id"):
            return self._contacts.get(key)
        contact_id = self._indexed(name).get(key.strip().lower())
        return None if contact_id is None else self._contacts[contact_id]

    def _indexed(self, name: str) -> dict[str, str]:
        """The index of a unique property, made when it is first named."""
        if name not in self._index:
            if len(self._index) >= MAX_INDEXES or not _PROPERTY.fullmatch(name):
                raise Refused(400, "VALIDATION_ERROR", f"Property '{name[:100]}' is not a unique property")
            made: dict[str, str] = {}
            for contact in self._contacts.values():
                if contact.properties.get(name):
                    made.setdefault(contact.properties[name].lower(), contact.id)
            self._index[name] = made
        return self._index[name]

    def _claim(self, properties: Mapping[str, str], own: str | None) -> None:
        """Raises Refused when another contact holds one of the unique values, or the e-mail is none."""
        email = properties.get("email")
        if email and not _EMAIL.fullmatch(email):
            raise Refused(400, "VALIDATION_ERROR", f"Property values were not valid: email {email[:100]} is invalid")
        for name, index in self._index.items():
            holder = index.get(properties[name].lower()) if properties.get(name) else None
            if holder is not None and holder != own:
                raise Refused(409, "CONFLICT", f"Contact already exists. Existing ID: {holder}", {"ids": [holder]})

    def _add(self, properties: dict[str, str], at: float) -> Contact:
        properties = _lowered(properties)
        self._claim(properties, None)
        contact = Contact(str(self._next_id), properties, at, at)
        self._next_id += 1
        self._contacts[contact.id] = contact
        self._enter(contact)
        if len(self._contacts) > self._max:
            oldest = self._contacts.pop(next(iter(self._contacts)))
            self._leave(oldest)
        return contact

    def _change(self, contact: Contact, properties: dict[str, str], at: float) -> None:
        properties = _lowered(properties)
        self._claim(properties, contact.id)
        if len(contact.properties.keys() | properties.keys()) > MAX_PROPERTIES:
            raise Refused(400, "VALIDATION_ERROR", "too many properties")
        self._leave(contact)
        contact.properties |= properties
        contact.updated_at = at
        self._enter(contact)

    def _enter(self, contact: Contact) -> None:
        for name, index in self._index.items():
            if contact.properties.get(name):
                index[contact.properties[name].lower()] = contact.id
        for name, held in self._searched.items():
            if contact.properties.get(name):
                held.setdefault(contact.properties[name].lower(), {})[contact.id] = None

    def _leave(self, contact: Contact) -> None:
        for name, index in self._index.items():
            value = contact.properties.get(name, "").lower()
            if index.get(value) == contact.id:
                del index[value]
        for name, held in self._searched.items():
            value = contact.properties.get(name, "").lower()
            ids = held.get(value, {})
            ids.pop(contact.id, None)
            if not ids:
                held.pop(value, None)

    def _candidates(self, order: Mapping[str, Any]) -> Iterable[Contact]:
        """All that may fit, oldest first: few when each filter group asks for one address, else everybody."""
        groups = order.get("filterGroups") or []
        ids: set[str] = set()
        for group in groups:
            named = [one for one in group["filters"] if one["operator"] == "EQ" and one["propertyName"] in SEARCHED]
            if not named:
                return self._contacts.values()
            ids |= self._searched[named[0]["propertyName"]].get(str(named[0].get("value", "")).lower(), {}).keys()
        return [self._contacts[key] for key in sorted(ids, key=int)] if groups else self._contacts.values()

    # for the page

    def newest(self, since: float, limit: int) -> Iterator[Contact]:
        """Contacts made or changed after `since`, the newest first among the latest made."""
        latest = list(islice((c for c in reversed(self._contacts.values()) if c.updated_at > since), 4 * limit))
        return islice(iter(sorted(latest, key=lambda contact: contact.updated_at, reverse=True)), limit)


def _shown(owner: Mapping[str, Any]) -> Callable[[Request], Answer]:
    return lambda _: Answer.json(200, owner)


def error(refused: Refused) -> Answer:
    """HubSpot's error body."""
    body: dict[str, Any] = {
        "status": "error",
        "message": refused.text,
        "correlationId": _correlation(),
        "category": refused.category,
    }
    if refused.context:
        body["context"] = refused.context
    return Answer.json(refused.status, body)


def _standard_error(refused: Refused) -> dict[str, Any]:
    return {
        "status": "error",
        "category": refused.category,
        "message": refused.text,
        "context": refused.context,
        "links": {},
        "errors": [],
    }


def _properties(order: Mapping[str, Any]) -> dict[str, str]:
    """The properties of a create or update. Raises Refused: HubSpot takes strings only."""
    properties = order.get("properties")
    if not isinstance(properties, dict) or len(properties) > MAX_PROPERTIES:
        raise Refused(400, "VALIDATION_ERROR", "properties must be an object")
    for name, value in properties.items():
        if not _PROPERTY.fullmatch(name):
            raise Refused(400, "VALIDATION_ERROR", f"Property '{name[:100]}' does not exist")
        if not isinstance(value, str):
            raise Refused(400, "VALIDATION_ERROR", f"Property '{name}' must be a string")
    return properties


def _upsert_input(item: object) -> tuple[str, str, dict[str, str]]:
    """(unique property, its value, properties) of one input. Raises Refused."""
    if not isinstance(item, dict) or not isinstance(item.get("id"), str) or not item["id"].strip():
        raise Refused(400, "VALIDATION_ERROR", "each input needs an id")
    name = item.get("idProperty", "hs_object_id")
    if not isinstance(name, str) or not _PROPERTY.fullmatch(name):
        raise Refused(400, "VALIDATION_ERROR", "idProperty must name a unique property")
    return name, item["id"].strip(), _properties(item)


def _lowered(properties: dict[str, str]) -> dict[str, str]:
    email = properties.get("email")
    return properties if email is None else properties | {"email": email.strip().lower()}


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    raise Refused(400, "VALIDATION_ERROR", "limit and after must be whole numbers")


def _matcher(order: Mapping[str, Any]) -> Callable[[Contact], bool]:
    """Whether a contact fits one of the filter groups (all filters of it) and the free text. Raises Refused."""
    groups = order.get("filterGroups") or []
    try:
        tests = [[_filter(one) for one in group["filters"]] for group in groups]
        text = str(order.get("query") or "").lower()
    except (KeyError, TypeError) as problem:
        raise Refused(400, "VALIDATION_ERROR", "filterGroups must hold filters") from problem

    def matches(contact: Contact) -> bool:
        in_text = not text or any(text in value.lower() for value in contact.properties.values())
        return in_text and (not tests or any(all(test(contact) for test in group) for group in tests))

    return matches


def _filter(one: Mapping[str, Any]) -> Callable[[Contact], bool]:
    name, operator = str(one["propertyName"]), str(one["operator"])
    value = str(one.get("value", "")).lower()
    values = {str(item).lower() for item in one.get("values") or ()}
    tests: dict[str, Callable[[str], bool]] = {
        "EQ": lambda held: held == value,
        "NEQ": lambda held: held != value,
        "IN": lambda held: held in values,
        "GTE": lambda held: held >= value,
        "NOT_IN": lambda held: held not in values,
        "HAS_PROPERTY": bool,
        "NOT_HAS_PROPERTY": lambda held: not held,
        "CONTAINS_TOKEN": lambda held: value.strip("*") in held,
        "NOT_CONTAINS_TOKEN": lambda held: value.strip("*") not in held,
    }
    if operator not in tests:
        raise Refused(400, "VALIDATION_ERROR", f"this stand-in does not know the operator {operator[:40]}")
    test = tests[operator]
    if name == "lastmodifieddate" and operator == "GTE":
        return lambda contact: value.isdecimal() and contact.updated_at * 1000 >= int(value[:16])
    if name == "hs_object_id":
        return lambda contact: test(contact.id)
    return lambda contact: test(contact.properties.get(name, "").lower())


def _correlation() -> str:
    raw = secrets.token_hex(16)
    return f"{raw[:8]}-{raw[8:12]}-{raw[12:16]}-{raw[16:20]}-{raw[20:]}"


def _stamp(at: float) -> str:
    return instant(at)[:23] + "Z"
