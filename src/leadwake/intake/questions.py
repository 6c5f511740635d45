"""What a question of somebody else's form asks for, in our fields; one reading for every ad form and survey.

Names are set by whoever made the form, in any language: those that vendors suggest are known, an address is known when
it is seen, and whatever is not known stands in `extra` under the question's own words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.domain.names import fold
from leadwake.domain.values import ConsentClaim
from leadwake.intake.fields import EXTRA_KEY_CHARS, LIMITS, bounded_extra, bounded_utm, clean_line, clean_text

#: our field → what forms call it, folded, with "_" between words; English first, then what Meta suggests abroad
_CALLED: Final[Mapping[str, str]] = {
    "name": "name full_name fullname your_name contact_name lead_name customer_name client_name user_name "
            "nombre_completo vollstandiger_name vor_und_nachname nom_complet nome_completo",
    "first_name": "first_name firstname fname given_name nombre vorname prenom primeiro_nome nome your_first_name",
    "last_name": "last_name lastname lname surname family_name apellido apellidos nachname nom_de_famille sobrenome "
                 "cognome your_last_name",
    "email": "email e_mail email_address e_mail_address your_email user_email mail work_email business_email "
             "correo_electronico correo e_mail_adresse adresse_e_mail endereco_de_email",
    "phone": "phone phone_number phonenumber tel telephone mobile mobile_phone mobile_number cell cell_phone cellphone "
             "user_phone work_phone work_phone_number whatsapp whatsapp_number contact_number your_phone "
             "numero_de_telefono telefono telefonnummer numero_de_telephone telefone",
    "postal_code": "postal_code post_code postcode zip zip_code zipcode zip_postal_code codigo_postal postleitzahl "
                   "code_postal cep",
    "state": "state region province state_province estado",
    "country": "country pais land pays",
    "message": "message comments comment your_message questions_or_comments question notes mensaje nachricht",
    "budget": "budget price_range your_budget",
    "timeline": "timeline timeframe time_frame",
    "interest": "interest",
}  # fmt: skip
_FIELDS: Final = {name: ours for ours, names in _CALLED.items() for name in names.split()}

#: a question in whole words; the first that fits. A name of something else (company, street) is nobody's name.
_ASKED: Final = tuple(
    (ours, re.compile(words))
    for ours, words in (
        ("email", r"\be ?mail\b"),
        ("phone", r"\b(?:phone|mobile|cell|telephone|whatsapp)\b"),
        ("first_name", r"\b(?:first|given) name\b|\bpreferred name\b"),
        ("last_name", r"\b(?:last|family|second) name\b|\bsurname\b"),
        ("name", r"\b(?:full|your|whole) (?:full )?name\b|\bname please\b"),
        ("postal_code", r"\b(?:zip|zip code|postal code|postcode|post code)\b"),
    )
)
#: what can only be guessed at: a question this long is about something else, and only mentions the word
_WORDS_AT_MOST: Final = 16
_PHONE_DIGITS: Final = 7

_ALLOWS: Final = re.compile(
    r"\b(?:consent|agree|opt in|optin|opt|may we|can we|ok to|okay to|permission|would you like to|receive|allow)\b"
)
_TEXTS: Final = re.compile(r"\b(?:sms|text|texts|text messages?)\b")
_MAILS: Final = re.compile(r"\be ?mails?\b")
#: who wants no newsletter still wants an answer
_NEWS: Final = re.compile(r"\b(?:newsletters?|offers?|listings?|updates?|marketing|promotions?|promotional)\b")
_YES: Final = re.compile(r"(?:yes|true|on|1|checked|i agree|agree|agreed|i accept|accepted|i consent|si|ja|oui|sim)\b")
_NO: Final = re.compile(
    r"(?:no|false|off|0|unchecked|nein|non|nao)$"
    r"|(?:no (?:thanks?|not|e ?mail|please|do)|i do not|i don t|i disagree|i decline)\b"
)
_NOT_WORD: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Answer:
    """
    One answer. question: its words, or its name. value: text, number, bool, a list of texts.

    also: further names of the question (its reference). kind: "email" or "phone" where the form says so itself;
    is_long: typed into a box of several lines.
    """

    question: str
    value: Any
    also: tuple[str, ...] = ()
    kind: str | None = None
    is_long: bool = False


@dataclass(slots=True)
class Read:
    """What answers say: our fields cleaned, a claim of consent, and everything else under the question's own words."""

    fields: dict[str, str | None] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    sms: bool | None = None
    email: bool | None = None
    wording: str | None = None

    def put(self, name: str, text: str) -> bool:
        """The first answer to a field counts; False when there was one, or nothing is left of this one."""
        cleaned = (clean_text if name == "message" else clean_line)(text, LIMITS[name])
        if self.fields.get(name) or not cleaned:
            return False
        self.fields[name] = cleaned
        return True

    def keep(self, question: str, value: Any) -> None:
        """Under the question's words in `extra`; two that begin alike are both kept."""
        key = clean_line(question, EXTRA_KEY_CHARS - 4) or "answer"
        if key == "form":  # there it would stand for a registered form's name
            key = "form_"
        taken, number = key, 2
        while taken in self.extra and number < 100:
            taken, number = f"{key} {number}", number + 1
        self.extra[taken] = value

    def claim(self) -> ConsentClaim:
        """What was said about consent, with the words beside it; never proof enough for more than an inquiry."""
        return ConsentClaim(sms=self.sms, email=self.email, text=self.wording)

    def bounded(self, **more: Any) -> dict[str, Any]:
        """`extra` with what the vendor says beside the answers; blanks left out."""
        beside = {name: value for name, value in more.items() if value not in (None, "", [], {})}
        return bounded_extra({**beside, **self.extra})


