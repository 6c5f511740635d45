"""Token buckets in Redis, which every process takes from."""

from __future__ import annotations

import time
from typing import Any

import redis.asyncio
from redis.exceptions import RedisError

from leadwake import log
from leadwake.storage.buckets import OWED_S, Buckets, Taken

_log = log.get(__name__)

#: Redis has this long to answer; then, and for as long as RETRY_S, this process counts for itself
_ANSWER_S = 0.25
RETRY_S = 5.0
_PREFIX = "leadwake:bucket:"

#: one bucket, by Redis's own clock: level and when it was that; a negative number wanted is given back, what is owed is
#: taken whether it is there or not
_TAKE = """
local rate, burst, wanted = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local kept = redis.call('HMGET', KEYS[1], 'level', 'at')
local level = math.min(burst, (tonumber(kept[1]) or burst) + math.max(0, now - (tonumber(kept[2]) or now)) * rate)
local granted = math.max(math.min(wanted, math.floor(level)), math.min(wanted, 0))
level = math.min(burst, level - granted)
if ARGV[4] then level = math.max(-tonumber(ARGV[4]) * rate, level + granted - wanted) end
redis.call('HSET', KEYS[1], 'level', level, 'at', string.format('%.6f', now))
redis.call('EXPIRE', KEYS[1], math.ceil((burst - level) / rate) + 60)
return {granted, tostring(math.max(0, (1 - level) / rate))}
"""


class RedisBuckets:
    """Every process's; while Redis is away each counts its part for itself, so that nothing waits for it."""

    def __init__(self, url: str, otherwise: Buckets) -> None:
        self._redis: Any = redis.asyncio.Redis.from_url(
            url, socket_timeout=_ANSWER_S, socket_connect_timeout=_ANSWER_S, retry=None
        )
        self._take = self._redis.register_script(_TAKE)
        self._otherwise = otherwise
        self._away_until = 0.0

    async def take(self, key: str, per_s: float, burst: float, wanted: int) -> Taken:
        """As many as there are tokens for, over all processes."""
        taken = await self._asked(key, per_s, burst, wanted)
        return taken or await self._otherwise.take(key, per_s, burst, wanted)

    async def owe(self, key: str, per_s: float, burst: float, number: int) -> None:
        """Those that come pay for it, whichever process they are of."""
        if await self._asked(key, per_s, burst, number, OWED_S) is None:
            await self._otherwise.owe(key, per_s, burst, number)

    async def _asked(self, key: str, *numbers: float) -> Taken | None:
        """What Redis says; None while it is away."""
        if time.monotonic() < self._away_until:
            return None
        try:
            granted, wait = await self._take(keys=[_PREFIX + key], args=numbers)
            return Taken(int(granted), float(wait))
        except (RedisError, OSError, ValueError) as error:
            self._away_until = time.monotonic() + RETRY_S
            _log.warning("redis_away", reason=type(error).__name__)
            return None

    async def is_there(self) -> bool:
        """True when Redis answers."""
        try:
            return bool(await self._redis.ping())
        except (RedisError, OSError, ValueError):
            return False

    async def aclose(self) -> None:
        """The connections are closed."""
        await self._redis.aclose()
