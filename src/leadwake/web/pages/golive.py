"""/setup/live: from nothing to answering leads, step by step, each tried where it stands; nothing edited in files."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import msgspec
from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import ConfigError, InputError, ProviderError, RuleError
from leadwake.ops import checklist, front_door, proving, snippet
from leadwake.storage import observed
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.vendors import VENDORS
from leadwake.web.pages import setup_fields, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.pages.setup_fields import Field
from leadwake.workflows import accounts, calendly_hook, intake, mail_domain, numbers, registration
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings

router = APIRouter(route_class=PageRoute)

Given = Mapping[str, str]

#: step → the settings it saves
SECTIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "business": ("BUSINESS_NAME", "POSTAL_ADDRESS", "TIME_ZONE"),
    "public": ("PUBLIC_URL",),
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"),
    "registration": ("TWILIO_A2P",),
    "sendgrid": ("SENDGRID_API_KEY", "SENDGRID_FROM"),
    "events": ("SENDGRID_WEBHOOK_SECRET",),
    "calendly": ("CALENDLY_TOKEN",),
}


@router.get("/setup/live")
async def live(request: Request, person: Admin, step: str = "") -> Response:
    """The steps as they stand; no vendor is asked. step: the one to unfold."""
    del person
    return await _page(request, open_step=step)


@router.post("/setup/live/save/{step}")
async def save(request: Request, step: str, person: Admin) -> Response:
    """What the step asks for is saved and tried at once, or its mistakes stand beside their fields."""
    office: Office = request.app.state.office
    entries = entries_of(step)
    if not entries:
        raise HTTPException(404)
    given = await fields(request)
    new = setup_fields.changes(office.settings, entries, given)
    wrong = setup_fields.problems(office.base_settings, office.settings.saved, entries, new)
    if wrong:
        blank = {name: value or "" for name, value in new.items()}
        return await _page(request, status=422, given=blank, wrong=wrong, open_step=step)
    if new:
        await save_settings(office, new, f"user {person.id}")
    await _tried_after(office, step, person)
    return see(f"/setup/live?step={step}#{step}")


@router.post("/setup/live/{step}/{what}")
async def do(request: Request, step: str, what: str, person: Admin) -> Response:
    """One button of a step; what it found stands on the page afterwards."""
    office: Office = request.app.state.office
    work = _BUTTONS.get((step, what))
    if what == "test" and step in VENDORS:
        work = _prove(step)
    if work is None:
        raise HTTPException(404)
    try:
        await work(office, person, await fields(request))
    except InputError as error:
        return await _page(request, status=422, wrong=error.reasons, open_step=step)
    except (RuleError, ProviderError, ConfigError) as error:
        return await _page(request, status=422, problems={step: str(error)}, open_step=step)
    return see(f"/setup/live?step={step}#{step}")


def entries_of(step: str) -> tuple[Field, ...]:
    """The settings of a step: its own few, or all of a vendor that needs nothing else."""
    known = {entry.name: entry for entry in (*setup_fields.BUSINESS, *_all_vendor_fields())}
    names = SECTIONS.get(step)
    if names is None and step in VENDORS:
        return setup_fields.VENDORS.get(step, ())
    return tuple(known[name] for name in names or ())


def _all_vendor_fields() -> list[Field]:
    return [entry for entries in setup_fields.VENDORS.values() for entry in entries]


async def _tried_after(office: Office, step: str, person: Person) -> None:
    """What was saved is tried at once, so that a typing mistake shows where it was made."""
    settings = office.settings
    if step == "public" and settings.public_url:
        await front_door.look_and_note(office)
    elif step == "twilio" and accounts.has_twilio(settings):
        await numbers.look(office)
        await registration.ask(office)
    elif step in VENDORS and step != "twilio" and settings.mode(step).value == "live":
        check = await proving.prove_and_note(office, step, f"user {person.id}")
        if step == "calendly" and check.ok:
            await calendly_hook.look(office)


# The buttons.

Button = Callable[[Office, Person, Given], Awaitable[object]]


async def _door(office: Office, person: Person, given: Given) -> None:
    del person, given
    if not office.settings.public_url:
        raise RuleError("Save the address first.")
    await front_door.look_and_note(office)


async def _look(office: Office, person: Person, given: Given) -> None:
    del person, given
    found = await numbers.look(office)
    if found.problem:
        raise RuleError(found.problem)


async def _choose(office: Office, person: Person, given: Given) -> None:
    await numbers.choose(office, given.get("sender", "")[:64], f"user {person.id}")
    await registration.ask(office)


async def _set_hooks(office: Office, person: Person, given: Given) -> None:
    del given
    await numbers.set_hooks(office, f"user {person.id}")


async def _put_back(office: Office, person: Person, given: Given) -> None:
    del given
    await numbers.put_back(office, f"user {person.id}")


async def _registration(office: Office, person: Person, given: Given) -> None:
    del person, given
    found = await registration.ask(office)
    if found is None:
        raise RuleError("Choose the number first.")
    if found.problem:
        raise RuleError(found.problem)


async def _domain(office: Office, person: Person, given: Given) -> None:
    del given
    found = await mail_domain.begin(office, f"user {person.id}")
    if found.problem:
        raise RuleError(found.problem)


async def _check_domain(office: Office, person: Person, given: Given) -> None:
    del given
    found = await mail_domain.check(office, f"user {person.id}")
    if found.problem:
        raise RuleError(found.problem)


async def _bookable(office: Office, person: Person, given: Given) -> None:
    del person, given
    await calendly_hook.look(office)


async def _choose_bookable(office: Office, person: Person, given: Given) -> None:
    await calendly_hook.choose(office, given.get("uri", "")[:500], f"user {person.id}")


async def _set_booking_hook(office: Office, person: Person, given: Given) -> None:
    del given
    await calendly_hook.set_hook(office, f"user {person.id}")


async def _send_lead(office: Office, person: Person, given: Given) -> None:
    """A lead with the sender's own number and address, just as a form's would come."""
    phone, email = given.get("phone", "").strip()[:100], given.get("email", "").strip()[:400]
    if not phone and not email:
        raise InputError({"phone": "Write your number, your address, or both."})
    lead = {
        "source": "test", "channel": "web_form", "name": person.name, "phone": phone or None, "email": email or None,
        "message": given.get("message", "").strip()[:500] or "Trying it out: is this still open?",
    }  # fmt: skip
    receipt = await intake.receive_lead(office, msgspec.json.encode(lead))
    tried = checklist.Tried(receipt.lead_id, office.clock.now())
    async with office.db.transaction() as connection:
        await observed.note(connection, office.vault, checklist.TRIED, tried)
        await record(connection, tried.at, f"user {person.id}", "test_lead_sent", lead_id=receipt.lead_id)


def _prove(vendor: str) -> Button:
    async def prove(office: Office, person: Person, given: Given) -> None:
        del given
        check = await proving.prove_and_note(office, vendor, f"user {person.id}")
        if not check.ok:
            raise RuleError(f"{check.text}. What to do: {check.mend}")

    return prove


_BUTTONS: Final[Mapping[tuple[str, str], Button]] = {
    ("public", "look"): _door,
    ("twilio", "look"): _look,
    ("number", "look"): _look,
    ("number", "choose"): _choose,
    ("hooks", "look"): _look,
    ("hooks", "set"): _set_hooks,
    ("hooks", "undo"): _put_back,
    ("registration", "look"): _registration,
    ("domain", "begin"): _domain,
    ("domain", "look"): _check_domain,
    ("calendly", "look"): _bookable,
    ("calendly", "choose"): _choose_bookable,
    ("calendly", "hook"): _set_booking_hook,
    ("try", "send"): _send_lead,
}


async def _page(
    request: Request, *, status: int = 200, given: Given | None = None, wrong: Given | None = None,
    problems: Given | None = None, open_step: str = "",
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    found = await checklist.look(office)
    base = office.settings.links_base or str(request.base_url).rstrip("/")
    snippets = [
        ("website", snippet.html(base)),
        *((form.name, snippet.html(base, form)) for form in office.forms if not form.by_script),
    ]
    undone = next((step.key for step in found.steps if step.state is checklist.State.TODO), "")
    return await view.page(
        request, "golive.html", here="setup", tab="live", status=status, list=found, seen=found.seen,
        entries={step.key: entries_of(step.key) for step in found.steps}, snippets=snippets, base=base,
        open_step=open_step or undone, given=given or {}, wrong=wrong or {}, problems=problems or {},
        hook_names=HOOK_NAMES, hooks_url=accounts.hooks_base(office.settings),
        booking_hook=calendly_hook.wanted_url(office.settings),
    )  # fmt: skip


#: what Twilio calls the hooks → what they are for
HOOK_NAMES: Final[Mapping[str, str]] = {
    "sms_url": "A text comes in", "voice_url": "A call comes in", "status_callback": "A call ends",
}  # fmt: skip
