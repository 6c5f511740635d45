"""The channel for operations: each trouble told once when it begins, once when it is over."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

from leadwake.domain import ops_words
from leadwake.ops import slo, watching
from leadwake.storage.events import record
from leadwake.workflows import ops_mail
from office_case import House, a_house, hire, until, working
from slack_case import LEAD, calls

CHANNEL = "C0PRACTOPS0"


async def _told(house: House) -> list[str]:
    """What the channel was told, oldest first."""
    return [one["text"] for one in await calls(house, "chat.postMessage") if one["channel"] == CHANNEL]


async def _is_told(house: House, *beginnings: str) -> list[str]:
    async def holds() -> bool:
        return len(await _told(house)) >= len(beginnings)

    await until(holds)
    await house.settled()
    told = await _told(house)
    assert [text[: len(words)] for text, words in zip(told, beginnings, strict=True)] == list(beginnings)
    return told


async def _vendor(house: House, state: str, since_s: int = 61) -> None:
    await house.rows(
        "insert into vendor_state (vendor, state, reason, since, open_until)"
        " values ('twilio', %s, 'HTTP 503', now() - make_interval(secs => %s), now() + interval '1 hour')"
        " on conflict (vendor) do update set state = excluded.state, since = excluded.since",
        state, since_s,
    )  # fmt: skip


async def test_a_vendor_that_fails_is_told_once_and_so_is_its_return(idle_house: House) -> None:
    house = idle_house  # whose workers would look, too, by the time before the clock was set on
    await _vendor(house, "open", since_s=5)
    await watching.watch(house.office)
    assert not await house.rows("select 1 from ops_notice"), "a moment is nobody's message"

    await _vendor(house, "open")
    await asyncio.gather(*(watching.watch(house.office) for _ in range(5)))
    async with working(house.office):
        await _is_told(house, "Twilio is failing: HTTP 503.")

    house.advance(timedelta(minutes=12))
    await _vendor(house, "closed")
    await asyncio.gather(*(watching.watch(house.office) for _ in range(5)))
    async with working(house.office):
        told = await _is_told(house, "Twilio is failing", "Twilio is back after 12 min")
    assert len(told) == 2


async def test_a_trouble_that_was_over_before_it_could_be_told_is_not_told(idle_house: House) -> None:
    await _vendor(idle_house, "open")
    await watching.watch(idle_house.office)
    await _vendor(idle_house, "closed")
    idle_house.advance(timedelta(minutes=1))
    await watching.watch(idle_house.office)
    async with working(idle_house.office):
        await idle_house.settled()

    rows = await idle_house.rows("select recipient, state, reason from action where kind = 'ops_slack' order by 1")
    assert [tuple(row.values()) for row in rows] == [
        ("begun", "cancelled", "over_already"), ("over", "cancelled", "never_shown"),
    ]  # fmt: skip
    assert await _told(idle_house) == []


async def test_messages_that_need_a_person_are_told_by_kind_and_again_when_there_are_more(house: House) -> None:
    await house.post(LEAD)
    await house.settled()
    dies = "update action set state = 'dead', reason = 'vendor 400: no', settled_at = %s where kind = %s"
    await house.rows(dies, house.now, "crm")
    await watching.watch(house.office)
    await _is_told(house, "1 message needs a person")

    await house.rows(dies, house.now, "sms")
    await watching.watch(house.office)
    assert len(await _told(house)) == 1, "within the hour they are added to what was told"

    house.advance(timedelta(hours=1))
    await watching.watch(house.office)
    await _is_told(house, "1 message needs a person", "2 messages need a person")

    await house.rows("update action set state = 'cancelled' where state = 'dead'")
    await watching.watch(house.office)
    await _is_told(house, "1 message", "2 messages", "No message waits for a decision any more")


async def test_leads_that_wait_are_told_and_what_the_law_holds_is_not_counted(idle_house: House) -> None:
    house = idle_house
    for n in range(4):
        await house.post(LEAD | {"phone": f"+1813555014{n}", "email": f"m{n}@example.com"})
    house.advance(timedelta(seconds=70))
    late = await slo.windows(house.office, house.now)
    assert {minutes: (window.late, window.total) for minutes, window in late.items()} == dict.fromkeys(
        (5, 30, 60, 360), (4, 4)
    )
    assert "response" in await watching.trouble(house.office, house.now)

    await house.rows(
        "update action set state = 'blocked', due_at = null, wake_at = null, settled_at = now()"
        " where purpose = 'instant_reply'"
    )
    held = await slo.windows(house.office, house.now)
    assert {window.total for window in held.values()} == {0}
    assert "response" not in await watching.trouble(house.office, house.now)


async def test_each_morning_says_in_one_line_how_yesterday_was_and_only_once(database_url: str, tmp_path: Path) -> None:
    async with a_house(database_url, tmp_path / "data", TIME_ZONE="America/New_York") as house:
        lead = (await house.post(LEAD)).json()["lead_id"]
        await house.settled()
        async with house.office.db.transaction() as connection:
            await record(connection, house.now, "lead", "replied", lead_id=lead)
        house.advance(timedelta(hours=20, minutes=30))  # 8:30 the next morning
        for _ in range(3):
            await watching.watch(house.office)
        (line,) = await _is_told(house, "1 inquiries yesterday, 1 answered within 60 s")

        assert line.endswith("1 captures, all accounted for.")
        (notice,) = await house.rows("select content from ops_notice where about = 'day'")
        assert ops_words.begun("day", notice["content"]).text.startswith("Came of leads: 1 conversation.\n")


async def test_news_of_a_registration_reaches_the_channel_too(house: House) -> None:
    async with house.office.db.transaction() as connection:
        await ops_mail.tell(house.office, connection, house.office.team, "a2p_approved")

    await _is_told(house, "Texts go out now.")


async def test_where_no_channel_is_chosen_each_admin_has_the_morning_by_mail_once_and_whole(
    database_url: str, tmp_path: Path
) -> None:
    slack = {"SLACK_TOKEN": "xoxb-no-channel", "SLACK_URL": "http://127.0.0.1:9"}
    async with a_house(database_url, tmp_path / "data", TIME_ZONE="America/New_York", **slack) as house:
        await hire(house.office, name="Ada Min", email="ada@example.com", role="admin", practice=False)
        await house.post(LEAD)
        await house.settled()
        await house.rows(
            "insert into probe_look values (gen_random_uuid(), 'office', %s, 900, true, null, %s)",
            house.now, house.now + timedelta(days=41),
        )  # fmt: skip
        house.advance(timedelta(hours=20, minutes=30))  # 8:30 the next morning
        for _ in range(3):
            await watching.watch(house.office)
        await house.settled()
        told = [
            mail for mail in await house.mails() if mail["personalizations"][0]["to"][0]["email"] == "ada@example.com"
        ]
        (mail,) = [one for one in told if "Leadwake today" in str(one)]
        said = mail["content"][0]["value"]

    assert "1 inquiries yesterday, 1 answered within 60 s" in said
    assert "28 days: 1 of 1 answered within 60 s; 100 % of the error budget is left" in said
    assert "From outside, “office”: 100.000 % up in 28 days, unknown for" in said
    assert "the certificate ends in 40 days." in said
    assert "Backups: the first is made a few hours after the first start" in said
    assert "Disk: " in said
