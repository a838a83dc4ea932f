"""An expectation suite as its file says it, checked without Great Expectations, which takes seconds to import.

Great Expectations drops what it does not know and then passes: a misspelt type would check nothing. So everything
in the file has to be known here, before any money is spent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from brightrun.errors import Problem, ProblemsError, SuiteError
from brightrun.quality.expectation_types import EXPECTATION_TYPES, SQL_ONLY
from brightrun.quality.table import COLUMNS
from brightrun.yaml_source import nearest

SUITE_KEYS = ("name", "expectations", "meta", "notes")
EXPECTATION_KEYS = ("type", "kwargs", "severity", "meta", "description")
REQUIRED_KEYS = ("type", "kwargs", "severity")
EXPECTATIONS_LIST = re.compile(r'"expectations"\s*:\s*\[')
COLUMN_PARAMETERS = ("column", "column_A", "column_B", "column_list", "column_set")


class ExpectationSeverity(StrEnum):
    """A critical failure keeps the dataset from release. A warning is shown, and an info noted."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True)
class Expectation:
    """One expectation of a suite; `line` is where it begins in the file."""

    type: str
    kwargs: Mapping[str, Any]
    severity: ExpectationSeverity
    meta: Mapping[str, Any]
    description: str | None
    line: int


@dataclass(frozen=True)
class Suite:
    """A suite that is well written: every type, parameter, column and severity in it exists."""

    name: str
    file: str
    expectations: tuple[Expectation, ...]

    def error(self, subject: str, problems: Iterable[tuple[Expectation, str]]) -> SuiteError:
        """The error that says what is wrong with which expectation, by file and line."""
        return suite_error(
            f"{self.file}: {subject}",
            [Problem(self.file, e.line, f"{e.type}: {message}") for e, message in problems],
        )


def suite_error(subject: str, problems: Sequence[Problem]) -> SuiteError:
    return SuiteError(str(ProblemsError(subject, problems)))


def load_suite(path: Path, columns: Iterable[str] = COLUMNS) -> Suite:
    """The suite in `path`, for a table with these columns. Raises SuiteError with everything that is wrong."""
    reading = _Reading(str(path), _text(path), tuple(columns))
    return reading.suite()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        others = sorted(other.name for other in path.parent.glob("*.json")) if path.parent.is_dir() else []
        hint = f"; suites in {path.parent}: {', '.join(others)}" if others else ""
        raise SuiteError(f"{path}: there is no such expectation suite{hint}") from None
    except UnicodeDecodeError as error:
        raise SuiteError(f"{path}: is not UTF-8 text ({error.reason} at byte {error.start})") from error
    except OSError as error:
        raise SuiteError(f"{path}: cannot be read ({error.strerror})") from error


