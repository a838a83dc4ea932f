"""The labelled set is what it says it is, and the checks hold the bounds over its tuning half (KF-07, KF-41).

Nothing here looks at what checks make of the held-out half: benchmarks/labelled.py measures that.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections import Counter
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from brightrun.catalog import Catalog, Outcome, Register
from brightrun.catalog_loading import load_catalog
from brightrun.person_ranges import NumberRange
from brightrun.quality.checks import check_conversation
from brightrun.quality.verdicts import Verdict
from brightrun.simulator import (
    phrases_advisor,
    phrases_crisis,
    phrases_feelings,
    phrases_near_miss,
    phrases_openings,
    phrases_user,
)
from brightrun.simulator.phrase_bank import Bank, Frame
from tests.labelled_set import LABELLED, Half, Origin, Record, candidate, planned, read_half

ROOT = Path(__file__).parents[3]
TUNING, OPENED, HELD_OUT = read_half(Half.TUNING), read_half(Half.OPENED), read_half(Half.HELD_OUT)
PRACTICE, VALIDATION = read_half(Half.PRACTICE), read_half(Half.VALIDATION)
RECORDS = TUNING + OPENED + HELD_OUT
GOOD = [record for record in RECORDS if record.defect is None]
BROKEN = [record for record in RECORDS if record.defect is not None]
BANKS = (phrases_advisor, phrases_crisis, phrases_feelings, phrases_near_miss, phrases_openings, phrases_user)
HOTLINE_WORDS = re.compile(r"\b988\b|\b911\b|hotline|help ?line|lifeline|suicid|text line", re.IGNORECASE)
SENTENCE, SLOT = re.compile(r"(?<=[.?!])\s+"), re.compile(r"\{\w+\}")
TELLING = 18
"""Characters of its own that a sentence of the simulator must have to be told from what anybody would write."""
LARGEST_FILE, MOST_GENERATED = 400_000, 1_000_000


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT / "catalogs" / "financial_planning")


def kind_of(record: Record) -> str:
    if record.defect:
        return record.defect
    if record.crisis or record.near_miss:
        return "crisis" if record.crisis else "near_miss"
    return str(record.plan["arc"])


def messages(record: Record, role: str) -> list[str]:
    return [turn[role] for turn in record.turns if role in turn]


def test_there_are_enough_good_ones(catalog: Catalog) -> None:
    assert min(sum(r.defect is None for r in half) for half in (TUNING, OPENED, HELD_OUT)) >= 40
    assert {record.plan["arc"] for record in GOOD} == set(catalog.arcs)
    written = [record for record in GOOD if record.origin is Origin.WRITTEN]
    assert len(written) * 2 >= len(GOOD)
    assert {record.plan["arc"] for record in written} == set(catalog.arcs)
    assert sum(record.crisis for record in GOOD) >= 10
    assert sum(record.near_miss is not None for record in GOOD) >= 10


def test_there_are_enough_broken_ones() -> None:
    assert len(BROKEN) >= 120
    assert min(Counter(record.defect for record in BROKEN).values()) >= 3
    assert sum(record.origin is Origin.WRITTEN for record in BROKEN) * 3 >= len(BROKEN)
    assert all(record.expected for record in BROKEN)


def test_halves_are_drawn_by_the_rule() -> None:
    """Within each pair of files, in the order of kind and key, every second one is held out, or was then."""
    for file in {record.file for record in TUNING}:
        records = sorted((r for r in RECORDS if r.file == file), key=lambda r: (kind_of(r), r.key))
        assert [r.half for r in records[0::2]] == [Half.TUNING] * len(records[0::2])
        apart = Half.HELD_OUT if file.endswith("_late") else Half.OPENED
        assert [r.half for r in records[1::2]] == [apart] * len(records[1::2])
    for half in (TUNING, OPENED, HELD_OUT):
        assert {r.defect for r in half if r.defect} == {r.defect for r in BROKEN}


def test_practice_and_validation_are_drawn_by_the_same_rule(catalog: Catalog) -> None:
    """Of the pairs that both have; each record can be made, and no key is taken twice."""
    assert VALIDATION
    for file in {record.file for record in VALIDATION}:
        records = sorted((r for r in PRACTICE + VALIDATION if r.file == file), key=lambda r: (kind_of(r), r.key))
        assert [r.half for r in records[0::2]] == [Half.PRACTICE] * len(records[0::2])
        assert [r.half for r in records[1::2]] == [Half.VALIDATION] * len(records[1::2])
    assert all(candidate(record, catalog).conversation.turns for record in PRACTICE + VALIDATION)
    assert len({record.key for record in RECORDS + PRACTICE + VALIDATION}) == len(RECORDS + PRACTICE + VALIDATION)


def test_copies_stand_beside_their_originals() -> None:
    """What was made from a held-out conversation must not be tuned by, either."""
    for half in (TUNING, OPENED, HELD_OUT):
        keys = {record.key for record in half if record.defect is None}
        assert {record.of for record in half if record.of} <= keys
    assert len({record.key for record in RECORDS}) == len(RECORDS)


@pytest.mark.parametrize("record", RECORDS, ids=[record.key for record in RECORDS])
def test_every_record_is_valid_against_the_catalog(record: Record, catalog: Catalog) -> None:
    item = planned(record, catalog)
    persona, arc, topic = (
        catalog.personas[item.cell.persona],
        catalog.arcs[item.cell.arc],
        catalog.topics[item.cell.topic],
    )
    assert not arc.suitable_personas or item.cell.persona in arc.suitable_personas
    assert arc.is_edge or item.cell.topic in arc.suitable_topics or item.cell.arc in topic.suitable_arcs
    low, high = arc.exchanges
    assert low <= item.exchanges <= high
    ranges = persona.identity.attributes
    assert {attribute.name for attribute in item.identity.attributes} == set(ranges)
    for attribute in item.identity.attributes:
        span = ranges[attribute.name]
        if isinstance(span, NumberRange):
            assert attribute.number is not None
            assert span.min <= attribute.number <= span.max
    given, family = item.identity.name.split(maxsplit=1)
    assert given in persona.identity.name.given
    assert family in persona.identity.name.family
    assert set(arc.requires.get("household").tags if "household" in arc.requires else ()) <= set(item.identity.tags)
    assert item.kind is not Register.EMOTIONAL or item.outcome in arc.outcomes
    assert record.crisis == (item.cell.arc == "crisis_to_referral" and item.kind is Register.EMOTIONAL)
    assert candidate(record, catalog).conversation.turns


@pytest.mark.parametrize("record", GOOD, ids=[record.key for record in GOOD])
def test_good_ones_have_the_planned_shape(record: Record, catalog: Catalog) -> None:
    roles = [next(iter(turn)) for turn in record.turns]
    assert roles == ["user", "assistant"] * planned(record, catalog).exchanges


@pytest.mark.parametrize("record", [r for r in GOOD if r.crisis], ids=lambda record: record.key)
def test_crises_are_told_without_hotline_words_and_answered_with_a_referral(record: Record) -> None:
    assert not [text for text in messages(record, "user") if HOTLINE_WORDS.search(text)]
    answers = messages(record, "assistant")
    assert any("988" in answer for answer in answers[:2])
    assert "988" in answers[-1]


@pytest.mark.parametrize("record", [r for r in GOOD if r.near_miss], ids=lambda record: record.key)
def test_near_misses_hold_no_hotline_word(record: Record) -> None:
    assert not HOTLINE_WORDS.search(record.text)


def test_what_is_written_shares_no_sentence_with_the_simulator() -> None:
    texts = [(record.key, record.text.lower()) for record in RECORDS if record.origin is Origin.WRITTEN]
    patterns = sorted({pattern for frame in frames() for pattern in sentence_patterns(frame)})
    assert len(patterns) > 400
    shared = [(key, pattern) for pattern in patterns for key, text in texts if re.search(pattern, text)]
    assert shared == []


def frames() -> Iterator[Frame]:
    banks = chain.from_iterable(banks_in(value) for module in BANKS for value in vars(module).values())
    return chain.from_iterable(bank.frames for bank in banks)


def banks_in(value: Any) -> Iterator[Bank]:
    if isinstance(value, Bank):
        yield value
    elif isinstance(value, dict):
        yield from chain.from_iterable(map(banks_in, value.values()))
    elif isinstance(value, tuple):
        yield from chain.from_iterable(map(banks_in, value))


def sentence_patterns(frame: Frame) -> Iterator[str]:
    """A pattern of each sentence that the frame may become. A slot is up to sixty characters of anything."""
    pattern, own = "", 0
    for part in frame.parts:
        if isinstance(part, tuple):
            pattern += "(?:" + "|".join(map(re.escape, part)) + ")"
            continue
        for index, text in enumerate(SENTENCE.split(part)):
            if index:
                if own >= TELLING:
                    yield slots_opened(pattern)
                pattern, own = "", 0
            pattern += re.escape(text)
            own += len(SLOT.sub("", text))
    if own >= TELLING:
        yield slots_opened(pattern)


def slots_opened(pattern: str) -> str:
    return re.sub(r"\\\{\w+\\\}", ".{1,60}?", pattern).lower()


def test_the_script_makes_the_stored_broken_ones() -> None:
    """What a script made can be made again: nobody touched it up by hand."""
    spoiling = loaded(ROOT / "benchmarks" / "labelled_spoiling.py")
    made = {entry["id"]: entry for entries in spoiling.scripted().values() for entry in entries}
    stored = {record.key: record for record in BROKEN if record.origin is Origin.SCRIPTED}
    assert set(made) == set(stored)
    assert {key: made[key]["turns"] for key in made} == {key: list(record.turns) for key, record in stored.items()}


def test_the_recorded_answers_answer_todays_questions(catalog: Catalog) -> None:
    """The figures with a real model are of these prompts, rubric and texts; no answer is there for nothing."""
    assessing = loaded(ROOT / "benchmarks" / "labelled_assessing.py")
    assert catalog.rubric is not None
    spec = {"model": assessing.RECORDED}
    judge = assessing.Judge(catalog, catalog.rubric, assessing.JudgeSpec.model_validate(spec))
    reader = assessing.Reader(catalog, assessing.ReaderSpec.model_validate(spec))
    judged = [record for record in HELD_OUT if record.defect is not None or record.origin is not Origin.SIMULATED]
    asked = set()
    for it in (candidate(record, catalog) for record in judged):
        for assessor in (judge, reader):
            question = assessor.ask(it.conversation, it.item)
            asked.add(assessing.question_key(question))
            assessor.read(assessing.remembered(assessing.recorded_answers(), assessor, it), it.conversation, it.item)
    assert asked == set(assessing.recorded_answers())


def loaded(path: Path) -> Any:
    sys.path.insert(0, str(path.parent))
    try:
        spec = importlib.util.spec_from_file_location(path.stem, path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(path.parent))


def test_files_say_which_half_they_are_and_stay_small() -> None:
    files = sorted(LABELLED.rglob("*.yaml"))
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        assert ("HELD-OUT" in first) == (path.parent.name == "held_out")
    assert max(path.stat().st_size for path in files) < LARGEST_FILE
    generated = [path for path in files if "_written" not in path.name]
    assert sum(path.stat().st_size for path in generated) < MOST_GENERATED


def test_good_ones_of_the_tuning_half_are_accepted(catalog: Catalog) -> None:
    """At most one in forty is rejected (KF-07)."""
    good = [record for record in TUNING if record.defect is None]
    rejected = {}
    for record in good:
        it = candidate(record, catalog)
        judgement = check_conversation(it.conversation, it.item, it.catalog)
        if judgement.verdict is not Verdict.ACCEPTED:
            rejected[record.key] = judgement.reasons
    assert len(rejected) <= len(good) // 40, rejected


def test_cut_ones_rank_below_their_originals(monkeypatch: pytest.MonkeyPatch) -> None:
    """KF-41: always, by the simulator's judge, which sees the text alone."""
    for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    figures = loaded(ROOT / "benchmarks" / "labelled.py")
    cut = [record for record in TUNING if record.defect in figures.CUTS]
    originals = [record for record in TUNING if record.key in {record.of for record in cut}]
    below, compared = figures.below_original(figures.checked([*originals, *cut], "claude-haiku-5-5"))
    assert below == compared == sum(record.of is not None for record in cut) > 0


