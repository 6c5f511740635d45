"""Workflow 1 over the whole set of sample leads: each answered as the rules say, nobody twice, nothing lost."""

from __future__ import annotations

import csv
import json
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from office_case import House, a_house

sys.path.append(str(Path(__file__).parents[1] / "properties"))
import gate_oracle

#: 4:00 in New York, 1:00 in Los Angeles, 23:00 in Honolulu: closed hours wherever a US number may be
NIGHT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def _read(shared: Path) -> tuple[list[dict[str, Any]], dict[str, dict[str, str]]]:
    folder = shared / "data"
    leads = [json.loads(line) for line in (folder / "leads_intake.jsonl").read_text("utf-8").splitlines()]
    with (folder / "leads_intake_expected.csv").open(encoding="utf-8", newline="") as file:
        expected = {row["id"]: row for row in csv.DictReader(file)}
    return leads, expected


class Rules:
    """What must become of each inquiry at night, from the rules alone (compliance rules, sections 1 and 2)."""

    def __init__(self) -> None:
        self._levels: dict[tuple[str, str], str] = {}
        self._texted: set[str] = set()
        self._said: set[tuple[object, ...]] = set()

    def expect(self, lead: dict[str, Any], row: dict[str, str]) -> dict[str, tuple[set[str], str | None]]:
        """kind → (the states it may end in, the reason)."""
        person = row["duplicate_of"] or row["id"]
        said = (person, *(lead[key] for key in ("message", "interest", "page_url", "source")))
        repeats = said in self._said
        self._said.add(said)
        return {
            "sms": self._text(lead, row, person, repeats),
            "email": self._mail(lead, row, person, repeats),
            "crm": ({"sent"}, None) if _has(row, "phone_e164") or _has(row, "email_normalised")
            else ({"skipped"}, "no_contact"),
            "alert_sms": ({"sent", "delivered"}, None),
            "alert_email": ({"sent", "delivered"}, None),
            "alert_slack": ({"sent"}, None),
        }  # fmt: skip

    def _text(
        self, lead: dict[str, Any], row: dict[str, str], person: str, repeats: bool
    ) -> tuple[set[str], str | None]:
        number = row["phone_e164"]
        if not _has(row, "phone_e164"):
            return {"skipped"}, "no_number"
        level = self._level(lead, "sms", (person, number))
        if repeats:
            return {"skipped"}, "same_inquiry_again"
        if not number.startswith("+1"):
            return {"blocked"}, "country_not_enabled"
        case = {
            "digits": number[2:], "state": lead["state"] or "", "zip": lead["postal_code"] or "", "channel": "sms",
            "purpose": "instant_reply", "consent": level, "now": NIGHT, "inquiry": NIGHT, "dnc": "none", "prior": [],
        }  # fmt: skip
        if level == "declined":
            return {"blocked"}, "declined"
        if number in self._texted:
            return {"blocked"}, "already_answered"
        decision, _, reason = gate_oracle.judge(case)
        if decision == "send":
            self._texted.add(number)
            return {"sent", "delivered"}, None
        return ({"deferred"} if decision == "defer" else {"blocked"}), reason

    def _mail(
        self, lead: dict[str, Any], row: dict[str, str], person: str, repeats: bool
    ) -> tuple[set[str], str | None]:
        if not _has(row, "email_normalised"):
            return {"skipped"}, "no_address"
        level = self._level(lead, "email", (person, row["email_normalised"]))
        if repeats:
            return {"skipped"}, "same_inquiry_again"
        blocked = {"declined": "declined", "none": "no_consent"}.get(level)
        return ({"blocked"}, blocked) if blocked else ({"sent", "delivered"}, None)

    def _level(self, lead: dict[str, Any], channel: str, contact: tuple[str, str]) -> str:
        """No sample has every field of proof, so a yes is worth an inquiry; a no stands until proof of a yes."""
        answer = (lead["consent"] or {}).get(channel)
        said = "declined" if answer is False else "none" if lead["channel"] == "csv" else "inquiry"
        before = self._levels.get(contact, "none")
        after = "declined" if "declined" in {before, said} else "inquiry" if "inquiry" in {before, said} else "none"
        self._levels[contact] = after
        return after


def _has(row: dict[str, str], column: str) -> bool:
    return row[column] != "none"


async def test_three_hundred_leads_at_night_each_get_what_the_rules_say(
    shared: Path, database_url: str, tmp_path: Path
) -> None:
    leads, expected = _read(shared)
    rules, receipts, wanted, numbers = Rules(), {}, {}, set()
    async with a_house(database_url, tmp_path / "data", now=NIGHT) as house:
        for lead in leads:
            body = {key: value for key, value in lead.items() if key not in {"id", "_src"}}
            number = expected[lead["id"]]["phone_e164"]
            if number in numbers:
                await house.settled()  # what they say now must not come before the answer to what they asked first
            numbers.add(number)
            answer = await house.post(body)
            assert answer.status_code == 202, answer.text
            receipts[lead["id"]] = answer.json()
            wanted[lead["id"]] = rules.expect(lead, expected[lead["id"]])
        await house.settled()

        _same_people(expected, receipts)
        await _right_actions(house, receipts, wanted)
        await _nobody_twice_at_the_vendor(house, expected, receipts, wanted)
        book = await house.ledger()
        known = sum(1 for row in expected.values() if row["duplicate_of"])
        assert book.problems == []
        assert book.captures == {"lead": 300 - known, "known": known, "spam": 0, "rejected": 0, "pending": 0}
        # an offer that ends takes its alert in Slack back, whenever that is
        planned = await house.rows("select count(*) as n from action where kind <> 'alert_taken_slack'")
        assert planned == [{"n": 300 * 7}]


