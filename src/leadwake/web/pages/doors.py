"""/setup/doors: every way in for leads: its address to paste, its key, when it was last heard, what to do there."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import InputError
from leadwake.ops.doctor import incoming
from leadwake.settings import Settings
from leadwake.vendors import Mode
from leadwake.web.pages import setup_fields, view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows import door_keys, heard, json_doors
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save as save_settings

router = APIRouter(route_class=PageRoute)


@dataclass(frozen=True, slots=True)
class Place:
    """
    A door of the house. path: what is pasted over there; steps: what to do over there, a sentence each.

    sources: (source, name) of `heard` that say something came. makes: the setting of a key that we may make.
    """

    key: str
    title: str
    path: str
    steps: Sequence[str]
    sources: Sequence[tuple[str, str]]
    makes: str | None = None


PLACES: Final = (
    Place("meta", "Facebook and Instagram lead forms", "/hooks/meta/leadgen", (
        "At developers.facebook.com open your app (or make a business app); save its secret and a page token below.",
        "In the app open Webhooks, choose Page, and subscribe to it with the address and the verify token above.",
        "Subscribe to the field leadgen, and add the app to your page (Lead Access, CRMs, in Meta Business Suite).",
        "Try it with Meta's Lead Ads Testing Tool.",
    ), (("meta", "leadgen"), ("meta", "check"))),
    Place("google_ads", "Google Ads lead forms", "/hooks/google-ads/leadform", (
        "In Google Ads open the lead form asset, Export leads, Other data integration options.",
        "Paste the address as the webhook URL, and the key as the key.",
        "Press Send test data: it ticks here, and nobody is written to.",
    ), (("google_ads", "leadform"),), "GOOGLE_ADS_WEBHOOK_SECRET"),
    Place("typeform", "Typeform", "/hooks/typeform", (
        "Open the form at Typeform: Connect, Webhooks, Add a webhook, and paste the address.",
        "Edit it, put the secret there, save, and switch it on.",
        "Press Send test request. Questions of type Email, Phone and Contact info are known by themselves.",
    ), (("typeform", "responses"),), "TYPEFORM_WEBHOOK_SECRET"),
    Place("zillow", "Zillow rentals", "/hooks/zillow/rentals", (
        "Make a key, and copy the address with it.",
        "Give the address to your Zillow Rentals contact, or your feed provider, as the Lead API URL.",
    ), (("zillow", "rentals"),), "ZILLOW_WEBHOOK_SECRET"),
)  # fmt: skip


@router.get("/setup/doors")
async def doors(request: Request, person: Admin, door: str = "") -> Response:
    """Every door as it stands. door: the one to unfold."""
    del person
    return await _page(request, open_door=door)


@router.post("/setup/doors/{door}/save")
async def save(request: Request, door: str, person: Admin) -> Response:
    """The door's keys count at once, or their mistakes stand beside their fields."""
    office: Office = request.app.state.office
    entries = setup_fields.DOORS.get(door)
    if entries is None:
        raise HTTPException(404)
    new = setup_fields.changes(office.settings, entries, await fields(request))
    if wrong := setup_fields.problems(office.base_settings, office.settings.saved, entries, new):
        given = {name: value or "" for name, value in new.items()}
        return await _page(request, status=422, given=given, wrong=wrong, open_door=door)
    if new:
        await save_settings(office, new, f"user {person.id}")
    return see(f"/setup/doors?door={door}#{door}")


@router.post("/setup/doors/{door}/key")
async def make_key(request: Request, door: str, person: Admin) -> Response:
    """A key nobody guesses, saved and shown this once."""
    office: Office = request.app.state.office
    place = next((place for place in PLACES if place.key == door), None)
    if place is None or place.makes is None or office.settings.is_locked(place.makes):
        raise HTTPException(404)
    made = secrets.token_urlsafe(24)
    await save_settings(office, {place.makes: made}, f"user {person.id}")
    return await _page(request, open_door=door, made=made)


@router.post("/setup/doors/json")
async def make_door(request: Request, person: Admin) -> Response:
    """A door for any program; its key is shown this once."""
    office: Office = request.app.state.office
    given = await fields(request)
    name = given.get("name", "").strip().lower()
    try:
        key = await json_doors.make(office, name, given.get("channel", ""), f"user {person.id}")
    except InputError as error:
        return await _page(request, status=422, given=given, wrong=error.reasons, open_door="json")
    return await json_page(request, name, made=key)


def state(settings: Settings, place: Place) -> tuple[str, str]:
    """(words, tone): whether what comes in by the door would be taken."""
    if place.key == "meta":
        if settings.mode("meta") is Mode.PRACTICE and not settings.get("META_WEBHOOK_SECRET"):
            return "practice", "busy"
        lacks = [label for name, label in (("META_WEBHOOK_SECRET", "app secret"), ("META_TOKEN", "page token"))
                 if not settings.get(name)]  # fmt: skip
        return (f"needs its {' and '.join(lacks)}", "bad") if lacks else ("ready", "good")
    if place.makes and not settings.get(place.makes):
        return ("open to anybody", "wait") if place.key == "zillow" else ("needs a key", "quiet")
    return "ready", "good"


async def json_page(
    request: Request, name: str, *, status: int = 200, made: str = "", given: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:  # fmt: skip
    """One door of the team's own, and what its fields mean."""
    office: Office = request.app.state.office
    door = await json_doors.named(office, name)
    if door is None:
        raise HTTPException(404)
    came = next((one for one in await heard.everything(office) if (one.source, one.name) == ("json", name)), None)
    values = {"trial": None, "wrong": {}, "saved": False, "sample": ""} | more
    return await view.page(
        request, "json_door.html", here="setup", tab="doors", status=status, door=door, came=came, made=made,
        labels=json_doors.FIELDS, rare=json_doors.RARE, given=given or door.mapping,
        channel=(given or {}).get("channel", door.channel),
        url=f"{_base(request, office)}/hooks/json/{name}", **values,
    )  # fmt: skip


async def _page(
    request: Request, *, status: int = 200, open_door: str = "", made: str = "",
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    came = {(one.source, one.name): one for one in await heard.everything(office)}
    last = {
        place.key: max((came[one] for one in place.sources if one in came), key=lambda one: one.at, default=None)
        for place in PLACES
    }
    return await view.page(
        request, "doors.html", here="setup", tab="doors", status=status, places=PLACES, last=last, came=came,
        states={place.key: state(office.settings, place) for place in PLACES}, entries=setup_fields.DOORS,
        own=await json_doors.everything(office), open_door=open_door, made=made, given=given or {}, wrong=wrong or {},
        base=_base(request, office), verify_token=door_keys.verify_token(office),
        reaches=bool(office.settings.public_url), mail_in=await incoming.finding(office),
    )  # fmt: skip


def _base(request: Request, office: Office) -> str:
    return office.settings.links_base or str(request.base_url).rstrip("/")
