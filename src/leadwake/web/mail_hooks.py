"""Mail that SendGrid's Inbound Parse posts to us: whoever knows the address's key, or signs, is believed.

Only a 5xx makes it post again, for three days: so a body that we will never read is kept and answered like any other.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from leadwake.errors import BadSignature
from leadwake.intake.inbound_parse import posted
from leadwake.providers import sendgrid
from leadwake.storage import links
from leadwake.storage.intake import RawCapture
from leadwake.web.bodies import read_body
from leadwake.web.problems import Problem
from leadwake.workflows import heard, intake
from leadwake.workflows.incoming_mail import Postbox
from leadwake.workflows.key_rotation import any_fits
from leadwake.workflows.office import Office

router = APIRouter(prefix="/hooks", include_in_schema=False)

PATH: Final = "/hooks/sendgrid/inbound"
#: 30 MB of mail and what the form puts around it
_MAX_MAIL: Final = 32 * 1024 * 1024
#: bodies in memory at once; the others wait at their sockets
_AT_ONCE: Final = 2
_PATIENCE_S: Final = 60.0
_KEPT: Final = 64 * 1024
_SIGNATURE: Final = "x-twilio-email-event-webhook-signature"
_TIMESTAMP: Final = "x-twilio-email-event-webhook-timestamp"


class MailSlot:
    """Where posted mail comes in, in one process."""

    def __init__(self, office: Office) -> None:
        self.bodies = asyncio.Semaphore(_AT_ONCE)
        self.postbox = Postbox(office)


def address(office: Office) -> str:
    """What is to be pasted at SendGrid; "" when it could not reach us."""
    base = office.settings.callback_base("sendgrid")
    return f"{base}{PATH}?key={links.inbound_key(office.vault)}" if base else ""


@router.post("/sendgrid/inbound")
async def sendgrid_inbound(request: Request) -> Response:
    """A mail somebody sent to us. Answered when it is stored for good, whatever it is."""
    office: Office = request.app.state.office
    slot: MailSlot = request.app.state.mail_slot
    is_signed = _is_let_in(request, office)
    async with slot.bodies:
        body = await _body(request)
        if is_signed and not _fits(request, office, body):
            raise BadSignature("The signature does not fit; check LEADWAKE_SENDGRID_INBOUND_SECRET.")
        await heard.hook(office, "sendgrid", "inbound")
        found = await asyncio.to_thread(posted, body, request.headers.get("content-type", ""))
        if found is None:
            return JSONResponse({"outcome": await _unreadable(office, body)})
        del body
        return JSONResponse({"outcome": await slot.postbox.take(found.mail, found.envelope)})


def _is_let_in(request: Request, office: Office) -> bool:
    """
    Whether the body has still to be proved by its signature. Raises BadSignature for whoever shows nothing.

    Without anything to show: only while no vendor of ours reaches beyond this machine.
    """
    if request.headers.get(_SIGNATURE) or office.settings.credential("sendgrid", "SENDGRID_INBOUND_SECRET"):
        return True
    key = request.query_params.get("key", "")
    if hmac.compare_digest(key.encode(), links.inbound_key(office.vault).encode()):
        return False
    if key or not office.settings.is_contained:
        raise BadSignature("The address lacks its key: copy it whole from Setup, E-mail coming in.")
    return False


def _fits(request: Request, office: Office, body: bytes) -> bool:
    """By the key of the security policy; by that of the event webhook where there is no other."""
    settings = office.settings
    name = "SENDGRID_INBOUND_SECRET"
    if not settings.credential("sendgrid", name):
        name = "SENDGRID_WEBHOOK_SECRET"
    signature, at = request.headers.get(_SIGNATURE, ""), request.headers.get(_TIMESTAMP, "")
    return any_fits(
        office, settings.credential("sendgrid", name), name,
        lambda key: sendgrid.verify_event_signature(key, signature, at, body),
    )  # fmt: skip


async def _body(request: Request) -> bytes:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await read_body(request, _MAX_MAIL)
    except TimeoutError:
        raise Problem(503, "The mail did not come through in time. Send it again.") from None


async def _unreadable(office: Office, body: bytes) -> str:
    """No mail is in it, and none will ever be: its beginning is kept, once."""
    raw = RawCapture.once("mail", hashlib.sha256(body).hexdigest(), body[:_KEPT], {}, "sendgrid")
    await intake.keep(office, raw, "rejected", office.clock.now(), reason="unreadable")
    return "unreadable"
