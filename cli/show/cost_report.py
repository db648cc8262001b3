"""What runs, models and months cost: what SageMaker says was used, at a table's prices."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.decide.costs.months import begin_of, end_of, month_of, months_until, seconds_in
from app.decide.costs.prices import BadPrices, Prices, listed, of_text
from app.decide.costs.uses import Sum, Use, cost, money_text, sum_text, total
from app.decide.names.resource_names import begun_at
from app.decide.names.shown_text import shown
from app.ledger import RunRecord

from cli.errors import UserError
from cli.stack import billed_jobs
from cli.stack.billed_jobs import Billed
from cli.stack.target import Target

NOT_COUNTED = "volumes, S3, requests (serverless endpoints), alarms and logs, data transfer, and deleted endpoints"


@dataclass(frozen=True)
class JobCost:
    """What one job cost."""

    step: str
    kind: str
    job: str
    instance_type: str
    instances: int
    billed_s: float
    usd: float | None  # None: the table lacks its type


@dataclass(frozen=True)
class RunCost:
    """What the jobs of one run cost."""

    run: str
    model: str
    status: str
    month: str
    usd: float | None  # None where a type has no price
    at_least_usd: float  # what has one
    unpriced: list[str]
    instance_s: float
    cached: list[str]
    lost: int
    jobs: list[JobCost] = field(default_factory=list)


@dataclass(frozen=True)
class MonthCost:
    """What one model cost in one month."""

    model: str
    month: str
    runs: int
    usd: float | None  # None where a type has no price, here and below
    at_least_usd: float  # what has one
    unpriced: list[str]
    runs_usd: float | None
    transforms_usd: float | None
    transforms: int
    endpoint_usd: float | None
    endpoint_s: float  # of all its instances


@dataclass(frozen=True)
class CostReport:
    """Costs by month and by run, newest first."""

    prices: dict[str, str]
    region: str  # where the stack is
    local: bool  # a cloud on this machine, which costs nothing
    months: list[MonthCost]
    runs: list[RunCost]
    not_counted: str = NOT_COUNTED


def prices_of(path: Path | None) -> Prices:
    """The table of a file; without one that which comes with the app.

    Raises:
        UserError: the file is no price table.
    """
    if path is None:
        return listed()
    try:
        return of_text(path.read_text("utf-8"))
    except (BadPrices, UnicodeDecodeError) as error:
        raise UserError(f"{path}: {error}") from error


def of_stack(target: Target, what: str | None, months: int, prices: Prices) -> CostReport:
    """What a model, or all, cost in this month and those before it, ``months`` in all; or what one run cost.

    Raises:
        UserError: ``what`` is no model or run of the stack.
    """
    now = datetime.now(UTC)
    origin = {"region": prices.region, "as_of": prices.as_of, "source": prices.source}
    region, ledger = str(target.client("sagemaker").meta.region_name), target.ledger()
    models = ledger.models_with_runs()
    if what is not None and what not in models:
        record = ledger.record(what)
        if record is None:
            known = ", ".join(models) or "none has run yet"
            raise UserError(f"'{what}' is no model or run here (models: {known}); `retrain status` lists the runs")
        return CostReport(
            origin, region, target.local, [], [run_cost(record, billed_jobs.of_run(target, record, now), prices)]
        )
    names = months_until(month_of(now), months)
    runs = [
        run_cost(record, billed_jobs.of_run(target, record, now), prices)
        for record in ledger.runs(what)
        if month_of(begun_at(record.id)) in names
    ]
    costs = [
        one for model in models if what in (None, model) for one in _months(target, model, names, runs, prices, now)
    ]
    return CostReport(origin, region, target.local, costs, runs)


def run_cost(record: RunRecord, billed: Billed, prices: Prices) -> RunCost:
    """What a run's jobs cost."""
    found = total(billed.uses, prices)
    jobs = [
        JobCost(use.what, use.kind, use.name, use.instance_type, use.instances, use.billed_s, cost(use, prices))
        for use in billed.uses
    ]
    return RunCost(
        record.id, record.model, str(record.status), month_of(begun_at(record.id)), found.whole_usd, found.usd,
        list(found.unpriced), found.instance_s, list(billed.cached), billed.lost, jobs,
    )  # fmt: skip


