"""Commands about jobs that are there: what became of them, stopping one, releasing what it has."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from brightrun.cli_arguments import JobArgument, JsonOption, make_console, print_json
from brightrun.errors import ExitCode, RequestError

if TYPE_CHECKING:
    from brightrun.store.listing import ItemFilter

StateOption = Annotated[
    list[str] | None,
    typer.Option("--state", "--status", metavar="STATE", help="Only in this state; may be repeated, as all filters."),
]
ReasonOption = Annotated[list[str] | None, typer.Option("--reason", metavar="CODE", help="Only with this reason.")]
PersonaOption = Annotated[list[str] | None, typer.Option("--persona", metavar="KEY", help="Only of this persona.")]
ArcOption = Annotated[list[str] | None, typer.Option("--arc", metavar="KEY", help="Only of this arc.")]
TopicOption = Annotated[list[str] | None, typer.Option("--topic", metavar="KEY", help="Only of this topic.")]
ItemOption = Annotated[list[str] | None, typer.Option("--item", metavar="ID", help="Only this item.")]


def item_filter(
    state: list[str] | None,
    reason: list[str] | None,
    persona: list[str] | None,
    arc: list[str] | None,
    topic: list[str] | None,
    item: list[str] | None,
) -> ItemFilter:
    """What the options of a command mean."""
    from brightrun.store.listing import ItemFilter

    return ItemFilter(*(tuple(values or ()) for values in (state, reason, persona, arc, topic, item)))


def cancel(job: JobArgument, as_json: JsonOption = False) -> None:
    """Stop a job wherever it runs; what is in flight lands and is kept."""
    from brightrun.actor import actor
    from brightrun.joblog import note
    from brightrun.store.jobs import get_job, owner_is_alive, request_cancel
    from brightrun.workplace import workplace

    here = workplace()
    with here.database.writing() as connection:
        found = get_job(connection, job)
        if not owner_is_alive(found):
            raise RequestError(f"The job {found.id} is not running; its status is {found.status.value}.")
        asked_by = actor(connection)
        request_cancel(connection, found.id, asked_by)
    note(here.files, found.id, f"{asked_by} asked the job to stop")
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


def delete(
    job: JobArgument,
    part: Annotated[
        Literal["releases", "job"], typer.Argument(metavar="PART", help="`releases`, or `job` for all of it.")
    ],
    yes: Annotated[bool, typer.Option("--yes", help="Delete without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Delete a job's releases, or all of the job; first what would go is shown."""
    from brightrun.deleting import Part, delete_all_of, removal
    from brightrun.workplace import remote_files, workplace

    here = workplace()
    remote = remote_files(here.config)
    doomed = removal(here, remote, job, Part(part))
    if not as_json:
        from brightrun.terminal_records import show_removal

        show_removal(make_console(), doomed)
    if not yes and (as_json or not sys.stdin.isatty()):
        raise RequestError(f"Nothing was deleted: `brightrun delete {doomed.job_id} {part} --yes` does it.")
    if not yes and typer.prompt(f"To delete it, type {doomed.job_id}", default="", show_default=False) != doomed.job_id:
        raise RequestError("Nothing was deleted: that was not the job's id.")
    delete_all_of(here, remote, doomed)
    if as_json:
        print_json({"job_id": doomed.job_id, "part": part, "rows": doomed.rows, "files": doomed.file_count})
    else:
        print("It is deleted.")


def files(
    job: JobArgument,
    links: Annotated[bool, typer.Option("--links", help="With a link to each, for whoever gets it.")] = False,
    hours: Annotated[float, typer.Option("--hours", help="How long links hold.", min=0.01, max=168)] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """The files of a job's newest release, and its log; signed links to them, which expire."""
    from brightrun.job_files import files_of
    from brightrun.workplace import remote_files, workplace

    here = workplace()
    found = files_of(here, remote_files(here.config), job, hours if links else None)
    if as_json:
        print_json({"files": [asdict(file) for file in found]})
        return
    for file in found:
        print(f"{file.bytes:>12,}  {file.bucket}/{file.name}" + (f"\n{file.link}" if file.link else ""))


def items(
    job: JobArgument,
    state: StateOption = None,
    reason: ReasonOption = None,
    persona: PersonaOption = None,
    arc: ArcOption = None,
    topic: TopicOption = None,
    item: ItemOption = None,
    as_json: JsonOption = False,
) -> None:
    """The items of a job: where each stands, and why."""
    from brightrun.store.jobs import get_job
    from brightrun.store.listing import item_json, listed_items
    from brightrun.workplace import workplace

    wanted = item_filter(state, reason, persona, arc, topic, item)
    with workplace().database.reading() as connection:
        found = get_job(connection, job)
        listed = listed_items(connection, found.id, wanted)
    if as_json:
        print_json({"job_id": found.id, "items": [item_json(one) for one in listed]})
        return
    from brightrun.terminal_records import show_items

    show_items(make_console(), listed)


def logs(
    job: JobArgument,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until nobody works at the job.")] = False,
    as_json: JsonOption = False,
) -> None:
    """The log of a job."""
    from brightrun.joblog import log_lines, log_path
    from brightrun.store.jobs import get_job, owner_is_alive
    from brightrun.workplace import workplace

    here = workplace()

    def is_worked_at() -> bool:
        with here.database.reading() as connection:
            return owner_is_alive(get_job(connection, job))

    with here.database.reading() as connection:
        found = get_job(connection, job)
    path = log_path(here.files, found.id)
    lines = log_lines(path, is_worked_at if follow else lambda: False)
    if as_json:
        print_json({"job_id": found.id, "log": str(path), "lines": list(lines)})
        return
    for line in lines:
        print(line, flush=True)


def doctor(as_json: JsonOption = False) -> None:
    """What is configured, what can be reached, what is missing; costs nothing."""
    from brightrun.doctor import Health, examine

    seen = examine()
    if as_json:
        print_json({"observations": [asdict(one) for one in seen]})
    else:
        from brightrun.terminal_records import show_examination

        show_examination(make_console(), seen)
    raise typer.Exit(ExitCode.BAD_REQUEST if any(one.health is Health.BAD for one in seen) else ExitCode.DONE)
