"""report.html as a browser gets it: well-formed, whole without anything else, and honest about what is data."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from report_cases import (
    catalog_of,
    cells_of,
    conversation,
    everything_measured,
    gathered,
    records_of,
    sources_of,
    suite_report,
)

from brightrun.export.context import EvaluationFacts, SharedWords
from brightrun.quality.evaluation_overlap import IndexedFile
from brightrun.reporting import ReportFacts, as_markdown, render
from brightrun.reporting.facts import Fitness
from brightrun.reporting.samples import SAMPLE_CHARACTERS

VOID = {"meta", "br", "hr", "img", "input", "link", "rect", "line", "circle", "polyline", "polygon"}
REFERS = {"src", "href", "xlink:href", "srcset", "action", "data", "poster", "formaction", "background"}
MOST_BYTES = 2_000_000
NASTY = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "</style></svg><iframe src=//evil.example>",
    "{{ 7 * 7 }} {% raw %}",
    "שלום עולם \u202egnorw\u202c",
    "👩🏽‍🚀 “quoted” & ampersand\u2028line",
)


class Page(HTMLParser):
    """The tree of a page: every tag closed in turn, and what its parts are."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []
        self.inside: dict[str, list[str]] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.said.append(data)
        for tag in self.open:
            self.inside.setdefault(tag, []).append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.said).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def measured() -> ReportFacts:
    catalog = catalog_of(3, 4, 6)
    return everything_measured(catalog, cells_of(catalog, owed=2, lost=0.1))


@pytest.fixture(scope="module")
def empty() -> ReportFacts:
    catalog = catalog_of(1, 1, 1)
    return gathered([], sources_of(catalog, cells_of(catalog, lost=1)))


@pytest.fixture(params=["measured", "empty"])
def facts(request) -> ReportFacts:
    return request.getfixturevalue(request.param)


def test_every_tag_is_closed_and_every_id_is_there_once(facts):
    page = Page(render(facts))
    assert page.open == []
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"] for attributes in page.all("a")}
    assert links <= {f"#{name}" for name in ids}


