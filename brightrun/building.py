"""What the commands `build` and `export` need around the flows."""

from __future__ import annotations

from typing import Any

from brightrun.actor import actor
from brightrun.catalog import Catalog
from brightrun.endpoint import will_simulate
from brightrun.enrichment import enrich_job
from brightrun.errors import ExportError, JobBusyError
from brightrun.exporting import export_job, failed_expectations, load_suites
from brightrun.planning import identity_of, make_plan
from brightrun.sending import send_files
from brightrun.spec import parse_spec
from brightrun.store.jobs import catalog_json, get_job, latest_job, owner_is_alive
from brightrun.workplace import workplace


def refuse_early(spec: str, new: bool) -> None:
    """Say what is wrong with the request before a server is started for it.

    Raises ProblemsError or SuiteError, as `actor` where nobody can sign for it, or JobBusyError where somebody else is
    building the same.
    """
    here = workplace()
    plan = make_plan(spec, here.config.home)
    load_suites(plan.spec, plan.loaded.source.name)
    with here.database.reading() as connection:
        actor(connection)
        there = latest_job(connection, identity_of(plan, will_simulate()))
    if there and not new and owner_is_alive(there):
        raise JobBusyError(
            f"The job {there.id} is being built by {there.owner} already; `brightrun status {there.id}` shows it, "
            "`--new` builds another."
        )


def export_again(job_id: str) -> dict[str, Any]:
    """Check the dataset of a job and write its release. Raises ExportError where the gate holds it back."""
    here = workplace()
    with here.database.reading() as connection:
        job = get_job(connection, job_id)
        catalog = Catalog.model_validate(catalog_json(connection, job.id))
    if owner_is_alive(job):
        raise JobBusyError(f"The job {job.id} is being run by {job.owner}; it exports at its end.")
    spec = parse_spec(job.spec, job.id)
    enrich_job(here.database, here.files, job, catalog)
    exported = export_job(here.database, here.files, job.id, catalog, spec)
    send_files(here, job.id)
    release, suite = exported.release, exported.suite
    if suite is None:
        raise ExportError(f"The job {job.id} has no accepted conversation; there is nothing to release.")
    if release is None:
        raise ExportError(f"No release of {job.id}: critical expectations failed: {failed_expectations(suite)}")
    return {
        "job_id": job.id,
        "version": release.version,
        "path": str(release.path),
        "files": [file.model_dump(mode="json") for file in release.files],
    }
