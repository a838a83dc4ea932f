"""The command `brightrun`. Every import that costs time stands in the command that needs it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from brightrun import __version__
from brightrun.cli_arguments import JobArgument, JsonOption, SpecArgument, make_console, print_json
from brightrun.cli_db import db_app
from brightrun.cli_jobs import (
    ArcOption,
    ItemOption,
    PersonaOption,
    ReasonOption,
    StateOption,
    TopicOption,
    cancel,
    delete,
    doctor,
    export,
    files,
    item_filter,
    items,
    jobs,
    logs,
    status,
)
from brightrun.cli_records import explain, recheck
from brightrun.errors import BrightRunError, ExitCode, InterruptedRunError, RequestError

if TYPE_CHECKING:
    from brightrun.summary import BuildSummary

app = typer.Typer(
    name="brightrun",
    help="Conversation datasets for fine-tuning: persona × emotional arc × training topic.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
server_app = typer.Typer(help="The local Prefect server that `build` started.", no_args_is_help=True)
app.add_typer(server_app, name="server")
app.add_typer(db_app, name="db")


def main() -> None:
    """The program. Exit codes are those of `ExitCode`; errors are one message on stderr, never a traceback."""
    arguments = sys.argv[1:]
    as_json = "--json" in arguments
    try:
        code = app(arguments, standalone_mode=False)
    except BrightRunError as error:
        _refuse(str(error), error.exit_code, as_json, type(error).__name__)
    except KeyboardInterrupt:
        _refuse("Interrupted.", ExitCode.INTERRUPTED, as_json, "KeyboardInterrupt")
    except OSError as error:
        if error.filename is None:
            raise
        _refuse(f"{error.filename}: {error.strerror}", ExitCode.SHORT, as_json, type(error).__name__)
    except Exception as error:
        if not hasattr(error, "format_message"):
            raise
        hint = getattr(error, "ctx", None)
        usage = f"\n{hint.get_usage()}" if hint is not None else ""
        _refuse(f"{error.format_message()}{usage}", ExitCode.BAD_REQUEST, as_json, type(error).__name__)
    raise SystemExit(int(code or 0))  # what a command's Exit carried


def _refuse(message: str, code: ExitCode, as_json: bool, kind: str) -> NoReturn:
    from brightrun.configuration import redacted

    print(redacted(message), file=sys.stderr)
    if as_json:
        print(json.dumps({"error": redacted(message), "kind": kind, "exit_code": int(code)}))
    raise SystemExit(int(code))


def _version(wanted: bool) -> None:
    if wanted:
        print(f"brightrun {__version__}")
        raise typer.Exit


@app.callback()
def _program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Conversation datasets for fine-tuning: persona × emotional arc × training topic."""


