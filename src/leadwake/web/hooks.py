"""What vendors post to us: the signature is checked over the raw bytes, then it is done and answered."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from leadwake import log
from leadwake.errors import BadSignature, ProviderError
from leadwake.intake.calendly import parse_event
from leadwake.providers import apollo, calendly, sendgrid, slack, twilio
from leadwake.storage import links
from leadwake.storage.credentials import TokenRefused
from leadwake.web.bodies import read_body
from leadwake.web.twilio_form import twilio_form
from leadwake.workflows import heard, lookups, meetings, replies, reports, slack_clicks
from leadwake.workflows.key_rotation import any_fits
from leadwake.workflows.office import Office

_log = log.get(__name__)

router = APIRouter(prefix="/hooks", include_in_schema=False)

#: SendGrid posts many events at once
_MAX_EVENTS = 5 * 1024 * 1024
#: Slack waits 3 s for us; what takes longer is done all the same and answered afterwards
_SLACK_PATIENCE_S = 2.0
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/twilio/sms")
async def twilio_sms(request: Request) -> Response:
    """A text to our number. A stop is answered only when nothing to that number is under way any more."""
    form = await twilio_form(request)
    await heard.hook(request.app.state.office, "twilio", "sms")
    await replies.text_received(request.app.state.office, twilio.parse_inbound(form))
    return Response(_TWIML, media_type="text/xml")


@router.post("/twilio/status")
async def twilio_status(request: Request) -> Response:
    """What became of a text of ours."""
    form = await twilio_form(request)
    await heard.hook(request.app.state.office, "twilio", "status")
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    await reports.reported(request.app.state.office, [twilio.parse_status(form, query)], twilio.is_temporary)
    return Response(status_code=204)


@router.post("/sendgrid/events")
async def sendgrid_events(request: Request) -> Response:
    """What became of our mail, many events at once."""
    office: Office = request.app.state.office
    body = await read_body(request, _MAX_EVENTS)
    signature = request.headers.get("x-twilio-email-event-webhook-signature", "")
    at = request.headers.get("x-twilio-email-event-webhook-timestamp", "")
    signed = any_fits(
        office,
        office.settings.credential("sendgrid", "SENDGRID_WEBHOOK_SECRET"),
        "SENDGRID_WEBHOOK_SECRET",
        lambda key: sendgrid.verify_event_signature(key, signature, at, body),
    )
    if not signed:
        raise BadSignature("The signature does not fit; check LEADWAKE_SENDGRID_WEBHOOK_SECRET.")
    events = sendgrid.parse_events(body)
    await heard.hook(office, "sendgrid", "events")
    if events.skipped:
        _log.warning("events_skipped", vendor="sendgrid", count=events.skipped)
    await reports.reported(office, events.deliveries, lambda _: False)
    return Response(status_code=204)


@router.post("/apollo/{token}")
async def apollo_late_result(request: Request, token: str) -> Response:
    """What Apollo found later. It signs nothing: this address was made for one question and told to nobody else."""
    office: Office = request.app.state.office
    try:
        action_id = links.lookup_of(office.vault, token, office.clock.now())
    except TokenRefused:
        raise HTTPException(404) from None
    found = apollo.parse_late_result(await read_body(request))
    await heard.hook(office, "apollo", "result")
    if not await lookups.posted(office, action_id, found):
        raise HTTPException(404)
    return Response(status_code=204)


@router.post("/slack/interactive")
async def slack_interactive(request: Request) -> Response:
    """A click on a button of an alert: answered within 3 s, in words that only whoever clicked sees."""
    office: Office = request.app.state.office
    body = await read_body(request)
    signature, at = (request.headers.get(f"x-slack-{name}", "") for name in ("signature", "request-timestamp"))
    signed = any_fits(
        office,
        office.settings.credential("slack", "SLACK_SIGNING_SECRET"),
        "SLACK_SIGNING_SECRET",
        lambda secret: slack.verify_signature(secret, signature, at, body),
    )
    if not signed:
        raise BadSignature("The signature does not fit; check LEADWAKE_SLACK_SIGNING_SECRET and this machine's clock.")
    click = slack.parse_interaction(body)
    if click is None:
        return Response(status_code=200)
    done = asyncio.create_task(_clicked(office, click), name="slack click")
    await asyncio.wait({done}, timeout=_SLACK_PATIENCE_S)
    told = slack.ephemeral(done.result()) if done.done() and done.result() else None
    answer = JSONResponse(told) if told else Response(status_code=200)
    # Slack shows a person only what is posted to the click's own address; the body is for whoever else asks
    answer.background = BackgroundTask(_answer_click, office, click, done)
    return answer


@router.post("/calendly")
async def calendly_events(request: Request) -> Response:
    """A meeting was booked, moved, cancelled, or somebody did not come; told again while we do not answer 2xx."""
    office: Office = request.app.state.office
    body = await read_body(request)
    signature = request.headers.get("calendly-webhook-signature", "")
    signed = any_fits(
        office,
        office.settings.credential("calendly", "CALENDLY_WEBHOOK_SECRET"),
        "CALENDLY_WEBHOOK_SECRET",
        lambda secret: calendly.verify_signature(secret, signature, body),
    )
    if not signed:
        raise BadSignature("The signature does not fit; let Leadwake set the hook, and check this machine's clock.")
    booking = parse_event(body)
    await heard.hook(office, "calendly", "events")
    if booking is not None:
        await meetings.told(office, booking, body)
    return Response(status_code=204)


async def _clicked(office: Office, click: slack.Interaction) -> str:
    try:
        return await slack_clicks.clicked(office, click)
    except Exception as error:  # the web's edge: whoever pressed must hear something, and within 3 s
        _log.warning("click_failed", vendor="slack", reason=type(error).__name__)
        return slack_clicks.TRY_AGAIN


async def _answer_click(office: Office, click: slack.Interaction, done: asyncio.Task[str]) -> None:
    text = await done
    if not text or not click.response_url:
        return
    try:
        await slack.answer_click(click.response_url, office.settings.vendor_url("slack"), text)
    except ProviderError as error:
        _log.warning("click_unanswered", vendor="slack", reason=error.code)
