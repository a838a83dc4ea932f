"""Brings the generated parts of the documentation up to date: help texts, spec fields, codes, prices.

    .venv/bin/python docs/generate.py

Such a part stands between `<!-- generated: NAME ARGUMENTS -->` and `<!-- end -->`, where NAME is a key of
`GENERATORS`. `tests/unit/test_docs.py` fails while a page is not up to date.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner

from brightrun.claude.errors import POLICY, Decision
from brightrun.claude.pricing import load_prices
from brightrun.cli import app
from brightrun.conversation import ReplyProblem
from brightrun.errors import ExitCode
from brightrun.planning import make_plan
from brightrun.pricing_plan import priced
from brightrun.quality.checks import CHECKS, CHECKS_VERSION
from brightrun.quality.release_table import RELEASE_COLUMNS
from brightrun.quality.table import COLUMNS as CONVERSATION_COLUMNS
from brightrun.simulator.fault_plan import FaultRule
from brightrun.simulator.faults import Fault, FaultKind
from brightrun.spec import DatasetSpec
from brightrun.store.states import ItemState, JobStatus, Reason
from brightrun.summary import EXIT_CODES, BuildSummary

ROOT = Path(__file__).resolve().parent.parent
PART = re.compile(r"(<!-- generated: (?P<call>[^>]*?) -->\n).*?(<!-- end -->)", re.DOTALL)

COMMAND_WIDTH = "80"


def pages() -> list[Path]:
    """Every page of the documentation."""
    tops = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
    return [*tops, *sorted((ROOT / "docs").rglob("*.md"))]


def generated(text: str) -> str:
    """A page's text with its generated parts as they are to be."""

    def fill(part: re.Match[str]) -> str:
        name, *arguments = part["call"].split()
        return f"{part[1]}{GENERATORS[name](*arguments).rstrip()}\n{part[3]}"

    return PART.sub(fill, text)


