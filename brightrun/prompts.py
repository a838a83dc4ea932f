"""The authoring prompt: which template, filled with what, rendered strictly in a sandbox.

Data is data: what a catalog or an identity says is inserted as it is and never read as a template.
"""

from __future__ import annotations

import dataclasses
import hashlib
import traceback
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel

from brightrun.catalog import Advisor, Catalog, CatalogInfo, EmotionalArc, NearMissCase, Persona, TrainingTopic
from brightrun.errors import RequestError
from brightrun.identity import Attribute
from brightrun.items import FeelingPoint, Item, VariationChoice
from brightrun.lessons import AVOID, LESSONS
from brightrun.yaml_source import nearest

GROUPED_FROM = 10_000

HIDDEN = {Advisor: {"system_prompts"}, Persona: {"identity"}}
"""What no prompt may show: training prompts stay out of authoring prompts, and ranges are drawn from."""


@dataclass(frozen=True)
class PersonView:
    """The drawn person, as templates see them."""

    name: str
    age: int
    attributes: tuple[Attribute, ...]
    reason: str | None


@dataclass(frozen=True)
class PlanView:
    """What is planned for one conversation, as templates see it."""

    exchanges: int
    start: FeelingPoint
    end: FeelingPoint
    outcome: str
    ending: str
    register: str
    variation: tuple[VariationChoice, ...]
    situation: str | None
    life_event: str | None
    mistaken_belief: str | None
    near_miss: NearMissCase | None


ROOTS: dict[str, type] = {
    "catalog": CatalogInfo,
    "advisor": Advisor,
    "persona": Persona,
    "arc": EmotionalArc,
    "topic": TrainingTopic,
    "person": PersonView,
    "plan": PlanView,
}
"""What a placeholder may begin with. Shared parts see only what is the same for all who share them."""

PART_ROOTS: dict[str, tuple[str, ...]] = {
    "craft": ("catalog", "advisor"),
    "advisor": ("catalog", "advisor"),
    "template": ("catalog", "advisor", "arc", "persona"),
    "persona": ("catalog", "persona"),
    "topic": ("catalog", "topic"),
    "request": tuple(ROOTS),
}


@dataclass(frozen=True)
class AuthoringPrompt:
    """A prompt as it is sent: system blocks, what is shared by most requests first, and the user message."""

    system: tuple[str, ...]
    user: str


