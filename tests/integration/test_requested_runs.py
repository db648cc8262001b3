"""Runs that are asked for without an upload, through the handlers on moto in process."""

import json
from typing import Any

import begin_run
import check_quiet
import plan_run
import pytest
from app.decide.names.statuses import RunStatus
from app.errors import NotAskable, RunTaken, UnknownModel
from moto_world import BUCKET, GOOD, Context, World
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

    assert plan(begun["run"]) == {"usable": False, "reasons": ["there are no files to train on; upload one"]}
    record = world.ledger.record(begun["run"])
    assert record
    assert record.status == RunStatus.WAITING


def test_a_model_that_is_not_published_is_refused(world: World) -> None:
    with pytest.raises(UnknownModel, match="model 'fraud' is not published"):
        begin_run.handler({"model": "fraud", "request": "r"}, Context())


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
