"""The console on moto: what it shows of models and runs, and to whom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from app.aws import clients, object_versions
from app.decide.names.resource_names import execution_arn
from app.decide.names.statuses import RunStatus
from app.decide.pages.links import console_hash
from app.decide.protection.judged_content import Judged, JudgedObject
from app.ledger import Ledger, ledger
from app.ledger.batches import now
from app.ledger.live_versions import LiveVersion
from app.ledger.table import Write
from botocore.stub import Stubber
from decision_pages import FORM, OWN, YES, ask, link_in, send
from moto_world import BUCKET, World
from published_churn import PUBLISHED
from sample_pages import MEASURED
from test_approvals import GROUP, Registry
from test_decision_page import VERDICT

from cli.errors import UserError
from cli.show import version_report
from cli.stack.target import Target
from cli.stack.web_console import console_link

SECRET = "S" * 43
ROOT = f"https://page.test/console/{SECRET}"
GUESSED = f"https://page.test/console/{'T' * 43}"
ENDPOINTS = "arn:aws:sagemaker:us-east-1:123456789012:endpoint"
HARM = "<img src=x onerror=alert(1)>"


@pytest.fixture
def registry(world: World) -> Iterator[Registry]:
    """Two runs of churn, of which the newer waits, and an upload in quarantine; the console is open for an hour."""
    with Stubber(clients.client("stepfunctions")) as machine:
        made = Registry(world, machine)
        made.sagemaker.create_model_package_group(ModelPackageGroupName=GROUP)
        for version in (1, 2):
            made.registers(version)
            facts = {"batch": 1, "verdict": VERDICT, "reasons": [HARM] if version == 1 else []}
            world.ledger.write(Write("MODEL#churn", f"RUN#{made.run_of(version)}", set=facts))
        ended = {"status": str(RunStatus.REJECTED_BY_REVIEWER)}
        world.ledger.write(Write("MODEL#churn", f"RUN#{made.run_of(1)}", set=ended))
        made.asks(2)
        world.ledger.write(Write("MODELS", "churn", set={"model": "churn"}))
        refused = {"at": "2026-03-14T10:15:00.000Z", "message": f"may.csv: no column 'Churn' {HARM}"}
        world.ledger.write(Write("MODEL#churn", "REFUSED#2026-03-14T10:15:00.000Z#OBJECT#a", set=refused))
        world.ledger.set_live_version("churn", LiveVersion(1, "retrain--churn-v1-aaaaaaaa"), made.run_of(1), None)
        world.ledger.add_console_link(console_hash(SECRET), now() + timedelta(hours=1))
        yield made


def shown(path: str = "/") -> str:
    answered = ask(ROOT + path)
    assert answered["statusCode"] == 200
    return str(answered["body"])


def run_shown(registry: Registry, version: int, query: str = "") -> dict[str, Any]:
    """The page of a version's run, of which Step Functions knows nothing any more."""
    registry.machine.add_client_error("describe_state_machine_for_execution", "ExecutionDoesNotExist", "gone", 400)
    return ask(f"{ROOT}/runs/{registry.run_of(version)}{query}")


def test_all_models_are_on_one_page_with_what_serves_since_when_and_who_is_asked(registry: Registry) -> None:
    body = shown()

    assert re.search(r"version 1 since \d{4}-\d\d-\d\d \d\d:\d\d UTC", body)
    assert "Awaiting approval" in body
    assert re.search(r"Version 2 waits for a decision, until .* UTC: whoever is subscribed was asked.", body)
    assert '<dt>Health</dt><dd><b class="good">no alarm</b></dd>' in body
    assert f'href="/console/{SECRET}/models/churn"' in body


def test_a_model_has_its_versions_with_metrics_its_runs_and_what_is_in_quarantine(registry: Registry) -> None:
    body = shown("/models/churn")

    assert re.search(r"Version 2 waits for a decision, until .* UTC: whoever is subscribed was asked.", body)
    assert body.count("<td>0.5300</td>") == 2
    assert 'aria-label="recall: version 1 0.5300, version 2 0.5300"' in body
    assert "serves</b>" in body
    assert all(registry.run_of(version) in body for version in (1, 2))
    assert "no column &#39;Churn&#39;" in body


