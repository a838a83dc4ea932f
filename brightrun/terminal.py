"""What a person sees in a terminal: plans, chats, progress, results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from rich import box
from rich.console import Console, Group
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from brightrun.catalog import Catalog
from brightrun.conversation import UserTurn
from brightrun.estimate import PriceRange
from brightrun.planning import Plan
from brightrun.preview import Preview, Previewed
from brightrun.store.jobs import Job
from brightrun.summary import BuildSummary

CHAT_WIDTH = 84
LISTED = 12


def show_plan(console: Console, plan: Plan, price: PriceRange | None) -> None:
    """Cells, templates, what was dropped and why, items, and the price."""
    console.print(f"[bold]{plan.spec.name}[/]: {plan.loaded.source.name}, catalog {plan.catalog.info.name}")
    console.print(
        f"{plan.grid.considered} combinations, {len(plan.grid.quotas)} of them built: "
        f"[bold]{len(plan.items)} conversations[/] in {plan.shards} task runs"
    )
    for line in _arcs(plan):
        console.print(line)
    if plan.grid.unsuitable:
        verb = {"drop": "dropped", "warn": "built all the same"}[plan.spec.grid.unsuitable]
        console.print(f"[yellow]{len(plan.grid.unsuitable)} combinations are advised against and {verb}:[/]")
        reasons = Counter(entry.reason for entry in plan.grid.unsuitable)
        for reason, count in reasons.most_common(LISTED):
            example = next(entry.cell for entry in plan.grid.unsuitable if entry.reason == reason)
            console.print(f"  {count:>5}  {reason}, as in {example}")
    on_behalf = sum(item.identity.reason is not None for item in plan.items)
    outcomes = Counter(item.outcome.value for item in plan.items)
    kinds = Counter(item.kind.value for item in plan.items)
    console.print("endings: " + ", ".join(f"{count} {name}" for name, count in outcomes.most_common()))
    console.print("kinds: " + ", ".join(f"{count} {name}" for name, count in kinds.most_common()))
    if on_behalf:
        console.print(f"asked on somebody's behalf: {on_behalf}")
    if price:
        console.print(
            f"expected cost: [bold]${price.low_usd} to ${price.high_usd}[/] with {plan.spec.generate.model} "
            f"(about {price.prompt_tokens:,} prompt tokens each, {price.counted_prompts} counted), "
            f"budget ${plan.spec.generate.budget_usd}"
        )
        if price.high_usd > plan.spec.generate.budget_usd:
            console.print("[yellow]The budget may end the job before it is complete.[/]")


def _arcs(plan: Plan) -> Iterator[str]:
    """A line for each arc, and one for the templates that write it."""
    yield f"{'conversations':>13}  {'combinations':>12}  arc"
    for arc in dict.fromkeys(cell.arc for cell in plan.grid.quotas):
        cells = [cell for cell in plan.grid.quotas if cell.arc == arc]
        items = [item for item in plan.items if item.cell.arc == arc]
        templates = Counter(item.template for item in items)
        yield f"{len(items):>13}  {len(cells):>12}  {arc}"
        yield f"[dim]{'':>29}{', '.join(f'{name} ×{count}' for name, count in sorted(templates.items()))}[/]"


def show_cells(console: Console, plan: Plan) -> None:
    """Every cell with its quota and templates."""
    by_cell: dict[str, list[str]] = {}
    for item in plan.items:
        by_cell.setdefault(str(item.cell), []).append(item.template)
    for cell, quota in plan.grid.quotas.items():
        console.print(f"{quota:>4} × {cell}  [dim]{', '.join(sorted(set(by_cell[str(cell)])))}[/]")


def show_preview(console: Console, preview: Preview, catalog: Catalog) -> None:
    """The conversations as chats, with their cost."""
    for entry in preview.conversations:
        _show_conversation(console, entry, catalog)
    kind = "SIMULATED, nothing was paid; the price if it had been" if preview.simulated else "spent"
    console.print(f"{kind}: ${_dollars(preview.spent_usd)}")


def _show_conversation(console: Console, entry: Previewed, catalog: Catalog) -> None:
    item = entry.item
    identity = item.identity
    facts = ", ".join(a.text for a in identity.attributes if a.name in ("work", "household", "place"))
    title = Text(str(item.cell), style="bold")
    plan = Text(
        f"{identity.name}, {identity.age}, {facts}\n"
        f"{item.start.emotion} {item.start.intensity:.2f} → {item.end.emotion} {item.end.intensity:.2f}, "
        f"{item.outcome.value}, {item.kind.value.replace('_', ' ')}, {item.exchanges} exchanges",
        style="dim",
    )
    console.print(Panel(Group(title, plan), box=box.HORIZONTALS, width=min(console.width, CHAT_WIDTH + 8)))
    if entry.conversation is None:
        console.print(f"[red]no conversation: {', '.join(entry.reasons) or entry.verdict}[/]\n")
        return
    width = min(console.width - 10, CHAT_WIDTH)
    for turn in entry.conversation.turns:
        if isinstance(turn, UserTurn):
            label = f"{identity.given_name} · {turn.emotion} {turn.intensity:.2f}"
            bubble = Panel(Text(turn.content), title=label, title_align="left", width=width, border_style="cyan")
            console.print(bubble)
        else:
            label = f"{catalog.advisor.name} · {turn.technique}"
            bubble = Panel(Text(turn.content), title=label, title_align="right", width=width, border_style="green")
            console.print(Padding(bubble, (0, 0, 0, 6)))
    style = "green" if entry.verdict == "accepted" else "red"
    why = f": {', '.join(entry.reasons)}" if entry.reasons else ""
    console.print(f"[{style}]{entry.verdict}{why}[/]\n")


def show_summary(console: Console, summary: BuildSummary) -> None:
    """First the answer, then where everything is."""
    colour = {"done": "green", "running": "cyan", "planned": "cyan"}.get(summary.status.value, "yellow")
    simulated = " [bold red]SIMULATED[/]" if summary.simulated else ""
    console.print(
        f"[bold {colour}]{summary.accepted} of {summary.planned} conversations accepted[/]{simulated} "
        f"({summary.status.value})"
    )
    if summary.message:
        console.print(summary.message)
    for name in ("rejected", "undecided", "failed", "cancelled"):
        if count := getattr(summary, name):
            console.print(f"  {count} {name}")
    for code, count in summary.reasons.items():
        console.print(f"    {count} × {code}")
    lines = [("job", summary.job_id)]
    if summary.release:
        lines.append(("release", shortened(summary.release.path)))
    would = ", had it been real" if summary.simulated else ""
    lines.append(("cost", f"${_dollars(summary.spent_usd)} of ${_dollars(summary.budget_usd)}{would}"))
    if summary.possibly_paid_calls:
        lines.append(("", f"{summary.possibly_paid_calls} calls broke off and are counted as paid"))
    if summary.cache_read_tokens:
        share = round(100 * summary.cache_read_tokens / summary.input_tokens)
        saved = _dollars(abs(summary.cache_saved_usd))
        verb = "saved" if summary.cache_saved_usd >= 0 else "cost"
        lines.append(("", f"{share}% of the prompt tokens were read from the cache, which {verb} ${saved}"))
    if summary.ui_url:
        lines.append(("Prefect", summary.ui_url))
    if summary.log:
        lines.append(("log", shortened(summary.log)))
    for name, value in lines:  # whole, however narrow the terminal: these are to be copied
        console.print(f"{name:<9}{value}", soft_wrap=True)
    if summary.adopted and summary.calls_of_this_run == 0:
        console.print("[dim]This dataset was built before: it was adopted, and nothing was paid for again.[/]")


def shortened(path: str) -> str:
    """The path from here where it lies below, else as it is."""
    here = Path.cwd()
    return str(Path(path).relative_to(here)) if Path(path).is_relative_to(here) else path


def _dollars(amount: Decimal) -> str:
    return f"{amount:.4f}".rstrip("0").rstrip(".") if amount else "0"


def show_jobs(console: Console, jobs: Sequence[Job]) -> None:
    """Jobs, newest first."""
    if not jobs:
        console.print("No job has been built yet.")
        return
    table = Table(box=box.SIMPLE, pad_edge=False)
    for column in ("job", "status", "", "spent", "made"):
        table.add_column(column, no_wrap=True, min_width=26 if column == "job" else None, overflow="fold")
    for job in jobs:
        kind = "simulated" if job.simulated else ""
        made = job.created_at.strftime("%Y-%m-%d %H:%M UTC")
        table.add_row(job.id, job.status.value, kind, f"${_dollars(job.spent_usd)}", made)
    console.print(table)
