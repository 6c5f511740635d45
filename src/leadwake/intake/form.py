"""POST /forms/{form}: the fields of a plain HTML form into an Inquiry. Anything goes; spam is told by a honeypot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec

from leadwake.domain.values import ConsentClaim, Inquiry, Shown
from leadwake.errors import InputError
from leadwake.intake.fields import LIMITS, bounded_extra, bounded_utm, clean_line, clean_text, inquiry

#: hidden from people (off screen, tabindex=-1, autocomplete=off); whatever stands in it was put there by a robot
HONEYPOT = "website_url"
CHANNEL, SOURCE = "web_form", "website"

_LINES = (
    "name", "first_name", "last_name", "email", "phone", "interest", "postal_code", "state", "country", "budget",
    "timeline", "source",
)  # fmt: skip
#: what forms made elsewhere call the same things
_ALIASES = {
    "full_name": "name", "fullname": "name", "your_name": "name", "firstname": "first_name", "fname": "first_name",
    "lastname": "last_name", "lname": "last_name", "email_address": "email", "your_email": "email",
    "phone_number": "phone", "tel": "phone", "telephone": "phone", "mobile": "phone", "comments": "message",
    "comment": "message", "your_message": "message", "zip": "postal_code", "zip_code": "postal_code",
    "zipcode": "postal_code", "postcode": "postal_code",
}  # fmt: skip
_PROOF = ("consent_text", "wording_version", "signature", "consent_checkbox", "page_url")
_ANSWERS = ("sms_consent", "email_consent")
_YES = frozenset({"yes", "on", "true", "1", "y", "checked", "agree", "accepted"})


def is_spam(fields: Mapping[str, Sequence[str]]) -> bool:
    """True when the honeypot `website_url` holds anything but blanks."""
    return any(value.strip() for value in fields.get(HONEYPOT, ()))


def read_form(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """
    The inquiry in a stored form. body: {field: [value, …]} in JSON; meta: form, ip, user_agent, url.

    Of one that our script showed also: shown (a `Shown` in JSON), wording and wording_version.
    """
    return parse_form(
        msgspec.json.decode(body, type=dict[str, list[str]]),
        form=meta["form"],
        ip=meta.get("ip"),
        user_agent=meta.get("user_agent"),
        url=meta.get("url"),
        now=now,
        shown=how_shown(meta),
    )


def how_shown(meta: Mapping[str, str]) -> tuple[Shown, str, str] | None:
    """How it was shown, in which words, of which version."""
    if "shown" not in meta:
        return None
    shown = msgspec.json.decode(meta["shown"], type=Shown)
    return shown, meta.get("wording", ""), meta.get("wording_version", "")


def parse_form(
    fields: Mapping[str, Sequence[str]],
    *,
    form: str,
    ip: str | None,
    user_agent: str | None,
    url: str | None,
    now: datetime,
    shown: tuple[Shown, str, str] | None = None,
) -> Inquiry:
    """
    The inquiry in a submitted form.

    fields: every value of each field, in the form's order; blanks count as absent, the first other one counts.
    form: its name in the path. ip, user_agent, url (of the page with the form): as the request shows them. now: aware
    UTC. shown: how our script showed it, with its wording and version; what the fields say of these counts for nothing
    then. Consent: sms_consent and email_consent are yes (yes, on, true, 1), no (anything else that is present) or, when
    absent, not asked. Its proof is what the request shows and the hidden fields consent_text, wording_version,
    signature, and consent_checkbox ("pre-ticked" where the form's box is).

    Raises InputError when there is no name, phone or e-mail.
    """
    values = _values(fields)
    if not any(values.get(key) for key in ("name", "first_name", "last_name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "give a name, a phone or an e-mail"))
    page_url = values.get("page_url") or (clean_line(url, LIMITS["page_url"]) if url else None)
    return inquiry(
        {**values, "page_url": page_url, "channel": None},
        asked_at=now,
        channel=CHANNEL,
        source=SOURCE,
        consent=proven(_consent(fields, values, page_url, ip, user_agent, now), shown),
        utm=bounded_utm({key: _first(given) for key, given in fields.items() if key.startswith("utm_")}),
        extra={**_unknown(fields), "form": clean_line(form, LIMITS["source"])},
    )


def _values(fields: Mapping[str, Sequence[str]]) -> dict[str, str | None]:
    """The known fields by our names, cleaned; our own name wins over another's."""
    raw: dict[str, str] = {}
    for key, given in fields.items():
        name = _canonical(key)
        if (value := _first(given)) and (name == key or name not in raw):
            raw[name] = value
    values = {key: clean_line(raw[key], LIMITS[key]) for key in (*_LINES, "page_url", "signature") if key in raw}
    values["wording_version"] = clean_line(raw.get("wording_version", ""), LIMITS["wording_version"])
    values["consent_checkbox"] = clean_line(raw.get("consent_checkbox", ""), LIMITS["checkbox"])
    values["consent_text"] = clean_text(raw.get("consent_text", ""), LIMITS["text"])
    values["message"] = clean_text(raw.get("message", ""), LIMITS["message"])
    return values


def _consent(
    fields: Mapping[str, Sequence[str]],
    values: Mapping[str, str | None],
    page_url: str | None,
    ip: str | None,
    user_agent: str | None,
    now: datetime,
) -> ConsentClaim:
    sms, email = (_answer(fields, key) for key in _ANSWERS)
    checkbox = values["consent_checkbox"] or ("ticked" if sms or email else None)
    return ConsentClaim(
        sms=sms,
        email=email,
        text=values["consent_text"],
        ip=clean_line(ip, LIMITS["ip"]) if ip else None,
        timestamp=now,
        user_agent=clean_line(user_agent, LIMITS["user_agent"]) if user_agent else None,
        wording_version=values["wording_version"],
        checkbox=checkbox,
        signature=values.get("signature"),
        url=page_url,
    )


def proven(claim: ConsentClaim, shown: tuple[Shown, str, str] | None) -> ConsentClaim:
    """The claim with what we know of how its form was shown; without proof its words and its box count for nothing."""
    if shown is None:
        return claim
    how, wording, version = shown
    if not how.is_proven:
        return replace(claim, text=None, wording_version=None, checkbox=None, shown=how)
    return replace(claim, text=wording, wording_version=version, checkbox="ticked", shown=how)


def _answer(fields: Mapping[str, Sequence[str]], key: str) -> bool | None:
    """None when the field is absent. One yes is enough: a hidden "no" before the box is how forms say unticked."""
    given = fields.get(key)
    return any(value.strip().lower() in _YES for value in given) if given else None


def _canonical(key: str) -> str:
    plain = key.strip().lower().replace("-", "_").replace(" ", "_")
    return _ALIASES.get(plain, plain)


def _first(given: Sequence[str]) -> str:
    return next((value for value in given if value.strip()), "")


def _unknown(fields: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """What the form asks beyond ours; several ticked values stay a list. Fields of "_" are the form's machinery."""
    known = {*_LINES, *_PROOF, *_ANSWERS, "message", HONEYPOT}
    return bounded_extra(
        {
            key: given[0] if len(given) == 1 else list(given)
            for key, given in fields.items()
            if given and _canonical(key) not in known and not key.startswith(("_", "utm_"))
        }
    )
