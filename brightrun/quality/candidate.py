"""What every check is given: a conversation with the item it was written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Candidate:
    """A conversation that may enter the dataset, its plan, and the catalog both come from."""

    conversation: Conversation
    item: Item
    catalog: Catalog


Check = Callable[[Candidate], Iterator[Finding]]
"""A check looks at one thing and yields what it finds; nothing found is nothing said."""
