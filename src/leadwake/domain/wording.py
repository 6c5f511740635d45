"""What happened, in the plain words of a timeline. Pure: codes and instants in, sentences out.

A code nobody foresaw is shown as itself with its underscores gone: odd to read, never an error, never hidden.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

VENDORS: Final[Mapping[str, str]] = {"twilio": "Twilio", "sendgrid": "SendGrid", "smtp": "SMTP", "hubspot": "HubSpot",
                                     "gohighlevel": "GoHighLevel", "slack": "Slack", "meta": "Meta",
                                     "apollo": "Apollo", "calendly": "Calendly"}  # fmt: skip

#: kind of action → what it is called at the head of a sentence
NOUNS: Final[Mapping[str, str]] = {
    "sms": "Text", "email": "E-mail", "crm": "CRM record", "alert_sms": "Text to the agent",
    "alert_email": "E-mail to the agent", "test_sms": "Test text", "test_email": "Test e-mail",
    "ops_email": "E-mail to the team", "ops_slack": "Note to operations",
    "page_sms": "Page to the manager, by text", "page_email": "Page to the manager, by e-mail",
    "page_slack": "Page to the manager, in Slack",
    "forget_texts": "Order to delete texts and calls",
    "forget_crm": "Order to delete a CRM record", "forget_slack": "Order to empty Slack messages",
    "forget_gohighlevel": "Order to delete a CRM record", "crm_note": "Note in the CRM", "crm_deal": "Deal in the CRM",
    "confirmation_sms": "Confirmation text", "help_sms": "Help text",
    "reply_alert_sms": "Text to the agent", "reply_alert_email": "E-mail to the agent",
    "alert_slack": "Slack message to the agent", "reply_alert_slack": "Slack message to the agent",
    "alert_taken_sms": "Text to the agent", "alert_taken_slack": "Slack message taken back",
    "claim_answer_sms": "Text to the agent", "unattended_sms": "Text to the agent",
    "unattended_email": "E-mail to the agent", "unattended_slack": "Slack message to the agent",
    "hot_alert_sms": "Text to the agent", "hot_alert_email": "E-mail to the agent",
    "hot_alert_slack": "Slack message to the agent",
    "call_reminder_sms": "Reminder to call, by text", "call_reminder_email": "Reminder to call, by e-mail",
    "call_reminder_slack": "Reminder to call, in Slack",
    "meeting_alert_sms": "Text to the agent", "meeting_alert_email": "E-mail to the agent",
    "meeting_alert_slack": "Slack message to the agent", "meeting_reminder_sms": "Reminder by text",
    "meeting_reminder_email": "Reminder by e-mail", "no_show_sms": "Text after a missed meeting",
    "no_show_email": "E-mail after a missed meeting", "human_sms": "Text", "human_email": "E-mail",
    "human_chat": "Chat", "chat": "Line in the chat",
    "call": "Call", "digest_email": "Digest by e-mail", "digest_slack": "Digest in Slack",
    "enrich": "Look-up",
    "webhook": "Webhook",
    "nurture_sms": "Text of a sequence", "nurture_email": "E-mail of a sequence",
    "nurture_alert_sms": "Text to the agent", "nurture_alert_email": "E-mail to the agent",
    "nurture_alert_slack": "Slack message to the agent",
}  # fmt: skip

#: state of an action → one or two words on a chip: (for a message, for a CRM record, tone)
_CHIPS: Final[Mapping[str, tuple[str, str, str]]] = {
    "planned": ("on its way", "on its way", "busy"),
    "deferred": ("waits", "waits", "wait"),
    "sending": ("being sent", "being saved", "busy"),
    "sent": ("sent", "saved", "good"),
    "delivered": ("delivered", "saved", "good"),
    "undelivered": ("not delivered", "not saved", "bad"),
    "bounced": ("bounced", "not saved", "bad"),
    "blocked": ("not sent", "not saved", "quiet"),
    "cancelled": ("cancelled", "cancelled", "quiet"),
    "skipped": ("skipped", "skipped", "quiet"),
    "expired": ("too late", "too late", "quiet"),
    "unknown": ("sent or not?", "saved or not?", "bad"),
    "dead": ("failed", "failed", "bad"),
}

#: where a look-up is said in other words than a message
_LOOKUP_CHIPS: Final[Mapping[str, str]] = {"sending": "under way", "sent": "done", "unknown": "without an answer"}

#: where a line of a chat is
_CHAT_CHIPS: Final[Mapping[str, str]] = {"sent": "in the chat", "delivered": "seen"}

#: codes that actions and captures carry as their reason
_REASONS: Final[Mapping[str, str]] = {
    "restored": "it was planned before a restore from a backup, and may have been sent already",
    "vendor_off": "no vendor is set up for it",
    "endpoint_paused": "its endpoint was paused",
    "endpoint_gone": "its endpoint was deleted",
    "taken_back": "somebody took back what waited",
    "no_slack": "they have no Slack id here, and no Slack channel is set",
    "never_shown": "there is no Slack message to change",
    "no_number": "there is no phone number",
    "no_address": "there is no e-mail address",
    "not_asked": "they have not asked us anything: a colleague or a list put them into the CRM",
    "no_contact": "there is neither a phone number nor an e-mail address",
    "no_profile": "the person's data is gone",
    "erased": "the person was erased",
    "no_stage": "no stage of the CRM's pipeline says so",
    "restricted": "their data is kept and not used, as they asked",
    "same_inquiry_again": "the same words came a moment ago and were answered",
    "already_answered": "this number got an instant text within the last ten minutes",
    "sample_agent": "invented people are never written to in earnest",
    "planned_in_practice": "it was planned in practice and is never sent in earnest",
    "contact_gone": "the contact is no longer there",
    "agent_left": "they are no longer in the team",
    "task_over": "nothing is to be done any more",
    "offer_over": "the lead is not theirs to take any more",
    "opted_out": "they asked us to stop",
    "paused": "automation is paused for them until a person has looked",
    "in_touch": "a person has been in touch meanwhile",
    "mail_instead": "e-mail goes in its place, because texts hang",
    "text_went": "the text went after all",
    "too_late_to_confirm": "a confirmation that comes late is worse than none",
    "replayed": "somebody asked for it to be tried again",
    "too_late": "it could not be sent while it was of use",
    "in_flight": "another message to them is under way",
    "address_bounced": "mail to this address came back: it does not exist",
    "mail_paused": "marketing e-mail is paused, because too many marked it as spam",
    "quiet_hours": "outside the hours in which it may be sent",
    "cap_24h": "enough automated messages in 24 hours already",
    "team_hours": "outside your team's own hours",
    "held_state": "your team holds marketing there",
    "switched_off": "your team has switched these messages off",
    "called_off": "whoever asked for it called it off",
    "no_voice": "texts come from a Messaging Service or a short code, which cannot call; set a number",
    "no_public_url": "the public address is not set, so Twilio could not ask us what to do with the call",
    "booked": "they have booked a meeting",
    "came": "they came after all",
    "texted": "the text has gone, or is to go",
    "meeting_cancelled": "the meeting was cancelled",
    "meeting_moved": "the meeting was moved",
    "meeting_over": "the meeting is over",
    "meeting_changed": "the meeting is not what it was",
    "undone": "taken back before it went",
    "skipped_by_hand": "a colleague skipped it",
    "day_closed": "no texts may be sent there on that day",
    "holiday": "it is a holiday there",
    "hours_unknown": "the hours there are not known",
    "not_waiting": "it is not waiting any more",
    "a2p_not_approved": "your sending number is not yet approved by the carriers (A2P 10DLC)",
    "internal_dnc": "they are on your own do-not-contact list",
    "invalid_number": "that is not a US phone number",
    "number_type": "the number is toll-free or a service number",
    "country_not_enabled": "the number or address is outside the United States",
    "declined": "they said no to this channel when they asked",
    "no_consent": "they have not given us this contact or asked for anything",
    "inquiry_stale": "their inquiry is more than three days old",
    "needs_written_consent": "they have not agreed to it in writing",
    "no_common_window": "no permitted hour was found within 14 days",
    "fail_closed": "a rule table is incomplete",
    "region": "they may live in Europe, where people are not looked up without a basis of its own",
    "not_eligible": "there is neither an e-mail address nor a full name with a company to go by",
    "known_already": "they were looked up not long ago",
    "looked_up_now": "they are being looked up just now",
    "no_budget": "a day's credits are fewer than one person may cost",
    "chat_over": "the chat is over",
    "chat_not_seen": "they left before they saw it",
    "budget_spent": "today's credits are spent",
    "sequence_stopped": "the sequence had stopped by then",
}

_REPLIES: Final[Mapping[str, str]] = {"sms": "Replied by text", "chat": "Wrote in the chat"}

_ASSIGNED: Final[Mapping[str, str]] = {
    "owner": "they know this person already",
    "round_robin": "their turn",
    "rule": "by a routing rule",
    "default": "the best fit of everyone",
    "on_call": "on call, nobody is on shift",
    "off_shift": "nobody is on shift",
    "offered": "they are asked already",
    "later": "an agent is looked for",
    "call": "they took the call",
    "crm": "the CRM says so",
    "program": "a program says so",
    "nobody": "nobody may have this lead",
    "list": "the list says so",
}

_CONSENTS: Final[Mapping[str, str]] = {
    "none": "not asked for",
    "inquiry": "they asked us, so an answer is allowed",
    "oral": "agreed by word of mouth",
    "written": "agreed in writing",
    "declined": "said no to automated messages",
    "revoked": "asked us to stop",
}

_ORDINALS: Final = (
    "0th", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
)  # fmt: skip

#: what a form that our script showed proves, by its verdict
_SHOWN: Final[Mapping[str, str]] = {
    "proven": "The words were ours, and the box beside them was ticked by hand",
    "no_token": "it came without our signature of its words",
    "not_ours": "the signature of its words is not ours",
    "expired": "its words were given out too long before",
    "other_form": "its words were given out for another form",
    "other_website": "its words were given out for another website",
    "other_wording": "its words had been replaced by others",
    "not_registered": "the form is not registered, and asked for no agreement",
    "pre_ticked": "the box was not ticked by hand",
    "not_ticked": "the box was not ticked",
    "words_not_seen": "the words could not be seen beside the box",
}

#: consent that let an automated message go
_ALLOWED: Final[Mapping[str, str]] = {
    "inquiry": "they asked us",
    "oral": "they agreed by word of mouth",
    "written": "they agreed in writing",
}

_CHANNELS: Final[Mapping[str, str]] = {"sms": "Texts", "email": "E-mail", "voice": "Calls"}

_DOORS: Final[Mapping[str, str]] = {
    "web_form": "a form", "live_chat": "chat", "portal_email": "a portal", "phone_call": "a call", "sms": "a text",
    "email": "an e-mail", "portal": "a portal", "booking": "a booking page", "csv": "a list", "import": "a list",
    "api": "another program", "form": "a form", "referral": "a referral",
    "crm": "the CRM",
}  # fmt: skip

#: reasons why nothing at all goes to somebody, no call by a colleague either (R-CASE-2)
_STOPS_ALL: Final = frozenset({"opted_out", "internal_dnc"})

_INTENTS: Final[Mapping[str, str]] = {
    "stop": "Asked us to stop",
    "start": "Asked to hear from us again",
    "help": "Asked for help",
    "unsure": "Wrote something that may mean stop",
    "no_calls": "Asked not to be called",
    "wrong_number": "Says this is the wrong number",
    "unsubscribe": "Unsubscribed by e-mail",
}

_OPTED_OUT: Final[Mapping[str, str]] = {
    "text": "Opted out by replying STOP",
    "words": "Opted out in their own words",
    "mail": "Opted out in an e-mail to us",
    "inquiry": "Opted out with what they wrote in a form",
    "agent": "Opted out: they told us, and a colleague wrote it down",
    "wrong_number": "This number belongs to somebody else: never written to again",
    "complained": "Opted out: marked our e-mail as spam",
    "unsubscribed": "Opted out: unsubscribed from our e-mail",
    "undelivered": "Opted out: the carrier says they asked for no texts",
    "preferences": "Opted out of this channel on their page of choices",
    "everything": "Opted out of everything on their page of choices",
    "objection": "Opted out: objected to marketing",
    "crm": "Opted out of this channel in the CRM",
    "crm_all": "Opted out in the CRM",
}

_EVENTS: Final[Mapping[str, str]] = {
    "opted_out": "Opted out",
    "opted_in": "Opted in again",
    "follow_up": "Said “not now”; to be asked again",
    "aside_taken_in": "Took in what had been set aside",
    "aside_dismissed": "Said of what had been set aside that it is no lead",
    "meeting_booked": "Booked a meeting",
    "visited": "Looked at your website",
    "meeting_moved": "Moved the meeting to another time",
    "meeting_cancelled": "Cancelled the meeting",
    "meeting_held": "The meeting took place, as far as we know",
    "meeting_no_show": "Did not come to the meeting",
    "booking_opened": "Opened their booking page",
    "became_hot": "Became hot",
    "replied": "Replied",
    "paused": "Automation paused: a person is asked",
    "resumed": "Automation goes on again",
    "contacted": "A colleague was in touch",
    "no_calls": "No more calls; texts stay allowed",
    "address_bounced": "Their e-mail address does not exist: no more automated mail goes there",
    "dead_letter_replayed": "Tried again by hand",
    "corrected": "Their data was corrected",
    "restricted": "Restricted: kept, not used",
    "unrestricted": "No longer restricted",
    "objected": "Objected to marketing",
    "address_confirmed": "They said they live at the place they gave",
    "address_unconfirmed": "That they live there was taken back",
    "record_shown": "Their whole record was opened",
    "exported": "A copy of their data was made",
    "call_given_up": "Three calls, and nobody answered: no more are planned",
    "call_undone": "What was said of a call was taken back",
    "untouched": "Found: they asked, and nobody of ours was in touch",
    "called_anyway": "A colleague chose to call, knowing what speaks against it",
    "call_outcome": "What came of a call was written down",
    "letter_undone": "Taken back before it went",
    "sent_anyway": "Sent all the same, with its warnings read",
    "action_skipped": "What was to come was skipped",
    "action_hurried": "What was to come went at once",
    "no_answer_needed": "Read; it needs no answer",
    "crm_fields_changed": "What is written into which property of the CRM was changed",
    "crm_deals_changed": "When deals are made in the CRM, and what its stages mean, was changed",
    "crm_key_made": "A property with unique values was made in the CRM",
    "crm_gone": "Their record in the CRM was deleted there",
    "crm_owner_refused": "The CRM names an owner who may not have this lead: it stays where it is",
    "enriched": "More is known about them now",
    "not_enriched": "Nothing more is known about them",
}

_PAUSED: Final[Mapping[str, str]] = {
    "unsure_reply": "their last reply may mean stop; call them, or write down that they asked you to stop",
    "no_calls": "they asked not to be called; a text from you is welcome",
    "user": "a colleague asked for it",
    "replied": "they wrote back, and a person answers",
}

_ABBREVIATED: Final = re.compile(r"[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)*")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def humanised(code: str) -> str:
    """A code as words: "circuit_opened" → "circuit opened"; what is text already stays as it is."""
    return re.sub("[_.-]", " ", code) if _ABBREVIATED.fullmatch(code) else code


def sentence(words: str) -> str:
    """The words with a capital at their head."""
    return words[:1].upper() + words[1:]


def vendor(name: str | None) -> str:
    """How a vendor is called."""
    return VENDORS.get(name or "", sentence(humanised(name or "")) or "The vendor")


def noun(kind: str) -> str:
    """What an action of this kind is called."""
    return NOUNS.get(kind) or sentence(humanised(kind))


def reason(code: str | None) -> str | None:
    """Why, in words; None when there is no reason."""
    if not code:
        return None
    said = _REASONS.get(code) or humanised(code)
    named = next((name for name in VENDORS if said.startswith((f"{name} ", f"{name}: "))), "")
    return vendor(named) + said.removeprefix(named) if named else said


def answer(text: Mapping[str, str | None] | None) -> str:
    """What became of the text to a lead, for their agent (R-CASE-13): {"state", "reason", "sentence"}, or None."""
    match (text or {}).get("state"):
        case "deferred" | "blocked" if text and text.get("sentence"):
            may_call = text.get("reason") not in _STOPS_ALL
            return f"{text['sentence']}. {'Please call' if may_call else 'They are not called, either'}"
        case "deferred" | "blocked" | "skipped" | "cancelled" | "expired" if text:
            why = reason(text.get("reason"))
            return "No text goes to them" + (f": {why}" if why else "")
        case "dead" | "unknown" | "undelivered":
            return "The text to them failed. Please call"
        case _:
            return "A text is on its way to them"


def paused(code: str | None) -> str:
    """Why automation is paused for somebody."""
    return _PAUSED.get(code or "") or humanised(code or "somebody asked for it")


def because(code: str | None) -> str | None:
    """Why this agent has the lead."""
    return (_ASSIGNED.get(code) or humanised(code)) if code else None


def consent(level: str) -> str:
    """What a level of consent means."""
    return _CONSENTS.get(level) or humanised(level)


def visit(paths: Sequence[str], views: int, seconds: int, nth: int) -> str:
    """Which pages somebody looked at: "Looked at /pricing and 3 more pages for 6 min, third visit"."""
    plain = (path.partition("?")[0] for path in paths)
    names = list(dict.fromkeys("the home page" if path == "/" else path for path in plain))
    text = f"Looked at {' and '.join(names[:2] if len(names) == 2 else names[:1]) or 'your website'}"
    if len(names) > 2:
        text += f" and {max(views, len(names)) - 1} more pages"
    if seconds >= 60:
        text += f" for {round(seconds / 60)} min" if seconds < 3600 else f" for {duration(seconds // 60 * 60)}"
    elif seconds:
        text += f" for {seconds} s"
    return f"{text}, {ordinal(nth)} visit"


def ordinal(number: int) -> str:
    """The number in order: first, second, 21st."""
    if number < len(_ORDINALS):
        return _ORDINALS[number]
    ending = "th" if number % 100 in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def shown(verdict: str) -> str:
    """What the way a form was shown proves."""
    said = _SHOWN.get(verdict) or humanised(verdict)
    return said if verdict == "proven" else f"Not proven: {said}"


def allowed(level: str, clock: str | None) -> str:
    """Why a message was let go; clock: what the recipient's showed."""
    because_of = _ALLOWED.get(level)
    said = f"Allowed: {because_of}" if because_of else "Allowed"
    return said + (f"; {clock} there" if clock else "")


