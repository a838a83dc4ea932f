"""Duplicates are found, told apart and counted from who was first."""

from __future__ import annotations

import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import conversation, prose, talk

from brightrun.quality.duplicates import DuplicateIndex, Twin
from brightrun.quality.fingerprints import Part, fingerprint_of
from brightrun.quality.neighbours import NeighbourMeter


def with_words_changed(words: Sequence[str], every: int) -> str:
    return " ".join(word if place % every else "other" + word for place, word in enumerate(words, 1))


def jaccard(one: str, other: str, words: int = 5) -> float:
    first, second = ({tuple(t[i : i + words]) for i in range(len(t) - words + 1)} for t in (one.split(), other.split()))
    return len(first & second) / len(first | second)


def test_kf_56_six_distinct_of_twenty_four_are_six() -> None:
    index = DuplicateIndex()
    kept = []
    for number in range(24):
        candidate = talk(number % 6)
        if index.nearest(candidate) is None:
            index.add(f"c-{number}", candidate)
            kept.append(number)
    assert kept == [0, 1, 2, 3, 4, 5]


def test_the_same_words_are_an_exact_twin_whatever_stands_between_them() -> None:
    index = DuplicateIndex()
    index.add("c-1", conversation("I’ve got three bills.", "Pay the rent first, then the card."))
    twin = index.nearest(conversation("I've got THREE bills!", "Pay the rent first -- then the *card*"))
    assert twin == Twin("c-1", Part.CONVERSATION, 1.0, True, None)
    assert index.nearest(conversation("I've got four bills!", "Pay the rent first -- then the card")) is None


@pytest.mark.parametrize("part", [Part.ADVISOR, Part.FIRST_USER])
def test_parts_are_compared_apart(part: Part) -> None:
    shared = prose(1)
    place = 1 if part is Part.ADVISOR else 0
    messages = [[" ".join(prose(seed)) for seed in (10 * number, 10 * number + 1)] for number in (1, 2)]
    messages[0][place] = " ".join(shared)
    messages[1][place] = with_words_changed(shared, every=40)
    index = DuplicateIndex()
    index.add("c-1", conversation(*messages[0]))
    twin = index.nearest(conversation(*messages[1]))
    assert twin is not None
    assert (twin.conversation_id, twin.part, twin.exact) == ("c-1", part, False)
    assert twin.similarity == pytest.approx(jaccard(messages[0][place], messages[1][place]), abs=0.12)
    assert twin.quote is not None
    for quote in twin.quote.split(" … "):
        assert quote in messages[0][place]
        assert quote in messages[1][place]


def test_a_part_with_the_same_words_is_exact_and_the_rest_may_differ() -> None:
    index = DuplicateIndex()
    begin = " ".join(prose(1))
    index.add("c-1", conversation(begin, " ".join(prose(2))))
    twin = index.nearest(conversation(begin.upper(), " ".join(prose(3))))
    assert twin is not None
    assert (twin.part, twin.exact, twin.similarity) == (Part.FIRST_USER, True, 1.0)


def test_a_short_beginning_makes_no_twin() -> None:
    """Fewer than twice the words of an n-gram are no part to compare; the whole conversation still is."""
    index = DuplicateIndex()
    index.add("c-1", conversation("Hi, may I ask you something today?", " ".join(prose(1))))
    assert index.nearest(conversation("Hi, may I ask you something today?", " ".join(prose(2)))) is None
    index.add("c-2", conversation("Hi", "Hello"))
    assert index.nearest(conversation("hi!", "Hello.")) == Twin("c-2", Part.CONVERSATION, 1.0, True, None)
    index.add("c-3", conversation("", ""))
    assert index.nearest(conversation("Yes", "")) is None


def test_the_first_of_equals_is_the_twin_until_it_is_removed() -> None:
    index = DuplicateIndex()
    for name in ("c-b", "c-a"):
        index.add(name, talk(1))
    nearly = conversation("Another start altogether.", talk(1).turns[1].content, "Yes.", talk(1).turns[3].content)
    for asked in (talk(1), nearly):
        twin = index.nearest(asked)
        assert twin is not None
        assert twin.conversation_id == "c-b"
    index.remove("c-b")
    for asked in (talk(1), nearly):
        twin = index.nearest(asked)
        assert twin is not None
        assert twin.conversation_id == "c-a"
    index.remove("c-a")
    assert (index.nearest(talk(1)), index.nearest(nearly), len(index)) == (None, None, 0)
    index.add("c-b", talk(1))
    assert "c-b" in index
    assert index.nearest(talk(1)) is not None


