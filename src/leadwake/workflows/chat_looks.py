"""What the chat of each website says and how it looks: the greeting, the colour, and whose words stand beside a box."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec

from leadwake.domain.chat import MAX_GREETING_CHARS
from leadwake.domain.registered_form import RegisteredForm
from leadwake.domain.website import Website
from leadwake.errors import InputError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.workflows import form_proof
from leadwake.workflows.office import Office

_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Look:
    """greeting, colour, form: blank for our own words, our own colour, no box. form: a registered form's name."""

    greeting: str = ""
    colour: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """What a visitor may agree to before they chat. proof: that these words are ours, given out now."""

    form: RegisteredForm
    proof: str


async def of_website(office: Office, website: Website) -> tuple[Look, Box | None]:
    """How the chat of a website begins. Raises DatabaseAway."""
    row = await office.db.one("chat_look", id=website.id)
    look = Look(row["greeting"], row["colour"], row["form"]) if row else Look()
    form = next((form for form in office.forms if form.name == look.form), None)
    return look, Box(form, form_proof.token(office, website, form.name, form)) if form else None


async def shown(office: Office, website: Website, sent: form_proof.Sent) -> dict[str, str]:
    """What stands around a question whose writer ticked the box: whose words, and how they were seen."""
    _, box = await of_website(office, website)
    if box is None:
        return {}
    how = form_proof.judged(office, website, box.form.name, box.form, sent)
    return {
        "form": box.form.name, "shown": msgspec.json.encode(how).decode(), "wording": box.form.wording,
        "wording_version": box.form.wording_version,
    }  # fmt: skip


async def looks(office: Office) -> dict[UUID, Look]:
    """Of every website."""
    rows = await office.db.all("chat_looks")
    return {row["id"]: Look(row["greeting"], row["colour"], row["form"]) for row in rows}


async def save(office: Office, website_id: UUID, look: Look, person: Person) -> None:
    """Its chat says so from now on. Raises InputError."""
    look = _checked(office, look)
    values = {"id": website_id, "greeting": look.greeting, "colour": look.colour, "form": look.form}
    async with office.db.transaction() as connection:
        if (await connection.execute(q("chat_look_save"), values)).rowcount:
            now = office.clock.now()
            await record(connection, now, f"user {person.id}", "website_changed", website=str(website_id))


def _checked(office: Office, look: Look) -> Look:
    greeting, colour = " ".join(look.greeting.split()), look.colour.strip().lower()
    wrong = {}
    if len(greeting) > MAX_GREETING_CHARS or not greeting.isprintable():
        wrong["greeting"] = f"At most {MAX_GREETING_CHARS} characters, in one line."
    if colour and not _COLOUR.fullmatch(colour):
        wrong["colour"] = "Write it as six digits, such as #0b5c6b; your website's own style sheet has it."
    if look.form and look.form not in {form.name for form in office.forms}:
        wrong["form"] = "That form is not registered any more."
    if wrong:
        raise InputError(wrong)
    return Look(greeting, colour, look.form)
