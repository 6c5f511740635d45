"""Mail to the team about the house itself: a vendor that fails, texts that wait, a domain that is not proven."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from leadwake.actions.claims import Judgement
from leadwake.actions.planning import Planned, plan_now
from leadwake.actions.states import State
from leadwake.domain import ops_words
from leadwake.domain.values import Purpose
from leadwake.storage.db import Connection
from leadwake.storage.ids import new_id
from leadwake.storage.staff import Person
from leadwake.vendors import OAUTH, VENDORS
from leadwake.workflows import composing, ops_notices
from leadwake.workflows.composing import Addressee, Errand
from leadwake.workflows.instant_response import is_off, is_practice
from leadwake.workflows.office import Office

#: notice → its subject and what it says; a recipient is "<user>/<notice>", any other word there is a vendor's label
NOTICES: Final[Mapping[str, tuple[str, str]]] = {
    "a2p_waits": (
        "Texts are not sent yet",
        (
            "Twilio does not say yet that the carriers have approved our number, so no text goes out, neither to leads "
            "nor to you. Leads get their answer by e-mail. Until this is settled, please call new leads yourselves: "
            "look at the list rather than wait for a text.\n\n"
            "Leadwake asks Twilio every 15 minutes and writes again when texts go out."
        ),
    ),
    "a2p_revoked": (
        "Texts have stopped: the registration was taken back",
        (
            "Twilio says that the carriers' registration of our number is no longer approved. No text goes out until "
            "it is again: leads get e-mail, and alerts come by e-mail, too. Please call new leads yourselves.\n\n"
            "What to do: open Twilio's console, Messaging, Regulatory compliance, and see what they ask for."
        ),
    ),
    "a2p_approved": (
        "Texts go out now",
        (
            "The carriers have approved our number. From now on leads get their answer by text within seconds, and "
            "alerts come by text."
        ),
    ),
    "a2p_doubt": (
        "Twilio doubts the registration of our number",
        (
            "Here it says that the carriers approved our number, and Twilio says that they did not. Texts still go "
            "out, and the carriers may block them.\n\nWhat to do: compare both on the page below."
        ),
    ),
    "domain_lost": (
        "Mail may land in spam: DNS records are gone",
        (
            "SendGrid no longer finds all the DNS records of our domain. Mail still goes out, and mailboxes trust it "
            "less.\n\nWhat to do: compare the records on the page below with those at your domain's provider."
        ),
    ),
    "webhook_gone": (
        "A webhook endpoint is paused: it wants nothing more",
        (
            "One of the addresses that hear of leads by webhook answered 410 Gone, which means: do not send any more. "
            "It is paused.\n\nWhat to do: if that was a mistake, mend it there, resume it on the page below, and send "
            "again what it missed."
        ),
    ),
    "webhook_failing": (
        "A webhook endpoint is paused: it has failed for days",
        (
            "One of the addresses that hear of leads by webhook has taken nothing for five days. It is paused.\n\n"
            "What to do: see on the page below what it answered. When it works again, resume it there and send again "
            "what it missed."
        ),
    ),
    **{
        f"connection_{name}": (
            f"{VENDORS[name].label} has to be connected again",
            (
                f"{VENDORS[name].label} no longer takes the access that was given to Leadwake. What is for "
                f"{VENDORS[name].label} waits here and goes out by itself afterwards; nothing is lost.\n\n"
                "What to do: open the page below, read why, and press Connect."
            ),
        )
        for name in OAUTH
    },
}
#: the notice of each morning
DAY: Final = "day"
#: where a notice is seen to, for admins, if not under Go live
_PAGES: Final[Mapping[str, str]] = {
    "webhook_gone": "/setup/webhooks",
    "webhook_failing": "/setup/webhooks",
    **{f"connection_{name}": f"/setup/vendors/{name}" for name in OAUTH},
}


async def tell(office: Office, connection: Connection, people: Iterable[Person], notice: str) -> None:
    """The notice is on its way to these people, former and invented members apart, and to the operations channel."""
    now, cause, practice = office.clock.now(), new_id(), is_practice(office.settings, "email")
    await ops_notices.say(connection, office, *NOTICES[notice], now)
    if is_off(office.settings, "email"):
        return
    told = [
        Planned("ops_email", f"{person.id}/{notice}", Purpose.STAFF, practice, agent_id=person.id)
        for person in people
        if not person.disabled and not person.practice
    ]
    await plan_now(connection, told, cause_id=cause, now=now)


async def tell_day(connection: Connection, office: Office, notice: UUID, now: datetime) -> None:
    """How the day before went is on its way to the admins, where no channel for operations hears it."""
    practice = is_practice(office.settings, "email")
    told = [
        Planned("ops_email", f"{person.id}/{DAY}", Purpose.STAFF, practice, agent_id=person.id)
        for person in office.admins if not person.practice
    ]  # fmt: skip
    await plan_now(connection, told, cause_id=notice, now=now, queue="bulk")


def judge(errand: Errand) -> Judgement:
    """The notice, composed now, to a member of the team."""
    person = errand.office.person(errand.row["agent_id"])
    if person is None or person.disabled:
        return Judgement(State.CANCELLED, "agent_left")
    about, base = errand.row["recipient"].partition("/")[2], errand.office.settings.links_base
    if about == DAY:
        return _day(errand, Addressee(person.email, person.name, None), base)
    if about in NOTICES:
        subject, words = NOTICES[about]
        page = _PAGES.get(about, "/setup/live") if person.role == "admin" else "/"
        return composing.plain_mail(
            errand, Addressee(person.email, person.name, None), subject, f"{words}\n\n{base}{page}"
        )
    body = (
        f"{about} has been failing since {errand.row['created_at']:%H:%M} UTC. Messages wait and go out by themselves "
        f"when it is back; nothing is lost.\n\nWhat to do: open the health page and test {about} there.\n\n"
        f"{base}/setup/health"
    )
    return composing.plain_mail(errand, Addressee(person.email, person.name, None), f"{about} is failing", body)


def _day(errand: Errand, to: Addressee, base: str) -> Judgement:
    notice = errand.row["ops"]
    if notice is None:
        return Judgement(State.CANCELLED, "too_late")
    said = ops_words.begun(notice["about"], notice["content"])
    body = "\n\n".join((said.headline, *said.text.splitlines(), f"{base}{said.page}"))
    return composing.plain_mail(errand, to, f"Leadwake today: {said.headline}", body)
