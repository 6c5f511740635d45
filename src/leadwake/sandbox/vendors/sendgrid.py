"""
Stand-in for SendGrid: takes mail, and reports its events by the signed event webhook.

Sources: sendgrid-oai `tsg_mail_v3.json`; docs.sendgrid.com on the event webhook and its security (read 2026-11-22).
"""

from __future__ import annotations

import base64
import re
import secrets
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from typing import Any

import msgspec

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.bodies import Unreadable, json_object
from leadwake.sandbox.outbox import NotLocal, Outbox, Place, locate
from leadwake.sandbox.vendors import inbound_parse, sendgrid_domains
from leadwake.sandbox.vendors.base import RETRY_AFTER_1S, bearer, is_json
from leadwake.sandbox.wire import Answer, Request

MAX_MAILS = 1_000
MAX_MAIL_BYTES = 16 * 1024 * 1024
MAX_EVENTS = 20_000
EVENTS_PER_POST = 100
MAX_RECIPIENTS = 1_000

#: After acceptance: taken in, then at the mailbox. Events leave in batches, one each FLUSH_S while there are any.
PROCESSED_AFTER_S = 0.2
DELIVERED_AFTER_S = 0.6
FLUSH_S = 0.2

_EMAIL = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,255}")
#: Names that the vendor's events carry themselves; a custom argument of that name would be lost.
_RESERVED = frozenset(
    {"email", "timestamp", "event", "sg_event_id", "sg_message_id", "smtp-id", "response", "category"}
)


class Problem(ValueError):
    """The request is refused: which field, and why."""

    def __init__(self, field: str | None, text: str) -> None:
        super().__init__(text)
        self.field = field
        self.text = text


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as accepted: the request's raw body, read again when somebody looks. at: Unix seconds."""

    id: str
    at: float
    raw: bytes
    failed: bool

    def read(self) -> dict[str, Any]:
        """The request's JSON."""
        return json_object(self.raw)

    def status(self, now: float) -> str:
        """Where the mail is by now, in SendGrid's words."""
        if now - self.at < DELIVERED_AFTER_S:
            return "processed"
        return "bounce" if self.failed else "delivered"


