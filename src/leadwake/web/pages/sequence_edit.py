"""/sequences/{name}/edit: the text as a draft, what is wrong with it, how it reads to real leads; then published."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.looks import How
from leadwake.domain.sequence import model
from leadwake.domain.sequence import words as plain
from leadwake.domain.sequence.diff import Difference, difference
from leadwake.domain.sequence.reading import SEQUENCE_NAME, SequenceRefused, problems, read_sequence
from leadwake.domain.sequence.tree import MAX_SOURCE_BYTES
from leadwake.domain.template import Problem
from leadwake.storage import sequences as stored
from leadwake.storage.sequences import Draft, SequenceMoved
from leadwake.storage.staff import Person
from leadwake.web.pages import sequence_view, view
from leadwake.web.pages.composer import SEGMENT_CENTS
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.sequence_view import StepView, Went
from leadwake.web.pages.sequences import who_of
from leadwake.web.seen import saw
from leadwake.web.sessions import Manager
from leadwake.workflows import sequence_trial, sequences
from leadwake.workflows.office import Office
from leadwake.workflows.sequence_trial import Reader

router = APIRouter(route_class=PageRoute)

#: a form of a text of MAX_SOURCE_BYTES, in which each character may be written as three
_MOST: Final = 4 * MAX_SOURCE_BYTES
_MOST_NOTE: Final = 200
_NAMED: Final = re.compile(r"^sequence:[ \t]*['\"]?([a-z][a-z0-9_]{0,39})['\"]?[ \t]*(?:#.*)?$", re.MULTILINE)
_BLANK: Final = """\
sequence: first_steps
title: First steps
about: Somebody who asked and has not answered yet.
starts: by_hand        # or new_lead, missed_call, no_show, after_meeting
window: {days: mon-sat, from: "9:00", to: "19:30"}
steps:
  - wait: 1 day
  - text:
      en: "Hi {{ lead.first_name }}, {{ agent.first_name }} at {{ business.name }}. What would help? {{ opt_out_line }}"
      es: "Le escribe {{ agent.first_name }} de {{ business.name }}. ¿En qué le podemos ayudar? {{ opt_out_line }}"
    else: call task
  - wait: until day 3
  - call: Ask what they are looking for, and when.
  - wait: until day 7
  - email:
      subject:
        en: "Should we keep looking?"
        es: "¿Seguimos buscando?"
      body:
        en: |
          Hi {{ lead.first_name }},

          Should we keep looking? Reply "yes", "not now" or "no"; any of them is fine.

          {{ business.name }}
        es: |
          Hola:

          ¿Seguimos buscando? Responda "sí", "ahora no" o "no"; cualquier respuesta está bien.

          {{ business.name }}
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A problem, with the line it is on as it was written."""

    problem: Problem
    text: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text comes to. plan: None while it has errors that nothing can be made of."""

    found: Sequence[Found]
    plan: model.Sequence | None
    steps: Sequence[StepView]
    difference: Difference
    readers: Sequence[Reader]
    reader: Reader | None
    segments: int

    @property
    def is_fit(self) -> bool:
        """True when it can be published."""
        return self.plan is not None and not any(each.problem.is_error for each in self.found)

    @property
    def cents(self) -> float:
        """About what its texts cost for one lead."""
        return self.segments * SEGMENT_CENTS


@router.get("/new-sequence")
async def blank(request: Request, person: Manager, copy: str = "") -> Response:
    """An example to change, or a copy of a sequence under a name of its own."""
    del person
    office = _office(request)
    source = _of(office, copy)
    return await _new_page(request, _renamed(office, copy, source) if source else _BLANK)


@router.post("/new-sequence")
async def begin(request: Request, person: Manager) -> Response:
    """The text is a draft under the name it gives itself."""
    office, given = _office(request), await fields(request, _MOST)
    source = _source(given)
    named = _NAMED.search(source)
    if named is None:
        return await _new_page(
            request, source, "Its first line is `sequence:` and a name: small letters, digits and _."
        )
    name = named[1]
    if name in office.sequences.published or await stored.draft(office.db, name):
        return await _new_page(
            request, source, f"There is a sequence named {name} already: give this one another name."
        )
    await sequences.save_draft(office, name, source, person.id)
    return see(f"/sequences/{name}/edit#check")


@router.get("/sequences/{name}/edit")
async def edit(request: Request, name: str, person: Manager, lead: str = "") -> Response:
    """The draft, or the text in force."""
    del person
    office = _office(request)
    draft = await stored.draft(office.db, name)
    source = draft.source if draft else _of(office, name)
    if source is None:
        raise HTTPException(404)
    return await _page(request, name, source, {"lead": lead}, draft=draft, is_checked=draft is not None)


@router.post("/sequences/{name}/edit")
async def check(request: Request, name: str, person: Manager) -> Response:
    """The text is kept as a draft, and everything there is to say of it is said."""
    given = await _given(request, name)
    return await _checked(request, name, person, given)


@router.post("/sequences/{name}/publish")
async def publish(request: Request, name: str, person: Manager) -> Response:
    """The text is in force, when it is the one that was checked, and nobody was faster."""
    office, given = _office(request), await _given(request, name)
    source = _source(given)
    if _is_others(await stored.draft(office.db, name), person, given):
        return await _checked(request, name, person, given)
    if given.get("checked") != _digest(source):
        return await _checked(request, name, person, given, told="changed")
    checked = await _look(office, name, source, None)
    if not checked.is_fit:
        return await _checked(request, name, person, given, status=422)
    note = " ".join(given.get("note", "").split())[:_MOST_NOTE] or None
    before = given.get("base", "")
    try:
        await sequences.publish(office, source, person.id, before=int(before) if before.isdecimal() else -1, note=note)
    except SequenceMoved:
        await office.refresh()
        return await _checked(request, name, person, given, told="moved", status=409)
    return see(f"/sequences/{name}?done=published")


