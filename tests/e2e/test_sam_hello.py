"""What ``sam init`` makes is built, deployed, called over HTTP and deleted, with the commands of SAM's own tutorial.

Source: https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/serverless-getting-started-hello-world.html
"""

from __future__ import annotations

import json
import sys
import urllib.request
from collections.abc import Iterator

import pytest
from inventory import inventory
from sam import Sam

from cli.stack.local import server
from cli.stack.target import Target

pytestmark = [pytest.mark.slow, pytest.mark.local, pytest.mark.timeout(900)]
RUNTIME = f"python{sys.version_info.major}.{sys.version_info.minor}"  # what can be built here


@pytest.fixture(scope="module")
def hello(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sam]:
    """The tutorial's app, built, and a local cloud with nothing else in it."""
    state = tmp_path_factory.mktemp("hello") / "state"
    process, url = server.start(0, state, enforce_iam=True)
    try:
        made, target = tmp_path_factory.mktemp("app"), Target(url, "hello")
        asked = (
            "--name",
            "hello",
            "--runtime",
            RUNTIME,
            "--dependency-manager",
            "pip",
            "--app-template",
            "hello-world",
        )
        Sam(made, target).must("init", "--no-interactive", *asked)
        sam = Sam(made / "hello", target)
        sam.must("build")
        yield sam
    finally:
        server.stop(state)
        process.wait(timeout=120)
        assert process.stdout is not None
        process.stdout.close()


def test_the_tutorials_app_is_deployed_called_and_deleted(hello: Sam) -> None:
    before = inventory(hello.target)
    flags = ("--stack-name", "hello", "--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-progressbar")
    hello.must("deploy", "--no-confirm-changeset", *flags)
    url = hello.target.outputs()["HelloWorldApi"]
    with urllib.request.urlopen(url, timeout=30) as answer:
        said = json.load(answer)
    hello.must("delete", "--stack-name", "hello", "--no-prompts", "--region", "us-east-1")

    assert said == {"message": "hello world"}
    left = {one for one in inventory(hello.target) - before if "hello" in one.lower()}
    assert {one.partition("-HelloWorldFunction-")[0] for one in left} == {"logs /aws/lambda/hello"}  # Lambda's own
