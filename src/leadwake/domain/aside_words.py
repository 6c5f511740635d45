"""Why something that came in was set aside, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from leadwake.domain import wording

_WHY: Final[Mapping[str, str]] = {
    "hot_sheet": "a digest of several leads", "activity": "news about somebody you know already",
    "auto_reply": "an automatic reply", "billing": "about a bill or an account", "bounce": "a mail that came back",
    "bulk": "sent to many", "calendar": "an appointment in a calendar", "internal": "from your own house",
    "junk": "advertising", "list": "from a mailing list", "newsletter": "a newsletter",
    "no_contact": "nobody to answer stands in it", "not_a_lead": "it asks for nothing",
    "reply": "it goes on with a conversation", "spam": "it sells you something", "upkeep": "about a repair",
    "empty": "nothing stands in it", "of the team": "from one of the team", "sent by us": "a mail of our own",
    "honeypot": "a robot filled in the hidden field",
}  # fmt: skip


def why(outcome: str, reason: str | None) -> str:
    """Why, for people; outcome, reason: of the capture."""
    if outcome == "spam":
        return _WHY["honeypot"]
    code = (reason or "").strip()
    if code.startswith("refused: "):
        return f"it cannot be used: {code.removeprefix('refused: ')}"
    return _WHY.get(code) or wording.humanised(code) or "no reason on record"
