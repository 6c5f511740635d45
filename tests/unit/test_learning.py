"""A score learned from a table: what it finds, what it never learns from, and that any table is no error."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadwake.domain.csv_cells import text_of
from leadwake.domain.learning import model as models
from leadwake.domain.learning.columns import Feature, features_of, kind_of
from leadwake.domain.learning.fairness import stands_for
from leadwake.domain.learning.judging import auc, judge
from leadwake.domain.learning.table import Table, outcomes
from leadwake.errors import InputError

ROWS = 600


def _leads(seed: int, rows: int = ROWS) -> tuple[dict[str, list[str]], list[int]]:
    """Referrals who looked at many pages buy more often; the colour of their car says nothing."""
    chance = random.Random(seed)
    source = [chance.choice(["Referral", "Portal", "Ad"]) for _ in range(rows)]
    pages = [chance.randint(0, 20) for _ in range(rows)]
    colour = [chance.choice(["red", "blue", ""]) for _ in range(rows)]
    won = [
        int(chance.random() < {"Referral": 0.5, "Portal": 0.2, "Ad": 0.05}[kind] + seen / 50)
        for kind, seen in zip(source, pages, strict=True)
    ]
    return {"source": source, "pages": [str(n) for n in pages], "colour": colour}, won


def test_what_decides_is_found_and_what_does_not_is_not() -> None:
    columns, won = _leads(1)
    training = models.train(columns, won, label="won", positive="yes")
    unseen, truth = _leads(2, 2_000)
    found = judge(training.model.score(unseen, 2_000), truth)

    assert found.auc > 0.72
    assert found.calibration_error < 0.06
    assert set(list(training.used)[:2]) == {"source", "pages"}
    assert training.telling == {}


def test_the_same_table_gives_the_same_model_and_its_file_the_same_scores() -> None:
    columns, won = _leads(3)
    first, second = (models.train(columns, won, label="won", positive="yes").model for _ in range(2))

    assert models.encode(first) == models.encode(second)
    assert models.decode(models.encode(first)).score(columns, ROWS) == first.score(columns, ROWS)


def test_nothing_is_learned_from_what_stands_for_a_protected_class_unless_it_is_allowed() -> None:
    columns, won = _leads(4)
    told = ["yes" if one else "no" for one in won]
    columns |= {"zip_code": told, "First Name": told, "Language": told}
    training = models.train(columns, won, label="won", positive="yes")

    assert training.refused == {"zip_code": "a ZIP code", "First Name": "a name", "Language": "a language"}
    assert {feature.column for feature in training.model.features} == {"source", "pages", "colour"}
    allowed = models.train(columns, won, label="won", positive="yes", allowed=frozenset({"zip_code"}))
    assert allowed.telling["zip_code"] == 1.0, "and what was filled in afterwards is named"


@pytest.mark.parametrize(
    ("column", "what"),
    [
        ("name", "a name"), ("LastName", "a name"), ("full_name", "a name"), ("ZIP", "a ZIP code"),
        ("postalCode", "a ZIP code"),
        ("Home Address", "an address"), ("preferred language", "a language"), ("Gender", "sex"), ("marital", "family"),
        ("age", "age"), ("date_of_birth", "age"), ("Race", "race or origin"), ("religion", "religion"),
        ("campaign_name", None), ("email address", None), ("page", None), ("Lead Source", None), ("Lead Origin", None),
        ("agent name", None), ("average", None), ("landing_page_id", None), ("message", None),
    ],
)  # fmt: skip
def test_a_column_stands_for_what_its_name_says(column: str, what: str | None) -> None:
    assert stands_for(column) == what


def test_kinds_of_columns_are_told_apart() -> None:
    assert kind_of(["1", "2.5", "", "1,200", "-3e2"] * 20) == "number"
    assert kind_of(["2026-01-31", "2025-12-01", "Select"] * 20) == "date"
    assert kind_of(["red", "blue", "12"] * 20) == "category"
    assert kind_of([f"Please call me about house {n} on Oak Street" for n in range(60)]) == "words"
    assert kind_of([""] * 20) == "category"


def test_words_and_weekdays_are_learned_too() -> None:
    chance = random.Random(5)
    said = [f"please {'call me now' if n % 3 == 0 else 'send a brochure'} about house {n}" for n in range(ROWS)]
    days = [f"2026-03-{n % 28 + 1:02}" for n in range(ROWS)]
    won = [int(chance.random() < (0.7 if n % 3 == 0 else 0.1)) for n in range(ROWS)]
    training = models.train({"message": said, "asked": days}, won, label="won", positive="1")

    assert next(iter(training.used)) == "message"
    assert training.judged.auc > 0.7


def test_what_was_never_seen_falls_where_nothing_is_known() -> None:
    feature = next(iter(features_of("source", ["a", "b"] * 50, [1, 0] * 50)))

    assert feature.step("never seen") == feature.other
    assert feature.step(" A ") == feature.step("a") != feature.step("b")
    assert Feature("n", "value", (2.0, 5.0)).step("") == 0
    assert [Feature("n", "value", (2.0, 5.0)).step(cell) for cell in ("1", "2", "4.9", "9e99")] == [1, 2, 2, 3]


CELLS = st.one_of(
    st.text(max_size=12), st.integers().map(str), st.floats().map(str),
    st.sampled_from(["", "Select", "a", "b", "2026-02-30"])
)  # fmt: skip


@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 1)), min_size=1, max_size=120), st.lists(CELLS, max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_table_is_learned_from_or_refused_and_scores_are_always_probabilities(
    rows: list[tuple[str, str, int]], others: list[str]
) -> None:
    rows = rows * 3
    columns = {"one": [row[0] for row in rows], "two": [row[1] for row in rows]}
    try:
        model = models.train(columns, [row[2] for row in rows], label="y", positive="1").model
    except models.TooLittle:
        return
    for table, size in ((columns, len(rows)), ({"one": others}, len(others))):
        assert all(0 <= value <= 1 for value in model.score(table, size))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=30))
def test_the_area_is_always_how_often_a_positive_scores_higher(pairs: list[tuple[int, bool]]) -> None:
    high, low = [s for s, y in pairs if y], [s for s, y in pairs if not y]
    wins = [1.0 if a > b else 0.5 if a == b else 0.0 for a in high for b in low]
    expected = sum(wins) / len(wins) if wins else 0.5

    assert auc([float(s) for s, _ in pairs], [int(y) for _, y in pairs]) == pytest.approx(expected)


A_TREE_WITHOUT_A_COLUMN = [{"feature": 0, "below": 1, "left": 0, "right": 0}]


def _file(**changes: object) -> bytes:
    kept = {"format": 1, "label": "", "positive": "", "rows": 1, "positives": 1, "features": [], "base": 0, "trees": []}
    return json.dumps(kept | changes).encode()


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"\x80\x04K\x01.", b"[" * 100_000, _file(format=2), _file(trees=A_TREE_WITHOUT_A_COLUMN)]
)
def test_a_file_that_is_no_model_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"no model|format 2"):
        models.decode(raw)


def test_a_table_says_what_it_lacks() -> None:
    table = Table.read("a,b\n1,x\n2\n")
    assert table.columns == {"a": ["1", "2"], "b": ["x", ""]}
    with pytest.raises(InputError, match="there is no column 'c'; there are: a, b"):
        table.column("c", "label")
    with pytest.raises(InputError, match="no row is 'yes'"):
        outcomes(["no", "No"], "yes")
    with pytest.raises(InputError, match="two columns are called a"):
        Table.read("a,a\n1,2\n")
    with pytest.raises(models.TooLittle, match="at least 20"):
        models.train({"a": ["1"] * 50}, [1] + [0] * 49, label="y", positive="1")


def test_real_leads_are_told_apart_as_well_as_by_the_published_baseline(shared: Path) -> None:
    """Olist's funnel, where they came from and when: logistic regression reached an AUC of 0.682 (PROVENANCE.md)."""
    table = Table.read(text_of((shared / "data/lead_scoring/olist_funnel_dev.csv").read_bytes()))
    columns = {name: table.columns[name] for name in ("first_contact_date", "landing_page_id", "origin")}
    training = models.train(columns, outcomes(table.columns["closed"], "1"), label="closed", positive="1")

    assert training.judged.auc > 0.682
    assert training.judged.calibration_error < 0.03
