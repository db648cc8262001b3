"""Images of one's own in a container engine: an image made of this machine's files runs jobs and serves.

The engine and the image that it is made from are those of `sam local invoke` (tests/e2e/engine.sh).
"""

from __future__ import annotations

import io
import json
import os
import platform
import subprocess
import sys
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer, eventually, kill_cloud, start_cloud, stop_cloud
from packing import tar_gz
from sagemaker_requests import ROLE, bucket, channel, definition, processing, s3_input, s3_output, training
from sagemaker_resources import ended, over, settled, variant
from test_sagemaker_jobs import listing, messages, process, train

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]
STORE = "own-engine"
PROGRAM = Path(__file__).with_name("own_image_program.py")
PYTHON = "/var/lang/bin/python3"
ARCH = platform.machine().replace("aarch64", "arm64")
BASE = f"public.ecr.aws/lambda/python:{sys.version_info[0]}.{sys.version_info[1]}-{ARCH}"
DOCKERFILE = f"""FROM {BASE}
COPY {PROGRAM.name} /opt/program.py
ENV PYTHONPATH=/var/runtime COLOUR=red
ENTRYPOINT ["{PYTHON}", "/opt/program.py"]
CMD ["fail"]
"""


def docker(*words: str) -> str:
    return subprocess.run(
        ["docker", *words], capture_output=True, text=True, check=True, env=os.environ | {"DOCKER_BUILDKIT": "0"}
    ).stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image that nobody else's test has, removed afterwards."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "Dockerfile").write_text(DOCKERFILE)
    (folder / PROGRAM.name).write_bytes(PROGRAM.read_bytes())
    name = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:{uuid.uuid4().hex[:8]}"
    docker("build", "--quiet", "--tag", name, str(folder))
    yield name
    docker("rmi", "--force", name)


@pytest.fixture(scope="module")
def store(cloud_server: CloudServer) -> Any:
    s3 = bucket(cloud_server, STORE)
    s3.put_object(Bucket=STORE, Key="in/a.txt", Body="hello")
    s3.put_object(Bucket=STORE, Key="train/rows.csv", Body="1,2\n0,3\n")
    return s3


def own_processing(image: str, *arguments: str, **more: Any) -> dict[str, Any]:
    request = processing([], [s3_input("data", f"s3://{STORE}/in/")], [s3_output("out", f"s3://{STORE}/out")], **more)
    request["AppSpecification"] = {"ImageUri": image}
    if arguments:
        request["AppSpecification"]["ContainerArguments"] = list(arguments)
    return request


def own_training(image: str, do: str, **more: Any) -> dict[str, Any]:
    request = training(f"s3://{STORE}/models", [channel("train", f"s3://{STORE}/train/")], {"do": do}, **more)
    metrics = [{"Name": "loss", "Regex": "loss=(.*?);"}]
    request["AlgorithmSpecification"] = {
        "TrainingImage": image, "TrainingInputMode": "File", "MetricDefinitions": metrics,
    }  # fmt: skip
    return request


def waits(cloud: CloudServer, group: str, job: str) -> bool:
    """Whether the job has said that it waits."""
    there = cloud.client("logs").describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return bool(there) and "waiting" in messages(cloud, group, job)


