"""What CRMs post to us: the signature is checked over the raw bytes, then it is kept, and only then answered."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake import log
from leadwake.errors import BadSignature, LeadwakeError
from leadwake.providers import gohighlevel_words, hubspot, hubspot_words
from leadwake.web import problems
from leadwake.web.bodies import read_body
from leadwake.workflows import crm_news, heard
from leadwake.workflows.key_rotation import any_fits
from leadwake.workflows.office import Office

_log = log.get(__name__)

router = APIRouter(prefix="/hooks", include_in_schema=False)

#: a hundred events of HubSpot's; a contact of GoHighLevel's with all its fields
_MAX_BODY = 1024 * 1024
#: how long GoHighLevel is asked to wait; it waits ten minutes anyway
_PATIENCE = {"Retry-After": "60"}


@router.post("/hubspot")
async def hubspot_events(request: Request) -> Response:
    """Up to a hundred events, each kept once."""
    office: Office = request.app.state.office
    body = await read_body(request, _MAX_BODY)
    secret = office.settings.credential("hubspot", "HUBSPOT_WEBHOOK_SECRET")
    url = _url(request, office)
    if not any_fits(office, secret, "HUBSPOT_WEBHOOK_SECRET", lambda one: _is_from_hubspot(request, one, url, body)):
        raise BadSignature("The signature does not fit; check LEADWAKE_HUBSPOT_WEBHOOK_SECRET and LEADWAKE_PUBLIC_URL.")
    news = hubspot_words.events(body)
    await crm_news.keep(office, news)
    await heard.hook(office, "hubspot", "events")
    return Response(status_code=200)


@router.post("/gohighlevel")
async def gohighlevel_event(request: Request) -> Response:
    """One event, kept once. It is sent again after a 429 only, so that is what trouble of ours is answered by."""
    office: Office = request.app.state.office
    body = await read_body(request, _MAX_BODY)
    now = datetime.now(UTC)
    newer, older = request.headers.get("x-ghl-signature", ""), request.headers.get("x-wh-signature", "")
    signed = any_fits(
        office,
        office.settings.credential("gohighlevel", "GOHIGHLEVEL_WEBHOOK_SECRET"),
        "GOHIGHLEVEL_WEBHOOK_SECRET",
        lambda key: gohighlevel_words.verify(key, body, newer, older, now),
    )
    if not signed:
        raise BadSignature("The signature does not fit; LEADWAKE_GOHIGHLEVEL_WEBHOOK_SECRET is its public key.")
    news = gohighlevel_words.event(body, now)
    try:
        await crm_news.keep(office, [news] if news else [])
        await heard.hook(office, "gohighlevel", "events")
    except Exception as error:  # the web's edge: whatever it is, the event must come again
        if not isinstance(error, LeadwakeError):
            _log.exception("crm_event_not_kept", vendor="gohighlevel")
        return problems.response(429, "It could not be kept just now. Send it again.", headers=_PATIENCE)
    return Response(status_code=200)


def _is_from_hubspot(request: Request, secret: str, url: str, body: bytes) -> bool:
    header = request.headers
    if v3 := header.get("x-hubspot-signature-v3"):
        at = header.get("x-hubspot-request-timestamp", "")
        return hubspot.verify_signature(secret, request.method, url, body, at, v3)
    version, signature = header.get("x-hubspot-signature-version", ""), header.get("x-hubspot-signature", "")
    return hubspot_words.verify_legacy(secret, version, request.method, url, body, signature)


def _url(request: Request, office: Office) -> str:
    """How HubSpot may have called us: by the public URL, or as the request itself says where there is none."""
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    query = request.scope.get("query_string", b"").decode("latin-1")
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    base = office.settings.public_url or own
    return f"{base}{path}?{query}" if query else f"{base}{path}"
