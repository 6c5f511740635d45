"""The page on which somebody lets Leadwake into a practice account, or does not."""

from __future__ import annotations

from leadwake.sandbox.bodies import Unreadable, form
from leadwake.sandbox.markup import html
from leadwake.sandbox.page import CSP, secured
from leadwake.sandbox.vendors.oauth import Authority
from leadwake.sandbox.wire import Answer, Request

_LABELS = {"hubspot": "HubSpot", "gohighlevel": "GoHighLevel", "calendly": "Calendly", "slack": "Slack"}
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Practice sign-in</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/page.css"></head>
<body class="alone"><main><section><article class="card booking"><h1>{}</h1>{}
<p><small>A stand-in for the vendor's own page. Nothing leaves this machine.</small></p>
</article></section></main></body></html>
"""


def desk(authority: Authority, request: Request, path: str) -> Answer | None:
    """The page, what was pressed on it, or an order of a test's; None for what is none of these."""
    if path not in ("/_consent", "/_allow", "/_deny"):
        return authority.desk(request, path)
    try:
        asked = form(request.query).get("asked", "")
    except Unreadable:
        asked = ""
    if path != "/_consent":
        return authority.answered(asked, allow=path == "/_allow")
    query, name = authority.asked(asked), authority.style.name
    if query is None:
        return None
    scopes = query.get("scope", "").replace(",", " ").split()
    body = html(
        """<p>It asks for: {}</p><p class="times"><a class="send" href="/{}/_allow?asked={}">Allow</a>
<a class="send" href="/{}/_deny?asked={}">Do not allow</a></p>""",
        ", ".join(scopes) or "nothing",
        name,
        asked,
        name,
        asked,
    )
    page = html(_PAGE, f"Let Leadwake into the practice account of {_LABELS[name]}?", body)
    return Answer(200, page.encode("utf-8", "replace"), "text/html; charset=utf-8", secured(CSP))
