"""Vendors connected by OAuth: whether each connection holds, and what to do where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from leadwake.ops.doctor.finding import Finding, failed, off, ok, warning
from leadwake.settings import Settings
from leadwake.storage.grants import Standing
from leadwake.vendors import VENDORS


def findings(settings: Settings, standing: Mapping[str, Standing]) -> Iterator[Finding]:
    """A finding for each connection there is."""
    for vendor, one in standing.items():
        yield _of(settings, vendor, one)


def _of(settings: Settings, vendor: str, one: Standing) -> Finding:
    about, label = f"{vendor} connection", VENDORS[vendor].label
    again = f"press Connect under Setup, {label}, or leadwake vendor connect {vendor} --oauth"
    if settings.granted(vendor) is None:
        return off(about, f"made at {one.base}, and {label} is reached elsewhere now")
    if one.state == "lost":
        return failed(about, f"{label} has to be connected again: {one.reason}", again)
    if one.failures:
        text = f"its token could not be renewed, {one.failures} times in a row: {one.reason}"
        mend = f"is {label} up, are the client id and secret right? It is tried again by itself"
        return failed(about, f"{text}; it has ended", mend) if one.is_expired else warning(about, text, mend)
    if settings.oauth_app(vendor, one.base) is None and one.is_renewed:
        return warning(about, "the client id and secret are missing, so its token cannot be renewed", f"{again}")
    if one.expires_at is not None and not one.is_renewed:
        return warning(about, f"its token ends at {one.expires_at:%Y-%m-%d %H:%M} UTC and cannot be renewed", again)
    whose = f" ({one.account})" if one.account else ""
    how = "its token is renewed by itself" if one.is_renewed else "its token does not end"
    return ok(about, f"connected by OAuth{whose}; {how}")
