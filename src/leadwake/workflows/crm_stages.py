"""The pipelines of each CRM as they are there, and what each stage means here: guessed by its name, or chosen.

One list for both ways: a lead that gets further moves its deal to the first stage that says so, and a deal that a
person moves there is taken at what its stage means.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from leadwake import log
from leadwake.domain import deals
from leadwake.domain.deals import Stage
from leadwake.errors import BadCredentials, InputError, ProviderError, Rejected
from leadwake.providers.ports import Crm
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.vendors import Mode
from leadwake.workflows.office import Office

_log = log.get(__name__)

#: how often a CRM is asked for its pipelines
EVERY_S: Final = 3600.0
#: when a deal is made → in words
MAKE: Final[Mapping[str, str]] = {
    "claimed": "Once somebody has the lead", "inquiry": "With every inquiry", "never": "Never",
}  # fmt: skip
#: CRMs that can close a deal without a stage for it
_BY_STATUS: Final = frozenset({"gohighlevel"})
MOST_STAGES: Final = 500


@dataclass(frozen=True, slots=True)
class Deals:
    """How a CRM's deals are made. stages: of all its pipelines, in order; pipeline: the one that ours stand in."""

    vendor: str
    make: str
    pipeline: str | None
    stages: tuple[Stage, ...]
    trouble: str | None = None

    def stage(self, milestone: str) -> Stage | None:
        """Where a deal stands whose lead is so far; None where no stage says so."""
        return deals.stage_of(self.stages, self.pipeline, milestone)

    def pipelines(self) -> list[tuple[Stage, list[Stage]]]:
        """Each pipeline's first stage and all of them, ours first."""
        found: dict[str, list[Stage]] = {}
        for one in sorted(self.stages, key=lambda one: (one.pipeline != self.pipeline, one.position)):
            found.setdefault(one.pipeline, []).append(one)
        return [(stages[0], stages) for stages in found.values()]

    def milestones(self) -> list[str]:
        """How far a lead can be so that a deal can say it."""
        if self.pipeline is None:
            return []
        is_told = self.vendor in _BY_STATUS
        return [name for name in deals.MILESTONES if self.stage(name) or (is_told and name in deals.ENDS)]


def of(office: Office, crm: str) -> Deals:
    """As they are made now."""
    row, stages = office.crm_deals.get(crm, {}), office.crm_stages.get(crm, ())
    pipeline = deals.pipeline_of(stages, row.get("pipeline"))
    return Deals(crm, row.get("make") or "claimed", pipeline, stages, row.get("trouble"))


async def read_due(office: Office, vendor: str, crm: Crm) -> None:
    """The stages are as the CRM has them, or it is noted why they could not be read. Raises DatabaseAway."""
    if office.settings.mode(vendor) is not Mode.LIVE:
        return  # the stand-in is asked no more than it must be
    if await office.db.one("crm_stages_look", cursor=f"{vendor} stages", every_s=EVERY_S):
        try:
            await read(office, vendor, crm)
        except ProviderError as error:
            _log.warning("crm_stages_not_read", vendor=vendor, reason=str(error))


async def read(office: Office, vendor: str, crm: Crm) -> None:
    """The same now. Raises ProviderError, but for what the CRM does not allow us, which is noted."""
    trouble, found = None, None
    try:
        found = deals.guessed(await crm.stages())[:MOST_STAGES]
    except (BadCredentials, Rejected) as error:
        trouble = str(error)[:200]
    changed = 0
    async with office.db.transaction() as connection:
        if found is not None:
            row = await (await connection.execute(q("crm_stages_set"), _values(vendor, found))).fetchone()
            changed = row["changed"] if row else 0
        await connection.execute(q("crm_deals_read"), {"vendor": vendor, "trouble": trouble})
        if changed or trouble != office.crm_deals.get(vendor, {}).get("trouble"):
            await connection.execute(q("office_changed"))
    await office.refresh()


def _values(vendor: str, stages: list[Stage]) -> dict[str, object]:
    return {
        "vendor": vendor, "pipelines": [one.pipeline for one in stages], "stages": [one.stage for one in stages],
        "pipeline_labels": [one.pipeline_label for one in stages], "labels": [one.label for one in stages],
        "positions": [one.position for one in stages], "closed": [one.closed for one in stages],
        "means": [one.means for one in stages],
    }  # fmt: skip


async def means(office: Office, vendor: str, crm: Crm | None, pipeline: str | None, stage: str | None) -> str:
    """What a stage means; the CRM is asked once where nobody has told us of it. Raises ProviderError."""
    if stage is None:
        return ""
    known = {one.stage for one in office.crm_stages.get(vendor, ())}
    if stage not in known and crm is not None and office.noted.is_due(("stage", vendor, stage), EVERY_S):
        await read(office, vendor, crm)
    return deals.meaning(office.crm_stages.get(vendor, ()), stage, pipeline)


async def choose(office: Office, crm: str, make: str, pipeline: str, actor: str) -> None:
    """Deals are made then, and stand in that pipeline, from now on. Raises InputError."""
    wrong = {} if make in MAKE else {"make": "Choose one of the three."}
    if pipeline not in {one.pipeline for one in office.crm_stages.get(crm, ())}:
        wrong["pipeline"] = "This pipeline is not there any more. Choose another one."
    if wrong:
        raise InputError(wrong)
    async with office.db.transaction() as connection:
        await connection.execute(q("crm_deals_choose"), {"vendor": crm, "make": make, "pipeline": pipeline})
        await _changed(office, connection, crm, actor, make=make)
    await office.refresh()


async def give_meaning(office: Office, crm: str, meanings: Mapping[str, str], actor: str) -> None:
    """These stages mean this from now on. meanings: "pipeline/stage" → a milestone, "" for none. Raises InputError."""
    known = {f"{one.pipeline}/{one.stage}": one for one in office.crm_stages.get(crm, ())}
    if any(name not in known or means not in {"", *deals.MILESTONES} for name, means in meanings.items()):
        raise InputError({"stages": "A stage is not there any more. Look at what is, and save again."})
    async with office.db.transaction() as connection:
        values = {
            "vendor": crm, "pipelines": [known[name].pipeline for name in meanings],
            "stages": [known[name].stage for name in meanings], "means": list(meanings.values()),
        }  # fmt: skip
        await connection.execute(q("crm_stages_choose"), values)
        await _changed(office, connection, crm, actor, stages=len(meanings))
    await office.refresh()


async def _changed(office: Office, connection: Connection, crm: str, actor: str, **what: Any) -> None:
    await record(connection, office.clock.now(), actor, "crm_deals_changed", crm=crm, **what)
    await connection.execute(q("office_changed"))


async def look_again(office: Office, crm: str) -> None:
    """The pipelines are read again at the next look, rather than within the hour."""
    await office.db.run("crm_stages_look_now", cursor=f"{crm} stages")
