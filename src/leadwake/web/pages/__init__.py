"""The team's pages: server-rendered, live where something changes, whole without JavaScript."""

from __future__ import annotations

from fastapi import APIRouter, FastAPI, Request
from starlette.types import Receive, Scope, Send

from leadwake.web.pages import (
    alert_links,
    assets,
    audit,
    calls,
    consent,
    crm,
    entry,
    forms,
    golive,
    health,
    holding,
    inbox,
    lead_list,
    leads,
    letters,
    me,
    messages,
    now,
    people,
    privacy,
    proof,
    public,
    record,
    roster,
    routing,
    routing_trial,
    rules,
    setup,
    snippets,
    talk,
    tasks,
    team,
)
from leadwake.web.pages.route import error_page, wants_page
from leadwake.web.passwords import LoginTries

__all__ = ["install", "router"]


def router() -> APIRouter:
    """Every route of the pages."""
    routes = APIRouter(include_in_schema=False)
    parts = (
        now, lead_list, tasks, talk, holding, inbox, snippets, leads, calls, proof, record, letters, me, people,
        routing, routing_trial, setup, crm, golive, health, audit, messages, rules, roster, team, forms, consent,
        privacy, public, alert_links, entry, assets,
    )  # fmt: skip
    for part in parts:
        routes.include_router(part.router)
    return routes


def install(app: FastAPI) -> None:
    """What the pages keep with the application, and a page for browsers that ask for what is not there."""
    app.state.login_tries = LoginTries()
    otherwise = app.router.default

    async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and wants_page(request := Request(scope)):
            await error_page(request, 404)(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    app.router.default = nothing_here
