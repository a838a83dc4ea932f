"""The errors Bright Run raises, and the exit code each kind ends a command with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum


class ExitCode(IntEnum):
    """What the exit status of every command means."""

    DONE = 0
    SHORT = 1
    BAD_REQUEST = 2
    BUDGET = 3
    API = 4
    INTERRUPTED = 130


class BrightRunError(Exception):
    """Anything Bright Run can explain. The message says what was wrong, where, and what to do."""

    exit_code: ExitCode = ExitCode.SHORT


class RequestError(BrightRunError):
    """The request was wrong: spec, arguments or configuration. Nothing was sent."""

    exit_code = ExitCode.BAD_REQUEST


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong in one place of a file a person wrote."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class ProblemsError(RequestError):
    """A spec or a catalog with one or more problems; all of them, not only the first."""

    def __init__(self, subject: str, problems: Sequence[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(sorted(set(problems)))
        count = len(self.problems)
        head = f"{subject}: {count} problem{'s' if count != 1 else ''}"
        super().__init__("\n".join([head, *(f"  {problem}" for problem in self.problems)]))


class JobBusyError(RequestError):
    """The job is being run by somebody else right now."""


class JobUnknownError(RequestError):
    """No job of that name or id is in the store."""


class StoreError(BrightRunError):
    """The store cannot be used: unreachable, locked, full, or of another version."""


class StoreAwayError(StoreError):
    """The database as a whole cannot be worked with just now: locked, full, gone. The same may work later."""


class StoreConflictError(StoreAwayError):
    """Others were in the way of a transaction: nothing of it is kept, and the same may be tried again at once."""


class StoreRefusedError(StoreError):
    """The store that is configured cannot be worked with until somebody changes something: its address, its rights,
    its schema."""

    exit_code = ExitCode.BAD_REQUEST


class LeaseLostError(StoreError):
    """Another worker has the item by now; whoever lost it leaves it."""


class FilesError(StoreError):
    """A file, or the place where files are kept, cannot be worked with."""


class FileMissingError(FilesError):
    """No file of that name is there."""


class FileTakenError(FilesError):
    """Another file of that name is there, and must not be replaced."""


class FileRefusedError(FilesError):
    """This file is not taken, and will not be as it is: too large, of a wrong type, badly named."""


class FilesDeniedError(FilesError):
    """The key is wrong or has no right: nothing is taken until somebody mends it."""


class FilesAwayError(FilesError):
    """The place where files are kept does not answer just now. The same may work later."""


class ExportError(BrightRunError):
    """A release could not be written; nothing of it is visible."""


class SuiteError(RequestError):
    """An expectation suite is broken: misspelt, unreadable, or one of its expectations raised."""


class ServerStartError(BrightRunError):
    """A local server (Prefect's or the simulator) did not start; the message names its log."""


class PrefectAwayError(BrightRunError):
    """Prefect's server went away or failed, and stayed so; what was done is in the store."""


class ApiStoppedError(BrightRunError):
    """The API refuses the whole job: credentials, permission or a spend limit. Retrying cannot help."""

    exit_code = ExitCode.API


class InterruptedRunError(BrightRunError):
    """The run was stopped on request; what had arrived is kept and `resume` goes on with it."""

    exit_code = ExitCode.INTERRUPTED
