"""What sentences of a mail say: that somebody asks, and who."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from leadwake.intake.mail.lines import Line
from leadwake.intake.phrases import any_of, words_in
from leadwake.intake.portals import senders_in

_WORD = r"[^\W\d_][\w'’.-]{0,30}"
_NAME = rf"(?P<name>{_WORD}(?: (?:&|and|de|da|del|van|von|der|den|la|le|bin|al|{_WORD})){{0,5}}?)"
#: what somebody does who asks
_DOES = any_of(r"""
(?:says?|said|wrote|writes|asks|asked)\b
(?:is|are|was|has been) (?:now )?(?:requesting|interested|looking|inquiring|enquiring|asking|waiting|searching|shopping
  |ready|hoping|planning|seeking)\b
(?:has |have |just |recently |also )*(?:requested|inquired|enquired|asked|contacted|sent|submitted|messaged|wants|want
  |would like|signed up|registered|filled|completed|applied|signed in|booked|scheduled|needs|left|expressed|reached out
  |shared|replied to your (?:ad|listing)|viewed your|wrote)\b
""").pattern
_ABOUT = (
    r"(?:lead|inquiry|enquiry|message|request|contact|referral|prospect|registration|submission|customer|client|buyer|"
    r"seller|renter|visitor|guest|tour|showing|info|information|form|question|quote|opportunity|response)"
    r"(?: alert| received| request| submission| notification| assigned| for you| to you)*"
)
#: where a name stands, the likeliest first; the last only in subjects
_WHO: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"^{_NAME} (?:{_DOES})",
        (
            rf"(?i:\b{_ABOUT})\b\s*(?:(?:from|by|for|via)\b\s*)?(?:[-–—:|,(!]+\s*)*(?:from |by |for )?{_NAME}"
            r"(?=$|\s*[-–—(|,@<:!.)]|\s+\+?\d|\s+(?i:is|has|at|about|on|wants|in|via|regarding|re|through|for|from|who|just|registered"
            r"|requested|signed|submitted|inquired|sent|would|needs)\b)"
        ),
        rf"(?i:\b(?:contact|call|reach|email|text|respond to|reply to)) {_NAME} (?i:at|on|by|now|directly|as soon)\b",
        rf"(?i:\b(?:my name is|name's|this is|i am|i'm)) {_NAME}(?=$|[\s,.!])",
        rf"\b(?:for|from|by) {_NAME}$",
    )
)
_SUBJECT_RANK = 4
_NO_NAMES: Final = words_in("""
  new lead leads website web your you our their the this that from for of a an and or to in on at by with inquiry
  enquiry contact form request requested message property home homes house houses auto car life health insurance
  quote buyer seller renter rental rentals listing tour showing alert notification exclusive hot team agent agents
  realty real estate online internet information info street ave avenue road drive lane someone somebody visitor
  guest consumer person prospect hello hi dear hey more details detail received email phone call text questions
  question comments please thanks thank customer client user you're we i it is are was my me us help need want view
  see click here today tomorrow weekly daily monthly free best mortgage refinance loan roofing plumbing medicare
  commercial business about regarding re fwd fw submission entry general appointment consultation schedule scheduled
  estimate valuation value open apartment unit condo apartments community leasing move urgent important update
  account interested looking available renters buyers sellers prospective potential another other he she they
  somebody's good great final service services support sales inc llc group properties management notifications
  noreply
""")
#: a subject, or a first sentence, that says: here is somebody who asks
_ASKS = any_of(r"""
\bnew (?:[\w.'“”"&/-]+ ){0,4}(?:leads?(?! (?:tips|report|summary|sources?|generation
  |program|management|stat|in|near|available|waiting|you))|inquiry
  |enquiry|contact|prospect|referral|message|customer|request|registration|submission|opportunity|client|response|buyer
  |seller|renter|form entry|entry|conversation|chat)\b(?! (?:tips|report|summary))
