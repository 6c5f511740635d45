"""Slack messages as their reader sees them: markup shown, buttons that work, answers that only one person sees."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

from leadwake.sandbox.markup import Markup, html, join
from leadwake.sandbox.vendors.slack import Message

#: a link with its label, a link or mention alone, bold
_PIECES = re.compile(r"<([^<>|]+)(?:\|([^<>]+))?>|\*([^*\n]+)\*")
_SAFE = ("http://", "https://", "tel:", "mailto:")
_PINGS = ("!", "@", "#")


def message(one: Message, people: Sequence[str], clock: Markup) -> Markup:
    """The message as a card. people: who may press in a channel; clock: when it was posted."""
    place = f"To {one.user}" if one.user else f"In channel {one.channel}"
    parts = join([_block(one, block, people) for block in one.blocks]) or html("<p>{}</p>", mrkdwn(one.text))
    answers = [
        html('<p class="only"><small>{}</small>{}</p>', f"Only {who} sees this" if who else "Sandbox", mrkdwn(text))
        for who, text in one.answers
    ]
    return html(
        """<article class="card slack" data-key="slack-{}-{}"><header><div><h3>{}</h3></div>
<small data-part="state">{}{}</small></header><div class="blocks" data-part="blocks">{}{}</div></article>
""",
        one.channel,
        one.ts,
        place,
        clock,
        html('<br><span class="s">changed</span>') if one.changed else "",
        parts,
        join(answers),
    )


def mrkdwn(text: str) -> Markup:
    """Slack's markup as HTML: links, bold, quotations; a mention is marked, for it would ring everybody's phone."""
    lines = []
    for line in text.split("\n"):
        quoted = line.startswith("> ")
        shown = _line(line[2:] if quoted else line)
        lines.append(html('<span class="quote">{}</span>', shown) if quoted else shown)
    return join(_with_breaks(lines))


def _with_breaks(lines: Sequence[Markup]) -> list[Markup]:
    found: list[Markup] = []
    for number, line in enumerate(lines):
        found += [Markup("<br>"), line] if number else [line]
    return found


def _line(line: str) -> Markup:
    found, at = [], 0
    for piece in _PIECES.finditer(line):
        found.append(html("{}", unescape(line[at : piece.start()])))
        found.append(_piece(piece))
        at = piece.end()
    return join([*found, html("{}", unescape(line[at:]))])


def _piece(piece: re.Match[str]) -> Markup:
    target, label, strong = piece.groups()
    if strong is not None:
        return html("<strong>{}</strong>", unescape(strong))
    if target.startswith(_PINGS):
        return html('<mark class="ping">{}</mark>', unescape(label or target))
    if target.startswith(_SAFE):
        return html('<a href="{}" rel="noreferrer">{}</a>', unescape(target), unescape(label or target))
    return html("{}", unescape(label or target))


def _block(one: Message, block: Mapping[str, Any], people: Sequence[str]) -> Markup:
    kind = block.get("type")
    if kind == "section":
        return html("<p>{}</p>", mrkdwn(block["text"]["text"]))
    if kind == "context":
        return html("<small>{}</small>", join([mrkdwn(element["text"]) for element in block["elements"]]))
    if kind == "actions":
        return _buttons(one, block["elements"], people)
    return html("")


def _buttons(one: Message, elements: Sequence[Mapping[str, Any]], people: Sequence[str]) -> Markup:
    chosen = html("")
    if not one.user:
        options = join([html("<option>{}</option>", who) for who in people])
        chosen = html('<select name="user" aria-label="Who presses">{}</select>', options)
    return html(
        """<form class="press" method="post" action="/press"><input type="hidden" name="channel" value="{}">
<input type="hidden" name="ts" value="{}">{}{}</form>""",
        one.channel,
        one.ts,
        chosen,
        join([_button(element) for element in elements]),
    )


def _button(element: Mapping[str, Any]) -> Markup:
    label, url = element["text"]["text"], str(element.get("url", ""))
    if url.startswith(("http://", "https://")):
        return html('<a class="quiet" href="{}" rel="noreferrer">{}</a>', url, label)
    style = "send" if element.get("style") == "primary" else "quiet"
    value = f"{element.get('action_id', '')} {element.get('value', '')}"
    return html('<button class="{}" name="pressed" value="{}">{}</button>', style, value, label)
