"""What people bring: requirements.txt beside a script, images of their own, spot, and instances by preference."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from packing import tar_gz
from sagemaker_requests import ROLE, bucket, definition, processing, python, training
from sagemaker_resources import ended, settled
from test_sagemaker_jobs import messages, process, train

pytestmark = pytest.mark.timeout(900)
OWN = "111122223333.dkr.ecr.us-east-1.amazonaws.com/my-image:7"
PROGRAM = "import numpy, tiny\nprint('tiny says', tiny.WORD, numpy.__version__)\n"


def wheel(word: str) -> bytes:
    """A package called tiny that has a word."""
    made = io.BytesIO()
    about = "tiny-1.0.dist-info"
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("tiny.py", f"WORD = {word!r}\n")
        archive.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return made.getvalue()


def scripted(cloud: CloudServer, key: str, files: dict[str, bytes], image: str = OWN) -> dict[str, Any]:
    """A script-mode training of files."""
    bucket(cloud, "own-code").put_object(Bucket="own-code", Key=key, Body=tar_gz(files))
    named = {"sagemaker_program": "train.py", "sagemaker_submit_directory": f"s3://own-code/{key}"}
    request = training("s3://own-code/out", [], named)
    del request["InputDataConfig"]
    request["AlgorithmSpecification"] = {"TrainingImage": image, "TrainingInputMode": "File"}
    return request


def test_requirements_are_installed_for_the_job_alone(cloud_server: CloudServer) -> None:
    asked = b"# what we need\nnumpy>=1.20  # there already\n./tiny-1.0-py3-none-any.whl\n"
    files = {"train.py": PROGRAM.encode(), "requirements.txt": asked, "tiny-1.0-py3-none-any.whl": wheel("hello")}

    found = train(cloud_server, "own-requirements", scripted(cloud_server, "a.tar.gz", files))
    without = train(cloud_server, "own-nothing", scripted(cloud_server, "b.tar.gz", {"train.py": PROGRAM.encode()}))

    said = messages(cloud_server, "/aws/sagemaker/TrainingJobs", "own-requirements")
    assert found["TrainingJobStatus"] == "Completed", found
    assert any(line.startswith("tiny says hello") for line in said)
    assert any(line.startswith("requirements.txt: ./tiny-1.0-py3-none-any.whl (for this job") for line in said)
    assert "No module named 'tiny'" in without["FailureReason"]


def test_requirements_that_cannot_be_installed_fail_the_job_in_pips_words(cloud_server: CloudServer) -> None:
    files = {"train.py": b"", "requirements.txt": b"./nowhere-1.0-py3-none-any.whl\n"}

    found = train(cloud_server, "own-broken", scripted(cloud_server, "c.tar.gz", files))

    assert found["TrainingJobStatus"] == "Failed"
    assert "InstallRequirementsError: pip cannot install ./nowhere" in found["FailureReason"]


def test_an_image_of_ones_own_says_what_it_runs_on(cloud_server: CloudServer) -> None:
    request = processing(python("print('here')"))
    request["AppSpecification"]["ImageUri"] = OWN

    found = process(cloud_server, "own-image", request)

    said = messages(cloud_server, "/aws/sagemaker/ProcessingJobs", "own-image")
    assert found["ProcessingJobStatus"] == "Completed"
    assert said == [
        f"outside AWS no image is pulled: what {OWN} would run uses this machine's Python and packages", "here",
    ]  # fmt: skip


def own_processing(cloud: CloudServer) -> str:
    request = processing(python(""))
    request["AppSpecification"] = {"ImageUri": OWN}
    return str(process(cloud, "own-door", request)["FailureReason"])


def own_training_job(cloud: CloudServer) -> str:
    request = training("s3://own-code/out", [], {})
    del request["InputDataConfig"]
    request["AlgorithmSpecification"]["TrainingImage"] = OWN
    return str(train(cloud, "own-door", request)["FailureReason"])


def own_model(cloud: CloudServer) -> str:
    """A model of an image of one's own, by its name."""
    model = {"PrimaryContainer": {"Image": OWN}, "ExecutionRoleArn": ROLE}
    cloud.client("sagemaker").create_model(ModelName="own-door", **model)
    return "own-door"


