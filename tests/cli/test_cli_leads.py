"""Leads and dead letters at the terminal."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

from command_case import CommandLine

from leadwake.workflows.intake import receive_lead

MARIA = {
    "name": "María López", "phone": "(813) 555-0194", "email": "maria@example.com", "source": "website",
    "message": "Is 12 Oak St\nstill there?",
}  # fmt: skip
#: what a stranger may write into a form
MALLORY = {"name": "Mallory \x1b]0;pwned\x07 \u202e", "email": "mallory@example.com", "message": "\x1b[2J\x9b31m"}


async def ask(leadwake: CommandLine, *leads: dict[str, str]) -> list[UUID]:
    async with leadwake.office() as office:
        return [(await receive_lead(office, json.dumps(lead).encode())).lead_id for lead in leads]  # type: ignore[misc]


async def test_leads_are_listed_newest_first_and_found_again(leadwake: CommandLine) -> None:
    maria, mallory = await ask(leadwake, MARIA, MALLORY)
    listed = leadwake("lead", "list", "--json").json

    assert [one["id"] for one in listed] == [str(mallory), str(maria)]
    assert (listed[1]["name"], listed[1]["phone"]) == ("María López", "+18135550194")
    assert {"score", "temperature", "reasons", "status", "agent", "first_touch_s"} <= set(listed[1])
    assert "María López" in leadwake("lead", "list", "--search", "lopez mar").out
    assert "María López" in leadwake("lead", "list", "--search", "813 555 0194").out
    assert leadwake("lead", "list", "--search", "zebra").out == ""
    assert len(leadwake("lead", "list", "--limit", "1").lines) == 2


async def test_a_lead_is_shown_with_all_that_happened(leadwake: CommandLine) -> None:
    (maria,) = await ask(leadwake, MARIA)
    shown, told = leadwake("lead", "show", str(maria)), leadwake("lead", "show", str(maria), "--json").json

    assert shown.code == 0
    assert "María López" in shown.out
    assert "Is 12 Oak St" in shown.out
    assert "+18135550194" in shown.out
    assert told["timeline"][0]["kind"] == "inquiry"
    assert told["contacts"][0]["consent"]
    assert "lead list" in leadwake("lead", "show", str(uuid4())).refused(1)


async def test_a_stranger_s_words_do_not_steer_the_terminal(leadwake: CommandLine) -> None:
    (mallory,) = await ask(leadwake, MALLORY)

    for words in (["lead", "list"], ["lead", "show", str(mallory)], ["lead", "show", str(mallory), "--json"]):
        answer = leadwake(*words)

        assert answer.code == 0
        assert answer.out.replace("\n", "").isprintable()


async def test_a_dead_letter_is_shown_and_planned_again(leadwake: CommandLine) -> None:
    await ask(leadwake, MARIA)
    leadwake.sql(
        "update action set state = 'dead', reason = 'rejected: 21211', settled_at = now(), due_at = null, "
        "wake_at = null where id = (select id from action where channel = 'email' and purpose <> 'staff' limit 1)"
    )
    (listed,) = leadwake("dead-letter", "list", "--json").json
    shown = leadwake("dead-letter", "show", listed["id"])
    replayed = leadwake("dead-letter", "replay", listed["id"])

    assert (listed["state"], listed["lead"]) == ("dead", "María López")
    assert shown.code == 0
    assert "21211" in shown.out
    assert replayed.lines == ["1 planned again."]
    assert leadwake.sql(f"select state, reason from action where id = '{listed['id']}'") == [("planned", "replayed")]
    assert leadwake("dead-letter", "list").out == ""
    assert "dead-letter list" in leadwake("dead-letter", "replay", listed["id"]).refused(1)
    assert leadwake("dead-letter", "replay", "--all").lines == ["There were none."]
