"""The door "chat": the small form at the beginning of a chat on the team's own website."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Final

import msgspec

from leadwake.domain.chat import MAX_CHARS
from leadwake.domain.values import ConsentClaim, Inquiry
from leadwake.errors import InputError
from leadwake.intake.fields import LIMITS, clean_line, clean_text, inquiry
from leadwake.intake.form import how_shown, proven

CHANNEL: Final = "live_chat"
SOURCE: Final = "website_chat"

_Line = Annotated[str, msgspec.Meta(max_length=2_048)]


class Question(msgspec.Struct, frozen=True):
    """
    What a visitor gives before they chat. contact: a phone number or an e-mail address, whichever they typed.

    agreed: they ticked the box beside the words of `form`; whether those were ours stands around it, as with a form.
    """

    name: _Line
    contact: _Line
    message: Annotated[str, msgspec.Meta(max_length=4 * MAX_CHARS)]
    language: str = "en"
    page: _Line = ""
    agreed: bool = False
    form: _Line = ""


_decode = msgspec.json.Decoder(Question).decode


def read_chat(body: bytes, meta: Mapping[str, str], now: datetime) -> Inquiry:
    """
    The inquiry in a question. body: a Question in JSON; meta: ip, user_agent, and of a box that was ticked how it was
    shown, as with a form.

    A box that is not ticked says nothing: it was optional. Raises InputError with what is wrong beside which field.
    """
    asked = _decode(body)
    contact = "email" if "@" in asked.contact else "phone"
    fields = {
        "name": clean_line(asked.name, LIMITS["name"]), contact: clean_line(asked.contact, LIMITS[contact]),
        "message": clean_text(asked.message, MAX_CHARS), "page_url": clean_line(asked.page, LIMITS["page_url"]),
    }  # fmt: skip
    extra = {"form": asked.form} if asked.form else {}
    found = inquiry(
        fields, asked_at=now, channel=CHANNEL, source=SOURCE, consent=_claim(asked, fields["page_url"], meta, now),
        extra=extra | ({"language": asked.language} if asked.language == "es" else {}),
    )  # fmt: skip
    if wrong := _wrong(found):
        raise InputError(wrong)
    return found


def _claim(asked: Question, page: str | None, meta: Mapping[str, str], now: datetime) -> ConsentClaim:
    if not (asked.agreed and asked.form):
        return ConsentClaim(timestamp=now, url=page)
    claim = ConsentClaim(
        sms=True, ip=meta.get("ip"), user_agent=meta.get("user_agent"), timestamp=now, url=page,
    )  # fmt: skip
    return proven(claim, how_shown(meta))


def _wrong(found: Inquiry) -> dict[str, str]:
    wrong = {}
    if not found.name:
        wrong["name"] = "give a name"
    if not (found.phone or found.email):
        wrong["contact"] = "give a phone number or an e-mail address that works"
    if not found.message:
        wrong["message"] = "write your question"
    return wrong
