"""Keys for programs and the people of the team, from the command line."""

from __future__ import annotations

from command_case import CommandLine

from leadwake.domain.roster import EXAMPLE
from leadwake.storage.credentials import api_key_id, verify_api_key, verify_client_secret
from leadwake.storage.staff import token_hash
from leadwake.workflows.saving import save


def events(leadwake: CommandLine) -> list[tuple[str, str, object]]:
    return leadwake.sql("select actor, kind, data from event order by id")  # type: ignore[return-value]


def test_a_new_key_stands_alone_on_the_last_line_and_lets_in(leadwake: CommandLine) -> None:
    answer = leadwake("api-key", "create", "our website")
    key = answer.lines[-1]
    ((key_id, stored, scopes),) = leadwake.sql("select id, secret_hash, scopes from api_key")

    assert answer.code == 0
    assert api_key_id(key) == key_id
    assert verify_api_key(key, stored)
    assert scopes == ["leads:write", "leads:read"]
    assert key not in leadwake("api-key", "list").out
    assert events(leadwake) == [("cli", "api_key_created", {"key": key_id, "scopes": scopes})]


def test_a_key_has_only_the_scopes_it_was_given(leadwake: CommandLine) -> None:
    leadwake("api-key", "create", "form", "--scope", "leads:write")

    assert leadwake.sql("select scopes from api_key") == [(["leads:write"],)]
    assert "leads:read" in leadwake("api-key", "create", "x", "--scope", "everything").refused(2)
    assert leadwake("api-key", "create", " ").refused(2)


def test_a_revoked_key_is_revoked_once(leadwake: CommandLine) -> None:
    key = leadwake("api-key", "create", "web").lines[-1]
    first, again = leadwake("api-key", "revoke", key), leadwake("api-key", "revoke", key)
    (listed,) = leadwake("api-key", "list", "--json").json

    assert first.code == 0
    assert key not in first.out
    assert "api-key list" in again.refused(1)
    assert listed["revoked_at"]
    assert [kind for _, kind, _ in events(leadwake)] == ["api_key_created", "api_key_revoked"]


def test_a_key_gets_a_new_secret_under_its_old_id(leadwake: CommandLine) -> None:
    old = leadwake("api-key", "create", "web").lines[-1]
    answer = leadwake("api-key", "rotate", old, "--keep-hours", "48")
    (listed,) = leadwake("api-key", "list", "--json").json

    assert answer.code == 0
    assert answer.lines[-1].split("_")[:2] == old.split("_")[:2]
    assert answer.lines[-1] != old
    assert "the old one opens until" in answer.out
    assert listed["former_until"]
    assert events(leadwake)[-1] == ("cli", "api_key_rotated", {"key": old.split("_")[1], "keep_hours": 48})
    assert "api-key list" in leadwake("api-key", "rotate", "0" * 12).refused(1)


def test_an_invited_person_is_in_the_team_and_has_a_link(leadwake: CommandLine) -> None:
    answer = leadwake(
        "user", "invite", "Dana@Example.com", "--name", "Dana Reyes", "--phone", "(813) 555-0101",
        PUBLIC_URL="https://leads.example.com",
    )  # fmt: skip
    base, _, token = answer.lines[-1].rpartition("/")
    (listed,) = leadwake("user", "list", "--json").json
    ((user_id, takes_leads),) = leadwake.sql("select id, takes_leads from app_user")

    assert answer.code == 0
    assert base == "https://leads.example.com/invite"
    assert leadwake.sql("select token_hash, user_id from invite") == [(token_hash(token), user_id)]
    assert takes_leads
    assert {name: listed[name] for name in ("name", "email", "phone", "role", "state")} == {
        "name": "Dana Reyes", "email": "dana@example.com", "phone": "+18135550101", "role": "agent", "state": "invited",
    }  # fmt: skip
    assert events(leadwake) == [("cli", "user_added", {"user": str(user_id), "role": "agent"})]


def test_inviting_again_is_a_new_link_not_a_second_person(leadwake: CommandLine) -> None:
    first = leadwake("user", "invite", "dana@example.com", "--role", "admin")
    second = leadwake("user", "invite", "dana@example.com")

    assert second.code == 0
    assert first.lines[-1] != second.lines[-1]
    assert leadwake.sql("select count(*), bool_or(takes_leads) from app_user") == [(1, False)]
    assert leadwake.sql("select count(*) from invite") == [(2,)]


def test_a_wrong_address_number_or_role_is_one_line(leadwake: CommandLine) -> None:
    leadwake("user", "list")
    assert "email" in leadwake("user", "invite", "dana").refused(2)
    assert "phone" in leadwake("user", "invite", "dana@example.com", "--phone", "12").refused(2)
    assert "admin" in leadwake("user", "invite", "dana@example.com", "--role", "boss").refused(2)
    assert leadwake.sql("select count(*) from app_user") == [(0,)]


