"""The crux: what is known of a request that failed. One suite over every adapter that speaks HTTP.

A text that may have been accepted is never called "not accepted", and what cannot have been accepted is never called
unknown (that would cost a person's time).
"""

from __future__ import annotations

import asyncio
import inspect
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from importlib import import_module

import pytest
from vendor_on_loopback import Answer, Vendor, conforming, running

from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers import ports, registry
from leadwake.providers.apollo import Apollo
from leadwake.providers.gohighlevel import GoHighLevel
from leadwake.providers.hubspot import HubSpot
from leadwake.providers.ports import (
    Accepted,
    Call,
    ChatMessage,
    CrmContact,
    Enrichment,
    Lookup,
    OutgoingCall,
    OutgoingEmail,
    OutgoingText,
)
from leadwake.providers.sendgrid import SendGrid
from leadwake.providers.slack import Slack
from leadwake.providers.twilio import Twilio
from leadwake.providers.twilio_voice import TwilioVoice

SECRET = "f00dfacef00dfacef00dfacef00dface"

TEXT = OutgoingText(
    "+18135550194", "Hi Maria, thanks for asking.", "https://leads.example.com/hooks/twilio/status?action=1"
)
MAIL = OutgoingEmail(
    to="maria@example.com", subject="Your question", text="Hi", html="<p>Hi</p>", message_id="<a1@leads.example.com>",
    from_email="sam@realty.example.com", from_name="Sam", ids={"action_id": "1"},
)  # fmt: skip
CONTACT = CrmContact("7", "maria@example.com", "+18135550194", "Maria", "Lopez")

CALL = OutgoingCall("+18135550194", "https://leads.example.com/a", "https://leads.example.com/b", 25)
LOOKUP = Lookup("maria@example.com", "Maria Lopez", None)
ALERT = ChatMessage("U0DANA1234", "Hot lead: Maria")

CREATED = Answer(201, {"sid": "SM" + "a" * 32, "status": "queued"})
RINGING = Answer(201, {"sid": "CA" + "a" * 32, "status": "queued"})
KNOWN = Answer(200, {"person": {"title": "Nurse"}, "request_id": 7})
ACCEPTED = Answer(202, headers={"X-Message-Id": "LRzXl_NHStOGhQ4kofSm_A"})
UPSERTED = Answer(200, {"status": "COMPLETE", "results": [{"id": "3401", "new": True, "properties": {}}]})

POSTED = Answer(200, {"ok": True, "channel": "D0DANA1234", "ts": "1503435956.000247", "message": {}})


UPDATED = Answer(200, {"succeded": True, "contact": {"id": "3401"}})
NAMES = ("twilio", "sendgrid", "hubspot", "gohighlevel", "slack")


@dataclass
class Case:
    """An adapter before its vendor. is_upsert: a repeat changes nothing there."""

    name: str
    vendor: Vendor
    write: Callable[[Call], Awaitable[Accepted | Enrichment]]
    good: Answer
    is_upsert: bool = False


#: every adapter that speaks HTTP; mail servers have a suite of their own
NAMES = ("twilio", "voice", "sendgrid", "hubspot", "gohighlevel", "slack", "apollo")


@pytest.fixture(params=NAMES)
async def case(request: pytest.FixtureRequest) -> AsyncIterator[Case]:
    name = request.param
    async with running() as vendor:
        if name == "twilio":
            twilio = Twilio(vendor.url, "AC" + "0" * 32, SECRET, "+15005550006", deadline_s=2)
            yield Case(name, vendor, lambda call: twilio.send_text(TEXT, call), CREATED)
            await twilio.aclose()
        elif name == "voice":
            voice = TwilioVoice(vendor.url, "AC" + "0" * 32, SECRET, "+15005550006", deadline_s=2)
            yield Case("twilio", vendor, lambda call: voice.place_call(CALL, call), RINGING)
            await voice.aclose()
        elif name == "apollo":
            apollo = Apollo(vendor.url, SECRET, deadline_s=2)
            yield Case(name, vendor, lambda call: apollo.match(LOOKUP, call), KNOWN)
            await apollo.aclose()
        elif name == "sendgrid":
            sendgrid = SendGrid(vendor.url, SECRET, deadline_s=2)
            yield Case(name, vendor, lambda call: sendgrid.send_email(MAIL, call), ACCEPTED)
            await sendgrid.aclose()
        elif name == "slack":
            slack = Slack(vendor.url, SECRET, deadline_s=2)
            yield Case(name, vendor, lambda call: slack.post(ALERT, call), POSTED)
            await slack.aclose()
        elif name == "gohighlevel":
            gohighlevel = GoHighLevel(vendor.url, SECRET, "ve9EPM428h8vShlRW1KT", deadline_s=2)
            known = replace(CONTACT, known_as="3401")
            yield Case(name, vendor, lambda call: gohighlevel.upsert_contact(known, call), UPDATED, is_upsert=True)
            await gohighlevel.aclose()
        else:
            hubspot = HubSpot(vendor.url, SECRET, deadline_s=2)
            yield Case(name, vendor, lambda call: hubspot.upsert_contact(CONTACT, call), UPSERTED, is_upsert=True)
            await hubspot.aclose()
        conforming("twilio" if name == "voice" else name, vendor)


