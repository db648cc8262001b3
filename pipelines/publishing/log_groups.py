"""The log group of a model's endpoint: what is to stand, what stands, and what makes the one of the other. Pure.

SageMaker makes the group with the endpoint's first line, without an end and under a key that AWS owns. One that is
there before is taken as it is.
Source: https://docs.aws.amazon.com/sagemaker/latest/dg/logging-cloudwatch.html (names) and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html (no end, key)
"""

from dataclasses import dataclass

FOLDER = "/aws/sagemaker/Endpoints/"
WITH_ENDPOINT = ("realtime", "serverless")  # how a model may be deployed


@dataclass(frozen=True)
class LogGroup:
    """A log group, as it is to stand or stands."""

    name: str
    retention_days: int  # 0: for ever
    key_arn: str = ""  # "" for a key that AWS owns


@dataclass(frozen=True)
class CreateLogGroup:
    """The group is made ahead of the endpoint."""

    name: str
    retention_days: int
    key_arn: str
    heading = "create log group"

    @property
    def subject(self) -> str:
        """Name and retention."""
        return f"{self.name}, kept {self.retention_days} days"


@dataclass(frozen=True)
class BoundLogGroup:
    """A group that is there keeps lines as long as the stack's others, and new ones under the stack's key."""

    name: str
    retention_days: int
    key_arn: str  # that it does not have yet; "" where it stays under its own
    heading = "bound log group"

    @property
    def subject(self) -> str:
        """Name, retention, and the key where it gets one."""
        return f"{self.name}, kept {self.retention_days} days" + (f", under {self.key_arn}" if self.key_arn else "")


def group_changes(wanted: LogGroup | None, there: LogGroup | None) -> list[CreateLogGroup | BoundLogGroup]:
    """What brings the group to what it is to be; a stack without a key of its own takes none away."""
    if wanted is None:
        return []
    if there is None:
        return [CreateLogGroup(wanted.name, wanted.retention_days, wanted.key_arn)]
    key = wanted.key_arn if wanted.key_arn != there.key_arn else ""
    if there.retention_days == wanted.retention_days and not key:
        return []
    return [BoundLogGroup(wanted.name, wanted.retention_days, key)]
