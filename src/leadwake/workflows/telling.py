"""What an alert tells a member of the team beside the lead's own values."""

from __future__ import annotations

from collections.abc import Mapping

from psycopg.rows import DictRow

from leadwake.domain import wording
from leadwake.domain.meaning import words as meanings
from leadwake.workflows.composing import Errand, Values

#: intent of a reply → what was done about it and what a person should do, for the agent who is asked
_MEANINGS: Mapping[str, str] = {
    "unsure": "It may mean stop, so automation is paused. Call them, or mark that they asked us to stop.",
    "no_calls": "They do not want calls. Automation is paused; a text from you is welcome.",
    "reply": "Automation is paused. They wait for your answer.",
    "help": "They asked for help and got the help text. Automation is paused.",
    "wrong_number": "The number is somebody else's and is never written to again. Look for another way to reach them.",
}


def told(errand: Errand) -> Values:
    """What became of the text to the lead, or what they wrote back and what it means."""
    row = errand.row
    if row["reply_body"] is not None:
        vault = errand.office.vault
        key = vault.open_data_key(row["reply_key_id"], row["reply_kek_id"], row["reply_wrapped"])
        said = key.open(row["reply_body"], b"message.body").decode("utf-8", "replace")
        return {"lead.reply": said, "lead.reply_meaning": _meaning(errand, row["reply_intent"], said)}
    return {"lead.reply_status": wording.answer(row["answer"])}


def _meaning(errand: Errand, intent: str, said: str) -> str | None:
    """What was done about it, and what they seem to want where the law asks nothing."""
    done = _MEANINGS.get(intent)
    today = errand.now.astimezone(errand.office.settings.time_zone).date()
    seems = meanings.seems(said, today) if intent == "reply" else None
    return f"{seems}. {done}" if seems else done


def is_over(row: DictRow) -> bool:
    """True when the lead that an alert speaks of is somebody else's by now, or held out to somebody else."""
    is_taken = row["owner_id"] is not None and row["owner_id"] != row["agent_id"]
    return is_taken or row["offer_state"] not in {None, "open", "claimed"}
