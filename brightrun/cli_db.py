"""Commands about the store's database: which schema it has, and bringing it up to date."""

from __future__ import annotations

import typer

from brightrun.cli_arguments import JsonOption, print_json
from brightrun.errors import ExitCode

db_app = typer.Typer(help="The database of the store.", no_args_is_help=True)


@db_app.command("status")
def db_status(as_json: JsonOption = False) -> None:
    """Which schema the database has and this program needs; changes nothing."""
    from brightrun.configuration import configuration
    from brightrun.store.database import schema_at
    from brightrun.store.schema import HEAD, Standing

    schema = schema_at(configuration().database_url)
    if as_json:
        print_json(
            {
                "database": schema.place,
                "server": schema.server,
                "standing": schema.standing.value,
                "schema": schema.revision,
                "needed": HEAD,
                "access": "set" if schema.is_access_set else "not set",
            }
        )
    else:
        print(f"{schema.advice}\nIt is kept by {schema.server}.")
        if not schema.is_access_set:
            print("Who may see what is not set as this program has it: `brightrun db upgrade`, as the tables' owner.")
    raise typer.Exit(ExitCode.DONE if schema.standing is Standing.CURRENT else ExitCode.BAD_REQUEST)


@db_app.command("upgrade")
def db_upgrade(as_json: JsonOption = False) -> None:
    """Make the tables, or bring them to the schema this program needs; set who may see what."""
    from brightrun.configuration import configuration
    from brightrun.store.database import upgrade_database
    from brightrun.store.schema import HEAD

    was = upgrade_database(configuration().database_url)
    if as_json:
        print_json({"database": was.place, "was": was.revision, "schema": HEAD})
    elif was.revision == HEAD:
        print(f"The database {was.place} is at schema {HEAD} already.")
    else:
        print(
            f"The database {was.place} was {f'at schema {was.revision}' if was.revision else 'empty'}; it is at {HEAD}."
        )
