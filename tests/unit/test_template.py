"""Templates people write: what they may say, what they become, what is refused and how."""

from __future__ import annotations

from html.parser import HTMLParser
from importlib import resources

import pytest

from leadwake.domain.interests import interest, interest_phrase
from leadwake.domain.mail import html_mail
from leadwake.domain.segments import segments
from leadwake.domain.template import (
    Problem,
    TemplateRefused,
    TextTooLong,
    compile_template,
    default_source,
    render,
    render_subject,
    render_text,
)
from leadwake.domain.template_lint import lint_email, lint_sms, lint_subject
from leadwake.domain.variables import EXAMPLES, VARIABLES

DEFAULTS = sorted(
    file.name.removesuffix(".liquid")
    for file in (resources.files("leadwake.domain") / "default_templates").iterdir()
    if file.name.endswith(".liquid")
)
FIRST_TEXT = "Hi {{ lead.first_name }}, {{ business.name }} here. {{ opt_out_line }}"


def rendered(source: str, **values: str | None) -> str:
    return render(compile_template(source), {name.replace("__", "."): value for name, value in values.items()})


# The texts we ship.


def test_shipped_texts_are_the_expected_ones() -> None:
    assert {"instant_reply.sms", "instant_reply.subject", "instant_reply.email", "staff_alert.sms"} <= set(DEFAULTS)


def test_shipped_reply_names_business_and_agent_offers_the_link_and_fits_one_segment() -> None:
    template = compile_template(default_source("instant_reply.sms"))
    text = render_text(template, EXAMPLES)

    for part in (
        "Maria",
        "Dana",
        "Example Realty",
        "buying a home",
        "https://book.example.com/dana",
        "Reply STOP to opt out",
    ):
        assert part in text
    assert segments(text).count == 1
    assert segments(render_text(template, {})).count == 1


@pytest.mark.parametrize("name", ["instant_reply.sms", "instant_reply_held.sms"])
def test_shipped_texts_pass_their_own_lint(name: str) -> None:
    assert lint_sms(default_source(name)) == []


def test_shipped_mails_pass_their_own_lint() -> None:
    assert lint_email(default_source("instant_reply.email")) == []
    assert lint_subject(default_source("instant_reply.subject")) == []
    assert lint_subject(default_source("staff_alert.subject")) == []


@pytest.mark.parametrize("name", DEFAULTS)
def test_shipped_text_has_no_hole_whatever_is_unknown(name: str) -> None:
    template = compile_template(default_source(name))
    without = [{k: v for k, v in EXAMPLES.items() if k != gone} for gone in VARIABLES]
    for values in [EXAMPLES, {}, *without]:
        text = render(template, values)
        for sign in ("  ", " .", " ,", "None", ",,", "..", ": \n", "()", "{", "\n\n\n"):
            assert sign not in text, (values, text)
        assert text == text.strip()


def test_staff_alert_tells_the_number_and_why_the_text_waits() -> None:
    values = {**EXAMPLES, "lead.reply_status": "Text waits until Mon 9:00, Pennsylvania hours"}

    for name in ("staff_alert.sms", "staff_alert.email"):
        text = render(compile_template(default_source(name)), values)
        assert "+18135550194" in text
        assert "Text waits until Mon 9:00, Pennsylvania hours" in text


# Values.


def test_missing_or_blank_value_takes_its_fallback() -> None:
    assert rendered("Hi {{ lead.first_name }}!") == "Hi there!"
    assert rendered("Hi {{ lead.first_name }}!", lead__first_name=None) == "Hi there!"
    assert rendered("Hi {{ lead.first_name }}!", lead__first_name=" \n ") == "Hi there!"


