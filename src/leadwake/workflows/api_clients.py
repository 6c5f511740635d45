"""Programs that get access tokens: made, given a new secret, revoked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from leadwake.errors import RuleError
from leadwake.storage.credentials import new_client_id, new_client_secret
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: how long the secret before is good beside a new one
OLD_SECRET_FOR: Final = timedelta(hours=24)


async def add(office: Office, name: str, scopes: Sequence[str], *, actor: str) -> tuple[str, str]:
    """(id, secret) of a new client; the secret is shown once and never stored."""
    id_, secret = new_client_id(), new_client_secret()
    async with office.db.transaction() as connection:
        values = {"id": id_, "name": name, "scopes": list(scopes), "secret_hash": secret.hash}
        await connection.execute(q("api_client_add"), values)
        now = office.clock.now()
        await record(connection, now, actor, "oauth_client_created", client=id_, scopes=list(scopes))
    return id_, secret.text


async def rotate(office: Office, client_id: str, *, at_once: bool, actor: str) -> str:
    """
    A new secret; the one before is good beside it for a day.

    at_once: it is not, nor is any token that was got with it. Raises RuleError when no such client is in use.
    """
    secret = new_client_secret()
    keep_s = 0 if at_once else int(OLD_SECRET_FOR.total_seconds())
    async with office.db.transaction() as connection:
        values = {"id": client_id, "secret_hash": secret.hash, "keep_s": keep_s}
        if not (await connection.execute(q("api_client_rotate"), values)).rowcount:
            raise _unknown()
        if at_once:
            await connection.execute(q("access_tokens_end"), {"client_id": client_id})
        now = office.clock.now()
        await record(connection, now, actor, "oauth_client_rotated", client=client_id, at_once=at_once)
    return secret.text


async def revoke(office: Office, client_id: str, *, actor: str) -> None:
    """Neither its secret nor its tokens open anything. Raises RuleError when no such client is in use."""
    async with office.db.transaction() as connection:
        if not (await connection.execute(q("api_client_revoke"), {"id": client_id})).rowcount:
            raise _unknown()
        await connection.execute(q("access_tokens_end"), {"client_id": client_id})
        await record(connection, office.clock.now(), actor, "oauth_client_revoked", client=client_id)


def _unknown() -> RuleError:
    return RuleError("no client in use has this id: leadwake api-client list")
