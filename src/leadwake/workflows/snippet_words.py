"""A snippet with a lead's, the writer's and the business's own words in its places."""

from __future__ import annotations

from leadwake.domain import wording
from leadwake.domain.names import split_name
from leadwake.domain.template import TemplateRefused, render
from leadwake.storage.reading import Lead
from leadwake.storage.snippets import Snippet, compiled
from leadwake.storage.staff import Person
from leadwake.workflows import composing
from leadwake.workflows.office import Office


def words(office: Office, snippet: Snippet, lead: Lead, person: Person) -> str:
    """The snippet as it would be sent; "" when it does what its template could not foresee."""
    return rendered(office, snippet.source, lead, person)


def rendered(office: Office, source: str, lead: Lead, person: Person) -> str:
    """A source of the same kind, for the same."""
    values = {
        **composing.business_values(office),
        "booking_link": composing.booking_link(office, lead.id),
        "lead.first_name": split_name(lead.name)[0] or None,
        "lead.name": lead.name,
        "lead.phone": lead.phone or lead.phone_raw,
        "lead.email": lead.email or lead.email_raw,
        "lead.source": wording.humanised(lead.source),
        "lead.message": lead.asked,
        "lead.score": str(lead.score),
        "lead.temperature": lead.temperature,
        "agent.first_name": person.first_name,
        "agent.name": person.name,
        "agent.phone": wording.phone(person.phone) if person.phone and not person.practice else "",
    }
    try:
        return render(compiled(source), values)
    except TemplateRefused:
        return ""
