"""/setup/doors/json/…: a door of the team's own: what its fields mean, tried with a sample before it counts."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.errors import InputError
from leadwake.web.pages import doors
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows import json_doors
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

_PREFIX = "map_"


@router.get("/setup/doors/json/{name}")
async def door(request: Request, name: str, person: Admin) -> Response:
    """The door as it stands."""
    del person
    return await doors.json_page(request, name, saved="saved" in request.query_params)


@router.post("/setup/doors/json/{name}")
async def change(request: Request, name: str, person: Admin) -> Response:
    """The mapping is tried with the sample, or saved; the sample is kept nowhere."""
    office: Office = request.app.state.office
    posted = await fields(request)
    mapping = {key.removeprefix(_PREFIX): place for key, place in posted.items() if key.startswith(_PREFIX)}
    channel, sample = posted.get("channel", ""), posted.get("sample", "")
    given = {**mapping, "channel": channel}
    if posted.get("do") == "try":
        return await _tried(request, name, given, mapping, sample)
    try:
        await json_doors.save(office, name, mapping, channel, f"user {person.id}")
    except InputError as error:
        return await doors.json_page(request, name, status=422, given=given, wrong=error.reasons, sample=sample)
    return see(f"/setup/doors/json/{name}?saved=1")


@router.post("/setup/doors/json/{name}/{what}")
async def do(request: Request, name: str, what: str, person: Admin) -> Response:
    """Another key, shown once; closed; open again."""
    office: Office = request.app.state.office
    actor = f"user {person.id}"
    if await json_doors.named(office, name) is None or what not in {"key", "close", "open"}:
        raise HTTPException(404)
    if what == "key":
        return await doors.json_page(request, name, made=await json_doors.new_key(office, name, actor))
    await (json_doors.close if what == "close" else json_doors.reopen)(office, name, actor)
    return see(f"/setup/doors/json/{name}")


async def _tried(
    request: Request, name: str, given: Mapping[str, str], mapping: Mapping[str, str], sample: str
) -> Response:
    office: Office = request.app.state.office
    try:
        trial = json_doors.tried(office, sample, mapping, given["channel"])
    except InputError as error:
        wrong = {"sample": f"This is no JSON that could be read: {next(iter(error.reasons.values()))}."}
        return await doors.json_page(request, name, status=422, given=given, wrong=wrong, sample=sample)
    return await doors.json_page(request, name, given=given, trial=trial, sample=sample)
