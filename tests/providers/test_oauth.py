"""OAuth with the vendors: requests as their contracts have them, and what each refusal means."""

from __future__ import annotations

import base64
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from vendor_on_loopback import Answer, Vendor

from leadwake.errors import BadCredentials, OutcomeUnknown, ProviderError, Rejected, Throttled, Unavailable
from leadwake.providers import oauth
from leadwake.providers.ports import CONNECT_AGAIN, Call
from leadwake.vendors import App

BACK = "https://leads.example.com/setup/vendors/x/callback"
TOKENS = {"access_token": "acc-1", "refresh_token": "ref-2", "token_type": "bearer", "expires_in": 1_800}


def app(api: Vendor) -> App:
    return App("app-id", "app-secret", api.url)


def form(api: Vendor, n: int = -1) -> dict[str, str]:
    body = parse_qs(api.received[n].body.decode(), keep_blank_values=True)
    return {name: values[0] for name, values in body.items()}


def call() -> Call:
    return Call.for_seconds(5)


async def test_hubspots_requests_are_as_its_contract_has_them(hubspot_api: Vendor) -> None:
    hubspot_api.answers(Answer(200, {**TOKENS, "hub_id": 62515, "scopes": ["oauth", "crm.objects.contacts.read"]}))

    granted = await oauth.exchange("hubspot", app(hubspot_api), "code-1", BACK, "")
    await oauth.renew("hubspot", app(hubspot_api), "ref-1", call())

    asked = {"client_id": "app-id", "client_secret": "app-secret"}
    assert form(hubspot_api, 0) == {"grant_type": "authorization_code", "code": "code-1", "redirect_uri": BACK, **asked}
    assert form(hubspot_api, 1) == {"grant_type": "refresh_token", "refresh_token": "ref-1", **asked}
    assert (granted.access, granted.refresh, granted.lasts_s) == ("acc-1", "ref-2", 1_800)
    assert (granted.account, granted.scopes) == ("62515", "oauth crm.objects.contacts.read")
    assert "acc-1" not in repr(granted)


async def test_gohighlevels_requests_are_as_its_contract_has_them(gohighlevel_api: Vendor) -> None:
    gohighlevel_api.answers(Answer(200, {**TOKENS, "userType": "Location", "locationId": "loc-1", "userId": "u"}))

    granted = await oauth.exchange("gohighlevel", app(gohighlevel_api), "code-1", BACK, "")
    await oauth.renew("gohighlevel", app(gohighlevel_api), "ref-1", call())

    assert granted.account == "loc-1"
    assert [seen.path for seen in gohighlevel_api.received] == ["/oauth/token"] * 2
    assert form(gohighlevel_api)["user_type"] == "Location"
    assert gohighlevel_api.received[0].headers["content-type"] == "application/x-www-form-urlencoded"


async def test_calendlys_requests_are_as_it_documents_them(vendor: Vendor) -> None:
    """developer.calendly.com: web clients by Basic, the verifier with the code; revoking with all in its body."""
    vendor.answers(
        Answer(200, {**TOKENS, "organization": "https://api.calendly.com/organizations/O1"}), Answer(200, {})
    )

    granted = await oauth.exchange("calendly", app(vendor), "code-1", BACK, "verifier-1")
    assert await oauth.revoke("calendly", app(vendor), "acc-1", "ref-2")

    basic = base64.b64encode(b"app-id:app-secret").decode()
    assert vendor.received[0].headers["authorization"] == f"Basic {basic}"
    assert form(vendor, 0) == {
        "grant_type": "authorization_code", "code": "code-1", "redirect_uri": BACK, "code_verifier": "verifier-1",
    }  # fmt: skip
    assert vendor.received[1].path == "/oauth/revoke"
    assert form(vendor, 1) == {"client_id": "app-id", "client_secret": "app-secret", "token": "ref-2"}
    assert granted.account == "https://api.calendly.com/organizations/O1"


async def test_slacks_token_may_last_for_good_and_is_taken_back_by_itself(vendor: Vendor) -> None:
    """docs.slack.dev: oauth.v2.access; auth.revoke revokes the token it is given."""
    given = {"ok": True, "access_token": "xoxb-1", "token_type": "bot", "scope": "chat:write", "team": {"id": "T1"}}
    vendor.answers(
        Answer(200, given), Answer(200, {"ok": True, "revoked": True}), Answer(200, {"ok": False, "error": "x"})
    )

    granted = await oauth.exchange("slack", app(vendor), "code-1", BACK, "")
    assert (granted.refresh, granted.lasts_s, granted.account, granted.renew_s()) == (None, None, "T1", None)
    assert await oauth.revoke("slack", app(vendor), "xoxb-1", None)
    with pytest.raises(ProviderError):
        await oauth.revoke("slack", app(vendor), "xoxb-1", None)

    assert [seen.path for seen in vendor.received] == ["/api/oauth.v2.access", "/api/auth.revoke", "/api/auth.revoke"]


async def test_hubspot_is_told_by_its_revoke_and_gohighlevel_has_none(vendor: Vendor) -> None:
    """developers.hubspot.com, revoke-token: POST /oauth/2026-03/token/revoke; the older DELETE ends with v1."""
    assert await oauth.revoke("hubspot", app(vendor), "acc-1", "ref-1")
    assert not await oauth.revoke("gohighlevel", app(vendor), "acc-1", "ref-1")

    assert [seen.path for seen in vendor.received] == ["/oauth/2026-03/token/revoke"]
    assert form(vendor) == {
        "client_id": "app-id", "client_secret": "app-secret", "token": "ref-1", "token_type_hint": "refresh_token",
    }  # fmt: skip


