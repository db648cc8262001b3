"""Records that the ledger keeps and rules are about: runs, and open executions of the machine."""

from datetime import datetime
from typing import Any, NamedTuple

from app.decide.names.statuses import RunStatus


class RunRecord(NamedTuple):
    """What is known about a run."""

    id: str
    model: str
    status: RunStatus
    execution_arn: str  # of the state machine; the latest, when a late decision began another
    verdict: dict[str, Any] | None = None  # {"passed", "metrics", "reasons", "champion"}
    version: int | None = None
    package_arn: str | None = None
    pipeline_execution_arn: str | None = None
    endpoint: str | None = None
    transform: str | None = None  # the batch transform job that its version is verified in, where it has no endpoint
    reasons: list[str] = []
    timeline: list[dict[str, str]] = []  # [{"at": ISO, "what"}]
    files: list[dict[str, Any]] = []  # the uploads of the run's own batch
    rows: int | None = None
    plan: dict[str, Any] | None = None
    warnings: list[dict[str, str]] = []  # what the data checks say of its uploads
    unheard: bool = False  # nobody was subscribed when its approval was requested
    finished_by: str | None = None  # the execution whose end is written
    left_out: list[dict[str, str]] = []  # [{"key", "version_id", "why"}]: the first accepted uploads that do not count
    left_out_counts: dict[str, int] = {}  # of all that do not
    refusing_pipelines: list[str] = []  # ARNs of executions whose job refused files, which the run then left out
    measuring_pipelines: list[str] = []  # ARNs of executions that only asked what serves about new rows
    refused_files: list[str] = []  # ids of those that the last of them refused
    refused_why: str = ""
    refused_data: str = ""  # the URI of the data in which it refused them
    outputs: dict[str, str] = {}  # "evaluation", "verification": S3 URIs
    cause: dict[str, Any] = {}  # what began it: {"kind", "evidence"}; empty of one that uploads began
    cost: dict[str, Any] = {}  # of its pipelines' jobs so far: {"usd", "unpriced"}
    judged: dict[str, Any] = {}  # what the verdict is about: decide.protection.judged_content.Judged

    @property
    def data(self) -> str:
        """The URI of the data that the run learns from, as it is planned now; "" of one that is not planned."""
        return str((self.plan or {}).get("parameters", {}).get("InputData", ""))

    @property
    def earlier_pipelines(self) -> tuple[str, ...]:
        """ARNs of executions that brought no verdict."""
        return (*self.refusing_pipelines, *self.measuring_pipelines)

    def is_left_behind(self, pipeline_execution: str) -> bool:
        """Whether the run went on after this execution: it only measured, or the run was planned anew since this one
        refused some of its files.
        """
        planned_anew = pipeline_execution in self.refusing_pipelines and self.data != (self.refused_data or None)
        return planned_anew or pipeline_execution in self.measuring_pipelines

    @property
    def current_pipeline(self) -> str:
        """ARN of the execution that is to bring the verdict; "" where none is noted."""
        noted = self.pipeline_execution_arn or ""
        return "" if self.is_left_behind(noted) else noted


class OpenExecution(NamedTuple):
    """An execution that should be running, or should have been finished."""

    arn: str
    task: dict[str, Any]  # the machine's input
    begun_at: datetime
    rests_until: datetime | None = None  # the reconciler leaves it alone until then

    @property
    def run(self) -> str:
        """The run that it is about; a late deployment is about an older one."""
        return str(self.task["run"])
