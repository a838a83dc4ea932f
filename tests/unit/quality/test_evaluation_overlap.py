"""Overlap with evaluation files names the file and the line."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from talks import prose

from brightrun.errors import ProblemsError
from brightrun.quality.evaluation_files import EvaluationFile
from brightrun.quality.evaluation_overlap import EvaluationIndex

QUESTION = " ".join(prose(1, 20))
OTHER = " ".join(prose(2, 20))


def indexed(*paths: Path, words: int = 13) -> EvaluationIndex:
    return EvaluationIndex([EvaluationFile(path.name, path) for path in paths], words)


def places(index: EvaluationIndex, *messages: str) -> list[tuple[int, str, int]]:
    return [(each.turn, each.file, each.line) for each in index.overlaps(messages)]


def test_json_lines_are_searched_however_deep(tmp_path: Path) -> None:
    file = tmp_path / "held-out.jsonl"
    lines = [{"q": "short"}, {"messages": [{"content": QUESTION}]}, QUESTION]
    file.write_text("\n".join(["", *map(json.dumps, lines)]) + "\n")
    index = indexed(file)
    assert [each.model_dump() for each in index.files] == [
        {"path": "held-out.jsonl", "sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "texts": 3, "too_short": 1}
    ]
    assert len(index) == 8
    (overlap,) = index.overlaps(["Hello", f"You said: {QUESTION.upper()}!"])
    assert (overlap.turn, overlap.line, overlap.file) == (2, 3, "held-out.jsonl")
    assert overlap.words == " ".join(QUESTION.split()[:13])
    assert places(index, OTHER, " ".join(QUESTION.split()[:12])) == []


def test_a_plain_text_is_one_text_and_knows_its_lines(tmp_path: Path) -> None:
    """Prose is broken into lines anywhere; the line is that in which the shared words begin."""
    file = tmp_path / "held-out.txt"
    words = QUESTION.split()
    file.write_text(f"A first line.\r\n{' '.join(words[:5])}\r\n{' '.join(words[5:])}\r\n{OTHER}\r\n")
    index = indexed(file)
    assert places(index, "Hi", QUESTION) == [(2, "held-out.txt", 2), (2, "held-out.txt", 3)]
    assert places(index, OTHER, "Hi") == [(1, "held-out.txt", 4)]


def test_parquet_rows_are_lines_and_numbers_are_no_texts(tmp_path: Path) -> None:
    file = tmp_path / "held-out.parquet"
    table = pyarrow.table({"n": [1, 2], "turns": [[{"content": "x"}], [{"content": OTHER}]], "none": [None, "a"]})
    pyarrow.parquet.write_table(table, file)
    other = tmp_path / "more.TXT"
    other.write_text(QUESTION)
    index = indexed(file, other)
    assert places(index, f"{QUESTION} {OTHER}", QUESTION) == [
        (1, "more.TXT", 1),
        (1, "held-out.parquet", 2),
        (2, "more.TXT", 1),
    ]


@pytest.mark.parametrize(
    "name, data, line, message",
    [
        ("a.jsonl", b'{"q": "x"}\n{"q": \n', 2, "no line of JSON"),
        ("a.jsonl", b'"x"\n"\xff"\n', 2, "not UTF-8"),
        ("a.txt", b"one\ntwo\nth\xffree\n", 3, "not UTF-8"),
        ("a.parquet", b"PAR1", 0, "no Parquet file"),
        ("a.csv", b"", 0, "must end in one of .jsonl"),
        ("missing.txt", None, 0, "cannot be read: No such file"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, name: str, data: bytes | None, line: int, message: str) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(ProblemsError) as raised:
        indexed(file)
    (problem,) = raised.value.problems
    assert (problem.file, problem.line) == (name, line)
    assert message in problem.message


def test_without_files_nothing_overlaps() -> None:
    index = indexed()
    assert (len(index), places(index, QUESTION, OTHER)) == (0, [])
    with pytest.raises(ValueError, match="1 or more"):
        indexed(words=0)
