"""What the files of a catalog say of each other: every reference, share, condition and placeholder, checked."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import jinja2

from brightrun.catalog import SHARE_TOLERANCE, Catalog, Feeling, Persona, PromptTemplate, Register, SharedPrompts
from brightrun.catalog_reading import CatalogReading
from brightrun.catalog_rubric import check_rubric
from brightrun.errors import Problem
from brightrun.person_ranges import Condition, NumberRange, can_meet
from brightrun.prompts import PART_ROOTS, placeholder_problem, placeholders
from brightrun.yaml_source import Location, YamlSource, nearest

REFERENCES = {"personas": "persona", "arcs": "emotional arc", "topics": "topic"}
"""What the folders hold, and what one of each is called."""


def check(catalog: Catalog, reading: CatalogReading) -> None:
    """Everything that one file says of another. What a missing or broken file would have said is left out."""
    _check_arcs(catalog, reading)
    _check_topics(catalog, reading)
    _check_requirements(catalog, reading)
    _check_tags(catalog, reading)
    _check_templates(catalog, reading)
    _check_every_arc_has_templates(catalog, reading)
    if "prompts/shared.yaml" in reading.singles:
        _check_shared_prompts(catalog, reading)
    if "advisor.yaml" in reading.singles:
        _check_advisor(catalog, reading)
    if "variation.yaml" in reading.singles:
        _check_variation(catalog, reading)
    if "catalog.yaml" in reading.singles:
        _check_emotions(catalog, reading)
    if catalog.rubric is not None:
        check_rubric(catalog.rubric, catalog.arcs, reading)


def _check_references(
    catalog: Catalog, reading: CatalogReading, of: tuple[str, str], where: str, names: Sequence[str], folder: str
) -> None:
    """`names` stand under `where` in the entry `of` (its folder and key), and are keys of `folder`."""
    allowed = reading.known(folder, getattr(catalog, folder))
    for index, name in enumerate(names):
        if name not in allowed and not reading.cannot_say(folder):
            message = f"`{name}` is no {REFERENCES[folder]} of this catalog{nearest(name, allowed)}"
            reading.problem(*of, (where, index), message)
        elif name in names[:index]:
            reading.problem(*of, (where, index), f"`{name}` stands in {where} twice")


def _check_arcs(catalog: Catalog, reading: CatalogReading) -> None:
    for key, arc in catalog.arcs.items():
        of = ("arcs", key)
        _check_references(catalog, reading, of, "suitable_personas", arc.suitable_personas, "personas")
        _check_references(catalog, reading, of, "suitable_topics", arc.suitable_topics, "topics")
        if arc.near_misses:
            where = ("near_misses", "cases")
            _check_unique(reading.places[of].source, where, [case.key for case in arc.near_misses.cases], reading)


def _check_emotions(catalog: Catalog, reading: CatalogReading) -> None:
    """Every emotion that an arc or a plain question names is one a writer may label."""
    allowed = catalog.info.emotions
    _check_unique(reading.sources["catalog.yaml"], ("emotions",), allowed, reading)
    named: list[tuple[YamlSource, Location, Feeling]] = []
    for key, arc in catalog.arcs.items():
        source = reading.places["arcs", key].source
        named += [(source, ("start",), arc.start), (source, ("end",), arc.end)]
        named += [(source, ("outcomes", str(outcome)), ending) for outcome, ending in arc.outcomes.items()]
        if arc.near_misses:
            span = arc.near_misses.emotion
            named.append((source, ("near_misses", "emotion", "start"), span.start))
            named.append((source, ("near_misses", "emotion", "end"), span.end))
    if "variation.yaml" in reading.singles:
        source, plain = reading.sources["variation.yaml"], catalog.variation.plain
        named += [(source, ("plain", "start"), plain.start), (source, ("plain", "end"), plain.end)]
    for source, where, feeling in named:
        if feeling.emotion not in allowed:
            message = f"emotion `{feeling.emotion}` is not listed in catalog.yaml{nearest(feeling.emotion, allowed)}"
            reading.problems.append(source.problem((*where, "emotion"), message))


def _check_topics(catalog: Catalog, reading: CatalogReading) -> None:
    for key, topic in catalog.topics.items():
        of = ("topics", key)
        _check_references(catalog, reading, of, "suitable_personas", topic.suitable_personas, "personas")
        _check_references(catalog, reading, of, "suitable_arcs", topic.suitable_arcs, "arcs")
        names = [concept.name for concept in topic.concepts]
        for index, name in enumerate(names):
            if name in names[:index]:
                reading.problem(*of, ("concepts", index), f"concept `{name}` stands here twice")


def _check_requirements(catalog: Catalog, reading: CatalogReading) -> None:
    """Every required attribute exists for every persona, and a topic nobody fits has reasons to ask all the same."""
    personas = catalog.personas
    for kind, entries in (("arcs", catalog.arcs), ("topics", catalog.topics)):
        for key, entry in entries.items():
            for name, condition in entry.requires.items():
                for message in _condition_problems(name, condition, personas.values()):
                    reading.problem(kind, key, ("requires", name), message)
    for key, topic in catalog.topics.items():
        suits = topic.suitable_personas or tuple(personas)
        unmet = [p for p in suits if p in personas and not can_meet(personas[p].identity, topic.requires)]
        if unmet and not topic.on_behalf:
            message = f"{', '.join(unmet)} cannot meet what the topic requires; give `on_behalf` reasons, or widen it"
            reading.problem("topics", key, ("requires",), message)
    for key, arc in catalog.arcs.items():
        suits = arc.suitable_personas or tuple(personas)
        met = any(p not in personas or can_meet(personas[p].identity, arc.requires) for p in suits)
        if arc.requires and personas and not met and not reading.cannot_say("personas"):
            reading.problem("arcs", key, ("requires",), "no persona the arc suits can meet what it requires")


def _condition_problems(name: str, condition: Condition, personas: Iterable[Persona]) -> Iterator[str]:
    if condition.nobody:
        yield f"`{name}` is asked to be at least {condition.min} and at most {condition.max}; nobody is"
    for persona in personas:
        attribute = persona.identity.attributes.get(name)
        if attribute is None:
            yield f"persona {persona.key} has no attribute `{name}`{nearest(name, persona.identity.attributes)}"
        elif isinstance(attribute, NumberRange) and condition.tags:
            yield f"`{name}` of persona {persona.key} takes a condition by min and max"
        elif not isinstance(attribute, NumberRange) and (condition.min is not None or condition.max is not None):
            yield f"`{name}` of persona {persona.key} takes a condition by tags"


def _check_tags(catalog: Catalog, reading: CatalogReading) -> None:
    """A tag that no option of any persona carries is a slip of the pen: nobody would ever meet it."""
    if "personas" in reading.unusable:
        return
    carried = {
        tag
        for persona in catalog.personas.values()
        for attribute in persona.identity.attributes.values()
        if not isinstance(attribute, NumberRange)
        for option in attribute
        for tag in option.tags
    }
    wanted: list[tuple[YamlSource, Location, str]] = []
    for kind, entries in (("arcs", catalog.arcs), ("topics", catalog.topics)):
        for key, entry in entries.items():
            place = reading.places[kind, key]
            for name, condition in entry.requires.items():
                wanted += [(place.source, (*place.at, "requires", name), tag) for tag in condition.tags]
    if "variation.yaml" in reading.singles:
        source = reading.sources["variation.yaml"]
        for index, event in enumerate(catalog.variation.life_events):
            wanted += [(source, ("life_events", index, "tags"), tag) for tag in event.tags]
    for source, where, tag in wanted:
        if tag not in carried:
            message = f"no option of any persona carries the tag `{tag}`{nearest(tag, carried)}"
            reading.problems.append(source.problem(where, message))


def _check_templates(catalog: Catalog, reading: CatalogReading) -> None:
    for key, template in catalog.templates.items():
        for folder in REFERENCES:
            _check_references(catalog, reading, ("prompts", key), folder, getattr(template, folder), folder)
        _check_placeholders(reading, key, template)


def _check_every_arc_has_templates(catalog: Catalog, reading: CatalogReading) -> None:
    if "prompts" in reading.unusable or not catalog.templates:
        return  # it may be the template that is broken or missing, and that has been said
    for key, arc in catalog.arcs.items():
        wanted = {
            Register.EMOTIONAL: "has no template",
            Register.NEAR_MISS: "has near misses and no template for them" if arc.near_misses else "",
            Register.PLAIN: "" if arc.is_edge else "has no template for plain questions",
        }
        for kind, what in wanted.items():
            missing = what and _without_template(catalog, kind, key)
            if missing:
                reading.problem("arcs", key, ("key",), f"arc `{key}` {what}{missing} (kind: {kind}) in prompts/")


def _without_template(catalog: Catalog, kind: Register, arc: str) -> str:
    """Of whom and what a template is missing: empty where none is."""
    cells = [(persona, topic) for persona in catalog.personas for topic in catalog.topics]
    missing = [cell for cell in cells if not catalog.template_for(kind, arc, topic=cell[1], persona=cell[0])]
    if not missing:
        return ""
    if len(missing) == len(cells):
        return " for any persona and topic"
    return f" for {missing[0][0]} on {missing[0][1]}" + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")


def _check_placeholders(reading: CatalogReading, key: str, template: PromptTemplate) -> None:
    source = reading.places["prompts", key].source
    try:
        used = placeholders(template.text)
    except jinja2.TemplateSyntaxError as error:
        _note(reading, source, "text", error.lineno, f"`text` is no template: {error.message}")
        return
    for name in used:
        if wrong := placeholder_problem(name.path, "template", name.printed):
            _note(reading, source, "text", name.line, wrong)
        elif not name.local and name.declared_as not in template.placeholders:
            hint = nearest(name.declared_as, template.placeholders)
            _note(
                reading, source, "text", name.line, f"`{name.path}` is used and does not stand in `placeholders`{hint}"
            )
    used_paths = {name.declared_as for name in used}
    for index, declared in enumerate(template.placeholders):
        if declared not in used_paths:
            hint = nearest(declared, used_paths)
            reading.problem("prompts", key, ("placeholders", index), f"nothing uses the placeholder `{declared}`{hint}")
        elif declared in template.placeholders[:index]:
            reading.problem("prompts", key, ("placeholders", index), f"`{declared}` stands in placeholders twice")


def _note(reading: CatalogReading, source: YamlSource, part: str, line: int, message: str) -> None:
    reading.problems.append(Problem(source.name, source.line_in((part,), line), message))


def _check_shared_prompts(catalog: Catalog, reading: CatalogReading) -> None:
    source = reading.sources["prompts/shared.yaml"]
    for part in (part for part in PART_ROOTS if part in SharedPrompts.model_fields):
        try:
            used = placeholders(getattr(catalog.shared, part))
        except jinja2.TemplateSyntaxError as error:
            _note(reading, source, part, error.lineno, f"`{part}` is no template: {error.message}")
            continue
        for name in used:
            if wrong := placeholder_problem(name.path, part, name.printed):
                _note(reading, source, part, name.line, wrong)


def _check_advisor(catalog: Catalog, reading: CatalogReading) -> None:
    source = reading.sources["advisor.yaml"]
    prompts = catalog.advisor.system_prompts
    _check_shares(source, ("system_prompts",), [prompt.share for prompt in prompts], reading)
    _check_unique(source, ("system_prompts",), [prompt.key for prompt in prompts], reading)
    for index, prompt in enumerate(prompts):
        for what, name in _never_named(catalog):
            if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", prompt.text, re.IGNORECASE):
                rule = "a training system prompt names no persona, no arc and no emotion to reach"
                message = f"{rule}; this has {what} “{name}”"
                reading.problems.append(source.problem(("system_prompts", index, "text"), message))


def _never_named(catalog: Catalog) -> list[tuple[str, str]]:
    personas = {name for p in catalog.personas.values() for name in (p.key, p.name, p.archetype)}
    arcs = {name for a in catalog.arcs.values() for name in (a.key, a.name, a.strategy)}
    emotions = {a.end.emotion for a in catalog.arcs.values()}
    named = (("the persona", personas), ("the arc", arcs), ("the emotion", emotions))
    return [(what, name) for what, names in named for name in sorted(names)]


def _check_variation(catalog: Catalog, reading: CatalogReading) -> None:
    source, variation = reading.sources["variation.yaml"], catalog.variation
    for axis, values in variation.axes.items():
        _check_shares(source, ("axes", axis), [value.share for value in values], reading)
        _check_unique(source, ("axes", axis), [value.key for value in values], reading)
    _check_shares(source, ("outcomes",), list(variation.outcomes.values()), reading)
    _check_unique(source, ("life_events",), [event.key for event in variation.life_events], reading)
    if variation.life_event_share and not variation.life_events:
        reading.problems.append(source.problem(("life_event_share",), "there are no `life_events` to have a share"))


def _check_shares(source: YamlSource, where: Location, shares: Sequence[float], reading: CatalogReading) -> None:
    total = sum(shares)
    if abs(total - 1) > SHARE_TOLERANCE:
        reading.problems.append(source.problem(where, f"the shares must add up to 1; they add up to {total:g}"))


def _check_unique(source: YamlSource, where: Location, keys: Sequence[str], reading: CatalogReading) -> None:
    for index, key in enumerate(keys):
        if key in keys[:index]:
            reading.problems.append(source.problem((*where, index), f"`{key}` is a duplicate"))
