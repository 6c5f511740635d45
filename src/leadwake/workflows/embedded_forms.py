"""Forms that our script shows on the team's websites: what it is to show, and what people sent with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

import msgspec

from leadwake.domain.registered_form import RegisteredForm
from leadwake.domain.website import Website, plain
from leadwake.errors import Unparsable
from leadwake.intake.form import is_spam
from leadwake.storage.intake import RawCapture, Receipt
from leadwake.workflows import form_proof, heard, intake, visits
from leadwake.workflows.office import Office

DOOR: Final = "form"
#: how it was seen is for our script and its proof to say, never for fields of the page
_NOT_FIELDS: Final = frozenset({"consent_text", "wording_version", "consent_checkbox", "page_url"})
_MAX_FIELDS, _MAX_VALUES, _MAX_NAME_CHARS, _MAX_URL_CHARS = 60, 20, 100, 2_000
#: how often, and how far apart, it is looked whether the first answer is decided on before we say which one it is
_LOOKS, _LOOK_EVERY_S = 6, 0.1


class _Body(msgspec.Struct):
    """
    What the script sends.

    id: made by it, so that a form sent twice is one. visitor: what the browser calls itself.
    """

    fields: dict[str, str | list[str]]
    id: str = ""
    visitor: str | None = None
    shown: form_proof.Sent = msgspec.field(default_factory=form_proof.Sent)


@dataclass(frozen=True, slots=True)
class Posted:
    """A form that came. visitor: what the browser calls itself, blank: not. is_spam: by its bait, or by its haste."""

    website: Website
    raw: RawCapture
    visitor: str
    is_spam: bool


def definition(office: Office, website: Website, name: str) -> dict[str, Any]:
    """What the script shows: the words to agree to, if the form is registered, and the proof that they are ours."""
    form = _registered(office, name)
    told: dict[str, Any] = {"token": form_proof.token(office, website, name, form), "wait_s": form_proof.LEAST_S}
    if form is not None:
        told |= {"wording": form.wording, "version": form.wording_version, "signature": not form.signs_by_name}
    return told


def read(office: Office, website: Website, name: str, body: bytes, around: Mapping[str, str]) -> Posted:
    """
    What a page of the website posted, as a capture.

    around: ip, user_agent and url (of the page), as the request shows them. Raises Unparsable.
    """
    try:
        posted = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        raise Unparsable("that is not what our script sends") from None
    form, fields = _registered(office, name), _fields(posted.fields)
    shown = form_proof.judged(office, website, name, form, posted.shown)
    meta = {**around, "form": name, "shown": msgspec.json.encode(shown).decode()}
    if _is_page(posted.shown.url, website):
        meta["url"] = posted.shown.url
    if form is not None:
        meta |= {"wording": form.wording, "wording_version": form.wording_version}
    content = msgspec.json.encode(fields)
    raw = RawCapture(DOOR, content, meta)
    if 16 <= len(posted.id) <= 64 and posted.id.isascii() and posted.id.isprintable():
        raw = RawCapture.once(DOOR, f"{website.id}:{name}:{posted.id}", content, meta)
    hasty = form_proof.is_hasty(office, posted.shown.token)
    return Posted(website, raw, posted.visitor or "", is_spam(fields) or hasty)


async def receive(office: Office, posted: Posted, origin: str) -> Receipt | None:
    """The lead is taken in, with what their browser looked at; None for a robot's. Raises InputError, DatabaseAway."""
    await heard.form(office, posted.raw.meta["form"], origin)
    if posted.is_spam:
        await intake.keep(office, posted.raw, "spam", office.clock.now(), reason="honeypot")
        return None
    receipt = await intake.receive(office, posted.raw)
    if receipt.lead_id:
        await visits.attach(office, posted.website, posted.visitor, receipt.lead_id)
    return receipt


async def answered_by(office: Office, capture_id: UUID) -> str:
    """
    How the person hears from us within a minute, once that is decided: "text", "email"; "later": by a text, when the
    hour allows it; "person": by nothing automated. What is not decided in half a second is on its way.
    """
    states: Mapping[str, str] = {}
    for _ in range(_LOOKS):
        states = {row["kind"]: row["state"] for row in await office.db.all("form_answers", cause_id=capture_id)}
        if states and "planned" not in states.values():
            break
        await asyncio.sleep(_LOOK_EVERY_S)
    for kind, how in (("sms", "text"), ("email", "email")):
        if states.get(kind) in {"planned", "sending", "sent", "delivered"}:
            return how
    return "later" if states.get("sms") == "deferred" else "person"


def _registered(office: Office, name: str) -> RegisteredForm | None:
    return next((form for form in office.forms if form.name == name.lower()), None)


def _fields(given: Mapping[str, str | list[str]]) -> dict[str, list[str]]:
    """The fields as a plain form has them, bounded."""
    kept: dict[str, list[str]] = {}
    for name, value in list(given.items())[:_MAX_FIELDS]:
        if name.strip().lower().replace("-", "_").replace(" ", "_") not in _NOT_FIELDS:
            kept[name[:_MAX_NAME_CHARS]] = [value] if isinstance(value, str) else value[:_MAX_VALUES]
    return kept


def _is_page(url: str, website: Website) -> bool:
    """True for a page of the website that asks: nothing else is kept as the page where somebody agreed."""
    try:
        parts = urlsplit(url)
        return plain(f"{parts.scheme}://{parts.netloc}".lower()) == website.origin and len(url) <= _MAX_URL_CHARS
    except ValueError:
        return False
