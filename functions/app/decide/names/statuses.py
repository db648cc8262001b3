"""Statuses: of a run, as people read it; in AWS's spelling, of a package's approval and of what has ended. Pure."""

from enum import StrEnum

# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribePipelineExecution.html, and
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PipelineExecutionStep.html
PIPELINE_ENDED = ("Succeeded", "Failed", "Stopped")  # executions of a pipeline, and their steps
# Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeTransformJob.html
JOB_ENDED = ("Completed", "Failed", "Stopped")


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
    NOT_DUE = "Not due"  # the model's policy held it back
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
