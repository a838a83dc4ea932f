"""Running an expectation suite with Great Expectations, with its traps closed.

It drops what it cannot read and passes, takes an exception for a failure, sends usage events and draws progress
bars. Here the suite has been checked before, counts are compared, an exception is an error of the suite, and
nothing is written but the Data Docs. It is imported inside functions, because that takes seconds.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from brightrun.errors import SuiteError
from brightrun.quality.suite_file import COLUMN_PARAMETERS, Expectation, Suite, load_suite
from brightrun.quality.suite_report import UNEXPECTED_IDS, ExpectationResult, SuiteReport
from brightrun.quality.table import ID_COLUMN, ConversationRow, conversation_table, example_row

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.data_context.data_context.ephemeral_data_context import EphemeralDataContext

POSITION = "position_in_file"
"""Great Expectations regroups results and replaces ids; this entry of `meta` brings them back into order."""
SITE = "data_docs"
EXAMPLES = 3

RESULTS_PAGE = "results.html"
"""Leads to the page of the results, whose own path has the time in it. Without a network the index shows nothing; the
results can be read."""
RESULTS = """\
<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Results</title><meta http-equiv="refresh" content="0; url={place}">
<p><a href="{place}">The results</a></p></html>
"""

_one_at_a_time = Lock()
"""Great Expectations keeps its current context in a global."""


def run_suite(
    suite: Suite | Path, rows: pd.DataFrame | Sequence[ConversationRow], data_docs_folder: Path | None = None
) -> SuiteReport:
    """What the suite says about the rows. Data Docs are written into the folder, if one is given.

    Raises SuiteError if the suite is broken, or if one of its expectations could not be evaluated: that is no
    verdict on the data. A table without rows is not evaluated; its report has no results and has not passed.
    """
    import pandas as pd

    table = rows if isinstance(rows, pd.DataFrame) else conversation_table(rows)
    if isinstance(suite, Path):
        suite = load_suite(suite, columns=[str(column) for column in table.columns])
    if table.empty:
        return SuiteReport(suite=suite.name, file=suite.file, rows=0, results=(), data_docs=None)
    with _one_at_a_time:
        return _run(suite, table, data_docs_folder)


def prove_suite(suite: Suite, table: pd.DataFrame | None = None) -> None:
    """Run the suite over made-up rows (`table`, or conversations), whatever it says about them, so that one that
    cannot run stops the job now.

    `load_suite` has checked names; this finds wrong values, such as a text where a number belongs. Takes the
    seconds of the import, once in a process.
    """
    examples = [example_row(number) for number in range(1, EXAMPLES + 1)]
    run_suite(suite, conversation_table(examples) if table is None else table)


def _run(suite: Suite, table: pd.DataFrame, data_docs_folder: Path | None) -> SuiteReport:
    os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported
    logging.getLogger("great_expectations").setLevel(logging.WARNING)
    import great_expectations as gx

    _quieten()
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    loaded = context.suites.add(_loaded(suite))
    batch = (
        context.data_sources.add_pandas("conversations")
        .add_dataframe_asset("conversations")
        .add_batch_definition_whole_dataframe("conversations")
    )
    definition = context.validation_definitions.add(gx.ValidationDefinition(name=suite.name, data=batch, suite=loaded))
    has_ids = ID_COLUMN in table.columns
    outcome: Any = definition.run(
        batch_parameters={"dataframe": table},
        result_format={
            "result_format": "SUMMARY",
            "partial_unexpected_count": UNEXPECTED_IDS,
            "unexpected_index_column_names": [ID_COLUMN] if has_ids else [],
        },
    )
    results = _results(suite, outcome.to_json_dict()["results"])
    index = _write_data_docs(context, data_docs_folder) if data_docs_folder else None
    return SuiteReport(suite=suite.name, file=suite.file, rows=len(table), results=results, data_docs=index)


def _quieten() -> None:
    """No word of its temporary folders: some of its loggers set a level of their own."""
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == "great_expectations":
            logging.getLogger(name).setLevel(logging.WARNING)


def _loaded(suite: Suite) -> ExpectationSuite:
    """The suite as Great Expectations' own; SuiteError for each expectation that it refuses or drops."""
    from great_expectations.core.expectation_suite import ExpectationSuite
    from great_expectations.exceptions.exceptions import GreatExpectationsError

    configurations, problems = [], []
    for position, expectation in enumerate(suite.expectations):
        configuration = {
            "type": expectation.type,
            "kwargs": dict(expectation.kwargs),
            "severity": expectation.severity.value,
            "meta": {**expectation.meta, POSITION: position},
            "description": expectation.description,
        }
        try:
            kept = ExpectationSuite(name=suite.name, expectations=[dict(configuration)]).expectations
        except (ValueError, TypeError, GreatExpectationsError) as error:
            problems.append((expectation, " ".join(str(error).split())))
            continue
        if len(kept) != 1:
            problems.append((expectation, "Great Expectations does not know it and dropped it"))
        configurations.append(configuration)
    if problems:
        raise suite.error("cannot be used", problems)
    loaded = ExpectationSuite(name=suite.name, expectations=configurations)
    if len(loaded.expectations) != len(suite.expectations):
        raise SuiteError(
            f"{suite.file}: of {len(suite.expectations)} expectations {len(loaded.expectations)} were loaded"
        )
    return loaded


