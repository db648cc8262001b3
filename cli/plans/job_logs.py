"""What bounds the log groups of SageMaker's jobs, which all stacks of an account share: a person's act, never ours.

A group that is not there is made. One that is there gets the stack's retention where it keeps lines for longer, and
the stack's key where it has none of its own and the key outlives the stack.
Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_AssociateKmsKey.html (lines from then on)
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from cli.changes import render_text
from cli.errors import UserError, aws_error_text
from cli.stack.account.log_groups import LogGroup, kept_text


@dataclass(frozen=True)
class Bound:
    """What the stack asks of the groups."""

    stack: str
    retention_days: int
    key_arn: str  # of the customer's own key; "" where keys stay as they are
    created_key: bool  # whether the stack has a key that it made


@dataclass(frozen=True)
class CreateJobLogs:
    """A group that is not there is made ahead of the first job."""

    name: str
    retention_days: int
    key_arn: str
    heading = "create log group"

    @property
    def subject(self) -> str:
        """Name, retention and key."""
        return f"{self.name}, kept {self.retention_days} days{_under(self.key_arn)}"


@dataclass(frozen=True)
class BoundJobLogs:
    """A group that is there gets a retention, a key, or both."""

    name: str
    retention_days: int | None  # None: stays as it is
    key_arn: str  # "": stays as it is
    heading = "bound log group"

    @property
    def subject(self) -> str:
        """Name, and what it gets."""
        return self.name + (f", kept {self.retention_days} days" if self.retention_days else "") + _under(self.key_arn)


Change = CreateJobLogs | BoundJobLogs


def bound_of(stack: str, parameters: Mapping[str, str]) -> Bound:
    """What a stack with these parameters asks of the groups.

    Raises:
        UserError: the stack says no retention.
    """
    days, key = parameters.get("LogRetentionDays"), parameters.get("EncryptionKey", "")
    if days is None:
        raise UserError(f"stack '{stack}' has no parameter LogRetentionDays: it was not made of this template")
    return Bound(stack, int(days), key if key.startswith("arn:") else "", key == "create")


def plan(groups: Iterable[LogGroup], bound: Bound) -> list[Change]:
    """What is to be done; nothing for a group that keeps lines no longer than the stack and needs no key."""
    changes = (_change(group, bound) for group in groups)
    return [change for change in changes if change]


def _change(group: LogGroup, bound: Bound) -> Change | None:
    if not group.there:
        return CreateJobLogs(group.name, bound.retention_days, bound.key_arn)
    longer = not group.retention_days or group.retention_days > bound.retention_days
    key = "" if group.key_arn else bound.key_arn
    return BoundJobLogs(group.name, bound.retention_days if longer else None, key) if longer or key else None


def question(groups: Sequence[LogGroup], bound: Bound, changes: Sequence[Change], target: object) -> str:
    """What each group has now and what becomes of it, and of the lines in it."""
    by_name = {change.name: change for change in changes}
    lines = [f"this is done at {target}, to groups that every stack and team of the account writes to:"]
    for group in groups:
        lines += [f"  {group.name}: {kept_text(group)}", *_becomes(by_name.get(group.name), bound)]
    return "\n".join([*lines, *key_lines(bound)])


def _becomes(change: Change | None, bound: Bound) -> list[str]:
    if change is None:
        return ["    stays as it is"]
    if isinstance(change, CreateJobLogs):
        return [f"    is made, kept {change.retention_days} days{_under(change.key_arn)}"]
    told = []
    if days := change.retention_days:
        told.append(f"    lines older than {days} days are deleted for good, whosever they are, from now on")
    if change.key_arn:
        told.append(f"    new lines are encrypted{_under(change.key_arn)}: who reads them needs that key")
    return told


def key_lines(bound: Bound) -> list[str]:
    """Why no group gets the stack's key, where the stack made it."""
    if not bound.created_key:
        return []
    return [f"  keys stay as they are: the key that stack '{bound.stack}' made goes with it, and lines under it, too"]


def done_text(bound: Bound, done: Sequence[Change], left: Sequence[Mapping[str, str]]) -> str:
    """What was done, and what AWS refused."""
    lines = [render_text(done)] if done else []
    lines += [f"not bounded: {one['name']}: {one['problem']}" for one in left]
    if not lines:
        lines = [f"logs of jobs are kept no longer than {bound.retention_days} days: nothing was to do"]
        lines += key_lines(bound)
    return "\n".join(lines)


def execute(logs: Any, changes: Iterable[Change], target: object) -> Iterator[tuple[Change, str]]:
    """Make each change; with each what AWS refused of it, "" when it is done.

    Where the key is refused nothing is deleted.
    """
    for change in changes:
        try:
            _write(logs, change)
        except ClientError as error:
            yield change, aws_error_text(error, target)
        else:
            yield change, ""


def _write(logs: Any, change: Change) -> None:
    key = {"kmsKeyId": change.key_arn} if change.key_arn else {}
    if isinstance(change, CreateJobLogs):
        logs.create_log_group(logGroupName=change.name, **key)
    elif key:  # before anything is deleted: a key that does not admit the group is refused
        logs.associate_kms_key(logGroupName=change.name, **key)
    if change.retention_days:
        logs.put_retention_policy(logGroupName=change.name, retentionInDays=change.retention_days)


def _under(key_arn: str) -> str:
    return f", under {key_arn}" if key_arn else ""
