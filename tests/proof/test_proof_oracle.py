"""Whatever happened and whenever it was counted, the figures are those of somebody who counts by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from proof_case import NEW_YORK, NOW, Asked, arrive, as_by_hand, by_hand, clear, go_on, hire, nearest_rank

from leadwake.domain import proof as figures
from leadwake.storage import proof
from leadwake.storage.db import Database

REAL = settings(
    max_examples=25,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
PROMPT = st.sampled_from([0.04, 0.1, 0.31, 3.0, 9.96, 10.0, 42.2, 60.0, 60.1, 599, 4000, 14400, 14400.5])
#: days later, when the day has long been counted
LATE = st.sampled_from([50_000, 200_000, 400_000, 700_000])
LOOKS = st.sampled_from([12.3, 8.1, 5.5, 2.2, 1.02])
LATER = st.one_of(st.none(), PROMPT, LATE, LATE)


def _after(at: datetime | None, seconds: float | None) -> datetime | None:
    found = at + timedelta(seconds=seconds) if at is not None and seconds is not None else None
    return found if found is None or found <= NOW else None


@st.composite
def asked(draw: st.DrawFn) -> Asked:
    """Somebody who came within the last sixteen days, to the minute around midnights and clock changes too."""
    at = NOW - timedelta(minutes=draw(st.integers(0, 16 * 24 * 60)), seconds=draw(st.integers(0, 59)))
    said_at = at - timedelta(seconds=draw(st.sampled_from([0, 0, 0.25, 3600, 70 * 3600])))
    fate = draw(st.sampled_from(["sent", "sent", "delivered", "blocked"]))
    touched = None if fate == "blocked" else _after(at, draw(LATER))
    offered = _after(at, draw(LATER))
    return Asked(
        at,
        draw(st.sampled_from(["lead", "lead", "lead", "known", "spam", "rejected", "pending"])),
        draw(st.sampled_from(["website", "Zillow", "=cmd"])),
        draw(st.sampled_from(["hot", "warm", "cold"])),
        said_at,
        repeats=draw(st.sampled_from([False, False, False, True])),
        practice=draw(st.sampled_from([False, False, True])),
        first_touch_at=touched,
        delivered_at=_after(touched, draw(LATER)) if fate == "delivered" else None,
        fate=fate,
        offered_at=offered,
        own_offer_at=_after(offered, draw(LATER)),
        human_at=_after(offered if draw(st.booleans()) else at, draw(LATER)),
        agent=draw(st.integers(0, 2)),
        wrote_at=_after(at, draw(LATER)),
    )


async def _happens(db: Database, history: Sequence[Asked], looks: Sequence[datetime]) -> None:
    """The history unfolds, and closed days are counted at each of the looks on the way."""
    since = None
    for until in [*looks, NOW]:
        async with db.connection() as connection:
            for each in history:
                if each.at <= until and (since is None or each.at > since):
                    await arrive(connection, each)
                if each.at <= until:
                    await go_on(connection, each, since, until)
        if until != NOW:
            await proof.keep_days(db, until, NEW_YORK)
        since = until


async def _agree(db: Database, history: Sequence[Asked]) -> None:
    for name in ("today", "7", "month"):
        for practice in (False, True):
            period = figures.period(name, NOW, NEW_YORK)
            found = await proof.read(db, period, NEW_YORK, practice=practice)

            expected = by_hand(history, period.begin, period.end, practice=practice)
            assert as_by_hand(found.now) == expected
            before = by_hand(history, period.before_begin, period.before_end, practice=practice)
            for line in ("captures", "machine", "delivered", "human", "hot", "sources"):
                assert as_by_hand(found.before)[line] == before[line]
            for share in (1, 50, 90, 99, 100):
                assert found.now.human.percentile(share) == nearest_rank(expected["human"], share)  # type: ignore[arg-type]
            assert sum(found.daily) == found.now.received == found.now.accounted


@REAL
@given(history=st.lists(asked(), min_size=2, max_size=12), days_ago=st.lists(LOOKS, min_size=2, unique=True))
def test_the_figures_are_those_of_whoever_counts_by_hand(
    database_url: str, history: list[Asked], days_ago: list[float]
) -> None:
    async def check() -> None:
        db = Database(database_url, max_size=2)
        await db.open()
        try:
            async with db.connection() as connection:
                await clear(connection)
                if not await (await connection.execute("select 1 from app_user limit 1")).fetchall():
                    await hire(connection)
            looks = sorted(NOW - timedelta(days=days) for days in days_ago)
            await _happens(db, history, looks)
            await _agree(db, history)
            await proof.keep_days(db, NOW, NEW_YORK)
            await _agree(db, history)
            assert await proof.keep_days(db, NOW, NEW_YORK) == 0, "a day that nothing changed is not counted again"
        finally:
            await db.close()

    asyncio.run(check())


@given(st.integers(0, 2 * 365 * 24 * 60), st.sampled_from(["today", "7", "28", "90", "month"]))
def test_a_period_is_whole_days_up_to_now_and_the_one_before_ends_where_it_begins_or_earlier(
    minutes: int, name: str
) -> None:
    now = NOW - timedelta(minutes=minutes)
    found = figures.period(name, now, NEW_YORK)
    spans = list(figures.spans(found.begin, found.end, NEW_YORK))

    assert found.begin == figures.midnight(found.first, NEW_YORK) <= found.end
    assert found.before_begin <= found.before_end <= found.begin
    assert [day for day, _, _ in spans] == found.days[: len(spans)]
    assert all(before[2] == after[1] for before, after in pairwise(spans))


@given(st.lists(st.integers(0, 10**6), max_size=60), st.integers(1, 100))
def test_a_percentile_is_one_of_the_times_and_that_share_was_as_fast(values: list[int], share: int) -> None:
    times = figures.Times(figures.Counter(values))

    assert times.percentile(share) == nearest_rank(values, share)
    assert sum(times.bars()) == len(values)
