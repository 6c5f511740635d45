"""What ad forms and portals post to us: believed by signature or key, stored durably, then acknowledged.

What can be read and is of no use is kept as rejected and acknowledged all the same: asking again would bring the same.
"""

from __future__ import annotations

import hmac
import json
import math
from collections.abc import Mapping
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from leadwake.errors import BadKey, BadSignature, InputError, Unparsable
from leadwake.intake import google_ads, json_door, meta, typeform, zillow
from leadwake.intake.api import read_object
from leadwake.storage.intake import RawCapture
from leadwake.web.bodies import content_type, form_fields, read_body
from leadwake.web.clients import Buckets, client_ip
from leadwake.web.problems import Problem
from leadwake.workflows import door_keys, heard, intake, json_doors
from leadwake.workflows.key_rotation import any_fits
from leadwake.workflows.office import Office

#: Meta sends up to a thousand leads at once
_MAX_BATCH = 1024 * 1024
#: leads in one post of a program
_MOST_AT_ONCE = 100

#: unsigned posts from one address: a burst, then two a second
PORTAL_BURST, PORTAL_PER_S = 100.0, 2.0

router = APIRouter(prefix="/hooks", include_in_schema=False)


@router.get("/meta/leadgen")
async def meta_check(request: Request) -> Response:
    """Meta asks whether the address is ours, once, when somebody enters it there: its challenge goes back, bare."""
    office: Office = request.app.state.office
    query = request.query_params
    if query.get("hub.mode") != "subscribe" or not door_keys.verifies(office, query.get("hub.verify_token", "")):
        raise BadKey("The verify token does not fit; copy it from Setup, Doors.")
    challenge = meta.challenge(query.get("hub.challenge", ""))
    if challenge is None:
        raise Problem(400, "There is no challenge that could be answered.")
    await heard.hook(office, "meta", "check", show=True)
    return PlainTextResponse(challenge, headers={"X-Content-Type-Options": "nosniff"})


@router.post("/meta/leadgen")
async def meta_leads(request: Request) -> Response:
    """Leads by their ids, many at once; what people wrote is fetched afterwards. Meta repeats whatever is not a 200."""
    office: Office = request.app.state.office
    body = await read_body(request, _MAX_BATCH)
    signature = request.headers.get("x-hub-signature-256", "")
    secret, name = office.settings.webhook_secret("meta"), "META_WEBHOOK_SECRET"
    if not any_fits(office, secret, name, lambda one: meta.verify_signature(one, signature, body)):
        raise BadSignature("The signature does not fit; check LEADWAKE_META_WEBHOOK_SECRET, the app's secret.")
    notices = meta.read_notices(body)
    await heard.hook(office, "meta", "leadgen")
    for notice in notices:
        raw = RawCapture.once(meta.DOOR, notice.leadgen_id, notice.body, {}, meta.SOURCE)
        await intake.keep(office, raw, "pending", office.clock.now(), reason="to be fetched")
    return Response(status_code=200)


@router.post("/google-ads/leadform")
async def google_lead(request: Request) -> Response:
    """A lead of a Google Ads lead form. Google repeats a 5xx and nothing else."""
    office: Office = request.app.state.office
    document, key = google_ads.read_post(await read_body(request))
    secret, name = office.settings.get("GOOGLE_ADS_WEBHOOK_SECRET"), "GOOGLE_ADS_WEBHOOK_SECRET"
    if not any_fits(office, secret, name, lambda one: google_ads.opens(one, key)):
        raise BadKey("The key does not fit; check LEADWAKE_GOOGLE_ADS_WEBHOOK_SECRET.")
    await heard.hook(office, "google_ads", "leadform", show=google_ads.is_test(document))
    raw = _capture("google_ads", google_ads.lead_id(document), google_ads.stored(document), google_ads.SOURCE)
    if google_ads.is_test(document):
        await intake.keep(office, raw, "rejected", office.clock.now(), reason="test lead")
    else:
        await _taken_in(office, raw)
    return JSONResponse({})


@router.post("/typeform")
async def typeform_response(request: Request) -> Response:
    """A response to a Typeform. Never 404 or 410, which would turn the webhook off; 503 is asked again for hours."""
    office: Office = request.app.state.office
    body = await read_body(request)
    secret, name = office.settings.get("TYPEFORM_WEBHOOK_SECRET"), "TYPEFORM_WEBHOOK_SECRET"
    signature = request.headers.get("typeform-signature", "")
    if not any_fits(office, secret, name, lambda one: typeform.verify_signature(one, signature, body)):
        raise BadSignature("The signature does not fit; check LEADWAKE_TYPEFORM_WEBHOOK_SECRET.")
    response_id = await _read_or_kept(office, "typeform", body)
    await heard.hook(office, "typeform", "responses")
    if response_id is not None:
        await _taken_in(office, _capture("typeform", response_id, body, typeform.SOURCE))
    return Response(status_code=200)


