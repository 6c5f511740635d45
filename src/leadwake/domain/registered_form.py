"""Forms an admin registered once: what their captures inherit, so that the person's own fields complete the proof.

Source: compliance rules, section 1, "An admin may register a form once"; R-TCPA-2. A record that lacks a field counts
as less, never as more: whatever a capture says itself stands, and one that contradicts the form inherits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlsplit
from uuid import UUID

from leadwake.domain.consent import missing_proof
from leadwake.domain.values import Channel, ConsentClaim, Inquiry

MAX_WORDING_CHARS: Final = 5_000
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_CONDITION: Final = re.compile(r"\b(?:condition|requir\w+|necessary|obligat\w+)\b", re.IGNORECASE)
_AUTOMATED: Final = re.compile(r"\b(?:automat\w+|auto-?dial\w+|autodial\w*|recurring)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RegisteredForm:
    """
    A form as it stands on a website. name: as in POST /forms/{form}, lower-case.

    signs_by_name: typing one's name into it is the signature; else it has a signature field of its own. by_script: only
    our script shows it, and each of its leads comes with what was seen; a plain form of that name inherits nothing.
    """

    id: UUID
    name: str
    wording: str
    wording_version: str
    url: str
    signs_by_name: bool
    by_script: bool = False


@dataclass(frozen=True, slots=True)
class Completed:
    """A claim with what its form adds. signature_name: the name that counts as a signature, None when none does."""

    claim: ConsentClaim
    signature_name: str | None = None


def completed(inquiry: Inquiry, forms: Iterable[RegisteredForm]) -> Completed:
    """The inquiry's claim with the static fields of the registered form it came from; as it is when there is none."""
    form = next((form for form in forms if _is_from(inquiry, form)), None)
    if form is None:
        return Completed(inquiry.consent)
    claim = inquiry.consent
    agreed = bool(claim.sms or claim.email)
    whole = replace(
        claim,
        text=claim.text or form.wording,
        wording_version=claim.wording_version or form.wording_version,
        # Our script says which page it was; of a pasted form only the one it was registered for is known.
        url=claim.url if claim.shown else form.url,
        # The box is known not to be ticked beforehand, so a yes is a person's tick; what a capture says itself stands.
        checkbox=claim.checkbox or ("ticked" if agreed else None),
    )
    return Completed(whole, inquiry.name if form.signs_by_name else None)


def problems(
    *, name: str, wording: str, wording_version: str, url: str, not_pre_ticked: bool, business: str
) -> dict[str, str]:
    """What keeps a form from being registered: field → what to do."""
    claim = ConsentClaim(sms=True, text=wording, url=url)
    lacking = missing_proof(claim, Channel.SMS, seller=business or None)
    wrong = {}
    if not _NAME.fullmatch(name):
        wrong["name"] = "Lower-case letters, digits, - and _, as in the form's address: /forms/NAME."
    if not wording.strip():
        wrong["wording"] = "Paste the words beside the box, exactly as they stand there."
    elif len(wording) > MAX_WORDING_CHARS:
        wrong["wording"] = f"At most {MAX_WORDING_CHARS:,} characters."
    elif "disclosure text" in lacking:
        wrong["wording"] = f"The words must name your business ({business}); without it they prove nothing."
    elif not _CONDITION.search(wording):
        wrong["wording"] = "The words must say that agreeing is not a condition of buying anything."
    elif not _AUTOMATED.search(wording):
        wrong["wording"] = "The words must say that the messages are sent by automated means."
    if not wording_version.strip():
        wrong["wording_version"] = "Give the wording a version, such as 2026-11; another wording gets another one."
    if "URL" in lacking:
        wrong["url"] = "Write the page's whole address, with https://"
    if not not_pre_ticked:
        wrong["not_pre_ticked"] = "Only a box that people tick themselves counts as agreement."
    return wrong


def _is_from(inquiry: Inquiry, form: RegisteredForm) -> bool:
    """By its name, or by wording version and page; and nothing it says of itself speaks against it."""
    claim, named = inquiry.consent, _form_name(inquiry.extra)
    if claim.shown is not None:  # our words on one of our websites, or nothing: see `workflows.embedded_forms`
        return claim.shown.is_proven and (named, claim.wording_version) == (form.name, form.wording_version)
    if form.by_script:
        return False
    if claim.wording_version and claim.wording_version != form.wording_version:
        return False
    if claim.text and _plain(claim.text) != _plain(form.wording):
        return False
    if named is not None:
        return named == form.name and (claim.url is None or _site(claim.url) == _site(form.url))
    return (
        claim.wording_version == form.wording_version and claim.url is not None and _page(claim.url) == _page(form.url)
    )


def _form_name(extra: Mapping[str, object]) -> str | None:
    name = extra.get("form")
    return name.lower() if isinstance(name, str) else None


def _plain(text: str) -> str:
    return " ".join(text.split())


def _site(url: str) -> str:
    """Browsers often tell only the site a form stands on, not its page."""
    return _parts(url)[0]


def _page(url: str) -> tuple[str, str]:
    return _parts(url)


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url.strip())
        return (parts.hostname or "").removeprefix("www."), parts.path.rstrip("/")
    except ValueError:
        return "", ""
