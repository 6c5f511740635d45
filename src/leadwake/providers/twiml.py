"""TwiML, what Twilio is told to do with a call: the few verbs that are used here, escaped. Pure.

There is no verb and no attribute by which anything is recorded, and none may be added (R-STATE-8).
Contract: twilio.com/docs/voice/twiml, read 2026-11-22; a relative URL follows the document's own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

#: Twilio dials at most so many numbers at once
MAX_NUMBERS = 10


@dataclass(frozen=True, slots=True)
class Say:
    """The words are spoken."""

    text: str


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence."""

    seconds: int


@dataclass(frozen=True, slots=True)
class Hangup:
    """The call, or this leg of it, ends."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """Twilio asks there what to do next."""

    url: str


@dataclass(frozen=True, slots=True)
class Gather:
    """The words are spoken and one key is waited for; with none, what stands behind it in the document follows."""

    prompt: str
    action: str
    timeout_s: int


@dataclass(frozen=True, slots=True)
class Number:
    """
    One phone that rings. url: what it hears before it is connected, None to connect at once.

    status_callback: absolute; hears when it was answered and when it ended.
    """

    number: str
    url: str | None = None
    status_callback: str | None = None


@dataclass(frozen=True, slots=True)
class Dial:
    """All the numbers ring at once; whoever is connected first has the call. action: hears how it ended."""

    numbers: Sequence[Number]
    action: str
    caller_id: str
    timeout_s: int


Verb = Say | Pause | Hangup | Redirect | Gather | Dial


def document(*verbs: Verb) -> str:
    """The verbs as a TwiML document; none: the leg goes on to where it was to be connected."""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{"".join(_element(verb) for verb in verbs)}</Response>'


def _element(verb: Verb) -> str:
    match verb:
        case Say(text):
            return _say(text)
        case Pause(seconds):
            return f'<Pause length="{seconds}"/>'
        case Hangup():
            return "<Hangup/>"
        case Redirect(url):
            return f'<Redirect method="POST">{_text(url)}</Redirect>'
        case Gather(prompt, action, timeout_s):
            return (
                f'<Gather input="dtmf" numDigits="1" timeout="{timeout_s}" method="POST" action={_attribute(action)}>'
                f"{_say(prompt)}</Gather>"
            )
        case Dial(numbers, action, caller_id, timeout_s):
            inner = "".join(_number(number) for number in numbers[:MAX_NUMBERS])
            return (
                f'<Dial answerOnBridge="true" timeout="{timeout_s}" callerId={_attribute(caller_id)} method="POST" '
                f"action={_attribute(action)}>{inner}</Dial>"
            )


def _say(text: str) -> str:
    return f'<Say language="en-US">{_text(text)}</Say>'


def _number(number: Number) -> str:
    given = ""
    if number.url is not None:
        given += f' method="POST" url={_attribute(number.url)}'
    if number.status_callback is not None:
        callback = _attribute(number.status_callback)
        given += f' statusCallbackEvent="answered completed" statusCallbackMethod="POST" statusCallback={callback}'
    return f"<Number{given}>{_text(number.number)}</Number>"


def _text(text: str) -> str:
    return escape(_allowed(text))


def _attribute(text: str) -> str:
    return quoteattr(_allowed(text))


def _allowed(text: str) -> str:
    """Without what no XML document may hold, escaped or not; a lead's name comes from strangers."""
    return "".join(char for char in text if char.isprintable() or char == " ")
