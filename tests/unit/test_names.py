"""Names as strangers type them."""

from __future__ import annotations

import pytest

from leadwake.domain.names import greeting_name, index_tokens, name_words, split_name


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Lewis, Samantha", ["samantha", "lewis"]),
        ("  tyrone   bennett ", ["tyrone", "bennett"]),
        ("Dr. MUÑOZ‑Ibarra, José", ["jose", "munoz", "ibarra"]),
        ("Nguyễn Thị Hạnh", ["nguyen", "thi", "hanh"]),
        ("Andrew Chavez ✨", ["andrew", "chavez"]),
        ("O’Brien, Sean", ["sean", "obrien"]),
        ("Smith, John, Jr.", ["john", "smith"]),
        ("Łukasz Øst", ["lukasz", "ost"]),
        ("Mr. and Mrs. John Smith", ["john", "smith"]),
        ("John & Mary Smith", ["john", "mary", "smith"]),
        ("田中太郎", ["田中太郎"]),
        ("हिन्दी शर्मा", ["हिन्दी", "शर्मा"]),
        ("✨", []),
        ("", []),
        (None, []),
    ],
)
def test_a_name_is_folded_into_words_given_name_first(typed: str | None, expected: list[str]) -> None:
    assert name_words(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("Lewis, Samantha", ("Samantha", "Lewis")),
        ("Samantha", ("Samantha", "")),
        ("Ludwig van Beethoven", ("Ludwig", "van Beethoven")),
        ("John Q. Public III", ("John Q.", "Public")),
        ("John & Mary Smith", ("John & Mary", "Smith")),
        ("Mrs. Smith", ("", "Smith")),
        ("José Muñoz‑Ibarra", ("José", "Muñoz‑Ibarra")),
        ("& Smith", ("Smith", "")),
        ("", ("", "")),
        (None, ("", "")),
    ],
)
def test_a_name_is_split_for_a_crm_as_typed(typed: str | None, expected: tuple[str, str]) -> None:
    assert split_name(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("TYLER HUGHES", "Tyler"),
        ("tyrone bennett", "Tyrone"),
        ("MARY-ANN O'BRIEN", "Mary-Ann"),
        ("John and Mary Smith", "John and Mary"),
        ("DeShawn Carter", "DeShawn"),
        ("K. Hamilton", None),
        ("Mr. Smith", None),
        ("J.R. Smith", None),
        ("evil.example.com Smith", None),
        ("Win1000 Now", None),
        ("x" * 31, None),
        ("", None),
        (None, None),
    ],
)
def test_a_greeting_holds_a_given_name_or_nothing(typed: str | None, expected: str | None) -> None:
    assert greeting_name(typed) == expected


def test_a_name_is_found_by_its_words_and_their_beginnings() -> None:
    assert index_tokens("Samuel Li") == {"sam", "samu", "samue", "samuel", "li"}


def test_no_name_makes_more_than_64_tokens_and_whole_words_come_first() -> None:
    words = [f"word{chr(97 + i)}{chr(97 + i)}" for i in range(20)]

    tokens = index_tokens(" ".join(words))

    assert len(tokens) <= 64
    assert tokens.issuperset(words)
