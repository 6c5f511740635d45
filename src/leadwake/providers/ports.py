"""What Leadwake asks of vendors: small protocols, one set of values. Vendors' own words stay in their files."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import httpx

from leadwake.domain.deals import Stage

#: A vendor call ends within this many seconds, whatever happens.
CALL_DEADLINE_S = 10.0
#: A claimed action belongs to its worker for this long; nothing is written to a vendor after it.
LEASE_S = 12.0
#: code of an error: nothing but a person at the vendor's page helps
CONNECT_AGAIN = "connect_again"
#: what a deal is called whose person was erased
FORGOTTEN = "Erased on request"


@dataclass(slots=True)
class Call:
    """One attempt to reach a vendor: until when it may write, and whether it did.

    lease_until: `time.monotonic()` instant after which nothing may be written.
    written: set just before the last bytes of a request leave; a failure before it is known not to have been accepted.
    requests: how many it took; a vendor's limits count each.
    """

    lease_until: float
    written: bool = False
    requests: int = 0

    @classmethod
    def for_seconds(cls, seconds: float = LEASE_S) -> Call:
        """A call whose lease starts now."""
        return cls(lease_until=time.monotonic() + seconds)

    def may_write(self) -> bool:
        """True while the lease holds."""
        return time.monotonic() < self.lease_until


class Bearer(Protocol):
    """Whoever has the token of a connection that renews itself. Raises Unavailable, NotYet, BadCredentials."""

    async def token(self) -> str:
        """One that the vendor takes now, as far as is known here."""
        ...

    def is_refusal(self, answer: httpx.Response) -> bool:
        """True when the vendor did nothing, because it does not take the token."""
        ...

    async def another(self, refused: str) -> str:
        """Another than this one, which the vendor did not take."""
        ...


@dataclass(frozen=True, slots=True)
class OutgoingText:
    """A text to one number. status_callback: absolute URL that the vendor posts delivery states to."""

    to: str
    body: str
    status_callback: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingEmail:
    """A mail to one address. message_id: full RFC 5322 id with angle brackets, the same for every try of one action.

    ids: our own ids (`action_id`, `attempt_id`), which come back with the vendor's events.
    """

    to: str
    subject: str
    text: str
    html: str
    message_id: str
    from_email: str
    from_name: str
    to_name: str | None = None
    reply_to: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CrmContact:
    """
    A person as the CRM should know them. email may be None; key is our lead id, and the CRM's unique key for us.

    known_as: the CRM's own id of them, where it is known: that record is changed, whatever its address.
    tags: are added; what the team has put there stays. owner_email: of the colleague who has them; whoever the CRM does
    not know by it is left out. is_keyed: the account has our property, whose values are unique.
    """

    key: str
    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    properties: Mapping[str, str] = field(default_factory=dict)
    known_as: str | None = None
    tags: Sequence[str] = ()
    owner_email: str | None = None
    is_keyed: bool = False


@dataclass(frozen=True, slots=True)
class CrmNote:
    """
    Something that was said, for the contact's record. contact: the CRM's id of them. mark: ours, stands in the note.

    maybe_there: an earlier try may have written it, so it is looked for first.
    """

    contact: str
    text: str
    at: datetime
    mark: str
    maybe_there: bool = False


@dataclass(frozen=True, slots=True)
class CrmPerson:
    """
    A contact as the CRM has it. owner: the CRM's own id of the colleague; stopped: channels nobody may use any more
    (sms, email, voice).
    """

    ref: str
    email: str | None = None
    phone: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    owner: str | None = None
    stopped: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CrmDeal:
    """
    A deal or opportunity as the CRM has it. contacts: whose it is, by the CRM's ids.

    outcome: won, lost, as the CRM itself says; None while it is open: then its stage tells. cents: None where no amount
    is written.
    """

    ref: str
    contacts: Sequence[str] = ()
    outcome: str | None = None
    stage: str | None = None
    cents: int | None = None
    currency: str = "USD"
    pipeline: str | None = None


@dataclass(frozen=True, slots=True)
class OutgoingDeal:
    """
    A deal as we would have it. key: ours, of this deal alone; contact, pipeline, stage: the CRM's ids.

    status: open, won, lost. stage: None where the status alone tells. may_leave: the stages out of which it may be
    moved; out of any other a person has moved it further, and it stays. known_as: the CRM's id of it, where it is
    known; maybe_there: an earlier try may have made it, so it is looked for first. owner_email: of the colleague who
    has the lead. is_keyed: the account has our property, whose values are unique.
    """

    key: str
    contact: str
    name: str
    pipeline: str
    stage: str | None
    status: str
    may_leave: frozenset[str]
    known_as: str | None = None
    maybe_there: bool = False
    owner_email: str | None = None
    cents: int | None = None
    is_keyed: bool = False

    @property
    def mark(self) -> str:
        """What it is found again by where the account has no property of ours."""
        return f"lw{self.key.replace('-', '')}"

    @property
    def money(self) -> str | None:
        """The amount in whole units, as CRMs take it."""
        return None if self.cents is None else f"{self.cents / 100:.2f}".removesuffix(".00")


@dataclass(frozen=True, slots=True)
class CrmChange:
    """A contact or deal that changed there. kind: contact, deal. Both instants are the CRM's own."""

    kind: str
    ref: str
    at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page of everything there is of a kind. after: where the next one begins; None at the end."""

    changes: Sequence[CrmChange] = ()
    after: str | None = None


@dataclass(frozen=True, slots=True)
class CrmNews:
    """
    Something a CRM says has happened. event_id: the vendor's own, dedupes.

    kind: created, changed, gone (a contact); deal, deal_gone; message. ref: the contact's or deal's id. content: what
    came with it, as it came; empty where only ids come. about: the one property that changed, where it is named.
    """

    vendor: str
    event_id: str
    kind: str
    ref: str
    about: str = ""
    content: bytes = b""


@dataclass(frozen=True, slots=True)
class ForgetTexts:
    """Texts that the vendor is to delete: its own ids of them."""

    refs: Sequence[str]


@dataclass(frozen=True, slots=True)
class ForgetContact:
    """
    A person whom the CRM is to delete: its own ids of them, and whatever it has under the address.

    refs: of contacts; "note:…" of a note; "deal:…" of a deal of ours, which loses its name and keeps its money.
    """

    refs: Sequence[str]
    email: str | None = None


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """
    A message to a channel, or to a member by their id. text: what a notification shows, escaped as the vendor asks;
    blocks: the vendor's own parts of it, in order.
    """

    channel: str
    text: str
    blocks: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ChatUpdate:
    """What a message that was posted is to say from now on. ref: what the vendor called it when it took it."""

    ref: str
    text: str
    blocks: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ChatLine:
    """A line for a chat on a website of the team's; its words stand with the action. chat_id: our own."""

    chat_id: str


