"""CloudWatch alarms that trip: every second or two each alarm is held against the metrics that were put.

moto keeps alarms and metrics and never compares them. Here periods end now, not at whole minutes, so that an alarm is
heard as soon as it can be known. Metric math is kept and not evaluated; nor is an alarm of whose metric nothing was
ever put: it stays as it is, or as SetAlarmState made it.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
"""

from __future__ import annotations

import json
import logging
import math
import operator
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatum, MetricDatumBase, cloudwatch_backends
from moto.core.responses import ActionResult

from localcloud import journaling
from localcloud.background import spawn
from localcloud.bus import events, targets
from localcloud.front import moto_patches
from localcloud.settings import Cloud
from localcloud.watch import metric_data

log = logging.getLogger(__name__)
EVERY_S = 1.0
MOST_DATA = 200_000  # older metrics are forgotten beyond this
MOST_HISTORY = 100  # changes of state that an alarm remembers
_STOPPED = threading.Event()

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanOrEqualToThreshold": operator.le,
    "LessThanThreshold": operator.lt,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Average": lambda values: sum(values) / len(values),
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}
Points = Sequence[tuple[float, float]]  # seconds since the epoch, value


@dataclass(frozen=True)
class Rule:
    """What an alarm compares."""

    statistic: str  # a name of STATISTICS, or a percentile: p99
    comparison: str
    threshold: float
    period_s: float
    periods: int
    needed: int  # of the periods have to breach
    missing: str  # breaching, notBreaching, ignore, missing


def state(rule: Rule, points: Points, now_s: float, before: str) -> str:
    """OK, ALARM or INSUFFICIENT_DATA, from the periods that end now."""
    breaching, known = 0, 0
    for number in range(rule.periods):
        end = now_s - number * rule.period_s
        values = [value for at, value in points if end - rule.period_s < at <= end]
        known += bool(values)
        if values:
            found = statistic(rule.statistic, values)
            breaching += COMPARISONS[rule.comparison](found, rule.threshold)
        else:
            breaching += rule.missing == "breaching"
    if breaching >= rule.needed:
        return "ALARM"
    if not known and rule.missing == "ignore":
        return before
    return "OK" if known or rule.missing in ("notBreaching", "breaching") else "INSUFFICIENT_DATA"


def statistic(name: str, values: Sequence[float]) -> float:
    """One number for a period; percentiles by nearest rank."""
    if name in STATISTICS:
        return float(STATISTICS[name](values))
    rank = math.ceil(float(name.removeprefix("p")) / 100 * len(values))
    return sorted(values)[max(rank, 1) - 1]


class Metrics:
    """What was put of each metric. Every datum is read once, however often alarms are held against it."""

    def __init__(self) -> None:
        self._read = 0  # data of moto's list
        self._points: dict[Any, deque[tuple[float, float]]] = defaultdict(deque)

    def read(self, data: list[MetricDatumBase]) -> None:
        """Take what is new in moto's list; what is too old goes from there."""
        forgotten = max(0, len(data) - MOST_DATA)
        self._forget(data[: min(forgotten, self._read)])
        del data[:forgotten]
        new = data[max(0, self._read - forgotten) :]
        for datum in new:
            if isinstance(datum, MetricDatum):
                key = _key(datum.namespace, datum.name, datum.dimensions)
                self._points[key].append((_seconds(datum.timestamp), datum.value))
        self._read = max(0, self._read - forgotten) + len(new)

    def _forget(self, data: list[MetricDatumBase]) -> None:
        """Let go of the points of data that are too old."""
        for datum in data:
            if isinstance(datum, MetricDatum):
                key = _key(datum.namespace, datum.name, datum.dimensions)
                self._points[key].popleft()
                if not self._points[key]:
                    del self._points[key]

    def of(self, alarm: Alarm) -> Points:
        """What an alarm looks at, in the order in which it was put."""
        return self._points.get(_key(alarm.namespace, alarm.metric_name, alarm.dimensions), ())


def install(cloud: Cloud) -> None:
    """Evaluate alarms from now on."""
    metric_data.install()
    _describe_by_all_that_is_asked()
    spawn(_evaluate_on, cloud)


