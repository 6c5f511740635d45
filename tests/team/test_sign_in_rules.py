"""Whose account elsewhere is whose: nobody gets somebody else's place, in whatever order they come."""

from __future__ import annotations

import asyncio
import dataclasses
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadwake.providers.oidc import Identity, Spec
from leadwake.storage import identities
from leadwake.workflows import sign_in
from leadwake.workflows.office import Office
from leadwake.workflows.saving import save
from office_case import hire

OKTA = Spec("oidc", "Okta", "https://login.example.com", "id", "secret")
GOOGLE = Spec("google", "Google", "https://accounts.google.com", "id", "secret")
INVITED = ("ann@example.com", "bob@example.com", "cleo@example.com")


def account(subject: str, email: str | None, *, verified: bool = True, domain: str = "", spec: Spec = OKTA) -> Identity:
    return Identity(spec.issuer, subject, email, verified, "Somebody", domain)


async def team(office: Office) -> dict[UUID, str]:
    return {
        (await hire(office, name=email[:3], email=email, practice=False, phone=None)).id: email for email in INVITED
    }


async def admitted(office: Office, found: Identity, spec: Spec = OKTA) -> UUID | str:
    """Who it is, or why not."""
    try:
        return await sign_in.admit(office, spec, found)
    except sign_in.Refused as error:
        return error.code


STEP = st.tuples(
    st.sampled_from(["s1", "s2", "s3", "s4"]), st.sampled_from([*INVITED, "stranger@example.com", None]), st.booleans()
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(STEP, st.booleans()), max_size=10))
async def test_a_subject_is_one_person_s_until_it_is_unbound_and_was_bound_by_their_verified_address(
    office: Office, steps: list[tuple[tuple[str, str | None, bool], bool]]
) -> None:
    ids = {person.email: person.id for person in office.team if person.email in INVITED} or {
        email: id_ for id_, email in (await team(office)).items()
    }
    for id_ in ids.values():
        await sign_in.unbind(office, id_, "oidc", actor="cli")
    whose: dict[str, UUID] = {}
    for (subject, email, verified), unbinds in steps:
        found = await admitted(office, account(subject, email, verified=verified))
        if subject in whose:
            assert found == whose[subject]
        elif isinstance(found, UUID):
            assert verified
            assert email is not None
            assert found == ids[email]
            assert found not in whose.values()
            whose[subject] = found
        else:
            assert not verified or email not in ids or ids[email] in whose.values()
        if unbinds and subject in whose:
            await sign_in.unbind(office, whose.pop(subject), "oidc", actor="cli")


async def test_two_accounts_with_one_address_at_the_same_moment_are_one_person_s_and_nobody_s(office: Office) -> None:
    ids = await team(office)
    found = await asyncio.gather(*(admitted(office, account(f"s{n}", "ann@example.com")) for n in range(5)))

    (ann,) = [id_ for id_, email in ids.items() if email == "ann@example.com"]
    assert found.count(ann) == 1
    assert found.count("other") == 4
    assert len(await identities.of(office.db, office.vault, ann)) == 1


async def test_the_same_account_twice_at_the_same_moment_is_the_same_person(office: Office) -> None:
    await team(office)
    first, second = await asyncio.gather(*(admitted(office, account("s1", "ann@example.com")) for _ in range(2)))

    assert first == second
    assert isinstance(first, UUID)


async def test_the_invented_team_belongs_to_nobody(office: Office) -> None:
    assert await admitted(office, account("s1", "dana@example.com")) == "shut_out"


@pytest.mark.parametrize(
    ("spec", "domain", "comes_in"),
    [(OKTA, "", True), (GOOGLE, "", False), (GOOGLE, "other.example", False), (GOOGLE, "team.example", True)],
)
async def test_google_has_to_vouch_for_a_domain_whose_people_come_in_by_themselves(
    office: Office, spec: Spec, domain: str, comes_in: bool
) -> None:
    await save(office, {"SIGN_IN_DOMAIN": "team.example"}, "cli")
    found = await admitted(office, account("s1", "nina@team.example", domain=domain, spec=spec), spec)

    assert isinstance(found, UUID) is comes_in
    assert (found == "unknown") is not comes_in


async def test_what_was_bound_at_an_issuer_that_is_no_longer_the_provider_s_gives_way(office: Office) -> None:
    await team(office)
    ann = await admitted(office, account("s1", "ann@example.com"))
    moved = dataclasses.replace(OKTA, issuer="https://new.example.com")

    assert await admitted(office, account("s9", "ann@example.com", spec=moved), moved) == ann
    assert await admitted(office, account("s8", "ann@example.com", spec=moved), moved) == "other"
