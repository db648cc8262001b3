"""A model's retraining policy through the handlers: what begins a run, what is held back, and who is told."""

import json
from datetime import timedelta
from typing import Any

import begin_run
import finish_run
import plan_run
import pytest
from app.decide.names.resource_names import execution_arn
from app.decide.names.statuses import RunStatus
from app.decide.names.times import iso
from app.decide.watching.windows import WatchedWindow
from app.errors import BadMessage
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from lambda_context import Context
from moto_world import BUCKET, GOOD, World

DUE = {"on_upload": "when_due", "on_drift": {"windows": "2 of 3"}, "cooldown": "1h"}


def plan(run: str) -> Any:
    return plan_run.handler({"model": "churn", "run": run}, Context())


def asked_by(trigger: str, request: str = "r1") -> dict[str, Any]:
    answer: dict[str, Any] = begin_run.handler({"model": "churn", "trigger": trigger, "request": request}, Context())
    return answer


def upload(world: World, name: str, body: bytes = GOOD) -> str:
    """The run whose batch an upload joins."""
    world.record(world.upload(f"incoming/churn/{name}", body))
    return world.run()


def drifts(world: World, *ids: str) -> None:
    """Windows that say so, as of now."""
    at = iso(now() + timedelta(seconds=1))
    for name in ids:
        details = {"drifted": ["tenure"]}
        window = WatchedWindow("churn", "drift", "scored", name, at, at, 900, "psi", 0.6, None, None, 1, details)
        world.ledger.put_window(window)


def serves(world: World) -> None:
    """A version serves: of a model without one uploads are due."""
    world.ledger.set_live_version("churn", LiveVersion(1, "gone"), "run", None)


def cause(world: World, run: str) -> dict[str, Any]:
    record = world.ledger.record(run)
    assert record
    return record.cause


def test_uploads_that_are_not_due_stay_accepted_and_count_in_the_run_that_is(world: World) -> None:
    world.publishes(retrain=DUE)
    serves(world)
    first = upload(world, "may.csv")
    held = plan(first)
    second = upload(world, "june.csv", GOOD.replace(b"A", b"C"))
    drifts(world, "w1", "w2")

    planned = plan(second)

    assert (held["usable"], held["held_back"]) == (False, "not due")
    assert "0 of 0 drift windows since the last run say so, 2 of 3 are needed" in held["reasons"][0]
    assert planned["usable"]
    record = world.ledger.record(second)
    assert record
    assert (record.rows, record.cause["kind"]) == (4, "drift")
    assert record.cause["evidence"][0] == "2 of the last 2 drift windows"


def test_the_first_uploads_of_a_model_are_due_as_nothing_serves(world: World) -> None:
    world.publishes(retrain=DUE)
    first = upload(world, "may.csv")

    assert plan(first)["usable"]
    assert cause(world, first) == {"kind": "uploads", "evidence": ["new uploads, and no version serves yet"]}


def test_a_model_without_a_policy_is_trained_with_each_batch_as_ever(world: World) -> None:
    runs = [upload(world, "may.csv")]
    plan(runs[0])
    runs.append(upload(world, "june.csv", GOOD.replace(b"A", b"C")))

    assert plan(runs[1])["usable"]
    assert [cause(world, run)["kind"] for run in runs] == ["uploads", "uploads"]


def test_windows_begin_a_run_once_and_say_why(world: World) -> None:
    world.publishes(retrain=DUE)
    serves(world)
    plan(upload(world, "may.csv"))
    drifts(world, "w1", "w2")

    begun = asked_by("windows")
    again = asked_by("windows")

    assert (begun["held_back"], again["run"]) == ("", begun["run"])
    assert plan(begun["run"])["usable"]
    assert cause(world, begun["run"])["kind"] == "drift"
    assert world.mail() == []


def test_windows_that_say_nothing_begin_nothing_and_tell_nobody(world: World) -> None:
    world.publishes(retrain=DUE)

    assert asked_by("windows")["held_back"] == "not due"
    assert (world.executions(), world.mail()) == ([], [])


