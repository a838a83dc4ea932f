"""What the commands of every file share: arguments, and how an answer is printed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

SpecArgument = Annotated[str, typer.Argument(metavar="SPEC", help="Path of the spec, a YAML file.")]
JobArgument = Annotated[str, typer.Argument(metavar="JOB", help="Id of the job, or the beginning of it.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line on stdout.")]


def make_console() -> Console:
    """A terminal for people."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def print_json(data: dict[str, Any]) -> None:
    """The answer of `--json`: one line."""
    print(json.dumps(data, ensure_ascii=False, default=str))
