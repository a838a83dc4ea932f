"""Records in the terminal: where one comes from, and what checking again came to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import orjson
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from brightrun.deleting import Part, Removal
from brightrun.doctor import Health, Observation
from brightrun.explaining import AttemptStory, CallStory, Explanation, SaidStory, VerdictStory
from brightrun.rechecking import NowIs, RecheckReport
from brightrun.reporting.reasons import meaning_of
from brightrun.reporting.wording import dollars
from brightrun.store.listing import ListedItem
from brightrun.store.states import Purpose

SHOWN_CHANGES = 20


def show_removal(console: Console, doomed: Removal) -> None:
    """What a deletion would remove."""
    what = "the whole job" if doomed.part is Part.JOB else "the releases"
    console.print(f"[bold]To be deleted[/]: {what} of {doomed.job_id}")
    for table, count in doomed.rows.items():
        console.print(f"  {count:>9,} {table.removeprefix('batch_').replace('generations', 'calls and their replies')}")
    where = f"{doomed.bytes / 1e6:.1f} MB here, {doomed.in_storage} of them in Storage"
    console.print(f"  {doomed.file_count:>9,} files, {where}")
    if doomed.part is Part.JOB:
        paid = "simulated" if doomed.is_simulated else "paid, and gone with it: what is built again is paid again"
        console.print(f"  {dollars(str(doomed.spent_usd))} {paid}")


def show_recheck(console: Console, report: RecheckReport) -> None:
    """First the answer, then each conversation that fares otherwise now, and why."""
    passing = len(report.changes) - report.no_longer_pass
    console.print(
        f"[bold]{report.checked} conversations checked[/]: {report.no_longer_pass} no longer pass, {passing} pass now, "
        f"{report.checked - len(report.changes)} as before"
    )
    if report.undecided:
        console.print(f"[yellow]about {report.undecided} a check broke off; the log says why[/]")
    for now, title in ((NowIs.REJECTED, "no longer pass, by reason"), (NowIs.PASSING, "pass now, rejected before for")):
        counts = Counter(code for change in report.changes if change.now is now for code in change.reasons)
        if counts:
            console.print(f"\n[bold]{title}[/]")
        for code, count in counts.most_common():
            console.print(f"  {count} × {code}: {meaning_of(code)}", markup=False)
    for change in report.changes[:SHOWN_CHANGES]:
        style = "red" if change.now is NowIs.REJECTED else "green"
        console.print(f"\n[{style}]{change.now.value}[/] {change.conversation_id}  {change.title}")
        for evidence in change.evidence:
            console.print(Padding(Text(evidence), (0, 0, 0, 2)))
    if len(report.changes) > SHOWN_CHANGES:
        console.print(f"\n… and {len(report.changes) - SHOWN_CHANGES} more; `--json` lists all")
    if not report.applied:
        if report.changes:
            console.print(f"\nNothing was written. `brightrun recheck {report.job_id} --apply` decides anew.")
        return
    console.print(f"\n{report.accepted} of {report.planned} conversations are accepted now.")
    if report.changes:
        fill = f"`brightrun resume {report.job_id}` writes what is missing and the next release"
        console.print(f"{fill}; `brightrun export {report.job_id}` releases what there is.")


def show_explanation(console: Console, found: Explanation, with_prompt: bool) -> None:
    """The item, what was planned, each attempt with its calls and verdicts, and the releases."""
    simulated = "  [bold red]SIMULATED[/]" if found.simulated else ""
    why = f" ({found.reason})" if found.reason else ""
    console.print(f"[bold]{found.conversation_id or found.item_id}[/]  {found.state}{why}{simulated}")
    for name, value in _origin(found):
        console.print(Text.assemble((f"{name:<11}", "dim"), value), soft_wrap=True)
    for attempt in found.attempts:
        _show_attempt(console, attempt, with_prompt)
    console.print("\n[bold]releases[/]")
    for release in found.releases:
        held = {True: "holds it", False: "does not hold it", None: "its files are not here"}[release.holds_it]
        console.print(f"  {release.version}  {release.path}  {held}", markup=False, soft_wrap=True)
    if not found.releases:
        console.print("  none yet")


def _origin(found: Explanation) -> Iterator[tuple[str, str]]:
    plan = found.plan
    person = plan.identity
    facts = ", ".join(
        attribute.text for attribute in person.attributes if attribute.name in ("work", "household", "place")
    )
    yield "dataset", f"{found.dataset}, job {found.job_id}, by {found.actor}"
    yield "planned", plan.title
    yield "person", f"{person.name}, {person.age}, {facts}"
    yield (
        "feelings",
        f"intended {plan.start.emotion} {plan.start.intensity:.2f} → {plan.end.emotion} {plan.end.intensity:.2f}, "
        f"{plan.outcome.value}, {plan.exchanges} exchanges",
    )
    yield "written by", f"template {plan.template}, prompts {found.prompt_version}, program {found.code_version}"
    yield "catalog", found.catalog_hash[:12]


def _show_attempt(console: Console, attempt: AttemptStory, with_prompt: bool) -> None:
    console.print(f"\n[bold]attempt {attempt.number}[/]  {attempt.conversation_id or 'brought no conversation'}")
    for call in attempt.calls:
        console.print(Text(f"  {_call_line(call)}"), soft_wrap=True)
        if with_prompt:
            pretty = orjson.dumps(call.request, option=orjson.OPT_INDENT_2).decode()
            console.print(Padding(Text(pretty.replace("\\n", "\n"), style="dim"), (0, 0, 0, 4)))
    for verdict in attempt.verdicts:
        _show_verdict(console, verdict)
    for said in attempt.said:
        _show_said(console, said)


def _call_line(call: CallStory) -> str:
    ends = call.error or f"{call.stop_reason}, {call.input_tokens} tokens in, {call.output_tokens} out"
    request = f", request {call.request_id}" if call.request_id else ""
    return f"{call.purpose}  {call.id}  {call.model} ({call.lane})  {call.state}: {ends}, ${call.cost_usd}{request}"


def _show_verdict(console: Console, verdict: VerdictStory) -> None:
    looked = ""
    if verdict.results is not None:
        counts = Counter(result["outcome"] for result in verdict.results)
        looked = (
            f"{len(verdict.results)} checks ({', '.join(f'{n} {outcome}' for outcome, n in sorted(counts.items()))}), "
        )
    reasons = f": {', '.join(verdict.reasons)}" if verdict.reasons else ""
    line = f"{verdict.verdict}{reasons}  ({looked}version {verdict.checks_version}, {verdict.at[:16]})"
    console.print(Padding(Text(line, style="green" if verdict.verdict == "accepted" else "red"), (0, 0, 0, 2)))
    for finding in verdict.findings:
        turn = f"message {finding['turn']}: " if finding["turn"] else ""
        text = f"{finding['severity']} {finding['code']}: {meaning_of(finding['code'])} {turn}“{finding['quote']}”"
        console.print(Padding(Text(text), (0, 0, 0, 4)))


def _show_said(console: Console, said: SaidStory) -> None:
    console.print(Text(f"  {said.purpose}  {said.call}, version {said.version}"), soft_wrap=True)
    if said.purpose == Purpose.READ.value:
        path = " → ".join(
            f"{one['measured_emotion']} {one['measured_intensity']:.2f}" for one in said.content["readings"]
        )
        console.print(Padding(Text(f"measured {path}"), (0, 0, 0, 4)))
        return
    for score in said.content["scores"]:
        quote = "" if score["quote"] in score["reason"] else f" “{score['quote']}”"
        text = f"{score['score']:>4} {score['dimension']}: {score['reason']}{quote}"
        console.print(Padding(Text(text), (0, 0, 0, 4)))


def show_items(console: Console, listed: Sequence[ListedItem]) -> None:
    """A line for each item, and its reason in words below."""
    for one in listed:
        colour = {"accepted": "green", "failed": "red", "rejected": "red"}.get(one.state.value, "yellow")
        reason = f"  {one.reason_code}" if one.reason_code else ""
        console.print(f"[{colour}]{one.state.value:<10}[/] {one.id}  {one.item.title}{reason}", soft_wrap=True)
        if one.reason_message:
            console.print(Padding(Text(one.reason_message, style="dim"), (0, 0, 0, 11)))
    counts = Counter(one.state.value for one in listed)
    console.print(f"{len(listed)} items" + "".join(f", {count} {state}" for state, count in sorted(counts.items())))


def show_examination(console: Console, seen: Sequence[Observation]) -> None:
    """A line for each thing that was looked at, and what to do below it."""
    styles = {Health.GOOD: "green", Health.NOTE: "yellow", Health.BAD: "red"}
    for one in seen:
        mark = Text(f"{one.health.value:<5}", style=styles[one.health])
        console.print(Text.assemble(mark, f"{one.about:<14}", one.said), soft_wrap=True)
        if one.advice:
            console.print(Padding(Text(one.advice), (0, 0, 0, 19)))