def command_names() -> list[tuple[str, ...]]:
    """Every command that does something, as typed: ("build",), ("server", "status")."""

    def walk(command: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        inner = getattr(command, "commands", None)
        if inner is None:
            yield path
            return
        for name, sub in inner.items():
            yield from walk(sub, (*path, name))

    return list(walk(get_command(app), ()))


def help_of(*command: str) -> str:
    """What `brightrun COMMAND --help` prints."""
    shown = CliRunner().invoke(app, [*command, "--help"], prog_name="brightrun", env={"COLUMNS": COMMAND_WIDTH})
    assert shown.exit_code == 0, shown.output
    return "```text\n" + "\n".join(line.rstrip() for line in shown.output.strip().splitlines()) + "\n```"


def fields_of(part: str) -> str:
    """A table of the fields of one part of a spec: what may stand there, what stands there unless set, what for."""
    schema = DatasetSpec.model_json_schema()
    return _field_table(schema if part == "DatasetSpec" else schema["$defs"][part])


def _field_table(found: dict[str, Any]) -> str:
    required = found.get("required", [])
    rows = ["| field | values | unless set | what it is |", "|---|---|---|---|"]
    for name, field in found["properties"].items():
        unless = "required" if name in required else _default(field)
        rows.append(f"| `{name}` | {_values(field)} | {unless} | {field.get('description', _section(field))} |")
    return "\n".join(rows)


def faults(kind: str) -> str:
    """A table of the simulator's faults of one kind."""
    wire = kind == FaultKind.WIRE
    heads = ["name", "what the client sees", *(["paid", "delivered"] if wire else []), "parameters"]
    rows = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    for fault in Fault:
        facts = fault.facts
        if facts.kind == kind:
            account = ["yes" if facts.paid else "no", facts.delivered] if wire else []
            parameters = ", ".join(f"`{parameter}`" for parameter in facts.parameters)
            rows.append(f"| {' | '.join([f'`{fault.value}`', facts.seen, *account, parameters])} |")
    return "\n".join(rows)


def fault_rule() -> str:
    """A table of the fields of a fault rule."""
    return _field_table(_without_names_of_faults(FaultRule.model_json_schema()))


def _without_names_of_faults(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with its small enumerations written out, and the names of the faults left to their tables."""
    definitions = schema["$defs"]
    named = {"type": "string", "description": schema["properties"]["fault"]["description"]}
    properties = {
        name: {**definitions[reference], **{key: value for key, value in field.items() if key != "$ref"}}
        if (reference := _reference(field))
        else field
        for name, field in schema["properties"].items()
    }
    return {**schema, "properties": {**properties, "fault": named}}


def columns_of(table: str) -> str:
    """A table of the columns that an expectation suite looks at: of `conversations`, or of the `release`."""
    columns = {"conversations": CONVERSATION_COLUMNS, "release": RELEASE_COLUMNS}[table]
    rows = [f"| `{name}` | {meaning} |" for name, meaning in columns.items()]
    return "\n".join(["| column | what it is |", "|---|---|", *rows])


def exit_codes() -> str:
    """A table of the exit codes, and of the job statuses that lead to them."""
    rows = ["| code | meaning | status of the job |", "|---|---|---|"]
    for code in ExitCode:
        statuses = ", ".join(f"`{status.value}`" for status, ends_with in EXIT_CODES.items() if ends_with is code)
        rows.append(f"| {code.value} | {EXIT_MEANINGS[code]} | {statuses} |")
    return "\n".join(rows)


def call_reasons() -> str:
    """A table of what can go wrong with a call, and what is done about it."""
    rows = ["| code | what is done | counted as paid |", "|---|---|---|"]
    for category, (decision, possibly_paid) in POLICY.items():
        paid = "possibly, in full" if possibly_paid else "no"
        rows.append(f"| `{category.value}` | {DECISIONS[decision]} | {paid} |")
    return "\n".join(rows)


def reply_reasons() -> str:
    """The reason codes of replies that are no conversation."""
    return _code_list(ReplyProblem)


def run_reasons() -> str:
    """The reason codes of items that are neither of a call, a reply nor a check."""
    return _code_list(Reason)


def checks() -> str:
    """A table of the checks of one conversation, in the order in which they run."""
    rows = ["| check | version | codes |", "|---|---|---|"]
    for check in CHECKS:
        codes = ", ".join(f"`{code.value}`" for code in check.codes)
        rows.append(f"| `{check.name}` | {check.version} | {codes} |")
    return "\n".join(rows)


def checks_version() -> str:
    return f"Version of the checks: `{CHECKS_VERSION}`"


def item_states() -> str:
    return _code_list(ItemState)


def job_statuses() -> str:
    return _code_list(JobStatus)


def summary_fields() -> str:
    """The keys of what `build --json`, `resume --json` and `status --json` print."""
    return ", ".join(f"`{name}`" for name in BuildSummary.model_fields) + "."


def prices() -> str:
    """The bundled price list."""
    listed = load_prices()
    rows = [
        f"US dollars per million tokens, as of {listed.as_of} ({listed.source}):",
        "",
        "| model | input | output |",
        "|---|---|---|",
    ]
    for name, price in listed.models.items():
        rows.append(f"| `{name}` | {price.input} | {price.output} |")
        if price.long_prompt:
            above = f"`{name}`, prompts above {price.long_prompt.above:,} tokens"
            rows.append(f"| {above} | {price.long_prompt.input} | {price.long_prompt.output} |")
    factors = listed.cache
    rows += [
        "",
        f"Writing to the prompt cache costs {factors.write_5m} × the input price (5 minutes) or {factors.write_1h} × "
        f"(1 hour), reading from it {factors.read} ×.",
    ]
    return "\n".join(rows)


def estimates(*specs: str) -> str:
    """What `brightrun plan` expects these specs to cost."""
    rows = ["| spec | conversations | expected cost | prompt tokens each |", "|---|---|---|---|"]
    return "\n".join([*rows, *(_estimate(spec) for spec in specs)])


@cache
def _estimate(spec: str) -> str:
    """The row of one spec. Its tokens are counted by a simulator: no key is used."""
    with tempfile.TemporaryDirectory() as home, unconfigured():
        plan = make_plan(ROOT / spec)
        price = priced(plan, Path(home))
    return f"| `{spec}` | {len(plan.items):,} | ${price.low_usd} to ${price.high_usd} | {price.prompt_tokens:,} |"


@contextmanager
def unconfigured() -> Iterator[None]:
    """Without a key and a base URL while inside, so that it is the simulator that counts."""
    held = {name: os.environ.pop(name) for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL") if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)


GENERATORS: dict[str, Callable[..., str]] = {
    "help": help_of,
    "fields": fields_of,
    "columns": columns_of,
    "faults": faults,
    "fault-rule": fault_rule,
    "exit-codes": exit_codes,
    "call-reasons": call_reasons,
    "reply-reasons": reply_reasons,
    "run-reasons": run_reasons,
    "checks": checks,
    "checks-version": checks_version,
    "item-states": item_states,
    "job-statuses": job_statuses,
    "summary-fields": summary_fields,
    "prices": prices,
    "estimates": estimates,
}

EXIT_MEANINGS = {
    ExitCode.DONE: "done as planned",
    ExitCode.SHORT: "finished short, below the quality gate, or with an error of the program's surroundings",
    ExitCode.BAD_REQUEST: "the request was wrong: spec, catalog, suite, arguments or configuration; nothing was sent",
    ExitCode.BUDGET: "stopped by the budget",
    ExitCode.API: "stopped by the API: credentials, permission or a spend limit",
    ExitCode.INTERRUPTED: "interrupted: Ctrl-C, SIGTERM, or a cancel from elsewhere",
}

DECISIONS = {
    Decision.RETRY_NOW: "tries again at once",
    Decision.SHRINK: "halves the calls in flight, waits as long as it is told, then tries again",
    Decision.BACK_OFF: "waits, then tries again",
    Decision.GIVE_UP_ITEM: "gives up this conversation",
    Decision.STOP_JOB: "stops the job, exit code 4",
}


def _code_list(codes: type[StrEnum]) -> str:
    return ", ".join(f"`{code.value}`" for code in codes) + "."


def _section(field: dict[str, Any]) -> str:
    name = _reference(field)
    return f"see [{name}](#{name.lower()})" if name else ""


def _reference(field: dict[str, Any]) -> str | None:
    for option in (field, *field.get("anyOf", ())):
        if "$ref" in option:
            return str(option["$ref"]).rsplit("/", 1)[1]
    return None


def _values(field: dict[str, Any]) -> str:
    options = [_value(option) for option in field.get("anyOf", [field])]
    return ", or ".join(dict.fromkeys(option for option in options if option)).replace("|", "\\|")


def _value(option: dict[str, Any]) -> str:
    if reference := option.get("$ref"):
        name = reference.rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "const" in option:
        return f"`{option['const']}`"
    if "enum" in option:
        return ", ".join(f"`{value}`" for value in option["enum"])
    kind = option.get("type")
    if kind == "array":
        inner = _value(option["items"])
        return "a list of keys" if inner == "text" else f"a list of {inner}"
    if kind == "object":
        return "a mapping: " + ", ".join(f"`{name}`" for name in option.get("propertyNames", {}).get("enum", ()))
    if kind == "string":
        return "text" if not option.get("contentEncoding") and "maximum" not in option else ""
    if kind in ("integer", "number"):
        return ("whole number" if kind == "integer" else "number") + _bounds(option)
    return "null" if kind == "null" else "true, false" if kind == "boolean" else str(kind)


def _bounds(option: dict[str, Any]) -> str:
    lowest = option.get("minimum", option.get("exclusiveMinimum"))
    highest = option.get("maximum", option.get("exclusiveMaximum"))
    said = []
    if lowest is not None:
        said.append(f"{'from' if 'minimum' in option else 'above'} {_number(lowest)}")
    if highest is not None:
        said.append(f"{'to' if 'maximum' in option else 'below'} {_number(highest)}")
    return (" " + " ".join(said)) if said else ""


def _number(value: float) -> str:
    return f"{int(value):,}" if value == int(value) else str(value)


def _default(field: dict[str, Any]) -> str:
    if _reference(field) and field.get("default") is not None:
        return "as in its table"
    return f"`{json.dumps(field['default'])}`" if "default" in field else "required"


def main() -> None:
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = generated(before)
        if after != before:
            page.write_text(after, encoding="utf-8")
            print(f"brought up to date: {page.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
