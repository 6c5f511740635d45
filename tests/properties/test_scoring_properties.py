"""Always and never of the score."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.scoring import score, temperature_of
from leadwake.domain.timeline import BROWSING, read_timeline
from leadwake.domain.values import ConsentClaim, Inquiry

anything = st.text(st.characters(codec=None), max_size=300)
sayings = st.sampled_from(
    ["ASAP", "this week", "6-12 months", "just browsing", "urgent", "call me at 12 Oak St", "not interested", "$5",
     "referral", "buy_home", "phone_call", "csv", "aged_lead_list", "2026-02-31", "9999 years", "٣ weeks"]
)  # fmt: skip
words = st.one_of(st.none(), anything, sayings, st.lists(sayings, max_size=6).map(" ".join))
instants = st.datetimes(timezones=st.sampled_from([UTC, None]))
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


@given(inquiries, instants)
def test_every_inquiry_has_a_score_that_adds_up(inquiry: Inquiry, now: datetime) -> None:
    result = score(inquiry, now=now)

    assert 0 <= result.value <= 100
    assert result.value == sum(reason.points for reason in result.reasons)
    assert result.temperature is temperature_of(result.value)
    assert all(reason.points for reason in result.reasons)
    assert len(result.reasons) == len({reason.text for reason in result.reasons})
    assert result == score(inquiry, now=now)


@given(words, st.datetimes(timezones=st.just(UTC)))
def test_every_timeline_is_days_browsing_or_nothing(text: str | None, now: datetime) -> None:
    read = read_timeline(text, now=now)

    assert read is None or read == BROWSING or (isinstance(read, int) and read >= 0)
