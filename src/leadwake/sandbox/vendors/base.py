"""What the server asks of every stand-in."""

from __future__ import annotations

from typing import Protocol

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.wire import Answer, Request


class Vendor(Protocol):
    """A stand-in. Paths come without the vendor's prefix and keep their leading slash."""

    name: str

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:
        """What the vendor does and answers on a good day. Never raises."""
        ...

    def throttled(self) -> Answer:
        """The vendor's own way to say: too many requests."""
        ...

    def failed(self) -> Answer:
        """The vendor's own way to say: trouble here."""
        ...


def bearer(request: Request) -> str:
    """The bearer token, "" where there is none."""
    scheme, _, token = request.header(b"authorization").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_json(request: Request) -> bool:
    """True when the request says that its body is JSON."""
    return request.header(b"content-type").partition(";")[0].strip().lower() == "application/json"


RETRY_AFTER_1S = ("retry-after", "1")
