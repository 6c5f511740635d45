"""Going live: each step with its state, from what is saved and what was seen last; no vendor is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

import msgspec

from leadwake.ops import front_door, proving
from leadwake.providers.twilio_numbers import Hooks, Number, Registration, Service
from leadwake.settings import Settings
from leadwake.storage import observed
from leadwake.vendors import VENDORS, Mode
from leadwake.workflows import accounts, calendly_hook, heard, mail_domain, numbers, registration
from leadwake.workflows.heard import Heard
from leadwake.workflows.office import Office

TRIED: Final = "SEEN_TEST_LEAD"


class State(StrEnum):
    """How far a step is."""

    DONE = "done"
    TODO = "to do"
    WAITING = "waiting"  # for somebody else
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Step:
    """One step. text: how it is, and what is wrong. practice: the sandbox stands in for what it is about."""

    key: str
    title: str
    state: State
    text: str
    practice: bool = False


@dataclass(frozen=True, slots=True)
class End:
    """What one channel does when a lead arrives. how: live, practice, waiting, off; why: when it is not live."""

    label: str
    how: str
    why: str


class Tried(msgspec.Struct, frozen=True):
    """The test lead somebody sent themselves."""

    lead_id: UUID | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything the steps go by."""

    settings: Settings
    door: front_door.Seen | None
    account: numbers.Seen | None
    wanted: Hooks | None
    before: Mapping[str, numbers.Before]
    standing: registration.Seen | None
    domain: mail_domain.Seen | None
    heard: Mapping[tuple[str, str], Heard]
    checks: Mapping[str, proving.Check]
    tried: Tried | None
    calendly: calendly_hook.Seen | None
    booking_hook: str

    @property
    def sender(self) -> str:
        """The number or service that texts come from."""
        return accounts.texts_from(self.settings)

    @property
    def number(self) -> Number | None:
        """The chosen number, as it was seen last."""
        return self.account.number(self.sender) if self.account else None

    @property
    def service(self) -> Service | None:
        """The chosen Messaging Service, as it was seen last."""
        return self.account.service(self.sender) if self.account else None

    @property
    def differing(self) -> list[str]:
        """The chosen number's hooks that are not ours yet."""
        return numbers.differing(self.number, self.wanted) if self.number and self.wanted else []


