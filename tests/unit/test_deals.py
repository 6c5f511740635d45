"""How far a lead is, and which stage says so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.deals import ENDS, MILESTONES, Stage, guessed, may_leave, meaning, pipeline_of, stage_of


def pipeline(*labels: str, name: str = "p") -> list[Stage]:
    return guessed(Stage(name, f"{name}{at}", "Sales", label, at) for at, label in enumerate(labels))


@pytest.mark.parametrize(
    ("labels", "means"),
    [
        (("New lead", "Contacted", "Showing", "Under contract", "Closed won", "Closed lost"),
         ["new", "contacted", "meeting", "", "won", "lost"]),
        (("Appointment Scheduled", "Qualified To Buy", "Contract Sent"), ["meeting", "", ""]),
        (("Inquiry", "Quoted", "Policy issued", "Not interested"), ["new", "", "won", "lost"]),
        (("Appointment with new client", "Renewal due"), ["meeting", ""]),
    ],
)  # fmt: skip
def test_a_stage_is_guessed_by_its_name(labels: tuple[str, ...], means: list[str]) -> None:
    assert [one.means for one in pipeline(*labels)] == means


def test_what_the_crm_says_of_an_end_wins_over_its_name() -> None:
    (found,) = guessed([Stage("p", "1", "Buyers", "Bought", 0, closed="won")])

    assert found.means == "won"


def test_a_lead_that_no_stage_speaks_of_stays_at_the_one_before() -> None:
    stages = pipeline("New lead", "Showing")

    assert stage_of(stages, "p", "contacted") == stages[0]
    assert stage_of(pipeline("Showing"), "p", "contacted") is None
    assert stage_of(stages, "p", "won") is None
    assert stage_of(stages, "elsewhere", "new") is None


def test_the_first_pipeline_is_ours_until_another_is_chosen_and_again_when_that_is_gone() -> None:
    stages = [*pipeline("New", name="a"), *(replace(one, position=9) for one in pipeline("New", name="b"))]

    assert [pipeline_of(stages, chosen) for chosen in (None, "b", "gone")] == ["a", "b", "a"]
    assert pipeline_of([], "a") is None
    assert (meaning(stages, "b0"), meaning(stages, "b0", "a"), meaning(stages, "75013")) == ("new", "", "")
    assert [meaning([], one) for one in ("appointmentscheduled", "closedwon", "closedlost", "qualifiedtobuy")] == [
        "meeting", "won", "lost", "contacted",
    ]  # fmt: skip


_STAGES = st.lists(
    st.sampled_from(["", *MILESTONES]).map(lambda means: Stage("p", "", "P", means, 0, means=means)), max_size=8
).map(lambda found: [replace(one, stage=str(at), position=at) for at, one in enumerate(found)])


@given(_STAGES)
def test_a_move_of_ours_is_always_forwards_and_never_out_of_an_end(stages: list[Stage]) -> None:
    known = {one.stage: one for one in stages}
    for to in stages:
        for left in may_leave(stages, to):
            assert known[left].means not in ENDS
            assert to.means in ENDS or known[left].position < to.position


@given(st.lists(st.text(max_size=20), max_size=8))
def test_guessed_stages_never_come_before_what_they_come_after(labels: list[str]) -> None:
    ranks = [list(MILESTONES).index(one.means) for one in pipeline(*labels) if one.means and one.means not in ENDS]

    assert ranks == sorted(ranks)
