"""Who waits longer than whom: a state than its function, a function than its clients."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from app.aws.clients import CONFIG
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATE = yaml_parse((ROOT / "template.yaml").read_text())
FUNCTIONS = {
    name.removesuffix("Function"): one["Properties"].get("Timeout", TEMPLATE["Globals"]["Function"]["Timeout"])
    for name, one in TEMPLATE["Resources"].items()
    if one["Type"] == "AWS::Serverless::Function"
}
STATES: dict[str, Any] = {
    f"{machine}: {name}": state
    for machine in ("retraining", "scoring")
    for name, state in yaml.safe_load((ROOT / "statemachine" / f"{machine}.asl.yaml").read_text())["States"].items()
    if "TimeoutSeconds" in state  # by path is how long a person may take
}
CLIENT: Any = CONFIG  # its stubs name no option
COLD_START_S = 30  # the function begins this much later, and its end is told
OWN_WORK_S = 10  # of a function beside its longest call
ANSWERS_WITHIN_S = (
    60  # Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
)
BACKOFFS_S = 1 + 2 + 4  # Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html


@pytest.mark.parametrize("name", STATES)
def test_a_state_outlasts_its_function(name: str) -> None:
    function = name.partition(": ")[2].title().replace(" ", "")

    assert STATES[name]["TimeoutSeconds"] >= FUNCTIONS[function] + COLD_START_S


def test_the_client_outlasts_what_an_endpoint_may_take() -> None:
    assert CLIENT.read_timeout > ANSWERS_WITHIN_S


def test_the_function_that_asks_the_endpoint_outlasts_its_client() -> None:
    attempts = CLIENT.retries["total_max_attempts"]

    assert (
        FUNCTIONS["VerifyVersion"]
        >= attempts * (CLIENT.connect_timeout + CLIENT.read_timeout) + BACKOFFS_S + OWN_WORK_S
    )
