"""The rehearsal: a plan's prompts, rendered before anything is sent, so that none fails when it is paid for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from brightrun.catalog import Catalog
from brightrun.errors import Problem, ProblemsError
from brightrun.items import Item
from brightrun.prompts import PromptError, PromptWriter
from brightrun.yaml_source import read_yaml


def rehearse(items: Iterable[Item], catalog: Catalog, folder: Path) -> None:
    """Render a prompt for every item that differs in what its templates can see missing or there.

    Raises ProblemsError with file and line of each part that cannot be filled. `folder` is the catalog's.
    """
    writer = PromptWriter(catalog)
    seen: set[tuple[object, ...]] = set()
    failed: dict[tuple[str | None, str, int], Problem] = {}
    for item in items:
        shape = _shape(item)
        if shape in seen:
            continue
        seen.add(shape)
        try:
            writer.write(item)
        except PromptError as error:
            failed.setdefault((error.template, error.part, error.line), _problem(error, item, folder))
    if failed:
        raise ProblemsError("The prompts cannot be rendered", list(failed.values()))


def _shape(item: Item) -> tuple[object, ...]:
    texts = (item.identity.reason, item.situation, item.life_event, item.mistaken_belief, item.near_miss)
    return (item.cell, item.template, item.outcome, *(text is None for text in texts))


def _problem(error: PromptError, item: Item, folder: Path) -> Problem:
    message = f"`{error.part}` cannot be rendered for {item.title}: {error.reason}"
    for path in sorted((folder / "prompts").glob("*.yaml")):
        shared = path.name == "shared.yaml"
        if shared == (error.template is None):
            source = read_yaml(path)
            if shared or (isinstance(source.data, dict) and source.data.get("key") == error.template):
                return Problem(source.name, source.line_in((error.part,), error.line), message)
    return Problem(str(folder / "prompts"), 0, message)
