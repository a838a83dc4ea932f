"""A worker that does what is owed of a job, beside others, until nothing is."""

from __future__ import annotations

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "unit"))

from small_jobs import generate_all

from brightrun.claude.client import Endpoint
from brightrun.configuration import Configuration
from brightrun.runtime import JobRuntime
from brightrun.store.database import open_database
from brightrun.store.files import LocalFiles
from brightrun.store.items import owed_shards
from brightrun.workplace import Workplace


def work(home: str, database_url: str, job_id: str, url: str) -> None:
    config = Configuration(Path(home), database_url)
    here = Workplace(config, open_database(database_url), LocalFiles(config.files))
    made = JobRuntime(here, job_id, Endpoint(base_url=url, api_key="a-key"), lambda: False)
    try:
        made.take_over()
        while True:
            generate_all(made)
            with here.database.reading() as connection:
                if not owed_shards(connection, job_id):
                    return
            time.sleep(0.1)
    finally:
        made.close()
