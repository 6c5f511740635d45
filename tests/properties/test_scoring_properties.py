"""Always and never of the score."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.scoring import SHIPPED, Signal, Weights, rated, score_at, temperature_of, weighed
from leadwake.domain.scoring.weights import Weight, WrongWeights, read
from leadwake.domain.timeline import BROWSING, read_timeline
from leadwake.domain.values import ConsentClaim, Inquiry

anything = st.text(st.characters(codec=None), max_size=300)
sayings = st.sampled_from(
    ["ASAP", "this week", "6-12 months", "just browsing", "urgent", "call me at 12 Oak St", "not interested", "$5",
     "referral", "buy_home", "phone_call", "csv", "aged_lead_list", "2026-02-31", "9999 years", "٣ weeks"]
)  # fmt: skip
words = st.one_of(st.none(), anything, sayings, st.lists(sayings, max_size=6).map(" ".join))
instants = st.datetimes(timezones=st.sampled_from([UTC, None]))
#: our own clock's
nows = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.sampled_from([UTC, None]))  # noqa: DTZ001 - naive as asked
inquiries = st.builds(
    Inquiry,
    name=words,
    phone=words,
    email=words,
    channel=words.map(lambda text: text or ""),
    source=words.map(lambda text: text or ""),
    asked_at=instants,
    message=st.one_of(words, words.map(lambda text: (text or "x") * 400)),
    interest=words,
    budget=words,
    timeline=words,
    claimed_at=st.one_of(st.none(), instants),
    consent=st.builds(ConsentClaim, sms=st.one_of(st.none(), st.booleans())),
    extra=st.dictionaries(
        st.sampled_from(["property_address", "mls", "x"]), st.one_of(st.none(), st.integers(), anything)
    ),
)


@given(inquiries, nows)
def test_every_inquiry_has_a_score_that_adds_up(inquiry: Inquiry, now: datetime) -> None:
    result = rated(inquiry, now=now).score

    assert 0 <= result.value <= 100
    assert result.value == sum(reason.points for reason in result.reasons)
    assert result.temperature is temperature_of(result.value, SHIPPED)
    assert all(reason.points for reason in result.reasons)
    assert len(result.reasons) == len({reason.text for reason in result.reasons})
    assert result == rated(inquiry, now=now).score


# Nobody is scored by who they are.

traits = st.fixed_dictionaries({
    "name": words,
    "postal_code": words,
    "state": st.one_of(st.none(), st.sampled_from(["FL", "TX", "MS"])),
    "country": st.one_of(st.none(), st.sampled_from(["US", "MX"])),
    "phone": st.sampled_from(["+18135550194", "+16015550100", "+525512345678"]),
    "phone_raw": words,
    "email": st.sampled_from(["maria@example.com", "k@nola.example.org", "x@gmail.com"]),
    "email_raw": words,
    "page_url": words,
})  # fmt: skip
told = st.dictionaries(
    st.sampled_from(["language", "idioma", "locale", "gender", "age", "marital_status", "religion", "city", "street"]),
    st.sampled_from(["es", "en-US", "Haitian Creole", "f", "67", "married", "Tampa", "Martin Luther King Blvd"]),
)


@given(inquiries, st.tuples(traits, traits), st.tuples(told, told), nows)
def test_leads_that_differ_only_in_who_they_are_have_the_same_score(
    inquiry: Inquiry, who: tuple[dict[str, str], ...], more: tuple[dict[str, str], ...], now: datetime
) -> None:
    one, other = (
        rated(replace(inquiry, **trait, extra={**inquiry.extra, **fields}), now=now)
        for trait, fields in zip(who, more, strict=True)
    )

    assert one == other


@given(st.text(min_size=1, max_size=40).filter(lambda code: code not in SHIPPED.by_code), st.integers(-100, 100))
def test_no_weight_is_taken_for_what_is_no_signal(code: str, points: int) -> None:
    with pytest.raises(WrongWeights) as refused:
        read({"weights": {code: {"points": points}}}, 1, SHIPPED)

    assert refused.value.reasons[code]


# The sum at any instant.

START = datetime(2026, 1, 1, tzinfo=UTC)
CAUSES = [UUID(int=number) for number in range(4)]
happenings = st.lists(
    st.builds(
        Signal,
        code=st.sampled_from([*SHIPPED.by_code, "meeting_rescheduled", "outcome_withdrawn", "opted_in", "unheard_of"]),
        at=st.integers(0, 400 * 24 * 60).map(lambda minutes: START + timedelta(minutes=minutes)),
        cause=st.sampled_from(CAUSES),
    ),
    max_size=40,
)
later = st.integers(-10, 600 * 24).map(lambda hours: START + timedelta(hours=hours))


@st.composite
def tables(draw: st.DrawFn) -> Weights:
    """Weights as a team may set them."""

    def weight(one: Weight) -> Weight:
        points = draw(st.integers(-100, 100))
        half_life = draw(st.one_of(st.none(), st.integers(1, 3650)))
        return replace(one, points=points, half_life_days=half_life, most=draw(st.integers(abs(points), 100)))

    changed = draw(st.lists(st.sampled_from(sorted(SHIPPED.by_code)), max_size=12))
    warm = draw(st.integers(1, 99))
    by_code = {**SHIPPED.by_code, **{code: weight(SHIPPED.by_code[code]) for code in changed}}
    return Weights(1, draw(st.integers(warm + 1, 100)), warm, by_code)


@given(happenings, tables(), later)
def test_contributions_add_up_to_the_score(signals: list[Signal], weights: Weights, at: datetime) -> None:
    found = score_at(signals, weights, at)

    assert 0 <= found.value <= 100
    assert found.value == sum(reason.points for reason in found.reasons)
    assert found.temperature is temperature_of(found.value, weights)
    assert len(found.reasons) == len({reason.code for reason in found.reasons})
    for reason in found.reasons:
        assert not reason.code or abs(reason.points) <= weights.by_code[reason.code].most


@given(happenings, happenings, tables(), later)
def test_a_past_score_is_the_same_whatever_happens_afterwards(
    signals: list[Signal], more: list[Signal], weights: Weights, at: datetime
) -> None:
    then = [signal for signal in signals if signal.at <= at]
    afterwards = [replace(signal, at=signal.at + (at - START) + timedelta(days=11)) for signal in more]

    assert score_at(then, weights, at) == score_at([*then, *afterwards], weights, at)


@given(happenings, tables(), later, st.floats(0, 1))
def test_nothing_changes_by_itself_before_it_is_looked_at_again(
    signals: list[Signal], weights: Weights, at: datetime, part: float
) -> None:
    one = [signal for signal in signals if signal.cause == CAUSES[0] and signal.at <= at]
    again_at = weighed(one, weights, at)[1]
    then = at + (timedelta(days=4000) if again_at is None else (again_at - at) * part)

    assert again_at is None or again_at - at >= timedelta(days=1)
    if again_at is None or again_at - at > timedelta(days=1, seconds=2):
        before = again_at is None or then < again_at - timedelta(seconds=2)
        assert not before or score_at(one, weights, at).value == score_at(one, weights, then).value


@given(tables())
def test_weights_are_read_back_as_they_were_written(weights: Weights) -> None:
    assert read(weights.as_json(), 1, SHIPPED) == weights


@given(words, st.datetimes(timezones=st.just(UTC)))
def test_every_timeline_is_days_browsing_or_nothing(text: str | None, now: datetime) -> None:
    read = read_timeline(text, now=now)

    assert read is None or read == BROWSING or (isinstance(read, int) and read >= 0)
