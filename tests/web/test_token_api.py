"""Programs that get access tokens: what opens the API, for how long, and what an OAuth client is told when not."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import httpx
import pytest
from authlib.integrations.requests_client import OAuth2Session
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from oauthlib.oauth2 import BackendApplicationClient, InvalidClientError
from page_case import admin, logged_in

from leadwake.storage.credentials import SCOPES
from leadwake.web.token_api import BURST, GUESSES
from leadwake.web.token_server import Client
from leadwake.workflows import api_clients
from office_case import House, until

LEAD = {"name": "Ann Lee", "phone": "(813) 555-0142", "email": "ann@example.com", "message": "the blue house"}
GRANT = {"grant_type": "client_credentials"}


async def a_client(house: House, *scopes: str) -> tuple[str, str]:
    return await api_clients.add(house.office, "warehouse", scopes or SCOPES, actor="cli")


async def ask(house: House, client: tuple[str, str] | None, path: str = "/oauth/token", **form: str) -> httpx.Response:
    """With HTTP Basic, as RFC 6749 wants it."""
    return await house.http.post(path, data=form or GRANT, auth=client or httpx.USE_CLIENT_DEFAULT)


async def token(house: House, client: tuple[str, str], **form: str) -> str:
    answer = await ask(house, client, **{**GRANT, **form})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


async def opens(house: House, text: str, path: str = "/v1/leads/00000000-0000-0000-0000-000000000000") -> int:
    return (await house.http.get(path, headers={"Authorization": f"Bearer {text}"})).status_code


def is_error(answer: httpx.Response, status: int, error: str) -> None:
    """RFC 6749 5.2."""
    assert (answer.status_code, answer.json()["error"]) == (status, error), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
    assert (status == 401) == ("www-authenticate" in answer.headers)


async def test_a_token_for_an_id_and_a_secret_sends_and_reads_leads(idle_house: House) -> None:
    house, client = idle_house, await a_client(idle_house, "leads:write", "leads:read")
    answer = await ask(house, client)
    body = answer.json()

    assert {**body, "access_token": ""} == {
        "access_token": "", "token_type": "Bearer", "expires_in": 3600, "scope": "leads:write leads:read"
    }  # fmt: skip
    assert answer.headers["cache-control"] == "no-store"
    headers = {"Authorization": f"Bearer {body['access_token']}", "Idempotency-Key": "one"}
    sent = await house.http.post("/v1/leads", json=LEAD, headers=headers)
    assert sent.status_code == 202
    read = await house.http.get(f"/v1/leads/{sent.json()['lead_id']}", headers=headers)
    assert read.json()["name"] == "Ann Lee"

    # the same key of the same client an hour later, by another token, is the same request
    other = {**headers, "Authorization": f"Bearer {await token(house, client)}"}
    again = await house.http.post("/v1/leads", json=LEAD, headers=other)
    assert again.json()["inquiry_id"] == sent.json()["inquiry_id"]
    stored = await house.rows("select secret_hash::text as a from access_token")
    assert len(stored) == 2
    assert body["access_token"] not in str(stored)


async def test_authlib_and_oauthlib_get_tokens_and_take_them_back(idle_house: House) -> None:
    house, (client_id, secret) = idle_house, await a_client(idle_house)
    found = (await house.http.get("/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == house.url

    def by_authlib(method: str) -> dict[str, Any]:
        with OAuth2Session(client_id, secret, scope="leads:read", token_endpoint_auth_method=method,
                           revocation_endpoint_auth_method=method) as session:  # fmt: skip
            got = session.fetch_token(found["token_endpoint"], grant_type="client_credentials")
            assert session.get(f"{house.url}/v1/leads/00000000-0000-0000-0000-000000000000").status_code == 404
            assert session.revoke_token(found["revocation_endpoint"], got["access_token"]).status_code == 200
            return dict(got)

    for method in found["token_endpoint_auth_methods_supported"]:
        got = await asyncio.to_thread(by_authlib, method)
        assert got["scope"] == "leads:read"

    standard = BackendApplicationClient(client_id, scope=["leads:read"])
    body = standard.prepare_request_body(include_client_id=True, client_secret=secret)
    answer = await house.http.post(
        found["token_endpoint"], content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    parsed = standard.parse_request_body_response(answer.text)
    assert await opens(house, parsed["access_token"]) == 404
    wrong = await ask(house, (client_id, "wrong"))
    with pytest.raises(InvalidClientError):
        standard.parse_request_body_response(wrong.text)


async def test_a_token_may_what_was_asked_and_never_more_than_its_client(idle_house: House) -> None:
    house, client = idle_house, await a_client(idle_house, "leads:read")

    assert await opens(house, await token(house, client)) == 404
    writer = {"Authorization": f"Bearer {await token(house, client)}"}
    refused = await house.http.post("/v1/leads", json=LEAD, headers=writer)
    assert refused.status_code == 403
    assert 'error="insufficient_scope", scope="leads:write"' in refused.headers["www-authenticate"]
    for scope in ("leads:write", "leads:read leads:write", "everything", "leads:read everything"):
        is_error(await ask(house, client, **GRANT, scope=scope), 400, "invalid_scope")


@given(
    st.lists(st.sampled_from(SCOPES), unique=True), st.lists(st.sampled_from([*SCOPES, "other", "leads:*"]), max_size=4)
)
def test_no_scope_is_ever_given_that_the_client_does_not_have(owned: list[str], asked: list[str]) -> None:
    given_ = Client("lwc_000000000000", tuple(owned)).get_allowed_scope(" ".join(asked))

    assert given_ is None or set(given_.split()) <= set(owned)
    if asked:
        assert (given_ is not None) == (set(asked) <= set(owned))


async def test_what_does_not_fit_is_told_as_the_rfc_says(idle_house: House) -> None:
    house, (client_id, secret) = idle_house, await a_client(idle_house)
    client = (client_id, secret)
    for wrong in ((client_id, "lws_wrong"), ("lwc_000000000000", secret), ("x", "y"), (client_id, "")):
        is_error(await ask(house, wrong), 401, "invalid_client")
    is_error(await ask(house, None), 401, "invalid_client")
    is_error(await ask(house, None, **GRANT, client_id=client_id, client_secret="x"), 401, "invalid_client")
    is_error(await ask(house, client, grant_type="password", username="a", password="b"), 400, "unsupported_grant_type")
    is_error(await ask(house, client, scope="leads:read"), 400, "invalid_request")
    both = {**GRANT, "client_id": client_id, "client_secret": secret}
    is_error(await ask(house, client, **both), 400, "invalid_request")
    twice = await house.http.post(
        "/oauth/token", content="grant_type=client_credentials&grant_type=client_credentials", auth=client,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    is_error(twice, 400, "invalid_request")
    is_error(await house.http.post("/oauth/token", json=GRANT, auth=client), 400, "invalid_request")
    is_error(await ask(house, client, **GRANT, scope="a" * 20_000), 413, "invalid_request")
    # a key is no client, and a client's secret no key
    assert await opens(house, secret) == 401
    assert not await house.rows("select 1 from access_token")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=80), st.sampled_from(["/oauth/token", "/oauth/revoke"]),
    st.binary(max_size=40) | st.binary(max_size=40).map(lambda raw: b"Basic " + base64.b64encode(raw)),
)  # fmt: skip
async def test_no_bytes_break_it_or_get_a_token(idle_house: House, body: bytes, path: str, header: bytes) -> None:
    clean = bytes(byte for byte in header if byte >= 32 and byte != 127).strip()  # the server takes no other
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"authorization", clean)]
    content = (b"grant_type=client_credentials&" if len(body) % 2 else b"") + body
    answer = await idle_house.http.post(path, content=content, headers=headers)

    assert answer.status_code in {400, 401, 429}
    assert "access_token" not in answer.text


async def test_a_guess_too_many_has_to_wait_even_with_the_right_secret(idle_house: House) -> None:
    house, client = idle_house, await a_client(idle_house)
    for _ in range(GUESSES):
        is_error(await ask(house, (client[0], "wrong")), 401, "invalid_client")
    refused = await ask(house, client)

    is_error(refused, 429, "slow_down")
    assert int(refused.headers["retry-after"]) > 0
    assert GUESSES < BURST


# How it ends.


async def test_a_revoked_token_opens_nothing_within_seconds_and_nobody_else_may_revoke_it(idle_house: House) -> None:
    house, client, other = idle_house, await a_client(idle_house), await a_client(idle_house)
    text, second = await token(house, client), await token(house, client)
    assert await opens(house, text) == 404
    is_error(await ask(house, other, "/oauth/revoke", token=text), 400, "invalid_grant")
    is_error(await ask(house, None, "/oauth/revoke", token=text), 401, "invalid_client")
    is_error(await ask(house, client, "/oauth/revoke", token=""), 400, "invalid_request")
    assert (await ask(house, client, "/oauth/revoke", token=text[:-1] + "_")).status_code == 200
    assert await opens(house, text) == 404

    assert (await ask(house, client, "/oauth/revoke", token=text, token_type_hint="access_token")).status_code == 200
    assert (await ask(house, client, "/oauth/revoke", token=text)).status_code == 200

    async def is_refused() -> bool:
        return await opens(house, text) == 401

    await until(is_refused, limit_s=3)
    assert await opens(house, second) == 404
    (event,) = await house.rows("select actor, data::text as data from event where kind = 'oauth_token_revoked'")
    assert event["actor"] == f"client {client[0]}"
    assert text not in event["data"]


async def test_two_secrets_are_good_while_a_client_changes_over_and_one_at_once_when_it_has_to(
    idle_house: House,
) -> None:
    house, (client_id, first) = idle_house, await a_client(idle_house)
    held = await token(house, (client_id, first))
    second = await api_clients.rotate(house.office, client_id, at_once=False, actor="cli")
    await token(house, (client_id, first))
    await token(house, (client_id, second))
    third = await api_clients.rotate(house.office, client_id, at_once=False, actor="cli")
    is_error(await ask(house, (client_id, first)), 401, "invalid_client")
    await token(house, (client_id, second))

    await house.rows("update api_client set old_until = now() - interval '1 second' returning 1")
    is_error(await ask(house, (client_id, second)), 401, "invalid_client")
    fourth = await api_clients.rotate(house.office, client_id, at_once=True, actor="cli")
    is_error(await ask(house, (client_id, third)), 401, "invalid_client")
    assert await opens(house, held) == 401
    assert await opens(house, await token(house, (client_id, fourth))) == 404


async def test_a_revoked_client_and_its_tokens_open_nothing_and_old_tokens_go(idle_house: House) -> None:
    house, client = idle_house, await a_client(idle_house)
    text = await token(house, client)
    await house.rows("update access_token set expires_at = now() returning 1")
    assert await opens(house, text) == 401
    assert await house.office.db.run("access_tokens_prune") == 1

    text = await token(house, client)
    await api_clients.revoke(house.office, client[0], actor="cli")
    is_error(await ask(house, client), 401, "invalid_client")
    assert await opens(house, text) == 401
    assert not await house.rows("select 1 from access_token")


# The page.


async def test_an_admin_makes_rotates_and_revokes_a_client_on_its_page(idle_house: House) -> None:
    house = idle_house
    await admin(house)
    async with logged_in(house) as client:
        assert "Allow it something" in (await client.post("/setup/clients", data={"name": "n8n"})).text
        made = await client.post("/setup/clients", data={"name": "n8n", "scope_leads:read": "on"})
        (row,) = await house.rows("select id from api_client")
        secret = made.text.split('id="client-secret" tabindex="0">')[1].split("<")[0]
        assert await opens(house, await token(house, (row["id"], secret))) == 404
        assert secret not in (await client.get("/setup/clients")).text

        rotated = await client.post(f"/setup/clients/{row['id']}/rotate")
        assert "good beside it for 24 hours" in rotated.text
        assert "two secrets until" in rotated.text
        assert (await client.post(f"/setup/clients/{row['id']}/revoke")).status_code == 303
        assert (await client.post(f"/setup/clients/{row['id']}/revoke")).status_code == 404
        assert "Made an API client" in (await client.get("/setup/audit")).text
