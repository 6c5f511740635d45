"""Each rule of the gate at its edges, beyond what the cases of the requirements show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadwake.compliance.complaints import is_too_many
from leadwake.compliance.decision import Decision, Facts, Message
from leadwake.compliance.explain import explain
from leadwake.compliance.gate import may_send
from leadwake.compliance.registries import three_months_after
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose

TABLES = Tables.load()
NEW_YORK, PENNSYLVANIA, GUAM = "+12125550100", "+12155550100", "+16715550100"
NOON = datetime(2026, 12, 1, 17, tzinfo=UTC)  # a Tuesday, noon in New York
NIGHT = datetime(2026, 12, 2, 4, tzinfo=UTC)  # 23:00 in New York
NAIVE = NOON.replace(tzinfo=None)
TEXT = Message(Channel.SMS, Purpose.MARKETING, NEW_YORK)
WRITTEN = Facts(ConsentLevel.WRITTEN)
ASKED = Facts(ConsentLevel.INQUIRY, inquiry_at=NIGHT - timedelta(minutes=2))


def ask(message: Message = TEXT, facts: Facts = WRITTEN, now: datetime = NOON, **changes: Any) -> Decision:
    """The decision with some fields of the message or the facts changed."""
    on_message = {name: value for name, value in changes.items() if name in Message.__slots__}
    on_facts = {name: value for name, value in changes.items() if name not in on_message}
    return may_send(replace(message, **on_message), replace(facts, **on_facts), TABLES, now)


# R-CASE-1


@pytest.mark.parametrize(
    "recipient",
    [
        "2125550100",
        "12125550100",
        "+12125550100",
        "(212) 555-0100",
        "+1 (212) 555.0100",
        "(+1) 212/555-0100",
        "212\u2011555\u20110100",
        "\u202a+1 212\u00a0555 0100\u202c",
        "２１２５５５０１００",
    ],
)
def test_a_us_number_is_read_in_any_notation(recipient: str) -> None:
    assert ask(recipient=recipient).outcome == "send"


@pytest.mark.parametrize(
    ("recipient", "reason"),
    [
        ("", "invalid_number"),
        ("ana@example.com", "invalid_number"),
        ("212555010", "invalid_number"),
        ("22125550100", "invalid_number"),
        ("+112125550100", "invalid_number"),
        ("+1212555010", "invalid_number"),
        ("1-800-FLOWERS", "invalid_number"),
        ("212-555-0100 x12", "invalid_number"),
        ("2121550100", "invalid_number"),
        ("1125550100", "invalid_number"),
        ("2119550100", "invalid_number"),
        ("2129110100", "invalid_number"),
        ("+1 999 555 0100", "invalid_number"),
        ("٢١٢٥٥٥٠١٠٠", "invalid_number"),
        ("+0441234567", "invalid_number"),
        ("+44", "invalid_number"),
        ("+4477009001234567", "invalid_number"),
        ("+447700900123", "country_not_enabled"),
        ("+2125550100", "country_not_enabled"),
        ("+14165550100", "country_not_enabled"),
        ("+18765550100", "country_not_enabled"),
        ("8005550100", "number_type"),
        ("+19005550100", "number_type"),
        ("+15005550100", "number_type"),
    ],
)
def test_a_number_that_may_not_be_reached_is_blocked_with_its_reason(recipient: str, reason: str) -> None:
    decision = ask(recipient=recipient)

    assert (decision.outcome, decision.reason, decision.rule) == ("block", reason, "R-CASE-1")


@pytest.mark.parametrize("country", ["GB", "CA", "Mexico", "ZZ"])
def test_a_us_number_of_someone_abroad_is_blocked(country: str) -> None:
    assert ask(country=country).reason == "country_not_enabled"


@pytest.mark.parametrize("country", [None, "", "US", "us", "USA", "U.S.", "United States", "PR"])
def test_the_united_states_and_their_territories_are_home(country: str | None) -> None:
    assert ask(country=country).outcome == "send"


def test_a_territory_declared_as_a_country_counts_as_the_address() -> None:
    assert ask(country="PR").states == ("NY", "PR")


# R-CASE-2 and the house rules after it


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose not in {"staff", "confirmation"}])
def test_stop_lists_hold_on_every_channel_for_every_purpose(channel: Channel, purpose: Purpose) -> None:
    assert ask(channel=channel, purpose=purpose, consent=ConsentLevel.REVOKED).reason == "opted_out"
    assert ask(channel=channel, purpose=purpose, dnc="internal").reason == "internal_dnc"


def test_an_unregistered_sender_texts_nobody_but_may_mail_and_call() -> None:
    for purpose in Purpose:
        assert ask(purpose=purpose, a2p_approved=False).reason == "a2p_not_approved"
    assert ask(channel=Channel.EMAIL, a2p_approved=False).outcome == "send"
    assert ask(channel=Channel.VOICE, a2p_approved=False).outcome == "send"


@pytest.mark.parametrize(
    ("ago", "reason"),
    [(0, "already_answered"), (599, "already_answered"), (600, "already_answered"), (601, "ok_fresh_inquiry")],
)
def test_a_number_gets_one_instant_text_in_ten_minutes(ago: int, reason: str) -> None:
    reply = replace(TEXT, purpose=Purpose.INSTANT_REPLY)

    assert ask(reply, ASKED, NIGHT, already_answered_at=NIGHT - timedelta(seconds=ago)).reason == reason


def test_an_instant_text_does_not_hold_back_mail_or_other_purposes() -> None:
    just_now = {"already_answered_at": NOON}

    assert ask(**just_now).outcome == "send"
    assert ask(purpose=Purpose.INSTANT_REPLY, channel=Channel.EMAIL, inquiry_at=NOON, **just_now).outcome == "send"


def test_after_a_stop_the_reason_is_the_stop_not_the_earlier_answer() -> None:
    reply = replace(TEXT, purpose=Purpose.INSTANT_REPLY)

    assert ask(reply, ASKED, NIGHT, already_answered_at=NIGHT, consent=ConsentLevel.REVOKED).reason == "opted_out"


@pytest.mark.parametrize("channel", [Channel.SMS, Channel.EMAIL])
def test_who_declined_a_channel_in_the_inquiry_gets_only_what_they_arranged_there(channel: Channel) -> None:
    declined = Facts(ConsentLevel.DECLINED, inquiry_at=NOON)

    for purpose in (Purpose.INSTANT_REPLY, Purpose.MARKETING):
        decision = ask(facts=declined, channel=channel, purpose=purpose)
        assert (decision.reason, decision.rule) == ("declined", "R-CONSENT")
    assert ask(facts=declined, channel=channel, purpose=Purpose.TRANSACTIONAL).outcome == "send"


# R-CASE-3


@pytest.mark.parametrize(
    ("inquiry", "after"),
    [
        ("2026-09-01T12:00Z", "2026-12-01T12:00Z"),
        ("2026-11-30T12:00Z", "2027-02-28T12:00Z"),
        ("2027-11-30T12:00Z", "2028-02-29T12:00Z"),
        ("2026-12-31T12:00Z", "2027-03-31T12:00Z"),
        ("2027-01-31T12:00Z", "2027-04-30T12:00Z"),
    ],
)
def test_three_calendar_months_end_on_the_same_day_or_the_last(inquiry: str, after: str) -> None:
    assert three_months_after(datetime.fromisoformat(inquiry)) == datetime.fromisoformat(after)


def test_the_registry_is_lifted_until_exactly_three_months_after_the_inquiry() -> None:
    facts = Facts(ConsentLevel.INQUIRY, datetime(2026, 9, 1, 17, tzinfo=UTC), dnc="national")

    assert ask(facts=facts, now=NOON - timedelta(seconds=1)).reason == "needs_written_consent"
    assert ask(facts=facts, now=NOON).reason == "dnc_registry"
    assert ask(facts=facts, now=NOON - timedelta(days=1), dnc="state").reason == "dnc_registry"


# R-CASE-4 and R-CASE-5


@pytest.mark.parametrize("country", ["DE", "NO", "GB", "CH", "CA", "AU"])
def test_marketing_mail_abroad_needs_written_consent(country: str) -> None:
    mail = Message(Channel.EMAIL, Purpose.MARKETING, "lena@example.com", country=country)

    assert ask(mail, Facts(ConsentLevel.ORAL)).reason == "needs_written_consent"
    assert ask(mail).outcome == "send"


@pytest.mark.parametrize("level", [ConsentLevel.INQUIRY, ConsentLevel.ORAL, ConsentLevel.WRITTEN])
def test_marketing_mail_at_home_needs_an_inquiry_and_has_no_hours(level: ConsentLevel) -> None:
    mail = Message(Channel.EMAIL, Purpose.MARKETING, "ana@example.com")

    decision = ask(mail, Facts(level), NIGHT)
    assert (decision.outcome, decision.at, decision.rule) == ("send", NIGHT, "R-CASE-5")
    assert ask(mail, Facts(ConsentLevel.NONE)).reason == "no_consent"


def test_an_answer_is_one_for_72_hours() -> None:
    reply = replace(TEXT, purpose=Purpose.INSTANT_REPLY)
    asked = Facts(ConsentLevel.INQUIRY, NOON - timedelta(hours=72))

    assert ask(reply, asked).outcome == "send"
    assert ask(reply, asked, NOON + timedelta(seconds=1)).reason == "inquiry_stale"
    assert ask(reply, Facts(ConsentLevel.ORAL)).reason == "inquiry_stale"


def test_a_late_answer_to_someone_who_agreed_in_writing_has_marketings_cap() -> None:
    reply = replace(TEXT, purpose=Purpose.INSTANT_REPLY)
    three = (NOON,) * 3

    assert ask(reply, prior_sends=three).reason == "cap_24h"
    assert ask(reply, prior_sends=three, inquiry_at=NOON - timedelta(hours=1)).reason == "ok"


def test_a_late_mail_answer_to_someone_who_agreed_in_writing_is_sent() -> None:
    assert ask(channel=Channel.EMAIL, purpose=Purpose.INSTANT_REPLY).outcome == "send"


def test_oral_consent_is_not_enough_for_marketing_texts() -> None:
    assert ask(consent=ConsentLevel.ORAL).reason == "needs_written_consent"


# R-CASE-6


@pytest.mark.parametrize(
    ("recipient", "address", "states", "zones"),
    [
        ("+18505550100", {}, ["FL"], ["America/Chicago", "America/New_York"]),
        ("+18505550100", {"postal_code": "32501"}, ["FL"], ["America/Chicago"]),
        # a ZIP of another state does not place an address declared in this one
        ("+18505550100", {"state": "FL", "postal_code": "90001"}, ["FL"], ["America/Chicago", "America/New_York"]),
        ("+18505550100", {"state": "FL", "postal_code": "00000"}, ["FL"], ["America/Chicago", "America/New_York"]),
        (NEW_YORK, {"postal_code": "00000"}, ["NY"], ["America/New_York"]),
        (NEW_YORK, {"state": "ID"}, ["NY", "ID"], ["America/New_York", "America/Denver", "America/Los_Angeles"]),
        (NEW_YORK, {"state": "idaho"}, ["NY", "ID"], ["America/New_York", "America/Denver", "America/Los_Angeles"]),
        (NEW_YORK, {"state": "ID", "postal_code": "83702"}, ["NY", "ID"], ["America/New_York", "America/Denver"]),
        (
            NEW_YORK,
            {"state": "ID", "postal_code": "90001"},
            ["NY", "ID"],
            ["America/New_York", "America/Denver", "America/Los_Angeles"],
        ),
        (NEW_YORK, {"postal_code": "33101"}, ["NY", "FL"], ["America/New_York"]),
        (NEW_YORK, {"postal_code": "00801"}, ["NY", "VI"], ["America/New_York", "America/Puerto_Rico"]),
    ],
)
def test_number_and_address_both_place_the_person(recipient, address, states, zones) -> None:
    decision = ask(recipient=recipient, **address)

    assert (states, zones) == (list(decision.states), list(decision.zones))


def test_a_state_nobody_knows_is_blocked() -> None:
    assert ask(state="ON").reason == "fail_closed"


def test_a_confirmed_address_alone_does_not_drop_the_area_codes_state() -> None:
    assert ask(state="CA", confirmed_address=True).states == ("NY", "CA")


# R-CASE-7 to R-CASE-10


@pytest.mark.parametrize(
    ("now", "outcome", "at"),
    [
        # Christmas 2026 is a Friday: Nebraska's automated calls open at 13:00, as on Sundays
        (datetime(2026, 12, 25, 18, 30, tzinfo=UTC), "defer", datetime(2026, 12, 25, 19, tzinfo=UTC)),
        (datetime(2026, 12, 25, 19, tzinfo=UTC), "send", datetime(2026, 12, 25, 19, tzinfo=UTC)),
        (datetime(2026, 12, 27, 18, 30, tzinfo=UTC), "defer", datetime(2026, 12, 27, 19, tzinfo=UTC)),
        (datetime(2026, 12, 28, 14, tzinfo=UTC), "send", datetime(2026, 12, 28, 14, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("purpose", [Purpose.MARKETING, Purpose.TRANSACTIONAL])
def test_automated_calls_keep_nebraskas_holiday_hours_whatever_their_purpose(now, outcome, at, purpose) -> None:
    decision = ask(recipient="+14025550100", channel=Channel.VOICE, purpose=purpose, now=now)

    assert (outcome, at) == (decision.outcome, decision.at)


def test_a_saturday_evening_in_pennsylvania_waits_until_monday_nine() -> None:
    now = datetime(2026, 11, 29, 0, 5, tzinfo=UTC)
    reply = Message(Channel.SMS, Purpose.INSTANT_REPLY, PENNSYLVANIA)

    decision = ask(reply, Facts(ConsentLevel.INQUIRY, now), now)

    assert (decision.outcome, decision.reason) == ("defer", "quiet_hours")
    assert decision.at == datetime(2026, 11, 30, 14, tzinfo=UTC)
    assert decision.local_times == ("19:05 Sat America/New_York",)
    assert explain(decision, reply) == "Text waits until Mon 30 Nov, 9:00 (Pennsylvania hours)"


@pytest.mark.parametrize(
    ("state", "reason"),
    [(None, "ok_fresh_inquiry"), ("UT", "ok_fresh_inquiry"), ("AL", "quiet_hours"), ("CT", "quiet_hours")],
)
def test_a_fresh_answer_leaves_at_night_only_where_every_state_allows_it(state: str | None, reason: str) -> None:
    assert ask(TEXT, ASKED, NIGHT, purpose=Purpose.INSTANT_REPLY, state=state).reason == reason


def test_an_inquiry_from_a_wrong_clock_does_not_stay_fresh() -> None:
    reply = replace(TEXT, purpose=Purpose.INSTANT_REPLY)

    assert ask(reply, ASKED, NIGHT, inquiry_at=NIGHT + timedelta(minutes=5)).reason == "ok_fresh_inquiry"
    assert ask(reply, ASKED, NIGHT, inquiry_at=NIGHT + timedelta(minutes=6)).reason == "quiet_hours"


def test_the_cap_looks_at_the_third_newest_and_at_any_purpose() -> None:
    sends = tuple(NOON - timedelta(hours=hours) for hours in (23, 20, 3, 2))

    decision = ask(prior_sends=sends)

    assert (decision.outcome, decision.reason, decision.rule) == ("defer", "cap_24h", "R-CASE-9")
    assert decision.at == datetime(2026, 12, 1, 21, tzinfo=UTC)
    assert ask(prior_sends=sends, purpose=Purpose.TRANSACTIONAL).outcome == "send"


def test_where_two_states_never_overlap_the_message_is_blocked() -> None:
    decision = ask(recipient=GUAM, state="RI")

    assert (decision.outcome, decision.reason, decision.rule) == ("block", "no_common_window", "R-CASE-10")
    assert explain(decision, TEXT) == "Text is not sent: no permitted hour within 14 days in Guam and Rhode Island"


# people, staff, confirmations


def test_a_persons_own_text_at_night_may_go_and_says_when_the_hours_begin() -> None:
    message = replace(TEXT, purpose=Purpose.HUMAN)

    decision = ask(message, Facts(ConsentLevel.NONE, prior_sends=(NIGHT,) * 9), NIGHT)

    assert (decision.outcome, decision.at, decision.warnings) == ("send", NIGHT, ("quiet_hours",))
    assert decision.opens_at == datetime(2026, 12, 2, 13, tzinfo=UTC)
    assert explain(decision, message) == "Text is yours to decide: outside New York hours; hours begin Wed 2 Dec, 8:00"


def test_a_persons_own_message_is_told_what_would_hold_an_automated_one() -> None:
    facts = Facts(ConsentLevel.DECLINED, dnc="state")

    assert ask(facts=facts, purpose=Purpose.HUMAN).warnings == ("declined", "dnc_registry")
    assert ask(facts=facts, purpose=Purpose.HUMAN, channel=Channel.EMAIL).warnings == ("declined",)
    assert ask(facts=WRITTEN, purpose=Purpose.HUMAN, state="ZZ").warnings == ("hours_unknown",)


def test_a_person_may_call_abroad_but_not_text_there() -> None:
    abroad = replace(TEXT, purpose=Purpose.HUMAN, recipient="+447700900123")

    assert ask(abroad).reason == "country_not_enabled"
    call = ask(abroad, channel=Channel.VOICE)
    assert (call.outcome, call.warnings) == ("send", ("country_not_enabled",))
    assert ask(abroad, channel=Channel.VOICE, recipient="12").reason == "invalid_number"


def test_a_persons_call_is_not_bound_by_the_hours_of_automated_voices() -> None:
    saturday = datetime(2026, 12, 5, 16, tzinfo=UTC)

    decision = ask(recipient="+12075550100", channel=Channel.VOICE, purpose=Purpose.HUMAN, now=saturday)
    assert (decision.outcome, decision.warnings) == ("send", ())


def test_alerts_to_staff_know_none_of_the_rules_for_leads() -> None:
    worst = Facts(ConsentLevel.REVOKED, dnc="internal", prior_sends=(NIGHT,) * 9)

    assert ask(facts=worst, now=NIGHT, purpose=Purpose.STAFF, recipient="+447700900123").outcome == "send"


def test_the_confirmation_of_a_stop_leaves_at_night_over_the_cap_to_a_valid_number_only() -> None:
    stopped = Facts(ConsentLevel.REVOKED, dnc="internal", prior_sends=(NIGHT,) * 9)

    decision = ask(facts=stopped, now=NIGHT, purpose=Purpose.CONFIRMATION)
    assert (decision.outcome, decision.at, decision.rule) == ("send", NIGHT, "R-REV-7")
    assert ask(facts=stopped, purpose=Purpose.CONFIRMATION, recipient="212").reason == "invalid_number"


# the answer itself


@pytest.mark.parametrize(
    "naive",
    [{"now": NAIVE}, {"inquiry_at": NAIVE}, {"already_answered_at": NAIVE}, {"prior_sends": (NOON, NAIVE)}],
)
@pytest.mark.parametrize("purpose", Purpose)
def test_naive_instants_are_refused(naive: dict[str, Any], purpose: Purpose) -> None:
    with pytest.raises(ValueError, match="aware"):
        ask(purpose=purpose, **naive)


@pytest.mark.parametrize("word", [{"dnc": "federal"}, {"consent": "maybe"}, {"purpose": "promo"}, {"channel": "fax"}])
def test_words_the_gate_does_not_know_are_refused(word: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="does not know"):
        ask(**word)


@pytest.mark.parametrize("edge", [datetime.max.replace(hour=10, tzinfo=UTC), datetime.min.replace(tzinfo=UTC)])
def test_the_ends_of_the_calendar_are_blocked(edge: datetime) -> None:
    decision = ask(now=edge)

    assert (decision.reason, decision.missing) == ("fail_closed", "the calendar ends here")


def test_a_decision_is_stored_with_all_it_was_made_by() -> None:
    assert ask(now=NIGHT, state="FL").as_json() == {
        "outcome": "defer",
        "at": "2026-12-02T14:00:00Z",
        "reason": "quiet_hours",
        "rule": "R-CASE-7",
        "table_version": TABLES.version,
        "consent": "written",
        "states": ["NY", "FL"],
        "zones": ["America/New_York", "America/Chicago"],
        "local_times": ["23:00 Tue America/New_York", "22:00 Tue America/Chicago"],
        "warnings": [],
        "opens_at": None,
        "missing": "",
        "policy_version": 0,
    }


# R-MAIL-2, R-MAIL-3, R-UNSUB-2

MAIL = Message(Channel.EMAIL, Purpose.MARKETING, "ana@example.com")
RECENT = Facts(ConsentLevel.INQUIRY, inquiry_at=NOON - timedelta(hours=1))


@pytest.mark.parametrize(
    ("lack", "reason"),
    [
        ({"mail_paused": True}, "mail_paused"),
        ({"has_postal_address": False}, "no_postal_address"),
        ({"has_unsubscribe_link": False}, "no_unsubscribe_link"),
    ],
)
def test_what_holds_marketing_mail_back_holds_nothing_else(lack: dict[str, bool], reason: str) -> None:
    marketing = ask(MAIL, RECENT, **lack)

    assert (marketing.outcome, marketing.reason) == ("block", reason)
    for purpose in (Purpose.INSTANT_REPLY, Purpose.TRANSACTIONAL, Purpose.HUMAN, Purpose.STAFF):
        assert ask(MAIL, RECENT, purpose=purpose, **lack).outcome == "send", purpose
    assert ask(TEXT, WRITTEN, **lack).outcome == "send"


def test_an_answer_that_comes_so_late_that_it_is_marketing_is_held_back_like_it() -> None:
    late = Facts(ConsentLevel.WRITTEN, inquiry_at=NOON - timedelta(days=4), mail_paused=True)

    assert ask(MAIL, late, purpose=Purpose.INSTANT_REPLY).reason == "mail_paused"


@pytest.mark.parametrize("purpose", [Purpose.INSTANT_REPLY, Purpose.TRANSACTIONAL, Purpose.MARKETING])
def test_no_automated_mail_goes_to_an_address_that_does_not_exist(purpose: Purpose) -> None:
    decision = ask(MAIL, RECENT, purpose=purpose, address_bounced=True)

    assert (decision.outcome, decision.reason, decision.rule) == ("block", "address_bounced", "R-UNSUB-2")


def test_a_person_is_told_that_the_address_bounced_and_may_try() -> None:
    decision = ask(MAIL, RECENT, purpose=Purpose.HUMAN, address_bounced=True)

    assert (decision.outcome, decision.warnings) == ("send", ("address_bounced",))
    assert "came back before" in explain(decision, MAIL)


def test_a_stop_outranks_a_bounce() -> None:
    assert ask(MAIL, Facts(ConsentLevel.REVOKED), address_bounced=True).reason == "opted_out"


@pytest.mark.parametrize(
    ("complaints", "mails", "too_many"),
    [(0, 0, False), (0, 9, False), (1, 334, False), (1, 333, True), (3, 1000, True), (2, 1000, False), (1, 0, True)],
)
def test_marketing_pauses_at_three_complaints_in_a_thousand(complaints: int, mails: int, too_many: bool) -> None:
    assert is_too_many(complaints, mails) is too_many
