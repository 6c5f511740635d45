"""Every decision is on record with what it was made by, and comes out the same when it is made again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_rule_tables import LATER, LEAD, load

from leadwake.compliance.decision import Facts, Message
from leadwake.compliance.gate import may_send
from leadwake.compliance.hours import Hours
from leadwake.compliance.policy import Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.ops.replaying import Replayed, Replayer
from leadwake.storage import decisions, policies, rule_tables
from leadwake.storage.keys import MasterKey
from leadwake.storage.vault import Vault
from office_case import House, rows, until

TABLES = Tables.load()
VAULT, _ = Vault.bootstrap(MasterKey.generate())


async def outcomes(house: House) -> list[tuple[Replayed, int]]:
    replayer = Replayer(house.office)
    return [((await replayer.replay(row))[0], row["id"]) async for row in decisions.everything(house.office.db)]


async def a_story(house: House) -> UUID:
    """A lead answered at once; another held back by the team, then under new tables; one blocked."""
    first = (await house.post(LEAD | {"email": "ann@example.com"})).json()
    await house.reaches(first["inquiry_id"], "sms", "sent", "delivered")
    await house.reaches(first["inquiry_id"], "email", "sent", "delivered")
    await policies.change(
        house.office.db, at=house.now, by="user 1", reason="", before=0, value=Policy(hours=Hours(13 * 60, 18 * 60))
    )
    await until(lambda: _is(house.office.policy.version == 1))
    asked = (house.now - timedelta(hours=1)).isoformat()
    second = (await house.post(LEAD | {"phone": "+12125550177", "name": "Bo Hall", "received_at": asked})).json()
    await house.reaches(second["inquiry_id"], "sms", "deferred")
    tables = await load(house.office, LATER)
    await until(lambda: _is(house.office.tables.version == tables.version))
    third = (await house.post(LEAD | {"phone": "+14165550100", "name": "Cy Ito"})).json()
    await house.reaches(third["inquiry_id"], "sms", "blocked")
    return UUID(first["lead_id"])


async def _is(value: bool) -> bool:
    return value


async def test_sends_deferrals_and_blocks_are_on_record_and_replay_to_themselves(house: House) -> None:
    lead_id = await a_story(house)
    found = await rows(house.office.db, "select * from decision order by id")

    assert {"send", "defer", "block"} == {row["outcome"] for row in found}
    assert {how for how, _ in await outcomes(house)} == {Replayed.SAME}
    assert len({row["table_version"] for row in found}) == 2
    assert {row["policy_version"] for row in found} == {0, 1}
    text, mail = sorted(await decisions.of_lead(house.office.db, lead_id), key=lambda row: row["channel"], reverse=True)
    assert (text["channel"], text["outcome"], text["template"], text["template_version"]) == (
        "sms", "send", "instant_reply.sms", 0,
    )  # fmt: skip
    assert text["sender"] == house.office.settings.credential("twilio", "TWILIO_FROM")
    assert mail["sender"] == house.office.settings.mail_from
    assert text["consent_id"] is not None
    assert text["result"]["zones"] == ["America/New_York"]


async def test_the_log_names_nobody(house: House) -> None:
    await a_story(house)
    found = await rows(house.office.db, "select d::text as text from decision d")

    assert found
    for secret in ("2125550142", "2125550177", "4165550100", "ann@example.com", "Ann", "Bo Hall"):
        assert not any(secret in row["text"] for row in found)


async def test_decisions_about_an_erased_person_cannot_be_made_again_and_are_no_difference(house: House) -> None:
    lead_id = await a_story(house)
    await rows(house.office.db, "delete from vault.data_key where lead_id = %s", lead_id)
    counted = [how for how, _ in await outcomes(house)]

    assert counted.count(Replayed.ERASED) == 2
    assert Replayed.DIFFERENT not in counted


@pytest.mark.parametrize(
    "change",
    [
        "result = jsonb_set(result, '{reason}', '\"ok_fresh_inquiry\"')",
        "outcome = 'block'",
        "at = at + interval '12 hours'",
        "facts = jsonb_set(facts, '{consent}', '\"none\"')",
        "facts = '{}'",
        "sealed_message = '\\x01'",
        "table_version = '2020-01-01.0123456789ab'",
        "policy_version = 99",
        "channel = 'fax'",
    ],
)
async def test_a_changed_row_is_named(house: House, change: str) -> None:
    await a_story(house)
    first = (await outcomes(house))[0][1]
    async with house.office.db.transaction() as connection:  # as somebody who can do everything would
        await connection.execute("alter table decision disable trigger only_grows")
        await connection.execute(f"update decision set {change} where id = %s", [first])  # type: ignore[arg-type]
        await connection.execute("alter table decision enable trigger only_grows")

    assert [found for found in await outcomes(house) if found[0] is not Replayed.SAME] == [(Replayed.DIFFERENT, first)]


async def test_rules_of_any_time_are_found_by_their_versions(house: House) -> None:
    await a_story(house)
    db = house.office.db
    versions = {row["version"] for row in await rule_tables.history(db)}

    assert set(await rule_tables.by_version(db, [*versions, "none"])) == versions
    assert set(await policies.by_version(db, [0, 1, 9])) == {0, 1}


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.builds(
        Message, st.sampled_from(Channel), st.sampled_from(Purpose),
        st.text() | st.from_regex(r"\+1[2-9]\d{9}", fullmatch=True), st.none() | st.text(), st.none() | st.text(),
        st.none() | st.text(),
    ),
    st.sampled_from(ConsentLevel),
    st.none() | st.datetimes(timezones=st.just(UTC)),
    st.lists(st.datetimes(timezones=st.just(UTC)), max_size=4),
    st.sampled_from(["none", "national", "state", "internal"]),
    st.booleans(),
    st.datetimes(datetime(2026, 11, 20), datetime(2028, 12, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)  # fmt: skip
def test_whatever_was_decided_replays_to_itself(message, consent, asked, sent, dnc, flag, now) -> None:
    facts = Facts(consent, asked, tuple(sent), dnc, flag, asked, flag)
    policy = Policy(version=3, hours=Hours(600, 900), fresh_replies=flag, holds={"NY": now + timedelta(days=1)})
    decision = may_send(message, facts, TABLES, now, policy)
    key = VAULT.new_data_key()
    kept = decisions.evidence(message, facts, key, "+18135550100")
    row = {
        "id": 1, "at": now, "channel": message.channel.value, "purpose": message.purpose.value, "kek_id": key.kek_id,
        "wrapped": key.wrapped, "data_key_id": kept.data_key_id, "sealed_message": kept.message,
        "facts": json.loads(kept.facts), "result": decision.as_json(), "outcome": decision.outcome,
        "reason": decision.reason, "rule": decision.rule, "table_version": decision.table_version, "policy_version": 3,
        "action_id": uuid4(),
    }  # fmt: skip

    again = decisions.replay(row, VAULT, {TABLES.version: TABLES}, {3: policy})

    assert again == decision
    assert decisions.differences(row, again) == []
