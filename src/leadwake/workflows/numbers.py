"""The team's number at Twilio: which there are, which one texts come from, and where it reports to."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

import msgspec

from leadwake.errors import ConfigError, ProviderError, RuleError
from leadwake.providers.twilio_numbers import Hooks, Number, Service
from leadwake.settings import Settings
from leadwake.storage import observed
from leadwake.storage.events import record
from leadwake.workflows import accounts
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save

_SEEN: Final = "SEEN_NUMBERS"
_BEFORE: Final = "SEEN_HOOKS_BEFORE"


class Seen(msgspec.Struct, frozen=True):
    """The account as it was seen last. account: its URL and SID, so that another account's numbers are not shown."""

    account: str
    at: datetime
    numbers: tuple[Number, ...] = ()
    services: tuple[Service, ...] = ()
    problem: str = ""

    def number(self, phone: str) -> Number | None:
        """The number, if the account has it."""
        return next((number for number in self.numbers if number.phone == phone), None)

    def service(self, sid: str) -> Service | None:
        """The Messaging Service, if the account has it."""
        return next((service for service in self.services if service.sid == sid), None)


class Before(msgspec.Struct, frozen=True):
    """Where a number reported to before us."""

    phone: str
    at: datetime
    hooks: Hooks


def hooks(settings: Settings) -> Hooks | None:
    """Where a number of ours is to report to; None while there is no address that Twilio can reach."""
    base = accounts.hooks_base(settings)
    if not base:
        return None
    voice = f"{base}/hooks/twilio/voice"
    return Hooks(sms_url=f"{base}/hooks/twilio/sms", voice_url=voice, status_callback=voice)


async def seen(office: Office) -> Seen | None:
    """The account as it was seen last; None before anybody looked, or when it was another account."""
    found = await observed.read(office.db, office.vault, _SEEN, Seen)
    return found if found and found.account == _account(office.settings) else None


async def before(office: Office) -> dict[str, Before]:
    """What was there before us: number's sid → its hooks."""
    return await observed.read(office.db, office.vault, _BEFORE, dict[str, Before]) or {}


async def look(office: Office) -> Seen:
    """The account as it is now, kept for the page; its `problem` says why it could not be seen."""
    settings, now = office.settings, office.clock.now()
    found = Seen(_account(settings), now)
    try:
        async with accounts.twilio(settings) as account:
            numbers, services = await account.numbers(), await account.services()
        found = Seen(found.account, now, tuple(numbers), tuple(services))
    except (ProviderError, RuleError, ConfigError) as error:
        known = await seen(office)
        numbers_known, services_known = (known.numbers, known.services) if known else ((), ())
        found = Seen(found.account, now, numbers_known, services_known, str(error))
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _SEEN, found)
    return found


async def choose(office: Office, sender: str, actor: str) -> None:
    """Texts come from this number or service of the account from now on. Raises RuleError when it cannot text."""
    found = await seen(office) or await look(office)
    number = found.number(sender)
    if number is None and found.service(sender) is None:
        raise RuleError("The account has no such number any more; look again.")
    if number is not None and not number.texts:
        raise RuleError("This number cannot text; choose another, or buy one that can.")
    if office.settings.is_locked("TWILIO_FROM"):
        raise RuleError("LEADWAKE_TWILIO_FROM is set outside; it wins over what is chosen here.")
    name = "PRACTICE_TWILIO_FROM" if accounts.is_practice(office.settings, "twilio") else "TWILIO_FROM"
    await save(office, {name: sender}, actor)


async def set_hooks(office: Office, actor: str) -> Number:
    """
    The chosen number reports to us, as read again afterwards; what it had before is kept.

    Raises RuleError when there is nothing to set or something else handles the number, ProviderError.
    """
    wanted = hooks(office.settings)
    if wanted is None:
        raise RuleError("Save the public address first: Twilio has to reach this server.")
    return await _set(office, wanted, actor, "webhooks_set")