def _results(suite: Suite, answers: list[dict[str, Any]]) -> tuple[ExpectationResult, ...]:
    by_position = {answer["expectation_config"]["meta"][POSITION]: answer for answer in answers}
    if len(by_position) != len(suite.expectations):
        raise SuiteError(f"{suite.file}: of {len(suite.expectations)} expectations {len(by_position)} were evaluated")
    raised = [
        (expectation, message)
        for position, expectation in enumerate(suite.expectations)
        for message in _not_evaluated(by_position[position])
    ]
    if raised:
        raise suite.error("could not be evaluated", raised)
    return tuple(_result(expectation, by_position[position]) for position, expectation in enumerate(suite.expectations))


def _not_evaluated(answer: Mapping[str, Any]) -> Iterator[str]:
    """Why an answer is no verdict: something was raised, or there was nothing to measure."""
    yield from _exceptions(answer.get("exception_info") or {})
    observed = answer["result"].get("observed_value", 0)
    if not answer["success"] and (observed is None or observed != observed):
        yield "there is nothing to measure: the column has no values"


def _exceptions(info: Mapping[str, Any]) -> Iterator[str]:
    """Messages of what was raised; `exception_info` is one of these, or a map of them by metric."""
    if "raised_exception" not in info:
        for each in info.values():
            yield from _exceptions(each)
    elif info["raised_exception"]:
        yield str(info.get("exception_message") or "an exception without a message")


def _result(expectation: Expectation, answer: Mapping[str, Any]) -> ExpectationResult:
    measured = answer["result"]
    ids = [row[ID_COLUMN] for row in measured.get("partial_unexpected_index_list") or () if isinstance(row, Mapping)]
    why = expectation.description or expectation.meta.get("why")
    return ExpectationResult(
        type=expectation.type,
        columns=tuple(_columns(expectation.kwargs)),
        severity=expectation.severity,
        success=bool(answer["success"]),
        why=str(why) if why is not None else None,
        unexpected_ids=tuple(str(each) for each in ids[:UNEXPECTED_IDS]),
        unexpected_count=int(measured.get("unexpected_count") or 0),
        observed=_plain(measured.get("observed_value")),
        line=expectation.line,
    )


def _plain(value: Any) -> Any:
    """The value without numpy's types, which are left in places even in what is meant to become JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [_plain(each) for each in value]
    return value.item() if hasattr(value, "item") else value


def _columns(kwargs: Mapping[str, Any]) -> Iterator[str]:
    for parameter in COLUMN_PARAMETERS:
        named = kwargs.get(parameter)
        if named is not None:
            yield from named if isinstance(named, list) else [named]


def _write_data_docs(context: EphemeralDataContext, folder: Path) -> str:
    """Great Expectations' own pages about the run. They need the network and name the time: no part of a release."""
    context.add_data_docs_site(
        site_name=SITE,
        site_config={
            "class_name": "SiteBuilder",
            "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
            "store_backend": {
                "class_name": "TupleFilesystemStoreBackend",
                "base_directory": str(folder.resolve()),
            },
        },
    )
    context.build_data_docs(site_names=[SITE])
    page = max((folder / "validations").rglob("*.html"))  # the newest: the time is in its path
    place = quote(page.relative_to(folder).as_posix())
    (folder / RESULTS_PAGE).write_text(RESULTS.format(place=place), encoding="utf-8")
    return str(folder / "index.html")
