"""What a letter says, as its readers ask for it: values by field, meta tags, sentences apart from labels."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadwake.intake.mail.letter import Letter
from leadwake.intake.mail.pairs import DOUBTFUL, SURE
from leadwake.intake.mail.values import is_nothing
from leadwake.intake.phrases import any_of
from leadwake.intake.portals import HOMES, senders_in
from leadwake.intake.us_address import find_address, looks_like_street

#: below this stands what the sender says of itself
_FOOT = any_of(r"""
©|\(c\) ?\d{0,4}|copyright|all rights reserved|unsubscribe|privacy policy|this (?:e-?mail|message) was sent
este (?:correo|mensaje|e-?mail) (?:fue|ha sido|se)|derechos reservados|darse de baja
you(?:'re| are) receiving|you received this|manage (?:your )?(?:email|notification|preferences)
""")
_OF_SENDER = any_of(r"""
\b(?:support|customer (?:service|care)|help (?:desk|center)|call us|contact us|e-?mail us|text us|your rep\w*|broker)\b
\b(?:account (?:manager|executive)|sales team|our team|toll[- ]free|our office|listing agent|listed by)\b
questions\?|\bagent:
""")


_COMPANY = re.compile(r"\b(?:Inc|INC|LLC|Corp|Ltd|PLC|Company|Group|Team)\b")
#: a label, an address, a price, but nothing told
_UNTOLD = any_of(r"""
https?://|@|\b(?:consent|agree|opt|checkbox|mozilla|i?phone|android|chrome)\b
""")


class Said:
    """A letter's values; of several bodies the one with the most fields comes first."""

    def __init__(self, letter: Letter) -> None:
        self.letter = letter
        by_wealth = sorted(letter.pairs, key=lambda pairs: -len({pair.field for pair in pairs.found if pair.field}))
        self.pairs = [pair for pairs in by_wealth for pair in pairs.found]
        self._best = by_wealth[0] if by_wealth else None
        self.lines = self._best.lines if self._best else ()
        self.used = self._best.used if self._best else set()
        self.free_lines = list(self._free())
        self.free = [text for _, text in self.free_lines]

    def values(self, *fields: str, only_sure: bool = False) -> list[str]:
        """The values of fields, sure ones before doubtful ones."""
        known = [pair for pair in self.pairs if pair.field in fields]
        trusts = (SURE,) if only_sure else (SURE, DOUBTFUL)
        return [pair.value for trust in trusts for pair in known if pair.trust == trust]

    def first(self, field: str) -> str | None:
        return next(iter(self.values(field)), None)

    @property
    def is_address_of_property(self) -> bool:
        """Whether an address without a word whose it is is the property's: one is spoken of, and has no other."""
        known = self.letter.known
        named = self.values("property", "property_address", "mls_id", "listing_id") or (known and known.kind == HOMES)
        has_street = any(find_address(value) or looks_like_street(value) for value in self.values("property_address"))
        return bool(named) and not has_street and not self.values("line", "policy_expires", "current_carrier")

    @property
    def told(self) -> str | None:
        """The longest answer to a label we do not know that is told in sentences: of a form's own field for it."""
        answers = [pair.value for pair in self.pairs if pair.field is None and len(pair.label.split()) <= 3]
        return max(filter(_is_told, answers), key=len, default=None)

    def spoken_by(self, name: str | None) -> str | None:
        """What stands behind their name, as in the record of a chat."""
        lines = [
            pair.value for pair in self.pairs if name and pair.field is None and pair.label in {name, name.split()[0]}
        ]
        return "\n".join(dict.fromkeys(lines)) or None

    def meta(self, name: str) -> str | None:
        """The content of the tag lead_<name> (Realtor.com's lead metadata)."""
        value = self.letter.meta.get(f"lead_{name}", "").strip()
        return value if value and not is_nothing(value) else None

    def _free(self) -> Iterator[tuple[int, str]]:
        """Sentences before the foot, by number, without labels and without what the sender says of itself."""
        for at, line in enumerate(self.lines):
            if _FOOT.search(line.text) or self._is_office(at):
                break
            if self._best and line.text and self._best.is_section(at):
                continue
            if at not in self.used and (self.letter.is_from_person or not _OF_SENDER.search(line.text)):
                yield at, line.text

    def _is_office(self, at: int) -> bool:
        """Whether a line below the labels says where the sender has its office: its name or a company's, an address."""
        text, name = self.lines[at].text, self.letter.sender.name.lower()
        if self.letter.is_from_person or at <= max(self.used, default=len(self.lines) // 2):
            return False
        is_named = (name and name in text.lower()) or senders_in(text) or _COMPANY.search(text)
        below = self.lines[at + 1].text if at + 1 < len(self.lines) else ""
        return bool(is_named) and find_address(f"{text}\n{below}") is not None


def _is_told(value: str) -> bool:
    """Whether a value is in sentences: many words, most of them small."""
    words = value.split()
    small = sum(word[0].islower() for word in words)
    return len(words) >= 6 and small * 2 >= len(words) and not _UNTOLD.search(value) and not find_address(value)
