"""The stand-ins' OAuth: a page that asks, codes that work once, tokens that are replaced, end and are taken back."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from sandbox_case import Visitor

BACK = "http://127.0.0.1:9/callback"
CLIENT = {"client_id": "app", "client_secret": "secret"}
TOKEN = "/calendly/oauth/token"
BASIC = {"authorization": "Basic " + base64.b64encode(b"app:secret").decode()}
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def agreed(sandbox: Visitor, path: str, what: str = "allow", **query: str) -> dict[str, list[str]]:
    """What the browser comes back with."""
    asked = await sandbox.http.get(path, params={"client_id": "app", "redirect_uri": BACK, "state": "s1", **query})
    page = await sandbox.http.get(asked.headers["location"])
    assert "Let Leadwake into the practice account" in page.text
    back = await sandbox.http.get(asked.headers["location"].replace("_consent", f"_{what}"))
    assert back.headers["location"].startswith(BACK)
    return parse_qs(urlsplit(back.headers["location"]).query)


async def calendly(sandbox: Visitor, **form: str) -> httpx.Response:
    return await sandbox.http.post(TOKEN, data=form, headers=BASIC)


async def tokens(sandbox: Visitor) -> Any:
    code = await agreed(sandbox, "/calendly/oauth/authorize", code_challenge=CHALLENGE, code_challenge_method="S256")
    about = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code["code"][0]}
    refused = await calendly(sandbox, **about, code_verifier="another")
    assert refused.json()["error"] == "invalid_grant"
    code = await agreed(sandbox, "/calendly/oauth/authorize", code_challenge=CHALLENGE, code_challenge_method="S256")
    about["code"] = code["code"][0]
    given = await calendly(sandbox, **about, code_verifier=VERIFIER)
    assert (await calendly(sandbox, **about, code_verifier=VERIFIER)).status_code == 400, "a code works once"
    return given.json()


async def me(sandbox: Visitor, token: str) -> int:
    answer = await sandbox.http.get("/calendly/users/me", headers={"authorization": f"Bearer {token}"})
    return answer.status_code


async def test_a_refresh_token_is_replaced_by_its_use_and_void_afterwards(sandbox: Visitor) -> None:
    first = await tokens(sandbox)
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    second = (await calendly(sandbox, **renew)).json()

    assert second["refresh_token"] != first["refresh_token"]
    assert (await calendly(sandbox, **renew)).json()["error"] == "invalid_grant"
    assert await me(sandbox, second["access_token"]) == 200
    await sandbox.http.post("/calendly/oauth/revoke", data={**CLIENT, "token": second["access_token"]})
    assert await me(sandbox, second["access_token"]) == 401
    assert await me(sandbox, "a token that somebody set by hand") == 200


async def test_within_a_grace_the_answer_is_as_before_even_when_it_was_cut(sandbox: Visitor) -> None:
    first = await tokens(sandbox)
    await sandbox.http.put("/calendly/_oauth", json={"grace_s": 30})
    renew = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}
    await sandbox.http.put("/behaviour/calendly", json={"mode": "cut"})
    with contextlib.suppress(httpx.TransportError):
        await calendly(sandbox, **renew)
    await sandbox.http.put("/behaviour/calendly", json={"mode": "ok"})

    again, once_more = [(await calendly(sandbox, **renew)).json() for _ in range(2)]
    assert again["access_token"] == once_more["access_token"]


async def test_each_vendor_says_no_in_its_own_words(sandbox: Visitor) -> None:
    renew = {"grant_type": "refresh_token", "refresh_token": "r", **CLIENT}
    hubspot = await sandbox.http.post("/hubspot/oauth/v3/token", data=renew)
    gohighlevel = await sandbox.http.post("/gohighlevel/oauth/token", data=renew)
    slack = await sandbox.http.post("/slack/api/oauth.v2.access", data=renew)
    denied = await agreed(sandbox, "/slack/oauth/v2/authorize", "deny")

    assert (hubspot.status_code, hubspot.json()["status"]) == (400, "BAD_REFRESH_TOKEN")
    assert (gohighlevel.status_code, gohighlevel.json()["message"]) == (401, "Invalid refresh token")
    assert (slack.status_code, slack.json()["error"]) == (200, "invalid_refresh_token")
    assert (denied["error"], denied["state"], "code" in denied) == (["access_denied"], ["s1"], False)
