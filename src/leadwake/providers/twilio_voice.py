"""Twilio's voice: calls out, how they stand, what its voice webhooks say.

Contract: Twilio's OpenAPI (api v2010, Calls) and twilio.com/docs/voice, read 2026-11-22. No call is ever recorded: no
parameter that records is sent. There is no idempotency key for a call; one whose outcome is unknown is never repeated.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from leadwake.errors import AnomalousPayload, OutcomeUnknown, Unavailable
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Accepted, Call, CallStatus, InboundCall, OutgoingCall
from leadwake.providers.twilio import VENDOR, basic_auth, refusal

_SID = re.compile(r"CA[0-9a-fA-F]{32}")

STATUSES: Mapping[str, CallStatus] = {
    "queued": CallStatus.RINGING,
    "initiated": CallStatus.RINGING,
    "ringing": CallStatus.RINGING,
    "in-progress": CallStatus.TALKING,
    "answered": CallStatus.TALKING,
    "completed": CallStatus.COMPLETED,
    "busy": CallStatus.BUSY,
    "no-answer": CallStatus.NO_ANSWER,
    "failed": CallStatus.FAILED,
    "canceled": CallStatus.CANCELLED,
}
#: what Twilio gives as the caller of a call without a number: twilio.com/docs/errors, "caller ID" (read 2026-11-22)
NO_NUMBER = frozenset({"+266696687", "+86282452253", "+7378742833", "+2562533", "+8656696"})


class TwilioVoice:
    """Places calls from one number; a Messaging Service has no voice."""

    def __init__(
        self, url: str, account_sid: str, auth_token: str, from_: str, *, deadline_s: float = CALL_DEADLINE_S
    ) -> None:
        self._calls = f"/2010-04-01/Accounts/{account_sid}/Calls"
        self._from = from_
        basic = basic_auth(account_sid, auth_token)
        self.http = VendorHttp(
            VENDOR,
            url,
            headers={"Authorization": f"Basic {basic}"},
            secrets=(auth_token, basic, account_sid),
            deadline_s=deadline_s,
        )

    def __repr__(self) -> str:
        return f"TwilioVoice({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def place_call(self, outgoing: OutgoingCall, call: Call) -> Accepted:
        """
        Twilio has taken the call and is about to ring the phone; `ref` is its sid.

        Raises Rejected, BadCredentials, Throttled, Unavailable, or OutcomeUnknown: then the phone may ring or not.
        """
        form = {
            "To": outgoing.to,
            "From": self._from,
            "Url": outgoing.url,
            "Method": "POST",
            "StatusCallback": outgoing.status_callback,
            "StatusCallbackMethod": "POST",
            "StatusCallbackEvent": ("initiated", "ringing", "answered", "completed"),
            "Timeout": str(outgoing.ring_s),
        }
        answer = await self.http.send(call, "POST", f"{self._calls}.json", form=form)
        if not answer.is_success:
            raise refusal(self.http, answer)
        made = document(answer)
        sid = made.get("sid")
        if not isinstance(sid, str) or not _SID.fullmatch(sid):
            raise self.http.unreadable(answer)
        return Accepted(sid, {key: made.get(key) for key in ("sid", "status")})

    async def hang_up(self, ref: str) -> None:
        """
        The call is over, whether it rang or was answered; one that is over already stays as it was.

        Raises Rejected, BadCredentials, Throttled, Unavailable.
        """
        call = Call.for_seconds(self.http.deadline_s)
        answer = await self.http.send(
            call, "POST", f"{self._calls}/{_sid(ref)}.json", form={"Status": "completed"}, repeatable=True
        )
        if answer.is_success or answer.status_code == 404:
            return
        refused = refusal(self.http, answer)
        if isinstance(refused, OutcomeUnknown):  # hanging up twice is hanging up once
            raise Unavailable(str(refused), vendor=VENDOR, code=refused.code)
        raise refused

    async def call_status(self, ref: str) -> CallStatus:
        """How the call stands. Raises Unavailable, Throttled, or Rejected when Twilio does not know it."""
        call = Call.for_seconds(self.http.deadline_s)
        answer = await self.http.send(call, "GET", f"{self._calls}/{_sid(ref)}.json", reads=True)
        if not answer.is_success:
            refused = refusal(self.http, answer)
            if isinstance(refused, OutcomeUnknown):  # nothing to be unknown about: it was a question
                raise Unavailable(str(refused), vendor=VENDOR, code=refused.code)
            raise refused
        return status(document(answer).get("status"))


def status(word: object) -> CallStatus:
    """Twilio's word for how a call stands, in ours."""
    return STATUSES.get(word, CallStatus.UNKNOWN) if isinstance(word, str) else CallStatus.UNKNOWN


def parse_voice(form: Mapping[str, str], body: bytes) -> InboundCall:
    """
    A call to our number. body: as it came. Raises AnomalousPayload when it does not say which call it is.

    from_ is blank when the caller shows no number.
    """
    sid, to = form.get("CallSid") or "", form.get("To") or ""
    if not _SID.fullmatch(sid) or not to:
        raise AnomalousPayload("a Twilio call without CallSid or To")
    return InboundCall(sid, caller(form), to, body)


def caller(form: Mapping[str, str]) -> str:
    """The caller's number as the network told it; blank when it is withheld."""
    shown = (form.get("From") or "").strip()
    return "" if shown in NO_NUMBER else shown


def call_sid(form: Mapping[str, str]) -> str | None:
    """The id of the leg that a webhook speaks of; None when it is none."""
    sid = form.get("CallSid") or ""
    return sid if _SID.fullmatch(sid) else None


def was_connected(form: Mapping[str, str]) -> bool:
    """Of a <Dial> that is over: True when two people were on the line. DialBridged comes where Twilio knows it."""
    bridged = form.get("DialBridged")
    return form.get("DialCallStatus") == "completed" and (bridged is None or bridged.lower() == "true")


def _sid(ref: str) -> str:
    if not _SID.fullmatch(ref):
        raise ValueError("no id of a Twilio call")
    return ref