def channel(name: str) -> str:
    """What travels by the channel: "Texts"."""
    return _CHANNELS.get(name) or sentence(humanised(name))


def door(name: str) -> str:
    """How somebody came to us: "a form"."""
    return _DOORS.get(name) or humanised(name)


def reply(intent: str, message_channel: str) -> str:
    """What somebody wrote to us, at the head of an entry: "Asked us to stop", "Replied by text"."""
    return _INTENTS.get(intent) or _REPLIES.get(message_channel, "Replied by e-mail")


def event(kind: str, by: str | None = None) -> str:
    """What happened, from the audit log; by: how, where the log says."""
    if kind == "opted_out" and by is not None and by in _OPTED_OUT:
        return _OPTED_OUT[by]
    return _EVENTS.get(kind) or sentence(humanised(kind))


def call(direction: str, state: str, name: str | None) -> tuple[str, str]:
    """(words, tone) for a call; name: who of the team talked, or is to."""
    who = name or "nobody"
    if direction == "out":
        said = f"{who} called them" if name else "A call to them"
    else:
        said = f"They called, and {who} answered" if state in {"talking", "ended"} else "They called"
    match state:
        case "planned" | "ringing":
            return f"{said}: ringing", "busy"
        case "talking":
            return f"{said}: talking now", "busy"
        case "missed":
            return f"{said}: missed", "bad"
        case "failed":
            return f"{said}: it did not go through", "bad"
        case _:
            return said, "said"


