"""The practice booking page: press a time, move or cancel it, say that nobody came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from leadwake.sandbox.bodies import Unreadable, form
from leadwake.sandbox.markup import Markup, html, join
from leadwake.sandbox.page import CSP, secured
from leadwake.sandbox.vendors.calendly import Calendly, Meeting
from leadwake.sandbox.wire import Answer, Request

#: UTC hours of the times that are offered on each of the next days
_HOURS = (15, 18, 20)
_DAYS = 3
_CARRIED = ("link", "name", "email", "utm_campaign", "utm_source", "utm_medium", "utm_content", "utm_term")

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Practice booking</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"></head>
<body class="alone"><main><section><article class="card booking"><h1>{}</h1>{}
<p><small>Practice booking page: a stand-in for Calendly. Nothing leaves this machine.</small></p>
</article></section></main></body></html>
"""


def desk(calendly: Calendly, request: Request, path: str) -> Answer | None:
    """A page, or what somebody presses on one; None for what is neither."""
    try:
        fields = form(request.query if request.method == "GET" else request.body)
    except Unreadable:
        fields = {}
    match request.method, path:
        case "GET", "/book":
            return _book(calendly, fields)
        case "POST", "/_book":
            meeting = calendly.book(fields, request.header(b"host"))
            return _to(meeting) if meeting else _said(409, "This link was used before", "Ask for a new one.")
        case "GET", "/_booking":
            meeting = calendly.meetings.get(fields.get("id", ""))
            return _booking(meeting) if meeting else None
        case "POST", "/_booking":
            meeting = calendly.meetings.get(fields.get("id", ""))
            return _do(calendly, meeting, fields, request.header(b"host")) if meeting else None
        case "POST", "/_disable":
            calendly.disable()
            return Answer.json(200, {"disabled": len(calendly.hooks)})
    return None


def _book(calendly: Calendly, fields: Mapping[str, str]) -> Answer:
    link = calendly.link(fields.get("link", ""))
    if fields.get("link") and link is None:
        return _said(404, "There is no such link", "Open it again from the whole message.")
    if link is not None and link.used_by:
        return _said(410, "This link was used before", "It books one meeting, and did.")
    hidden = join([html('<input type="hidden" name="{}" value="{}">', name, fields.get(name, "")) for name in _CARRIED])
    whose = html("<p>For <b>{}</b>, {}</p>", fields.get("name"), fields.get("email")) if fields.get("name") else ""
    body = html('{}<form class="times" method="post" action="/calendly/_book">{}{}</form>', whose, hidden, _times())
    return _page("Pick a time", body)


def _booking(meeting: Meeting) -> Answer:
    when = html("<p><b>{}</b>, {}</p>", _words(meeting.starts_at), meeting.name)
    if meeting.status != "active":
        said = "It was moved to another time." if meeting.new else "It was cancelled."
        return _page("Not any more", html("{}<p>{}</p>", when, said))
    hidden = html('<input type="hidden" name="id" value="{}">', meeting.id)
    mark = ("came", "They came after all") if meeting.no_show else ("no_show", "They did not come")
    body = html(
        """{}<form class="times" method="post" action="/calendly/_booking">{}
<button class="send" name="do" value="cancel">Cancel it</button>
<button class="send" name="do" value="{}">{}</button>
<p>Or move it:</p>{}</form>""",
        when,
        hidden,
        *mark,
        _times(),
    )
    return _page("You are booked", body)


def _do(calendly: Calendly, meeting: Meeting, fields: Mapping[str, str], host: str) -> Answer:
    match fields.get("do"):
        case "cancel":
            calendly.cancel(meeting)
        case "no_show" | "came":
            calendly.mark(meeting, no_show=fields["do"] == "no_show")
        case None if fields.get("time") and meeting.status == "active":
            return _to(calendly.book(fields, host, replaces=meeting) or meeting)
    return _to(meeting)


def _times() -> Markup:
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    days = [now + timedelta(days=day) for day in range(1, _DAYS + 1)]
    found = [now + timedelta(minutes=2), *(day.replace(hour=hour, minute=0) for day in days for hour in _HOURS)]
    buttons = [
        html('<button class="quiet" name="time" value="{}">{}</button>', at.isoformat(), _words(at)) for at in found
    ]
    return join(buttons)


def _words(at: datetime) -> str:
    return f"{at:%a} {at.day} {at:%b}, {at:%H:%M} UTC"


def _to(meeting: Meeting) -> Answer:
    return Answer(303, b"", "text/plain", (("location", f"/calendly/_booking?id={meeting.id}"),))


def _said(status: int, title: str, text: str) -> Answer:
    return _page(title, html("<p>{}</p>", text), status)


def _page(title: str, body: Markup, status: int = 200) -> Answer:
    return Answer(status, html(_PAGE, title, body).encode("utf-8", "replace"), "text/html; charset=utf-8", secured(CSP))