def test_somebody_shut_out_is_signed_out_and_takes_no_leads(leadwake: CommandLine) -> None:
    leadwake("user", "invite", "dana@example.com")
    leadwake.sql(
        "insert into session (token_hash, user_id, expires_at) select 'x', id, now() + interval '1 day' from app_user"
    )
    answer = leadwake("user", "disable", "dana@example.com")

    assert answer.code == 0
    assert "--role admin" in answer.err  # nobody is left who could sign in
    assert leadwake.sql("select disabled_at is not null, takes_leads from app_user") == [(True, False)]
    assert leadwake.sql("select count(*) from session") == [(0,)]
    assert "former" in leadwake("user", "invite", "dana@example.com").refused(1)
    assert "user list" in leadwake("user", "disable", "nobody@example.com").refused(1)


def test_a_list_is_taken_once_and_its_links_are_told_once(leadwake: CommandLine) -> None:
    (leadwake.folder / "agents.csv").write_text(EXAMPLE)
    dry = leadwake("user", "import", "agents.csv", "--dry-run")
    none_yet = leadwake.sql("select count(*) from app_user")
    taken = leadwake("user", "import", "agents.csv", "--invite", PUBLIC_URL="https://leads.example.com")
    again = leadwake("user", "import", "agents.csv", "--invite")

    assert dry.code == taken.code == again.code == 0
    assert none_yet == [(0,)]
    assert "nothing was changed" in dry.err
    assert taken.lines[0] == "name,email,link"
    assert [line.partition("/invite/")[0] for line in taken.lines[1:]] == [
        "Ana Ortiz,ana@example.com,https://leads.example.com", "Ben Carter,ben@example.com,https://leads.example.com",
    ]  # fmt: skip
    assert again.lines == ["name,email,link"]
    assert "0 added, 0 changed" in again.err
    assert leadwake.sql("select count(*) from invite") == [(2,)]
    assert leadwake.sql("select licences, capacity from app_user where role = 'agent'") == [(["FL", "GA"], 20)]


def test_a_list_with_a_wrong_row_is_refused_whole_by_its_line(leadwake: CommandLine) -> None:
    text = "name,email,capacity\nAna,ana@example.com,5\nBo,bo@example.com,lots\n"
    refused = leadwake("user", "import", "-", stdin=text)
    nobody = leadwake.sql("select count(*) from app_user")
    partly = leadwake("user", "import", "-", "--partial", stdin=text)

    assert refused.code == 1
    assert "capacity: write a number" in refused.err
    assert "--partial" in refused.err
    assert refused.out == ""
    assert nobody == [(0,)]
    assert partly.code == 0
    assert leadwake.sql("select count(*) from app_user") == [(1,)]
    assert "'email'" in leadwake("user", "import", "-", stdin="name\nAna\n").refused(2)


async def test_whoever_runs_the_server_lets_passwords_count_again(leadwake: CommandLine) -> None:
    async with leadwake.office() as office:
        await save(office, {"SIGN_IN": "providers"}, "cli")
    shown = leadwake("sign-in", "show", OIDC_ISSUER="https://login.example.com", OIDC_CLIENT_ID="x")
    assert shown.out.splitlines() == ["Passwords count.", "single sign-on: https://login.example.com"]

    assert "set it to all there" in leadwake("sign-in", "open", SIGN_IN="providers").refused(1)
    assert leadwake("sign-in", "open").code == 0
    assert leadwake.sql("select 1 from setting where name = 'SIGN_IN'") == []


def test_an_api_client_is_made_gets_another_secret_and_is_revoked(leadwake: CommandLine) -> None:
    answer = leadwake("api-client", "create", "our warehouse", "--scope", "leads:read")
    client, secret = answer.lines[-2:]
    ((client_id, stored, scopes),) = leadwake.sql("select id, secret_hash, scopes from api_client")

    assert client == client_id
    assert verify_client_secret(secret, stored)
    assert scopes == ["leads:read"]
    another = leadwake("api-client", "rotate", client).lines[-1]
    listed = leadwake("api-client", "list", "--json")
    assert listed.json[0]["old_until"]
    assert secret not in listed.out
    assert another != secret
    leadwake("api-client", "rotate", client, "--now")
    assert leadwake.sql("select old_secret_hash from api_client") == [(None,)]
    assert leadwake("api-client", "revoke", client).code == 0
    assert "api-client list" in leadwake("api-client", "revoke", client).refused(1)
    kinds = [kind for _, kind, _ in events(leadwake)]
    assert kinds == ["oauth_client_created", "oauth_client_rotated", "oauth_client_rotated", "oauth_client_revoked"]
