"""Sequences read from text: what is understood, what is refused, on which line, with what advice."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
import yaml

from leadwake.domain.sequence import tree
from leadwake.domain.sequence.model import Alert, Branch, CallTask, Condition, Else, Message, Start, Stop, Wait, Window
from leadwake.domain.sequence.reading import SequenceRefused, problems, read_published, read_sequence
from leadwake.domain.template import render_text

WHOLE = """\
sequence: new_buyer
title: New buyer
about: Somebody who wants to buy a home.
starts: new_lead
for:
  interest: [buy_home, a home's value]
  source: {not: [Zillow, "Open house"]}
  score: {at least: 40, below: 80}
  phone: yes
  texts: no
window: {days: mon-sat, from: 9:00, to: 7:30 pm}
gap: 20 hours
then: long_nurture
rank: 5
steps:
  - wait: 1 day
  - text:
      en: "Hi {{ lead.first_name }}, {{ agent.first_name }} at {{ business.name }}. {{ opt_out_line }}"
      es: "Hola, le escribe {{ agent.first_name }} de {{ business.name }}. {{ opt_out_line }}"
    else: email
    else_email:
      subject: {en: "A question", es: "Una pregunta"}
      body: {en: "From {{ business.name }}", es: "De {{ business.name }}"}
    name: first-text
  - wait: until day 3
  - branch: {if: {temperature: hot, visits: {at least: 2}}, then: call-them, else: go-on}
  - email:
      variants:
        - name: short
          weight: 2
          subject: {en: "One thing", es: "Una cosa"}
          body: {en: "From {{ business.name }}", es: "De {{ business.name }}"}
        - name: long
          subject: {en: "Two things", es: "Dos cosas"}
          body: {en: "At length from {{ business.name }}", es: "De parte de {{ business.name }}"}
  - stop
  - call: Ask what they are looking for
    name: call-them
  - alert: Wants a call
"""
START = "sequence: a\ntitle: A\nstarts: by_hand\nsteps:\n"
WORDS = "'{{ business.name }}. {{ opt_out_line }}'"
TEXT = f"  - text: {{en: {WORDS}, es: {WORDS}}}\n"


def said(source: str, **kwargs: set[str]) -> list[str]:
    return [str(problem) for problem in problems(source, **kwargs)]


def errors(source: str) -> list[str]:
    return [str(problem) for problem in problems(source) if problem.is_error]


def with_steps(steps: str) -> list[str]:
    return errors(START + steps)


def test_a_whole_sequence_is_understood() -> None:
    sequence = read_sequence(WHOLE)

    assert said(WHOLE) == []
    assert (sequence.name, sequence.title, sequence.start) == ("new_buyer", "New buyer", Start.NEW_LEAD)
    assert sequence.audience == (
        Condition("interest", "is", ("buy_home", "home_valuation")),
        Condition("source", "is_not", ("Zillow", "Open house")),
        Condition("score", "at_least", ("40",)),
        Condition("score", "below", ("80",)),
        Condition("phone", "has"),
        Condition("texts", "lacks"),
    )
    assert sequence.window == Window(frozenset(range(6)), time(9), time(19, 30))
    assert (sequence.gap, sequence.then, sequence.rank) == (timedelta(hours=20), "long_nurture", 5)
    assert [step.name for step in sequence.steps] == [
        "step-1", "first-text", "step-3", "step-4", "step-5", "step-6", "call-them", "step-8",
    ]  # fmt: skip
    assert [step.line for step in sequence.steps] == [16, 17, 25, 26, 27, 36, 37, 39]
    wait, text, until, branch, mail, stop, call, alert = (step.act for step in sequence.steps)
    assert (wait, until) == (Wait(for_=timedelta(days=1)), Wait(until_day=3))
    assert (stop, call, alert) == (Stop(), CallTask("Ask what they are looking for"), Alert("Wants a call"))
    assert branch == Branch(
        (Condition("temperature", "is", ("hot",)), Condition("visits", "at_least", ("2",))), "call-them", None
    )
    assert isinstance(text, Message)
    assert (text.channel, text.instead) == ("sms", Else.EMAIL)
    assert text.instead_words is not None
    assert text.instead_words.words["es"].subject is not None
    assert isinstance(mail, Message)
    assert [(variant.name, variant.weight) for variant in mail.variants] == [("short", 2), ("long", 1)]


def test_a_message_in_spanish_says_what_is_missing_in_spanish() -> None:
    text = read_sequence(WHOLE).steps[1].act
    assert isinstance(text, Message)

    shown = {language: render_text(words.body, {}) for language, words in text.variants[0].words.items()}

    assert shown["en"] == "Hi there, the team at our office. Reply STOP to opt out"
    assert shown["es"] == "Hola, le escribe el equipo de nuestra oficina. Responda STOP para darse de baja"


def test_a_sequence_that_was_published_is_not_judged_by_what_is_refused_today() -> None:
    source = START + "  - text: 'No name of a business, no way out'\n    else: skip\n"

    with pytest.raises(SequenceRefused):
        read_sequence(source)
    assert len(read_published(source).steps) == 1


def test_all_that_is_wrong_is_told_at_once_with_its_line() -> None:
    source = (
        "sequence: New Buyer\ntitle: A\nstrats: new_lead\nfor: {phon: yes}\nwindow: {from: 9:00, to: 10:00}\nsteps:\n"
        "  - wait: 0 days\n  - wiat: 1 day\n  - branch: {if: {temperature: warmish}, then: nowhere}\n"
    )

    assert said(source) == [
        "line 1: `starts:` is missing",
        "line 1: names of sequences are small letters, digits and _, such as new_buyer",
        "line 3: unknown key 'strats' in a sequence: did you mean starts?",
        "line 4: unknown fact 'phon': did you mean phone?",
        "line 5: a window holds at least two hours a day, its end after its beginning",
        "line 7: a wait is 30 minutes, 20 hours, 2 days, until day 7; more than nothing, at most 400 days",
        "line 8: unknown key 'wiat' in a step: did you mean wait?",
        "line 9: unknown temperature 'warmish': there are hot, warm, cold",
        "line 9: no step is named 'nowhere': give a step below a `name:`",
    ]


MAIL = "  - email:\n      subject: Hello\n      body: {0}\n"


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("'{{ agent.frst_name }} of {{ business.name }}'", 7),
        ("|\n        Hello from {{ business.name }},\n\n        {{ agent.frst_name }}\n", 10),
        ("|-\n\n        Hello from {{ business.name }},\n        {{ agent.frst_name }}\n", 10),
        (">\n        Hello from\n        {{ business.name }},\n        {{ agent.frst_name }}\n", 10),
        ('"Hello from\n        {{ business.name }},\n        {{ agent.frst_name }}"', 9),
        ("Hello from\n        {{ business.name }},\n        {{ agent.frst_name }}", 9),
        ('"Hello from {{ business.name }},\\n\\n{{ agent.frst_name }}"', 7),
    ],
)
def test_what_is_wrong_within_a_message_is_told_with_the_line_of_the_file(body: str, line: int) -> None:
    source = START + MAIL.replace("{0}", body)

    assert f"line {line}: unknown variable 'agent.frst_name': did you mean agent.first_name?" in said(source)


def test_a_value_that_may_be_missing_is_refused_before_it_is_missing() -> None:
    body = "|\n        From {{ business.name }}\n        about {{ lead.timeline }}\n"

    assert with_steps(MAIL.replace("{0}", body)) == [
        "line 9: lead.timeline may be missing; put its sentence between {% if lead.timeline %} and {% endif %}"
    ]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ("Hi. {{ opt_out_line }}", "does not always name the business"),
        ("Hi from {{ business.name }}", "does not always say how to opt out"),
        ("{{ business.name }}: {{ lead.score }}. {{ opt_out_line }}", "lead.score is for the team"),
        ("{{ business.name }}: see you {{ meeting.when }}. {{ opt_out_line }}", "meeting.when is for the team"),
        ("{{ business.name }}: see bit.ly/x. {{ opt_out_line }}", "bit.ly is a public link shortener"),
        ("{{ business.name }}: {{ texts_link }}. {{ opt_out_line }}", "texts_link }} is for e-mails"),
    ],
)
def test_a_text_is_refused_that_may_not_be_sent(words: str, problem: str) -> None:
    assert any(problem in error for error in with_steps(f"  - text: '{words}'\n    else: skip\n"))


def test_a_sequence_may_promote_which_the_first_reply_may_not() -> None:
    assert with_steps("  - text: '{{ business.name }}: a free valuation? {{ opt_out_line }}'\n    else: skip\n") == []


@pytest.mark.parametrize(
    ("steps", "problem"),
    [
        ("  - wait 1 day\n", "write a colon behind wait: `- wait: …`"),
        ("  - wait: 1 day\n    call: X\n", "wait and call in one step; begin each step with a hyphen"),
        ("  - call: X\n    else: skip\n", "`else` belongs to a text, not to call"),
        ("  - call: 'Call {{ lead.name }}'\n", "no {{ }} here"),
        ("  - email: Hello\n", "an e-mail has `subject:` and `body:`"),
        ("  - email: {subject: Hello}\n", "an e-mail needs its body"),
        ("  - email: {subject: 'Re: X', body: 'From {{ business.name }}'}\n", "drop Re:"),
        ("  - email: {subject: X, body: {es: 'De {{ business.name }}'}}\n", "the body is missing in English (en)"),
        (TEXT + "    else: mail\n", "unknown `else`: did you mean email?"),
        (TEXT + "    else: email\n", "write the e-mail that takes its place"),
        ("  - call: X\n    name: go-on\n", "none of our own words"),
        ("  - call: X\n    name: a\n  - alert: X\n    name: a\n", "two steps are named a"),
        ("  - call: X\n    name: a\n  - go to: a\n", "a stands above; a sequence only goes forwards"),
        ("  - branch: {if: {opened booking: maybe}, then: a}\n  - stop:\n    name: a\n", "opened_booking is yes or no"),
        ("  - branch: {if: {score: 40}, then: a}\n  - stop:\n    name: a\n", "write {at least: 40} or {below: 40}"),
        ("  - branch: {if: {phone: yes}, then: stop}\n  - call: X\n", "to end, write `- stop:` with a `name:` below"),
        ("  - text: {variants: [{weight: 2, en: X}]}\n", "a variant needs a name"),
        ("  - text:\n      variants:\n        - {name: a, ? [b] : c, en: X}\n", "a bracket where a key should be"),
        ("  - text: {variants: [{name: else, en: X}]}\n", "such as short-one; not else"),
        ("  - text: {variants: [{name: a, weight: 0, en: X}]}\n", "a weight is a whole number from 1 to 99"),
        ("  - text: {variants: [{name: a, en: X}, {name: a, en: Y}]}\n", "two variants are named a"),
        ("  - text: {en: Hi, there}\n", "put a text that holds a comma or a bracket into quotes"),
        ("  - text: {{ lead.first_name }}, hello\n", "put a text that begins with {{ into quotes"),
        ("  - text: Hello: {{ lead.first_name }}: hello\n", "put a text that holds a colon into quotes"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_is_refused_with_advice(steps: str, problem: str) -> None:
    found = with_steps(steps)

    assert any(problem in error for error in found), found


def test_the_first_message_leaves_time_to_the_instant_reply() -> None:
    early = WHOLE.replace("wait: 1 day", "wait: 9 minutes")

    assert errors(early)[0].startswith("line 17: 9 minutes after the inquiry, when the instant reply has just gone out")
    assert errors(early.replace("starts: new_lead", "starts: no_show")) == []


@pytest.mark.parametrize(
    ("steps", "warning"),
    [
        (TEXT, "most leads may not be texted"),
        ("  - stop\n  - call: X\n", "line 6: nobody gets here"),
        ("  - go to: b\n  - call: X\n  - alert: X\n    name: b\n", "line 6: nobody gets here"),
        ("  - wait: 5 days\n  - wait: until day 3\n  - call: X\n", "line 6: day 3 is over by then"),
        ("  - call: X\n  - wait: 5 days\n", "nothing comes behind this wait"),
        ((TEXT + "    else: skip\n") * 2, "line 7: follows the message above at once"),
        ((TEXT + "    else: skip\n  - wait: 2 hours\n") * 8, "message 8 within a week"),
        ("  - email: {subject: X, body: 'From {{ business.name }}'}\n", "no message is in Spanish (es)"),
        ("  - email:\n      subject: X\n      body: From {{ business.name }} # 1\n", "what stands behind # is"),
        (TEXT + f"    else: skip\n  - wait: 1 day\n  - text: {WORDS}\n    else: skip\n",
         "line 8: is not in Spanish (es), while other messages are"),
    ],
)  # fmt: skip
def test_what_is_unwise_is_warned_of_and_can_be_published(steps: str, warning: str) -> None:
    found = said(START + steps)

    assert any(warning in each for each in found), found
    assert with_steps(steps) == []
    read_sequence(START + steps)


def test_an_unknown_sequence_to_follow_is_warned_of() -> None:
    assert said(WHOLE, known={"long_nurtures"}) == [
        "line 13: no sequence is named 'long_nurture': did you mean long_nurtures?"
    ]
    assert said(WHOLE, known={"long_nurture"}) == []
    assert errors(WHOLE.replace("then: long_nurture", "then: new_buyer")) == [
        "line 13: a sequence that follows itself never ends; name another"
    ]


def test_what_is_known_only_later_is_no_reason_to_begin() -> None:
    assert "line 10: visits begins to count once somebody is enrolled; ask for it in a branch" in errors(
        WHOLE.replace("  texts: no\n", "  visits: {at least: 1}\n")
    )


# Documents that are made to hurt.


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("", "is empty"), ("  \n# nothing\n", "is empty"), ("- a\n", "begin with `sequence:`"), ("a", "begin with"),
        ("\0", "cannot be sent"), ("a: \ud800", "cannot be sent"), ('a: "\\ud800"', "cannot be sent"),
        ('a: "\\U99999999"', "cannot be read"), ("a:\n\tb: c\n", "indent with spaces"), ("a: 'b\n", "never closed"),
        ("a: b: c", "colon"), ("a: [b\n", "bracket is never closed"), ("a: 1\n---\nb: 2\n", "one file holds one"),
        ("a: &b c\nd: *b\n", "repeats another place"), ("a: &b c\n", "names a place"), ("<<: {a: b}\n", "merging"),
        ("a: !!python/object/apply:os.system [ls]\n", "names a kind of value"), ("a: !x b\n", "names a kind"),
        ("title: a\ntitle: b\n", "there twice, already on line 1"), ("? [a]\n: b\n", "a bracket where a key"),
        ("%YAML 9" + "9" * 5000 + ".1\n---\na: b\n", "cannot be read"), ("a: " + "[" * 90_000, "nested too deep"),
        ("a: " + "{b: " * 20_000, "nested too deep"), ("- " * 40_000, "nested too deep"), ("x" * 10_000_000, "100 KB"),
        ("\n".join(f"k{n}: v" for n in range(9000)), "holds more than 2,000 things"),
        ("a: &a [x,x]\n" + "".join(f"k{n}: &k{n} [*a,*a,*a,*a]\n" for n in range(9)), "repeats another place"),
    ],
)  # fmt: skip
def test_hostile_text_is_answered_with_advice(source: str, problem: str) -> None:
    found = said(source)

    assert any(problem in each for each in found), found
    with pytest.raises(SequenceRefused):
        read_sequence(source)


def test_reading_ends_with_the_bounds_and_not_with_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    composed = 0
    compose = yaml.SafeLoader.compose_node

    def counted(self: yaml.SafeLoader, parent: object, index: object) -> object:
        nonlocal composed
        composed += 1
        return compose(self, parent, index)

    monkeypatch.setattr(yaml.composer.Composer, "compose_node", counted)
    laughs = "a0: &a0 ['ha','ha']\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 9}]\n" for n in range(1, 40))
    for source in (laughs, "- " * 49_000, "[" * 99_000, "a: b\n" * 19_000):
        said(source)

    assert composed <= 4 * tree.MAX_NODES
