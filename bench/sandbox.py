"""The vendors of the bench: what they are told, and when a text reached them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx

#: the vendors that a lead's five calls go to
VENDORS = ("twilio", "sendgrid", "hubspot")


@dataclass(frozen=True, slots=True)
class Received:
    """What the vendors did. texts, mails: address → instants (Unix seconds) of those to it; calls: all requests."""

    texts: Mapping[str, list[float]]
    mails: Mapping[str, list[float]]
    calls: int


class Vendors:
    """The stand-ins at `url`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, trust_env=False, timeout=30)

    def behave(self, *, delay_ms: int, receipts: bool) -> None:
        """Each answers after delay_ms. receipts: Twilio then reports sent and delivered for every text."""
        for name in VENDORS:
            order = {"mode": "ok", "delay_ms": delay_ms, "callbacks": receipts}
            self._http.put(f"/behaviour/{name}", json=order).raise_for_status()

    def hang(self, vendor: str, delay_ms: int) -> None:
        """This one takes so long over every call."""
        self._http.put(f"/behaviour/{vendor}", json={"mode": "slow", "delay_ms": delay_ms}).raise_for_status()

    def fail(self, vendor: str, mode: str, for_s: float) -> None:
        """This one fails so, for so long."""
        self._http.put(f"/behaviour/{vendor}", json={"mode": mode, "for_s": for_s}).raise_for_status()

    def clear(self) -> None:
        """Nothing is on record."""
        self._http.delete("/received").raise_for_status()

    def received(self) -> Received:
        """What is on record since the last `clear`."""
        found: dict[str, dict[str, list[float]]] = {name: {} for name in VENDORS}
        count = 0
        for name in VENDORS:
            answered = self._http.get("/received", params={"vendor": name}).raise_for_status().json()
            records = [record for record in answered if 200 <= record["status"] < 300]  # the others did nothing
            # notes in the CRM tell of what was done; they are no answer to anybody
            count += sum(record["method"] != "GET" and "/notes" not in record["path"] for record in records)
            for record in records:
                if record["method"] == "POST" and (to := _to(name, record["body"])):
                    at = datetime.fromisoformat(record["at"]).timestamp()
                    found[name].setdefault(to, []).append(at)
        return Received(found["twilio"], found["sendgrid"], count)

    def close(self) -> None:
        """The connection is closed."""
        self._http.close()


def _to(vendor: str, body: Any) -> str:
    """Whom a text or a mail is to; "" for other calls."""
    if vendor == "twilio":
        return str(body["To"])
    return str(body["personalizations"][0]["to"][0]["email"]) if vendor == "sendgrid" else ""
