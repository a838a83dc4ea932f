"""The facts of a report: they agree with what the manifest and the summary say, and keep apart what is not the same."""

from __future__ import annotations

from decimal import Decimal

import pytest
from report_cases import (
    catalog_of,
    cells_of,
    everything_measured,
    gathered,
    judged,
    read,
    records_of,
    sources_of,
    suite_report,
    summary_of,
)

from brightrun.claude.errors import CallErrorCategory
from brightrun.conversation import ReplyProblem
from brightrun.export.tokens import token_lengths
from brightrun.reporting import as_markdown
from brightrun.reporting.distributions import scores, whole_numbers
from brightrun.reporting.facts import Fitness
from brightrun.reporting.reasons import KINDS, MEANINGS, meaning_of
from brightrun.reporting.samples import BY_ID, BY_SCORE
from brightrun.reporting.wording import dollars, percent, share_of
from brightrun.store.jobs import CellCoverage
from brightrun.store.states import Reason


@pytest.fixture(scope="module")
def short():
    """Two of eight missing, for two reasons; a third has not been tried."""
    catalog = catalog_of(2, 2, 2)
    cells = [
        CellCoverage(cell.persona, cell.arc, cell.topic, 1, ready, reasons)
        for cell, ready, reasons in zip(
            cells_of(catalog),
            (1, 0, 1, 0, 1, 1, 0, 1),
            ((), ("refusal",), (), ("cut_text",), (), (), (), ()),
            strict=True,
        )
    ]
    sources = sources_of(catalog, cells, reasons={"refusal": 1, "cut_text": 1}, rejected=1, failed=1)
    return gathered(records_of(catalog, cells), sources)


def test_kf33_what_is_missing_is_said_with_reasons_that_add_up(short):
    answer = short.answer
    assert (answer.asked, answer.ready, answer.missing, answer.unfinished) == (8, 5, 3, 1)
    assert sum(reason.count for reason in answer.missing_because) == answer.missing
    assert [reason.code for reason in answer.missing_because] == ["cut_text", "not_finished", "refusal"]
    assert answer.fitness is Fitness.YES_EXCEPT
    assert "3 combinations of 8 have fewer conversations than they were to have." in answer.exceptions
    assert (short.coverage.combinations, short.coverage.filled, short.coverage.short_total) == (8, 5, 3)
    untried = [entry for entry in short.coverage.short if entry.reasons == (MEANINGS["not_finished"],)]
    assert len(untried) == 1


def test_the_short_version_says_the_same(short):
    text = as_markdown(short)
    assert text.startswith("# 5 of 8 conversations are ready\n")
    assert "| cost | $9.10 of $20.00 |" in text
    assert "| judge's score | not measured |" in text
    assert "## 3 conversations missing" in text
    assert "- 1: The model declined to write it. (`refusal`)" in text
    assert text.count("0 of 1") == 3


def test_the_whole_map_has_each_combination_where_it_belongs(short):
    (heat,) = short.coverage.maps
    assert [len(group.columns) for group in heat.groups] == [2, 2]
    assert heat.group_starts == {0, 2}
    assert sum(cell.ready for row in heat.rows for cell in row.cells if cell) == 5
    lacking = {
        (group.name, column, row.name)
        for row in heat.rows
        for (group, column), cell in zip(
            [(group, column) for group in heat.groups for column in group.columns], row.cells, strict=True
        )
        if cell and cell.ready < cell.owed
    }
    assert lacking == {(entry.arc, entry.persona, entry.topic) for entry in short.coverage.short}


@pytest.mark.parametrize(
    ("changes", "fitness", "sentence"),
    [
        ({"simulated": True}, Fitness.NO, "It is simulated"),
        ({"suite": suite_report("critical", success=False)}, Fitness.NO, "A condition that must hold does not"),
        (
            {"suite": suite_report("warning", success=False)},
            Fitness.YES_EXCEPT,
            "(1 conversation against it)",
        ),
        ({"suite": suite_report("critical", success=True)}, Fitness.YES_EXCEPT, "was not judged by anyone"),
    ],
)
def test_whether_it_is_safe_to_train_on_and_what_speaks_against_it(changes, fitness, sentence):
    catalog = catalog_of(2, 1, 2)
    cells = cells_of(catalog)
    answer = gathered(records_of(catalog, cells), sources_of(catalog, cells, **changes)).answer
    assert answer.fitness is fitness
    assert sentence in " ".join(answer.exceptions)


def test_what_trainers_cut_off_is_told_in_whole_conversations():
    catalog = catalog_of(2, 1, 2)
    cells = cells_of(catalog)
    lengths = {"messages": token_lengths([400, 600, 700, 1500]), "pairs": token_lengths([1500] * 12)}
    answer = gathered(records_of(catalog, cells), sources_of(catalog, cells, lengths=lengths)).answer
    assert "longer than their limit: 3 conversations with Axolotl (sequence_len 512)" in " ".join(answer.exceptions)


def test_a_dataset_with_nothing_against_it_is_simply_safe():
    catalog = catalog_of(2, 1, 2)
    cells = cells_of(catalog)
    records = judged(list(records_of(catalog, cells)))
    answer = gathered(records, sources_of(catalog, cells)).answer
    assert (answer.fitness, answer.exceptions) == (Fitness.YES, ())