def in_archive(s3: Any, key: str, name: str) -> Any:
    body = s3.get_object(Bucket=STORE, Key=key)["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(body)) as archive:
        member = archive.extractfile(name)
        assert member is not None
        return json.load(member)


def test_a_processing_job_runs_its_image_with_the_jobs_inputs_credentials_and_arguments(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    request = own_processing(image, "process", "--a", "1", Environment={"COLOUR": "blue"})

    found = process(cloud_server, "engine-process", request)

    said = messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "engine-process")
    assert found["ProcessingJobStatus"] == "Completed", found
    told = json.loads(listing(store, STORE, "out/")["found.json"])
    assert told == {"text": "hello", "there": "hello", "arguments": ["process", "--a", "1"], "colour": "blue"}
    assert said == [f"{image} runs in this machine's container engine", "inputs: Read-only file system"]


def test_an_entrypoint_that_the_request_names_replaces_the_images_own(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    request = own_processing(image, "import os; print('colour', os.environ['COLOUR'])")
    request["AppSpecification"]["ContainerEntrypoint"] = [PYTHON, "-c"]

    found = process(cloud_server, "engine-entrypoint", request)

    assert found["ProcessingJobStatus"] == "Completed", found
    assert messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "engine-entrypoint")[1:] == ["colour red"]


def test_a_processing_job_without_arguments_runs_the_images_command_and_fails_as_it_does(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    found = process(cloud_server, "engine-fail", own_processing(image))

    assert found["ProcessingJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: no such column: age, exit code: 3"


def test_an_entrypoint_that_the_image_lacks_fails_the_job_in_the_engines_words(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    request = own_processing(image)
    request["AppSpecification"]["ContainerEntrypoint"] = ["/opt/nowhere"]

    found = process(cloud_server, "engine-nowhere", request)

    assert found["ProcessingJobStatus"] == "Failed"
    assert "/opt/nowhere" in found["FailureReason"]
    assert "no such file or directory" in found["FailureReason"]


def test_a_job_in_isolation_reaches_nothing(cloud_server: CloudServer, store: Any, image: str) -> None:
    request = own_processing(image, "alone", NetworkConfig={"EnableNetworkIsolation": True})

    found = process(cloud_server, "engine-alone", request)

    said = messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "engine-alone")
    assert found["ProcessingJobStatus"] == "Completed", found
    assert said[1].startswith("not reached:")


def test_a_training_job_is_called_with_train_and_its_model_is_kept(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    found = train(cloud_server, "engine-train", own_training(image, "train", Environment={"COLOUR": "blue"}))

    assert found["TrainingJobStatus"] == "Completed", found
    assert found["ModelArtifacts"]["S3ModelArtifacts"] == f"s3://{STORE}/models/engine-train/output/model.tar.gz"
    assert in_archive(store, "models/engine-train/output/model.tar.gz", "model.json") == {"rows": 2}
    assert [(one["MetricName"], one["Value"]) for one in found["FinalMetricDataList"]] == [("loss", 0.25)]
    seen = in_archive(store, "models/engine-train/output/output.tar.gz", "seen.json")
    assert (seen["hyperparameters"], seen["rows"]) == ({"do": "train"}, "1,2\n0,3\n")
    assert seen["inputdataconfig"]["train"]["ContentType"] == "text/csv"
    assert seen["variables"] == {
        "TRAINING_JOB_NAME": "engine-train", "TRAINING_JOB_ARN": found["TrainingJobArn"], "COLOUR": "blue",
    }  # fmt: skip


def test_a_training_that_fails_tells_what_its_failure_file_says(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    found = train(cloud_server, "engine-train-fails", own_training(image, "fail"))

    assert found["TrainingJobStatus"] == "Failed"
    assert found["FailureReason"] == "AlgorithmError: no such column: age, exit code: 3"


def test_a_training_that_is_stopped_hears_of_it_and_what_it_leaves_is_kept(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    sagemaker, group = cloud_server.client("sagemaker"), "/aws/sagemaker/TrainingJobs"
    sagemaker.create_training_job(TrainingJobName="engine-stop", **own_training(image, "wait"))
    eventually(lambda: waits(cloud_server, group, "engine-stop"), 60, "the job waits")

    sagemaker.stop_training_job(TrainingJobName="engine-stop")

    found = ended(cloud_server, "training", "engine-stop")
    assert found["TrainingJobStatus"] == "Stopped", found
    assert in_archive(store, "models/engine-stop/output/model.tar.gz", "half.json") == {}


def test_a_training_that_takes_too_long_is_ended(cloud_server: CloudServer, store: Any, image: str) -> None:
    request = own_training(image, "wait", StoppingCondition={"MaxRuntimeInSeconds": 3})

    found = train(cloud_server, "engine-slow", request)

    assert (found["TrainingJobStatus"], found["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded"), found


def test_a_pipeline_takes_a_step_of_the_image_and_runs_it(cloud_server: CloudServer, store: Any, image: str) -> None:
    sagemaker, token = cloud_server.client("sagemaker"), "engine-pipeline-of-one-step-of-my-own"
    step = {"Name": "Mine", "Type": "Processing", "Arguments": own_processing(image, "process")}

    sagemaker.create_pipeline(
        PipelineName="engine", PipelineDefinition=definition(step), RoleArn=ROLE, ClientRequestToken=token
    )
    arn = sagemaker.start_pipeline_execution(PipelineName="engine", ClientRequestToken=token)["PipelineExecutionArn"]

    assert over(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded"


def own_model(cloud: CloudServer, store: Any, image: str, name: str, **environment: str) -> None:
    store.put_object(Bucket=STORE, Key="word.tar.gz", Body=tar_gz({"model.json": b'{"word": "hello"}'}))
    container = {"Image": image, "ModelDataUrl": f"s3://{STORE}/word.tar.gz", "Environment": environment}
    cloud.client("sagemaker").create_model(ModelName=name, PrimaryContainer=container, ExecutionRoleArn=ROLE)


@contextmanager
def endpoint(cloud: CloudServer, model: str) -> Iterator[dict[str, Any]]:
    """An endpoint of a model with its name, as it is described once it is settled."""
    sagemaker = cloud.client("sagemaker")
    sagemaker.create_endpoint_config(EndpointConfigName=model, ProductionVariants=[variant("A", model)])
    sagemaker.create_endpoint(EndpointName=model, EndpointConfigName=model)
    try:
        yield settled(cloud, model)
    finally:
        sagemaker.delete_endpoint(EndpointName=model)


def invoke(cloud: CloudServer, name: str, body: str) -> Any:
    answer = cloud.client("sagemaker-runtime").invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv")
    return json.loads(answer["Body"].read())


def test_two_endpoints_of_the_image_answer_side_by_side_and_one_that_ends_comes_back(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    for name in ("engine-one", "engine-two"):
        own_model(cloud_server, store, image, name)
    told = ["hello", "1,2", "text/csv", "/invocations"]

    with endpoint(cloud_server, "engine-one") as first, endpoint(cloud_server, "engine-two"):
        assert first["EndpointStatus"] == "InService", first
        assert invoke(cloud_server, "engine-one", "1,2") == told
        assert invoke(cloud_server, "engine-two", "1,2") == told

        with pytest.raises(ClientError):
            invoke(cloud_server, "engine-one", "die")

        assert eventually(lambda: invoked(cloud_server, "engine-one"), 60, "the endpoint answers again") == told


def invoked(cloud: CloudServer, name: str) -> Any:
    """What the endpoint answers; None while it does not."""
    try:
        return invoke(cloud, name, "1,2")
    except ClientError:
        return None


def test_an_endpoint_of_an_image_that_does_not_come_up_fails_with_its_words(
    cloud_server: CloudServer, store: Any, image: str
) -> None:
    own_model(cloud_server, store, image, "engine-black", COLOUR="black")

    with endpoint(cloud_server, "engine-black") as found:
        assert found["EndpointStatus"] == "Failed"
        assert "did not pass the ping health check" in found["FailureReason"]
        assert "no black models" in found["FailureReason"]


def test_a_transform_job_asks_the_image(cloud_server: CloudServer, store: Any, image: str) -> None:
    own_model(cloud_server, store, image, "engine-transform")
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{STORE}/train/"}
    cloud_server.client("sagemaker").create_transform_job(
        TransformJobName="engine-transform", ModelName="engine-transform",
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{STORE}/answers"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip

    found = ended(cloud_server, "transform", "engine-transform")

    assert found["TransformJobStatus"] == "Completed", found
    answers = listing(store, STORE, "answers/")
    assert json.loads(answers["rows.csv.out"])[:2] == ["hello", "1,2\n0,3\n"]


def containers(state: Path) -> list[str]:
    return docker("ps", "--all", "--quiet", "--filter", f"label=localcloud.state={state}").split()


def waiting_job(cloud: CloudServer, image: str) -> None:
    request = own_processing(image, "wait")
    del request["ProcessingInputs"]
    cloud.client("sagemaker").create_processing_job(ProcessingJobName="left", **request)
    eventually(lambda: waits(cloud, "/aws/sagemaker/ProcessingJobs", "left"), 60, "the job waits")


@pytest.mark.parametrize(("end", "left"), [(stop_cloud, 0), (kill_cloud, 1)])
def test_no_container_outlasts_the_local_cloud_for_longer_than_until_the_next_one(
    tmp_path: Path, image: str, end: Callable[[CloudServer], object], left: int
) -> None:
    cloud = start_cloud(tmp_path / "state", 0, "--keep")
    try:
        waiting_job(cloud, image)
        assert len(containers(cloud.state_dir)) == 1
    finally:
        end(cloud)
    assert len(containers(cloud.state_dir)) == left

    again = start_cloud(cloud.state_dir, int(cloud.url.rpartition(":")[2]), "--keep")

    try:
        eventually(lambda: not containers(cloud.state_dir), 60, "no container is left")
    finally:
        stop_cloud(again)
