"""Where things are: from `.env`, the environment, and what a command says, in rising order."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from dotenv import load_dotenv

from brightrun.errors import RequestError

ACTOR_TOKEN = "BRIGHTRUN_ACTOR_TOKEN"  # noqa: S105  (a name)
JWT_SECRET = "BRIGHTRUN_JWT_SECRET"  # noqa: S105
JWKS = "BRIGHTRUN_JWKS"

SECRET_NAMES = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "SUPABASE_SERVICE_ROLE_KEY",
    "PREFECT_API_KEY",
    "PREFECT_API_AUTH_STRING",
    "PGPASSWORD",
    ACTOR_TOKEN,
    JWT_SECRET,
)
"""Variables whose values are secrets."""

ADDRESS_NAMES = ("BRIGHTRUN_DATABASE_URL", "ANTHROPIC_BASE_URL", "SUPABASE_URL", "PREFECT_API_URL")
"""Variables whose values are addresses, which may hold a password."""

ADDRESS = re.compile(r"^[a-z0-9]+(\+[a-z0-9]+)?://")

IN_QUERY = re.compile(r"[?&]\w*password=([^&#]*)")

SUPABASE_ADDRESS = re.compile(r"^https?://[^\s/@]+(/.*)?$")

SHORTEST_SECRET = 6
"""What is shorter is left alone: it would be found in every other word."""


@dataclass(frozen=True)
class Configuration:
    """Where the state of this installation lives."""

    home: Path
    database_url: str
    supabase_url: str | None = None
    """The project whose Storage gets the files as well; the key is only read from the environment."""

    @property
    def files(self) -> Path:
        """Folder of the local file buckets."""
        return self.home / "files"


def configuration() -> Configuration:
    """Read `.env` (which never overrides the environment) and the environment."""
    load_dotenv(Path(".env"), override=False)
    home = Path(os.environ.get("BRIGHTRUN_HOME") or ".brightrun").resolve()
    url = os.environ.get("BRIGHTRUN_DATABASE_URL") or f"sqlite:///{home / 'brightrun.db'}"
    if not ADDRESS.match(url):
        raise RequestError("BRIGHTRUN_DATABASE_URL is no database address (dialect://user@host/name)")
    return Configuration(home, url, _supabase_url())


def _supabase_url() -> str | None:
    url = os.environ.get("SUPABASE_URL", "").strip().rstrip("/")
    if not url:
        return None
    if not SUPABASE_ADDRESS.match(url):
        raise RequestError("SUPABASE_URL is no address of a project (https://….supabase.co)")
    if not supabase_key():
        raise RequestError("SUPABASE_URL is set and SUPABASE_SERVICE_ROLE_KEY is not: set both, or neither")
    return url


def supabase_key() -> str:
    """The project's service key, or nothing. It is handed to the client and kept nowhere else."""
    return os.environ.get("SUPABASE_SERVICE_ROLE_KEY", "").strip()


def secrets() -> tuple[str, ...]:
    """The secret values in this process's environment, longest first, for redaction."""
    values = {os.environ.get(name, "").strip() for name in SECRET_NAMES}
    for name in ADDRESS_NAMES:
        for written in _passwords(os.environ.get(name, "")):
            values |= {written, unquote(written)}
    return tuple(sorted((value for value in values if len(value) >= SHORTEST_SECRET), key=len, reverse=True))


def _passwords(address: str) -> list[str]:
    """The passwords as they are written in `scheme://user:password@host/name?password=other`."""
    _, _, rest = address.partition("://")
    user, at, _ = rest.partition("/")[0].rpartition("@")
    return [user.partition(":")[2] if at else "", *IN_QUERY.findall(rest)]


def redacted(text: str) -> str:
    """The text without any secret of this process."""
    for secret in secrets():
        text = text.replace(secret, "[secret]")
    return text
