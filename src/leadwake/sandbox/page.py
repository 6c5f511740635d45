"""The page of what the vendors received: texts as a person sees them, mail, CRM records, behaviour."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from leadwake.sandbox import page_calls, slack_page
from leadwake.sandbox.behaviour import MODES
from leadwake.sandbox.bodies import Unreadable, form
from leadwake.sandbox.markup import Markup, html, join, linked
from leadwake.sandbox.numbers import clock, pretty_phone
from leadwake.sandbox.vendors.hubspot import Contact
from leadwake.sandbox.vendors.sendgrid import Mail, recipients
from leadwake.sandbox.vendors.twilio import Reply, Text, segments
from leadwake.sandbox.wire import Answer, Request

if TYPE_CHECKING:
    from leadwake.sandbox.app import Sandbox

MAX_CONVERSATIONS = 25
MAX_BUBBLES = 12
MAX_MAILS = 25
MAX_CALLS = 15
MAX_CONTACTS = 25
MAX_MESSAGES = 25
MAX_TEXT_CHARS = 4_000
MAIN_VENDORS = 4

CSP = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: A mail as its designer sees it: no script, no network, no way out of its frame.
MAIL_CSP = (
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'"
)

NAMES: Mapping[str, str] = {
    "twilio": "Twilio",
    "sendgrid": "SendGrid",
    "hubspot": "HubSpot",
    "slack": "Slack",
    "apollo": "Apollo",
    "calendly": "Calendly",
    "gohighlevel": "GoHighLevel",
    "meta": "Meta",
}
TABS: Mapping[str, str] = {
    "texts": "Texts", "calls": "Calls", "mail": "Mail", "slack": "Slack", "crm": "CRM", "vendors": "Vendors",
}  # fmt: skip
#: Shown of a contact besides its name and addresses.
_PLAIN = frozenset({"email", "phone", "mobilephone", "firstname", "lastname"})

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Sandbox · Leadwake</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css">
<script src="/page.js" defer></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>
</head>
<body data-show="{}">
<header>
<div class="brand"><span class="mark" aria-hidden="true"></span><div><h1>Sandbox</h1>
<p>Nothing leaves this machine.</p></div></div>
<form method="post" action="/clear"><input type="hidden" name="show" value="{}">
<button class="quiet">Clear</button></form>
</header>
<nav aria-label="What they received" data-live="nav">{}</nav>
<main>
<section id="texts" aria-labelledby="h-texts"><h2 id="h-texts">Texts</h2><div data-live="texts">{}</div></section>
<section id="calls" aria-labelledby="h-calls"><h2 id="h-calls">Calls</h2>
<form class="card dialler" method="post" action="/call"><label for="from">Call the team from</label>
<input id="from" name="from" maxlength="20" value="+18135550142" autocomplete="off" inputmode="tel">
<button class="send">Call</button></form><div data-live="calls">{}</div></section>
<section id="mail" aria-labelledby="h-mail"><h2 id="h-mail">Mail</h2><div data-live="mail">{}</div></section>
<section id="slack" aria-labelledby="h-slack"><h2 id="h-slack">Slack</h2><div data-live="slack">{}</div></section>
<section id="crm" aria-labelledby="h-crm"><h2 id="h-crm">CRM</h2><div data-live="crm">{}</div></section>
<section id="vendors" aria-labelledby="h-vendors"><h2 id="h-vendors">Vendors</h2>
<div data-live="vendors">{}</div></section>
</main>
</body>
</html>
"""


