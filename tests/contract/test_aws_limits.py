"""AWS's limits that the local cloud does not have, and that nothing says before a deployment or a run hits them.

docs/aws-limits.md lists all that are known, with their sources and the tests that hold them.
"""

import ast
import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
import role_policies
import yaml
from app.decide.names.shown_text import LIMIT
from app.decide.names.times import quiet_remaining_s
from app.decide.run_plans import MOST_REASONS, verdict
from app.decide.uploads.standing import KEPT, LeftOut
from app.ledger.batches import MAX_WARNINGS_KEPT
from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parents[2]
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
MACHINES = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / "statemachine").glob("*.asl.yaml")}
DEFINITIONS = sorted((ROOT / "pipelines" / "compiled").glob("*.json"))
LIMITS = (ROOT / "docs" / "aws-limits.md").read_text()
SAGEMAKER = boto3.client("sagemaker", region_name="us-east-1").meta.service_model
LONG = {"EncryptionKey": f"arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/{'0' * 36}"}
A_YEAR_S = 365 * 86_400


@cache
def transformed(**given: str) -> dict[str, Any]:
    return role_policies._resources(**given)


def size(document: Any) -> int:
    """Characters without white space, as IAM counts them."""
    return len(json.dumps(document, separators=(",", ":")))


def policies_of(role: str, resources: dict[str, Any]) -> list[Any]:
    """The documents that stand in a role, and those of policies that name it."""
    own = [one["PolicyDocument"] for one in resources[role].get("Policies", [])]
    named = [one for one in resources.values() if one["Type"] == "AWS::IAM::Policy" and role in one.get("Roles", [])]
    return own + [one["PolicyDocument"] for one in named]


@pytest.mark.parametrize("given", [{}, LONG], ids=["by itself", "with a key"])
def test_the_policies_of_a_role_fit_in_it(given: dict[str, str]) -> None:
    resources = transformed(**given)
    roles = [name for name, one in resources.items() if one["Type"] == "AWS::IAM::Role"]
    longer = 24 + 40  # a stack's name, and what CloudFormation appends, where the logical name stands here
    found = {role: json.dumps(policies_of(role, resources)) for role in roles}

    assert len(roles) > 20
    assert {role for role, text in found.items() if len(text) + text.count("arn:aws") * longer > 10_240} == set()


def test_policies_of_buckets_and_managed_policies_fit() -> None:
    kinds = {"AWS::S3::BucketPolicy": 20_480, "AWS::IAM::ManagedPolicy": 6_144}
    documents = [
        (kinds[one["Type"]], one["PolicyDocument"]) for one in transformed(**LONG).values() if one["Type"] in kinds
    ]

    assert documents
    assert all(size(document) <= most for most, document in documents)


def test_the_stack_is_small_enough_for_cloudformation() -> None:
    resources = transformed(**LONG)

    assert len((ROOT / "template.yaml").read_bytes()) <= 1_048_576
    assert len(resources) <= 500
    assert len(TEMPLATE["Parameters"]) <= 200
    assert len(TEMPLATE["Outputs"]) <= 200
    assert all(len(str(one.get("Description", ""))) <= 1024 for one in TEMPLATE["Parameters"].values())
    assert len(TEMPLATE["Description"]) <= 1024


def test_functions_are_described_and_configured_in_what_lambda_takes() -> None:
    functions = [one for one in transformed(**LONG).values() if one["Type"] == "AWS::Lambda::Function"]

    for one in functions:
        assert len(one.get("Description", "")) <= 256
        names = one.get("Environment", {}).get("Variables", {})
        assert len(json.dumps(names)) + 100 * len(names) <= 4096  # physical names are longer than logical ones
    assert len(functions) > 20


def test_event_patterns_are_no_longer_than_eventbridge_takes() -> None:
    patterns = [one["EventPattern"] for one in role_policies.event_rules().values() if "EventPattern" in one]

    assert patterns
    assert all(size(pattern) + 200 <= 2048 for pattern in patterns)


