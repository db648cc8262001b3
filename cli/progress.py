"""A run as rows for a terminal: what is done ticks off, what runs turns, what failed says why."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli.follow import Snapshot, Step

DONE, RUNNING, FAILED = "done", "running", "failed"
MARKS = {DONE: ("✓", "green"), FAILED: ("✗", "red")}
OF_STEP = {"Succeeded": DONE, "Failed": FAILED, "Stopped": FAILED}


@dataclass(frozen=True)
class Row:
    """One line of the view; ``at`` orders the lines."""

    at: datetime
    state: str
    what: str
    detail: str
    seconds: float | None


def rows(snapshot: Snapshot) -> list[Row]:
    """The run's timeline with its pipeline's steps between, in the order they happened."""
    found = [Row(datetime.fromisoformat(entry["at"]), DONE, entry["what"], "", None) for entry in snapshot.run.timeline]
    found += [_row(step, step.ended or step.started) for step in snapshot.steps if step.started]
    return sorted(found, key=lambda row: row.at)


def _row(step: Step, at: datetime) -> Row:
    state = OF_STEP.get(step.status, RUNNING)
    detail = "cached: same code, same data" if step.cached else (step.reason or "")
    return Row(at, state, f"step {step.name}", detail, step.seconds)


def table(snapshot: Snapshot) -> Table:
    """All rows, and a turning line for what is awaited while the run goes on."""
    view = Table.grid(padding=(0, 2))
    for row in rows(snapshot):
        mark = Spinner("dots") if row.state == RUNNING else Text(*MARKS[row.state])
        seconds = f"{row.seconds:.1f} s" if row.seconds is not None else ""
        view.add_row(mark, Text(row.what), Text(row.detail, style="dim"), Text(seconds, style="cyan"))
    if not snapshot.run.status.final:
        view.add_row(Spinner("dots"), Text(str(snapshot.run.status), style="bold"), "", "")
    return view


def show(console: Console, changes: Iterator[Snapshot]) -> Snapshot:
    """Show ``changes`` as they come and return the last: redrawn on a terminal, one line each elsewhere."""
    last: Snapshot | None = None
    if console.is_terminal:
        with Live(console=console, refresh_per_second=12) as live:
            for last in changes:
                live.update(table(last))
    else:
        told: set[tuple[datetime, str]] = set()
        for last in changes:
            for row in rows(last):
                if row.state != RUNNING and (row.at, row.what) not in told:
                    told.add((row.at, row.what))
                    took = f"  ({row.seconds:.1f} s)" if row.seconds is not None else ""
                    console.print(f"{MARKS[row.state][0]} {row.what}  {row.detail}{took}", markup=False, soft_wrap=True)
    assert last is not None, "a run has at least one state"
    return last
