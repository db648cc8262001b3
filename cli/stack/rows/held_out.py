"""What serves is asked about the held-out records that evaluation stored: its endpoint, or a batch of its own."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.ledger import RunRecord

from cli.stack import serving
from cli.stack.rows import predictions
from cli.stack.rows.batch_scoring import SCORED, score
from cli.stack.target import Target


def answers(target: Target, model: str, run: RunRecord, folder: Path, deadline_s: float) -> dict[str, Any]:
    """The answers to the held-out records beside what evaluation stored for them; files of a batch go to ``folder``."""
    package = target.client("sagemaker").describe_model_package(ModelPackageName=run.package_arn)
    known = predictions.stored(target, package["CustomerMetadataProperties"]["verification"])
    text = table(known["columns"], known["records"])
    if serving.mode_of(target, model) == "batch":
        predicted, where = _scored(target, model, text, folder, deadline_s)
    else:
        predicted, where = (
            predictions.invoke(target, model, text.encode()).predictions,
            {"endpoint": _endpoint(target, model)},
        )
    return where | {
        "predictions": [
            {"record": record, **answer} for record, answer in zip(known["records"], predicted, strict=bool(predicted))
        ],
        "differences": predictions.differences(known["predictions"], predicted),
    }


def table(columns: Sequence[str], records: Sequence[str]) -> str:
    """A CSV of records as evaluation stored them, each as text, below their columns' names."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(columns)
    return text.getvalue() + "".join(f"{record}\n" for record in records)


def _endpoint(target: Target, model: str) -> dict[str, Any]:
    endpoint = serving.endpoint(target, model) or {}
    return {name: endpoint.get(name) for name in ("name", "status")}


def _scored(
    target: Target, model: str, text: str, folder: Path, deadline_s: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    path, into = folder / f"{model}-held-out.csv", folder / f"{model}-held-out.scored.csv"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    done = score(target, model, path, into, deadline_s)
    where = {"scored": {"status": done.status, "key": done.key, "rows": done.rows, "reason": done.reason}}
    if done.status != SCORED:
        return [], where
    with into.open(newline="") as file:
        return [_answer(row) for row in csv.DictReader(file)], where


def _answer(row: dict[str, str]) -> dict[str, Any]:
    """The columns that scoring added, named as an endpoint names them."""
    answers = {name.removeprefix("predicted_"): text for name, text in row.items() if name.startswith("predicted_")}
    return {name: text if name == "label" else float(text) for name, text in answers.items()}
