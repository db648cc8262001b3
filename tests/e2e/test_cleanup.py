"""``retrain cleanup`` without ``--all``: nothing serves, nobody waits, and with the data that was kept it goes on."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cli.demo_data import generate


def rows_without_answers(path: Path) -> Path:
    header, *rows = (line.rpartition(",")[0] for line in generate("churn", 20, 9).splitlines())
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def switched_off(stack: Any, rule: str) -> None:
    found = stack.target.client("cloudformation").describe_stack_resource(StackName=stack.name, LogicalResourceId=rule)
    stack.target.client("events").disable_rule(Name=found["StackResourceDetail"]["PhysicalResourceId"])


def test_a_stack_that_was_cleaned_up_goes_on_with_its_data(new_stack: Callable[[str], Any]) -> None:
    stack = new_stack("cleaned")
    served = stack.awaiting(stack.send(stack.csv("may.csv", rows=1500)).run)
    stack.approve(served)
    stack.run(served.id)
    waiting = stack.awaiting(stack.send(stack.csv("june.csv", rows=600, seed=2)).run)

    switched_off(stack, "ReactToPipelineFunctionPipelineChanged")  # by a cleanup that somebody killed
    cleaned = stack.retrain("cleanup", "--yes")
    stopped = stack.run(waiting.id)
    told = json.loads(stack.retrain("status", "churn", "--json").stdout)
    scored = stack.retrain("score", "churn", str(rows_without_answers(stack.folder / "some.csv")))
    stack.publish({})
    begun = json.loads(stack.retrain("start", "churn", "--json").stdout)
    again = stack.awaiting(begun["run"])
    stack.approve(again)
    deployed = stack.run(again.id)
    after = json.loads(stack.retrain("status", "churn", "--json").stdout)

    assert cleaned.returncode == 0, cleaned.stderr
    assert "to go on with the data: `retrain publish`" in cleaned.stdout
    assert (str(stopped.status), stopped.reasons) == ("Failed", ["retrain cleanup"])
    assert (told["endpoints"], told["batch"]) == ([], [])
    assert scored.returncode == 1
    assert "no version of 'churn' serves; approve one" in scored.stdout
    assert (again.version, str(deployed.status)) == (1, "Deployed")
    assert again.verdict
    assert "champion" not in again.verdict
    assert [one["registered"]["version"] for one in after["endpoints"]] == [1]
