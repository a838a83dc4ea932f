"""The files of a release: Parquet and JSON Lines, written row by row, read back and hashed."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, Self

from brightrun.export.columns import Column, Kind

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_PER_GROUP = 1000
"""Rows of a Parquet row group, and most rows of one file held in memory while writing."""
CHUNK_BYTES = 1 << 20
ENCODER = json.JSONEncoder(ensure_ascii=True, allow_nan=False, separators=(",", ":"))


class RowFile(Protocol):
    """A file of rows, being written."""

    def write(self, row: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class ParquetFile:
    """A Parquet file with a fixed schema and fixed settings.

    The same rows give the same bytes under the same pyarrow, whose version is part of the file.
    """

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        import pyarrow.parquet as pq

        path.parent.mkdir(parents=True, exist_ok=True)
        self._schema = arrow_schema(columns)
        self._rows: list[Mapping[str, Any]] = []
        self._writer = pq.ParquetWriter(
            path, self._schema, version="2.6", compression="zstd", compression_level=3, use_dictionary=True
        )

    def write(self, row: Mapping[str, Any]) -> None:
        self._rows.append(row)
        if len(self._rows) == ROWS_PER_GROUP:
            self._flush()

    def close(self) -> None:
        if self._rows:
            self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa

        self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows = []


class JsonLinesFile:
    """A JSON Lines file: ASCII only, one object a line, one newline at the end."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="ascii", newline="\n")

    def write(self, row: Mapping[str, Any]) -> None:
        self._file.write(ENCODER.encode(row) + "\n")

    def close(self) -> None:
        self._file.close()


class RowFiles:
    """The files that are being written, by their path in the release; all are closed together."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._open: dict[str, RowFile] = {}

    def parquet(self, path: str, columns: Sequence[Column]) -> RowFile:
        """The Parquet file at a path, begun when it is asked for first."""
        if path not in self._open:
            self._open[path] = ParquetFile(self._root / path, columns)
        return self._open[path]

    def json_lines(self, path: str) -> RowFile:
        """The JSON Lines file at a path, begun when it is asked for first."""
        if path not in self._open:
            self._open[path] = JsonLinesFile(self._root / path)
        return self._open[path]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        failures: list[OSError] = []
        for file in self._open.values():
            try:
                file.close()
            except OSError as failure:
                failures.append(failure)
        # While an error is on its way, a file that cannot be closed is its consequence.
        if failures and error is None:
            raise failures[0]


def arrow_schema(columns: Sequence[Column]) -> pa.Schema:
    """The columns as an Arrow schema, pinned: no type is guessed from values."""
    import pyarrow as pa

    types: dict[Kind, pa.DataType] = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "role and content": pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
        "from and value": pa.list_(pa.struct([("from", pa.string()), ("value", pa.string())])),
    }
    return pa.schema([(column.name, types[column.kind]) for column in columns])


def pinned_features(columns: Sequence[Column]) -> list[dict[str, Any]]:
    """The columns as `dataset_info.features` of a dataset card, which the `datasets` library loads by."""
    return [{"name": column.name, **_feature(column.kind)} for column in columns]


def _feature(kind: Kind) -> dict[str, Any]:
    """Made anew each time: YAML would write one object used twice as an alias, which `datasets` misreads."""
    if kind == "role and content":
        return {"list": [{"name": "role", "dtype": "string"}, {"name": "content", "dtype": "string"}]}
    if kind == "from and value":
        return {"list": [{"name": "from", "dtype": "string"}, {"name": "value", "dtype": "string"}]}
    return {"dtype": {"string": "string", "integer": "int64", "number": "float64", "boolean": "bool"}[kind]}


def write_text(path: Path, text: str) -> None:
    """A text file in UTF-8 with the newlines it is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def digest(path: Path) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a file."""
    sha256, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            sha256.update(chunk)
            size += len(chunk)
    return size, sha256.hexdigest()


def rows_in(path: Path) -> int | None:
    """Rows of a data file, counted by reading it; None for a file that is not one of rows."""
    if path.suffix == ".parquet":
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as parquet:
            rows: int = sum(batch.num_rows for batch in parquet.iter_batches(batch_size=ROWS_PER_GROUP))
            return rows
    if path.suffix == ".jsonl":
        with path.open("rb") as file:
            return sum(1 for _ in file)
    return None


def sync(path: Path) -> None:
    """Make a file or a folder survive a power cut."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except PermissionError:
        if path.is_dir():  # Windows opens no folders; their entries are safe there without this
            return
        raise
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
