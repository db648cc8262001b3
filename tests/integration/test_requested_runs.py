"""Runs that are asked for without an upload, through the handlers on moto in process."""

import json
from typing import Any

import begin_run
import check_quiet
import plan_run
import pytest
from app.decide.names.statuses import RunStatus
from app.errors import BadMessage, NotAskable, RunTaken, UnknownModel
from lambda_context import Context
from moto_world import BUCKET, GOOD, World
from published_churn import MODEL, PUBLISHED


def ask(request: str = "r1", **wish: Any) -> dict[str, Any]:
    answer: dict[str, Any] = begin_run.handler({"model": "churn", "request": request, **wish}, Context())
    return answer


def plan(run: str) -> Any:
    return plan_run.handler({"model": "churn", "run": run}, Context())


def frozen(world: World, run: str) -> dict[str, Any]:
    record = world.ledger.record(run)
    assert record
    assert record.plan
    return record.plan


def upload(world: World, name: str) -> str:
    """The run that takes a good file, planned."""
    world.record(world.upload(f"incoming/churn/{name}", GOOD))
    batch = world.ledger.open_batch("churn")
    assert batch
    plan(batch.run)
    return batch.run


def test_a_run_that_is_asked_for_sees_what_the_latest_saw_with_parameters_of_its_own(world: World) -> None:
    before = frozen(world, upload(world, "may.csv"))

    begun = ask(parameters={"max_depth": 3}, version=4)
    quiet = check_quiet.handler({"model": "churn", "run": begun["run"]}, Context())
    planned = plan(begun["run"])

    after, record = frozen(world, begun["run"]), world.ledger.record(begun["run"])
    assert (begun["joined"], quiet["quiet"], planned["usable"]) == (False, True, True)
    assert after["parameters"] == before["parameters"] | {"max_depth": "3"}
    assert after["pipeline_version"] == 4
    assert record
    assert [entry["what"] for entry in record.timeline] == ["asked for", "batch closed"]


def test_a_version_of_the_pipeline_brings_what_was_published_with_it(world: World) -> None:
    upload(world, "may.csv")
    old = PUBLISHED | {"model_sha256": "old", "code_sha256": "older", "parameters": {"AccuracyThreshold": "0.7"}}
    old |= {"pipeline": {**PUBLISHED["pipeline"], "version_id": 7}, "model": MODEL | {"approval": {"deadline_s": 60}}}
    world.s3.put_object(Bucket=BUCKET, Key="config/pipelines/churn/7.json", Body=json.dumps(old))

    run = ask(version=7)["run"]
    plan(run)

    found = frozen(world, run)
    assert (found["pipeline_version"], found["model_sha256"], found["code_sha256"]) == (7, "old", "older")
    assert (found["deadline_s"], found["parameters"]["AccuracyThreshold"]) == (60, "0.7")


def test_a_run_that_tunes_takes_the_other_pipeline_as_it_was_published_with_the_version(world: World) -> None:
    upload(world, "may.csv")
    tuned = {"name": "retrain--churn--tuned", "version_id": 3, "parameters": {"MaxTuningJobs": "9"}}
    tuned |= {"askable": [{"Name": "MaxTuningJobs", "Type": "Integer"}]}
    old = PUBLISHED | {"pipeline": {**PUBLISHED["pipeline"], "version_id": 7}, "tuned_pipeline": tuned, "tunes": False}
    world.s3.put_object(Bucket=BUCKET, Key="config/pipelines/churn/7.json", Body=json.dumps(old))

    run = ask(version=7, parameters={"Tuning": "on"})["run"]
    plan(run)

    found = frozen(world, run)
    assert (found["pipeline"], found["pipeline_version"]) == ("retrain--churn--tuned", 3)
    assert (found["parameters"]["MaxTuningJobs"], "Tuning" in found["parameters"]) == ("9", False)


def test_of_a_version_that_was_not_published_nobody_says_what_it_was_made_from(world: World) -> None:
    upload(world, "may.csv")

    run = ask(version=9)["run"]
    plan(run)

    found = frozen(world, run)
    assert (found["pipeline_version"], found["model_sha256"], found["code_sha256"]) == (9, "", "")


