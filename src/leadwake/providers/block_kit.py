"""Slack's Block Kit: the few parts our messages are made of, each within Slack's limits.

What strangers wrote goes through `escaped`: `<!channel>` or `<https://…|your bank>` of theirs are then plain
characters, and `verbatim` keeps Slack from making links and names of what merely looks like them.
Source: docs.slack.dev/reference/block-kit and /messaging/formatting-message-text, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

#: characters, after escaping
SECTION_CHARS: Final = 3000
CONTEXT_CHARS: Final = 2000
FALLBACK_CHARS: Final = 3000
BUTTON_CHARS: Final = 75
URL_CHARS: Final = 3000
VALUE_CHARS: Final = 2000
#: ours: an alert is read on a phone
QUOTED_LINES: Final = 12

_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
#: bold, italics, strike, code
_MARKS: Final = str.maketrans("", "", "*_~`")

Block = Mapping[str, Any]


def escaped(text: str | None, limit: int = SECTION_CHARS) -> str:
    """The text as Slack shows it letter by letter, at most `limit` characters, cut between letters, never in one."""
    found: list[str] = []
    used = 0
    for character in text or "":
        if character < " " and character != "\n":
            continue
        piece = _ENTITIES.get(character, character)
        if used + len(piece) > limit - 1:
            return "".join(found) + "…"
        found.append(piece)
        used += len(piece)
    return "".join(found)


def bold(text: str, limit: int = 200) -> str:
    """The text on one line in bold, its own marks taken out, so that it cannot end ours."""
    plain = " ".join(text.translate(_MARKS).split())
    return f"*{escaped(plain, limit)}*" if plain else ""


def quoted(text: str | None, limit: int = 1500) -> str:
    """Somebody's words, each line marked as a quotation; at most QUOTED_LINES lines."""
    lines = escaped(text, limit).splitlines()
    more = ["…"] if len(lines) > QUOTED_LINES else []
    return "\n".join(f"> {line}" for line in lines[:QUOTED_LINES] + more)


def link(url: str, label: str) -> str:
    """A link under the label; the label alone where the URL would end the link."""
    shown = escaped(label, 200).replace("|", "/")
    return shown if any(one in url for one in "<>| \n") else f"<{escaped(url, URL_CHARS)}|{shown}>"


def section(text: str) -> Block:
    """A paragraph of markup."""
    return {"type": "section", "text": _markup(text, SECTION_CHARS)}


def context(text: str) -> Block:
    """A line in small grey letters."""
    return {"type": "context", "elements": [_markup(text, CONTEXT_CHARS)]}


def actions(buttons: Sequence[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "elements": list(buttons)}


def button(label: str, action_id: str, *, value: str = "", url: str = "", style: str = "") -> Block:
    """
    A button. value: comes back with the click. url: opened besides. style: primary, danger or none.

    Raises ValueError when a part is longer than Slack takes.
    """
    if len(label) > BUTTON_CHARS or len(value) > VALUE_CHARS or len(url) > URL_CHARS:
        raise ValueError("a button's part is longer than Slack takes")
    more = {name: text for name, text in (("value", value), ("url", url), ("style", style)) if text}
    return {
        "type": "button", "text": {"type": "plain_text", "text": label, "emoji": False}, "action_id": action_id, **more,
    }  # fmt: skip


def _markup(text: str, limit: int) -> dict[str, Any]:
    if len(text) > limit:
        raise ValueError(f"{len(text)} characters where Slack takes {limit}")
    return {"type": "mrkdwn", "text": text, "verbatim": True}
