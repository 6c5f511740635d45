"""The LeadList document of iHomefinder (lead transfer standard 2.05), and its like: the leads in it."""

from __future__ import annotations

import re
from itertools import islice

from leadwake.domain.contact import normalise_email, normalise_phone
from leadwake.intake.mail.lead import MAX_LEADS, MailLead
from leadwake.intake.mail.values import is_nothing, read_instant
from leadwake.intake.portals import portal_of_address, portal_of_name
from leadwake.intake.us_address import find_address, one_line
from leadwake.intake.xml_tree import DOCUMENT_CHARS, Node, is_well_formed, read_xml

_BEGIN = re.compile(r"<\s*(?:[\w.-]{1,20}:)?LeadList(?=[\s>])", re.IGNORECASE)
_PHONE_PARTS = frozenset({"fax"})


def read_lead_list(text: str) -> list[MailLead]:
    """The leads in the text; none when it holds no such document."""
    begin = _BEGIN.search(text)
    if begin is None:
        return []
    document = text[begin.start() : DOCUMENT_CHARS].strip()
    more = {} if is_well_formed(document) else {"well_formed": False}
    nodes = islice(read_xml(document).all("lead"), MAX_LEADS)
    return [lead for node in nodes if (lead := _lead(node, more))]


def _lead(node: Node, more: dict[str, bool]) -> MailLead | None:
    contact = node.child("contact") or node
    phones = [phone for each in contact.all("phone") if (phone := _phone(each))]
    name, email = _name(contact), normalise_email(contact.said("email", "emailaddress"))
    if not (name or phones or email):
        return None
    note = contact.first("note", "notes", "comments", "message") or node.first("note", "comments", "message")
    provider = node.child("thisdataprovider", "dataprovider") or Node("")
    source, via = _source(node, provider)
    others = [phone for phone in dict.fromkeys(map(normalise_phone, phones[1:])) if phone]
    said = {
        **more,
        "mls_id": node.said("listingnumber", "mlsnumber"),
        "lead_type": node.said("leadsource"),
        "postal_code": (contact.child("address") or Node("")).said("postalcode", "zip", "zipcode"),
        "other_phones": [phone for phone in others if phone != normalise_phone(phones[0])],
        "lead_id": provider.said("recordid"),
    }
    message = note.lines if note and not is_nothing(note.text) else None
    return MailLead(
        source=source,
        via=via,
        name=name,
        email=email,
        phone=phones[0] if phones else None,
        message=message,
        property_address=_property(node) or (find_address(message) if message else None),
        external_id=provider.said("recordid") or None,
        requested_at=read_instant(f"{provider.said('date')} {provider.said('time')}"),
        extra={key: value for key, value in said.items() if value not in ("", [])},
    )


def _name(contact: Node) -> str | None:
    name = contact.child("name") or contact
    parts = [name.said("first", "firstname"), name.said("middle"), name.said("last", "lastname")]
    return " ".join(part for part in parts if part) or name.said("full", "fullname") or (
        name.text if name is not contact else None
    ) or None  # fmt: skip


def _phone(node: Node) -> str:
    number = node.said("number") or node.text
    is_other = any(part in node.said("description", "type").lower() for part in _PHONE_PARTS)
    return "" if is_other or is_nothing(number) else number


def _property(node: Node) -> str | None:
    """The address of the listing, whatever stands around it, never the person's."""
    listing = node.child("listing", "property", "listinginfo") or Node("")
    address = listing.child("address") or listing
    street = " ".join(text for part in ("streetnumber", "streetname", "street") if (text := address.said(part)))
    region = " ".join(text for part in (("state",), ("zip", "postalcode")) if (text := address.said(*part)))
    return one_line("\n".join([street, address.said("city"), region])) or None


def _source(node: Node, provider: Node) -> tuple[str | None, str | None]:
    """Who found the lead, and who passes it on, when that is another."""
    url = provider.said("dataprovidername", "providername")
    host = re.sub(r"^\w+://(?:www\.)?|/.*$", "", url.strip().lower())
    sender = portal_of_address(host) or portal_of_name(url) or host or None
    named = next((text for part in ("leadsubsource", "leadsource") if (text := portal_of_name(node.said(part)))), None)
    return (named, sender if sender != named else None) if named else (sender, None)
