"""The main experiment: SIGKILL to the whole tree of a build at random moments, and on until the job is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random

from brightrun.errors import ExitCode
from chaos.accounting import PICO, Books
from chaos.place import COMMAND_BOUND_S, POLL_S, NotInTimeError, Place, Running, wait_until
from chaos.weather import CALL_TIMEOUT_S, bad_weather, simulator

SIZES = (120, 450)
KILLS_PER_JOB = (3, 7)
CONCURRENCY = (8, 16, 32, 64)
COMMANDS_TO_THE_END = 8
MORE_BUDGET = Decimal(2)
CONVERSATION_USD = Decimal("0.03")

WHILE_OWED = {"start": 3, "generate": 7, "finish": 2}
"""What a kill aims at, and how often: before the job is taken, while it generates, after that."""
ALL_GENERATED = {"start": 1, "finish": 3}
"""The same, once an earlier run has generated everything."""
KILLS_AFTER_GENERATING = 2


@dataclass(frozen=True)
class Pace:
    """How long an undisturbed build takes on this machine, so that moments can be drawn from all of it."""

    start_s: float
    finish_s: float


@dataclass
class Kill:
    """One kill that landed."""

    job: str
    aim: str
    after_s: float
    phase: str
    replies: int
    open_calls: int


@dataclass
class Torment:
    """All of the experiment's jobs, one after the other in one home."""

    place: Place
    rng: Random
    pace: Pace
    say: Callable[[str], None]
    kills: list[Kill] = field(default_factory=list)
    books: list[Books] = field(default_factory=list)

    def one_job(self, most_kills: int) -> None:
        """Build one dataset, killed up to so many times on the way."""
        rng = self.rng
        name = f"killed-{len(self.books) + 1}"
        items = rng.randint(*SIZES)
        # Tight enough that what kills leave possibly paid exhausts it now and then.
        budget = (CONVERSATION_USD * items).quantize(Decimal("0.01"))
        concurrency = rng.choice(CONCURRENCY)

        def write_spec(budget: Decimal) -> Path:
            generate = {"concurrency": concurrency, "budget_usd": float(budget), "timeout_s": CALL_TIMEOUT_S}
            return self.place.write_spec(name, items, generate=generate)

        seed = rng.randrange(10**6)
        with simulator(self.place.folder / f"{name}.simulator.log", bad_weather(seed), seed=seed) as claude:
            books = Books(self.place, name, claude.url)
            self.books.append(books)
            try:
                self._torment(books, write_spec, budget, min(most_kills, rng.randint(*KILLS_PER_JOB)))
            except NotInTimeError as error:
                books.found("hung", 1, str(error))
            books.close()

    def _torment(self, books: Books, write_spec: Callable[[Decimal], Path], budget: Decimal, kills: int) -> None:
        ends = 0
        while ends <= COMMANDS_TO_THE_END:
            if _all_generated(books):
                kills = min(kills, KILLS_AFTER_GENERATING)
            running = self._go_on(books, write_spec(budget), budget)
            if kills and (kill := self._kill(books, running)):
                self.kills.append(kill)
                kills -= 1
                self.say(
                    f"kill {len(self.kills):2d}  {kill.job:<10} after {kill.after_s:5.1f} s  {kill.phase:<28}"
                    f"{kill.replies:4d} replies kept, {kill.open_calls:3d} calls open"
                )
                continue
            code = running.end()
            books.after_end()
            ends += 1
            if code in (ExitCode.DONE, ExitCode.SHORT):
                books.expect(running.summary.get("release") is not None, f"no release; {running.err}")
                return
            books.expect(code == ExitCode.BUDGET, f"exit code {code}; {running.err}")
            budget += MORE_BUDGET
        books.found("hung", 1, f"{ends} commands came to their end, the job did not")

    def _go_on(self, books: Books, spec: Path, budget: Decimal) -> Running:
        """`build` or `resume`, by chance; the budget that the spec has now holds for both."""
        claude = {"ANTHROPIC_BASE_URL": books.simulator_url}
        books.before_start()
        job = books.job
        if job is None or self.rng.random() < 0.5:
            return self.place.start("build", str(spec), "--json", **claude)
        held = self.place.rows("SELECT budget_usd FROM batch_jobs WHERE id = ?", job)[0][0]
        raised = ("--budget", str(budget)) if Decimal(held) / PICO < budget else ()
        return self.place.start("resume", job, *raised, "--json", **claude)

    def _kill(self, books: Books, running: Running) -> Kill | None:
        """Kill it at a random moment; None if it came to its end before."""
        aims = ALL_GENERATED if _all_generated(books) else WHILE_OWED
        aim = self.rng.choices(list(aims), list(aims.values()))[0]
        if aim == "start":
            wait_s, reached = self.rng.uniform(0.2, 1.1 * self.pace.start_s), _at_once
        elif aim == "generate":
            wait_s, reached = self.rng.uniform(0, 0.5), self._after_some_replies(books)
        else:
            wait_s, reached = self.rng.uniform(0, self.pace.finish_s), lambda: books.taken and _all_generated(books)
        _watch(running, reached)
        until = time.monotonic() + wait_s
        while running.alive and time.monotonic() < until:
            time.sleep(0.01)
        if not running.alive:
            return None
        after_s = time.monotonic() - running.began
        running.kill()
        stop = books.after_break()
        return Kill(books.name, aim, round(after_s, 2), stop.phase, stop.replies, len(stop.open_calls))

    def _after_some_replies(self, books: Books) -> Callable[[], bool]:
        before = _replies(books)
        owed = self.place.rows("SELECT count(*) FROM batch_items WHERE job_id = ? AND state = 'accepted'", books.job)
        left = (SIZES[0] if books.job is None else _items(books)) - (owed[0][0] if owed else 0)
        wanted = before + max(1, int(self.rng.random() * left))
        return lambda: _replies(books) >= wanted


def measure_pace(place: Place) -> Pace:
    """One undisturbed build, which also starts the home's Prefect server."""
    place.start_server()
    spec = place.write_spec("undisturbed", SIZES[0])
    with simulator(place.folder / "undisturbed.simulator.log") as claude:
        books = Books(place, "undisturbed", claude.url)
        running = place.start("build", str(spec), "--json", ANTHROPIC_BASE_URL=claude.url)
        wait_until(lambda: _replies(books) > 0 or not running.alive, "the first reply")
        start_s = time.monotonic() - running.began
        wait_until(lambda: _all_generated(books) or not running.alive, "the last reply")
        generated_at = time.monotonic()
        running.end()
    return Pace(start_s, time.monotonic() - generated_at)


def _watch(running: Running, reached: Callable[[], bool]) -> None:
    """Until it is reached or the command has ended."""
    deadline = time.monotonic() + COMMAND_BOUND_S
    while running.alive and not reached():
        if time.monotonic() > deadline:
            running.kill()
            raise NotInTimeError(f"`{running.command}` did not come so far; see {running.err}")
        time.sleep(POLL_S)


def _at_once() -> bool:
    return True


def _items(books: Books) -> int:
    return int(books.place.rows("SELECT count(*) FROM batch_items WHERE job_id = ?", books.job)[0][0])


def _replies(books: Books) -> int:
    query = "SELECT count(*) FROM generations WHERE job_id = ? AND state = 'replied'"
    found = books.place.rows(query, books.job)
    return int(found[0][0]) if found else 0


def _all_generated(books: Books) -> bool:
    job = books.job
    query = "SELECT count(*) FROM batch_items WHERE job_id = ? AND state IN ('planned', 'generating')"
    return job is not None and not books.place.rows(query, job)[0][0]
