"""What every check is given: a conversation with the item it was written for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from brightrun.catalog import Catalog
from brightrun.conversation import Conversation
from brightrun.items import Item
from brightrun.quality.verdicts import Finding


@dataclass(frozen=True)
class Candidate:
    """A conversation that may enter the dataset, its plan, and the catalog both come from."""

    conversation: Conversation
    item: Item
    catalog: Catalog

    @cached_property
    def text(self) -> str:
        """All messages in one, to see at once that none of them holds something rare."""
        return "\n".join([turn.content for turn in self.conversation.turns])

    @cached_property
    def lowered(self) -> str:
        return self.text.lower()


Check = Callable[[Candidate], Iterator[Finding]]
"""A check looks at one thing and yields what it finds; nothing found is nothing said."""
