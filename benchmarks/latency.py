"""One raw record's way: through InvokeEndpoint, through the container alone, and in this process; and rows in bulk.

The three are asked in turn, so that a busy machine weighs on all alike. The container is the endpoint's own server code
on the endpoint's own artifact; in process is the artifact's own inference.py, and its booster alone.
"""

import http.client
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from benchmarks.aims import Aim, Part
from cli.stack.registry import versions
from cli.stack.target import LOCAL_REGION, Target
from localcloud.containers.images import XGBOOST

ASKED, WARM_UP, BULK = 300, 20, 5_000
CALLERS = 4
# What InvokeEndpoint may add to the container's own answer, both asked over HTTP by the same plain client: on two quiet
# cores 1 ms at p50, and 3 ms at p99 with four callers, where the container alone takes 0.67 and 2 ms. boto3's own time,
# which is the caller's wherever the endpoint is, stands beside them.
MOST_P50, MOST_P99 = 2.5, 2.5
LISTENING = "Listening at: http://127.0.0.1:"
SERVE = "from {0} import {1} as serve; serve()"
CSV = {"Content-Type": "text/csv", "Accept": "text/csv"}
INVOKED, BY_BOTO3, ALONE = "InvokeEndpoint over HTTP", "InvokeEndpoint by boto3", "the container alone"
AccessRequest = Callable[[bytes], Any]


def artifact(target: Target, model: str, into: Path) -> None:
    """Unpack the newest approved version as a container finds it."""
    newest = next(one for one in versions(target, model) if one["ModelApprovalStatus"] == "Approved")
    found = target.client("sagemaker").describe_model_package(ModelPackageName=newest["ModelPackageArn"])
    bucket, _, key = found["InferenceSpecification"]["Containers"][0]["ModelDataUrl"][5:].partition("/")
    target.client("s3").download_file(bucket, key, str(into / "model.tar.gz"))
    with tarfile.open(into / "model.tar.gz") as packed:
        packed.extractall(into / "model", filter="data")


