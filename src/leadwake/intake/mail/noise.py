"""Mails that are no leads though they speak like one: bounces, digests, alerts, bills, calendars, colleagues.

A code each, so that a person who looks for a mail sees why it is none. What is hard holds whatever else is said; what
is soft gives way to a subject that says: here is somebody who asks.
"""

from __future__ import annotations

import re
from typing import Final

from leadwake.intake.mail.parts import Mail
from leadwake.intake.phrases import any_of, headed

_BOUNCER = re.compile(r"(?:mailer-daemon|postmaster|mail-daemon|bounces?)(?:[+=.-].*)?$", re.IGNORECASE)
_BOUNCED = any_of(r"""
undeliver(?:ed|able)|returned mail|returned to sender|failure notice|message not delivered|could not be delivered
delivery status notification|mail delivery (?:failed|subsystem|failure)|delivery (?:failure|has failed|incomplete)
""")
_AWAY = any_of(r"""
\s*(?:automatic reply|auto(?:matic)?[- ]?(?:reply|response|responder)|out of (?:the )?office|ooo\b|away from|vacation)
\s*(?:i am (?:away|out)|abwesen|respuesta automática|réponse automatique)
""")
_AUTOMATIC = ("x-autoreply", "x-autorespond", "x-auto-response-suppress-reply", "x-autoresponder")
_INVITED = any_of(r"""
\s*(?:(?:updated )?invitation|accepted|declined|tentative(?:ly accepted)?|cancell?ed(?: event)?|rescheduled)\s*:
\s*(?:new event|event (?:canceled|updated)|meeting (?:request|canceled|invitation))\s*:
""")

