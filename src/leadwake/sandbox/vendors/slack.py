"""
Stand-in for Slack: takes messages and changes, shows them with working buttons, and posts clicks signed as Slack does.

Errors are 200 with ok=false, as Slack's are. Its signing secret is SIGNING_SECRET unless it is told another.
Sources: slack-api-specs; docs.slack.dev on Block Kit, interactivity and verifying requests (read 2026-11-22).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import FORM, Unreadable, form, json_object, json_value
from leadwake.sandbox.outbox import NotLocal, Outbox, Undelivered, locate
from leadwake.sandbox.vendors import oauth
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer
from leadwake.sandbox.vendors.slack_checks import refused, text_of
from leadwake.sandbox.wire import Answer, Request

SIGNING_SECRET = "practice"  # noqa: S105 - the practice's own, known to everybody
HOOK = "/hooks/slack/interactive"
MAX_MESSAGES = 2_000
#: Slack takes so many answers to one click.
MAX_ANSWERS = 5
TEAM = "T0PRACTICE"
#: Who presses in a channel when nobody is chosen.
SOMEBODY = "U0SOMEBODY"

_CHANNEL = re.compile(r"[CGDUW][A-Z0-9]{2,20}|#?[a-z0-9_-]{1,80}")


@dataclass(slots=True)
class Message:
    """
    A message as it stands. user: whose own messages it is in, "" in a channel.

    answers: (who alone sees it, text). presser, used: of the last click, and how many answers it has had.
    """

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[dict[str, Any]]
    at: float
    host: str
    changed: bool = False
    answers: list[tuple[str, str]] = field(default_factory=list)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    presser: str = ""
    used: int = 0


class Slack:
    """The stand-in."""

    name = "slack"

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._url = None if product_url is None else product_url.rstrip("/") + HOOK
        self._secret = SIGNING_SECRET
        self._messages: dict[tuple[str, str], Message] = {}
        self._last_ts = 0
        #: member id → address, of who was looked up
        self.members: dict[str, str] = {}
        self.oauth = oauth.Authority(oauth.SLACK)
        self._methods = {
            ("POST", "/api/chat.postMessage"): self._post,
            ("POST", "/api/chat.update"): self._update,
            ("GET", "/api/users.lookupByEmail"): self._look_up,
        }

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:  # noqa: ARG002 - no callbacks to shape
        if path.startswith("/actions/") and request.method == "POST":
            return self._answered(request, path)
        if (answer := self.oauth.work(request, path)) is not None:
            return answer
        if self.oauth.refuses(request):
            return error("token_expired")
        if path == "/api/auth.test":
            return self._who_am_i(request)
        method = self._methods.get((request.method, path))
        if method is None:
            return error("unknown_method")
        if not bearer(request):
            return error("not_authed")
        try:
            return method(request)
        except Unreadable:
            return error("invalid_json")

    def throttled(self) -> Answer:
        return Answer.json(429, {"ok": False, "error": "ratelimited"}, RETRY_AFTER_1S)

    def failed(self) -> Answer:
        return Answer.json(500, {"ok": False, "error": "internal_error"})

    def _post(self, request: Request) -> Answer:
        fields = _fields(request)
        channel = fields.get("channel")
        if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
            return error("channel_not_found")
        if problem := refused(fields):
            return error(problem)
        user = channel if channel[0] in "UW" and channel.isupper() else ""
        if user:
            channel = "D" + user[1:].ljust(9, "0")
        elif not re.fullmatch(r"[CGD][A-Z0-9]+", channel):
            channel = "C" + hashlib.sha256(channel.lstrip("#").encode()).hexdigest()[:9].upper()
        message = Message(
            channel,
            self._stamp(request.at),
            user,
            text_of(fields),
            _blocks(fields),
            request.at,
            request.header(b"host"),
        )
        self._messages[channel, message.ts] = message
        while len(self._messages) > MAX_MESSAGES:
            del self._messages[next(iter(self._messages))]
        posted = {
            "type": "message", "subtype": "bot_message", "text": message.text, "ts": message.ts, "bot_id": "B0SANDBOX",
        }  # fmt: skip
        return Answer.json(200, {"ok": True, "channel": channel, "ts": message.ts, "message": posted})

    def _update(self, request: Request) -> Answer:
        fields = _fields(request)
        message = self._messages.get((str(fields.get("channel")), str(fields.get("ts"))))
        if message is None:
            return error("message_not_found")
        if problem := refused(fields):
            return error(problem)
        _change(message, fields)
        changed = {"ok": True, "channel": message.channel, "ts": message.ts, "text": message.text}
        return Answer.json(200, {**changed, "message": {"text": message.text}})

    def _look_up(self, request: Request) -> Answer:
        """Everybody with an address is a member of the practice's workspace, save who is called nobody."""
        email = form(request.query).get("email", "").strip().lower()
        if "@" not in email or email.startswith("nobody@"):
            return error("users_not_found")
        member = "U" + hashlib.sha256(email.encode()).hexdigest()[:10].upper()
        self.members[member] = email
        user = {
            "id": member, "name": email.partition("@")[0], "profile": {"email": email}, "is_bot": False, "updated": 0,
            "is_app_user": False,
        }  # fmt: skip
        return Answer.json(200, {"ok": True, "user": user})

    def _who_am_i(self, request: Request) -> Answer:
        if not bearer(request):
            return error("not_authed")
        who = {
            "url": "https://practice.slack.com/", "team": "Practice", "user": "leadwake", "team_id": TEAM,
            "user_id": "U0LEADWAKE",
        }  # fmt: skip
        return Answer.json(200, {"ok": True, **who})

    def _answered(self, request: Request, path: str) -> Answer:
        """What the product says to a click, at the address that came with it."""
        token = path.rpartition("/")[2]
        message = next((one for one in self._messages.values() if one.token == token), None)
        if message is None or message.used >= MAX_ANSWERS:
            return Answer.text(404, "expired_url")
        try:
            fields = json_object(request.body)
        except Unreadable:
            return Answer.text(400, "invalid_payload")
        if problem := refused(fields):
            return Answer.text(400, problem)
        message.used += 1
        if fields.get("replace_original") is True:
            _change(message, fields)
        elif text := text_of(fields):
            message.answers = [*message.answers[-4:], (message.presser, text)]
        return Answer.text(200, "ok")

    def _stamp(self, at: float) -> str:
        """Slack's timestamp: microseconds, and no two the same."""
        self._last_ts = max(self._last_ts + 1, int(at * 1_000_000))
        return f"{self._last_ts // 1_000_000}.{self._last_ts % 1_000_000:06d}"

    # the sandbox's own desk

    def desk(self, request: Request, path: str) -> Answer | None:
        """PUT /_interactive {"url": the product's hook, "secret": what clicks are signed with}; GET shows the URL."""
        if path != "/_interactive":
            return None
        if request.method == "GET":
            return Answer.json(200, {"url": self._url})
        if request.method != "PUT":
            return Answer.json(405, {"error": "GET or PUT"}, ("allow", "GET, PUT"))
        try:
            order = json_object(request.body)
            url, secret = order.get("url"), order.get("secret", SIGNING_SECRET)
            if not isinstance(url, str) or not isinstance(secret, str):
                raise NotLocal("must be an http:// URL of this machine")
            locate(url)
        except (Unreadable, NotLocal) as problem:
            return Answer.json(422, {"errors": {"url": str(problem)}})
        self._url, self._secret = url, secret
        return Answer.json(200, {"url": url})

    # for the page

    def newest(self, since: float, limit: int) -> Iterator[Message]:
        """Messages posted after `since`, newest first."""
        return islice((one for one in reversed(self._messages.values()) if one.at > since), limit)

    def people(self) -> list[str]:
        """Who can press a button in a channel: whoever was written to or looked up, and somebody nobody knows."""
        written = {one.user for one in self._messages.values() if one.user}
        return [*sorted(written | set(self.members)), SOMEBODY]

    async def press(self, channel: str, ts: str, action_id: str, value: str, user: str) -> None:
        """Somebody presses a button: the product gets the click, signed. Raises KeyError for no such message."""
        message = self._messages[channel, ts]
        message.presser, message.used = message.user or user or SOMEBODY, 0
        if self._url is None:
            problem = "not delivered: the sandbox was not told where the product is (--product-url)"
            message.answers = [*message.answers[-4:], ("", problem)]
            return
        body = urlencode({"payload": json.dumps(_click(message, action_id, value))}).encode()
        try:
            answer = await self._outbox.request(locate(self._url), body, signed_headers(self._secret, body))
        except (Undelivered, NotLocal) as problem:
            message.answers = [*message.answers[-4:], ("", f"not delivered: {problem}")]
            return
        if not 200 <= answer.status < 300:
            message.answers = [*message.answers[-4:], ("", f"the product answered {answer.status}")]