def page(sandbox: Sandbox, request: Request) -> Answer:
    """The page as it is now; `?show=` chooses what a phone shows first."""
    try:
        show = form(request.query).get("show", "")
    except Unreadable:
        show = ""
    show = show if show in TABS else "texts"
    since = sandbox.shown_since
    contacts = list(sandbox.hubspot.newest(since, MAX_CONTACTS))
    known = _names_by_phone(contacts)
    talks = [
        _conversation(person, said, known) for person, said in sandbox.twilio.conversations(since, MAX_CONVERSATIONS)
    ]
    lines = [page_calls.card(line, known) for line in sandbox.twilio.voice.lines(since, MAX_CALLS)]
    mails = [_mail(mail) for mail in sandbox.sendgrid.newest(since, MAX_MAILS)]
    people = sandbox.slack.people()
    chat = [slack_page.message(one, people, clock(one.at)) for one in sandbox.slack.newest(since, MAX_MESSAGES)]
    counts = {
        "texts": len(talks), "calls": len(lines), "mail": len(mails), "slack": len(chat), "crm": len(contacts),
    }  # fmt: skip
    body = html(
        _PAGE,
        show,
        show,
        _tabs(show, counts),
        join(talks) or _empty("No texts yet", "A lead that may be texted gets one within a second."),
        join(lines) or _empty("No calls yet", "Call the team above, or call a lead from their page."),
        join(mails) or _empty("No mail yet", "Mail to leads and alerts to agents show here."),
        join(chat) or _empty("No Slack messages yet", "Alerts to agents show here, with buttons that work."),
        join([_contact(contact) for contact in contacts]) or _empty("No records yet", "Each lead becomes a contact."),
        _vendors(sandbox),
    )
    return Answer(200, body.encode("utf-8", "replace"), "text/html; charset=utf-8", secured(CSP))


def mail_as_designed(mail: Mail) -> Answer:
    """The mail's HTML part alone, for a frame that can do nothing."""
    parts = {part["type"]: part["value"] for part in mail.read().get("content") or []}
    body = parts.get("text/html") or html("<pre>{}</pre>", parts.get("text/plain", ""))
    return Answer(200, body.encode("utf-8", "replace"), "text/html; charset=utf-8", secured(MAIL_CSP))


@lru_cache
def asset(name: str) -> bytes:
    """A file that lies beside this one."""
    return (Path(__file__).parent / name).read_bytes()


def secured(csp: str) -> tuple[tuple[str, str], ...]:
    """The headers that keep a page safe."""
    return (
        ("content-security-policy", csp),
        ("x-content-type-options", "nosniff"),
        # Not no-referrer: under it browsers send "Origin: null" with the page's own forms.
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
    )


def _tabs(show: str, counts: Mapping[str, int]) -> Markup:
    return join(
        [
            html(
                '<a href="/?show={}" data-key="{}"{}>{}{}</a>',
                tab,
                tab,
                Markup(' aria-current="page"') if tab == show else "",
                name,
                html("<b>{}</b>", counts[tab]) if counts.get(tab) else "",
            )
            for tab, name in TABS.items()
        ]
    )


def _empty(title: str, text: str) -> Markup:
    return html('<div class="empty" data-key="empty"><p><strong>{}</strong></p><p>{}</p></div>', title, text)


# texts


def _conversation(person: str, said: list[Text | Reply], known: Mapping[str, str]) -> Markup:
    name = known.get(person[-10:])
    shown = said[-MAX_BUBBLES:]
    earlier = len(said) - len(shown)
    more = html('<p class="earlier">{} earlier</p>', earlier) if earlier else ""
    return html(
        """<article class="card talk" data-key="talk-{}"><header><span class="face h{}" aria-hidden="true">{}</span>
<div><h3>{}</h3><p>{}</p></div></header>
<div class="bubbles" data-part="bubbles">{}{}</div>{}</article>
""",
        person,
        _hue(name or person),
        _initials(name) if name else person[-2:],
        name or pretty_phone(person),
        pretty_phone(person) if name else "One of the team" if _is_colleague(said) else "Not in the CRM yet",
        more,
        join([_bubble(item) for item in shown]),
        _reply_form(person, name.split()[0] if name else pretty_phone(person)),
    )


def _is_colleague(said: list[Text | Reply]) -> bool:
    """True when alerts went there: each ends in a link that nobody but an agent gets."""
    return any("/a/" in item.body for item in said if isinstance(item, Text))


def _bubble(item: Text | Reply) -> Markup:
    if isinstance(item, Reply):
        state = item.outcome or "on its way"
        return html(
            '<div class="theirs{}"><p>{}</p><small>{} · {}</small></div>',
            "" if item.arrived or item.outcome is None else " bad",
            item.body,
            clock(item.at),
            state,
        )
    status = item.status(time.time())
    count = segments(item.body)
    return html(
        '<div class="ours"><p>{}</p><small>{} · <span class="s {}">{}</span>{}</small></div>',
        linked(item.body),
        clock(item.at),
        status,
        status,
        f" · {count} segments" if count > 1 else "",
    )


