"""The team's pages: server-rendered, live where something changes, whole without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.types import Receive, Scope, Send

from leadwake.web import oidc
from leadwake.web.clients import Buckets
from leadwake.web.pages import (
    alert_links,
    api_clients,
    aside,
    assets,
    audit,
    backups,
    booking,
    calls,
    consent,
    crm,
    doors,
    enrollment,
    entry,
    forms,
    golive,
    health,
    holding,
    imports,
    inbox,
    json_door,
    lead_list,
    leads,
    letters,
    looks,
    me,
    meetings,
    messages,
    now,
    people,
    privacy,
    proof,
    public,
    record,
    recovery,
    reports,
    roster,
    routing,
    routing_trial,
    rules,
    score,
    sequence_ahead,
    sequence_edit,
    sequences,
    setup,
    sign_in,
    sign_in_setup,
    snippets,
    talk,
    tasks,
    team,
    vendors,
    webhooks,
    website_chat,
    websites,
)
from leadwake.web.pages.route import error_page, wants_page
from leadwake.web.passwords import LoginTries

__all__ = ["ROUTERS", "install"]


#: every route of the pages
ROUTERS = tuple(
    part.router
    for part in (
        now, lead_list, imports, tasks, talk, holding, inbox, aside, snippets, leads, calls, proof, record, reports,
        letters, me, meetings, recovery, people, routing, routing_trial, setup, crm, golive, health, backups, audit,
        messages, rules, score, roster, team, forms, consent, privacy, json_door, doors, websites, website_chat,
        webhooks, public, booking, alert_links, entry, assets, sequence_ahead, sequence_edit, sequences, enrollment,
        sign_in, sign_in_setup, api_clients, vendors, looks,
    )
)  # fmt: skip


def install(app: FastAPI) -> None:
    """What the pages keep with the application, and a page for browsers that ask for what is not there."""
    app.state.login_tries = LoginTries()
    app.state.providers = oidc.Providers()
    app.state.sign_in_buckets = Buckets(oidc.BURST, oidc.PER_S)
    otherwise = app.router.default

    async def nothing_here(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and wants_page(request := Request(scope)):
            await error_page(request, 404)(scope, receive, send)
        else:
            await otherwise(scope, receive, send)

    app.router.default = nothing_here
