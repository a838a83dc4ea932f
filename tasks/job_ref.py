"""What travels between tasks: small references, never the data."""

from __future__ import annotations

from dataclasses import dataclass

from brightrun.grid import Cell
from brightrun.store.items import OwedShard


@dataclass(frozen=True)
class JobRef:
    """A job in the store, and whether it was there before this run."""

    id: str
    adopted: bool = False

    def __str__(self) -> str:
        return self.id


@dataclass(frozen=True)
class Shard:
    """A set of items that one task run handles, named by the first of them."""

    number: int
    of: int
    name: str

    def __str__(self) -> str:
        return self.name


def shard_of(owed: OwedShard, of: int, single: bool) -> Shard:
    """The shard as a task sees it: named persona × arc × topic, with how many more stand behind the first."""
    name = str(Cell(persona=owed.persona, arc=owed.arc, topic=owed.topic))
    if single:
        return Shard(owed.number, of, name + (f" #{owed.slot}" if owed.slot > 1 else ""))
    more = f" … ({owed.items} items)" if owed.items > 1 else ""
    return Shard(owed.number, of, f"{owed.number + 1}/{of}: {name}{more}")
