"""A Typeform response: answers joined to their questions by the field's id, signed over the raw bytes.

Source: typeform.com/developers/webhooks (read 2026-11-22). The value stands under the key its type names; questions
that were passed over are left out; `ref` may be missing.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from leadwake.domain.values import Inquiry
from leadwake.errors import InputError
from leadwake.intake.api import read_object
from leadwake.intake.fields import LIMITS, believed, clean_line, inquiry, instant
from leadwake.intake.questions import Answer, as_text, field_of, read, utm_of

SOURCE, CHANNEL = "typeform", "web_form"
#: groups of questions stand within questions, not deeper than this
_DEPTH = 4
_KINDS = {"email": "email", "phone_number": "phone"}
#: the hidden fields that make a person, where no answer does; others are not theirs to say
_HIDDEN = frozenset({"name", "first_name", "last_name", "email", "phone", "postal_code", "state"})


def verify_signature(secret: str, signature: str, body: bytes) -> bool:
    """
    True when Typeform signed the raw body. signature: header Typeform-Signature. A blank secret verifies nothing.

    Source: "Secure your webhooks": "sha256=" + base64 of HMAC-SHA256(secret, body).
    """
    expected = b"sha256=" + base64.b64encode(hmac.new(secret.encode(), body, sha256).digest())
    return bool(secret) and hmac.compare_digest(expected, signature.strip().encode("utf-8", "replace"))


def response_id(document: Mapping[str, Any]) -> str | None:
    """What stays when a response is sent again: its token, else the event's id. None when it is no whole response."""
    response = document.get("form_response")
    if document.get("event_type") != "form_response" or not isinstance(response, dict):
        return None
    found = as_text(response.get("token")) or as_text(document.get("event_id"))
    return clean_line(found, LIMITS["source"]) if found else None


def read_lead(body: bytes, _: Mapping[str, str], now: datetime) -> Inquiry:
    """The inquiry in a response. Raises Unparsable; InputError when there is no name, phone or e-mail."""
    response = _object(read_object(body).get("form_response"))
    definition, hidden = _object(response.get("definition")), _object(response.get("hidden"))
    found = read(_answers(response, definition))
    tags = utm_of(hidden)
    for name, value in hidden.items():
        text, ours = as_text(value), field_of(name)
        if name not in tags and text and not (ours in _HIDDEN and found.put(ours, text)):
            found.keep(name, text)
    if not any(found.fields.get(name) for name in ("name", "first_name", "last_name", "phone", "email")):
        raise InputError(dict.fromkeys(("name", "phone", "email"), "the form asked for none of them"))
    asked_at, claimed_at = believed(_submitted(response), now)
    return inquiry(
        found.fields, asked_at=asked_at, claimed_at=claimed_at, channel=CHANNEL, source=SOURCE, utm=tags,
        consent=replace(found.claim(), timestamp=asked_at),
        extra=found.bounded(
            form_id=as_text(response.get("form_id")), form_title=as_text(definition.get("title")),
            calculated=response.get("calculated"), variables=_variables(response.get("variables")),
        ),
    )  # fmt: skip


def _answers(response: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[Answer]:
    questions = dict(_questions(definition.get("fields"), _DEPTH))
    given = response.get("answers")
    for answer in given if isinstance(given, list) else ():
        if not isinstance(answer, dict):
            continue
        about = _object(answer.get("field"))
        asked = questions.get(as_text(about.get("id")) or "", {})
        ref = as_text(about.get("ref")) or as_text(asked.get("ref")) or ""
        title = as_text(asked.get("title")) or ref or as_text(about.get("id")) or "answer"
        kind = as_text(answer.get("type")) or ""
        is_long = "long_text" in {about.get("type"), asked.get("type")}
        yield Answer(title, _value(answer, kind), (ref,) if ref else (), _KINDS.get(kind), is_long)


def _questions(fields: Any, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every question of the form by its id; those of a group too."""
    for question in fields if isinstance(fields, list) and depth else ():
        if isinstance(question, dict):
            if isinstance(question.get("id"), str):
                yield question["id"], question
            yield from _questions(_object(question.get("properties")).get("fields"), depth - 1)


def _value(answer: Mapping[str, Any], kind: str) -> Any:
    """The answer's value: of a choice what was chosen, of several a list, of anything unknown as it came."""
    value = answer.get(kind)
    match value:
        case {"labels": list(labels), "other": str(other)}:
            return [*labels, other]
        case {"labels": list(chosen)} | {"label": str(chosen)} | {"other": str(chosen)}:
            return chosen
        case dict():
            return ", ".join(f"{name}: {text}" for name, one in value.items() if (text := as_text(one)))
        case _:
            return value


def _variables(entries: Any) -> dict[str, Any]:
    """The form's own variables: whatever is called name there is no person's."""
    found = {}
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and isinstance(entry.get("key"), str):
            found[entry["key"]] = entry.get(as_text(entry.get("type")) or "")
    return found


def _submitted(response: Mapping[str, Any]) -> datetime | None:
    try:
        return instant(str(response.get("submitted_at")))
    except ValueError:
        return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
