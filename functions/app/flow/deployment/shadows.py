"""The time in shadow: it is prepared with the deployment, begins when the endpoint has the shadow, and is judged once
it is over, by whoever looks then; the verdict is the ledger's, and the next step of the endpoint follows it.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from app.aws import data_bucket, endpoints
from app.aws.watching import variant_metrics
from app.decide.deployment.deployment_alarms import alarms_of
from app.decide.deployment.shadows import SHADOW, Agreement, ShadowRun, agreement, judge, why_at_once
from app.decide.deployment_plans import VARIANT, Deployment, shadow_request, update_strategy, why_no_shadow
from app.decide.messages import RunTask
from app.decide.names.bucket_keys import captured_prefix
from app.decide.names.resource_names import resource_name
from app.decide.names.times import from_iso
from app.decide.uploads.published_model import Data
from app.decide.watching.captured_lines import Captured, Unread, begun_at, hour_of, rows_of
from app.errors import QuotaReached, RetrainError, TransientError
from app.flow.deployment.versions import DesiredVersion
from app.ledger import ledger
from app.ledger.batches import now
from app.settings import Settings

MOST_ROWS, MOST_FILES = 2_000, 40  # of each variant that are compared: some seconds' work, and enough for a share


def prepare(task: RunTask, plan: Deployment, desired: DesiredVersion, settings: Settings) -> dict[str, Any]:
    """Make the configuration in which the version is the shadow of what serves, with its alarms; what the waiter is to
    know of it. Nothing where the model file asks for none, the version is to serve at once, or AWS refuses what a
    shadow needs: the version was approved, and each later attempt would be refused the same.
    """
    if not plan.shadow:
        return {}
    try:
        found = _made(task, plan, desired, settings)
    except RetrainError as refused:
        if isinstance(refused, TransientError) and not isinstance(refused, QuotaReached):
            raise
        found = str(refused)
    if isinstance(found, str):
        ledger().append_timeline(task.run, f"no time in shadow: {found}")
        return {}
    return found


def _made(task: RunTask, plan: Deployment, desired: DesiredVersion, settings: Settings) -> dict[str, Any] | str:
    """What the waiter is to know of a shadow that was made; why there is none, where there is none."""
    live = ledger().live_version(task.model)
    serving = live.version if live and not live.batch else None
    why = why_at_once(task.version, serving, desired.approved, endpoints.describe(plan.endpoint))
    if why or live is None:
        return why
    champion = endpoints.described_config(live.name)
    containers = endpoints.containers_of_model(live.name) if champion else []
    if why := why_no_shadow(settings, plan, champion, len(containers)):
        return why
    request = shadow_request(settings, task, plan, champion)
    config = str(request["EndpointConfigName"])
    endpoints.ensure_requested_config(request)
    ledger().note_alarms(task.model, config)
    endpoints.put_alarms(alarms_of(settings, plan.endpoint, config))
    strategy = update_strategy({"type": "all_at_once", "wait_s": 0}, 1, 0)  # what serves is as good as it was
    kept = {"for_s": int(plan.shadow["for_s"]), "agreement": str(plan.shadow["agreement"])}
    return {"config": config, "strategy": strategy} | kept


def judge_due(model: str, settings: Settings) -> None:
    """Judge the version in shadow whose time is over, if somebody waits for it."""
    run, endpoint = ledger().shadow_run(model), resource_name(settings.stack, model)
    if run is None or run.over or now() < run.until:
        return
    waiting = [one for one in ledger().endpoint_waiters(endpoint) if one.shadow.get("config") == run.config]
    if not waiting:
        return
    production, shadow = (
        variant_metrics.traffic(endpoint, run.config, variant, run.begun_at, run.until) for variant in (VARIANT, SHADOW)
    )
    agreed = _agreed(model, endpoint, run, settings)
    verdict = judge(production, shadow, agreed, float(waiting[-1].shadow["agreement"]))
    ledger().append_timeline(waiting[-1].run, verdict.seen)
    ledger().end_shadow_run(model, run, "; ".join(verdict.reasons))


def _agreed(model: str, endpoint: str, run: ShadowRun, settings: Settings) -> Agreement | None:
    """How often both answered the same; None where the model is not captured."""
    published = data_bucket.published(settings.data_bucket, model)
    if not published.deployment.get("capture"):
        return None
    captured = f"{captured_prefix(model)}/{endpoint}"
    production, shadow = (
        islice(_captured(settings.data_bucket, f"{captured}/{variant}/", run, published.data), MOST_ROWS)
        for variant in (VARIANT, SHADOW)
    )
    return agreement(production, shadow, labels=bool(published.data.labels))


def _captured(bucket: str, variant: str, run: ShadowRun, data: Data) -> Iterator[Captured]:
    """The rows that a variant answered in that time; a request that is none of this model says nothing."""
    began = run.begun_at.replace(microsecond=0)  # a line says whole seconds
    for key in islice(data_bucket.keys_from(bucket, variant, f"{variant}{hour_of(began)}/"), MOST_FILES):
        if (at := begun_at(key)) is None or at > run.until:
            continue
        for line in data_bucket.lines(bucket, key):
            try:
                yield from (row for row in rows_of(line, data) if began <= from_iso(row.at) <= run.until)
            except Unread:
                continue