@router.post("/zillow/rentals")
async def zillow_lead(request: Request) -> Response:
    """A rental lead, which Zillow does not sign: known by a key in the address, or without one taken as a form is."""
    office: Office = request.app.state.office
    key, given = (
        office.settings.get("ZILLOW_WEBHOOK_SECRET"),
        request.query_params.get("key", "").encode("utf-8", "replace"),
    )
    if not key:
        _refuse_floods(request)
    elif not any_fits(office, key, "ZILLOW_WEBHOOK_SECRET", lambda one: hmac.compare_digest(one.encode(), given)):
        raise BadSignature("The key in the address does not fit; copy the address from Setup, Doors once more.")
    fields = await _posted(request)
    await heard.hook(office, "zillow", "rentals")
    today = office.clock.now().astimezone(office.settings.time_zone).date()
    their_id = office.vault.blind("inquiry", zillow.sent_id(fields, today)).hex()
    await _taken_in(office, _capture("zillow", their_id, msgspec.json.encode(fields), zillow.SOURCE))
    return Response(status_code=200)


@router.post("/json/{name}")
async def json_leads(request: Request, name: str) -> Response:
    """Any program's JSON, one lead or a list of them; the key stands in a header or in the address."""
    office: Office = request.app.state.office
    door = await json_doors.named(office, name)
    key = request.headers.get("x-leadwake-key") or request.query_params.get("key", "")
    if door is None or not door.opens(key):
        raise BadSignature("No open door has this name and key; see Setup, Doors.")
    documents = json_door.read_leads(await read_body(request))
    if len(documents) > _MOST_AT_ONCE:
        raise InputError({"body": f"at most {_MOST_AT_ONCE} leads at once"})
    await heard.hook(office, "json", name, show=True)
    refused: dict[str, str] = {}
    for document in documents:
        await json_doors.seen(office, door, document)
        try:
            await intake.receive(office, _json_capture(office, door, document))
        except InputError as error:
            refused = error.reasons
    if refused and len(documents) == 1:
        raise InputError(refused)
    return JSONResponse({"received": len(documents)})


def _json_capture(office: Office, door: json_doors.JsonDoor, document: Mapping[str, Any]) -> RawCapture:
    """By their own number of it where they give one, else by what it says and the day: a repetition is one lead."""
    body = json.dumps(document).encode()
    meta_ = {"door": door.name, "channel": door.channel, "mapping": json.dumps(dict(door.mapping))}
    day = office.clock.now().astimezone(office.settings.time_zone).date().isoformat()
    said = json_door.their_id(document, door.mapping) or f"{day}\x1f{body.decode()}"
    their_id = office.vault.blind("inquiry", f"json\x1f{door.name}\x1f{said}").hex()
    return RawCapture.once(json_door.DOOR, their_id, body, meta_, door.name)


def _refuse_floods(request: Request) -> None:
    """Whoever shows no key may not post without end; all of a portal's leads come from few addresses. Raises 429."""
    buckets: Buckets = request.app.state.portal_buckets
    if wait_s := buckets.wait_s(client_ip(request, request.app.state.trusted_proxies)):
        raise Problem(429, "Too many at once; try again shortly.", headers={"Retry-After": str(math.ceil(wait_s))})


async def _posted(request: Request) -> Mapping[str, str]:
    """The form's fields, the first value of each; a form without a type counts as one. Raises Problem 400, 413, 415."""
    body = await read_body(request)
    if not content_type(request):
        request.scope["headers"].append((b"content-type", b"application/x-www-form-urlencoded"))
    found = await form_fields(request, body)
    return {name.encode("utf-8", "replace").decode(): values[0].encode("utf-8", "replace").decode()
            for name, values in found.items()}  # fmt: skip


async def _read_or_kept(office: Office, door: str, body: bytes) -> str | None:
    """The response's id; what cannot be read at all is kept and refused. Raises Unparsable, InputError."""
    try:
        return typeform.response_id(read_object(body))
    except InputError:
        await intake.keep(office, RawCapture(door, body, {}), "rejected", office.clock.now(), reason="not parsable")
        raise


def _capture(door: str, their_id: str | None, body: bytes, source: str) -> RawCapture:
    """A capture by the sender's own id; one without an id is new each time."""
    return RawCapture.once(door, their_id, body, {}, source) if their_id else RawCapture(door, body, {}, source)


async def _taken_in(office: Office, raw: RawCapture) -> None:
    """Stored, with all that follows; what is refused for its content is stored as that."""
    try:
        await intake.receive(office, raw)
    except Unparsable:
        raise
    except InputError:
        return