def test_a_model_says_how_its_endpoint_is_and_what_comes_next(registry: Registry) -> None:
    endpoint = {
        "EndpointName": "retrain--churn", "EndpointArn": f"{ENDPOINTS}/retrain--churn", "EndpointStatus": "Failed",
        "EndpointConfigName": "config", "CreationTime": now(), "LastModifiedTime": now(),
        "FailureReason": f"no capacity {HARM}",
        "ProductionVariants": [{"VariantName": "AllTraffic", "DesiredInstanceCount": 2}],
    }  # fmt: skip
    with Stubber(clients.client("sagemaker")) as sagemaker:
        sagemaker.add_response("describe_endpoint", endpoint, {"EndpointName": "retrain--churn"})
        sagemaker.add_client_error("describe_endpoint", "AccessDeniedException", "no", 400)
        failed, unseen = shown("/models/churn"), shown("/models/churn")

    assert "endpoint Failed on 2 instances, no alarm: no capacity &lt;img" in failed
    assert '<dt>Health</dt><dd><b class="good">no alarm</b></dd>' in unseen
    next_run = rf'<dt>Next</dt><dd>version 2: <b class="">Awaiting approval</b> · <a href="[^"]*/{registry.run_of(2)}"'
    assert re.search(next_run, failed)


def test_a_model_that_was_measured_on_new_rows_says_how_what_serves_does(registry: Registry) -> None:
    before = shown("/models/churn")
    for window in MEASURED:
        registry.world.ledger.put_window(window)
    body = shown("/models/churn")

    assert "not measured on new rows yet" in before
    assert "What serves, version 3, has fallen" in shown()
    assert "What serves, version 3, has fallen on rows that were new to it: from ROC-AUC 0.8460" in body
    assert 'aria-label="ROC-AUC: 2026-03-11 version 3 0.8460' in body


def test_a_run_has_its_timeline_its_metrics_and_why_it_ended(registry: Registry) -> None:
    body = run_shown(registry, 2)["body"]

    assert "approval requested" in body
    assert "0.4712 to 0.5901" in body
    assert "Version 3" in body
    assert "It goes on" in body
    assert "It goes on" not in run_shown(registry, 1)["body"]


def test_a_run_that_goes_on_is_followed_by_whoever_asks_for_that(registry: Registry) -> None:
    followed = run_shown(registry, 2, "?follow")
    others = [run_shown(registry, 2), run_shown(registry, 1, "?follow")]

    assert 5 <= int(followed["headers"]["Refresh"]) <= 120
    assert "stop that" in followed["body"]
    assert not any("Refresh" in answered["headers"] for answered in others)


EXECUTION = "arn:aws:sagemaker:us-east-1:123456789012:pipeline/retrain--churn/execution/a"
JOB = "pipelines-a-Train-b"
GRAPH = json.dumps({"Steps": [{"Name": "Preprocess", "Type": "Processing"}, {"Name": "Train", "Type": "Training"}]})


def trained(registry: Registry, **facts: Any) -> dict[str, Any]:
    """The step Train of a run that has a pipeline now."""
    at, job = now(), {"Arn": f"arn:aws:sagemaker:us-east-1:123456789012:training-job/{JOB}"}
    registry.world.ledger.update_run(registry.run_of(1), "pipeline started", pipeline_execution_arn=EXECUTION, **facts)
    return {"StepName": "Train", "StepStatus": "Succeeded", "StartTime": at, "EndTime": at,
            "Metadata": {"TrainingJob": job}}  # fmt: skip


def test_a_run_has_the_steps_of_its_pipeline_which_nobody_misses_who_cleaned_it_up(registry: Registry) -> None:
    run, step = registry.run_of(1), trained(registry)
    with Stubber(clients.client("sagemaker")) as sagemaker:
        sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": [step]})
        sagemaker.add_response("describe_pipeline_definition_for_execution", {"PipelineDefinition": GRAPH})
        sagemaker.add_client_error("list_pipeline_execution_steps", "ResourceNotFound", "gone", 400)

        there, gone = (str(run_shown(registry, 1)["body"]) for _ in range(2))

    assert re.search(r"Train</a></th><td><b class=\"good\">Succeeded", there)
    assert f'href="/console/{SECRET}/runs/{run}/steps/Train"' in there
    assert 'aria-label="Pipeline: Preprocess has not begun; Train succeeded"' in there
    assert "Its pipeline" not in gone
    assert "State machine" not in there


MACHINE = json.dumps({"StartAt": "Plan", "States": {"Plan": {"Type": "Task", "Next": "Ask"}, "Ask": {"Type": "Task"}}})


def went(at: int, kind: str, name: str) -> dict[str, Any]:
    """An event of a history: a state was entered, or left."""
    kind, key = (f"TaskState{kind}", f"state{kind}EventDetails")
    return {"timestamp": now(), "type": kind, "id": at, "previousEventId": at - 1, key: {"name": name}}


