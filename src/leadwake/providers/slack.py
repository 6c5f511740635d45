"""Slack: alerts to the team out, clicks on their buttons in.

Contract: Slack's Web API (slack-api-specs) and docs.slack.dev on verifying requests, interactivity and rate limits,
read 2026-11-22. An error is HTTP 200 with `ok: false`. There is no idempotency key and no way to ask what was posted;
`chat.update` changes a message in place and may be repeated. A message is known by its channel and its timestamp
together, so the `ref` kept of it is "D024BE91L/1503435956.000247".
"""

from __future__ import annotations

import asyncio
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgspec

from leadwake.errors import AnomalousPayload, BadCredentials, ProviderError, Rejected, Throttled, Unavailable
from leadwake.loopback import is_loopback
from leadwake.providers.http import VendorHttp, document, retry_after_s
from leadwake.providers.ports import CALL_DEADLINE_S, Accepted, Call, ChatMessage, ChatUpdate, ForgetMessages

VENDOR = "slack"

#: who we are is refused, or what we may do: nothing goes through until a person mends it
_CREDENTIALS = frozenset(
    {
        "not_authed",
        "invalid_auth",
        "account_inactive",
        "token_revoked",
        "token_expired",
        "missing_scope",
        "no_permission",
        "org_login_required",
        "ekm_access_denied",
    }
)
_THROTTLED = frozenset({"ratelimited", "rate_limited"})
#: Slack's own trouble: "try again". Some of it may have been done before the error, and an alert twice is better than
#: none (docs/adr/0024).
_TRY_AGAIN = frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org"})
#: a message that is no longer there needs no change
_GONE = frozenset({"message_not_found", "channel_not_found"})

_ERASED = "This person was erased."

#: requests older than this may be replays (verifying-requests-from-slack)
TOLERANCE = timedelta(minutes=5)
#: where answers to a click go
_ANSWERS_HOST = "hooks.slack.com"

_REF = re.compile(r"([A-Z0-9]{2,40})/([0-9]{1,20}\.[0-9]{1,10})")
_CODE = re.compile(r"[a-z0-9_]{1,60}")