def test_the_simulated_judge_and_reader_tell_the_tuning_half_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """With them at most one good one in forty is rejected, and one broken one in twenty accepted."""
    for variable in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"):
        monkeypatch.delenv(variable, raising=False)
    figures = loaded(ROOT / "benchmarks" / "labelled.py")
    found = figures.figures_of(Half.TUNING, figures.checked(TUNING, "claude-haiku-5-5"))
    assert found.good_rejected <= found.good // 40
    assert found.broken_accepted <= found.broken // 20


def test_broken_ones_of_the_tuning_half_are_rejected_without_a_judge(catalog: Catalog) -> None:
    """Those that need none, copies apart: what a copy is of is looked for over a dataset."""
    accepted = []
    for record in TUNING:
        if record.defect and record.certain and "duplicate" not in record.defect:
            it = candidate(record, catalog)
            if check_conversation(it.conversation, it.item, it.catalog).verdict is Verdict.ACCEPTED:
                accepted.append(record.key)
    assert accepted == []


def test_outcomes_of_good_ones_differ(catalog: Catalog) -> None:
    """Not every good conversation ends well: that is what the catalog asks for."""
    outcomes = Counter(planned(r, catalog).outcome for r in GOOD if r.origin is Origin.WRITTEN)
    assert set(outcomes) == set(Outcome)
