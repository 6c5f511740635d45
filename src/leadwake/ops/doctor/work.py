"""The work: keys, team, workers, what waits, what failed, and whether everything adds up."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

from leadwake.ops import master_key
from leadwake.ops.doctor import backups, connections, incoming, rules
from leadwake.ops.doctor.finding import Finding, failed, off, ok, warning
from leadwake.providers.oidc import providers
from leadwake.settings import Settings
from leadwake.storage import events, grants, keys, ledger, overview
from leadwake.vendors import Mode
from leadwake.workflows import mail_standing, webhook_endpoints
from leadwake.workflows.office import Office

#: an action this long past its time is late; the pump looks every two seconds
_LATE = timedelta(minutes=2)


async def findings(office: Office, settings: Settings) -> AsyncIterator[Finding]:
    """Everything the database knows about how the work goes. settings: the office's, as `serve` has them."""
    async for found in at_a_glance(office, settings):
        yield found
    yield await _ledger(office)
    yield await _audit(office)


async def at_a_glance(office: Office, settings: Settings) -> AsyncIterator[Finding]:
    """The same without what reads every row there is: quick enough for a page."""
    yield await _master_key(office)
    for found in rules.findings(office):
        yield found
    for found in _team(office):
        yield found
    yield await _api_keys(office)
    workers, late = await _workers(office), await _overdue(office)
    yield workers
    yield late
    async for found in _circuits(office, settings):
        yield found
    for found in connections.findings(settings, await grants.standing(office.db)):
        yield found
    yield await _mail(office)
    async for found in _webhooks(office):
        yield found
    yield await incoming.finding(office)
    yield await _dead_letters(office)
    yield await _pending(office)
    async for found in _unfetched(office, settings):
        yield found
    async for found in backups.findings(office):
        yield found


async def _master_key(office: Office) -> Finding:
    settings = office.settings
    configured = settings.get("MASTER_KEY") or None
    if keys.is_rotation_pending(settings.data_dir, configured, office.vault.master_key_id):
        file = settings.data_dir / keys.NEXT_FILE
        return failed(
            "master key", "LEADWAKE_MASTER_KEY is the key before the last rotation", f"set it to the one in {file}"
        )
    if not await master_key.is_copy_confirmed(office):
        text = "nobody has confirmed a copy of it elsewhere: if it is lost, everything sealed is lost"
        return warning("master key", text, "store a copy, then leadwake master-key confirm")
    return ok("master key", f"{office.vault.master_key_id}, a copy is confirmed")


def _team(office: Office) -> Iterator[Finding]:
    real = [person for person in office.team if not person.disabled and not person.practice]
    by_provider = bool(providers(office.settings))  # else whoever is bound has no way in
    admins = [person for person in real if person.role == "admin"]
    if any(person.has_password or (person.is_bound and by_provider) for person in admins):
        yield ok("admin", "somebody can sign in")
    else:
        yield warning("admin", "nobody can sign in as admin", "leadwake user invite EMAIL --role admin")
    takers = [person for person in real if person.takes_leads]
    if takers:
        without = sum(not person.phone for person in takers)
        text = f"{len(takers)} take leads" + (f", {without} of them without a number for alerts" if without else "")
        yield ok("team", text)
    elif office.agents:
        yield off("team", "the invented team takes the leads of practice", "leadwake user invite EMAIL")
    else:
        yield warning("team", "nobody takes leads: they are answered, and nobody is told", "leadwake user invite EMAIL")


async def _api_keys(office: Office) -> Finding:
    row = await office.db.one("doctor_api_keys")
    if row and row["n"]:
        return ok("API keys", f"{row['n']} in use")
    return off("API keys", "none: POST /v1/leads lets nobody in", "leadwake api-key create NAME")


async def _workers(office: Office) -> Finding:
    row = await office.db.one("doctor_workers")
    if row and row["alive"]:
        return ok("workers", f"{row['alive']} alive")
    since = f" since {row['last_at']:%Y-%m-%d %H:%M:%S} UTC" if row and row["last_at"] else ""
    return warning("workers", f"none runs{since}: leads wait", "leadwake serve")


