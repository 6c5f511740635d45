"""A digest put together at the moment of sending: names are read now, and none of them is kept with it."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from leadwake.actions.claims import Judgement
from leadwake.actions.states import State
from leadwake.domain import digest
from leadwake.domain.template import render, render_subject
from leadwake.domain.variables import lead_line
from leadwake.providers.block_kit import actions, bold, button, escaped, section
from leadwake.providers.ports import ChatMessage
from leadwake.storage.intake import open_profile
from leadwake.storage.staff import Person
from leadwake.workflows import composing
from leadwake.workflows.composing import Addressee, Errand


@dataclass(frozen=True, slots=True)
class Told:
    """The words of a digest. kept: the same without names; button: (label, URL), "" for no URL; links: to leads."""

    subject: str
    body: str
    kept: str
    button: tuple[str, str]
    links: tuple[str, ...]


def mail(errand: Errand) -> Judgement:
    """The digest by mail. What is kept of it names nobody, so that an erased person is not in it."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    told = words(errand, person)
    if told is None:
        return Judgement(State.CANCELLED, "too_late")
    to = Addressee(person.email, person.name, None)
    button = told.button if told.button[1] else None
    links = tuple((link, link) for link in told.links)
    verdict = composing.plain_mail(errand, to, told.subject, told.body, button=button, more_links=links)
    if verdict.content is None:
        return verdict
    kept = errand.seal(None, {"to": person.email, "subject": told.subject, "text": told.kept})
    return replace(verdict, content=kept)


def slack(errand: Errand) -> Judgement:
    """The digest as a direct message; kept as the mail is."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    if not person.work.slack_id:
        return Judgement(State.SKIPPED, "no_slack")
    told = words(errand, person)
    if told is None:
        return Judgement(State.CANCELLED, "too_late")
    label, url = told.button
    blocks = [
        section(bold(told.subject)),
        section(escaped(told.body)),
        *([actions([button(label, "open", url=url)])] if url else []),
    ]
    kept = errand.seal(None, {"to": person.work.slack_id, "body": told.kept})
    message = ChatMessage(person.work.slack_id, escaped(told.subject), blocks)
    return Judgement(State.SENDING, outgoing=message, content=kept)


def words(errand: Errand, person: Person) -> Told | None:
    """What the digest says to this person; None when what it was about is kept no longer."""
    found = errand.row["digest"]
    if found is None:
        return None
    base = errand.office.settings.links_base
    if found["content"]["kind"] == "week":
        names = {str(each.id): each.name for each in errand.office.team}
        values = digest.week_values(found["content"], names)
        return _told(
            errand, "digest_week", values, values, ("Open the report", f"{base}/reports?period=7" if base else ""), ()
        )
    names = {lead["id"]: _name(errand, lead) for lead in found["leads"]}
    links = {lead: link(errand, UUID(lead)) for lead in names} if base else {}
    zone = person.work.hours(errand.office.settings.time_zone).zone
    values, kept = (
        digest.day_values(found["content"], known, links, zone, errand.now)
        for known in (names, dict.fromkeys(names, "somebody"))
    )
    return _told(errand, "digest", values, kept, ("See who waits", f"{base}/" if base else ""), tuple(links.values()))


def link(errand: Errand, lead_id: UUID) -> str:
    """Where the lead is, for whoever reads the digest."""
    return f"{errand.office.settings.links_base}/leads/{lead_id}"


def _told(
    errand: Errand, template: str, values: composing.Values, kept: composing.Values, button: tuple[str, str],
    links: tuple[str, ...],
) -> Told:  # fmt: skip
    templates, business = errand.office.templates, composing.business_values(errand.office)
    subject, body = templates[f"{template}.subject"], templates[f"{template}.email"]
    full = {**business, **values}
    return Told(render_subject(subject, full), render(body, full), render(body, {**business, **kept}), button, links)


def _name(errand: Errand, lead: Mapping[str, Any]) -> str:
    row = {
        "sealed_profile": b64decode(lead["profile"]), "data_key_id": UUID(lead["key_id"]), "kek_id": lead["kek_id"],
        "wrapped": b64decode(lead["wrapped"]),
    }  # fmt: skip
    profile = open_profile(errand.office.vault, row)
    called = next((str(profile[key]) for key in ("name", "phone", "email") if profile.get(key)), "")
    return lead_line(called) or "Somebody without a name"
