"""Routing rules in versions, decisions kept, shares counted; an erased person's are gone."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from leadwake.domain.routing import route
from leadwake.domain.routing_rules import EVERYONE, STANDARD, Conditions, RoutingRules, Rule
from leadwake.domain.routing_rules_json import rules_json
from leadwake.domain.values import Inquiry
from leadwake.errors import ConfigError
from leadwake.ops import erasure, export
from leadwake.storage import routing_decisions, routing_rules
from leadwake.storage.routing_rules import RulesMoved
from leadwake.storage.staff import Person
from leadwake.workflows import routing_facts
from leadwake.workflows.office import Office
from office_case import House, hire, rows
from routing_case import NOON, lead

TEXAS = RoutingRules(0, (Rule("Texas", Conditions(states=("TX",)), ("nobody",)), Rule(EVERYONE)))


async def save(office: Office, rules: RoutingRules, before: int = 0) -> RoutingRules:
    return await routing_rules.change(office.db, at=NOON, by="cli", reason="why", before=before, value=rules)


async def licensed(office: Office, person: Person, *states: str) -> None:
    await rows(office.db, "update app_user set licences = %s where id = %s", list(states), person.id)
    await office.refresh()


async def decide(office: Office, lead_id: UUID, inquiry_id: UUID, **about: Any) -> str | None:
    """Routes a lead as it stands now, keeps the decision and offers the lead, as intake does."""
    asked = lead(**{"state": "FL"} | about)
    team = routing_facts.candidates(
        office.team, office.agents, await routing_decisions.loads(office.db), office.settings.time_zone, NOON
    )
    trace = route(asked, team, office.routing, NOON)
    async with office.db.transaction() as connection:
        await routing_decisions.keep(connection, lead_id, inquiry_id, trace, office.routing.version, NOON)
        if trace.chosen:
            await connection.execute(
                "insert into offer (id, lead_id, inquiry_id, agent_id, step, code, temperature, weight, at, due_at, "
                "state) values (%s, %s, %s, %s, 0, 0, %s, %s, %s, %s, 'open')",
                (uuid4(), lead_id, inquiry_id, trace.chosen, trace.temperature, trace.weight, NOON, NOON),
            )
    assert trace.chosen, trace
    return trace.chosen


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


async def test_the_team_is_seen_with_what_each_has_on_their_hands(idle_house: House) -> None:
    office = idle_house.office
    [dana] = office.team
    sam = await hire(office, name="Sam Rest", email="sam@example.com", practice=False, takes_leads=False)
    await hire(office, name="Max Boss", email="max@example.com", practice=False, takes_leads=False, role="manager")
    loads = {dana.id: routing_decisions.Load(2, 1, 5.0, 3.0)}

    found = routing_facts.candidates(office.team, office.agents, loads, office.settings.time_zone, NOON)

    assert [(each.id, each.takes_leads, each.load, each.served_hot) for each in found] == [
        (str(dana.id), True, 3, 3.0),
        (str(sam.id), False, 0, 0.0),
    ]


def test_the_state_is_the_declared_one_else_the_zips_and_never_the_area_codes(office: Office) -> None:
    inquiry = Inquiry("Ana", "+18135550194", None, "web_form", "website", NOON, message="Hola, busco una casa")

    def state(**about: Any) -> str | None:
        return routing_facts.asked(_with(inquiry, **about), 80, "hot", office.tables).state

    assert state() is None
    assert state(postal_code="78701") == "TX"
    assert state(postal_code="78701", state="FL") == "FL"
    assert state(country="PR") == "PR"
    assert routing_facts.asked(inquiry, 80, "hot", office.tables).language == "es"
    assert routing_facts.asked(_with(inquiry, extra={"language": "English"}), 1, "cold", office.tables).language == "en"


def _with(inquiry: Inquiry, **about: Any) -> Inquiry:
    return dataclasses.replace(inquiry, **about)


async def test_a_newcomer_catches_up_by_three_hot_leads_and_then_takes_turns(idle_house: House) -> None:
    house, office = idle_house, idle_house.office
    [dana] = office.team
    await rows(office.db, "update agent_load set served = 900, served_hot = 300 where agent_id = %s", dana.id)
    sam = await hire(office, name="Sam Seller", email="sam@example.com")
    given = []
    for number in range(8):
        receipt = (await house.post({"name": f"Person {number}", "phone": f"+1813555{1000 + number}"})).json()
        given.append(await decide(office, UUID(receipt["lead_id"]), UUID(receipt["inquiry_id"])))

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
    await decide(office, UUID(receipt["lead_id"]), UUID(receipt["inquiry_id"]))

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
    receipt = (await house.post({"name": "Maria Lopez", "phone": "813-555-0194", "interest": "a pink castle"})).json()
    await decide(office, UUID(receipt["lead_id"]), UUID(receipt["inquiry_id"]), interest="a pink castle")
    [row] = await rows(office.db, "select trace::text as trace from routing_decision")

    assert not any(word in row["trace"] for word in ("Dana", "Maria", "castle", "8135550194"))


def test_rules_as_stored_are_plain_json() -> None:
    assert rules_json(TEXAS)["rules"] == [
        {"name": "Texas", "when": {"states": ["TX"]}, "agents": ["nobody"]},
        {"name": "everyone"},
    ]
