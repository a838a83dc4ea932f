"""The store of this installation: what every command and every task works with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from brightrun.configuration import Configuration, configuration
from brightrun.store.database import Database, open_database
from brightrun.store.files import LocalFiles


@dataclass(frozen=True)
class Workplace:
    """The store of this installation, as this process has it open."""

    config: Configuration
    database: Database
    files: LocalFiles


@lru_cache(maxsize=4)
def _workplace(config: Configuration) -> Workplace:
    return Workplace(config, open_database(config.database_url), LocalFiles(config.files))


def workplace() -> Workplace:
    """The store the environment names, opened once per process."""
    return _workplace(configuration())
