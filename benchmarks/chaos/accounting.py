"""The account against the ledger: what the API delivered and charged, and what the store knows of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Any

from brightrun.store.database import open_database, sqlite_url
from brightrun.store.requests import stored_request
from chaos.place import Place, prefect_runs
from chaos.weather import account

PICO = Decimal(10) ** 12
SETTLED = ("accepted", "rejected", "failed", "cancelled")

MUST_BE_ZERO = {
    "lost": "replies delivered and not kept, beyond the calls open at a stop or timed out",
    "twice": "conversations, judgements and readings delivered twice, beyond those",
    "sent_again": "calls sent for what had a good reply",
    "over_budget": "moments at which the ledger stood above the budget",
    "out_of_balance": "moments at which ledger and job's row differed",
    "undercounted": "moments at which the API had charged more than the ledger counted",
    "unsettled": "conversations without a final state and a reason",
    "open_calls": "calls left open by a command that ended by itself",
    "unlike": "requests that are not in the ledger as they were sent",
    "runs_open": "flow and task runs not final after the last command",
    "not_crashed": "flow runs left open by a kill and not closed as Crashed",
    "hung": "commands that did not end, or jobs that came to no end",
    "unexpected": "expectations of the scenario that were not met",
}
"""What is counted, and must be 0, with what it says in a table."""

ABOUT = "CASE g.purpose WHEN 'write' THEN g.item_id ELSE g.conversation_id || ' ' || g.purpose END"


@dataclass(frozen=True)
class Stop:
    """What the store held at the moment a command ended, by itself or not."""

    phase: str
    open_calls: dict[str, str]
    """Calls on the wire by id, and what they are about. What nobody has taken over is open at the next stop too."""
    replies: int


@dataclass
class Books:
    """A job's two accounts, followed over all of its commands. The counts are those of `MUST_BE_ZERO`."""

    place: Place
    name: str
    simulator_url: str
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(MUST_BE_ZERO, 0)))
    facts: dict[str, Any] = field(default_factory=dict)
    stops: list[Stop] = field(default_factory=list)
    killed_runs: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    _flow_run_before: str | None = None

    @property
    def job(self) -> str | None:
        return self.place.job_of(self.name)

    def expect(self, met: bool, what: str) -> None:
        if not met:
            self.found("unexpected", 1, what)

    def found(self, count: str, amount: int, what: str) -> None:
        """Count what must not be, with a note of what it was."""
        self.counts[count] += amount
        if amount:
            self.notes.append(f"{self.name}: {count}: {what}")

    def before_start(self) -> None:
        """Put down who has the job: call it before a command is started."""
        self._flow_run_before = self._flow_run()

    @property
    def taken(self) -> bool:
        """Whether the command that was started last has taken the job."""
        return self._flow_run() != self._flow_run_before

    def after_break(self) -> Stop:
        """Put down what a command left that was killed, or could not write its end down.

        Call it once all of its processes are gone and before anything else is started.
        """
        stop = self._stop()
        self.killed_runs |= set(prefect_runs(self.place).flow_runs(("RUNNING", "PENDING", "SCHEDULED", "CANCELLING")))
        return stop

    def after_kill(self, pid: int) -> Stop:
        """Put down what a command left that was killed while others work at the same job."""
        held = f"%:{pid}/%"
        stop = self._stop(held)
        runs = self.place.rows("SELECT flow_run_id FROM workers WHERE job_id = ? AND id LIKE ?", self.job, held)
        self.killed_runs |= {run for (run,) in runs if run}
        return stop

    def after_end(self) -> Stop:
        """Put down what a command left that ended by itself: nothing may be open or unsettled."""
        stop = self._stop()
        self.found("open_calls", len(stop.open_calls), f"as {list(stop.open_calls)[:3]}")
        query = "SELECT id, state, reason_code FROM batch_items WHERE job_id = ?"
        unsettled = [
            row
            for row in self.place.rows(query, self.job)
            if row[1] not in SETTLED or (row[1] != "accepted" and not row[2])
        ]
        self.found("unsettled", len(unsettled), f"as {unsettled[:3]}")
        return stop

    def close(self) -> None:
        """The last look, once the job has come to its end: replies, money, runs."""
        entries = account(self.simulator_url)["entries"]
        calls = self._calls()
        self._compare_replies(entries, calls)
        self._compare_requests(entries, calls)
        runs = prefect_runs(self.place)
        states = runs.flow_runs()
        open_runs = sum(state not in ("COMPLETED", "FAILED", "CANCELLED", "CRASHED") for state in states.values())
        open_task_runs = runs.open_task_runs()
        self.found("runs_open", open_runs + open_task_runs, f"{open_runs} flow runs, {open_task_runs} task runs")
        wrong = [run for run in self.killed_runs if states.get(run) != "CRASHED"]
        self.found("not_crashed", len(wrong), f"{[(run, states.get(run)) for run in wrong[:3]]}")

    def _stop(self, held: str = "%") -> Stop:
        """`held` is a pattern of the workers whose open calls are meant."""
        job = self.job
        query = f"""
            SELECT g.id, {ABOUT} FROM generations g JOIN batch_items i ON i.id = g.item_id
            WHERE g.job_id = ? AND g.state = 'open' AND coalesce(i.leased_by, '') LIKE ?"""
        rows = self.place.rows(query, job, held)
        replies = self.place.rows("SELECT count(*) FROM generations WHERE job_id = ? AND state = 'replied'", job)
        reached = phase(self.place, job, self._flow_run_before)
        stop = Stop(reached, dict(rows), replies[0][0] if replies else 0)
        self.stops.append(stop)
        if job:
            self._check_money(job)
        return stop

    def _flow_run(self) -> str | None:
        found = self.place.rows("SELECT flow_run_id FROM batch_jobs WHERE id = ?", self.job)
        return found[0][0] if found else None

    def _check_money(self, job: str) -> None:
        # The charge is read first: what is charged between the two looks is an intent by then.
        charged = Decimal(account(self.simulator_url, entries=False)["cost_usd"])
        money = "SELECT spent_usd, reserved_usd, budget_usd FROM batch_jobs WHERE id = ?"
        spent, reserved, budget = (Decimal(value) / PICO for value in self.place.rows(money, job)[0])
        sums = "SELECT coalesce(sum(cost_usd), 0), coalesce(sum(reserved_usd), 0) FROM generations WHERE job_id = ?"
        costs, reservations = (Decimal(value) / PICO for value in self.place.rows(sums, job)[0])
        self.found("over_budget", costs + reservations > budget, f"{costs} + {reservations} of {budget}")
        self.found("out_of_balance", (costs, reservations) != (spent, reserved), f"{costs} and {spent}")
        self.found("undercounted", charged > costs + reservations, f"{charged} charged, {costs + reservations} counted")
        self.facts |= {"charged_usd": str(charged), "counted_usd": str(costs), "budget_usd": str(budget)}

    def _calls(self) -> list[Call]:
        query = f"""
            SELECT g.id, g.item_id, {ABOUT}, g.state, g.message_id, g.error_category,
                   coalesce(c.id, a.generation_id),
                   (SELECT v.verdict FROM verdicts v WHERE v.conversation_id = c.id ORDER BY v.id DESC LIMIT 1)
            FROM generations g
            LEFT JOIN conversations c ON c.generation_id = g.id LEFT JOIN assessments a ON a.generation_id = g.id
            WHERE g.job_id = ? ORDER BY g.item_id, g.attempt, g.purpose, g.call"""
        return [Call(*row) for row in self.place.rows(query, self.job)]

    def _compare_replies(self, entries: list[dict[str, Any]], calls: list[Call]) -> None:
        kept = {call.message_id: call for call in calls if call.state == "replied"}
        delivered = [entry for entry in entries if entry["delivered"] and entry["message_id"]]
        unkept = [entry for entry in delivered if entry["message_id"] not in kept]
        about = {entry["body_sha256"]: kept[entry["message_id"]].about for entry in delivered if entry not in unkept}
        about |= self._subjects_by_request({entry["body_sha256"] for entry in unkept} - about.keys())
        open_at_stops = Counter(dict(call for stop in self.stops for call in stop.open_calls.items()).values())
        # A reply can come in the very moment in which its call is given up for timed out; that is promised.
        timed_out = Counter(call.about for call in calls if call.error == "timed_out")
        excused = open_at_stops + timed_out
        unkept_of = Counter(about.get(entry["body_sha256"], "unknown") for entry in unkept)
        lost = unkept_of - excused
        self.found("lost", lost.total(), f"items {dict(lost.most_common(3))}")
        good, bad = Counter[str](), Counter[str]()
        for call in kept.values():
            (good if call.good else bad)[call.about] += 1
        by_subject = Counter(about.get(entry["body_sha256"], "unknown") for entry in delivered)
        twice = by_subject - excused - bad - Counter(dict.fromkeys(by_subject, 1))
        self.found("twice", twice.total(), f"items {dict(twice.most_common(3))}")
        self._count_sent_again(calls)
        self.facts |= {
            "requests": len(entries),
            "faults": sum(entry["fault"] is not None for entry in entries),
            "delivered": len(delivered),
            "kept": len(kept),
            "unkept": len(unkept),
            "open_at_stops": open_at_stops.total(),
            "timed_out": timed_out.total(),
            "possibly_paid": sum(call.state == "possibly_paid" for call in calls),
            "failed_calls": sum(call.state == "failed" for call in calls),
            "items": len({call.item_id for call in calls}),
            "states": dict(
                self.place.rows("SELECT state, count(*) FROM batch_items WHERE job_id = ? GROUP BY 1", self.job)
            ),
        }

    def _count_sent_again(self, calls: list[Call]) -> None:
        """Calls that went out after a good reply.

        A reply to a call that was open at a stop can come in late, from a process that lost its job: that call was
        counted as possibly paid by then, and its conversation asked for again.
        """
        open_at_stops = {call for stop in self.stops for call in stop.open_calls}
        seen_good: set[str] = set()
        for call in calls:
            self.found("sent_again", call.about in seen_good, call.id)
            if call.good and call.id not in open_at_stops:
                seen_good.add(call.about)

    def _compare_requests(self, entries: list[dict[str, Any]], calls: list[Call]) -> None:
        received = {entry["message_id"]: entry["body_sha256"] for entry in entries if entry["message_id"]}
        replied = [call for call in calls if call.message_id in received]
        sent = self._digests(call.id for call in replied)
        unlike = [call.id for call in replied if sent[call.id] != received[call.message_id]]
        self.found("unlike", len(unlike), f"as {unlike[:3]}")

    def _subjects_by_request(self, digests: set[str]) -> dict[str, str]:
        """What the requests of these digests are about."""
        if not digests:
            return {}
        items = {call.id: call.about for call in self._calls()}
        return {digest: items[call] for call, digest in self._digests(items).items() if digest in digests}

    def _digests(self, calls: Iterable[str]) -> dict[str, str]:
        database = open_database(sqlite_url(self.place.database))
        try:
            with database.reading() as connection:
                return {call: _digest(stored_request(connection, call)) for call in calls}
        finally:
            database.close()


