"""Small jobs in a real database, for whatever needs one; a conftest imports the fixtures at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import RowMapping, Table, select

from brightrun.claude.client import Endpoint
from brightrun.configuration import Configuration
from brightrun.generation import ShardReport
from brightrun.planning import Plan, make_plan, open_job
from brightrun.runtime import JobRuntime
from brightrun.spec import DatasetSpec, LoadedSpec
from brightrun.store.database import open_database, sqlite_url
from brightrun.store.files import LocalFiles
from brightrun.store.items import owed_shards
from brightrun.store.jobs import Job, get_job
from brightrun.store.spend import Spend, spend
from brightrun.store.tables import batch_items, generations, item_transitions
from brightrun.workplace import Workplace

PROJECT = Path(__file__).parents[2]
MOST_ITEMS = 60
SHORT_BACK_OFF_S = (0.001, 0.01)


@lru_cache
def _largest_plan() -> Plan:
    spec = {
        "name": "small",
        "catalog": str(PROJECT / "catalogs" / "financial_planning"),
        "grid": {
            "personas": ["pragmatic_optimist"],
            "arcs": ["confusion_to_clarity"],
            "topics": ["grandparent_529"],
            "per_cell": MOST_ITEMS,
        },
        "generate": {"budget_usd": 5},
    }
    return make_plan(DatasetSpec.model_validate(spec))


def small_plan(items: int = 1, **generate: Any) -> Plan:
    """A plan of so many items, with these settings under `generate`."""
    plan = _largest_plan()
    settings = {**plan.spec.generate.model_dump(), **generate}
    spec = DatasetSpec.model_validate({**plan.spec.model_dump(), "generate": settings})
    return replace(plan, items=plan.items[:items], loaded=LoadedSpec(spec=spec, source=plan.loaded.source))


@dataclass(frozen=True)
class JobAtHand:
    """A planned job, and what a test asks about it."""

    here: Workplace
    id: str

    @property
    def job(self) -> Job:
        with self.here.database.reading() as connection:
            return get_job(connection, self.id)

    @property
    def spend(self) -> Spend:
        with self.here.database.reading() as connection:
            return spend(connection, self.id)

    @property
    def items(self) -> list[RowMapping]:
        return self.rows(batch_items, batch_items.c.position)

    @property
    def calls(self) -> list[RowMapping]:
        """The ledger, in the order of sending."""
        return self.rows(generations, generations.c.sent_at)

    @property
    def states(self) -> list[str]:
        return [item["state"] for item in self.items]

    @property
    def transitions(self) -> list[RowMapping]:
        with self.here.database.reading() as connection:
            return list(connection.execute(select(item_transitions).order_by(item_transitions.c.id)).mappings())

    def rows(self, table: Table, order: Any) -> list[RowMapping]:
        query = select(table).where(table.c.job_id == self.id).order_by(order)
        with self.here.database.reading() as connection:
            return list(connection.execute(query).mappings())

    def assert_books_balance(self) -> None:
        """Laws 3 and 4: the job's row says what its ledger adds up to, and nothing is over the budget."""
        job, sums = self.job, self.spend
        assert (job.spent_usd, job.reserved_usd) == (sums.cost_usd, sums.reserved_usd)
        assert job.spent_usd + job.reserved_usd <= job.budget_usd

    @contextmanager
    def runtime(self, url: str, stopped: Callable[[], bool] = lambda: False) -> Iterator[JobRuntime]:
        """A runtime with short waits, that has taken over what an earlier one left."""
        made = JobRuntime(self.here, self.id, Endpoint(base_url=url, api_key="a-key"), stopped)
        made.run.back_off_s = SHORT_BACK_OFF_S
        try:
            made.take_over()
            yield made
        finally:
            made.close()

    def run(self, url: str, stopped: Callable[[], bool] = lambda: False) -> list[ShardReport]:
        """Send what is owed, once; every shard from a thread of its own, as tasks do."""
        with self.runtime(url, stopped) as made:
            return generate_all(made)


def generate_all(made: JobRuntime) -> list[ShardReport]:
    with made.database.reading() as connection:
        owed = owed_shards(connection, made.job_id)
    if not owed:
        return []
    with ThreadPoolExecutor(len(owed)) as pool:
        return list(pool.map(lambda shard: made.generate(shard.number), owed))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "brightrun.db"
    open_database(sqlite_url(path)).close()
    return path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of the test's own to work in."""
    home = tmp_path / "home"
    home.mkdir()
    return home


@pytest.fixture
def sqlite_file_url(home: Path, empty_database: Path) -> str:
    """The address of a migrated SQLite file of the test's own."""
    shutil.copy(empty_database, home / "brightrun.db")
    return sqlite_url(home / "brightrun.db")


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """The database that `here` works with: SQLite, unless a test is run on others (`database_servers`)."""
    url: str = request.getfixturevalue(getattr(request, "param", "sqlite_file_url"))
    return url


@pytest.fixture
def here(home: Path, database_url: str) -> Iterator[Workplace]:
    """A workplace of the test's own, on a real database."""
    config = Configuration(home, database_url)
    database = open_database(config.database_url)
    yield Workplace(config, database, LocalFiles(config.files))
    database.close()


@pytest.fixture
def new_job(here: Workplace) -> Callable[..., JobAtHand]:
    """Makes a job of so many items, with these settings under `generate`."""

    def make(items: int = 1, **generate: Any) -> JobAtHand:
        opened = open_job(here.database, small_plan(items, **generate), simulated=True, new=True)
        return JobAtHand(here, opened.job.id)

    return make
