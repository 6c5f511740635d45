"""Everything about one person in one archive, and nothing about anybody else (R-GDPR-3)."""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg.rows import DictRow

from leadwake.domain import routing_words, wording
from leadwake.domain.looks import how_words
from leadwake.errors import ConfigError, RuleError
from leadwake.storage import webhooks
from leadwake.storage.db import Connection, q
from leadwake.storage.dossier import opened_body, opened_heading, opened_letter, opened_meeting
from leadwake.storage.enrichment import answer_of
from leadwake.storage.intake import open_details, open_profile, opened_capture
from leadwake.storage.visits import pages_of
from leadwake.workflows import looks
from leadwake.workflows.office import Office

#: the tables of the archive, each a CSV of its own beside export.json
TABLES: Final = (
    "profile", "contact_points", "captures", "inquiries", "messages", "letters", "notes", "calls", "meetings",
    "visits", "chats", "outcomes", "sequences", "revivals", "consents", "enrichments", "sources", "recipients",
    "scores", "signals", "decisions", "routing", "suppression", "looks", "events",
)  # fmt: skip
#: what a spreadsheet takes for a formula at the head of a cell (OWASP, CSV injection)
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_LIMIT: Final = 1_000_000
_KINDS: Final = frozenset({
    "sms", "email", "confirmation_sms", "help_sms", "human_sms", "human_email", "human_chat", "chat",
    "meeting_reminder_sms", "meeting_reminder_email", "no_show_sms", "no_show_email", "nurture_sms", "nurture_email",
})  # fmt: skip


async def collect(office: Office, lead_id: UUID) -> dict[str, Any]:
    """
    The whole of what is kept of the lead: {"exported_at", "lead_id", table: rows …}, plain JSON values.

    A number that a household shares brings only what is this person's own. Raises RuleError when there is no such lead.
    """
    async with office.db.transaction() as connection:
        await connection.execute("set transaction isolation level repeatable read, read only")
        found = await _read(connection, lead_id)
    if not found["lead"]:
        raise RuleError("no lead has this id: leadwake lead list")
    [lead] = found["lead"]
    inquiries = [_inquiry(office, row) for row in found["inquiries"]]
    values = {
        "exported_at": office.clock.now(),
        "lead_id": lead_id,
        "profile": _profile(office, lead, found["standing"]),
        "contact_points": [_contact(office, lead, row) for row in found["contacts"]],
        "captures": [_capture(office, row) for row in found["captures"]],
        "inquiries": inquiries,
        "messages": _messages(office, found),
        "calls": [_call(office, row) for row in reversed(found["calls"])],
        "meetings": [_meeting(office, row) for row in reversed(found["meetings"])],
        "visits": [_visit(office, row) for row in reversed(found["visits"])],
        "chats": [dict(row) for row in found["chats"]],
        "outcomes": [dict(row) for row in found["outcomes"]],
        "sequences": [dict(row) for row in reversed(found["sequences"])],
        "revivals": [dict(row) for row in found["revivals"]],
        "letters": [_letter(office, row) for row in reversed(found["letters"])],
        "notes": [_note(office, row) for row in reversed(found["notes"])],
        "enrichments": [_enrichment(office, row) for row in reversed(found["enrichments"])],
        "consents": [_consent(row) for row in found["consents"]],
        "sources": _sources(lead, inquiries),
        "recipients": [
            *(_recipient(office, row) for row in reversed(found["actions"]) if row["attempts"]),
            *(_told(office, row) for row in found["webhooks"]),
        ],
        "scores": _scores(lead, found["inquiries"]),
        "signals": [_signal(office, row) for row in found["signals"]],
        "decisions": [_decision(row) for row in found["decisions"]],
        "routing": [_routed(office, row) for row in reversed(found["routing"])],
        "suppression": [_suppression(office, lead, row) for row in found["contacts"]],
        "looks": [_look(office, row, found["keys"]) for row in found["looks"]],
        "events": [_plain(row) for row in found["events"]],
    }
    plain: dict[str, Any] = json.loads(json.dumps(values, default=_as_text))
    return plain