@pytest.mark.parametrize("long", [False, True], ids=["all at once", "its beginning by itself"])
def test_a_run_has_its_state_machine_drawn_and_in_a_list(registry: Registry, long: bool) -> None:
    arn = execution_arn(registry.world.machine, registry.run_of(2))
    machine, asked = registry.machine, {"executionArn": arn, "includeExecutionData": False}
    described = {"stateMachineArn": registry.world.machine, "name": "machine", "definition": MACHINE,
                 "roleArn": "arn:aws:iam::123456789012:role/machine", "updateDate": now()}  # fmt: skip
    machine.add_response("describe_state_machine_for_execution", described, {"executionArn": arn})
    first = [went(1, "Entered", "Plan"), went(2, "Exited", "Plan")]
    newest = [went(3, "Entered", "Ask")] if long else [went(3, "Entered", "Ask"), *first[::-1]]
    answered: dict[str, Any] = {"events": newest} | ({"nextToken": "more"} if long else {})
    machine.add_response("get_execution_history", answered, asked | {"maxResults": 1000, "reverseOrder": True})
    if long:
        machine.add_response(
            "get_execution_history", {"events": first, "nextToken": "more"}, asked | {"maxResults": 100}
        )

    body = shown(f"/runs/{registry.run_of(2)}")

    assert 'aria-label="State machine: Plan done; Ask runs, after Plan"' in body
    assert re.search(r"Plan</th><td>done</td><td>0\.\d s</td>", body)
    machine.assert_no_pending_responses()


def test_a_run_is_shown_where_its_history_may_not_be_read(registry: Registry) -> None:
    registry.machine.add_client_error("describe_state_machine_for_execution", "AccessDeniedException", "no", 400)

    assert "approval requested" in shown(f"/runs/{registry.run_of(2)}")


def step_page(registry: Registry, *steps: dict[str, Any]) -> str:
    with Stubber(clients.client("sagemaker")) as sagemaker:
        sagemaker.add_response("list_pipeline_execution_steps", {"PipelineExecutionSteps": list(steps)})
        return shown(f"/runs/{registry.run_of(1)}/steps/Train")


def written(*lines: str) -> None:
    """The job wrote to its log."""
    logs, where = boto3.client("logs"), {"logGroupName": "/aws/sagemaker/TrainingJobs"}
    stream = where | {"logStreamName": f"{JOB}/algo-1-1773483300"}
    logs.create_log_group(**where)
    logs.create_log_stream(**stream)
    at = int(now().timestamp() * 1000)
    logs.put_log_events(**stream, logEvents=[{"timestamp": at, "message": line} for line in lines])


def test_a_step_has_the_last_lines_of_its_jobs_log_which_do_nothing(registry: Registry) -> None:
    written(*(f"line {number} {HARM}\x1b[2J" for number in range(300)))

    body = step_page(registry, trained(registry))

    assert "line 299 &lt;img" in body
    assert "line 99 " not in body
    assert "The last 200 lines" in body
    assert "<img" not in body
    assert "\x1b" not in body
    assert len(body.encode()) < 60_000


def test_a_step_that_was_begun_again_shows_its_last_attempt(registry: Registry) -> None:
    step = trained(registry)

    body = step_page(registry, step | {"StepStatus": "Failed", "Metadata": {}}, step)

    assert "Train: Succeeded" in body
    assert "Nothing was written to its log yet" in body


@pytest.mark.parametrize("published", [True, False])
def test_the_log_of_a_model_whose_data_are_sensitive_is_withheld_and_where_nobody_knows(
    registry: Registry, published: bool
) -> None:
    written("Ada Lovelace, 36")
    if published:
        registry.world.publishes(data=PUBLISHED["model"]["data"] | {"sensitive": True})
    else:
        registry.world.s3.delete_object(Bucket=BUCKET, Key="config/models/churn.json")

    body = step_page(registry, trained(registry))

    assert "Ada Lovelace" not in body
    assert "its log is not shown here" in body
    assert JOB in body


def reported(registry: Registry, body: bytes) -> str:
    """The path of a run's report."""
    run, folder = registry.run_of(1), "pipelines/churn/a/Evaluate/evaluation"
    registry.world.ledger.update_run(run, "gate passed", outputs={"evaluation": f"s3://{BUCKET}/{folder}"})
    registry.world.s3.put_object(Bucket=BUCKET, Key=f"{folder}/report.html", Body=body)
    return f"/runs/{run}/report"


