"""KF-31: a job's log is a file of its own, in order and free of secrets."""

from __future__ import annotations

import logging
import re
import sys
import threading
from pathlib import Path

import pytest

from brightrun.joblog import JOB_LOGGER, job_log, log_path
from brightrun.store.files import LocalFiles

LINE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (INFO|WARNING|ERROR) ")


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def lines(files: LocalFiles, job_id: str) -> list[str]:
    return log_path(files, job_id).read_text(encoding="utf-8").splitlines()


def test_kf_31_the_log_lies_in_its_bucket_under_the_job(files: LocalFiles, tmp_path: Path) -> None:
    """KF-31."""
    with job_log(files, "demo-1") as logger:
        logger.info("%d of %d", 1, 2)
        logging.getLogger(JOB_LOGGER).warning("two: é")
    assert log_path(files, "demo-1") == tmp_path / "batch-logs" / "demo-1" / "log.txt"
    first, second = lines(files, "demo-1")
    assert LINE.match(first)
    assert first.endswith("INFO 1 of 2")
    assert second.endswith("WARNING two: é")


def test_a_job_that_goes_on_appends_and_nothing_comes_after_the_end(files: LocalFiles) -> None:
    for number in (1, 2):
        with job_log(files, "demo") as logger:
            logger.info("run %d", number)
        logger.warning("outside")
    assert [line.rsplit(" ", 2)[-2:] for line in lines(files, "demo")] == [["run", "1"], ["run", "2"]]


def test_nothing_is_said_on_the_terminal(files: LocalFiles, capfd: pytest.CaptureFixture[str]) -> None:
    shown = logging.StreamHandler(sys.stderr)
    logging.getLogger().addHandler(shown)
    try:
        with job_log(files, "demo") as logger:
            logger.error("only in the file")
    finally:
        logging.getLogger().removeHandler(shown)
    assert capfd.readouterr() == ("", "")
    assert len(lines(files, "demo")) == 1


def test_threads_write_whole_lines(files: LocalFiles) -> None:
    with job_log(files, "demo") as logger:
        threads = [
            threading.Thread(target=lambda n=n: [logger.info("thread %d %s", n, "x" * 200) for _ in range(50)])
            for n in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
    found = lines(files, "demo")
    assert len(found) == 200
    assert all(LINE.match(line) and line.endswith("x" * 200) for line in found)


def test_no_secret_gets_into_the_log_nor_out_of_a_traceback(files: LocalFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-geheim-1")
    with job_log(files, "demo") as logger:
        try:
            raise ValueError("the key sk-ant-geheim-1 was refused")
        except ValueError:
            logger.exception("with %s", "sk-ant-geheim-1")
    text = "\n".join(lines(files, "demo"))
    assert "geheim" not in text
    assert "ValueError: the key [secret] was refused" in text