def test_scores_that_only_some_have_are_scores_of_some():
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    records = list(records_of(catalog, cells))
    given = judged(records[:3])
    facts = gathered(given + records[3:], sources_of(catalog, cells))
    assert (facts.scores.scored, facts.scores.of) == (3, 8)
    assert facts.scores.overall.least == min(made.judge.mean for made in given)
    assert "Only 3 of 8 conversations were judged." in facts.answer.exceptions


def test_samples_are_chosen_by_score_and_shown_once_with_an_edge_arc_each():
    catalog = catalog_of(3, 10, 2)
    facts = everything_measured(catalog, cells_of(catalog))
    assert facts.sample_rule == BY_SCORE
    marks = [sample.score for sample in facts.samples]
    assert marks[0] == facts.scores.overall.most
    assert marks[1] == facts.scores.overall.median
    assert marks[2] == facts.scores.overall.least
    edge = {arc.name for arc in catalog.arcs.values() if arc.is_edge}
    assert edge <= {sample.arc for sample in facts.samples if "dge arc" in sample.rule}
    ids = [sample.conversation_id for sample in facts.samples]
    assert len(ids) == len(set(ids))


def test_kf40_without_scores_there_is_no_best():
    catalog = catalog_of(2, 1, 3)
    cells = cells_of(catalog)
    facts = gathered(records_of(catalog, cells), sources_of(catalog, cells))
    assert facts.sample_rule == BY_ID
    assert [sample.rule for sample in facts.samples] == ["First by id", "Middle by id", "Last by id"]
    assert {sample.score for sample in facts.samples} == {None}
    (single,) = gathered(list(records_of(catalog, cells))[:1], sources_of(catalog, cells[:1])).samples
    assert single.rule == "First by id; middle by id; last by id"


def test_intended_labelled_and_measured_feelings_are_kept_apart():
    catalog = catalog_of(2, 1, 2)
    cells = cells_of(catalog)
    records = [
        made.model_copy(update={"register_kind": kind})
        for made, kind in zip(records_of(catalog, cells), ("emotional", "emotional", "plain", "near_miss"), strict=True)
    ]
    facts = gathered(read(records[:1]) + records[1:], sources_of(catalog, cells))
    arc = next(iter(catalog.arcs.values()))
    assert [path.name for path in facts.paths] == [
        arc.name,
        f"Near misses of {arc.name}",
        "Plain questions, of all arcs",
    ]
    own = facts.paths[0]
    assert own.conversations == 2
    assert [point.position for point in own.intended.points] == [0, 1]
    assert own.intended.points[0].mean == round(sum(made.intended_start_intensity for made in records[:2]) / 2, 3)
    assert own.labelled.points[0].messages == 2
    assert own.measured.points[0].messages == 1
    assert own.measured.points[0].mean == round(0.85 * records[0].turns[0].labelled_intensity, 2)
    assert [path.measured for path in facts.paths[1:]] == [None, None]


def test_the_money_adds_up_and_is_exact():
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    facts = gathered(records_of(catalog, cells), sources_of(catalog, cells))
    spend = facts.spend
    assert Decimal(spend.ready_usd) == 8 * Decimal("0.0092")
    assert Decimal(spend.ready_usd) + Decimal(spend.other_usd) == Decimal(spend.spent_usd) == Decimal("9.1")
    assert spend.calls == summary_of(8, 8).calls
    nothing = gathered([], sources_of(catalog, cells_of(catalog, lost=1)))
    assert nothing.spend.per_ready_usd is None
    assert nothing.answer.fitness is Fitness.NO


@pytest.mark.parametrize("codes", [ReplyProblem, CallErrorCategory, Reason, *KINDS])
def test_kf23_every_reason_has_a_sentence(codes):
    for code in codes:
        assert code in MEANINGS or meaning_of(code) == code.meaning
    assert meaning_of("a_new_code") == "A new code."


@pytest.mark.parametrize("values", [[7], [0, 0, 0], list(range(1000)), [3, 4, 5, 5_000], [10**6, 1]])
def test_bars_hold_every_value_once(values):
    made = whole_numbers("words", "words", values)
    assert sum(bar.count for bar in made.bars) == made.count == len(values)
    assert len(made.bars) <= 15
    assert (made.least, made.most) == (min(values), max(values))
    assert whole_numbers("words", "words", []) is None


def test_kf42_scores_are_on_one_scale_from_0_to_10():
    made = scores("mean", [0, 4.99, 5, 9.5, 10])
    assert [bar.label for bar in made.bars][::2] == [str(number) for number in range(10)]
    assert {bar.label: bar.count for bar in made.bars if bar.count} == {"0": 1, "4.5": 1, "5": 1, "9.5": 2}
    assert scores("mean", []) is None


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("9.1", "$9.10"), ("0", "$0.00"), ("0.0001234", "$0.00012"), ("1234.5", "$1,234.50"), ("-0.5", "−$0.50")],
)
def test_money_is_shown_as_a_price(amount, shown):
    assert dollars(amount) == shown


def test_shares_claim_no_more_than_they_know():
    assert [percent(value) for value in (0, 0.001, 0.5, 0.999, 1)] == ["0%", "under 1%", "50%", "over 99%", "100%"]
    assert share_of(2, 3) == "2 of 3"
    assert share_of(20, 40) == "50%"
