"""`leadwake doctor`: what is wrong is found, and said with what mends it."""

from __future__ import annotations

from typing import Any

from command_case import Answer, CommandLine


def findings(answer: Answer) -> dict[str, dict[str, Any]]:
    """The last finding about each thing; none failed or worked without saying so."""
    for one in answer.json["findings"]:
        assert one["text"]
        assert one["mend"] or one["level"] in {"ok", "off"}
    return {one["about"]: one for one in answer.json["findings"]}


def test_an_empty_machine_has_things_to_look_at_and_nothing_wrong(bare: CommandLine) -> None:
    answer = bare("doctor")

    assert answer.code == 0
    assert "first `leadwake serve`" in answer.out
    assert "\x1b" not in answer.out
    assert not bare.data_dir.exists()  # looking changes nothing


def test_a_new_team_is_told_what_is_still_to_do(leadwake: CommandLine) -> None:
    answer = leadwake("doctor", "--json")
    found = findings(answer)

    assert answer.code == 0
    assert answer.json["ok"]
    assert found["database"]["level"] in {"ok", "warning"}  # the tests' server does not wait for the disk
    assert {name: found[name]["level"] for name in ("migrations", "notifications", "ledger", "rules of law")} == {
        "migrations": "ok", "notifications": "ok", "ledger": "ok", "rules of law": "ok",
    }  # fmt: skip
    assert {name: found[name]["level"] for name in ("twilio", "hubspot", "API keys")} == {
        "twilio": "off", "hubspot": "off", "API keys": "off",
    }  # fmt: skip
    assert found["workers"]["mend"] == "leadwake serve"
    assert "confirm" in found["master key"]["mend"]


def test_a_misspelt_setting_is_noticed(bare: CommandLine) -> None:
    found = findings(bare("doctor", "--json", TWILIO_ACOUNT_SID="AC1", SANDBOX_URL="http://127.0.0.1:1"))

    assert "LEADWAKE_TWILIO_ACOUNT_SID" in found["settings"]["text"]
    assert "LEADWAKE_TWILIO_ACCOUNT_SID" in found["settings"]["mend"]


def test_a_database_that_is_away_is_one_finding_among_others(bare: CommandLine) -> None:
    answer = bare("doctor", "--json", DATABASE_URL="postgresql://127.0.0.1:9/none")
    found = findings(answer)

    assert answer.code == 1
    assert found["database"]["level"] == "failed"
    assert found["twilio"]["level"] == "off"


def test_a_database_behind_this_version_is_to_be_migrated(unmigrated: CommandLine) -> None:
    answer = unmigrated("doctor", "--json")

    assert answer.code == 1
    assert findings(answer)["migrations"]["mend"] == "leadwake migrate"


def test_live_vendors_need_what_the_law_and_the_vendors_need(leadwake: CommandLine) -> None:
    secret = "never-to-be-shown"
    answer = leadwake(
        "doctor", "--json", "--offline", TWILIO_ACCOUNT_SID="AC1", TWILIO_AUTH_TOKEN=secret, TWILIO_FROM="+18135550100",
        SENDGRID_API_KEY=secret, SENDGRID_FROM="hello@realty.example.com", SMTP_URL=f"smtp://u:{secret}@127.0.0.1:9",
    )  # fmt: skip
    found = findings(answer)

    assert answer.code == 1
    assert {name for name, one in found.items() if one["level"] == "failed"} == {
        "business name", "A2P 10DLC", "public URL",
    }  # fmt: skip
    assert "STOP" in found["public URL"]["text"]
    assert "LEADWAKE_PUBLIC_URL" in found["unsubscribe links"]["mend"]
    assert "LEADWAKE_PRIVACY_URL" in found["privacy notice"]["mend"]
    assert found["sendgrid events"]["level"] == "warning"
    assert secret not in answer.out


def test_a_sender_that_hears_no_stop_is_refused(bare: CommandLine) -> None:
    answer = bare("doctor", TWILIO_FROM="HarborHomes")

    assert answer.code == 2
    assert "LEADWAKE_TWILIO_FROM" in answer.err


def test_paused_marketing_is_said_with_where_to_let_it_go_on(leadwake: CommandLine) -> None:
    leadwake.sql("insert into mail_pause (at, complaints) values (now(), 3)")
    found = findings(leadwake("doctor", "--json", "--offline"))["spam complaints"]

    assert found["level"] == "warning"
    assert "/setup/consent" in found["mend"]


def test_half_of_a_vendor_s_settings_is_a_mistake(leadwake: CommandLine) -> None:
    found = findings(leadwake("doctor", "--json", TWILIO_ACCOUNT_SID="AC1"))

    assert found["twilio"]["level"] == "warning"
    assert "LEADWAKE_TWILIO_AUTH_TOKEN and LEADWAKE_TWILIO_FROM" in found["twilio"]["text"]


def test_a_live_vendor_that_does_not_answer_is_wrong(leadwake: CommandLine) -> None:
    answer = leadwake("doctor", "--json", HUBSPOT_TOKEN="pat-x", HUBSPOT_URL="http://127.0.0.1:9")

    assert answer.code == 1
    assert "127.0.0.1:9" in findings(answer)["hubspot"]["mend"]


def test_what_waits_fails_and_needs_a_person_is_found(leadwake: CommandLine) -> None:
    leadwake.sql("insert into vendor_state (vendor, state, reason) values ('hubspot', 'open', 'bad credentials')")
    common = "gen_random_uuid(), gen_random_uuid(), 'crm', 'crm', 'staff', now()"
    leadwake.sql(
        "insert into action (id, cause_id, kind, channel, purpose, created_at, recipient, state, due_at, wake_at,"
        " settled_at)"
        f" values ({common}, 'a', 'planned', now() - interval '10 min', now(), null),"
        f" ({common}, 'b', 'dead', null, null, now())"
    )
    answer = leadwake("doctor", "--json", "--offline", HUBSPOT_TOKEN="pat-x")
    found = findings(answer)

    assert answer.code == 1
    assert found["waiting"]["level"] == "failed"
    assert "oldest by 10 min" in found["waiting"]["text"]
    assert "bad credentials" in found["hubspot calls"]["text"]
    assert found["dead letters"]["mend"] == "leadwake dead-letter list"


def test_a_directory_others_may_write_to_is_wrong(leadwake: CommandLine) -> None:
    leadwake("ledger")
    leadwake.data_dir.chmod(0o777)
    answer = leadwake("doctor", "--json")

    assert answer.code == 1
    assert "chmod" in findings(answer)["data directory"]["mend"]


def test_a_clock_of_its_own_is_said(bare: CommandLine) -> None:
    found = findings(bare("doctor", "--json", CLOCK="2026-12-01T15:00:00Zx60"))

    assert "LEADWAKE_CLOCK" in found["clock"]["mend"]
