"""What is said again and again is counted, found in the next conversation, and named to be avoided."""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import conversation, prose

from brightrun.quality.openings import closing
from brightrun.quality.phrase_counts import PhraseCounts
from brightrun.quality.phrases import PhraseBook, PhraseKind, PhraseLimits
from brightrun.quality.stock_phrases import StockPhrases, bundled_phrases
from brightrun.quality.words import words_of

SENTENCE = "what matters more than the sequence is the choice"


def text(seed: int) -> str:
    return " ".join(prose(seed, 30))


def test_kf_15_an_opening_is_overused_once_enough_conversations_have_it() -> None:
    """17 of 129 began with the same five words; here the fourth is found, and what to avoid names the words."""
    book = PhraseBook()
    for number in range(3):
        started = conversation(f"So I just got the {text(number)}", text(100 + number))
        assert book.overused(started) == []
        book.add(started)
    (found,) = book.overused(conversation(f"“So I just got — the… {text(9)}", text(109)))
    assert (found.kind, found.phrase, found.turn) == (PhraseKind.FIRST_OPENING, "so i just got the", 1)
    assert (found.conversations, found.of) == (3, 3)
    assert book.to_avoid(5) == ["so i just got the"]
    assert book.overused(conversation(text(10), text(110))) == []


def test_a_limit_grows_with_the_dataset() -> None:
    limits = PhraseLimits(first_opening=0.05, fewest=3)
    assert [limits.allowed(PhraseKind.FIRST_OPENING, count) for count in (0, 10, 60, 79, 80, 1000)] == [
        *(3, 3, 3, 3, 4, 50),
    ]
    with pytest.raises(ValueError, match="shares must be above 0"):
        PhraseLimits(stock=0)


def test_answers_openings_closings_and_stock_phrases_are_kinds_of_their_own() -> None:
    book = PhraseBook(PhraseLimits(fewest=1))
    answer = f"Let us look at the {text(1)}. I hear you. {text(2)} and so we are done"
    book.add(conversation(text(3), answer))
    found = book.overused(conversation(text(4), answer, text(5), answer))
    kinds = {(each.kind, each.phrase, each.turn) for each in found if each.kind is not PhraseKind.LEARNT}
    assert kinds == {
        (PhraseKind.ANSWER_OPENING, "let us look at the", 2),
        (PhraseKind.STOCK, "i hear you", 2),
        (PhraseKind.CLOSING, "and so we are done", 4),
    }
    (stock,) = book.counts(PhraseKind.STOCK, at_least=1)
    assert (stock.phrase, stock.conversations, stock.share) == ("i hear you", 1, 1.0)


def test_stock_phrases_are_whole_words_of_the_advisor() -> None:
    found = list(
        bundled_phrases().found(words_of("That’s completely valid. Absolutely! Give yourself credit, I fear you"))
    )
    assert found == ["that's completely valid", "absolutely", "give yourself credit"]
    own = StockPhrases(["I hear", "I hear you", "  "])
    assert list(own.found(words_of("I hear you, and I hearken"))) == ["i hear", "i hear you"]
    book = PhraseBook(PhraseLimits(fewest=1))
    for number in range(3):
        book.add(conversation(f"I hear you {text(number)}", text(10 + number)))
    assert book.counts(PhraseKind.STOCK, at_least=1) == []


def test_phrases_are_learnt_and_shown_in_one_piece() -> None:
    book = PhraseBook()
    for number in range(60):
        said = SENTENCE if number % 3 == 0 else text(1000 + number)
        book.add(conversation(text(number), f"{text(100 + number)} {said} {text(200 + number)}"))
    learnt = book.counts(PhraseKind.LEARNT)
    assert [(each.phrase, each.conversations) for each in learnt] == [(SENTENCE, 20)]
    (found,) = book.overused(conversation(text(300), f"{text(301)} {SENTENCE.upper()}. {text(302)}"))
    assert (found.phrase, found.turn, found.conversations) == (SENTENCE, 2, 20)
    assert book.to_avoid(1) == [SENTENCE]
    short_ones_between = book.overused(conversation("Hi", f"{text(303)} {SENTENCE}", "So?", "", SENTENCE, "Go on."))
    assert [(each.phrase, each.turn) for each in short_ones_between] == [(SENTENCE, 2)]
    assert [each.turn for each in book.overused(conversation("Hi", "", f"So: {SENTENCE}", "Yes."))] == [3]


