"""What ``--dry-run`` prints is what is then done, and nothing before that: rollback, cleanup, publish."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from app.decide.parsing import event_of
from inventory import inventory, of_stack
from waiting import eventually

from cli.stack import registry
from cli.stack.serving import serving_version


def answer(stack: Any, *words: str) -> Any:
    done = stack.retrain(*words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def versions(new_stack: Callable[[str], Any]) -> tuple[Any, list[Any]]:
    """A stack of its own, and three runs on the same rows whose versions were deployed one after the other."""
    stack = new_stack("planned")
    deployed = [approved(stack, stack.send(stack.csv("may.csv", rows=1500, seed=41)).run)]
    deployed += [approved(stack, answer(stack, "start", "churn", "--set", f"eta={eta}")["run"]) for eta in (0.07, 0.09)]
    assert [str(run.status) for run in deployed] == ["Deployed"] * 3
    return stack, deployed


def approved(stack: Any, run_id: str) -> Any:
    run = stack.awaiting(run_id)
    stack.approve(run)
    return stack.run(run.id)


def decisions(stack: Any) -> dict[int, str]:
    return {one["ModelPackageVersion"]: one["ModelApprovalStatus"] for one in registry.versions(stack.target, "churn")}


def told(run: Any) -> list[str]:
    return [entry["what"] for entry in run.timeline]


def test_a_rollback_rejects_what_it_said_and_serving_changes_once(versions: tuple[Any, list[Any]]) -> None:
    stack, (first, second, third) = versions
    words = ("rollback", "churn", "--to", str(first.version), "--reason", "odd numbers")
    before = decisions(stack)

    printed = answer(stack, *words, "--dry-run")
    untouched = decisions(stack), serving_version(stack.target, "churn")
    done = answer(stack, *words)
    eventually(lambda: serving_version(stack.target, "churn") == first.version, 60, "the first version serves again")
    eventually(lambda: str(stack.run(first.id).status) == "Deployed", 60, "its run says so")
    again = {run.id: run for run in stack.runs()}

    assert untouched == (before, third.version)
    assert done == printed
    assert [one["version"] for one in done["changes"]] == [second.version, third.version]
    assert decisions(stack) == before | {one["version"]: "Rejected" for one in done["changes"]}
    for change in done["changes"]:
        described = stack.target.client("sagemaker").describe_model_package(ModelPackageName=change["package_arn"])
        assert described["ApprovalDescription"] == change["reason"] == "rolled back to version 1: odd numbers"
    assert told(again[first.id]).count("endpoint updating") == told(first).count("endpoint updating") + 1
    assert told(again[second.id]) == told(second)
    assert told(again[third.id]) == told(third)


def test_with_nothing_older_a_rollback_is_refused(versions: tuple[Any, list[Any]]) -> None:
    stack, (first, *_) = versions

    done = stack.retrain("rollback", "churn", "--reason", "odd numbers")

    assert done.returncode == 2
    assert f"no approved version of 'churn' is older than version {first.version}, which serves" in done.stderr


def test_why_a_version_serves_is_told_with_what_was_tried_since(versions: tuple[Any, list[Any]]) -> None:
    stack, (first, second, third) = versions

    told = answer(stack, "why", "churn")
    other = answer(stack, "why", "churn", str(third.version))

    assert (told["version"], told["serves"], told["run"], told["rows"]) == (first.version, True, first.id, 1500)
    assert [one["key"].rpartition("/")[2] for one in told["files"]] == ["may.csv"]
    assert told["decided"].startswith("approved")
    assert told["verdict"]["metrics"]
    assert (other["serves"], other["replaced"], other["decided"]) == (False, second.version, other["decided"])
    assert other["because"] == "rolled back to version 1: odd numbers"


def test_a_version_that_is_marked_as_failed_is_tried_again(versions: tuple[Any, list[Any]]) -> None:
    stack, (first, *_) = versions
    ledger = stack.target.ledger()
    ledger.record_failure("churn", first.version, "alarms")
    words = ("retry", "churn", str(first.version))

    printed = answer(stack, *words, "--dry-run")
    marked = ledger.failed_versions("churn")
    done = answer(stack, *words)

    assert printed["changes"] == done["changes"]
    assert [one["change"] for one in done["changes"]] == ["ClearFailure", "Look"]
    assert (done["changes"][0]["why"], marked, ledger.failed_versions("churn")) == ("alarms", {first.version}, set())
    eventually(lambda: serving_version(stack.target, "churn") == first.version, 60, "the version serves")


def test_a_dead_letter_is_shown_sent_again_and_gone(versions: tuple[Any, list[Any]]) -> None:
    stack, _ = versions
    sqs, queue = stack.target.client("sqs"), stack.outputs["LostEventsQueueUrl"]
    lost = event_of("DeploymentDue", {"EndpointName": stack.target.resource("churn")})
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(lost))

    printed = answer(stack, "redrive", "--dry-run")
    done = answer(stack, "redrive", "--yes")

    assert printed["letters"] == {"arrivals": 0, "events": 1}
    assert done["changes"] == printed["changes"]
    assert [one["to"] for one in done["changes"]] == [["ReactToEndpointFunction"]]
    assert answer(stack, "redrive", "--dry-run")["letters"] == {"arrivals": 0, "events": 0}


def test_a_cleanup_removes_what_it_said(versions: tuple[Any, list[Any]]) -> None:
    stack, _ = versions
    events = stack.target.client("events")

    def rules() -> dict[str, str]:
        return {one["Name"]: one["State"] for one in events.list_rules(NamePrefix=stack.name)["Rules"]}

    def there() -> set[str]:
        return of_stack(inventory(stack.target), stack.name, set())

    before, hearing = there(), rules()
    printed = answer(stack, "cleanup", "--dry-run")
    untouched = there()
    done = answer(stack, "cleanup", "--yes")
    gone = before - there()

    assert untouched == before
    assert done["changes"] == printed["changes"]
    assert done["left"] == []
    removed = {one["name"] for one in printed["changes"] if one["change"] == "Remove"}
    assert gone
    assert {name for name in gone if not any(name.endswith(one) for one in removed)} == set()
    assert {"ENABLED"} == {*hearing.values(), *rules().values()}


def test_publishing_again_makes_what_it_said(versions: tuple[Any, list[Any]]) -> None:
    stack, _ = versions
    sagemaker = stack.target.client("sagemaker")

    (printed,) = answer(stack, "publish", "churn", "--dry-run")
    untouched = sagemaker.list_pipelines(PipelineNamePrefix=stack.target.resource("churn"))["PipelineSummaries"]
    (done,) = answer(stack, "publish", "churn")
    (again,) = answer(stack, "publish", "churn", "--dry-run")

    assert untouched == []
    assert done["changes"] == printed["changes"]
    made = {"CreateRole", "CreateLogGroup", "CreatePipeline", "CreatePackageGroup", "Announce"}
    assert {one["change"] for one in printed["changes"]} == made
    assert again["changes"] == []
