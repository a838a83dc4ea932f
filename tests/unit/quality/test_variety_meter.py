"""How varied a dataset is."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from talks import prose

from brightrun.enrich import EnrichedConversation, RecordTurn
from brightrun.quality.distinct_counter import KEPT, DistinctCounter
from brightrun.quality.fingerprints import Part
from brightrun.quality.neighbours import Within
from brightrun.quality.spreads import Spread, spread_of
from brightrun.quality.variety import Variety, VarietyMeter, thanks
from brightrun.quality.words import word_hashes, words_of


def text(seed: int) -> str:
    return " ".join(prose(seed, 30))


def varied(record: EnrichedConversation, name: str, *messages: str, **changed: object) -> EnrichedConversation:
    """The record with another id and other messages; user turns are labelled worry 0.6, then calm 0.2."""
    turns = [
        RecordTurn(role="assistant", content=content, technique="counting", teaches="One thing.")
        if number % 2
        else RecordTurn(
            role="user",
            content=content,
            labelled_emotion="calm" if number else "worry",
            labelled_intensity=0.2 if number else 0.6,
        )
        for number, content in enumerate(messages)
    ]
    return record.model_copy(update={"conversation_id": name, "turns": tuple(turns), **changed})


def measured(records: Sequence[EnrichedConversation]) -> Variety:
    meter = VarietyMeter()
    for record in records:
        meter.add(record)
    return meter.result()


def test_nothing_measured_is_absent() -> None:
    """KF-40, KF-47: no constant stands for a figure that nobody measured."""
    variety = measured([])
    assert (variety.conversations, variety.first_opening, variety.nearest) == (0, None, ())
    assert (variety.words_per_user_turn, variety.thanking_share, variety.user.distinct_1) == (None, None, None)
    figures = variety.figures()
    assert figures.pop("conversations") == 0
    assert set(figures.values()) == {None}


def test_distinct_ngrams_are_shares_of_all_by_role(record: EnrichedConversation) -> None:
    variety = measured([varied(record, "c-1", "a b a b", "one two three one two three", "a b", "four")])
    assert variety.user.model_dump() == {"words": 6, "distinct_1": 0.333333, "distinct_2": 0.5, "distinct_3": 1.0}
    assert variety.advisor.model_dump() == {"words": 7, "distinct_1": 0.571429, "distinct_2": 0.6, "distinct_3": 0.75}


def test_kf_15_commonest_openings_and_closings_and_their_shares(record: EnrichedConversation) -> None:
    records = [
        varied(record, f"c-{n}", f"So I just got the {text(n)}", f"{text(n + 50)} and there you have it")
        for n in range(3)
    ]
    variety = measured([*records, varied(record, "c-9", text(90), text(91))])
    assert variety.first_opening is not None
    assert variety.first_opening.model_dump() == {"phrase": "so i just got the", "conversations": 3, "share": 0.75}
    assert variety.closing is not None
    assert (variety.closing.phrase, variety.closing.share) == ("and there you have it", 0.75)
    assert variety.answer_opening is not None
    assert variety.answer_opening.conversations == 1


def test_neighbours_within_a_cell_and_over_all(record: EnrichedConversation) -> None:
    """Two of one cell share half of their answer's words in a row; one of another cell is the twin of the first."""
    half = " ".join(prose(1, 60))
    records = [
        varied(record, "c-1", text(1), f"{half} {text(2)}"),
        varied(record, "c-2", text(3), f"{half} {text(4)}"),
        varied(record, "c-3", text(5), f"{half} {text(2)}", topic="another"),
        varied(record, "c-4", "Hi.", "Yes?"),
    ]
    variety = measured(records)
    by_place = {(each.part, each.within): each for each in variety.nearest}
    in_cell = by_place[Part.ADVISOR, Within.CELL]
    assert in_cell.similarity.measured == 2
    assert in_cell.similarity.p50 == pytest.approx(56 / 116, abs=0.12)
    over_all = by_place[Part.ADVISOR, Within.DATASET]
    assert (over_all.similarity.measured, over_all.similarity.most, over_all.most_similarity) == (3, 1.0, 1.0)
    assert by_place[Part.FIRST_USER, Within.DATASET].most_similarity < 0.1
    assert variety.figures()["nearest_advisor_in_dataset_most"] == 1.0


def test_lengths_and_thanks(record: EnrichedConversation) -> None:
    records = [
        varied(record, "c-1", "one two", "one two three", "Thanks, that helps!", "one"),
        varied(record, "c-2", "Thanks to my brother I have debts", "one two three"),
    ]
    variety = measured(records)
    expected = Spread(measured=3, least=1, p50=3, p95=3, most=3, mean=2.333333)
    assert variety.words_per_advisor_turn == expected
    assert variety.exchanges == Spread(measured=2, least=1, p50=1, p95=2, most=2, mean=1.5)
    assert (variety.user_turns, variety.thanking_user_turns, variety.thanking_share) == (3, 1, 0.333333)


