"""
Stand-in for Apollo: invented people, the same for the same address or name, every time.

Shapes: Apollo's OpenAPI file (people enrichment, bulk, poll webhook result, profile), read 2026-11-29. One in four is
not known. With a waterfall, addresses and numbers come two seconds later, posted and to be asked for.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.outbox import NotLocal, Outbox, locate
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S
from leadwake.sandbox.wire import Answer, Request

#: Seconds until what is looked for is found.
FOUND_AFTER_S = 2.0
MAX_BULK = 10
MAX_RESULTS = 10_000

_RESULT = re.compile(r"/api/v1/webhook_result/(.{1,60})")
_NUMBER = re.compile(r"-?[0-9]{1,19}")
_TITLES = (("Head of Operations", "head"), ("Registered Nurse", "senior"), ("Founder", "founder"),
           ("Software Engineer", "entry"), ("Regional Sales Manager", "manager"), ("Attorney", "partner"))  # fmt: skip
_COMPANIES = (("Tidewater Clinic", "hospital & health care", 420), ("Palm & Pine Law", "law practice", 18),
              ("Bayline Logistics", "logistics & supply chain", 1200), ("Sunray Solar", "renewables", 65))  # fmt: skip
_PLACES = (("Tampa", "Florida"), ("Austin", "Texas"), ("Columbus", "Ohio"), ("Boise", "Idaho"))


@dataclass(slots=True)
class Late:
    """What a waterfall finds. ready_at: Unix seconds."""

    ready_at: float
    result: dict[str, Any]


class Apollo:
    """The stand-in."""

    name = "apollo"

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._product_url = product_url
        self._late: dict[int, Late] = {}
        self._last_id = 1039995589705121900
        self.credits_used = 0

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:
        if not request.header(b"x-api-key"):
            text = "Invalid API key. See https://docs.apollo.io/reference/authentication for how to authenticate."
            return Answer.text(401, text)
        try:
            query = form(request.query)
            if (request.method, path) == ("POST", "/api/v1/people/match"):
                return self._match(query, behaviour)
            if (request.method, path) == ("POST", "/api/v1/people/bulk_match"):
                return self._bulk(query, json_object(request.body), behaviour)
        except Unreadable:
            return _failed(422, "UNKNOWN_ERROR", "the request cannot be read")
        if (request.method, path) == ("GET", "/api/v1/users/api_profile"):
            return self._profile()
        if request.method == "GET" and (asked := _RESULT.fullmatch(path)):
            return self._result(asked[1])
        return Answer.json(404, {"error": "this stand-in does not have that resource"})

    def throttled(self) -> Answer:
        text = "The maximum number of api calls allowed for api/v1/people/match is 600 times per hour."
        return Answer.json(429, {"message": text}, RETRY_AFTER_1S, ("x-hourly-requests-left", "0"))

    def failed(self) -> Answer:
        return Answer.json(503, {"error": "Service unavailable"})

    def _match(self, query: Mapping[str, str], behaviour: Behaviour) -> Answer:
        person = _person(query)
        body = {"person": person, "request_id": self._next_id()}
        if _is_waterfall(query):
            if not query.get("webhook_url"):
                return _failed(422, "INVALID_REQUEST", "webhook_url is required")
            return Answer.json(200, body | self._begin([(query, person)], query["webhook_url"], behaviour))
        self.credits_used += person is not None
        return Answer.json(200, body)

    def _bulk(self, query: Mapping[str, str], order: Mapping[str, Any], behaviour: Behaviour) -> Answer:
        details = order.get("details")
        if not isinstance(details, list) or not details or not all(isinstance(one, dict) for one in details):
            return _failed(400, "INVALID_REQUEST", "invalid request, missing details")
        if len(details) > MAX_BULK:
            return _failed(400, "RECORD_LIMIT_EXCEEDED", "cannot enrich more than 10 in a single request")
        people = [_person(one) for one in details]
        body: dict[str, Any] = {
            "status": "success", "error_code": None, "error_message": None,
            "total_requested_enrichments": len(details), "matches": people, "request_id": self._next_id(),
        }  # fmt: skip
        if _is_waterfall(query):
            if not query.get("webhook_url"):
                return _failed(422, "INVALID_REQUEST", "webhook_url is required")
            asked = list(zip(details, people, strict=True))
            return Answer.json(200, body | self._begin(asked, query["webhook_url"], behaviour))
        found = sum(person is not None for person in people)
        self.credits_used += found
        counts = {"unique_enriched_records": found, "missing_records": len(people) - found, "credits_consumed": found}
        return Answer.json(200, body | counts)

    def _begin(
        self, asked: list[tuple[Mapping[str, str], dict[str, Any] | None]], url: str, behaviour: Behaviour
    ) -> dict[str, Any]:
        """The further sources are asked; the answer's part about it."""
        people = [_found_later(sought, person) for sought, person in asked if person is not None]
        charged = sum(1 + 8 * bool(person["phone_numbers"]) for person in people)
        self.credits_used += charged
        result = {
            "status": "success", "total_requested_enrichments": len(asked), "records_enriched": len(people),
            "enrichment_not_found": len(asked) - len(people), "credits_consumed": charged, "people": people,
        }  # fmt: skip
        number = self._last_id
        self._late[number] = Late(time.time() + FOUND_AFTER_S, result)
        if len(self._late) > MAX_RESULTS:
            del self._late[next(iter(self._late))]
        if behaviour.callbacks:
            self._outbox.later(FOUND_AFTER_S, lambda: self._post(url, result))
        text = "Waterfall enrichment request accepted. Results will be sent to the provided webhook URL."
        return {"waterfall": {"status": "accepted", "message": text}}

    def _post(self, url: str, result: dict[str, Any]) -> None:
        try:
            place = locate(url, self._product_url)
        except NotLocal:
            return
        self._outbox.post(place, json.dumps(result).encode(), {"content-type": "application/json"})

    def _result(self, asked: str) -> Answer:
        if not _NUMBER.fullmatch(asked):
            return Answer.json(400, {"error_code": "invalid_request_id"})
        late = self._late.get(int(asked))
        if late is None:
            return Answer.json(404, {"error_code": "request_id_unknown"})
        if time.time() < late.ready_at:
            return Answer.json(404, {"error_code": "result_pending", "retry_after_seconds": 10})
        body = {"request_id": asked, "webhook_status": "success", "request_type": "waterfall", "failure_reason": None}
        return Answer.json(200, body | {"webhook_result": late.result})

    def _profile(self) -> Answer:
        left = max(0, 10_000 - self.credits_used)
        return Answer.json(200, {"id": "66c8db577ed7f201b25c0eef", "num_credits_remaining": left})

    def _next_id(self) -> int:
        self._last_id += 1
        return self._last_id


