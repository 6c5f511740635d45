"""The working half of a process wired: jobs, vendors, calls and their results, the pump."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from leadwake import log
from leadwake.actions.circuit import Circuit
from leadwake.actions.claims import Claimed, Claims, claim, kept_to_its_vendor
from leadwake.actions.dispatch import Dispatcher
from leadwake.actions.limits import Limiter
from leadwake.actions.outcomes import Result
from leadwake.actions.planning import CRM_CHANNELS
from leadwake.actions.reconcile import Reconciler
from leadwake.actions.settle import Settler
from leadwake.domain import slo
from leadwake.errors import DatabaseAway
from leadwake.jobs import JOBS_STOP_S, Handler, Jobs, Pump
from leadwake.metrics import ACTIONS, DEAD_LETTERS, FIRST_TOUCH, QUEUE_DEPTH, QUEUE_LAG, VENDOR_REQUEST
from leadwake.ops.chores import Chores
from leadwake.providers import registry
from leadwake.providers.ports import (
    Accepted,
    ChatLine,
    ChatMessage,
    ChatUpdate,
    Crm,
    CrmContact,
    CrmNote,
    Enricher,
    ForgetContact,
    ForgetMessages,
    ForgetTexts,
    LeadAds,
    Lookup,
    OutgoingCall,
    OutgoingDeal,
    OutgoingEmail,
    OutgoingText,
    Phone,
    Scheduler,
    TextSender,
)
from leadwake.storage import chats, events
from leadwake.storage.db import q
from leadwake.storage.listener import listen
from leadwake.storage.wakeups import QUEUES
from leadwake.tasks import end
from leadwake.vendors import VENDORS, Mode
from leadwake.workflows import (
    call_reminders,
    chat_messages,
    chat_sweep,
    composing,
    enrichment,
    escalation,
    importing,
    intake,
    lookups,
    nurture,
    sending,
    vendor_connections,
    vendors_failing,
    visits,
)
from leadwake.workflows.call_sweep import CallSweep
from leadwake.workflows.composing import Errand
from leadwake.workflows.crm_sync import CrmSync
from leadwake.workflows.fetching import Fetcher
from leadwake.workflows.key_news import KeyNews
from leadwake.workflows.mailbox import Mailbox
from leadwake.workflows.meeting_sweep import MeetingSweep
from leadwake.workflows.office import Office
from leadwake.workflows.scoring import Scorer
from leadwake.workflows.webhook_sending import Webhooks

_log = log.get(__name__)

#: a clean stop waits this long for calls under way: their total deadline and a little
STOP_S = 11.0


class Adapters:
    """The vendors that are on now, by the names their channels know them by."""

    def __init__(self, office: Office, limiter: Limiter) -> None:
        self.modes: dict[str, Mode] = {name: office.settings.mode(name) for name in VENDORS}
        self._office = office
        self._lookups = lookups.Lookups(office)
        self._vendors = registry.build(office.settings, limiter.before_reading, bearers=office.tokens.bearer)

    def names(self, channel: str) -> Sequence[str]:
        """The vendors of a channel that are on, the preferred first."""
        if channel == "sms":
            return ("twilio",) if self._vendors.texts else ()
        if channel == "voice":
            return ("twilio",) if self._vendors.phone else ()
        if channel in CRM_CHANNELS.values():
            return tuple(name for name in self._vendors.crms if CRM_CHANNELS[name] == channel)
        if channel == "slack":
            return ("slack",) if self._vendors.chat else ()
        if channel == "chat":
            return (chats.VENDOR,)
        if channel == "enrich":
            return ("apollo",) if self._vendors.enricher else ()
        mailers = tuple(self._vendors.emails)
        return mailers[::-1] if slo.MAIL_SECOND in self._office.acting else mailers

    async def send(self, claimed: Claimed) -> Accepted:
        """The call: the one door to the message vendors. Raises ProviderError."""
        outgoing, vendors = claimed.outgoing, self._vendors
        match outgoing:
            case OutgoingText() if vendors.texts:
                return await vendors.texts.send_text(outgoing, claimed.call)
            case OutgoingEmail():
                return await vendors.emails[claimed.vendor].send_email(outgoing, claimed.call)
            case OutgoingCall() if vendors.phone:
                return await vendors.phone.place_call(outgoing, claimed.call)
            case CrmContact():
                return await vendors.crms[claimed.vendor].upsert_contact(outgoing, claimed.call)
            case CrmNote():
                return await vendors.crms[claimed.vendor].add_note(outgoing, claimed.call)
            case OutgoingDeal():
                return await vendors.crms[claimed.vendor].write_deal(outgoing, claimed.call)
            case ForgetTexts() if vendors.texts:
                return await vendors.texts.forget_texts(outgoing, claimed.call)
            case ForgetContact():
                return await vendors.crms[claimed.vendor].forget_contact(outgoing, claimed.call)
            case ChatMessage() if vendors.chat:
                return await vendors.chat.post(outgoing, claimed.call)
            case ChatUpdate() if vendors.chat:
                return await vendors.chat.update(outgoing, claimed.call)
            case ChatLine():
                return await chat_messages.store(self._office, outgoing, claimed.action_id)
            case ForgetMessages() if vendors.chat:
                return await vendors.chat.forget_messages(outgoing, claimed.call)
            case Lookup() if vendors.enricher:
                return await self._lookups.ask(vendors.enricher, claimed, outgoing)
        raise AssertionError(f"no adapter for {type(outgoing).__name__}")

    def texts(self, vendor: str) -> TextSender | None:
        """Whoever can list the texts this vendor has taken."""
        return self._vendors.texts if vendor == "twilio" else None

    @property
    def crms(self) -> dict[str, Crm]:
        """The CRMs that are on, by name."""
        return self._vendors.crms

    @property
    def phone(self) -> Phone | None:
        """Whoever places calls and can say how one stands."""
        return self._vendors.phone

    @property
    def ads(self) -> LeadAds | None:
        """Whoever says what people wrote into ad forms."""
        return self._vendors.ads

    @property
    def enricher(self) -> Enricher | None:
        """Whoever can be asked about people."""
        return self._vendors.enricher

    @property
    def scheduler(self) -> Scheduler | None:
        """Whoever can say how a booking stands."""
        return self._vendors.scheduler

    async def aclose(self) -> None:
        """Every connection is closed."""
        await self._vendors.aclose()


class Workers:
    """The working half of a process: jobs, calls, results, the pump; all started and stopped together."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._limiter = Limiter(office.db, lambda: office.settings, office.clock.now)
        #: those that the adapters were made for
        self._settings = office.settings
        self._adapters = Adapters(office, self._limiter)
        self._settler = Settler(office.db, office.clock, self._settled)
        self.dispatcher = Dispatcher(
            office.clock,
            self._settler,
            self._claim,
            self._adapters,
            self._limiter,
            circuit_changed=self._circuit_changed,
            called=self._called,
        )
        self._reconciler = Reconciler(
            office.db,
            office.clock,
            self._settler,
            lambda row: composing.content_of(office, row),
            self._text_list,
        )
        self._calls = CallSweep(office, lambda: self._adapters.phone)
        self._crm = CrmSync(office, lambda: self._adapters.crms)
        self._meetings = MeetingSweep(office, lambda: self._adapters.scheduler)
        self._fetcher = Fetcher(office, lambda: self._adapters.ads, self._circuit_changed)
        self.webhooks = Webhooks(office, self._settler, self._claim)
        self._scorer = Scorer(office)
        self._late = lookups.LateResults(office, lambda: self._adapters.enricher)
        handlers: dict[str, Handler] = {
            "attempt": self._attempt,
            "understand": self._understand,
            "import": self._import,
        }
        self._jobs = Jobs(office.db, handlers)
        self._pump = Pump(office.db, office.clock, [self._housekeeping])
        self._changed = asyncio.Event()
        self._keys = KeyNews(office)
        self._chores = Chores(office)
        self._slow_chores = Chores(office, slow=True)
        self._notes: set[asyncio.Task[None]] = set()
        self._ticks = 0

    async def run(self, queues: Sequence[str], stop: asyncio.Event) -> None:
        """Works until `stop` is set, then ends cleanly: calls under way are waited for and their results written."""
        channels = {
            "leadwake_office": lambda _: self._changed.set(),
            "leadwake_keys": self._keys.tell,
            "leadwake_webhooks": self.webhooks.heard,
            "leadwake_score": self._scorer.heard,
            **self._jobs.channels(queues),
        }
        tasks = [
            asyncio.create_task(self._settler.run(), name="settler"),
            asyncio.create_task(self.dispatcher.run(), name="dispatcher"),
            asyncio.create_task(self._pump.run(), name="pump"),
            asyncio.create_task(self._reconciler.run(), name="reconciler"),
            asyncio.create_task(self._calls.run(), name="calls"),
            asyncio.create_task(self._crm.run(), name="crm"),
            asyncio.create_task(self._fetcher.run(), name="fetcher"),
            asyncio.create_task(self._late.run(), name="late results"),
            asyncio.create_task(self.webhooks.run(), name="webhooks"),
            asyncio.create_task(self._scorer.run(), name="scores"),
            asyncio.create_task(self._meetings.run(), name="meetings"),
            asyncio.create_task(self._follow_changes(), name="changes"),
            asyncio.create_task(self._keys.follow(), name="keys"),
            asyncio.create_task(self._chores.run(), name="chores"),
            asyncio.create_task(self._slow_chores.run(), name="slow chores"),
            asyncio.create_task(escalation.run(self._office), name="escalation"),
            asyncio.create_task(nurture.run(self._office), name="nurture"),
            asyncio.create_task(call_reminders.run(self._office), name="calls to make"),
            asyncio.create_task(chat_sweep.run(self._office), name="chats"),
            asyncio.create_task(vendor_connections.run(self._office), name="vendor tokens"),
            asyncio.create_task(Mailbox(self._office).run(), name="mailbox"),
            asyncio.create_task(listen(self._office.db.url, channels, name="leadwake worker"), name="listener"),
        ]
        await self._jobs.open()
        jobs = [asyncio.create_task(self._jobs.work(queue), name=f"{queue} jobs") for queue in queues]
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            done, _ = await asyncio.wait([*tasks, *jobs, stopping], return_when=asyncio.FIRST_COMPLETED)
            for task in done - {stopping}:
                task.result()  # a part that ended takes the process down; it is supervised
        finally:
            # together: nothing more is claimed from here on, and a supervisor's patience covers the longer of the two
            await asyncio.gather(
                end([*jobs, stopping], patience_s=JOBS_STOP_S),
                self.dispatcher.stop(STOP_S),
                self.webhooks.stop(STOP_S),
            )
            drained = asyncio.create_task(self._settler.drained())
            await asyncio.wait([drained], timeout=5)
            await self._office.tokens.settled()
            await end([*tasks, drained])
            await self._adapters.aclose()
            await self._limiter.aclose()

    def _text_list(self, vendor: str) -> TextSender | None:
        return self._adapters.texts(vendor)  # of the adapters in use now: they change with the settings

    async def _attempt(self, queue: str, actions: dict[str, list[str]]) -> None:
        for channel, ids in actions.items():
            if channel == "webhook":
                self.webhooks.heard()  # a dead letter that somebody replayed: it has a lane of its own
                continue
            self.dispatcher.offer(channel, [UUID(text) for text in ids], is_patient=queue == "bulk")

    async def _understand(self, queue: str, capture: str) -> None:
        del queue
        await intake.understand_again(self._office, UUID(capture), fetch=self._fetcher.offer)

    async def _import(self, queue: str, import_id: str) -> None:
        del queue
        await importing.carry_on(self._office, UUID(import_id))

    async def _claim(self, wanted: Mapping[UUID, str]) -> Claims:
        is_charged = enrichment.VENDOR in wanted.values()
        budget = await enrichment.DayBudget.of_today(self._office) if is_charged else None
        return await claim(self._office.db, wanted, self._judge, self._office.clock.now(), budget)

    def _judge(self, row: DictRow, attempt_id: UUID, vendor: str, now: datetime) -> Any:
        names = self._adapters.names(row["channel"])
        verdict = kept_to_its_vendor(row, vendor, names, now) or sending.judge(
            Errand(self._office, row, attempt_id, vendor, now)
        )
        ACTIONS.labels(row["kind"], verdict.state.value).inc()
        return verdict

    async def _settled(self, rows: Sequence[DictRow], results: Sequence[Result]) -> None:
        opted_out = {result.action_id for result in results if result.opted_out}
        for row in rows:
            ACTIONS.labels(row["kind"], row["state"]).inc()
            if row["asked_at"] is not None and row["state"] == "sent" and row["purpose"] == "instant_reply":
                seconds = (self._office.clock.now() - row["asked_at"]).total_seconds()
                FIRST_TOUCH.labels(row["channel"]).observe(max(0.0, seconds))
            if row["id"] in opted_out and row["contact_point_id"] is not None:
                await self._opt_out(row)

    async def _opt_out(self, row: DictRow) -> None:
        """The vendor refused because the person has opted out with it: so they have with us."""
        point = row["contact_point_id"]
        async with self._office.db.transaction() as connection:
            await connection.execute(q("action_point"), {"id": row["id"]})
            now = self._office.clock.now()
            await connection.execute(q("opt_out"), {"point": point, "now": now, "by": "vendor"})
            await events.record(
                connection, now, "vendor", "opted_out", lead_id=row["lead_id"], point=point, by="vendor"
            )

    def _called(self, claimed: Claimed, outcome: str, seconds: float) -> None:
        VENDOR_REQUEST.labels(claimed.vendor, outcome).observe(seconds)

    def _circuit_changed(self, circuit: Circuit) -> None:
        _log.warning(
            "circuit_opened" if circuit.is_open else "circuit_closed", vendor=circuit.vendor, reason=circuit.reason
        )
        task = asyncio.create_task(
            vendors_failing.noted(
                self._office, circuit.vendor, is_open=circuit.is_open, reason=circuit.reason, wait_s=circuit.wait_s
            )
        )
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _follow_changes(self) -> None:
        """Settings, templates and team saved anywhere count here a moment later."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._office.refresh()
                if self._office.settings != self._settings:
                    self._settings = self._office.settings
                    self._adapters = Adapters(self._office, self._limiter)
                    old = self.dispatcher.use(self._adapters)
                    asyncio.get_running_loop().call_later(STOP_S, self._close_later, old)
                    await self._fetcher.settings_changed()
            except DatabaseAway:
                await asyncio.sleep(1)
                self._changed.set()

    def _close_later(self, old: Any) -> None:
        task = asyncio.create_task(old.aclose())
        self._notes.add(task)
        task.add_done_callback(self._notes.discard)

    async def _housekeeping(self) -> None:
        """What one process does every couple of seconds, and what it does every minute."""
        db = self._office.db
        row = await db.one("dead_letter_count")
        DEAD_LETTERS.set(row["n"] if row else 0)
        waiting = {row["queue_name"]: row["n"] for row in await db.all("jobs_waiting")}
        for queue in QUEUES:
            QUEUE_DEPTH.labels(queue).set(waiting.get(queue, 0))
        for lag in await db.all("queue_lags", now=self._office.clock.now(), queues=list(QUEUES)):
            QUEUE_LAG.labels(lag["queue"]).set(lag["seconds"])
        await db.run("vendor_states_expire")
        await importing.wake_idle(self._office)
        await visits.gather(self._office)
        self._ticks += 1
        if self._ticks % 30 == 0:
            await events.seal(db)
            await db.run("idempotency_forget")
            await db.run("vendor_days_forget", day=(self._office.clock.now() - timedelta(days=7)).date())
            await db.run("sessions_prune")
            await db.run("access_tokens_prune")
            await db.run("used_links_prune")
            await db.run("crm_events_prune")
