"""Routing rules in versions, decisions kept, shares counted; an erased person's are gone."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from leadwake.domain.routing_rules import EVERYONE, STANDARD, Conditions, RoutingRules, Rule
from leadwake.domain.routing_rules_json import rules_json
from leadwake.errors import ConfigError
from leadwake.ops import erasure, export
from leadwake.storage import routing_decisions, routing_rules
from leadwake.storage.routing_rules import RulesMoved
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office
from office_case import House, hire, rows
from routing_case import NOON

TEXAS = RoutingRules(0, (Rule("Texas", Conditions(states=("TX",)), ("nobody",)), Rule(EVERYONE)))


async def save(office: Office, rules: RoutingRules, before: int = 0) -> RoutingRules:
    return await routing_rules.change(office.db, at=NOON, by="cli", reason="why", before=before, value=rules)


async def licensed(office: Office, person: Person, *states: str) -> None:
    await rows(office.db, "update app_user set licences = %s where id = %s", list(states), person.id)
    await office.refresh()


#: scores more than 70
HOT = {
    "channel": "live_chat", "source": "referral", "timeline": "ASAP", "interest": "sell_home", "budget": "$500k",
    "message": "Please call me today about 12 Oak St, I need to sell my house, closing on Monday.",
}  # fmt: skip


async def test_each_change_is_a_version_and_every_process_hears_of_it(office: Office) -> None:
    assert office.routing == STANDARD

    new = await save(office, TEXAS)
    await office.refresh()
    await save(office, STANDARD, before=1)

    assert (new.version, office.routing) == (1, new)
    await office.refresh()
    assert office.routing == RoutingRules(2)
    assert [row["version"] for row in await routing_rules.history(office.db)] == [2, 1]
    assert await routing_rules.by_version(office.db, 1) == new
    events = await rows(office.db, "select data from event where kind = 'routing_rules_changed' order by id")
    assert [event["data"]["version"] for event in events] == [1, 2]


async def test_a_change_made_from_an_older_version_is_refused(office: Office) -> None:
    await save(office, TEXAS)

    with pytest.raises(RulesMoved):
        await save(office, TEXAS)


async def test_versions_only_grow(office: Office) -> None:
    await save(office, TEXAS)

    for change in ("update routing_rules set reason = ''", "delete from routing_rules", "delete from routing_decision"):
        with pytest.raises(psycopg.errors.RestrictViolation):
            await rows(office.db, change)  # type: ignore[arg-type]


async def test_rules_of_a_newer_leadwake_are_not_guessed(office: Office) -> None:
    await rows(
        office.db,
        "insert into routing_rules values (1, now(), now(), 'cli', '', %s::jsonb)",
        '{"rules": [{"name": "x", "when": {"weather": "nice"}}]}',
    )

    with pytest.raises(ConfigError, match="newer"):
        await office.refresh()


async def test_a_newcomer_catches_up_by_three_hot_leads_and_then_takes_turns(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    [dana] = office.team
    await rows(office.db, "update agent_load set served = 900, served_hot = 300 where agent_id = %s", dana.id)
    sam = await hire(office, name="Sam Seller", email="sam@example.com")
    given = []
    for number in range(8):
        hot = HOT | {"name": f"Person {number}", "phone": f"+1813555{1000 + number}", "email": f"p{number}@example.com"}
        receipt = (await house.post(hot)).json()
        [row] = await routing_decisions.of_lead(office.db, UUID(receipt["lead_id"]))
        given.append(str(row["agent_id"]))

    # the newcomer stands at one lead less than Dana, and three to catch up
    assert given.count(str(sam.id)) == 6
    assert set(given[4:6]) == set(given[6:8]) == {str(dana.id), str(sam.id)}
    shares = {
        share.agent_id: share for share in await routing_decisions.hot_shares(office.db, NOON - timedelta(days=30))
    }
    assert (shares[sam.id].given, shares[dana.id].given) == (6, 2)
    assert shares[sam.id].due == shares[dana.id].due == 4.0


async def test_a_lead_has_the_decision_in_its_story_and_its_export_until_it_is_erased(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    [dana] = office.team
    await licensed(office, dana, "FL")
    receipt = (await house.post({"name": "Maria Lopez", "phone": "813-555-0194", "state": "FL"})).json()

    timeline = await house.timeline(receipt["lead_id"])
    told = [entry for entry in timeline if entry["kind"] == "assigned"]
    whole = await export.collect(office, UUID(receipt["lead_id"]))
    await erasure.erase(office, UUID(receipt["lead_id"]), "cli")

    [entry] = told
    assert re.fullmatch(r"Routed to Dana Reyes: licensed FL, \d open, on shift, score \d+", entry["text"])
    assert entry["why"] == "the best fit of everyone"
    assert [(row["agent"], row["licence"]) for row in whole["routing"]] == [("Dana Reyes", "FL")]
    assert await routing_decisions.of_lead(office.db, UUID(receipt["lead_id"])) == []


async def test_what_is_stored_of_a_decision_is_ids_and_codes(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    await house.post({"name": "Maria Lopez", "phone": "813-555-0194", "interest": "a pink castle"})
    [row] = await rows(office.db, "select trace::text as trace from routing_decision")

    assert not any(word in row["trace"] for word in ("Dana", "Maria", "castle", "8135550194"))


def test_rules_as_stored_are_plain_json() -> None:
    assert rules_json(TEXAS)["rules"] == [
        {"name": "Texas", "when": {"states": ["TX"]}, "agents": ["nobody"]},
        {"name": "everyone"},
    ]
