"""GET /v1/proof: the figures of Proof for a program."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from leadwake.domain import proof as figures
from leadwake.domain import proof_words as words
from leadwake.domain.proof import Times
from leadwake.web.auth import require_scope
from leadwake.web.problems import SHAPE
from leadwake.web.proof_report import AgentRow, Report, report

REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"description": "No API key, or an unknown one", **SHAPE},
    403: {"description": "The key lacks the scope reports:read", **SHAPE},
    503: {"description": "The database is away for a moment", **SHAPE},
}

router = APIRouter(prefix="/v1", tags=["reports"], dependencies=[Depends(require_scope("reports:read"))])


class TimesOut(BaseModel):
    """Seconds, rounded up to what is shown; None where n is 0."""

    n: int
    p50_s: float | None
    p90_s: float | None
    p99_s: float | None


class LineOut(TimesOut):
    """One line of response. missing: those without it so far; before: the median of the period before."""

    missing: int
    before_p50_s: float | None
    before_n: int


class ShareOut(BaseModel):
    """`part` of `whole`; percent rounded down, None of nothing."""

    part: int
    whole: int
    percent: int | None


class CapturesOut(BaseModel):
    """accounted_for equals received, or something is wrong."""

    received: int
    accounted_for: int
    by_outcome: dict[str, int]


class SourceOut(BaseModel):
    """What one source brought."""

    source: str
    inquiries: int
    leads: int
    reached: int
    replied: int
    human: int
    machine: TimesOut
    human_response: TimesOut


class AgentOut(BaseModel):
    """Offers by what became of them, and the agent's own response."""

    agent_id: str
    agent: str | None
    offers: dict[str, int]
    response: TimesOut


class ProofOut(BaseModel):
    """begin is inclusive, end exclusive. definitions: what each figure counts, in words."""

    begin: datetime
    end: datetime
    first_day: date
    last_day: date
    captures: CapturesOut
    machine: LineOut
    delivered: LineOut
    human: LineOut
    shares: dict[str, ShareOut]
    sources: list[SourceOut]
    agents: list[AgentOut]
    held: list[dict[str, str | int]]
    messages: dict[str, dict[str, int]]
    definitions: dict[str, str]


@router.get(
    "/proof", responses=REFUSALS, openapi_extra={"security": [{"ApiKey": []}]}, summary="Read the figures of Proof"
)
async def read_proof(
    request: Request, days: Annotated[int, Query(ge=1, le=90, description="Today and the days before it")] = 28
) -> ProofOut:
    """Captures accounted for, response times, sources and agents over the last days, by the team's own clock."""
    found = await report(request.app.state.office, str(days), None)
    now, period, lines = found.now, found.period, _lines(found)
    return ProofOut(
        begin=period.begin, end=period.end, first_day=period.first, last_day=period.last,
        captures=CapturesOut(
            received=now.received, accounted_for=now.accounted,
            by_outcome={outcome: now.captures[outcome] for outcome in figures.OUTCOMES},
        ),
        machine=lines["machine"], delivered=lines["delivered"], human=lines["human"],
        shares={s.name: ShareOut(part=s.part, whole=s.whole, percent=s.percent) for s in found.shares},
        sources=_sources(found), agents=[_agent(row) for row in found.agents],
        held=[{"what": what, "why": why, "n": n} for what, why, n in found.held],
        messages={channel: dict(states) for channel, states in now.channels}, definitions=dict(words.DEFINITIONS),
    )  # fmt: skip


def _times(times: Times) -> dict[str, float | int | None]:
    return {"n": times.n, **{f"p{share}_s": times.percentile(share) for share in figures.PERCENTILES}}


def _lines(found: Report) -> dict[str, LineOut]:
    return {
        line.name: LineOut.model_validate(
            {**_times(line.times), "missing": line.missing, "before_p50_s": line.before, "before_n": line.before_n}
        )
        for line in found.lines
    }


def _sources(found: Report) -> list[SourceOut]:
    return [
        SourceOut.model_validate({
            "source": source.name, **{name: source.counts[name] for name in _COUNTS},
            "machine": _times(source.machine), "human_response": _times(source.human),
        })
        for source in found.now.sources
    ]  # fmt: skip


_COUNTS = ("inquiries", "leads", "reached", "replied", "human")


def _agent(row: AgentRow) -> AgentOut:
    response = TimesOut.model_validate(_times(row.agent.times))
    return AgentOut(agent_id=row.agent.id, agent=row.name, offers=dict(row.agent.offers), response=response)
