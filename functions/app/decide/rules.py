"""The rules of the house: names, keys, times and statuses. Pure: no clock, no environment, no AWS."""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from math import ceil, isclose
from typing import Any

S3_KEY_LIMIT = 1024  # bytes of UTF-8. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html


class RunStatus(StrEnum):
    """The status of a run, as people read it."""

    WAITING = "Waiting"
    RUNNING = "Running"
    AWAITING_APPROVAL = "Awaiting approval"
    DEPLOYING = "Deploying"
    DEPLOYED = "Deployed"
    REJECTED_BY_GATE = "Rejected by gate"
    REJECTED_BY_REVIEWER = "Rejected by reviewer"
    APPROVAL_EXPIRED = "Approval expired"
    SUPERSEDED = "Superseded"
    NO_USABLE_DATA = "No usable data"
    FAILED = "Failed"

    @property
    def final(self) -> bool:
        """Whether the run has ended; a late approval may begin another deployment all the same."""
        return self not in (RunStatus.WAITING, RunStatus.RUNNING, RunStatus.AWAITING_APPROVAL, RunStatus.DEPLOYING)


class Approval(StrEnum):
    """``ModelApprovalStatus`` in AWS's spelling."""

    APPROVED = "Approved"
    REJECTED = "Rejected"
    PENDING = "PendingManualApproval"


def iso(at: datetime) -> str:
    """Format ``at`` in UTC to the millisecond, as all timelines show it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def from_iso(text: str) -> datetime:
    """Parse an ISO time; without a zone it is UTC."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def digest(*parts: str) -> str:
    """Sha256 (hex) of ``parts``; the separator cannot occur in S3 keys' UTF-8, so no two lists collide."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def canonical(document: Any) -> str:
    """Canonical JSON: equal text for equal content."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


# Names

SEPARATOR = "--"  # in no stack's name, so that no name of one stack is how another's begin


def run_id(model: str, uploaded_at: datetime, object_id: str) -> str:
    """A run's name: also the machine execution's name and the pipeline execution's display name."""
    return f"{model}-{uploaded_at.astimezone(UTC):%Y%m%dt%H%M%S}-{object_id[:6]}"


def model_of_run(run: str) -> str:
    """The model of a run, from its id."""
    return run.rsplit("-", 2)[0]


def resource_name(stack: str, model: str) -> str:
    """Name of a model's pipeline, package group and endpoint."""
    return f"{stack}{SEPARATOR}{model}"


def model_of_resource(stack: str, name: str) -> str | None:
    """The model of a pipeline, package group or endpoint, from its name; None for another stack's."""
    prefix = resource_name(stack, "")
    return name[len(prefix) :] or None if name.startswith(prefix) else None


def versioned_name(stack: str, model: str, version: int, content: Any) -> str:
    """Name of a SageMaker model or endpoint config, at most 63 characters, that says version and content."""
    return _fitted(resource_name(stack, model), f"-v{version}-{digest(canonical(content))[:8]}")


def transform_name(stack: str, model: str, version: int, input_hash: str) -> str:
    """Name of a transform job, from version and input hash (at most 63 characters)."""
    return _fitted(resource_name(stack, model), f"-v{version}-{input_hash[-16:]}")


def _fitted(head: str, tail: str) -> str:
    return head[: 63 - len(tail)].rstrip("-") + tail


# Keys of the data bucket


def parse_upload_key(key: str) -> tuple[str, str] | None:
    """Model and rest of ``incoming/<model>/<rest>``; None for folder markers and other prefixes."""
    if not key.startswith("incoming/") or key.endswith("/"):
        return None
    model, slash, rest = key.removeprefix("incoming/").partition("/")
    return (model, rest) if slash and model else ("", key.removeprefix("incoming/"))


def quarantine_key(model: str, rest: str) -> str:
    """Key of a refused upload; one that would be too long for S3 is cut and ends in its hash."""
    key = f"quarantine/{model or 'unknown'}/{rest}"
    room = S3_KEY_LIMIT - len(".reason.json")
    if len(key.encode()) <= room:
        return key
    return key.encode()[: room - 17].decode(errors="ignore") + "-" + digest(rest)[:16]


def dataset_object(key: str, version_id: str) -> str:
    """Immutable name of an accepted upload, below ``datasets/<model>/``."""
    return f"objects/{digest(key, version_id)}.csv"


def scoring_name(bucket: str, model: str, key: str, version_id: str) -> str:
    """Name of the execution that scores one object version."""
    return f"{model}-{digest(bucket, key, version_id)[:16]}"


def config_key(model: str) -> str:
    """Key of a model's published configuration."""
    return f"config/models/{model}.json"


def version_key(model: str, pipeline_version: int) -> str:
    """Key of the configuration that was published with a version of a model's pipeline."""
    return f"config/pipelines/{model}/{pipeline_version}.json"


def baseline_key(model: str) -> str:
    """Key of a model's baseline: the profile of the data that its live version was trained on."""
    return f"config/baselines/{model}.json"


def split_uri(uri: str) -> tuple[str, str]:
    """Bucket and key of ``s3://bucket/key``."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key


# Times


def quiet_remaining_s(opened_at: datetime, last_at: datetime, now: datetime, quiet_s: int, max_wait_s: int) -> int:
    """Whole seconds until a batch may close: ``quiet_s`` after its last object, at the latest ``max_wait_s`` after its
    first. 0 means now.
    """
    quiet = quiet_s - (now - last_at).total_seconds()
    limit = max_wait_s - (now - opened_at).total_seconds()
    return max(0, ceil(min(quiet, limit)))


def duration_text(seconds: int) -> str:
    """A duration in the largest unit that it has one of: ``7 days``, ``90 minutes``."""
    for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"


# Endpoints

SHORT_OF_CAPACITY = (
    "insufficientinstancecapacity",
    "insufficient capacity",
    "unable to provision",
    "resourcelimitexceeded",
)


def short_of_capacity(failure: str) -> bool:
    """Whether AWS had no instances to give, or the account may have no more, which says nothing about the version.

    ``FailureReason`` is text alone, as SageMaker has no code for it: "Unable to provision requested ML compute capacity
    due to InsufficientInstanceCapacity error." Source: https://github.com/aws/deep-learning-containers/pull/6673 and
    https://github.com/aws-samples/sagemaker-custom-project-templates/issues/51
    """
    return any(words in failure.lower() for words in SHORT_OF_CAPACITY)


# Predictions


def same_prediction(actual: Mapping[str, Any], stored: Mapping[str, Any]) -> bool:
    """Whether a prediction equals the stored one: numbers within 1e-5, all else exactly."""
    return actual.keys() == stored.keys() and all(
        isclose(actual[name], stored[name], rel_tol=1e-5, abs_tol=1e-5)
        if isinstance(stored[name], float | int) and isinstance(actual[name], float | int)
        else actual[name] == stored[name]
        for name in stored
    )


def newest_eligible(approved: list[int], failed: set[int]) -> int | None:
    """The desired version: the newest approved one that has not failed."""
    return max((version for version in approved if version not in failed), default=None)


def shortened(names: list[str], shown: int = 6) -> str:
    """The first names and an ellipsis, for messages."""
    return ", ".join(names[:shown]) + (", …" if len(names) > shown else "")