def test_a_cooldown_holds_back_what_windows_ask_for_and_people_are_told_once(world: World) -> None:
    world.publishes(retrain=DUE)
    drifts(world, "w1", "w2")
    plan(upload(world, "may.csv"))
    drifts(world, "w3", "w4")

    held = [asked_by("windows", request) for request in ("r1", "r2")]

    assert [one["held_back"] for one in held] == ["cooldown", "cooldown"]
    (mail,) = world.mail()
    assert "No run of churn began." in mail
    assert "less than 1h ago: cooldown until" in mail
    assert "retrain start churn" in mail


def test_a_policy_that_asks_tells_people_with_the_evidence_and_begins_nothing(world: World) -> None:
    world.publishes(retrain={"on_drift": {"windows": "1 of 1"}, "mode": "ask"})
    drifts(world, "w1")

    assert asked_by("windows")["held_back"] == "ask"
    (mail,) = world.mail()
    assert "churn should be retrained, and waits for your word." in mail
    assert "'tenure' drifted (psi 0.60), 900 rows of scored until" in mail
    assert world.executions() == []


def test_a_person_begins_what_a_policy_only_asks_for(world: World) -> None:
    world.publishes(retrain={"on_upload": "always", "mode": "ask"})
    held = upload(world, "may.csv")

    asks = plan(held)
    begun = begin_run.handler({"model": "churn", "request": "mine", "by": "ada"}, Context())

    assert asks["held_back"] == "ask"
    assert plan(begun["run"])["usable"]
    assert cause(world, begun["run"]) == {"kind": "request", "evidence": []}


def test_a_schedule_begins_a_run_and_is_told_of_each_time_that_it_is_held_back(world: World) -> None:
    world.publishes(retrain={"schedule": {"expression": "rate(1 day)", "timezone": "UTC"}, "cooldown": "2d"})
    upload(world, "may.csv")

    begun = asked_by("schedule", "fired-1")
    assert plan(begun["run"])["usable"]
    held = [asked_by("schedule", request) for request in ("fired-2", "fired-2", "fired-3")]

    assert cause(world, begun["run"]) == {"kind": "schedule", "evidence": ["its schedule: rate(1 day), UTC"]}
    assert {one["held_back"] for one in held} == {"cooldown"}
    assert len(world.mail()) == 2


def test_a_schedule_that_joins_uploads_makes_them_due(world: World) -> None:
    world.publishes(retrain={"on_upload": "when_due", "schedule": {"expression": "rate(1 day)", "timezone": "UTC"}})
    run = upload(world, "may.csv")

    assert asked_by("schedule")["joined"]
    assert plan(run)["usable"]
    assert cause(world, run)["kind"] == "schedule"


def test_a_schedule_that_joins_what_a_person_asked_for_changes_nothing_of_it(world: World) -> None:
    world.publishes(retrain={"schedule": {"expression": "rate(1 day)", "timezone": "UTC"}})
    upload(world, "may.csv")
    mine = begin_run.handler({"model": "churn", "request": "mine", "parameters": {"max_depth": "3"}}, Context())

    assert asked_by("schedule") == {"run": mine["run"], "joined": True, "held_back": "", "reasons": []}
    assert world.ledger.overrides_of(mine["run"]) == {"parameters": {"max_depth": "3"}}
    assert cause(world, mine["run"])["kind"] == "request"


def test_a_person_gives_parameters_to_the_run_that_a_schedule_is_about_to_begin(world: World) -> None:
    world.publishes(retrain={"schedule": {"expression": "rate(1 day)", "timezone": "UTC"}})
    scheduled = asked_by("schedule")

    mine = begin_run.handler({"model": "churn", "request": "mine", "parameters": {"max_depth": "3"}}, Context())

    assert mine == {"run": scheduled["run"], "joined": True}
    assert world.ledger.overrides_of(mine["run"]) == {"parameters": {"max_depth": "3"}}


def test_a_run_that_was_let_in_is_let_in_again_when_its_state_is_retried(world: World) -> None:
    world.publishes(retrain={"cooldown": "1h"})
    run = upload(world, "may.csv")

    assert [plan(run)["usable"], plan(run)["usable"]] == [True, True]