def test_sentence_around_an_absent_link_is_left_out() -> None:
    source = "Thanks.{% if booking_link %} Book: {{ booking_link }}{% endif %} Bye."

    assert rendered(source) == "Thanks. Bye."
    assert rendered(source, booking_link="") == "Thanks. Bye."
    assert rendered(source, booking_link="javascript:alert(1)") == "Thanks. Bye."
    assert rendered(source, booking_link="https://b.example/x") == "Thanks. Book: https://b.example/x Bye."


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Maria", "Maria"), ("MARIA", "Maria"), ("maria", "Maria"), ("José", "José"), ("Anne-Marie", "Anne-Marie"),
        ("O'Neil", "O'Neil"), ("D’Angelo", "D’Angelo"), ("Mary Ann", "Mary Ann"), ("Sam 🎉🎉", "Sam"), ("J.R.", "J.R"),
        ("Łukasz", "Łukasz"), ("नेहा", "नेहा"), ("小明", "小明"), ("Ma\u200bria", "Maria"), ("Maria\u202e", "Maria"),
        ("Maria\nSTOP", "Maria STOP"), ("Free Money Now", "Free"), ("LeAnn", "LeAnn"), ("JP", "JP"),
        ("http://evil.com win", "there"), ("evil.com", "there"), ("evil。com", "there"), ("ｅｖｉｌ．ｃｏｍ", "there"),
        ("www.evil.com", "there"), ("you@evil.example", "there"), ("Call 555 0100", "there"), ("bit.ly/x", "there"),
        ("x" * 41, "there"), ("<b>Bob</b>", "there"), ("{{ lead.email }}", "there"), ("=HYPERLINK(1)", "there"),
        ("🎉", "there"), ("...", "there"), ("\ud800", "there"), ("\x00", "there"),
    ],
)  # fmt: skip
def test_name_that_is_no_name_is_not_sent_on(given: str, shown: str) -> None:
    assert rendered("{{ lead.first_name }}", lead__first_name=given) == shown


def test_links_in_what_a_lead_wrote_are_not_passed_on() -> None:
    message = "Look at http://evil.example/x and www.evil.example or evil.com/a, please.\n\nThanks. Mr. T"

    assert (
        rendered("{{ lead.message }}", lead__message=message)
        == "Look at [link] and [link] or [link] please. Thanks. Mr. T"
    )


def test_long_message_is_cut_and_says_so() -> None:
    text = rendered("{{ lead.message }}", lead__message="word " * 2000)

    assert len(text) <= 600
    assert text.endswith("...")


def test_value_is_never_read_as_a_template() -> None:
    assert (
        rendered("{{ lead.message }}", lead__message="{{ business.name }} {% if x %}")
        == "{{ business.name }} {% if x %}"
    )


def test_values_are_escaped_in_html_templates() -> None:
    template = compile_template("<p>{{ lead.message }}</p>", html=True)

    assert render(template, {"lead.message": "<script>'\"&"}) == "<p>&lt;script&gt;&#39;&#34;&amp;</p>"


def test_interest_has_our_words_or_none() -> None:
    assert interest_phrase("buy_home") == "your question about buying a home"
    assert interest_phrase("win a prize at evil.com") == ""
    assert interest("Sell Home") == "selling a home"
    assert interest("goat yoga") == "goat yoga"
    assert interest(None) == ""


# Refusals.


