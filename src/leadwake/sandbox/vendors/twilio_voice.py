"""
Stand-in for Twilio's calls: takes them, fetches TwiML, lets people of the practice answer, press keys, hang up.

As much of TwiML as a carrier needs to know: Say, Pause, Gather (one key), Dial with Number, Redirect, Hangup. What else
it is told, recording above all, it refuses loudly.
Sources: twilio-oai `twilio_api_v2010.json` (Calls); twilio.com/docs/voice/twiml (read 2026-11-22).
"""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin
from xml.etree import ElementTree

from leadwake.sandbox.behaviour import Behaviour
from leadwake.sandbox.outbox import NotLocal, Outbox, Undelivered, locate
from leadwake.sandbox.vendors.twilio_wire import API_VERSION, refusal, rfc2822, signed_headers
from leadwake.sandbox.wire import Answer, Request

VOICE_HOOK = "/hooks/twilio/voice"
MAX_CALLS = 500
MAX_STEPS = 20
RING_S = 60
#: the number people of the practice call, where nothing was sent from another yet
OUR_NUMBER = "+15005550006"

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_OVER = frozenset({"completed", "busy", "no-answer", "failed", "canceled"})


class BadTwiml(ValueError):
    """The product's answer is no TwiML, or asks for what must not be."""


@dataclass(slots=True)
class Gather:
    """A key that is waited for. url: of the document; rest: what follows when none is pressed."""

    action: str
    url: str
    rest: Sequence[ElementTree.Element]


@dataclass(slots=True)
class Leg:
    """One phone of a call. heard: what a voice said to it; url: of a whisper."""

    to: str
    status: str = "ringing"
    sid: str = field(default_factory=lambda: "CA" + secrets.token_hex(16))
    url: str = ""
    callback: str = ""
    heard: list[str] = field(default_factory=list)
    gather: Gather | None = None


@dataclass(slots=True)
class Dialled:
    """A <Dial> under way. action: an absolute URL."""

    action: str
    legs: list[Leg]
    connected: Leg | None = None


@dataclass(slots=True)
class Line:
    """A call: in from a person of the practice, or out to a phone of the team."""

    account: str
    token: str
    from_: str
    direction: str
    first: Leg
    at: float
    url: str = ""
    callback: str = ""
    events: frozenset[str] = frozenset()
    ended_at: float | None = None
    dial: Dialled | None = None
    trouble: str = ""

    @property
    def sid(self) -> str:
        """The whole call's id is that of its first leg."""
        return self.first.sid

    @property
    def is_over(self) -> bool:
        """True when nothing more comes of it."""
        return self.first.status in _OVER

    def leg(self, to: str) -> Leg | None:
        """The leg to this number that is not over, if any."""
        legs = [self.first, *(self.dial.legs if self.dial else ())]
        return next((leg for leg in legs if leg.to == to and leg.status not in _OVER), None)