\b(?:lead|inquiry|enquiry)(?: (?:from|for|about|on|alert|notification|received|details|id|info|information)\b
  |\s*[-:#(]|$)
\blead (?:no\.? ?)?#?\d{3,}
\b(?:message|question|request|response|referral)s? (?:from|about|regarding)\b
\b(?:is|are|was) (?:requesting|interested in|inquiring|enquiring|looking (?:for|to)|asking about)\b
\b(?:wants?|would like|has requested|requested|has asked|asked) (?:to|a|an|more|info|information|you|for|about)\b
\b(?:tour|showing|viewing|info|information|quote|callback|call back|appointment|consultation|valuation|estimate|contact
  |property|rental|listing|home|availability) (?:request|inquiry|enquiry|question)\b
\brequest(?:s|ed|ing)? (?:a |an |more |for )?(?:\w+ )?(?:tour|showing|viewing|info|information|quote|call|callback
  |appointment|consultation|details|estimate|valuation)\b
\b(?:contact|web|website|inquiry|lead|quote) form\b|\bquote (?:started|completed|requested|submitted)\b
\bopen house (?:visitor|guest|lead|registration)\b|\bsigned (?:in|up) (?:at|on|to|for) (?:your|the|an?)\b
^\W*contact(?: us)?\W*$
\bform (?:submission|entry|response)\b|\bsubmission from\b|\bjust got submitted\b
\b(?:sent|left) you a (?:new )?message\b|\bcontacted you\b|\b[ie]nquir(?:ed|y|ies|ing)\b
\b(?:submitted|filled (?:in|out)|completed) (?:a|an|your|the|on)\b
\byou(?:'ve| have|) (?:got |received |been sent )?(?:a|an|one) (?:new )?(?:\w+ ){0,2}(?:lead|inquiry|enquiry|message
  |contact|prospect|referral)\b
\byou(?:'ve| have)? (?:claimed|accepted|been (?:matched|assigned|connected))\b
\bnuev[oa] (?:interesad[oa]|inquilin[oa]|comprador|vendedor|formulario)\b
\bnuev[oa] (?:mensaje|prospecto|cliente|contacto|solicitud|consulta|lead)\b|\bformulario de contacto\b
\binterested in (?:your|the|this|renting|buying|viewing|seeing|touring)\b|\bwants to (?:rent|buy|see|tour|view|sell)\b
""")
#: the same, at the very beginning, so that no other word of the subject can mean otherwise
_ASKS_FIRST = any_of(r"""
\W*(?:you(?:'ve| have)? (?:got |received |have )?)?(?:a )?new (?:[\w.'/-]+ ){0,3}(?:lead|inquiry|enquiry)\b(?!s|ies)
""")


def asks(text: str) -> bool:
    """Whether a subject or sentence says that somebody asks for something."""
    return _ASKS.search(text[:300]) is not None


def asks_first(subject: str) -> bool:
    """Whether a subject begins with it."""
    return _ASKS_FIRST.match(subject[:200]) is not None


def is_name(text: str) -> bool:
    """Whether words from a sentence may be a person's name."""
    words = text.split()
    if (
        not 1 <= len(words) <= 6
        or any(map(str.isdecimal, text))
        or not any(word[0].isupper() or not word[0].isascii() for word in words)
    ):
        return False
    if any(word.strip(".,'’").lower() in _NO_NAMES for word in words) or senders_in(text):
        return False
    return not any(word.isupper() and len(word) > 3 for word in words) or text.isupper()


def names_in(subject: str, lines: Sequence[Line]) -> Iterator[str]:
    """Names of who asks in the subject and the first sentences, the likeliest first."""
    found = []
    for place, text in enumerate((subject, *(line.text for line in lines[:40] if line.text and not line.cells))):
        cleaned = _without_senders(text[:300])
        for rank, pattern in enumerate(_WHO):
            for match in pattern.finditer(cleaned):
                name = _trimmed(match["name"])
                if is_name(name) and (place == 0 or rank < _SUBJECT_RANK):
                    found.append((len(name.split()) < 2, rank, place, name))
    yield from (name for *_, name in sorted(found, key=lambda each: each[:3]))


def _trimmed(name: str) -> str:
    """The name without the sentence's marks; the dot of an initial or of "Jr." is its own."""
    name = name.strip(" -'’")
    return name if re.search(r"\b(?:\w|[JS]r)\.$", name) else name.rstrip(".")


def _without_senders(text: str) -> str:
    """The text without the names of portals, which pass for names of people."""
    for sender in senders_in(text):
        text = re.sub(re.escape(sender.name), " ", text, flags=re.IGNORECASE)
    return " ".join(text.split())