def field_of(*names: str, value: str | None = None) -> str | None:
    """
    Our field that a question of these names asks for; None when it asks for something else.

    value: what was answered; "Do you prefer e-mail or phone?" is known by it to ask for neither.
    """
    plain = [words for name in names if (words := _plain(name))]
    named = next((found for name in plain if (found := _FIELDS.get(name.replace(" ", "_")))), None)
    return named or next((ours for name in plain if (ours := _asked(name)) and _may_be(ours, value)), None)


def read(answers: Iterable[Answer]) -> Read:
    """What the answers say. Blank ones count as not given."""
    found, rest = Read(), list[Answer]()
    for answer in answers:
        text = as_text(answer.value)
        if text is None or not text.strip():
            continue
        if _consents(found, answer, text):
            continue
        ours = answer.kind or field_of(answer.question, *answer.also, value=text)
        if ours is None or isinstance(answer.value, list | bool) or not found.put(ours, text):
            rest.append(answer)
    for answer in rest:
        if not _is_unasked_contact(found, answer) and not (answer.is_long and found.put("message", str(answer.value))):
            found.keep(answer.question, answer.value)
    return found


def utm_of(entries: Mapping[str, Any]) -> dict[str, str]:
    """The campaign tags among some entries."""
    texts = {str(key): as_text(value) for key, value in entries.items() if str(key).lower().startswith("utm_")}
    return bounded_utm({key: text for key, text in texts.items() if text})


def as_text(value: Any) -> str | None:
    """One value as text: whole numbers without a fraction, lists joined; None for what has no text."""
    match value:
        case str():
            return value
        case bool():
            return "yes" if value else "no"
        case int():
            return str(value)
        case float():
            return f"{value:g}"
        case list():
            return ", ".join(text for one in value if (text := as_text(one)))
        case _:
            return None


def yes_or_no(text: str) -> bool | None:
    """What an answer to a question of consent says; None when it says neither."""
    plain = _plain(text)
    if _YES.match(plain):
        return True
    return False if _NO.match(plain) else None


def _consents(found: Read, answer: Answer, text: str) -> bool:
    """True when the question asks whether we may write; then its answer is a claim, and no plain answer."""
    names = [plain for name in (answer.question, *answer.also) if (plain := _plain(name))]
    asks = [plain for plain in names if _allows(plain)]
    said = yes_or_no(text)
    if answer.kind or not asks or said is None:
        return False
    if any(map(_TEXTS.search, asks)):
        found.sms = said if found.sms is None else found.sms and said
    if any(_MAILS.search(ask) and not _NEWS.search(ask) for ask in asks):
        found.email = said if found.email is None else found.email and said
    found.wording = found.wording or clean_text(answer.question, LIMITS["text"])
    found.keep(answer.question, answer.value)
    return True


def _asked(plain: str) -> str | None:
    """The field that a question in whole words asks for."""
    if len(plain.split()) > _WORDS_AT_MOST or "company" in plain:
        return None
    return next((ours for ours, words in _ASKED if words.search(plain)), None)


def _may_be(ours: str, value: str | None) -> bool:
    if value is None or ours not in {"email", "phone"}:
        return True
    return "@" in value if ours == "email" else sum(char.isdecimal() for char in value) >= _PHONE_DIGITS


def _allows(plain: str) -> bool:
    return bool(_ALLOWS.search(plain) and (_TEXTS.search(plain) or _MAILS.search(plain)))


def _is_unasked_contact(found: Read, answer: Answer) -> bool:
    """An address or a number under a name that nobody foresaw, where none has been found yet."""
    if not isinstance(answer.value, str):
        return False
    text = answer.value.strip()
    if "@" in text and " " not in text and normalise_email(text):
        return found.put("email", text)
    return text.startswith("+") and normalise_phone(text) is not None and found.put("phone", text)


def _plain(name: str) -> str:
    return _NOT_WORD.sub(" ", fold(name[:400])).strip()
