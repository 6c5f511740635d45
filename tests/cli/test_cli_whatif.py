"""`leadwake whatif` as a script uses it: files and pipes in, CSV out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from command_case import CommandLine

HEADER = (
    "case_id,recipient,declared_state,declared_zip,declared_country,now_utc,channel,purpose,consent,inquiry_at_utc,"
    "prior_24h,prior_sent_utc,dnc"
)
CASE = "C1,+12125550101,,,,2026-12-01T15:00:00Z,sms,marketing,written,,0,,none"


def test_the_300_leads_are_answered_as_expected(bare: CommandLine, shared: Path) -> None:
    answer = bare("whatif", "intake", str(shared / "data" / "leads_intake.jsonl"))
    with (shared / "data" / "leads_intake_expected.csv").open(encoding="utf-8") as file:
        columns = ("id", "phone_e164", "email_normalised", "duplicate_of")
        expected = [{name: row[name] for name in columns} for row in csv.DictReader(file)]

    assert (answer.code, answer.err) == (0, "")
    assert len(expected) == 300
    assert list(csv.DictReader(io.StringIO(answer.out))) == expected


def test_the_cases_of_the_requirements_are_decided_as_expected(bare: CommandLine, shared: Path) -> None:
    answer = bare("whatif", "send", str(shared / "compliance" / "cases.csv"))
    with (shared / "compliance" / "cases.csv").open(encoding="utf-8") as file:
        expected = [
            [row["case_id"], row["expected_decision"], row["expected_at_utc"], row["expected_reason"]]
            for row in csv.DictReader(file)
        ]

    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[0] == "case_id,decision,at_utc,reason"
    assert list(csv.reader(answer.lines[1:])) == expected


def test_both_read_a_pipe_and_write_the_same(bare: CommandLine) -> None:
    lead = json.dumps({"id": "L1", "name": "Ann Lee", "phone": "813 555 0101"})
    (bare.folder / "leads.jsonl").write_text(lead)
    (bare.folder / "cases.csv").write_text(f"{HEADER}\n{CASE}\n")

    assert bare("whatif", "intake", "-", stdin=lead).lines == [
        "id,phone_e164,email_normalised,duplicate_of",
        "L1,+18135550101,none,",
    ]
    assert bare("whatif", "intake", "-", stdin=lead).out == bare("whatif", "intake", "leads.jsonl").out
    piped = bare("whatif", "send", "-", stdin=f"\ufeff{HEADER}\r\n{CASE}\r\n")
    assert piped.lines[1] == "C1,send,2026-12-01T15:00:00Z,ok"
    assert piped.out == bare("whatif", "send", "cases.csv").out


def test_a_line_that_is_no_lead_is_named_and_the_others_are_answered(bare: CommandLine) -> None:
    answer = bare("whatif", "intake", "-", stdin=b'{"id": "L1", "name": "A"}\nnot json\n\xff\xfe\n{"id": "L2"}\n')

    assert answer.code == 1
    assert [line.partition(":")[0] for line in answer.err.splitlines()[:2]] == ["leadwake", "leadwake"]
    assert "line 2:" in answer.err
    assert "line 3:" in answer.err
    assert [line.partition(",")[0] for line in answer.lines] == ["id", "L1", "L2"]


def test_hostile_text_is_answered_not_raised(bare: CommandLine) -> None:
    lines = [
        b'{"id": "L1", "name": "\\ud800 \\u0000 \xff"}',
        b'{"id": "\xf0\x9f\x99\x82,\\"\\n", "phone": {"a": []}}',
        b'{"id": "L3", "name": ' + b"[" * 5000 + b"]" * 5000 + b"}",
    ]
    answer = bare("whatif", "intake", "-", stdin=b"\n".join(lines))

    assert "Traceback" not in answer.err
    assert answer.code in {0, 1}
    assert len(list(csv.reader(io.StringIO(answer.out)))) >= 3


def test_a_file_without_the_columns_says_which_are_missing(bare: CommandLine) -> None:
    assert "missing: recipient" in bare("whatif", "send", "-", stdin="case_id\nC1\n").refused(2)
    assert "missing: case_id" in bare("whatif", "send", "-", stdin="").refused(2)


def test_a_file_that_is_no_text_is_refused(bare: CommandLine) -> None:
    answer = bare("whatif", "send", "-", stdin=HEADER.encode() + b"\n\xff\xff\xff,1\n")

    assert "file" in answer.refused(2)


def test_whatif_needs_no_settings_and_leaves_nothing_behind(bare: CommandLine) -> None:
    assert bare("whatif", "intake", "-", TIME_ZONE="Mars/Olympus", DATABASE_URL="postgresql://127.0.0.1:9/x").code == 0
    assert list(bare.folder.iterdir()) == []


def test_the_phrases_of_the_requirements_are_read_as_expected(bare: CommandLine, shared: Path) -> None:
    answer = bare("whatif", "reply", str(shared / "compliance" / "opt_out_phrases.csv"))
    with (shared / "compliance" / "opt_out_phrases.csv").open(encoding="utf-8", newline="") as file:
        expected = [[row["text"], row["expected_intent"]] for row in csv.DictReader(file)]

    assert (answer.code, answer.err) == (0, "")
    assert answer.lines[0] == "text,intent"
    assert list(csv.reader(io.StringIO(answer.out)))[1:] == expected


def test_replies_come_through_a_pipe_and_are_explained_on_request(bare: CommandLine) -> None:
    texts = '\ufefftext\r\n"Please, stop"\r\n"wrong\nnumber"\r\nsee you at 5\r\nthanks, bye\r\n""\r\n'

    plain = bare("whatif", "reply", "-", stdin=texts)
    assert plain.out == (
        'text,intent\n"Please, stop",stop\n"wrong\nnumber",stop\nsee you at 5,not_opt_out\n"thanks, bye",not_opt_out\n'
        ",not_opt_out\n"
    )
    explained = bare("whatif", "reply", "-", "--explain", stdin=texts)
    assert explained.lines[0] == "text,intent,reading,scope,because,wants,until"
    assert list(csv.reader(io.StringIO(explained.out)))[2] == [
        "wrong\nnumber", "stop", "wrong_number", "all", "Says it is the wrong number: “wrong number” (R-TCPA-7).",
        "wrong_person", "",
    ]  # fmt: skip


def test_texts_may_stand_among_other_columns(bare: CommandLine) -> None:
    answer = bare("whatif", "reply", "-", stdin="id,text,lang\n1,STOP,en\n2,ok\n3\n")

    assert answer.lines == ["text,intent", "STOP,stop", "ok,not_opt_out", ",not_opt_out"]


def test_texts_that_cannot_be_read_say_what_to_change(bare: CommandLine) -> None:
    assert "missing: text" in bare("whatif", "reply", "-", stdin="body\nSTOP\n").refused(2)
    assert "UTF-8" in bare("whatif", "reply", "-", stdin=b"text\nSTOP\n\xff\xfe\n").refused(2)


def test_the_shared_mails_are_answered_a_line_each(bare: CommandLine, shared: Path) -> None:
    folder = shared / "data" / "portal_emails"
    files = sorted(path for path in folder.iterdir() if path.suffix in {".eml", ".xml"})
    answer = bare("whatif", "email", *map(str, files))
    said = [json.loads(line) for line in answer.lines]

    assert (answer.code, answer.err) == (0, "")
    assert [each["file"] for each in said] == [file.name for file in files]
    for each, file in zip(said, files, strict=True):
        expected = json.loads(file.with_suffix(".expected.json").read_text())["expected"]
        assert [each[key] for key in ("is_lead", "source", "via", "name", "email", "relay_email", "phone_e164")] == [
            expected[key] for key in ("is_lead", "source", "via", "name", "email", "relay_email", "phone_e164")
        ]


def test_a_mail_that_cannot_be_read_does_not_stop_the_others(bare: CommandLine) -> None:
    (bare.folder / "one.eml").write_text(
        "From: Zillow <l@zillow.com>\nSubject: New lead\n\nName: Ann\nEmail: a@x.com\n"
    )
    answer = bare("whatif", "email", "gone.eml", "one.eml", ".", "-", stdin=b"\xff\x00")

    assert answer.code == 2
    assert [json.loads(line)["file"] for line in answer.lines] == ["one.eml", "-"]
    assert [json.loads(line)["is_lead"] for line in answer.lines] == [True, False]
    assert [line.startswith("leadwake: ") for line in answer.err.splitlines()] == [True, True]
    assert "gone.eml" in answer.err
