"""What might be answered to the last words of a lead: two beginnings, in their language, never sent by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from leadwake.domain.language import spoken
from leadwake.domain.meaning.answers import ANSWERS
from leadwake.domain.meaning.reading import SURE, read
from leadwake.storage.reading import Lead
from leadwake.storage.staff import Person
from leadwake.workflows import snippet_words
from leadwake.workflows.office import Office


def suggested(office: Office, said: str, lead: Lead, person: Person) -> Sequence[str]:
    """Two answers to what they said, in the writer's name; none where it is not sure what they want."""
    meaning = read(said)
    if meaning.sure < SURE or meaning.code not in ANSWERS:
        return ()
    sources = ANSWERS[meaning.code]["es" if spoken(None, said) == "es" else "en"]
    return [snippet_words.rendered(office, source, lead, person) for source in sources]
