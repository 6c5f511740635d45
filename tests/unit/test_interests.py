"""What people want, under one name: whatever a form, a portal or a person calls it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.interests import INTERESTS, interest, interest_code, interest_phrase
from leadwake.domain.segments import costly_characters
from leadwake.intake.fields import inquiry
from office_case import NOON


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("Buying a Home", "buy_home"), ("buyer", "buy_home"), ("Looking to buy", "buy_home"),
        ("comprar casa", "buy_home"), ("buy-home", "buy_home"), ("Purchase", "buy_home"), ("Seller", "sell_home"),
        ("Sell my house", "sell_home"), ("quiero vender", "sell_home"), ("Free Home Valuation", "home_valuation"),
        ("Rental", "rent_home"), ("apartment", "rent_home"), ("Auto Insurance", "auto_insurance"),
        ("car quote", "auto_insurance"), ("Seguro de auto", "auto_insurance"),
        ("Homeowners Insurance", "home_insurance"), ("Renter's insurance", "renters_insurance"),
        ("Term life insurance", "life_insurance"), ("Medicare plan", "health_insurance"),
        ("General liability insurance", "business_insurance"), ("Refinance", "mortgage_refi"),
        ("Home loan", "mortgage"), ("Pre-approval", "mortgage"), ("A/C repair", "hvac_repair"),
        ("New roof", "roof_replacement"), ("Solar panels", "solar_quote"), ("heating and cooling", "hvac_repair"),
        ("selling a home", "sell_home"), ("a home's value", "home_valuation"),
    ],
)  # fmt: skip
def test_the_same_wish_has_one_name(said: str, code: str) -> None:
    assert interest_code(said) == code


@pytest.mark.parametrize(
    "said", ["Buying and selling", "A question about schools", "other", "parking", "soap", "", "7"]
)
def test_what_is_none_of_ours_or_two_of_them_stays_as_it_was_said(said: str) -> None:
    assert interest_code(said) == said


@given(st.text(max_size=120))
def test_a_name_of_ours_always_stays_itself(said: str) -> None:
    code = interest_code(said)
    assert code == said or code in INTERESTS
    assert interest_code(code) == code


def test_the_form_s_own_words_are_kept_beside_it() -> None:
    asked = inquiry({"name": "Maria", "interest": "Buying a Home"}, asked_at=NOON, channel="web_form", source="website")
    assert (asked.interest, asked.extra) == ("buy_home", {"interest_raw": "Buying a Home"})
    plain = inquiry({"name": "Maria", "interest": "buy_home"}, asked_at=NOON, channel="web_form", source="website")
    assert (plain.interest, plain.extra) == ("buy_home", {})


def test_each_wish_has_words_in_spanish_that_a_text_carries_cheaply() -> None:
    for code in INTERESTS:
        said = interest_phrase(code, "es")

        assert said.startswith("su consulta sobre ")
        assert said.endswith(interest(code, "es"))
        assert costly_characters(said) == []
    assert (interest("pool cleaning", "es"), interest_phrase("pool cleaning", "es")) == ("pool cleaning", "")
