"""Always and never of contacts and names, over any text there is."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from leadwake.domain.contact import _PLAIN_US, _first_number, normalise_email, normalise_phone
from leadwake.domain.matching import Likeness, likeness, pick_person, same_people, same_person
from leadwake.domain.names import greeting_name, index_tokens, name_words, read_name, split_name

ANY = st.text(st.characters(), max_size=300)  # lone surrogates, NULs and bidi marks among them
PHONEISH = st.text("0123456789+()-./ ,x\u00a0\u2011\u0660\uff11", max_size=60)
PLAIN_US = st.from_regex(_PLAIN_US, fullmatch=True)
EMAILISH = st.text('ab@.<>"+ \r\n\x00-ü', max_size=40) | st.emails()
PARTS = [
    "Kate",
    "Katherine",
    "K.",
    "Sam",
    "Samuel",
    "Samantha",
    "Hill",
    "Hill,",
    "Jr.",
    "Sr.",
    "&",
    "Mr.",
    "José",
    "✨",
]
NAMES = st.lists(st.sampled_from(PARTS), max_size=5).map(" ".join)
ANY_NAME = st.none() | NAMES | ANY


@given(ANY | PHONEISH, st.sampled_from(["US", "GB", "DE", "ZZ", ""]))
@example("\ud800" * 100_000, "US")
@example("1 " * 50_000, "US")
@example("+(" * 50_000, "US")
def test_a_phone_is_always_e164_or_none(text: str, region: str) -> None:
    phone = normalise_phone(text, region)

    assert phone is None or re.fullmatch(r"\+[1-9][0-9]{6,14}", phone)


@given(ANY | PHONEISH | PLAIN_US)
def test_a_normalised_phone_stays_itself(text: str) -> None:
    phone = normalise_phone(text)

    assert phone is None or normalise_phone(phone) == phone == normalise_phone(phone, "GB")


@given(PLAIN_US | PHONEISH)
def test_the_short_way_to_a_us_number_equals_the_long_way(text: str) -> None:
    assert normalise_phone(text) == _first_number(text, "US")


@given(ANY | EMAILISH)
@example("@" * 100_000)
@example("\u202e" * 1000)
def test_an_email_is_always_one_plain_address_or_none(text: str) -> None:
    email = normalise_email(text)

    assert email is None or (email.isascii() and email.isprintable() and email.count("@") == 1 and " " not in email)
    assert email is None or normalise_email(email) == email == normalise_email(f'"X, Y" <{email.upper()}>')


@given(ANY_NAME)
@example("é" * 100_000)
@example("," * 100_000)
def test_a_name_never_breaks_what_reads_it(name: str | None) -> None:
    words, tokens = name_words(name), index_tokens(name)

    assert all(words)
    assert len(tokens) <= 64
    assert tokens <= {word[:length] for word in words for length in range(1, len(word) + 1)}
    assert all(part == " ".join(part.split()) for part in split_name(name))


@given(ANY_NAME)
@example("AA.%&%0")
def test_a_greeting_never_holds_more_than_a_name(name: str | None) -> None:
    called = greeting_name(name)

    assert called is None or (0 < len(called) <= 31 and not set("./:@<>{}%\n\r\x00") & set(called))
    assert called is None or not any(char.isdigit() for char in called)


@given(ANY_NAME, ANY_NAME)
def test_sameness_is_symmetric(one: str | None, other: str | None) -> None:
    assert same_person(one, other) == same_person(other, one)
    assert likeness(read_name(one), read_name(other)) == likeness(read_name(other), read_name(one))


@given(ANY_NAME)
def test_sameness_is_reflexive_and_open_to_no_name(name: str | None) -> None:
    assert same_person(name, name)
    assert same_person(name, None)
    assert likeness(read_name(name), read_name(name)) is not Likeness.CONFLICT


@given(st.lists(ANY_NAME, max_size=3), st.lists(ANY_NAME, max_size=3))
def test_sameness_of_parties_is_symmetric(ours: list[str | None], theirs: list[str | None]) -> None:
    assert same_people(ours, theirs) == same_people(theirs, ours)


@given(ANY_NAME, st.lists(st.lists(ANY_NAME, min_size=1, max_size=3), max_size=4))
def test_who_is_picked_is_never_in_conflict(name: str | None, people: list[list[str | None]]) -> None:
    picked = pick_person(name, people)

    assert (picked is None) == (not any(same_people([name], names) for names in people))
    assert picked is None or same_people([name], people[picked])
