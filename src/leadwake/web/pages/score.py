"""/setup/score: what counts how much in a lead's score; looked at before it counts, and taken back with one tap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadwake.domain.scoring import SHIPPED, Weights
from leadwake.domain.scoring.changes import difference
from leadwake.domain.scoring.weights import KINDS, WrongWeights, read
from leadwake.storage import scores
from leadwake.storage.scores import WeightsMoved
from leadwake.storage.staff import Person
from leadwake.web.pages import view
from leadwake.web.pages.route import PageRoute, fields, see
from leadwake.web.pages.setup import Admin
from leadwake.workflows.office import Office
from leadwake.workflows.score_preview import Preview, preview

router = APIRouter(route_class=PageRoute)

_PLACE = "/setup/score"
_MOVED = "Somebody else changed the weights a moment ago. This is how they stand now; nothing of yours was saved."


@dataclass(frozen=True, slots=True)
class Change:
    """One version of the weights: who made it, and what it says that the one before did not."""

    version: int
    at: datetime
    who: str
    reason: str
    lines: list[str]
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Trial:
    """Weights that are looked at before they count: what they say, and what that would change."""

    lines: list[str]
    preview: Preview


@router.get(_PLACE)
async def weights(request: Request, person: Admin, saved: str = "") -> Response:
    """What counts how much."""
    del person
    return await _page(request, saved=bool(saved))


@router.post(_PLACE)
async def change(request: Request, person: Admin) -> Response:
    """What the form's weights would change; with `publish` they count from now on."""
    office, given = _office(request), await fields(request)
    try:
        value = read(_document(given, office.weights), office.weights.version, office.weights)
    except WrongWeights as error:
        return await _page(request, status=422, given=given, wrong=error.reasons)
    if "publish" in given:
        return await _save(request, person, given, value, " ".join(given.get("reason", "").split()))
    trial = Trial(difference(office.weights, value), await preview(office, value))
    return await _page(request, given=given, trial=trial)


@router.post(_PLACE + "/history/{version}")
async def put_back(request: Request, version: str, person: Admin) -> Response:
    """The weights are as they were in that version, under a new one; 0 is how Leadwake came."""
    office, given = _office(request), await fields(request)
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else -1
    old = await scores.by_version(office.db, number)
    if old is None:
        raise HTTPException(404)
    return await _save(request, person, given, old, f"Version {number} put back")


async def _save(request: Request, person: Person, given: Mapping[str, str], value: Weights, reason: str) -> Response:
    """The weights count everywhere, unless they were made from others than the page showed."""
    office = _office(request)
    try:
        if given.get("version", "") != str(office.weights.version):
            raise WeightsMoved(_MOVED)
        if difference(office.weights, value):
            await scores.publish(
                office.db, at=office.clock.now(), by=f"user {person.id}", reason=reason,
                before=office.weights.version, value=value,
            )  # fmt: skip
    except WeightsMoved:
        await office.refresh()
        return await _page(request, status=409, moved=_MOVED)
    await office.refresh()
    return see(f"{_PLACE}?saved=1")


async def _page(
    request: Request, *, status: int = 200, saved: bool = False, moved: str = "", trial: Trial | None = None,
    given: Mapping[str, str] | None = None, wrong: Mapping[str, str] | None = None,
) -> Response:  # fmt: skip
    office = _office(request)
    parts = [
        (label, [(code, one) for code, one in office.weights.by_code.items() if one.kind == kind])
        for kind, label in KINDS.items()
    ]
    return await view.page(
        request, "score.html", here="setup", tab="score", status=status, saved=saved, moved=moved, trial=trial,
        weights=office.weights, parts=parts, form=given or _form(office.weights), wrong=wrong or {},
        shipped=SHIPPED, history=await _history(office),
    )  # fmt: skip


def _form(weights: Weights) -> dict[str, str]:
    """The weights as the fields of the form would send them."""
    form = {"hot": str(weights.hot), "warm": str(weights.warm)}
    for code, one in weights.by_code.items():
        form[f"p_{code}"], form[f"h_{code}"] = str(one.points), str(one.half_life_days or "")
    return form


def _document(given: Mapping[str, str], before: Weights) -> dict[str, Any]:
    """
    What the form says, for `read`: what cannot be a number is passed on as it is, and refused there.

    What all of a kind count together at most stays, but grows with what one counts.
    """
    found: dict[str, Any] = {"weights": {}}
    for name in ("hot", "warm"):
        found[name] = _number(given.get(name, ""))
    for code, one in before.by_code.items():
        points = _number(given.get(f"p_{code}", str(one.points)))
        size = abs(points) if isinstance(points, int) else 0
        most = size if one.most == abs(one.points) else max(one.most, size)
        half_life = _number(given.get(f"h_{code}", str(one.half_life_days or ""))) or None
        found["weights"][code] = {"points": points, "half_life_days": half_life, "most": most}
    # names that no signal has are refused by what they say
    more = {name[2:] for name in given if name[:2] == "p_"} - before.by_code.keys()
    return found | {"weights": found["weights"] | {code: {} for code in more}}


def _number(text: str) -> int | str:
    text = text.strip().replace("−", "-")
    digits = text.removeprefix("-").removeprefix("+")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 6 else text


async def _history(office: Office) -> list[Change]:
    rows = await scores.history(office.db)
    values = [scores.weights_of(row) for row in rows]
    older = [*values[1:], SHIPPED] if values and values[-1].version == 1 else values[1:]
    return [
        Change(
            row["version"], row["at"], _who(office, row["by"]), row["reason"], difference(before, value),
            row["version"] == office.weights.version,
        )
        for row, value, before in zip(rows, values, older, strict=False)
    ]  # fmt: skip


def _who(office: Office, by: str) -> str:
    return next((person.name for person in office.team if by == f"user {person.id}"), by)


def _office(request: Request) -> Office:
    office: Office = request.app.state.office
    return office
