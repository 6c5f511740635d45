"""What a person typed, made comparable: phones as E.164, e-mails as bare addresses. Names are in `names`.

Nothing is guessed: what cannot be read with certainty is None, and the caller keeps the raw text for a person.
Safe for any text of any length; only the first characters are looked at.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

import phonenumbers

from leadwake.domain.names import greeting_name, index_tokens, name_words, split_name

__all__ = ["greeting_name", "index_tokens", "name_words", "normalise_email", "normalise_phone", "split_name"]

#: how much of a phone field is read; two numbers with remarks fit
_PHONE_CHARS = 256
#: RFC 5321 4.5.3.1: 64 octets before the @, 254 for the whole address; the rest is room for a display name
_EMAIL_CHARS, _LOCAL_CHARS, _ADDRESS_CHARS, _LABEL_CHARS = 1000, 64, 254, 63

# --- phones ---------------------------------------------------------------------------------------------------------

#: the usual ways to write one US number, nothing beside it; the same answer as the long way, without its price
_PLAIN_US = re.compile(r" *(?:\+?1[ .-]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[ .-]?)([2-9]\d\d)[ .-]?(\d{4}) *", re.ASCII)
#: digits with what may stand between digits of one number; letters, commas and line ends part two numbers
_RUN = re.compile(r"\+?[ (\[]{0,4}\d[\d ()\[\].+/_~\-\u2010-\u2015\u2212\u00b7]*", re.ASCII)
_GROUP = re.compile(r"\d+", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)
#: digits of a whole number: 7 is the shortest anywhere, 18 is "011" before the 15 of E.164
_MIN_DIGITS, _MAX_DIGITS = 7, 18
#: islands of +1 where 555-0100 to 555-0199, reserved for fiction everywhere in +1, is missing from libphonenumber
_FICTION = re.compile(r"(?:242|246|264|268|284|345|441|473|649|664|684|721|758|767|784|868|869)55501\d\d", re.ASCII)


def normalise_phone(text: str, region: str = "US") -> str | None:
    """
    The first valid number in the text as E.164 ("+18135550194"), without its extension; None when there is none.

    region: ISO 3166 alpha-2, how a number without "+" is read. Valid: in use as libphonenumber knows it, or one of
    555-0100 to 555-0199; never an N11 exchange in +1. Letters are no digits (no vanity numbers); nothing is
    completed: 7 digits are no US number.
    """
    if region == "US" and (plain := _PLAIN_US.fullmatch(text)):
        area, bare_area, exchange, line = plain.groups()
        return _nanp(f"{area or bare_area}{exchange}{line}")
    return _first_number(text, region)


def _first_number(text: str, region: str) -> str | None:
    """As `normalise_phone`, by the long way for every text."""
    for run in _RUN.findall(_plain_digits(text[:_PHONE_CHARS])):
        for candidate in _candidates(run):
            if number := _whole(candidate, region) or _leading_number(candidate, region):
                return number
    return None


def _plain_digits(text: str) -> str:
    """The text with ASCII digits and signs; marks copied from address books gone, line ends made separators."""
    if text.isascii() and text.isprintable():
        return text
    folded = unicodedata.normalize("NFKC", text)
    return "".join(_plain(char) for char in folded)


def _plain(char: str) -> str:
    match unicodedata.category(char):
        case "Nd":
            return str(unicodedata.decimal(char))
        case "Cf":
            return ""
        case "Zs":
            return " "
        case "Cc" | "Cs" | "Zl" | "Zp":
            return " " if char == "\t" else ","
        case _:
            return char


def _candidates(run: str) -> Iterator[str]:
    """Pieces of a run that may each be one number: parted before "+", and at "/" after enough digits for a number."""
    parts = run.split("/")
    if len(_NOT_DIGITS.sub("", parts[0])) < _MIN_DIGITS:
        parts = [run]  # 813/555-0194 is one number
    for part in parts:
        yield from re.split(r"(?<=\d)[^\d+]*(?=\+)", part)


def _whole(text: str, region: str) -> str | None:
    """The number when the text is one number and no more."""
    digits = _NOT_DIGITS.sub("", text)
    if not _MIN_DIGITS <= len(digits) <= _MAX_DIGITS:
        return None
    abroad = "+" in text
    if region == "US" and not abroad and digits.startswith("00") and digits[2] != "0":
        digits, abroad = digits[2:], True  # the way most of the world dials out, no number of ours starts so
    try:
        number = phonenumbers.parse(f"+{digits}" if abroad else digits, region)
    except phonenumbers.NumberParseException:
        return None
    if number.country_code == 1:
        # a leading zero is another country's way of writing: 020 7946 0600 is London, not Maine
        return None if number.italian_leading_zero else _nanp(str(number.national_number))
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _nanp(national: str) -> str | None:
    """E.164 of ten digits of +1, when such a number may be in use."""
    if len(national) != 10 or national[4:6] == "11":
        return None
    number = phonenumbers.PhoneNumber(country_code=1, national_number=int(national))
    # asked for the US first: a quarter of the price of finding the country among the 25 of +1
    if (
        phonenumbers.is_valid_number_for_region(number, "US")
        or phonenumbers.is_valid_number(number)
        or _FICTION.fullmatch(national)
    ):
        return f"+1{national}"
    return None


def _leading_number(text: str, region: str) -> str | None:
    """
    The longest valid number at the start of the text when more digits follow (a second number, a bare extension).

    Outside +1, where lengths vary, only when as many digits follow as make a number: else it would be cut short.
    """
    groups = list(_GROUP.finditer(text))[:12]
    for last in range(len(groups) - 2, -1, -1):
        end = groups[last].end()
        if (number := _whole(text[:end], region)) and (
            number.startswith("+1") or len(_NOT_DIGITS.sub("", text[end:])) >= _MIN_DIGITS
        ):
            return number
    return None


# --- e-mails --------------------------------------------------------------------------------------------------------

#: "Name" <address>, Name <address>, <address>; or the bare address
_DISPLAY = re.compile(r"[^<>]*<\s*([^<>\s]+)\s*>")
#: RFC 5322 dot-atom. Quoted local parts are valid on paper and refused by most mailboxes: left to a person
_LOCAL = re.compile(r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?", re.ASCII)
_TOP_LABEL = re.compile(r"[a-z]{2,63}|xn--[a-z0-9-]*[a-z0-9]", re.ASCII)


def normalise_email(text: str) -> str | None:
    """
    The one address in the text, lower-cased, +tag kept ("nortiz77@example.com"); None when it is not a valid one.

    Taken out of `"Name" <X@Y>`. A domain in other letters becomes its ASCII form; a local part in other letters is
    refused (our vendors cannot send to it). No guessing and no network: whether the mailbox exists is not asked.
    """
    if len(text) > _EMAIL_CHARS:
        return None
    trimmed = _trimmed(text)
    if any(unicodedata.category(char) in {"Cc", "Cf", "Cs"} for char in trimmed):
        return None  # a line end inside would be a header of its own
    if display := _DISPLAY.fullmatch(trimmed):
        trimmed = display[1]
    local, _, domain = trimmed.removeprefix("mailto:").lower().rpartition("@")
    if len(local) > _LOCAL_CHARS or not _LOCAL.fullmatch(local):
        return None
    ascii_domain = _ascii_domain(domain)
    if ascii_domain is None or len(local) + 1 + len(ascii_domain) > _ADDRESS_CHARS:
        return None
    return f"{local}@{ascii_domain}"


def _trimmed(text: str) -> str:
    """The text without blanks and invisible marks (copied along from pages) at its ends."""
    start, end = 0, len(text)
    while start < end and _is_blank(text[start]):
        start += 1
    while end > start and _is_blank(text[end - 1]):
        end -= 1
    return text[start:end]


def _is_blank(char: str) -> bool:
    return char.isspace() or unicodedata.category(char) == "Cf"


def _ascii_domain(domain: str) -> str | None:
    """The domain in ASCII, when it is a name with a top level; IP literals and one-word hosts are None."""
    if not domain.isascii():
        domain = _idna(domain) or ""
    labels = domain.split(".")
    if len(labels) < 2 or not _TOP_LABEL.fullmatch(labels[-1]):
        return None
    return domain if all(len(label) <= _LABEL_CHARS and _LABEL.fullmatch(label) for label in labels) else None


def _idna(domain: str) -> str | None:
    """Punycode of a domain, when reading it back gives the same letters (ß would become another domain's ss)."""
    try:
        encoded = domain.encode("idna")
        return encoded.decode("ascii") if encoded.decode("idna") == domain else None
    except UnicodeError:
        return None
