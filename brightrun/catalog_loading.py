"""Reading a catalog: every file, every model, every reference, all problems at once with file and line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import jinja2

from brightrun.catalog import (
    SHARE_TOLERANCE,
    Advisor,
    Catalog,
    CatalogInfo,
    EmotionalArc,
    Feeling,
    Frozen,
    NumberRange,
    Persona,
    PromptTemplate,
    Register,
    SharedPrompts,
    TrainingTopic,
    Variation,
    can_meet,
)
from brightrun.errors import Problem, ProblemsError
from brightrun.prompts import placeholder_problem, placeholders
from brightrun.yaml_source import Location, Model, YamlSource, nearest, read_yaml, validated

Keyed = TypeVar("Keyed", Persona, EmotionalArc, TrainingTopic, PromptTemplate)
SINGLE_FILES: dict[str, type[Frozen]] = {
    "catalog.yaml": CatalogInfo,
    "advisor.yaml": Advisor,
    "variation.yaml": Variation,
    "prompts/shared.yaml": SharedPrompts,
}
Single = TypeVar("Single", bound=Frozen)
FOLDERS = ("personas", "arcs", "topics", "prompts")


@dataclass
class _Entry:
    """A model with the place it was read from."""

    source: YamlSource
    at: Location


@dataclass
class _Reading:
    """What has been read so far, and what was wrong with it."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    singles: dict[str, Frozen] = field(default_factory=dict)
    sources: dict[str, YamlSource] = field(default_factory=dict)
    places: dict[tuple[str, str], _Entry] = field(default_factory=dict)

    def name(self, path: Path) -> str:
        return str(self.folder / path.relative_to(self.folder))

    def single(self, name: str, model: type[Single]) -> Single:
        value = self.singles[name]
        assert isinstance(value, model)
        return value

    def problem(self, kind: str, key: str, where: Sequence[str | int], message: str) -> None:
        entry = self.places[kind, key]
        self.problems.append(entry.source.problem((*entry.at, *where), message))


def load_catalog(folder: Path) -> Catalog:
    """The catalog in `folder`. Raises ProblemsError with everything that is wrong with it."""
    if not folder.is_dir():
        beside = sorted(p.name for p in folder.parent.glob("*") if (p / "catalog.yaml").is_file())
        hint = nearest(folder.name, beside) or (f"; there are {', '.join(beside)}" if beside else "")
        raise ProblemsError("The catalog cannot be read", [Problem(str(folder), 0, f"is no folder{hint}")])
    reading = _Reading(folder)
    for name, model in SINGLE_FILES.items():
        _read_single(reading, name, model)
    personas = _read_each(reading, "personas", Persona)
    arcs = _read_each(reading, "arcs", EmotionalArc)
    topics = _read_topics(reading)
    templates = _read_each(reading, "prompts", PromptTemplate, leave_out={"shared.yaml"})
    _check_stray_files(reading)
    if len(reading.singles) == len(SINGLE_FILES):
        catalog = Catalog.model_construct(
            info=reading.single("catalog.yaml", CatalogInfo),
            advisor=reading.single("advisor.yaml", Advisor),
            variation=reading.single("variation.yaml", Variation),
            shared=reading.single("prompts/shared.yaml", SharedPrompts),
            personas=personas,
            arcs=arcs,
            topics=topics,
            templates=templates,
        )
        _check(catalog, reading)
        if not reading.problems:
            return catalog
    raise ProblemsError(f"The catalog {folder} cannot be used", reading.problems)


def catalog_hash(catalog: Catalog) -> str:
    """SHA-256 of everything in the catalog, in hex."""
    return hashlib.sha256(catalog.model_dump_json().encode()).hexdigest()


def _read_single(reading: _Reading, name: str, model: type[Model]) -> None:
    path = reading.folder / name
    if not path.is_file():
        reading.problems.append(Problem(str(path), 0, "is missing"))
        return
    source = read_yaml(path, reading.name(path))
    reading.sources[name] = source
    reading.problems += source.problems
    if source.data is None and source.problems:
        return
    value = validated(model, source, reading.problems)
    if isinstance(value, Frozen):
        reading.singles[name] = value


