"""
Stand-in for SendGrid's domain authentication: DNS that has not arrived at the first look and has at the second.

Source: sendgrid-oai, domain authentication v3 (read 2026-11-22).
"""

from __future__ import annotations

import re
from typing import Any, Final

from leadwake.sandbox.bodies import form, json_object
from leadwake.sandbox.wire import Answer, Request

PATHS: Final = re.compile(r"/v3/whitelabel/domains(?:/(?P<id>[0-9]{1,9})(?P<validate>/validate)?)?")
MAX_DOMAINS: Final = 100
_DOMAIN = re.compile(r"(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}")
#: looks at the DNS until it is there
LOOKS: Final = 2


class Domains:
    """The account's domains by their ids."""

    def __init__(self) -> None:
        self._domains: dict[int, dict[str, Any]] = {}
        self._looks: dict[int, int] = {}

    def work(self, request: Request, match: re.Match[str]) -> Answer | None:
        """The answer; None where there is nothing. Raises Unreadable."""
        if match["id"] is None:
            return self._all(request)
        domain = self._domains.get(int(match["id"]))
        if domain is None:
            return None
        if match["validate"] and request.method == "POST":
            return self._look(domain)
        return Answer.json(200, domain) if request.method == "GET" and not match["validate"] else None

    def _all(self, request: Request) -> Answer | None:
        if request.method == "GET":
            wanted = form(request.query).get("domain", "")
            return Answer.json(200, [one for one in self._domains.values() if wanted in ("", one["domain"])])
        if request.method != "POST":
            return None
        name = json_object(request.body).get("domain")
        if not isinstance(name, str) or not _DOMAIN.fullmatch(name) or len(self._domains) >= MAX_DOMAINS:
            return Answer.json(400, {"errors": [{"field": "domain", "message": "is not a domain we can authenticate"}]})
        number = len(self._domains) + 1
        self._domains[number] = _domain(number, name.lower())
        return Answer.json(201, self._domains[number])

    def _look(self, domain: dict[str, Any]) -> Answer:
        number = domain["id"]
        self._looks[number] = self._looks.get(number, 0) + 1
        is_there = self._looks[number] >= LOOKS
        results = {}
        for name, record in domain["dns"].items():
            record["valid"] = is_there or name == "mail_cname"
            reason = None if record["valid"] else f'Expected CNAME for "{record["host"]}" but found none.'
            results[name] = {"valid": record["valid"], "reason": reason}
        domain["valid"] = is_there
        return Answer.json(200, {"id": number, "valid": is_there, "validation_results": results})


def _domain(number: int, name: str) -> dict[str, Any]:
    def cname(host: str, data: str) -> dict[str, Any]:
        return {"valid": False, "type": "cname", "host": f"{host}.{name}", "data": data}

    return {
        "id": number, "user_id": 7, "subdomain": "em1234", "domain": name, "username": "practice", "ips": [],
        "custom_spf": False, "default": number == 1, "legacy": False, "automatic_security": True, "valid": False,
        "dns": {
            "mail_cname": cname("em1234", "u7.wl.sendgrid.net"),
            "dkim1": cname("s1._domainkey", "s1.domainkey.u7.wl.sendgrid.net"),
            "dkim2": cname("s2._domainkey", "s2.domainkey.u7.wl.sendgrid.net"),
        },
    }  # fmt: skip
