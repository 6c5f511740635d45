"""`whatif send`: the gate asked about every row of a CSV file; touches nothing else."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import TextIO, cast, get_args

from leadwake.compliance.decision import Facts, Message, Registry, instant_text
from leadwake.compliance.gate import may_send
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.values import Channel, ConsentLevel, Purpose
from leadwake.errors import InputError

COLUMNS = (
    "case_id", "recipient", "declared_state", "declared_zip", "declared_country", "now_utc", "channel", "purpose",
    "consent", "inquiry_at_utc", "prior_24h", "prior_sent_utc", "dnc",
)  # fmt: skip
ANSWER_COLUMNS = ("case_id", "decision", "at_utc", "reason")


def send_csv(source: TextIO, target: TextIO, tables: Tables | None = None, policy: Policy = STANDARD) -> int:
    """Writes the gate's answer to every case of the CSV in `source`, in its order, and returns how many there were.

    Raises InputError when it is not a CSV with the columns of `COLUMNS`.
    """
    reader = csv.DictReader(source)
    writer = csv.DictWriter(target, ANSWER_COLUMNS, lineterminator="\n")
    count = 0
    try:
        header = [(name or "").strip().lstrip("\ufeff") for name in reader.fieldnames or ()]
        if absent := [column for column in COLUMNS if column not in header]:
            raise InputError({"columns": f"missing: {', '.join(absent)}"})
        reader.fieldnames = header
        writer.writeheader()
        for answer in run(reader, tables, policy):
            writer.writerow(answer)
            count += 1
    except (csv.Error, UnicodeDecodeError) as error:
        raise InputError({"file": f"line {reader.line_num + 1}: {error}"}) from error
    return count


def run(
    rows: Iterable[Mapping[str, str | None]], tables: Tables | None = None, policy: Policy = STANDARD
) -> Iterator[dict[str, str]]:
    """The gate's answer to each case: `case_id`, `decision`, `at_utc` (empty for block), `reason`.

    A row that cannot be read is blocked as `fail_closed`, like everything the gate cannot judge (R-CASE-12).
    """
    tables = tables or Tables.load()
    for row in rows:
        case_id = row.get("case_id") or ""
        try:
            message, facts, now = read_case(row)
        except ValueError:
            yield dict(zip(ANSWER_COLUMNS, (case_id, "block", "", "fail_closed"), strict=True))
            continue
        decision = may_send(message, facts, tables, now, policy)
        yield dict(
            zip(
                ANSWER_COLUMNS,
                (case_id, decision.outcome, instant_text(decision.at) or "", decision.reason),
                strict=True,
            )
        )


def read_case(row: Mapping[str, str | None]) -> tuple[Message, Facts, datetime]:
    """One row as the gate takes it. Raises ValueError when a cell is missing or none of its kind."""
    cells = {column: _cell(row, column) for column in COLUMNS}
    message = Message(
        channel=Channel(cells["channel"].lower()),
        purpose=Purpose(cells["purpose"].lower()),
        recipient=cells["recipient"],
        state=cells["declared_state"] or None,
        postal_code=cells["declared_zip"] or None,
        country=cells["declared_country"] or None,
    )
    now = _instant(cells["now_utc"])
    facts = Facts(
        consent=ConsentLevel(cells["consent"].lower() or "none"),
        inquiry_at=_instant(cells["inquiry_at_utc"]) if cells["inquiry_at_utc"] else None,
        prior_sends=_prior_sends(cells["prior_sent_utc"], cells["prior_24h"], now),
        dnc=_registry(cells["dnc"].lower() or "none"),
    )
    return message, facts, now


def _prior_sends(times: str, count: str, now: datetime) -> tuple[datetime, ...]:
    known = tuple(_instant(time.strip()) for time in times.split(";") if time.strip())
    # more were counted than have a time: the strictest they can be is just now; beyond the cap the number adds nothing
    untimed = min(max(0, int(count or "0") - len(known)), 10)
    return known + (now,) * untimed


def _registry(text: str) -> Registry:
    if text not in get_args(Registry):
        raise ValueError(f"{text!r} is no registry")
    return cast("Registry", text)


def _cell(row: Mapping[str, str | None], column: str) -> str:
    cell = row.get(column)
    if cell is None:
        raise ValueError(f"no cell {column}")
    return cell.strip()


def _instant(text: str) -> datetime:
    """The instant, aware UTC; a time without a zone is UTC, as the columns say."""
    at = datetime.fromisoformat(text)
    try:
        return at.astimezone(UTC) if at.utcoffset() is not None else at.replace(tzinfo=UTC)
    except OverflowError as error:
        raise ValueError(f"{text!r} is beyond the calendar") from error