#: adapter of the registry → what it is to the rest of the program
PORTS: dict[str, type] = {
    "twilio": ports.TextSender, "voice": ports.Phone, "sendgrid": ports.EmailSender, "smtp": ports.EmailSender,
    "hubspot": ports.Crm, "gohighlevel": ports.Crm, "slack": ports.Chat, "apollo": ports.Enricher,
    "meta": ports.LeadAds, "calendly": ports.Scheduler,
}  # fmt: skip
#: a mail server, one that is only read from, one whose answer is a link: each has a suite of its own
APART = {"smtp", "meta", "calendly"}


def _parameters(owner: type, name: str) -> list[str]:
    return list(inspect.signature(getattr(owner, name)).parameters)


@pytest.mark.parametrize("name", PORTS)
def test_an_adapter_has_every_method_of_its_port_and_can_be_proven(name: str) -> None:
    module, class_name, _ = registry.VOICE if name == "voice" else registry.ADAPTERS[name]
    adapter, port = getattr(import_module(module), class_name), PORTS[name]
    methods = [method for method, _ in inspect.getmembers(port, inspect.isfunction) if not method.startswith("_")]

    assert methods
    for method in methods:
        assert _parameters(adapter, method) == _parameters(port, method)
        assert inspect.iscoroutinefunction(getattr(adapter, method))
    assert name == "voice" or _parameters(adapter, "prove") == _parameters(ports.Provable, "prove")


def test_every_adapter_there_is_passes_this_suite() -> None:
    assert set(PORTS) == {*registry.ADAPTERS, "voice"}
    assert set(NAMES) == {*PORTS} - APART


async def failure(case: Case, call: Call | None = None) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await case.write(call or Call.for_seconds())
    assert caught.value.vendor == case.name
    return caught.value


async def test_an_accepted_write_says_what_the_vendor_calls_it(case: Case) -> None:
    case.vendor.answers(case.good)
    call = Call.for_seconds()
    accepted = await case.write(call)

    assert accepted.ref
    assert call.written


async def test_nothing_leaves_after_the_lease(case: Case) -> None:
    call = Call(lease_until=time.monotonic() - 0.001)
    error = await failure(case, call)

    assert (Unavailable, "lease") == (type(error), error.code)
    assert (case.vendor.received, call.written) == ([], False)


async def test_a_lease_that_ends_while_waiting_for_a_connection_stops_the_write(vendor: Vendor) -> None:
    """The look is taken at the write, not at the start of the call."""
    held = asyncio.Event()
    vendor.answers(Answer(201, CREATED.body, hold=held))
    twilio = Twilio(vendor.url, "AC" + "0" * 32, SECRET, "+15005550006")
    others = [asyncio.ensure_future(twilio.send_text(TEXT, Call.for_seconds())) for _ in range(64)]
    await vendor.until_received(64)
    late = Call.for_seconds()
    waiting = asyncio.ensure_future(twilio.send_text(TEXT, late))
    await asyncio.sleep(0)
    late.lease_until = time.monotonic() - 0.001
    held.set()
    await asyncio.gather(*others)

    with pytest.raises(Unavailable) as caught:
        await waiting
    assert (caught.value.code, late.written, len(vendor.received)) == ("lease", False, 64)
    await twilio.aclose()


async def test_nobody_listening_is_known_not_to_be_accepted(case: Case) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    call = Call.for_seconds()
    twilio = Twilio(url, "AC" + "0" * 32, SECRET, "+15005550006")
    with pytest.raises(Unavailable):
        await twilio.send_text(TEXT, call)

    assert not call.written


async def test_a_name_that_does_not_resolve_is_known_not_to_be_accepted() -> None:
    call = Call.for_seconds()
    sendgrid = SendGrid("http://no-such-vendor.invalid", SECRET)
    with pytest.raises(Unavailable):
        await sendgrid.send_email(MAIL, call)

    assert not call.written


@pytest.mark.parametrize("cut", ["before reading", "after head", "after reading", "mid answer"])
async def test_a_cut_after_the_write_is_unknown(case: Case, cut: str) -> None:
    """Even a cut before reading, once written: from here it looks the same as one after accepting."""
    case.vendor.answers(Answer(case.good.status, case.good.body or b"{}", cut=cut))
    call = Call.for_seconds()
    error = await failure(case, call)

    assert type(error) is (OutcomeUnknown if call.written else Unavailable)
    assert call.written or cut == "before reading"