def _read_each(reading: _Reading, kind: str, model: type[Keyed], leave_out: Iterable[str] = ()) -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for path in sorted((reading.folder / kind).glob("*.yaml")):
        if path.name not in leave_out:
            source = read_yaml(path, reading.name(path))
            reading.problems += source.problems
            if source.data is not None or not source.problems:
                _add(reading, kind, validated(model, source, reading.problems), source, (), found)
    _check_some(reading, kind, found)
    return found


def _read_topics(reading: _Reading) -> dict[str, TrainingTopic]:
    found: dict[str, TrainingTopic] = {}
    for path in sorted((reading.folder / "topics").glob("*.yaml")):
        source = read_yaml(path, reading.name(path))
        reading.problems += source.problems
        data = source.data
        if data is None and source.problems:
            continue
        if not isinstance(data, dict) or set(data) != {"topics"} or not isinstance(data["topics"], list):
            reading.problems.append(source.problem((), "must hold one list, under `topics:`, and nothing else"))
            continue
        for index in range(len(data["topics"])):
            at = ("topics", index)
            _add(reading, "topics", validated(TrainingTopic, source, reading.problems, at), source, at, found)
    _check_some(reading, "topics", found)
    return found


def _add(
    reading: _Reading,
    kind: str,
    value: Keyed | None,
    source: YamlSource,
    at: Location,
    found: dict[str, Keyed],
) -> None:
    if value is None:
        return
    if value.key in found:
        first: _Entry = reading.places[kind, value.key]
        where = f"{first.source.name}:{first.source.line((*first.at, 'key'))}"
        reading.problems.append(source.problem((*at, "key"), f"`{value.key}` is a duplicate; it stands in {where} too"))
        return
    found[value.key] = value
    reading.places[kind, value.key] = _Entry(source, at)


def _check_some(reading: _Reading, kind: str, found: Mapping[str, object]) -> None:
    if not found and not any(kind in Path(problem.file).parts for problem in reading.problems):
        reading.problems.append(Problem(str(reading.folder / kind), 0, "holds no YAML file with one"))


def _check_stray_files(reading: _Reading) -> None:
    """A file that nothing reads is a mistake in its name or place."""
    for path in sorted(reading.folder.rglob("*")):
        relative = path.relative_to(reading.folder)
        if path.is_dir() or relative.name.startswith(".") or relative.suffix == ".md":
            continue
        known = str(relative) in SINGLE_FILES
        listed = len(relative.parts) == 2 and relative.parts[0] in FOLDERS and relative.suffix == ".yaml"
        if not (known or listed):
            hint = nearest(str(relative), [*SINGLE_FILES, *(f"{folder}/{relative.name}" for folder in FOLDERS)])
            reading.problems.append(Problem(reading.name(path), 0, f"is no file of a catalog{hint}"))


def _check(catalog: Catalog, reading: _Reading) -> None:
    _check_arcs(catalog, reading)
    _check_topics(catalog, reading)
    _check_requirements(catalog, reading)
    _check_templates(catalog, reading)
    _check_shared_prompts(catalog, reading)
    _check_advisor(catalog, reading)
    _check_variation(catalog, reading)


def _check_references(
    reading: _Reading, kind: str, key: str, where: str, names: Sequence[str], known: Iterable[str], what: str
) -> None:
    allowed = list(known)
    for index, name in enumerate(names):
        if name not in allowed:
            message = f"`{name}` is no {what} of this catalog{nearest(name, allowed)}"
            reading.problem(kind, key, (where, index), message)
        elif name in names[:index]:
            reading.problem(kind, key, (where, index), f"`{name}` stands in {where} twice")