def _is_waterfall(query: Mapping[str, str]) -> bool:
    return "true" in (query.get("run_waterfall_email"), query.get("run_waterfall_phone"))


def _die(sought: Mapping[str, str]) -> bytes:
    """The same throw for the same person; empty for somebody there is too little to find by."""
    email, name = str(sought.get("email") or "").lower(), str(sought.get("name") or "").lower()
    company = str(sought.get("organization_name") or "").lower()
    by = email or (f"{name} {company}" if name and company else "")
    return sha256(f"apollo {by}".encode()).digest() if by else b""


def _person(sought: Mapping[str, str]) -> dict[str, Any] | None:
    die = _die(sought)
    if not die or die[0] % 4 == 0:
        return None
    name = str(sought.get("name") or "Jordan Example")
    title, seniority = _TITLES[die[1] % len(_TITLES)]
    company, industry, employees = _COMPANIES[die[2] % len(_COMPANIES)]
    city, state = _PLACES[die[3] % len(_PLACES)]
    first, _, last = name.partition(" ")
    return {
        "id": die.hex()[:24], "first_name": first, "last_name": last, "name": name, "title": title,
        "seniority": seniority, "email": sought.get("email"), "email_status": "verified",
        "linkedin_url": f"http://www.linkedin.com/in/example-{die.hex()[:8]}", "city": city, "state": state,
        "country": "United States", "employment_history": [],
        "organization": {
            "name": str(sought.get("organization_name") or company), "industry": industry,
            "estimated_num_employees": employees,
        },
    }  # fmt: skip


def _found_later(sought: Mapping[str, str], person: Mapping[str, Any]) -> dict[str, Any]:
    die = _die(sought)
    email = f"{die.hex()[:6]}@work.example.com"
    phone = f"+1813555{100 + die[4] % 100:04}"
    return {
        "id": person["id"],
        "emails": [{"email": email, "email_status_cd": "Verified", "position": 0}],
        "phone_numbers": [{"raw_number": phone, "sanitized_number": phone, "status_cd": "valid_number"}]
        if die[5] % 2
        else [],
    }


def _failed(status: int, code: str, text: str) -> Answer:
    return Answer.json(status, {"status": "failed", "error_code": code, "error_message": text})
