"""A package that cannot be unzipped is its author's fault, and not the fault of who invokes the function.

Source: https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (InvalidZipFileException)
"""

import io
import json
import zipfile

import pytest
from botocore.exceptions import ClientError
from cloud import CloudServer
from event_calls import name

TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def damaged() -> bytes:
    """A zip of which the directory is whole, and the content of its file is none."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.py", "def handler(event, context): return 1\n" * 1000)
    found = bytearray(target.getvalue())
    found[36:60] = b"\xff" * 24
    return bytes(found)


@pytest.mark.parametrize("payload", [b"", b"{}"], ids=["no event", "an event"])
@pytest.mark.parametrize("package", [damaged(), b"no zip"], ids=["damaged", "no zip"])
def test_invoking_a_function_says_that_its_package_cannot_be_unzipped(
    cloud_server: CloudServer, package: bytes, payload: bytes
) -> None:
    role = cloud_server.client("iam").create_role(RoleName=name("role"), AssumeRolePolicyDocument=json.dumps(TRUST))
    function = name("damaged")

    cloud_server.client("lambda").create_function(
        FunctionName=function,
        Runtime="python3.12",
        Role=role["Role"]["Arn"],
        Handler="a.handler",
        Code={"ZipFile": package},
    )
    with pytest.raises(ClientError) as told:
        cloud_server.client("lambda").invoke(FunctionName=function, Payload=payload)

    assert told.value.response["Error"]["Code"] == "InvalidZipFileException"
    assert "could not unzip" in told.value.response["Error"]["Message"]
