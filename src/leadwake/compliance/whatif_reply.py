"""`whatif reply`: what each text of a CSV file would mean as a reply; touches nothing else."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import TextIO

from leadwake.compliance.reply import read_reply
from leadwake.compliance.revocation.rule import Intent
from leadwake.domain.meaning import words
from leadwake.errors import InputError

COLUMN = "text"
_ALONE = 2  # the column, and what is beyond it
ANSWER_COLUMNS = ("text", "intent")
EXPLAINED_COLUMNS = (*ANSWER_COLUMNS, "reading", "scope", "because", "wants", "until")

#: the four intents say what happens to automation. It ends for a wrong number, and in doubt it pauses until a person
#: has read the text: never "keep sending", which is what not_opt_out says
ANSWERS: dict[Intent, str] = {
    "stop": "stop", "wrong_number": "stop", "unsure": "stop",
    "start": "start", "help": "help", "reply": "not_opt_out",
}  # fmt: skip


def reply_csv(source: TextIO, target: TextIO, *, explain: bool = False) -> int:
    """
    Writes the meaning of every text of the CSV in `source`, in its order, and returns how many there were.

    explain: with the finer reading, its scope, the words that decided, and what they want besides. Raises InputError
    when it is no CSV in UTF-8 with a column `text`.
    """
    reader = csv.DictReader(source)
    writer = csv.writer(target, lineterminator="\n")
    count = 0
    try:
        header = [(name or "").strip().lstrip("\ufeff") for name in reader.fieldnames or ()]
        if COLUMN not in header:
            raise InputError({"columns": f"missing: {COLUMN}; the first line must name it"})
        reader.fieldnames = header
        writer.writerow(EXPLAINED_COLUMNS if explain else ANSWER_COLUMNS)
        for row in run(map(_text, reader), explain=explain):
            writer.writerow(row)
            count += 1
    except UnicodeDecodeError as error:
        raise InputError({"file": f"after line {reader.line_num}: {error.reason}; save it as UTF-8"}) from error
    except csv.Error as error:
        raise InputError({"file": f"line {reader.line_num + 1}: {error}"}) from error
    return count


def _text(row: dict[str | None, str | list[str] | None]) -> str:
    """The text of a row; where it is the only column, commas that nobody quoted are part of it."""
    text, further = row.get(COLUMN), row.get(None)
    return ",".join([str(text or ""), *(further if isinstance(further, list) and len(row) == _ALONE else ())])


def run(texts: Iterable[str], *, explain: bool = False) -> Iterator[tuple[str, ...]]:
    """
    A row for every text: itself and its intent; explained, also the reading.

    Each is read as if the person had been asked to opt in: only then has YES a meaning of its own (R-REV-8).
    """
    today = datetime.now(UTC).date()
    row: tuple[str, ...]
    for text in texts:
        reading = read_reply(text, asked_to_opt_in=True)
        row = (text, ANSWERS[reading.intent])
        if explain:
            wants = words.facts(text, today)
            row = (*row, reading.intent, reading.scope, reading.because, wants.get("wants", ""), wants.get("until", ""))
        yield row
