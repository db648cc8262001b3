"""A run as rows for a terminal: what is done ticks off, what runs turns, what failed says why."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from app.decide.messages import MOST_REASON
from app.decide.names.shown_text import shown
from app.decide.names.statuses import RunStatus
from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from cli.show import graph
from cli.show.follow import Snapshot, Step

DONE, RUNNING, FAILED = "done", "running", "failed"
MARKS = {DONE: ("✓", ""), FAILED: ("✗", "red")}
WENT_WRONG = (
    "gate not passed", "pipeline failed", "pipeline stopped", "batch transform failed", "batch transform stopped",
    "rejected", RunStatus.FAILED, RunStatus.REJECTED_BY_GATE, RunStatus.REJECTED_BY_REVIEWER,
    RunStatus.APPROVAL_EXPIRED, RunStatus.NO_USABLE_DATA,
)  # fmt: skip  # beginnings of what a timeline says
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
    happened = [(datetime.fromisoformat(entry["at"]), entry["what"]) for entry in snapshot.run.timeline]
    rows = [Row(at, _state(what), what, "", None) for at, what in happened]
    rows += [_row(step, step.ended or step.started) for step in snapshot.steps if step.started]
    return sorted(rows, key=lambda row: row.at)


def _state(what: str) -> str:
    """Whether what is on a timeline went well: it is written when it has happened, good or bad."""
    return FAILED if what.startswith(WENT_WRONG) else DONE


def _row(step: Step, at: datetime) -> Row:
    state = OF_STEP.get(step.status, RUNNING)
    detail = "cached: same code, same data" if step.cached else (step.reason or "")
    return Row(at, state, f"step {step.name}", detail, step.seconds)


def line(row: Row) -> str:
    """A finished row as one line of text."""
    took = f"  {row.seconds:.1f} s" if row.seconds is not None else ""
    detail = f"  {shown(row.detail, MOST_REASON)}" if row.detail else ""
    return f"{MARKS[row.state][0]} {shown(row.what)}{took}{detail}"


def _under_way(snapshot: Snapshot, width: int) -> Group:
    """What goes on now: the pipeline's graph while it runs, and what the run waits for."""
    view = Table.grid(padding=(0, 1))
    if not snapshot.run.status.final:
        view.add_row(Spinner("dots"), Text(str(snapshot.run.status), style="bold"))
    runs = snapshot.run.status == RunStatus.RUNNING
    return Group(*([graph.draw(snapshot.open_graph, snapshot.nodes, width)] if runs and snapshot.graph else []), view)


Talk = Callable[[], None]


def _nothing_to_say(_: Snapshot) -> Talk | None:
    return None


def show(
    console: Console, changes: Iterator[Snapshot], talk: Callable[[Snapshot], Talk | None] = _nothing_to_say
) -> Snapshot:
    """Print each row as it ends and turn what goes on below them, until ``changes`` end; the last is returned.

    ``talk`` sees every snapshot and answers what to do with the person while nothing else is drawn, if anything.
    """
    printed: set[tuple[datetime, str]] = set()
    last: Snapshot | None = None
    live = Live(console=console, refresh_per_second=12, transient=True)
    with live:
        for last in changes:
            for row in rows(last):
                if row.state != RUNNING and (row.at, row.what) not in printed:
                    printed.add((row.at, row.what))
                    console.print(Text(line(row), style=MARKS[row.state][1]), soft_wrap=True)
            live.update(_under_way(last, console.width))
            if (say := talk(last)) is not None:
                live.stop()
                say()
                live.start()
    assert last is not None, "a run has at least one state"
    return last
