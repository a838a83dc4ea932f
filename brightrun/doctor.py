"""What is configured, what can be reached, what is missing: each with what to do about it. Nothing is paid for."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from brightrun import __version__
from brightrun.claude.client import DEFAULT_BASE_URL, configured_endpoint
from brightrun.configuration import ACTOR_TOKEN, Configuration, configuration, redacted
from brightrun.errors import BrightRunError, FilesDeniedError, FilesError
from brightrun.local_server import answers, find_server
from brightrun.store.database import open_database, schema_at
from brightrun.store.jobs import list_jobs, owner_is_alive
from brightrun.store.schema import Standing
from brightrun.store.states import JobStatus
from brightrun.workplace import remote_files

REACHED_WITHIN_S = 10.0
LITTLE_DISK_GB = 1.0
GB = 1024**3
PACKAGES = ("prefect", "anthropic", "great-expectations", "pyarrow", "sqlalchemy", "supabase")


class Health(StrEnum):
    """How something stands. What is bad keeps a build from running."""

    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True)
class Observation:
    """One thing that was looked at, what was seen, and what to do where it is not good."""

    about: str
    health: Health
    said: str
    advice: str | None = None


def examine() -> list[Observation]:
    """Everything a build depends on, one after the other. What cannot be looked at keeps nothing else from being."""
    seen = [_program()]
    try:
        config = configuration()
    except BrightRunError as error:
        return [*seen, Observation("configuration", Health.BAD, redacted(str(error)))]
    looks: dict[str, Callable[[Configuration], Iterator[Observation]]] = {
        "home": _home,
        "actor": _actor,
        "database": _database,
        "Storage": _storage,
        "Claude": _claude,
        "Prefect": _prefect,
    }
    for about, look in looks.items():
        try:
            seen += look(config)
        except (BrightRunError, OSError) as error:
            seen.append(Observation(about, Health.BAD, redacted(str(error))))
    return seen


def _program() -> Observation:
    versions = []
    for package in PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    said = f"brightrun {__version__}, Python {platform.python_version()}, {', '.join(versions)}"
    return Observation("program", Health.GOOD, said)


def _home(config: Configuration) -> Iterator[Observation]:
    there = config.home
    while not there.exists():
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there):
            pass
    except OSError as error:
        advice = "Make it writable, or set BRIGHTRUN_HOME to a folder that is."
        yield Observation("home", Health.BAD, f"{config.home}: {error.strerror}", advice)
        return
    free = shutil.disk_usage(there).free / GB
    said = f"{config.home}, {free:.0f} GB free"
    if free < LITTLE_DISK_GB:
        advice = "Make room: ten thousand conversations take about half a gigabyte."
        yield Observation("home", Health.NOTE, f"{config.home}, {free:.2f} GB free", advice)
    else:
        yield Observation("home", Health.GOOD, said if config.home.exists() else f"{said}; the first job makes it")


def _actor(_config: Configuration) -> Iterator[Observation]:
    token = os.environ.get(ACTOR_TOKEN, "").strip()
    if token:
        from brightrun.tokens import verified_subject

        yield Observation("actor", Health.GOOD, f"{verified_subject(token)}, by the token in {ACTOR_TOKEN}")


def _database(config: Configuration) -> Iterator[Observation]:
    is_own = "BRIGHTRUN_DATABASE_URL" not in os.environ
    if is_own and not (config.home / "brightrun.db").exists():
        yield Observation("database", Health.GOOD, "none yet; the first job makes it")
        return
    schema = schema_at(config.database_url)
    if schema.standing is Standing.CURRENT:
        yield Observation("database", Health.GOOD, f"{schema.place}, schema {schema.revision}")
        yield from _jobs(config)
    elif is_own and schema.standing is not Standing.AHEAD:
        said = f"{schema.place}, schema {schema.revision}"
        yield Observation("database", Health.NOTE, said, "The next command brings it up to date by itself.")
    else:
        yield Observation("database", Health.BAD, f"{schema.place}, schema {schema.revision}", schema.advice)


def _jobs(config: Configuration) -> Iterator[Observation]:
    database = open_database(config.database_url)
    try:
        with database.reading() as connection:
            found = list_jobs(connection)
    finally:
        database.close()
    running = [job for job in found if job.status is JobStatus.RUNNING]
    lost = [job.id for job in running if not owner_is_alive(job)]
    said = f"{len(found)} of late, {len(running) - len(lost)} being run"
    if lost:
        advice = f"Their process is gone. `brightrun resume {lost[0]}` goes on."
        yield Observation("jobs", Health.NOTE, f"{said}; nobody is at {', '.join(lost)}", advice)
    else:
        yield Observation("jobs", Health.GOOD, said)


def _storage(config: Configuration) -> Iterator[Observation]:
    remote = remote_files(config, REACHED_WITHIN_S)
    if remote is None:
        yield Observation("Storage", Health.GOOD, "no Supabase project is named; files stay on this machine")
        return
    try:
        remote.prepare()
    except FilesDeniedError as error:
        advice = "Set SUPABASE_SERVICE_ROLE_KEY to the project's service key, and keep its buckets private."
        yield Observation("Storage", Health.BAD, redacted(str(error)), advice)
    except FilesError as error:
        advice = "Builds go on; their files wait and go up later. Is SUPABASE_URL right?"
        yield Observation("Storage", Health.NOTE, redacted(str(error)), advice)
    else:
        said = f"{config.supabase_url} takes the key; its buckets are there, and private"
        yield Observation("Storage", Health.GOOD, said)


def _claude(_config: Configuration) -> Iterator[Observation]:
    endpoint = configured_endpoint()
    if endpoint is None:
        advice = "Set ANTHROPIC_API_KEY to generate with Claude."
        yield Observation("Claude", Health.NOTE, "neither key nor base URL: builds are SIMULATED", advice)
        return
    url = endpoint.base_url or DEFAULT_BASE_URL
    if endpoint.simulated:
        yield Observation("Claude", Health.NOTE, f"{redacted(url)} is a simulator: builds are SIMULATED")
        return
    status = _status_of(f"{url.rstrip('/')}/v1/models?limit=1", endpoint.api_key)
    if isinstance(status, str):
        advice = "Is the address right, and does this machine reach it?"
        yield Observation("Claude", Health.BAD, f"{redacted(url)} cannot be reached: {redacted(status)}", advice)
    elif status in (401, 403):
        advice = "Set ANTHROPIC_API_KEY to a key that holds; a build would end with exit code 4."
        yield Observation("Claude", Health.BAD, f"{redacted(url)} refuses the key ({status})", advice)
    else:
        known = "takes the key" if status == 200 else f"answers (status {status} to a list of models)"
        yield Observation("Claude", Health.GOOD, f"{redacted(url)} {known}")


def _status_of(url: str, key: str) -> int | str:
    """The status of a request that costs nothing, or why there was none."""
    headers = {"x-api-key": key, "anthropic-version": "2023-06-01"}
    request = urllib.request.Request(url, headers=headers)  # noqa: S310  (the scheme is checked)
    try:
        with urllib.request.urlopen(request, timeout=REACHED_WITHIN_S) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code
    except (OSError, ValueError) as error:
        return str(getattr(error, "reason", error))


def _prefect(config: Configuration) -> Iterator[Observation]:
    url = os.environ.get("PREFECT_API_URL")
    if url is None:
        server = find_server(config.home)
        if server is None:
            yield Observation("Prefect", Health.GOOD, "no server runs; the first build starts one of its own")
        elif answers(server):
            yield Observation("Prefect", Health.GOOD, f"our own server at {server.ui_url}")
        else:
            advice = "`brightrun server stop`, then build again."
            yield Observation("Prefect", Health.BAD, f"our own server at {server.ui_url} does not answer", advice)
        return
    status = _status_of(f"{url.rstrip('/')}/health", "")
    if status == 200:
        yield Observation("Prefect", Health.GOOD, f"{redacted(url)} answers")
    else:
        said = f"{redacted(url)}: {status if isinstance(status, str) else f'status {status}'}"
        advice = "Start that server, or unset PREFECT_API_URL to use one of our own."
        yield Observation("Prefect", Health.BAD, redacted(said), advice)