@dataclass(frozen=True, slots=True)
class Checklist:
    """The page: steps in their order, and what happens to a lead now."""

    seen: Seen
    steps: list[Step] = field(default_factory=list)
    ends: list[End] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Steps that are done."""
        return sum(step.state is State.DONE for step in self.steps)

    @property
    def needed(self) -> int:
        """Steps that somebody has to do."""
        return sum(step.state is not State.OPTIONAL for step in self.steps)


async def look(office: Office) -> Checklist:
    """The checklist as it stands. Raises DatabaseAway."""
    seen = Seen(
        office.settings,
        await front_door.seen(office),
        await numbers.seen(office),
        numbers.hooks(office.settings),
        await numbers.before(office),
        await registration.seen(office),
        await mail_domain.seen(office),
        {(one.source, one.name): one for one in await heard.everything(office)},
        await proving.checks(office),
        await observed.read(office.db, office.vault, TRIED, Tried),
        await calendly_hook.seen(office),
        calendly_hook.wanted_url(office.settings),
    )
    return Checklist(seen, steps(seen), ends(seen))


#: vendors that only bring leads have a page of their own
_DOORS: Final = ("meta",)


def steps(seen: Seen) -> list[Step]:
    """Every step, in the order in which people go through them."""
    others = [_other(seen, name) for name in VENDORS if name not in ("twilio", "sendgrid", "calendly", *_DOORS)]
    return [
        _business(seen), _public(seen), _twilio(seen), _number(seen), _hooks(seen), _registered(seen), _sendgrid(seen),
        _domain(seen), _events(seen), *others, _calendly(seen), _form(seen), _try(seen),
    ]  # fmt: skip


def _business(seen: Seen) -> Step:
    names = (("BUSINESS_NAME", "its name"), ("POSTAL_ADDRESS", "its postal address"), ("TIME_ZONE", "its time zone"))
    missing = [label for name, label in names if not seen.settings.get(name)]
    if missing:
        return Step("business", "Your business", State.TODO, f"Still missing: {', '.join(missing)}.")
    return Step("business", "Your business", State.DONE, seen.settings.business_name)


def _public(seen: Seen) -> Step:
    title, url = "The address the world reaches you at", seen.settings.public_url
    if not url:
        text = "Without it no reply, STOP or delivery report comes back, and e-mails hold no link to unsubscribe."
        return Step("public", title, State.TODO, text)
    if seen.door is None:
        return Step("public", title, State.TODO, f"{url}: not tried yet.")
    if not seen.door.reached:
        return Step("public", title, State.TODO, f"{url}: {seen.door.text}. {_sentence(seen.door.mend)}")
    return Step("public", title, State.DONE, f"{url} leads here. {_sentence(seen.door.mend)}".strip())


def _twilio(seen: Seen) -> Step:
    title, practice = "Texts: your Twilio account", accounts.is_practice(seen.settings, "twilio")
    if not accounts.has_twilio(seen.settings):
        text = "The sandbox's account stands in, so you can try the next steps first." if practice else "Not entered."
        return Step("twilio", title, State.TODO, text, practice)
    if seen.account is None:
        return Step("twilio", title, State.TODO, "Entered and not tried yet.")
    if seen.account.problem:
        return Step("twilio", title, State.TODO, seen.account.problem)
    return Step("twilio", title, State.DONE, "The account lets us in.")


def _number(seen: Seen) -> Step:
    title, practice = "Texts: choose the number", accounts.is_practice(seen.settings, "twilio")
    if seen.account is None:
        return Step("number", title, State.TODO, "Look which numbers the account has.", practice)
    if not seen.sender:
        return Step("number", title, State.TODO, "None is chosen yet.", practice)
    if seen.service:
        return Step("number", title, State.DONE, f"{seen.service.label or seen.sender}, a Messaging Service.", practice)
    if seen.number is None:
        return Step("number", title, State.TODO, f"{seen.sender} is not among the account's numbers.", practice)
    if not seen.number.texts:
        return Step("number", title, State.TODO, f"{seen.sender} cannot text.", practice)
    return Step("number", title, State.DONE, seen.sender, practice)


def _hooks(seen: Seen) -> Step:
    title, practice = "Texts and calls: replies come here", accounts.is_practice(seen.settings, "twilio")

    def step(state: State, text: str) -> Step:
        return Step("hooks", title, state, text, practice)

    if seen.wanted is None:
        return step(State.TODO, "Save the public address first: Twilio has to reach it.")
    if seen.service:
        if seen.service.uses_numbers_hook:
            return step(State.DONE, "The service leaves replies to each number; set the numbers' own addresses, too.")
        is_set = seen.service.inbound_url == seen.wanted.sms_url
        told = "The service reports to us." if is_set else "The service reports elsewhere: STOP would be missed."
        return step(State.DONE if is_set else State.TODO, told)
    if seen.number is None:
        return step(State.TODO, "Choose the number first.")
    if seen.number.handled_by:
        text = f"Twilio hands this number to {seen.number.handled_by}; take that off the number in Twilio's console."
        return step(State.TODO, text)
    if "sms_url" in seen.differing:
        return step(State.TODO, "The number reports texts elsewhere: replies and STOP would be missed.")
    if seen.differing:
        return step(State.TODO, "Calls or their states are reported elsewhere.")
    return step(State.DONE, "Texts and calls to the number come here.")


def _registered(seen: Seen) -> Step:
    title, practice = "Texts: the carriers' approval", accounts.is_practice(seen.settings, "twilio")
    standing, said_so = seen.standing, seen.settings.get("TWILIO_A2P").lower() == "approved"

    def step(state: State, text: str) -> Step:
        return Step("registration", title, state, text, practice)

    if standing is None:
        text = "Approved, says your setting; Twilio was not asked yet." if said_so else "Twilio was not asked yet."
        return step(State.DONE if said_so else State.TODO, text)
    told = _REGISTERED[standing.state]
    if standing.problem and standing.state is not Registration.APPROVED:
        told = f"Twilio could not be asked: {standing.problem}"
    if standing.state is Registration.APPROVED:
        return step(State.DONE, told)
    if said_so:
        return step(State.DONE, f"Approved, says your setting. Twilio says otherwise: {told}")
    return step(State.WAITING if standing.state is Registration.PENDING else State.TODO, told)


_REGISTERED: Final[Mapping[Registration, str]] = {
    Registration.APPROVED: "The carriers have approved the number.",
    Registration.PENDING: (
        "The carriers are looking at it; that takes days. Until then e-mail answers alone, and no text goes out."
    ),
    Registration.FAILED: "The carriers refused it, or took it back: no text goes out. Twilio's console says why.",
    Registration.NONE: (
        "No campaign holds this number. Register one in Twilio's console (Messaging, Regulatory compliance), and put "
        "the number into its Messaging Service."
    ),
    Registration.UNKNOWN: (
        "Twilio does not say it for this kind of sender (toll-free numbers and short codes are approved elsewhere). "
        "Say approved yourself once it is."
    ),
}


def _sendgrid(seen: Seen) -> Step:
    title, practice = "E-mail: your SendGrid account", accounts.is_practice(seen.settings, "sendgrid")
    if not seen.settings.get("SENDGRID_API_KEY") or not seen.settings.get("SENDGRID_FROM"):
        if seen.settings.mode("smtp") is Mode.LIVE:
            return Step("sendgrid", title, State.OPTIONAL, "Mail goes by your own server.", practice)
        text = "The sandbox's account stands in." if practice else "The key or the sender address is missing."
        return Step("sendgrid", title, State.TODO, text, practice)
    return _checked(seen, "sendgrid", title, State.TODO)


def _domain(seen: Seen) -> Step:
    title, practice = "E-mail: prove your domain", accounts.is_practice(seen.settings, "sendgrid")
    name = mail_domain.name_of(seen.settings)

    def step(state: State, text: str) -> Step:
        return Step("domain", title, state, text, practice)

    if not accounts.url(seen.settings, "sendgrid"):
        has_smtp = seen.settings.mode("smtp") is Mode.LIVE
        return step(State.OPTIONAL if has_smtp else State.TODO, "Needs SendGrid's key.")
    if seen.domain is None or seen.domain.domain is None:
        problem = seen.domain.problem if seen.domain else ""
        return step(State.TODO, problem or f"Ask SendGrid which DNS records {name or 'your domain'} needs.")
    records = seen.domain.domain.records
    there = sum(record.valid for record in records)
    if seen.domain.domain.valid:
        return step(State.DONE, f"{name} is proven; mail from it is trusted.")
    said = f"{there} of {len(records)} records are there. DNS takes minutes to hours; we look every 15 minutes."
    return step(State.WAITING, f"{said} {_sentence(seen.domain.problem)}".strip())


def _events(seen: Seen) -> Step:
    title, practice = "E-mail: delivery reports", accounts.is_practice(seen.settings, "sendgrid")
    came = seen.heard.get(("sendgrid", "events"))
    has_key = bool(seen.settings.credential("sendgrid", "SENDGRID_WEBHOOK_SECRET"))
    if came and has_key:
        return Step("events", title, State.DONE, "SendGrid's reports arrive, signed.", practice)
    if has_key:
        return Step("events", title, State.WAITING, "The key is saved; no report has come yet.", practice)
    if not accounts.has_sendgrid(seen.settings) and seen.settings.mode("smtp") is Mode.LIVE:
        return Step("events", title, State.OPTIONAL, "Your own mail server reports nothing.", practice)
    return Step("events", title, State.TODO, "Bounces and spam complaints are not seen.", practice)


def _other(seen: Seen, name: str) -> Step:
    """Any vendor that needs nothing but its credentials."""
    spec, mode = VENDORS[name], seen.settings.mode(name)
    title = f"{_PURPOSES.get(name, 'Also')}: {spec.label}"
    if mode is not Mode.LIVE:
        text = "The sandbox stands in." if mode is Mode.PRACTICE else "Off, which harms nothing."
        return Step(name, title, State.OPTIONAL, text, mode is Mode.PRACTICE)
    return _checked(seen, name, title, State.TODO)


def _calendly(seen: Seen) -> Step:
    """What leads book, and whether bookings are reported here."""
    step, found = _other(seen, "calendly"), seen.calendly
    if step.state is not State.DONE:
        return step
    if found is None:
        return replace(step, state=State.TODO, text="Look what can be booked with the account.")
    if found.problem:
        return replace(step, state=State.TODO, text=_sentence(found.problem))
    chosen = found.chosen(seen.settings)
    if chosen is None:
        return replace(step, state=State.TODO, text="Choose what leads book.")
    if found.hook_url != seen.booking_hook or not found.hook_url:
        return replace(step, state=State.TODO, text=f"Leads book {chosen.name}; Calendly does not report it here yet.")
    return replace(step, text=f"Leads book {chosen.name}, and Calendly reports it here.")


_PURPOSES: Final[Mapping[str, str]] = {
    "smtp": "E-mail, second way",
    "hubspot": "CRM",
    "gohighlevel": "CRM",
    "slack": "Alerts",
    "apollo": "More about people",
    "calendly": "Meetings",
}


def _checked(seen: Seen, name: str, title: str, unproven: State) -> Step:
    check = seen.checks.get(name)
    if check is None:
        return Step(name, title, unproven, "Saved and not tried yet.")
    if not check.ok:
        return Step(name, title, State.TODO, f"{check.text}. {_sentence(check.mend)}")
    return Step(name, title, State.DONE, check.text)


def _form(seen: Seen) -> Step:
    came = [one for (source, _), one in seen.heard.items() if source == "form"]
    if not came:
        return Step("form", "The form on your website", State.WAITING, "Nothing has come from it yet.")
    return Step("form", "The form on your website", State.DONE, "It reaches us.")


def _try(seen: Seen) -> Step:
    if seen.tried is None:
        return Step("try", "Send yourself a lead", State.TODO, "See what a lead sees, on your own phone.")
    return Step("try", "Send yourself a lead", State.DONE, "Sent; its page shows what became of it.")


def ends(seen: Seen) -> list[End]:
    """What happens when a lead arrives now, for each way."""
    settings = seen.settings
    found = [_texts(settings), _mail(settings), _replies(seen)]
    return found + [
        _vendor_end(settings, name) for name in VENDORS if name not in ("twilio", "sendgrid", "smtp", *_DOORS)
    ]


def _texts(settings: Settings) -> End:
    label, mode = "Text to the lead", settings.mode("twilio")
    if mode is not Mode.LIVE:
        return _not_live(label, mode)
    if not settings.business_name:
        return End(label, "off", "every message has to name your business, and its name is missing")
    if settings.texts_wait:
        return End(label, "waiting", "the carriers have not approved the number")
    return End(label, "live", f"from {settings.get('TWILIO_FROM')}, within seconds, at permitted hours")


def _mail(settings: Settings) -> End:
    label, modes = "E-mail to the lead", [settings.mode(name) for name in ("sendgrid", "smtp")]
    if Mode.LIVE not in modes:
        return _not_live(label, modes[0])
    if not settings.business_name:
        return End(label, "off", "every message has to name your business, and its name is missing")
    if not settings.mail_from:
        return End(label, "off", "nobody said which address mail comes from")
    return End(label, "live", f"from {settings.mail_from}")


def _replies(seen: Seen) -> End:
    label, mode = "Their replies and STOP", seen.settings.mode("twilio")
    if mode is not Mode.LIVE:
        return _not_live(label, mode)
    if _hooks(seen).state is State.DONE:
        return End(label, "live", "reach us within seconds")
    return End(label, "off", "the number does not report to us")


def _vendor_end(settings: Settings, name: str) -> End:
    label, mode = _ENDS.get(name, VENDORS[name].label), settings.mode(name)
    return End(label, "live", "") if mode is Mode.LIVE else _not_live(label, mode)


_ENDS: Final[Mapping[str, str]] = {
    "hubspot": "Record in HubSpot",
    "gohighlevel": "Record in GoHighLevel",
    "slack": "Alert in Slack",
    "apollo": "What is publicly known of them",
    "calendly": "Booking link of their own",
}


def _not_live(label: str, mode: Mode) -> End:
    if mode is Mode.PRACTICE:
        return End(label, "practice", "goes to the sandbox on this machine, to nobody else")
    return End(label, "off", "no account is entered")


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}." if words else ""
