"""Who waits longer than whom: a state than its function, a function than its clients."""

import itertools
from pathlib import Path
from typing import Any

import pytest
import yaml
from app.aws.clients import PATIENT, QUICK
from app.decide.deployment.deployment_alarms import WINDOW_S
from app.decide.deployment_plans import MOST_WAITS_S, update_strategy
from handlers import HANDLERS
from samtranslator.yaml_helper import yaml_parse
from settings_used import names_used

from localcloud.sagemaker.endpoints.rollout import plan
from pipelines.model import deployment_rules

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
COLD_START_S = 30  # the function begins this much later, and its end is told
ROLL_BACK_S = 600  # an update that is late goes back, and is told, within this
OWN_WORK_S = 10  # of a function beside its longest call
ANSWERS_WITHIN_S = (
    60  # Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
)
BACKOFFS_S = 1 + 2 + 4  # Source: https://docs.aws.amazon.com/boto3/latest/guide/retries.html


@pytest.mark.parametrize("name", STATES)
def test_a_state_outlasts_its_function(name: str) -> None:
    function = name.partition(": ")[2].title().replace(" ", "")

    assert STATES[name]["TimeoutSeconds"] >= FUNCTIONS[function] + COLD_START_S


def longest_s(config: Any) -> float:
    """How long a call takes that fails each time; botocore's stubs name no option."""
    return float(config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout) + BACKOFFS_S)


def test_the_client_that_asks_an_endpoint_outlasts_what_it_may_take() -> None:
    assert vars(PATIENT)["read_timeout"] > ANSWERS_WITHIN_S


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_function_outlasts_its_longest_call(handler: str) -> None:
    """One that is cut off while its client still tries says neither what failed nor that it is to be tried again."""
    is_patient = "PATIENT" in names_used(handler)
    name = handler.title().replace("_", "")

    assert FUNCTIONS[name] >= longest_s(PATIENT if is_patient else QUICK) + OWN_WORK_S


def test_the_functions_that_copy_or_ask_an_endpoint_are_known() -> None:
    patient = {handler for handler in HANDLERS if "PATIENT" in names_used(handler)}

    known = {
        "leave_out_files",
        "plan_run",
        "prepare_scoring",
        "read_verdict",
        "record_arrival",
        "show_page",
        "verify_version",
    }
    assert patient == known


def taken(kind: str, percent: int, wait_s: int, instances: int) -> bool:
    """Whether a model file may deploy so."""
    strategy = {"type": kind, "percent": percent, "wait_s": wait_s}
    wish = {"mode": "realtime", "instance_count": instances, "strategy": strategy}
    return not list(deployment_rules.findings({"algorithms": [], "deployment": wish}))


def test_every_update_that_a_model_file_may_ask_for_ends_before_the_state_that_waits_for_it() -> None:
    """Source: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_BlueGreenUpdatePolicy.html"""
    kinds = ("all_at_once", "canary", "linear")
    asked = itertools.product(kinds, (10, 25, 33, 50), (0, 300, 900, 1020, 2550, 3600), (2, 4, 10, 40))
    fit = [one for one in asked if taken(*one)]

    for kind, percent, wait_s, instances in fit:
        config = update_strategy({"type": kind, "percent": percent, "wait_s": wait_s}, instances, bake_s=0)
        limit_s = config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"]
        waits_s = sum(shift.bake_s for shift in plan(config, instances).shifts)
        assert 600 <= waits_s + 600 <= limit_s <= 28_800
        assert limit_s + ROLL_BACK_S <= STATES["retraining: Deploy version"]["TimeoutSeconds"]
    assert {kind for kind, *_ in fit} == set(kinds)


@pytest.mark.parametrize("kind", ["all_at_once", "canary", "linear"])
@pytest.mark.parametrize("bake_s", [0, 300, 3600])
def test_whatever_the_stack_bakes_for_an_update_ends_before_the_state_that_waits_for_it(kind: str, bake_s: int) -> None:
    for percent, instances in itertools.product((10, 25, 50), (2, 4, 40)):
        config = update_strategy({"type": kind, "percent": percent}, instances, bake_s)
        limit_s = config["BlueGreenUpdatePolicy"]["MaximumExecutionTimeoutInSeconds"]
        shifts = plan(config, instances).shifts
        assert sum(shift.bake_s for shift in shifts) + 600 <= limit_s
        assert limit_s + ROLL_BACK_S <= STATES["retraining: Deploy version"]["TimeoutSeconds"]
        assert all(shift.bake_s >= WINDOW_S for shift in shifts if kind != "all_at_once")


def test_a_default_deployment_is_watched_for_longer_than_its_alarms_look_back() -> None:
    """CloudWatch has a minute's metrics a minute or two later."""
    assert TEMPLATE["Parameters"]["BakeSeconds"]["Default"] >= WINDOW_S + 120
    assert TEMPLATE["Parameters"]["BakeSeconds"]["MaxValue"] == 3600  # WaitIntervalInSeconds takes no more


def test_model_files_are_held_to_what_deployments_do() -> None:
    assert (deployment_rules.MOST_WAITS_S, deployment_rules.ALARMS_S) == (MOST_WAITS_S, WINDOW_S)


def test_the_longest_time_in_shadow_and_both_updates_end_before_the_state_that_waits_for_them() -> None:
    begins_s, longest_s = 3600 + ROLL_BACK_S, MOST_WAITS_S + 3600 + ROLL_BACK_S
    looked_at_s = 600  # the reconciler's schedule, twice

    waits_s = STATES["retraining: Deploy version"]["TimeoutSeconds"]
    assert begins_s + deployment_rules.MOST_SHADOW_S + looked_at_s + longest_s <= waits_s


def test_a_share_that_moves_on_before_its_alarms_have_looked_is_refused() -> None:
    assert not taken("canary", 10, WINDOW_S - 1, 2)
    assert taken("canary", 10, WINDOW_S, 2)
    assert taken("all_at_once", 10, 0, 2)


def test_a_linear_shift_that_outlasts_the_state_is_refused() -> None:
    assert taken("linear", 25, 2550, 4)
    assert not taken("linear", 25, 2551, 4)
    assert not taken("linear", 10, 3600, 10)
