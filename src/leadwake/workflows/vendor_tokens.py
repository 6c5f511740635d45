"""The token of each vendor that is connected by OAuth: held here while it is fresh, renewed by one process at a time.

A refresh token is spent under an attempt whose lease stands in the grant's row, so no two spend it at once. Once its
answer was read, it is never used again. When it was not (the connection was cut, the process died), nobody knows
whether the vendor took it: it is used again when the lease is over. Either the vendor never saw it, or it answers as
before within a grace, or the connection is lost anyhow, and a person has to connect again.

No transaction is open while the vendor is asked, and nothing is written to it after the lease.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid4

import httpx

from leadwake import log
from leadwake.actions.outcomes import CREDENTIALS_PAUSE_S, backoff_s
from leadwake.errors import BadCredentials, DatabaseAway, NotYet, OutcomeUnknown, ProviderError, Unavailable
from leadwake.providers import oauth
from leadwake.providers.ports import CONNECT_AGAIN, Call
from leadwake.settings import Settings
from leadwake.storage import grants
from leadwake.storage.db import Database
from leadwake.storage.grants import Fresh, Held, Taken
from leadwake.storage.vault import Vault
from leadwake.vendors import Grant

_log = log.get(__name__)

#: a request may be written so long after the refresh token was taken, and is over DEADLINE_S later
WRITE_S: Final = 5.0
#: both and a little; a vendor's grace for a lost answer (30 s, where there is one) is longer
LEASE_S: Final = 12.0
#: an access token that ends within this is not used any more
SPARE_S: Final = 10.0
#: somebody else's renewal is waited for so long, looked at so often
PATIENCE_S, LOOK_S = 6.0, 0.1
#: whether a token that is to be renewed was renewed elsewhere is looked at so often
LOOK_AGAIN_S: Final = 2.0
STORE_AGAIN_S: Final = 0.5
_IN_DOUBT: Final = "the answer to a renewal was lost, and the vendor does not take the old token again"


@dataclass(frozen=True, slots=True)
class _Known:
    """A token as this process holds it. Instants of `time.monotonic()`: look_at: then the database may know a newer."""

    access: str = field(repr=False)
    usable_until: float
    look_at: float

    @classmethod
    def of(cls, held: Held) -> _Known:
        now, never = time.monotonic(), float("inf")
        left = never if held.left_s is None else now + held.left_s - (SPARE_S if held.can_renew else 0.0)
        fresh = never if held.fresh_s is None else now + max(held.fresh_s, LOOK_AGAIN_S)
        return cls(held.access, left, fresh)

    def is_usable(self, refused: str | None) -> bool:
        """True while the vendor takes it, as far as is known here."""
        return self.access != refused and time.monotonic() < self.usable_until


class Tokens:
    """The tokens of one process. settings: as they are now."""

    def __init__(self, db: Database, vault: Vault, settings: Callable[[], Settings]) -> None:
        self._db, self._vault, self._settings = db, vault, settings
        self._known: dict[UUID, _Known] = {}
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._renewals: set[asyncio.Task[str]] = set()

    def bearer(self, vendor: str) -> VendorBearer:
        """Whoever has the token of the vendor's grant of now."""
        grant = self._settings().granted(vendor)
        assert grant is not None
        return VendorBearer(self, vendor, grant)

    async def of(self, vendor: str, grant: Grant, refused: str | None = None) -> str:
        """
        The grant's token, another than `refused`. One that can still be used is given at once.

        Raises BadCredentials when only connecting again helps, NotYet while somebody else renews it, Unavailable when
        it has ended and could not be renewed.
        """
        known = self._known.get(grant.id)
        if known is not None and known.is_usable(refused) and time.monotonic() < known.look_at:
            return known.access
        try:
            held = await self._read(vendor, grant)
            if self._known[grant.id].is_usable(refused):
                return held.access
            return await self._to_its_end(self._renewed(vendor, grant, refused))
        except DatabaseAway as error:
            if known is not None and known.is_usable(refused):
                return known.access
            text = f"{vendor}: its token has ended, and the database is away"
            raise Unavailable(text, vendor=vendor, code="database") from error

    async def renew_due(self) -> None:
        """What is to be renewed by now is, ahead of its end, unless somebody else is at it. Raises DatabaseAway."""
        for row in await self._db.all("grants_due"):
            grant = self._settings().granted(row["vendor"])
            if grant is not None and grant.id == row["id"]:
                try:
                    await self._to_its_end(self._renewed(row["vendor"], grant, None, ahead=True))
                except ProviderError as error:
                    _log.warning("vendor_token_not_renewed", vendor=row["vendor"], code=error.code)

    async def settled(self) -> None:
        """No renewal of this process is under way, unless the database is away: a clean stop leaves none in doubt."""
        if self._renewals:
            await asyncio.wait(self._renewals, timeout=LEASE_S)

    async def _to_its_end(self, work: Coroutine[Any, Any, str]) -> str:
        """Also when the caller's time is over: a refresh token that was spent must be followed up."""
        task = asyncio.ensure_future(work)
        self._renewals.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[str]) -> None:
        self._renewals.discard(task)
        if not task.cancelled():
            task.exception()  # the caller may have left

    async def _renewed(self, vendor: str, grant: Grant, refused: str | None, *, ahead: bool = False) -> str:
        """Another token than `refused`, renewed by us or by whoever is at it. ahead: though this one can be used."""
        until = time.monotonic() + PATIENCE_S
        async with self._locks.setdefault(grant.id, asyncio.Lock()):
            while True:
                held = await self._read(vendor, grant)
                is_due = held.fresh_s is not None and held.fresh_s <= 0
                if self._known[grant.id].is_usable(refused) and not (ahead and is_due and not held.is_being_renewed):
                    return held.access
                if not held.can_renew:
                    reason = "the vendor does not take its token any more"
                    await self._db.run("grant_refused", id=grant.id, serial=held.serial, reason=reason)
                    raise _lost(vendor)
                if not held.is_being_renewed and (access := await self._spent(vendor, grant, held)):
                    return access
                if time.monotonic() > until:
                    raise NotYet(f"{vendor}: its token is being renewed", vendor=vendor, code="renewing")
                await asyncio.sleep(LOOK_S)

    async def _read(self, vendor: str, grant: Grant) -> Held:
        held = await grants.read(self._db, self._vault, grant.id)
        if held is None:
            self._known.pop(grant.id, None)
            raise NotYet(f"{vendor} was connected anew, or disconnected", vendor=vendor, code="renewing")
        if held.state == "lost":
            raise _lost(vendor)
        self._known[grant.id] = _Known.of(held)
        return held

    async def _spent(self, vendor: str, grant: Grant, held: Held) -> str | None:
        """The token that the refresh token brought; None when somebody else was faster. Raises ProviderError."""
        app = self._settings().oauth_app(vendor, grant.base)
        if app is None:
            text = f"{vendor}: its token has to be renewed, and the client id and secret of our app are missing"
            raise BadCredentials(text, vendor=vendor, code="client")
        if held.retry_s is not None and held.retry_s > 0:
            text = f"{vendor}: its token could not be renewed: {held.reason}"
            raise Unavailable(text[:300], vendor=vendor, code="renewal", retry_after_s=held.retry_s)
        attempt, call = uuid4(), Call.for_seconds(WRITE_S)  # before the lease begins, so that it ends first
        taken = await grants.take(self._db, self._vault, grant.id, held.serial, attempt, LEASE_S)
        if taken is None:
            return None
        try:
            granted = await oauth.renew(vendor, app, taken.refresh, call)
        except ProviderError as error:
            raise await self._not_renewed(vendor, grant, attempt, taken, error) from error
        fresh = Fresh(granted.access, granted.refresh, granted.lasts_s, granted.renew_s())
        await self._stored(vendor, grant, held.serial, attempt, fresh)
        _log.info("vendor_token_renewed", vendor=vendor)
        return (await self._read(vendor, grant)).access

    async def _stored(self, vendor: str, grant: Grant, serial: int, attempt: UUID, fresh: Fresh) -> None:
        """However long the database is away: what the vendor gave in place of the old token is nowhere else."""
        while True:
            try:
                await grants.renewed(self._db, self._vault, grant.id, serial, attempt, fresh)
            except DatabaseAway:
                _log.error("vendor_token_not_stored_yet", vendor=vendor)
                await asyncio.sleep(STORE_AGAIN_S)
            else:
                return

    async def _not_renewed(
        self, vendor: str, grant: Grant, attempt: UUID, taken: Taken, error: ProviderError
    ) -> ProviderError:
        """The failure stands in the row; what the call is told that wanted the token."""
        if error.code == CONNECT_AGAIN:
            reason = _IN_DOUBT if taken.in_doubt else str(error)[:300]
            await self._db.run("grant_lost", id=grant.id, attempt=attempt, reason=reason)
            _log.error("vendor_connection_lost", vendor=vendor, in_doubt=taken.in_doubt)
            return _lost(vendor)
        wait_s = CREDENTIALS_PAUSE_S if isinstance(error, BadCredentials) else error.retry_after_s
        values = {"wait_s": wait_s or backoff_s(taken.failures), "reason": str(error)[:300]}
        is_unknown = isinstance(error, OutcomeUnknown)
        await self._db.run("grant_not_renewed", id=grant.id, attempt=attempt, doubt=is_unknown, **values)
        if is_unknown:  # of the renewal: the call that wants the token was never made
            return Unavailable(str(error), vendor=vendor, code=error.code)
        return error


@dataclass(frozen=True, slots=True)
class VendorBearer:
    """The token of one grant, for an adapter."""

    tokens: Tokens
    vendor: str
    grant: Grant

    async def token(self) -> str:
        """The token of now. Raises BadCredentials, NotYet, Unavailable."""
        return await self.tokens.of(self.vendor, self.grant)

    def is_refusal(self, answer: httpx.Response) -> bool:
        """True when the vendor did nothing, because it does not take the token."""
        return oauth.is_refusal(self.vendor, answer)

    async def another(self, refused: str) -> str:
        """Another than this one. Raises BadCredentials, NotYet, Unavailable."""
        return await self.tokens.of(self.vendor, self.grant, refused)


def _lost(vendor: str) -> BadCredentials:
    return BadCredentials(f"{vendor} has to be connected again", vendor=vendor, code=CONNECT_AGAIN)
