"""What would have to change for a message that was not sent, in plain words. Pure: codes in, sentences out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: code → what would have to change, or what to do instead
_REMEDIES: Final[Mapping[str, str]] = {
    "vendor_off": "An admin sets up a vendor for it under Setup.",
    "no_number": "Ask them for a phone number, then correct their details.",
    "no_address": "Ask them for an e-mail address, then correct their details.",
    "no_contact": "Look for another way to reach them; nothing can be sent.",
    "opted_out": "Only they can take that back: by texting START, or by signing a form.",
    "internal_dnc": "They stand on your own list; nobody of the team writes to them.",
    "restricted": "An admin ends the restriction when they agree to it.",
    "restored": "An admin looks at what waits under Setup, Backups, and lets it go on; or write to them yourself.",
    "paused": "Press “Carry on” when automation may go on, or write to them yourself.",
    "in_touch": "Nothing: a person has been there.",
    "mail_instead": "Nothing: the e-mail is their answer.",
    "text_went": "Nothing: the text is their answer.",
    "undone": "Its words are still here; write it again if you mean to.",
    "skipped_by_hand": "Write to them yourself if it is wanted after all.",
    "already_answered": "Nothing: they have had their answer. Write to them yourself to add to it.",
    "same_inquiry_again": "Nothing: the same words were answered a moment ago.",
    "quiet_hours": "It goes by itself when the hours there open. You may write yourself, or call when they are awake.",
    "day_closed": "It goes by itself on the next day that is open there. You may write yourself.",
    "holiday": "It goes by itself after the holiday. You may write yourself.",
    "cap_24h": "It goes by itself when a day has passed. A message of your own does not count.",
    "team_hours": "It goes by itself in your team's hours; an admin sets them under Setup, Rules.",
    "held_state": "It goes when your team ends the hold, under Setup, Rules.",
    "switched_off": "An admin switches these messages on again under Setup, Rules.",
    "hours_unknown": "Schedule it for a time at which it is surely day there, or call.",
    "address_bounced": "Ask for an address that works; it counts again when they write or ask from it.",
    "undelivered": "Call, or write by e-mail; the number may be a landline or switched off.",
    "bounced": "Call or text, and ask for an address that works.",
    "dead": "A manager mends the cause and tries again under Dead letters.",
    "unknown": "Ask them, or have a manager try again under Dead letters; it may arrive twice.",
    "chat_over": "Write the same by text or e-mail.",
    "chat_not_seen": "Write the same by text or e-mail; they see it in the chat if they come back within a day.",
    "too_late": "Write to them yourself; by now it would only confuse them.",
    "mail_paused": "An admin lets marketing mail go on under Setup, Consent.",
    "a2p_not_approved": "Texts begin when the carriers approve your number; until then call or mail.",
    "declined": "They have to agree, for example on the page that each of our e-mails links to.",
    "dnc_registry": "They have to agree in writing. A call of your own is your decision.",
    "no_consent": "They have to ask for something, or agree. You may write to them yourself.",
    "inquiry_stale": "They have to ask again, or agree in writing. You may write to them yourself.",
    "needs_written_consent": "They have to agree in writing, for example on the page that our e-mails link to.",
    "no_common_window": "The places they may live in share no permitted hour; note that they live where they say.",
    "invalid_number": "Ask for a number that works, then correct their details.",
    "number_type": "Ask for their own number, then correct their details.",
    "country_not_enabled": "Call or mail them; texts stay in the United States.",
    "fail_closed": "An admin completes the rule tables: leadwake rules.",
    "agent_left": "Write to them yourself.",
    "planned_in_practice": "Nothing: practice never reaches anybody.",
}


def remedy(code: str | None, state: str | None = None) -> str | None:
    """What would have to change for it to go, or what to do instead; state: of the action, where the code says less."""
    return _REMEDIES.get(code or "") or _REMEDIES.get(state or "")