@dataclass
class _Reading:
    """What is being read, and what was wrong with it so far."""

    file: str
    text: str
    columns: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)

    def suite(self) -> Suite:
        data = self._json()
        if not isinstance(data, dict):
            raise suite_error(self.file, [self._problem(1, "a suite is an object with `expectations`")])
        self._known(data, SUITE_KEYS, 1, "")
        name = data.get("name", Path(self.file).stem)
        if not (isinstance(name, str) and name.strip()):
            self._say(1, "`name` must be a text")
        listed = data.get("expectations")
        expectations: list[Expectation] = []
        if not isinstance(listed, list) or not listed:
            self._say(1, "`expectations` must be a list that is not empty: a suite without any would pass anything")
        else:
            for number, (entry, line) in enumerate(zip(listed, self._lines(listed), strict=True), 1):
                if (expectation := self._expectation(entry, number, line)) is not None:
                    expectations.append(expectation)
        if self.problems:
            raise suite_error("The expectation suite cannot be used", self.problems)
        return Suite(str(name), self.file, tuple(expectations))

    def _json(self) -> Any:
        try:
            return json.loads(self.text, object_pairs_hook=self._without_repeats)
        except json.JSONDecodeError as error:
            problem = self._problem(error.lineno, f"is not JSON: {error.msg} (column {error.colno})")
            raise suite_error("The expectation suite cannot be used", [problem]) from error
        except RecursionError as error:
            raise suite_error(self.file, [self._problem(0, "is nested too deeply")]) from error

    def _without_repeats(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        """JSON takes the last of two equal keys without a word, and what stood first would never be checked."""
        found = dict(pairs)
        if len(found) < len(pairs):
            repeated = next(key for key in found if sum(key == other for other, _ in pairs) > 1)
            self._say(0, f"the key `{repeated}` stands twice in one object")
        return found

    def _lines(self, listed: list[Any]) -> list[int]:
        """The line on which each expectation begins."""
        for match in EXPECTATIONS_LIST.finditer(self.text):
            beginning = match.end() - 1
            with suppress(json.JSONDecodeError):  # the words may stand in a text too
                if json.JSONDecoder().raw_decode(self.text, beginning)[0] == listed:
                    return self._lines_from(beginning + 1, len(listed))
        return [1] * len(listed)

    def _lines_from(self, position: int, count: int) -> list[int]:
        decoder, lines = json.JSONDecoder(), []
        for _ in range(count):
            while self.text[position] in " \t\r\n,":
                position += 1
            lines.append(self.text.count("\n", 0, position) + 1)
            _, position = decoder.raw_decode(self.text, position)
        return lines

    def _expectation(self, entry: Any, number: int, line: int) -> Expectation | None:
        if not isinstance(entry, dict):
            self._say(line, f"expectation {number} must be an object with {', '.join(REQUIRED_KEYS)}")
            return None
        before = len(self.problems)
        where = f"expectation {number}"
        self._known(entry, EXPECTATION_KEYS, line, f"{where}: ")
        for key in REQUIRED_KEYS:
            if key not in entry:
                self._say(line, f"{where}: `{key}` is missing")
        if "severity" in entry:
            self._severity(entry["severity"], line, where)
        for key, kind, name in (("meta", dict, "an object"), ("description", str, "a text")):
            if not isinstance(entry.get(key, kind()), kind):
                self._say(line, f"{where}: `{key}` must be {name}")
        if "type" in entry and "kwargs" in entry:
            self._type(entry["type"], entry["kwargs"], line, where)
        if len(self.problems) > before:
            return None
        return Expectation(
            type=entry["type"],
            kwargs=entry["kwargs"],
            severity=ExpectationSeverity(entry["severity"]),
            meta=entry.get("meta", {}),
            description=entry.get("description"),
            line=line,
        )

    def _severity(self, severity: Any, line: int, where: str) -> None:
        allowed = [each.value for each in ExpectationSeverity]
        if severity not in allowed:
            hint = nearest(str(severity), allowed)
            self._say(line, f"{where}: severity {severity!r} is not one of {', '.join(allowed)}{hint}")

    def _type(self, type_: Any, kwargs: Any, line: int, where: str) -> None:
        if not isinstance(type_, str):
            self._say(line, f"{where}: `type` must be the name of an expectation, not {type_!r}")
        elif type_ in SQL_ONLY:
            self._say(line, f"{where}: `{type_}` works on SQL databases only, not on this table")
        elif type_ not in EXPECTATION_TYPES:
            hint = nearest(type_, EXPECTATION_TYPES) or "; docs/guide/expectations.md lists the known ones"
            self._say(line, f"{where}: there is no expectation type `{type_}`{hint}")
        elif not isinstance(kwargs, dict):
            self._say(line, f"{where} ({type_}): `kwargs` must be an object")
        else:
            parameters = EXPECTATION_TYPES[type_]
            self._known(kwargs, parameters.allowed, line, f"{where} ({type_}): ")
            for name in parameters.required:
                if name not in kwargs:
                    self._say(line, f"{where} ({type_}): the parameter `{name}` is missing")
            self._columns(kwargs, line, f"{where} ({type_})")

    def _columns(self, kwargs: dict[str, Any], line: int, where: str) -> None:
        for parameter in COLUMN_PARAMETERS:
            if parameter not in kwargs:
                continue
            named = kwargs[parameter]
            for column in named if isinstance(named, list) else [named]:
                if column not in self.columns:
                    hint = nearest(str(column), self.columns)
                    known = "" if hint else f"; columns: {', '.join(self.columns)}"
                    self._say(line, f"{where}: the table has no column `{column}`{hint}{known}")

    def _known(self, found: Mapping[str, Any], allowed: Sequence[str], line: int, where: str) -> None:
        for key in found:
            if key not in allowed:
                hint = nearest(key, allowed)
                self._say(line, f"{where}unknown key `{key}`{hint}; allowed: {', '.join(allowed)}")

    def _say(self, line: int, message: str) -> None:
        self.problems.append(self._problem(line, message))

    def _problem(self, line: int, message: str) -> Problem:
        return Problem(self.file, line, message)
