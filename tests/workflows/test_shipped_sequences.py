"""The sequences Leadwake comes with are there at the first start, and never push themselves upon a team at work."""

from __future__ import annotations

from datetime import timedelta

from leadwake.domain.sequence.shipped import shipped
from leadwake.workflows import sequences
from leadwake.workflows.office import Office
from office_case import House, until

#: as a database is that has just been made: the tests' own has its choice made
AS_NEW = "alter table sequence_version disable trigger only_grows; delete from sequence_version"


async def test_they_are_in_force_from_the_first_start_on_and_stay_as_the_team_left_them(office: Office) -> None:
    async with office.db.transaction() as connection:
        await connection.execute(AS_NEW)
    await sequences.keep_shipped(office)

    assert set(office.sequences.published) == set(shipped())
    assert not any(each.is_paused for each in office.sequences.published.values())
    assert all(office.sequences.in_force(name) for name in shipped())
    assert len(office.sequences.choice.sequences) == len(shipped())

    await sequences.pause(office, "renter", None)
    await sequences.keep_shipped(office)
    assert office.sequences.published["renter"].is_paused
    assert {each.version for each in office.sequences.published.values()} == {1}


SPOKEN = """
sequence: spoken
title: Spoken
starts: new_lead
steps:
  - wait: 1 day
  - email:
      subject: {en: "A question", es: "Una pregunta"}
      body:
        en: "Hi {{ lead.first_name }}, {{ lead.interest_phrase }}. {{ business.name }}"
        es: |
          Gracias por {{ lead.interest_phrase }}{% if enrichment.company %}, {{ enrichment.company }}{% endif %}.
          {{ business.name }}
"""


async def test_a_lead_who_speaks_spanish_is_written_to_in_spanish_with_what_is_known_of_them(house: House) -> None:
    await sequences.publish(house.office, SPOKEN, None)
    hola = "Hola, quiero comprar una casa, por favor."
    await house.post({"name": "Maria Lopez", "email": "maria@example.com", "interest": "buyer", "message": hola})
    await until(lambda: house.rows("select 1 from enrollment where due_at > started_at"))
    await until(lambda: house.rows("select 1 from enrichment where outcome = 'found'"))
    house.advance(timedelta(days=1, minutes=16))

    await until(lambda: house.rows("select 1 from action where kind = 'nurture_email' and state = 'sent'"))
    mail = (await house.mails())[-1]
    assert mail["subject"] == "Una pregunta"
    assert mail["content"][0]["value"].startswith(
        "Gracias por su consulta sobre la compra de una casa, Bayline Logistics."
    )