async def put_back(office: Office, actor: str) -> Number:
    """The chosen number reports where it did before us. Raises RuleError when that is not known, ProviderError."""
    number = await _own(office)
    old = (await before(office)).get(number.sid)
    if old is None:
        raise RuleError("There is nothing to put back.")
    return await _set(office, old.hooks, actor, "webhooks_put_back")


async def _set(office: Office, wanted: Hooks, actor: str, kind: str) -> Number:
    async with accounts.twilio(office.settings) as account:
        # 1. as it is now, not as it was when somebody last looked
        was = await _one(office, await account.numbers(accounts.texts_from(office.settings)))
        if was.handled_by:
            raise RuleError(
                f"Twilio hands this number to {was.handled_by}, whatever its URLs: take that off the number in "
                "Twilio's console first."
            )
        # 2. the old values are on record before the new ones are set
        if kind == "webhooks_set" and was.hooks != wanted:
            await _keep(office, was)
        # 3. set, and read again
        await account.set_hooks(was.sid, wanted)
        now = await _one(office, await account.numbers(was.phone))
    changed = [name for name, value in now.hooks.as_dict().items() if value != was.hooks.as_dict()[name]]
    known = await seen(office)
    async with office.db.transaction() as connection:
        if known:
            numbers = tuple(now if number.sid == now.sid else number for number in known.numbers)
            fresh = msgspec.structs.replace(known, numbers=numbers, at=office.clock.now(), problem="")
            await observed.note(connection, office.vault, _SEEN, fresh)
        if kind == "webhooks_put_back":
            kept = {sid: old for sid, old in (await before(office)).items() if sid != now.sid}
            await observed.note(connection, office.vault, _BEFORE, kept)
        await record(connection, office.clock.now(), actor, kind, number=now.sid, changed=changed)
    if not _same(now.hooks, wanted):
        raise RuleError("Twilio took the change and still shows other values; look again in a minute.")
    return now


async def _keep(office: Office, number: Number) -> None:
    kept = await before(office)
    if number.sid in kept and _is_ours(number.hooks):
        return
    old = Before(number.phone, office.clock.now(), number.hooks)
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _BEFORE, {**kept, number.sid: old})


def _is_ours(found: Hooks) -> bool:
    """An earlier address of ours is nothing to go back to."""
    return found.sms_url.endswith("/hooks/twilio/sms") and found.voice_url.endswith("/hooks/twilio/voice")


async def _own(office: Office) -> Number:
    async with accounts.twilio(office.settings) as account:
        return await _one(office, await account.numbers(accounts.texts_from(office.settings)))


async def _one(office: Office, numbers: list[Number]) -> Number:
    sender = accounts.texts_from(office.settings)
    if sender.startswith("MG"):
        raise RuleError("A Messaging Service is set in Twilio's console; see above.")
    if not numbers:
        raise RuleError("The account has no such number; choose one first.")
    return numbers[0]


def differing(number: Number, wanted: Hooks) -> list[str]:
    """Names of the hooks that are not as wanted."""
    mine, theirs = wanted.as_dict(), number.hooks.as_dict()
    return [name for name in mine if mine[name] != theirs[name]]


def _same(found: Hooks, wanted: Hooks) -> bool:
    """A method of a URL that is nowhere says nothing."""

    def plain(hooks: Hooks) -> Hooks:
        return replace(
            hooks,
            sms_method=hooks.sms_method if hooks.sms_url else "",
            voice_method=hooks.voice_method if hooks.voice_url else "",
            status_callback_method=hooks.status_callback_method if hooks.status_callback else "",
        )

    return plain(found) == plain(wanted)


def _account(settings: Settings) -> str:
    sid = "practice" if accounts.is_practice(settings, "twilio") else settings.get("TWILIO_ACCOUNT_SID")
    return f"{accounts.url(settings, 'twilio')} {sid}"
