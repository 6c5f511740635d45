"""What a capture's claim of consent is worth: a level, and what is missing for the next.

Source: compliance rules, section 1 "What captures say" and R-TCPA-2 (47 CFR 64.1200(f)(9), read 2026-11-22).
"""

from __future__ import annotations

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from leadwake.domain.names import fold
from leadwake.domain.values import Channel, ConsentClaim, ConsentLevel

#: the proof of R-TCPA-2 by the names the timeline uses, in its order
PROOF_FIELDS = (
    "disclosure text", "wording version", "URL", "checkbox", "signature", "number", "time", "IP address", "user agent",
)  # fmt: skip
#: channels whose rows came out of a file: nobody asked this team anything there
FILE_CHANNELS = frozenset({"csv", "import", "file", "list", "xlsx", "jsonl", "crm"})

#: the box was ticked by the person. Anything else, "pre-ticked" above all, proves nothing
_TICKED = frozenset({
    "ticked", "checked", "selected", "on", "yes", "true", "1", "not pre ticked", "not preticked", "not pre checked",
    "not prechecked",
})  # fmt: skip
_NOT_LETTERS = re.compile(r"[\W_]+")
#: legal forms that wordings leave out or add to a business's name
_LEGAL_FORMS = frozenset({"llc", "inc", "ltd", "corp", "co", "company", "incorporated", "limited", "the", "pllc", "pa"})


def level(
    claim: ConsentClaim,
    channel: Channel,
    inquiry_channel: str,
    contact_given: bool,
    *,
    signature_name: str | None = None,
    seller: str | None = None,
    imported: bool = False,
) -> ConsentLevel:
    """
    The consent that a capture establishes on one channel.

    inquiry_channel: as in `Inquiry.channel`. contact_given: the capture holds a valid number (or address, for
    e-mail). signature_name, seller: as for `missing_proof`. imported: the capture is a row of a list, whatever its
    channel says.

    true with every proof field is WRITTEN, with one missing INQUIRY; false is DECLINED; null is INQUIRY. Without a
    number or address there is nothing to consent for: NONE. Out of a file NONE takes INQUIRY's place. Voice never
    rises above INQUIRY: no capture has a claim for automated calls, and a no to texts is none to calls. ORAL and
    REVOKED are never claimed by a capture.
    """
    answer = {Channel.SMS: claim.sms, Channel.EMAIL: claim.email, Channel.VOICE: None, Channel.CHAT: None}[channel]
    if answer is False:
        return ConsentLevel.DECLINED
    if not contact_given:
        return ConsentLevel.NONE
    if answer and not missing_proof(claim, channel, signature_name=signature_name, seller=seller):
        return ConsentLevel.WRITTEN
    asked_us = not imported and inquiry_channel.strip().lower() not in FILE_CHANNELS
    return ConsentLevel.INQUIRY if asked_us else ConsentLevel.NONE


def missing_proof(
    claim: ConsentClaim,
    channel: Channel = Channel.SMS,
    *,
    contact_given: bool = True,
    signature_name: str | None = None,
    seller: str | None = None,
) -> list[str]:
    """
    The proof fields of R-TCPA-2 that a claim lacks or holds without sense, by name for the timeline; empty: whole.

    signature_name: the name typed into a form that is registered as signed by that name; counts where the claim has
    no signature of its own. seller: this business's name, which the wording must hold (a shared form of "marketing
    partners" is none of ours); None skips that. E-mail needs no number.
    """
    has = {
        "disclosure text": _names(claim.text, seller),
        "wording version": _given(claim.wording_version),
        "URL": _is_url(claim.url),
        "checkbox": _NOT_LETTERS.sub(" ", fold(claim.checkbox or "")).strip() in _TICKED,
        "signature": _given(claim.signature) or _given(signature_name),
        "number": contact_given or channel is Channel.EMAIL,
        "time": claim.timestamp is not None and claim.timestamp.tzinfo is not None,
        "IP address": _is_ip(claim.ip),
        "user agent": _given(claim.user_agent),
    }
    return [field for field in PROOF_FIELDS if not has[field]]


def _given(text: str | None) -> bool:
    return bool(text and text.strip())


def _names(wording: str | None, seller: str | None) -> bool:
    """True when there is a wording and, where the seller is known, it names the seller as whole words."""
    if not _given(wording):
        return False
    return seller is None or f" {_plain(seller)} " in f" {_plain(wording or '')} "


def _plain(text: str) -> str:
    return " ".join(word for word in _NOT_LETTERS.sub(" ", fold(text)).split() if word not in _LEGAL_FORMS)


def _is_url(text: str | None) -> bool:
    try:
        parts = urlsplit((text or "").strip())
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.netloc)


def _is_ip(text: str | None) -> bool:
    try:
        ip_address((text or "").strip())
    except ValueError:
        return False
    return True