def test_the_machine_is_started_once_however_often_one_request_is_heard(world: World) -> None:
    answers = [ask("same"), ask("same")]

    started = world.stepfunctions.list_executions(stateMachineArn=world.machine)["executions"]
    assert answers[0] == answers[1]
    assert [one["name"] for one in started] == [answers[0]["run"]]


def test_what_is_asked_joins_the_run_that_is_about_to_begin(world: World) -> None:
    world.record(world.upload("incoming/churn/may.csv", GOOD))
    batch = world.ledger.open_batch("churn")

    begun = ask(parameters={"eta": "0.1"})
    plan(begun["run"])

    assert batch
    assert begun == {"run": batch.run, "joined": True}
    assert frozen(world, begun["run"])["parameters"]["eta"] == "0.1"


def test_a_run_that_was_asked_for_otherwise_is_not_changed(world: World) -> None:
    ask("first", parameters={"eta": "0.1"})

    with pytest.raises(RunTaken, match="with other settings; ask again after it"):
        ask("second", parameters={"eta": "0.2"})


def test_a_snapshot_model_is_run_on_its_newest_batch(world: World) -> None:
    document = PUBLISHED | {"model": MODEL | {"data": {**MODEL["data"], "mode": "snapshot"}}}
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=json.dumps(document).encode())
    upload(world, "may.csv")
    june = frozen(world, upload(world, "june.csv"))

    begun = ask()
    plan(begun["run"])

    assert frozen(world, begun["run"])["parameters"]["InputData"] == june["parameters"]["InputData"]


def test_a_run_without_any_data_ends_with_what_to_do(world: World) -> None:
    begun = ask()

    assert plan(begun["run"]) == {
        "usable": False, "due": True, "reasons": ["there are no files to train on; upload one"],
    }  # fmt: skip
    record = world.ledger.record(begun["run"])
    assert record
    assert record.status == RunStatus.WAITING


def test_a_model_that_is_not_published_is_refused(world: World) -> None:
    with pytest.raises(UnknownModel, match="model 'fraud' is not published"):
        begin_run.handler({"model": "fraud", "request": "r"}, Context())


def by_schedule(call: str, event: dict[str, Any]) -> dict[str, Any]:
    """What an invocation by a schedule begins; ``call`` is Lambda's id of it."""
    answer: dict[str, Any] = begin_run.handler(event, Context(aws_request_id=call))
    return answer


def test_a_constant_input_begins_a_run_each_time_and_lambdas_own_repetition_none(world: World) -> None:
    begun = []
    for call in ("call-1", "call-1", "call-2"):
        begun.append(by_schedule(call, {"model": "churn"})["run"])
        plan(begun[-1])

    assert begun[0] == begun[1] != begun[2]
    assert sorted(world.executions()) == sorted({*begun})


def test_what_eventbridge_scheduler_puts_in_for_its_execution_is_the_request(world: World) -> None:
    asked = {"model": "churn", "request": "d32c5kddcf5bb8c3"}  # "<aws.scheduler.execution-id>" in the schedule

    begun = [by_schedule(call, asked)["run"] for call in ("call-1", "call-2")]

    assert begun[0] == begun[1]


def test_a_keyword_that_nobody_replaced_is_refused_as_it_would_begin_one_run_for_ever(world: World) -> None:
    with pytest.raises(BadMessage, match="which only EventBridge Scheduler replaces; leave request out"):
        ask("<aws.scheduler.execution-id>")


SCHEDULED = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
    "source": "aws.events", "account": "123456789012", "time": "2026-03-14T10:15:00Z", "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/retrain--churn"], "detail": {},
}  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {
            "source": "aws.scheduler",
            "resources": ["arn:aws:scheduler:us-east-1:123456789012:schedule/default/retrain--churn"],
            "detail": "{}",
        },
    ],
    ids=["a rule", "a schedule"],
)
def test_a_schedules_own_event_begins_a_run_of_the_model_that_its_name_says(
    world: World, changes: dict[str, Any]
) -> None:
    begun = [by_schedule(call, SCHEDULED | changes)["run"] for call in ("call-1", "call-2")]

    assert begun[0] == begun[1]
    assert world.executions() == begun[:1]