@router.post("/sequences/{name}/edit/drop")
async def drop(request: Request, name: str, person: Manager) -> Response:
    """The draft is gone."""
    del person
    office = _office(request)
    await sequences.drop_draft(office, name)
    return see(f"/sequences/{name}?done=dropped" if name in office.sequences.published else "/sequences?done=dropped")


async def _checked(
    request: Request, name: str, person: Person, given: Mapping[str, str], *, told: str = "", status: int = 200
) -> Response:
    """The draft is saved, unless a colleague saved another meanwhile, and the page says what it comes to."""
    office, source = _office(request), _source(given)
    draft = await stored.draft(office.db, name)
    if _is_others(draft, person, given):
        return await _page(request, name, source, given, draft=draft, told="others", status=409)
    if draft is None or draft.source != source:
        await sequences.save_draft(office, name, source, person.id)
        draft = await stored.draft(office.db, name)
    if not told and given.get("base", "") != str(_version(office, name)):
        told = "moved"
    return await _page(request, name, source, given, draft=draft, told=told, status=status)


def _is_others(draft: Draft | None, person: Person, given: Mapping[str, str]) -> bool:
    """True when a colleague saved a draft that whoever writes now has not seen."""
    return draft is not None and draft.saved_by != person.id and given.get("draft") != _digest(draft.source)


async def _given(request: Request, name: str) -> dict[str, str]:
    """The form. Raises 404 where there is neither a sequence nor a draft of the name."""
    office = _office(request)
    if name not in office.sequences.published and await stored.draft(office.db, name) is None:
        raise HTTPException(404)
    return await fields(request, _MOST)


async def _look(office: Office, name: str, source: str, lead: str | None) -> Checked:
    """Everything there is to say of a text. lead: the id of whom its messages are shown to."""
    found = problems(source, office.sequences.published.keys())
    named = _NAMED.search(source)
    if named and named[1] != name:
        line = source.count("\n", 0, named.start()) + 1
        found.append(Problem(f"this is {name}: keep its name; a copy gets a name of its own", line))
    plan = _plan(source)
    tried = await sequence_trial.readers(office)
    reader = next((each for each in tried if str(each.lead_id) == lead), None)
    if plan is not None:
        found += sequence_trial.failures(plan, tried)
    steps = _steps(office, plan, reader) if plan else []
    return Checked(
        _placed(found, source.splitlines()), plan, steps, difference(_of(office, name), source), tried, reader,
        sum(each.segments for each in steps),
    )  # fmt: skip


def _placed(found: Sequence[Problem], lines: Sequence[str]) -> list[Found]:
    """Each problem with the line it is on."""
    return [
        Found(each, lines[each.line - 1].strip()[:120] if each.line and each.line <= len(lines) else "")
        for each in sorted(found, key=lambda each: (not each.is_error, each.line or 0))
    ]


def _plan(source: str) -> model.Sequence | None:
    try:
        return read_sequence(source)
    except SequenceRefused:
        return None


def _steps(office: Office, plan: model.Sequence, reader: Reader | None) -> list[StepView]:
    """Each step, its words as a past lead would get them, or an invented one in every language."""
    if reader is None:
        return sequence_view.steps(plan, sequence_view.example_values(office), Went())
    return sequence_view.steps(plan, reader.values, Went(), only=sequence_trial.language_of(reader))


async def _page(
    request: Request, name: str, source: str, given: Mapping[str, str], *, draft: Draft | None, told: str = "",
    is_checked: bool = True, status: int = 200,
) -> Response:  # fmt: skip
    office = _office(request)
    checked = await _look(office, name, source, given.get("lead")) if is_checked else None
    saw(request, How.LIST, (reader.lead_id for reader in (checked.readers if checked else ())))
    plan = office.sequences.in_force(name)
    return await view.page(
        request, "sequence_edit.html", here="sequences", status=status, name=name, source=source, checked=checked,
        title=plan.title if plan else name, draft=draft, told=told, base=_version(office, name), say=plain,
        seen=_digest(source), draft_seen=_digest(draft.source) if draft else "", note=given.get("note", ""),
        is_paused=name in office.sequences.published and office.sequences.published[name].is_paused,
        share=sequence_view.share, who=who_of(office), steps=checked.steps if checked else (),
        difference=checked.difference if checked else None,
    )  # fmt: skip


async def _new_page(request: Request, source: str, wrong: str = "") -> Response:
    return await view.page(
        request, "sequence_new.html", here="sequences", status=422 if wrong else 200, source=source, wrong=wrong
    )


def _renamed(office: Office, name: str, source: str) -> str:
    """The text under a name that is free."""
    numbers = (f"{name[:37]}_{number}" for number in range(2, 100))
    free = next((each for each in numbers if each not in office.sequences.published), name)
    return _NAMED.sub(f"sequence: {free}", source, count=1)


def _of(office: Office, name: str) -> str | None:
    """The text in force."""
    return office.sequences.sources.get((name, _version(office, name))) if SEQUENCE_NAME.fullmatch(name) else None


def _version(office: Office, name: str) -> int:
    """The version in force; 0 where nothing is."""
    held = office.sequences.published.get(name)
    return held.version if held else 0


def _source(given: Mapping[str, str]) -> str:
    """The text, with one line break at its end whatever a browser makes of it."""
    return given.get("source", "").strip("\n") + "\n"


def _digest(source: str) -> str:
    """Tells one text from another."""
    return hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:20]


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