async def _read(connection: Connection, lead_id: UUID) -> dict[str, list[DictRow]]:
    names = {
        "lead": "reading_leads_among", "standing": "lead_standing", "contacts": "export_contacts",
        "captures": "export_captures", "inquiries": "reading_inquiries", "consents": "export_consents",
        "actions": "reading_actions", "decisions": "decisions_of_lead",
        "routing": "routing_decisions_of_lead", "messages": "export_messages", "calls": "reading_calls",
        "meetings": "reading_meetings", "visits": "reading_visits", "outcomes": "outcomes_of",
        "sequences": "enrollment_of", "revivals": "revivals_of_lead", "chats": "chats_of_lead",
        "events": "export_events", "letters": "reading_letters", "notes": "reading_notes",
        "signals": "export_signals", "enrichments": "enrichments_of_lead", "webhooks": "webhooks_of_lead",
        "looks": "looks_of_lead", "keys": "api_keys",
    }  # fmt: skip
    values = {"lead_id": lead_id, "ids": [lead_id], "before": None, "limit": _LIMIT}
    return {key: await (await connection.execute(q(name), values)).fetchall() for key, name in names.items()}


def _profile(office: Office, lead: DictRow, standing: Sequence[DictRow]) -> dict[str, Any]:
    agent = office.person(lead["agent_id"])
    kept = ("status", "score", "temperature", "source", "channel", "created_at", "last_at", "first_touch_at")
    return {
        **open_profile(office.vault, lead), **{name: lead[name] for name in kept},
        "agent": agent.name if agent else None, "restricted_at": standing[0]["restricted_at"] if standing else None,
    }  # fmt: skip


def _value(office: Office, lead: DictRow, row: DictRow) -> str:
    key = office.vault.open_data_key(lead["data_key_id"], lead["kek_id"], lead["wrapped"])
    return key.open(row["sealed_value"], b"lead_contact.value").decode()


def _contact(office: Office, lead: DictRow, row: DictRow) -> dict[str, Any]:
    names = ("consent", "consent_at", "inquiry_at")
    return {"kind": row["kind"], "value": _value(office, lead, row), **{name: row[name] for name in names}}


def _signal(office: Office, row: DictRow) -> dict[str, Any]:
    """What was held to say something about them, in words where it counts."""
    known = office.weights.by_code
    return {"at": row["at"], "signals": ", ".join(known[code].text if code in known else code for code in row["codes"])}


def _suppression(office: Office, lead: DictRow, row: DictRow) -> dict[str, Any]:
    return {
        "kind": row["kind"], "value": _value(office, lead, row), "opted_out": row["opted_out_at"] is not None,
        "at": row["opted_out_at"], "by": row["opted_out_by"],
    }  # fmt: skip


def _capture(office: Office, row: DictRow) -> dict[str, Any]:
    key = office.vault.open_data_key(row["key_id"], row["kek_id"], row["wrapped"])
    raw = opened_capture(key, row["body"], capture_id=row["id"], door=row["door"], source=row["source"])
    return {
        "id": row["id"], "at": row["at"], "door": row["door"], "source": row["source"], "outcome": row["outcome"],
        "came_with": dict(raw.meta), **_bytes(raw.body),
    }  # fmt: skip


def _bytes(body: bytes) -> dict[str, str]:
    """The bytes as they came: as text where they are one, so that a person can read them."""
    try:
        return {"body": body.decode("utf-8")}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


def _inquiry(office: Office, row: DictRow) -> dict[str, Any]:
    details = open_details(office.vault, row["key_id"], row["kek_id"], row["wrapped"], row["sealed_details"])
    agent = office.person(row["agent_id"])
    return {
        "id": row["id"], "asked_at": row["asked_at"], "captured_at": row["captured_at"], "channel": row["channel"],
        "source": row["source"], "repeats": row["repeats"], "first_touch_at": row["first_touch_at"],
        "given_to": agent.name if agent else None, "because": wording.because(row["agent_because"]),
        "details": details,
    }  # fmt: skip


def _messages(office: Office, found: Mapping[str, list[DictRow]]) -> list[dict[str, Any]]:
    """Both ways, oldest first: what they wrote, and what was sent to them."""
    result = []
    for row in found["messages"]:
        heading = opened_heading(office.vault, row)
        result.append(
            {"at": row["at"], "direction": "in", "channel": row["channel"], "to": None,
             "subject": heading.get("subject"), "body": opened_body(office.vault, row, b"message.body"), "state": None,
             "meant": row["intent"], "vendor": row["vendor"], "vendor_ref": row["ref"]}
        )  # fmt: skip
    for row in found["actions"]:
        content = _content(office, row) if row["kind"] in _KINDS else {}
        if content:
            result.append(
                {"at": row["settled_at"] or row["created_at"], "direction": "out", "channel": row["channel"],
                 "to": content.get("to"), "subject": content.get("subject"),
                 "body": content.get("body") or content.get("text"), "state": row["state"], "meant": None,
                 "vendor": row["vendor"], "vendor_ref": row["vendor_ref"]}
            )  # fmt: skip
    return sorted(result, key=lambda one: one["at"])


