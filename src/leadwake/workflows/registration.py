"""The carriers' registration of the texts' sender (A2P 10DLC), asked for at Twilio until approved, and then daily.

Unapproved traffic is blocked by the carriers and fined; so until Twilio (or the operator) says approved, no text goes
out (R-10DLC-1), e-mail answers alone, and the team is told once. What cannot be known blocks.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from leadwake.errors import ConfigError, ProviderError, RuleError
from leadwake.providers.twilio_numbers import Registration, Standing
from leadwake.settings import Settings
from leadwake.storage import observed
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.vendors import Mode
from leadwake.workflows import accounts, ops_mail
from leadwake.workflows.office import Office

_SEEN: Final = "SEEN_REGISTRATION"
#: where the settings look: "approved <account> <sender>"
_APPROVED: Final = "SEEN_A2P"
PENDING_EVERY: Final = timedelta(minutes=15)
APPROVED_EVERY: Final = timedelta(hours=24)


class Seen(msgspec.Struct, frozen=True):
    """
    What Twilio said last, and when. sender: whose registration, with its account. asked_at: the last try.

    problem: why the last try said nothing; then state is what was known before. told: what the team was told last.
    """

    sender: str
    state: Registration
    campaign: str
    brand: str
    at: datetime
    asked_at: datetime
    problem: str = ""
    told: str = ""


async def seen(office: Office) -> Seen | None:
    """What is known of the registration of today's sender; None before Twilio was asked about it."""
    found = await observed.read(office.db, office.vault, _SEEN, Seen)
    return found if found and found.sender == _sender(office.settings) else None


async def ask(office: Office) -> Seen | None:
    """
    What Twilio says now, kept for everybody; the team is told of a change that stops or frees its texts.

    Without an answer, what was known stays: an outage takes no approval away and gives none. None: no sender yet.
    """
    settings, known = office.settings, await seen(office)
    number = accounts.texts_from(settings)
    if not number:
        return None
    try:
        async with accounts.twilio(settings) as account:
            found = _new(office, known, await account.standing(number))
    except (ProviderError, RuleError, ConfigError) as error:
        found = _unanswered(office, known, str(error))
    if office.settings is not settings and _sender(office.settings) != found.sender:
        return None  # another sender was chosen meanwhile: its own question follows
    return await _keep(office, known, found)


async def ask_if_due(office: Office) -> None:
    """Asked every 15 minutes until approved, then daily; only of a sender that texts really come from."""
    settings = office.settings
    if settings.mode("twilio") is not Mode.LIVE:
        return
    known = await seen(office)
    if known is not None:
        is_settled = known.state in (Registration.APPROVED, Registration.UNKNOWN) and not known.problem
        wait = APPROVED_EVERY if is_settled else PENDING_EVERY
        if office.clock.now() - known.asked_at < wait:
            return
    await ask(office)


def _new(office: Office, known: Seen | None, standing: Standing) -> Seen:
    now = office.clock.now()
    told = known.told if known else ""
    if standing.state is Registration.APPROVED and told == "a2p_doubt":
        told = ""  # the next doubt is news again
    return Seen(_sender(office.settings), standing.state, standing.campaign, standing.brand, now, now, "", told)


def _unanswered(office: Office, known: Seen | None, problem: str) -> Seen:
    now = office.clock.now()
    if known is not None:
        return msgspec.structs.replace(known, asked_at=now, problem=problem)
    return Seen(_sender(office.settings), Registration.UNKNOWN, "", "", now, now, problem)


async def _keep(office: Office, known: Seen | None, found: Seen) -> Seen:
    approved = f"approved {found.sender}" if found.state is Registration.APPROVED else ""
    if accounts.is_practice(office.settings, "twilio"):
        approved = office.settings.get(_APPROVED)  # the sandbox approves nothing real
    news = _news(office.settings, found)
    found = msgspec.structs.replace(found, told=news or found.told)
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, _SEEN, found)
        if approved != office.settings.get(_APPROVED):
            await observed.note_text(connection, office.vault, _APPROVED, approved)
        if known is None or known.state is not found.state:
            await _on_record(office, connection, found)
        if news:
            people = [person for person in office.team if news != "a2p_doubt" or person.role == "admin"]
            await ops_mail.tell(office, connection, people, news)
        if approved != office.settings.get(_APPROVED) or news:
            await connection.execute(q("office_changed"))
            await connection.execute("select pg_notify('leadwake_live', '')")
    await office.refresh()
    return found


async def _on_record(office: Office, connection: Connection, found: Seen) -> None:
    await record(
        connection, office.clock.now(), "vendor twilio", "registration_seen", state=found.state.value,
        campaign=found.campaign, brand=found.brand,
    )  # fmt: skip


def _news(settings: Settings, found: Seen) -> str:
    """The notice that is due, "" for none: each change is told once, and only where real texts hang on it."""
    if settings.mode("twilio") is not Mode.LIVE or settings.is_rehearsal:
        return ""
    said_so = settings.get("TWILIO_A2P").lower() == "approved"
    if found.state is Registration.APPROVED:
        return "a2p_approved" if found.told in ("a2p_waits", "a2p_revoked") and not said_so else ""
    if found.problem and found.told:
        return ""
    if said_so:
        is_doubtful = found.state in (Registration.FAILED, Registration.NONE) and not found.problem
        return "a2p_doubt" if is_doubtful and found.told != "a2p_doubt" else ""
    was_approved = settings.get(_APPROVED) == f"approved {found.sender}"
    if was_approved:
        return "a2p_revoked" if not found.problem else ""
    return "" if found.told in ("a2p_waits", "a2p_revoked") else "a2p_waits"


def _sender(settings: Settings) -> str:
    practice = "practice " if accounts.is_practice(settings, "twilio") else ""
    return f"{practice}{settings.get('TWILIO_ACCOUNT_SID')} {accounts.texts_from(settings)}"
