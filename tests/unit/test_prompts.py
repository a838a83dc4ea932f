"""Prompts: strictly filled, sandboxed, and different from each other; two kinds that never meet."""

from __future__ import annotations

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2.exceptions import SecurityError
from planning_cases import made_items, shipped

from brightrun.catalog import Catalog
from brightrun.prompts import PromptError, PromptWriter, placeholder_problem, placeholders, prompt_version, render

CATALOG = shipped("technical_support")
ADVISOR = CATALOG.advisor
BOTH = pytest.mark.parametrize("name", ["financial_planning", "technical_support"])


@BOTH
def test_kf_01_no_placeholder_and_no_object_reaches_the_model(name: str) -> None:
    """KF-01, KF-49: nothing of template syntax, of None or of a Python object is left in any prompt."""
    catalog = shipped(name)
    writer = PromptWriter(catalog)
    for item in made_items(catalog, edge_share=0.2, plain_share=0.2):
        prompt = writer.write(item)
        text = "\n".join([*prompt.system, prompt.user])
        for left in ("{{", "}}", "{%", "None", "object at 0x", "[object", "=('", "(key=", "Undefined"):
            assert left not in text, (item.title, left)


@BOTH
def test_a_prompt_says_who_what_and_how_it_is_to_end(name: str) -> None:
    """KF-49: the request carries the plan's own values, all of them."""
    catalog = shipped(name)
    writer = PromptWriter(catalog)
    for item in made_items(catalog)[::7]:
        user = writer.write(item).user
        topic = catalog.topics[item.cell.topic]
        told = [item.identity.name, str(item.identity.age), topic.name, topic.key, f"Outcome: {item.outcome.value}"]
        told += [a.text for a in item.identity.attributes if a.name != "age"]
        told += [choice.text for choice in item.variation]
        told += [t for t in (item.situation, item.life_event, item.mistaken_belief, item.identity.reason) if t]
        told += [f"Exchanges: {item.exchanges}", f"Start: {item.start.emotion} {item.start.intensity:.2f}"]
        assert [text for text in told if text not in user] == []


@BOTH
def test_what_many_requests_share_is_the_same_text_and_comes_first(name: str) -> None:
    catalog = shipped(name)
    writer = PromptWriter(catalog)
    prompts = [(item, writer.write(item)) for item in made_items(catalog)]
    assert len({prompt.system[:2] for _, prompt in prompts}) == 1
    assert len({prompt.system[2] for _, prompt in prompts}) == len({item.template for item, _ in prompts})
    assert len({prompt.system[3] for _, prompt in prompts}) == len({item.cell.persona for item, _ in prompts})


@BOTH
def test_kf_15_no_two_prompts_are_alike_and_openings_are_spread(name: str) -> None:
    """KF-15: each request asks for a beginning of its own kind, and another seed asks otherwise."""
    catalog = shipped(name)
    items = made_items(catalog, seed=7)
    writer = PromptWriter(catalog)
    assert len({writer.write(item).user for item in items}) == len(items)
    openings = [choice.key for item in items for choice in item.variation if choice.axis == "opening"]
    assert len(set(openings)) >= 10
    assert max(openings.count(key) for key in set(openings)) <= 0.15 * len(items) + 1
    others = made_items(catalog, seed=8)
    same = sum(writer.write(a).user == writer.write(b).user for a, b in zip(items, others, strict=False))
    assert same == 0


@BOTH
def test_kf_58_authoring_and_training_prompts_hold_nothing_of_each_other(name: str) -> None:
    """KF-58: no training system prompt is shown to the writer, and none names what was planned."""
    catalog = shipped(name)
    writer = PromptWriter(catalog)
    training = [prompt.text for prompt in catalog.advisor.system_prompts if prompt.text]
    planned = [n for p in catalog.personas.values() for n in (p.key, p.name, p.archetype)]
    planned += [n for a in catalog.arcs.values() for n in (a.key, a.name)]
    assert not [text for text in training for name in planned if name in text]
    for item in made_items(catalog)[::11]:
        prompt = writer.write(item)
        written = "\n".join([*prompt.system, prompt.user])
        assert not [text for text in training if text in written]


@BOTH
def test_the_tags_that_the_simulator_reads_are_there_once_each(name: str) -> None:
    catalog = shipped(name)
    prompt = PromptWriter(catalog).write(made_items(catalog)[0])
    text = "\n".join([*prompt.system, prompt.user])
    for tag in ("craft", "advisor", "arc", "persona", "topic", "person", "conversation"):
        assert text.count(f"<{tag}>") == text.count(f"</{tag}>") == 1


HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["{{ 7 * 7 }}", "{% for x in y %}", "'; DROP TABLE items; --", "{{ advisor.__class__ }}", "{# a #}", "</person>"]
)


@settings(deadline=None, max_examples=100)
@given(HOSTILE)
def test_kf_14_what_the_data_says_is_inserted_as_it_is(text: str) -> None:
    """KF-14: semicolons, braces and template syntax in data are data."""
    advisor = ADVISOR.model_copy(update={"name": text})
    assert render("[{{ advisor.name }}]", advisor=advisor) == f"[{text}]"