class Switchboard:
    """The stand-in for Twilio's voice."""

    def __init__(self, outbox: Outbox, product_url: str | None = None) -> None:
        self._outbox = outbox
        self._product_url = product_url
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        #: whose calls they are where nobody has called the API yet: what practice uses
        self.account, self.token, self.number = "AC" + "0" * 32, "practice", OUR_NUMBER

    # the vendor

    def create(self, account: str, token: str, body: bytes, at: float, behaviour: Behaviour) -> Answer:
        """POST …/Calls.json."""
        given = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=100)
        fields = {name: values[-1] for name, values in given.items()}
        refused = _refused(fields)
        if refused is not None:
            return refusal(400, *refused)
        line = Line(
            account, token, fields["From"], "outbound-api", Leg(fields["To"], "queued"), at, fields["Url"],
            fields.get("StatusCallback", "") if behaviour.callbacks else "",
            frozenset(given.get("StatusCallbackEvent", ["completed"])),
        )  # fmt: skip
        self.number = fields["From"]
        self._keep(line)
        fails = behaviour.delivery == "failed"
        self._spawn(self._ring(line, int(fields.get("Timeout") or RING_S), fails))
        return Answer.json(201, resource(line, "queued"))

    def one(self, account: str, sid: str, request: Request) -> Answer:
        """…/Calls/{Sid}.json: GET, POST Status=completed or canceled, DELETE."""
        line = self._lines.get(sid)
        if line is None or line.account != account:
            return refusal(404, 20404, f"The requested resource {sid} was not found")
        if request.method == "DELETE":
            if not line.is_over:
                return refusal(409, 20009, "Cannot delete this resource before it is complete")
            del self._lines[sid]
            return Answer(204, b"", "text/plain")
        if request.method == "POST":
            wanted = parse_qs(request.body.decode("utf-8", "replace")).get("Status", [""])[-1]
            if wanted not in {"completed", "canceled"}:
                return refusal(400, 20001, "Status must be completed or canceled")
            if not line.is_over:
                self._spawn(self._end(line, "completed" if line.first.status == "in-progress" else "canceled"))
        return Answer.json(200, resource(line, line.first.status))

    # the people of the practice

    def lines(self, since: float, limit: int) -> list[Line]:
        """Newest first."""
        found = sorted(self._lines.values(), key=lambda line: line.at, reverse=True)
        return [line for line in found if line.at > since][:limit]

    def line(self, sid: str) -> Line | None:
        """The call with this id."""
        return self._lines.get(sid)

    async def call_in(self, person: str) -> Line:
        """Somebody calls our number; returns when phones ring, or the call is over."""
        line = Line(
            self.account, self.token, person, "inbound", Leg(self.number, "ringing"), time.time(),
            (self._product_url or "").rstrip("/") + VOICE_HOOK,
        )  # fmt: skip
        self._keep(line)
        if not self._product_url:
            line.trouble = "the sandbox was not told where the product is (--product-url)"
            await self._end(line, "failed")
            return line
        await self._fetch(line, line.first, line.url, {})
        return line

    async def do(self, line: Line, what: str, to: str) -> bool:
        """
        Somebody does something with a phone: answer, key (1), silent, busy, nobody, hangup. to: whose phone.

        False when that is not possible just now.
        """
        leg = line.leg(to) or (line.first if what == "hangup" else None)
        if line.is_over or leg is None:
            return False
        match what:
            case "answer" if leg.status == "ringing":
                await self._answer(line, leg)
            case "key" | "wrong_key" if leg.gather is not None:
                gather, leg.gather = leg.gather, None
                digits = {"Digits": "1" if what == "key" else "9"}
                await self._fetch(line, leg, urljoin(gather.url, gather.action), digits)
            case "silent" if leg.gather is not None:
                gather, leg.gather = leg.gather, None
                await self._run(line, leg, gather.rest, gather.url, 0)
            case "busy" | "nobody" if leg.status == "ringing":
                await self._unanswered(line, leg, "busy" if what == "busy" else "no-answer")
            case "hangup":
                await self._hang_up(line)
            case _:
                return False
        return True

    async def close(self) -> None:
        """Nothing is under way any more."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # what happens on a line

    async def _ring(self, line: Line, timeout_s: int, fails: bool) -> None:
        line.first.status = "ringing"
        await self._report(line, "initiated", "queued")
        if fails:
            await self._end(line, "failed")
            return
        await self._report(line, "ringing", "ringing")
        self._later(timeout_s, self._timed_out(line, line.first))

    async def _timed_out(self, line: Line, leg: Leg) -> None:
        if leg.status == "ringing" and not line.is_over:
            await self._unanswered(line, leg, "no-answer")

    async def _answer(self, line: Line, leg: Leg) -> None:
        leg.status = "in-progress"
        if leg is line.first:
            await self._report(line, "answered", "in-progress")
            await self._fetch(line, leg, line.url, {})
            return
        await self._report_leg(line, leg, "in-progress")
        if leg.url:
            await self._fetch(line, leg, leg.url, {})
        else:
            self._connect(line, leg)

    async def _unanswered(self, line: Line, leg: Leg, status: str) -> None:
        if leg is line.first:
            await self._end(line, status)
        else:
            await self._end_leg(line, leg, status)

    async def _end_leg(self, line: Line, leg: Leg, status: str) -> None:
        leg.status, leg.gather = status, None
        await self._report_leg(line, leg, status)
        dial = line.dial
        if dial and dial.connected is None and all(one.status in _OVER for one in dial.legs):
            await self._dial_over(line, "completed" if status == "completed" else status)

    def _connect(self, line: Line, leg: Leg) -> None:
        dial = line.dial
        if dial is None or dial.connected is not None:
            return
        dial.connected = leg
        for other in dial.legs:
            if other is not leg and other.status not in _OVER:
                other.status, other.gather = "canceled", None

    async def _hang_up(self, line: Line) -> None:
        """Whoever is on the line first hangs up: the caller, or our agent."""
        dial = line.dial
        if dial is not None:
            was = "completed" if dial.connected else "no-answer"
            for leg in dial.legs:
                if leg.status not in _OVER:
                    leg.status, leg.gather = "completed" if leg is dial.connected else "canceled", None
                    await self._report_leg(line, leg, leg.status)
            line.first.status = "completed"
            await self._dial_over(line, was)
        await self._end(line, "completed")

    async def _dial_over(self, line: Line, status: str) -> None:
        dial, line.dial = line.dial, None
        assert dial is not None
        talked = dial.connected
        fields = {"DialCallStatus": status, "DialBridged": "true" if talked else "false"}
        if talked:
            fields |= {"DialCallSid": talked.sid, "DialCallDuration": "1"}
        if dial.action:
            await self._fetch(line, line.first, dial.action, fields)
        elif not line.is_over:
            await self._end(line, "completed")

    async def _end(self, line: Line, status: str) -> None:
        if line.ended_at is not None:
            return
        line.first.status, line.first.gather, line.ended_at = status, None, time.time()
        for leg in line.dial.legs if line.dial else ():
            if leg.status not in _OVER:
                leg.status = "canceled"
        await self._report(line, "completed", status)

    # TwiML

    async def _fetch(self, line: Line, leg: Leg, url: str, more: Mapping[str, str], steps: int = 0) -> None:
        """The product is asked what to do; a call that is over only tells."""
        try:
            document = await self._ask(line, leg, url, more)
            verbs = _verbs(document)
        except (Undelivered, NotLocal, BadTwiml) as problem:
            line.trouble = str(problem)
            if leg is line.first:
                await self._end(line, "failed")
            else:
                await self._end_leg(line, leg, "completed")
            return
        if leg.status not in _OVER:
            await self._run(line, leg, verbs, url, steps)

    async def _run(self, line: Line, leg: Leg, verbs: Sequence[ElementTree.Element], url: str, steps: int) -> None:
        if steps > MAX_STEPS:
            raise BadTwiml("redirected without end")
        for place, verb in enumerate(verbs):
            match verb.tag:
                case "Say":
                    leg.heard.append(verb.text or "")
                case "Pause":
                    await asyncio.sleep(min(float(verb.get("length", "1")), 10.0))
                case "Gather":
                    leg.heard.extend(say.text or "" for say in verb.iter("Say"))
                    leg.gather = Gather(verb.get("action", ""), url, verbs[place + 1 :])
                    if leg is line.first:
                        leg.status = "in-progress"
                    return
                case "Redirect":
                    await self._fetch(line, leg, urljoin(url, (verb.text or "").strip()), {}, steps + 1)
                    return
                case "Dial":
                    self._dial(line, verb, url)
                    return
                case _:  # Hangup: others were refused when the document was read
                    await self._hung_up(line, leg)
                    return
        await self._ran_out(line, leg)

    async def _hung_up(self, line: Line, leg: Leg) -> None:
        if leg is line.first:
            await self._end(line, "completed")
        else:
            await self._end_leg(line, leg, "completed")

    async def _ran_out(self, line: Line, leg: Leg) -> None:
        if leg is line.first:
            await self._end(line, "completed")
        else:
            self._connect(line, leg)

    def _dial(self, line: Line, verb: ElementTree.Element, url: str) -> None:
        legs = [
            Leg(
                (number.text or "").strip(),
                url=urljoin(url, number.get("url", "")) if number.get("url") else "",
                callback=number.get("statusCallback", ""),
            )
            for number in verb.findall("Number")
        ]
        action = verb.get("action")
        line.dial = dial = Dialled(urljoin(url, action) if action else "", legs)
        if line.direction == "inbound":
            line.first.status = "in-progress"
        self._later(int(verb.get("timeout", "30")), self._rung_out(line, dial))

    async def _rung_out(self, line: Line, dial: Dialled) -> None:
        for leg in dial.legs:
            if line.dial is dial and dial.connected is None and leg.status == "ringing":
                await self._end_leg(line, leg, "no-answer")

    # what the product hears

    async def _ask(self, line: Line, leg: Leg, url: str, more: Mapping[str, str]) -> bytes:
        place = locate(url, self._product_url)
        fields = self._fields(line, leg, leg.status) | dict(more)
        answer = await self._outbox.request(place, urlencode(fields).encode(), signed_headers(url, fields, line.token))
        if not 200 <= answer.status < 300:
            raise BadTwiml(f"the product answered {answer.status}")
        return answer.body

    async def _report(self, line: Line, event: str, status: str) -> None:
        """A status callback of the whole call, where it was asked for."""
        if line.callback and event in line.events:
            await self._post(line, line.callback, self._fields(line, line.first, status))

    async def _report_leg(self, line: Line, leg: Leg, status: str) -> None:
        if leg.callback:
            await self._post(line, leg.callback, self._fields(line, leg, status))

    async def _post(self, line: Line, url: str, fields: Mapping[str, str]) -> None:
        try:
            place = locate(url, self._product_url)
        except NotLocal:
            return
        self._outbox.post(place, urlencode(fields).encode(), signed_headers(url, fields, line.token))

    def _fields(self, line: Line, leg: Leg, status: str) -> dict[str, str]:
        is_child = leg is not line.first
        direction = "outbound-dial" if is_child else line.direction
        from_ = self.number if is_child else line.from_
        fields = {
            "CallSid": leg.sid, "AccountSid": line.account, "From": from_, "To": leg.to, "Caller": from_,
            "Called": leg.to, "CallStatus": status, "Direction": direction, "ApiVersion": API_VERSION,
        }  # fmt: skip
        return fields | ({"ParentCallSid": line.sid} if is_child else {})

    def _keep(self, line: Line) -> None:
        self._lines[line.sid] = line
        while len(self._lines) > MAX_CALLS:
            del self._lines[next(iter(self._lines))]

    def _later(self, seconds: float, work: Coroutine[Any, Any, None]) -> None:
        async def wait() -> None:
            await asyncio.sleep(seconds)
            await work

        task = self._spawn(wait())
        task.add_done_callback(lambda _: work.close())  # one that never began is no leak

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def resource(line: Line, status: str) -> dict[str, Any]:
    """The Call resource."""
    uri = f"/{API_VERSION}/Accounts/{line.account}/Calls/{line.sid}"
    created = rfc2822(int(line.at))
    ended = rfc2822(int(line.ended_at)) if line.ended_at is not None else None
    parts = ("notifications", "recordings", "payments", "events", "siprec", "streams", "transcriptions")
    return {
        "account_sid": line.account, "annotation": None, "answered_by": None, "api_version": API_VERSION,
        "caller_name": None, "date_created": created, "date_updated": created, "direction": line.direction,
        "duration": str(int(line.ended_at - line.at)) if line.ended_at and status == "completed" else None,
        "end_time": ended, "forwarded_from": None, "from": line.from_, "from_formatted": line.from_, "group_sid": None,
        "parent_call_sid": None, "phone_number_sid": None, "price": None, "price_unit": "USD", "queue_time": "0",
        "sid": line.sid, "start_time": created, "status": status, "to": line.first.to, "to_formatted": line.first.to,
        "trunk_sid": None, "uri": f"{uri}.json",
        "subresource_uris": {part: f"{uri}/{part.capitalize()}.json" for part in parts},
    }  # fmt: skip


def _refused(fields: Mapping[str, str]) -> tuple[int, str] | None:
    to, from_ = fields.get("To", ""), fields.get("From", "")
    if not to:
        return 21201, "No 'To' number specified"
    if not _E164.fullmatch(to):
        return 21211, f"The 'To' number {to[:40]} is not a valid phone number."
    if not from_:
        return 21213, "No 'From' number is specified"
    if not _E164.fullmatch(from_):
        return 21212, f"The 'From' number {from_[:40]} is not a valid phone number or client identifier."
    if not re.match(r"https?://[^\s/]", fields.get("Url", "")):
        return 21205, "Url parameter is not a valid URL."
    if fields.get("Record", "false") != "false":
        return 21218, "The practice records nobody."
    return None


def _verbs(document: bytes) -> Sequence[ElementTree.Element]:
    """The verbs of a TwiML document. Raises BadTwiml."""
    if not document.strip():
        return []
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - from the product on this machine, bounded by the outbox
    except ElementTree.ParseError as problem:
        raise BadTwiml(f"not TwiML: {problem}") from problem
    if root.tag != "Response":
        raise BadTwiml("not TwiML: no Response")
    for element in root.iter():
        if element.tag not in {"Response", "Say", "Pause", "Gather", "Redirect", "Dial", "Number", "Hangup"}:
            raise BadTwiml(f"the practice knows no <{element.tag}>")
        if any(name.lower().startswith("record") for name in element.attrib):
            raise BadTwiml("the practice records nobody")
    return list(root)
