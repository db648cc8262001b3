"""What must fit together in a model file's ``retrain``: limits that can be kept, and no run that never ends. Pure."""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

from pipelines.model.metric_rules import Metric
from pipelines.model.model_rules import Finding, suggest

LIMITS = ("worse_by", "below", "above")
UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def findings(model: Mapping[str, Any], metrics: Mapping[str, Metric]) -> Iterator[Finding]:
    """Say what no run could follow, and what would begin runs without an end."""
    policy = model.get("retrain")
    if policy is None:
        return
    watches = [name for name in ("on_quality", "on_drift") if name in policy]
    yield from _of_schedule(policy.get("schedule"))
    for name in watches:
        yield from _of_windows(name, policy[name].get("windows", "2 of 5"))
    if "on_quality" in policy:
        yield from _of_quality(policy["on_quality"], metrics, model["task"])
    if policy["on_upload"] == "when_due" and not watches and "schedule" not in policy:
        what = "nothing would ever make uploads due"
        yield ("retrain", "on_upload"), what, "add on_quality, on_drift or schedule, or write always"
    if watches and not {"cooldown", "at_most"} & policy.keys() and policy["mode"] == "start":
        what = f"what {watches[0]} finds stays until a better version serves, and would begin one run after another"
        yield ("retrain", watches[0]), what, "add cooldown or at_most, or write mode: ask"
    tuned = [one["name"] for one in model["algorithms"] if "tuning" in one]
    if "budget" in policy and tuned:
        what = f"what tuning {tuned[0]} costs is not counted, so that a budget could not be kept"
        yield ("retrain", "budget"), what, "remove it, and limit runs by at_most, or remove the ranges"
    if "cooldown" in policy and "at_most" in policy:
        yield from _of_caps(policy["cooldown"], policy["at_most"])


def _of_schedule(schedule: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Source: https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"""
    if schedule is None:
        return
    zones = available_timezones()
    if schedule["timezone"] not in zones:
        what = f"{schedule['timezone']!r} is no time zone"
        yield ("retrain", "schedule", "timezone"), what, suggest(schedule["timezone"], ["UTC", "Europe/Berlin", *zones])
    expression = schedule["expression"]
    if rate := re.fullmatch(r"rate\((\d+) (?:minute|hour|day)(s?)\)", expression):
        if (rate[1] == "1") == bool(rate[2]):
            what = f"{expression}: one is singular, and more are plural"
            yield ("retrain", "schedule", "expression"), what, "write rate(1 day) or rate(2 days)"
    elif (fields := expression[5:-1].split()) and (fields[2] == "?") == (fields[4] == "?"):
        what = "cron takes ? in exactly one of day-of-month and day-of-week"
        yield ("retrain", "schedule", "expression"), what, 'write "cron(0 6 ? * MON *)" or "cron(0 6 1 * ? *)"'


def _of_windows(name: str, text: str) -> Iterator[Finding]:
    least, _, of = text.partition(" of ")
    if int(least) > int(of):
        yield ("retrain", name, "windows"), f"{text}: there are never so many", f"write {of} of {least}"


def _of_quality(rule: Mapping[str, Any], metrics: Mapping[str, Metric], task: str) -> Iterator[Finding]:
    where = ("retrain", "on_quality")
    given = [limit for limit in LIMITS if limit in rule]
    if len(given) != 1:
        yield where, f"it has {len(given)} of worse_by, below and above", "write exactly one of them"
    metric = metrics.get(rule["metric"])
    if metric is None:
        yield (*where, "metric"), f"{task} has no metric {rule['metric']!r}", suggest(rule["metric"], list(metrics))
        return
    wrong, right = ("below", "above") if metric.lower_is_better else ("above", "below")
    if wrong in rule:
        which = "lower" if metric.lower_is_better else "higher"
        yield (*where, wrong), f"of {metric.label} {which} is better", f"write {right}: {rule[wrong]}"
    for name in ("below", "above"):
        if name in rule and not metric.has(rule[name]):
            ends = [f"at least {metric.low}"] if metric.low is not None else []
            ends += [f"at most {metric.high}"] if metric.high is not None else []
            yield (*where, name), f"{rule[name]} is out of range", f"{metric.label} is {' and '.join(ends)}"


def _of_caps(cooldown: str, at_most: Mapping[str, Any]) -> Iterator[Finding]:
    """A cooldown that permits fewer runs than ``at_most`` makes that say nothing."""
    span = timedelta(**{UNITS[cooldown[-1]]: int(cooldown[:-1])})
    if span * at_most["runs"] >= timedelta(days=at_most["days"]):
        what = f"a cooldown of {cooldown} leaves no more than {at_most['runs']} runs in {at_most['days']} days anyway"
        yield ("retrain", "at_most"), what, "remove it, or shorten the cooldown"
