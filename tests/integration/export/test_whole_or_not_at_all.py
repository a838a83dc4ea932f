"""KF-52: a release appears whole or not at all, whatever happens to the process or the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from release_records import context, grid, release_of, spec

from brightrun.errors import ExportError

UNIT = Path(__file__).parents[2] / "unit" / "export"
ROOT = Path(__file__).parents[3]
PRELUDE = f"""
import resource, signal, sys, time
from pathlib import Path
sys.path[:0] = [{str(ROOT)!r}, {str(UNIT)!r}]
from release_records import context, grid, plan_of, release_of, spec
from brightrun.export import write_release
folder = Path(sys.argv[1])
"""
STALLED = """
def stalled():
    yield from grid(5)
    print("writing", flush=True)
    time.sleep(300)
write_release(stalled(), plan_of(grid(5), spec(), context()), spec(), context(), folder)
"""
FULL = """
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
release_of(grid(50), spec(), context(), folder)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def killed(tmp_path):
    """A folder in which an export was killed in the middle of writing."""
    process = subprocess.Popen([sys.executable, "-c", PRELUDE + STALLED, tmp_path], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "writing\n"
    yield tmp_path, process
    if process.poll() is None:
        process.kill()
    process.wait()
    process.stdout.close()


def test_kf52_what_a_killed_export_left_is_hidden_and_the_next_one_cleans_it_up(killed):
    folder, process = killed
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    left = names(folder / "money-talks")
    assert len(left) == 2
    assert all(name.startswith(".writing-") for name in left)
    release = release_of(grid(5), spec(), context(), folder)
    assert names(folder / "money-talks") == [release.version]


def test_an_export_does_not_clean_up_what_another_is_writing(killed):
    folder, process = killed
    during = names(folder / "money-talks")
    release = release_of(grid(5), spec(), context(), folder)
    assert names(folder / "money-talks") == sorted([*during, release.version])
    assert process.poll() is None


def test_an_interrupted_export_leaves_nothing(killed):
    folder, process = killed
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) != 0
    assert not (folder / "money-talks").exists()


def test_a_full_disk_is_a_clear_error_and_leaves_nothing(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + FULL, tmp_path / "releases"], capture_output=True, text=True, check=False
    )
    assert "ExportError: The release could not be written to" in done.stderr
    assert "File too large" in done.stderr
    assert names(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ExportError, match=r"could not be written to .*Nothing of it was kept"):
        release_of(grid(5), spec(), context(), tmp_path / "file" / "releases")
    assert names(tmp_path) == ["file"]


def test_a_release_that_was_changed_is_not_adopted(tmp_path):
    release = release_of(grid(5), spec(), context(), tmp_path)
    (release.path / "pairs" / "train.parquet").write_bytes(b"changed")
    (release.path / "README.md").unlink()
    with pytest.raises(ExportError, match=r"changed after it was written: README.md, pairs/train.parquet"):
        release_of(grid(5), spec(), context(), tmp_path)
    assert (release.path / "pairs" / "train.parquet").read_bytes() == b"changed"


def test_what_lies_beside_the_files_of_a_release_does_not_keep_it_from_being_adopted(tmp_path):
    release = release_of(grid(5), spec(), context(), tmp_path)
    (release.path / "notes.txt").write_text("mine")
    assert release_of(grid(5), spec(), context(), tmp_path) == release


def test_exports_at_the_same_time_agree(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        releases = list(pool.map(lambda _: release_of(grid(20), spec(), context(), tmp_path), range(8)))
    assert len({release.version for release in releases}) == 1
    assert names(tmp_path / "money-talks") == [releases[0].version]
