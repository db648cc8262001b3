"""Parts of a pipeline: selective execution, several instances of a step, and instances by preference."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from sagemaker_requests import EXECUTION, bucket, definition, join, processing, python, s3_input, s3_output
from test_sagemaker_pipelines import create, finish, start, statuses, step, steps

pytestmark = pytest.mark.timeout(900)
PARAMETERS = [{"Name": "Word", "Type": "String", "DefaultValue": "one"}]
COPY = (
    "import pathlib, sys\n"
    "seen = ''.join(path.read_text() for path in sorted(pathlib.Path('/opt/ml/processing/in').glob('*')))\n"
    "pathlib.Path('/opt/ml/processing/out/f').write_text(seen + sys.argv[1])"
)


def writing(name: str, source: Any, word: Any) -> dict[str, Any]:
    """A step that writes what it finds, and a word."""
    place = join("s3://selection/runs", EXECUTION, name)
    made = processing(python(COPY), [s3_input("in", source)], [s3_output("out", place)])  # type: ignore[arg-type]
    made["AppSpecification"]["ContainerArguments"] = [word]
    return step(name, made)


def output(name: str) -> dict[str, str]:
    return {"Get": f"Steps.{name}.ProcessingOutputConfig.Outputs['out'].S3Output.S3Uri"}


@pytest.fixture(scope="module")
def whole(cloud_server: CloudServer) -> str:
    """An execution of First -> Second -> Third that has run."""
    bucket(cloud_server, "selection").put_object(Bucket="selection", Key="in/f", Body="zero ")
    chain = [
        writing("First", "s3://selection/in", "first "),
        writing("Second", output("First"), {"Get": "Parameters.Word"}),
        writing("Third", output("Second"), " third"),
    ]
    create(cloud_server, "selection", definition(*chain, parameters=PARAMETERS))
    arn = start(cloud_server, "selection")
    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, arn)
    return arn


def selected(*names: str, source: str | None = None) -> dict[str, Any]:
    config: dict[str, Any] = {"SelectedSteps": [{"StepName": name} for name in names]}
    return config | ({"SourcePipelineExecutionArn": source} if source else {})


def test_selected_steps_run_on_what_an_earlier_execution_left(cloud_server: CloudServer, whole: str) -> None:
    arn = start(
        cloud_server, "selection", SelectiveExecutionConfig=selected("Second", source=whole),
        PipelineParameters=[{"Name": "Word", "Value": "two"}],
    )  # fmt: skip

    ended = finish(cloud_server, arn)
    written = cloud_server.client("s3").get_object(
        Bucket="selection", Key=f"runs/{arn.rpartition('/')[2]}/Second/f"
    )["Body"].read()  # fmt: skip
    assert ended["PipelineExecutionStatus"] == "Succeeded"
    assert ended["SelectiveExecutionConfig"] == selected("Second", source=whole)
    assert statuses(cloud_server, arn) == {"First": "Succeeded", "Second": "Succeeded"}
    assert steps(cloud_server, arn)["First"]["SelectiveExecutionResult"] == {"SourcePipelineExecutionArn": whole}
    assert written == b"zero first two"


@pytest.mark.parametrize(
    ("names", "sourced", "told"),
    [
        (("Nowhere",), True, "Selected steps Nowhere do not exist"),
        (("First", "Third"), True, "Steps Second lie between selected steps"),
        (("Second",), False, "The selected steps need First"),
    ],
)
def test_steps_that_cannot_run_by_themselves_are_refused(
    cloud_server: CloudServer, whole: str, names: tuple[str, ...], sourced: bool, told: str
) -> None:
    with pytest.raises(ClientError, match=told):
        start(
            cloud_server,
            "selection",
            SelectiveExecutionConfig=selected(*names, source=whole if sourced else None),
        )


def test_a_first_step_needs_no_source(cloud_server: CloudServer, whole: str) -> None:
    arn = start(cloud_server, "selection", SelectiveExecutionConfig=selected("First"))

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded"
    assert statuses(cloud_server, arn) == {"First": "Succeeded"}


def test_a_step_of_several_instances_has_shares_and_names_its_hosts(cloud_server: CloudServer, whole: str) -> None:
    s3 = cloud_server.client("s3")
    for number in range(4):
        s3.put_object(Bucket="selection", Key=f"many/{number}", Body=str(number))
    share = (
        "import json, pathlib\n"
        "host = json.load(open('/opt/ml/config/resourceconfig.json'))['current_host']\n"
        "mine = sorted(path.name for path in pathlib.Path('/opt/ml/processing/in').iterdir())\n"
        "pathlib.Path('/opt/ml/processing/out/' + host).write_text(','.join(mine))"
    )
    place = join("s3://selection/shares", EXECUTION)
    made = processing(
        python(share),
        [s3_input("in", "s3://selection/many", S3DataDistributionType="ShardedByS3Key")],
        [s3_output("out", place)],  # type: ignore[arg-type]
    )
    made["ProcessingResources"] = {"ClusterConfig": made["ProcessingResources"]["ClusterConfig"] | {
        "InstanceCount": {"Get": "Parameters.Count"}
    }}  # fmt: skip
    count = [{"Name": "Count", "Type": "Integer", "DefaultValue": 1}]
    create(cloud_server, "several", definition(step("Share", made), parameters=count))

    arn = start(cloud_server, "several", PipelineParameters=[{"Name": "Count", "Value": "2"}])

    assert finish(cloud_server, arn)["PipelineExecutionStatus"] == "Succeeded", steps(cloud_server, arn)
    found = {
        host: s3.get_object(Bucket="selection", Key=f"shares/{arn.rpartition('/')[2]}/{host}")["Body"].read()
        for host in ("algo-1", "algo-2")
    }
    assert found == {"algo-1": b"0,2", "algo-2": b"1,3"}
