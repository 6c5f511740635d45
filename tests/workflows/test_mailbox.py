"""A mailbox on a real IMAP server: each mail taken in once, whatever is cut off, and marked only when it is ours."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest

from imap_case import ImapServer, an_imap_server
from leadwake.errors import BadCredentials, ProviderError, Rejected, Unavailable
from leadwake.ops.doctor import Level, incoming
from leadwake.providers import imap
from leadwake.providers.imap import Address, Session
from leadwake.storage.intake import open_profile
from leadwake.workflows import mailbox
from leadwake.workflows.incoming_mail import Postbox
from leadwake.workflows.mailbox import Mailbox, look
from leadwake.workflows.office import Office
from office_case import House, a_house, rows, until

DAY_S = 86_400


@pytest.fixture
def server(place: Path) -> Iterator[ImapServer]:
    with an_imap_server(place / f"imap-{uuid4().hex[:8]}") as running:
        yield running


def a_mail(name: str, text: str = "Is 12 Oak St still for sale?") -> bytes:
    return (
        f"From: {name.title()} <{name}@example.com>\r\nTo: team@ours.example\r\nSubject: 12 Oak St\r\n"
        f"Message-ID: <{name}@mail.example.com>\r\n\r\n{text}\r\n"
    ).encode()


async def a_round(office: Office, server: ImapServer, cut: type[Session] | None = None) -> int:
    """What one process does on a session of its own; cut: how the session breaks."""
    address = Address(server.url())
    async with imap.session(address) as box:
        if cut is not None:
            box.__class__ = cut
        return await look(office, Postbox(office), address, box)


async def writers(office: Office) -> list[str]:
    """Who is a lead, in the order they came."""
    found = await rows(
        office.db,
        "select l.sealed_profile, l.data_key_id, k.kek_id, k.wrapped from lead l "
        "join vault.data_key k on k.id = l.data_key_id order by l.created_at, l.id",
    )
    return [str(open_profile(office.vault, row)["first"]).lower() for row in found]


async def test_at_first_only_what_is_new_and_unread_is_taken_and_then_whatever_comes(
    office: Office, server: ImapServer
) -> None:
    server.deliver(a_mail("old"), at=time.time() - 10 * DAY_S)
    server.deliver(a_mail("opened"), flags="\\Seen")
    server.deliver(a_mail("ann"))
    await a_round(office, server)
    first = await writers(office)
    server.deliver(a_mail("bob"))
    server.deliver(a_mail("cy"), flags="\\Seen")  # a colleague was quicker
    await a_round(office, server)

    assert first == ["ann"]
    assert await writers(office) == ["ann", "bob", "cy"]
    assert server.unread() == 1  # the old one
    assert server.total() == 5


class BeforeTaking(Session):
    async def message(self, uid: int, first: int) -> bytes | None:
        raise Unavailable(f"cut at {uid} {first}", vendor="imap")


class BeforeMarking(Session):
    async def mark_read(self, uid: int) -> None:
        raise Unavailable(f"cut at {uid}", vendor="imap")


class BeforeRemembering(Session):
    async def mark_read(self, uid: int) -> None:
        await super().mark_read(uid)
        raise Unavailable("cut", vendor="imap")


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize(
    ("cut", "is_ours", "unread"), [(BeforeTaking, False, 1), (BeforeMarking, True, 1), (BeforeRemembering, True, 0)]
)
async def test_wherever_it_is_cut_off_the_next_round_does_the_rest(
    office: Office, server: ImapServer, cut: type[Session], is_ours: bool, unread: int, is_first: bool
) -> None:
    if not is_first:
        await a_round(office, server)
    server.deliver(a_mail("ann"))
    with pytest.raises(ProviderError, match="cut"):
        await a_round(office, server, cut)
    assert (await writers(office), server.unread()) == (["ann"] if is_ours else [], unread)
    for _ in range(2):
        await a_round(office, server)

    assert await writers(office) == ["ann"]
    assert server.unread() == 0
    assert len(await rows(office.db, "select 1 from capture")) == 1
    assert await rows(office.db, "select 1 from message") == []


class ReadOnly(Session):
    async def mark_read(self, uid: int) -> None:
        raise Rejected(f"may not mark {uid}", vendor="imap")


async def test_a_mailbox_that_may_not_be_marked_is_read_all_the_same(office: Office, server: ImapServer) -> None:
    server.deliver(a_mail("ann"), a_mail("bob"))
    await a_round(office, server, ReadOnly)

    assert await a_round(office, server, ReadOnly) == 0
    assert await writers(office) == ["ann", "bob"]


async def test_the_same_mail_many_times_in_the_mailbox_is_one_lead(office: Office, server: ImapServer) -> None:
    await a_round(office, server)
    server.deliver(*[a_mail("ann")] * 30, a_mail("bob"), *[a_mail("ann")] * 20)
    await a_round(office, server)

    assert await writers(office) == ["ann", "bob"]
    assert len(await rows(office.db, "select 1 from capture")) == 2
    assert await rows(office.db, "select 1 from message") == []


async def test_a_mailbox_numbered_anew_loses_and_doubles_nothing(office: Office, server: ImapServer) -> None:
    server.deliver(a_mail("ann"))
    await a_round(office, server)
    server.deliver(a_mail("bob"), flags="\\Seen")
    await rows(office.db, "update mailbox set validity = validity - 1, read_to = 999")
    while await a_round(office, server):
        pass

    assert await writers(office) == ["ann", "bob"]
    assert len(await rows(office.db, "select 1 from capture")) == 2


async def test_of_a_mail_too_large_to_read_the_beginning_is(
    office: Office, server: ImapServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mailbox, "MAX_MAIL", 2_000)
    server.deliver(a_mail("ann", "Is 12 Oak St still for sale?\r\n" + "x" * 5_000))
    await a_round(office, server)

    assert await writers(office) == ["ann"]
    assert server.unread() == 0


async def test_a_login_refused_a_missing_folder_and_a_dead_server_are_told_apart(server: ImapServer) -> None:
    for url, kind in (
        (server.url(password="wrong"), BadCredentials),
        (server.url(folder="Nowhere"), Rejected),
        ("imap://a:b@localhost:1/INBOX", Unavailable),
    ):
        with pytest.raises(kind) as told:
            async with imap.session(Address(url)):
                pass
        assert "wrong" not in str(told.value)


async def with_mailbox(office: Office, url: str) -> None:
    office.base_settings = replace(office.base_settings, values={**office.base_settings.values, "IMAP_URL": url})
    await office.refresh()


async def test_health_says_what_is_wrong_with_the_mailbox_and_when_it_is_well(
    office: Office, server: ImapServer
) -> None:
    found = {}
    for password in ("wrong", None):
        await with_mailbox(office, server.url(password=password) if password else server.url())
        running = asyncio.create_task(Mailbox(office).run())

        async def is_told(wanted: Level) -> bool:
            found[wanted] = await incoming.finding(office)
            return found[wanted].level is wanted

        level = Level.FAILED if password else Level.OK
        await until(lambda level=level: is_told(level))  # type: ignore[misc]
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running

    assert "refuses the login" in found[Level.FAILED].text
    assert "password made for apps" in found[Level.FAILED].mend
    assert "is read every few seconds" in found[Level.OK].text


async def test_of_two_processes_one_reads(office: Office, server: ImapServer) -> None:
    server.deliver(a_mail("ann"))
    await with_mailbox(office, server.url())
    running = [asyncio.create_task(Mailbox(office).run()) for _ in range(2)]

    async def is_there() -> bool:
        return await writers(office) == ["ann"]

    await until(is_there)
    locks = await rows(office.db, "select granted from pg_locks where locktype = 'advisory' and objid = %s", 7_230_020)
    assert [row["granted"] for row in locks] == [True]
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def test_an_answer_to_our_mail_comes_back_to_its_lead(
    database_url: str, tmp_path: Path, server: ImapServer
) -> None:
    """The whole way: our first mail at the vendor, the lead's answer to it in the mailbox, the words on the thread."""
    with_mail = {"IMAP_URL": server.url(), "INBOUND_ADDRESS": "reply@in.example.com"}
    async with a_house(database_url, tmp_path / "data", **with_mail) as house:
        lead_id = (await house.post({"name": "Ann Lee", "email": "ann@example.com"})).json()["lead_id"]
        await house.settled()
        [(ours, headers)] = [
            (mail, each["headers"])
            for mail in await house.mails()
            for each in mail["personalizations"]
            if each["to"][0]["email"] == "ann@example.com"
        ]
        assert "<mailto:reply+u" in headers["List-Unsubscribe"]
        assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        server.deliver(
            f"From: ann.private@example.org\r\nTo: {ours['reply_to']['email']}\r\nSubject: Re: {ours['subject']}\r\n"
            f"Message-ID: <answer@example.org>\r\n\r\nSunday at ten?\r\n".encode()
        )

        await until(lambda: _said(house, lead_id, "Sunday at ten?"), limit_s=40)
        assert len(await house.rows("select 1 from lead")) == 1


async def _said(house: House, lead_id: str, words: str) -> bool:
    return any(entry["kind"] == "reply" and entry["body"] == words for entry in await house.timeline(lead_id))
