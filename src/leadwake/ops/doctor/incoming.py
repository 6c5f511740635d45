"""Mail that comes in: whether people's answers have a way to us, and whether the mailbox is read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from leadwake.errors import ConfigError
from leadwake.ops.doctor.finding import Finding, failed, off, ok, warning
from leadwake.providers.imap import Address
from leadwake.workflows import heard
from leadwake.workflows.mailbox import name_of
from leadwake.workflows.office import Office

#: a mailbox that no round has reached for so long is read by nobody
_STALE: Final = timedelta(minutes=3)


async def finding(office: Office) -> Finding:
    """How mail comes in, or why not."""
    settings = office.settings
    if settings.get("IMAP_URL"):
        return await _mailbox(office)
    if not settings.inbound_address:
        return off("mail in", "answers to our mail go to agents' own mailboxes", "Setup, E-mail coming in")
    came = [one.at for one in await heard.everything(office) if (one.source, one.name) == ("sendgrid", "inbound")]
    if came:
        return ok("mail in", f"{settings.inbound_address}, the last one at {max(came):%Y-%m-%d %H:%M} UTC")
    return warning(
        "mail in", f"answers go to {settings.inbound_address}, and nothing has come in from there yet",
        "set up SendGrid's Inbound Parse as Setup, E-mail coming in, shows it, or a mailbox; then write to it yourself",
    )  # fmt: skip


async def _mailbox(office: Office) -> Finding:
    try:
        address = Address(office.settings.get("IMAP_URL"))
    except ConfigError as error:
        return failed("mailbox", str(error), "correct it under Setup, E-mail coming in")
    row = await office.db.one("mailbox_read", id=name_of(address))
    if row is None:
        return warning("mailbox", f"{address} has not been read yet", "give it a minute; does a worker run?")
    if row["failed_at"] is not None:
        text = f"{address} is not read since {row['failed_at']:%Y-%m-%d %H:%M} UTC: {row['failure']}"
        return failed("mailbox", text, "check LEADWAKE_IMAP_URL; Gmail and Outlook want a password made for apps")
    if datetime.now(UTC) - row["looked_at"] > _STALE:
        text = f"{address} was read last at {row['looked_at']:%Y-%m-%d %H:%M} UTC"
        return warning("mailbox", text, "does a worker run?")
    return ok("mailbox", f"{address} is read every few seconds")
