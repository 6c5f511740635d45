"""Forms an admin vouches for: registered once, retired when they change, never edited."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from leadwake.domain import registered_form
from leadwake.errors import InputError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.workflows.office import Office

MAX_SCREENSHOT = 3 * 1024 * 1024
#: how the bytes of a picture begin
_PICTURES = ((b"\x89PNG\r\n\x1a\n", "image/png"), (b"\xff\xd8\xff", "image/jpeg"))


@dataclass(frozen=True, slots=True)
class Registration:
    """
    What an admin says about a form.

    screenshot: the picture's bytes, as they were uploaded. by_script: our script shows it, with an empty box, and keeps
    what each person saw: then no picture is asked for.
    """

    name: str
    wording: str
    wording_version: str
    url: str
    not_pre_ticked: bool
    signs_by_name: bool
    screenshot: bytes
    by_script: bool = False


async def register(office: Office, person: Person, given: Registration) -> UUID:
    """From now on captures of the form inherit its fields. Raises InputError with a reason a field, DatabaseAway."""
    wrong = registered_form.problems(
        name=given.name, wording=given.wording, wording_version=given.wording_version, url=given.url,
        not_pre_ticked=given.not_pre_ticked or given.by_script, business=office.settings.business_name,
    )  # fmt: skip
    picture = _picture(given.screenshot)
    if picture is None and not given.by_script:
        wrong["screenshot"] = (
            f"Add a picture of the form as people see it: PNG or JPEG, up to {MAX_SCREENSHOT >> 20} MB."
        )
    if wrong:
        raise InputError(wrong)
    form_id, now = new_id(), office.clock.now()
    async with office.db.transaction() as connection:
        added = await connection.execute(
            q("consent_form_add"),
            {
                "id": form_id,
                "name": given.name,
                "wording": given.wording,
                "wording_version": given.wording_version,
                "url": given.url,
                "signature": "typed_name" if given.signs_by_name else "own_field",
                "by_script": given.by_script,
                "screenshot": given.screenshot if picture else None,
                "screenshot_type": picture,
                "user_id": person.id,
                "now": now,
            },
        )
        if added.rowcount == 0:
            raise InputError({"name": "There is a form of this name. Retire it first; a changed form is another one."})
        await record(connection, now, f"user {person.id}", "form_registered", form=str(form_id), name=given.name)
        await connection.execute(q("office_changed"))
    await office.refresh()
    return form_id


async def retire(office: Office, person: Person, form_id: UUID) -> bool:
    """Captures that come from now on inherit nothing of the form; False when it was not in use. Raises DatabaseAway."""
    now = office.clock.now()
    async with office.db.transaction() as connection:
        gone = await connection.execute(q("consent_form_retire"), {"id": form_id, "now": now})
        if gone.rowcount == 0:
            return False
        await record(connection, now, f"user {person.id}", "form_retired", form=str(form_id))
        await connection.execute(q("office_changed"))
    await office.refresh()
    return True


def _picture(content: bytes) -> str | None:
    if not content or len(content) > MAX_SCREENSHOT:
        return None
    return next((kind for head, kind in _PICTURES if content.startswith(head)), None)
