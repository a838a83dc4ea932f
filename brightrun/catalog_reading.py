"""Reading the files of a catalog: each into its model, with the place of everything, and what was wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from brightrun.catalog import (
    Advisor,
    CatalogInfo,
    EmotionalArc,
    Persona,
    PromptTemplate,
    SharedPrompts,
    TrainingTopic,
    Variation,
)
from brightrun.errors import Problem
from brightrun.frozen import Frozen
from brightrun.quality.judging.rubric import Rubric
from brightrun.yaml_source import Location, Model, YamlSource, nearest, read_yaml, validated

Keyed = TypeVar("Keyed", Persona, EmotionalArc, TrainingTopic, PromptTemplate)
SINGLE_FILES: dict[str, type[Frozen]] = {
    "catalog.yaml": CatalogInfo,
    "advisor.yaml": Advisor,
    "variation.yaml": Variation,
    "prompts/shared.yaml": SharedPrompts,
}
SINGLE_FIELDS = {
    "catalog.yaml": "info",
    "advisor.yaml": "advisor",
    "variation.yaml": "variation",
    "prompts/shared.yaml": "shared",
}
OPTIONAL_FILES: dict[str, type[Frozen]] = {"rubric.yaml": Rubric}
"""A catalog can be used without these."""
OPTIONAL_FIELDS = {"rubric.yaml": "rubric"}
FOLDERS = ("personas", "arcs", "topics", "prompts")


@dataclass
class Entry:
    """A model with the place it was read from."""

    source: YamlSource
    at: Location


@dataclass
class CatalogReading:
    """What has been read so far, and what was wrong with it."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    singles: dict[str, Frozen] = field(default_factory=dict)
    sources: dict[str, YamlSource] = field(default_factory=dict)
    places: dict[tuple[str, str], Entry] = field(default_factory=dict)
    unusable: dict[str, set[str]] = field(default_factory=dict)
    """Keys, by folder, of what is there and has problems of its own; empty where even the key cannot be read."""

    def name(self, path: Path) -> str:
        return str(self.folder / path.relative_to(self.folder))

    def known(self, kind: str, usable: Iterable[str]) -> list[str]:
        """Keys that may be named: those of what is usable, and of what has been reported already."""
        return [*usable, *self.unusable.get(kind, ())]

    def cannot_say(self, kind: str, names: Iterable[str] = ()) -> bool:
        """Whether something of that folder, and one of `names` if given, could not be read; then nothing is missing."""
        unusable = self.unusable.get(kind)
        return unusable is not None and ("" in unusable or not unusable.isdisjoint(names))

    def problem(self, kind: str, key: str, where: Sequence[str | int], message: str) -> None:
        entry = self.places[kind, key]
        self.problems.append(entry.source.problem((*entry.at, *where), message))


def read_single(reading: CatalogReading, name: str, model: type[Model]) -> None:
    path = reading.folder / name
    source = _read(reading, path)
    if source is None:
        return
    reading.sources[name] = source
    value = validated(model, source, reading.problems)
    if isinstance(value, Frozen):
        reading.singles[name] = value


def _read(reading: CatalogReading, path: Path) -> YamlSource | None:
    """The file as YAML, or None where that cannot be had. What is wrong with it is noted."""
    name = reading.name(path)
    try:
        source = read_yaml(path, name)
    except FileNotFoundError:
        reading.problems.append(Problem(name, 0, "is missing"))
        return None
    except OSError as error:
        reading.problems.append(Problem(name, 0, f"cannot be read: {error.strerror or error}"))
        return None
    reading.problems += source.problems
    return None if source.data is None and source.problems else source


def _yaml_files(folder: Path) -> list[Path]:
    """The YAML files of a folder, in order of name, without those that editors and systems hide there."""
    return sorted(path for path in folder.glob("*.yaml") if not path.name.startswith("."))


def read_each(
    reading: CatalogReading, kind: str, model: type[Keyed], leave_out: Iterable[str] = ()
) -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    for path in _yaml_files(reading.folder / kind):
        if path.name not in leave_out:
            source = _read(reading, path)
            if source is None:
                reading.unusable.setdefault(kind, set()).add("")
            else:
                _add(reading, kind, validated(model, source, reading.problems), source, (), found)
    _check_some(reading, kind, found)
    return found


def read_topics(reading: CatalogReading) -> dict[str, TrainingTopic]:
    found: dict[str, TrainingTopic] = {}
    for path in _yaml_files(reading.folder / "topics"):
        source = _read(reading, path)
        data = source.data if source else None
        if source and not (isinstance(data, dict) and set(data) == {"topics"} and isinstance(data["topics"], list)):
            reading.problems.append(source.problem((), "must hold one list, under `topics:`, and nothing else"))
            source = None
        if source is None:
            reading.unusable.setdefault("topics", set()).add("")
            continue
        assert isinstance(data, dict)  # looked at above
        for index in range(len(data["topics"])):
            at = ("topics", index)
            _add(reading, "topics", validated(TrainingTopic, source, reading.problems, at), source, at, found)
    _check_some(reading, "topics", found)
    return found


def _add(
    reading: CatalogReading,
    kind: str,
    value: Keyed | None,
    source: YamlSource,
    at: Location,
    found: dict[str, Keyed],
) -> None:
    if value is None:
        data = source.data
        for step in at:
            data = data[step]
        key = data.get("key") if isinstance(data, dict) else None
        reading.unusable.setdefault(kind, set()).add(key if isinstance(key, str) else "")
        return
    if value.key in found:
        first: Entry = reading.places[kind, value.key]
        where = f"{first.source.name}:{first.source.line((*first.at, 'key'))}"
        reading.problems.append(source.problem((*at, "key"), f"`{value.key}` is a duplicate; it stands in {where} too"))
        return
    found[value.key] = value
    reading.places[kind, value.key] = Entry(source, at)


def _check_some(reading: CatalogReading, kind: str, found: Mapping[str, object]) -> None:
    if not found and kind not in reading.unusable:
        reading.problems.append(Problem(str(reading.folder / kind), 0, "holds no YAML file with one"))


def check_stray_files(reading: CatalogReading) -> None:
    """A file that nothing reads is a mistake in its name or place."""
    names = [*SINGLE_FILES, *OPTIONAL_FILES]
    for path in sorted(reading.folder.rglob("*")):
        relative = path.relative_to(reading.folder)
        if path.is_dir() or any(part.startswith(".") for part in relative.parts) or relative.suffix == ".md":
            continue
        known = str(relative) in names
        listed = len(relative.parts) == 2 and relative.parts[0] in FOLDERS and relative.suffix == ".yaml"
        if not (known or listed):
            hint = nearest(str(relative), [*names, *(f"{folder}/{relative.name}" for folder in FOLDERS)])
            reading.problems.append(Problem(reading.name(path), 0, f"is no file of a catalog{hint}"))
