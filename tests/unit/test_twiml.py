"""TwiML says what was meant, whatever the words hold, and never records."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from leadwake.providers.twiml import Dial, Gather, Hangup, Number, Pause, Redirect, Say, Verb, document

words = st.text(max_size=80)
numbers = st.builds(Number, words, st.none() | words, st.none() | words)
verbs: st.SearchStrategy[Verb] = st.one_of(
    st.builds(Say, words),
    st.builds(Pause, st.integers(1, 10)),
    st.builds(Hangup),
    st.builds(Redirect, words),
    st.builds(Gather, words, words, st.integers(1, 30)),
    st.builds(Dial, st.lists(numbers, max_size=12), words, words, st.integers(5, 60)),
)
KNOWN = {"Response", "Say", "Pause", "Hangup", "Redirect", "Gather", "Dial", "Number"}


@given(st.lists(verbs, max_size=5))
def test_no_words_make_another_element_or_record_anything(given_verbs: list[Verb]) -> None:
    root = ElementTree.fromstring(document(*given_verbs))

    assert [type(verb).__name__ for verb in given_verbs] == [element.tag for element in root]
    for element in root.iter():
        assert element.tag in KNOWN
        assert not [name for name in element.attrib if "record" in name.lower() or "transcri" in name.lower()]


@given(words)
def test_words_come_out_as_they_went_in_but_for_what_no_document_holds(text: str) -> None:
    [say] = ElementTree.fromstring(document(Say(text)))

    assert (say.text or "") == "".join(char for char in text if char.isprintable() or char == " ")


def test_a_dial_rings_at_most_ten() -> None:
    [dial] = ElementTree.fromstring(document(Dial([Number(str(n)) for n in range(15)], "/over", "+1", 20)))

    assert len(dial) == 10
    assert dial.get("answerOnBridge") == "true"
