"""`leadwake whatif score`: trained from a file, applied to another, mistakes said in a line."""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from leadwake.cli.main import cli


def _run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["whatif", "score", *words])


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    chance, path = random.Random(6), tmp_path_factory.mktemp("leads") / "leads.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        write = csv.writer(file)
        write.writerow(["Lead", "Source", "Pages", "Zip", "Closed on", "Won"])
        for n in range(400):
            pages = chance.randint(0, 9)
            won = chance.random() < 0.05 + pages / 12
            about = [f"L{n}", chance.choice(["Ad", "Portal"]), pages, 33601 + n % 40]
            write.writerow([*about, "2026-01-02" if won else "", "Yes" if won else "No"])
    return path


def test_a_score_is_learned_said_to_be_good_and_given(leads: Path, tmp_path: Path) -> None:
    model = str(tmp_path / "score.json")
    trained = _run("train", str(leads), "--label", "Won", "--positive", "yes", "--id", "Lead", "--model", model)
    assert trained.exit_code == 0, trained.output
    assert "Look at Closed on: it alone tells the outcome" in trained.stderr
    assert "Set aside: Zip stands for a ZIP code" in trained.stderr

    trained = _run(
        "train",
        str(leads),
        "--label",
        "Won",
        "--positive",
        "yes",
        "--id",
        "Lead",
        "--model",
        model,
        "--drop",
        "Closed on",
    )
    assert "AUC 0." in trained.stderr
    assert "It hangs on: Pages" in trained.stderr
    (tmp_path / "new.csv").write_text("Lead,Pages\n=1+1,9\nL-b,\n-7,0\n", encoding="utf-8")
    applied = _run("apply", str(tmp_path / "new.csv"), "--id", "Lead", "--model", model)

    assert applied.exit_code == 0, applied.output
    head, *rows = list(csv.reader(applied.stdout.splitlines()))
    assert head == ["id", "score"]
    assert [row[0] for row in rows] == ["'=1+1", "L-b", "-7"]
    scores = [float(row[1]) for row in rows]
    assert scores[0] > 0.5 > scores[2] > 0
    assert "no column Source: blank in every row" in applied.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--label", "Bought", "--positive", "1"], "there is no column 'Bought'; there are: Lead, Source"),
        (["--label", "Won", "--positive", "maybe"], "no row is 'maybe'; there are: 'No', 'Yes'"),
        (["--label", "Won", "--positive", "yes", "--drop", "Nothing"], "there is no column 'Nothing'"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_change(
    leads: Path, tmp_path: Path, words: list[str], said: str
) -> None:
    out = tmp_path / "no.json"
    failed = _run("train", str(leads), "--id", "Lead", "--model", str(out), *words)

    assert failed.exit_code != 0
    assert said in failed.output + str(failed.exception)
    assert not out.exists()
