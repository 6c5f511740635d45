"""
HubSpot's deals and notes in the stand-in: made, read, changed, searched, tied to contacts.

Sources: HubSpot/hubspot-api-python models of deals, notes and associations (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from leadwake.sandbox.bodies import form, json_object
from leadwake.sandbox.journal import instant
from leadwake.sandbox.wire import Answer, Request

MAX_RECORDS = 100_000
FIRST_ID = 9_001
_PATH = re.compile(r"/crm/v3/objects/(deals|notes)(?:/([0-9A-Za-z-]{1,40}))?")
_TIE = re.compile(
    r"/crm/v4/objects/(deals|notes)/([0-9]{1,40})/associations/default/(contacts|deals)/([0-9A-Za-z]{1,40})"
)

_SINCE = {"createdAt": "2024-03-01T15:04:05.000Z", "updatedAt": "2024-03-01T15:04:05.000Z", "archived": False}
#: the one that every portal begins with, and one that a team made; stage → (what it is called, how likely it is won)
PIPELINES: list[dict[str, Any]] = [
    {"id": pipeline, "label": label, "displayOrder": at, **_SINCE, "stages": [
        {"id": stage, "label": called, "displayOrder": order, **_SINCE,
         "metadata": {"isClosed": str(chance in ("0.0", "1.0")).lower(), "probability": chance}}
        for order, (stage, (called, chance)) in enumerate(stages.items())
    ]}
    for at, (pipeline, label, stages) in enumerate((
        ("default", "Sales Pipeline", {
            "appointmentscheduled": ("Appointment Scheduled", "0.2"), "qualifiedtobuy": ("Qualified To Buy", "0.4"),
            "closedwon": ("Closed Won", "1.0"), "closedlost": ("Closed Lost", "0.0"),
        }),
        ("75001", "Buyers", {
            "75011": ("New lead", "0.1"), "75012": ("Contacted", "0.2"), "75013": ("Showing", "0.4"),
            "75014": ("Under contract", "0.8"), "75015": ("Bought", "1.0"), "75016": ("Lost", "0.0"),
        }),
    ))
]  # fmt: skip
_CHANCE = {one["id"]: one["metadata"]["probability"] for pipeline in PIPELINES for one in pipeline["stages"]}
_TIES = re.compile(r"/crm/v4/objects/contacts/([0-9A-Za-z]{1,40})/associations/deals")


class Refused(Exception):
    """HubSpot's no: HTTP status, category, message and what it is about."""

    def __init__(self, status: int, category: str, text: str, context: Mapping[str, list[str]] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.category = category
        self.text = text
        self.context = dict(context or {})


class Records:
    """Every deal and note. kept: id → {"kind", "properties", "contacts", "at"}."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.unique: dict[str, list[str]] = {}  # kind → properties whose values only one may hold
        self._made = 0

    def route(self, method: str, path: str) -> Callable[[Request], Answer] | None:
        """What answers this; None when it is not about deals and notes."""
        if method == "GET" and path == "/crm/v3/pipelines/deals":
            return lambda _: Answer.json(200, {"results": PIPELINES})
        if ties := _TIES.fullmatch(path) if method == "GET" else None:
            return lambda _: self._tied(ties[1])
        if method == "POST" and path == "/crm/v3/objects/deals/batch/read":
            return self._read
        if tie := _TIE.fullmatch(path) if method == "PUT" else None:
            return lambda _: self._tie(tie[2], tie[4])
        found = _PATH.fullmatch(path)
        if found is None:
            return None
        kind, key = found[1], found[2]
        works: dict[tuple[str, bool], Callable[[Request], Answer]] = {
            ("POST", False): lambda request: self._make(request, kind),
            ("GET", True): lambda request: Answer.json(200, self._shown(key, request)),
            ("PATCH", True): lambda request: self._change(key, request),
            ("DELETE", True): lambda _: self._archive(key),
        }
        if method == "POST" and key == "search":
            return lambda request: self._search(request, kind)
        return works.get((method, key is not None))

    def _make(self, request: Request, kind: str) -> Answer:
        order = json_object(request.body)
        properties = _strings(order)
        if kind == "notes" and "hs_timestamp" not in properties:
            raise Refused(400, "VALIDATION_ERROR", "hs_timestamp is required")
        if len(self.kept) >= MAX_RECORDS:
            raise Refused(400, "VALIDATION_ERROR", "the stand-in is full")
        self._claim(kind, properties)
        key = str(FIRST_ID + self._made)
        self._made += 1
        to = [one.get("to") for one in order.get("associations") or () if isinstance(one, dict)]
        contacts = [str(one["id"]) for one in to if isinstance(one, dict) and "id" in one]
        self.kept[key] = {"kind": kind, "properties": properties, "contacts": contacts, "at": request.at}
        return Answer.json(201, self._shown(key, request))

    def _claim(self, kind: str, properties: Mapping[str, str]) -> None:
        """Raises Refused when another one of the kind holds a value that only one may hold."""
        for name in self.unique.get(kind, ()):
            holder = self._holder(kind, name, properties.get(name))
            if holder is not None:
                raise Refused(409, "CONFLICT", f"{kind} already exists. Existing ID: {holder}", {"ids": [holder]})

    def _holder(self, kind: str, name: str, value: str | None) -> str | None:
        known = ((key, one) for key, one in self.kept.items() if one["kind"] == kind)
        return next((key for key, one in known if value and one["properties"].get(name) == value), None)

    def _tied(self, contact: str) -> Answer:
        deals = [key for key, one in self.kept.items() if one["kind"] == "deals" and contact in one["contacts"]]
        types = [{"category": "HUBSPOT_DEFINED", "typeId": 4, "label": None}]
        return Answer.json(200, {"results": [{"toObjectId": key, "associationTypes": types} for key in deals]})

    def _read(self, request: Request) -> Answer:
        order = json_object(request.body)
        if not isinstance(order.get("inputs"), list) or "propertiesWithHistory" not in order:
            raise Refused(400, "VALIDATION_ERROR", "inputs and propertiesWithHistory are required")
        ids = [str(one.get("id")) for one in order["inputs"] if isinstance(one, dict)]
        found = [self._shown(key, request) for key in ids if key in self.kept]
        return Answer.json(200, {"status": "COMPLETE", "results": found})

    def _change(self, key: str, request: Request) -> Answer:
        record = self._known(key)
        record["properties"] |= _strings(json_object(request.body))
        record["at"] = request.at
        return Answer.json(200, self._shown(key, request))

    def _archive(self, key: str) -> Answer:
        self.kept.pop(key, None)
        return Answer(204, b"", "text/plain")

    def _search(self, request: Request, kind: str) -> Answer:
        """By whether a property holds a text, which is what we ask."""
        groups = json_object(request.body).get("filterGroups") or [{"filters": []}]
        try:
            filters = [(str(one["propertyName"]), str(one.get("value", ""))) for one in groups[0]["filters"]]
        except (KeyError, TypeError, IndexError) as problem:
            raise Refused(400, "VALIDATION_ERROR", "filterGroups must hold filters") from problem
        found = [
            self._shown(key, request)
            for key, record in self.kept.items()
            if record["kind"] == kind and all(_fits(record, name, value) for name, value in filters)
        ]
        return Answer.json(200, {"total": len(found), "results": found[:100]})

    def _tie(self, key: str, contact: str) -> Answer:
        record = self._known(key)
        record["contacts"] = list(dict.fromkeys([*record["contacts"], contact]))
        return Answer.json(200, {"status": "COMPLETE", "results": []})

    def _known(self, key: str) -> dict[str, Any]:
        if key not in self.kept:
            raise Refused(404, "OBJECT_NOT_FOUND", "resource not found")
        return self.kept[key]

    def _shown(self, key: str, request: Request) -> dict[str, Any]:
        query = form(request.query)
        if name := query.get("idProperty"):
            key = self._holder("deals", name, key) or ""
        record, at = self._known(key), instant(self._known(key)["at"])[:23] + "Z"
        shown = {
            "id": key,
            "properties": record["properties"] | _ended(record),
            "createdAt": at,
            "updatedAt": at,
            "archived": False,
        }
        if query.get("associations") == "contacts":
            kind = f"{record['kind'].removesuffix('s')}_to_contact"
            shown["associations"] = {"contacts": {"results": [{"id": one, "type": kind} for one in record["contacts"]]}}
        return shown


def _ended(record: Mapping[str, Any]) -> dict[str, str]:
    """What HubSpot itself says of a deal by its stage."""
    chance = _CHANCE.get(record["properties"].get("dealstage", ""))
    is_won, is_lost = chance == "1.0", chance == "0.0"
    if record["kind"] != "deals":
        return {}
    return {"hs_is_closed": str(is_won or is_lost).lower(), "hs_is_closed_won": str(is_won).lower()}


def _fits(record: Mapping[str, Any], name: str, value: str) -> bool:
    """A change since an instant in milliseconds, or a property that holds a text."""
    if name == "hs_lastmodifieddate":
        return value.isdecimal() and record["at"] * 1000 >= int(value[:16])
    return value.strip("*") in record["properties"].get(name, "")


def _strings(order: Mapping[str, Any]) -> dict[str, str]:
    properties = order.get("properties")
    if not isinstance(properties, dict) or not all(isinstance(value, str) for value in properties.values()):
        raise Refused(400, "VALIDATION_ERROR", "properties must be an object of strings")
    return properties
