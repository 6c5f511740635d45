"""Whether a letter holds a lead, and the code why not."""

from __future__ import annotations

from leadwake.intake.mail import noise
from leadwake.intake.mail.fields import Found
from leadwake.intake.mail.letter import Letter
from leadwake.intake.mail.quotes import is_reply
from leadwake.intake.mail.wish import is_spam
from leadwake.intake.mail.words import asks, asks_first
from leadwake.intake.portals import FORM

#: what only mails of leads say: what insurance is wanted, which advertisement was answered
_OF_FORMS = frozenset({"line", "ad_name", "campaign", "form_name", "leadgen_id"})


def refusal(letter: Letter, found: Found, *, is_invitation: bool) -> str:
    """
    "" when the letter is a lead; else "hot_sheet", "billing", "reply", "no_contact", "newsletter", …

    is_invitation: it is about an appointment in a calendar.
    """
    lead, subject = found.lead, letter.subject
    says_so = asks(subject) or any(asks(line) for line in letter.opening.splitlines())
    if code := _noise(letter, found):
        return code
    said = lead.message or ("" if found.is_labelled or letter.known else letter.opening)
    if said and not lead.relay_email and is_spam(said):
        return "spam"
    if is_invitation and not (says_so and found.is_labelled):
        return "calendar"
    if found.is_list:
        return "hot_sheet"
    if _is_answer(letter, found):
        return "internal" if letter.is_ours else "reply"
    if noise.is_of_known_person(letter.opening) and not asks(subject):
        return "activity"
    if not found.can_be_reached:
        is_sure = says_so and lead.name and letter.known and not letter.is_bulk
        return "" if is_sure else "no_contact"
    if lead.relay_email and (asks(subject) or not letter.is_bulk):
        return ""
    return _of_words(letter, found, says_so=says_so)


def _noise(letter: Letter, found: Found) -> str:
    """The kind of noise that the subject is of, unless it says besides that somebody asks, and who."""
    code, is_hard = noise.subject_code(letter.subject)
    if not code or (asks_first(letter.subject) and found.is_labelled and found.lead.name and not found.is_list):
        return ""
    first_name = (found.lead.name or "").split()[:1]
    is_named = found.can_be_reached and any(name in letter.subject for name in first_name)
    is_told = asks(letter.subject) and (found.is_labelled or found.lead.relay_email or is_named)
    return "" if is_told and not is_hard else code


def _is_answer(letter: Letter, found: Found) -> bool:
    """Whether it goes on with a conversation; machines answer nobody, though they thread their mails."""
    if not letter.is_answer:
        return False
    is_machine = letter.known is not None and not found.lead.relay_email
    return not (is_machine and (found.is_labelled or letter.is_from_role or not is_reply(letter.subject)))


def _of_words(letter: Letter, found: Found, *, says_so: bool) -> str:
    """The verdict where somebody can be reached: by what is said, by whom, to how many."""
    lead = found.lead
    is_to_one = not letter.is_bulk or (lead.name and asks(letter.subject))
    if says_so and (
        found.is_labelled or (is_to_one and (letter.known or letter.is_from_role or asks_first(letter.subject)))
    ):
        is_chat = letter.is_ours and not letter.is_from_role and not asks(letter.subject)
        return "internal" if is_chat else ""
    if letter.is_bulk:
        return "newsletter"
    is_of_form = letter.known is not None and letter.known.kind == FORM and found.is_named
    says_more = is_of_form or lead.message or lead.property_address or _OF_FORMS & lead.extra.keys()
    if found.is_labelled and lead.name and says_more and (letter.known or letter.is_from_role):
        return ""
    return "internal" if letter.is_ours else "not_a_lead"
