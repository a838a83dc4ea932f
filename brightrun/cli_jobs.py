"""Commands about jobs that are there: what became of them, stopping one, releasing what it has."""

from __future__ import annotations

from brightrun.cli_arguments import JobArgument, JsonOption, make_console, print_json
from brightrun.errors import RequestError


def cancel(job: JobArgument, as_json: JsonOption = False) -> None:
    """Stop a job wherever it runs; what is in flight lands and is kept."""
    from brightrun.store.jobs import get_job, owner_is_alive, request_cancel
    from brightrun.workplace import workplace

    database = workplace().database
    with database.writing() as connection:
        found = get_job(connection, job)
        running = owner_is_alive(found)
        if running:
            request_cancel(connection, found.id)
    if not running:
        raise RequestError(f"The job {found.id} is not running; its status is {found.status.value}.")
    if as_json:
        print_json({"job_id": found.id, "cancel_requested": True})
    else:
        print(f"{found.id} is asked to stop; what is in flight will land.")


def jobs(as_json: JsonOption = False) -> None:
    """The jobs of this store, newest first."""
    from brightrun.store.jobs import list_jobs, owner_is_alive
    from brightrun.workplace import workplace

    with workplace().database.reading() as connection:
        found = list_jobs(connection)
    if as_json:
        print_json(
            {
                "jobs": [
                    {
                        "job_id": job.id,
                        "status": job.status.value,
                        "running": owner_is_alive(job),
                        "simulated": job.simulated,
                        "spent_usd": str(job.spent_usd),
                        "created_at": job.created_at.isoformat(),
                    }
                    for job in found
                ]
            }
        )
        return
    from brightrun.terminal import show_jobs

    show_jobs(make_console(), found)


def status(job: JobArgument, as_json: JsonOption = False) -> None:
    """What a job has come to, why, and at what cost."""
    from brightrun.store.jobs import get_job
    from brightrun.summary import located_summary
    from brightrun.workplace import workplace

    here = workplace()
    with here.database.reading() as connection:
        found = get_job(connection, job)
    summary = located_summary(here, found.id)
    if as_json:
        print_json(summary.model_dump(mode="json"))
        return
    from brightrun.terminal import show_summary

    show_summary(make_console(), summary)


def export(job: JobArgument, as_json: JsonOption = False) -> None:
    """Write the release of a job as it is now; the same job gives the same bytes."""
    from brightrun.building import export_again

    release = export_again(job)
    if as_json:
        print_json(release)
    else:
        print(release["path"])
