"""What an engine is asked to run of a job, without an engine: the container, and the command line that makes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from localcloud.containers import requirements
from localcloud.containers.engine import create_command, holds, reachable
from localcloud.containers.tasks import Container, Task
from localcloud.sagemaker.jobs.own_images import container_of, processing_problems, serving_container, training_problems

OWN = "111122223333.dkr.ecr.us-east-1.amazonaws.com/mine:7"
XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
JOB = Path("state/jobs/a/opt/ml").absolute()


def command(container: Container, **env: str) -> list[str]:
    return create_command("name", Path("/the state"), Task(JOB, env, container=container), container)


def processing(image: str = OWN, isolated: bool = False, **specification: Any) -> dict[str, Any]:
    return {
        "AppSpecification": {"ImageUri": image, **specification},
        "ProcessingInputs": [{"S3Input": {"LocalPath": "/opt/ml/processing/in"}}],
        "ProcessingOutputConfig": {"Outputs": [{"S3Output": {"LocalPath": "/opt/ml/processing/in/out"}}]},
        "NetworkConfig": {"EnableNetworkIsolation": isolated},
    }


def training(image: str = OWN, **more: Any) -> dict[str, Any]:
    return {"AlgorithmSpecification": {"TrainingImage": image, "TrainingInputMode": "File"}, **more}


def there(image: str) -> bool:
    return True


def nowhere(image: str) -> bool:
    return False


def test_a_container_has_a_name_a_label_the_machines_network_and_what_a_job_is_told() -> None:
    assert command(Container(OWN, arguments=("train",)), A="1=2 3") == [
        "docker", "create", "--rm", "--name", "name", "--label", "localcloud.state=/the state",
        "--network", "host", "--env", "A=1=2 3", OWN, "train",
    ]  # fmt: skip


def test_inputs_are_read_only_and_what_is_an_output_is_not() -> None:
    made = command(Container(OWN, read_only=("/opt/ml/input", "/opt/ml/both"), writable=("/opt/ml/both",)))

    mounts = [made[number + 1] for number, word in enumerate(made) if word == "--mount"]
    assert mounts == [
        f"type=bind,source={JOB}/input,target=/opt/ml/input,readonly",
        f"type=bind,source={JOB}/both,target=/opt/ml/both",
    ]


def test_a_folder_with_a_comma_is_one_folder() -> None:
    container = Container(OWN, writable=("/opt/ml/a,b",))

    assert f'type=bind,"source={JOB}/a,b","target=/opt/ml/a,b"' in command(container)


def test_an_entrypoint_of_several_words_goes_on_behind_the_image() -> None:
    made = command(Container(OWN, ("python3", "-c"), ("print(1)",)))

    assert made[-5:] == ["--entrypoint", "python3", OWN, "-c", "print(1)"]


def test_a_container_in_isolation_has_no_network_and_none_has_this_machines_folders_for_packages() -> None:
    made = command(Container(OWN, isolated=True), **{requirements.CACHE: "somewhere"})

    assert made[made.index("--network") + 1] == "none"
    assert "somewhere" not in " ".join(made)


def test_a_model_is_served_at_a_port_of_this_machine_alone_and_only_read() -> None:
    container = serving_container({"Image": OWN}, there)

    assert container == Container(OWN, arguments=("serve",), read_only=("/opt/ml/model",), port=8080)
    made = command(container)
    assert made[made.index("--publish") + 1] == "127.0.0.1::8080"
    assert "--network" not in made
    assert made[-2:] == [OWN, "serve"]
    assert serving_container({"Image": OWN}, nowhere) is None
    assert serving_container({"Image": XGBOOST}, there) is None


@pytest.mark.parametrize("host", ["tcp://10.0.0.7:2375", "ssh://ada@there"])
def test_an_engine_of_another_machine_is_not_asked(host: str) -> None:
    assert not reachable("linux", {"DOCKER_HOST": host})


def test_an_engine_is_asked_on_linux_alone_and_for_what_is_a_name() -> None:
    assert not reachable("darwin", {})
    assert not holds("--help")


@pytest.mark.parametrize(
    ("request_", "container"),
    [
        (
            processing(),
            Container(OWN, (), (), ("/opt/ml/config", "/opt/ml/processing/in"),
                      ("/opt/ml/output", "/opt/ml/processing/in/out")),
        ),
        (
            {"AppSpecification": {"ImageUri": OWN, "ContainerEntrypoint": ["a", "b"], "ContainerArguments": ["c"]}},
            Container(OWN, ("a", "b"), ("c",), ("/opt/ml/config",), ("/opt/ml/output",)),
        ),
        (
            training(),
            Container(OWN, (), ("train",), ("/opt/ml/input",), ("/opt/ml/model", "/opt/ml/output")),
        ),
        (
            training(CheckpointConfig={"S3Uri": "s3://a/b"}, EnableNetworkIsolation=True),
            Container(OWN, (), ("train",), ("/opt/ml/input",),
                      ("/opt/ml/model", "/opt/ml/output", "/opt/ml/checkpoints"), True),
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": OWN, "ContainerEntrypoint": ["fit"]}},
            Container(OWN, ("fit",), (), ("/opt/ml/input",), ("/opt/ml/model", "/opt/ml/output")),
        ),
    ],
)  # fmt: skip
def test_a_jobs_container_is_what_its_request_says(request_: dict[str, Any], container: Container) -> None:
    assert container_of(request_, there) == container


def test_without_the_image_or_with_one_of_aws_no_container_runs() -> None:
    assert container_of(processing(), nowhere) is None
    assert container_of(processing(XGBOOST), there) is None
    assert container_of({"AlgorithmSpecification": {"AlgorithmName": "mine"}}, there) is None


def test_a_pipeline_takes_the_image_that_an_engine_has() -> None:
    assert processing_problems(processing(), there) == []
    assert training_problems(training(), there) == []
    assert OWN in processing_problems(processing(), nowhere)[0]
    assert OWN in training_problems(training(), nowhere)[0]