class Slack:
    """Posts to a Slack workspace as an app. url: scheme and host; the methods are below /api."""

    def __init__(self, url: str, token: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
        self.http = VendorHttp(
            VENDOR, url, headers={"Authorization": f"Bearer {token}"}, secrets=(token,), deadline_s=deadline_s
        )

    def __repr__(self) -> str:
        return f"Slack({self.http!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self.http.aclose()

    async def post(self, message: ChatMessage, call: Call) -> Accepted:
        """
        The message stands in the channel; `ref` is its channel and timestamp. Posting again posts it again.

        Raises Rejected, BadCredentials, Throttled, Unavailable; OutcomeUnknown when no answer was read.
        """
        asked = {"channel": message.channel, **_said(message.text, message.blocks), "unfurl_links": False,
                 "unfurl_media": False}  # fmt: skip
        told = await self._call(call, "POST", "/api/chat.postMessage", json=asked)
        ref = f"{told.get('channel')}/{told.get('ts')}"
        if not _REF.fullmatch(ref):
            raise self.http.unreadable(httpx.Response(200))
        return Accepted(ref)

    async def update(self, change: ChatUpdate, call: Call) -> Accepted:
        """
        The message says this and nothing else, or is no longer there. Doing it again changes nothing.

        Raises as `post` does.
        """
        await self._change(change, call, self.http.until())
        return Accepted(change.ref)

    async def forget_messages(self, messages: ForgetMessages, call: Call) -> Accepted:
        """
        The messages stand empty of the person they were about, or are no longer there; doing it again changes nothing.

        Raises as `post` does; then some may be done.
        """
        until = self.http.until()
        await asyncio.gather(*(self._change(ChatUpdate(ref, _ERASED), call, until) for ref in messages.refs))
        return Accepted(None)

    async def find_member(self, email: str) -> str | None:
        """The member id of whoever has this address at Slack; None for nobody. Raises ProviderError."""
        call = Call.for_seconds(self.http.deadline_s)
        try:
            told = await self._call(call, "GET", "/api/users.lookupByEmail", query={"email": email}, reads=True)
        except Rejected as error:
            if error.code == "users_not_found":
                return None
            raise
        user = told.get("user")
        found = user.get("id") if isinstance(user, dict) else None
        return found if isinstance(found, str) and re.fullmatch(r"[UW][A-Z0-9]{1,40}", found) else None

    async def prove(self, mail_from: str) -> str:
        """The token is right; nothing is posted. Raises ProviderError."""
        del mail_from
        told = await self._call(Call.for_seconds(self.http.deadline_s), "GET", "/api/auth.test", reads=True)
        return f"the token is right, for the workspace {self.http.clean(str(told.get('team')))}"

    async def _change(self, change: ChatUpdate, call: Call, until: float) -> None:
        where = _REF.fullmatch(change.ref)
        if where is None:
            raise Rejected("slack: the message's number is none of Slack's", vendor=VENDOR, code="ref")
        asked = {"channel": where[1], "ts": where[2], **_said(change.text, change.blocks)}
        try:
            await self._call(call, "POST", "/api/chat.update", json=asked, repeatable=True, until=until)
        except Rejected as error:
            if error.code not in _GONE:
                raise

    async def _call(
        self,
        call: Call,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        json: object = None,
        reads: bool = False,
        repeatable: bool = False,
        until: float | None = None,
    ) -> dict[str, Any]:
        answer = await self.http.send(
            call, method, path, query=query, json=json, reads=reads, repeatable=repeatable, until=until
        )
        told = document(answer)
        if answer.is_success and told.get("ok") is True:
            return told
        raise self._refusal(answer, told)

    def _refusal(self, answer: httpx.Response, told: Mapping[str, Any]) -> ProviderError:
        """What a failure is: by Slack's own word where it gives one, whatever the status; else by the status."""
        code = told.get("error")
        if not isinstance(code, str) or not _CODE.fullmatch(code) or told.get("ok") is not False:
            return self.http.unreadable(answer) if answer.is_success else self.http.refusal(answer, known=True)
        text = f"slack answered {code}"
        if code in _THROTTLED or answer.status_code == 429:
            return Throttled(text, vendor=VENDOR, code=code, retry_after_s=retry_after_s(answer.headers))
        if code in _TRY_AGAIN or answer.status_code >= 500:
            return Unavailable(text, vendor=VENDOR, code=code, retry_after_s=retry_after_s(answer.headers))
        if code in _CREDENTIALS:
            return BadCredentials(text, vendor=VENDOR, code=code)
        return Rejected(text, vendor=VENDOR, code=code)


def _said(text: str, blocks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    # parse: what looks like a name or channel in a lead's words is text; chat.update would guess by itself
    return {"text": text, "blocks": [dict(block) for block in blocks], "parse": "none"}


def verify_signature(
    signing_secret: str,
    signature: str,
    timestamp: str,
    body: bytes,
    *,
    now: datetime | None = None,
    tolerance: timedelta = TOLERANCE,
) -> bool:
    """
    True when Slack signed the raw body within `tolerance` of `now` (default: the real time).

    signature, timestamp: headers X-Slack-Signature and X-Slack-Request-Timestamp. A blank secret verifies nothing.

    Source: docs.slack.dev/authentication/verifying-requests-from-slack: "v0=" + hex of HMAC-SHA256(secret,
    "v0:" + timestamp + ":" + body).
    """
    if not signing_secret or not re.fullmatch(r"[0-9]{1,11}", timestamp):
        return False
    digest = hmac.new(signing_secret.encode(), b"v0:" + timestamp.encode() + b":" + body, sha256).hexdigest()
    is_signed = hmac.compare_digest(f"v0={digest}".encode(), signature.encode("utf-8", "replace"))
    age_s = abs((now or datetime.now(UTC)).timestamp() - int(timestamp))
    return is_signed and age_s <= tolerance.total_seconds()


@dataclass(frozen=True, slots=True)
class Interaction:
    """
    A click on a button of ours. user_id: the member who clicked; action_id, value: the button's own; response_url:
    where an answer to them goes, 5 times within 30 minutes; "" without one.
    """

    user_id: str
    action_id: str
    value: str
    response_url: str = ""


def parse_interaction(body: bytes) -> Interaction | None:
    """
    The click in an interactivity request; None for another kind of request (a modal, a shortcut).

    Raises AnomalousPayload when it is none of Slack's documented shapes.
    """
    payload = _payload(body)
    kind, user, actions = payload.get("type"), payload.get("user"), payload.get("actions")
    if not isinstance(kind, str):
        raise AnomalousPayload("a Slack interaction without a type")
    if kind != "block_actions":
        return None
    first = actions[0] if isinstance(actions, list) and actions else None
    if not isinstance(user, dict) or not isinstance(first, dict):
        raise AnomalousPayload("a Slack click without a user or an action")
    click = Interaction(
        _text(user, "id"), _text(first, "action_id"), _text(first, "value"), _text(payload, "response_url")
    )
    if not click.user_id or not click.action_id:
        raise AnomalousPayload("a Slack click without a user or an action")
    return click


def _payload(body: bytes) -> dict[str, Any]:
    try:
        fields = parse_qs(body.decode("ascii"), strict_parsing=True, max_num_fields=20, errors="strict")
        found = msgspec.json.decode(fields["payload"][0])
    except (ValueError, KeyError, RecursionError) as error:  # decoding errors of both are ValueErrors
        raise AnomalousPayload("a Slack interaction that is no form with a JSON payload") from error
    if not isinstance(found, dict):
        raise AnomalousPayload("a Slack interaction whose payload is no object")
    return found


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value[:2000] if isinstance(value, str) else ""


def may_answer_at(response_url: str, api_url: str) -> bool:
    """
    True for a place of Slack's that answers to clicks go to: https at hooks.slack.com, or, while Slack is a stand-in
    on this machine (api_url is loopback), the very same host and port.
    """
    try:
        url, api = urlsplit(response_url), urlsplit(api_url)
        port = url.port
    except ValueError:
        return False
    if not response_url.isascii() or not response_url.isprintable() or url.username or url.password:
        return False
    if url.scheme == "https" and url.hostname == _ANSWERS_HOST and port in {None, 443}:
        return True
    return is_loopback(api_url) and (url.scheme, url.netloc) == (api.scheme, api.netloc)


async def answer_click(response_url: str, api_url: str, text: str, *, deadline_s: float = CALL_DEADLINE_S) -> None:
    """
    Whoever clicked reads the text below the message, and nobody else does.

    text: escaped. Raises Rejected for a place that is not Slack's, else ProviderError.
    """
    if not may_answer_at(response_url, api_url):
        raise Rejected("slack: the place for the answer is none of Slack's", vendor=VENDOR, code="response_url")
    url = urlsplit(response_url)
    base = f"{url.scheme}://{url.netloc}"
    http = VendorHttp(VENDOR, base, headers={}, secrets=(url.path,), deadline_s=deadline_s, max_connections=1)
    try:
        path = f"{url.path}?{url.query}" if url.query else url.path
        answer = await http.send(Call.for_seconds(deadline_s), "POST", path, json=ephemeral(text))
        if not answer.is_success:
            raise http.refusal(answer)
    finally:
        await http.aclose()


def ephemeral(text: str) -> dict[str, Any]:
    """An answer that only whoever clicked sees; the message stays as it is."""
    return {"response_type": "ephemeral", "replace_original": False, "text": text}
