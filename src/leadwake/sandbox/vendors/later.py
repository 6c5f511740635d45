"""
Stand-ins that take their vendor's main call and little else; each gets a file of its own with the issue that needs it.

Shapes: highlevel-api-docs (read 2026-11-22).
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


class GoHighLevel:
    """Takes contacts/upsert; never merges, so each is new."""

    name = "gohighlevel"

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if request.method != "POST" or path != "/contacts/upsert":
            return not_yet(self.name, path)
        if not bearer(request) or not request.header(b"version"):
            return self._error(401, "Authorization and Version headers are required", "Unauthorized")
        try:
            order = json_object(request.body)
        except Unreadable:
            return self._error(400, "not readable as JSON", "Bad Request")
        if not order.get("locationId"):
            return self._error(422, ["locationId should not be empty"], "Unprocessable Entity")
        contact = order | {"id": secrets.token_urlsafe(15)}
        return Answer.json(200, {"new": True, "contact": contact, "traceId": secrets.token_hex(8)})

    def throttled(self) -> Answer:
        return self._error(429, "Too Many Requests", "Too Many Requests", RETRY_AFTER_1S)

    def failed(self) -> Answer:
        return self._error(500, "Internal server error", "Internal Server Error")

    def _error(self, status: int, text: str | list[str], name: str, *headers: tuple[str, str]) -> Answer:
        return Answer.json(status, {"statusCode": status, "message": text, "error": name}, *headers)
