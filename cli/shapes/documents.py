"""The document that each command prints with ``--json``."""

from typing import Annotated, Any, NotRequired, TypedDict, get_args

from cli.guess.proposed_target import Guess
from cli.plans import job_logs, redrive, removal, retry, rollback, withdrawal
from cli.shapes.parts import Batch, Endpoint, LearntVersion, Left, ListedRun, Removed, TimelineEntry, WatchedRun
from cli.shapes.schema import Changes, Schema, of
from cli.show.cost_estimate import Estimate
from cli.show.cost_report import CostReport
from cli.show.drift_report import DriftReport
from cli.show.evidence import Evidence
from cli.show.quality_report import QualityReport
from cli.show.turn_report import TurnReport
from cli.show.version_report import Report
from cli.show.why_report import Why
from cli.stack import reviewers
from cli.stack.account.log_groups import LogGroup
from cli.stack.registry import Decided
from cli.stack.rows.batch_scoring import Scored
from cli.stack.rows.rescan import Rescan
from cli.stack.rows.uploading import Uploaded
from cli.stack.web_console import ConsoleLink
from pipelines.model.quota_needs import Need
from pipelines.publishing import plan


class Demo(TypedDict):
    """The whole loop: the run, its answers to held-out records, and how long what took."""

    model: str
    run: str
    status: str
    version: int | None
    verdict: dict[str, Any]
    reasons: list[str]
    endpoint: dict[str, str | None] | None
    scored: dict[str, Any] | None
    predictions: list[dict[str, Any]]
    differences: NotRequired[list[str]]
    timeline: list[TimelineEntry]
    seconds: dict[str, float]
    pipeline_execution: str | None
    logs: str


class New(TypedDict):
    """A first model file, and what was guessed."""

    model: str
    file: str
    rows: int
    all_rows: bool
    guesses: list[Guess]
    problems: list[str]


class SageMakerSdk(TypedDict):
    """Where the SageMaker SDK's own files lie, and what they name."""

    config: str
    metadata: str
    bucket: str
    role: str
    export: str


class Up(TypedDict):
    """The local cloud."""

    url: str
    state: str
    stack: str
    outputs: dict[str, str]
    models: list[str]
    console: str
    pages: str  # of the local cloud itself, for people
    modes: dict[str, str]
    sagemaker_sdk: SageMakerSdk


class Down(TypedDict):
    """Whether a local cloud ran."""

    ended: bool


class MissingQuota(TypedDict):
    """A quota that does not suffice, with the command that requests more ("" where AWS names no code)."""

    quota: str
    value: float
    needed: int
    code: str
    models: list[str]
    command: str


class Doctor(TypedDict):
    """What the account has and lacks."""

    identity: str
    account: str
    region: str
    without_image: dict[str, list[str]]
    needs: list[Need]
    missing: list[MissingQuota]
    unknown: str
    log_groups: list[LogGroup]
    log_groups_unknown: str
    without_serving_role: dict[str, str]
    serving_roles_unknown: str


class BoundLogs(TypedDict):
    """``doctor --bound-job-logs``: what was done to the log groups of jobs, and what could not be."""

    changes: Annotated[list[Any], Changes((job_logs.CreateJobLogs, job_logs.BoundJobLogs))]
    left: list[Left]


Publishing = Annotated[list[Any], Changes((*get_args(plan.Change), *get_args(reviewers.Change)))]


class Planned(TypedDict):
    """A model and what would be changed for it."""

    model: str
    changes: Publishing


class Published(Planned):
    """A model that was published, and what now stands; ``changed`` where this call made it so."""

    pipeline_name: str
    pipeline_arn: str
    pipeline_version_id: int
    package_group: str
    model_sha256: str
    code_sha256: str
    definition_sha256: str
    changed: bool
    tuned_pipeline_name: str | None
    tuned_pipeline_version_id: int | None


class NotPublished(TypedDict):
    """A model, and why it could not be published."""

    model: str
    error: str


class Withdrawn(TypedDict):
    """Uploads, the versions that learnt from them, and what was (or would be) done."""

    model: str
    keys: list[str]
    versions: list[LearntVersion]
    changes: Annotated[list[Any], Changes((withdrawal.Withdraw, withdrawal.Erase, withdrawal.MarkErased))]


class Started(TypedDict):
    """The run that begins, and what it may cost."""

    model: str
    run: str
    joined: bool
    parameters: dict[str, str]
    version: int | None
    no_cache: bool
    estimate: Estimate


class Status(TypedDict):
    """Runs (newest first), what serves, what was refused, and what people should know."""

    runs: list[ListedRun]
    endpoints: list[Endpoint]
    batch: list[Batch]
    refused: list[dict[str, Any]]
    pipelines_at_once: int
    warnings: list[str]


class RolledBack(TypedDict):
    """The version that served, the one to go back to, and what was (or would be) done."""

    model: str
    serves: int | None
    to: int
    changes: Annotated[list[Any], Changes((rollback.Reject,))]


class Retried(TypedDict):
    """The version to deploy again, the one that serves, and what was (or would be) done."""

    model: str
    version: int
    serves: int | None
    changes: Annotated[list[Any], Changes((retry.ClearFailure, retry.Look))]


class Redriven(TypedDict):
    """Dead letters by queue, and what was (or would be) done with them."""

    letters: dict[str, int]
    changes: Annotated[list[Any], Changes((redrive.Redrive, redrive.Leave))]
    left: NotRequired[int]
    refused: NotRequired[list[str]]


class Predicted(TypedDict):
    """The endpoint's answers, in the records' order."""

    model: str
    predictions: list[dict[str, Any]]


class CleanedUp(TypedDict):
    """What was (or would be) done, and what is gone and what is left of it."""

    changes: Annotated[list[Any], Changes((removal.SwitchOff, removal.Remove, removal.SwitchOn, removal.RecordEnds))]
    removed: NotRequired[list[Removed]]
    left: NotRequired[list[Left]]


DOCUMENTS: dict[str, Any] = {
    "demo": Demo | TurnReport, "new": New, "check": dict[str, list[str]], "up": Up, "down": Down,
    "doctor": Doctor | BoundLogs,
    "publish": list[Published | Planned | NotPublished], "upload": list[Uploaded] | Rescan,
    "withdraw": Withdrawn, "start": Started, "status": Status, "watch": WatchedRun, "open": ConsoleLink,
    "approve": Decided, "reject": Decided, "rollback": RolledBack, "retry": Retried, "redrive": Redriven,
    "predict": Predicted, "score": Scored, "report": Report, "why": Why, "quality": QualityReport,
    "drift": DriftReport,
    "evidence": Evidence, "cost": CostReport, "cleanup": CleanedUp,
}  # fmt: skip


def page() -> Schema:
    """All of them, each under the name of its command."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `retrain COMMAND --json` prints",
        "description": "Keys may be added; none is taken away or changes its meaning without a word in the release.",
        "$defs": {name: of(document) for name, document in DOCUMENTS.items()},
    }
