"""/setup/team and /setup/keys: who works here, and which programs may send or read leads."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.work import Work
from leadwake.domain.work import changed as changed_work
from leadwake.errors import InputError, RuleError
from leadwake.storage import identities, staff
from leadwake.storage.credentials import SCOPES, new_api_key
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.web.pages import view
from leadwake.web.pages.people import member_of
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.sessions import Admin
from leadwake.workflows import people, sign_in
from leadwake.workflows.key_rotation import KEEP_HOURS, rotate_api_key
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_KEY_NAME_CHARS = 60
#: what may be said of somebody as they are added; the rest is on their own page
_WORK = ("licences", "languages", "time_zone", "shifts")


# The team.


@router.get("/setup/team")
async def team(request: Request, person: Admin) -> Response:
    """Everybody, and a form for one more."""
    del person
    return await _team(request)


@router.post("/setup/team")
async def add(request: Request, person: Admin) -> Response:
    """One more member, with a link to hand to them; shown once."""
    office: Office = request.app.state.office
    given = await fields(request)
    try:
        new = await people.add(office, _newcomer(given), actor=f"user {person.id}")
    except (InputError, RuleError) as error:
        wrong = error.reasons if isinstance(error, InputError) else {"email": str(error)}
        return await _team(request, status=422, given=given, wrong=wrong)
    return await _invitation(request, new)


@router.post("/setup/team/{user_id}/invite")
async def invite(request: Request, user_id: str, person: Admin) -> Response:
    """A new link for a member who lost theirs, or their password."""
    office: Office = request.app.state.office
    member = member_of(office, user_id)
    async with office.db.transaction() as connection:
        await record(connection, office.clock.now(), f"user {person.id}", "user_invited", user=str(member.id))
    return await _invitation(request, member)


@router.post("/setup/team/{user_id}")
async def change(request: Request, user_id: str, person: Admin) -> Response:
    """The member's name, phone, role and whether they take leads are as given; nobody changes their own role."""
    office: Office = request.app.state.office
    member, given = member_of(office, user_id), await fields(request)
    changed = dataclasses.replace(
        member, name=given.get("name", member.name).strip()[:200], phone=given.get("phone", "").strip()[:100] or None,
        role=member.role if member.id == person.id else given.get("role", member.role),
        takes_leads="takes_leads" in given,
    )  # fmt: skip
    try:
        await people.change_profile(office, changed, actor=f"user {person.id}")
    except InputError as error:
        return await _team(request, status=422, refused=f"{member.name}: {error}")
    return see("/setup/team")


@router.post("/setup/team/{user_id}/disable")
async def disable(request: Request, user_id: str, person: Admin) -> Response:
    """The member is logged out everywhere and takes no leads; nobody locks themselves out."""
    office: Office = request.app.state.office
    member = member_of(office, user_id)
    if member.id == person.id:
        raise HTTPException(403)
    await people.leave(office, member, actor=f"user {person.id}")
    return see("/setup/team")


@router.post("/setup/team/{user_id}/unbind")
async def unbind(request: Request, user_id: str, person: Admin) -> Response:
    """The member's accounts elsewhere open nothing here; the next that proves their address is bound in their place."""
    office: Office = request.app.state.office
    member = member_of(office, user_id)
    for each in await identities.of(office.db, office.vault, member.id):
        await sign_in.unbind(office, member.id, each.provider, actor=f"user {person.id}")
    return see("/setup/team")


def _newcomer(given: Mapping[str, str]) -> Person:
    """Who is to be added, with what they may take. Raises InputError with every reason there is."""
    wrong: dict[str, str] = {}
    try:
        work = changed_work(Work(), {name: given[name] for name in _WORK if given.get(name, "").strip()})
    except InputError as error:
        work, wrong = Work(), error.reasons
    try:
        new = staff.newcomer(
            name=given.get("name", "")[:200], email=given.get("email", "")[:400],
            phone=given.get("phone", "").strip()[:100] or None, role=given.get("role", ""),
            takes_leads="takes_leads" in given,
        )  # fmt: skip
    except InputError as error:
        raise InputError({**error.reasons, **wrong}) from None
    if wrong:
        raise InputError(wrong)
    return dataclasses.replace(new, work=work)