def _same_people(expected: dict[str, dict[str, str]], receipts: dict[str, dict[str, Any]]) -> None:
    first: dict[str, str] = {}
    for lead_id, row in expected.items():
        receipt = receipts[lead_id]
        assert receipt["duplicate"] == bool(row["duplicate_of"]), lead_id
        person = row["duplicate_of"] or lead_id
        assert first.setdefault(person, receipt["lead_id"]) == receipt["lead_id"], lead_id
    assert len(set(first.values())) == len(first)


async def _right_actions(house: House, receipts: dict[str, Any], wanted: dict[str, Any]) -> None:
    found: dict[str, dict[str, tuple[str, str | None]]] = {}
    for row in await house.rows("select cause_id::text as cause, kind, state, reason from action"):
        found.setdefault(row["cause"], {})[row["kind"]] = (row["state"], row["reason"])
    for lead_id, kinds in wanted.items():
        actions = found[receipts[lead_id]["inquiry_id"]]
        assert actions.keys() == {*kinds, "enrich"}, lead_id
        assert actions["enrich"][0] in {"sent", "skipped"}, lead_id
        for kind, (states, reason) in kinds.items():
            state, why = actions[kind]
            assert (state in states, why) == (True, reason), f"{lead_id} {kind}: {state} {why}, not {states} {reason}"


async def _nobody_twice_at_the_vendor(
    house: House, expected: dict[str, dict[str, str]], receipts: dict[str, Any], wanted: dict[str, Any]
) -> None:
    agent = "+18135550101"
    to_leads = Counter(text["To"] for text in await house.texts() if text["To"] != agent)
    may = {expected[lead_id]["phone_e164"] for lead_id, kinds in wanted.items() if "sent" in kinds["sms"][0]}
    assert to_leads == dict.fromkeys(may, 1)

    mails = Counter(mail["personalizations"][0]["to"][0]["email"] for mail in await house.mails())
    due = Counter(
        expected[lead_id]["email_normalised"] for lead_id, kinds in wanted.items() if "sent" in kinds["email"][0]
    )
    assert mails - Counter({"dana@example.com": 300}) == due
    # each mail its own Message-ID: a mailbox drops none of them as a copy
    ids = [mail["personalizations"][0]["headers"]["Message-ID"] for mail in await house.mails()]
    assert len(ids) == len(set(ids))


async def test_a_text_at_night_waits_for_the_morning_and_the_mail_goes_at_once(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", now=NIGHT) as house:
        # Pennsylvania opens at 9:00 and does not exempt answers to inquiries
        lead = {"name": "Nora Lee", "phone": "+12155550142", "email": "nora@example.com", "postal_code": "19103"}
        receipt = (await house.post(lead)).json()
        text = await house.reaches(receipt["inquiry_id"], "sms", "deferred")
        await house.reaches(receipt["inquiry_id"], "email", "sent", "delivered")
        said = [entry["text"] for entry in await house.timeline(receipt["lead_id"])]

        assert text["due_at"] == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
        assert text["decision"]["reason"] == "quiet_hours"
        assert any("9:00" in line for line in said), said

        house.advance(timedelta(hours=5, minutes=1))
        await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")
        held = [text["Body"] for text in await house.texts() if text["To"] == "+12155550142"]
        assert len(held) == 1
        assert (await house.ledger()).balanced


async def test_business_time_may_run_faster_and_the_morning_comes_sooner(database_url: str, tmp_path: Path) -> None:
    evening = datetime(2026, 11, 25, 2, 30, tzinfo=UTC)  # 21:30 in Pennsylvania
    async with a_house(database_url, tmp_path / "data", now=evening, speed=20_000) as house:
        receipt = (await house.post({"name": "Nora Lee", "phone": "+12155550142", "state": "PA"})).json()
        await house.reaches(receipt["inquiry_id"], "sms", "deferred")
        text = await house.reaches(receipt["inquiry_id"], "sms", "sent", "delivered")

        assert text["claimed_at"] >= datetime(2026, 11, 25, 14, 0, tzinfo=UTC)
        assert len([text for text in await house.texts() if text["To"] == "+12155550142"]) == 1


async def test_a_deferred_text_is_dropped_when_its_person_says_stop_meanwhile(
    database_url: str, tmp_path: Path
) -> None:
    async with a_house(database_url, tmp_path / "data", now=NIGHT) as house:
        receipt = (await house.post({"name": "Nora Lee", "phone": "+12155550142", "state": "PA"})).json()
        await house.reaches(receipt["inquiry_id"], "sms", "deferred")
        await house.hear("+12155550142", "STOP")
        house.advance(timedelta(hours=6))
        await house.settled()

        assert (await house.action(receipt["inquiry_id"], "sms"))["state"] == "cancelled"
        texts = [text["Body"] for text in await house.texts() if text["To"] == "+12155550142"]
        assert len(texts) == 1
        assert "no more automated messages" in texts[0]


async def test_a_lead_nobody_can_be_reached_at_is_taken_in_and_shown_to_a_person(house: House) -> None:
    answer = await house.post({"name": "Nora Lee", "message": "call me some day"})
    await house.settled()
    read = (await house.http.get(f"/v1/leads/{answer.json()['lead_id']}")).json()

    assert answer.status_code == 202
    assert read["status"] == "unreachable"
    for kind, reason in (("sms", "no_number"), ("email", "no_address"), ("crm", "no_contact")):
        action = await house.action(answer.json()["inquiry_id"], kind)
        assert (action["state"], action["reason"]) == ("skipped", reason)
    assert (await house.action(answer.json()["inquiry_id"], "alert_email"))["state"] in {"sent", "delivered"}
