"""What the channel for operations is told, in one line and what to do. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from leadwake.domain import wording

_NAMED: Final = 4


@dataclass(frozen=True, slots=True)
class Said:
    """headline: what is; text: what it means and what to do; page: where, below our own address."""

    headline: str
    text: str
    page: str


def begun(about: str, content: Mapping[str, Any]) -> Said:
    """Trouble that began, or news that is only said."""
    return _BEGUN[about.partition(" ")[0]](content)


def over(about: str, content: Mapping[str, Any], lasted: timedelta) -> Said:
    """The same trouble is over, after so long."""
    return Said(
        f"{_OVER[about.partition(' ')[0]](content)} after {wording.duration(lasted.total_seconds())}.",
        "",
        "/setup/health",
    )


def _vendor(content: Mapping[str, Any]) -> Said:
    label, waiting = content["label"], content["waiting"]
    what = (
        f"{waiting} {'message waits' if waiting == 1 else 'messages wait'}" if waiting else "What is meant for it waits"
    )
    return Said(
        f"{label} is failing: {content['reason'] or 'no answer'}.",
        f"{what}, and goes out by itself when it is back; nothing is lost.",
        "/setup/health",
    )


def _dead_letters(content: Mapping[str, Any]) -> Said:
    count = content["n"]
    need = "message needs" if count == 1 else "messages need"
    listed = [f"{n} × {wording.noun(kind)}: {why or 'no reason given'}" for kind, why, n in content["kinds"][:_NAMED]]
    return Said(
        f"{count} {need} a person: nothing happens until somebody decides.",
        "\n".join(listed),
        "/dead-letters",
    )


def _backup(content: Mapping[str, Any]) -> Said:
    last = f"The newest is of {content['last'][:16].replace('T', ' ')} UTC" if content["last"] else "There is none yet"
    why = f"{content['problem']}. " if content["problem"] else ""
    return Said(
        "No backup was made: what came in since the last would be lost with this disk.",
        f"{why}{last}. It is tried again every hour.",
        "/setup/backups",
    )


def _backup_copy(content: Mapping[str, Any]) -> Said:
    return Said(
        "The backup was made and not copied elsewhere.",
        f"Your own command failed: {content['problem']}",
        "/setup/backups",
    )


def _rehearsal(content: Mapping[str, Any]) -> Said:
    return Said(
        "The newest backup could not be restored in a rehearsal: nobody knows whether it would help in a disaster.",
        "\n".join(content["problems"]),
        "/setup/backups",
    )


def _restore(content: Mapping[str, Any]) -> Said:
    del content
    return Said(
        "Restored from a backup: automation writes to nobody from before until somebody has looked.",
        "Whoever asks or answers now is served at once. Look at what waits, then let it go on.",
        "/setup/backups",
    )


def _response(content: Mapping[str, Any]) -> Said:
    late, total = content["late"], content["total"]
    gone_in, hours = wording.duration(content["gone_in_h"] * 3600), content["minutes"] // 60
    span = "hour" if hours == 1 else f"{hours} hours"
    return Said(
        f"Leads wait: in the last {span}, {late} of {total} had no answer within 60 s.",
        f"At this rate the month's allowance (1 in 100) is gone in {gone_in}. Until then: call new leads.",
        "/setup/health",
    )


def _day(content: Mapping[str, Any]) -> Said:
    inquiries, fast = content["inquiries"], content["within_60s"]
    if inquiries:
        took = f", half of them within {content['median_s']:g} s" if content["median_s"] is not None else ""
        answered = f"{inquiries} inquiries yesterday, {fast} answered within 60 s{took}"
    else:
        answered = "No inquiries yesterday"
    captures = f"{content['captures']} captures, " + (
        f"{content['lost']} NOT accounted for" if content["lost"] else "all accounted for"
    )
    trouble = list(content["trouble"])
    if content["dead_letters"]:
        trouble.insert(0, f"{content['dead_letters']} dead letters wait for a person")
    if not trouble:
        trouble = ["Nothing is wrong. A morning without this line means that Leadwake does not run."]
    lines = [*_came_of(content), *_standing(content), *trouble]
    return Said(f"{answered}; {captures}.", "\n".join(lines), "/setup/health")


def _standing(content: Mapping[str, Any]) -> list[str]:
    """The promise, availability, and the house, as far as the notice knows them."""
    lines = []
    if (promise := content.get("promise")) and promise["total"]:
        left, more = promise["left"], promise["more"]
        said = f"{int(100 * left)} % of the error budget is left, {more} more late until it is gone"
        said = said if left >= 0 else "the error budget is overspent"
        lines.append(f"28 days: {promise['good']} of {promise['total']} answered within 60 s; {said}.")
    lines += [f"Done by itself: {act}" for act in content.get("acts", ())]
    for probe in content.get("probes", ()):
        share = "nothing seen" if probe["share"] is None else f"{math.floor(100_000 * probe['share']) / 1000:.3f} % up"
        unseen = f", unknown for {wording.duration(probe['unknown_s'])}" if probe["unknown_s"] >= 3600 else ""
        days = "" if probe["tls_days"] is None else f"; the certificate ends in {probe['tls_days']} days"
        lines.append(f"From outside, \u201c{probe['probe']}\u201d: {share} in 28 days{unseen}{days}.")
    if "probes" in content and not content["probes"]:
        lines.append("From outside: nobody looks (leadwake probe).")
    return lines + [wording.sentence(line) + "." for line in content.get("house", ())]


def _came_of(content: Mapping[str, Any]) -> list[str]:
    """How many conversations, meetings and sales there were; nothing where there were none."""
    counts = content.get("came_of", {})
    words = {"conversation": "conversation", "meeting": "meeting", "won": "sale"}
    said = [f"{n} {word}{'s' if n != 1 else ''}" for kind, word in words.items() if (n := counts.get(kind))]
    return [f"Came of leads: {', '.join(said)}."] if said else []


def _notice(content: Mapping[str, Any]) -> Said:
    return Said(f"{content['title']}.", content["text"], "/setup/live")


_BEGUN: Final[Mapping[str, Callable[[Mapping[str, Any]], Said]]] = {
    "vendor": _vendor, "dead_letters": _dead_letters, "response": _response, "day": _day, "notice": _notice,
    "backup": _backup, "backup_copy": _backup_copy, "rehearsal": _rehearsal, "restore": _restore,
}  # fmt: skip
_OVER: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {
    "vendor": lambda content: f"{content['label']} is back",
    "dead_letters": lambda _: "No message waits for a decision any more",
    "response": lambda _: "Leads are answered within 60 s again",
    "backup": lambda _: "A backup was made",
    "backup_copy": lambda _: "The backup was copied elsewhere",
    "rehearsal": lambda _: "The newest backup restores",
    "restore": lambda _: "Somebody has looked after the restore: automation goes on",
}
