"""The account that ``--aws`` runs in: stacks are made by the SAM CLI, and everything is gone afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from inventory import inventory, of_stack
from sam import ROOT, RUNTIME, Sam, fresh_clone, physical_ids

from cli.stack.stack_resources import resources_of, scope_of
from cli.stack.target import Target
from pipelines.names import check_stack

# US dollars per hour in us-east-1; the same for jobs and endpoints.
# Source: https://aws.amazon.com/sagemaker/ai/pricing/
PRICES = {"ml.m5.large": 0.115, "ml.m5.xlarge": 0.23}
# Counted in a local cloud over the 45 tests that run with --aws: 30 executions, 134 jobs, 5 endpoints that stand to the
# end. The hours are estimates: an instance takes minutes to be there, and jobs wait for each other.
RUNS_PER_TEST, JOBS_PER_RUN, ENDPOINTS = 0.67, 4.5, 5
HOURS_PER_JOB, HOURS_PER_RUN = 4 / 60, 0.3


@dataclass
class Account:
    """Where the tests' stacks stand. ``base`` begins their names."""

    url: str | None
    base: str
    made: dict[str, set[str]] = field(default_factory=dict)  # stack -> physical ids of its resources
    sam: Sam | None = None

    @staticmethod
    def of(config: Any) -> Account:
        """What the command line and the environment say."""
        return Account(os.environ.get("AWS_ENDPOINT_URL"), config.getoption("--stack"))

    def target(self, stack: str) -> Target:
        return Target(self.url, stack)

    def build(self, folder: Path) -> None:
        """Build a fresh clone, once for all stacks."""
        self.sam = Sam(fresh_clone(folder), self.target(self.base))
        self.sam.must("build", "--parameter-overrides", RUNTIME)

    def deploy(self, name: str) -> Target:
        """Make the stack ``<base>-<name>``; never touch one that is there."""
        target = self.target(f"{self.base}-{name}")
        check_stack(target.stack)
        assert self.sam
        there = resources_of(scope_of(target), everything=True)
        assert not there, (
            f"there are things of a stack {target.stack} already: choose another --stack, or remove {there}"
        )
        self.made[target.stack] = set()
        done = self.sam.deploy(target.stack, "QuietSeconds=1", "BakeSeconds=0")
        assert done.returncode == 0, done.stdout[-4000:]
        self.made[target.stack] = physical_ids(target, target.stack)
        return target

    def clean(self) -> str:
        """Remove every stack that was made, look whether anything of them is left, and say so."""
        assert self.sam
        left: set[str] = set()
        for name, known in self.made.items():
            known |= executions(self.target(name))  # what their steps made is named after them
            command = [Path(sys.executable).parent / "retrain", "cleanup", "--all", "--yes", "--stack", name]
            done = subprocess.run(command, cwd=ROOT, env=self.sam.environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr
            self.sam.delete(name)
            left |= of_stack(inventory(self.target(name)), name, known)
        assert left == set(), f"still there, and it may cost money: {sorted(left)}"
        return f"nothing is left of {', '.join(self.made)}: looked at stacks and everything they made"


def executions(target: Target) -> set[str]:
    """The ids of all executions of the stack's pipelines."""
    sagemaker = target.client("sagemaker")
    prefix = target.resource("")
    names = [
        one["PipelineName"]
        for page in sagemaker.get_paginator("list_pipelines").paginate(PipelineNamePrefix=prefix.rstrip("-"))
        for one in page["PipelineSummaries"]
        if one["PipelineName"].startswith(prefix)
    ]
    return {
        one["PipelineExecutionArn"].rpartition("/")[2]
        for name in names
        for page in sagemaker.get_paginator("list_pipeline_executions").paginate(PipelineName=name)
        for one in page["PipelineExecutionSummaries"]
    }


def cost_line(account: Account, tests: int) -> str:
    """What running so many tests there will cost, about, and where."""
    model = yaml.safe_load((ROOT / "models" / "churn.yaml").read_text())
    job, endpoint = PRICES[model["instances"]["training"]], PRICES[model["deployment"]["instance_type"]]
    runs = max(1, round(tests * RUNS_PER_TEST))
    hours = runs * HOURS_PER_RUN
    dollars = runs * JOBS_PER_RUN * HOURS_PER_JOB * job + hours * ENDPOINTS * endpoint
    target = account.target(account.base)
    who = target.client("sts").get_caller_identity()["Account"]
    return (
        f"cost: about {dollars:.2f} US dollars for {runs} runs of {JOBS_PER_RUN} jobs and {ENDPOINTS} endpoints for"
        f" {hours:.1f} h, at list prices; {target}, account {who}, stacks {account.base}-*; Ctrl-C ends it and cleans"
    )
