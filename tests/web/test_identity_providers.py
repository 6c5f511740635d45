"""What an identity provider says is believed only when everything about it holds."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import RSAKey

from leadwake.config import load
from leadwake.errors import ConfigError, Unavailable
from leadwake.providers.guarded import Reach
from leadwake.providers.oidc import Identity, NotProven, Provider, Spec, identity, providers
from oidc_case import BACK, CLIENT_ID, CLIENT_SECRET, NONCE, VERIFIER, Liar, a_key, a_liar, by_secret, unsigned

KEY, OTHER = a_key("one"), a_key("two")
OWN = "3a0e1f2b-0000-4000-8000-00000000abcd"


@pytest.fixture
async def at() -> AsyncIterator[tuple[Liar, Provider]]:
    async with a_liar([KEY]) as both:
        yield both


async def finish(provider: Provider, said: str | None = None) -> Identity:
    return await provider.finish("code", NONCE, VERIFIER, BACK, said)


async def refused(provider: Provider, said: str | None = None) -> str:
    with pytest.raises(NotProven) as error:
        await finish(provider, said)
    return error.value.code


# What goes out.


async def test_the_browser_is_sent_with_pkce_a_state_and_a_nonce_of_its_own(at: tuple[Liar, Provider]) -> None:
    _, provider = at
    first, second = await provider.begin(BACK), await provider.begin(BACK)
    asked = {name: value[0] for name, value in parse_qs(urlsplit(first.url).query).items()}

    challenge = base64.urlsafe_b64encode(hashlib.sha256(first.verifier.encode()).digest()).rstrip(b"=").decode()
    assert asked == {
        "response_type": "code", "client_id": CLIENT_ID, "redirect_uri": BACK, "scope": "openid email profile",
        "state": first.state, "nonce": first.nonce, "code_challenge": challenge, "code_challenge_method": "S256",
    }  # fmt: skip
    assert not {first.state, first.nonce, first.verifier} & {second.state, second.nonce, second.verifier}


async def test_the_code_is_exchanged_with_its_verifier_and_our_secret(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    liar.metadata = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    await finish(provider)

    assert liar.forms == [{
        "grant_type": "authorization_code", "code": "code", "code_verifier": VERIFIER, "redirect_uri": BACK,
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET,
    }]  # fmt: skip


async def test_a_provider_without_a_word_on_it_hears_our_secret_as_basic(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    await finish(provider)

    assert "client_secret" not in liar.forms[0]


# What comes in.


async def test_a_good_token_says_who_it_is(at: tuple[Liar, Provider]) -> None:
    liar, provider = at

    assert await finish(provider) == Identity(
        liar.issuer, "248289761001", "dana@example.com", verified=True, name="Dana Reyes", domain=""
    )


BAD = {
    "another audience": {"aud": "somebody else"},
    "another audience by our leave": {"aud": "somebody else", "azp": CLIENT_ID},
    "several audiences and none of them ours": {"aud": ["one", "two"], "azp": CLIENT_ID},
    "several audiences without a party": {"aud": [CLIENT_ID, "another"]},
    "another party": {"azp": "somebody else"},
    "another issuer": {"iss": "https://accounts.google.com"},
    "no issuer": {"iss": None},
    "no subject": {"sub": None},
    "a number for a subject": {"sub": 12},
    "no audience": {"aud": None},
    "another nonce": {"nonce": "another"},
    "no nonce": {"nonce": None},
    "an empty nonce": {"nonce": ""},
    "no expiry": {"exp": None},
    "an expiry in words": {"exp": "tomorrow"},
    "no instant of issue": {"iat": None},
    "somebody else's access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
}


async def test_a_signed_token_that_is_not_for_this_sign_in_is_refused(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    for why, liar.claims in BAD.items():
        with pytest.raises(NotProven):
            pytest.fail(f"{why}: {await finish(provider)}")


async def test_an_expired_token_is_refused_and_the_clock_is_named(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    liar.claims = {"exp": int(time.time()) - 120, "iat": int(time.time()) - 500}

    with pytest.raises(NotProven, match="clock"):
        await finish(provider)


async def test_a_token_of_another_key_is_refused(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    for kid in ("one", "two"):
        liar.signs_with = RSAKey.import_key({**OTHER.as_dict(private=True), "kid": kid})

        assert await refused(provider)


async def test_a_token_without_a_signature_is_refused_even_where_the_provider_allows_it(
    at: tuple[Liar, Provider],
) -> None:
    liar, provider = at
    liar.id_token = unsigned(liar.good_claims())

    assert await refused(provider)


async def test_our_own_secret_and_the_provider_s_public_key_sign_nothing(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    liar.metadata = {"id_token_signing_alg_values_supported": ["HS256", "RS256", "none"]}
    for secret in (CLIENT_SECRET.encode(), KEY.as_pem(private=False)):
        liar.id_token = by_secret(liar.good_claims(), secret)

        assert await refused(provider)


async def test_an_answer_without_an_id_token_proves_nothing(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    for text in ("", "a.b.c", "no token"):
        liar.id_token = text

        assert await refused(provider)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3), max_leaves=6,
)  # fmt: skip


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=st.sampled_from(["iss", "aud", "nonce", "azp", "exp", "sub", "iat", "tid", "at_hash"]), value=_JSON)
async def test_a_claim_that_says_something_else_never_gets_anybody_else_in(
    at: tuple[Liar, Provider], name: str, value: Any
) -> None:
    liar, provider = at
    liar.claims = {name: value}
    try:
        found = await finish(provider)
    except NotProven:
        return

    assert found.issuer == liar.issuer
    assert found.subject == (value if name == "sub" else "248289761001")
    if name in {"aud", "nonce"}:
        assert value in (CLIENT_ID, [CLIENT_ID]) or value == NONCE
    if name == "azp":
        assert value in (None, "", CLIENT_ID) or not value


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
async def test_no_text_in_a_token_s_place_breaks_anything_or_is_believed(at: tuple[Liar, Provider], text: str) -> None:
    liar, provider = at
    for made in (text, f"{text}.{text}.{text}"):
        liar.id_token = made

        assert await refused(provider)


# Keys that change.


async def test_a_new_key_is_fetched_once_and_then_remembered(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    await finish(provider)
    await finish(provider)
    assert liar.asked == ["configuration", "jwks"]

    liar.keys = [OTHER]
    await finish(provider)
    await finish(provider)
    assert liar.asked == ["configuration", "jwks", "jwks"]


async def test_a_key_that_is_replaced_under_its_own_name_counts_at_once(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    await finish(provider)
    liar.keys = [RSAKey.import_key({**OTHER.as_dict(private=True), "kid": "one"})]

    assert (await finish(provider)).subject == "248289761001"


async def test_a_key_that_was_taken_back_opens_nothing_once_the_hour_is_over(
    at: tuple[Liar, Provider], monkeypatch: pytest.MonkeyPatch
) -> None:
    liar, provider = at
    await finish(provider)
    liar.keys, liar.signs_with = [OTHER], KEY
    assert await finish(provider)

    monkeypatch.setattr("leadwake.providers.oidc.FRESH_S", 0.0)
    assert await refused(provider)


# Addresses.


async def test_an_address_that_only_the_user_info_has_counts_with_the_same_subject(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    liar.claims = {"email": None, "email_verified": None}
    liar.user_info = {"sub": "248289761001", "email": "Dana@Example.com", "email_verified": True}
    assert (await finish(provider)).email == "dana@example.com"

    liar.user_info["sub"] = "somebody else"
    assert (await finish(provider)).email is None


@pytest.mark.parametrize("said", [None, False, "false", 0, 1, "yes", [True]])
def test_an_address_is_verified_only_when_the_provider_says_so(said: Any) -> None:
    spec = Spec("oidc", "Liar", "https://login.example.com", "id", "secret")
    claims = {"iss": spec.issuer, "sub": "s", "email": "dana@example.com", "email_verified": said}

    assert not identity(spec, claims).verified
    assert identity(spec, {**claims, "email_verified": True}).verified


def microsoft(tenant: str) -> Spec:
    return Spec("microsoft", "Microsoft", f"https://login.microsoftonline.com/{tenant}/v2.0", "id", "secret", tenant)


@pytest.mark.parametrize(
    ("tenant", "more", "verified"),
    [
        (OWN, {}, True),
        ("contoso.com", {}, True),
        ("common", {}, False),
        ("common", {"email_verified": True}, False),  # Microsoft does not say that; a directory might
        ("common", {"xms_edov": False}, False),
        ("common", {"xms_edov": True}, True),
        ("organizations", {"xms_edov": "1"}, True),
        ("common", {"tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}, True),
    ],
)
def test_in_a_directory_of_somebody_else_an_address_is_nobody_s_proof(
    tenant: str, more: dict[str, Any], verified: bool
) -> None:
    claims = {"iss": f"https://login.microsoftonline.com/{OWN}/v2.0", "sub": "s", "email": "dana@example.com", **more}

    assert identity(microsoft(tenant), {"tid": OWN, **claims}).verified is verified


def test_microsoft_s_issuers_are_those_of_the_tenants_that_may_come() -> None:
    issuer = f"https://login.microsoftonline.com/{OWN}/v2.0"
    other = "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"

    assert microsoft(OWN).is_issuer(issuer)
    assert not microsoft(OWN).is_issuer(other)
    assert microsoft("contoso.com").is_issuer(issuer)
    assert not microsoft("contoso.com").is_issuer("https://login.microsoftonline.com/{tenantid}/v2.0")
    assert microsoft("common").is_issuer("https://login.microsoftonline.com/{tenantid}/v2.0")
    for strange in (
        "https://login.microsoftonline.com.evil.example/" + OWN + "/v2.0", issuer + "/", issuer + "/v2.0",
        "https://login.microsoftonline.com/evil/v2.0", "https://evil.example/v2.0", f"http://login.microsoftonline.com/{OWN}/v2.0",
    ):  # fmt: skip
        assert not microsoft("common").is_issuer(strange), strange


@pytest.mark.parametrize("tid", [None, "", "not a tenant", "{tenantid}", "../evil", 7])
def test_a_token_for_many_tenants_has_to_name_its_own(tid: Any) -> None:
    metadata = {"issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}
    spec = microsoft("common")
    provider = Provider(spec, Reach.PUBLIC)
    claims = {**Liar().good_claims(), "aud": "id", "tid": tid, "iss": f"https://login.microsoftonline.com/{tid}/v2.0"}

    with pytest.raises(NotProven):
        provider._checked(metadata, jwt.Token({"alg": "RS256"}, claims), {}, NONCE)


# Documents and answers that do not hold.


async def test_a_configuration_that_does_not_hold_is_refused(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    for liar.metadata in (
        {"issuer": "https://accounts.google.com"}, {"issuer": None}, {"token_endpoint": None}, {"jwks_uri": 7},
        {"authorization_endpoint": "javascript:alert(1)"}, {"id_token_signing_alg_values_supported": ["none", "HS256"]},
    ):  # fmt: skip
        with pytest.raises(NotProven):
            await Provider(provider.spec, Reach.LOOPBACK).begin(BACK)


async def test_an_answer_of_another_issuer_is_a_mix_up(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    assert await refused(provider, "https://accounts.google.com") == "mix_up"
    assert await finish(provider, liar.issuer)

    liar.metadata = {"authorization_response_iss_parameter_supported": True}
    promising = Provider(provider.spec, Reach.LOOPBACK)
    assert await refused(promising, None) == "mix_up"


async def test_a_provider_that_is_down_is_unavailable(at: tuple[Liar, Provider]) -> None:
    liar, provider = at
    liar.status = 500
    with pytest.raises(Unavailable):
        await provider.begin(BACK)
    nobody = Spec("oidc", "Nobody", "http://127.0.0.1:9", "id", "secret")
    with pytest.raises(Unavailable):
        await Provider(nobody, Reach.LOOPBACK).begin(BACK)


@pytest.mark.parametrize(
    "issuer", ["http://127.0.0.1:9", "https://127.0.0.1", "https://169.254.169.254", "https://10.0.0.1"]
)
async def test_a_provider_inside_the_network_is_never_asked(issuer: str) -> None:
    with pytest.raises(Unavailable, match="inside a network"):
        await Provider(Spec("oidc", "Inside", issuer, "id", "secret"), Reach.PUBLIC).begin(BACK)


# Settings.


def test_the_providers_are_those_with_a_client_id() -> None:
    found = load({
        "LEADWAKE_GOOGLE_CLIENT_ID": "g", "LEADWAKE_GOOGLE_CLIENT_SECRET": "x", "LEADWAKE_MICROSOFT_CLIENT_ID": "m",
        "LEADWAKE_OIDC_CLIENT_ID": "without an issuer",
    })  # fmt: skip

    assert [(spec.key, spec.issuer) for spec in providers(found)] == [
        ("google", "https://accounts.google.com"), ("microsoft", "https://login.microsoftonline.com/common/v2.0"),
    ]  # fmt: skip
    assert "x" not in repr(providers(found)[0]).split("client_id")[1]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SIGN_IN", "nobody"), ("OIDC_ISSUER", "http://login.example.com"), ("OIDC_ISSUER", "login.example.com"),
        ("OIDC_ISSUER", "https://login.example.com?a=b"), ("MICROSOFT_TENANT", "../common"),
        ("SIGN_IN_DOMAIN", "gmail.com"), ("SIGN_IN_DOMAIN", "example.com outlook.com"), ("SIGN_IN_DOMAIN", "all"),
    ],
)  # fmt: skip
def test_a_setting_that_would_let_strangers_in_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(ConfigError, match=name):
        load({f"LEADWAKE_{name}": value})
