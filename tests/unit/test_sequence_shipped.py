"""The sequences Leadwake comes with are fit to go live with: lawful, whole in both languages, cheap, and decent."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from leadwake.domain.interests import INTERESTS
from leadwake.domain.segments import segments
from leadwake.domain.sequence.checks import earliest
from leadwake.domain.sequence.model import LANGUAGES, Else, Message, Start, Variant, Words
from leadwake.domain.sequence.reading import problems, read_sequence
from leadwake.domain.sequence.shipped import shipped
from leadwake.domain.template import render, render_subject, render_text
from leadwake.domain.variables import VARIABLES, examples

NAMES = sorted(shipped())
FIRST_MONTH = ["auto_quote", "general", "home_quote", "life_quote", "new_buyer", "new_seller", "renter"]
#: false urgency, filler, promises; and people or places by what the Fair Housing Act does not let one speak of
INDECENT = re.compile(
    r"last chance|act now|hurry|limited|don't miss|guarantee|just checking|touch(?:ing)? base|circle back"
    r"|following up|asap|best (?:rate|price)|\bfree\b|!|famil|child|\bkids?\b|school|church|neighborhood|safe |crime"
    r"|ultima oportunidad|última oportunidad|garantiz|gratis|niñ|escuela|iglesia|vecindario|barrio",
    re.IGNORECASE,
)


def variants(name: str) -> Iterator[tuple[Message, Variant]]:
    for step in read_sequence(shipped()[name]).steps:
        if isinstance(step.act, Message):
            for variant in [*step.act.variants, *filter(None, [step.act.instead_words])]:
                yield step.act, variant


def wordings(name: str) -> Iterator[tuple[str, Words]]:
    return ((language, words) for _, variant in variants(name) for language, words in variant.words.items())


def test_there_is_one_for_each_occasion() -> None:
    others = ["missed_call", "no_show", "after_meeting", "long_nurture", "reactivation"]
    assert set(NAMES) == {*FIRST_MONTH, *others}
    starts = {name: read_sequence(source).start for name, source in shipped().items()}
    assert {name for name, start in starts.items() if start is Start.NEW_LEAD} == set(FIRST_MONTH)
    assert set(starts.values()) == set(Start)


def test_a_lead_is_for_one_of_them_and_the_general_one_comes_last() -> None:
    taken: list[str] = []
    for name in FIRST_MONTH:
        sequence = read_sequence(shipped()[name])
        if name == "general":
            assert (sequence.audience, sequence.rank) == ((), -10)
            continue
        (condition,) = sequence.audience
        assert (condition.fact, condition.op, sequence.rank) == ("interest", "is", 0)
        taken.extend(condition.values)
    assert len(taken) == len(set(taken))
    assert set(taken) < set(INTERESTS)


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_or_doubtful_with_it(name: str) -> None:
    assert read_sequence(shipped()[name]).name == name
    assert problems(shipped()[name], NAMES) == []


@pytest.mark.parametrize("name", FIRST_MONTH)
def test_the_first_month_keeps_its_days_and_goes_on(name: str) -> None:
    sequence = read_sequence(shipped()[name])
    soonest = earliest(sequence)
    days = [soonest[place].days for place, step in enumerate(sequence.steps) if isinstance(step.act, Message)]

    assert days == [1, 3, 7, 14, 21, 30]
    assert sequence.then == "long_nurture"


@pytest.mark.parametrize("name", NAMES)
def test_whoever_may_not_be_texted_is_reached_by_mail_or_phone_first(name: str) -> None:
    texts = [message for message, _ in variants(name) if message.channel == "sms"]

    assert texts or name == "reactivation"
    if name != "reactivation":  # there texts are only for those who may be texted
        assert texts[0].instead is not Else.SKIP
    for message in texts:
        assert (message.instead is Else.EMAIL) is (message.instead_words is not None)


@pytest.mark.parametrize("name", NAMES)
def test_each_message_says_the_same_in_both_languages(name: str) -> None:
    for _, variant in variants(name):
        assert list(variant.words) == list(LANGUAGES)
        english, spanish = ({*words.body.variables} - {"lead.first_name"} for words in variant.words.values())
        assert english == spanish


@pytest.mark.parametrize("name", NAMES)
def test_it_has_no_hole_whatever_is_unknown(name: str) -> None:
    for language, words in wordings(name):
        known = examples(language)
        for values in [known, {}, *({k: v for k, v in known.items() if k != gone} for gone in VARIABLES)]:
            for template in filter(None, [words.body, words.subject]):
                text = render(template, values)
                assert text
                for sign in ("  ", " .", " ,", " :", "None", ",,", "..", "()", "{", "\n\n\n", " ?"):
                    assert sign not in text, (values, text)


@pytest.mark.parametrize("name", NAMES)
def test_its_texts_cost_one_segment_in_either_language(name: str) -> None:
    for message, variant in variants(name):
        if message.channel == "sms" and variant.name != "else":
            for language, words in variant.words.items():
                for values in (examples(language), {}):
                    text = render_text(words.body, values)
                    assert (segments(text).encoding, segments(text).count) == ("GSM-7", 1), text
                roomy = {"lead.first_name": "Guadalupe", "agent.first_name": "Bernadette"}
                long_names = {**examples(language), **roomy, "business.name": "Coastal Home Partners"}
                assert segments(render_text(words.body, long_names)).count == 1


@pytest.mark.parametrize("name", NAMES)
def test_its_words_are_decent(name: str) -> None:
    for language, words in wordings(name):
        text = render(words.body, examples(language))
        subject = render_subject(words.subject, examples(language)) if words.subject else ""

        assert not (found := INDECENT.search(f"{subject}\n{text}")), found
        assert "Dana" in text
        assert len(subject) <= 50, subject
        assert subject == "" or len(text) <= 1_000
