"""How often one program, one person or one address may ask: in memory, for each process; beyond it 429 and how long."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from fastapi import Request

from leadwake.web.clients import Buckets
from leadwake.web.problems import Problem

#: (at once, then each second) of one API key. Leads: more than one process takes in, so that a flood of a whole list
#: passes, and a program gone wild does not starve the others for good
LEADS_OF_A_KEY: Final = (5_000.0, 300.0)
READS_OF_A_KEY: Final = (600.0, 30.0)
#: keys that are none and links that are nobody's, from one address. Secrets of 64 bits and more are not guessed; this
#: makes a scan cheap and visible, and keeps out nobody who holds a genuine one and shares the address
GUESSES: Final = (30.0, 0.2)
#: of one person: searches, and files with people's data
SEARCHES: Final = (60.0, 1.0)
EXPORTS: Final = (20.0, 1 / 30)


def _buckets(rate: tuple[float, float]) -> Buckets:
    return Buckets(*rate)


@dataclass(slots=True)
class Limits:
    """What each has left."""

    leads_of_a_key: Buckets = field(default_factory=lambda: _buckets(LEADS_OF_A_KEY))
    reads_of_a_key: Buckets = field(default_factory=lambda: _buckets(READS_OF_A_KEY))
    guesses: Buckets = field(default_factory=lambda: _buckets(GUESSES))
    searches: Buckets = field(default_factory=lambda: _buckets(SEARCHES))
    exports: Buckets = field(default_factory=lambda: _buckets(EXPORTS))


def an_export(request: Request, user_id: UUID) -> None:
    """One more file with the team's data goes to this person. Raises Problem 429."""
    spend(request.app.state.limits.exports, str(user_id), "That were many files at once; wait a few minutes.")


def spend(buckets: Buckets, whose: str, said: str) -> None:
    """One more of theirs is counted. Raises Problem 429, with the seconds to wait."""
    _refuse(buckets.wait_s(whose), said)


def refuse_if_spent(buckets: Buckets, whose: str, said: str) -> None:
    """Nothing is counted. Raises Problem 429 when the next would be one too many."""
    _refuse(buckets.wait_s(whose, spend=False), said)


def _refuse(wait_s: float, said: str) -> None:
    if wait_s:
        raise Problem(429, said, headers={"Retry-After": str(math.ceil(wait_s))})