@pytest.mark.parametrize("vendor_name", sorted(oauth.WAYS))
def test_the_browser_goes_to_the_vendors_own_host_with_a_state_nobody_can_guess(vendor_name: str) -> None:
    own = App("app-id", "app-secret", {
        "hubspot": "https://api.hubapi.com", "gohighlevel": "https://services.leadconnectorhq.com",
        "calendly": "https://api.calendly.com", "slack": "https://slack.com",
    }[vendor_name])  # fmt: skip
    (url, state, verifier), (_, other, _) = (oauth.authorization(vendor_name, own, BACK) for _ in range(2))
    asked = parse_qs(urlsplit(url).query)

    assert urlsplit(url).hostname in {
        "app.hubspot.com", "marketplace.gohighlevel.com", "auth.calendly.com", "slack.com",
    }  # fmt: skip
    assert (asked["state"], asked["redirect_uri"], asked["response_type"]) == ([state], [BACK], ["code"])
    assert len(state) == 43
    assert state != other
    assert "app-secret" not in url
    assert bool(verifier) is (vendor_name == "calendly") is ("code_challenge" in asked)
    assert verifier not in url or not verifier


VOID: list[tuple[str, int, Any]] = [
    ("hubspot", 400, {"status": "BAD_REFRESH_TOKEN", "message": "missing or invalid refresh token"}),
    ("hubspot", 400, {"category": "V", "message": "Invalid refresh token", "subCategory": "INVALID_TOKEN"}),
    ("gohighlevel", 401, {"statusCode": 401, "message": "Invalid refresh token", "error": "Unauthorized"}),
    ("gohighlevel", 400, {"error": "invalid_grant", "error_description": "This refresh token is invalid"}),
    ("calendly", 400, {"error": "invalid_grant", "error_description": "It is expired or revoked."}),
    ("slack", 200, {"ok": False, "error": "invalid_refresh_token"}),
    ("slack", 200, {"ok": False, "error": "token_revoked"}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "status", "body"), VOID)
async def test_a_void_refresh_token_asks_for_a_person(vendor: Vendor, name: str, status: int, body: object) -> None:
    vendor.answers(Answer(status, body))

    with pytest.raises(BadCredentials) as refused:
        await oauth.renew(name, app(vendor), "ref-1", call())

    assert refused.value.code == CONNECT_AGAIN


PASSING: list[tuple[Answer, type[ProviderError]]] = [
    (Answer(400, {"status": "BAD_CLIENT_SECRET", "message": "missing or unknown client secret"}), BadCredentials),
    (Answer(401, {"error": "invalid_client"}), BadCredentials),
    (Answer(403, {"message": "blocked"}), BadCredentials),
    (Answer(404, b"nothing here"), Rejected),
    (Answer(429, {"error": "invalid_grant, but slower"}, {"Retry-After": "7"}), Throttled),
    (Answer(503, b""), Unavailable),
    (Answer(500, b"<html>oops"), OutcomeUnknown),
    (Answer(502, b""), OutcomeUnknown),
    (Answer(200, {"token_type": "bearer"}), OutcomeUnknown),
    (Answer(200, b"not json"), OutcomeUnknown),
    (Answer(200, {**TOKENS, "access_token": "two\nlines"}), OutcomeUnknown),
    (Answer(cut="before reading"), OutcomeUnknown),
    (Answer(cut="after reading"), OutcomeUnknown),
    (Answer(cut="mid answer"), OutcomeUnknown),
]


@pytest.mark.parametrize(("answer", "kind"), PASSING)
async def test_nothing_else_loses_a_connection(vendor: Vendor, answer: Answer, kind: type[ProviderError]) -> None:
    vendor.answers(answer)

    with pytest.raises(kind) as failed:
        await oauth.renew("hubspot", app(vendor), "ref-secret-1", call())

    assert type(failed.value) is kind
    assert failed.value.code != CONNECT_AGAIN
    assert "ref-secret-1" not in str(failed.value)
    assert len(vendor.received) <= 1, "a refresh token is written once"


async def test_nothing_is_written_after_the_lease(vendor: Vendor) -> None:
    with pytest.raises(Unavailable):
        await oauth.renew("calendly", app(vendor), "ref-1", Call(lease_until=time.monotonic()))

    assert vendor.received == []


async def test_a_vendors_host_inside_a_network_is_not_asked() -> None:
    inside = App("app-id", "app-secret", "https://10.1.2.3")

    with pytest.raises(Unavailable, match="inside a network"):
        await oauth.renew("hubspot", inside, "ref-1", call())


def test_what_each_vendor_says_of_a_token_it_does_not_take() -> None:
    assert oauth.is_refusal("hubspot", httpx.Response(401))
    assert not oauth.is_refusal("hubspot", httpx.Response(403))
    assert oauth.is_refusal("slack", httpx.Response(200, json={"ok": False, "error": "token_expired"}))
    assert not oauth.is_refusal("slack", httpx.Response(200, json={"ok": False, "error": "channel_not_found"}))
    assert not oauth.is_refusal("slack", httpx.Response(200, json={"ok": True}))