def test_four_short_words_belong_to_the_language() -> None:
    book = PhraseBook()
    for number in range(40):
        book.add(conversation(text(number), f"{text(100 + number)} at the end of {text(200 + number)}"))
    assert book.counts(PhraseKind.LEARNT) == []
    assert book.overused(conversation(text(300), f"{text(301)} at the end of {text(302)}")) == []


def test_what_is_to_be_avoided_is_bounded_and_ordered() -> None:
    book = PhraseBook(PhraseLimits(fewest=1, fewest_learnt=50))
    for number, times in enumerate((2, 5, 3)):
        for _ in range(times):
            book.add(conversation(f"one two three four {'abc'[number]} end", "Yes."))
    book.add(conversation("Never again will I say this.", "No."))
    wanted = ["one two three four b", "one two three four c", "one two three four a", "never again will i say"]
    assert book.to_avoid(10) == wanted
    assert book.to_avoid(2) == wanted[:2]
    assert book.to_avoid(10, kinds=[PhraseKind.STOCK]) == []


def test_phrases_read_before_serve_as_well() -> None:
    book, other = PhraseBook(PhraseLimits(fewest_learnt=3)), PhraseBook(PhraseLimits(fewest_learnt=3))
    for number in range(6):
        said = conversation(f"{SENTENCE} {text(number)}", f"I hear you. {text(10 + number)}")
        read = book.phrasing(said)
        assert book.overused(read) == other.overused(said)
        book.add(read)
        other.add(said)
    assert len(book.overused(said)) == 3


def test_what_a_large_book_is_asked_takes_no_more_steps_than_a_small_one() -> None:
    """Steps are calls of functions: their number depends on what is found, and not on what was added."""
    book = PhraseBook()
    asked = book.phrasing(conversation(text(9_000), f"{text(9_001)} {SENTENCE} {text(9_002)}"))
    steps = []
    for size in (40, 600):
        while len(book) < size:
            number = len(book)
            said = SENTENCE if number % 4 == 0 else text(5_000 + number)
            book.add(conversation(text(number), f"{text(1_000 + number)} {said}"))
        assert [each.phrase for each in book.overused(asked)] == [SENTENCE]
        steps.append(calls_in(lambda: book.overused(asked)))
    assert steps[1] <= steps[0]


def calls_in(work: Callable[[], object]) -> int:
    """How many functions were called, those of C included."""
    counted = 0

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_a_conversation_that_avoids_what_it_was_told_to_overuses_nothing(seed: int) -> None:
    dice = random.Random(seed)
    parts = ["I hear you.", "So here we are now then.", SENTENCE, "Thank you for sharing that with me."]
    book = PhraseBook(PhraseLimits(fewest_learnt=3))
    for number in range(12):
        said = " ".join(dice.choices([*parts, text(seed + number)], k=4))
        book.add(conversation(f"{dice.choice(parts)} {text(number)}", f"{dice.choice(parts)} {said}"))
    avoided = book.to_avoid(1000)
    for overuse in book.overused(conversation(" ".join(parts), " ".join(parts))):
        if overuse.kind is not PhraseKind.LEARNT:
            assert overuse.phrase in avoided
    assert book.overused(conversation(text(seed + 5000), text(seed + 6000))) == []


def test_counting_forgets_only_what_is_rare() -> None:
    counts = PhraseCounts(kept=100)
    for number in range(2_000):
        counts.add([f"rare {number}", "common", "common", f"now and then {number % 10}"])
    assert counts["common"] == 2_000
    assert counts.commonest() == ("common", 2_000)
    assert [phrase for phrase, _ in counts.at_least(100)] == ["common", *(f"now and then {n}" for n in range(10))]
    assert PhraseCounts().commonest() is None


@pytest.mark.parametrize(
    "spoken, words",
    [
        ("I think you will be fine — I do.", "will be fine i do"),
        ("Take it as it comes… !", "take it as it comes"),
        ("As it comes.", ""),
        ("", ""),
    ],
)
def test_a_closing_is_the_last_five_words(spoken: str, words: str) -> None:
    assert closing(spoken) == words