def signed_headers(secret: str, body: bytes) -> dict[str, str]:
    """The headers of Slack's requests; signature over the version, the timestamp and the raw body."""
    timestamp = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:".encode() + body, hashlib.sha256).hexdigest()
    return {
        "content-type": FORM,
        "user-agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        "x-slack-request-timestamp": timestamp,
        "x-slack-signature": f"v0={digest}",
    }


def error(code: str) -> Answer:
    """Slack's error body."""
    return Answer.json(200, {"ok": False, "error": code})


def _click(message: Message, action_id: str, value: str) -> dict[str, Any]:
    stamp = f"{time.time():.6f}"
    pressed = {
        "action_id": action_id, "block_id": "b", "type": "button", "value": value, "action_ts": stamp,
        "text": {"type": "plain_text", "text": action_id, "emoji": False},
    }  # fmt: skip
    return {
        "type": "block_actions",
        "user": {"id": message.presser, "username": message.presser.lower(), "team_id": TEAM},
        "api_app_id": "A0PRACTICE",
        "container": {
            "type": "message", "message_ts": message.ts, "channel_id": message.channel, "is_ephemeral": False,
        },
        "trigger_id": f"{stamp}.practice",
        "team": {"id": TEAM, "domain": "practice"},
        "channel": {"id": message.channel, "name": "directmessage" if message.user else "leads"},
        "message": {"type": "message", "ts": message.ts, "text": message.text},
        "response_url": f"http://{message.host}/slack/actions/{TEAM}/1/{message.token}",
        "actions": [pressed],
    }  # fmt: skip


def _fields(request: Request) -> Mapping[str, Any]:
    """The arguments; in a form, blocks are JSON text. Raises Unreadable."""
    if not request.header(b"content-type").startswith(FORM):
        return json_object(request.body)
    fields: dict[str, Any] = dict(form(request.body))
    if fields.get("blocks"):
        fields["blocks"] = json_value(fields["blocks"].encode("utf-8", "replace"))
    return fields


def _change(message: Message, fields: Mapping[str, Any]) -> None:
    message.text, message.changed = text_of(fields), True
    if "blocks" in fields:
        message.blocks = _blocks(fields)


def _blocks(fields: Mapping[str, Any]) -> list[dict[str, Any]]:
    blocks = fields.get("blocks")
    return [block for block in blocks if isinstance(block, dict)] if isinstance(blocks, list) else []