def test_ids_are_unique_and_known() -> None:
    index = DuplicateIndex()
    index.add("c-1", talk(1))
    with pytest.raises(ValueError, match="c-1 is in the index already"):
        index.add("c-1", talk(2))
    with pytest.raises(KeyError):
        index.remove("c-2")
    with pytest.raises(ValueError, match="similarity must be"):
        DuplicateIndex(similarity=0.1)


def test_a_fingerprint_made_elsewhere_serves_as_well() -> None:
    index, other = DuplicateIndex(), DuplicateIndex()
    index.add("c-1", other.fingerprint(talk(1)))
    asked = index.nearest(talk(1))
    assert asked is not None
    assert asked == index.nearest(other.fingerprint(talk(1)))


def test_fingerprints_are_the_same_in_every_run() -> None:
    """What a release was split by must not depend on the process, the machine or the library's release."""
    part = DuplicateIndex().fingerprint(talk(1)).parts[Part.ADVISOR]
    assert part.digest.hex() == "871a1a2ae33110211c1766f5d4305114"
    assert part.signature[:6].tolist() == [2982, 25400, 65381, 43523, 59390, 19319]
    assert part.sample[:3].tolist() == [420734, 875527, 2860991]


def test_twins_are_found_among_many_and_nothing_else_is() -> None:
    """2,000 conversations make the table grow; every tenth has a twin of which a word in forty was changed."""
    index = DuplicateIndex()
    for number in range(2_000):
        index.add(f"c-{number}", talk(number))
    for number in range(0, 2_000, 10):
        turns = [turn.content.split() for turn in talk(number).turns]
        twin = index.nearest(conversation("Something else.", *(with_words_changed(words, 40) for words in turns[1:])))
        assert twin is not None
        assert (twin.conversation_id, twin.part) == (f"c-{number}", Part.ADVISOR)
    assert all(index.nearest(talk(number)) is None for number in range(2_000, 2_200))


def kept_of(words: int, conversations: int = 900) -> float:
    """Bytes that the index and the meter of variety keep of a conversation with messages of so many words."""
    texts = [[" ".join(prose(2 * number + turn, words)) for turn in range(2)] for number in range(conversations)]
    prints = [fingerprint_of([("user", said), ("assistant", answer)]) for said, answer in texts]
    tracemalloc.start()
    index, meter = DuplicateIndex(), NeighbourMeter()
    for number, printed in enumerate(prints):
        index.add(f"c-{number}", printed)
        meter.add(f"c-{number}", "cell", printed)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return kept / conversations


def test_what_is_kept_of_a_conversation_does_not_grow_with_its_text() -> None:
    short, long = kept_of(words=20), kept_of(words=160)
    assert long <= 1.1 * short
    assert long <= 9_000


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="abc é.'’\n", max_size=80), min_size=2, max_size=5), st.integers(0, 20))
def test_similarity_is_the_same_from_either_side(messages: list[str], seed: int) -> None:
    one = conversation(*messages, " ".join(prose(seed, 20)))
    words = " ".join(turn.content for turn in one.turns).split()
    other = conversation(*messages[:-1], " ".join(reversed(words)), " ".join(prose(seed, 20)))
    there, back = DuplicateIndex(), DuplicateIndex()
    there.add("c-1", one)
    back.add("c-1", other)
    found, found_back = there.nearest(other), back.nearest(one)
    assert (found is None) == (found_back is None)
    if found is not None and found_back is not None:
        assert (found.part, found.similarity, found.exact) == (found_back.part, found_back.similarity, found_back.exact)
        assert found.similarity >= there.similarity


@settings(max_examples=60)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6))
def test_any_conversation_is_its_own_exact_twin(messages: list[str]) -> None:
    index = DuplicateIndex()
    index.add("c-1", conversation(*messages))
    twin = index.nearest(conversation(*messages))
    assert twin is not None
    assert (twin.conversation_id, twin.exact, twin.similarity) == ("c-1", True, 1.0)