def test_the_plan_of_a_run_tells_its_end_what_its_policy_began_it_for(world: World) -> None:
    world.publishes(retrain={"schedule": {"expression": "rate(7 days)", "timezone": "UTC"}})
    upload(world, "may.csv")
    run = asked_by("schedule")["run"]
    planned = plan(run)
    state = {"model": "churn", "run": run, "end": {"status": "Failed"}, "unnotified": {"Error": "Throttled"}}

    finish_run.handler({"state": state, "execution": execution_arn(world.machine, run)}, Context())

    assert planned["began"] == ["What began its run, schedule: its schedule: rate(7 days), UTC"]
    assert planned["began"][0] in str(world.mail())


def test_of_two_that_are_let_in_at_once_one_sees_the_other(world: World) -> None:
    before = world.ledger.admitted("churn")

    assert world.ledger.admit("churn", "churn-1", now(), before)
    assert not world.ledger.admit("churn", "churn-2", now(), before)
    assert list(world.ledger.admitted("churn").runs) == ["churn-1"]


def test_uploads_that_hold_nothing_usable_count_as_no_run(world: World) -> None:
    world.publishes(retrain={"cooldown": "1h"})
    run = upload(world, "may.csv")
    world.s3.delete_object(Bucket=BUCKET, Key="incoming/churn/may.csv")
    assert plan(run)["usable"] is False

    assert plan(upload(world, "june.csv"))["usable"]


def test_a_trigger_that_nobody_knows_is_refused(world: World) -> None:
    with pytest.raises(BadMessage, match="whim"):
        asked_by("whim")


def test_uploads_that_drift_become_windows_once_and_make_a_run_due(world: World) -> None:
    world.publishes(retrain={"on_upload": "when_due", "on_drift": {"windows": "1 of 1", "least_rows": 100}})
    known = {"kind": "number", "rows": 5_000, "missing": 0, "edges": [10.0, 20.0], "counts": [2_000, 2_000, 1_000]}
    baseline = json.dumps({"version": 1, "columns": {"tenure": known}}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/baselines/churn.json", Body=baseline)
    rows = "".join(f"{number},99,{'Yes' if number % 2 else 'No'}\n" for number in range(200))
    arrival = world.upload("incoming/churn/may.csv", f"customerID,tenure,Churn\n{rows}".encode())

    world.record(arrival)
    world.record(arrival)

    (window,) = world.ledger.newest_windows("churn", "drift", 5)
    assert (window.source, window.rows, window.version, window.details["drifted"]) == ("uploads", 200, 1, ["tenure"])
    run = world.run()
    assert plan(run)["usable"]
    assert cause(world, run)["kind"] == "drift"


def test_a_small_upload_is_no_window(world: World) -> None:
    known = {"kind": "number", "rows": 5_000, "missing": 0, "edges": [10.0], "counts": [2_500, 2_500]}
    baseline = json.dumps({"version": 1, "columns": {"tenure": known}}).encode()
    world.s3.put_object(Bucket=BUCKET, Key="config/baselines/churn.json", Body=baseline)

    world.record(world.upload("incoming/churn/may.csv", GOOD))

    assert world.ledger.newest_windows("churn", "drift", 5) == []


def test_whoever_uploaded_what_was_held_back_is_a_starter_of_the_run_that_learns_from_it(world: World) -> None:
    approval = {"reviewers": ["ada@example.org", "bob@example.org"], "needed": 1, "not_by": "starter"}
    world.publishes(retrain=DUE, approval=approval)
    serves(world)
    world.record(world.upload("incoming/churn/may.csv", GOOD, {"uploaded-by": "ada"}))
    held = world.run()
    plan(held)
    record = world.ledger.record(held)
    assert record
    world.ledger.finish(held, record.execution_arn, RunStatus.NOT_DUE, ("why",))
    late = world.upload("incoming/churn/june.csv", GOOD.replace(b"A", b"C"), {"uploaded-by": "bob"})
    world.record(late | {"time": "2026-03-15T10:15:00Z"})

    assert world.ledger.starters(held) == {"ada"}
    assert world.ledger.starters(world.run()) == {"ada", "bob"}
