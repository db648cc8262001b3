"""README and docs tell the truth: commands parse, files and names exist, each option and each room is told."""

import ast
import re
import shlex
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from botocore.loaders import Loader
from followed_documents import documents
from samtranslator.yaml_helper import yaml_parse
from typer.exceptions import TyperException

from cli import reference
from cli.demo import loop
from cli.main import application

ROOT = Path(__file__).parents[2]
NAMES = documents()
PRODUCT = ("cli", "functions", "localcloud", "pipelines", "processing_scripts", "statemachine")
HOUSES = ("functions/app/", "processing_scripts/", "cli/", "pipelines/", "localcloud/")
TEMPLATE: dict[str, Any] = yaml_parse((ROOT / "template.yaml").read_text())
# Names in code spans that no file of ours needs to hold: they are CloudWatch's and Powertools'.
FOREIGN = {"ConcurrentExecutions", "DataCaptureConfig", "exception_name"}
EXAMPLES = ("loan-default", "loans", "my.csv", "orders", "visits", "sales", "parcels")


@cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    return tuple(name for name in listed.stdout.splitlines() if (ROOT / name).is_file())


@cache
def words() -> frozenset[str]:
    """Every word of the project's own files but its documents and tests."""
    apart = ("docs/", "tests/", "README.md", "benchmarks/README.md", "requirements/")
    files = (ROOT / name for name in tracked() if not name.startswith(apart) and not name.endswith(".txt"))
    return frozenset(word for path in files for word in re.findall(r"\w+", path.read_text(errors="replace")))


@cache
def sagemakers() -> frozenset[str]:
    """The names of SageMaker's API: of its operations, shapes and members."""
    model = Loader().load_service_model("sagemaker", "service-2")
    members = (name for shape in model["shapes"].values() for name in shape.get("members", {}))
    return frozenset([*model["operations"], *model["shapes"], *members])


