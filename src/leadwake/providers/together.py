"""Questions to a data vendor that are asked at the same moment go in one call: its limits count calls, not people."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from leadwake.errors import BadCredentials, Rejected
from leadwake.providers.ports import Call, Enricher, Enrichment, Lookup

#: people in one call, as Apollo has it
AT_ONCE: Final = 10


@dataclass(slots=True)
class _Question:
    lookup: Lookup
    call: Call
    answer: asyncio.Future[Enrichment]


class Together:
    """Gathers the questions of one turn of the loop: those that were claimed together."""

    def __init__(self) -> None:
        self._waiting: list[_Question] = []

    async def match(self, vendor: Enricher, lookup: Lookup, call: Call) -> Enrichment:
        """What the vendor knows of them, as `Enricher.match` says and raises."""
        if lookup.callback_url:  # what comes later is posted to an address of one question
            return await vendor.match(lookup, call)
        question = _Question(lookup, call, asyncio.get_running_loop().create_future())
        self._waiting.append(question)
        if len(self._waiting) == 1:
            await asyncio.sleep(0)
            asked, self._waiting = self._waiting, []
            groups = [asked[at : at + AT_ONCE] for at in range(0, len(asked), AT_ONCE)]
            await asyncio.gather(*(_answer(vendor, group) for group in groups))
        return await question.answer


async def _answer(vendor: Enricher, group: Sequence[_Question]) -> None:
    """Each question has its answer or its error; one that is refused among others takes none of them along."""
    if len(group) > 1:
        call = Call(min(question.call.lease_until for question in group))
        try:
            found = await vendor.match_many([question.lookup for question in group], call)
        except Rejected as error:
            if isinstance(error, BadCredentials):
                return _fail(group, error)
        except Exception as error:
            return _fail(group, error)
        else:
            for question, answer in zip(group, found, strict=True):
                question.answer.set_result(answer)
            return None
    for question in group:
        try:
            question.answer.set_result(await vendor.match(question.lookup, question.call))
        except Exception as error:
            _fail([question], error)
    return None


def _fail(group: Sequence[_Question], error: Exception) -> None:
    for question in group:
        question.answer.set_exception(error)
