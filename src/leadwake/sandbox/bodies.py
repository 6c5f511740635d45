"""Request bodies read back as what they say: a form as an object, JSON as itself, anything else as text."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

import msgspec

FORM = "application/x-www-form-urlencoded"
#: More fields than any vendor documents.
MAX_FIELDS = 500

_decode_json = msgspec.json.Decoder().decode


class Unreadable(ValueError):
    """The body is not what its content type says."""


def form(raw: bytes | str) -> dict[str, str]:
    """Field → its last value; broken UTF-8 becomes U+FFFD. Raises Unreadable beyond MAX_FIELDS."""
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace"))
    except ValueError as problem:
        raise Unreadable(str(problem)) from problem


def form_lists(raw: bytes | str) -> dict[str, str | list[str]]:
    """Like `form`, but a field that came more than once has all its values, in order."""
    text = raw if isinstance(raw, str) else raw.decode("latin-1")
    fields: dict[str, str | list[str]] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS, errors="replace")
    except ValueError as problem:
        raise Unreadable(str(problem)) from problem
    for name, value in pairs:
        held = fields.get(name)
        if held is None:
            fields[name] = value
        elif isinstance(held, list):
            held.append(value)
        else:
            fields[name] = [held, value]
    return fields


def json_value(raw: bytes) -> Any:
    """The JSON value. Raises Unreadable: not JSON, not UTF-8, nested too deep."""
    try:
        return _decode_json(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as problem:
        raise Unreadable("not readable as JSON") from problem


def json_object(raw: bytes) -> dict[str, Any]:
    """The JSON object. Raises Unreadable when it is anything else."""
    value = json_value(raw)
    if not isinstance(value, dict):
        raise Unreadable("not a JSON object")
    return value


def read_back(raw: bytes, content_type: str) -> Any:
    """The body for a reader; never fails. None where there was none; text where it is not what its type says."""
    if not raw:
        return None
    kind = content_type.partition(";")[0].strip().lower()
    try:
        if kind == FORM:
            return form_lists(raw)
        if kind.endswith("json"):
            return json_value(raw)
    except Unreadable:
        pass
    return raw.decode("utf-8", "replace")
