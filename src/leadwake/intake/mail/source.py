"""Who found a lead, and who passed it on: what the mail says of it, then whose mail it is."""

from __future__ import annotations

import re

from leadwake.intake.mail.letter import Letter
from leadwake.intake.mail.words import asks
from leadwake.intake.portals import FORM, FREE_MAIL, portal_of_name, sender_at, senders_in

WEBSITE, EMAIL = "website", "email"
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:/.*)?$", re.IGNORECASE)
_SOURCE_CHARS = 60


def source_of(letter: Letter) -> tuple[str | None, str | None]:
    """(source, via): the portal or page that found the lead; who handed its mail on, when that is another."""
    said = _said(letter)
    known = letter.known
    if known is None:
        return said or _named(letter, "") or _unknown(letter), None
    if known.finds_leads:
        return known.name, None
    if known.kind == FORM:
        return said or _named(letter, known.name) or WEBSITE, known.name
    source = said or _named(letter, known.name) or known.name
    return source, known.name if source != known.name else None


def _said(letter: Letter) -> str | None:
    """What a label or a meta tag calls the source."""
    labelled = [pair.value for pairs in letter.pairs for pair in pairs.of("source")]
    for value in (letter.meta.get("lead_source", ""), *labelled):
        line = " ".join(value.split())
        if named := portal_of_name(line):
            return named
        if host := _HOST.fullmatch(line):
            found = sender_at(host[1])
            return found.name if found else host[1].lower()
        if 0 < len(line) <= _SOURCE_CHARS:
            return line
    if any(True for pairs in letter.pairs for _ in pairs.of("leadgen_id")):
        return "Facebook"
    return None


def _named(letter: Letter, beside: str) -> str | None:
    """The portal that the subject or a first sentence says the lead is from. beside: whom not to take for it."""
    texts = [letter.subject, *[line.text for line in letter.lines if line.text][:8], letter.sender.name]
    for text in texts:
        if text != letter.sender.name and not asks(text) and not re.search(r"\bleads?\b", text, re.IGNORECASE):
            continue
        for sender in senders_in(text):
            if sender.finds_leads and sender.name != beside:
                return sender.name
    platform = next((pair.value for pairs in letter.pairs for pair in pairs.of("platform")), "").strip().lower()
    return "Facebook" if platform in {"fb", "ig", "facebook", "instagram"} else None


def _unknown(letter: Letter) -> str | None:
    """Our own page, a person, or the domain of a sender that is in no table."""
    domain = letter.sender.domain
    if letter.is_ours:
        return WEBSITE if letter.is_from_role else EMAIL
    if not domain or domain in FREE_MAIL:
        return WEBSITE if letter.is_from_role else EMAIL
    return domain
