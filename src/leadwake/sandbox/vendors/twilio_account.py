"""
Stand-in for Twilio's account: two numbers, one Messaging Service, and a registration that is pending until approved.

Source: twilio-oai `twilio_api_v2010.json`, `twilio_messaging_v1.json` (read 2026-11-22).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from leadwake.sandbox.bodies import Unreadable, form, json_object
from leadwake.sandbox.wire import Answer, Request

PATHS: Final = re.compile(
    r"/2010-04-01/Accounts/(?P<account>[^/]{1,64})/IncomingPhoneNumbers(?:/(?P<number>[^/]{1,64}))?\.json"
    r"|/v1/(?P<messaging>Services|Services/(?P<service>MG[0-9a-f]{32})/(?P<part>PhoneNumbers|Compliance/Usa2p)"
    r"|a2p/BrandRegistrations/(?P<brand>BN[0-9a-f]{32}))"
)
SERVICE: Final = "MG" + "5" * 32
BRAND: Final = "BN" + "5" * 32
CAMPAIGN_STATUSES: Final = ("PENDING", "IN_PROGRESS", "VERIFIED", "FAILED", "SUSPENDED")
#: what Twilio puts there when a number is bought
_DEMO_SMS, _DEMO_VOICE = "https://demo.twilio.com/welcome/sms/reply", "https://demo.twilio.com/welcome/voice/"
_HOOKS: Final = {
    "SmsUrl": "sms_url", "SmsMethod": "sms_method", "VoiceUrl": "voice_url", "VoiceMethod": "voice_method",
    "StatusCallback": "status_callback", "StatusCallbackMethod": "status_callback_method",
}  # fmt: skip


class Account:
    """What the stand-in keeps of an account. campaign: the status of its one campaign."""

    def __init__(self) -> None:
        self.campaign = "PENDING"
        self._numbers = {
            number["sid"]: number
            for number in (
                _number("PN" + "6" * 32, "+15005550006", "Practice line", texts=True),
                _number("PN" + "7" * 32, "+15005550012", "Front desk, calls only", texts=False),
            )
        }

    def work(self, request: Request, match: re.Match[str], account: str) -> Answer | None:
        """The answer; None where Twilio has nothing. account: whose credentials were given. Raises Unreadable."""
        if match["messaging"] is not None:
            return self._messaging(request, match, account)
        if match["number"] is None:
            return self._list(request, account) if request.method == "GET" else None
        number = self._numbers.get(match["number"])
        if number is None or request.method != "POST":
            return None
        given = form(request.body)
        number.update({own: given[name] for name, own in _HOOKS.items() if name in given})
        return Answer.json(200, number | {"account_sid": account})

    def desk(self, request: Request) -> Answer:
        """GET or PUT {"campaign": "VERIFIED"}: how far the registration is."""
        if request.method == "PUT":
            try:
                wanted = json_object(request.body).get("campaign")
            except Unreadable as problem:
                return Answer.json(422, {"errors": {"body": str(problem)}})
            if not self.registered(wanted):
                return Answer.json(422, {"errors": {"campaign": f"must be one of {', '.join(CAMPAIGN_STATUSES)}"}})
        return Answer.json(200, {"campaign": self.campaign})

    def registered(self, status: object) -> bool:
        """The campaign has this status from now on; False when there is no such status."""
        if not isinstance(status, str) or status not in CAMPAIGN_STATUSES:
            return False
        self.campaign = status
        return True

    def _list(self, request: Request, account: str) -> Answer:
        wanted = form(request.query).get("PhoneNumber")
        found = [
            number | {"account_sid": account}
            for number in self._numbers.values()
            if wanted in (None, number["phone_number"])
        ]
        return Answer.json(200, {"incoming_phone_numbers": found, "page": 0, "next_page_uri": None})

    def _messaging(self, request: Request, match: re.Match[str], account: str) -> Answer | None:
        if request.method != "GET" or match["service"] not in (None, SERVICE) or match["brand"] not in (None, BRAND):
            return None
        if match["brand"]:
            return Answer.json(200, {"sid": BRAND, "account_sid": account, "status": "APPROVED"})
        if match["part"] == "PhoneNumbers":
            pool = [
                {"sid": number["sid"], "service_sid": SERVICE, "phone_number": number["phone_number"]}
                for number in self._numbers.values()
            ]
            return _page("phone_numbers", pool)
        if match["part"]:
            campaign = {
                "sid": "QE" + "5" * 32, "account_sid": account, "brand_registration_sid": BRAND,
                "messaging_service_sid": SERVICE, "campaign_status": self.campaign,
            }  # fmt: skip
            return _page("compliance", [campaign])
        service = {
            "sid": SERVICE, "account_sid": account, "friendly_name": "Practice service", "inbound_request_url": None,
            "use_inbound_webhook_on_number": True, "us_app_to_person_registered": self.campaign == "VERIFIED",
        }  # fmt: skip
        return _page("services", [service])


def _page(key: str, entries: list[dict[str, Any]]) -> Answer:
    meta: Mapping[str, Any] = {"key": key, "page": 0, "page_size": 50, "next_page_url": None}
    return Answer.json(200, {key: entries, "meta": meta})


def _number(sid: str, phone: str, label: str, *, texts: bool) -> dict[str, Any]:
    return {
        "sid": sid, "phone_number": phone, "friendly_name": label, "api_version": "2010-04-01",
        "capabilities": {"sms": texts, "mms": texts, "voice": True, "fax": False},
        "sms_url": _DEMO_SMS if texts else "", "sms_method": "POST", "voice_url": _DEMO_VOICE, "voice_method": "POST",
        "status_callback": "", "status_callback_method": "POST", "sms_application_sid": "",
        "voice_application_sid": "", "trunk_sid": None, "status": "in-use",
    }  # fmt: skip