async def _team(
    request: Request, *, status: int = 200, given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None, refused: str = "", invited: Person | None = None, link: str = "",
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    members = [member for member in office.team if not member.disabled]
    bound = {row["user_id"] for row in await office.db.all("identities")}
    return await view.page(
        request, "team.html", here="setup", tab="team", status=status, members=members, given=given or {},
        wrong=wrong or {}, refused=refused, invited=invited, link=link, roles=staff.ROLES, bound=bound,
    )  # fmt: skip


async def _invitation(request: Request, member: Person) -> Response:
    office: Office = request.app.state.office
    token = await staff.invite(office.db, member.id)
    base = office.settings.public_url or f"{request.url.scheme}://{request.headers.get('host', 'localhost')}"
    return await _team(request, invited=member, link=f"{base}/invite/{token}")


# API keys.


@router.get("/setup/keys")
async def keys(request: Request, person: Admin) -> Response:
    """Every key, and a form for one more."""
    del person
    return await _keys(request)


@router.post("/setup/keys")
async def new_key(request: Request, person: Admin) -> Response:
    """A new key, shown once."""
    office: Office = request.app.state.office
    given = await fields(request)
    name, scopes, wrong = named_with_scopes(given)
    if wrong:
        return await _keys(request, status=422, given=given, wrong=wrong)
    key = new_api_key()
    async with office.db.transaction() as connection:
        await connection.execute(
            q("api_key_add"), {"id": key.id, "name": name, "secret_hash": key.hash, "scopes": scopes}
        )
        now = office.clock.now()
        await record(connection, now, f"user {person.id}", "api_key_created", key=key.id, scopes=scopes)
    return await _keys(request, created=key.text)


def named_with_scopes(given: Mapping[str, str]) -> tuple[str, list[str], dict[str, str]]:
    """What a program is called and may do, as a form says; and what is wrong with that."""
    name = " ".join(given.get("name", "").split())[:_KEY_NAME_CHARS]
    scopes = [scope for scope in SCOPES if f"scope_{scope}" in given]
    if not name:
        return name, scopes, {"name": "Say what will use it."}
    return name, scopes, {} if scopes else {"scopes": "Allow it something."}


@router.post("/setup/keys/{key_id}/rotate")
async def rotate(request: Request, key_id: str, person: Admin) -> Response:
    """A new secret for the key, shown once; the old one opens for a day."""
    try:
        text, until = await rotate_api_key(request.app.state.office, key_id[:64], KEEP_HOURS, f"user {person.id}")
    except RuleError:
        raise HTTPException(404) from None
    return await _keys(request, created=text, until=until)


@router.post("/setup/keys/{key_id}/revoke")
async def revoke(request: Request, key_id: str, person: Admin) -> Response:
    """The key opens nothing any more."""
    office: Office = request.app.state.office
    async with office.db.transaction() as connection:
        gone = await connection.execute(q("api_key_revoke"), {"id": key_id[:64]})
        if gone.rowcount:
            await record(connection, office.clock.now(), f"user {person.id}", "api_key_revoked", key=key_id[:64])
    return see("/setup/keys")


async def _keys(
    request: Request, *, status: int = 200, created: str = "", until: datetime | None = None,
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    known = [row for row in await office.db.all("api_keys") if row["revoked_at"] is None]
    return await view.page(
        request, "keys.html", here="setup", tab="keys", status=status, keys=known, created=created, until=until,
        given=given or {}, wrong=wrong or {}, scopes=SCOPES,
        base=office.settings.links_base or str(request.base_url).rstrip("/"),
    )  # fmt: skip
