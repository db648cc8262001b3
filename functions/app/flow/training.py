"""A run from its closed batch to its verdict."""

from typing import Any

from app.aws import data_bucket, pipelines, state_machine
from app.decide.costs import prices
from app.decide.costs.uses import total
from app.decide.messages import RunTask
from app.decide.names.bucket_keys import document_uri
from app.decide.names.hashes import digest
from app.decide.names.statuses import PIPELINE_ENDED, RunStatus
from app.decide.protection.judged_content import CHANGED, Judged, describe_other_package
from app.decide.records import RunRecord
from app.decide.run_plans import frozen_plan, pipeline_run, quota_too_low, verdict
from app.decide.uploads.published_model import Model
from app.decide.uploads.refused_files import refused_among, without_ids
from app.decide.uploads.standing import Standing
from app.decide.watching.history import MEASURES
from app.decide.watching.notices import cause_lines
from app.decide.watching.policy import Decision
from app.errors import ArtifactChanged, FilesRefused, NotSettledYet, NoVerdict, PipelineFailed, QuotaTooLow
from app.flow import champions, judged_content, turns
from app.flow.uploads import run_data
from app.flow.watching import measuring, policies, quality
from app.ledger import ledger
from app.ledger.batches import MAX_WARNINGS_KEPT, now
from app.settings import Settings

MOST_ATTEMPTS = 3  # pipelines whose jobs refuse files, of one run
NOBODY_WAITS = "nobody waits"


def plan(task: RunTask, settings: Settings) -> dict[str, Any]:
    """Close the batch and freeze what the run works on: files, model file, pipeline version.

    Raises:
        QuotaTooLow: the account never gets the run's instances.
    """
    ledger().close_batch(task.model, task.run)
    overrides = ledger().overrides_of(task.run)
    version = overrides.get("pipeline_version")
    model, current = data_bucket.published_for_run(settings.data_bucket, task.model, version)
    no_cache = bool(overrides.get("no_cache"))
    found, data, why = run_data.freeze(settings.data_bucket, model, task.run, no_cache=no_cache)
    facts = {"rows": sum(file["rows"] for file in found.files)} | found.told()
    if data is None:
        ledger().update_run(task.run, "batch closed", **facts)
        return {"usable": False, "due": True, "reasons": [why]}
    frozen = frozen_plan(model, data, settings.data_bucket, overrides, current)
    frozen |= _prices(model, frozen, settings.data_bucket)
    decision = policies.admit(task.run, model)
    if not decision.starts:
        return _held_back(task, settings, model, decision, {"plan": frozen} | facts)
    if not version and (why := quota_too_low(model, frozen["parameters"])):
        raise QuotaTooLow(why)  # what was found when an earlier version was published nobody has looked at again
    _add_champion(frozen, champions.current_champion(settings, task.model, model.mode), model)
    cause: dict[str, object] = {"kind": str(decision.cause), "evidence": list(decision.evidence)}
    facts |= {"cause": cause, "plan": frozen} | _warnings(task.run, found)
    ledger().set_status(task.run, task.execution, RunStatus.RUNNING, "batch closed", **facts)
    told = {"began": began} if (began := cause_lines(cause)) else {}
    return {"usable": True, "deadline_s": model.deadline_s} | told


def _prices(model: Model, plan: dict[str, Any], bucket: str) -> dict[str, Any]:
    """What a plan says of prices that were published: those of the instance types that its model names."""
    known, own = data_bucket.prices(bucket), (model.deployment, model.instances, model.large_data, model.scoring_type)
    return {"prices": prices.frozen(known, plan, own)} if known else {}


def _held_back(
    task: RunTask, settings: Settings, model: Model, decision: Decision, facts: dict[str, Any]
) -> dict[str, Any]:
    """Hold the run back; where its policy lacks but the quality of what serves on its uploads, that is asked first, by
    the steps of its pipeline that do so. What a run says of its data stays that of the plan that a pipeline followed.
    """
    plan, record = facts.pop("plan"), ledger().record(task.run)
    measured, steps = bool(record and record.measuring_pipelines), model.pipeline_of(plan["pipeline"]).measuring
    if decision.measure and steps and not measured and not quota_too_low(model, plan["parameters"]):
        champion = champions.current_champion(settings, task.model, model.mode)
        if champion:
            _add_champion(plan, champion, model)
            facts["plan"] = plan | {"measuring": list(steps)}
            ledger().set_status(task.run, task.execution, RunStatus.RUNNING, MEASURES, **facts)
            return {"usable": True, "deadline_s": model.deadline_s}
    told = {} if record and record.plan else facts
    ledger().update_run(task.run, "held back", **told)
    return {"usable": False, "due": False, "held_back": str(decision.hold), "reasons": list(decision.reasons)}


