"""Who gets in by an identity provider, and whether passwords count beside it. Nobody gets in who is not in the team."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from leadwake.errors import InputError, LeadwakeError, RuleError
from leadwake.providers.oidc import Identity, Spec, providers
from leadwake.sign_in import Ways, domains
from leadwake.storage import identities, staff
from leadwake.storage.db import Connection, q
from leadwake.storage.events import record
from leadwake.workflows.office import Office

#: code → what whoever was refused reads; {label} is the provider's name
_WORDS: Final = {
    "shut_out": "Your account here was closed. Ask an admin of your team.",
    "unverified": "{label} does not say that this e-mail address is yours, so we cannot know who you are. "
    "Confirm it there, or log in with your password.",
    "no_email": "{label} did not tell us your e-mail address. Let it, and start again.",
    "unknown": "Nobody in this team has the e-mail address of this {label} account. Ask an admin to invite exactly "
    "that address.",
    "other": "Your account here belongs to another {label} account. Use that one, or log in another way and unbind it "
    "under your name; an admin can do it, too.",
}


class Refused(LeadwakeError):
    """Somebody proved who they are, and does not get in; the message says what to do. code: for the log."""

    def __init__(self, code: str, spec: Spec) -> None:
        super().__init__(_WORDS[code].format(label=spec.label))
        self.code = code


async def admit(office: Office, spec: Spec, found: Identity) -> UUID:
    """
    Which member of the team this is: whose subject it is, else whose address the provider verified, bound from now on.

    Raises Refused, DatabaseAway.
    """
    async with office.db.transaction() as connection:
        if (known := await _known(office, connection, spec, found)) is not None:
            return known
        if found.email is None:
            raise Refused("no_email", spec)
        if not found.verified:
            raise Refused("unverified", spec)
        user_id = await _whose_address(office, connection, spec, found, found.email)
        await _forget_stale(connection, spec, user_id)
        await identities.bind(connection, office.vault, user_id, spec.key, found.issuer, found.subject, found.email)
        # bound by somebody else's sign-in a moment ago, or theirs to another subject: the rows say
        if await _known(office, connection, spec, found) != user_id:
            raise Refused("other", spec)
        await record(connection, office.clock.now(), f"user {user_id}", "identity_bound", via=spec.key)
        await connection.execute(q("office_changed"))
    await office.refresh()
    return user_id


async def _known(office: Office, connection: Connection, spec: Spec, found: Identity) -> UUID | None:
    hashed = identities.subject_hash(office.vault, found.issuer, found.subject)
    values = {"issuer": found.issuer, "subject_hash": hashed}
    row = await (await connection.execute(q("identity_user"), values)).fetchone()
    if row is None:
        return None
    if row["shut_out"]:
        raise Refused("shut_out", spec)
    await connection.execute(q("identity_seen"), {"id": row["id"]})
    user_id: UUID = row["user_id"]
    return user_id


async def _whose_address(office: Office, connection: Connection, spec: Spec, found: Identity, email: str) -> UUID:
    values = {"email_hash": office.vault.blind("email", email)}
    row = await (await connection.execute(q("identity_newcomer"), values)).fetchone()
    if row is None:
        return await _newcomer(office, connection, spec, found, email)
    if row["shut_out"]:
        raise Refused("shut_out", spec)
    user_id: UUID = row["id"]
    return user_id


async def _newcomer(office: Office, connection: Connection, spec: Spec, found: Identity, email: str) -> UUID:
    """An agent more, where the team lets its domain in; they take no leads until somebody says so."""
    domain = email.rpartition("@")[2]
    # Google verifies an address once: only its own hd says that the domain's owner still knows whoever has it
    is_theirs = spec.key != "google" or found.domain == domain
    if domain not in domains(office.settings.get("SIGN_IN_DOMAIN")) or not is_theirs:
        raise Refused("unknown", spec)
    name = found.name or email.partition("@")[0]
    try:
        new = staff.newcomer(name=name, email=email, phone=None, role="agent", takes_leads=False)
        await staff.insert(connection, office.vault, new)
    except (InputError, RuleError):
        raise Refused("unknown", spec) from None
    await record(connection, office.clock.now(), f"user {new.id}", "user_added", role="agent", via=spec.key)
    return new.id


async def _forget_stale(connection: Connection, spec: Spec, user_id: UUID) -> None:
    """What was bound at an issuer that this provider no longer stands for binds nobody."""
    rows = await (await connection.execute(q("identities_of"), {"user_id": user_id})).fetchall()
    for row in rows:
        if row["provider"] == spec.key and not spec.is_issuer(row["issuer"]):
            await connection.execute(q("identity_forget"), {"user_id": user_id, "provider": spec.key})


async def unbind(office: Office, user_id: UUID, provider: str, *, actor: str, mark: str = "") -> None:
    """The subject opens nothing any more, nor do sessions that began with it; mark: of the session that stays."""
    async with office.db.transaction() as connection:
        values = {"user_id": user_id, "provider": provider, "mark": mark}
        if (await connection.execute(q("identity_forget"), values)).rowcount:
            await connection.execute(q("identity_sessions_end"), values)
            now = office.clock.now()
            await record(connection, now, actor, "identity_unbound", user=str(user_id), via=provider)
            await connection.execute(q("office_changed"))


async def passwords_count(office: Office) -> bool:
    """
    Whether a password opens the door.

    Switched off, they still do until an admin has come in by a provider that is set up: nobody is locked out by a
    setting, nor by its loss. Raises DatabaseAway.
    """
    if office.settings.get("SIGN_IN") != Ways.PROVIDERS:
        return True
    specs = {spec.key: spec for spec in providers(office.settings)}
    rows = await office.db.all("identities_of_admins")
    return not any(row["provider"] in specs and specs[row["provider"]].is_issuer(row["issuer"]) for row in rows)
