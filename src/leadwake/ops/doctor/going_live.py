"""What others have to approve or be told before a channel works: the registration, the number's hooks, the DNS."""

from __future__ import annotations

from collections.abc import AsyncIterator

from leadwake.ops.doctor.finding import Finding, failed, ok, warning
from leadwake.providers.twilio_numbers import Registration
from leadwake.vendors import Mode
from leadwake.workflows import accounts, calendly_hook, mail_domain, numbers, registration
from leadwake.workflows.office import Office

_WORDS = {
    Registration.APPROVED: "approved",
    Registration.PENDING: "pending at the carriers",
    Registration.FAILED: "refused or taken back",
    Registration.NONE: "no campaign holds this number",
    Registration.UNKNOWN: "Twilio does not say",
}


async def findings(office: Office, *, ask: bool) -> AsyncIterator[Finding]:
    """A finding each, of what is live. ask: look at Twilio's account now, else as it was seen last."""
    if office.settings.mode("twilio") is Mode.LIVE:
        if found := await _registration(office):
            yield found
        if ask:
            await numbers.look(office)
        async for about in _hooks(office):
            yield about
    if office.settings.mode("calendly") is Mode.LIVE:
        yield await _bookings(office)
    if office.settings.mode("sendgrid") is Mode.LIVE and (found := await _domain(office)):
        yield found


async def _registration(office: Office) -> Finding | None:
    known = await registration.seen(office)
    if known is None:
        return None
    said = f"{_WORDS[known.state]} (campaign {known.campaign or 'none'}, brand {known.brand or 'none'}), "
    said += f"asked at {known.asked_at:%Y-%m-%d %H:%M} UTC"
    if known.problem:
        said += f", and the last try failed: {known.problem}"
    if known.state is Registration.APPROVED and not known.problem:
        return ok("registration", said)
    if office.settings.a2p_approved():
        return warning("registration", said, "it goes by what is set here; compare with Twilio's console")
    return failed("registration", said, "see Twilio's console, Messaging, Regulatory compliance")


async def _hooks(office: Office) -> AsyncIterator[Finding]:
    seen, wanted = await numbers.seen(office), numbers.hooks(office.settings)
    sender = accounts.texts_from(office.settings)
    if seen is None or wanted is None:
        return
    if seen.problem:
        yield warning("webhooks", f"the account could not be seen: {seen.problem}", "leadwake vendor test twilio")
        return
    mend = "set them on the page Setup, Go live"
    if service := seen.service(sender):
        if service.inbound_url == wanted.sms_url or service.uses_numbers_hook:
            yield ok("webhooks", "the Messaging Service reports replies to us, or leaves it to its numbers")
        else:
            yield failed("webhooks", "the Messaging Service reports replies elsewhere: STOP would be missed", mend)
        return
    number = seen.number(sender)
    if number is None:
        yield failed("webhooks", f"{sender} is not among the account's numbers", "choose one on the page Go live")
        return
    names = numbers.differing(number, wanted)
    if number.handled_by:
        yield failed("webhooks", f"{sender} is handled by {number.handled_by}, so we hear nothing", mend)
    elif "sms_url" in names:
        yield failed("webhooks", f"{sender} reports texts elsewhere: replies and STOP would be missed", mend)
    elif names:
        yield warning("webhooks", f"{sender} differs in {', '.join(names)}", mend)
    else:
        yield ok("webhooks", f"{sender} reports to us")


async def _bookings(office: Office) -> Finding:
    known, url = await calendly_hook.seen(office), calendly_hook.wanted_url(office.settings)
    mend = "Setup, Go live, shows what can be booked and sets the webhook"
    if known is None or known.chosen(office.settings) is None:
        return warning("bookings", "nobody chose what leads book: messages offer the team's own link", mend)
    if known.problem:
        return warning("bookings", known.problem, mend)
    if not url or known.hook_url != url:
        return failed("bookings", "Calendly does not report bookings to us", mend)
    return ok("bookings", f"Calendly reports to {url}, seen at {known.at:%Y-%m-%d %H:%M} UTC")


async def _domain(office: Office) -> Finding | None:
    known = await mail_domain.seen(office)
    name = mail_domain.name_of(office.settings)
    if known is None or known.domain is None:
        text = f"nobody has asked SendGrid which DNS records {name} needs: mail may land in spam"
        return warning("mail domain", text, "Setup, Go live, shows them")
    missing = [record.host for record in known.domain.records if not record.valid]
    if known.domain.valid and not missing:
        return ok("mail domain", f"{name}: all DNS records are there")
    text = f"{name}: {len(missing)} of {len(known.domain.records)} DNS records are not there: {', '.join(missing)}"
    return warning("mail domain", text, "add them at your domain's provider; Setup, Go live, shows them")