@pytest.mark.parametrize(
    "message, does",
    [
        ("Thank you so much", True),
        ("ok, thanks", True),
        ("I thank you to stop", True),
        ("thanks to you I lost it", False),
        ("The bank is thankless", False),
        ("", False),
    ],
)
def test_thanks_are_whole_words(message: str, does: bool) -> None:
    assert thanks(words_of(message)) is does


def test_how_conversations_end_against_how_they_were_to(record: EnrichedConversation) -> None:
    """What was intended, labelled and measured has names of its own."""
    meter = VarietyMeter()
    endings = [("resolved", "resolved", None), ("resolved", "stalled", "anger"), ("leaves", "leaves", "relief")]
    for number, (intended, labelled, felt) in enumerate(endings):
        changed = {"intended_outcome": intended, "labelled_outcome": labelled, "measured_end_emotion": felt}
        meter.add(varied(record, f"c-{number}", "Hi", "Yes?", intended_end_emotion="relief", **changed))
    variety = meter.result()
    assert [tuple(each.model_dump().values()) for each in variety.labelled_outcomes] == [
        ("leaves", "leaves", 1),
        ("resolved", "resolved", 1),
        ("resolved", "stalled", 1),
    ]
    assert [tuple(each.model_dump().values()) for each in variety.measured_ends] == [
        ("relief", "anger", 1),
        ("relief", "relief", 1),
    ]
    assert variety.figures()["measured_end_as_intended_share"] == 0.5
    assert variety.figures()["labelled_outcome_as_intended_share"] == 0.666667


def test_trajectories_keep_intended_labelled_and_measured_apart(record: EnrichedConversation) -> None:
    meter = VarietyMeter()
    plan = {"intended_start_emotion": "anger", "intended_start_intensity": 0.9}
    meter.add(varied(record, "c-1", "a", "b", "c", "d", "e", "f", **plan))
    read = varied(record, "c-2", "a", "b", "c", "d", "e", "f", **plan)
    turns = [
        turn.model_copy(update={"measured_emotion": "fear", "measured_intensity": 0.1 * number})
        if turn.role == "user"
        else turn
        for number, turn in enumerate(read.turns, 1)
    ]
    meter.add(read.model_copy(update={"turns": tuple(turns)}))
    meter.add(varied(record, "c-3", "a", "b", register_kind="plain"))
    (arc,) = meter.result().trajectories
    assert (arc.arc, arc.conversations, arc.measured_conversations) == (record.arc, 2, 1)
    assert (arc.intended[0].intended_emotion, arc.intended[0].intended_intensity_mean) == ("anger", 0.9)
    labelled = [(p.position, p.user_turns, p.labelled_emotion, p.labelled_intensity_mean) for p in arc.labelled]
    assert labelled == [(0.0, 2, "worry", 0.6), (0.5, 2, "calm", 0.2), (1.0, 2, "calm", 0.2)]
    seen = [(p.position, p.user_turns, p.measured_emotion, p.measured_intensity_mean) for p in arc.measured]
    assert seen == [(0.0, 1, "fear", 0.1), (0.5, 1, "fear", 0.3), (1.0, 1, "fear", 0.5)]
    assert measured([varied(record, "c-1", "a", "b")]).trajectories[0].measured == ()


def test_it_is_json_and_the_order_of_records_changes_nothing(record: EnrichedConversation) -> None:
    records = [
        varied(record, f"c-{n}", text(n % 7), text(100 + n), "Thank you, I feel calm now", text(200 + n % 5))
        for n in range(40)
    ]
    variety = measured(records)
    random.Random(3).shuffle(records)
    assert measured(records) == variety
    assert Variety.model_validate(json.loads(variety.model_dump_json())) == variety


def test_distinct_numbers_are_exact_when_few_and_near_when_many() -> None:
    few, many = DistinctCounter(), DistinctCounter()
    for number in range(0, 40_000, 100):
        hashes = word_hashes(tuple(f"w{n}" for n in range(number, number + 200)))
        many.add(hashes)
        few.add(hashes % (KEPT // 2))
    assert few.count <= KEPT // 2
    assert many.count == pytest.approx(40_100, rel=0.03)
    exact = DistinctCounter()
    exact.add(word_hashes(("a", "b", "a")))
    assert exact.count == 2


@settings(max_examples=50)
@given(st.lists(st.integers(-50, 50).map(float), min_size=1))
def test_a_spread_is_made_of_measured_values(values: list[float]) -> None:
    made = spread_of(values)
    assert made is not None
    assert {made.least, made.p50, made.p95, made.most} <= set(values)
    assert made.least <= made.p50 <= made.p95 <= made.most
    assert sum(value <= made.p50 for value in values) * 2 >= len(values)
    assert made.mean == pytest.approx(sum(values) / len(values), abs=1e-5)
    assert spread_of([]) is None
