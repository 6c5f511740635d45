"""ADF/XML (Auto-lead Data Format 1.0) as it is really sent: the prospects in a text, however the document is broken.

The DTD's order, its vendor and its declarations are what senders leave out or misspell; nothing here depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.intake.mail.lead import MAX_LEADS, MailLead
from leadwake.intake.mail.values import is_nothing, read_instant
from leadwake.intake.portals import portal_of_name
from leadwake.intake.us_address import one_line
from leadwake.intake.xml_tree import DOCUMENT_CHARS, Node, is_well_formed, read_xml

_BEGIN = re.compile(r"<\s*(?:[\w.-]{1,20}:)?(?:adf|prospect)(?=[\s>])", re.IGNORECASE)
_END = re.compile(r"</\s*(?:[\w.-]{1,20}:)?(?:adf|prospect)\s*>", re.IGNORECASE)
#: what may stand before the first element
_PROLOG = re.compile(r"\s*(?:<[?!][^<>]{0,300}>\s*){1,6}\Z")
_OTHERS = frozenset({"vendor", "provider", "vehicle", "id"})
_FAX = frozenset({"fax", "pager"})
#: what a vehicle is to a person who wants to be rid of it
_GIVEN = frozenset({"trade-in", "tradein", "trade", "sell"})


def read_adf(text: str) -> list[MailLead]:
    """The leads of every prospect in the text; none when it holds no ADF."""
    document = _document(text[:DOCUMENT_CHARS])
    if document is None:
        return []
    tree = read_xml(document)
    prospects = list(islice(tree.all("prospect"), MAX_LEADS)) or list(islice(tree.all("adf"), 1))
    more = {} if is_well_formed(document) else {"well_formed": False}
    return [lead for prospect in prospects if (lead := _lead(prospect, more))]


def _document(text: str) -> str | None:
    """From the declarations to the last closing tag, or to the end when there is none."""
    begin = _BEGIN.search(text)
    if begin is None:
        return None
    before = _PROLOG.search(text, max(0, begin.start() - 2_000), begin.start())
    end = max((match.end() for match in _END.finditer(text)), default=len(text))
    return text[before.start() if before else begin.start() : end].strip()


def _lead(prospect: Node, more: dict[str, Any]) -> MailLead | None:
    """The lead of a prospect; None without a customer who has a name, a phone or an address."""
    customer = prospect.child("customer") or _without_others(prospect)
    contact = customer.child("contact") or customer
    phones = list(_phones(contact, customer))
    name, email = _name(contact), _email(contact, customer)
    if not (name or phones or email):
        return None
    identity = prospect.child("id") or Node("id")
    source, via = _source(prospect, identity)
    asked = prospect.said("requestdate")
    said = {
        "format": "ADF", **more, **_wish(prospect), **_place(contact), "requestdate": asked,
        "timeline": _timeframe(customer), "other_phones": _others(phones), "lead_id": identity.text,
    }  # fmt: skip
    return MailLead(
        source=source,
        via=via,
        name=name,
        email=email,
        phone=phones[0] if phones else None,
        message=_comments(prospect, customer, contact),
        property_address=_property(prospect),
        external_id=identity.text or None,
        requested_at=read_instant(asked),
        extra={key: value for key, value in said.items() if value not in ("", None, [])},
    )


def _without_others(prospect: Node) -> Node:
    """A prospect whose customer has no element of their own: all that is not somebody else's."""
    return Node("customer", children=[node for node in prospect.children if node.name not in _OTHERS])


def _said(node: Node) -> str:
    return "" if is_nothing(node.text) else node.text


def _name(contact: Node) -> str | None:
    """The person: full, or its parts in the order of a name; a business only where nobody is named."""
    nodes = [node for node in contact.children if node.name == "name" and _said(node)]
    people = [node for node in nodes if node.attributes.get("type", "").lower() != "business"] or nodes
    parts: dict[str, str] = {}
    for node in people:
        parts.setdefault(node.attributes.get("part", "full").lower().strip(), node.text)
    for tag, part in (("firstname", "first"), ("lastname", "last"), ("first", "first"), ("last", "last")):
        if text := contact.said(tag):
            parts.setdefault(part, text)
    last = parts.get("last") or parts.get("surname")
    pieces = [parts.get("first"), parts.get("middle"), last, parts.get("suffix")]
    apart = " ".join(piece for piece in pieces if piece)
    return (parts.get("full") if not (parts.get("first") and last) else None) or apart or None