def _check_arcs(catalog: Catalog, reading: _Reading) -> None:
    for key, arc in catalog.arcs.items():
        _check_references(reading, "arcs", key, "suitable_personas", arc.suitable_personas, catalog.personas, "persona")
        _check_references(reading, "arcs", key, "suitable_topics", arc.suitable_topics, catalog.topics, "topic")
        feelings: list[tuple[tuple[str | int, ...], Feeling]] = [(("start",), arc.start), (("end",), arc.end)]
        feelings += [(("outcomes", str(outcome)), ending) for outcome, ending in arc.outcomes.items()]
        if arc.near_misses:
            span = arc.near_misses.emotion
            feelings += [
                (("near_misses", "emotion", "start"), span.start),
                (("near_misses", "emotion", "end"), span.end),
            ]
        for where, feeling in feelings:
            if feeling.emotion not in catalog.info.emotions:
                hint = nearest(feeling.emotion, catalog.info.emotions)
                message = f"emotion `{feeling.emotion}` is not listed in catalog.yaml{hint}"
                reading.problem("arcs", key, (*where, "emotion"), message)


def _check_topics(catalog: Catalog, reading: _Reading) -> None:
    for key, topic in catalog.topics.items():
        _check_references(
            reading, "topics", key, "suitable_personas", topic.suitable_personas, catalog.personas, "persona"
        )
        _check_references(reading, "topics", key, "suitable_arcs", topic.suitable_arcs, catalog.arcs, "emotional arc")
        names = [concept.name for concept in topic.concepts]
        for index, name in enumerate(names):
            if name in names[:index]:
                reading.problem("topics", key, ("concepts", index), f"concept `{name}` stands here twice")


def _check_requirements(catalog: Catalog, reading: _Reading) -> None:
    """Every required attribute exists for every persona, and a topic nobody fits has reasons to ask all the same."""
    for kind, entries in (("arcs", catalog.arcs), ("topics", catalog.topics)):
        for key, entry in entries.items():
            for name, condition in entry.requires.items():
                for persona in catalog.personas.values():
                    attribute = persona.identity.attributes.get(name)
                    if attribute is None:
                        allowed = persona.identity.attributes
                        message = f"persona {persona.key} has no attribute `{name}`{nearest(name, allowed)}"
                        reading.problem(kind, key, ("requires", name), message)
                    elif isinstance(attribute, NumberRange) == bool(condition.tags):
                        wanted = "min and max" if isinstance(attribute, NumberRange) else "tags"
                        message = f"`{name}` of persona {persona.key} takes a condition by {wanted}"
                        reading.problem(kind, key, ("requires", name), message)
    for key, topic in catalog.topics.items():
        suits = topic.suitable_personas or tuple(catalog.personas)
        unmet = [
            p for p in suits if p in catalog.personas and not can_meet(catalog.personas[p].identity, topic.requires)
        ]
        if unmet and not topic.on_behalf:
            message = f"{', '.join(unmet)} cannot meet what the topic requires; give `on_behalf` reasons, or widen it"
            reading.problem("topics", key, ("requires",), message)


def _check_templates(catalog: Catalog, reading: _Reading) -> None:
    for key, template in catalog.templates.items():
        _check_references(reading, "prompts", key, "arcs", template.arcs, catalog.arcs, "emotional arc")
        _check_references(reading, "prompts", key, "topics", template.topics, catalog.topics, "topic")
        _check_references(reading, "prompts", key, "personas", template.personas, catalog.personas, "persona")
        _check_placeholders(reading, key, template)
    for key, arc in catalog.arcs.items():
        for kind in (Register.EMOTIONAL, *((Register.NEAR_MISS,) if arc.near_misses else ())):
            for persona in catalog.personas:
                if missing := [t for t in catalog.topics if not catalog.template_for(kind, key, t, persona)]:
                    what = (
                        "has no template" if kind is Register.EMOTIONAL else "has near misses and no template for them"
                    )
                    whom = (
                        f" for {persona}"
                        if any(catalog.template_for(kind, key, missing[0], p) for p in catalog.personas)
                        else ""
                    )
                    about = f" on {missing[0]}" if len(missing) < len(catalog.topics) else ""
                    reading.problem(
                        "arcs", key, ("key",), f"arc `{key}` {what}{whom}{about} (kind: {kind}) in prompts/"
                    )
                    break
    for key, arc in catalog.arcs.items():
        plain = (catalog.template_for(Register.PLAIN, key, t, p) for t in catalog.topics for p in catalog.personas)
        if not arc.is_edge and not all(plain):
            reading.problem("arcs", key, ("key",), f"arc `{key}` has no template of kind plain in prompts/")