def _call(office: Office, row: DictRow) -> dict[str, Any]:
    """That a call was, with whom of the team, and what came of it; what was said is nowhere."""
    agent = office.person(row["agent_id"])
    names = ("id", "at", "direction", "state", "answered_at", "ended_at", "outcome")
    return {**{name: row[name] for name in names}, "agent": agent.name if agent else None}


def _meeting(office: Office, row: DictRow) -> dict[str, Any]:
    """A meeting they booked: when, what, where, and what became of it."""
    details = opened_meeting(office.vault, row)
    names = ("id", "at", "state", "starts_at", "ends_at")
    told = {name: getattr(details, name) for name in ("title", "place", "zone")}
    return {**{name: row[name] for name in names}, **told, "vendor_ref": row["ref"]}


def _visit(office: Office, row: DictRow) -> dict[str, Any]:
    """What they looked at on a website of the team's."""
    pages = [
        {"path": page.path, "at": page.at.isoformat(), "seconds": page.seconds} for page in pages_of(office.vault, row)
    ]
    names = ("id", "started_at", "last_at", "seconds", "views")
    return {**{name: row[name] for name in names}, "website": row["origin"], "pages": pages}


def _letter(office: Office, row: DictRow) -> dict[str, Any]:
    """What somebody of the team wrote to them, sent or not."""
    content, writer = opened_letter(office.vault, row), office.person(row["user_id"])
    return {
        "at": row["at"], "channel": row["channel"], "by": writer.name if writer else None, "send_at": row["send_at"],
        "subject": content.get("subject") or None, "body": content.get("body"), "accepted": list(row["accepted"]),
    }  # fmt: skip


def _note(office: Office, row: DictRow) -> dict[str, Any]:
    """What somebody of the team noted about them."""
    writer = office.person(row["user_id"])
    return {
        "at": row["at"],
        "by": writer.name if writer else None,
        "body": opened_body(office.vault, row, b"note.body"),
    }


def _enrichment(office: Office, row: DictRow) -> dict[str, Any]:
    """What a data vendor said of them, and that it is where it comes from (Art. 15(1)(g))."""
    answer = answer_of(office.vault, row)
    return {
        "at": answer.asked_at, "source": wording.vendor(answer.vendor), "practice": answer.practice,
        "outcome": answer.outcome, **answer.found.facts, "emails": list(answer.found.emails),
        "phones": list(answer.found.phones),
    }  # fmt: skip


def _content(office: Office, row: DictRow) -> dict[str, Any]:
    if row["content"] is None or row["kek_id"] is None:
        return {}
    key = office.vault.open_data_key(row["data_key_id"], row["kek_id"], row["wrapped"])
    content: dict[str, Any] = msgspec.json.decode(key.open(row["content"], b"action.content"))
    return content


def _consent(row: DictRow) -> dict[str, Any]:
    return {
        "at": row["at"], "channel": row["channel"], "level": row["level"], "missing_proof": list(row["missing"]),
        "capture": row["capture_id"],
    }  # fmt: skip


