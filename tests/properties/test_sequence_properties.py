"""Always and never of sequences as text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadwake.domain.sequence.checks import earliest, ways
from leadwake.domain.sequence.diff import difference
from leadwake.domain.sequence.reading import SequenceRefused, problems, read_published, read_sequence
from leadwake.domain.sequence.words import headline, step_words

_WORDS = """sequence title about starts for window gap then rank steps wait text email call alert branch stop go|to name
else else_email if subject body en es variants weight interest score at|least below not phone new_lead by_hand buy_home
1|day 20|hours until|day|3 mon-sat 9:00 hot yes skip call|task a-name go-on {{|business.name|}} {{|opt_out_line|}}
{%|if|booking_link|%} {%|endif|%} {{|lead.score|}}"""
WORDS = st.sampled_from([word.replace("|", " ") for word in _WORDS.split()])
SIGNS = st.sampled_from([*"\n\n\n   ::--{}[],'\"|>&*!#%@`?\t\\", "\n  - ", ": ", "\n    ", "---", "<<: ", "\r\n", "\0"])
pieces = st.lists(st.one_of(WORDS, SIGNS, st.text(max_size=5)), max_size=60).map("".join)
STEPS = """
- wait: 1 day
- wait: until day 9
- text: {en: "{{ business.name }}. {{ opt_out_line }}", es: "{{ business.name }}. {{ opt_out_line }}"}
- email: {subject: Hello, body: "From {{ business.name }}"}
- call: Ask
- alert: Look
- branch: {if: {temperature: hot}, then: the-end}
- branch: {if: {score: {below: 40}}, else: the-end}
- go to: the-end
- stop
""".strip().splitlines()


@st.composite
def sequences(draw: st.DrawFn) -> str:
    """Sequences that may be unwise and can be read."""
    steps = draw(st.lists(st.sampled_from(STEPS), max_size=12))
    start = draw(st.sampled_from(["by_hand", "missed_call", "dormant"]))
    then = draw(st.sampled_from(["", "then: other\n"]))
    return f"sequence: some\ntitle: Some\nstarts: {start}\n{then}steps:\n" + "\n".join(
        f"  {line}" for line in [*steps, "- stop:", "  name: the-end"]
    )


@st.composite
def slips(draw: st.DrawFn) -> str:
    """A sequence in which somebody slipped a few times."""
    source = draw(sequences())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(source)))
        source = source[:at] + draw(st.one_of(WORDS, SIGNS)) + source[at + draw(st.integers(0, 8)) :]
    return source


@given(st.one_of(pieces, slips()))
def test_any_text_is_read_or_refused_with_its_lines(source: str) -> None:
    found = problems(source)
    if not any(problem.is_error for problem in found):
        read_sequence(source)
        return
    for problem in found:
        assert problem.text
        assert 1 <= (problem.line or 1) <= len(source.splitlines()) + 1
    with pytest.raises(SequenceRefused):
        read_sequence(source)


@given(sequences())
def test_what_is_fit_to_publish_can_be_followed_later(source: str) -> None:
    assert repr(read_sequence(source).steps) == repr(read_published(source).steps)


@given(sequences(), st.one_of(st.none(), sequences(), slips()))
def test_what_is_read_can_be_said_and_compared(source: str, other: str | None) -> None:
    sequence = read_sequence(source)
    told = step_words(sequence)

    assert [words.name for words in told] == [step.name for step in sequence.steps]
    assert all(words.says for words in told)
    assert all(headline(sequence))
    assert difference(source, source).words == ()
    found = difference(other, source)
    assert bool(found.text) is (other is None or other.splitlines() != source.splitlines())


@given(sequences())
def test_every_way_through_a_sequence_ends_and_no_step_comes_twice(source: str) -> None:
    sequence = read_sequence(source)
    reached = earliest(sequence)

    for place in range(len(sequence.steps)):
        assert all(place < way <= len(sequence.steps) for way in ways(sequence, place))
    assert all(place in reached for place in range(min(1, len(sequence.steps))))