def _check_placeholders(reading: _Reading, key: str, template: PromptTemplate) -> None:
    entry = reading.places["prompts", key]
    first = entry.source.line(("text",))
    try:
        used = placeholders(template.text)
    except jinja2.TemplateSyntaxError as error:
        line = first + error.lineno
        reading.problems.append(Problem(entry.source.name, line, f"`text` is no template: {error.message}"))
        return
    for name in used:
        if wrong := placeholder_problem(name.path, "template"):
            reading.problems.append(Problem(entry.source.name, first + name.line, wrong))
        elif not name.local and name.path not in template.placeholders:
            message = (
                f"`{name.path}` is used and does not stand in `placeholders`{nearest(name.path, template.placeholders)}"
            )
            reading.problems.append(Problem(entry.source.name, first + name.line, message))
    used_paths = {name.path for name in used}
    for index, declared in enumerate(template.placeholders):
        if declared not in used_paths:
            hint = nearest(declared, used_paths)
            reading.problem("prompts", key, ("placeholders", index), f"nothing uses the placeholder `{declared}`{hint}")


def _check_shared_prompts(catalog: Catalog, reading: _Reading) -> None:
    source = reading.sources["prompts/shared.yaml"]
    for part in ("craft", "advisor", "persona", "request"):
        first = source.line((part,))
        try:
            used = placeholders(getattr(catalog.shared, part))
        except jinja2.TemplateSyntaxError as error:
            message = f"`{part}` is no template: {error.message}"
            reading.problems.append(Problem(source.name, first + error.lineno, message))
            continue
        for name in used:
            if wrong := placeholder_problem(name.path, part):
                reading.problems.append(Problem(source.name, first + name.line, wrong))


def _check_advisor(catalog: Catalog, reading: _Reading) -> None:
    source = reading.sources["advisor.yaml"]
    prompts = catalog.advisor.system_prompts
    _check_shares(source, ("system_prompts",), [prompt.share for prompt in prompts], reading)
    _check_unique(source, ("system_prompts",), [prompt.key for prompt in prompts], reading)
    for index, prompt in enumerate(prompts):
        for name in _never_named(catalog):
            if name.casefold() in prompt.text.casefold():
                message = f"a training system prompt names no persona and no arc; this one says “{name}”"
                reading.problems.append(source.problem(("system_prompts", index, "text"), message))


def _never_named(catalog: Catalog) -> list[str]:
    personas = [name for p in catalog.personas.values() for name in (p.key, p.name, p.archetype)]
    return personas + [name for a in catalog.arcs.values() for name in (a.key, a.name, a.strategy)]


def _check_variation(catalog: Catalog, reading: _Reading) -> None:
    source = reading.sources["variation.yaml"]
    for axis, values in catalog.variation.axes.items():
        _check_shares(source, ("axes", axis), [value.share for value in values], reading)
        _check_unique(source, ("axes", axis), [value.key for value in values], reading)
    _check_unique(source, ("life_events",), [event.key for event in catalog.variation.life_events], reading)
    for where in ("start", "end"):
        feeling: Feeling = getattr(catalog.variation.plain, where)
        if feeling.emotion not in catalog.info.emotions:
            message = f"emotion `{feeling.emotion}` is not listed in catalog.yaml"
            reading.problems.append(source.problem(("plain", where, "emotion"), message))


def _check_shares(source: YamlSource, where: Location, shares: Sequence[float], reading: _Reading) -> None:
    total = sum(shares)
    if abs(total - 1) > SHARE_TOLERANCE:
        reading.problems.append(source.problem(where, f"the shares must add up to 1; they add up to {total:g}"))


def _check_unique(source: YamlSource, where: Location, keys: Sequence[str], reading: _Reading) -> None:
    for index, key in enumerate(keys):
        if key in keys[:index]:
            reading.problems.append(source.problem((*where, index), f"`{key}` is a duplicate"))