def _reply_form(person: str, name: str) -> Markup:
    # Send comes first: Enter presses the first button.
    return html(
        """<form class="reply" method="post" action="/reply">
<input type="hidden" name="to" value="{}">
<input name="body" maxlength="1600" autocomplete="off" placeholder="Reply as {}" aria-label="Reply as {}">
<button class="send">Send</button><button class="quiet" name="quick" value="STOP">STOP</button></form>
<form class="call-as" method="post" action="/call">
<button class="quiet" name="from" value="{}">Call the team as {}</button></form>""",
        person,
        name,
        name,
        person,
        name,
    )


# mail


def _mail(mail: Mail) -> Markup:
    read = mail.read()
    parts = {part["type"]: part["value"] for part in read.get("content") or []}
    to = ", ".join(email for email, _ in recipients(read))
    sender = read["from"]
    subject = read.get("subject") or read["personalizations"][0].get("subject") or "(template)"
    status = mail.status(time.time())
    designed = html(
        """<details><summary>As designed</summary>
<iframe src="/mail/{}" sandbox loading="lazy" title="The mail as designed">
</iframe></details>""",
        mail.id,
    )
    return html(
        """<article class="card mail" data-key="mail-{}"><header><div><h3>{}</h3>
<p>To {}</p><p>From {}</p></div><small data-part="state">{}<br><span class="s {}">{}</span></small></header>
<p class="letter">{}</p>{}<form class="reply" method="post" action="/answer">
<input type="hidden" name="mail" value="{}">
<input name="body" maxlength="1600" autocomplete="off" placeholder="Answer it" aria-label="Answer this mail">
<button class="send">Send</button><button class="quiet" name="quick" value="STOP">STOP</button></form></article>
""",
        mail.id,
        subject,
        to,
        f"{sender.get('name')} <{sender['email']}>" if sender.get("name") else sender["email"],
        clock(mail.at),
        status,
        status,
        linked(parts.get("text/plain", "")[:MAX_TEXT_CHARS]),
        designed if "text/html" in parts else "",
        mail.id,
    )


# the CRM


def _contact(contact: Contact) -> Markup:
    properties = contact.properties
    name = _full_name(properties) or properties.get("email") or f"Contact {contact.id}"
    changed = contact.updated_at > contact.created_at
    rows = [
        html("<dt>{}</dt><dd>{}</dd>", key.replace("_", " "), value[:300])
        for key, value in properties.items()
        if key not in _PLAIN and value
    ]
    return html(
        """<article class="card contact" data-key="contact-{}"><header>
<span class="face h{}" aria-hidden="true">{}</span>
<div><h3>{}</h3><p>{}</p><p>{}</p></div><small>{}<br>{}</small></header>{}</article>
""",
        contact.id,
        _hue(name),
        _initials(name),
        name,
        properties.get("email"),
        pretty_phone(properties.get("phone", "")),
        clock(contact.updated_at),
        "updated" if changed else "created",
        html("<dl>{}</dl>", join(rows)) if rows else "",
    )


def _names_by_phone(contacts: list[Contact]) -> dict[str, str]:
    """Last ten digits of a number → who the CRM says it is."""
    known = {}
    for contact in contacts:
        digits = "".join(filter(str.isdigit, contact.properties.get("phone", "")))
        if len(digits) >= 10 and (name := _full_name(contact.properties)):
            known[digits[-10:]] = name
    return known


def _full_name(properties: Mapping[str, str]) -> str:
    return " ".join(filter(None, (properties.get("firstname"), properties.get("lastname")))).strip()


# vendors