def test_the_page_asks_for_nothing_from_anywhere(facts):
    text = render(facts)
    page = Page(text)
    for _, attributes in page.tags:
        for name in REFERS & set(attributes):
            assert str(attributes[name]).startswith("#")
    assert not {"script", "link", "img", "iframe", "object", "base", "form"} & {tag for tag, _ in page.tags}
    assert "url(" not in text
    assert "@import" not in text
    assert "http://" not in text
    assert "https://" not in text
    policy = next(meta for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy")
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"


def test_people_who_do_not_see_the_page_are_told_what_is_on_it(facts):
    page = Page(render(facts))
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(page.all("caption")) == len(page.all("table"))
    for svg in page.all("svg"):
        assert svg.get("aria-label") if svg.get("role") == "img" else svg.get("aria-hidden") == "true"
    for part in page.all("div"):
        if part.get("role") == "region":
            assert part["tabindex"] == "0"
            assert part.get("aria-label") or part.get("aria-labelledby")
    for heading in page.all("th"):
        assert heading["scope"] in {"col", "row", "colgroup"}


@pytest.mark.parametrize("nasty", NASTY)
def test_texts_of_catalogs_and_conversations_are_data(nasty):
    catalog = catalog_of(1, 1, 1)
    key = next(iter(catalog.topics))
    renamed = catalog.topics[key].model_copy(update={"name": nasty})
    catalog = catalog.model_copy(update={"topics": {key: renamed}})
    cells = cells_of(catalog, owed=1)
    made = conversation(catalog, cells[0], 1, 0)
    turns = tuple(
        turn.model_copy(update={"content": nasty, "labelled_emotion": nasty if turn.role == "user" else None})
        for turn in made.turns
    )
    made = made.model_copy(update={"turns": turns, "persona_name": nasty, "arc_name": nasty, "labelled_outcome": nasty})
    text = render(gathered([made], sources_of(catalog, cells)))
    page = Page(text)
    assert page.open == []
    assert not {"script", "img", "iframe"} & {tag for tag, _ in page.tags}
    assert page.text.count(" ".join(nasty.split())) >= len(turns) + 2


def test_a_conversation_is_shown_word_for_word_and_may_run_either_way():
    catalog = catalog_of(1, 1, 1)
    cells = cells_of(catalog)
    made = conversation(catalog, cells[0], 1, 0)
    page = Page(render(gathered([made], sources_of(catalog, cells))))
    for turn in made.turns:
        assert turn.content in page.said
    texts = [part for part in page.all("div") if part.get("class") == "text"]
    assert len(texts) == len(made.turns)
    assert {part["dir"] for part in texts} == {"auto"}


def test_long_conversations_are_cut_and_the_page_says_so():
    catalog = catalog_of(3, 10, 4)
    cells = cells_of(catalog)
    records = []
    for made in records_of(catalog, cells):
        turns = tuple(turn.model_copy(update={"content": "<&>" + "ü" * 7_997}) for turn in made.turns)
        records.append(made.model_copy(update={"turns": turns}))
    facts = gathered(records, sources_of(catalog, cells))
    text = render(facts)
    assert len(text.encode()) < MOST_BYTES
    assert all(sum(len(turn.text) for turn in sample.turns) <= SAMPLE_CHARACTERS for sample in facts.samples)
    assert "4,000 more characters in records/records.jsonl" in Page(text).text
    assert re.search(r"\d further messages? in records/records\.jsonl", Page(text).text)


def test_the_same_facts_give_the_same_bytes(measured):
    assert render(measured) == render(ReportFacts.model_validate_json(measured.model_dump_json()))


def test_a_large_grid_stays_a_page_that_can_be_opened():
    catalog = catalog_of(10, 20, 65)
    cells = cells_of(catalog, lost=0.02)
    assert len(cells) == 13_000
    few = cells[:400]
    facts = gathered(records_of(catalog, few), sources_of(catalog, cells))
    assert [heat.title for heat in facts.coverage.maps] == ["Persona by arc", "Topic by arc", "Topic by persona"]
    for heat in facts.coverage.maps:
        owed = sum(cell.owed for row in heat.rows for cell in row.cells if cell)
        ready = sum(cell.ready for row in heat.rows for cell in row.cells if cell)
        assert (owed, ready) == (facts.answer.asked, facts.answer.ready)
    text = render(facts)
    assert len(text.encode()) < MOST_BYTES
    assert "every map below adds up the axis it does not name" in Page(text).text


def test_simulated_data_is_called_so_in_title_banner_and_answer():
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    facts = gathered(records_of(catalog, cells), sources_of(catalog, cells, simulated=True))
    page = Page(render(facts))
    assert page.inside["title"][0].endswith("ready (simulated)")
    assert "Simulated. No model wrote these conversations" in page.text
    assert "Safe to train on: no" in page.text
    assert "of $20.00, had it been real" in page.text


def test_kf40_kf47_what_was_not_measured_is_called_so_and_has_no_figure():
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    facts = gathered(records_of(catalog, cells), sources_of(catalog, cells))
    assert (facts.scores, facts.variety, facts.attempts, facts.expectations) == (None, None, None, None)
    assert all(path.measured is None for path in facts.paths)
    text = Page(render(facts)).text
    assert "Not measured: no judge read these conversations" in text
    assert "Not measured: how much the conversations repeat each other" in text
    assert "Not counted: how many conversations were rejected" in text
    assert "nothing was measured" in text
    assert "Judge’s score not measured" in text


def test_evaluation_files_and_what_is_shared_with_them_are_shown():
    """Figures, files and words come from what the manifest says; file names are data."""
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    file = IndexedFile(path="<b>held-out.jsonl", sha256="ab" * 32, texts=7, too_short=2)
    one = SharedWords(conversation_id="conv-000001", turn=2, file=file.path, line=4, words="the very same words")
    found = EvaluationFacts(words=13, files=(file,), overlapping=1, overlaps=(one,))
    page = Page(render(gathered(records_of(catalog, cells), sources_of(catalog, cells, evaluation=found))))
    assert "1 conversation shares 13 words in a row or more with the files" in page.text
    assert "<b>held-out.jsonl abababababab 7 2" in page.text
    assert "conv-000001 <b>held-out.jsonl:4 “the very same words”" in page.text
    none = found.model_copy(update={"overlapping": 0, "overlaps": ()})
    page = Page(render(gathered(records_of(catalog, cells), sources_of(catalog, cells, evaluation=none))))
    assert "No conversation shares 13 words in a row with the files" in page.text
    assert "What is shared" not in page.text


def test_the_only_links_out_of_the_page_lead_to_the_pages_beside_the_release():
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    sources = sources_of(catalog, cells, suite=suite_report("warning", success=False), data_docs="../data-docs/job-1")
    page = Page(render(gathered(records_of(catalog, cells), sources)))
    out = [attributes["href"] for attributes in page.all("a") if not str(attributes["href"]).startswith("#")]
    assert out == ["../data-docs/job-1/results.html", "../data-docs/job-1/release/results.html"]


def test_a_run_that_ended_before_its_release_says_that_nothing_was_looked_at():
    """What was not looked at is not called unjudged."""
    catalog = catalog_of(2, 2, 2)
    cells = cells_of(catalog)
    facts = gathered([], sources_of(catalog, cells))
    assert (facts.looked_at, facts.answer.ready, facts.answer.fitness) == (0, 8, Fitness.NO)
    assert facts.answer.exceptions[0].startswith("There is no release of it yet")
    assert not any("not judged" in sentence for sentence in facts.answer.exceptions)
    assert "judge's score" not in as_markdown(facts)
