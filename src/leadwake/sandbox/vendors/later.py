"""
Stand-ins that take their vendor's main call and little else; each gets a file of its own with the issue that needs it.

Shapes: Calendly v2 OpenAPI (read 2026-11-22).
"""

from __future__ import annotations

import secrets

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, json_object
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer
from leadwake.sandbox.wire import Answer, Request


def not_yet(vendor: str, path: str) -> Answer:
    """404 that says why."""
    text = f"The sandbox's stand-in for {vendor} does not have {path[:200]} yet; it comes with the issue that needs it."
    return Answer.json(404, {"error": "not_in_sandbox", "message": text})


class Calendly:
    """Makes single-use booking links, which lead to a practice page."""

    name = "calendly"

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if request.method != "POST" or path != "/scheduling_links":
            return not_yet(self.name, path)
        if not bearer(request):
            return self._error(401, "Unauthenticated", "The access token is invalid")
        try:
            order = json_object(request.body)
        except Unreadable:
            order = {}
        owner = order.get("owner")
        if order.get("max_event_count") != 1 or order.get("owner_type") != "EventType" or not isinstance(owner, str):
            return self._error(400, "Invalid Argument", "max_event_count must be 1, owner and owner_type are required")
        link = f"http://{request.header(b'host')}/calendly/book?link={secrets.token_hex(4)}"
        return Answer.json(201, {"resource": {"booking_url": link, "owner": owner, "owner_type": "EventType"}})

    def throttled(self) -> Answer:
        body = {"title": "Too Many Requests", "message": "The request limit was reached."}
        return Answer.json(429, body, RETRY_AFTER_1S, ("x-ratelimit-reset", "1"))

    def failed(self) -> Answer:
        return self._error(500, "Unknown", "The server encountered an unexpected error")

    def _error(self, status: int, title: str, text: str) -> Answer:
        return Answer.json(status, {"title": title, "message": text, "details": []})