def _describe_by_all_that_is_asked() -> None:
    """Describe the alarms that have the state and the actions that are asked for, of the types that are asked for;
    there are metric alarms alone.

    Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html ("If you omit this
    parameter, only metric alarms are returned, even if composite alarms exist in the account"; "Use this parameter to
    filter the results ... to only those alarms that ...")
    """

    def describe(self: Any) -> ActionResult:
        asked = {name: self._get_param(name) for name in ("AlarmNamePrefix", "StateValue", "ActionPrefix")}
        types, names = self._get_param("AlarmTypes", []), self._get_param("AlarmNames", [])
        shown = [
            alarm
            for alarm in self.cloudwatch_backend.describe_alarms()
            if (not types or "MetricAlarm" in types)
            and (not names or alarm.name in names)
            and alarm.name.startswith(asked["AlarmNamePrefix"] or "")
            and asked["StateValue"] in (None, alarm.state_value)
            and (not asked["ActionPrefix"] or any(one.startswith(asked["ActionPrefix"]) for one in alarm.alarm_actions))
        ]
        return ActionResult({"MetricAlarms": shown, "CompositeAlarms": []})

    moto_patches.replace("moto.cloudwatch.responses:CloudWatchResponse.describe_alarms", describe)


def stop() -> None:
    """Evaluate no more."""
    _STOPPED.set()


def _evaluate_on(cloud: Cloud) -> None:
    metrics: dict[str, Metrics] = defaultdict(Metrics)
    while not _STOPPED.wait(EVERY_S):
        for region, backend in list(cloudwatch_backends[cloud.account_id].items()):
            with journaling.LOCK:  # data are recorded by their place in the list
                metrics[region].read(backend.metric_data)
            _evaluate(cloud, region, backend, metrics[region])


def _evaluate(cloud: Cloud, region: str, backend: CloudWatchBackend, metrics: Metrics) -> None:
    for alarm in [alarm for alarm in list(backend.alarms.values()) if alarm.metric_name]:
        points = metrics.of(alarm)
        rule = rule_of(alarm) if points else None
        if rule is not None and rule.comparison in COMPARISONS:
            new = state(rule, points, datetime.now(UTC).timestamp(), alarm.state_value)
            del alarm.history[:-MOST_HISTORY]
            if new != alarm.state_value:
                _change(cloud, region, alarm, new)


def _key(namespace: str, name: str, dimensions: Sequence[Any]) -> tuple[Any, ...]:
    return namespace, name, frozenset((one.name, one.value) for one in dimensions)


def _seconds(at: datetime) -> float:
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def rule_of(alarm: Alarm) -> Rule:
    """What moto's alarm compares."""
    periods = int(alarm.evaluation_periods)
    return Rule(
        statistic=alarm.extended_statistic or alarm.statistic or "Average",
        comparison=alarm.comparison_operator,
        threshold=float(alarm.threshold),
        period_s=float(alarm.period or 60),
        periods=periods,
        needed=int(alarm.datapoints_to_alarm or periods),
        missing=alarm.treat_missing_data or "missing",
    )


def _change(cloud: Cloud, region: str, alarm: Alarm, new: str) -> None:
    old, reason = alarm.state_value, f"{alarm.metric_name} was held against the threshold {alarm.threshold}"
    alarm.update_state(reason, "{}", new)
    journaling.flush("cloudwatch")
    detail = {
        "alarmName": alarm.name,
        "state": {"value": new, "reason": reason},
        "previousState": {"value": old},
    }
    events.emit("aws.cloudwatch", "CloudWatch Alarm State Change", detail, [alarm.alarm_arn], region=region)
    actions = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}.get(new, alarm.insufficient_data_actions)
    for arn in (actions or []) if alarm.actions_enabled else []:
        try:
            targets.deliver(arn, json.dumps(_message(cloud, region, alarm, old)), {})
        except Exception:  # an action that fails is told in the log, as CloudWatch tells it in the alarm's history
            log.exception("alarm %s: its action %s failed", alarm.name, arn)


def _message(cloud: Cloud, region: str, alarm: Alarm, old: str) -> dict[str, Any]:
    """Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html"""
    return {
        "AlarmName": alarm.name,
        "AlarmDescription": alarm.description,
        "AWSAccountId": cloud.account_id,
        "AlarmArn": alarm.alarm_arn,
        "NewStateValue": alarm.state_value,
        "NewStateReason": alarm.state_reason,
        "OldStateValue": old,
        "StateChangeTime": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "Region": region,
        "Trigger": {
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Dimensions": [{"name": one.name, "value": one.value} for one in alarm.dimensions],
            "Threshold": alarm.threshold,
            "ComparisonOperator": alarm.comparison_operator,
        },
    }
