"""Sample leads are plausible, invented, and without end."""

from __future__ import annotations

import csv
import re
from datetime import UTC, datetime
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st
from sandbox_case import SPECS, specs

from leadwake.sandbox.samples import DISTINCT, PLACES, sample_lead, sample_leads

NOW = datetime(2026, 11, 22, 16, 0, tzinfo=UTC)
FIELDS = {
    "received_at", "source", "channel", "name", "email", "phone", "message", "postal_code", "state", "interest",
    "budget", "timeline", "consent", "utm", "page_url",
}  # fmt: skip


def digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


@given(st.integers(0, 10**9), st.integers(0, 10**6))
def test_nobody_in_the_samples_exists(n: int, seed: int) -> None:
    lead = sample_lead(n, seed=seed, now=NOW)

    assert lead.keys() == FIELDS
    assert re.search(r"555\D*01\d\d", lead["phone"] or "555-0100")
    assert re.search(r"@?\bexample\.(com|net|org)\b", (lead["email"] or "example.com").lower())
    assert lead["phone"] or lead["email"]
    assert datetime.fromisoformat(lead["received_at"]) == NOW
    if lead["consent"]["timestamp"]:
        assert datetime.fromisoformat(lead["consent"]["timestamp"]) < NOW


def test_the_same_number_and_seed_are_the_same_lead() -> None:
    assert sample_lead(7, seed=3, now=NOW) == sample_lead(7, seed=3, now=NOW)
    assert sample_lead(7, seed=3, now=NOW) != sample_lead(7, seed=4, now=NOW)
    assert sample_lead().keys() == FIELDS


def test_any_lead_of_some_states_lives_there_if_anybody_does() -> None:
    assert {sample_lead(states={"FL", "WY"})["state"] for _ in range(300)} == {"FL", "WY"}
    assert sample_lead(states={"AK"})["state"]


def test_a_stream_is_varied_and_few_people_come_twice() -> None:
    leads = list(islice(sample_leads(seed=1), 1_000))
    agreed = sum(lead["consent"]["sms"] is True for lead in leads)

    assert len({lead["state"] for lead in leads}) >= 40
    assert {lead["channel"] for lead in leads} == {"web_form", "live_chat", "portal_email", "phone_call"}
    assert 500 <= agreed <= 750
    assert 10 <= sum(lead["phone"] is None or lead["email"] is None for lead in leads) <= 120
    numbers = [digits(lead["phone"])[-10:] for lead in leads if lead["phone"]]
    assert 5 <= len(numbers) - len(set(numbers)) <= 60


def test_numbers_come_again_only_after_all_have_been() -> None:
    clean = [lead for lead in (sample_lead(n, now=NOW) for n in range(DISTINCT)) if lead["phone"]]
    plain = [digits(lead["phone"])[-10:] for lead in clean if re.fullmatch(r"\+?[\d\s().-]+", lead["phone"])]

    assert len(set(plain)) > 0.9 * DISTINCT


def test_area_codes_are_of_the_places_they_are_given_to() -> None:
    specs()
    with (SPECS / ".." / "compliance" / "area_codes.csv").open() as table:
        states = {row["npa"]: row["state"] for row in csv.DictReader(table)}

    for place in PLACES:
        assert {states[str(code)] for code in place.area_codes} == {place.state}
