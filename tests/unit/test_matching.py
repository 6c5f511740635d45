"""Two inquiries from one phone: one person or a household?"""

from __future__ import annotations

import pytest

from leadwake.domain.matching import pick_person, same_people, same_person


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tyler Hughes", "TYLER HUGHES"),
        ("Samantha Lewis", "Lewis, Samantha"),
        ("Samantha Lewis", "Lewis Samantha"),
        ("Tyrone Bennett", "  tyrone   bennett "),
        ("Gregory White", "Greg White"),
        ("Margaret Hill", "Peggy Hill"),
        ("Francisco Ruiz", "Paco Ruiz"),
        ("Katherine Hamilton", "K. Hamilton"),
        ("Katherine Hamilton", "Kate H."),
        ("Katherine Hamilton", "Katherine"),
        ("Katherine Hamilton", "Kathy"),
        ("Katherine Hamilton", "Mrs. Hamilton"),
        ("José Muñoz‑Ibarra", "Jose Munoz"),
        ("Maria Elena Garcia Lopez", "Maria Garcia"),
        ("Robert James Smith", "James Smith"),
        ("John & Mary Smith", "Mary Smith"),
        ("John Smith", "John Smith Jr."),
        ("Ann McDonald", "Ann Mc Donald"),
        ("Andrew Chavez ✨", "andrew chavez"),
        (None, "Andrew Chavez"),
        ("", "Andrew Chavez"),
        ("✨", "Andrew Chavez"),
        (None, None),
    ],
)
def test_compatible_names_under_one_phone_are_one_person(one: str | None, other: str | None) -> None:
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Brian Chang", "Lisa Chang"),
        ("Brian Chang", "L. Chang"),
        ("Samuel Ortiz", "Samantha Ortiz"),
        ("Juan Perez", "Juana Perez"),
        ("Daniel Reyes", "Daniela Reyes"),
        ("John Smith Sr.", "John Smith Jr."),
        ("John A. Smith", "John B. Smith"),
        ("Maria Garcia", "Maria Lopez"),
        ("Brian", "Lisa Chang"),
        ("Brian", "Lisa"),
        ("John & Mary Smith", "Peter Smith"),
    ],
)
def test_a_household_under_one_phone_is_two_people(one: str, other: str) -> None:
    assert not same_person(one, other)
    assert not same_person(other, one)


def test_an_initial_never_makes_two_people_one() -> None:
    assert not same_people(["Katherine Hamilton", "K. Hamilton"], ["Kevin Hamilton"])
    assert same_people(["Katherine Hamilton", None], ["Kate Hamilton"])


def test_who_is_alike_is_picked_before_who_is_merely_possible() -> None:
    people = [[None], ["Kevin Hamilton"], ["Katherine Hamilton", "K. Hamilton"]]

    assert pick_person("Kate Hamilton", people) == 2
    assert pick_person("K. Hamilton", people) == 2
    assert pick_person("Lisa Hamilton", people) == 0
    assert pick_person("Lisa Hamilton", people[1:]) is None
    assert pick_person("anyone", []) is None
