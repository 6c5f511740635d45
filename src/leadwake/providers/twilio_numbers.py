"""Twilio's account: its numbers and where they report to, its Messaging Services, what the carriers say of them.

Contract: Twilio's OpenAPI (api v2010, messaging v1), read 2026-11-22. Registration hangs on the service: a number is
registered when it is in the sender pool of a service whose campaign is VERIFIED (A2P 10DLC; the pool is read from
/v1/Services/{sid}/PhoneNumbers, twilio.com/docs/messaging/api/phonenumber-resource, read 2026-11-22).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

from leadwake.errors import OutcomeUnknown, Rejected, Unavailable
from leadwake.providers.http import VendorHttp, document
from leadwake.providers.ports import CALL_DEADLINE_S, Call
from leadwake.providers.twilio import VENDOR, refusal

MESSAGING_URL: Final = "https://messaging.twilio.com"

_PAGE_SIZE, _PAGES = 100, 10
_NUMBER_SID = re.compile(r"PN[0-9a-fA-F]{32}")
_SERVICE_SID = re.compile(r"MG[0-9a-fA-F]{32}")
_BRAND_SID = re.compile(r"BN[0-9a-fA-F]{32}")
#: North American numbers that are free to call have a verification of their own, not A2P 10DLC (FCC, toll-free codes)
_TOLL_FREE = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}")
_US = re.compile(r"\+1[2-9][0-9]{9}")


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a number's messages and calls are reported to, as Twilio keeps it; blank: nowhere."""

    sms_url: str = ""
    sms_method: str = "POST"
    voice_url: str = ""
    voice_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> Hooks:
        """The hooks in a resource of Twilio's, or in one of ours from `as_dict`."""
        return cls(**{name: _text(entry, name) or default for name, default in asdict(cls()).items()})

    def as_dict(self) -> dict[str, str]:
        """By Twilio's names in answers."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Number:
    """
    A number of the account. phone: E.164. handled_by: an application or trunk that overrides its URLs, else "".
    """

    sid: str
    phone: str
    label: str
    texts: bool
    calls: bool
    hooks: Hooks
    handled_by: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """A Messaging Service. uses_numbers_hook: what comes in goes to the number's own URL, not to inbound_url."""

    sid: str
    label: str
    inbound_url: str
    uses_numbers_hook: bool


class Registration(StrEnum):
    """How far the carriers' registration of a sender is."""

    APPROVED = "approved"
    PENDING = "pending"
    FAILED = "failed"  # refused, or taken back
    NONE = "none"  # there is no campaign for this sender
    UNKNOWN = "unknown"  # Twilio cannot say it for this kind of sender


@dataclass(frozen=True, slots=True)
class Standing:
    """What Twilio says of a sender's registration; campaign, brand: its own words, "" where there is none."""

    state: Registration
    campaign: str = ""
    brand: str = ""


#: campaign statuses; anything else is not approved
_CAMPAIGNS: Final[Mapping[str, Registration]] = {
    "VERIFIED": Registration.APPROVED,
    "PENDING": Registration.PENDING,
    "IN_PROGRESS": Registration.PENDING,
    "FAILED": Registration.FAILED,
    "SUSPENDED": Registration.FAILED,
}
#: brand statuses
_BRANDS: Final[Mapping[str, Registration]] = {
    "APPROVED": Registration.APPROVED,
    "PENDING": Registration.PENDING,
    "IN_REVIEW": Registration.PENDING,
}
_BEST_FIRST: Final = (
    Registration.APPROVED, Registration.PENDING, Registration.FAILED, Registration.NONE, Registration.UNKNOWN,
)  # fmt: skip


