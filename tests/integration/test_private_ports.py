"""The ports that functions and model servers talk over: no page in a browser does."""

from __future__ import annotations

import http.client
import io
import json
import threading
import zipfile
from collections.abc import Iterator

import pytest
from cloud import CloudServer

from localcloud.containers.serving.exchange import InferenceRequest, InferenceResponse
from localcloud.containers.serving.server import Server

TELLS_ITS_PORT = "import os\ndef handler(event, _):\n    return os.environ['AWS_LAMBDA_RUNTIME_API']\n"
STRANGERS = [{"Origin": "http://evil.test"}, {"Sec-Fetch-Site": "cross-site"}, {"Host": "evil.test"}]


class Echo:
    """A model that answers what it is asked."""

    concurrent = True

    def invoke(self, asked: InferenceRequest) -> InferenceResponse:
        return InferenceResponse(asked.body, "text/csv")


@pytest.fixture
def model_server() -> Iterator[int]:
    with Server(Echo(), parameters=True) as server:
        serving_thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving_thread.start()
        yield server.server_address[1]
        server.shutdown()
        serving_thread.join()


def status(port: int, method: str, path: str, headers: dict[str, str]) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, b"1,2", headers)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.parametrize("stranger", STRANGERS, ids=str)
def test_no_page_asks_a_model_server(model_server: int, stranger: dict[str, str]) -> None:
    asked = [("POST", "/invocations"), ("GET", "/ping"), ("GET", "/execution-parameters")]

    assert [status(model_server, *one, {}) for one in asked] == [200, 200, 200]
    assert [status(model_server, *one, stranger) for one in asked] == [403, 403, 403]


def test_no_page_takes_a_functions_events_or_answers_for_it(cloud_server: CloudServer) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as package:
        package.writestr("main.py", TELLS_ITS_PORT)
    role = cloud_server.client("iam").create_role(RoleName="private-ports", AssumeRolePolicyDocument="{}")["Role"]
    function = cloud_server.client("lambda").create_function(
        FunctionName="private-ports",
        Runtime="python3.11",
        Role=role["Arn"],
        Handler="main.handler",
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]

    def invoke() -> int:
        answer = cloud_server.client("lambda").invoke(FunctionName=function)["Payload"].read()
        return int(json.loads(answer).rpartition(":")[2])

    port = invoke()
    asked = [("GET", "/2018-06-01/runtime/invocation/next"), ("POST", "/2018-06-01/runtime/init/error")]

    refused = [status(port, *one, stranger) for one in asked for stranger in STRANGERS]

    assert refused == [403] * 6
    assert invoke()