@contextmanager
def container(base: Path) -> Iterator[Callable[[], AccessRequest]]:
    """The container's server alone; each call opens a connection to it."""
    told = {
        "SAGEMAKER_BASE_DIR": str(base),
        "SAGEMAKER_PROGRAM": "inference.py",
        "SAGEMAKER_SUBMIT_DIRECTORY": str(base / "model" / "code"),
    }
    assert XGBOOST.serving is not None
    serve = SERVE.format(*XGBOOST.serving.split(":"))
    process = subprocess.Popen([sys.executable, "-c", serve], env=os.environ | told, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = next(line for line in process.stdout if line.startswith(LISTENING)).removeprefix(LISTENING)
        yield lambda: _over_a_connection(int(port), "/invocations", CSV)
    finally:
        process.terminate()
        process.communicate()


def _over_a_connection(port: int, path: str, headers: Mapping[str, str]) -> AccessRequest:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(body: bytes) -> bytes:
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        said = answer.read()
        assert answer.status == 200, said
        return said

    return ask


def in_process(base: Path) -> tuple[AccessRequest, AccessRequest]:
    """The artifact's own inference.py, and its booster alone on a record that is encoded already."""
    sys.path.insert(0, str(base / "model" / "code"))
    import inference
    import xgboost as xgb
    from data import records

    loaded = inference.model_fn(str(base / "model"))
    loaded.booster.set_param({"nthread": 1})  # one record is no work for several threads

    def whole(body: bytes) -> Any:
        return inference.transform_fn(loaded, body, "text/csv", "text/csv")[0]

    encoded: dict[bytes, Any] = {}

    def bare(body: bytes) -> Any:
        if body not in encoded:
            encoded[body] = loaded.features.matrix(records.read(body, "text/csv", loaded.features))
        return loaded.booster.predict(xgb.DMatrix(encoded[body], nthread=1))

    return whole, bare


def endpoint(target: Target, model: str) -> AccessRequest:
    """InvokeEndpoint with boto3."""
    runtime = target.client("sagemaker-runtime")
    name = target.resource(model)

    def ask(body: bytes) -> bytes:
        answer = runtime.invoke_endpoint(EndpointName=name, Body=body, ContentType="text/csv", Accept="text/csv")
        said: bytes = answer["Body"].read()
        return said

    return ask


def signed(target: Target, model: str) -> AccessRequest:
    """InvokeEndpoint of the local cloud by the container's plain client: each request with the same header of SigV4."""
    assert target.url is not None
    path = f"/endpoints/{target.resource(model)}/invocations"
    request = AWSRequest("POST", f"{target.url}{path}", headers=CSV, data=b"")
    SigV4Auth(Credentials("local", "local"), "sagemaker", LOCAL_REGION).add_auth(request)
    return _over_a_connection(urlsplit(target.url).port or 0, path, dict(request.headers))


def percentiles(ways: dict[str, AccessRequest], record: bytes) -> dict[str, tuple[float, float]]:
    """Milliseconds at p50 and p99 of each way, asked in turn."""
    took: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(WARM_UP + ASKED):
        for name, ask in ways.items():
            began = time.perf_counter()
            ask(record)
            took[name].append((time.perf_counter() - began) * 1000)
    return {name: tuple(np.percentile(ms[WARM_UP:], (50, 99))) for name, ms in took.items()}  # type: ignore[misc]


def crowded(connect: Callable[[], AccessRequest], record: bytes) -> float:
    """Milliseconds at p99 while ``CALLERS`` ask at once, each over a connection of its own."""

    def asked(ask: AccessRequest) -> list[float]:
        took = []
        for _ in range(WARM_UP + ASKED):
            began = time.perf_counter()
            ask(record)
            took.append((time.perf_counter() - began) * 1000)
        return took[WARM_UP:]

    with ThreadPoolExecutor(CALLERS) as callers:
        took = callers.map(asked, [connect() for _ in range(CALLERS)])
    return float(np.percentile([ms for one in took for ms in one], 99))


def bulk(ways: dict[str, AccessRequest], record: bytes) -> dict[str, float]:
    """Rows a second of each way, one body of ``BULK`` rows; the best of three."""
    body, found = record * BULK, {}
    for name, ask in ways.items():
        least = float("inf")
        for _ in range(3):
            began = time.perf_counter()
            ask(body)
            least = min(least, time.perf_counter() - began)
        found[name] = BULK / least
    return found


def part(target: Target, model: str, record: bytes) -> Part:
    """Measure a deployed model's endpoint and say it in Markdown. ``record`` is one CSV line in the model's order."""
    with TemporaryDirectory() as folder:
        base = Path(folder)
        artifact(target, model, base)
        whole, bare = in_process(base)
        with container(base) as connect:
            ways = {
                INVOKED: signed(target, model),
                BY_BOTO3: endpoint(target, model),
                ALONE: connect(),
                "inference.py in process": whole,
                "bare booster in process": bare,
            }
            times, rates = percentiles(ways, record), bulk(ways, record)
            many = crowded(lambda: signed(target, model), record), crowded(connect, record)
    lines = "".join(
        f"| {name} | {p50:.2f} ms | {p99:.2f} ms | {rates[name]:,.0f} |\n" for name, (p50, p99) in times.items()
    )
    page = f"""## Answers

One raw record of {model}, {ASKED} times, all ways in turn; rows a second are of one body of {BULK:,} rows,
the best of three. The bare booster gets its record encoded already; the others get the raw CSV line.
With {CALLERS} callers at once the 99th percentile over HTTP is {many[0]:.2f} ms, of the container alone
{many[1]:.2f} ms.

| way | p50 | p99 | rows a second |
|---|---:|---:|---:|
{lines}"""
    aims = (
        Aim(f"{INVOKED} beside the container alone, p50", times[INVOKED][0], times[ALONE][0], MOST_P50),
        Aim(f"the same at p99 with {CALLERS} callers", *many, MOST_P99),
    )
    return Part(page, aims)
