"""Enrichment: whether somebody is looked up at a data vendor now, and what it may cost.

It is an action like every other, with slots of its own; nothing waits for it. Whoever may live where the GDPR holds is
not looked up unless the team says so; whoever is known already is not asked about twice; and a day costs no more than
its budget, which is counted in the very transaction that claims.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Final

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.compliance.gdpr_region import may_be_in_gdpr_region
from leadwake.compliance.policy import Loosened
from leadwake.loopback import is_loopback
from leadwake.metrics import ENRICHMENT
from leadwake.providers.apollo import FURTHER_COST, PLAIN_COST
from leadwake.providers.ports import Lookup
from leadwake.storage import links
from leadwake.storage.db import Connection, Database, q
from leadwake.vendors import Mode
from leadwake.workflows.composing import Errand
from leadwake.workflows.office import Office

VENDOR: Final = "apollo"
#: what a vendor said of somebody, also that it does not know them, counts for so long
KNOWN_FOR: Final = timedelta(days=90)
#: somebody who is being looked up just now is looked at again this long after
_UNDER_WAY: Final = timedelta(seconds=15)
#: what forms call the company that somebody works for
_COMPANY_NAMES: Final = ("company", "company_name", "organization", "organisation", "organization_name", "employer")


def judge(errand: Errand) -> Judgement:
    """Whether the person is looked up now."""
    verdict = _judge(errand)
    if verdict.state in {State.SKIPPED, State.DEFERRED}:
        ENRICHMENT.labels(verdict.reason).inc()
    return verdict


def _judge(errand: Errand) -> Judgement:
    office, settings, before = errand.office, errand.office.settings, errand.row["looked_up"]
    key, profile = errand.opened()
    if before["is_stopped"]:
        return Judgement(State.SKIPPED, "opted_out")
    if not office.policy.allows(Loosened.GDPR_ENRICHMENT) and may_be_in_gdpr_region(
        profile.get("country"), profile.get("phone"), profile.get("email")
    ):
        return Judgement(State.SKIPPED, "region")
    lookup = _lookup(errand, profile)
    if lookup is None:
        return Judgement(State.SKIPPED, "not_eligible")
    asked_at = datetime.fromisoformat(before["asked_at"]) if before["asked_at"] else None
    if asked_at is not None and errand.now - asked_at < KNOWN_FOR:
        return Judgement(State.SKIPPED, "known_already")
    if before["is_under_way"]:
        return Judgement(State.PLANNED, "looked_up_now", due_at=errand.now + _UNDER_WAY)
    if settings.apollo_daily_credits < lookup.cost:
        return Judgement(State.SKIPPED, "no_budget")
    if errand.row["credits_left"] < lookup.cost:
        return Judgement(State.DEFERRED, "budget_spent", due_at=_tomorrow(office, errand.now))
    content = errand.seal(key, {"to": lookup.email or lookup.name or "", "body": ""})
    return Judgement(State.SENDING, outgoing=lookup, content=content, data_key_id=key.id, cost=lookup.cost)


def _lookup(errand: Errand, profile: Mapping[str, Any]) -> Lookup | None:
    """The question; None where Apollo could only guess: it goes by an address, or a full name and a company."""
    email, name = profile.get("email"), profile.get("name")
    company = _company(errand.details().get("extra") or {})
    if not email and not (company and name and len(name.split()) > 1):
        return None
    callback = _callback_url(errand)
    cost = FURTHER_COST if callback else PLAIN_COST
    return Lookup(email, name, company, callback, cost, day_of(errand.office, errand.now))


def _company(extra: Mapping[str, Any]) -> str | None:
    given = {name.lower(): value for name, value in extra.items() if isinstance(value, str) and value.strip()}
    return next((given[name].strip() for name in _COMPANY_NAMES if name in given), None)


def _callback_url(errand: Errand) -> str | None:
    """Where what is found later is posted to; None without a waterfall, or where Apollo could not reach us (https)."""
    settings = errand.office.settings
    base = settings.callback_base(VENDOR)
    is_reachable = base.startswith("https://") or is_loopback(settings.vendor_url(VENDOR))
    if not settings.apollo_waterfall or not base or not is_reachable:
        return None
    return f"{base}{links.lookup_path(errand.office.vault, errand.row['id'], errand.now)}"


def day_of(office: Office, at: datetime) -> date:
    """The team's own day, whose credits count."""
    return at.astimezone(office.settings.time_zone).date()


def _tomorrow(office: Office, now: datetime) -> datetime:
    midnight = datetime.combine(day_of(office, now) + timedelta(days=1), time(), office.settings.time_zone)
    return midnight.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class DayBudget:
    """What is left of a day's credits, counted in the transaction of a claim."""

    office: Office
    day: date

    @classmethod
    async def of_today(cls, office: Office) -> DayBudget:
        """Today's, its row there. Raises DatabaseAway."""
        budget = cls(office, day_of(office, office.clock.now()))
        await budget.db.run("credit_day_open", vendor=VENDOR, day=budget.day)
        return budget

    @property
    def db(self) -> Database:
        """Where it is counted."""
        return self.office.db

    async def left(self, connection: Connection) -> Decimal | None:
        """The credits left, held until the transaction ends; None while somebody else counts."""
        row = await (await connection.execute(q("credits_held"), {"vendor": VENDOR, "day": self.day})).fetchone()
        return self.office.settings.apollo_daily_credits - row["credits"] if row else None

    async def spend(self, connection: Connection, cost: int) -> None:
        """So many are spent with the commit."""
        await add_credits(connection, self.day, Decimal(cost))


async def add_credits(connection: Connection, day: date, number: Decimal) -> None:
    """The day has cost so many more, or fewer; never less than nothing."""
    if number:
        await connection.execute(q("credits_add"), {"vendor": VENDOR, "day": day, "credits": number})


@dataclass(frozen=True, slots=True)
class Standing:
    """How looking people up fares. used, budget: credits of today. eligible, found: people of the last 30 days."""

    used: Decimal
    budget: int
    eligible: int
    found: int


async def standing(office: Office) -> Standing | None:
    """How it fares; None while the vendor is off."""
    mode, now = office.settings.mode(VENDOR), office.clock.now()
    if mode is Mode.OFF:
        return None
    used = await office.db.one("credits_of_day", vendor=VENDOR, day=day_of(office, now))
    rate = await office.db.one("enrichment_rate", since=now - timedelta(days=30), practice=mode is Mode.PRACTICE)
    assert rate is not None
    credits_used = used["credits"] if used else Decimal(0)
    return Standing(credits_used, office.settings.apollo_daily_credits, rate["eligible"], rate["found"])
