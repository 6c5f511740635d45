"""The past once more under other sequences or rules: who would have got what, beside what did happen. Only read.

What people did is taken as they did it: replies, bookings, stops and colleagues in touch end a way at their own
instants. Whether somebody would have answered another message is not known, and not guessed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from collections.abc import Sequence as Rows
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from leadwake.domain.sequence.book import Book
from leadwake.domain.sequence.model import Sequence
from leadwake.domain.sequence.progress import Choice
from leadwake.domain.sequence.rehearsal import Foreseen, Sign
from leadwake.storage.db import q
from leadwake.workflows import enrolling
from leadwake.workflows.office import Office
from leadwake.workflows.rehearsal import Following, LeadNow, Team, ways
from leadwake.workflows.rehearsal_leads import Asked, Life, Met, lives_of
from leadwake.workflows.rehearsal_tally import Tally

#: leads read at once
PAGE: Final = 200
#: leads that are shown one by one
EXAMPLES: Final = 10
_FIRST: Final = UUID(int=0)
#: states of an action in which a message left
_LEFT: Final = frozenset({"sent", "delivered", "undelivered", "bounced", "unknown"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Sequences as they would be. known: by name, those that may follow another; choice: whom they are for."""

    known: Mapping[str, Sequence]
    choice: Choice


def plan(sequences: Iterable[Sequence], changed: Iterable[Sequence] = ()) -> Plan:
    """These sequences; the changed ones instead of their old text, and last, as they would be once published."""
    last = {each.name: each for each in changed}
    known = {each.name: each for each in sequences if each.name not in last} | last
    return Plan(known, Choice(tuple(known.values())))


def in_force(book: Book) -> list[Sequence]:
    """Those that leads are enrolled in now."""
    return list(book.choice.sequences)


@dataclass(frozen=True, slots=True)
class Lived:
    """What a lead would have got. ways: in their order; passed_over: why no sequence began, once for each occasion."""

    lead: LeadNow
    ways: tuple[Following, ...]
    passed_over: tuple[str, ...] = ()

    @property
    def foreseen(self) -> Iterator[tuple[Following, Foreseen]]:
        """Everything, in its order."""
        return ((following, each) for following in self.ways for each in following.way.foreseen)


@dataclass(frozen=True, slots=True)
class _Occasion:
    """Something that may begin a sequence. cause: as of `enrollment_wish`; asked: the inquiry, if it is one."""

    at: datetime
    cause: str
    asked: Asked | None


def relive(team: Team, plan: Plan, life: Life, since: datetime, until: datetime) -> Lived:
    """The lead's time from `since` to `until` under the plan, as enrolling and the tick would have taken it."""
    found: list[Following] = []
    passed_over: list[str] = []
    busy_until = since
    signs = sorted((*life.signs, *_signs(life)), key=lambda sign: sign.at)
    for occasion in _occasions(life, since, until):
        if occasion.at < busy_until and occasion.asked is None:
            continue  # a meeting while it is in a sequence already
        lead = _then(life, occasion)
        sequence = _sequence(team, plan, lead, occasion.cause, occasion.at)
        if enrolling.is_no_time(_standing(life, signs, occasion), occasion.at):
            passed_over.append("no_time")
        elif sequence is None:
            passed_over.append("none_is_for_them")
        else:
            stop = next((sign for sign in signs if sign.at > occasion.at), None)
            found += ways(team, sequence, plan.known, lead, occasion.at, until, stop=stop)
            busy_until = found[-1].way.ended_at or until
    return Lived(life.now, tuple(found), tuple(passed_over))


def _occasions(life: Life, since: datetime, until: datetime) -> list[_Occasion]:
    asked = (
        _Occasion(each.at, "missed_call" if each.channel == "phone_call" else "new_lead", each)
        for each in life.asked
        if each.begins
    )
    met = (
        _Occasion(each.over_at, "after_meeting" if each.state == "held" else "no_show", None)
        for each in life.met
        if each.state in {"held", "no_show"}
    )
    return sorted((each for each in (*asked, *met) if since <= each.at <= until), key=lambda each: each.at)


def _signs(life: Life) -> Iterator[Sign]:
    """What ends a way beside people's words: they ask again, or book."""
    yield from (Sign(each.at, "asked_again") for each in life.asked if each.begins)
    yield from (Sign(each.at, "booking") for each in life.met)


def _then(life: Life, occasion: _Occasion) -> LeadNow:
    """The lead as it was at the occasion, as far as that is kept."""
    asked = occasion.asked or next((each for each in reversed(life.asked) if each.at <= occasion.at), None)
    if asked is None:
        return life.now
    return replace(
        life.now, details=asked.details, source=asked.source, channel=asked.channel, score=asked.score,
        temperature=asked.temperature,
    )  # fmt: skip


def _sequence(team: Team, plan: Plan, lead: LeadNow, cause: str, at: datetime) -> Sequence | None:
    facts = lead.facts(at, at, team.weights)
    found = (plan.choice.of(start, facts) for start in enrolling.STARTS[cause])
    return next((each for each in found if each is not None), None)


