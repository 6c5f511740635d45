"""Labels and values in the lines of a mail, wherever they stand: one beside, behind or above the other.

What is said of others (an agent, a dealer) is kept apart; a value below such a label is doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.intake.mail.boilerplate import is_boilerplate
from leadwake.intake.mail.inline import inline
from leadwake.intake.mail.labels import FOREIGN, field_of, is_foreign, is_leads, is_plain, words_of
from leadwake.intake.mail.lines import Line
from leadwake.intake.mail.shapes import are_labels, begins_closing, fits, is_label, is_question, is_rule, may_be_label
from leadwake.intake.mail.values import is_nothing
from leadwake.intake.mail.words import is_name
from leadwake.intake.phrases import any_of
from leadwake.intake.us_address import find_address, one_line, postal_code

SURE, DOUBTFUL = "sure", "doubtful"

_MANY_LINES = frozenset({"message", "property_address", "address", "property"})
_WHO = frozenset({"phone", "phone_other", "email"})
_PLACES = frozenset({"address", "city", "state", "postal_code"})
#: labels of places that do not say whose
_ANYBODYS = frozenset({"address", "street", "street address", "city", "state", "zip", "zip code", "postal code"})
#: whose values are words that are labels, too: "Home"
_CHOSEN = frozenset({"line", "interest", "kind"})
_NAMES = frozenset({"name", "first_name", "last_name"})
_SECTION = any_of(r"""
\b(?:information|info|details?|contact|customer|consumer|lead|client|buyer|renter|applicant|property|listing|tour|message
  |inquiry|policy|coverage|vehicles?|drivers?|consent|about)\b