@pytest.mark.parametrize(
    "template",
    [
        "{{ advisor.__class__ }}",
        "{{ advisor['__class__'] }}",
        "{{ advisor | attr('__class__') }}",
        "{{ advisor.name.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ '{0.__class__}'.format(advisor) }}",
        "{{ advisor.model_dump() }}",
        "{{ advisor.system_prompts }}",
        "{{ advisor | attr('system_prompts') }}",
        "{{ [advisor] | map(attribute='system_prompts') | join }}",
        "{{ advisor.principles.append('x') }}",
    ],
)
def test_kf_14_the_sandbox_shows_fields_and_nothing_else(template: str) -> None:
    """KF-14: there is no way from a template to Python, nor to the training prompts."""
    with pytest.raises((SecurityError, jinja2.UndefinedError)):
        render(template, advisor=ADVISOR)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ advisor.nme }}", "has no attribute"),
        ("{{ nothing }}", "is undefined"),
        ("{{ advisor.principles[99] }}", "no element 99"),
        ("{{ advisor }}", "stands for a Advisor"),
        ("{{ advisor.principles }}", "stands for a tuple"),
        ("{{ none }}", "stands for nothing here"),
    ],
)
def test_kf_01_what_cannot_be_filled_raises(template: str, says: str) -> None:
    """KF-01: never an empty text, never the placeholder itself, never the name of a Python class."""
    with pytest.raises(jinja2.TemplateError, match=says):
        render(template, advisor=ADVISOR)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(127750, "127,750"), (9999, "9999"), (2026, "2026"), (0.5, "0.5"), (True, "True"), ("51820", "51820")],
)
def test_large_numbers_are_shown_as_people_write_them(value: object, shown: str) -> None:
    assert render("{{ value }}", value=value) == shown


def test_placeholders_are_found_with_their_lines_wherever_they_stand() -> None:
    text = (
        "{{ arc.name }}\n{% for phase in arc.phases %}\n{{ phase.user | trim }} {{ loop.index }}\n{% endfor %}\n"
        "{% if arc.near_misses %}{{ arc.near_misses.share }}{% endif %}\n{{ arc['summary'] }}{{ arc.phases[0].name }}"
    )
    found = {(name.path, name.line, name.local) for name in placeholders(text)}
    assert found == {
        ("arc.name", 1, False),
        ("arc.phases", 2, False),
        ("arc.phases.[].user", 3, True),
        ("arc.near_misses", 5, False),
        ("arc.near_misses.share", 5, False),
        ("arc.summary", 6, False),
        ("arc.phases.[].name", 6, False),
    }
    assert {name.declared_as for name in placeholders("{{ arc.phases[0].name }}")} == {"arc.phases"}


@pytest.mark.parametrize(
    "text",
    [
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% import 'x' as y %}",
        "{{ arc.name | shout }}",
        "{{ arc.name",
        "{% if %}",
    ],
)
def test_what_is_no_template_of_its_own_is_a_syntax_error(text: str) -> None:
    with pytest.raises(jinja2.TemplateSyntaxError):
        placeholders(text)


@pytest.mark.parametrize(
    ("path", "part", "printed", "says"),
    [
        ("arc.name", "template", True, None),
        ("arc.phases", "template", False, None),
        ("arc.phases.[].name", "template", True, None),
        ("arc.phases", "template", True, "is no text; name a field of it"),
        ("arc.near_misses.emotion.start.emotion", "template", True, None),
        ("topic.facts.items.[].value", "request", True, None),
        ("advisor.principles", "advisor", True, None),
        ("plan.outcome", "craft", True, "craft knows catalog, advisor"),
        ("person.nam", "request", True, "(did you mean `name`?)"),
        ("advisor.name.upper", "advisor", True, "`advisor.name` has no `upper`"),
        ("namespace", "template", False, "nothing fills `namespace`"),
        ("persona.identity", "persona", False, "`persona` has no `identity`"),
    ],
)
def test_a_part_knows_what_it_may_be_filled_with(path: str, part: str, printed: bool, says: str | None) -> None:
    problem = placeholder_problem(path, part, printed)
    assert (problem is None) if says is None else (problem is not None and says in problem)


def test_a_prompt_that_cannot_be_written_says_which_part_and_line() -> None:
    request = CATALOG.shared.request + "\n{{ 1 // 0 }}\n"
    broken = CATALOG.model_copy(update={"shared": CATALOG.shared.model_copy(update={"request": request})})
    with pytest.raises(PromptError) as error:
        PromptWriter(broken).write(made_items(CATALOG)[0])
    assert (error.value.part, error.value.template) == ("request", None)
    assert error.value.line == request.count("\n", 0, request.index("{{ 1 // 0")) + 1


def test_the_version_of_the_prompts_changes_with_any_text_of_them_and_with_nothing_else() -> None:
    def changed(part: str) -> Catalog:
        if part in CATALOG.templates:
            template = CATALOG.templates[part].model_copy(update={"text": "other"})
            return CATALOG.model_copy(update={"templates": {**CATALOG.templates, part: template}})
        return CATALOG.model_copy(update={"shared": CATALOG.shared.model_copy(update={part: "other"})})

    parts = (*CATALOG.templates, "craft", "advisor", "persona", "topic", "request")
    versions = {prompt_version(changed(part)) for part in parts}
    assert len(versions | {prompt_version(CATALOG)}) == len(parts) + 1
    other_topics = CATALOG.model_copy(update={"topics": {}})
    assert prompt_version(other_topics) == prompt_version(CATALOG)
