"""Where people say to be."""

from __future__ import annotations

import pytest

from leadwake.domain.place import UNKNOWN_COUNTRY, normalise_country, normalise_postal_code, normalise_state


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("fl", "FL"), (" Florida ", "FL"), ("new york", "NY"), ("Washington, D.C.", "DC"), ("Bavaria", None), ("", None)],
)
def test_a_state_is_its_two_letters(typed: str, expected: str | None) -> None:
    assert normalise_state(typed) == expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("us", "US"),
        ("U.S.A.", "US"),
        ("United States", "US"),
        ("UK", "GB"),
        ("de", "DE"),
        ("Canada", "CA"),
        (" ", None),
    ],
)
def test_a_country_is_its_iso_code(typed: str, expected: str | None) -> None:
    assert normalise_country(typed) == expected


def test_a_country_we_cannot_read_never_passes_for_none() -> None:
    assert normalise_country("Elbonia") == UNKNOWN_COUNTRY
    assert normalise_country("日本") == UNKNOWN_COUNTRY


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("33606", "33606"), ("02130-1234", "02130"), ("021301234", "02130"), ("sw1a 1aa", "SW1A 1AA"), (" ", None)],
)
def test_a_zip_keeps_its_zeros_and_loses_its_plus_four(typed: str, expected: str | None) -> None:
    assert normalise_postal_code(typed) == expected