@dataclass(frozen=True)
class Call:
    """A row of the ledger, with what became of its reply."""

    id: str
    item_id: str
    about: str
    """The item it is to write, or the conversation and what is asked about it: what nobody may pay for twice."""
    state: str
    message_id: str | None
    error: str | None
    brought: str | None
    """The conversation or the assessment that came of it."""
    verdict: str | None

    @property
    def good(self) -> bool:
        """Whether its reply is one after which nothing more may be sent."""
        return self.brought is not None and self.verdict != "rejected"


def phase(place: Place, job: str | None, flow_run_before: str | None) -> str:
    """How far a command had come, as the store tells. `flow_run_before` had the job when it was started."""
    if job is None:
        return "start: no job yet"
    status, flow_run = place.rows("SELECT status, flow_run_id FROM batch_jobs WHERE id = ?", job)[0]
    if flow_run == flow_run_before:
        return "start: job not taken yet"
    if status != "running":
        return "end: job given back"
    states = dict(place.rows("SELECT state, count(*) FROM batch_items WHERE job_id = ? GROUP BY 1", job))
    if states.get("planned") or states.get("generating"):
        return "generate"
    if states.get("generated"):
        return "validate"
    if place.rows("SELECT 1 FROM conversations WHERE job_id = ? AND enriched IS NULL LIMIT 1", job):
        return "enrich"
    return "export or report"


def _digest(request: dict[str, Any]) -> str:
    """Of the request in the bytes it is sent in."""
    return sha256(json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
