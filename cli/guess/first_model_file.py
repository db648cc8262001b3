"""Write a first model file by looking at the data."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from cli import model_files
from cli.errors import UserError
from cli.guess import model_text, proposed_model
from cli.guess.columns import LOOKED_AT, profile
from pipelines.model import model_file


def write(model: str, data: Path, target: str | None) -> dict[str, Any]:
    """Write models/<model>.yaml as ``data`` suggests; what was guessed, and why.

    Raises:
        UserError: the name cannot be a model's, there is such a file, or nothing can be learnt from the data.
    """
    pattern = model_file.schema()["properties"]["name"]["pattern"]
    if not re.fullmatch(pattern, model):
        raise UserError(
            f"'{model}' cannot be a model's name: lower-case letters, digits and single hyphens, at most 32"
        )
    path = model_file.path_of(model)
    if path.exists():
        raise UserError(f"models/{path.name} is there already; nothing was written: remove it, or choose another name")
    try:
        with data.open(encoding="utf-8-sig", newline="") as lines:
            columns = profile(lines, data.name)
    except FileNotFoundError as error:
        raise UserError(f"no file {data}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{data}: not UTF-8 (byte {error.start}); save it as UTF-8") from error
    draft = proposed_model.draft(columns, target)
    path.write_text(model_text.text(model, draft, data.name), encoding="utf-8")
    rows = columns[0].rows
    return {
        "model": model,
        "file": f"models/{path.name}",
        "rows": rows,
        "all_rows": rows < LOOKED_AT,
        "guesses": [asdict(guess) for guess in draft.guesses],
        "problems": model_files.problems(model),
    }


def render_text(report: dict[str, Any], data: Path) -> str:
    """The report for a person: every guess with its reason, and what to type next."""
    looked = f"{report['rows']:,} rows" if report["all_rows"] else f"the first {report['rows']:,} rows"
    wide = max(len(guess["what"]) for guess in report["guesses"])
    named = max(len(guess["value"]) for guess in report["guesses"])
    lines = [f"{report['file']}, from {looked} of {data.name}:"]
    lines += [f"  {one['what']:<{wide}}  {one['value']:<{named}}  {one['why']}" for one in report["guesses"]]
    lines += [*report["problems"], f"next: retrain demo {report['model']} --data {data}"]
    return "\n".join(lines)