@pytest.mark.parametrize("cut", ["after head", "after reading", "mid answer"])
async def test_a_cut_is_tried_once_more_where_a_repeat_changes_nothing(case: Case, cut: str) -> None:
    case.vendor.answers(Answer(200, b"{}", cut=cut), case.good)
    if case.is_upsert:
        assert (await case.write(Call.for_seconds())).ref == "3401"
    else:
        assert type(await failure(case)) is OutcomeUnknown
        assert case.vendor.connections == 1


async def test_silence_past_the_deadline_is_unknown(vendor: Vendor) -> None:
    vendor.answers(Answer(hold=asyncio.Event()))
    call = Call.for_seconds()
    twilio = Twilio(vendor.url, "AC" + "0" * 32, SECRET, "+15005550006", deadline_s=0.2)
    with pytest.raises(OutcomeUnknown) as caught:
        await twilio.send_text(TEXT, call)

    assert (caught.value.code, call.written, len(vendor.received)) == ("deadline", True, 1)


async def test_a_cancelled_call_leaves_its_mark(vendor: Vendor) -> None:
    """A worker told to stop in mid-call: the action stays `sending`, and `written` says why."""
    vendor.answers(Answer(hold=asyncio.Event()))
    call = Call.for_seconds()
    twilio = Twilio(vendor.url, "AC" + "0" * 32, SECRET, "+15005550006")
    sending = asyncio.ensure_future(twilio.send_text(TEXT, call))
    await vendor.until_received(1)
    sending.cancel()

    with pytest.raises(asyncio.CancelledError):
        await sending
    assert call.written


BAD_GATEWAY = b"<html>Bad gateway</html>"


#: status → what it means where the vendor says nothing more
MEANS: dict[int, type[ProviderError]] = {
    301: Unavailable, 400: Rejected, 401: BadCredentials, 403: BadCredentials, 404: Rejected, 408: Unavailable,
    413: Rejected, 423: Rejected, 429: Throttled, 477: Rejected, 500: OutcomeUnknown, 502: OutcomeUnknown,
    503: Unavailable, 504: OutcomeUnknown,
}  # fmt: skip
#: vendor → where its own documentation knows better
KNOWS_BETTER: dict[str, dict[int, type[ProviderError]]] = {
    "sendgrid": {500: Unavailable},
    "hubspot": dict.fromkeys((423, 477, 500, 502, 504), Unavailable),
    "gohighlevel": dict.fromkeys((500, 502, 504), Unavailable),
    "slack": dict.fromkeys((500, 502, 504), Unavailable),
    "apollo": dict.fromkeys((500, 502, 504), Unavailable),
}


@pytest.mark.parametrize("status", MEANS)
async def test_a_status_without_the_vendors_own_words(case: Case, status: int) -> None:
    case.vendor.answers(Answer(status, BAD_GATEWAY, {"Content-Type": "text/html"}))
    error = await failure(case)

    assert (type(error), error.code) == (KNOWS_BETTER.get(case.name, {}).get(status, MEANS[status]), str(status))


async def test_a_success_that_cannot_be_read_is_unknown(case: Case) -> None:
    case.vendor.answers(Answer(case.good.status, b"[[not json"))
    if case.name in {"sendgrid", "gohighlevel"}:  # its success has no body; who was changed is known
        assert (await case.write(Call.for_seconds())).ref == {"sendgrid": None, "gohighlevel": "3401"}[case.name]
    else:
        assert OutcomeUnknown is type(await failure(case))


async def test_retry_after_is_passed_on(case: Case) -> None:
    case.vendor.answers(Answer(429, b"", {"Retry-After": "17"}))

    assert (await failure(case)).retry_after_s == 17.0


async def test_no_secret_and_no_person_is_in_any_error(case: Case) -> None:
    words = f"The key {SECRET} may not write to +1 (813) 555-0194 or maria@example.com\r\nX: y"
    body = {"message": words, "errors": [{"message": words, "field": "to"}], "code": 21999}
    case.vendor.answers(Answer(400, body))
    error = await failure(case)

    for text in (str(error), repr(error), repr(error.args)):
        assert not [leak for leak in (SECRET, "813", "0194", "maria@", "\n", "\r") if leak in text]


def test_no_adapter_shows_its_secret() -> None:
    for adapter in (
        Twilio("http://127.0.0.1:1", "AC1", SECRET, "+15005550006"),
        SendGrid("http://127.0.0.1:1", SECRET),
        HubSpot("http://user:pass@127.0.0.1:1", SECRET),
        GoHighLevel("http://user:pass@127.0.0.1:1", SECRET, "ve9EPM428h8vShlRW1KT"),
        Slack("http://127.0.0.1:1", SECRET),
        Apollo("http://127.0.0.1:1", SECRET),
    ):
        for shown in (repr(adapter), str(adapter), repr(adapter.http), repr(adapter.http._redact)):
            assert SECRET not in shown
            assert "pass" not in shown
