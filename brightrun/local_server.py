"""The Prefect server of one's own: started once per home, adopted by every later command, there for the UI.

Everything of it lies in `<home>/prefect/`: Prefect's SQLite database, `server.json` (who serves where),
`server.log`. Nothing of Prefect is imported here, so `brightrun server status` answers at once.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from brightrun.errors import ServerStartError

START_BOUND_S = 120.0  # a first start migrates its database: 17 to 26 s on two cores, 64 s on busy ones
ANSWER_BOUND_S = 45.0  # how long a server that lives may keep silent before it is replaced
STOP_BOUND_S = 10.0
LOCK_BOUND_S = 3 * START_BOUND_S
PORT_ATTEMPTS = 3
PORT_RELEASE_S = 2.0
POLL_S = 0.1
LOG_EXCERPT_LINES = 15

# What a server may know of us. A list of what passes, so that no key and no password can slip through.
PASSED_ENVIRONMENT = frozenset(
    {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"}
    | {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"}
)

Announce = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class LocalServer:
    """A server whose process lives. `started` says whether this very call started it."""

    url: str
    ui_url: str
    pid: int
    log_path: Path
    started: bool


@dataclass(frozen=True, slots=True)
class _Record:
    """What server.json holds. Process ids come round again; together with a start time they do not."""

    pid: int
    process_start: str
    port: int


# A process we started must be waited for when it ends, or it stays a zombie; hence the reference.
_children: dict[int, subprocess.Popen[bytes]] = {}

# A proxy named in the environment is no way to reach our own machine.
_open_directly = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


def ensure_server(home: Path, announce: Announce | None = None) -> LocalServer:
    """The server of this home: the one that runs, else a new one. Safe to call from many processes at once.

    `announce` is told when a start makes the caller wait. A server that lives without answering for
    `ANSWER_BOUND_S` is replaced. Raises ServerStartError, which names the log and its last lines.
    """
    folder = _folder(home)
    found = find_server(home)
    if found is not None and answers(found):
        return found
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "server.lock", timeout=LOCK_BOUND_S):
            return _adopt(folder) or _start(folder, announce)
    except Timeout as error:
        raise ServerStartError(
            f"Another process has held {folder / 'server.lock'} for {LOCK_BOUND_S:g} s, so no Prefect server "
            f"could be started. See {folder / 'server.log'}, or set PREFECT_API_URL to a server of your own."
        ) from error


def find_server(home: Path) -> LocalServer | None:
    """The server of this home if its process lives, whether or not it `answers`; nothing is started."""
    folder = _folder(home)
    record = _read_record(folder)
    return None if record is None else _server(folder, record, started=False)


def answers(server: LocalServer, timeout_s: float = 2.0) -> bool:
    """Whether the server's health check answers within `timeout_s`."""
    try:
        with _open_directly(f"{server.url}/health", timeout=timeout_s) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError, ValueError):
        return False


def stop_server(home: Path) -> bool:
    """End the server of this home; False if none was running. Its database and its log stay."""
    folder = _folder(home)
    if not folder.is_dir():
        return False
    with FileLock(folder / "server.lock", timeout=LOCK_BOUND_S):
        record = _read_record(folder)
        if record is not None:
            _end(record)
    return record is not None


def _folder(home: Path) -> Path:
    return home.resolve() / "prefect"


def _record_path(folder: Path) -> Path:
    return folder / "server.json"


def _server(folder: Path, record: _Record, *, started: bool) -> LocalServer:
    ui_url = f"http://127.0.0.1:{record.port}"
    return LocalServer(f"{ui_url}/api", ui_url, record.pid, folder / "server.log", started)


def _adopt(folder: Path) -> LocalServer | None:
    """The server that runs, once it answers; one that does not is ended. Called under the lock."""
    record = _read_record(folder)
    if record is None:
        return None
    server = _server(folder, record, started=False)
    deadline = time.monotonic() + ANSWER_BOUND_S
    while process_start(record.pid) == record.process_start:
        if answers(server):
            return server
        if time.monotonic() > deadline:
            _end(record)
            return None
        time.sleep(POLL_S)
    return None


def _start(folder: Path, announce: Announce | None) -> LocalServer:
    """Start a server and wait until it answers. Called under the lock."""
    if announce is not None:
        first = not (folder / "prefect.db").exists()
        announce("Starting the Prefect server" + (" (the first start takes about 20 s)." if first else "."))
    port = _last_port(folder)
    for _ in range(PORT_ATTEMPTS):
        port = _free_port(port)
        log_start = _log_size(folder)
        record = _spawn(folder, port)
        if _wait_until_answering(folder, record):
            return _server(folder, record, started=True)
        said = _log_excerpt(folder, log_start)
        _end(record)
        if "already in use" not in said:  # somebody took the port between our look and the server's
            break
        port = 0
    raise ServerStartError(
        f"The Prefect server did not answer within {START_BOUND_S:g} s or ended. Its log, "
        f"{folder / 'server.log'}, ends with:\n{said}"
    )