@dataclass(frozen=True, slots=True)
class ForgetMessages:
    """Messages in team chat that are to say nothing about a person any more: the vendor's own ids of them."""

    refs: Sequence[str]


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """What happened, for one endpoint to hear: our ids of both. What is said is read when it is sent."""

    event_id: UUID
    endpoint_id: UUID


@dataclass(frozen=True, slots=True)
class Lookup:
    """
    Somebody a data vendor is asked about.

    callback_url: absolute URL for what is found later; with it the vendor asks its further sources, too, for numbers
    and addresses. cost: the credits that were counted out for it, and `day`, of whose budget.
    """

    email: str | None
    name: str | None
    company: str | None
    callback_url: str | None = None
    cost: int = 1
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Enrichment:
    """
    What a data vendor knows of somebody. facts: by our names (title, seniority, company, industry, employees,
    location, linkedin); empty when nobody was found. emails, phones: found, never given to us by the person.

    credits: what it cost, None where the vendor does not say yet. is_pending: more comes, under the number `ref`.
    """

    facts: Mapping[str, str] = field(default_factory=dict)
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    credits: Decimal | None = None
    is_pending: bool = False
    ref: str | None = None

    @property
    def is_found(self) -> bool:
        """True when the vendor knows anything of them."""
        return bool(self.facts or self.emails or self.phones)


@dataclass(frozen=True, slots=True)
class Accepted:
    """The vendor took it. ref: the vendor's own id (sid, message id, contact id), None when it gives none."""

    ref: str | None
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text the vendor says it has for a number, newest first in lists."""

    ref: str
    to: str
    from_: str
    body: str
    status: DeliveryStatus
    created_at: datetime | None


class DeliveryStatus(StrEnum):
    """What a vendor says became of a message, in our words. `rank` orders them: a state never moves backwards."""

    ACCEPTED = "accepted"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    BOUNCED = "bounced"
    OPENED = "opened"
    CLICKED = "clicked"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    DEFERRED = "deferred"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event of a vendor about a message of ours. event_id dedupes; ids are ours, as sent along."""

    vendor: str
    event_id: str
    status: DeliveryStatus
    ref: str | None = None
    action_id: str | None = None
    attempt_id: str | None = None
    at: datetime | None = None
    code: str | None = None
    reason: str | None = None
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class InboundText:
    """A text somebody sent to us. opt_out_type: what the vendor has already acted on (STOP, START, HELP), else None."""

    ref: str
    from_: str
    to: str
    body: str
    opt_out_type: str | None = None
    media_urls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class OutgoingCall:
    """
    A call to a phone of the team. to: E.164; url: what Twilio asks when it is answered; status_callback: how it goes.

    ring_s: how long it rings.
    """

    to: str
    url: str
    status_callback: str
    ring_s: int


