"""What Twilio asks while a call goes on, answered in TwiML: who rings, what is said, what a pressed key means."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from leadwake import log
from leadwake.actions.deliveries import own_id
from leadwake.errors import AnomalousPayload, DatabaseAway
from leadwake.providers import twilio_voice
from leadwake.providers.ports import CallStatus
from leadwake.providers.twiml import Hangup, Pause, Redirect, Say, Verb, document
from leadwake.web.twilio_form import signed, twilio_form
from leadwake.workflows import incoming_calls, phone_calls
from leadwake.workflows.incoming_calls import HOOKS

_log = log.get(__name__)

router = APIRouter(prefix=HOOKS, include_in_schema=False)

#: a caller waits on the line while our database is away: so often, so long
_TRIES, _PAUSE_S = 6, 5


@router.post("")
async def arrives(request: Request, tried: int = 0) -> Response:
    """Somebody calls our number. While the database is away they wait on the line, for half a minute at most."""
    form, body = await signed(request)
    call = twilio_voice.parse_voice(form, body)
    try:
        return _twiml(await incoming_calls.arrived(request.app.state.office, call))
    except DatabaseAway:
        _log.warning("caller_waits", tried=tried)
        if tried >= _TRIES:
            return _twiml([Say("We cannot take your call just now. Please call again in a few minutes."), Hangup()])
        first = [Say("One moment, please.")] if tried == 0 else []
        return _twiml([*first, Pause(_PAUSE_S), Redirect(f"{HOOKS}?tried={tried + 1}")])


@router.post("/whisper")
async def whispers(request: Request, call: str = "", agent: str = "") -> Response:
    """A colleague's phone was answered; the caller still hears it ring."""
    await twilio_form(request)
    return await _said(incoming_calls.whisper(request.app.state.office, _id(call), _id(agent)))


@router.post("/take")
async def takes(request: Request, call: str = "", agent: str = "") -> Response:
    """A colleague pressed a key."""
    form = await twilio_form(request)
    office, digits = request.app.state.office, form.get("Digits", "")
    return await _said(incoming_calls.pressed(office, _id(call), _id(agent), digits))


@router.post("/over")
async def is_over(request: Request, call: str = "") -> Response:
    """Colleagues' phones ring no more, or the talk is over."""
    form = await twilio_form(request)
    was_connected = twilio_voice.was_connected(form)
    return await _said(incoming_calls.over(request.app.state.office, _id(call), was_connected=was_connected))


@router.post("/agent")
async def agent_answers(request: Request, call: str = "") -> Response:
    """The phone of whoever asked for a call was answered."""
    form = await twilio_form(request)
    ref = twilio_voice.call_sid(form)
    return await _said(phone_calls.agent_answered(request.app.state.office, _id(call), ref))


@router.post("/connect")
async def connects(request: Request, call: str = "") -> Response:
    """They pressed a key."""
    form = await twilio_form(request)
    return await _said(phone_calls.connect(request.app.state.office, _id(call), form.get("Digits", "")))


@router.post("/lead")
async def lead_reports(request: Request, call: str = "") -> Response:
    """How the lead's leg of a call stands."""
    form = await twilio_form(request)
    if twilio_voice.status(form.get("CallStatus")) is CallStatus.TALKING:
        await phone_calls.lead_answered(request.app.state.office, _id(call))
    return Response(status_code=204)


@router.post("/done")
async def is_done(request: Request, call: str = "") -> Response:
    """The lead's leg is over."""
    form = await twilio_form(request)
    status, was_connected = twilio_voice.status(form.get("DialCallStatus")), twilio_voice.was_connected(form)
    return await _said(phone_calls.done(request.app.state.office, _id(call), status, was_connected=was_connected))


@router.post("/status")
async def reports(request: Request, call: str = "") -> Response:
    """How a whole call stands: one of ours by its id, one that came in by Twilio's."""
    form = await twilio_form(request)
    office, status = request.app.state.office, twilio_voice.status(form.get("CallStatus"))
    ref = twilio_voice.call_sid(form)
    if call:
        await phone_calls.told(office, _id(call), ref, status)
    elif ref:
        await incoming_calls.told(office, ref, status)
    return Response(status_code=204)


async def _said(verbs: Awaitable[Sequence[Verb]]) -> Response:
    return _twiml(await verbs)


def _twiml(verbs: Sequence[Verb]) -> Response:
    return Response(document(*verbs), media_type="text/xml")


def _id(text: str) -> UUID:
    """An id in a URL of ours. Raises AnomalousPayload."""
    found = own_id(text)
    if found is None:
        raise AnomalousPayload("a call of ours is named by its id")
    return found
