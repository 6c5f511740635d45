"""What the stand-ins received, kept raw and bounded; decoded only when somebody reads it."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from leadwake.sandbox.bodies import read_back
from leadwake.sandbox.wire import Request

MAX_RECORDS = 50_000
MAX_BYTES = 64 * 1024 * 1024
#: What a record weighs beside its strings, roughly.
RECORD_OVERHEAD_BYTES = 200


class Record(NamedTuple):
    """One request that reached a vendor. status: what it was answered, or would have been if the answer was cut."""

    seq: int
    at: float
    vendor: str
    method: str
    path: str
    query: str
    content_type: str
    body: bytes
    status: int

    def accepted(self) -> bool:
        """The vendor did what was asked, whether or not its answer arrived."""
        return 200 <= self.status < 300

    def weight(self) -> int:
        """Bytes it holds, roughly."""
        return RECORD_OVERHEAD_BYTES + len(self.body) + len(self.path) + len(self.query) + len(self.content_type)

    def as_json(self) -> bytes:
        """`{"seq", "at", "vendor", "method", "path", "query", "body", "status"}`; at: ISO 8601 in UTC."""
        return msgspec.json.encode(
            {
                "seq": self.seq,
                "at": instant(self.at),
                "vendor": self.vendor,
                "method": self.method,
                "path": self.path,
                "query": self.query,
                "body": _encodable(read_back(self.body, self.content_type)),
                "status": self.status,
            }
        )


class Journal:
    """The newest requests, bounded in number and in bytes; numbers go on over a clear."""

    def __init__(self, max_records: int = MAX_RECORDS, max_bytes: int = MAX_BYTES) -> None:
        self._records: deque[Record] = deque()
        self._bytes = 0
        self._max_records = max_records
        self._max_bytes = max_bytes
        self.last_seq = 0

    def __len__(self) -> int:
        return len(self._records)

    def add(self, vendor: str, request: Request, path: str, status: int) -> Record:
        """The request is on record; the oldest ones make room."""
        self.last_seq += 1
        record = Record(
            self.last_seq,
            request.at,
            vendor,
            request.method,
            path,
            request.query,
            request.header(b"content-type"),
            request.body,
            status,
        )
        self._records.append(record)
        self._bytes += record.weight()
        while len(self._records) > self._max_records or self._bytes > self._max_bytes:
            self._bytes -= self._records.popleft().weight()
        return record

    def clear(self) -> int:
        """Nothing is on record. Returns how many were."""
        count = len(self._records)
        self._records.clear()
        self._bytes = 0
        return count

    def select(self, vendor: str | None = None, since: int = 0, *, refused_too: bool = False) -> Iterator[Record]:
        """Records after number `since`, oldest first, as they are now; only accepted ones unless `refused_too`."""
        for record in tuple(self._records):
            if record.seq > since and vendor in (None, record.vendor) and (refused_too or record.accepted()):
                yield record


def instant(at: float) -> str:
    """Unix seconds as ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _encodable(value: Any) -> Any:
    """The value, or its text when it holds what JSON cannot carry."""
    try:
        msgspec.json.encode(value)
    except (ValueError, RecursionError, OverflowError):
        return repr(value)
    return value
