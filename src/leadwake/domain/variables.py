"""What templates may say: the catalogue of variables, and values made safe to put into a message.

A missing value is never a hole: each variable has a fallback, or is optional and belongs inside {% if … %}.
What comes from leads is hostile: a name is not a place for a link, a second line, or a sentence.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple
from urllib.parse import urlsplit

MAX_NAME_CHARS: Final = 40
MAX_LINE_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 600
MAX_URL_CHARS: Final = 500

_SPACES: Final = re.compile(r"\s+")
# Control, format (bidi overrides, zero width), surrogate, private use, unassigned, line and paragraph separators.
_INVISIBLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NAME: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|[-' .\u2019\u00b7])*")
_LINKS: Final = re.compile(
    r"(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+"
    r"|\b[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}\.(?:com|net|org|info|biz|io|co|ly|me|us|uk|de|ru|cn|top|xyz|link|click|app|site"
    r"|online|shop|store|live|club|gl|gg|to|cc|tk|ai|dev)\b(?:/\S*)?",
    re.IGNORECASE,
)


def visible(text: str) -> str:
    """The text on one line, without control or invisible characters, spaces single."""
    if not (text.isascii() and text.isprintable()):
        text = "".join(
            " " if c.isspace() else c for c in text if c.isspace() or unicodedata.category(c) not in _INVISIBLE
        )
    return _SPACES.sub(" ", text).strip()


def safe_first_name(text: str) -> str:
    """
    A first name fit to greet somebody by, else "": no links, digits, sentences or markup, at most 40 characters.

    The last guard, whoever read the name before. Emoji are dropped, shouting is calmed: "MARIA 🎉" → "Maria".
    """
    if text.isascii() and text.isalpha() and text.istitle() and len(text) <= MAX_NAME_CHARS:
        return text  # nearly always
    # Compatibility forms first: ｅｖｉｌ．ｃｏｍ and evil。com read as links on a phone.
    plain = unicodedata.normalize("NFKC", text[:MAX_TEXT_CHARS]).replace("\u3002", ".")
    shown = "".join(c for c in plain if not unicodedata.category(c).startswith("S") or c in "<>=+|~^$`")
    name = visible(shown).strip(" -'.,;:!?\"\u2019\u201c\u201d")
    if not name or len(name) > MAX_NAME_CHARS or re.search(r"\.\w\w", name):
        return ""
    # NFC joined what can be joined; marks that remain (Devanagari, Thai) belong to their letters.
    if not _NAME.fullmatch("".join(c for c in name if not unicodedata.category(c).startswith("M"))):
        return ""
    if len(words := name.split(" ")) > 2:
        name = words[0]
    if len(name) > 3 and (name.isupper() or name.islower()):
        name = name.title() if name.replace("-", "").replace(" ", "").isalpha() else name.capitalize()
    return name


def link(text: str) -> str:
    """The text if it is one plain http(s) URL, else ""."""
    text = text.strip()
    if len(text) > MAX_URL_CHARS or not text.isascii() or not text.isprintable() or re.search(r"[\s\"'<>\\`{|}]", text):
        return ""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in {"http", "https"} and parts.hostname else ""


def line(text: str) -> str:
    """One line of the team's own, at most 200 characters."""
    return _cut(visible(text[: MAX_TEXT_CHARS * 2]), MAX_LINE_CHARS)


def lead_line(text: str) -> str:
    """One line that a lead wrote: links in it are named, not repeated."""
    return _cut(_without_links(line(text)), MAX_LINE_CHARS)


def lead_text(text: str) -> str:
    """Free text that a lead wrote, on one line, at most 600 characters, links named, not repeated."""
    return _cut(_without_links(_cut(visible(text[: MAX_TEXT_CHARS * 4]), MAX_TEXT_CHARS)), MAX_TEXT_CHARS)


def lines(text: str) -> str:
    """Lines of our own, each cleaned, at most 60 of them."""
    return "\n".join(_cut(visible(each[: MAX_TEXT_CHARS * 2]), MAX_TEXT_CHARS) for each in text.split("\n")[:60])


def address(text: str) -> str:
    """A phone number or e-mail address as normalised at intake: shown whole."""
    return _cut(visible(text[: MAX_TEXT_CHARS * 2]), 320)