_FORM_AT_META = Markup(
    """<form class="card vendor" method="post" action="/leadgen" data-key="leadgen"><header>
<span class="lamp ok"></span><div><h3>Lead form on Facebook</h3><p>Somebody new fills it in each time</p></div></header>
<div class="modes"><button>Fill it in</button></div></form>
"""
)
_OTHERS = """<details class="others" data-key="others"><summary>More vendors{}</summary>{}</details>"""
_LABELS = {"ok": "OK", "slow": "Slow", "throttle": "Throttle", "error": "Error", "cut": "Cut", "refuse": "Refuse"}
_MEANINGS = {
    "ok": "Works and answers",
    "slow": "Waits 5 s before it works",
    "throttle": "Answers 429, does nothing",
    "error": "Answers 5xx, does nothing",
    "cut": "Does the work, then cuts the connection without an answer",
    "refuse": "Closes the connection at once",
}


def _vendors(sandbox: Sandbox) -> Markup:
    """The ones that every lead meets, then the others behind one line."""
    names = list(sandbox.vendors)
    others = join([_vendor(sandbox, name) for name in names[MAIN_VENDORS:]])
    bad = [NAMES[name] for name in names[MAIN_VENDORS:] if sandbox.conducts[name].current.mode != "ok"]
    note = f" ({', '.join(bad)} misbehaving)" if bad else ""
    return join(
        [
            *(_vendor(sandbox, name) for name in names[:MAIN_VENDORS]),
            _registration(sandbox.twilio.account.campaign),
            _FORM_AT_META,
            html(_OTHERS, note, others),
        ]
    )


def _registration(campaign: str) -> Markup:
    """The carriers' answer about the practice number, for whoever walks through going live."""
    buttons = [
        html(
            '<button name="campaign" value="{}"{}>{}</button>',
            status,
            Markup(' aria-pressed="true"') if status == campaign else "",
            label,
        )
        for status, label in (("PENDING", "Pending"), ("VERIFIED", "Approved"), ("FAILED", "Refused"))
    ]
    return html(
        """<form class="card vendor" method="post" action="/a2p" data-key="a2p"><header>
<span class="lamp {}" data-part="lamp"></span>
<div><h3>Carrier registration</h3><p data-part="state">{}</p></div></header>
<div class="modes" data-part="modes" role="group" aria-label="What the carriers say">{}</div></form>
""",
        "ok" if campaign == "VERIFIED" else "slow",
        f"the campaign is {campaign.lower().replace('_', ' ')}",
        join(buttons),
    )


def _vendor(sandbox: Sandbox, name: str) -> Markup:
    conduct = sandbox.conducts[name].as_json()
    buttons = [
        html(
            '<button name="mode" value="{}" title="{}"{}>{}</button>',
            mode,
            _MEANINGS[mode],
            Markup(' aria-pressed="true"') if mode == conduct["mode"] else "",
            _LABELS[mode],
        )
        for mode in MODES
    ]
    return html(
        """<form class="card vendor" method="post" action="/behaviour/{}" data-key="vendor-{}"><header>
<span class="lamp {}" data-part="lamp"></span><div><h3>{}</h3><p data-part="state">{}</p></div>
<select name="for_s" aria-label="How long {} misbehaves"><option value="10">for 10 s</option>
<option value="60" selected>for 1 min</option><option value="300">for 5 min</option>
<option value="">for good</option></select>
</header><div class="modes" data-part="modes" role="group" aria-label="How {} behaves">{}</div></form>
""",
        name,
        name,
        conduct["mode"],
        NAMES[name],
        _state(conduct, sandbox.counts[name]),
        NAMES[name],
        NAMES[name],
        join(buttons),
    )


def _state(conduct: Mapping[str, Any], count: int) -> str:
    if conduct["mode"] == "ok" and conduct["delay_ms"] == 0:
        return f"{count:,} taken" if count else "ready"
    facts = (
        f"{conduct['delay_ms']:,} ms" if conduct["delay_ms"] else "",
        f"{conduct['share']:.0%} of requests" if conduct["share"] < 1 else "",
        f"{max(1, round(conduct['left_s']))} s left" if conduct["left_s"] is not None else "",
    )
    return ", ".join(filter(None, facts)) or "until changed"


# words and numbers


def _hue(name: str) -> int:
    """One of six colours, the same for the same person."""
    return int(sha256(name.encode("utf-8", "replace")).hexdigest()[:4], 16) % 6


def _initials(name: str) -> str:
    words = [word for word in name.split() if word[:1].isalpha()] or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()