async def _overdue(office: Office) -> Finding:
    now = office.clock.now()
    row = await office.db.one("doctor_overdue", late_at=now - _LATE)
    if row and row["n"]:
        minutes = (now - row["oldest_at"]).total_seconds() / 60
        text = f"{row['n']} actions are overdue, the oldest by {minutes:,.0f} min"
        return failed("waiting", text, "does a worker run, is a vendor failing (above and below)?")
    return ok("waiting", "nothing is overdue")


async def _circuits(office: Office, settings: Settings) -> AsyncIterator[Finding]:
    for vendor in await overview.vendors(office.db, settings):
        if vendor.is_open:
            since = f"{vendor.since:%Y-%m-%d %H:%M:%S} UTC" if vendor.since else "a while ago"
            text = f"failing since {since} ({vendor.reason or 'no reason given'}): its actions wait"
            yield failed(f"{vendor.name} calls", text, f"leadwake vendor test {vendor.name}")


async def _mail(office: Office) -> Finding:
    found = await mail_standing.standing(office.db, office.clock.now())
    said = f"{found.complaints} of {found.mails} e-mails in 28 days were marked as spam"
    if found.paused_at is None:
        return ok("spam complaints", said)
    text = f"marketing e-mail is paused since {found.paused_at:%Y-%m-%d %H:%M} UTC; {said}"
    return warning("spam complaints", text, "find out why, then let it go on at /setup/consent")


async def _webhooks(office: Office) -> AsyncIterator[Finding]:
    """A line for each endpoint that takes nothing."""
    found = await webhook_endpoints.everything(office)
    for one in found:
        about = f"webhooks to {one.host}"
        if one.paused_why in {"gone", "failing"}:
            yield failed(
                about, f"paused: {one.failing_why or 'it took nothing'}", "mend it, then resume it under Setup"
            )
        elif one.failing_since and not one.paused_at:
            text = f"nothing has arrived since {one.failing_since:%Y-%m-%d %H:%M:%S} UTC ({one.failing_why})"
            yield failed(about, text, "see its deliveries under Setup, Webhooks")
    if not found:
        yield off("webhooks", "no endpoint")
    elif not any(one.failing_since or one.paused_why in {"gone", "failing"} for one in found):
        yield ok("webhooks", f"{len(found)} endpoint{'s' if len(found) > 1 else ''}, all well")


async def _dead_letters(office: Office) -> Finding:
    row = await office.db.one("dead_letter_count")
    if row and row["n"]:
        return warning("dead letters", f"{row['n']} actions need a person", "leadwake dead-letter list")
    return ok("dead letters", "none")


async def _pending(office: Office) -> Finding:
    row = await office.db.one("doctor_pending_captures")
    if row and row["n"]:
        text = f"{row['n']} captures are not understood yet; they are tried again"
        return warning("captures", text, "if the number stays: leadwake ledger")
    return ok("captures", "all understood")


async def _unfetched(office: Office, settings: Settings) -> AsyncIterator[Finding]:
    """Leads that Meta named and that wait for a token to be read with."""
    row = await office.db.one("doctor_unfetched")
    if row and row["n"] and settings.mode("meta") is Mode.OFF:
        text = f"{row['n']} leads of Facebook's forms wait, since there is no page token to read them with"
        yield failed("meta leads", text, "set LEADWAKE_META_TOKEN (leadwake vendor connect meta): they come in at once")
    elif row and row["n"]:
        yield warning("meta leads", f"{row['n']} wait to be fetched: {row['reason']}", "leadwake vendor test meta")


async def _ledger(office: Office) -> Finding:
    found = await ledger.read(office.db, office.clock.now())
    if found.balanced:
        return ok("ledger", f"balanced: {sum(found.captures.values())} captures, {sum(found.actions.values())} actions")
    return failed("ledger", "; ".join(found.problems)[:300], "leadwake ledger")


async def _audit(office: Office) -> Finding:
    if problems := await events.verify(office.db):
        return failed("audit log", problems[0], "leadwake audit verify")
    return ok("audit log", "unchanged under its seals")
