"""Texts of the files a user names as evaluation data: JSON Lines, plain text and Parquet, with their lines."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from brightrun.errors import Problem, ProblemsError

SUFFIXES = (".jsonl", ".ndjson", ".txt", ".parquet")
BATCH_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class EvaluationFile:
    """A file a model is to be evaluated with: `name` as the spec has it, `path` where it is."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True)
class EvaluationText:
    """A text, and the line it begins in (the row of a Parquet file), from 1."""

    line: int
    text: str
    spans_lines: bool = False
    """Its line breaks are the file's."""


def sha256_of(file: EvaluationFile) -> str:
    """SHA-256 of the file's bytes. Raises ProblemsError where it cannot be read."""
    try:
        with file.path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError as error:
        raise _problem(file, 0, f"it cannot be read: {error.strerror or error}") from error


def evaluation_texts(file: EvaluationFile) -> Iterator[EvaluationText]:
    """All texts of a file: every string of a JSON line or of a row, however deep, and a plain file as one.

    Raises ProblemsError with file and line for what cannot be read.
    """
    suffix = file.path.suffix.lower()
    if suffix not in SUFFIXES:
        raise _problem(file, 0, f"its name must end in one of {', '.join(SUFFIXES)}")
    try:
        if suffix == ".txt":
            yield EvaluationText(1, _decoded(file, 0, file.path.read_bytes()), spans_lines=True)
        elif suffix == ".parquet":
            yield from _parquet_texts(file)
        else:
            yield from _json_texts(file)
    except OSError as error:
        raise _problem(file, 0, f"it cannot be read: {error.strerror or error}") from error


def _json_texts(file: EvaluationFile) -> Iterator[EvaluationText]:
    with file.path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = orjson.loads(_decoded(file, number, line))
            except orjson.JSONDecodeError as error:
                raise _problem(file, number, f"it is no line of JSON: {error}") from error
            for text in _strings(value):
                yield EvaluationText(number, text)


def _parquet_texts(file: EvaluationFile) -> Iterator[EvaluationText]:
    import pyarrow
    import pyarrow.parquet

    try:
        with pyarrow.parquet.ParquetFile(file.path) as parquet:
            columns = [field.name for field in parquet.schema_arrow if "string" in str(field.type)]
            number = 0
            for batch in parquet.iter_batches(BATCH_ROWS, columns=columns):
                for row in batch.to_pylist():
                    number += 1
                    for text in _strings(row):
                        yield EvaluationText(number, text)
    except pyarrow.ArrowException as error:
        raise _problem(file, 0, f"it is no Parquet file that can be read: {error}") from error


def _strings(value: Any) -> Iterator[str]:
    """Without recursion, since files nest as deep as they like."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting.extend(reversed(each.values()))
        elif isinstance(each, (list, tuple)):
            waiting.extend(reversed(each))


def _decoded(file: EvaluationFile, line: int, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = line or data[: error.start].count(b"\n") + 1
        raise _problem(file, line, f"it is not UTF-8 at byte {error.start} ({error.reason})") from error


def _problem(file: EvaluationFile, line: int, message: str) -> ProblemsError:
    return ProblemsError("The evaluation files cannot be used", [Problem(file.name, line, message)])