def test_a_report_is_shown_as_it_is_where_nothing_of_it_runs_or_is_sent(registry: Registry) -> None:
    path = reported(registry, b"<h1>Report</h1><script>alert(1)</script>\xff")

    answered = ask(ROOT + path)

    assert answered["body"] == "<h1>Report</h1><script>alert(1)</script>\ufffd"
    directives = answered["headers"]["Content-Security-Policy"].split("; ")
    assert {"sandbox", "default-src 'none'", "form-action 'none'", "img-src data:"} <= set(directives)
    assert not any("script" in directive or "allow" in directive for directive in directives)
    assert f'href="/console/{SECRET}{path}"' in run_shown(registry, 1)["body"]
    assert "/report" not in run_shown(registry, 2)["body"]


def told_of(registry: Registry, evaluation: str) -> Any:
    """What `retrain report` asks of a stack, whose version 1 tells where its evaluation lies."""
    told = {"evaluation": evaluation}
    registry.sagemaker.update_model_package(ModelPackageArn=registry.arn(1), CustomerMetadataProperties=told)
    return SimpleNamespace(client=boto3.client, resource=lambda model: GROUP, ledger=lambda: registry.world.ledger)


def test_a_report_that_was_replaced_after_its_version_was_judged_is_not_shown(
    registry: Registry, tmp_path: Path
) -> None:
    path = reported(registry, b"<h1>R2 is 0.1</h1>")
    uri = f"s3://{BUCKET}/pipelines/churn/a/Evaluate/evaluation/report.html"
    found = object_versions.newest(uri)
    assert found
    judged = Judged((), (JudgedObject("report", uri, found.version_id, "s3://copy", "v"),))
    registry.world.ledger.update_run(registry.run_of(1), "gate passed", judged=judged.document)
    before = ask(ROOT + path)
    registry.world.s3.put_object(Bucket=BUCKET, Key=uri.partition(f"{BUCKET}/")[2], Body=b"<h1>R2 is 0.99</h1>")

    after = ask(ROOT + path)

    fetched = told_of(registry, f"{uri.rpartition('/')[0]}/evaluation.json")
    with pytest.raises(
        UserError, match=r"the report of 'churn' changed after version 1 was judged: s3://.* was version"
    ):
        version_report.fetch(fetched, "churn", 1, tmp_path / "reports")
    assert not (tmp_path / "reports").exists()
    assert (before["statusCode"], after["statusCode"]) == (200, 409)
    assert "R2 is 0.1" in before["body"]
    assert "0.99" not in after["body"]
    assert "The report changed after its version was judged" in after["body"]


def test_a_report_that_is_too_large_or_was_deleted_says_so(registry: Registry) -> None:
    large = ask(ROOT + reported(registry, b"x" * 4_000_001))
    registry.world.s3.delete_object(Bucket=BUCKET, Key="pipelines/churn/a/Evaluate/evaluation/report.html")
    gone = ask(f"{ROOT}/runs/{registry.run_of(1)}/report")

    assert (large["statusCode"], gone["statusCode"]) == (413, 404)
    assert "retrain report MODEL VERSION --open" in large["body"]


def test_why_a_version_serves_has_what_it_learnt_from_who_decided_and_what_was_tried(registry: Registry) -> None:
    folder = "datasets/churn/manifests/abc"
    sources = [{"key": f"incoming/churn/may{HARM}.csv", "uploaded_at": "2026-03-14T10:15:00.000Z", "size_bytes": 1204}]
    registry.world.s3.put_object(Bucket=BUCKET, Key=f"{folder}/sources.json", Body=json.dumps(sources).encode())
    plan = {"deadline_s": 3600, "parameters": {"InputData": f"s3://{BUCKET}/{folder}/manifest.json"}}
    run, ledger = registry.run_of(1), registry.world.ledger
    ledger.update_run(run, "approved by Ada, not proven: better recall", plan=plan)
    ledger.update_run(run, "verified")

    serves, waits = shown("/models/churn/versions/1"), shown("/models/churn/versions/2")

    assert "Version 1 serves" in serves
    assert "approved by Ada, not proven: better recall" in serves
    assert "incoming/churn/may&lt;img" in serves
    assert "<img" not in serves
    assert "Version 2 does not serve" in waits
    assert "Its manifest is gone, or it had none." in waits
    assert f'href="/console/{SECRET}/models/churn/versions/2"' in shown("/models/churn")


def test_what_data_say_is_read_and_does_nothing(registry: Registry) -> None:
    pages = [shown(), shown("/models/churn"), str(run_shown(registry, 1)["body"])]

    assert not any("<img" in page or "<script" in page for page in pages)
    assert all("&lt;img src=x" in page for page in pages[1:])


