"""Alerts in Slack: what they say, where they go, and that they are taken back."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadwake.actions.planning import plan_now
from leadwake.actions.states import State
from leadwake.config import load
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person, Work
from leadwake.workflows import claiming, slack_alerts, suppression
from leadwake.workflows.routing import alert
from office_case import House, hire, until, working
from slack_case import DANA, SAM, an_unclaimed_lead, buttons, calls, changed, in_slack, posted, words

HOSTILE = "<!channel> *Bob* <https://evil.example|your bank> & <@U123>"


def _dana(slack_id: str | None = None) -> Person:
    return Person(new_id(), "Dana Reyes", "dana@example.com", None, "agent", True, work=Work(slack_id=slack_id))


@pytest.mark.parametrize(
    ("settings", "slack_id", "state", "reason"),
    [
        ({}, DANA, State.SKIPPED, "vendor_off"),
        ({"SLACK_TOKEN": "xoxb-1"}, None, State.SKIPPED, "no_slack"),
        ({"SLACK_TOKEN": "xoxb-1"}, DANA, State.PLANNED, None),
        ({"SLACK_TOKEN": "xoxb-1", "SLACK_CHANNEL": "C0LEADS123"}, None, State.PLANNED, None),
    ],
)
def test_an_alert_is_planned_where_it_can_go_and_skipped_with_the_reason_elsewhere(
    settings: dict[str, str], slack_id: str | None, state: State, reason: str | None
) -> None:
    found = load({f"LEADWAKE_{name}": value for name, value in settings.items()})
    planned = [action for action in alert(found, _dana(slack_id)) if action.kind == "alert_slack"]

    assert [(action.state, action.reason) for action in planned] == [(state, reason)]


async def test_the_agent_reads_who_it_is_why_now_and_what_became_of_the_text(idle_house: House) -> None:
    house = idle_house
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    async with working(house.office):
        (message,) = await posted(house)
    said, pressable = words(message), buttons(message)

    assert message["channel"] == DANA
    assert message["text"].endswith("lead: Maria Lopez")
    for part in ("*Maria Lopez*", "score ", "Wants to act this week (+35)", "Zillow", "12:00 where they are",
                 "<tel:+18135550142|(813) 555-0142>", "> Is 12 Oak St open?", "text"):  # fmt: skip
        assert part in said
    assert list(pressable) == ["Claim", "Pass", "Call"]
    assert (pressable["Claim"]["action_id"], pressable["Claim"]["value"]) == ("claim", lead_id)
    assert (pressable["Pass"]["action_id"], pressable["Pass"]["value"]) == ("pass", lead_id)
    assert pressable["Call"]["url"].startswith(f"{house.url}/a/")


async def test_who_has_no_slack_id_is_called_in_the_teams_channel_by_name(idle_house: House) -> None:
    lead_id = await an_unclaimed_lead(idle_house)
    async with working(idle_house.office):
        (message,) = await posted(idle_house)

    assert message["channel"] == "C0PRACTICE0"
    assert "For *Dana Reyes*" in words(message)
    # a channel has many readers: no link there opens anything without a password
    assert buttons(message)["Call"]["url"] == f"{idle_house.url}/leads/{lead_id}"
    assert "/a/" not in str(message)


async def test_a_lead_that_is_theirs_already_has_nothing_to_claim(idle_house: House) -> None:
    house = idle_house
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await house.rows("update lead set agent_id = %s where id = %s", house.office.agents[0].id, lead_id)
    async with working(house.office):
        (message,) = await posted(house)

    assert list(buttons(message)) == ["Call"]


async def test_nobody_is_alerted_of_a_lead_that_somebody_else_took_before_it_left(idle_house: House) -> None:
    house = idle_house
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    sam = await hire(house.office, name="Sam Ortiz", email="sam@example.com", phone="+18135550102")
    await house.rows("update lead set agent_id = %s where id = %s", sam.id, lead_id)
    async with working(house.office):
        await house.settled()
    found = await house.rows("select state, reason from action where kind = 'alert_slack'")

    assert [(row["state"], row["reason"]) for row in found] == [("cancelled", "offer_over")]
    assert await calls(house, "chat.postMessage") == []


async def test_what_a_lead_writes_rings_nobody_and_links_nowhere(idle_house: House) -> None:
    house = idle_house
    await in_slack(house, "Dana Reyes", DANA)
    await an_unclaimed_lead(house, name=HOSTILE, message=HOSTILE, source=HOSTILE)
    async with working(house.office):
        (message,) = await posted(house)
    shown = words(message) + message["text"]

    for piece in ("<!", "<@", "<https://evil"):
        assert piece not in shown
    assert "&lt;!channel&gt;" in shown
    page = (await house.sandbox.get("/?show=slack")).text
    assert "evil.example" in page
    assert 'class="ping"' not in page
    assert 'href="https://evil' not in page


async def test_a_novel_of_a_lead_still_fits_slacks_limits(idle_house: House) -> None:
    house = idle_house
    await in_slack(house, "Dana Reyes", DANA)
    await an_unclaimed_lead(house, name="<" * 190, message="&\n" * 4000)
    async with working(house.office):
        (message,) = await posted(house)

    assert all(len(block["text"]["text"]) <= 3000 for block in message["blocks"] if block["type"] == "section")


async def test_a_reply_that_needs_a_person_is_shown_in_their_own_words(house: House) -> None:
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await house.rows("update lead set agent_id = %s where id = %s", house.office.agents[0].id, lead_id)
    await posted(house)
    await house.hear("+18135550142", "I do not think so any more, maybe leave it <!here>")
    message = (await posted(house, 2))[-1]

    assert "*Maria Lopez* wrote back" in words(message)
    assert "> I do not think so any more, maybe leave it &lt;!here&gt;" in words(message)
    assert list(buttons(message)) == ["Call"]


# Taken back


async def test_whoever_takes_a_lead_takes_the_buttons_from_all_the_others(house: House) -> None:
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await posted(house)
    await house.settled()
    sam = await hire(house.office, name="Sam Ortiz", email="sam@example.com", phone="+18135550102")
    await house.rows("update offer set state = 'timed_out' where lead_id = %s", lead_id)
    await claiming.claim(house.office, UUID(lead_id), sam, by="page")
    (change,) = await changed(house)

    assert "Taken by Sam Ortiz." in words(change)
    assert "*Maria Lopez*" in words(change)
    assert "0142" not in words(change)
    assert buttons(change) == {}
    assert change["channel"].startswith("D")


async def test_the_one_who_takes_it_reads_that_it_is_theirs(house: House) -> None:
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = await an_unclaimed_lead(house)
    await posted(house)
    await house.settled()
    await claiming.claim(house.office, UUID(lead_id), house.office.agents[0], by="slack")
    (change,) = await changed(house)

    assert "You have this lead." in words(change)
    assert f"<{house.url}/leads/{lead_id}|Open the lead>" in words(change)


async def test_an_alert_is_taken_back_once_for_each_who_takes_it(house: House) -> None:
    office = house.office
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = UUID(await an_unclaimed_lead(house))
    await posted(house)
    await house.settled()
    dana = office.agents[0]
    done = []
    for taken_by in (None, None, dana, dana):
        async with office.db.transaction() as connection:
            done.append(await slack_alerts.retract(connection, office, lead_id, taken_by, house.now))
    await house.settled()
    changes = await calls(house, "chat.update")

    assert done == [1, 0, 1, 0]
    assert [words(change).splitlines()[1] for change in changes] == ["No longer offered to you."] * 2


async def test_only_the_alert_of_whom_the_offer_passed_by_is_taken_back(house: House) -> None:
    office = house.office
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = UUID(await an_unclaimed_lead(house))
    await posted(house)
    sam = await hire(office, name="Sam Ortiz", email="sam@example.com", phone="+18135550102")
    async with office.db.transaction() as connection:
        others = await slack_alerts.retract(connection, office, lead_id, None, house.now, agent_id=sam.id)
        theirs = await slack_alerts.retract(connection, office, lead_id, None, house.now, agent_id=office.agents[0].id)

    assert (others, theirs) == (0, 1)


@pytest.mark.parametrize("ending", ["a stop", "a word with a colleague", "done"])
async def test_an_alert_is_taken_back_however_its_offer_ends(house: House, ending: str) -> None:
    office = house.office
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = UUID(await an_unclaimed_lead(house))
    await posted(house)
    await house.settled()
    sam = await hire(office, name="Sam Ortiz", email="sam@example.com", phone="+18135550102")
    if ending == "a stop":
        await suppression.stopped_by(office, lead_id, f"user {sam.id}")
    elif ending == "done":
        await claiming.finish(office, lead_id, sam)
    else:
        await suppression.contacted_by(office, lead_id, sam.id)
    (change,) = await changed(house)

    assert buttons(change) == {}
    assert ("Taken by Sam Ortiz." if ending == "a word with a colleague" else "No longer offered") in words(change)
    assert await slack_alerts.retract_stale(office) == 0


async def test_an_alert_that_is_being_posted_when_the_lead_is_taken_is_changed_afterwards(house: House) -> None:
    office = house.office
    await house.behave("slack", mode="slow", delay_ms=700)
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = UUID(await an_unclaimed_lead(house))
    await until(lambda: house.rows("select 1 from action where kind = 'alert_slack' and state = 'sending'"))
    async with office.db.transaction() as connection:
        assert await slack_alerts.retract(connection, office, lead_id, None, house.now) == 1
    (change,) = await changed(house)

    assert buttons(change) == {}
    assert len(await calls(house, "chat.postMessage")) == 1


# Lost answers


async def test_an_alert_whose_answer_was_lost_goes_once_more_and_says_so(house: House) -> None:
    await house.behave("slack", mode="cut")
    await in_slack(house, "Dana Reyes", DANA)
    await an_unclaimed_lead(house)
    await posted(house)
    await house.behave("slack", mode="ok")
    await house.leases_pass()
    first, second = await posted(house, 2)
    await house.settled()
    (action,) = await house.rows("select state, possible_duplicate from action where kind = 'alert_slack'")

    assert (action["state"], action["possible_duplicate"]) == ("sent", True)
    assert "second time" in words(second)
    assert "second time" not in words(first)


async def test_a_change_whose_answer_was_lost_is_simply_made_again(house: House) -> None:
    office = house.office
    await in_slack(house, "Dana Reyes", DANA)
    lead_id = UUID(await an_unclaimed_lead(house))
    await posted(house)
    await house.settled()
    await house.behave("slack", mode="cut")
    async with office.db.transaction() as connection:
        await slack_alerts.retract(connection, office, lead_id, None, house.now)
    await changed(house)
    await house.behave("slack", mode="ok")
    await until(lambda: house.rows("select 1 from action where kind = 'alert_taken_slack' and state = 'sent'"))

    assert not await house.rows("select 1 from action where possible_duplicate")


async def test_slack_away_holds_up_nothing_else(house: House) -> None:
    await house.behave("slack", mode="refuse")
    await in_slack(house, "Dana Reyes", DANA)
    receipt = (await house.post({"name": "Ann Lee", "phone": "+18135550150", "email": "ann@example.com"})).json()

    assert await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")
    assert await house.reaches(receipt["inquiry_id"], "alert_email", "sent", "delivered")


async def test_management_reads_in_slack_that_nobody_takes_care_and_may_claim_it(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    await hire(office, name="Max Boss", email="max@example.com", role="manager", takes_leads=False)
    await in_slack(house, "Max Boss", SAM)
    await house.rows("update app_user set disabled_at = now() where slack_id is distinct from %s", SAM)
    await office.refresh()
    lead_id = UUID(await an_unclaimed_lead(house))
    boss = office.team[-1]
    planned = [action for action in alert(office.settings, boss, "unattended") if action.channel == "slack"]
    async with office.db.transaction() as connection:
        await plan_now(connection, planned, lead_id=lead_id, cause_id=new_id(), now=house.now)
    async with working(office):
        message = next(one for one in await posted(house) if one["channel"] == SAM)

    assert "waits: nobody has claimed them." in words(message)
    assert list(buttons(message)) == ["Claim", "Call"]
