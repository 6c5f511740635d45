"""What will be written to a CRM of somebody who asks: an example, made the way the records themselves are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from leadwake.domain import deals
from leadwake.domain.variables import EXAMPLES
from leadwake.workflows import crm_deals, crm_fields, crm_stages
from leadwake.workflows.office import Office

_OWN: Final = {
    "hubspot": ("firstname", "lastname", "email", "phone", "hubspot_owner_id"),
    "gohighlevel": ("firstName", "lastName", "email", "phone", "assignedTo"),
}
_DEAL: Final = {
    "hubspot": ("dealname", "pipeline, dealstage", "amount"),
    "gohighlevel": ("name", "pipelineId, pipelineStageId", "monetaryValue"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """What is written where. property: as the CRM calls it."""

    property: str
    value: str


@dataclass(frozen=True, slots=True)
class Preview:
    """The contact; the deal, empty where none is made; and where a deal stands, milestone by milestone."""

    contact: tuple[Line, ...]
    deal: tuple[Line, ...] = ()
    way: tuple[Line, ...] = ()


def preview(office: Office, crm: str) -> Preview:
    """An example of what goes to this CRM as it is set up now."""
    name = EXAMPLES["lead.name"]
    first, _, last = name.partition(" ")
    owner = next((one.name for one in office.agents), "whoever has the lead")
    own = zip(
        _OWN[crm],
        (first, last, EXAMPLES["lead.email"], EXAMPLES["lead.phone"], f"{owner}, by their address"),
        strict=True,
    )
    values = {
        "source": EXAMPLES["lead.source"], "interest": EXAMPLES["lead.interest"], "message": EXAMPLES["lead.message"],
        "budget": EXAMPLES["lead.budget"], "timeline": EXAMPLES["lead.timeline"], "state": "FL", "postal_code": "33602",
        "temperature": EXAMPLES["lead.temperature"], "score": EXAMPLES["lead.score"], "link": EXAMPLES["lead.link"],
    }  # fmt: skip
    more = crm_fields.properties(office, crm, values)
    contact = tuple(Line(*one) for one in (*own, *more.items()))
    how = crm_stages.of(office, crm)
    if how.make == "never" or not how.milestones():
        return Preview(contact)
    title, stands, amount = _DEAL[crm]
    first_stage = next(stage for name in how.milestones() if (stage := _where(how, name)))
    deal = (
        Line(title, crm_deals.name({"name": name}, EXAMPLES["lead.interest"])), Line(stands, first_stage),
        Line(amount, "what you say it is worth when it is won"),
    )  # fmt: skip
    return Preview(
        contact,
        deal,
        tuple(
            Line(words, _where(how, name) or "no stage says so: it stays where it is")
            for name, words in deals.MILESTONES.items()
        ),
    )


def _where(how: crm_stages.Deals, milestone: str) -> str:
    """Where a deal stands whose lead is so far, in words; "" where no stage says so."""
    stage = how.stage(milestone)
    if stage is None:
        return "closed as it is told" if milestone in how.milestones() else ""
    return f"{stage.label}, in {stage.pipeline_label}"
