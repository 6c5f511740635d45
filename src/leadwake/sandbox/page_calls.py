"""Calls on the sandbox's page: who rings, what a voice said, and buttons for what people do with their phones."""

from __future__ import annotations

from collections.abc import Mapping

from leadwake.sandbox.markup import Markup, html, join
from leadwake.sandbox.numbers import clock, pretty_phone
from leadwake.sandbox.vendors.twilio_voice import Leg, Line

_STATUS: Mapping[str, str] = {
    "queued": "about to ring", "ringing": "ringing", "in-progress": "on the line", "completed": "over",
    "busy": "busy", "no-answer": "no answer", "failed": "failed", "canceled": "over",
}  # fmt: skip


def card(line: Line, known: Mapping[str, str]) -> Markup:
    """One call. known: last ten digits of a number → whose it is."""
    person = line.from_ if line.direction == "inbound" else line.first.to
    name = known.get(person[-10:]) or pretty_phone(person)
    title = f"{name} calls the team" if line.direction == "inbound" else f"The team's phone {name}"
    legs = line.dial.legs if line.dial else []
    return html(
        """<article class="card call" data-key="call-{}"><header><div><h3>{}</h3><p>{}</p></div>
<small data-part="state">{}<br>{}</small></header><div data-part="legs">{}{}{}</div></article>
""",
        line.sid,
        title,
        line.trouble,
        clock(line.at),
        _STATUS.get(line.first.status, line.first.status),
        _heard(line.first),
        _buttons(line, line.first),
        join([_leg(line, leg, known) for leg in legs]),
    )


def _leg(line: Line, leg: Leg, known: Mapping[str, str]) -> Markup:
    connected = line.dial is not None and line.dial.connected is leg
    state = "talking" if connected else _STATUS.get(leg.status, leg.status)
    name = known.get(leg.to[-10:]) or pretty_phone(leg.to)
    said, buttons = _heard(leg), _buttons(line, leg)
    return html('<div class="leg"><p><b>{}</b> <small>{}</small></p>{}{}</div>', name, state, said, buttons)


def _heard(leg: Leg) -> Markup:
    return join([html("<blockquote>{}</blockquote>", said) for said in leg.heard])


def _buttons(line: Line, leg: Leg) -> Markup:
    """What can be done with this phone now: (label, steps)."""
    if line.is_over:
        return Markup("")
    found: list[tuple[str, str]] = []
    has_whisper = bool(leg.url) or leg is line.first
    if leg.status == "ringing" and (leg is not line.first or line.direction != "inbound"):
        if has_whisper:
            found = [("Answer, press 1", "answer key"), ("A mailbox answers", "answer silent"), ("Nobody", "nobody")]
        else:
            found = [("Answer", "answer"), ("No answer", "nobody"), ("Busy", "busy")]
    elif leg.gather is not None:
        found = [("Press 1", "key"), ("No key", "silent")]
    if leg is line.first and (line.direction == "inbound" or leg.status == "in-progress"):
        found = [*found, ("Hang up", "hangup")]
    buttons = [html('<button class="quiet" name="do" value="{}">{}</button>', steps, label) for label, steps in found]
    if not buttons:
        return Markup("")
    return html(
        """<form class="phone" method="post" action="/phone"><input type="hidden" name="call" value="{}">
<input type="hidden" name="to" value="{}">{}</form>""",
        line.sid,
        leg.to,
        join(buttons),
    )