class TwilioAccount:
    """
    Reads an account and sets where its numbers report to.

    url: of api.twilio.com's stand-in or itself; messaging_url: the same for messaging.twilio.com. Every call here may
    be repeated: what cannot be had raises Unavailable or Throttled, what never can Rejected or BadCredentials.
    """

    def __init__(
        self, url: str, messaging_url: str, account_sid: str, auth_token: str, *, deadline_s: float = CALL_DEADLINE_S
    ) -> None:
        self._numbers = f"/2010-04-01/Accounts/{account_sid}/IncomingPhoneNumbers"
        basic = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode("ascii")
        secrets = (auth_token, basic, account_sid)
        headers = {"Authorization": f"Basic {basic}"}
        self._api = VendorHttp(VENDOR, url, headers=headers, secrets=secrets, deadline_s=deadline_s)
        self._messaging = VendorHttp(VENDOR, messaging_url, headers=headers, secrets=secrets, deadline_s=deadline_s)

    def __repr__(self) -> str:
        return f"TwilioAccount({self._api!r})"

    async def aclose(self) -> None:
        """Its connections are closed."""
        await self._api.aclose()
        await self._messaging.aclose()

    async def numbers(self, phone: str | None = None) -> list[Number]:
        """The account's numbers, at most a thousand; phone: only this one."""
        query: dict[str, str | int] = {"PageSize": _PAGE_SIZE}
        if phone is not None:
            query["PhoneNumber"] = phone  # a pattern with *; an E.164 number has none
        entries = await self._list(self._api, f"{self._numbers}.json", query, "incoming_phone_numbers")
        return [found for found in map(_number, entries) if found and phone in (None, found.phone)]

    async def services(self) -> list[Service]:
        """The account's Messaging Services."""
        entries = await self._list(self._messaging, "/v1/Services", {"PageSize": _PAGE_SIZE}, "services")
        return [found for found in map(_service, entries) if found]

    async def set_hooks(self, sid: str, hooks: Hooks) -> Number:
        """The number reports there; as Twilio says it is now. Blank URLs are taken away."""
        if not _NUMBER_SID.fullmatch(sid):
            raise Rejected("this is no number of the account", vendor=VENDOR, code="sid")
        form = {_parameter(name): value for name, value in hooks.as_dict().items()}
        answer = await self._api.send(
            Call.for_seconds(self._api.deadline_s), "POST", f"{self._numbers}/{sid}.json", form=form, repeatable=True
        )
        found = _number(self._document(self._api, answer))
        if found is None:
            raise Unavailable("twilio's answer cannot be read", vendor=VENDOR, code="unreadable")
        return found

    async def standing(self, sender: str) -> Standing:
        """
        How far the registration of this sender is: a US number in E.164, or a Messaging Service.

        Of several campaigns the best counts, each only as good as its brand. Toll-free and foreign numbers and short
        codes are registered elsewhere: UNKNOWN.
        """
        if _SERVICE_SID.fullmatch(sender):
            return await self._campaigns(sender)
        if not _US.fullmatch(sender) or _TOLL_FREE.fullmatch(sender):
            return Standing(Registration.UNKNOWN)
        pools = [service.sid for service in await self.services() if sender in await self._pool(service.sid)]
        return _best([await self._campaigns(service) for service in pools] or [Standing(Registration.NONE)])

    async def _campaigns(self, service: str) -> Standing:
        path = f"/v1/Services/{service}/Compliance/Usa2p"
        entries = await self._list(self._messaging, path, {"PageSize": _PAGE_SIZE}, "compliance")
        return _best([await self._campaign(entry) for entry in entries] or [Standing(Registration.NONE)])

    async def _campaign(self, entry: Mapping[str, Any]) -> Standing:
        campaign = _word(entry, "campaign_status")
        state = _CAMPAIGNS.get(campaign, Registration.PENDING)
        brand_sid = _text(entry, "brand_registration_sid")
        if not _BRAND_SID.fullmatch(brand_sid):
            return Standing(state, campaign)
        answer = await self._messaging.send(
            Call.for_seconds(self._messaging.deadline_s), "GET", f"/v1/a2p/BrandRegistrations/{brand_sid}", reads=True
        )
        brand = _word(self._document(self._messaging, answer), "status")
        of_brand = _BRANDS.get(brand, Registration.FAILED)
        return Standing(max(state, of_brand, key=_BEST_FIRST.index), campaign, brand)

    async def _pool(self, service: str) -> set[str]:
        path = f"/v1/Services/{service}/PhoneNumbers"
        entries = await self._list(self._messaging, path, {"PageSize": _PAGE_SIZE}, "phone_numbers")
        return {_text(entry, "phone_number") for entry in entries}

    async def _list(
        self, http: VendorHttp, path: str, query: Mapping[str, str | int] | str, key: str
    ) -> list[Mapping[str, Any]]:
        """Every entry of a list, page by page."""
        found: list[Mapping[str, Any]] = []
        until = http.until()
        for _ in range(_PAGES):
            answer = await http.send(
                Call.for_seconds(http.deadline_s), "GET", path, query=query, reads=True, until=until
            )
            page = self._document(http, answer)
            entries = page.get(key)
            if not isinstance(entries, list):
                raise Unavailable("twilio's list cannot be read", vendor=VENDOR, code="unreadable")
            found += [entry for entry in entries if isinstance(entry, dict)]
            meta = page.get("meta")
            following = page.get("next_page_uri") or (meta.get("next_page_url") if isinstance(meta, dict) else None)
            if not isinstance(following, str) or not following:
                return found
            query = urlsplit(following).query  # only it: the host that our credentials go to stays ours
        return found

    @staticmethod
    def _document(http: VendorHttp, answer: httpx.Response) -> dict[str, Any]:
        if answer.is_success:
            return document(answer)
        error = refusal(http, answer)
        if isinstance(error, OutcomeUnknown):  # reading it again, or setting it to the same, is no harm
            raise Unavailable(str(error), vendor=VENDOR, code=error.code)
        raise error


def _best(found: list[Standing]) -> Standing:
    return min(found, key=lambda standing: _BEST_FIRST.index(standing.state))


def _number(entry: Mapping[str, Any]) -> Number | None:
    sid, phone = _text(entry, "sid"), _text(entry, "phone_number")
    if not _NUMBER_SID.fullmatch(sid) or not phone:
        return None
    can = entry.get("capabilities")
    can = can if isinstance(can, dict) else {}
    others = [key for key in ("trunk_sid", "voice_application_sid", "sms_application_sid") if _text(entry, key)]
    return Number(
        sid, phone, _text(entry, "friendly_name")[:100], can.get("sms") is True, can.get("voice") is True,
        Hooks.of(entry), _text(entry, others[0]) if others else "",
    )  # fmt: skip


def _service(entry: Mapping[str, Any]) -> Service | None:
    sid = _text(entry, "sid")
    if not _SERVICE_SID.fullmatch(sid):
        return None
    return Service(
        sid, _text(entry, "friendly_name")[:100], _text(entry, "inbound_request_url"),
        entry.get("use_inbound_webhook_on_number") is True,
    )  # fmt: skip


def _parameter(name: str) -> str:
    """sms_url → SmsUrl."""
    return "".join(part.capitalize() for part in name.split("_"))


def _text(entry: Mapping[str, Any], name: str) -> str:
    value = entry.get(name)
    return value if isinstance(value, str) else ""


def _word(entry: Mapping[str, Any], name: str) -> str:
    return _text(entry, name).strip().upper()[:40]
