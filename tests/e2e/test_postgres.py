"""The commands with Postgres behind a transaction pooler as the store: refused until it is set up, then a build."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.database_servers import WORKER, WRITTEN_PASSWORD, PgBouncer, Postgres, pgbouncer, postgres
from tests.e2e.conftest import Home, wait_until

__all__ = ["pgbouncer", "postgres"]


def test_a_dataset_is_built_on_postgres_as_on_the_embedded_database(
    home: Home, make_spec: Callable[..., Path], postgres: Postgres, pgbouncer: PgBouncer
) -> None:
    """Though the server is restarted in the middle, with nothing asked for twice."""
    spec = str(make_spec("on-postgres", grid={"sample": {"method": "random", "size": 4, "seed": 1}}))
    embedded = home.run("build", spec, "--json")
    assert embedded.code == 0, embedded.err
    with postgres.database(template="template1") as name:
        where = {"BRIGHTRUN_DATABASE_URL": pgbouncer.address(name)}
        refused = home.run("build", spec, "--json", **where)
        assert refused.code == 2
        assert "brightrun db upgrade" in refused.json["error"]
        assert home.run("db", "status", "--json", **where).json["standing"] == "empty"
        assert home.run("db", "upgrade", **where).code == 0
        # the build is by a login that may do the pipeline's work and nothing else
        where = {"BRIGHTRUN_DATABASE_URL": pgbouncer.address(name, WORKER)}

        under_way = home.start("build", spec, "--json", **where)
        with psycopg.connect(postgres.address(name), autocommit=True) as watch:
            wait_until(lambda: watch.execute("SELECT EXISTS (SELECT FROM generations)").fetchone() == (True,))
        assert under_way.poll() is None
        postgres.stop()
        postgres.restart()
        built = home.finish(under_way)
        assert built.code == 0, built.err
        again = home.run("build", spec, "--json", **where)
        job_id = again.json["job_id"]
    made, same = built.json, embedded.json
    for key in ("job_id", "planned", "accepted", "status", "calls", "spent_usd"):
        assert made[key] == same[key], key
    assert (again.json["calls_of_this_run"], again.json["release"]) == (0, made["release"])
    assert again.json["spent_usd"] == made["spent_usd"]
    folders = [Path(ran["release"]["path"]) for ran in (made, same)]
    texts = [{path.name: path.read_bytes() for path in (folder / "jsonl/messages").iterdir()} for folder in folders]
    assert texts[0] == texts[1]  # law 6, on both databases

    log = (home.path / "files/batch-logs" / job_id / "log.txt").read_text()
    for ran in (refused, built, again):
        assert WRITTEN_PASSWORD not in ran.out + ran.err + log
    left = [path for path in home.path.rglob("*") if path.is_file()]
    assert not [path for path in left if WRITTEN_PASSWORD.encode() in path.read_bytes()]