def _sources(lead: DictRow, inquiries: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Where the data comes from (Art. 15(1)(g)): each inquiry's source and channel."""
    first = {"at": lead["created_at"], "source": lead["source"], "channel": lead["channel"], "inquiry": None}
    found = [
        {"at": one["asked_at"], "source": one["source"], "channel": one["channel"], "inquiry": one["id"]}
        for one in inquiries
    ]
    return sorted(found, key=lambda one: one["at"]) or [first]


def _recipient(office: Office, row: DictRow) -> dict[str, Any]:
    """Which vendor, or which of the team, got something of theirs, what, and when."""
    agent = office.person(row["agent_id"])
    return {
        "at": row["settled_at"] or row["created_at"], "recipient": wording.vendor(row["vendor"]),
        "what": wording.noun(row["kind"]), "state": row["state"], "vendor_ref": row["vendor_ref"],
        "for_agent": agent.name if agent else None, "practice": row["practice"],
    }  # fmt: skip


def _told(office: Office, row: DictRow) -> dict[str, Any]:
    """Whose server was told of something by webhook."""
    id_, url = row["endpoint_id"], row["sealed_url"]
    host = webhooks.host_of(webhooks.opened(office.vault, id_, "url", url)) if url else "an endpoint that was deleted"
    return {
        "at": row["settled_at"] or row["created_at"], "recipient": host, "what": f"Webhook: {row['type']}",
        "state": row["state"], "vendor_ref": None, "for_agent": None, "practice": False,
    }  # fmt: skip


def _look(office: Office, row: DictRow, keys: Sequence[DictRow]) -> dict[str, Any]:
    """Who of the team, or which program, saw their data, in which way, how often and when."""
    who = looks.reader_words(office, row["reader"], {key["id"]: key["name"] for key in keys})
    return {"by": who, "how": how_words(row["how"]), **{name: row[name] for name in ("times", "first_at", "last_at")}}


def _scores(lead: DictRow, inquiries: Sequence[DictRow]) -> list[dict[str, Any]]:
    now = {"at": lead["last_at"], "of": "the person, now"}
    rows = [{**{k: row[k] for k in ("score", "temperature", "reasons")}, "at": row["captured_at"], "of": "an inquiry"}
            for row in reversed(inquiries)]  # fmt: skip
    return [*rows, {**{k: lead[k] for k in ("score", "temperature", "reasons")}, **now}]


def _decision(row: DictRow) -> dict[str, Any]:
    """What the gate answered, and what it went by; whom the message was for stands beside the message."""
    sealed = {"data_key_id", "sealed_message", "kek_id", "wrapped", "lead_id", "contact_point_id"}
    return {name: value for name, value in row.items() if name not in sealed}


def _routed(office: Office, row: DictRow) -> dict[str, Any]:
    """To whom of the team they went, and why; who was passed over is the colleagues' own business."""
    agent = office.person(row["agent_id"])
    return {
        "at": row["at"], "inquiry": row["inquiry_id"], "agent": agent.name if agent else None,
        "why": routing_words.because(row["trace"]), "licence": row["trace"]["licence"],
        "rules_version": row["rules_version"],
    }  # fmt: skip


def _plain(row: DictRow) -> dict[str, Any]:
    return dict(row)


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form here")


# The archive.


def archive(whole: Mapping[str, Any]) -> bytes:
    """One ZIP: export.json, and each table as a CSV that no spreadsheet takes for a program."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, text in files(whole).items():
            target.writestr(name, text)
    return packed.getvalue()


def files(whole: Mapping[str, Any]) -> dict[str, str]:
    """File name → its text."""
    tables = {f"{name}.csv": as_csv(_listed(whole[name])) for name in TABLES}
    return {"export.json": json.dumps(whole, indent=2, ensure_ascii=False), **tables}


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """The rows under a head; cells that would be formulas begin with an apostrophe."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[safe_cell(row.get(name)) for name in columns] for row in rows])
    return text.getvalue()


def safe_cell(value: object) -> str:
    """The value as the text of a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return str(value)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def save(whole: Mapping[str, Any], out: Path) -> list[Path]:
    """
    The archive at `out`, or its files in the directory `out`, readable by their owner only; what was written.

    Nothing is overwritten. Raises ConfigError.
    """
    try:
        if out.is_dir():
            return [_write(out / name, text.encode()) for name, text in files(whole).items()]
        return [_write(out, archive(whole))]
    except FileExistsError as error:
        raise ConfigError(f"{error.filename} is there already: choose another name") from error
    except OSError as error:
        raise ConfigError(f"{out}: cannot be written: {error.strerror}") from error


def _write(path: Path, content: bytes) -> Path:
    """The file, whole or not at all."""
    if path.exists():
        raise FileExistsError(17, "exists", str(path))
    descriptor, name = tempfile.mkstemp(prefix=".export-", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(name, path)  # unlike a rename, never over somebody else's file
    finally:
        Path(name).unlink(missing_ok=True)
    return path


def _listed(table: Any) -> list[Mapping[str, Any]]:
    return [table] if isinstance(table, dict) else list(table)
