"""Commands about the records of a dataset: why each is what it is, and checking them again."""

from __future__ import annotations

from typing import Annotated

import typer

from brightrun.cli_arguments import JobArgument, JsonOption, make_console, print_json
from brightrun.errors import ExitCode, RequestError


def recheck(
    job: JobArgument,
    rule: Annotated[
        list[str] | None,
        typer.Option("--rule", metavar="CODE=fail|warn|off", help="Another ruling on a code; may be repeated."),
    ] = None,
    apply: Annotated[
        bool, typer.Option("--apply", help="Keep the results and decide anew; without it nothing is written.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the checks again over what a job has; nothing is generated."""
    from brightrun.rechecking import recheck as check_again
    from brightrun.workplace import workplace

    report = check_again(workplace(), job, _rulings(rule or ()), apply)
    if as_json:
        print_json(report.model_dump(mode="json"))
    else:
        from brightrun.terminal_records import show_recheck

        show_recheck(make_console(), report)
    raise typer.Exit(ExitCode.SHORT if report.no_longer_pass else ExitCode.DONE)


def _rulings(texts: list[str] | tuple[str, ...]) -> dict[str, str]:
    rulings = {}
    for text in texts:
        code, equals, ruling = text.partition("=")
        if not equals:
            raise RequestError(f"--rule takes CODE=fail, CODE=warn or CODE=off; it is {text!r}")
        rulings[code.strip()] = ruling.strip()
    return rulings


def explain(
    record: Annotated[str, typer.Argument(metavar="RECORD", help="Id of a conversation, a pair or an item.")],
    prompt: Annotated[bool, typer.Option("--prompt", help="Show the request as it was sent, too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Where a record comes from, and what was said of it."""
    from brightrun.explaining import explain as explanation_of
    from brightrun.workplace import workplace

    found = explanation_of(workplace(), record)
    if as_json:
        print_json(found.model_dump(mode="json"))
        return
    from brightrun.terminal_records import show_explanation

    show_explanation(make_console(), found, prompt)
