"""`sam local invoke`: every function takes its sample of events/ in a container, against a local cloud.

The samples speak of a run that never was; here its names are those of a run that was deployed, so that each function
finds what it asks for. SAM says 0 whatever a function answered, so the answers are read.
"""

from __future__ import annotations

import fcntl
import json
import re
import socket
import struct
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from app.ledger import RunRecord
from outside import NEW_MLFLOW, listening
from sam import ROOT, RUNTIME, SAM, Sam, fresh_clone
from samtranslator.yaml_helper import yaml_parse

from cli.demo_data import generate
from cli.stack.deploy import deploy
from cli.stack.local import server
from cli.stack.publishing import publish
from cli.stack.rows.batch_scoring import score
from cli.stack.target import Target

pytestmark = [pytest.mark.engine, pytest.mark.local, pytest.mark.timeout(900)]
FUNCTIONS = {
    one["Properties"]["Handler"].partition(".")[0]: name
    for name, one in yaml_parse((ROOT / "template.yaml").read_text())["Resources"].items()
    if one["Type"] == "AWS::Serverless::Function"
}
SAMPLES = {
    path.name: FUNCTIONS[path.name.partition(".")[0]]
    for path in sorted((ROOT / "events").glob("*.json"))
    if path.name.partition(".")[0] in FUNCTIONS
}
KEY = "incoming/churn/may 2026 + é%.csv"  # as the samples have it
STACK = "retrain"
SIOCGIFADDR = 0x8915  # an interface's address, netdevice(7)
BRIDGE = '{{index .Options "com.docker.network.bridge.name"}}'


@dataclass
class Local:
    """A local cloud that containers reach, a deployed run in it, and the SAM CLI with what it built."""

    sam: Sam
    run: RunRecord
    names: dict[str, str]  # as the samples have them -> as they are here

    def fill(self, sample: str) -> str:
        """The sample with the names, and the version, of the run that is here."""
        for said, there in self.names.items():
            sample = sample.replace(said, there)
        version = str(self.run.version)
        sample = sample.replace(f"{STACK}--churn/3", f"{STACK}--churn/{version}")
        return re.sub(r'(\\?"(?:version|ModelPackageVersion)\\?": )3\b', rf"\g<1>{version}", sample)

    def invoke(self, function: str, event: str) -> Any:
        """What the function answers; fails when it raised."""
        (self.sam.folder / "event.json").write_text(event)
        done = subprocess.run(
            [
                *(SAM, "local", "invoke", function, "--template", ".aws-sam/build/local.json", "--skip-pull-image"),
                *("--event", "event.json", "--env-vars", "variables.json", "--parameter-overrides", RUNTIME),
            ],
            cwd=self.sam.folder,
            env=self.sam.environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=120,
        )
        said = done.stdout.strip().splitlines()
        answer = json.loads(said[-1]) if done.returncode == 0 and said else {"errorMessage": "no answer"}
        assert not (isinstance(answer, dict) and "errorMessage" in answer), f"{answer}\n{done.stderr[-3000:]}"
        return answer

    def generated(self, *words: str) -> Any:
        """An event as `sam local generate-event` makes it."""
        return json.loads(self.sam.must("local", "generate-event", *words))


def address_for_containers() -> str:
    """This machine's address in the network of the containers: that of its bridge. An engine that made the bridge since
    it started names no gateway of it (https://github.com/moby/moby/issues/26799).
    """
    asked = ["docker", "network", "inspect", "bridge", "--format", BRIDGE]
    bridge = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        found = fcntl.ioctl(any_socket, SIOCGIFADDR, struct.pack("256s", bridge.encode()))
    return socket.inet_ntoa(found[20:24])


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory, stack_at: Callable[[str, str], Any]) -> Iterator[Local]:
    gateway = address_for_containers()
    state = tmp_path_factory.mktemp("reached") / "state"
    process, url = server.start(0, state, gateway, more=["--open-to-network"])
    try:
        with listening(NEW_MLFLOW, gateway) as (outside, _):
            reached = Target(url, STACK), url.replace("127.0.0.1", gateway)
            yield prepared(*reached, stack_at, tmp_path_factory.mktemp("clone"), outside)
    finally:
        server.stop(state)
        process.wait(timeout=120)
        assert process.stdout is not None
        process.stdout.close()


def prepared(target: Target, url: str, stack_at: Callable[[str, str], Any], folder: Path, outside: str) -> Local:
    """Deploy with an MLflow at ``outside``, take one upload to an endpoint, build, and write down what the containers
    are to be told.
    """
    deploy(target, ROOT / "template.yaml", {"MlflowServer": outside, "QuietSeconds": "1", "BakeSeconds": "0"})
    publish(target, "churn", {"AccuracyThreshold": "0.5"})
    stack = stack_at(str(target.url), STACK)
    sent = stack.put(KEY, stack.csv("data.csv", rows=1500).read_bytes())
    stack.approve(stack.awaiting(sent.run))
    run = stack.run(sent.run)
    assert str(run.status) == "Deployed", run
    sam = Sam(fresh_clone(folder), target)
    sam.must("build", "--parameter-overrides", RUNTIME)
    tell(sam, url, {"WEBHOOK_URL": f"{outside}/services/a", "WEBHOOK_KIND": "slack"})
    machine = run.execution_arn.rpartition(":")[0].rpartition(":")[2]
    return Local(
        sam,
        run,
        {
            "churn-20260314t101500-0a1b2c": run.id,
            "retrain-databucket-0a1b2c3d": stack.outputs["DataBucketName"],
            "IYV3p45BT0ac8hjHg1houSdS1a.Mro8e": sent.version_id,
            "p4jn9xou8a8s": str(run.pipeline_execution_arn).rpartition("/")[2],
            "RetrainingStateMachine-0a1b2c3d": machine,
        }
        | scored(stack),
    )


