"""The identity providers that people log in with: whether they answer, and know where to send people back to."""

from __future__ import annotations

from collections.abc import AsyncIterator

from leadwake.ops.doctor.finding import Finding, failed, ok, warning
from leadwake.providers.oidc import providers
from leadwake.settings import Settings
from leadwake.workflows import sign_in_trial
from leadwake.workflows.webhook_deliveries import reach


async def findings(settings: Settings, *, ask: bool) -> AsyncIterator[Finding]:
    """A finding for each provider that is set up. ask: look at it now."""
    for spec in providers(settings):
        about = f"sign-in {spec.key}"
        if not settings.public_url:
            text = f"{spec.label} has no fixed address of ours to send people back to"
            yield warning(about, text, "set LEADWAKE_PUBLIC_URL, or the public address on the setup page")
        if not spec.client_secret:
            yield warning(about, "no client secret is set; most providers want one", "Setup, Sign-in")
        if ask:
            trial = await sign_in_trial.look(spec, reach(settings, is_practice=settings.is_rehearsal))
            text = " ".join(trial.lines)
            yield ok(about, text) if trial.ok else failed(about, text, "Setup, Sign-in shows it; passwords still count")