def outcome(code: str | None) -> str | None:
    """What came of a call."""
    return humanised(code) if code else None


def chip(kind: str, state: str) -> tuple[str, str]:
    """(words, tone) for the state of an action; tone: good, busy, wait, quiet, bad."""
    message, record, tone = _CHIPS.get(state, (humanised(state), humanised(state), "quiet"))
    if kind in {"chat", "human_chat"} and state in _CHAT_CHIPS:
        return _CHAT_CHIPS[state], tone
    if kind == "enrich" and state in _LOOKUP_CHIPS:
        return _LOOKUP_CHIPS[state], tone
    return (record if kind == "crm" else message), tone


def duration(seconds: float) -> str:
    """A stretch of time as people say it: "0.4 s", "12 s", "3 min 20 s", "2 h 5 min", "3 days"."""
    seconds = max(0.0, seconds)
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min" + (f" {whole % 60} s" if whole % 60 else "")
    if whole < 2 * 86_400:
        minutes = whole % 3600 // 60
        return f"{whole // 3600} h" + (f" {minutes} min" if minutes else "")
    return f"{whole // 86_400} days"


def lately(since: timedelta) -> str:
    """How long ago, as people say it: "just now", "20 min ago", "3 h ago", "2 days ago"."""
    minutes = int(since.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min ago"
    return f"{minutes // 60} h ago" if minutes < 2 * 1440 else f"{minutes // 1440} days ago"


def moment(at: datetime, zone: ZoneInfo, now: datetime, *, seconds: bool = False) -> str:
    """The instant on that clock, with its day where needed: "14:05", "Mon 30 Nov, 9:00", "3 Jan 2025, 9:00"."""
    local, today = at.astimezone(zone), now.astimezone(zone)
    clock = f"{local.hour}:{local.minute:02}" + (f":{local.second:02}" if seconds else "")
    if local.date() == today.date():
        return clock
    if abs(local - today) < timedelta(days=200):
        return f"{_WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}, {clock}"
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}, {clock}"


