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
_PATH = re.compile(r"/crm/v3/objects/(deals|notes)(?:/([0-9A-Za-z]{1,40}))?")
_TIE = re.compile(
    r"/crm/v4/objects/(deals|notes)/([0-9]{1,40})/associations/default/(contacts|deals)/([0-9A-Za-z]{1,40})"
)

PIPELINE = {
    "id": "default", "label": "Sales Pipeline", "displayOrder": 0, "archived": False,
    "createdAt": "2024-03-01T15:04:05.000Z", "updatedAt": "2024-03-01T15:04:05.000Z",
    "stages": [
        {"id": stage, "label": label, "displayOrder": order, "archived": False, "metadata": {"isClosed": closed},
         "createdAt": "2024-03-01T15:04:05.000Z", "updatedAt": "2024-03-01T15:04:05.000Z"}
        for order, (stage, label, closed) in enumerate((
            ("appointmentscheduled", "Appointment Scheduled", "false"), ("qualifiedtobuy", "Qualified To Buy", "false"),
            ("closedwon", "Closed Won", "true"), ("closedlost", "Closed Lost", "true"),
        ))
    ],
}  # fmt: skip


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
        self._made = 0

    def route(self, method: str, path: str) -> Callable[[Request], Answer] | None:
        """What answers this; None when it is not about deals and notes."""
        if method == "GET" and path == "/crm/v3/pipelines/deals":
            return lambda _: Answer.json(200, {"results": [PIPELINE]})
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
        key = str(FIRST_ID + self._made)
        self._made += 1
        to = [one.get("to") for one in order.get("associations") or () if isinstance(one, dict)]
        contacts = [str(one["id"]) for one in to if isinstance(one, dict) and "id" in one]
        self.kept[key] = {"kind": kind, "properties": properties, "contacts": contacts, "at": request.at}
        return Answer.json(201, self._shown(key, request))

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
        record, at = self._known(key), instant(self._known(key)["at"])[:23] + "Z"
        shown = {"id": key, "properties": record["properties"], "createdAt": at, "updatedAt": at, "archived": False}
        if form(request.query).get("associations") == "contacts":
            kind = f"{record['kind'].removesuffix('s')}_to_contact"
            shown["associations"] = {"contacts": {"results": [{"id": one, "type": kind} for one in record["contacts"]]}}
        return shown


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
