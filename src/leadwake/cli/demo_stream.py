"""The demo's stream: sample leads posted as a website would, now and then, without end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random

import click
import httpx

from leadwake.cli.process import run
from leadwake.sandbox.samples import sample_leads
from leadwake.settings import Settings

#: seconds between leads, on average
EVERY_S = 6.0


@click.command()
@click.option("--url", required=True)
def demo_stream(url: str) -> None:
    """Posts sample leads to this Leadwake; started by `leadwake demo`."""

    async def main(settings: Settings, stop: asyncio.Event) -> int:
        del settings
        headers = {"Authorization": f"Bearer {os.environ['LEADWAKE_DEMO_KEY']}"}
        async with httpx.AsyncClient(headers=headers, timeout=10, trust_env=False) as client:
            for lead in sample_leads(seed=random.randrange(1_000_000)):  # noqa: S311 - variety
                with contextlib.suppress(httpx.HTTPError):  # restarting just now: the next lead comes anyway
                    await client.post(f"{url}/v1/leads", json=lead)
                wait = random.expovariate(1 / EVERY_S)
                try:
                    await asyncio.wait_for(stop.wait(), min(wait, 20))
                    return 0
                except TimeoutError:
                    continue
        return 0

    run("demo", main)


if __name__ == "__main__":
    demo_stream()