""")
_OF_PROPERTY = re.compile(r"\b(?:property|listing|rental|home|unit)\b")
_GREETING = re.compile(r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b", re.IGNORECASE)
_MLS = re.compile(r"\bMLS\s?(?:ID|no\.?|number)?\s*[#:]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Pair:
    """field: our name of it, None for a label we have no name for. at: the number of its line."""

    label: str
    field: str | None
    value: str
    at: int
    trust: str = SURE


class Pairs:
    """The pairs of a mail's lines. used: the numbers of the lines they stand on. is_list: a table of several people."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = lines
        self.found: list[Pair] = []
        self.used: set[int] = set()
        self.is_list = False
        self._other = False  # a section of somebody else's
        self._doubt = False  # below somebody else's label
        self._stacked, self._step = -2, 0  # the last line that was a value below its label, how far below
        self._property = False  # a section about the property
        self._read()

    def of(self, field: str) -> Iterator[Pair]:
        return (pair for pair in self.found if pair.field == field)

    def _read(self) -> None:
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if not line.text:
                self._doubt = False
                at += 1
            elif line.cells:
                at = self._row(at)
            else:
                at = self._line(at)

    def _line(self, at: int) -> int:
        """Reads a line of text; returns the number of the next to read."""
        text = self.lines[at].text
        pairs = inline(text)
        if not pairs:
            if end := self._stack(at):
                return end
            if (is_plain(text) and len(text) < 60) or is_question(text) or self._is_boxed(at):
                return self._below(text, at)
            self._heading(at)
            if is_leads(text):
                return self._block_of_lead(at)
            is_alone = is_foreign(text) and len(text.split()) <= 2
            return self._block_of_others(at) if is_alone and not self._other else at + 1
        for label, value in pairs[:-1]:
            self._add(label, value, at)
        label, value = pairs[-1]
        if not value:
            return self._below(label, at)
        field = field_of(label)
        if field in _MANY_LINES and not (field != "message" and postal_code(value)):
            return self._gather(label, value, at)
        self._add(label, value, at)
        return at + 1

    def _block_of_lead(self, at: int) -> int:
        """Reads who the lead is below a heading that says no more than that: a name, a number, an address a line."""
        read = end = at + 1
        while (end := self._next(end)) < len(self.lines) and not self._has_pair(end):
            text = self.lines[end].text
            if normalise_email(text) or normalise_phone(text):
                self._add("email" if "@" in text else "phone", text, end)
            elif read == at + 1 and is_name(text):
                self._add("name", text, end)
            else:
                break
            read = end = end + 1
        return read

    def _block_of_others(self, at: int) -> int:
        """Passes over the lines without labels below somebody else's heading, to the next gap."""
        end = at + 1
        while end < len(self.lines) and self.lines[end].text and not self._has_pair(end):
            end += 1
        self.used.update(range(at, end))
        return end

    def _row(self, at: int) -> int:
        cells = self.lines[at].cells
        if self._is_header(at):
            return self._columns(at)
        if all(inline(cell) for cell in cells if cell) and "\n" not in cells[0]:
            for label, value in (pair for cell in cells for pair in inline(cell)):
                self._add(label, value, at)
        elif all(is_plain(cell.partition("\n")[0]) for cell in cells) and all("\n" in cell for cell in cells):
            for cell in cells:
                label, _, value = cell.partition("\n")
                self._add(label, value, at)
        elif len(cells) % 2 == 0 and (len(cells) == 2 or are_labels(cells[::2], cells[1::2])):
            if may_be_label(cells[0]):
                for label, value in zip(cells[::2], cells[1::2], strict=True):
                    self._add(label, value, at)
        elif is_label(cells[0]):
            self._add(cells[0], " ".join(cells[1:]), at)
        return at + 1

    def _is_header(self, at: int) -> bool:
        """Whether a row names the columns of the next."""
        cells = self.lines[at].cells
        below = self.lines[at + 1].cells if at + 1 < len(self.lines) else ()
        known = [cell for cell in cells if is_label(cell)]
        return len(known) >= max(2, len(cells) - 1) and len(below) == len(cells) and not is_label(below[0])

    def _columns(self, at: int) -> int:
        """A row of names above one of values; above several it is a list, and of nobody in particular."""
        cells = self.lines[at].cells
        end = at + 1
        while end < len(self.lines) and len(self.lines[end].cells) == len(cells):
            end += 1
        if end - at > 2:
            self.is_list = True
        else:
            for label, value in zip(cells, self.lines[at + 1].cells, strict=True):
                self._add(label, value, at + 1)
        self.used.update(range(at, end))
        return end

    def _below(self, label: str, at: int) -> int:
        """A label alone: its value is in the lines below it, where they fit."""
        field = field_of(label)
        below = self._next(self._underline(at) + 1)
        if below >= len(self.lines) or self.lines[below].cells:
            pass
        elif field in _MANY_LINES:
            if not self.ends(below, is_address=field != "message"):
                return self._gather(label, "", below - 1)
        elif below - self._underline(at) <= 2 + any(line.is_end for line in self.lines[at:below]):
            text = self.lines[below].text
            if field is None and not (label.rstrip().endswith("?") or self._stacks(at, below)):
                self._heading(at)
                return at + 1
            is_value = fits(field, text) and not is_rule(text) and not begins_closing(text)
            if is_value and not inline(text) and (field in _CHOSEN or not is_plain(text)):
                self._add(label, text, at)
                self.used.add(below)
                self._stacked, self._step = below, below - at
                return below + 1
        self._heading(at)
        return at + 1

    def _underline(self, at: int) -> int:
        """The number of the line that underlines this one; of this one where none does."""
        below = at + 1
        is_ruled = below < len(self.lines) and bool(self.lines[below].text) and is_rule(self.lines[below].text)
        return below if is_ruled else at

    def _stack(self, at: int) -> int:
        """Reads labels in lines of their own, a gap, and their values in as many; 0 when there are none."""
        labels = [line.text for line in takewhile(lambda line: is_plain(line.text), self.lines[at : at + 20])]
        start = self._next(at + len(labels))
        if len(labels) < 3 or start == at + len(labels) or start + len(labels) > len(self.lines):
            return 0
        values = [line.text for line in self.lines[start : start + len(labels)]]
        if not all(value and fits(field_of(label), value) for label, value in zip(labels, values, strict=True)):
            return 0
        self.used.update(range(at, start))
        for number, (label, value) in enumerate(zip(labels, values, strict=True), start):
            self._add(label, value, number)
        return start + len(labels)

    def _stacks(self, at: int, below: int) -> bool:
        """Whether labels stand above their values here, so that one we do not know does too."""
        is_next = self._next(self._stacked + 1) == at and below - at == self._step
        return is_next and below < len(self.lines) and not self.ends(below, is_address=True)

    def _is_boxed(self, at: int) -> bool:
        """Whether a line is a label by its place alone: in a box of its own, as those before it, above a value."""
        text, below = self.lines[at].text, self._next(at + 1)
        is_short = len(text.split()) <= 6 and text[-1] not in ".!,;" and text[0].isupper()
        return is_short and any(line.is_end for line in self.lines[at:below]) and self._stacks(at, below)

    def _gather(self, label: str, value: str, at: int) -> int:
        """A value that goes on below; a message through gaps, an address to the first."""
        texts, end = [value] if value else [], at + 1
        is_message = field_of(label) == "message"
        while end < len(self.lines) and len(texts) < (2_000 if is_message else 5):
            text = self.lines[end].text
            if self.lines[end].is_end and any(texts):
                break
            if (text or not is_message) and self.ends(end, is_address=not is_message):
                break
            texts.append(text)
            end += 1
        self.used.update(range(at, end))
        self._add(label, "\n".join(texts).strip(), at)
        return end

    def ends(self, at: int, *, is_address: bool = False) -> bool:
        """Whether a line is no more of a value, or of what somebody says, that goes on."""
        line = self.lines[at]
        if not line.text or line.cells or line.is_heading or is_rule(line.text) or is_boilerplate(line.text):
            return True
        if is_address and (line.text[0] in '"“«' or len(line.text) > 100):
            return True
        if _MLS.match(line.text) or (is_plain(line.text) and len(line.text) < 40):
            return True
        if not is_address and (self.is_section(at) or self._is_property(at)):
            return True
        pairs = inline(line.text)
        if not pairs:
            return False
        label, value = pairs[0]
        words = len(words_of(label).split())
        return field_of(label) is not None or (words <= 4 and label[:1].isupper() if value else words == 1)

    def is_section(self, at: int) -> bool:
        """Whether a line is the heading of pairs below it."""
        text = self.lines[at].text
        is_short = len(text.split()) <= 6 and text[-1] not in ".!?,;" and text[0].isupper()
        below = at + 1
        return is_short and _SECTION.search(words_of(text)) is not None and self._has_pair(self._next(below))

    def _is_property(self, at: int) -> bool:
        """Whether a line below a gap is a property's, as the sender shows it: an address, beside it hardly a word."""
        if at > 0 and self.lines[at - 1].text:
            return False
        texts = [line.text for line in takewhile(lambda line: line.text, self.lines[at : at + 4])]
        address = find_address("\n".join(texts))
        beside = len(" ".join(texts).split()) - len((address or "").split())
        return bool(address) and (beside <= 4 or address == one_line(texts[0]))

    def _next(self, at: int) -> int:
        while at < len(self.lines) and not self.lines[at].text:
            at += 1
        return at

    def _has_pair(self, at: int) -> bool:
        if at >= len(self.lines):
            return False
        line = self.lines[at]
        return bool(line.cells or inline(line.text)) or is_plain(line.text)

    def _heading(self, at: int) -> None:
        """Whose the next lines are, when a line is a heading over pairs."""
        line = self.lines[at]
        text = line.text.strip().rstrip(":")
        if not text or len(text) > 60 or len(text.split()) > 6 or text[-1] in ".!,;" or _GREETING.match(text):
            return
        if is_rule(text) and at > 0 and self._underline(at - 1) == at and self.lines[at - 1].text:
            return
        is_others = is_foreign(text)
        below = self._next(self._underline(at) + 1)
        above_pairs = self._has_pair(below) or (is_others and self._has_pair(self._next(below + 1)))
        is_weak = above_pairs and (is_others or _SECTION.search(words_of(text)) is not None)
        if line.is_heading or line.text.rstrip().endswith(":") or is_weak or is_rule(text):
            self._other = is_others and not re.search(r"\b(?:lead|customer|buyer|client)\b", words_of(text))
            self._doubt = False
            self._property = _OF_PROPERTY.search(words_of(text)) is not None

    def _add(self, label: str, value: str, at: int) -> None:
        field, value = field_of(label), value.strip().strip('"“”') if "\n" not in value else value.strip()
        self.used.add(at)
        value = value[1:-1].strip() if value[:1] == "[" and value[-1:] == "]" else value
        if field == FOREIGN or self._other:
            self._doubt = True
            return
        if field in _NAMES:
            self._doubt = False
        if self._property and field in _PLACES and words_of(label) in _ANYBODYS:
            field = f"property_{field}"
        if not value or is_nothing(value) or len(self.found) >= 300:
            return
        if field is None and (normalise_email(value) or (normalise_phone(value) and not value.isdecimal())):
            field, self._doubt = "email" if "@" in value else "phone", True
        doubt = self._doubt and field in _WHO
        self.found.append(Pair(label.strip(" :*?"), field, value, at, DOUBTFUL if doubt else SURE))