def appointment(at: datetime, zone: ZoneInfo) -> str:
    """When to be where, so that nobody can take it for another day or clock: "Tue 1 Dec, 3:00 pm EST"."""
    local = at.astimezone(zone)
    hour, half = local.hour % 12 or 12, "am" if local.hour < 12 else "pm"
    day = f"{_WEEKDAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}"
    return f"{day}, {hour}:{local.minute:02} {half} {local.tzname() or ''}".rstrip()


_MEETINGS: Final[Mapping[str, tuple[str, str]]] = {
    "booked": ("Booked a meeting", "good"),
    "held": ("Had a meeting", "good"),
    "no_show": ("Did not come to a meeting", "bad"),
    "cancelled": ("Booked a meeting, cancelled since", "quiet"),
    "rescheduled": ("Booked a meeting, moved since", "quiet"),
}


def meeting(state: str, starts_at: datetime | None, zone: ZoneInfo) -> tuple[str, str]:
    """(words, tone) for a meeting: "Booked a meeting: Tue 1 Dec, 3:00 pm EST"."""
    said, tone = _MEETINGS.get(state, (f"A meeting, {humanised(state)}", "quiet"))
    return (f"{said}: {appointment(starts_at, zone)}" if starts_at else said), tone


def phone(number: str | None) -> str:
    """A US number as people dial it, "(813) 555-0194"; others as they are."""
    if number and len(number) == 12 and number.startswith("+1"):
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number or ""


def masked_email(address: str) -> str:
    """Enough of an address for its owner to know it by: "m•••@example.com"."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain}"


def ending(number: str) -> str:
    """Enough of a number for its owner to know it by: "ending in 0194"."""
    return f"ending in {number[-4:]}"
