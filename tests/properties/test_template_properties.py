"""Always and never of templates and their values."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.mail import html_mail
from leadwake.domain.segments import segments
from leadwake.domain.template import TemplateRefused, compile_template, default_source, render, render_subject
from leadwake.domain.template_lint import lint_email, lint_sms
from leadwake.domain.variables import VARIABLES, lead_text, safe_first_name

anything = st.text(st.characters(codec=None), max_size=300)
hostile = st.one_of(
    anything,
    st.lists(
        st.sampled_from(
            [
                "http://evil.com",
                "www.evil.com",
                "evil.com/x",
                "Maria",
                "\n",
                "\r\n",
                "{{",
                "%}",
                "<script>",
                "🎉",
                "\u202e",
            ]
        ),
        max_size=8,
    ).map(" ".join),
)
values = st.dictionaries(st.sampled_from(sorted(VARIABLES)), st.one_of(st.none(), hostile))
REPLY = compile_template(default_source("instant_reply.sms"))
SUBJECT = compile_template(default_source("staff_alert.subject"))
MAIL = compile_template(default_source("staff_alert.email"))
GREETING = compile_template("Hi {{ lead.first_name }}, welcome.")
tokens = st.sampled_from(
    """{{ }} {% %} {%if|booking_link%} {%endif%} {%else%} {%case|lead.name%} {%when|'x'%} {%endcase%} {%raw%} {%-|#
    {{lead.first_name}} {{lead['name']}} {{x|append:lead.name}} {%for|i|in|(1..9)%} {%comment%} {{'a'||truncate:1.5}}
    {{lead.name||default:3,allow_false:true}} ||upcase {%liquid {%unless""".replace("||", "\0").split()
).map(lambda token: token.replace("|", " ").replace("\0", "|"))
pieces = st.lists(st.one_of(st.text(max_size=20), tokens), max_size=12).map("".join)


@given(pieces)
def test_a_template_compiles_and_renders_or_is_refused_with_advice(source: str) -> None:
    with suppress(TemplateRefused):
        render(compile_template(source), {})


@given(pieces)
def test_lint_always_answers(source: str) -> None:
    for problem in [*lint_sms(source), *lint_email(source)]:
        assert problem.text


@given(values)
def test_every_default_renders_whatever_the_values(given_values: dict[str, str | None]) -> None:
    for template in (REPLY, MAIL):
        text = render(template, given_values)
        assert text
        assert not any(unicodedata.category(c) in {"Cc", "Cf", "Cs"} and c != "\n" for c in text)
    assert "\n" not in render_subject(SUBJECT, given_values)


@given(hostile)
def test_a_name_is_never_a_link_a_number_or_a_second_line(name: str) -> None:
    text = render(GREETING, {"lead.first_name": name})
    shown = text.removeprefix("Hi ").removesuffix(", welcome.")

    assert re.search(r"\d|\.\w\w|[/@<>{}\n]|www", shown) is None or shown.casefold() == "www"
    assert 0 < len(shown) <= 40
    assert safe_first_name(safe_first_name(name)) == safe_first_name(name)


@given(hostile)
def test_a_leads_text_never_carries_a_link_on(text: str) -> None:
    assert not re.search(r"https?://|www\.\S", lead_text(text), re.IGNORECASE)


@given(hostile, hostile, hostile)
def test_a_mail_holds_no_tag_and_no_link_of_a_lead(text: str, business: str, title: str) -> None:
    class Page(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag in {"html", "head", "meta", "title", "body", "table", "tr", "td", "div", "p", "br", "ul", "li"}
            assert not any(name.startswith("on") or name == "href" for name, _ in attrs)

    page = Page()
    page.feed(html_mail(text, business=business, postal_address=text, title=title))
    page.close()


@given(anything)
def test_segments_hold_all_units_and_no_part_is_wasted(text: str) -> None:
    cost = segments(text)
    alone, part = (160, 153) if cost.encoding == "GSM-7" else (70, 67)

    assert cost.count * (part if cost.count > 1 else alone) >= cost.units
    assert cost.count <= 1 or (cost.count - 1) * (part - 1) < cost.units
