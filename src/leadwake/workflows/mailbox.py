"""A mailbox read by IMAP: one process at a time, each mail taken in once, marked as read when it is ours for good.

In this order: taken in (its own id makes a second time harmless), marked, remembered as read. Wherever that is cut off,
the next round does the rest again, and nothing is lost or doubled. Nothing is ever deleted or moved.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

import psycopg

from leadwake import log
from leadwake.errors import BadCredentials, ConfigError, DatabaseAway, ProviderError, Rejected
from leadwake.providers import imap
from leadwake.providers.imap import Address, Session
from leadwake.workflows.incoming_mail import Postbox
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how often it is looked for new mail, and how often a process looks whether another one still does
TICK_S: Final = 5.0
_LONGEST_WAIT_S: Final = 300.0
#: of a mailbox never read before: what nobody has opened and is no older than this
FIRST_DAYS: Final = 3
#: of a mail so much is read; what a person wrote comes before what they attached
MAX_MAIL: Final = 30 * 1024 * 1024
_BATCH: Final = 100
_LOCK: Final = 7_230_020


class Mailbox:
    """The mailbox of one office, as one process reads it."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._postbox = Postbox(office)
        self._failures = 0

    async def run(self) -> None:
        """Reads, or stands by while another process does, until cancelled."""
        while True:
            try:
                if url := self._office.settings.get("IMAP_URL"):
                    await self._by_turns(url)
            except DatabaseAway:
                _log.warning("mailbox_waits", reason="database away")
            except Exception:
                self._failures += 1
                _log.exception("mailbox_failed")
            await self._wait(self._office.settings.get("IMAP_URL"))

    async def _wait(self, url: str) -> None:
        """Longer the more often it failed; no longer than until somebody changes the setting."""
        wait_s = min(_LONGEST_WAIT_S, TICK_S * 2 ** min(self._failures, 6)) * random.uniform(0.8, 1.2)  # noqa: S311 - keeps several processes out of step
        while wait_s > 0 and self._office.settings.get("IMAP_URL") == url:
            await asyncio.sleep(min(wait_s, TICK_S))
            wait_s -= TICK_S
        if self._office.settings.get("IMAP_URL") != url:
            self._failures = 0

    async def _by_turns(self, url: str) -> None:
        """Reads while this process has the lock. It is a connection's: gone with the process, whatever ends it."""
        try:
            lock = await psycopg.AsyncConnection.connect(self._office.db.url, autocommit=True, connect_timeout=3)
            async with lock:
                row = await (await lock.execute("select pg_try_advisory_lock(%s)", [_LOCK])).fetchone()
                if row and row[0]:
                    await self._read(url, lock)
        except psycopg.OperationalError as error:
            raise DatabaseAway(str(error)) from error

    async def _read(self, url: str, lock: psycopg.AsyncConnection) -> None:
        """Round after round, on one session, until the setting changes or the server fails."""
        try:
            address = Address(url)
            async with imap.session(address) as box:
                while self._office.settings.get("IMAP_URL") == url:
                    while await look(self._office, self._postbox, address, box):
                        await lock.execute("select 1")
                    self._failures = 0
                    await asyncio.sleep(TICK_S)
                    await lock.execute("select 1")  # while it is away, another process may be reading
                    await box.alive()
        except (ProviderError, ConfigError) as error:
            self._failures += 1
            _log.warning("mailbox_not_read", reason=str(error))
            await _failed(self._office, url, error)


async def look(office: Office, postbox: Postbox, address: Address, box: Session) -> int:
    """
    A round: what is new in the mailbox has been taken in; how many mails there were.

    Raises ProviderError and DatabaseAway; then the next round goes on where this one was cut off.
    """
    row = await office.db.one("mailbox_read", id=name_of(address))
    if row is None or row["validity"] == 0:
        return await _first(office, postbox, address, box)
    if row["validity"] != box.validity:  # the numbers mean other mails by now: the last days once more
        uids = await box.since(_first_day(), unread=False)
        await _note(office, address, box, min([box.next_uid, *uids]) - 1)
        return len(uids)
    uids = (await box.after(row["read_to"]))[:_BATCH]
    async for uid in _taken(postbox, box, uids):
        await _note(office, address, box, uid)
    if not uids:
        await _note(office, address, box, row["read_to"])
    return len(uids)


async def _first(office: Office, postbox: Postbox, address: Address, box: Session) -> int:
    """Of a mailbox never read before only what is new and unread: a team's old mails are no leads."""
    uids = await box.since(_first_day(), unread=True)
    async for _ in _taken(postbox, box, uids):
        pass
    await _note(office, address, box, max([box.next_uid - 1, *uids]))
    return len(uids)


def _first_day() -> date:
    return (datetime.now(UTC) - timedelta(days=FIRST_DAYS)).date()


async def _taken(postbox: Postbox, box: Session, uids: Sequence[int]) -> AsyncIterator[int]:
    """Each of the mails once it is taken in and marked; what somebody has removed meanwhile is passed over."""
    for uid in uids:
        await _take(postbox, box, uid)
        yield uid


async def _take(postbox: Postbox, box: Session, uid: int) -> None:
    raw = await box.message(uid, MAX_MAIL)
    if raw is None:
        return
    try:
        outcome = await postbox.take(raw)
    except (DatabaseAway, psycopg.OperationalError) as error:
        raise DatabaseAway(str(error)) from error
    except Exception:
        # the others must not wait for it; it stays unread, and somebody sees it there
        _log.exception("mail_not_taken_in", uid=uid)
        return
    _log.info("mail_taken_in", uid=uid, outcome=outcome)
    try:
        await box.mark_read(uid)
    except Rejected as error:
        _log.warning("mail_not_marked", uid=uid, reason=str(error))  # read only: it is ours all the same


# What is remembered.


def name_of(address: Address) -> str:
    """What stands for a mailbox: the same while its password changes, and no address of anybody's."""
    return hashlib.sha256(f"{address.user}@{address}".encode()).hexdigest()[:32]


async def _note(office: Office, address: Address, box: Session, read_to: int) -> None:
    values = {"id": name_of(address), "validity": box.validity, "read_to": read_to, "now": datetime.now(UTC)}
    await office.db.run("mailbox_looked", **values)


async def _failed(office: Office, url: str, error: ProviderError | ConfigError) -> None:
    try:
        name = name_of(Address(url))
    except ConfigError:
        return  # `doctor` says so from the setting itself
    await office.db.run("mailbox_failed", id=name, now=datetime.now(UTC), failure=plainly(error))


def plainly(error: ProviderError | ConfigError) -> str:
    """What is wrong, in a sentence."""
    if isinstance(error, BadCredentials):
        return f"the server refuses the login ({error})"
    if isinstance(error, Rejected):
        return f"the server refuses ({error})"
    return f"the server cannot be reached ({error})"
