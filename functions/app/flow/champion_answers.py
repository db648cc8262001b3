"""What a champion of several containers answers to a run's held-out rows: a batch transform that a pipeline waits for.

A champion that cannot be asked is a finding: it never fails the pipeline. Whatever comes of it is written as said.json
beside the answers, and the pipeline is told where that lies.
"""

from typing import Any

from app.aws import data_bucket, pipelines, transform_jobs
from app.aws.transform_jobs import Job
from app.decide.deployment_plans import tags_of
from app.decide.messages import ChampionAsked
from app.decide.rules import canonical, digest, split_uri, transform_name
from app.decide.transform_plans import transform_request
from app.errors import RetrainError, TransientError
from app.flow import transform_starts
from app.ledger import ledger
from app.ledger.task_tokens import AwaitedJob
from app.settings import Settings

KIND = "champion"


def ask(asked: ChampionAsked, settings: Settings, last: bool) -> str:
    """Start the batch transform that a pipeline waits for; its job, "" where the pipeline is answered at once.

    Raises:
        TransientError: and the message comes again; where this is its ``last`` time, the pipeline goes on without.
    """
    job = transform_name(settings.stack, asked.model, asked.version, digest("champion", asked.token))
    try:
        execution = pipelines.describe(asked.execution_arn)
        if asked.stopping or execution["PipelineExecutionStatus"] != "Executing":
            _stop(job, asked)
            return ""
        why = _begin(job, asked, _champion(execution), settings)
    except RetrainError as error:
        if isinstance(error, TransientError) and not last:
            raise
        transform_jobs.stop(job)
        why = f"it could not be asked: {error}"
    if why:
        pipelines.answer(asked.execution_arn, asked.token, {"answers": _unasked(asked.model, why, settings)})
        return ""
    return job


def _champion(execution: dict[str, Any]) -> dict[str, Any] | None:
    """What served when the execution's run was planned: the version that all of the run is held against."""
    record = ledger().record(str(execution.get("PipelineExecutionDisplayName", "")))
    return ((record.plan if record else None) or {}).get("champion")


def _begin(job: str, asked: ChampionAsked, champion: dict[str, Any] | None, settings: Settings) -> str:
    """Start the batch transform; why there is none, "" where there is one."""
    if why := why_not(champion):
        return why
    assert champion is not None, "or there is a reason"
    folder = f"s3://{settings.data_bucket}/transforms/{asked.model}/{job}/out"
    instances = data_bucket.published(settings.data_bucket, asked.model).scoring_type
    request = transform_request(job, champion["name"], instances, asked.records, folder)
    transform_starts.start(KIND, asked.token, asked.execution_arn, request, list(tags_of(settings)))
    return ""


def why_not(champion: dict[str, Any] | None) -> str:
    """Why the champion is not asked in a batch transform; "" when it is."""
    if champion is None:
        return "no version served when the run was planned"
    return "" if champion["several"] else "its one container is asked in the pipeline"


def answer(waiting: AwaitedJob, found: Job, settings: Settings) -> None:
    """Tell the pipeline that waits where the answers lie, or why there are none."""
    said = {"status": "answered"} if found.status == "Completed" else {"status": "failed", "reason": found.words}
    data_bucket.put_json(*split_uri(f"{found.output}/said.json"), said)
    pipelines.answer(waiting.whose, waiting.task_token, {"answers": found.output})


def _stop(job: str, asked: ChampionAsked) -> None:
    """The execution is being stopped, which waits for this answer."""
    ledger().forget_job(job)
    transform_jobs.stop(job)
    pipelines.give_up(asked.execution_arn, asked.token, "the pipeline execution is being stopped")


def _unasked(model: str, why: str, settings: Settings) -> str:
    """A folder that says why; equal reasons have one, so that what reads it comes from the cache."""
    said = {"status": "unasked", "reason": why}
    folder = f"transforms/{model}/unasked/{digest(canonical(said))}"
    data_bucket.put_json(settings.data_bucket, f"{folder}/said.json", said)
    return f"s3://{settings.data_bucket}/{folder}"