class _Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, in which a model shows its fields and nothing else."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """The way of nearly every placeholder, kept short: a field of a model is data, and safe."""
        kind: Any = type(obj)
        if attribute in (_fields_of(kind) or ()):
            return getattr(obj, attribute)
        return super().getattr(obj, attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        kind: Any = type(obj)
        shown = _fields_of(kind)
        if shown is not None:
            return attr in shown
        return super().is_safe_attribute(obj, attr, value)


def _shown(value: Any) -> Any:
    """What a placeholder shows. Large numbers as people write them: 127,750; years and small numbers stay.

    jinja2.TemplateError for what has no text: nothing, a list, or a model with fields of its own.
    """
    if type(value) is str:
        return value
    if value is None:
        raise jinja2.TemplateRuntimeError("a placeholder stands for nothing here; ask for it with `if` first")
    if isinstance(value, BaseModel | list | tuple | dict) or dataclasses.is_dataclass(value):
        kind = type(value).__name__
        raise jinja2.TemplateRuntimeError(f"a placeholder stands for a {kind}; name a field of it, or go through it")
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) < GROUPED_FROM:
        return value
    return f"{value:,}"


_ENVIRONMENT = _Sandbox(
    finalize=_shown,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)


@lru_cache(maxsize=512)
def _compiled(text: str) -> jinja2.Template:
    return _ENVIRONMENT.from_string(text)


class PromptError(RequestError):
    """A part of a prompt cannot be rendered.

    `part` is a part of the shared prompts, or `text` of the template whose key is `template`; `line` is
    that of its text (0: unknown).
    """

    def __init__(self, part: str, line: int, reason: str, template: str | None = None) -> None:
        self.part = part
        self.line = line
        self.reason = reason
        self.template = template
        whose = f" of template `{template}`" if template else ""
        super().__init__(f"`{part}`{whose} cannot be rendered, line {line}: {reason}")


def render(text: str, **values: object) -> str:
    """The text with every placeholder filled; jinja2.TemplateError for one that is not."""
    return _compiled(text).render(values)


def _rendered(part: str, text: str, values: dict[str, Any], template: str | None = None) -> str:
    """The text of a part, filled. Raises PromptError for whatever goes wrong in it, a division by zero included."""
    try:
        return render(text, **values)
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        line = next((frame.lineno or 0 for frame in reversed(frames) if frame.filename == "<template>"), 0)
        raise PromptError(part, line, str(error) or type(error).__name__, template) from error


class PromptWriter:
    """Writes the prompts of one catalog; what requests share is rendered once."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._blocks: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self._topics: dict[str, str] = {}

    def write(self, item: Item, ending: str = "") -> AuthoringPrompt:
        """The prompt for an item, with `ending` at its end. Raises PromptError where a placeholder cannot be filled."""
        key = (item.template, item.cell.arc, item.cell.persona)
        if key not in self._blocks:
            self._blocks[key] = self._system(item)
        if item.cell.topic not in self._topics:
            self._topics[item.cell.topic] = self._topic(item)
        user = f"{self._topics[item.cell.topic]}\n{self._request(item)}{ending}"
        return AuthoringPrompt(system=self._blocks[key], user=user)

    def _system(self, item: Item) -> tuple[str, ...]:
        catalog, shared = self._catalog, self._catalog.shared
        common = {"catalog": catalog.info, "advisor": catalog.advisor}
        arc, persona = catalog.arcs[item.cell.arc], catalog.personas[item.cell.persona]
        template = catalog.templates[item.template]
        return (
            _rendered("craft", shared.craft, common),
            _rendered("advisor", shared.advisor, common),
            _rendered("text", template.text, {**common, "arc": arc, "persona": persona}, template.key),
            _rendered("persona", shared.persona, {"catalog": catalog.info, "persona": persona}),
        )

    def _topic(self, item: Item) -> str:
        catalog = self._catalog
        values = {"catalog": catalog.info, "topic": catalog.topics[item.cell.topic]}
        return _rendered("topic", catalog.shared.topic, values)

    def _request(self, item: Item) -> str:
        catalog = self._catalog
        values = {
            "catalog": catalog.info,
            "advisor": catalog.advisor,
            "persona": catalog.personas[item.cell.persona],
            "arc": catalog.arcs[item.cell.arc],
            "topic": catalog.topics[item.cell.topic],
            "person": _person(item),
            "plan": _plan(item),
        }
        return _rendered("request", catalog.shared.request, values)


def prompt_version(catalog: Catalog) -> str:
    """Twelve hex digits that change when any part of any prompt text does, what another attempt is told included."""
    digest = hashlib.sha256(catalog.shared.model_dump_json().encode())
    digest.update(f"{LESSONS}{AVOID}".encode())
    for key in sorted(catalog.templates):
        digest.update(catalog.templates[key].model_dump_json().encode())
    return digest.hexdigest()[:12]


def _person(item: Item) -> PersonView:
    identity = item.identity
    shown = tuple(attribute for attribute in identity.attributes if attribute.name != "age")
    return PersonView(name=identity.name, age=identity.age, attributes=shown, reason=identity.reason)


def _plan(item: Item) -> PlanView:
    return PlanView(
        exchanges=item.exchanges,
        start=item.start,
        end=item.end,
        outcome=item.outcome.value,
        ending=item.ending,
        register=item.kind.value,
        variation=item.variation,
        situation=item.situation,
        life_event=item.life_event,
        mistaken_belief=item.mistaken_belief,
        near_miss=item.near_miss,
    )


@dataclass(frozen=True)
class Placeholder:
    """A dotted name a template uses, and the line of the text it stands on."""

    path: str
    line: int
    local: bool
    """Reached through a name the template made itself (`phase` in a loop); then it need not be declared."""
    printed: bool
    """Its text is inserted; otherwise it is gone through, counted or asked for."""

    @property
    def declared_as(self) -> str:
        """What stands in `placeholders` for it: `arc.phases` for `arc.phases[0].name`."""
        return self.path.split(".[]")[0]


UNPRINTED_FILTERS = {"count", "first", "last", "length", "map", "rejectattr", "selectattr", "sort"}
"""Filters that take a list of models and insert none of them as text."""


def placeholders(text: str) -> list[Placeholder]:
    """Every dotted name the template uses. jinja2.TemplateSyntaxError where it is no template.

    An unknown filter, and a template that wants to include another one, are none either.
    """
    tree = _ENVIRONMENT.parse(text)
    for other in tree.find_all((nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends)):
        raise jinja2.TemplateSyntaxError("a template stands alone; it cannot include or import another", other.lineno)
    _ENVIRONMENT.compile(tree)
    return list(_names(tree, {}, printed=False))