def _without_links(text: str) -> str:
    return _LINKS.sub("[link]", text) if "." in text or "://" in text else text


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 3].rstrip() + "..."


class Variable(NamedTuple):
    """description, example: shown beside the editor; fallback: "" means optional; clean: what makes a value safe."""

    description: str
    example: str
    fallback: str
    clean: Callable[[str], str] = line

    @property
    def is_optional(self) -> bool:
        """True when it may be absent, so that its sentence belongs inside {% if … %}."""
        return not self.fallback


VARIABLES: Final[Mapping[str, Variable]] = {
    "lead.first_name": Variable("the lead's first name", "Maria", "there", safe_first_name),
    "lead.name": Variable("the lead's full name", "Maria Lopez", "no name given", lead_line),
    "lead.phone": Variable("the lead's number", "+18135550194", "no phone number", address),
    "lead.email": Variable("the lead's address", "maria@example.com", "no e-mail address", address),
    "lead.interest": Variable("what the lead wants, as a thing", "buying a home", "", lead_line),
    "lead.interest_phrase": Variable(
        "what the lead asked, to follow “thanks for”", "your question about buying a home", "your inquiry", lead_line
    ),
    "lead.message": Variable(
        "what the lead wrote", "Is 12 Oak St still open? We could come Sat.", "no message", lead_text
    ),
    "lead.timeline": Variable("when the lead wants to act", "this week", "not said", lead_line),
    "lead.budget": Variable("what the lead would spend", "$450,000", "not said", lead_line),
    "lead.source": Variable("where the lead came from", "Zillow", "unknown source", lead_line),
    "lead.score": Variable("the score, 0-100", "82", "not scored"),
    "lead.temperature": Variable("hot, warm or cold", "hot", "new"),
    "lead.reasons": Variable("why the score is what it is", "wants to act this week; gave a budget", "no reasons yet"),
    "lead.reply_status": Variable(
        "what has been sent to the lead", "Text and e-mail are on their way", "See the lead's page"
    ),
    "lead.reply": Variable("what the lead wrote back", "no thanks", "nothing that can be shown", lead_text),
    "lead.reply_meaning": Variable(
        "what was done about the reply, and what a person should do",
        "It may mean stop: automation is paused. Call them, or mark that they asked us to stop.",
        "Please look at it",
    ),
    "lead.link": Variable("the lead's page", "https://leads.example.com/leads/7f3a", "", link),
    "lead.alert_link": Variable(
        "the lead's page, opened once without a password; in alerts to the team only",
        "https://leads.example.com/a/AQAAAABpJ0AAAZq5w2dZcX6ytVt8",
        "",
        link,
    ),
    "offer.code": Variable("what the agent texts back to claim the lead, while it is offered to them", "1", ""),
    "meeting.title": Variable("what the meeting is called", "a 30 minute call", "your meeting", lead_line),
    "meeting.when": Variable("when it begins, by the lead's own clock", "Tue 1 Dec, 3:00 pm EST", "soon"),
    "meeting.place": Variable("where it takes place: a link, a number or an address", "12 Oak St, Tampa", "", address),
    "meeting.news": Variable("what became of a meeting, in alerts to the team", "booked a meeting", "has news"),
    "enrichment.company": Variable("where the lead works, as a data vendor says", "Acme Corp", "", lead_line),
    "enrichment.title": Variable("what the lead does there, as a data vendor says", "Office manager", "", lead_line),
    "sequence.title": Variable("the sequence that asks for somebody, in alerts to the team", "New buyer", "a sequence"),
    "sequence.says": Variable("what is to be looked at", "Opened the booking page, did not book", "please look"),
    "agent.first_name": Variable("the agent's first name", "Dana", "the team"),
    "agent.name": Variable("the agent's full name", "Dana Reyes", "The team"),
    "agent.phone": Variable("the agent's number, as people dial it", "(813) 555-0100", ""),
    "business.name": Variable("the business; every first message must name it", "Example Realty", "our office"),
    "business.phone": Variable("the office's number", "(813) 555-0101", ""),
    "business.postal_address": Variable("the postal address", "100 Example St, Tampa, FL 33601", ""),
    "booking_link": Variable("where a meeting is booked", "https://book.example.com/dana", "", link),
    "privacy_link": Variable("the privacy notice", "https://www.example.com/privacy", "", link),
    "texts_link": Variable(
        "the lead's own page to agree to texts, in e-mails only; absent once they agreed or said no",
        "https://leads.example.com/c/AQAAAAAAAAAA",
        "",
        link,
    ),
    "opt_out_line": Variable(
        "how to end texts; every first text must say it", "Reply STOP to opt out", "Reply STOP to opt out"
    ),
    "digest.waiting_count": Variable("how many wait for the agent, in the daily digest", "2", ""),
    "digest.waiting": Variable(
        "who waits for the agent, a line each; absent when nobody does",
        "- Maria Lopez, hot, wrote back, 2 h 5 min\n- Sam Poe, warm, is to be called, 40 min",
        "",
        lines,
    ),
    "digest.pool": Variable("leads that are nobody's; absent without any", "2 people are nobody's yet.", ""),
    "digest.night": Variable(
        "what happened since the agent's last shift", "- Since 18:00: 4 people asked, 4 answered.", "- Nothing.", lines
    ),
    "week.headline": Variable(
        "captures of the week, in the weekly digest", "412 received, 412 accounted for", "No week"
    ),
    "week.days": Variable("the days of that week", "16 Nov to 22 Nov", "Last week"),
    "week.span": Variable("what the digest is of: last week, or yesterday", "Last week", "Last week"),
    "week.captures": Variable("captures by what became of them", "- 300 new people\n- 112 known people", "", lines),
    "week.responses": Variable(
        "medians with their n",
        "- Machine: median 0.4 s, n 398\n- Human: median 12 min, n 301",
        "- Nobody was answered.",
        lines,
    ),
    "week.results": Variable(
        "what came of the leads and what it cost",
        "- Meetings: 9; before 7\n- Cost per lead: $4.10, n 41; before $4.40",
        "",
        lines,
    ),
    "week.waiting": Variable("what waits now", "2 people are nobody's now; 1 things are overdue.", "Nobody waits."),
    "week.agents": Variable("offers, claims and medians by agent", "- Dana Reyes: 40 offered, 31 claimed", "", lines),
    "week.failed": Variable("what failed, by reason", "- 2 bounced: the address does not exist", "", lines),
}

