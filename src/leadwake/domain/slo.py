"""What is done by itself while the response promise is in danger, why, and when it is let go again. Pure.

Three acts: the second e-mail provider goes first while the first one makes answers late; e-mail goes in place of a text
that hangs, where we know an address; the manager is paged. None begins without a burn. Each is let go when the burn is
over, and after LONGEST in any case: that tries whether the vendor is well again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from leadwake.domain import wording
from leadwake.domain.budget import LEAST_LATE, Burn

MAIL_SECOND, MAIL_FOR_TEXT, PAGE = "mail_second", "mail_for_text", "page"
#: act → what it is called where it is switched
ACTS: Final[Mapping[str, str]] = {
    MAIL_SECOND: "The second e-mail provider goes first while the first one makes answers late",
    MAIL_FOR_TEXT: "E-mail goes in place of a text that hangs, where we know an address",
    PAGE: "The manager is paged, once an hour at most",
}
#: an act goes on for so long at least, doubled for each time it began within a day: a vendor that is well for a moment
#: only is not gone back to each time
HOLD: Final = timedelta(minutes=15)
#: and never longer
LONGEST: Final = timedelta(hours=6)
#: nobody is paged more often
PAGE_AGAIN: Final = timedelta(hours=1)
#: a text that was not taken for so long hangs: a call may take ten seconds in all
HANGS_S: Final = 10
#: a mail in place of a text is tried within this; then it is the text's turn again, after a margin for unequal clocks
MAIL_TURN: Final = timedelta(minutes=2)
MARGIN: Final = timedelta(seconds=15)

Turn = Literal["go", "wait", "never"]


@dataclass(frozen=True, slots=True)
class Cause:
    """Late answers of one channel that waited for a vendor ("": tried at none): n, and how many it is to blame for."""

    channel: str
    vendor: str
    n: int
    blamed: int


@dataclass(frozen=True, slots=True)
class Means:
    """What can be done. on: acts that are switched on; mailers: the e-mail vendors in order; failing: circuits open."""

    on: frozenset[str]
    mailers: tuple[str, ...]
    failing: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Going:
    """An act that goes on. before: how often it had begun within the day before."""

    act: str
    began_at: datetime
    before: int = 0

    @property
    def held_until(self) -> datetime:
        """Until when it goes on at least."""
        doubled: timedelta = HOLD * (1 << min(self.before, 10))
        return self.began_at + min(doubled, LONGEST)


def wanted(burn: Burn | None, causes: Sequence[Cause], means: Means) -> dict[str, dict[str, Any]]:
    """Act → why, for what should go on now (paging apart); nothing without a burn."""
    if burn is None:
        return {}
    found: dict[str, dict[str, Any]] = {}
    if _can_mail_second(means) and (mails := _guilty(causes, "email", means.mailers[0])):
        found[MAIL_SECOND] = _why(burn, mails, means.mailers[0]) | {"instead": means.mailers[1]}
    can_mail = MAIL_FOR_TEXT in means.on and set(means.mailers) - means.failing
    if can_mail and (texts := _guilty(causes, "sms", "twilio")):
        found[MAIL_FOR_TEXT] = _why(burn, texts, "twilio")
    return found


def over(going: Going, burn: Burn | None, means: Means, now: datetime) -> str | None:
    """Why the act ends now; None while it goes on."""
    if going.act not in means.on:
        return "switched_off"
    if now - going.began_at >= LONGEST:
        return "tried_again"
    if going.act == MAIL_SECOND and not _can_mail_second(means):
        return "no_second"
    return "burn_over" if burn is None and now >= going.held_until else None


def may_page(burn: Burn | None, means: Means, paged_at: datetime | None, now: datetime) -> bool:
    """Whether the manager is paged now."""
    return burn is not None and PAGE in means.on and (paged_at is None or now - paged_at >= PAGE_AGAIN)


def text_turn(mail_state: str | None, mail_resends: int, planned_at: datetime | None, now: datetime) -> Turn:
    """Whether a text may go although a mail was planned in its place (None: none was). planned_at: when."""
    if mail_state is None or planned_at is None:
        return "go"
    if mail_state in {"sent", "delivered", "unknown"}:
        return "never"
    if mail_state == "sending" or (mail_state == "planned" and mail_resends):
        return "wait"
    return "wait" if mail_state == "planned" and now - planned_at < MAIL_TURN + MARGIN else "go"


def mail_turn(text_state: str | None, mail_resends: int, planned_at: datetime, now: datetime) -> Turn:
    """Whether the mail in place of a text may go. A text whose outcome nobody knows may be there or not: it goes."""
    if text_state in {"sent", "delivered", "cancelled", "blocked"}:
        return "never"
    return "go" if mail_resends or now - planned_at < MAIL_TURN else "never"


def _can_mail_second(means: Means) -> bool:
    return MAIL_SECOND in means.on and len(means.mailers) > 1 and means.mailers[1] not in means.failing


def _guilty(causes: Sequence[Cause], channel: str, vendor: str) -> Cause | None:
    """What this vendor is to blame for, when that is most of what was tried there and more than chance."""
    own = [cause for cause in causes if cause.channel == channel and cause.vendor in {vendor, ""}]
    tried = sum(cause.n for cause in own if cause.vendor == vendor)
    blamed = sum(cause.blamed for cause in own)
    if blamed < LEAST_LATE or 2 * blamed < tried:
        return None
    return Cause(channel, vendor, max(tried, blamed), blamed)


def _why(burn: Burn, cause: Cause, vendor: str) -> dict[str, Any]:
    return {
        "minutes": burn.minutes, "late": burn.late, "total": burn.total, "vendor": vendor, "blamed": cause.blamed,
    }  # fmt: skip


def because(act: str, why: Mapping[str, Any]) -> str:
    """What was done and why, in a sentence."""
    span = wording.duration(why["minutes"] * 60)
    burnt = f"{why['late']} of {why['total']} answers were late within {span}"
    if act == MAIL_SECOND:
        return (
            f"E-mail goes by {wording.vendor(why['instead'])} first: {burnt}, "
            f"{why['blamed']} waited for {wording.vendor(why['vendor'])}."
        )
    if act == MAIL_FOR_TEXT:
        return (
            f"E-mail goes in place of texts that hang: {burnt}, {why['blamed']} waited for "
            f"{wording.vendor(why['vendor'])}."
        )
    return f"The manager was paged: {burnt}."


#: window → how it is said in a table
SPANS: Final[Mapping[int, str]] = {5: "5 min", 30: "30 min", 60: "1 hour", 360: "6 hours"}
#: why an act ended → how that is said
ENDED: Final[Mapping[str, str]] = {
    "burn_over": "answers were in time again",
    "tried_again": "it was tried whether the vendor is well again",
    "switched_off": "it was switched off",
    "no_second": "there was no second provider any more",
}
