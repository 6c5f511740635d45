"""HubSpot's words for contacts, deals and events, mapped to ours.

Contract: CRM v3 objects and the webhooks guide, read 2026-11-22. A webhook holds ids only, at most 100 events in any
order, each perhaps again.
"""

from __future__ import annotations

import hashlib
import hmac
import html
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from leadwake.domain.deals import Stage
from leadwake.errors import AnomalousPayload
from leadwake.providers.crm_values import cents, currency, instant, ref, word
from leadwake.providers.ports import CrmChange, CrmDeal, CrmNews, CrmNote, CrmPerson

VENDOR: Final = "hubspot"
NOTE_TO_CONTACT: Final = 202
#: a note holds 65,536
NOTE_CHARS: Final = 20_000
CONTACT_QUERY: Final = "properties=email,phone,mobilephone,firstname,lastname,hubspot_owner_id,hs_email_optout"
DEAL_QUERY: Final = (
    "properties=amount,deal_currency_code,dealstage,pipeline,hs_is_closed,hs_is_closed_won&associations=contacts"
)
#: subscription → kind; "object.…" with HubSpot's number of the object is the newer form
_KINDS: Final = {
    "contact.creation": "created", "contact.propertyChange": "changed", "contact.merge": "changed",
    "contact.restore": "changed", "contact.deletion": "gone", "contact.privacyDeletion": "gone",
    "deal.creation": "deal", "deal.propertyChange": "deal", "deal.associationChange": "deal", "deal.restore": "deal",
    "deal.deletion": "deal_gone",
}  # fmt: skip
_OBJECTS: Final = {"0-1": "contact", "0-3": "deal"}


def person(contact: str, told: Mapping[str, Any]) -> CrmPerson:
    """A contact as GET /crm/v3/objects/contacts/{id} tells it."""
    has = properties_of(told)
    return CrmPerson(
        contact, word(has, "email"), word(has, "phone") or word(has, "mobilephone"), word(has, "firstname"),
        word(has, "lastname"), ref(has.get("hubspot_owner_id")),
        frozenset({"email"} if has.get("hs_email_optout") == "true" else ()),
    )  # fmt: skip


def deal(deal_id: str, told: Mapping[str, Any]) -> CrmDeal:
    """A deal as GET /crm/v3/objects/deals/{id} tells it, with its contacts."""
    has = properties_of(told)
    return CrmDeal(
        deal_id, _contacts(told), _outcome(has), word(has, "dealstage"), cents(has.get("amount")),
        currency(has.get("deal_currency_code")), word(has, "pipeline"),
    )  # fmt: skip


def _outcome(has: Mapping[str, Any]) -> str | None:
    """What HubSpot itself says of a closed deal; None while it is open, or where it says no more than that it ended."""
    if has.get("hs_is_closed_won") == "true":
        return "won"
    return "lost" if has.get("hs_is_closed") == "true" and has.get("hs_is_closed_won") == "false" else None


def stages(told: Mapping[str, Any]) -> list[Stage]:
    """The stages of every pipeline, in HubSpot's order."""
    pipelines = sorted(_listed(told.get("results")), key=_order)
    both = [(one, stage) for one in pipelines for stage in sorted(_listed(one.get("stages")), key=_order)]
    return [
        Stage(
            pipeline, stage, word(one, "label", 100) or pipeline, word(found, "label", 100) or stage, position,
            _closed(found.get("metadata")),
        )
        for position, (one, found) in enumerate(both)
        if (pipeline := ref(one.get("id"))) and (stage := ref(found.get("id")))
        and not (one.get("archived") or found.get("archived"))
    ]  # fmt: skip


def _order(entry: Mapping[str, Any]) -> int:
    at = entry.get("displayOrder")
    return at if isinstance(at, int) else 0


def _closed(metadata: object) -> str:
    """A stage that ends a deal says whether it is won by its probability: 1 or 0."""
    has = metadata if isinstance(metadata, dict) else {}
    if str(has.get("isClosed")).lower() != "true":
        return ""
    return {"1": "won", "0": "lost"}.get(str(has.get("probability", "")).removesuffix(".0"), "")


def tied(told: Mapping[str, Any]) -> list[str]:
    """What an object is tied to, of a list of associations."""
    return [found for one in _listed(told.get("results")) if (found := ref(one.get("toObjectId")))]


