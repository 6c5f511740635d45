"""What vendors post to us: the signature is checked over the raw bytes, then it is done and answered."""

from __future__ import annotations

from urllib.parse import parse_qsl

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake import log
from leadwake.errors import AnomalousPayload, BadSignature
from leadwake.providers import sendgrid, twilio
from leadwake.web.bodies import read_body
from leadwake.workflows import heard, replies, reports
from leadwake.workflows.office import Office

_log = log.get(__name__)

router = APIRouter(prefix="/hooks", include_in_schema=False)

#: SendGrid posts many events at once
_MAX_EVENTS = 5 * 1024 * 1024
_TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response/>'


@router.post("/twilio/sms")
async def twilio_sms(request: Request) -> Response:
    """A text to our number. A stop is answered only when nothing to that number is under way any more."""
    form = await _twilio_form(request)
    await heard.hook(request.app.state.office, "twilio", "sms")
    await replies.text_received(request.app.state.office, twilio.parse_inbound(form))
    return Response(_TWIML, media_type="text/xml")


@router.post("/twilio/status")
async def twilio_status(request: Request) -> Response:
    """What became of a text of ours."""
    form = await _twilio_form(request)
    await heard.hook(request.app.state.office, "twilio", "status")
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
    await heard.hook(office, "sendgrid", "events")
    if events.skipped:
        _log.warning("events_skipped", vendor="sendgrid", count=events.skipped)
    await reports.reported(office, events.deliveries, lambda _: False)
    return Response(status_code=204)


async def _twilio_form(request: Request) -> dict[str, str]:
    """The posted parameters, the signature checked. Raises BadSignature."""
    office: Office = request.app.state.office
    body = await read_body(request)
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise AnomalousPayload("more parameters than any webhook has") from error
    token = office.settings.credential("twilio", "TWILIO_AUTH_TOKEN")
    signature = request.headers.get("x-twilio-signature", "")
    if not any(twilio.verify_signature(token, url, pairs, signature) for url in _urls(request, office)):
        raise BadSignature("The signature does not fit; check LEADWAKE_TWILIO_AUTH_TOKEN and LEADWAKE_PUBLIC_URL.")
    return dict(pairs)


def _urls(request: Request, office: Office) -> list[str]:
    """How the vendor may have called us: by the public URL, or as the request itself says."""
    path = request.scope.get("raw_path", b"").decode("latin-1") or request.url.path
    query = request.scope.get("query_string", b"").decode("latin-1")
    tail = f"{path}?{query}" if query else path
    own = f"{request.url.scheme}://{request.headers.get('host', '')}"
    return [base + tail for base in dict.fromkeys([office.settings.links_base, own]) if base]