def placeholder_problem(path: str, part: str, printed: bool = False) -> str | None:
    """Why nothing fills `path` in this part of the prompt, or None. `printed`: its own text is inserted."""
    steps = path.split(".")
    roots = PART_ROOTS[part]
    if steps[0] not in roots:
        return f"nothing fills `{path}`: {part} knows {', '.join(roots)}{nearest(steps[0], roots)}"
    current: Any = ROOTS[steps[0]]
    for position, step in enumerate(steps[1:], 1):
        if step == "[]":
            current = _element(current)
            continue
        fields = _fields_of(_plain(current))
        if fields is None or step not in fields:
            allowed = sorted(fields or ())
            where = ".".join(steps[:position])
            hint = nearest(step, allowed) or (f"; it has {', '.join(allowed)}" if allowed else "")
            return f"nothing fills `{path}`: `{where}` has no `{step}`{hint}"
        current = fields[step]
    fields = _fields_of(_plain(current)) or _fields_of(_element(current))
    if printed and fields:
        return f"`{path}` is no text; name a field of it ({', '.join(sorted(fields))})"
    return None


def _names(node: nodes.Node, local: dict[str, str], printed: bool) -> Iterator[Placeholder]:
    if isinstance(node, nodes.For):
        source = _dotted(node.iter, local)
        yield from _names(node.iter, local, printed=False)
        inner = {**local, "loop": ""}
        if isinstance(node.target, nodes.Name):
            inner[node.target.name] = f"{source}.[]" if source else ""
        else:
            inner.update({name.name: "" for name in node.target.find_all(nodes.Name)})
        for child in [*node.body, *node.else_, *([node.test] if node.test else [])]:
            yield from _names(child, inner, printed=False)
        return
    if isinstance(node, nodes.Assign):
        yield from _names(node.node, local, printed=False)
        for name in [node.target] if isinstance(node.target, nodes.Name) else []:
            local[name.name] = _dotted(node.node, local) or ""
        return
    if isinstance(node, (nodes.Getattr, nodes.Getitem, nodes.Name)):
        path = _dotted(node, local)
        if path is not None:
            if path:
                root = node
                while isinstance(root, (nodes.Getattr, nodes.Getitem)):
                    root = root.node  # type: ignore[assignment]
                is_local = isinstance(root, nodes.Name) and root.name in local
                yield Placeholder(path, node.lineno, is_local, printed)
            return
    if isinstance(node, nodes.CondExpr):
        yield from _names(node.test, local, printed=False)
        for branch in (node.expr1, node.expr2):
            if branch is not None:
                yield from _names(branch, local, printed)
        return
    inserts = printed or isinstance(node, nodes.Output)
    if isinstance(node, nodes.Test | nodes.Compare) or (
        isinstance(node, nodes.Filter) and node.name in UNPRINTED_FILTERS
    ):
        inserts = False
    for child in node.iter_child_nodes():
        yield from _names(child, local, inserts)


def _dotted(node: nodes.Node, local: dict[str, str]) -> str | None:
    """`a.b.c` of an expression of names and attributes; empty for names the template made of other things."""
    if isinstance(node, nodes.Name):
        return local.get(node.name, node.name)
    if isinstance(node, nodes.Getattr):
        base = _dotted(node.node, local)
        return None if base is None else (f"{base}.{node.attr}" if base else "")
    if isinstance(node, nodes.Getitem):
        base = _dotted(node.node, local)
        named = node.arg.value if isinstance(node.arg, nodes.Const) and isinstance(node.arg.value, str) else "[]"
        return None if base is None else (f"{base}.{named}" if base else "")
    return None


@cache
def _fields_of(kind: Any) -> dict[str, Any] | None:
    """Names and types of the fields a template may see of a model; None for what is no model."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        hidden = HIDDEN.get(kind, set())
        return {name: field.annotation for name, field in kind.model_fields.items() if name not in hidden}
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return dict(typing.get_type_hints(kind))
    return None


def _plain(annotation: Any) -> Any:
    """The type without `| None`."""
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        return kinds[0] if len(kinds) == 1 else annotation
    return annotation


def _element(annotation: Any) -> Any:
    arguments = [kind for kind in typing.get_args(_plain(annotation)) if kind is not Ellipsis]
    return arguments[-1] if arguments else Any
