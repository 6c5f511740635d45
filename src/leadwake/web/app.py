"""The web, put together: every route in one list."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from leadwake import __version__, log
from leadwake.errors import ConfigError, DatabaseAway, LeadwakeError
from leadwake.metrics import exposition
from leadwake.ops import front_door
from leadwake.storage.listener import listen
from leadwake.tasks import end
from leadwake.web import (
    assignment_api,
    chat_api,
    crm_hooks,
    docs,
    embed_forms,
    embed_scripts,
    embed_visits,
    enrollment_api,
    hooks,
    lead_hooks,
    leads_api,
    mail_hooks,
    pages,
    probe_api,
    problems,
    proof_api,
    read_api,
    report_api,
    token_api,
    voice_hooks,
)
from leadwake.web.auth import ApiKeys
from leadwake.web.chat_live import ChatLive
from leadwake.web.clients import Buckets
from leadwake.web.limits import Limits
from leadwake.web.live import Live
from leadwake.web.safe_headers import SafeHeaders
from leadwake.workflows.key_news import KeyNews
from leadwake.workflows.looks import Looks
from leadwake.workflows.office import Office

_log = log.get(__name__)


#: what stands on the API's page
_DESCRIBED = (
    leads_api.router,
    read_api.router,
    enrollment_api.router,
    assignment_api.router,
    proof_api.router,
    report_api.router,
)


def create_app(office: Office) -> FastAPI:
    """The application of one office; what it listens to lives with its lifespan."""
    app = FastAPI(title="Leadwake", version=__version__, docs_url=None, redoc_url=None, lifespan=_lifespan)
    app.state.office = office
    app.state.live = Live()
    app.state.chat_live = ChatLive()
    app.state.chat_slower = chat_api.Slower()
    app.state.limits = Limits()
    app.state.looks = Looks(office)
    app.state.api_keys = ApiKeys(app.state.limits)
    app.state.token_buckets = Buckets(token_api.BURST, token_api.PER_S)
    app.state.guess_buckets = Buckets(token_api.GUESSES, token_api.GUESSES_PER_S)
    app.state.form_buckets = Buckets(leads_api.FORM_BURST, leads_api.FORM_PER_S)
    app.state.visit_buckets = Buckets(embed_visits.VISIT_BURST, embed_visits.VISIT_PER_S)
    app.state.probe_buckets = Buckets(probe_api.PROBE_BURST, probe_api.PROBE_PER_S)
    app.state.portal_buckets = Buckets(lead_hooks.PORTAL_BURST, lead_hooks.PORTAL_PER_S)
    app.state.trusted_proxies = office.settings.get("TRUSTED_PROXIES").replace(",", " ").split()
    app.state.mail_slot = mail_hooks.MailSlot(office)
    hearing = (hooks.router, lead_hooks.router, mail_hooks.router, voice_hooks.router, crm_hooks.router)
    embedded = (
        embed_scripts.router,
        embed_scripts.site_router,
        embed_forms.router,
        embed_visits.router,
        chat_api.router,
    )
    for router in (*_DESCRIBED, *hearing, *embedded, token_api.router, docs.router, probe_api.router, *pages.ROUTERS):
        # the routes as they are: including a router makes each of them anew, 0.2 s of processor time in all
        app.router.routes.extend(router.routes)
    app.add_api_route("/healthz", _healthy, include_in_schema=False)
    app.add_api_route(front_door.PATH, _ourselves, include_in_schema=False)
    app.add_api_route("/readyz", _ready, include_in_schema=False)
    app.add_api_route("/metrics", _metrics, include_in_schema=False)
    pages.install(app)
    app.add_middleware(leads_api.LeadsFirst)
    app.add_middleware(SafeHeaders)
    for kind in (problems.Problem, LeadwakeError, psycopg.OperationalError, Exception):
        app.add_exception_handler(kind, problems.handle)
    app.add_exception_handler(HTTPException, problems.handle_http)
    app.add_exception_handler(RequestValidationError, problems.handle_fields)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]  # the framework's documented way to extend it
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    office: Office = app.state.office
    live: Live = app.state.live
    changed, keys = asyncio.Event(), KeyNews(office)
    tasks = [
        asyncio.create_task(_follow_changes(office, live, changed), name="changes"),
        asyncio.create_task(keys.follow(), name="keys"),
        asyncio.create_task(app.state.looks.run(), name="looks"),
        asyncio.create_task(
            listen(
                office.db.url,
                {
                    "leadwake_live": live.tell,
                    "leadwake_chat": app.state.chat_live.tell,
                    "leadwake_office": lambda _: changed.set(),
                    "leadwake_keys": keys.tell,
                },
            ),
            name="listener",
        ),
    ]
    try:
        yield
    finally:
        await end(tasks)
        await app.state.looks.write()


async def _follow_changes(office: Office, live: Live, changed: asyncio.Event) -> None:
    """What somebody saved elsewhere counts here a moment later."""
    while True:
        await changed.wait()
        changed.clear()
        try:
            await office.refresh()
            live.tell(None)
        except DatabaseAway:
            await asyncio.sleep(1)
            changed.set()
        except ConfigError as error:
            # the team's rules are of a newer version: workers stop for it, the pages go on with what they know
            _log.error("office_not_refreshed", reason=str(error))


async def _healthy() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"})


async def _ourselves(request: Request, nonce: str) -> Response:
    """The same, and proof of which installation answers: whoever holds its keys can check it, nobody can forge it."""
    if len(nonce) > front_door.MAX_NONCE:
        raise HTTPException(404)
    office: Office = request.app.state.office
    return JSONResponse({"status": "ok", "proof": front_door.proof(office.vault.link_key, nonce)})


async def _ready(request: Request) -> Response:
    """Leads can be taken in: the database answers."""
    office: Office = request.app.state.office
    if not await office.db.is_there():
        raise DatabaseAway("the database does not answer")
    return JSONResponse({"status": "ready"})


async def _metrics() -> Response:
    """Numbers of all processes of this machine."""
    return Response(await asyncio.to_thread(exposition), media_type=CONTENT_TYPE_LATEST)


def _openapi(app: FastAPI) -> dict[str, object]:
    """The API's own description, with how to sign in and what a refusal looks like."""
    if app.openapi_schema is None:
        schema = get_openapi(
            title="Leadwake", version=__version__, summary="Send leads, read what became of them.",
            routes=[route for router in _DESCRIBED for route in router.routes],
        )  # fmt: skip
        components = schema.setdefault("components", {})
        said = "An API key, or an access token that an API client got at /oauth/token."
        components["securitySchemes"] = {"ApiKey": {"type": "http", "scheme": "bearer", "description": said}}
        components.setdefault("schemas", {})["Problem"] = {
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": {"type": "string"},
                "title": {"type": "string"},
                "status": {"type": "integer"},
                "detail": {"type": "string"},
                "errors": {"type": "object", "additionalProperties": {"type": "string"}},
            },
        }
        app.openapi_schema = schema
    return app.openapi_schema