@pytest.mark.parametrize(
    ("source", "line", "advice"),
    [
        ("Hi {{ first_name }}", 1, "did you mean lead.first_name?"),
        ("Hi\n{{ lead.frist_name }}", 2, "did you mean lead.first_name?"),
        ("{{ lead['message_'] }}", 1, "lead.message"),
        ("{{ lead }}", 1, "unknown variable 'lead'"),
        ("{{ lead.first_name | upcse }}", 1, "did you mean upcase?"),
        ("{{ lead.first_name | split: ',' }}", 1, "unknown filter"),
        ("a\n\n{% for x in (1..9000000) %}{{ x }}{% endfor %}", 3, "{% for %} is not for messages"),
        ("{% include 'other' %}", 1, "{% include %} is not for messages"),
        ("{% render 'other' %}", 1, "{% render %} is not for messages"),
        ("{% assign lead = 'x' %}{{ lead.first_name }}", 1, "{% assign %} is not for messages"),
        ("{% capture x %}y{% endcapture %}", 1, "{% capture %} is not for messages"),
        ("{{ (1..99999999) }}", 1, "ranges"),
        ("{% if (1..99999999) contains 5 %}x{% endif %}", 1, "ranges"),
        ("b\n{{ lead.first_name", 2, "check that each"),
        ("{% if booking_link %}", None, "{% endif %}"),
        ("{% endif %}", 1, "check that each"),
        ("{{ 'x' | truncate: 'y' }}", 1, "integer"),
        ("\ud800", None, "characters that cannot be sent"),
        ("x" * 10_001, None, "shorten"),
        ("{% if lead.name %}" * 40, None, ""),
        ("{{ lead.message }}" * 400, None, "limit"),
    ],
)
def test_refused_template_says_where_and_what_to_do(source: str, line: int | None, advice: str) -> None:
    with pytest.raises(TemplateRefused) as caught:
        compile_template(source)

    problem = caught.value.problems[0]
    assert advice in problem.text
    assert line is None or problem.line == line
    assert str(problem) in caught.value.reasons["template"]


def test_text_above_the_carriers_limit_is_refused_not_cut() -> None:
    with pytest.raises(TextTooLong, match="1,601"):
        render_text(compile_template("x" * 1601), {})


def test_subject_is_one_line_whatever_comes_in() -> None:
    template = compile_template("New:\n{{ lead.name }}\n\n{{ business.name }}")

    subject = render_subject(template, {"lead.name": "Eve\r\nBcc: all@example.com", "business.name": "B" * 500})
    assert "\n" not in subject
    assert "\r" not in subject
    assert len(subject) <= 200


# Lint.


def problems(source: str) -> str:
    return " | ".join(problem.text for problem in lint_sms(source))


def test_fit_text_has_no_problems() -> None:
    assert lint_sms(FIRST_TEXT) == []


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi. {{ opt_out_line }}", "does not always name the business"),
        ("{% if agent.phone %}{{ business.name }}{% endif %} {{ opt_out_line }}", "does not always name the business"),
        ("Hi from {{ business.name }}", "how to opt out"),
        ("{% if booking_link %}{{ opt_out_line }}{% endif %} {{ business.name }}", "how to opt out"),
        (FIRST_TEXT + " Book: {{ booking_link }}", "booking_link may be missing"),
        (FIRST_TEXT + " See https://bit.ly/x", "shortener"),
        (FIRST_TEXT + " Get 20% off today", "promotion"),
        (FIRST_TEXT + " {first_name}", "looks like a place to fill"),
        (FIRST_TEXT + " [LINK]", "looks like a place to fill"),
        (FIRST_TEXT + " 🎉", "cheap alphabet"),
        (FIRST_TEXT + " x" * 80, "2 segments"),
        (FIRST_TEXT + " x" * 800, "at most 1,600"),
        (FIRST_TEXT + " You wrote: {{ lead.message }}", "lets a stranger"),
        (FIRST_TEXT + "{{ nonsense }}", "unknown variable"),
    ],
)
def test_unfit_text_says_why(source: str, expected: str) -> None:
    assert expected in problems(source)


def test_errors_come_before_second_thoughts() -> None:
    found = lint_sms("🎉 Hi")

    assert [problem.is_error for problem in found] == sorted((p.is_error for p in found), reverse=True)
    assert found[-1].is_error is False


def test_optional_value_with_a_default_or_inside_its_if_is_no_hole() -> None:
    for part in ("{{ agent.phone | default: 'our office' }}", "{% if agent.phone %}{{ agent.phone }}{% endif %}",
                 "{% if agent.phone and booking_link %}{{ agent.phone }} {{ booking_link }}{% endif %}"):  # fmt: skip
        assert lint_sms(f"{FIRST_TEXT} {part}") == []


