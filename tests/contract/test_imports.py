"""Who may import whom, and what importing a handler costs."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
HANDLERS = sorted(path.stem for path in FUNCTIONS.glob("*.py"))
KNOW_BOTO3 = {"aws/clients.py", "ledger/table.py"}
LOADED = """
import boto3, json, sys
from aws_lambda_powertools import Logger
bare, loaded = set(sys.modules), {}
for handler in sys.argv[1:]:
    __import__(handler)
    loaded[handler] = sorted(set(sys.modules) - bare - {handler})
    for name in set(sys.modules) - bare:
        del sys.modules[name]
print(json.dumps(loaded))
"""
LIGHT = re.compile(r"(app|aws_lambda_powertools\.utilities\.typing|boto3\.dynamodb)(\.|$)")  # all that it may load more
# a reconciliation is of all runs; whose decision a message is, and that it is one, the flow finds out
OF_NO_MODEL = {"reconcile_runs", "receive_decision"}
WITH_TEMPLATES = {"show_page"}  # a person waits for it, and it brings the library of its templates along
DATACLASSES = 2  # each costs a cold start half a millisecond, a NamedTuple a fifth of that


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"app.{name.name}" for name in node.names} if node.module == "app" else {node.module}
    return found


def test_only_the_doors_know_boto3() -> None:
    knowing = {
        path.relative_to(FUNCTIONS / "app").as_posix()
        for path in (FUNCTIONS / "app").rglob("*.py")
        if any(name.partition(".")[0] == "boto3" for name in imported(path))
    }

    assert knowing == KNOW_BOTO3


def test_handlers_know_the_app_and_powertools_alone() -> None:
    foreign = {name.partition(".")[0] for handler in HANDLERS for name in imported(FUNCTIONS / f"{handler}.py")} - {
        "app",
        "aws_lambda_powertools",
        "typing",
    }

    assert foreign == set()


def test_the_app_does_not_know_where_it_runs() -> None:
    words = ("AWS_ENDPOINT_URL", "localhost", "127.0.0.1", "localcloud")
    found = [path.name for path in FUNCTIONS.rglob("*.py") if any(word in path.read_text() for word in words)]

    assert found == []


def test_importing_every_handler_needs_no_environment() -> None:
    code = f"import {', '.join(HANDLERS)}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=FUNCTIONS, env={"PATH": ""}, capture_output=True, text=True, timeout=60
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("handler", HANDLERS)
def test_a_handler_has_at_most_15_lines_and_no_try(handler: str) -> None:
    tree = ast.parse((FUNCTIONS / f"{handler}.py").read_text())
    function = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "handler")

    assert (function.end_lineno or 0) - function.lineno < 15
    assert not any(isinstance(node, ast.Try) for node in ast.walk(function))


def test_a_handler_loads_little_besides_boto3_and_the_logger() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *HANDLERS], cwd=FUNCTIONS, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    loaded: dict[str, list[str]] = json.loads(done.stdout)
    heavy = {handler: [name for name in names if not LIGHT.match(name)] for handler, names in loaded.items()}

    assert set(loaded) == set(HANDLERS)
    assert {handler for handler, names in heavy.items() if names} == WITH_TEMPLATES
    assert {name.partition(".")[0] for name in heavy["show_page"]} >= {"jinja2", "markupsafe"}


def test_messages_and_plans_are_named_tuples() -> None:
    trees = [ast.parse(path.read_text()) for path in FUNCTIONS.rglob("*.py")]
    decorators = [ast.unparse(name) for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)
                  for name in node.decorator_list]  # fmt: skip

    assert sum(name.startswith("dataclass") for name in decorators) <= DATACLASSES


@pytest.mark.parametrize("handler", HANDLERS)
def test_every_line_of_a_log_names_model_and_run(handler: str) -> None:
    """What a message is about is appended to the logger's keys in the line after the message is parsed."""
    source = (FUNCTIONS / f"{handler}.py").read_text()
    parsed = re.findall(r"    (\w+) = \w+\.parse\(\w+\)\n(.*)\n", source)

    assert "@logger.inject_lambda_context(clear_state=True)\n" in source
    if handler not in OF_NO_MODEL:
        assert [line.strip() for _, line in parsed] == [f"logger.append_keys(**log_keys({parsed[0][0]}))"]


def test_a_local_cloud_loads_no_service_that_only_moto_wants() -> None:
    code = """
import sys
from pathlib import Path
from localcloud import server
server._configure_moto(server.Cloud(Path()))
import localcloud.stepfunctions.executions
print(*{".".join(name.split(".")[:2]) for name in sys.modules if name.startswith("moto.")})
"""

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert "moto.stepfunctions" in done.stdout.split()
    assert not {"moto.ec2", "moto.ecs", "moto.autoscaling"} & set(done.stdout.split())
