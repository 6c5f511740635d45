"""
The sandbox: every stand-in under its prefix, what they received, how they behave, and a page of it all.

    /<vendor>/…                the vendor's documented paths
    …/_…                       ours: /twilio/_inbound, /twilio/_a2p, /sendgrid/_events, /sendgrid/_public_key,
                               /slack/_interactive, /meta/_leadgen, /calendly/_booking,
                               /calendly/_disable, and of those with OAuth /_consent, /_oauth,
                               /_uninstall
    GET  /received             ?vendor=&since=&limit=&refused=1   what reached the vendors;  DELETE clears
    GET  /behaviour            every vendor's;  PUT /behaviour/NAME {mode, delay_ms, for_s, share, callbacks, delivery}
    POST /call                 from=NUMBER calls our number;  POST /phone call=SID to=NUMBER do="answer key" is what
                               somebody does with a phone: answer, key, silent, busy, nobody, hangup
    GET  /                     the page;  /events tells it that something changed
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any

from leadwake.sandbox.behaviour import MODES, OK, BadBehaviour, Behaviour, Conduct, read
from leadwake.sandbox.bodies import Unreadable, form, json_value
from leadwake.sandbox.journal import Journal, Record
from leadwake.sandbox.outbox import NotLocal, Outbox, Undelivered
from leadwake.sandbox.vendors.apollo import Apollo
from leadwake.sandbox.vendors.base import Vendor
from leadwake.sandbox.vendors.calendly import Calendly
from leadwake.sandbox.vendors.gohighlevel import GoHighLevel
from leadwake.sandbox.vendors.hubspot import HubSpot
from leadwake.sandbox.vendors.meta import Meta
from leadwake.sandbox.vendors.oauth import Authority
from leadwake.sandbox.vendors.sendgrid import Mail, SendGrid
from leadwake.sandbox.vendors.slack import Slack
from leadwake.sandbox.vendors.twilio import Twilio
from leadwake.sandbox.vendors.twilio_voice import Line
from leadwake.sandbox.wire import Answer, Exchange, Request, Stream

log = logging.getLogger(__name__)

#: Records written at once; between them, others get their turn.
PIECE_RECORDS = 250
MAX_WATCHERS = 64
#: The page is told of news at most this often.
TELL_EVERY_S = 0.3
COMMENT_EVERY_S = 15.0

MAX_NUMBER_CHARS = 20
#: What the page's buttons order besides the mode.
BUTTON_SLOW_MS = 5_000

Route = Callable[[Request, Exchange], None]


class Sandbox:
    """All stand-ins and what belongs to them. One instance a server."""

    def __init__(self, product_url: str | None = None) -> None:
        self.outbox = Outbox()
        self.journal = Journal()
        self.product_url = product_url
        self.twilio = Twilio(self.outbox, product_url)
        self.sendgrid = SendGrid(self.outbox, product_url)
        self.hubspot = HubSpot()
        self.slack = Slack(self.outbox, product_url)
        self.gohighlevel = GoHighLevel()
        self.meta = Meta(self.outbox, product_url)
        self.calendly = Calendly(self.outbox, product_url)
        others: list[Vendor] = [Apollo(self.outbox, product_url), self.calendly, self.gohighlevel, self.meta]
        stand_ins: list[Vendor] = [self.twilio, self.sendgrid, self.hubspot, self.slack, *others]
        self.vendors = {vendor.name: vendor for vendor in stand_ins}
        self.conducts = {name: Conduct() for name in self.vendors}
        self.counts = dict.fromkeys(self.vendors, 0)
        #: The page shows what came after this instant.
        self.shown_since = 0.0
        self._desks: dict[str, Callable[[Request, str], Answer | None]] = {
            "twilio": self.twilio.desk,
            "sendgrid": self.sendgrid.desk,
            "slack": self._slack_desk,
            "meta": self.meta.desk,
            "calendly": self._calendly_desk,
            "hubspot": partial(_consent_desk, self.hubspot.oauth),
            "gohighlevel": partial(_consent_desk, self.gohighlevel.oauth),
        }
        self._watchers: set[Stream] = set()
        self._telling = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._routes: dict[tuple[str, str], Route] = {
            ("GET", "/"): self._page,
            ("GET", "/page.css"): _asset("page.css", "text/css; charset=utf-8"),
            ("GET", "/page.js"): _asset("page.js", "text/javascript; charset=utf-8"),
            ("GET", "/healthz"): lambda _, exchange: exchange.send(Answer.json(200, {"ok": True})),
            ("GET", "/events"): self._watch,
            ("GET", "/received"): self._received,
            ("DELETE", "/received"): self._clear,
            ("GET", "/behaviour"): self._behaviours,
            ("POST", "/clear"): self._clear_page,
            ("POST", "/reply"): self._reply,
            ("POST", "/answer"): self._answer,
            ("POST", "/press"): self._press,
            ("POST", "/call"): self._call,
            ("POST", "/phone"): self._phone,
            ("POST", "/a2p"): self._register,
            ("POST", "/leadgen"): self._fill_in,
        }

    # what a connection asks

    def admits(self, target: bytes) -> bool:
        """False for a vendor that refuses connections just now."""
        name, path = _split(target.partition(b"?")[0].decode("latin-1"))
        conduct = self.conducts.get(name)
        if conduct is None or conduct.current.mode != "refuse" or _is_ours(path):
            return True
        return conduct.draw() is OK

    def handle(self, request: Request, exchange: Exchange) -> None:
        """The request reaches its vendor, or the sandbox's own pages."""
        name, path = _split(request.path)
        vendor = self.vendors.get(name)
        if vendor is None:
            self._own(request, exchange)
        elif _is_ours(path):
            self._desk(request, name, path, exchange)
        else:
            self._vendor(request, vendor, path, exchange)

    async def close(self) -> None:
        """Nothing is under way any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.twilio.voice.close()
        await self.outbox.close()

    # vendors

    def _vendor(self, request: Request, vendor: Vendor, path: str, exchange: Exchange) -> None:
        conduct = self.conducts[vendor.name]
        behaviour = OK if conduct.current.mode == "refuse" else conduct.draw()  # a refusal was drawn in `admits`
        delay_s = behaviour.delay_ms / 1000
        if behaviour.mode == "slow":
            asyncio.get_running_loop().call_later(delay_s, self._work_late, request, vendor, path, behaviour, exchange)
            return
        if behaviour.mode == "throttle":
            answer = vendor.throttled()
        elif behaviour.mode == "error":
            answer = vendor.failed()
        else:
            answer = self._work(request, vendor, path, behaviour)
        self._note(request, vendor.name, path, answer)
        if behaviour.mode == "cut":
            _after(delay_s, exchange.cut)
        else:
            _after(delay_s, exchange.send, answer)

    def _work_late(self, request: Request, vendor: Vendor, path: str, behaviour: Behaviour, exchange: Exchange) -> None:
        request.at = time.time()  # a slow vendor takes note when it gets to it
        answer = self._work(request, vendor, path, behaviour)
        self._note(request, vendor.name, path, answer)
        exchange.send(answer)

    def _work(self, request: Request, vendor: Vendor, path: str, behaviour: Behaviour) -> Answer:
        try:
            return vendor.work(request, path, behaviour)
        except Exception:
            log.exception("stand-in failed", extra={"vendor": vendor.name})
            return Answer.json(500, {"error": "the sandbox itself failed; see its log"})

    def _note(self, request: Request, name: str, path: str, answer: Answer) -> None:
        record = self.journal.add(name, request, path, answer.status)
        if record.accepted() and request.method != "GET":
            self.counts[name] += 1
        if self._watchers:
            self._tell()

    def _desk(self, request: Request, name: str, path: str, exchange: Exchange) -> None:
        desk = self._desks.get(name)
        own_page = _same_origin(request)
        answer = desk(request, path) if desk is not None and own_page else None
        exchange.send(answer or (_not_found() if own_page else _foreign()))

    def _calendly_desk(self, request: Request, path: str) -> Answer | None:
        answer: Answer | None = import_module("leadwake.sandbox.page_booking").desk(self.calendly, request, path)
        return answer or _consent_desk(self.calendly.oauth, request, path)

    def _slack_desk(self, request: Request, path: str) -> Answer | None:
        return self.slack.desk(request, path) or _consent_desk(self.slack.oauth, request, path)

    # the sandbox's own routes

    def _own(self, request: Request, exchange: Exchange) -> None:
        route = self._routes.get((request.method, request.path)) or self._route_below(request)
        if route is None:
            allowed = [method for method, path in self._routes if path == request.path]
            exchange.send(_wrong_method(allowed) if allowed else _not_found())
        elif not _same_origin(request):
            exchange.send(_foreign())
        else:
            route(request, exchange)

    def _route_below(self, request: Request) -> Route | None:
        if request.path.startswith("/behaviour/") and request.method in ("PUT", "POST", "GET"):
            return self._order
        if request.path.startswith("/mail/") and request.method == "GET":
            return self._mail
        return None

    def _received(self, request: Request, exchange: Exchange) -> None:
        """Oldest first: the first `limit` after number `since`."""
        try:
            query = form(request.query)
            vendor = query.get("vendor") or None
            since, limit = int(query.get("since", 0)), int(query.get("limit", len(self.journal) + 1))
        except (Unreadable, ValueError):
            exchange.send(Answer.json(422, {"errors": {"query": "since and limit must be whole numbers"}}))
            return
        if vendor is not None and vendor not in self.vendors:
            exchange.send(Answer.json(422, {"errors": {"vendor": f"must be one of {', '.join(self.vendors)}"}}))
            return
        wanted = self.journal.select(vendor, since, refused_too=query.get("refused", "") not in ("", "0", "false"))
        records = [record for record, _ in zip(wanted, range(max(limit, 0)), strict=False)]
        if len(records) <= PIECE_RECORDS:
            exchange.send(Answer(200, _json_list(records)))
        else:
            self._spawn(_stream_records(records, exchange.stream("application/json")))

    def _clear(self, request: Request, exchange: Exchange) -> None:  # noqa: ARG002 - clears all
        exchange.send(Answer.json(200, {"cleared": self.journal.clear()}))

    def _behaviours(self, request: Request, exchange: Exchange) -> None:  # noqa: ARG002 - shows all
        exchange.send(Answer.json(200, {name: conduct.as_json() for name, conduct in self.conducts.items()}))

    def _order(self, request: Request, exchange: Exchange) -> None:
        """PUT takes JSON; POST is a button of the page."""
        conduct = self.conducts.get(request.path.removeprefix("/behaviour/"))
        if conduct is None:
            exchange.send(Answer.json(404, {"error": f"no such vendor; there are {', '.join(self.conducts)}"}))
            return
        try:
            if request.method == "PUT":
                conduct.order(read(json_value(request.body)))
            elif request.method == "POST":
                conduct.order(_button(form(request.body)))
        except Unreadable as problem:
            exchange.send(Answer.json(422, {"errors": {"body": str(problem)}}))
            return
        except BadBehaviour as problem:
            exchange.send(Answer.json(422, {"errors": problem.reasons}))
            return
        self._tell()
        exchange.send(_back("vendors") if request.method == "POST" else Answer.json(200, conduct.as_json()))

    # the page

    def _page(self, request: Request, exchange: Exchange) -> None:
        exchange.send(_pages().page(self, request))

    def _mail(self, request: Request, exchange: Exchange) -> None:
        mail = self.sendgrid.mail(request.path.removeprefix("/mail/"))
        exchange.send(_not_found() if mail is None else _pages().mail_as_designed(mail))

    def _clear_page(self, request: Request, exchange: Exchange) -> None:
        self.shown_since = time.time()
        self._tell()
        exchange.send(_back(_field(request, "show")))

    def _reply(self, request: Request, exchange: Exchange) -> None:
        try:
            fields = form(request.body)
        except Unreadable:
            fields = {}
        person, body = fields.get("to", ""), (fields.get("quick") or fields.get("body", "")).strip()
        if not body or not self.twilio.knows(person):
            exchange.send(Answer.text(422, "A reply needs words, and a number that was texted before."))
            return
        self._spawn(self._reply_and_answer(person, body, exchange))

    async def _reply_and_answer(self, person: str, body: str, exchange: Exchange) -> None:
        await self.twilio.reply_as(person, body)
        self._tell()
        exchange.send(_back("texts"))

    def _answer(self, request: Request, exchange: Exchange) -> None:
        """Whoever got a mail answers it."""
        mail = self.sendgrid.mail(_field(request, "mail"))
        words = (_field(request, "quick") or _field(request, "body")).strip()
        if mail is None or not words:
            exchange.send(Answer.text(422, "An answer needs words, and a mail that was sent before."))
            return
        self._spawn(self._answer_and_go_on(mail, words, exchange))

    async def _answer_and_go_on(self, mail: Mail, words: str, exchange: Exchange) -> None:
        try:
            await self.sendgrid.answer_as_recipient(mail, words)
        except (Undelivered, NotLocal) as problem:
            exchange.send(Answer.text(502, f"Not delivered: {problem}"))
            return
        exchange.send(_back("mail"))

    def _press(self, request: Request, exchange: Exchange) -> None:
        """A button of a Slack message."""
        try:
            fields = form(request.body)
        except Unreadable:
            fields = {}
        self._spawn(self._press_and_answer(fields, exchange))

    async def _press_and_answer(self, fields: dict[str, str], exchange: Exchange) -> None:
        action_id, _, value = fields.get("pressed", "").partition(" ")
        try:
            await self.slack.press(
                fields.get("channel", ""), fields.get("ts", ""), action_id, value, fields.get("user", "")
            )
        except KeyError:
            exchange.send(Answer.text(422, "There is no such message."))
            return
        self._tell()
        exchange.send(_back("slack"))

    def _call(self, request: Request, exchange: Exchange) -> None:
        """Somebody of the practice calls our number."""
        person = _field(request, "from").strip()
        if not person or len(person) > MAX_NUMBER_CHARS:
            exchange.send(Answer.text(422, "A call needs the number it comes from, or the word anonymous."))
            return
        self._spawn(self._call_and_answer(person, exchange))

    async def _call_and_answer(self, person: str, exchange: Exchange) -> None:
        line = await self.twilio.voice.call_in(person)
        self._tell()
        exchange.send(_back("calls", ("x-call", line.sid)))

    def _phone(self, request: Request, exchange: Exchange) -> None:
        """Somebody answers, presses a key, lets it ring, or hangs up; `do` may name several, one after another."""
        line = self.twilio.voice.line(_field(request, "call"))
        if line is None:
            exchange.send(_not_found())
            return
        self._spawn(self._do_and_answer(line, _field(request, "to"), _field(request, "do").split(), exchange))

    async def _do_and_answer(self, line: Line, to: str, steps: list[str], exchange: Exchange) -> None:
        done = [await self.twilio.voice.do(line, what, to) for what in steps]
        self._tell()
        exchange.send(_back("calls") if done and all(done) else Answer.text(409, "That is not possible just now."))

    def _register(self, request: Request, exchange: Exchange) -> None:
        """A button of the page: the carriers have decided about the practice registration."""
        if not self.twilio.account.registered(_field(request, "campaign")):
            exchange.send(Answer.text(422, "There is no such state of a registration."))
            return
        self._tell()
        exchange.send(_back("vendors"))

    def _fill_in(self, _: Request, exchange: Exchange) -> None:
        """A button of the page: somebody fills in the lead form at Facebook."""
        self.meta.fill_in()
        self._tell()
        exchange.send(_back("vendors"))

    # news for open pages

    def _watch(self, request: Request, exchange: Exchange) -> None:  # noqa: ARG002 - everybody hears the same
        if len(self._watchers) >= MAX_WATCHERS:
            exchange.send(Answer.json(503, {"error": "too many open pages"}, ("retry-after", "5")))
            return
        stream = exchange.stream("text/event-stream", ("cache-control", "no-store"))
        stream.write(b"retry: 1000\n\n")
        self._watchers.add(stream)
        if len(self._watchers) == 1:
            self._spawn(self._keep_alive())

    def _tell(self) -> None:
        """Open pages hear of it within TELL_EVERY_S, once for all that happened by then."""
        if not self._telling and self._watchers:
            self._telling = True
            asyncio.get_running_loop().call_later(TELL_EVERY_S, self._told)

    def _told(self) -> None:
        self._telling = False
        self._broadcast(b"data: %d\n\n" % self.journal.last_seq)

    def _broadcast(self, piece: bytes) -> None:
        self._watchers = {stream for stream in self._watchers if not stream.closed}
        for stream in self._watchers:
            stream.write(piece)

    async def _keep_alive(self) -> None:
        """Comments while anybody watches, which show who is gone."""
        while self._watchers:
            await asyncio.sleep(COMMENT_EVERY_S)
            self._broadcast(b": still here\n\n")

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _split(path: str) -> tuple[str, str]:
    """("twilio", "/2010-04-01/…") of "/twilio/2010-04-01/…"."""
    name, slash, rest = path[1:].partition("/")
    return name, slash + rest


def _consent_desk(authority: Authority, request: Request, path: str) -> Answer | None:
    answer: Answer | None = import_module("leadwake.sandbox.page_consent").desk(authority, request, path)
    return answer


def _is_ours(path: str) -> bool:
    """Under a vendor's prefix, but not of the vendor: neither misbehaves nor is on record."""
    return path.startswith("/_") or path == "/book"


