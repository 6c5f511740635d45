"""What Slack would refuse of a message, in its own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAX_TEXT_CHARS = 40_000
MAX_BLOCKS = 50
MAX_SECTION_CHARS = 3_000

_BLOCKS = ("section", "context", "actions", "header", "divider", "image", "rich_text")


def refused(fields: Mapping[str, Any]) -> str | None:
    """Slack's word for what it would refuse, None when it takes it."""
    blocks = fields.get("blocks")
    if not any(fields.get(name) for name in ("text", "blocks", "attachments")):
        return "no_text"
    if len(text_of(fields)) > MAX_TEXT_CHARS:
        return "msg_too_long"
    if blocks is not None and not (
        isinstance(blocks, list) and len(blocks) <= MAX_BLOCKS and all(map(_is_block, blocks))
    ):
        return "invalid_blocks"
    return None


def _is_block(block: object) -> bool:
    if not isinstance(block, dict) or block.get("type") not in _BLOCKS:
        return False
    if block["type"] == "section":
        return _is_text(block.get("text"))
    if block["type"] == "context":
        return _is_list(block) and all(_is_text(element) for element in block["elements"])
    if block["type"] == "actions":
        return _is_list(block) and all(map(_is_button, block["elements"]))
    return True


def _is_list(block: Mapping[str, Any]) -> bool:
    elements = block.get("elements")
    return isinstance(elements, list) and 1 <= len(elements) <= 25


def _is_text(part: object) -> bool:
    text = part.get("text") if isinstance(part, dict) else None
    kind = part.get("type") if isinstance(part, dict) else None
    return isinstance(text, str) and 1 <= len(text) <= MAX_SECTION_CHARS and kind in ("mrkdwn", "plain_text")


def _is_button(element: object) -> bool:
    if not isinstance(element, dict) or element.get("type") != "button" or not _is_text(element.get("text")):
        return False
    parts = ((element["text"]["text"], 75), (element.get("action_id", ""), 255), (element.get("value", ""), 2_000),
             (element.get("url", ""), 3_000))  # fmt: skip
    is_link = not element.get("url") or str(element["url"]).startswith(("http://", "https://"))
    return is_link and all(isinstance(text, str) and len(text) <= limit for text, limit in parts)


def text_of(fields: Mapping[str, Any]) -> str:
    """The message's text, "" where there is none."""
    text = fields.get("text")
    return text if isinstance(text, str) else ""
