"""Layers by their public ARN: a package of PyPI stands for those that are known, and the stack's events say so."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cloud import start_cloud, stop_cloud
from stacks import Stacks

from localcloud.front.public_layers import requirement_of

POWERTOOLS = "arn:aws:lambda:us-east-1:017000801446:layer:AWSLambdaPowertoolsPythonV3-python313-x86_64:18"
PANDAS = "arn:aws:lambda:us-east-1:336392948345:layer:AWSSDKPandas-Python313:1"
UNKNOWN = "arn:aws:lambda:us-east-1:580247275435:layer:LambdaInsightsExtension:38"
NAME = "aws_lambda_powertools-3.99.0"
METADATA = "Metadata-Version: 2.1\nName: aws-lambda-powertools\nVersion: 3.99.0\nProvides-Extra: all\n"


def wheel(folder: Path) -> None:
    """A package that pip finds in place of Powertools, without a network."""
    files = {
        "aws_lambda_powertools/__init__.py": "VERSION = '3.99.0'\n",
        "boto3/__init__.py": "raise ImportError('the runtime has it')\n",
        f"{NAME}.dist-info/METADATA": METADATA,
        f"{NAME}.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{NAME}.dist-info/RECORD": "",
    }
    with zipfile.ZipFile(folder / f"{NAME}-py3-none-any.whl", "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)


@pytest.fixture(scope="module")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stacks]:
    shelf = tmp_path_factory.mktemp("shelf")
    wheel(shelf)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("PIP_FIND_LINKS", str(shelf))
        cloud = start_cloud(tmp_path_factory.mktemp("layers"))
    yield Stacks(cloud)
    stop_cloud(cloud)


def template(layer: str) -> dict[str, Any]:
    code = (
        "import boto3, aws_lambda_powertools\n"
        "def handler(event, context):\n    return [aws_lambda_powertools.VERSION, boto3.__name__]\n"
    )
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {"Hello": {"Type": "AWS::Serverless::Function", "Properties": {
            "Runtime": "python3.13", "Handler": "index.handler", "InlineCode": code, "Layers": [layer]}}},
        "Outputs": {"Hello": {"Value": {"Ref": "Hello"}}},
    }  # fmt: skip


def reasons(stacks: Stacks, stack: str) -> str:
    events = stacks.api.describe_stack_events(StackName=stack)["StackEvents"]
    return " ".join(one.get("ResourceStatusReason", "") for one in events)


def test_powertools_by_its_arn_is_the_package_of_pypi_and_the_events_say_so(stacks: Stacks) -> None:
    stack = stacks.deploy(template(POWERTOOLS))
    functions, name = stacks.cloud.client("lambda"), stacks.outputs(stack)["Hello"]

    assert json.loads(functions.invoke(FunctionName=name)["Payload"].read()) == ["3.99.0", "boto3"]
    described = functions.get_function_configuration(FunctionName=name)["Layers"]
    assert [one["Arn"] for one in described] == [POWERTOOLS]
    assert f"aws-lambda-powertools[all]>=3,<4 of PyPI stands for the layer {POWERTOOLS}" in reasons(stacks, stack)


def test_a_package_that_cannot_be_had_fails_the_deployment_with_pips_words(stacks: Stacks) -> None:
    stack = stacks.deploy(template(PANDAS))

    assert stacks.rest(stack)["StackStatus"] == "ROLLBACK_COMPLETE"
    assert "No matching distribution found for awswrangler" in reasons(stacks, stack)


def test_a_layer_that_nobody_knows_is_refused_by_name(stacks: Stacks) -> None:
    with pytest.raises(ClientError) as refused:
        stacks.cloud.client("lambda").create_function(
            FunctionName="layered", Runtime="python3.13", Handler="a.b", Layers=[UNKNOWN],
            Role="arn:aws:iam::123456789012:role/any", Code={"ZipFile": b"x"},
        )  # fmt: skip

    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501
    assert UNKNOWN in str(refused.value)


@pytest.mark.parametrize(("arn", "requirement"), [
    (POWERTOOLS, "aws-lambda-powertools[all]>=3,<4"), (PANDAS, "awswrangler>=3,<4"), (UNKNOWN, None),
    (POWERTOOLS.replace("V3-python313-x86_64", "V2-Arm64"), "aws-lambda-powertools[all]>=2,<3"),
    (POWERTOOLS.replace("017000801446", "999999999999"), None), (POWERTOOLS.replace("V3", "TypeScript"), None),
    ("nonsense", None),
])  # fmt: skip
def test_a_layer_is_known_by_its_account_and_its_name(arn: str, requirement: str | None) -> None:
    assert requirement_of(arn) == requirement