#: code, "!" when it holds whatever else is said, and how subjects of the kind read
_TABLE: Final = r"""
hot_sheet !
  \bhot ?sheet\b
  \bdigest\b
  \b(?:daily|weekly|monthly|quarterly)\b.{0,40}\b(?:leads?|summary|report|recap|update|briefing|roundup)\b
  \b(?:daily|weekly|monthly|quarterly|morning|evening)\b.{0,40}\b(?:activity|stats|email|newsletter|pipeline)\b
  \b(?:morning|evening)\b.{0,40}\b(?:leads|summary|report|recap|update|briefing|roundup|overview)\b
  \b(?:lead|leads|activity|pipeline|team) (?:summary|recap|roundup|overview|report)\b
  \b(?:\d{1,4}|your|these|some) (?:\w+ ){0,2}(?:leads|people|contacts|clients)\b.{0,30}\b(?:call|wait|today)
  \b(?:\d{1,4}|your|these|some) (?:\w+ ){0,2}(?:leads|people|contacts|clients)\b.{0,30}\b(?:week|month|need)
  \b(?:[2-9]|\d\d+) (?:\w+ ){0,2}(?:leads|inquiries|prospects)\b
  \b(?:uncontacted|unclaimed|neglected|stale|overdue) leads\b
activity !
  \b(?:status|stage) (?:changed|updated)\b|\b(?:new )?note (?:added|on|about)\b|\bcommented on\b|\bmentioned you\b
  \b(?:deal|lead) (?:closed|won|lost|archived|transferred|reassigned|unassigned|merged|updated)\b
  \bback on (?:your|the) (?:web)?site\b
  \b(?:re)?visited your\b
  \breturned to your\b
  \bsaved (?:a|an|\d+) (?:new )?(?:listing|home|search|propert)
  \bfavou?rited\b
  \bopened your (?:e-?mail|message)
  \bclicked (?:on )?(?:your|a)\b
  \b(?:lead|hot|recent|web(?:site)?|client|contact) activity\b
  \bactivity (?:alert|on|update)\b
  \bviewed (?:\d+|your|a|an|several|multiple|the)
  \bis (?:active|online) (?:again|now|on)\b
  \bre-?engaged\b
  \bis browsing\b
  \b(?:has )?become a hot\b|\bupdated (?:his|her|their)\b|\bscore (?:changed|went|is|rose|dropped)\b
  \bwants to connect\b|\b(?:connection|friend) request\b|\breplied to your text\b|\bunsubscribed\b
  \bviewing (?:a )?(?:home|listing|propert)
calendar !
  \bappointment (?:reminder|confirm|cancel|resched)
  \bmeeting (?:reminder|confirm|notes|at|on|with)\b
  \bcalendar\b
  ^(?:new |updated )?event\b
reminder !
  \breminder\b
  \btasks? (?:due|assigned|overdue|reminder|for)\b
  \bdue (?:today|tomorrow|now|soon)\b
  \boverdue\b
  \bto-?do\b
  \bfollow[- ]?up (?:due|with|reminder|task)\b
  \bdon'?t forget\b
  \bstill (?:waiting|unanswered)\b
billing !
  \b(?:low|account) balance\b|\breturns? (?:request|processed|approved|denied)\b
  \bsubscription (?:has|was|is|will|renew|expir|cancel)|\bdisputes?\b
  \bcredit(?:ed)? (?:was|request|for|issued)\b
  \binvoices?\b
  \breceipts?\b
  \bpayments? (?:received|due|failed|confirm|method|declin|reminder|was|of|is|processed)
  \bbilling\b
  \bstatement\b
  \byour (?:bill|subscription|order|purchase|membership|plan|renewal)\b
  \border (?:confirm|#|no|\d|update|status)
  \brefund
  \bpast due\b
  \bauto-?pay\b
  \bcredit card\b
  \bcard (?:on file|expir|declin)
  \bthank you for your (?:order|purchase|payment)
  \bpurchase (?:confirm|order)
  \bwill be (?:charged|billed)\b
  \bcharge[sd]? (?:to|for|of)\b
account !
  \bpassword\b
  \bverif(?:y|ication)\b
  \bconfirm your (?:e-?mail|account|address|identity|registration)
  \bsecurity (?:alert|code|notice|update|warning)
  \b(?:new|unusual|suspicious) (?:sign|log)[- ]?in\b
  \b(?:sign|log)[- ]?in (?:code|link|attempt|alert|from)\b
  \bone[- ]time\b
  \btwo[- ](?:factor|step)\b
  \b2fa\b
  \bactivate your\b
  \bwelcome (?:to|aboard)\b
  \byour .{0,30}account\b
  \baccount (?:created|update|set ?up|settings|locked|suspended|notice|alert)
  \bget(?:ting)? started\b
  \bterms of (?:service|use)\b
  \bpolicy update
  \baccess code\b
  \blogin\b
support !
  \berrors? (?:on|in|with|for)\b|\b(?:was|has been) (?:turned off|paused|disabled)\b
  \[?\b(?:ticket|case) ?(?:#|no\b|id\b|number|\d)
  \bwe(?:'ve| have)? received your (?:request|message|ticket|e-?mail)\b
  \byour (?:support )?(?:request|ticket|case) (?:has|was|is|#)|\babuse report\b
transaction !
  \bcontract (?:accepted|signed|received|for|ratified)\b|\bunder contract\b|\bescrow\b|\bearnest money\b|\bcommission\b
  \boffers? (?:accepted|received|on|for|submitted|declined|rejected)\b|\bclosing (?:scheduled|date|confirmed|on|at|is)\b
  \bclear to close\b|\bappraisal (?:ordered|received|scheduled|complete)\b|\btitle (?:report|commitment|order)\b
upkeep !
  \bmaintenance\b|\bwork ?order\b|\brepair (?:request|ticket)\b
shipping !
  \b(?:has )?shipped\b
  \byour (?:package|parcel|delivery|shipment)\b
  \btracking (?:number|#|info)
  \bout for delivery\b
document !
  \bdocu ?sign\b
  ^completed:
  \bsignature (?:requested|required|needed)\b
  \bplease (?:e-?)?sign\b
  \bsigned\b
  \be-?sign(?:ature)?\b
  \bdocuments? (?:ready|shared|for|completed|signed|uploaded)\b
  \bshared .{1,40} with you\b
  \bclosing (?:disclosure|documents)\b
  \bcounter ?offer\b
  \binspection report\b
showing !
  \bshowing (?:confirmed|feedback|cancel|approved|resched|declined|appointment|update)
  \bfeedback (?:request|received|for|on)
  \bconfirmed showing\b
review !
  \bnew review\b
  \b(?:left|wrote|posted) (?:you )?a review\b
  \breview (?:request|from|received|us)\b
  \brate your\b
job !
  \bjob\b
  \bapplications? (?:for|received for).{0,40}\b(?:manager|assistant|agent|position|role|coordinator|clerk|engineer)
  \bapplications? (?:for|received for).{0,40}\b(?:sales|admin\w*|producer|intern|specialist|representative)
  \bapplications? ?:.{0,40}\b(?:manager|assistant|agent|position|role|coordinator|clerk|sales|admin\w*|producer)
  \bresum[eé]s?\b
  \bcandidates?\b
  \bapplied (?:to|for) your\b
  \bcareers?\b
  \bhiring\b
  \bnew applicant\b
  \bnew application: (?!rental)
voicemail !
  \bvoice ?mail\b
  \bvoice message\b
  \bfax (?:received|from)\b
  \bnew fax\b
report !
  \bmarket (?:report|update|snapshot|watch|trends?|stats|analysis|insights|conditions)\b
  \bperformance (?:report|summary|update)\b
  \b(?:analytics|statistics|stats|insights)\b
  \b\d[\d,]* (?:\w+ )?(?:views|visits|visitors|impressions|saves|clicks)\b
  \blisting (?:report|performance|stats|traffic)\b
  \bhow your (?:listing|home|ad)\b
  \btraffic report\b
listing_alert
  \bprice (?:cut|drop|change|reduc|improve|decrease|increase|adjust|alert)
  \bnew (?:listings?|homes?|rentals?|propert(?:y|ies)) (?:for|in|match\w*|that|near|on|available|alerts?|you|to)\b
  \bnew matches (?:for|in|match|that|near|on|available|alerts?|you|to)\b
  \bhomes? (?:for you|you may|matching|in your)
  \bopen houses? (?:this|in|near|on|alert|weekend)
  \bjust (?:listed|sold)\b
  \bback on (?:the )?market\b
  \bcoming soon\b
  \bsaved (?:search|home)
  \byour (?:saved )?search\b
  \bmatch(?:es|ing)? your\b
  \bsimilar homes\b
  \brecommended (?:for|homes)
  \bstatus change
  \bnew (?:to|on) (?:the )?market\b
  \b(?:listing|property|home) alerts?\b
  \bsold near\b
  \bhome value (?:update|report|estimate changed)
  \bzestimate\b
  \bnew price\b
  \bjust reduced\b
  \bprice was\b
marketing
  \bwebinar\b
  \b\d+% off\b
  \bsave (?:\d|\$|up to|big)
  \bsale ends\b
  \bfree trial\b
  \bdemo\b
  \btips\b
  \bhow to\b
  \bways to\b
  \bboost\b
  \bgrow your\b
  \bget more\b
  \bmore leads\b
  \bconvert(?:ing)?\b
  \btraining\b
  \bcourse\b
  \be-?book\b
  \blast chance\b
  \blimited[- ]time\b
  \bupgrade\b
  \bintroducing\b
  \bannounc
  \bnewsletter\b
  \bwhat'?s new\b
  \bproduct update
  \bsurvey\b
  \bconference\b
  \bjoin (?:us|our)\b
  \bregister (?:now|today)\b
  \bspecial offer\b
  \bpartner program\b
  \bdon'?t miss\b
  \bexclusive offer\b
  \bdeals?\b
  \bbecome a\b
  \bexpand your\b
  \bstand out\b
  \bearn\b
  \bwin\b
  \bmeet (?:the|your) (?:new|team)\b
  \bunlock\b
  \bsponsor
  \badvertis
  \bquick question\b
  \bopportunity for (?:you|agents)\b
  \bproposal\b
"""
_SUBJECTS: Final = tuple(
    (heading.removesuffix(" !"), heading.endswith("!"), any_of("\n".join(lines))) for heading, lines in headed(_TABLE)
)
#: what a mail about somebody already known says in its first lines
_KNOWN_PERSON = any_of(r"""
\b(?:viewed|saved|favou?rited|opened|clicked|searched for) (?:\d+|your|a|an|the|this|several|multiple)\b
\bis back on\b|\bhas (?:returned|been active)\b|\bno activity (?:in|for)\b|\bvisited (?:\d+|your|the|several)\b
""")