def test_no_alarm_adds_up_more_metrics_than_cloudwatch_takes() -> None:
    alarms = [one for one in transformed().values() if one["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in one]

    assert alarms
    assert all(sum("MetricStat" in metric for metric in one["Metrics"]) <= 10 for one in alarms)


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: str(path.stem))
def test_a_definition_and_its_names_fit_in_a_pipeline(path: Path) -> None:
    limits = SAGEMAKER.shape_for("PipelineDefinition").metadata
    definition = json.loads(path.read_text())
    steps = [step for step in definition["Steps"] for step in [step, *branches(step)]] if path.stem != "images" else []

    assert len(path.read_text()) <= limits["max"]
    assert len(steps) <= 50
    assert all(re.fullmatch(r"[A-Za-z0-9\-_]{1,64}", step["Name"]) for step in steps)


def branches(step: dict[str, Any]) -> list[dict[str, Any]]:
    arguments = step["Arguments"] if step["Type"] == "Condition" else {}
    return [*arguments.get("IfSteps", []), *arguments.get("ElseSteps", [])]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_and_the_names_of_its_states_fit(machine: str) -> None:
    assert len(json.dumps(MACHINES[machine])) <= 1_048_576
    assert all(len(name) <= 80 for name in MACHINES[machine]["States"])


def test_an_execution_that_waits_for_a_person_ends_before_its_year_is_over() -> None:
    schema = json.loads((ROOT / "models" / "model.schema.json").read_text())
    approval_s = schema["properties"]["approval"]["properties"]["deadline_s"]["maximum"]
    states_s = sum(one.get("TimeoutSeconds", 0) for one in MACHINES["retraining.asl.yaml"]["States"].values())

    assert approval_s + TEMPLATE["Parameters"]["MaxWaitSeconds"]["MaxValue"] + states_s <= A_YEAR_S


@pytest.mark.parametrize(("quiet_s", "max_wait_s"), [(1, 604_800), (60, 604_800), (86_400, 604_800), (1, 900)])
def test_waiting_for_quiet_stays_within_an_executions_history(quiet_s: int, max_wait_s: int) -> None:
    """Uploads never pause: each look finds a new one."""
    opened = now = datetime(2026, 3, 14, tzinfo=UTC)
    looks = 0
    while wait_s := quiet_remaining_s(opened, now, now, quiet_s, max_wait_s):
        now += timedelta(seconds=wait_s)
        looks += 1
    events_of_a_look, all_others = 9, 5_000  # state entered, task scheduled, started, succeeded, exited; choice; wait

    assert looks * events_of_a_look + all_others <= 25_000
    assert now - opened <= timedelta(seconds=max_wait_s)


def test_reasons_of_a_verdict_fit_in_an_executions_state() -> None:
    reasons = [f"slice {number}: " + "x" * 5_000 for number in range(2_000)]
    kept = verdict({"verdict": {"passed": False, "reasons": reasons}})["reasons"]

    assert len(json.dumps(kept)) <= 262_144 / 4
    assert kept[-1] == f"and {2_000 - MOST_REASONS} more: they are in the report"


def test_the_record_of_a_run_fits_in_an_item() -> None:
    """All that is kept of a run that many things are said of, in letters of two bytes.

    Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (400 KB, names included)
    """
    reasons = [f"slice {number}: " + "ä" * 5_000 for number in range(2_000)]
    kept = verdict({"verdict": {"passed": False, "reasons": reasons}})
    warning = {"check": "new levels", **dict.fromkeys(("column", "expected", "found"), "ä" * LIMIT)}
    left_out = LeftOut("ä" * 512, "v" * 32, "ä" * 1_000)._asdict()
    record = {
        "verdict": kept, "reasons": kept["reasons"], "refused_why": "ä" * 2_000, "refused_files": ["i" * 40] * 100,
        "warnings": [warning] * MAX_WARNINGS_KEPT, "left_out": [left_out] * KEPT,
        "timeline": [{"at": "2026-03-14T10:15:00.000Z", "what": "instances are short"}] * 500,
    }  # fmt: skip

    assert len(json.dumps(record, ensure_ascii=False).encode()) <= 400_000


# What asks for one page: of one name, one version or one job, or as much as a look is meant to read.
ONE_PAGE = {
    ("cli/stack/deploy.py", "describe_stack_events"): "the newest, for the reason of a failure",
    ("cli/stack/deploy.py", "describe_stacks"): "of one name",
    ("cli/stack/stack_resources.py", "list_buckets"): "10,000 in one page where no page's size is asked for",
    ("cli/stack/target.py", "describe_stacks"): "of one name",
    ("functions/app/aws/data_bucket.py", "list_object_versions"): "of a size that is said, and the next look goes on",
    ("functions/app/aws/watching/job_logs.py", "describe_log_streams"): "of one job",
    ("functions/app/aws/pipelines.py", "list_pipeline_execution_steps"): "goes on by its NextToken",
    ("pipelines/publishing/execution.py", "list_pipeline_versions"): "the newest",
    ("pipelines/publishing/execution.py", "list_tags"): "50 of one pipeline at the most",
}


def test_what_is_listed_is_read_to_its_end() -> None:
    """Source: https://docs.aws.amazon.com/boto3/latest/guide/paginators.html"""
    asked = re.compile(r"\.(list_[a-z_]+|describe_[a-z_]*s|get_metric_data|filter_log_events)\(")
    files = [path for room in ("functions", "cli", "pipelines") for path in (ROOT / room).rglob("*.py")]
    found = {(str(path.relative_to(ROOT)), call) for path in files for call in asked.findall(path.read_text())}

    assert found == set(ONE_PAGE)


def test_nothing_that_runs_on_aws_names_its_partition_or_a_domain() -> None:
    """aws-cn has another domain, aws-us-gov and aws-cn other ARNs; most service principals are the same everywhere."""
    sources = [*(ROOT / "functions").rglob("*.py"), *(ROOT / "statemachine").glob("*.yaml"), ROOT / "template.yaml"]
    code = {path.name: without_comments(path) for path in sources}

    assert {name for name, text in code.items() if re.search(r"arn:aws:", text)} == set()
    assert {name for name, text in code.items() if re.search(r"(?<!docs\.)\.amazonaws\.com/|dkr\.ecr", text)} == set()
    assert set(re.findall(r"logs\.\$\{AWS::Region\}\.\S+?(?=\")", code["template.yaml"])) == {
        "logs.${AWS::Region}.${AWS::URLSuffix}"
    }


def without_comments(path: Path) -> str:
    if path.suffix != ".py":
        return "\n".join(line.partition(" # ")[0] for line in path.read_text().splitlines())
    return ast.unparse(bare(ast.parse(path.read_text())))


def bare(tree: ast.Module) -> ast.Module:
    """A module without its docstrings, which cite sources."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
    return tree


def rows() -> list[list[str]]:
    """The cells of every limit that is listed."""
    lines = [line for line in LIMITS.splitlines() if line.startswith("| ") and "::test_" in line]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def test_every_limit_has_its_source() -> None:
    assert len(rows()) >= 40
    assert [row[0] for row in rows() if "https://" not in row[2]] == []


def test_every_test_that_holds_a_limit_exists() -> None:
    named = {found for row in rows() for found in re.findall(r"(tests/\S+?)::(test_\w+)", row[3])}
    tests = {path: names_of(ROOT / path) for path, _ in named}

    assert {(path, test) for path, test in named if test not in tests[path]} == set()


def names_of(path: Path) -> set[str]:
    return {node.name for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)}