def scored(stack: Any) -> dict[str, str]:
    """Score a file, and answer what its samples name: the object's version and the transform job."""
    file = stack.folder / "june.csv"
    file.write_text(generate("churn", 50, 5))
    assert score(stack.target, "churn", file, stack.folder / "scored.csv", 120).rows == 50
    client, bucket = stack.target.client, stack.outputs["DataBucketName"]
    jobs = client("sagemaker").list_transform_jobs(NameContains=f"{STACK}--churn-v")["TransformJobSummaries"]
    return {
        "kV1x7": client("s3").head_object(Bucket=bucket, Key="scoring/churn/june.csv")["VersionId"],
        "retrain--churn-v2-0a1b2c3d4e5f6071": jobs[0]["TransformJobName"],
    }


def tell(sam: Sam, url: str, chat: dict[str, str]) -> None:
    """Give the containers the variables that the deployed functions have, the local cloud's address, and a chat's where
    they post to one: a stack takes one of plain HTTP at 127.0.0.1 alone, which is the container itself.

    SAM passes on only variables that the template names: the built template gets one more, for the address.
    """
    client = sam.target.client
    variables: dict[str, Any] = {}
    for name in FUNCTIONS.values():
        there = client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=name)
        found = client("lambda").get_function_configuration(
            FunctionName=there["StackResourceDetail"]["PhysicalResourceId"]
        )
        there_now = found["Environment"]["Variables"]
        variables[name] = there_now | {"AWS_ENDPOINT_URL": url} | (chat if "WEBHOOK_URL" in there_now else {})
    (sam.folder / "variables.json").write_text(json.dumps(variables))
    built = sam.folder / ".aws-sam" / "build"
    template = yaml_parse((built / "template.yaml").read_text())
    for name in FUNCTIONS.values():
        properties = template["Resources"][name]["Properties"]
        properties.setdefault("Environment", {}).setdefault("Variables", {})["AWS_ENDPOINT_URL"] = url
    (built / "local.json").write_text(json.dumps(template))


def expected(local: Local) -> dict[str, Any]:
    """What is answered where something is; None where a function only acts."""
    done = {"status": "Failed", "reason": "step 'Train' failed: num_round must be positive"}
    return {
        "record_arrival.json": {"batchItemFailures": []},
        "read_verdict.json": {"passed": True, "version": local.run.version},
        "plan_run.json": {"usable": True},
        "finish_run.json": done,
    }


def test_every_function_has_a_sample() -> None:
    assert set(SAMPLES.values()) == set(FUNCTIONS.values())


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_function_takes_its_sample(local: Local, sample: str) -> None:
    answer = local.invoke(SAMPLES[sample], local.fill((ROOT / "events" / sample).read_text()))

    wanted = expected(local).get(sample)
    if isinstance(wanted, dict):
        assert {name: answer[name] for name in wanted} == wanted


def test_a_function_that_raises_is_noticed(local: Local) -> None:
    with pytest.raises(AssertionError, match="BadMessage"):
        local.invoke("CheckQuietFunction", "{}")


def test_a_queue_message_as_sam_generates_it_is_recorded(local: Local) -> None:
    body = local.fill((ROOT / "events" / "dataset_uploaded.json").read_text())
    event = local.generated("sqs", "receive-message")
    event["Records"][0]["body"] = body

    answer = local.invoke("RecordArrivalFunction", json.dumps(event))

    assert answer == {"batchItemFailures": []}


def test_an_s3_notification_which_this_queue_never_gets_is_handed_back_and_not_lost(local: Local) -> None:
    event = local.generated("sqs", "receive-message")
    event["Records"][0]["body"] = json.dumps(local.generated("s3", "put", "--key", "incoming/churn/a.csv"))

    answer = local.invoke("RecordArrivalFunction", json.dumps(event))

    assert answer == {"batchItemFailures": [{"itemIdentifier": event["Records"][0]["messageId"]}]}


def test_a_decision_as_sam_generates_it_from_sns_is_taken(local: Local) -> None:
    words = {"model": "churn", "version": local.run.version, "decision": "approve", "reason": "again", "by": "Ada"}
    event = local.generated("sns", "notification")
    event["Records"][0]["Sns"]["Message"] = json.dumps(words)

    local.invoke("ReceiveDecisionFunction", json.dumps(event))

    package = local.sam.target.client("sagemaker").describe_model_package(ModelPackageName=local.run.package_arn)
    assert package["ModelApprovalStatus"] == "Approved"
