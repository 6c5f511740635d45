"""Telling open pages: nobody misses a change for good, nobody who is slow costs more than a little memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Request
from hypothesis import given
from hypothesis import strategies as st

from leadwake.web.live import MOST_CLIENTS, MOST_IDS, REFRESH, Live


def an_open_page(query: str = "") -> Request:
    """A request whose sender stays."""

    async def receive() -> Any:
        await asyncio.Event().wait()

    return Request(
        {"type": "http", "method": "GET", "path": "/events", "headers": [], "query_string": query.encode()}, receive
    )


async def begun(live: Live) -> AsyncIterator[bytes]:
    """A stream that has said its first words."""
    stream = live.stream(an_open_page())
    assert (await anext(stream)).startswith(b"retry:")
    return stream


async def test_a_page_hears_which_leads_changed_each_once() -> None:
    live = Live()
    stream = await begun(live)
    live.tell("a,b")
    live.tell("a")

    assert await anext(stream) == b"event: leads\ndata: a,b\n\n"


async def test_nothing_named_means_anything_may_have_changed() -> None:
    live = Live()
    for payload in (None, "", ","):
        stream = await begun(live)
        live.tell(payload)
        assert await anext(stream) == REFRESH


async def test_what_was_told_while_a_page_was_on_its_way_is_made_up_for() -> None:
    live = Live()
    made_at = live.told
    watching = live.stream(an_open_page(f"since={made_at}"))
    assert (await anext(watching)).startswith(b"retry:")
    live.tell("a")
    assert await anext(watching) == b"event: leads\ndata: a\n\n", "nothing was missed yet"

    late = live.stream(an_open_page(f"since={made_at}"))
    assert (await anext(late)).startswith(b"retry:")
    assert await anext(late) == REFRESH


async def test_one_page_that_does_not_read_holds_up_no_other() -> None:
    live = Live()
    slow, quick = await begun(live), await begun(live)
    for n in range(MOST_IDS * 20):
        live.tell(f"lead-{n}")

    assert await anext(quick) == REFRESH
    assert await anext(slow) == REFRESH, "more than a page can take in is one refresh"


async def test_closing_ends_every_stream_and_lets_nobody_in() -> None:
    live = Live()
    streams = [await begun(live) for _ in range(3)]
    live.close()

    assert [[part async for part in stream] for stream in streams] == [[], [], []]
    assert live.is_full


async def test_there_is_an_end_to_how_many_may_watch() -> None:
    live = Live()
    streams = [await begun(live) for _ in range(MOST_CLIENTS)]
    assert live.is_full

    await streams[0].aclose()  # type: ignore[attr-defined]
    assert not live.is_full


@given(st.lists(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=3) | st.none(), max_size=30))
def test_whatever_is_told_is_heard_or_everything_is_refreshed(told: list[list[str] | None]) -> None:
    async def run() -> None:
        live = Live()
        stream = await begun(live)
        for ids in told:
            live.tell(None if ids is None else ",".join(ids))
        if not told:
            return
        heard = await anext(stream)
        if any(ids is None for ids in told):
            assert heard == REFRESH
        else:
            names = heard.removeprefix(b"event: leads\ndata: ").strip().decode().split(",")
            assert set(names) == {name for ids in told for name in ids or ()}
            assert len(names) == len(set(names))

    asyncio.run(run())