def _standing(life: Life, signs: Iterable[Sign], occasion: _Occasion) -> Mapping[str, Any]:
    """What `wishes_due` would have said of the lead then."""
    at = occasion.at
    last = {sign.why: sign.at for sign in signs if sign.at <= at}
    is_booked = any(_is_ahead(each, at) for each in life.met)
    return {
        "cause": occasion.cause,
        "status": "opted_out" if "opt_out" in last else "booked" if is_booked else "new",
        "paused_at": last.get("paused"),
        "restricted_at": last.get("restricted"),
        "finished_at": last.get("finished_with"),
        "contacted_at": last.get("person"),
        "has_outcome": "outcome" in last,
    }


def _is_ahead(met: Met, at: datetime) -> bool:
    return met.at <= at and met.starts_at is not None and met.starts_at > at and met.state != "cancelled"


#: what happened: rows of `rehearsal_happened`
Did = Rows[Mapping[str, Any]]


def happened(tally: Tally, did: Did) -> Counter[str]:
    """What sequences did for one lead is counted; how many of each it got."""
    got: Counter[str] = Counter()
    for row in did:
        what, state, n = row["what"], row["state"], row["n"]
        if what == "enrolled":
            tally.ended[row["reason"] or "goes_on"] += n
        elif what in {"call", "alert"}:
            got[what] += n
        elif state in _LEFT:
            got[what] += n
            tally.sent[what] += n
        elif state not in {"planned", "deferred", "sending"}:
            tally.withheld[what, row["reason"] or state] += n
    tally.people += 1
    tally.enrolled += any(row["what"] == "enrolled" for row in did)
    return got


@dataclass(frozen=True, slots=True)
class Example:
    """A lead that gets something else. before: how many of each it got; lived: what it would get."""

    before: Mapping[str, int]
    lived: Lived
    distance: int


@dataclass(slots=True)
class Report:
    """
    The past, and the past as it would have been. changed: None where nothing is tried.

    did: None where leads come out of a file: nothing has happened to them. follow: each lead so long after it asked
    last; None: to the end. tried: names of changed sequences. examples: those with most that is different.
    """

    since: datetime
    until: datetime
    now: Case
    changed: Case | None = None
    did: Tally | None = None
    did_amounts: Counter[str] = field(default_factory=Counter)
    follow: timedelta | None = None
    tried: tuple[str, ...] = ()
    examples: list[Example] = field(default_factory=list)

    def add(self, life: Life, did: Did = ()) -> Lived:
        """One lead more; what it would get."""
        until = self._until(life)
        lived = self.now.add(life, self.since, until)
        before: Mapping[str, int] = _amounts(lived)
        if self.did is not None:
            before = happened(self.did, did)
            self.did_amounts.update(before)
        if self.changed is not None:
            lived = self.changed.add(life, self.since, until)
        then = _amounts(lived)
        distance = sum(abs(then[what] - before.get(what, 0)) for what in {*then, *before})
        if self.did is None and self.changed is None:
            distance = then.total()  # nothing to compare with: those who get most
        if distance:
            self.examples.append(Example(before, lived, distance))
            self.examples.sort(key=lambda each: (-each.distance, each.lived.lead.id))
            del self.examples[EXAMPLES:]
        return lived

    @property
    def unused(self) -> list[str]:
        """Sequences that are tried and that nobody would be in: none is for them, or another comes first."""
        return [name for name in self.tried if self.changed is not None and name not in self.changed.tally.began]

    def _until(self, life: Life) -> datetime:
        if self.follow is None or not life.asked:
            return self.until
        return min(self.until, life.asked[-1].at + self.follow)


@dataclass(slots=True)
class Case:
    """One way that things could be."""

    team: Team
    plan: Plan
    tally: Tally = field(default_factory=Tally)

    def add(self, life: Life, since: datetime, until: datetime) -> Lived:
        """One lead more."""
        lived = relive(self.team, self.plan, life, since, until)
        self.tally.add(self.team, lived.lead, lived.ways, lived.passed_over)
        return lived


def _amounts(lived: Lived) -> Counter[str]:
    return Counter(each.channel for _, each in lived.foreseen if each.leaves or each.decision in {"task", "alert"})


async def lives(office: Office, since: datetime) -> AsyncIterator[tuple[Life, Did]]:
    """Everybody who asked or met us since then, with what sequences did for them.

    Page by page, in transactions that cannot write.
    """
    after, real_only = _FIRST, not office.is_practice
    while True:
        async with office.db.transaction() as connection:
            await connection.execute("set transaction read only")
            page = {"after": after, "since": since, "real_only": real_only, "limit": PAGE}
            ids = [row["id"] for row in await (await connection.execute(q("rehearsal_asked"), page)).fetchall()]
            found = await lives_of(office, connection, ids, since - enrolling.IN_CONVERSATION)
            did = await (await connection.execute(q("rehearsal_happened"), {"ids": ids, "since": since})).fetchall()
        by_lead: dict[str, list[Mapping[str, Any]]] = {}
        for row in did:
            by_lead.setdefault(str(row["lead_id"]), []).append(row)
        for life in found:
            yield life, by_lead.get(life.now.id, [])
        if len(ids) < PAGE:
            return
        after = ids[-1]