def over(registry: Registry) -> None:
    registry.world.ledger.add_console_link(console_hash(SECRET), now() - timedelta(seconds=1))


REFUSED: dict[str, tuple[int, Any]] = {
    "a guessed secret": (404, lambda registry: ask(ROOT.replace("S", "T"))),
    "no secret": (404, lambda registry: ask("https://page.test/console/")),
    "a shorter secret": (404, lambda registry: ask(ROOT[:-1])),
    "a link of a mail": (404, lambda registry: ask(f"https://page.test/console/{mailed(registry)}")),
    "a model that is not there": (404, lambda registry: ask(f"{ROOT}/models/nothing")),
    "a run that is not there": (404, lambda registry: ask(f"{ROOT}/runs/churn-20260314t101509-abcdef")),
    "a version that is not there": (404, lambda registry: ask(f"{ROOT}/models/churn/versions/9")),
    "a step that is not there": (404, lambda registry: ask(f"{ROOT}/runs/{registry.run_of(2)}/steps/Train")),
    "a report that is not there": (404, lambda registry: ask(f"{ROOT}/runs/{registry.run_of(2)}/report")),
    "a step by a guessed secret": (404, lambda registry: ask(f"{GUESSED}/runs/{registry.run_of(2)}/steps/Train")),
    "a report by a guessed secret": (404, lambda registry: ask(f"{GUESSED}/runs/{registry.run_of(2)}/report")),
    "why by a guessed secret": (404, lambda registry: ask(f"{GUESSED}/models/churn/versions/1")),
    "another shelf": (404, lambda registry: ask(f"{ROOT}/secrets/churn")),
    "a name that climbs": (404, lambda registry: ask(f"{ROOT}/models/../churn")),
    "another method": (405, lambda registry: ask(ROOT, "PUT")),
    "a form": (403, lambda registry: ask(ROOT, "POST", OWN | {"content-type": FORM}, "decision=approve&who=Ada")),
    "a link that is over": (410, lambda registry: (over(registry), ask(ROOT))[1]),
}  # fmt: skip


def mailed(registry: Registry) -> str:
    return link_in(next(mail for mail in registry.world.mail() if "waits for your decision" in mail)).rpartition("/")[2]


@pytest.mark.parametrize("attack", REFUSED)
def test_who_has_no_link_sees_nothing(registry: Registry, attack: str) -> None:
    status, act = REFUSED[attack]

    answered = act(registry)

    assert answered["statusCode"] == status
    assert "0.5300" not in answered["body"]


def test_a_link_to_the_console_decides_nothing(registry: Registry) -> None:
    decided = send(f"https://page.test/decide/churn/2/{SECRET}", YES)

    assert decided["statusCode"] == 404
    assert registry.status(2) == "PendingManualApproval"


@dataclass(frozen=True)
class Known(Target):
    """A stack whose pages and ledger are known."""

    def outputs(self) -> dict[str, str]:
        return {"PageUrl": "https://page.test/"}

    def ledger(self) -> Ledger:
        return ledger()


@pytest.mark.parametrize("what", ["nonsense", "churn-20260314t101509-abcdef", "https://another.test/console/a"])
def test_no_link_is_made_to_what_is_not_there(registry: Registry, what: str) -> None:
    with pytest.raises(UserError, match=re.escape(what)):
        console_link(Known(None), what)


def test_a_link_is_made_to_a_model_to_a_run_and_to_what_a_mail_has(registry: Registry) -> None:
    mailed_link = f"https://page.test/decide/churn/2/{SECRET}"
    places = [console_link(Known(None), what).address for what in ("", "churn", registry.run_of(2), mailed_link)]

    assert places[0].startswith("https://page.test/console/")
    assert places[1].endswith("/models/churn")
    assert places[2].endswith(f"/runs/{registry.run_of(2)}")
    assert places[3] == mailed_link


def test_a_page_of_many_runs_stays_below_60_kilobytes(registry: Registry) -> None:
    for number in range(200):
        run = f"churn-20260315t{number:06d}-abcdef"
        facts = {"id": run, "model": "churn", "status": "Failed", "execution_arn": "arn", "reasons": ["x" * 2_000]}
        registry.world.ledger.write(Write("MODEL#churn", f"RUN#{run}", set=facts))
        refused = {"at": "2026-03-14T10:15:00.000Z", "message": "x" * 2_000}
        registry.world.ledger.write(
            Write("MODEL#churn", f"REFUSED#2026-03-14T10:15:00.000Z#OBJECT#{number}", set=refused)
        )

    assert max(len(shown(path).encode()) for path in ("/", "/models/churn")) < 60_000