def blocks(text: str) -> list[str]:
    """What stands in fenced blocks."""
    return re.findall(r"^ *```\w*\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)


def spans(text: str) -> list[str]:
    """What stands in code spans, outside of fenced blocks."""
    outside = re.sub(r"^ *```\w*\n.*?^ *```", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"`([^`\n]+)`", outside)


def told_commands(text: str) -> Iterator[tuple[str, bool]]:
    """Each ``retrain …``, and whether it stands in a block, which has to be complete."""
    for whole, part in [*((True, block) for block in blocks(text)), *((False, span) for span in spans(text))]:
        for line in part.splitlines():
            for found in re.finditer(r"(?:^|[\s$(])(?:\.venv/bin/)?retrain ([a-z][^|&;]*)", line.split(" #")[0]):
                yield re.split(r"\s{2,}", found[1])[0].strip(), whole


def check(line: str, whole: bool) -> None:
    """Parse a command line with the command's own parser; capitals stand for what a person puts there.

    Raises:
        TyperException: it does not parse.
    """
    name, *given = [word.strip("[]") for word in shlex.split(line)]
    given = ["1" if re.fullmatch(r"[A-Z_]+(\.csv)?|<.*>", word) else word for word in given]
    command = commands()[name]
    try:
        command.make_context(name, given)
    except TyperException as error:
        if whole or type(error).__name__ != "MissingParameter":  # `retrain publish` in a sentence names a command
            raise


@cache
def commands() -> dict[str, Any]:
    return dict(typer.main.get_command(application()).commands)  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_of_a_document_parses(name: str) -> None:
    wrong = {}
    for line, whole in told_commands((ROOT / name).read_text()):
        try:
            check(line, whole)
        except (TyperException, KeyError) as error:
            wrong[line] = str(getattr(error, "message", error))

    assert wrong == {}


def texts_of(path: Path) -> Iterator[str]:
    """Every text of a Python file, with 1 for what is filled in."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_remedy_that_a_message_names_parses() -> None:
    wrong = {}
    for path in (path for house in PRODUCT for path in (ROOT / house).rglob("*.py")):
        for text in texts_of(path):
            for line in re.findall(r"(?<!`)`retrain ([a-z][^`]*)`(?!`)", text):
                try:
                    check(line, whole=False)
                except (TyperException, KeyError) as error:
                    wrong[f"{path.relative_to(ROOT)}: {line}"] = str(error)

    assert wrong == {}


def test_every_option_of_every_command_is_on_the_page_of_commands() -> None:
    assert reference.PATH.read_text() == reference.page(), "write it anew: make docs"


def paths_in(text: str) -> Iterator[str]:
    """What looks like a path of this project in code spans and links."""
    tops = {name.partition("/")[0] for name in tracked()}
    for span in [*spans(text), *re.findall(r"\]\((?!http)([^)#]+)", text)]:
        for word in re.findall(r"[\w.<>*/{}-]+", span.replace("<model>", "churn")):
            if word.partition("/")[0] in tops and not any(mark in word for mark in ("<", "{", *EXAMPLES)):
                yield word.rstrip(".")


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_a_document_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    places = [ROOT, (ROOT / name).parent]

    gone = {path for path in paths_in(text) if not any(list(place.glob(path.rstrip("/"))) for place in places)}

    assert {path for path in gone if not re.search(r"/[A-Z]+\.yaml$", path)} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_link_of_a_document_leads_somewhere(name: str) -> None:
    links = re.findall(r"\]\((?!http)([^)#]+)", (ROOT / name).read_text())

    assert {link for link in links if not ((ROOT / name).parent / link).is_file()} == set()


@pytest.mark.parametrize("name", NAMES)
def test_every_target_of_make_exists(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = (ROOT / name).read_text()
    told = [word for part in [*blocks(text), *spans(text)] for word in re.findall(r"(?:^|\s)make ([a-z][a-z-]*)", part)]

    assert set(told) <= targets


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_and_output_of_the_stack_exists(name: str) -> None:
    text = (ROOT / name).read_text()
    parameters = re.findall(r"parameters? `(\w+)`|--parameter-overrides (\w+)=", text)

    assert {one or other for one, other in parameters} <= set(TEMPLATE["Parameters"])
    assert set(re.findall(r"output `(\w+)`", text)) <= set(TEMPLATE["Outputs"])


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_a_document_is_one_of_the_projects(name: str) -> None:
    """Names of two words or more in code spans: ``AlarmEmail``, ``record_arrival``; or SageMaker's own."""
    pattern = r"(?<![\w.-])(?:[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w-])"
    # other tests look at paths of tests and at their names
    own = (span for span in spans((ROOT / name).read_text()) if "::test_" not in span and "tests/" not in span)
    told = {word for span in own for word in re.findall(pattern, span)}

    assert told - words() - sagemakers() - FOREIGN == set()


def keys_of(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from keys_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_every_key_of_the_model_file_that_a_document_shows_is_in_the_schema() -> None:
    schema = yaml.safe_load((ROOT / "models" / "model.schema.json").read_text())
    own = {"income", "hired", "tenure", "profile", "level", "age_group", "owner"}  # columns and facts of the examples
    shown = [span for span in spans((ROOT / "docs" / "add-a-model.md").read_text()) if re.match(r"[a-z_]+: *\S", span)]
    told = {key for span in shown for key in keys_of(yaml.safe_load(span.replace("…", "x")))}

    assert len(shown) > 10
    assert told - own - set(keys_of(schema)) == set()


def test_the_readme_has_every_folder_and_every_room() -> None:
    text = (ROOT / "README.md").read_text()
    rows = {cells[1].strip(): cells[2] for line in text.splitlines() if len(cells := line.split("|")) == 4}
    folders = {name.split("/")[0] + "/" for name in tracked() if "/" in name and not name.startswith(".")}
    rooms = {
        house: {path.parent.name + "/" for path in (ROOT / house).glob("*/*.py")} - {"compiled/"} for house in HOUSES
    }

    assert folders <= {folder for row in rows for folder in re.findall(r"`([a-z_]+/)`", row)}
    assert {house: set(re.findall(r"`([a-z_]+/)`", rows[f"`{house}`"])) for house in HOUSES} == rooms


def test_what_the_demo_prints_next_is_what_the_readme_shows() -> None:
    said = [line.rstrip() for line in blocks((ROOT / "README.md").read_text())[2].splitlines()]
    following = [(what.format(model="churn", logs=".retrain/demo/logs"), why) for what, why in loop.NEXT]
    width = max(len(what) for what, _ in following)

    assert [f"  {what:<{width}}  {why}" for what, why in following] == said[-len(following) :]