def test_a_schedule_whose_name_says_no_model_is_refused_by_name(world: World) -> None:
    nightly = SCHEDULED | {"resources": ["arn:aws:events:us-east-1:123456789012:rule/nightly"]}

    with pytest.raises(BadMessage, match="schedule 'nightly' names no model: call it <stack>--<model>"):
        by_schedule("call-1", nightly)


def test_one_id_of_two_models_is_two_requests(world: World) -> None:
    document = json.dumps(PUBLISHED | {"model": MODEL | {"name": "fraud"}}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/models/fraud.json", Body=document)

    begun = [by_schedule("call", {"model": model, "request": "nightly"})["run"] for model in ("churn", "fraud")]

    assert [run.partition("-")[0] for run in begun] == ["churn", "fraud"]


def test_a_run_without_cache_reads_equal_data_where_no_step_has_read_before(world: World) -> None:
    before = frozen(world, upload(world, "may.csv"))["parameters"]["InputData"]

    runs = []
    for request, no_cache in (("a", True), ("b", False)):
        runs.append(ask(request, no_cache=no_cache)["run"])
        plan(runs[-1])

    anew, usual = (frozen(world, run)["parameters"]["InputData"] for run in runs)
    files = [world.document(address.partition(f"{BUCKET}/")[2])[1:-1] for address in (anew, usual)]
    assert anew != usual == before
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "asked",
    [
        {"ModelApprovalStatus": "Approved"},
        {"InputData": "s3://elsewhere/rows.csv"},
        {"ChampionImage": "999999999999.dkr.ecr.us-east-1.amazonaws.com/theirs:1"},
        {"ChampionModel": "s3://elsewhere/model.tar.gz"},
        {"ChampionVersion": "7"},
        {"max_dept": "3"},
        {"Tuning": "on"},
    ],
    ids=lambda asked: next(iter(asked)),
)
def test_what_is_not_on_the_published_list_is_refused_with_the_list(world: World, asked: dict[str, str]) -> None:
    can = "what can be asked is AccuracyThreshold, max_depth, eta, ProcessingInstanceType"

    with pytest.raises(NotAskable, match=f"cannot be asked for with {next(iter(asked))}; {can}"):
        ask(parameters=asked)

    assert world.executions() == []


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"max_depth": "deep"}, "it takes a value of type Integer"),
        ({"AccuracyThreshold": "nan"}, "it takes a finite number"),
        ({"ProcessingInstanceType": "ml.p5.48xlarge"}, "it takes one of ml.m5.xlarge, ml.r5.xlarge"),
        ({"max_depth": {"Get": "Steps.Train.Arn"}}, "it takes a value of type Integer"),
    ],
)
def test_a_value_that_a_parameter_does_not_take_is_refused(world: World, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(NotAskable, match=why):
        ask(parameters=asked)


def test_of_a_version_whose_list_was_not_published_no_parameter_can_be_asked(world: World) -> None:
    pipeline = {name: fact for name, fact in PUBLISHED["pipeline"].items() if name != "askable"}
    old = json.dumps(PUBLISHED | {"pipeline": pipeline | {"version_id": 3}})
    world.s3.put_object(Bucket=BUCKET, Key="config/pipelines/churn/3.json", Body=old)

    with pytest.raises(NotAskable, match="`retrain publish churn` first"):
        ask(version=3, parameters={"max_depth": "3"})


def test_a_looser_limit_is_kept_with_the_run_and_a_model_that_approves_itself_asks_a_person(world: World) -> None:
    model = MODEL | {"approval": {"mode": "automatic"}}
    document = json.dumps(PUBLISHED | {"model": model}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/models/churn.json", Body=document)
    usual = frozen(world, upload(world, "may.csv"))

    run = ask(parameters={"AccuracyThreshold": "0.5"})["run"]
    plan(run)

    looser = frozen(world, run)
    assert (usual["automatic"], usual["loosened"]) == (True, [])
    assert (looser["automatic"], looser["loosened"]) == (
        False,
        ["accuracy at least 0.5 for this run; the model file says 0.75"],
    )