def own_endpoint(cloud: CloudServer) -> str:
    name, sagemaker = own_model(cloud), cloud.client("sagemaker")
    variant = {"VariantName": "A", "ModelName": name, "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
    sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
    told = str(settled(cloud, name)["FailureReason"])
    sagemaker.delete_endpoint(EndpointName=name)
    sagemaker.delete_model(ModelName=name)
    return told


def own_transform(cloud: CloudServer) -> str:
    name, sagemaker = own_model(cloud), cloud.client("sagemaker")
    bucket(cloud, "own-code").put_object(Bucket="own-code", Key="door/in.csv", Body=b"1\n")
    source = {"S3DataType": "S3Prefix", "S3Uri": "s3://own-code/door/"}
    sagemaker.create_transform_job(
        TransformJobName=name, ModelName=name, TransformInput={"DataSource": {"S3DataSource": source}},
        TransformOutput={"S3OutputPath": "s3://own-code/answers"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
    )  # fmt: skip
    told = str(ended(cloud, "transform", name)["FailureReason"])
    sagemaker.delete_model(ModelName=name)
    return told


def own_step(cloud: CloudServer) -> str:
    """What CreatePipeline says of a step: before anything runs."""
    arguments = processing(python(""))
    arguments["AppSpecification"] = {"ImageUri": OWN}
    pipeline = definition({"Name": "A", "Type": "Processing", "Arguments": arguments})
    with pytest.raises(ClientError) as refused:
        cloud.client("sagemaker").create_pipeline(
            PipelineName="own-door", PipelineDefinition=pipeline, RoleArn=ROLE, ClientRequestToken="own-door" * 5
        )
    return str(refused.value)


@pytest.mark.parametrize("door", [own_processing, own_training_job, own_endpoint, own_transform, own_step])
def test_at_every_door_an_image_that_cannot_run_here_is_told_of_by_name_with_what_can(
    cloud_server: CloudServer, door: Callable[[CloudServer], str]
) -> None:
    told = door(cloud_server)

    assert f"{OWN} has no stand-in outside AWS" in told
    assert "no image is pulled here" in told
    assert "runs with this machine's Python" in told


def test_the_first_of_the_preferred_instances_is_selected(cloud_server: CloudServer) -> None:
    request = scripted(cloud_server, "d.tar.gz", {"train.py": b"print(1)"})
    preferred = [{"InstanceType": kind, "InstanceCount": 1} for kind in ("ml.m5.2xlarge", "ml.m5.xlarge")]
    request["ResourceConfig"] = {"VolumeSizeInGB": 30, "InstancePreferences": preferred}

    found = train(cloud_server, "own-preference", request)

    resources = found["ResourceConfig"]
    assert found["TrainingJobStatus"] == "Completed", found
    assert (resources["SelectedInstanceType"], resources["SelectedInstanceCount"]) == ("ml.m5.2xlarge", 1)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
        (
            {"StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}},
            "It is only supported when EnableManagedSpotTraining is set to true",
        ),
    ],
)
def test_only_spot_waits_and_as_long_as_it_may_run(cloud_server: CloudServer, more: dict[str, Any], told: str) -> None:
    request = scripted(cloud_server, "d.tar.gz", {"train.py": b""}) | more

    with pytest.raises(ClientError, match=told):
        cloud_server.client("sagemaker").create_training_job(TrainingJobName="own-spot", **request)


def test_a_count_of_its_own_beside_the_preferred_type_counts_for_processing_too(cloud_server: CloudServer) -> None:
    request = processing(python("print(1)"))
    preferred = [
        {"InstanceType": "ml.m5.2xlarge", "InstanceCount": 2},
        {"InstanceType": "ml.m5.xlarge", "InstanceCount": 3},
    ]
    request["ProcessingResources"] = {"ClusterConfig": {"VolumeSizeInGB": 30, "InstancePreferences": preferred}}

    found = process(cloud_server, "own-preferred-processing", request)

    cluster = found["ProcessingResources"]["ClusterConfig"]
    assert found["ProcessingJobStatus"] == "Completed", found
    assert (cluster["SelectedInstanceType"], cluster["SelectedInstanceCount"]) == ("ml.m5.2xlarge", 2)
    assert (cloud_server.state_dir / "jobs" / "own-preferred-processing" / "algo-2").is_dir()
