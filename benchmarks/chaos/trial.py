"""One disturbed job: what every scenario does with it, and what it tells at the end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from brightrun.simulator.fault_plan import FaultPlan
from chaos.accounting import Books
from chaos.place import NotInTimeError, Place, Running, wait_until
from chaos.weather import CALL_TIMEOUT_S, bad_weather, simulator


class SkippedError(Exception):
    """The scenario cannot be played here; the message says why."""


@dataclass
class Trial:
    """A job in the making, and notes on what happened to it."""

    books: Books
    spec: Path
    said: list[str] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return self.books.place

    def build(self, **more: str) -> Running:
        self.books.before_start()
        return self.place.start("build", str(self.spec), "--json", ANTHROPIC_BASE_URL=self.books.simulator_url, **more)

    def resume(self, *arguments: str, **more: str) -> Running:
        job = self.books.job
        assert job is not None
        self.books.before_start()
        claude = self.books.simulator_url
        return self.place.start("resume", job, *arguments, "--json", ANTHROPIC_BASE_URL=claude, **more)

    def wait_for_replies(self, count: int, running: Running) -> None:
        """Until the job has so many; NotInTimeError if the command ends before."""
        wait_until(lambda: self.replies() >= count or not running.alive, f"{count} replies")
        if not running.alive:
            raise NotInTimeError(f"it ended before it had {count} replies; see {running.err}")

    def replies(self) -> int:
        query = "SELECT count(*) FROM generations WHERE job_id = ? AND state = 'replied'"
        found = self.place.rows(query, self.books.job)
        return int(found[0][0]) if found else 0

    def end(self, running: Running, *codes: int) -> int:
        """Wait for the end of a command; it must be one of these codes, and leave nothing open."""
        code = running.end()
        self.books.after_end()
        self.books.expect(code in codes, f"exit code {code} instead of {codes}; see {running.err}")
        return code

    def say(self, text: str) -> None:
        self.said.append(text)


@contextmanager
def trial(
    place: Place,
    name: str,
    conversations: int,
    plan: FaultPlan | None = None,
    quality: dict[str, Any] | None = None,
    **generate: Any,
) -> Iterator[Trial]:
    """A job to disturb while inside, in bad weather unless another plan is given; its books are closed at the end."""
    generate = {"timeout_s": CALL_TIMEOUT_S} | generate
    spec = place.write_spec(name, conversations, generate=generate, quality=quality or {})
    seed = sum(name.encode())
    place.start_server()
    weather = bad_weather(seed) if plan is None else plan
    with simulator(place.folder / f"{name}.simulator.log", weather, seed=seed) as claude:
        made = Trial(Books(place, name, claude.url), spec)
        try:
            yield made
        except NotInTimeError as error:
            made.books.found("hung", 1, str(error))
        made.books.close()