def _add_champion(plan: dict[str, Any], champion: champions.Champion | None, model: Model) -> None:
    """Add what serves to a frozen plan, and whether its jobs' prices are counted."""
    plan["parameters"] |= champions.pipeline_parameters(champion)
    plan["champion"] = champion._asdict() if champion else None
    if "budget" in model.retrain:
        plan["priced"] = True


def _warnings(run: str, found: Standing) -> dict[str, Any]:
    """The data checks' findings in those of the run's own uploads that count, as a fact of the run."""
    counted = {(file["key"], file["version_id"]) for file in found.files}
    new = [file for file in ledger().files_of_run(run, append=False) if (file.key, file.version_id) in counted]
    warnings = [warning | {"file": file.key} for file in new for warning in file.warnings]
    return {"warnings": warnings[:MAX_WARNINGS_KEPT]}  # none, too: an earlier plan of the run may have had some


def start_pipeline(task: RunTask) -> str:
    """Start the run's pipeline; its ARN, "" of a run that was ended meanwhile, which starts none.

    Its token is stored first, as the pipeline may end before the next line, and then it is read whether the run is
    over: whoever ends a run writes that first, and then looks for the token. So one of the two sees the other, and a
    pipeline that was started all the same has no token any more and is stopped, as another run may have the turn.
    """
    ledger().remember_token(f"pipeline/{task.run}", task.task_token, task.run)
    record = ledger().record(task.run)
    if record is None or record.plan is None:
        raise NoVerdict(f"the ledger has no plan of run {task.run}")
    if record.status.final:
        ledger().forget_token(f"pipeline/{task.run}", task.task_token)
        return ""
    arn = pipelines.start(pipeline_run(task.run, record.plan))
    ledger().update_run(task.run, _step_of(record, "started"), pipeline_execution_arn=arn)
    if resume_if_pipeline_ended(task.run, arn, ended=False) == NOBODY_WAITS:
        pipelines.stop(arn, digest("stop", task.run))
    return arn


def pipeline_execution(record: RunRecord | None) -> str:
    """The ARN of a run's pipeline execution; "" where there is none.

    Who died between starting it and noting it left it to be found by its display name, which is the run's.
    """
    noted = record.current_pipeline if record else ""
    if noted or record is None or record.plan is None:
        return noted or ""
    return pipelines.find(record.plan["pipeline"], record.id)


def resume_if_pipeline_ended(run: str, execution_arn: str, ended: bool) -> str:
    """Answer the run if its pipeline has ended; the outcome, in a word. Without an ARN it is looked for.

    An event is taken from whoever may hand it over: what it says of another run's pipeline answers nobody.

    Raises:
        NotSettledYet: an event says that it ended, but Describe does not show it yet.
    """
    token, record = ledger().token(f"pipeline/{run}"), ledger().record(run)
    if not token or record is None:
        return NOBODY_WAITS
    if record.is_left_behind(execution_arn):  # the next one is waited for, which may not be noted yet
        execution_arn, ended = "", False
    told, execution_arn = execution_arn, execution_arn or pipeline_execution(record)
    if not execution_arn or record.is_left_behind(execution_arn):
        return "not started"
    execution = pipelines.describe(execution_arn)
    if told and not _is_own(record, told, str(execution.get("PipelineExecutionDisplayName", ""))):
        return "another run's"
    status = execution["PipelineExecutionStatus"]
    if status not in PIPELINE_ENDED:
        if ended:
            raise NotSettledYet(f"{execution_arn} is said to have ended, but is {status}")
        return "running"
    ledger().update_run(run, _step_of(record, status.lower()), **_cost(record, execution_arn))
    if status == "Succeeded":
        state_machine.succeed(token, {"execution_arn": execution_arn})
    else:
        _fail(record, token, execution_arn, execution.get("FailureReason", ""))
    ledger().forget_token(f"pipeline/{run}", token)
    return str(status)


