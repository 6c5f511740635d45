"""Sequences in words, and what publishing one would change."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from leadwake.domain.sequence.diff import difference
from leadwake.domain.sequence.reading import problems, read_sequence
from leadwake.domain.sequence.shipped import shipped
from leadwake.domain.sequence.words import headline, step_words

DOCS = Path(__file__).parents[2] / "docs" / "sequences.md"
MAIL = "  - email: {subject: 'Hello', body: 'From {{ business.name }}'}\n"
CHEAP = "'{{ business.name }}. {{ opt_out_line }}'"
DEAR = "'{{ business.name }}: ¿qué día le conviene para hablar de su casa? {{ opt_out_line }}'"
END = "  - stop:\n    name: x\n"
HEAD = "sequence: a\ntitle: A\nstarts: by_hand\nsteps:\n"


def example() -> str:
    """The whole sequence of the page about them."""
    block = DOCS.read_text("utf-8").split("## A whole one\n\n", 1)[1].split("\n`go-on` is", 1)[0]
    return re.sub(r"^ {4}", "", block, flags=re.MULTILINE)


def says(steps: str) -> list[str]:
    return [words.says for words in step_words(read_sequence(HEAD + steps))]


def test_the_sequence_of_the_documentation_can_be_published_and_is_told_in_words() -> None:
    assert problems(example(), shipped()) == []

    sequence = read_sequence(example())
    assert "\n".join(headline(sequence)) == (
        "Begins with a new lead, for those of whom all of this is true: they ask about buying a home and they did not "
        "come from Zillow and their score is at least 20 and their score is below 95 and they have an e-mail address.\n"
        "At most 2 messages in 4 days; Mon-Sat, 9:00 to 19:30, by their clock.\n"
        "Behind a delay messages keep 20 hours between them.\n"
        "Who has not answered by its end goes on in long_nurture."
    )
    assert "\n".join(f"{words.kind}, {words.soonest}: {words.says}" for words in step_words(sequence)) == (
        "wait, at once: Wait 2 hours\n"
        "branch, 2 hours: If they are hot and they have a phone number, go on below; else at first-text\n"
        "call, 2 hours: A call to make: “Hot: ask today what they thought of the house.”\n"
        "wait, 2 hours: Wait until day 1\n"
        "sms, day 1: A text, 1 segment, in 2 wordings (short 67 %, choice 33 %); where it may not be sent, an e-mail, "
        "“What did you think of it?”\n"
        "wait, day 1: Wait until day 4\n"
        "branch, day 4: If they opened their booking page, go on below; else at last\n"
        "alert, day 4: Their agent is told: “Opened the booking page and did not book.”\n"
        "stop, day 4: The end\n"
        "email, day 4: An e-mail, “Other homes like it”"
    )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (f"  - text: {DEAR}\n    else: call task\n", "A text, 2 segments; where it may not be sent, a call to make"),
        (
            f"  - text: {{en: {CHEAP}, es: {DEAR}}}\n    else: skip\n",
            "A text, 1 segment in English, 2 segments in Spanish; where it may not be sent, nothing",
        ),
        ("  - wait: 36 hours\n", "Wait 1 day 12 hours"),
        ("  - wait: 2 weeks\n", "Wait 2 weeks"),
        (
            "  - branch: {if: {visits: {at least: 2}, channel: {not: chat}}, then: x}\n" + END,
            "If they came to our pages at least 2 times since and they did not ask by chat, go on at x; else below",
        ),
    ],
)
def test_a_step_is_said_with_its_cost(step: str, said: str) -> None:
    assert says(step)[0] == said


def test_a_text_too_long_to_be_sent_is_said_to_be_so() -> None:
    source = f"  - text: '{{{{ business.name }}}} {'long ' * 400} {{{{ opt_out_line }}}}'\n    else: skip\n"
    errors = [str(problem) for problem in problems(HEAD + source) if problem.is_error]

    assert len(errors) == 1
    assert "at most 1,600 can be sent" in errors[0]


# What publishing would change.


def test_a_first_version_is_new_and_the_same_one_changes_nothing() -> None:
    assert difference(None, HEAD + MAIL).words == ("Nothing is in force yet.",)
    assert difference(HEAD + MAIL, HEAD + MAIL) == type(difference(None, ""))((), "")
    remarks = difference(HEAD + MAIL, "# a remark\n" + HEAD + MAIL)
    assert (remarks.words, "+# a remark" in remarks.text) == ((), True)


def test_changes_are_told_step_by_step() -> None:
    wait, call, look = "  - wait: 2 days\n", "  - call: Ask\n", "  - alert: Look\n"
    before = HEAD + "  - wait: 1 day\n" + MAIL + call + wait + MAIL
    head = HEAD.replace("title: A", "title: B\nfor: {phone: yes}")
    after = head + wait + MAIL.replace("From", "Greetings from") + wait + MAIL + look

    assert difference(before, after).words == (
        "Title: B; was: A",
        "For: they have a phone number; was: everybody",
        "Step 1: Wait 2 days; was: Wait 1 day",
        "Step 2: other words in English",
        "Gone, step 3: A call to make: “Ask”",
        "New, step 5: Their agent is told: “Look”",
    )


def test_other_words_are_told_by_language_and_variant() -> None:
    before = example()
    after = (
        before.replace("¿Le gusta la casa? {{ opt", "¿Y qué tal? {{ opt")
        .replace("A word is enough.", "One word.")
        .replace("weight: 2", "weight: 3")
    )

    shares, spanish, mail = difference(before, after).words
    assert shares.startswith("Step 5: A text, 1 segment, in 2 wordings (short 75 %, choice 25 %);")
    assert "was: A text, 1 segment, in 2 wordings (short 67 %, choice 33 %);" in shares
    assert spanish == "Step 5: other words in Spanish, in short"
    assert mail == "Step 5: other words in English, in the e-mail that takes its place"


def test_what_cannot_be_read_is_still_compared_by_lines() -> None:
    broken = difference(HEAD + MAIL, HEAD + "  - wiat: 1 day\n")

    assert broken.words == ("One of the two cannot be read; see the lines.",)
    assert "+  - wiat: 1 day" in broken.text