class SendGrid:
    """The stand-in."""

    name = "sendgrid"

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._product_url = product_url
        self._place: Place | None = None
        self._url: str | None = None
        self._signer: Any = None
        self._mails: dict[str, Mail] = {}
        self._mail_bytes = 0
        self._events: tuple[deque[tuple[float, bytes]], deque[tuple[float, bytes]]] = (deque(), deque())
        self._flushing = False
        self._domains = sendgrid_domains.Domains()

    # the vendor

    def work(self, request: Request, path: str, behaviour: Behaviour) -> Answer:
        if about := sendgrid_domains.PATHS.fullmatch(path):
            return self._about(request, about)
        if path != "/v3/mail/send":
            return errors(404, None, "not found")
        if request.method != "POST":
            return errors(405, None, "method not allowed")
        if not bearer(request):
            return errors(401, None, "The provided authorization grant is invalid, expired, or revoked")
        if not is_json(request):
            return errors(415, None, "Content-Type should be application/json.")
        try:
            mail = json_object(request.body)
            check(mail)
        except Unreadable:
            return errors(400, None, "Bad Request")
        except Problem as problem:
            return errors(400, problem.field, problem.text)
        except RecursionError:
            return errors(400, None, "Bad Request")
        if mail.get("mail_settings", {}).get("sandbox_mode", {}).get("enable") is True:
            return Answer(200, b"", "text/plain")
        accepted = Mail(secrets.token_urlsafe(16), request.at, request.body, behaviour.delivery == "failed")
        self._keep(accepted)
        if self._place is not None and behaviour.callbacks:
            self._report(accepted, mail)
        return Answer(202, b"", "text/plain", (("x-message-id", accepted.id),))

    def _about(self, request: Request, match: re.Match[str]) -> Answer:
        """The account's domains."""
        if not bearer(request):
            return errors(401, None, "The provided authorization grant is invalid, expired, or revoked")
        try:
            return self._domains.work(request, match) or errors(404, None, "not found")
        except Unreadable:
            return errors(400, None, "Bad Request")

    def throttled(self) -> Answer:
        reset = str(int(time.time()) + 1)
        limits = (("x-ratelimit-limit", "600"), ("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset))
        return errors(429, None, "too many requests", RETRY_AFTER_1S, *limits)

    def failed(self) -> Answer:
        return errors(500, None, "Internal Server Error")

    def _keep(self, mail: Mail) -> None:
        self._mails[mail.id] = mail
        self._mail_bytes += len(mail.raw)
        while len(self._mails) > MAX_MAILS or self._mail_bytes > MAX_MAIL_BYTES:
            oldest = self._mails.pop(next(iter(self._mails)))
            self._mail_bytes -= len(oldest.raw)

    # events

    def _report(self, accepted: Mail, mail: Mapping[str, Any]) -> None:
        for email, custom in recipients(mail):
            base: dict[str, Any] = {name: value for name, value in custom.items() if name not in _RESERVED}
            base |= {
                "email": email,
                "smtp-id": message_id(mail) or f"<{accepted.id}@geopod-ismtpd-sandbox>",
                "sg_message_id": f"{accepted.id}.recvd-sandbox-1-0",
            }
            if mail.get("categories"):
                base["category"] = mail["categories"]
            last = {"event": "delivered", "response": "250 OK"}
            if accepted.failed:
                last = {"event": "bounce", "type": "bounce", "reason": "550 5.1.1 no such mailbox", "status": "5.1.1"}
            for queue, due, happened in zip(
                self._events, (PROCESSED_AFTER_S, DELIVERED_AFTER_S), ({"event": "processed"}, last), strict=True
            ):
                if len(queue) >= MAX_EVENTS:
                    self._outbox.dropped += 1
                    continue
                at = accepted.at + due
                event = base | happened | {"timestamp": int(at), "sg_event_id": secrets.token_urlsafe(16)}
                queue.append((at, msgspec.json.encode(event)))
        self._flush_later()

    def _flush_later(self) -> None:
        if not self._flushing and any(self._events):
            self._flushing = self._outbox.later(FLUSH_S, self._flush)

    def _flush(self) -> None:
        """What is due leaves, EVENTS_PER_POST at a time."""
        self._flushing = False
        now = time.time()
        due: list[bytes] = []
        for queue in self._events:
            while queue and queue[0][0] <= now:
                due.append(queue.popleft()[1])
        for start in range(0, len(due), EVENTS_PER_POST):
            self._post(b"[" + b",".join(due[start : start + EVENTS_PER_POST]) + b"]\r\n")
        self._flush_later()

    def _post(self, body: bytes) -> None:
        if self._place is None:
            return
        headers = {"content-type": "application/json", "user-agent": "SendGrid Event API"}
        self._outbox.post(self._place, body, headers | self._signed(body))

    def _signed(self, body: bytes) -> dict[str, str]:
        timestamp = str(int(time.time()))
        return {
            "x-twilio-email-event-webhook-timestamp": timestamp,
            "x-twilio-email-event-webhook-signature": base64.b64encode(self._sign(timestamp.encode() + body)).decode(),
        }

    async def answer_as_recipient(self, mail: Mail, words: str) -> None:
        """Whoever got the mail answers it; the product gets the answer, signed. Raises Undelivered, NotLocal."""
        place = locate(f"{self._product_url or ''}{inbound_parse.PATH}", self._product_url)
        body = inbound_parse.answer(mail.read(), words)
        headers = {"content-type": inbound_parse.CONTENT_TYPE, "user-agent": "Sendlib/1.0"}
        await self._outbox.request(place, body, headers | self._signed(body))

    # keys: the library costs 8 MB, so it comes only with the first webhook

    def _sign(self, signed: bytes) -> bytes:
        return _signing().signature(self._key(), signed)  # type: ignore[no-any-return]

    def _key(self) -> Any:
        if self._signer is None:
            self._signer = _signing().new_key()
        return self._signer

    # the sandbox's own desk

    def desk(self, request: Request, path: str) -> Answer | None:
        if path == "/_public_key" and request.method == "GET":
            return Answer.text(200, _signing().public_key(self._key()))
        if path != "/_events":
            return None
        if request.method == "GET":
            return Answer.json(200, {"url": self._url})
        if request.method != "PUT":
            return Answer.json(405, {"error": "GET or PUT"}, ("allow", "GET, PUT"))
        return self._configure(request)

    def _configure(self, request: Request) -> Answer:
        """PUT {"url": the product's hook or null, "private_key": PEM of a P-256 key, if not ours}."""
        try:
            order = json_object(request.body)
            url, pem = order.get("url"), order.get("private_key")
            place = None if url is None else locate(url if isinstance(url, str) else "", self._product_url)
        except (Unreadable, NotLocal) as problem:
            return Answer.json(422, {"errors": {"url": str(problem)}})
        try:
            signer = self._key() if pem is None else _signing().load_key(pem)
        except ValueError as problem:
            return Answer.json(422, {"errors": {"private_key": str(problem)}})
        self._url, self._place, self._signer = url, place, signer
        return Answer.json(200, {"url": url, "public_key": _signing().public_key(signer)})

    # for the page

    def newest(self, since: float, limit: int) -> Iterator[Mail]:
        """Mails accepted after `since`, newest first."""
        return islice((mail for mail in reversed(self._mails.values()) if mail.at > since), limit)

    def mail(self, mail_id: str) -> Mail | None:
        """The mail of that id, while it is kept."""
        return self._mails.get(mail_id)


def errors(status: int, field: str | None, text: str, *headers: tuple[str, str]) -> Answer:
    """SendGrid's error body."""
    return Answer.json(status, {"errors": [{"message": text, "field": field, "help": None}]}, *headers)


def check(mail: Mapping[str, Any]) -> None:
    """Returns for what SendGrid would take. Raises Problem with its field path otherwise."""
    people = mail.get("personalizations")
    if not isinstance(people, list) or not 1 <= len(people) <= MAX_RECIPIENTS:
        raise Problem(
            "personalizations", "The personalizations field is required and must have at least one personalization."
        )
    template = mail.get("template_id")
    for number, person in enumerate(people):
        _check_person(f"personalizations.{number}", person, needs_subject=not mail.get("subject") and not template)
    _check_address("from", mail.get("from"))
    if "reply_to" in mail:
        _check_address("reply_to", mail["reply_to"])
    if not template or "content" in mail:
        _check_content(mail.get("content"))
    for name in ("headers", "custom_args"):
        _check_strings(name, mail.get(name, {}))
    settings = mail.get("mail_settings", {})
    if not isinstance(settings, dict) or not isinstance(settings.get("sandbox_mode", {}), dict):
        raise Problem("mail_settings", "The mail_settings must be an object.")


def _check_person(where: str, person: object, *, needs_subject: bool) -> None:
    if not isinstance(person, dict):
        raise Problem(where, "A personalization must be an object.")
    to = person.get("to")
    if not isinstance(to, list) or not to or len(to) > MAX_RECIPIENTS:
        raise Problem(
            f"{where}.to",
            "The to array is required for all personalization objects, and must have at least one email object.",
        )
    for number, address in enumerate(to):
        _check_address(f"{where}.to.{number}", address)
    if needs_subject and not person.get("subject"):
        raise Problem("subject", "The subject is required. You can get around this requirement if you use a template.")
    for name in ("headers", "custom_args"):
        _check_strings(f"{where}.{name}", person.get(name, {}))


def _check_address(where: str, address: object) -> None:
    email = address.get("email") if isinstance(address, dict) else None
    if not isinstance(email, str) or not _EMAIL.fullmatch(email):
        raise Problem(f"{where}.email", "Does not contain a valid address.")


def _check_content(content: object) -> None:
    if not isinstance(content, list) or not content:
        raise Problem("content", "Unless a valid template_id is provided, the content parameter is required.")
    for number, part in enumerate(content):
        if (
            not isinstance(part, dict)
            or not isinstance(part.get("type"), str)
            or not isinstance(part.get("value"), str)
        ):
            raise Problem(f"content.{number}", "The content must have a type and a value.")
        if not part["value"]:
            raise Problem(
                f"content.{number}.value", "The content value must be a string at least one character in length."
            )
    kinds = [part["type"] for part in content]
    if "text/plain" in kinds[1:]:
        raise Problem("content", "If present, text/plain must be first.")


def _check_strings(where: str, values: object) -> None:
    if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
        raise Problem(where, "The values must be strings.")


def recipients(mail: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """(address, custom arguments) of each recipient; a person's own arguments win."""
    common = mail.get("custom_args") or {}
    for person in mail["personalizations"]:
        for address in person["to"]:
            yield address["email"], common | (person.get("custom_args") or {})


def message_id(mail: Mapping[str, Any]) -> str | None:
    """The Message-ID that the sender gave, where it did."""
    for name, value in (mail.get("headers") or {}).items():
        if name.lower() == "message-id":
            return str(value)
    return None


def _signing() -> Any:
    return import_module("leadwake.sandbox.vendors.sendgrid_signing")