def _months(
    target: Target, model: str, months: Iterable[str], runs: Sequence[RunCost], prices: Prices, now: datetime
) -> Iterator[MonthCost]:
    """What a model cost in each of these months, without those in which it used nothing."""
    fleet = billed_jobs.fleet_of(target, model)
    for month in months:
        own = [run for run in runs if (run.model, run.month) == (model, month)]
        transforms = billed_jobs.of_transforms(target, model, begin_of(month), end_of(month), now)
        served_s = seconds_in(month, fleet.created, now) if fleet else 0.0
        endpoint = fleet.uses(served_s) if fleet and served_s else []
        if own or transforms or endpoint:
            yield month_cost(model, month, own, transforms, endpoint, prices)


def month_cost(
    model: str, month: str, runs: Sequence[RunCost], transforms: Sequence[Use], endpoint: Sequence[Use], prices: Prices
) -> MonthCost:
    """What a model's runs, batch transforms and endpoint of one month cost together."""
    scoring, serving = total(transforms, prices), total(endpoint, prices)
    unpriced = {kind for run in runs for kind in run.unpriced}
    training = Sum(sum(run.at_least_usd for run in runs), 0, tuple(sorted(unpriced)))
    lacking = tuple(sorted({*unpriced, *scoring.unpriced, *serving.unpriced}))
    whole = Sum(training.usd + scoring.usd + serving.usd, 0, lacking)
    return MonthCost(
        model, month, len(runs), whole.whole_usd, whole.usd, list(lacking), training.whole_usd,
        scoring.whole_usd, len(transforms), serving.whole_usd, serving.instance_s,
    )  # fmt: skip


def render_text(report: CostReport) -> str:
    """The report for a person: a line for each month, and below it one for each run; of one run a line for each job."""
    lines: list[str] = []
    for month in report.months:
        lines.append(_month_text(month))
        own = [run for run in report.runs if (run.model, run.month) == (month.model, month.month)]
        lines += [f"  {_run_text(run)}" for run in own]
    if not report.months:
        lines += [
            line for run in report.runs for line in (_run_text(run), *(f"  {_job_text(job)}" for job in run.jobs))
        ]
    if not lines:
        lines.append("no run, endpoint or batch in these months; --months N looks further back")
    prices = report.prices
    lines += ["", f"At list prices of {prices['region']}, {prices['as_of']} ({prices['source']})."]
    if prices["region"] != report.region:
        lines.append(f"The stack is in {report.region}, where prices differ: give its own with --prices FILE.")
    if report.local:
        lines.append("The local cloud costs nothing: AWS asks this for the same seconds, and its jobs take minutes.")
    lines.append(f"Not counted: {report.not_counted}.")
    return "\n".join(shown(line, 1_000) for line in lines)


def _month_text(month: MonthCost) -> str:
    parts = [
        (month.runs, f"{month.runs} run{_s(month.runs)} {_usd_text(month.runs_usd)}"),
        (
            month.transforms,
            f"{month.transforms} batch transform{_s(month.transforms)} {_usd_text(month.transforms_usd)}",
        ),
        (month.endpoint_s, f"endpoint {_usd_text(month.endpoint_usd)} ({month.endpoint_s / 3600:,.2f} instance hours)"),
    ]
    whole = sum_text(Sum(month.at_least_usd, 0, tuple(month.unpriced)))
    return f"{month.month}  {month.model}: {whole} ({' + '.join(text for some, text in parts if some)})"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _usd_text(usd: float | None) -> str:
    return "unknown" if usd is None else money_text(usd)


def _run_text(run: RunCost) -> str:
    cached = f", {len(run.cached)} step{_s(len(run.cached))} from the cache" if run.cached else ""
    lost = ", and more: its pipeline was deleted, and with it what its jobs were" if run.lost else ""
    whole = sum_text(Sum(run.at_least_usd, run.instance_s, tuple(run.unpriced)))
    jobs = f"{len(run.jobs)} job{_s(len(run.jobs))}, {run.instance_s:,.0f} instance seconds"
    return f"{run.run}  {run.status}: {whole}{lost} ({jobs}{cached})"


def _job_text(job: JobCost) -> str:
    return (
        f"{job.step}: {_usd_text(job.usd)} ({job.kind}, {job.instances} of {job.instance_type}, {job.billed_s:,.1f} s)"
    )