EXAMPLES: Final[Mapping[str, str]] = {name: variable.example for name, variable in VARIABLES.items()}

# What is said to a lead has no "not said" in it: there these may be absent, and their sentences with them.
_UNSAID: Final = dict.fromkeys(
    ("lead.name", "lead.phone", "lead.email", "lead.message", "lead.timeline", "lead.budget", "lead.source"), ""
)
#: what differs in messages of sequences, by their language: variable → what stands in for it, "" when it may be absent
FALLBACKS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": _UNSAID,
    "es": {
        **_UNSAID,
        "lead.first_name": "",
        "lead.interest_phrase": "su consulta",
        "agent.first_name": "el equipo",
        "agent.name": "El equipo",
        "business.name": "nuestra oficina",
        "opt_out_line": "Responda STOP para darse de baja",
    },
}
_EXAMPLES_OF: Final[Mapping[str, Mapping[str, str]]] = {
    "es": {
        "lead.interest": "la compra de una casa",
        "lead.interest_phrase": "su consulta sobre la compra de una casa",
        "lead.timeline": "esta semana",
        "opt_out_line": "Responda STOP para darse de baja",
    }
}
#: what messages of sequences may say; the rest is the team's own, or known of no lead
FOR_LEADS: Final = frozenset(
    name
    for name in VARIABLES
    if name.startswith(("agent.", "business.", "enrichment."))
    or name
    in {"lead.first_name", "lead.interest", "lead.interest_phrase", "booking_link", "privacy_link", "texts_link"}
    or name in {"opt_out_line", *_UNSAID}
)


def fallback(name: str, language: str | None) -> str:
    """What stands in for a variable that is missing; "" when its sentence goes. language: of a sequence's message."""
    return FALLBACKS.get(language or "", {}).get(name, VARIABLES[name].fallback)


def examples(language: str | None) -> Mapping[str, str]:
    """A value for each variable, to show how a message reads."""
    return {**EXAMPLES, **_EXAMPLES_OF.get(language or "", {})}
