"""What every workflow works with: the database, the keys, the clock, and how this team has set things up.

Settings, templates, the team and its rules are read once and again whenever somebody changed them (`refresh`).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from leadwake.clock import Clock
from leadwake.compliance.policy import STANDARD, Policy
from leadwake.compliance.tables import Tables
from leadwake.domain.aftermath import Aftermath
from leadwake.domain.deals import Stage
from leadwake.domain.registered_form import RegisteredForm
from leadwake.domain.routing_rules import STANDARD as STANDARD_ROUTING
from leadwake.domain.routing_rules import RoutingRules
from leadwake.domain.scoring import SHIPPED, Weights
from leadwake.domain.sequence.book import Book
from leadwake.domain.template import Template, compile_template, default_source
from leadwake.domain.website import Website
from leadwake.settings import Settings
from leadwake.storage import consent, grants, keyring, policies, routing_rules, rule_tables, scores, sequences, staff
from leadwake.storage.db import Database
from leadwake.storage.staff import Person
from leadwake.storage.vault import Vault
from leadwake.vendors import VENDORS, Mode
from leadwake.workflows.vendor_tokens import Tokens

_MOST_NOTED = 1000

#: every template there is, and what it is for; the team may write its own
TEMPLATES: Mapping[str, str] = {
    "instant_reply.sms": "The text a new lead gets",
    "instant_reply_held.sms": "The same text when it had to wait for permitted hours",
    "missed_call.sms": "The text to somebody whose call nobody could take",
    "instant_reply.subject": "The subject of the first e-mail",
    "instant_reply.email": "The first e-mail",
    "meeting_reminder.sms": "The text before a meeting, a day and an hour ahead",
    "meeting_reminder.subject": "The subject of the e-mail before a meeting",
    "meeting_reminder.email": "The e-mail before a meeting",
    "no_show.sms": "The text to somebody who did not come",
    "no_show.subject": "The subject of the e-mail to somebody who did not come",
    "no_show.email": "The e-mail to somebody who did not come, when no text can go",
    "stop_confirmation.sms": "The one text that confirms a stop",
    "help.sms": "The answer to HELP",
    "staff_alert.sms": "The text an agent gets about a new lead",
    "staff_alert.subject": "The subject of that e-mail",
    "staff_alert.email": "The e-mail an agent gets about a new lead",
    "reply_alert.sms": "The text an agent gets when a reply needs a person",
    "reply_alert.subject": "The subject of that e-mail",
    "reply_alert.email": "The e-mail an agent gets when a reply needs a person",
    "meeting_alert.sms": "The text an agent gets about a meeting",
    "meeting_alert.subject": "The subject of that e-mail",
    "meeting_alert.email": "The e-mail an agent gets about a meeting",
    "nurture_alert.sms": "The text an agent gets when a sequence asks for them",
    "nurture_alert.subject": "The subject of that e-mail",
    "nurture_alert.email": "The e-mail an agent gets when a sequence asks for them",
    "digest.subject": "The subject of an agent's daily digest",
    "digest.email": "An agent's daily digest, at 8:00 of their own clock",
    "digest_week.subject": "The subject of a manager's weekly digest",
    "digest_week.email": "A manager's weekly digest, on Mondays, and the daily one where it is switched on",
}


@dataclass(slots=True)
class Noted:
    """What this process noted a moment ago and need not note again; bounded by what is asked about."""

    _at: dict[tuple[str | None, ...], float] = field(default_factory=dict)

    def is_due(self, what: tuple[str | None, ...], every_s: float) -> bool:
        """True when it was not noted within so many seconds; then it counts as noted."""
        now = time.monotonic()
        if now - self._at.get(what, -every_s) < every_s:
            return False
        if len(self._at) >= _MOST_NOTED:
            self._at.clear()
        self._at[what] = now
        return True


@dataclass
class Office:
    """
    One team's Leadwake in one process.

    base_settings: environment and file; settings: with what was saved. shipped: the tables Leadwake came with; tables:
    those in force. policy: what the team changed about the rules. routing: which agents a lead may go to. weights: what
    each signal counts.
    """

    db: Database
    vault: Vault
    base_settings: Settings
    shipped: Tables
    tables: Tables = field(init=False)
    policy: Policy = field(init=False, default=STANDARD)
    routing: RoutingRules = field(init=False, default=STANDARD_ROUTING)
    weights: Weights = field(init=False, default=SHIPPED)
    settings: Settings = field(init=False)
    templates: dict[str, Template] = field(init=False, default_factory=dict)
    template_versions: dict[str, int] = field(init=False, default_factory=dict)
    team: tuple[Person, ...] = field(init=False, default=())
    #: CRM → field → property, where the team chose otherwise
    crm_fields: dict[str, dict[str, str]] = field(init=False, default_factory=dict)
    #: CRM → the stages of its pipelines; CRM → how deals are made there
    crm_stages: dict[str, tuple[Stage, ...]] = field(init=False, default_factory=dict)
    crm_deals: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    #: (CRM, contacts or deals) that carry our unique property
    crm_keys: frozenset[tuple[str, str]] = field(init=False, default=frozenset())
    #: the forms whose captures inherit their proof
    forms: tuple[RegisteredForm, ...] = field(init=False, default=())
    #: origin → the website whose pages may use our scripts
    websites: Mapping[str, Website] = field(init=False, default_factory=dict)
    #: sequences in force, and the versions that leads are still on
    sequences: Book = field(init=False, default_factory=Book)
    #: set where this database was restored from a backup
    aftermath: Aftermath | None = field(init=False, default=None)
    #: what is done just now because answers are late
    acting: frozenset[str] = field(init=False, default=frozenset())
    noted: Noted = field(init=False, default_factory=Noted)
    #: of vendors connected by OAuth
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self.settings = self.base_settings
        self.tokens = Tokens(self.db, self.vault, lambda: self.settings)
        self.tables = self.shipped
        self.templates = {name: compile_template(default_source(name)) for name in TEMPLATES}

    @property
    def clock(self) -> Clock:
        """Business time."""
        return self.settings.clock

    async def refresh_keys(self) -> None:
        """The vault holds the key-encryption keys as they stand in the database. Raises ConfigError, DatabaseAway."""
        configured = self.base_settings.get("MASTER_KEY") or None
        await keyring.reload(self.db, self.vault, self.base_settings.data_dir, configured)

    def forget_keys(self, ids: str | None) -> None:
        """The opened keys of these ids (comma-separated) are no longer held here; blank or None: none of any."""
        try:
            self.vault.forget([UUID(text) for text in ids.split(",")] if ids else None)
        except ValueError:
            self.vault.forget(None)

    async def refresh(self) -> None:
        """All of it, the rules too, is as it stands in the database. Raises DatabaseAway, ConfigError."""
        saved = {
            row["name"]: self.vault.open_setting(row["name"], row["sealed"]) for row in await self.db.all("settings")
        }
        granted = await grants.everything(self.db)
        self.settings = self.base_settings.with_saved(saved).with_grants(granted)
        own = {row["name"]: row for row in await self.db.all("templates")}
        self.templates = {
            name: compile_template(own[name]["source"] if name in own else default_source(name)) for name in TEMPLATES
        }
        self.template_versions = {name: row["version"] for name, row in own.items()}
        crm_fields: dict[str, dict[str, str]] = {}
        for row in await self.db.all("crm_fields"):
            crm_fields.setdefault(row["vendor"], {})[row["field"]] = row["property"]
        self.crm_fields = crm_fields
        stages: dict[str, list[Stage]] = {}
        for row in await self.db.all("crm_stages"):
            stages.setdefault(row.pop("vendor"), []).append(Stage(**row))
        self.crm_stages = {vendor: tuple(found) for vendor, found in stages.items()}
        self.crm_keys = frozenset((row["vendor"], row["kind"]) for row in await self.db.all("crm_keys"))
        self.crm_deals = {row["vendor"]: row for row in await self.db.all("crm_deals")}
        self.team = tuple(await staff.everybody(self.db, self.vault))
        restored = await self.db.one("restore_newest")
        self.aftermath = (
            Aftermath(restored["at"], restored["released_at"] is not None, restored["sends"]) if restored else None
        )
        self.forms = tuple(found.form for found in await consent.forms(self.db) if found.retired_at is None)
        self.websites = {row["origin"]: Website(**row) for row in await self.db.all("websites")}
        await self._refresh_rules()
        self.sequences = await sequences.book(self.db)
        self.acting = frozenset(row["act"] for row in await self.db.all("slo_going_on"))

    async def _refresh_rules(self) -> None:
        """Tables and policy together: no decision sees the new one of one and the old one of the other."""
        row = await self.db.one("rules_in_force")
        assert row is not None
        tables = await rule_tables.in_force(self.db, self.tables, self.shipped, row["table_version"])
        policy = await policies.in_force(self.db, self.policy, row["policy_version"])
        self.tables, self.policy = tables, policy
        self.routing = await routing_rules.in_force(self.db, self.routing, row["routing_version"])
        self.weights = await scores.in_force(self.db, self.weights, row["weights_version"])

    def person(self, user_id: UUID | None) -> Person | None:
        """The member of the team with this id."""
        return next((person for person in self.team if person.id == user_id), None)

    @property
    def agents(self) -> list[Person]:
        """Who takes leads now; the sample team only while nobody real does."""
        active = [person for person in self.team if person.takes_leads and not person.disabled]
        return [person for person in active if not person.practice] or active

    @property
    def admins(self) -> list[Person]:
        """Who is asked where no agent is."""
        return [person for person in self.team if person.role == "admin" and not person.disabled]

    @property
    def is_practice(self) -> bool:
        """True while nothing can leave this machine: the sandbox stands in, and no vendor is live."""
        return bool(self.stand_ins) and not self.is_live

    @property
    def is_live(self) -> bool:
        """True when some vendor is reached in earnest; a command beside `serve` knows nothing of the sandbox."""
        return any(self.settings.mode(name) is Mode.LIVE for name in VENDORS)

    @property
    def stand_ins(self) -> list[str]:
        """The vendors that the sandbox stands in for, by the names people know."""
        return [vendor.label for name, vendor in VENDORS.items() if self.settings.mode(name) is Mode.PRACTICE]
