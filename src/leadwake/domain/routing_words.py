"""A routing decision in words, fresh or stored: who was eligible and how well they fit, who was skipped and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from leadwake.domain.languages import LANGUAGES
from leadwake.domain.wording import humanised

#: a trace as `Trace.as_json` gives it
Told = Mapping[str, Any]

_SKIPPED: Final[Mapping[str, str]] = {
    "not_taking": "takes no leads",
    "unlicensed": "not licensed in {licence}",
    "paused": "paused",
    "full": "full: has as many open leads as they may",
    "asked_before": "had this lead before",
    "not_in_rule": "not in the rule “{rule}”",
    "not_the_owner": "the lead is a colleague's",
}
_LICENSING: Final[Mapping[str, str]] = {
    "checked": "A licence for {licence} is needed.",
    "no_state": "Where they live is not known, so licences were not looked at.",
    "none_recorded": "Nobody on the team has a licence recorded, so licences were not looked at.",
    "abroad": "They live abroad, so licences were not looked at.",
}
_BECAUSE: Final[Mapping[str, str]] = {
    "owner": "they know this person already",
    "rule": "rule “{rule}”",
    "default": "the best fit of everyone",
    "on_call": "nobody who may have it is on shift; on call",
    "off_shift": "nobody who may have it is on shift or on call",
    "nobody": "nobody may have it",
}


def language(code: str) -> str:
    """ "Spanish"."""
    return LANGUAGES.get(code, code)


def skipped(code: str, told: Told) -> str:
    """Why somebody was passed over: "not licensed in TX"."""
    return _SKIPPED.get(code, humanised(code)).format(licence=told["licence"], rule=told["rule"])


def licensing(told: Told) -> str:
    """What was asked of licences."""
    return _LICENSING[told["licensing"]].format(licence=told["licence"])


def because(told: Told) -> str:
    """Why it came out as it did: "rule “Spanish in Texas”"."""
    return _BECAUSE.get(told["because"], humanised(told["because"])).format(rule=told["rule"])


def point(code: str) -> str:
    """One way in which somebody fits: "speaks Spanish"."""
    name, _, value = code.partition(":")
    if name == "language":
        return f"speaks {language(value)}"
    if name == "specialty":
        return f"knows {humanised(value)}"
    return "works in their ZIP code" if value == "zip" else "works in their state"


def facts(entry: Mapping[str, Any], told: Told) -> list[str]:
    """What speaks for somebody eligible: "speaks Spanish", "licensed TX", "2 open", "on shift"."""
    licence = [f"licensed {told['licence']}"] if told["licence"] else []
    room = f" of {entry['capacity']}" if entry["capacity"] is not None else ""
    shift = "on shift" if entry["on_shift"] else "off shift"
    return [*(point(code) for code, _ in entry["points"]), *licence, f"{entry['load']}{room} open", shift]


def agent(name: str, entry: Mapping[str, Any], told: Told) -> str:
    """ "Ana: speaks Spanish, licensed TX, 2 open, on shift"."""
    return f"{name}: {', '.join(facts(entry, told))}"


def routed(told: Told, names: Mapping[str, str], score: int | None = None) -> tuple[str, str]:
    """
    One line of a lead's story and the reason under it: "Routed to Ana: speaks Spanish, licensed TX, 2 open, on shift,
    score 84" and "rule “Spanish in Texas”; skipped 2: Ben (paused), Cy (not licensed in TX)".

    names: agent id → name.
    """
    entry = next((each for each in told["eligible"] if each["agent"] == told["chosen"]), None)
    extra = [f"score {score}"] if score is not None else []
    if entry is None:
        text = "Routed to nobody yet"
    else:
        name = names.get(told["chosen"], "a former colleague")
        text = f"Routed to {name}: {', '.join([*facts(entry, told), *extra])}"
    return text, "; ".join([because(told), *_passed_over(told, names)])


def _passed_over(told: Told, names: Mapping[str, str]) -> Sequence[str]:
    passed = [each for each in told["skipped"] if each["why"] not in {"not_taking", "not_the_owner"}]
    if not passed:
        return []
    said = [f"{names.get(each['agent'], 'a former colleague')} ({skipped(each['why'], told)})" for each in passed]
    return [f"skipped {len(said)}: {', '.join(said[:5])}{' …' if len(said) > 5 else ''}"]