def marked(told: Mapping[str, Any], mark: str) -> str | None:
    """The deal whose description holds our mark."""
    rows = _listed(told.get("results"))
    return next((ref(one.get("id")) for one in rows if mark in str(properties_of(one).get("description"))), None)


def _listed(rows: object) -> list[Mapping[str, Any]]:
    return [one for one in rows if isinstance(one, dict)] if isinstance(rows, list) else []


def _contacts(told: Mapping[str, Any]) -> tuple[str, ...]:
    associations = told.get("associations")
    contacts = associations.get("contacts") if isinstance(associations, dict) else None
    results = contacts.get("results") if isinstance(contacts, dict) else None
    found = (ref(one.get("id")) for one in results if isinstance(one, dict)) if isinstance(results, list) else ()
    return tuple(dict.fromkeys(one for one in found if one))


def note(written: CrmNote) -> dict[str, Any]:
    """The body that makes a note of a contact; our mark is its last word."""
    text = html.escape(written.text[:NOTE_CHARS], quote=False).replace("\n", "<br>")
    properties = {"hs_timestamp": written.at.isoformat(), "hs_note_body": f"{text}<br>{written.mark}"}
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": NOTE_TO_CONTACT}]
    return {"properties": properties, "associations": [{"to": {"id": written.contact}, "types": types}]}


def owner(told: Mapping[str, Any], email: str) -> str | None:
    """The id of the colleague with this address, of a list of owners."""
    results = told.get("results")
    found = (one for one in results if isinstance(one, dict)) if isinstance(results, list) else ()
    return next((ref(one.get("id")) for one in found if str(one.get("email")).lower() == email.lower()), None)


def changes(kind: str, told: Mapping[str, Any]) -> tuple[list[CrmChange], str | None]:
    """A page of a search, and where the next one begins; None at the end."""
    results = told.get("results")
    rows = [one for one in results if isinstance(one, dict)] if isinstance(results, list) else []
    found = [
        CrmChange(kind, known, at, instant(one.get("createdAt")) or at)
        for one in rows
        if (known := ref(one.get("id"))) and (at := instant(one.get("updatedAt")))
    ]
    paging = told.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    return found, word(following, "after", 40) if isinstance(following, dict) else None


def events(body: bytes) -> list[CrmNews]:
    """What a webhook says; what is of no use to us is left out. Raises AnomalousPayload: it is no list."""
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise AnomalousPayload("the body is no JSON") from error
    if not isinstance(told, list):
        raise AnomalousPayload("the body is no list of events")
    return [news for one in told if isinstance(one, dict) and (news := _event(one))]


def _event(entry: Mapping[str, Any]) -> CrmNews | None:
    name = word(entry, "subscriptionType") or word(entry, "eventType") or ""
    about, _, what = name.partition(".")
    if about == "object":
        name = f"{_OBJECTS.get(str(entry.get('objectTypeId')), about)}.{what}"
    kind, event_id = _KINDS.get(name), ref(entry.get("eventId"))
    about_id = ref(entry.get("objectId")) or ref(entry.get("primaryObjectId")) or ref(entry.get("fromObjectId"))
    if kind is None or event_id is None or about_id is None:
        return None
    return CrmNews(VENDOR, event_id, kind, about_id, word(entry, "propertyName", 100) or "")


def verify_legacy(secret: str, version: str, method: str, url: str, body: bytes, signature: str) -> bool:
    """
    True when HubSpot signed this request in one of its older ways: a plain SHA-256, in hex.

    v1 over secret and body, v2 over secret, method, URI and body; without a version either may fit. They carry no
    instant, so they are believed only where no v3 signature came. A blank secret verifies nothing.
    """
    v2 = f"{secret}{method.upper()}{url}".encode("utf-8", "replace")
    starts = {"v1": [secret.encode()], "v2": [v2]}.get(version, [secret.encode(), v2])
    fits = False
    for start in starts:
        expected = hashlib.sha256(start + body).hexdigest()
        fits |= hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace"))
    return fits and bool(secret)


def properties_of(told: Mapping[str, Any]) -> Mapping[str, Any]:
    """An object's properties by name."""
    has = told.get("properties")
    return has if isinstance(has, dict) else {}
