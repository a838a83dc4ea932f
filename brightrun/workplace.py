"""The store of this installation: what every command and every task works with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from brightrun.configuration import Configuration, configuration, supabase_key
from brightrun.store.database import Database, open_database
from brightrun.store.files import ANSWER_S, LocalFiles

if TYPE_CHECKING:
    from brightrun.store.supabase_files import SupabaseFiles


@dataclass(frozen=True)
class Workplace:
    """The store of this installation, as this process has it open."""

    config: Configuration
    database: Database
    files: LocalFiles


@lru_cache(maxsize=4)
def _workplace(config: Configuration) -> Workplace:
    return Workplace(
        config, open_database(config.database_url), LocalFiles(config.files, mirrored=config.supabase_url is not None)
    )


def workplace() -> Workplace:
    """The store the environment names, opened once per process."""
    return _workplace(configuration())


def remote_files(config: Configuration, answer_s: float = ANSWER_S) -> SupabaseFiles | None:
    """Supabase Storage as the configuration names it, or None where files stay on this machine.

    It is waited for `answer_s` at most, for each byte.
    """
    return _remote_files(config.supabase_url, supabase_key(), answer_s) if config.supabase_url else None


@lru_cache(maxsize=4)
def _remote_files(url: str, key: str, answer_s: float) -> SupabaseFiles:
    from brightrun.store.supabase_files import SupabaseFiles  # a second of start-up for whoever sends nothing

    return SupabaseFiles(url, key, answer_s)
