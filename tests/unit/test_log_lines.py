"""The log of a job is read line by line, and followed for as long as the job goes on."""

from __future__ import annotations

from pathlib import Path

from brightrun.joblog import log_lines


def test_whole_lines_are_followed_until_nobody_works_at_the_job(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    steps = iter(["one\ntw", "o\n", "three\nfour"])

    def goes_on() -> bool:
        step = next(steps, None)
        with log.open("a") as file:
            file.write(step or "")
        return step is not None

    assert list(log_lines(log, goes_on)) == ["one", "two", "three", "four"]


def test_no_log_yet_is_no_lines(tmp_path: Path) -> None:
    assert list(log_lines(tmp_path / "log.txt", lambda: False)) == []