def _spawn(folder: Path, port: int) -> _Record:
    """Start the process and write down who it is before waiting for it, so that our own end orphans nothing.

    It has a session of its own, so that a Ctrl-C at the terminal does not reach it, and works in its own
    folder, so that no `.env`, prefect.toml or pyproject.toml of the user's project changes its settings.
    """
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "prefect", "server", "start", "--host=127.0.0.1", f"--port={port}"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(folder, port),
            cwd=folder,
            start_new_session=True,
        )
    _children[process.pid] = process
    record = _Record(process.pid, process_start(process.pid) or "", port)
    unfinished = folder / f"server.json.{os.getpid()}"
    unfinished.write_text(json.dumps({"pid": record.pid, "process_start": record.process_start, "port": record.port}))
    unfinished.replace(_record_path(folder))
    return record


def _environment(folder: Path, port: int) -> dict[str, str]:
    passed = {name: value for name, value in os.environ.items() if name in PASSED_ENVIRONMENT or name.startswith("LC_")}
    return passed | {
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
        "PREFECT_HOME": str(folder),
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        # Without an address of its own the UI calls port 4200, whoever listens there.
        "PREFECT_SERVER_UI_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_V2_ENABLED": "false",  # its page calls out even with analytics off
        # One transaction for up to 200 states instead of one each; the interval is whole seconds, from one on.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    }


def _wait_until_answering(folder: Path, record: _Record) -> bool:
    server = _server(folder, record, started=True)
    deadline = time.monotonic() + START_BOUND_S
    while time.monotonic() < deadline:
        if process_start(record.pid) != record.process_start:
            return False
        if answers(server):
            # Whoever answers must be ours: one that lost its port ends at once.
            return process_start(record.pid) == record.process_start
        time.sleep(POLL_S)
    return False


def _last_port(folder: Path) -> int:
    """The port of the server before, so that bookmarks and runs that wait for it find the new one; else 0."""
    try:
        return int(json.loads(_record_path(folder).read_text())["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def _free_port(wanted: int) -> int:
    """The wanted port if it is free, else one the system picks; not 4200, where other servers of Prefect go.

    A server that was killed a moment ago may still be letting go of its port.
    """
    deadline = time.monotonic() + PORT_RELEASE_S
    while wanted and not _bind(wanted):
        if time.monotonic() > deadline:
            wanted = 0
        time.sleep(POLL_S)
    return wanted or _bind(0)


def _bind(port: int) -> int:
    """The port that could be bound for a moment; 0 if it could not."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return 0
        return int(probe.getsockname()[1])


def _read_record(folder: Path) -> _Record | None:
    """What server.json says, if the process it names still is that process."""
    try:
        fields = json.loads(_record_path(folder).read_text())
        record = _Record(int(fields["pid"]), str(fields["process_start"]), int(fields["port"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if record.process_start and process_start(record.pid) == record.process_start else None


def process_start(pid: int) -> str | None:
    """When this process started, in the system's own terms; None if there is none or only its zombie."""
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        return None
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            after_name = stat.read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        except OSError:
            return None
        return None if after_name[0] in "ZX" else f"{boot} {after_name[19]}"
    listed = subprocess.run(["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    state, _, start = listed.stdout.strip().partition(" ")
    return None if not start or state.startswith("Z") else " ".join(start.split())


def _end(record: _Record) -> None:
    """End the process, politely at first, with whatever it started; one that has ended is no error."""
    for kind, bound_s in ((signal.SIGTERM, STOP_BOUND_S), (signal.SIGKILL, STOP_BOUND_S)):
        if not record.process_start or process_start(record.pid) != record.process_start:
            break
        os.killpg(record.pid, kind)
        deadline = time.monotonic() + bound_s
        while process_start(record.pid) == record.process_start and time.monotonic() < deadline:
            time.sleep(POLL_S)
    _children.pop(record.pid, None)


def _log_size(folder: Path) -> int:
    log = folder / "server.log"
    return log.stat().st_size if log.exists() else 0


def _log_excerpt(folder: Path, start: int) -> str:
    """The last lines of what was logged since `start`."""
    with (folder / "server.log").open("rb") as log:
        log.seek(start)
        lines = log.read().decode(errors="replace").splitlines()
    return "\n".join(line for line in lines[-LOG_EXCERPT_LINES:] if line.strip())
