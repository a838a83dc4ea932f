"""Words and their n-grams."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from brightrun.quality.words import (
    WORD,
    distinct,
    message_ngrams,
    ngram_hashes,
    placed_ngrams,
    word_hashes,
    words_of,
)


def test_words_are_in_lower_case_with_their_apostrophes() -> None:
    assert words_of("I’ve got *$1,250.50*, and it's “fine” — don't\nworry_now.") == (
        *("i've", "got", "1,250.50", "and", "it's", "fine", "don't", "worry", "now"),
    )
    assert words_of("… — !") == ()


@given(st.text(alphabet=st.one_of(st.sampled_from("aB1_.,'’ʼ \n\u00a0ŉİß-"), st.characters()), max_size=60))
def test_words_between_blanks_are_those_of_the_whole_text(text: str) -> None:
    plain = text.casefold().replace("’", "'").replace("ʼ", "'")
    assert words_of(text) == tuple(WORD.findall(plain))


@given(st.lists(st.lists(st.sampled_from("abcd"), max_size=6).map(tuple), max_size=6), st.integers(1, 5))
def test_ngrams_of_messages_do_not_go_across_them(messages: list[tuple[str, ...]], length: int) -> None:
    apart = [number for words in messages for number in ngram_hashes(word_hashes(words), length).tolist()]
    numbers, places = placed_ngrams(messages, length)
    assert numbers.tolist() == message_ngrams(messages, length).tolist() == apart
    words = [word for message in messages for word in message]
    there = [ngram_hashes(word_hashes(tuple(words[place : place + length])), length)[0] for place in places]
    assert there == apart


@given(st.lists(st.integers(0, 50), max_size=40))
def test_distinct_numbers_are_ascending(numbers: list[int]) -> None:
    assert distinct(np.array(numbers, dtype=np.uint32)).tolist() == sorted(set(numbers))


@given(st.lists(st.sampled_from("abcd"), max_size=12), st.integers(1, 6))
def test_equal_ngrams_have_equal_numbers_and_others_do_not(words: list[str], length: int) -> None:
    grams = [tuple(words[i : i + length]) for i in range(len(words) - length + 1)]
    numbers = ngram_hashes(word_hashes(tuple(words)), length).tolist()
    assert len(numbers) == len(grams)
    assert len(set(numbers)) == len(set(grams)) == len(set(zip(grams, numbers, strict=True)))


def test_numbers_are_the_same_in_every_process() -> None:
    code = "from brightrun.quality.words import *; print(ngram_hashes(word_hashes(('a', 'b', 'c')), 2).tolist())"
    seeds = ("1", "2")
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in seeds
    }
    assert printed == {f"{ngram_hashes(word_hashes(('a', 'b', 'c')), 2).tolist()}\n"}


def test_a_lone_surrogate_is_a_word_like_others() -> None:
    assert word_hashes(words_of("a \ud800b")).dtype == np.uint64
