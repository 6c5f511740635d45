"""What vendors post to us: the signature is checked over the raw bytes, then it is done and answered."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake import log
from leadwake.errors import BadSignature
from leadwake.providers import sendgrid, twilio
from leadwake.web.bodies import read_body
from leadwake.web.twilio_form import twilio_form
from leadwake.workflows import replies, reports
from leadwake.workflows.office import Office

_log = log.get(__name__)

router = APIRouter(prefix="/hooks", include_in_schema=False)

#: SendGrid posts many events at once
_MAX_EVENTS = 5 * 1024 * 1024
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/twilio/sms")
async def twilio_sms(request: Request) -> Response:
    """A text to our number. A stop is answered only when nothing to that number is under way any more."""
    form = await twilio_form(request)
    await replies.text_received(request.app.state.office, twilio.parse_inbound(form))
    return Response(_TWIML, media_type="text/xml")


@router.post("/twilio/status")
async def twilio_status(request: Request) -> Response:
    """What became of a text of ours."""
    form = await twilio_form(request)
    query = dict(parse_qsl(request.url.query, keep_blank_values=True))
    await reports.reported(request.app.state.office, [twilio.parse_status(form, query)], twilio.is_temporary)
    return Response(status_code=204)


@router.post("/sendgrid/events")
async def sendgrid_events(request: Request) -> Response:
    """What became of our mail, many events at once."""
    office: Office = request.app.state.office
    body = await read_body(request, _MAX_EVENTS)
    signed = sendgrid.verify_event_signature(
        office.settings.credential("sendgrid", "SENDGRID_WEBHOOK_SECRET"),
        request.headers.get("x-twilio-email-event-webhook-signature", ""),
        request.headers.get("x-twilio-email-event-webhook-timestamp", ""),
        body,
    )
    if not signed:
        raise BadSignature("The signature does not fit; check LEADWAKE_SENDGRID_WEBHOOK_SECRET.")
    events = sendgrid.parse_events(body)
    if events.skipped:
        _log.warning("events_skipped", vendor="sendgrid", count=events.skipped)
    await reports.reported(office, events.deliveries, lambda _: False)
    return Response(status_code=204)
