"""`leadwake lead import` as a process: reports, refusals, the same file again, and a kill in the middle."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from command_case import CommandLine

from polling import until

HEAD = "Full Name,Mobile,E-mail,Date Added,Favourite colour\n"
LIST = HEAD + (
    'Ann Lee,(813) 555-0141,ann@example.com,"Mar 14, 2024",blue\n'
    '"=HYPERLINK(""x"")",813 555 0142,,3/4/2024,\n'
    'Bo,"open\n'
    "Ann M. Lee,813-555-0141,,,red\n"
)


def write(leadwake: CommandLine, text: str, name: str = "list.csv") -> str:
    path = leadwake.folder / name
    path.write_text(text, "utf-8")
    return str(path)


def report_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_list_is_looked_at_taken_in_told_of_row_by_row_and_taken_back(leadwake: CommandLine) -> None:
    file, report = write(leadwake, LIST), leadwake.folder / "rows.csv"

    looked = leadwake("lead", "import", file, "--dry-run", "--report", str(report))
    assert looked.lines[-1] == "Dry run, nothing was changed: 4 rows: 2 new, 1 known, 0 duplicate, 1 refused."
    assert "Favourite colour  kept as it is" in looked.err
    first = [row["outcome"] for row in report_of(report)]
    assert leadwake.sql("select count(*) from import") == [(0,)]

    done = leadwake("lead", "import", file, "--source", "old CRM", "--report", str(report))
    assert done.code == 0
    assert done.lines[0] == "4 rows: 2 new, 1 known, 0 duplicate, 1 refused."
    assert "row 4: refused: a quote is opened and never closed" in done.err
    rows = report_of(report)
    assert [row["outcome"] for row in rows] == first == ["new", "new", "refused", "known"]
    assert [row["row"] for row in rows] == ["2", "3", "4", "5"]
    assert rows[0]["lead_id"] == rows[3]["lead_id"] != ""
    assert rows[1]["reason"] == "the date was read with the month first"

    shown = leadwake("lead", "show", rows[0]["lead_id"])
    assert "Ann Lee" in shown.out
    assert leadwake("ledger").code == 0

    import_id = leadwake("lead", "import", "--list", "--json").json[0]["import"]
    undone = leadwake("lead", "import", "--undo", import_id, "--json").json
    assert (undone["gone"], undone["stayed"]) == (2, 0)
    assert leadwake("lead", "list", "--json").json == []
    assert leadwake("ledger").code == 0
    assert "nothing to undo" in leadwake("lead", "import", "--undo", import_id).refused(1)


def test_the_same_file_again_adds_nothing_from_standard_input_too(leadwake: CommandLine) -> None:
    lines = "".join(
        json.dumps({"id": f"L{n}", "name": f"Person {n}", "email": f"p{n}@example.com"}) + "\n" for n in range(5)
    )

    first = leadwake("lead", "import", "-", "--json", stdin=lines).json
    again = leadwake("lead", "import", write(leadwake, lines, "leads.jsonl"), "--json").json

    assert (first["new"], again["new"], again["duplicate"]) == (5, 0, 5)


def test_wrong_usage_is_one_line_that_says_what_to_do(leadwake: CommandLine) -> None:
    file = write(leadwake, "Handy,Wer\n813 555 0141,Ann\n")
    leadwake("ledger")  # the keys are made

    assert "no sequence 'welcome'" in leadwake("lead", "import", file, "--enroll", "welcome").refused(1)
    assert "--map 'THEIR COLUMN=phone'" in leadwake("lead", "import", file).refused(2)
    assert "is no field of ours" in leadwake("lead", "import", file, "--map", "Handy=fon").refused(2)
    assert "COLUMN=FIELD" in leadwake("lead", "import", file, "--map", "Handy").refused(2)
    assert "Missing argument 'FILE'" in leadwake("lead", "import").refused(2)
    assert "the file is empty" in leadwake("lead", "import", "-").refused(2)
    assert leadwake("lead", "import", file, "--map", "Handy=phone", "--map", "Wer=name").code == 0
    assert leadwake("lead", "import", "-", stdin='name,phone\nAnn,"open\n').code == 1, "every row was refused"


def test_whoever_a_list_names_begins_a_sequence_where_that_was_asked_for(leadwake: CommandLine) -> None:
    text = "sequence: old_leads\ntitle: Old leads\nstarts: by_hand\nsteps: [{wait: 1 day}, {call: Ask how they are}]\n"
    assert leadwake("sequence", "publish", write(leadwake, text, "old.yaml"), "--yes").code == 0
    file = write(leadwake, LIST)

    looked = leadwake("lead", "import", file, "--dry-run", "--enroll", "old_leads")
    assert looked.lines[-1] == "2 leads would be enrolled in Old leads (old_leads)."
    assert leadwake.sql("select count(*) from enrollment") == [(0,)]
    assert leadwake("lead", "import", file).code == 0
    assert leadwake.sql("select count(*) from enrollment") == [(0,)]
    more = write(leadwake, LIST + "Cy Ro,813-555-0149,,,\n", "more.csv")
    again = leadwake("lead", "import", more, "--enroll", "old_leads", "--json").json
    assert (again["new"], again["duplicate"], again["enrolled"]) == (1, 3, 1)

    assert leadwake("sequence", "pause", "old_leads").code == 0
    assert "is paused, so nobody is enrolled" in leadwake("lead", "import", more, "--enroll", "old_leads").refused(1)


def test_an_import_killed_in_the_middle_is_repeated_with_nothing_twice(leadwake: CommandLine) -> None:
    people = "".join(f"Person {n},(813) 5{n % 100:02d}-{1000 + n},p{n}@example.com,,\n" for n in range(3_000))
    file = write(leadwake, HEAD + people)
    leadwake("ledger")  # the keys are made
    running = leadwake.start("lead", "import", file)
    so_far = "select coalesce(max(new), 0) from import"
    until(lambda: leadwake.sql(so_far)[0][0] >= 300, "some are in", every_s=0.01)
    running.kill()
    running.communicate()
    ((taken,),) = leadwake.sql("select count(*) from capture")
    assert 0 < taken < 3_000

    again = leadwake("lead", "import", file, "--json").json

    assert again["new"] == 3_000 - taken
    assert again["duplicate"] == taken
    assert leadwake.sql("select count(*), count(distinct lead_id) from capture") == [(3_000, 3_000)]
    # the first one is still there, and goes on with whoever works: nothing is left for it to add
    assert leadwake.sql("select count(*) from import where state = 'working'") == [(1,)]
