"""/setup/webhooks: who hears of what happens here, each with its deliveries, and what they missed sent again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import webhook_signing
from leadwake.domain.webhook_types import TEST, TYPES
from leadwake.errors import InputError, RuleError
from leadwake.storage.reading import Cursor
from leadwake.storage.webhooks import Endpoint
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.workflows import webhook_endpoints
from leadwake.workflows.office import Office

router = APIRouter(route_class=PageRoute)

#: how deliveries may be looked through: what the page calls it → states
STANDS: Final[Mapping[str, Sequence[str]]] = {
    "arrived": ("sent",), "on its way": ("planned", "deferred", "sending"), "failed": ("dead", "unknown", "expired"),
    "not sent": ("skipped", "cancelled", "blocked"),
}  # fmt: skip
#: state → (what the page calls it, its colour)
SAID: Final[Mapping[str, tuple[str, str]]] = {
    "sent": ("arrived", "good"), "planned": ("waits", "wait"), "deferred": ("waits", "wait"),
    "sending": ("being sent", "busy"), "dead": ("failed", "bad"), "unknown": ("failed", "bad"),
    "expired": ("too late", "bad"), "skipped": ("not sent", "quiet"), "cancelled": ("not sent", "quiet"),
    "blocked": ("not sent", "quiet"),
}  # fmt: skip
#: how far back what was missed may be sent again: value → (hours, label)
SINCE: Final[Mapping[str, tuple[int, str]]] = {
    "1h": (1, "the last hour"), "24h": (24, "the last 24 hours"), "7d": (168, "the last 7 days"),
    "30d": (720, "the last 30 days"),
}  # fmt: skip
_PAGE: Final = 30
_EVENT: Final = "event_"


@router.get("/setup/webhooks")
async def endpoints(request: Request, person: Admin, deleted: str = "") -> Response:
    """Every endpoint, and a form for one more."""
    del person
    return await _list(request, deleted=bool(deleted))


@router.post("/setup/webhooks")
async def add(request: Request, person: Admin) -> Response:
    """The endpoint hears from now on; its secret is shown this once."""
    office: Office = request.app.state.office
    given = await fields(request)
    try:
        endpoint_id, secret = await webhook_endpoints.add(office, given.get("url", ""), _types(given), person)
    except InputError as error:
        return await _list(request, status=422, given=given, wrong=error.reasons)
    return await _endpoint_page(request, endpoint_id, made=secret)


@router.get("/setup/webhooks/{endpoint}")
async def show(
    request: Request, endpoint: str, person: Admin, event: str = "", state: str = "", before: str = "", done: str = ""
) -> Response:
    """The endpoint and its deliveries, newest first. event, state: only those; before: where the page before ended."""
    del person
    return await _endpoint_page(request, _id(endpoint), type_=event, state=state, before=before, done=done)


@router.post("/setup/webhooks/{endpoint}")
async def change(request: Request, endpoint: str, person: Admin) -> Response:
    """URL and types count from now on."""
    office: Office = request.app.state.office
    given, endpoint_id = await fields(request), _id(endpoint)
    try:
        await webhook_endpoints.change(office, endpoint_id, given.get("url", ""), _types(given), person)
    except InputError as error:
        return await _endpoint_page(request, endpoint_id, status=422, given=given, wrong=error.reasons)
    return see(f"/setup/webhooks/{endpoint_id}?done=saved")


@router.post("/setup/webhooks/{endpoint}/secret")
async def roll(request: Request, endpoint: str, person: Admin) -> Response:
    """A new secret, shown this once."""
    found = await _found(request, endpoint)
    return await _endpoint_page(
        request, found.id, made=await webhook_endpoints.roll(request.app.state.office, found.id, person)
    )


@router.post("/setup/webhooks/{endpoint}/again")
async def again(request: Request, endpoint: str, person: Admin) -> Response:
    """One delivery goes again (field id), or everything that was missed (field since)."""
    office: Office = request.app.state.office
    found, given = await _found(request, endpoint), await fields(request)
    if delivery := parse_id(given.get("id", "")):
        sent = await webhook_endpoints.send_again(office, found.id, person, delivery)
        return see(f"/setup/webhooks/{found.id}?done={'again' if sent else 'not'}#deliveries")
    hours, _ = SINCE.get(given.get("since", ""), SINCE["24h"])
    count = await webhook_endpoints.send_missed(office, found.id, person, office.clock.now() - timedelta(hours=hours))
    return see(f"/setup/webhooks/{found.id}?done=missed-{count}#deliveries")


@router.post("/setup/webhooks/{endpoint}/{what}")
async def do(request: Request, endpoint: str, what: str, person: Admin) -> Response:
    """Tried, paused, resumed, deleted; what waits taken back."""
    office: Office = request.app.state.office
    found = await _found(request, endpoint)
    match what:
        case "test":
            await webhook_endpoints.test(office, found.id, person)
        case "pause":
            await webhook_endpoints.pause(office, found.id, person)
        case "resume":
            await webhook_endpoints.resume(office, found.id, person)
        case "stop":
            await webhook_endpoints.take_back(office, found.id, person)
        case "delete":
            return await _deleted(office, found, person)
        case _:
            raise HTTPException(404)
    return see(f"/setup/webhooks/{found.id}?done={what}#deliveries")


async def _deleted(office: Office, found: Endpoint, person: Admin) -> Response:
    try:
        await webhook_endpoints.delete(office, found.id, person)
    except RuleError:
        return see(f"/setup/webhooks/{found.id}?done=pause-first")
    return see("/setup/webhooks?deleted=1")


def _id(text: str) -> UUID:
    found = parse_id(text)
    if found is None:
        raise HTTPException(404)
    return found


async def _found(request: Request, text: str) -> Endpoint:
    found = await webhook_endpoints.one(request.app.state.office, _id(text))
    if found is None:
        raise HTTPException(404)
    return found


def _types(given: Mapping[str, str]) -> list[str]:
    return [name.removeprefix(_EVENT) for name in given if name.startswith(_EVENT)]


async def _list(
    request: Request, *, status: int = 200, deleted: bool = False, given: Mapping[str, str] | None = None,
    wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    return await view.page(
        request, "webhooks.html", here="setup", tab="webhooks", status=status, types=TYPES, deleted=deleted,
        endpoints=await webhook_endpoints.everything(request.app.state.office), given=given or {}, wrong=wrong or {},
        chosen=_types(given or {}),
    )  # fmt: skip


async def _endpoint_page(
    request: Request, endpoint_id: UUID, *, status: int = 200, made: str = "", type_: str = "", state: str = "",
    before: str = "", done: str = "", given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office: Office = request.app.state.office
    found = await _found(request, str(endpoint_id))
    deliveries, next_ = await _deliveries(office, found, type_, state, before)
    attempts: dict[UUID, list[Any]] = {}
    for row in await office.db.all("webhook_attempts", ids=[one["id"] for one in deliveries]):
        attempts.setdefault(row["action_id"], []).append(row)
    return await view.page(
        request, "webhook.html", here="setup", tab="webhooks", status=status, endpoint=found, made=made, done=done,
        made_text=webhook_signing.key_text(made) if made else None,
        types=TYPES, test=TEST, deliveries=deliveries, attempts=attempts, next=next_, type_=type_, state=state,
        stands=STANDS, said=SAID, since=SINCE, given=given or {}, wrong=wrong or {},
        chosen=_types(given) if given else found.types,
    )  # fmt: skip


async def _deliveries(
    office: Office, found: Endpoint, type_: str, state: str, before: str
) -> tuple[list[Any], Cursor | None]:
    start = Cursor.read(before) if before else None
    rows = await office.db.all(
        "webhook_deliveries", endpoint=str(found.id), type=type_ if type_ in {*TYPES, TEST} else None,
        states=list(STANDS[state]) if state in STANDS else None, before_at=start.at if start else None,
        before_id=start.id if start else None, limit=_PAGE + 1,
    )  # fmt: skip
    shown = rows[:_PAGE]
    return shown, Cursor(shown[-1]["created_at"], shown[-1]["id"]) if len(rows) > _PAGE else None
