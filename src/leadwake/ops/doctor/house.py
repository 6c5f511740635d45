"""What can be looked at without a database: settings, the data directory, the clock."""

from __future__ import annotations

import difflib
import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from leadwake.loopback import is_loopback
from leadwake.ops.doctor.finding import Finding, failed, ok, warning
from leadwake.setting_names import KNOWN, PREFIX, SECRETS
from leadwake.settings import Settings
from leadwake.vendors import Mode

_FREE_BYTES = 1 << 30
#: a machine that says it is earlier than this has lost its clock
_NEVER_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
#: handed from `serve` to its children, and in CI; nobody's setting
_INTERNAL = ("PRACTICE_", "SANDBOX_URL", "LOCAL_URL", "CLOCK_ORIGIN", "PARENT_PID", "LISTEN_FD", "READY_FD", "DEMO_KEY")

_MESSENGERS = ("twilio", "sendgrid", "smtp")


def names(given: Iterable[str]) -> Iterator[Finding]:
    """Names in the environment that look like settings and are none: a typing mistake changes nothing, silently."""
    for name in sorted(given):
        bare = name.removeprefix(PREFIX)
        if bare == name or bare in KNOWN or bare.removesuffix("_FILE") in KNOWN or bare.startswith(_INTERNAL):
            continue
        near = difflib.get_close_matches(bare, KNOWN, n=1)
        mend = f"did you mean {PREFIX}{near[0]}?" if near else "remove it"
        yield warning("settings", f"{name} is no setting of Leadwake and does nothing", mend)


def settings(found: Settings) -> Iterator[Finding]:
    """What every message needs, whichever vendor carries it; an error only once one could carry it."""
    is_live = any(found.mode(name) is Mode.LIVE for name in _MESSENGERS)
    if found.business_name:
        yield ok("business name", found.business_name + ("" if found.get("BUSINESS_NAME") else " (invented)"))
    else:
        lack = failed if is_live else warning
        text = "not set: no message may leave without it"
        yield lack("business name", text, "set LEADWAKE_BUSINESS_NAME, or on the setup page")
    if found.postal_address:
        yield ok("postal address", "set" if found.get("POSTAL_ADDRESS") else "invented, for practice")
    else:
        yield warning(
            "postal address",
            "not set: commercial mail has to carry one (CAN-SPAM)",
            "set LEADWAKE_POSTAL_ADDRESS, or on the setup page",
        )
    zone = found.time_zone.key
    if found.get("TIME_ZONE"):
        yield ok("time zone", zone)
    else:
        remedy = "set LEADWAKE_TIME_ZONE, such as America/Chicago, or on the setup page"
        yield warning("time zone", f"not set: {zone} is assumed", remedy)
    if any(found.mode(name) is Mode.LIVE for name in ("sendgrid", "smtp")):
        yield from _mail(found)
    if is_live and not found.booking_url:
        yield warning(
            "booking link", "not set: messages offer no meeting", "set LEADWAKE_BOOKING_URL, or on the setup page"
        )


def _mail(found: Settings) -> Iterator[Finding]:
    """What every mail to a lead should hold."""
    if found.public_url:
        yield ok("unsubscribe links", f"lead to {found.public_url}")
    else:
        text = "no public URL: e-mails hold no link to unsubscribe, and marketing e-mail is not sent"
        yield warning("unsubscribe links", text, "set LEADWAKE_PUBLIC_URL to where the world reaches this server")
    if found.privacy_url:
        yield ok("privacy notice", found.privacy_url)
    else:
        text = "not set: the first e-mail to people outside the US has to link it (GDPR, 13 and 14)"
        yield warning("privacy notice", text, "set LEADWAKE_PRIVACY_URL, or on the setup page")


def clock(found: Settings, real: datetime) -> Finding:
    """Hours of law and "within seconds" hang on it. real: this machine's time."""
    if real < _NEVER_BEFORE:
        return failed("clock", f"this machine says {real:%Y-%m-%d %H:%M} UTC", "set its time, and keep it by NTP")
    if found.clock.start is not None:
        now = found.clock.now()
        return warning(
            "clock", f"business time is {now:%Y-%m-%d %H:%M} UTC, {found.clock.speed:g} times as fast: a rehearsal",
            "unset LEADWAKE_CLOCK for real leads",
        )  # fmt: skip
    return ok("clock", f"{real:%Y-%m-%d %H:%M:%S} UTC")


def directory(found: Settings) -> Iterator[Finding]:
    """The data directory: there, ours, closed, with room; and the file with settings, if it holds secrets."""
    folder = found.data_dir
    yield _folder(folder)
    if folder.is_dir() and (free := shutil.disk_usage(folder).free) < _FREE_BYTES:
        text = f"{free >> 20} MiB are left where {folder} is"
        yield failed("disk", text, "make room: a database that cannot write stops taking leads")
    elif folder.is_dir():
        yield ok("disk", f"{shutil.disk_usage(folder).free >> 30} GiB are free where {folder} is")
    file = Path("leadwake.toml")
    in_file = [name for name in SECRETS if found.sources.get(name) == file.name]
    if in_file and stat.S_IMODE(file.stat().st_mode) & 0o077:
        yield warning("settings", f"{file} holds secrets and can be read by others", f"chmod 600 {file}")


def callbacks(found: Settings) -> Finding:
    """Whether vendors could post to us: delivery reports, replies and STOP come that way."""
    outside = [
        name for name in ("twilio", "sendgrid")
        if found.mode(name) is Mode.LIVE and not is_loopback(found.vendor_url(name))
    ]  # fmt: skip
    url = found.public_url
    if not outside:
        return ok("public URL", url or "not needed: no vendor outside this machine is live")
    if not url:
        return failed(
            "public URL", f"not set: {' and '.join(outside)} cannot report deliveries, replies or STOP to us",
            "set LEADWAKE_PUBLIC_URL to the https:// address the world reaches this server at",
        )  # fmt: skip
    if is_loopback(url) or not url.startswith("https://"):
        return warning("public URL", f"{url} cannot be reached from outside by TLS", "use an https:// address")
    return ok("public URL", url)


def _folder(folder: Path) -> Finding:
    if not folder.exists():
        return warning("data directory", f"{folder} is not there yet", "it is made by the first `leadwake serve`")
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        return failed("data directory", f"{folder} may not be written", "set LEADWAKE_DATA_DIR, or mend its owner")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & 0o022:
        return failed("data directory", f"{folder} may be written by others ({mode:o})", f"chmod go-w {folder}")
    return ok("data directory", f"{folder}")
