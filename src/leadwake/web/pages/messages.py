"""/setup/messages: the texts people write, shown as they will arrive, and tried on oneself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request
from psycopg.rows import DictRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain import wording
from leadwake.domain.segments import Segments, segments
from leadwake.domain.template import (
    Problem,
    TemplateRefused,
    TextTooLong,
    compile_template,
    default_source,
    render,
    render_subject,
    render_text,
)
from leadwake.domain.template_lint import lint_email, lint_sms, lint_subject
from leadwake.domain.values import Channel
from leadwake.domain.variables import EXAMPLES, VARIABLES
from leadwake.errors import RuleError
from leadwake.storage.db import q
from leadwake.storage.events import record
from leadwake.storage.staff import Person
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.web.read_api import parse_id
from leadwake.workflows.office import TEMPLATES, Office
from leadwake.workflows.trials import send_test

router = APIRouter(route_class=PageRoute)

_LINTS: Final[Mapping[str, Callable[[str], list[Problem]]]] = {
    "instant_reply.sms": lint_sms, "instant_reply_held.sms": lint_sms, "missed_call.sms": lint_sms,
    "instant_reply.subject": lint_subject,
    "instant_reply.email": lint_email,
    "meeting_reminder.sms": lint_sms, "meeting_reminder.subject": lint_subject, "meeting_reminder.email": lint_email,
    "no_show.sms": lint_sms, "no_show.subject": lint_subject, "no_show.email": lint_email,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preview:
    """A template as it would arrive. text: None when it cannot be rendered. cost: of a text message."""

    name: str
    purpose: str
    source: str
    text: str | None
    problems: Sequence[Problem]
    cost: Segments | None = None
    is_own: bool = False

    @property
    def is_fit(self) -> bool:
        """True when it can be saved."""
        return not any(problem.is_error for problem in self.problems)


@router.get("/setup/messages")
async def messages(request: Request, person: Admin, saved: str = "", test: str = "", cannot: str = "") -> Response:
    """The templates as they stand. test: ids of test messages to show; cannot: why one was not sent."""
    office: Office = request.app.state.office
    trials = await _trials(office, person, test)
    previews = [preview(office, person, name, office.templates[name].source) for name in TEMPLATES]
    return await _page(request, previews, saved=saved, trials=trials, tests=test, cannot=cannot[:200])


@router.post("/setup/preview")
async def show(request: Request, person: Admin) -> Response:
    """The templates of the form as they would arrive; nothing is saved."""
    given = await fields(request)
    previews = _given(request.app.state.office, person, given)
    if "x-fragment" in request.headers:
        return view.fragment(request, "previews.html", previews=previews)
    return await _page(request, previews)


@router.post("/setup/messages")
async def save(request: Request, person: Admin) -> Response:
    """Every changed template is saved, or none when one of them is not fit to send."""
    office: Office = request.app.state.office
    previews = _given(office, person, await fields(request))
    if not all(shown.is_fit for shown in previews):
        return await _page(request, previews, status=422)
    changed = [shown for shown in previews if shown.source != office.templates[shown.name].source]
    if changed:
        await _store(office, changed, person)
    return see("/setup/messages?saved=messages")


@router.post("/setup/test/{channel}")
async def test(request: Request, channel: str, person: Admin) -> Response:
    """A test message is on its way to whoever asked for it."""
    if channel not in {"sms", "email"}:
        raise HTTPException(404)
    before = (await fields(request)).get("tests", "")
    try:
        action_id = await send_test(request.app.state.office, person, Channel(channel))
    except RuleError:
        return see(f"/setup/messages?cannot={channel}#try")
    shown = [str(known) for known in _ids(before)[-3:]]
    return see(f"/setup/messages?test={'.'.join([*shown, str(action_id)])}#try")


def preview(office: Office, person: Person, name: str, source: str) -> Preview:
    """The template with the example lead's values and this team's own."""
    is_own = name in office.template_versions
    is_text = name.endswith(".sms")
    try:
        template = compile_template(source)
        values = _values(office, person)
        if is_text:
            text = render_text(template, values)
        else:
            text = render_subject(template, values) if name.endswith(".subject") else render(template, values)
        found = _LINTS[name](source) if name in _LINTS else []
    except TemplateRefused as refused:
        return Preview(name, TEMPLATES[name], source, None, refused.problems, is_own=is_own)
    except TextTooLong as error:
        return Preview(name, TEMPLATES[name], source, None, [Problem(str(error))], is_own=is_own)
    return Preview(name, TEMPLATES[name], source, text, found, segments(text) if is_text else None, is_own)


def _values(office: Office, person: Person) -> dict[str, str]:
    settings = office.settings
    return {
        **EXAMPLES, "business.name": settings.business_name, "business.postal_address": settings.postal_address,
        "booking_link": settings.booking_url, "agent.name": person.name, "agent.first_name": person.first_name,
        "agent.phone": wording.phone(person.phone), "privacy_link": "",
    }  # fmt: skip


def _given(office: Office, person: Person, given: Mapping[str, str]) -> list[Preview]:
    """The form's templates; one that is blank goes back to ours, one that is missing stays as it is."""
    return [preview(office, person, name, _source(office, name, given.get(name))) for name in TEMPLATES]


def _source(office: Office, name: str, given: str | None) -> str:
    """What was given, but for blank lines at its ends, which a text area adds and takes away as it likes."""
    ours, now = default_source(name), office.templates[name].source
    bare = (now if given is None else given).strip()
    return next((known for known in (now, ours) if bare == known.strip()), bare) if bare else ours


async def _page(
    request: Request, previews: Sequence[Preview], *, status: int = 200, saved: str = "",
    trials: Sequence[DictRow] = (), tests: str = "", cannot: str = "",
) -> Response:  # fmt: skip
    return await view.page(
        request, "messages.html", here="setup", tab="messages", status=status, previews=previews, saved=saved,
        trials=trials, tests=tests, cannot=cannot, variables=VARIABLES,
    )  # fmt: skip


async def _store(office: Office, changed: Sequence[Preview], person: Person) -> None:
    async with office.db.transaction() as connection:
        for shown in changed:
            if shown.source == default_source(shown.name):
                await connection.execute(q("template_forget"), {"name": shown.name})
            else:
                await connection.execute(q("template_save"), {"name": shown.name, "source": shown.source})
            now = office.clock.now()
            await record(connection, now, f"user {person.id}", "template_changed", template=shown.name)
        await connection.execute(q("office_changed"))
    await office.refresh()


async def _trials(office: Office, person: Person, text: str) -> list[DictRow]:
    ids = _ids(text)
    return await office.db.all("reading_trials", ids=ids, user_id=person.id) if ids else []


def _ids(text: str) -> list[UUID]:
    return [found for part in text[:400].split(".") if (found := parse_id(part))]
