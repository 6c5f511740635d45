"""Was what a person agreed to on a website our wording, of today, and seen? A form's words are given out signed.

The signature says: these words, of this version, were ours, and were given to a page of this website at that instant.
Without it a lead is taken all the same, and its consent counts for less (docs/adr/0042).
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from leadwake.domain.registered_form import RegisteredForm
from leadwake.domain.values import Shown
from leadwake.domain.website import Website
from leadwake.intake.fields import clean_line, clean_text
from leadwake.storage.credentials import TokenExpired, TokenRefused, read_token, sign_token
from leadwake.workflows.office import Office

#: words that were given out longer ago prove nothing (real time); a page may stay open over a working day
TOKEN_FOR: Final = timedelta(hours=12)
#: nobody reads a form, fills it in and sends it in less (real time); our script waits, robots do not
LEAST_S: Final = 1.5
_MAX_TEXT: Final = 6_000
_LONGEST_S: Final = TOKEN_FOR.total_seconds()
_PURPOSE: Final = "embedded form"


class Sent(msgspec.Struct):
    """What the script says of how its form was shown. ticked_s: seconds ago, as no browser's clock is to be trusted."""

    token: str = ""
    ticked_s: float | None = None
    pre_ticked: bool = False
    url: str = ""
    screen: str = ""
    viewport: str = ""
    language: str = ""
    text: str = ""


class Issued(msgspec.Struct, array_like=True):
    """What a token says. wording: the digest of the words, blank without any; at: business time; real_s: since 1970."""

    form: str
    version: str
    wording: str
    origin: str
    at: datetime
    real_s: float


def token(office: Office, website: Website, name: str, form: RegisteredForm | None) -> str:
    """Signed by us, for a page of the website: today's words of the form."""
    issued = _issued_now(office, website, name, form)
    return sign_token(office.vault.link_key, _PURPOSE, msgspec.json.encode(issued), _instant(issued.real_s) + TOKEN_FOR)


def read(office: Office, given: str) -> tuple[Issued | None, str | None]:
    """(what a token says, why it proves nothing); the latter None for one that is ours and young enough."""
    if not given:
        return None, "no_token"
    try:
        payload = read_token(office.vault.link_key, _PURPOSE, given, now=_instant(office.clock.real()))
        return msgspec.json.decode(payload, type=Issued), None
    except TokenExpired:
        return None, "expired"
    except (TokenRefused, msgspec.DecodeError):
        return None, "not_ours"


def judged(office: Office, website: Website, name: str, form: RegisteredForm | None, sent: Sent) -> Shown:
    """How the form was seen, with the verdict. form: as it is registered now, None: it is not."""
    issued, why_not = read(office, sent.token)
    text, now = clean_text(sent.text, _MAX_TEXT), office.clock.now()
    if issued is not None:
        why_not = _differs(issued, _issued_now(office, website, name, form))
    return Shown(
        why_not or _unseen(form, sent, text or "") or "proven",
        issued_at=issued.at if issued else None,
        ticked_at=_ticked_at(office, sent.ticked_s, issued, now),
        website=website.origin,
        screen=clean_line(sent.screen, 40),
        viewport=clean_line(sent.viewport, 40),
        language=clean_line(sent.language, 40),
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest() if text else None,
    )


def is_hasty(office: Office, given: str) -> bool:
    """True when the form came back sooner than a person can fill it in."""
    issued, _ = read(office, given)
    return issued is not None and office.clock.real() - issued.real_s < LEAST_S


def _issued_now(office: Office, website: Website, name: str, form: RegisteredForm | None) -> Issued:
    version, wording = (form.wording_version, form.wording) if form else ("", "")
    digest = hashlib.sha256(wording.encode()).hexdigest()[:32] if wording else ""
    return Issued(name, version, digest, website.origin, office.clock.now(), office.clock.real())


def _differs(then: Issued, today: Issued) -> str | None:
    if then.form != today.form:
        return "other_form"
    if then.origin != today.origin:
        return "other_website"
    return None if (then.version, then.wording) == (today.version, today.wording) else "other_wording"


def _unseen(form: RegisteredForm | None, sent: Sent, text: str) -> str | None:
    """Why nothing was agreed to, or not by seeing it."""
    if form is None:
        return "not_registered"
    if sent.pre_ticked:
        return "pre_ticked"
    if sent.ticked_s is None:
        return "not_ticked"
    return None if _plain(form.wording) in _plain(text) else "words_not_seen"


def _plain(text: str) -> str:
    """A page's style may break lines and change small letters into capitals."""
    return " ".join(text.split()).casefold()


def _ticked_at(office: Office, ago_s: float | None, issued: Issued | None, now: datetime) -> datetime | None:
    """Never later than now, nor earlier than the words were given out."""
    if ago_s is None:
        return None
    ago = office.clock.business(timedelta(seconds=min(max(ago_s, 0.0), _LONGEST_S)))
    return max(now - ago, issued.at) if issued else now - ago


def _instant(real_s: float) -> datetime:
    return datetime.fromtimestamp(real_s, UTC)
