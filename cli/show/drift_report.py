"""What is uploaded and scored, held against what the serving version learnt from: a line for each window."""

from dataclasses import dataclass, field
from typing import Any

from app.decide.names.shown_text import shown

from cli.errors import UserError
from cli.stack.target import Target

MOST_NAMED = 5  # columns of a window that drifted
NOTHING = (
    "No window was measured yet: each large upload is one, and scored files add up to them, once a version serves."
)


@dataclass(frozen=True)
class DriftReport:
    """The newest drift windows of a model, oldest first."""

    model: str
    windows: list[dict[str, Any]] = field(default_factory=list)


def of_model(target: Target, model: str, most: int) -> DriftReport:
    """The ``most`` newest windows.

    Raises:
        UserError: no run of the model ever began.
    """
    ledger = target.ledger()
    if model not in (known := ledger.models_with_runs()):
        raise UserError(f"'{model}' is no model here (models: {', '.join(known) or 'none has run yet'})")
    return DriftReport(model, [window.document() for window in ledger.newest_windows(model, "drift", most)[::-1]])


def render_text(report: DriftReport) -> str:
    """The report for a person."""
    if not report.windows:
        return NOTHING
    rows = [("until", "rows", "of", "version", "PSI", "drifted"), *map(_row, report.windows)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = ("  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(shown(line, 1_000) for line in lines)


def _row(window: dict[str, Any]) -> tuple[str, ...]:
    names = [shown(name, 60) for name in window["details"].get("drifted", ())]
    columns = window["details"].get("columns", {})
    named = [f"{name} ({', '.join(columns.get(name, {}).get('why', ())) or 'drift'})" for name in names[:MOST_NAMED]]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (
        window["end"][:19], f"{window['rows']:,}", window["source"], str(window["version"]), f"{window['value']:.2f}",
        f"{', '.join(named)}{more}" if named else "nothing",
    )  # fmt: skip