@app.command()
def init(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new catalog and spec.")],
    origin: Annotated[str, typer.Option("--from", help="Catalog to begin with.")] = "financial_planning",
    folder: Annotated[Path, typer.Option("--into", help="Where catalogs/ and datasets/ are.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Make a catalog and a spec of one's own to edit."""
    from brightrun.starting import start_catalog

    made = start_catalog(name, origin, folder)
    if as_json:
        print_json({"catalog": str(made.catalog), "spec": str(made.spec)})
        return
    console = make_console()
    console.print(f"catalog  {made.catalog}\nspec     {made.spec}\n")
    console.print(f"Edit them, look at what comes of it, then build:\n  brightrun preview {made.spec}")
    console.print(f"  brightrun build {made.spec}")


@app.command()
def plan(
    spec: SpecArgument,
    cells: Annotated[bool, typer.Option("--cells", help="List every combination with its template.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Grid, templates, warnings and price range of a spec; spends nothing."""
    from brightrun.configuration import configuration
    from brightrun.exporting import load_suites
    from brightrun.planning import make_plan
    from brightrun.pricing_plan import priced

    home = configuration().home
    planned = make_plan(spec, home)
    load_suites(planned.spec, planned.loaded.source.name)
    price, not_priced = None, None
    try:
        price = priced(planned, home)
    except BrightRunError as error:
        not_priced = error
    if as_json and price is not None:
        from brightrun.pricing_plan import plan_json

        print_json(plan_json(planned, price))
    elif not as_json:
        from brightrun.terminal import show_cells, show_plan

        console = make_console()
        show_plan(console, planned, price)
        if cells:
            show_cells(console, planned)
    if not_priced is not None:  # the grid is worth showing without its price
        raise not_priced


@app.command()
def preview(
    spec: SpecArgument,
    count: Annotated[int, typer.Option("-n", min=1, max=20, help="How many conversations.")] = 2,
    as_json: JsonOption = False,
) -> None:
    """Build a few conversations and show them as a chat, with their cost."""
    from brightrun.endpoint import claude_endpoint
    from brightrun.planning import make_plan
    from brightrun.preview import preview as build_preview
    from brightrun.workplace import workplace

    here = workplace()
    planned = make_plan(spec, here.config.home)
    with claude_endpoint(here.config.home) as endpoint:
        made = build_preview(here, planned, endpoint, count)
    complete = all(entry.verdict == "accepted" for entry in made.conversations)
    if as_json:
        from brightrun.preview import preview_json

        print_json(preview_json(made))
    else:
        from brightrun.terminal import show_preview

        show_preview(make_console(), made, planned.catalog)
    raise typer.Exit(ExitCode.DONE if complete else ExitCode.SHORT)


@app.command()
def build(
    spec: SpecArgument,
    new: Annotated[bool, typer.Option("--new", help="Another job, even if one of the same content is there.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Build the dataset: plan, generate, validate, enrich, export."""
    from brightrun.building import refuse_early
    from brightrun.configuration import configuration

    refuse_early(spec, new)

    def run() -> BuildSummary:
        from flows.build_dataset import build_dataset

        return build_dataset(spec, new)

    configuration()
    _carry_out(run, as_json, "Building")


@app.command()
def resume(
    job: JobArgument,
    budget: Annotated[str | None, typer.Option("--budget", help="Another budget for all of the job, in USD.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Go on with a job that was stopped, killed or ran out of budget."""
    from brightrun.endpoint import will_simulate
    from brightrun.resuming import prepare_resume
    from brightrun.workplace import workplace

    amount = _dollars(budget)
    job_id = prepare_resume(workplace(), job, will_simulate(), amount).id

    def run() -> BuildSummary:
        from flows.resume import resume as resume_flow

        return resume_flow(job_id, amount)

    _carry_out(run, as_json, "Going on")


for command in (cancel, jobs, status, items, logs, export, files, delete, explain, recheck, doctor):
    app.command()(command)


@app.command()
def retry(
    job: JobArgument,
    reason: ReasonOption = None,
    state: StateOption = None,
    persona: PersonaOption = None,
    arc: ArcOption = None,
    topic: TopicOption = None,
    item: ItemOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give items that failed or were rejected for good another attempt, and go on with the job."""
    from brightrun.endpoint import will_simulate
    from brightrun.resuming import prepare_resume
    from brightrun.retrying import give_another_attempt
    from brightrun.workplace import workplace

    here = workplace()
    job_id = prepare_resume(here, job, will_simulate(), None).id
    count = give_another_attempt(here, job_id, item_filter(state, reason, persona, arc, topic, item))
    print(f"{count} conversations are tried again.", file=sys.stderr)

    def run() -> BuildSummary:
        from flows.resume import resume as resume_flow

        return resume_flow(job_id)

    _carry_out(run, as_json, "Trying again")


@app.command()
def simulate(
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 8787,
    seed: Annotated[int, typer.Option(help="Another seed, other replies.")] = 0,
    latency: Annotated[str, typer.Option(help="Seconds an answer takes, as lowest:highest.")] = "0.05:0.4",
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    faults: Annotated[Path | None, typer.Option(metavar="FILE", help="Fault plan: what goes wrong, in YAML.")] = None,
    fault: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A fault, as NAME:0.05 or NAME@3,7-9; may be repeated.")
    ] = None,
    requests_per_minute: Annotated[
        int | None, typer.Option(help="Requests a minute and model; large unless set.")
    ] = None,
    input_tokens_per_minute: Annotated[
        int | None, typer.Option(help="Input tokens a minute and model; large unless set.")
    ] = None,
    output_tokens_per_minute: Annotated[
        int | None, typer.Option(help="Output tokens a minute and model; large unless set.")
    ] = None,
) -> None:
    """Run the fake Claude alone, for ANTHROPIC_BASE_URL."""
    from brightrun.simulator.command import simulate as run_simulator

    limits = {
        "requests": requests_per_minute,
        "input_tokens": input_tokens_per_minute,
        "output_tokens": output_tokens_per_minute,
    }
    raise typer.Exit(run_simulator(host, port, seed, latency, limits, faults, fault or ()))


@server_app.command("status")
def server_status(as_json: JsonOption = False) -> None:
    """Whether the local Prefect server runs, and where."""
    from brightrun.configuration import configuration
    from brightrun.local_server import answers, find_server

    found = find_server(configuration().home)
    answering = found is not None and answers(found)
    if as_json:
        print_json(
            {
                "running": found is not None,
                "answering": answering,
                "api_url": found.url if found else None,
                "ui_url": found.ui_url if found else None,
                "pid": found.pid if found else None,
            }
        )
    elif found is None:
        print("No local Prefect server is running; `brightrun build` starts one.")
    else:
        state = "answers" if answering else "does not answer"
        print(f"The Prefect server {state} at {found.ui_url} (process {found.pid}, log {found.log_path})")


@server_app.command("stop")
def server_stop(as_json: JsonOption = False) -> None:
    """Stop the local Prefect server; its database stays."""
    from brightrun.configuration import configuration
    from brightrun.local_server import stop_server

    stopped = stop_server(configuration().home)
    if as_json:
        print_json({"stopped": stopped})
    else:
        print("Stopped." if stopped else "No local Prefect server was running.")


def _dollars(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        amount = Decimal(text)
    except InvalidOperation:
        raise RequestError(f"--budget takes an amount in US dollars, such as 12.50; it is {text!r}") from None
    if not amount.is_finite() or amount < 0:
        raise RequestError(f"--budget takes an amount of 0 or more; it is {text}")
    return amount


def _carry_out(run: Callable[[], BuildSummary], as_json: bool, title: str) -> NoReturn:
    """Run a flow under a progress bar, print what came of it, and end with its exit code."""
    from brightrun.runtime import last_job
    from brightrun.summary import located_summary
    from brightrun.workplace import workplace

    summary: BuildSummary | None = None
    failure: BrightRunError | None = None
    with _progress(title, as_json):
        try:
            summary = run()
        except BrightRunError as error:
            failure = error
    if summary is None:
        assert failure is not None
        job_id = last_job()
        if job_id is None:
            raise failure
        summary = located_summary(workplace(), job_id)
        if not isinstance(failure, InterruptedRunError) and failure.exit_code != summary.exit_code:
            raise failure
    if as_json:
        print_json(summary.model_dump(mode="json"))
    else:
        from brightrun.terminal import show_summary

        show_summary(make_console(), summary)
    raise typer.Exit(failure.exit_code if failure else summary.exit_code)


@contextmanager
def _progress(title: str, as_json: bool) -> Iterator[None]:
    if as_json:
        yield
        return
    from brightrun.progress import progress_bar

    with progress_bar(title):
        yield


if __name__ == "__main__":
    main()
