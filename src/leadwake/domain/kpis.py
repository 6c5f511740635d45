"""The figures of reports, one definition each, for the page, the CSV, the mail and docs/reports.md. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Kpi:
    """
    One figure. unit: seconds (a median), percent (of n), dollars, hours, count, ratio.

    sentence: what it counts. goal: what it should be, "" where that is the team's own to say. query: its SQL by name.
    """

    name: str
    label: str
    unit: str
    query: str
    sentence: str
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What only the team knows, in dollars or minutes. hint: what to type."""

    name: str
    label: str
    hint: str


#: a share of fewer says nothing
FEW: Final = 5

KPIS: Final[Mapping[str, Kpi]] = {
    kpi.name: kpi
    for kpi in (
        Kpi("response_machine", "Machine response", "seconds", "proof_asked",
            "From the person's asking to the first text or e-mail that a vendor accepted for them; the median.",
            "within 60 s"),
        Kpi("response_delivered", "Delivered response", "seconds", "proof_asked",
            "From the person's asking to the first text or e-mail that arrived, as the carrier or the mailbox says; "
            "the median."),
        Kpi("response_human", "Human response", "seconds", "proof_asked",
            "From the moment an agent first heard of the inquiry to the first time a person was in touch; the median."),
        Kpi("agent_response", "Hot leads within 4 h", "percent", "proof_asked",
            "Hot inquiries that a person was in touch with within 4 hours of the first offer, of all hot ones offered. "
            "Those whose 4 hours are not over and who still wait are left out.", "every one within 4 h"),
        Kpi("processing_success", "Processing success", "percent", "proof_asked",
            "Captures that ended with a lead, new or known, of all that were neither spam nor refused (noise mail is "
            "refused).", "100 %"),
        Kpi("enrichment_rate", "Enrichment rate", "percent", "report_enriched",
            "Look-ups of this time that found somebody, of those that were answered. Answers of people erased since, "
            "or kept no longer, are left out."),
        Kpi("error_rate", "Error rate", "percent", "proof_messages",
            "Messages, CRM records and calls that failed (dead, sent or not nobody knows, undelivered, bounced), of "
            "all that were tried and came to an end. What was blocked, cancelled, skipped or too late was not tried."),
        Kpi("accuracy", "Accuracy", "percent", "report_automated",
            "What was done without a person and stood, of all of it: texts, e-mails and chat lines to leads, CRM "
            "records, look-ups, leads given to an agent, captures set aside. It did not stand when it was refused, "
            "undelivered, lost or dead; a person tried it again, or skipped it before it went; a person gave the lead "
            "to somebody else within a day; a person took in what was set aside."),
        Kpi("leads", "Leads", "count", "report_came",
            "New people who asked in this time. Lists and contacts from a CRM are left out; people erased since are in "
            "it."),
        Kpi("conversations", "Conversations", "count", "report_reached",
            "People who first wrote back, or first talked with somebody of the team, in this time."),
        Kpi("meetings", "Meetings", "count", "report_reached",
            "People whose first meeting was made in this time: booked and not called off, or as the CRM says."),
        Kpi("sales", "Sales", "count", "report_reached",
            "Deals won in this time, as the CRM has them; what a colleague said here counts where no CRM says so of "
            "the same person."),
        Kpi("lead_to_meeting", "Lead to meeting", "percent", "report_came",
            "Of the leads of this time, those who have a meeting by now. The newest still have time."),
        Kpi("asked_to_meeting", "Asked to meeting", "seconds", "report_reached",
            "From the first inquiry to the first meeting's being made, for the meetings of this time; the median."),
        Kpi("asked_to_won", "Asked to won", "seconds", "report_reached",
            "From the first inquiry to the sale, for the sales of this time; the median."),
        Kpi("revenue", "Revenue", "dollars", "report_reached",
            "The money of the sales of this time, in US dollars. The source of the first inquiry gets all of it; so "
            "does the last sequence that began before the sale and had written to them, and the agent who has the lead "
            "now. n is of sales whose amount is known. Other currencies stand beside it and are in no other figure."),
        Kpi("cost", "Cost", "dollars", "report_spent",
            "Text segments, e-mails and look-ups that a vendor took, or may have taken, as often as it took them, at "
            "your prices, and your monthly costs by the day. Calls, numbers and what comes in belong to the monthly "
            "fixed costs."),
        Kpi("cost_per_lead", "Cost per lead", "dollars", "report_spent", "Cost, divided by leads."),
        Kpi("cost_per_conversation", "Cost per conversation", "dollars", "report_spent",
            "Cost, divided by conversations."),
        Kpi("cost_per_meeting", "Cost per meeting", "dollars", "report_spent", "Cost, divided by meetings."),
        Kpi("cost_per_sale", "Cost per sale", "dollars", "report_spent", "Cost, divided by sales."),
        Kpi("time_saved", "Time saved", "hours", "report_automated",
            "Texts, e-mails and chat lines to leads, CRM records and look-ups that were carried out without a person, "
            "times the minutes that you say each would have taken."),
        Kpi("return_on_cost", "Return on cost", "ratio", "report_automated",
            "Time saved at your hourly cost, for each dollar of cost. Revenue is not in it."),
        Kpi("revenue_per_cost", "Revenue per dollar of cost", "ratio", "report_reached",
            "Revenue, for each dollar of cost. Who brought the revenue is more than what is counted here."),
    )
}  # fmt: skip

ASKED: Final[Mapping[str, Asked]] = {
    asked.name: asked
    for asked in (
        Asked("segment_price", "the price of a text segment", "dollars, as it is billed, fees included: 0.0115"),
        Asked("mail_price", "the price of an e-mail", "dollars: 0.0009"),
        Asked("lookup_price", "the price of a look-up", "dollars: 0.05"),
        Asked("monthly_fixed", "the month's fixed costs", "dollars a month: server, plans, numbers, calls; 0 for none"),
        Asked("minutes_per_action", "the minutes of an automated action", "minutes a person would take for one: 3"),
        Asked("hourly_cost", "the cost of an hour", "dollars: 35"),
        Asked("source_monthly", "what a source costs a month", "dollars a month that you pay this source"),
    )
}  # fmt: skip