def _step_of(record: RunRecord, what: str) -> str:
    """What the timeline says of the run's pipeline, or of the part of it that only measures."""
    return f"{'measuring' if measuring.is_measuring(record) else 'pipeline'} {what}"


def _cost(record: RunRecord, execution_arn: str) -> dict[str, Any]:
    """What the run's pipelines cost so far, as a fact of it; nothing where its model has no budget to keep."""
    if not (record.plan or {}).get("priced"):
        return {}
    executions = dict.fromkeys([*record.earlier_pipelines, execution_arn])
    found = total((use for one in executions for use in pipelines.uses(one, now())), prices.of_plan(record.plan or {}))
    return {"cost": {"usd": found.usd, "unpriced": list(found.unpriced)}}


def _is_own(record: RunRecord, execution_arn: str, display_name: str) -> bool:
    """Whether a pipeline execution is the run's: the one that was noted, or, before one is, one of its name."""
    if record.current_pipeline:
        return execution_arn == record.current_pipeline
    pipeline = str((record.plan or {}).get("pipeline", "")).lower()
    return display_name == record.id and f":pipeline/{pipeline}/execution/" in execution_arn


def _fail(record: RunRecord, token: str, execution_arn: str, reason: str) -> None:
    """Fail the wait for a pipeline; where its job refuses some uploads, the run can go on without them. Who fails it
    again finds that written, and says it again: whoever wrote it may have died before it was said.
    """
    cause = without_ids(pipelines.failure_summary(execution_arn, reason))
    before = [arn for arn in record.refusing_pipelines if arn != execution_arn]
    refused = pipelines.refused_files(execution_arn) if len(before) < MOST_ATTEMPTS else ()
    if execution_arn in record.refusing_pipelines and not refused_among(ledger().accepted_before(record.id), refused):
        refused = ()  # they were left out, and the same data was planned again
    if refused:
        facts = {"refusing_pipelines": [*before, execution_arn], "refused_data": record.data}
        facts |= {"refused_files": list(refused), "refused_why": cause}
        ledger().update_run(record.id, "files refused", **facts)
    state_machine.fail(token, FilesRefused.__name__ if refused else PipelineFailed.__name__, cause)


def read_verdict(task: RunTask, settings: Settings) -> dict[str, Any]:
    """Read evaluation's verdict and the registered version, and keep what was judged, and how well what serves
    answered rows that were new to it; the run's turn is over. Of a pipeline that only measured what serves there is no
    verdict: what it found is kept.

    Raises:
        NoVerdict: the gate passed, but nothing was registered, or what was judged is not there.
        ArtifactChanged: what was registered is not what evaluation scored.
    """
    record = ledger().record(task.run)
    if record and measuring.is_measuring(record):
        return measuring.read(task, record)
    outputs = pipelines.outputs(task.pipeline_execution_arn)
    version = int(outputs.package_arn.rsplit("/", 1)[1]) if outputs.package_arn else 0
    judged = judged_content.keep(task.model, task.run, outputs, record) if version else Judged()
    evaluation = judged.part("evaluation")
    uri, read = document_uri(outputs.evaluation, "evaluation.json"), evaluation.version_id if evaluation else ""
    document = data_bucket.read_json(uri, read)
    result = verdict(document)
    if why := describe_other_package(judged, str(document.get("package_sha256", ""))):
        raise ArtifactChanged(f"{CHANGED}: {why}")
    if result["passed"] and not version:
        raise NoVerdict(f"the gate passed, but {task.pipeline_execution_arn} registered nothing")
    facts: dict[str, Any] = {
        "verdict": result,
        "outputs": {"evaluation": outputs.evaluation, "verification": outputs.verification},
    }
    if version:
        facts |= {"version": version, "package_arn": outputs.package_arn, "judged": judged.document}
    what = "gate passed" if result["passed"] else "gate not passed"
    ledger().update_run(task.run, what, **facts)
    if version:
        ledger().record_version_run(task.run, version)
        judged_content.register(task.run, what, outputs.package_arn, judged)
    quality.keep(task.model, document)
    turns.hand_over_turn(task.model, task.run, settings)
    return {"measured": False, "passed": result["passed"], "reasons": result["reasons"], "version": version}
