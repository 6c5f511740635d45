"""
Stand-in for Meta: somebody fills in a lead form, the product is told its id, signed as Meta signs, and asks for more.

The app secret is APP_SECRET unless it is told another. Trouble comes as Meta's does: 400 with a code.
Sources: Graph API "Retrieving leads", "Handling errors"; "Webhooks for Leadgen" (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
from collections.abc import Mapping
from typing import Any

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.outbox import NotLocal, Outbox, locate
from leadwake.sandbox.samples import sample_lead
from leadwake.sandbox.vendors.base import bearer
from leadwake.sandbox.wire import Answer, Request

APP_SECRET = "practice"  # noqa: S105 - the practice's own, known to everybody
HOOK = "/hooks/meta/leadgen"
MAX_LEADS = 2_000
PAGE, FORM_ID, AD = "100000000000001", "100000000000003", "100000000000002"
#: tokens that Meta refuses, or that may not read about ads
EXPIRED, LEADS_ONLY = "expired", "leads-only"
_OF_ADS = ("ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name")

_NODE = re.compile(r"/v\d{1,2}\.\d/([0-9A-Za-z_-]{1,64})")


class Meta:
    """The stand-in."""

    name = "meta"

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._url = None if product_url is None else product_url.rstrip("/") + HOOK
        self._secret = APP_SECRET
        self._leads: dict[str, dict[str, Any]] = {}
        self._next_id = 1_000_000_000_000_000

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        node = _NODE.fullmatch(path)
        if request.method != "GET" or node is None:
            return error(100, "Unsupported request. Please read the Graph API documentation.")
        token = bearer(request) or form(request.query).get("access_token", "")
        if not token:
            return error(104, "An access token is required to request this resource.")
        if token == EXPIRED:
            return error(190, "Error validating access token: Session has expired.", error_subcode=463)
        if node[1] == "me":
            return Answer.json(200, {"id": PAGE, "name": "Practice page"})
        return self._lead(node[1], form(request.query).get("fields", ""), token)

    def throttled(self) -> Answer:
        return error(4, "(#4) Application request limit reached", is_transient=True)

    def failed(self) -> Answer:
        return error(2, "An unexpected error has occurred. Please retry your request later.", status=500)

    def _lead(self, lead_id: str, fields: str, token: str) -> Answer:
        lead = self._leads.get(lead_id)
        if lead is None:
            text = f"Unsupported get request. Object with ID '{lead_id}' does not exist, cannot be loaded due to "
            return error(100, text + "missing permissions, or does not support this operation.", error_subcode=33)
        asked = set(fields.split(",")) or {"id", "created_time"}
        if token == LEADS_ONLY and asked & set(_OF_ADS):
            return error(200, "(#200) Requires ads_management or ads_read permission to read ad fields")
        return Answer.json(200, {name: value for name, value in lead.items() if name in asked | {"id"}})

    # the sandbox's own desk

    def desk(self, request: Request, path: str) -> Answer | None:
        """
        POST /_leadgen {"answers": {name: value}, "id", "tell"}: somebody fills in the form; the answer is its id.

        PUT /_leadgen {"url": the product's hook, "secret": what it is signed with}.
        """
        if path != "/_leadgen":
            return None
        if request.method not in ("POST", "PUT"):
            return Answer.json(405, {"error": "POST or PUT"}, ("allow", "POST, PUT"))
        try:
            order = json_object(request.body or b"{}")
            if request.method == "PUT":
                return self._direct(order)
            answers, lead_id = order.get("answers"), order.get("id")
            known = answers if isinstance(answers, dict) else None
            return Answer.json(200, {"leadgen_id": self.fill_in(known, lead_id, tell=order.get("tell") is not False)})
        except (Unreadable, NotLocal) as problem:
            return Answer.json(422, {"error": str(problem)})

    def _direct(self, order: dict[str, Any]) -> Answer:
        url, secret = order.get("url"), order.get("secret", APP_SECRET)
        if not isinstance(url, str) or not isinstance(secret, str):
            raise NotLocal("must be an http:// URL of this machine")
        locate(url)
        self._url, self._secret = url, secret
        return Answer.json(200, {"url": url})

    def fill_in(self, answers: Mapping[str, Any] | None = None, lead_id: object = None, *, tell: bool = True) -> str:
        """An invented person fills in the form; the product is told, unless it is not to be. The lead's id."""
        self._next_id += 1
        known_as = str(lead_id or self._next_id)
        data = [{"name": str(name), "values": [str(value)]} for name, value in (answers or _somebody()).items()]
        self._leads[known_as] = {
            "id": known_as, "created_time": time.strftime("%Y-%m-%dT%H:%M:%S+0000", time.gmtime()), "field_data": data,
            "form_id": FORM_ID, "ad_id": AD, "ad_name": "Spring", "campaign_name": "Practice", "platform": "fb",
            "is_organic": False,
        }  # fmt: skip
        while len(self._leads) > MAX_LEADS:
            del self._leads[next(iter(self._leads))]
        if tell and self._url is not None:
            self._tell(known_as)
        return known_as

    def _tell(self, lead_id: str) -> None:
        now = int(time.time())
        value = {"leadgen_id": lead_id, "page_id": PAGE, "form_id": FORM_ID, "ad_id": AD, "created_time": now}
        change = {"field": "leadgen", "value": value}
        told = {"object": "page", "entry": [{"id": PAGE, "time": now, "changes": [change]}]}
        body = json.dumps(told).encode()
        self._outbox.post(locate(self._url or ""), body, signed_headers(self._secret, body))


def _somebody() -> dict[str, Any]:
    lead = sample_lead()
    known = {"full_name": lead["name"], "email": lead["email"], "phone_number": lead["phone"],
             "zip_code": lead.get("postal_code"), "when_do_you_want_to_move?": lead.get("timeline")}  # fmt: skip
    return {name: value for name, value in known.items() if value}


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """The headers of Meta's webhooks; signature over the raw body."""
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "x-hub-signature-256": f"sha256={digest}"}


def error(code: int, text: str, *, status: int = 400, **more: Any) -> Answer:
    """Meta's error body."""
    told = {"message": text, "type": "OAuthException", "code": code, "fbtrace_id": "A00000000000000", **more}
    return Answer.json(status, {"error": told})