def _email(contact: Node, customer: Node) -> str | None:
    nodes = [*contact.all("email"), *customer.all("email")]
    nodes.sort(key=lambda node: node.attributes.get("preferredcontact") != "1")
    return next((email for node in nodes if (email := normalise_email(node.text))), None)


def _phones(contact: Node, customer: Node) -> Iterator[str]:
    """What was written for phones, what can be called first, each once; a preferred one before the others."""
    nodes = [
        node
        for node in [*contact.all("phone"), *(node for node in customer.children if node.name == "phone")]
        if node.attributes.get("type", "").lower() not in _FAX and _said(node)
    ]
    nodes.sort(key=lambda node: (normalise_phone(node.text) is None, node.attributes.get("preferredcontact") != "1"))
    yield from dict.fromkeys(node.text for node in nodes)


def _others(phones: list[str]) -> list[str]:
    first, *more = [normalise_phone(phone) for phone in phones] or [None]
    return [phone for phone in dict.fromkeys(more) if phone and phone != first]


def _comments(prospect: Node, customer: Node, contact: Node) -> str | None:
    vehicles = [node for node in prospect.children if node.name == "vehicle"]
    for place in (customer, contact, prospect, *vehicles):
        texts = [node.lines for node in place.children if node.name in {"comments", "comment"} and _said(node)]
        if texts:
            return "\n".join(texts)
    return None


def _wish(prospect: Node) -> dict[str, Any]:
    """The vehicle wanted, as one line, and what is known of it; the one to be given away beside it."""
    vehicles = [node for node in prospect.children if node.name == "vehicle"]
    wanted = [node for node in vehicles if _interest(node) not in _GIVEN]
    given = [node for node in vehicles if _interest(node) in _GIVEN]
    said: dict[str, Any] = {}
    for vehicle in (wanted or given)[:1]:
        said = {
            "vehicle": _vehicle(vehicle), "interest": _interest(vehicle), "stock": vehicle.said("stock"),
            "vin": vehicle.said("vin"), "condition": vehicle.attributes.get("status", ""),
            "budget": vehicle.said("price"),
        }  # fmt: skip
    if wanted and given:
        said["trade_in"] = _vehicle(given[0])
    return said


def _vehicle(vehicle: Node) -> str:
    return " ".join(text for part in ("year", "make", "model") if (text := vehicle.said(part)))


def _interest(vehicle: Node) -> str:
    return vehicle.attributes.get("interest", "").strip().lower()


def _place(contact: Node) -> dict[str, str]:
    address = contact.child("address") or Node("address")
    return {
        "postal_code": address.said("postalcode", "zip", "zipcode"),
        "state": address.said("regioncode", "state"),
        "city": address.said("city"),
        "address": ", ".join(node.text for node in address.children if node.name == "street" and node.text),
    }


def _property(prospect: Node) -> str | None:
    """The address of a home, in the documents of those who use ADF for them."""
    home = prospect.first("property", "realestate", "listing")
    if home is None:
        return None
    inner = home.child("address") or home
    street = " ".join(node.text for node in inner.all("street", "streetaddress", "addressline1") if node.text)
    region = " ".join(text for name in (("regioncode", "state"), ("postalcode", "zip")) if (text := inner.said(*name)))
    return one_line("\n".join([street, inner.said("city"), region])) or inner.text or None


def _timeframe(customer: Node) -> str:
    frame = customer.child("timeframe") or Node("timeframe")
    return frame.said("description") or frame.text or frame.said("earliestdate", "latestdate")


def _source(prospect: Node, identity: Node) -> tuple[str | None, str | None]:
    """Who found the lead, and who passes it on: a portal in the id, given by another provider, was the first."""
    provider = prospect.child("provider") or Node("provider")
    given = next((node.text for node in provider.all("name", "providername") if _said(node)), "")
    named = identity.attributes.get("source", "").strip()
    named = "" if is_nothing(named) else named
    portal = portal_of_name(named)
    if given and portal and portal != portal_of_name(given):
        return portal, portal_of_name(given) or given
    source = given or named
    return (portal_of_name(source) or source or None), None