def structural(mail: Mail) -> str:
    """The code of a mail that no person wrote to be read by us: a bounce or an automatic reply; "" otherwise."""
    sender = next(iter(mail.mailboxes("from")), None)
    subject = mail.line("subject")
    if mail.kind == "multipart/report" or any(part.kind == "message/delivery-status" for part in mail.parts):
        return "bounce"
    if "x-failed-recipients" in mail.headers or _BOUNCED.search(subject):
        return "bounce"
    if sender and _BOUNCER.match(sender.local):
        return "bounce"
    automatic = mail.line("auto-submitted").lower()
    if automatic.startswith("auto-replied") or any(name in mail.headers for name in _AUTOMATIC):
        return "auto_reply"
    if mail.line("precedence").lower() in {"auto_reply", "auto-reply"} or _AWAY.match(subject):
        return "auto_reply"
    return ""


def is_invitation(mail: Mail) -> bool:
    """Whether it is about an appointment in a calendar."""
    has_event = any(part.kind == "text/calendar" or part.name.lower().endswith(".ics") for part in mail.parts)
    return _INVITED.match(mail.line("subject")) is not None or has_event


def subject_code(subject: str) -> tuple[str, bool]:
    """(code, whether it holds whatever else is said) of a subject; ("", False) when it is of no known kind."""
    subject = subject[:300]
    return next(((code, hard) for code, hard, pattern in _SUBJECTS if pattern.search(subject)), ("", False))


def is_of_known_person(text: str) -> bool:
    """Whether first lines tell what somebody did who is a lead already."""
    return _KNOWN_PERSON.search(text[:1_000]) is not None


def is_bulk(mail: Mail) -> bool:
    """Whether it went to many: it names a list, or a way off one."""
    return (
        "list-unsubscribe" in mail.headers
        or "list-id" in mail.headers
        or mail.line("precedence").lower() in {"bulk", "list", "junk"}
    )