def test_plain_words_are_not_taken_for_promotion() -> None:
    assert lint_sms(FIRST_TEXT + " Feel free to reply any time.") == []


def test_subject_that_pretends_to_be_a_reply_is_refused() -> None:
    assert any("pretend" in problem.text for problem in lint_subject("Re: {{ business.name }}"))
    assert any("empty" in problem.text for problem in lint_subject("{% if booking_link %}x{% endif %}"))


def test_problem_reads_with_its_line() -> None:
    assert str(Problem("mend it", 3)) == "line 3: mend it"
    assert str(Problem("mend it")) == "mend it"


# The mail.


class _Page(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str | None] = []
        self.tags: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "a":
            self.links.append(dict(attrs).get("href"))


LINK = "https://book.example.com/dana?a=1&b=2"


def mail(text: str, link: str = LINK) -> str:
    return html_mail(text, business="Example Realty", postal_address="100 Example St", title="Hello", link=link)


def test_link_alone_becomes_a_button_and_inside_a_sentence_a_link() -> None:
    html = mail(f"Hi Maria,\n\n{LINK}\n\nOr here: {LINK} any time.")

    assert _Page(html).links == [LINK, LINK]
    assert html.count(">Pick a time</a>") == 1


def test_more_links_of_ours_are_shown_by_their_words_and_only_one_is_a_button() -> None:
    more = (("Get texts from us", f"{LINK}/c"), ("", ""))
    html = html_mail(f"Hi\n\n{LINK}\n\n{LINK}/c\n\nor {LINK}/c, later", business="B", link=LINK, more_links=more)

    assert _Page(html).links == [LINK, f"{LINK}/c", f"{LINK}/c"]
    assert html.count(">Get texts from us</a>") == 1
    assert html.count("display:inline-block") == 1


def test_no_other_address_becomes_a_link_and_no_markup_survives() -> None:
    html = mail("See https://evil.example <script>alert(1)</script> <a href='x'>y</a>\n\n\"&'")

    assert _Page(html).links == []
    assert "script" not in _Page(html).tags
    assert "&lt;script&gt;" in html


def test_paragraphs_lines_and_lists_keep_their_shape() -> None:
    html = mail("One\ntwo\n\n- a\n- b\n\nThree", link="")

    assert "One<br>two" in html
    assert html.count("<li ") == 2


def test_mail_has_what_screen_readers_phones_and_the_law_ask_for() -> None:
    html = html_mail(
        "Hi", business="A & B", postal_address="1 <St>", foot_links=(("Privacy", "https://www.example.com/p"),)
    )

    for part in ('lang="en"', "<title>A &amp; B</title>", "width=device-width", 'role="presentation"', "1 &lt;St&gt;"):
        assert part in html
    assert _Page(html).links == ["https://www.example.com/p"]


def test_shipped_mail_holds_one_button_to_the_booking_page() -> None:
    text = render(compile_template(default_source("instant_reply.email")), EXAMPLES)
    html = mail(text, EXAMPLES["booking_link"])

    assert [EXAMPLES["booking_link"]] == _Page(html).links
    assert ">Pick a time</a>" in html


@pytest.mark.parametrize(
    "words",
    [
        "Do not reply to this text.",
        "This number is unmonitored.",
        "Please don't respond.",
        "no-reply",
        "You cannot reply.",
    ],
)
def test_a_message_that_cannot_be_answered_is_refused(words: str) -> None:
    assert any(
        "must be able to answer" in problem.text and problem.is_error for problem in lint_sms(f"{FIRST_TEXT} {words}")
    )


def test_the_first_mail_offers_texts_only_where_there_is_a_page_for_it() -> None:
    template = compile_template(default_source("instant_reply.email"))

    assert "texts from us" in render(template, EXAMPLES)
    assert "texts from us" not in render(template, {**EXAMPLES, "texts_link": ""})