@dataclass(frozen=True, slots=True)
class InboundCall:
    """Somebody calls us. ref: the vendor's id; form: the webhook's body as it came; from_: as the network told it."""

    ref: str
    from_: str
    to: str
    form: bytes


class CallStatus(StrEnum):
    """How a call, or one leg of it, stands, in our words."""

    RINGING = "ringing"
    TALKING = "talking"
    COMPLETED = "completed"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"

    @property
    def is_over(self) -> bool:
        """True when nothing more comes of it."""
        return self not in {CallStatus.RINGING, CallStatus.TALKING, CallStatus.UNKNOWN}


class Scheduler(Protocol):
    """A vendor by whose pages meetings are booked; making a link is not idempotent, reading is."""

    async def single_use_link(self, event_type: str, call: Call) -> str: ...

    async def event(self, uri: str) -> Mapping[str, Any]: ...

    async def booking(self, uri: str) -> Mapping[str, Any]: ...


class Phone(Protocol):
    """A vendor that calls people, and can say how a call stands."""

    async def place_call(self, outgoing: OutgoingCall, call: Call) -> Accepted: ...

    async def hang_up(self, ref: str) -> None: ...

    async def call_status(self, ref: str) -> CallStatus: ...


class TextSender(Protocol):
    """A vendor that sends texts and can say what it has sent."""

    async def send_text(self, text: OutgoingText, call: Call) -> Accepted: ...

    async def find_texts(self, to: str, since: datetime) -> Sequence[SeenText]: ...

    async def forget_texts(self, texts: ForgetTexts, call: Call) -> Accepted: ...


class EmailSender(Protocol):
    """A vendor that sends mail."""

    async def send_email(self, email: OutgoingEmail, call: Call) -> Accepted: ...


class Provable(Protocol):
    """A vendor that can be asked whether it would take our messages, without one being sent to anybody."""

    async def prove(self, mail_from: str) -> str:
        """What was proven, as a phrase. mail_from: the address mail comes from. Raises ProviderError."""


#: returns once a question to this vendor that nobody waits for may be asked. Raises ProviderError.
Pace = Callable[[str], Awaitable[None]]


class Crm(Protocol):
    """A CRM that keeps contacts; the write is an upsert and may be repeated. What is read is None when it is gone."""

    async def upsert_contact(self, contact: CrmContact, call: Call) -> Accepted: ...

    async def forget_contact(self, contact: ForgetContact, call: Call) -> Accepted: ...

    async def add_note(self, note: CrmNote, call: Call) -> Accepted: ...

    async def read_contact(self, ref: str) -> CrmPerson | None: ...

    async def read_deal(self, ref: str) -> CrmDeal | None: ...

    async def owner_email(self, owner: str) -> str | None: ...

    async def changes(self, since: datetime) -> Sequence[CrmChange]: ...

    async def look_through(self, kind: str, after: str | None) -> Page: ...

    async def write_deal(self, deal: OutgoingDeal, call: Call) -> Accepted: ...

    async def stages(self) -> Sequence[Stage]: ...

    async def make_key(self) -> frozenset[str]: ...


class LeadAds(Protocol):
    """A vendor whose forms people fill in there: it tells us that, and is asked what they wrote."""

    async def fetch_lead(self, lead_id: str) -> Mapping[str, Any]: ...


class Chat(Protocol):
    """A vendor of team chat; changing a message is an update in place and may be repeated, posting may not."""

    async def post(self, message: ChatMessage, call: Call) -> Accepted: ...

    async def update(self, change: ChatUpdate, call: Call) -> Accepted: ...

    async def forget_messages(self, messages: ForgetMessages, call: Call) -> Accepted: ...

    async def find_member(self, email: str) -> str | None: ...


class Enricher(Protocol):
    """A vendor of data about people. Asking costs, and asking twice may cost twice."""

    async def match(self, lookup: Lookup, call: Call) -> Enrichment: ...

    async def match_many(self, lookups: Sequence[Lookup], call: Call) -> Sequence[Enrichment]: ...

    async def late_result(self, ref: str, call: Call) -> Enrichment: ...
