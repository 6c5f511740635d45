"""A click on an alert's button in Slack: who it was, what they meant, and what they are told."""

from __future__ import annotations

from uuid import UUID

from leadwake.domain import wording
from leadwake.errors import RuleError
from leadwake.providers.block_kit import escaped, link
from leadwake.providers.slack import Interaction
from leadwake.storage.staff import Person
from leadwake.workflows import claiming
from leadwake.workflows.office import Office
from leadwake.workflows.slack_alerts import CLAIM, PASS

#: said when we could not do it just now
TRY_AGAIN = "That did not work just now. Press again in a moment, or open the lead in Leadwake."
_TOLD_TWICE = "Two people of the team have your Slack id. Ask your manager to mend that; until then buttons do nothing."


async def clicked(office: Office, click: Interaction) -> str:
    """
    What the button means is done; the words for whoever pressed it, escaped, "" where there is nothing to say.

    The same click again, or one that comes late, changes nothing and says how things stand. Raises DatabaseAway.
    """
    if click.action_id not in {CLAIM, PASS}:
        return ""  # a link: their browser has opened it
    known = [one for one in office.team if not one.disabled and one.work.slack_id == click.user_id]
    if not known:
        return (
            f"Your Slack account is not known here yet. Ask your manager to add your Slack id, "
            f"{escaped(click.user_id, 40)}, to your entry in the team list."
        )
    if len(known) > 1:
        return _TOLD_TWICE
    try:
        lead_id = UUID(click.value)
    except ValueError:
        return "This button is not one of ours."
    try:
        return await (_claim if click.action_id == CLAIM else _pass)(office, lead_id, known[0])
    except RuleError as error:
        return escaped(f"{wording.sentence(str(error))}.")


async def _claim(office: Office, lead_id: UUID, person: Person) -> str:
    claim = await claiming.claim(office, lead_id, person, by="slack")
    if claim.won or (claim.owner is not None and claim.owner.id == person.id):
        base = office.settings.links_base
        return "You have this lead." + (f" {link(f'{base}/leads/{lead_id}', 'Open it')}" if base else "")
    if claim.owner is not None:
        return f"{escaped(claim.owner.name)} has this lead already."
    return claiming.REFUSALS.get(claim.why or "", "This lead can no longer be claimed.")


async def _pass(office: Office, lead_id: UUID, person: Person) -> str:
    if await claiming.pass_on(office, lead_id, person, by="slack"):
        return "Passed on: somebody else is asked."
    return "There is nothing to pass on: this lead is not offered to you now."
