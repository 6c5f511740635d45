"""Endpoints of outgoing webhooks: rows ⇄ values. Where they are, and what they sign with, is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from psycopg.rows import DictRow

from leadwake.storage.db import Database
from leadwake.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Endpoint:
    """
    Somebody's server that hears of what happens here.

    types: of events; empty: all. paused_why: admin, gone (it said so), failing (for days). failing_since: nothing has
    arrived since. old_until: while the secret before signs, too. waiting, arrived_at: among its newest deliveries.
    """

    id: UUID
    url: str
    types: Sequence[str]
    created_by: UUID | None
    created_at: datetime
    paused_at: datetime | None
    paused_why: str | None
    failing_since: datetime | None
    failing_why: str | None
    old_until: datetime | None
    waiting: int
    arrived_at: datetime | None

    @property
    def host(self) -> str:
        """What of its URL may be shown: the rest may be as good as a key."""
        return host_of(self.url)


async def endpoints(db: Database, vault: Vault, endpoint_id: UUID | None = None) -> list[Endpoint]:
    """Every endpoint, the oldest first; or the one of this id, if it is there."""
    return [_endpoint(vault, row) for row in await db.all("webhook_endpoints", id=endpoint_id)]


def _endpoint(vault: Vault, row: DictRow) -> Endpoint:
    return Endpoint(url=opened(vault, row["id"], "url", row["sealed_url"]), **{
        name: row[name] for name in Endpoint.__dataclass_fields__ if name != "url"
    })  # fmt: skip


def host_of(url: str) -> str:
    """The host of a URL."""
    return urlsplit(url).hostname or ""


def sealed(vault: Vault, endpoint_id: UUID, what: str, text: str) -> bytes:
    """An endpoint's url or secret, to store. what: url, secret; it opens as nothing else, and for no other endpoint."""
    return vault.seal_setting(f"webhook {what} {endpoint_id}", text)


def opened(vault: Vault, endpoint_id: UUID, what: str, content: bytes) -> str:
    """What `sealed` sealed."""
    return vault.open_setting(f"webhook {what} {endpoint_id}", content)
