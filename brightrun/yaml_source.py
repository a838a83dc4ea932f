"""YAML a person wrote, read so that every value knows its line.

Plain words are read as YAML 1.2 reads them: `off`, `no`, `22:30` and `2026-10-01` are texts, and only `true` and
`false` are booleans.
"""

from __future__ import annotations

import difflib
import re
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from brightrun.errors import Problem

Model = TypeVar("Model", bound=BaseModel)
Location = tuple[str | int, ...]

MOST_DEPTH = 50
"""Values nested deeper than this are refused: the parser recurses, and no catalog comes near."""

MOST_VALUES = 500_000
"""Values in one file, what aliases repeat included."""

SHOWN_CHARACTERS = 80
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FASTEST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_FASTEST):  # type: ignore[misc]  # which class it is depends on how PyYAML was built
    """A safe loader with the plain scalars of YAML 1.2."""

    yaml_implicit_resolvers: typing.ClassVar[dict[Any, Any]] = {}


for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789"),
    (
        "float",
        r"^(?:[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.inf|\.nan)$",
        "-+.0123456789",
    ),
    ("null", r"^(?:~|null|Null|NULL|)$", ["~", "n", "N", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), list(_first))


@dataclass
class YamlSource:
    """One YAML file: its data, the line of each value, and what was wrong with it as YAML."""

    name: str
    data: Any = None
    lines: dict[Location, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    blocks: set[Location] = field(default_factory=set)
    """Where texts stand in blocks (`|`), below their key and line by line."""

    def line(self, location: Sequence[str | int]) -> int:
        """Line of the value at `location`, or of the nearest thing that encloses it."""
        path = tuple(location)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def line_in(self, location: Sequence[str | int], line: int) -> int:
        """Line in the file of a line, from 1, of the text at `location`; that of the text where it cannot be told."""
        return self.line(location) + (line if tuple(location) in self.blocks else 0)

    def problem(self, location: Sequence[str | int], message: str) -> Problem:
        return Problem(self.name, self.line(location), message)


def read_yaml(path: Path, name: str | None = None) -> YamlSource:
    """Read `path`. Syntax errors and repeated keys become problems, not exceptions; OSError is raised.

    What could not be read at all has no data.
    """
    source = YamlSource(name or str(path))
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        source.problems.append(Problem(source.name, 0, f"is not UTF-8 text ({error.reason} at byte {error.start})"))
        return source
    try:
        if _too_deep(text, source):
            return source
        loader = _Loader(text)
        try:
            node = loader.get_single_node()
            if node is not None:
                walk = _Walk(loader, source)
                walk.visit(node, ())
                source.data = None if walk.unreadable else loader.construct_document(node)
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        hint = "; a text that begins with `{` needs quotes" if error.problem == "found unhashable key" else ""
        source.problems.append(Problem(source.name, line, f"is not valid YAML: {error.problem or error.context}{hint}"))
    except yaml.YAMLError as error:
        control = CONTROL.search(text)
        line = text.count("\n", 0, control.start()) + 1 if control else 0
        reason = str(error).splitlines()[0]
        source.problems.append(Problem(source.name, line, f"is not valid YAML: {reason}"))
    return source


def _too_deep(text: str, source: YamlSource) -> bool:
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MOST_DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 0
                source.problems.append(Problem(source.name, line, f"values are nested more than {MOST_DEPTH} deep"))
                return True
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return False


class _Walk:
    """Goes through a document before it is constructed, and notes the line of every value.

    `unreadable`: something was found that nothing can be constructed from.
    """

    def __init__(self, loader: Any, source: YamlSource) -> None:
        self.unreadable = False
        self._loader = loader
        self._source = source
        self._above: list[yaml.Node] = []
        self._visited = 0

    def visit(self, node: yaml.Node, path: Location) -> None:
        self._source.lines.setdefault(path, node.start_mark.line + 1)
        self._visited += 1
        if self._visited == MOST_VALUES:
            self._unreadable(node, f"holds more than {MOST_VALUES:,} values")
        if self._visited >= MOST_VALUES:
            return
        if isinstance(node, yaml.ScalarNode):
            self._scalar(node)
            if node.style == "|":
                self._source.blocks.add(path)
            return
        if any(node is above for above in self._above):
            self._unreadable(node, "this value contains itself")
            return
        self._above.append(node)
        if isinstance(node, yaml.MappingNode):
            self._mapping(node, path)
        else:
            for index, item in enumerate(node.value):
                self.visit(item, (*path, index))
        self._above.pop()

    def _mapping(self, node: yaml.MappingNode, path: Location) -> None:
        seen: set[str] = set()
        for key_node, value_node in node.value:
            key = self._loader.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                if isinstance(key_node, yaml.ScalarNode):
                    self._unreadable(key_node, f"a key is a text; put `{key_node.value}` in quotes")
                key = str(key)
            if key == "<<":
                self._unreadable(key_node, "merge keys (`<<`) are not read; write the values out")
            if key in seen:
                self._problem(key_node, f"`{key}` stands here a second time")
            seen.add(key)
            self._source.lines[(*path, key)] = key_node.start_mark.line + 1
            self.visit(value_node, (*path, key))

    def _scalar(self, node: yaml.ScalarNode) -> None:
        try:
            value = self._loader.construct_object(node)
        except ValueError as error:
            self._unreadable(node, f"is not valid YAML: {error}")
            return
        if isinstance(value, str) and (control := CONTROL.search(value)):
            self._problem(node, f"a text here holds the control character {control.group()!r}")

    def _unreadable(self, node: yaml.Node, message: str) -> None:
        self.unreadable = True
        self._problem(node, message)

    def _problem(self, node: yaml.Node, message: str) -> None:
        self._source.problems.append(Problem(self._source.name, node.start_mark.line + 1, message))


def nearest(name: str, allowed: Iterable[str]) -> str:
    """` (did you mean X?)` for the nearest allowed name, or an empty text."""
    by_folded = {known.casefold(): known for known in allowed}
    close = difflib.get_close_matches(name.casefold()[:200], by_folded, n=1, cutoff=0.5)
    return f" (did you mean `{by_folded[close[0]]}`?)" if close else ""


def validated(
    model: type[Model], source: YamlSource, problems: list[Problem], at: Sequence[str | int] = ()
) -> Model | None:
    """The model read from `source` (from the value at `at`), or None and what is wrong in `problems`."""
    data = source.data
    for step in at:
        data = data[step]
    if not isinstance(data, dict):
        what = "is empty; it" if data is None and not at else ""
        problems.append(source.problem(at, f"{what} must be a mapping with the fields of {model.__name__}".lstrip()))
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
    found = [_Finding(detail, source, at) for detail in error.errors(include_url=False)]
    at_union: dict[Location, list[_Finding]] = {}
    for finding in found:
        if finding.union is not None:
            at_union.setdefault(finding.union, []).append(finding)
    problems = [source.problem(f.location, f.message(model)) for f in found if f.union is None]
    for place, findings in at_union.items():
        inside = [f for f in findings if f.location != place]
        if inside:  # one of the kinds that may stand here was meant, and is not quite right
            problems += [source.problem(f.location, f.message(model)) for f in inside]
        else:
            expected = " or ".join(dict.fromkeys(f.expected for f in findings))
            message = f"`{findings[0].field_name}` must be {expected}{findings[0].given}"
            problems.append(source.problem(place, message))
    return problems


class _Finding:
    """One finding of pydantic's, with the place in the file that it is about.

    `union` is that of the value of which several kinds are allowed, where it is about one of these kinds.
    """

    def __init__(self, detail: Mapping[str, Any], source: YamlSource, at: Sequence[str | int]) -> None:
        self._detail = detail
        self._path: Location = tuple(detail["loc"])
        self.union: Location | None = None
        steps: list[str | int] = []
        value = source.data
        for step in at:
            value = value[step]
        for position, step in enumerate(self._path):
            last = position == len(self._path) - 1
            inside = (isinstance(value, dict) and step in value) or (isinstance(value, list) and isinstance(step, int))
            if inside:
                steps.append(step)
                value = value[step] if isinstance(value, dict) or int(step) < len(value) else None
            elif last and detail["type"] == "missing":
                steps.append(step)
            elif step != "[key]":
                self.union = (*at, *steps)
        self.location: Location = (*at, *steps)

    @property
    def field_name(self) -> str:
        return ".".join(str(step) for step in self.location)

    @property
    def given(self) -> str:
        """What stands there, where that is short enough to help."""
        value = self._detail["input"]
        if value is None:
            return " (it is empty)"
        if not isinstance(value, (str, int, float, bool)):
            return ""
        shown = repr(value)
        return f" (it is {shown if len(shown) <= SHOWN_CHARACTERS else shown[:SHOWN_CHARACTERS] + '…'})"

    @property
    def expected(self) -> str:
        """What pydantic wants there: `a valid list`, `'all'`."""
        return str(self._detail["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")

    def message(self, model: type[BaseModel]) -> str:
        """What is wrong, with the nearest valid name."""
        kind, name = self._detail["type"], self.field_name
        if kind == "extra_forbidden":
            allowed = _fields_at(model, self._path[:-1])
            hint = nearest(str(self._path[-1]), allowed)
            known = f"; known keys: {', '.join(sorted(allowed))}" if allowed and not hint else ""
            return f"unknown key `{name}`{hint}{known}"
        if kind == "missing":
            return f"`{name}` is missing"
        if kind in ("literal_error", "enum"):
            expected = str(self._detail.get("ctx", {}).get("expected", ""))
            choices = [part.strip(" '") for part in expected.replace(" or ", ", ").split(",")]
            given = self._detail["input"]
            shown = self.given.removeprefix(" (it is ").removesuffix(")")
            return f"`{name}` is {shown}, allowed: {expected}{nearest(str(given), choices)}"
        quotes = ""
        if kind == "string_type" and isinstance(self._detail["input"], (bool, int, float)):
            quotes = "; a text that looks like a number or like true and false needs quotes"
        wrong = str(self._detail["msg"]).removeprefix("Value error, ")
        return f"`{name}`: {wrong}{self.given}{quotes}" if name else f"{wrong}{self.given}"


def _fields_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """Names of the fields of the model that stands at `location` inside `model`; empty where none does."""
    current: type[BaseModel] = model
    kinds: list[type[BaseModel]] = []
    for step in location:
        if isinstance(step, int):
            continue
        named = [kind for kind in kinds if kind.__name__ in step]
        if named:  # a tag that pydantic puts into the location of a union member
            current = named[0]
        elif step in current.model_fields:
            kinds = _models_in(current.model_fields[step].annotation)
            current = kinds[0] if kinds else current
        elif current.model_config.get("extra") == "allow":
            kinds = _models_in(typing.get_type_hints(current).get("__pydantic_extra__"))
            current = kinds[0] if kinds else current
    return list(current.model_fields)


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for argument in typing.get_args(annotation) for model in _models_in(argument)]
