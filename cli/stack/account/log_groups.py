"""The log groups that SageMaker makes for the jobs of a whole account: how long they keep a line, and under which key.

No stack sets either by itself: a retention deletes lines of others, and a key that goes with one stack makes those of
another unreadable. What is there is told, with the commands that bound it.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html (groups) and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_LogGroup.html
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.errors import aws_error_text
from cli.stack.target import Target

SHARED = ("/aws/sagemaker/ProcessingJobs", "/aws/sagemaker/TrainingJobs", "/aws/sagemaker/TransformJobs")
DAYS = 30  # as the template's LogRetentionDays


@dataclass(frozen=True)
class LogGroup:
    """One of the groups; one that is not there is made by the first job, without an end."""

    name: str
    there: bool
    retention_days: int | None = None  # None: for ever
    key_arn: str = ""  # "" for a key that AWS owns
    stored_bytes: int = 0  # as CloudWatch counts, some hours late


@dataclass(frozen=True)
class LogGroups:
    """What was found, or why nothing could be."""

    found: tuple[LogGroup, ...] = ()
    unknown: str = ""

    def data(self) -> dict[str, Any]:
        """The findings for programs."""
        return {"log_groups": [asdict(group) for group in self.found], "log_groups_unknown": self.unknown}


def check(target: Target) -> LogGroups:
    """Ask for the groups at the place that is talked to."""
    try:
        return LogGroups(found(target.client("logs")))
    except ClientError as error:
        return LogGroups(unknown=aws_error_text(error, target))


def found(logs: Any) -> tuple[LogGroup, ...]:
    """Each of the groups, whether it is there or not."""
    return tuple(_group(logs, name) for name in SHARED)


def _group(logs: Any, name: str) -> LogGroup:
    pages = logs.get_paginator("describe_log_groups").paginate(logGroupNamePrefix=name)
    listed: Iterable[dict[str, Any]] = (group for page in pages for group in page["logGroups"])
    for group in listed:
        if group["logGroupName"] == name:
            return LogGroup(
                name, True, group.get("retentionInDays"), group.get("kmsKeyId", ""), group.get("storedBytes", 0)
            )
    return LogGroup(name, False)


def render_text(report: LogGroups) -> str:
    """The report for a person: each group, and what bounds those that keep lines for ever."""
    if report.unknown:
        return f"log groups of jobs could not be read: {report.unknown}"
    lines = ["log groups of jobs, which are the account's and no stack's:"]
    for group in report.found:
        lines.append(f"  {group.name}: {kept_text(group)}")
        if not group.there:
            lines.append(f"    aws logs create-log-group --log-group-name {group.name}")
        if not group.retention_days:
            bound = f"--log-group-name {group.name} --retention-in-days {DAYS}"
            lines.append(f"    aws logs put-retention-policy {bound}")
    if not all(group.retention_days for group in report.found):
        lines.append("  or all of them, with the stack's retention: retrain doctor --bound-job-logs")
    return "\n".join(lines)


def kept_text(group: LogGroup) -> str:
    """How long a group keeps a line, under which key, and how much is in it."""
    if not group.there:
        return "not there yet"
    kept = f"{group.retention_days} days" if group.retention_days else "for ever"
    key = f"under {group.key_arn}" if group.key_arn else "under AWS's own key"
    return f"kept {kept}, {key}" + (f", {group.stored_bytes:,} bytes" if group.stored_bytes else "")
