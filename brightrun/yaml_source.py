"""YAML a person wrote, read so that every value knows its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from brightrun.errors import Problem

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]
_Loader: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass
class YamlSource:
    """One YAML file: its data, the line of each value, and what was wrong with it as YAML."""

    name: str
    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def line(self, location: Sequence[str | int]) -> int:
        """Line of the value at `location`, or of the nearest thing that encloses it."""
        path = tuple(location)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def problem(self, location: Sequence[str | int], message: str) -> Problem:
        return Problem(self.name, self.line(location), message)


def read_yaml(path: Path, name: str | None = None) -> YamlSource:
    """Read `path`. Syntax errors and repeated keys become problems, not exceptions; OSError is raised."""
    source = YamlSource(name or str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        source.problems.append(Problem(source.name, 0, f"is not UTF-8 text ({error.reason} at byte {error.start})"))
        return source
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is not None:
            _walk(loader, node, (), source)
            source.data = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        source.problems.append(Problem(source.name, line, f"is not valid YAML: {error.problem or error.context}"))
        source.data = None
    except (yaml.YAMLError, ValueError) as error:
        source.problems.append(Problem(source.name, 0, f"is not valid YAML: {error}"))
        source.data = None
    finally:
        loader.dispose()
    return source


def _walk(loader: yaml.SafeLoader, node: yaml.Node, path: Location, source: YamlSource) -> None:
    source.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = str(loader.construct_object(key_node, deep=True))
            if key in seen:
                source.problems.append(
                    Problem(source.name, key_node.start_mark.line + 1, f"`{key}` stands here a second time")
                )
            seen.add(key)
            source.lines[(*path, key)] = key_node.start_mark.line + 1
            _walk(loader, value_node, (*path, key), source)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            _walk(loader, item, (*path, index), source)


def nearest(name: str, allowed: Iterable[str]) -> str:
    """` (did you mean X?)` for the nearest allowed name, or an empty text."""
    close = difflib.get_close_matches(name, list(allowed), n=1, cutoff=0.5)
    return f" (did you mean `{close[0]}`?)" if close else ""


def validated(
    model: type[Model], source: YamlSource, problems: list[Problem], at: Sequence[str | int] = ()
) -> Model | None:
    """The model read from `source` (from the value at `at`), or None and what is wrong in `problems`."""
    data = source.data
    for step in at:
        data = data[step]
    if not isinstance(data, dict):
        problems.append(source.problem(at, f"must be a mapping with the fields of {model.__name__}"))
        return None
    try:
        return model.model_validate(data)
    except ValidationError as error:
        problems.extend(problems_of(error, model, source, at))
        return None


def problems_of(
    error: ValidationError, model: type[BaseModel], source: YamlSource, at: Sequence[str | int] = ()
) -> list[Problem]:
    """Pydantic's findings, each with its line and, for an unknown key, the nearest known one."""
    found = []
    for detail in error.errors(include_url=False):
        location = (*at, *(step for step in detail["loc"]))
        field_name = ".".join(str(step) for step in location)
        if detail["type"] == "extra_forbidden":
            key = str(detail["loc"][-1])
            allowed = _fields_at(model, detail["loc"][:-1])
            hint = nearest(key, allowed)
            known = f"; known keys: {', '.join(sorted(allowed))}" if allowed and not hint else ""
            message = f"unknown key `{field_name}`{hint}{known}"
        elif detail["type"] == "missing":
            message = f"`{field_name}` is missing"
        elif detail["type"] in ("literal_error", "enum"):
            expected = str(detail.get("ctx", {}).get("expected", ""))
            choices = [part.strip(" '") for part in expected.replace(" or ", ", ").split(",")]
            message = f"`{field_name}` is {detail['input']!r}, allowed: {expected}"
            message += nearest(str(detail["input"]), choices)
        else:
            message = f"`{field_name}`: {detail['msg'].removeprefix('Value error, ')}"
            if isinstance(detail["input"], (str, int, float, bool)):
                message += f" (it is {detail['input']!r})"
        found.append(source.problem(location, message))
    return found


def _fields_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Names of the fields of the model that stands at `location` inside `model`; empty where none does."""
    current: Any = model
    for step in location:
        if isinstance(step, int):
            continue
        fields = getattr(current, "model_fields", {})
        if step not in fields:
            continue  # a tag that pydantic puts into the location of a union member
        current = _model_in(fields[step].annotation) or current
    return list(getattr(current, "model_fields", {}))


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None
