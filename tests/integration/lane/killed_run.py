"""A process that generates the first shard of a job, to be killed: DATABASE_URL JOB URL."""

import sys
from pathlib import Path

from brightrun.claude.client import Endpoint
from brightrun.configuration import Configuration
from brightrun.runtime import JobRuntime
from brightrun.store.database import open_database
from brightrun.store.files import LocalFiles
from brightrun.workplace import Workplace

database_url, job_id, url = sys.argv[1:]
config = Configuration(Path("unused"), database_url)
here = Workplace(config, open_database(database_url), LocalFiles(config.files))
JobRuntime(here, job_id, Endpoint(base_url=url, api_key="a-key"), lambda: False).generate(0)