def _same_origin(request: Request) -> bool:
    """False for what a page of another site makes a browser send."""
    origin = request.header(b"origin")
    return request.method == "GET" or not origin or origin.partition("://")[2] == request.header(b"host")


def _field(request: Request, name: str) -> str:
    try:
        return form(request.body).get(name, "")
    except Unreadable:
        return ""


def _button(fields: dict[str, str]) -> Behaviour:
    """The behaviour that a button of the page orders. Raises BadBehaviour."""
    mode, for_s = fields.get("mode", ""), fields.get("for_s", "")
    order: dict[str, Any] = {"mode": mode if mode in MODES else None}
    if mode == "slow":
        order["delay_ms"] = BUTTON_SLOW_MS
    if for_s and mode != "ok":
        order["for_s"] = int(for_s) if for_s.isdecimal() and len(for_s) < 9 else -1
    return read(order)


def _after(delay_s: float, call: Callable[..., None], *args: object) -> None:
    if delay_s > 0:
        asyncio.get_running_loop().call_later(delay_s, call, *args)
    else:
        call(*args)


def _json_list(records: Iterable[Record]) -> bytes:
    return b"[" + b",\n".join(record.as_json() for record in records) + b"]"


async def _stream_records(records: list[Record], stream: Stream) -> None:
    """The list in pieces, so that a long one neither fills the memory nor holds up the vendors."""
    stream.write(b"[")
    for start in range(0, len(records), PIECE_RECORDS):
        piece = b",\n".join(record.as_json() for record in records[start : start + PIECE_RECORDS])
        stream.write((b",\n" if start else b"") + piece)
        await stream.drained()
        await asyncio.sleep(0)
        if stream.closed:
            return
    stream.write(b"]")
    stream.close()


def _asset(name: str, content_type: str) -> Route:
    return lambda _, exchange: exchange.send(
        Answer(200, _pages().asset(name), content_type, (("cache-control", "no-cache"),))
    )


def _back(show: str, *headers: tuple[str, str]) -> Answer:
    place = f"/?show={show}" if show in ("texts", "calls", "mail", "slack", "crm", "vendors") else "/"
    return Answer(303, b"", "text/plain", (("location", place), *headers))


def _not_found() -> Answer:
    return Answer.json(404, {"error": "nothing here; vendors are under /twilio/, /sendgrid/ …, the page under /"})


def _wrong_method(allowed: list[str]) -> Answer:
    return Answer.json(405, {"error": f"use {' or '.join(allowed)}"}, ("allow", ", ".join(allowed)))


def _foreign() -> Answer:
    return Answer.json(403, {"error": "requests from pages of other sites are not taken"})


def _pages() -> Any:
    """The pages' module, read when the first person looks: benchmarks have none."""
    return import_module("leadwake.sandbox.page")
