"""What a run may cost that is asked for: what its steps took last, on the instances that are published now."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from app.decide.costs.estimates import PastRun, next_run, serving_text
from app.decide.costs.prices import Prices
from app.decide.costs.uses import PROCESSING, TRAINING, TRANSFORM, Sum, sum_text, total
from botocore.exceptions import ClientError

from cli.errors import aws_error_text
from cli.stack import billed_jobs, serving
from cli.stack.target import Target
from pipelines.definition.tuning import TUNING

PAST_RUNS = 3  # are looked at: a step that all of them took from the cache has no duration
PARAMETERS = {PROCESSING: "ProcessingInstanceType", TRAINING: "TrainingInstanceType"}


@dataclass(frozen=True)
class Estimate:
    """What is known beforehand."""

    usd: float | None  # of its jobs; None where that is not known
    at_least_usd: float
    unpriced: list[str] = field(default_factory=list)
    like_run: str = ""  # the newest run that had these steps
    unknown: str = ""  # why nothing is known
    serving: str = ""  # what serving costs, in a sentence
    prices: str = ""


def of_next_run(target: Target, model: str, asked: Mapping[str, str], version: int | None, prices: Prices) -> Estimate:
    """Estimate a run of ``model`` with the parameters ``asked`` for. Whoever may not look at jobs is told so."""
    document = serving.published(target, model, version)
    section = document.get("model", {}).get("deployment") or {}
    after = serving_text(section, prices) if document else ""
    try:
        past = _past(target, model, _pipeline(document, asked))
    except ClientError as error:
        return Estimate(None, 0, unknown=aws_error_text(error, target), serving=after, prices=prices.origin)
    found = total(next_run(past, types(document, asked)), prices)
    if not past:
        unknown = "no run has taken these steps yet, and so nobody knows how long they take"
        return Estimate(None, 0, unknown=unknown, serving=after, prices=prices.origin)
    return Estimate(found.whole_usd, found.usd, list(found.unpriced), past[0].run, "", after, prices.origin)


def types(document: Mapping[str, Any], asked: Mapping[str, str]) -> dict[str, str]:
    """The instance type that each kind of job is meant to have: asked for, published, or the model file's."""
    instances = document.get("model", {}).get("instances") or {}
    chosen = {**document.get("parameters", {}), **asked}
    named = {
        kind: chosen.get(PARAMETERS.get(kind, ""), instances.get(kind)) for kind in (PROCESSING, TRAINING, TRANSFORM)
    }
    return {kind: str(name) for kind, name in named.items() if name}


def _pipeline(document: Mapping[str, Any], asked: Mapping[str, str]) -> str:
    tunes = asked.get(TUNING, "on" if document.get("tunes") else "off") == "on"
    which = document.get("tuned_pipeline") if tunes else None
    return str((which or document.get("pipeline") or {}).get("name", ""))


def _past(target: Target, model: str, pipeline: str) -> list[PastRun]:
    """The newest runs of a pipeline that came to a verdict, newest first."""
    now = datetime.now(UTC)
    judged = (
        run for run in target.ledger().runs(model) if run.verdict and (run.plan or {}).get("pipeline") == pipeline
    )
    found = ((run.id, billed_jobs.of_run(target, run, now)) for run in islice(judged, PAST_RUNS))
    return [PastRun(run, billed.uses, billed.cached) for run, billed in found if billed.uses or billed.cached]


def render_text(found: Estimate) -> str:
    """The estimate for a person."""
    lacks = f"the price table lacks {', '.join(found.unpriced)}" if found.unpriced and not found.at_least_usd else ""
    if why := found.unknown.rstrip(".") or lacks:
        lines = [f"What its jobs cost is not known: {why}."]
    else:
        usd = sum_text(Sum(found.at_least_usd, 0, tuple(found.unpriced)))
        lines = [f"Its jobs may cost {usd}, as its steps took in {found.like_run} or before, at {found.prices}."]
    return "\n".join([*lines, *([found.serving] if found.serving else [])])
