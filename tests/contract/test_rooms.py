"""Which room may import which: arrows run one way by folder, modules form no circle, rooms and files stay small."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MOST_FILES, MOST_LINES = 16, 300


@dataclass(frozen=True, eq=False)
class House:
    """A tree of modules, and what each of its rooms may import besides itself."""

    folder: str  # below the project
    root: str  # what its module names begin below
    arrows: Mapping[str, str]  # room -> the rooms that it may import; the longest name that fits a module is its room


def _below(root: str, arrows: Mapping[str, str]) -> dict[str, str]:
    """Arrows whose rooms are named from ``root``; "." is the root itself."""

    def full(room: str) -> str:
        return root if room == "." else f"{root}.{room}"

    return {full(room): " ".join(map(full, line.split())) for room, line in arrows.items()}


APP = House("functions", "functions", {
    "": "app.flow app.ledger app.aws app.decide app.settings app.errors app.queues app.refused_messages",
    "app": "",
    "app.flow": "app.ledger app.aws app.decide app.settings app.errors",
    "app.ledger": "app.aws app.decide app.settings app.errors",
    "app.aws": "app.decide app.errors",
    "app.decide": "app.settings app.errors",
    "app.settings": "app.errors",
    "app.errors": "",
    "app.queues": "",
    "app.refused_messages": "app.aws app.settings app.errors",
})  # fmt: skip
SCRIPTS = House("processing_scripts", "processing_scripts", {
    "": "report evaluation data features artifact job",
    "report": "evaluation job",
    "evaluation": "data features artifact job",
    "data": "features artifact job",
    "features": "artifact job",
    "artifact": "job",
    "job": "",
})  # fmt: skip
COMMAND = House("cli", "", {
    "cli": "cli.commands cli.shapes cli.show cli.stack cli.options cli.debugging cli.errors",
    "cli.commands": "cli.changes cli.demo cli.plans cli.guess cli.show cli.stack cli.options cli.completion "
    "cli.model_files cli.errors",
    "cli.shapes": "cli.guess cli.plans cli.show cli.stack",
    "cli.demo": "cli.demo_data cli.show cli.stack cli.model_files cli.errors",
    "cli.demo_data": "",
    "cli.plans": "cli.changes cli.stack cli.errors",
    "cli.guess": "cli.model_files cli.text_files cli.errors",
    "cli.show": "cli.stack cli.errors",
    "cli.stack": "cli.model_files cli.text_files cli.debugging cli.errors",
    "cli.model_files": "cli.errors",
    "cli.options": "cli.completion cli.debugging cli.errors",
    "cli.completion": "cli.stack cli.errors",
    "cli.debugging": "",
    "cli.errors": "",
    "cli.changes": "",
    "cli.text_files": "",
})  # fmt: skip
LOCAL_CLOUD = House("localcloud", "", _below("localcloud", {
    ".": "",
    "__main__": "server front faults instance_limits settings",
    "server": "application own_calls own_reads pages templates front snapshot iam bus faults instance_limits "
    "background settings",
    "pages": "bus settings",
    "application": "gateway lambdas pages iam front persistence",
    "own_calls": "front settings",
    "own_reads": "iam front settings",
    "sagemaker": "containers watch bus iam front faults archives instance_limits background settings",
    "lambdas": "watch sqs bus iam front faults persistence journaling background settings",
    "gateway": "lambdas iam front background settings",
    "stepfunctions": "watch bus iam front persistence journaling settings",
    "templates": "iam front persistence journaling background settings",
    "watch": "bus front persistence journaling background settings",
    "bus": "iam front faults persistence journaling background settings",
    "sqs": "front persistence journaling background settings",
    "dynamodb": "front persistence settings",
    "iam": "front s3_places settings",
    "containers": "front archives",
    "front": "snapshot persistence journaling background s3_places settings",
    "snapshot": "persistence journaling settings",
    "persistence": "journaling recent s3_places",
    "journaling": "",
    "faults": "",
    "recent": "",
    "archives": "",
    "s3_places": "",
    "instance_limits": "",
    "background": "",
    "settings": "",
}))  # fmt: skip
SAGEMAKER = House("localcloud/sagemaker", "", _below("localcloud.sagemaker", {  # "." is what all of them share
    "service": "parts resuming scaling endpoints",
    "parts": "pipelines lineage tuning transforms scaling endpoints jobs .",
    "resuming": "parts pipelines endpoints .",
    "pipelines": "tuning transforms endpoints jobs .",
    "lineage": "transforms jobs .",
    "tuning": "jobs .",
    "transforms": "endpoints jobs .",
    "scaling": "endpoints .",
    "endpoints": "jobs .",
    "jobs": ".",
    ".": "",
}))  # fmt: skip
BENCHMARKS = House("benchmarks", "", {
    "benchmarks": "benchmarks.watching", "benchmarks.watching": "", "benchmarks.plain": "benchmarks",
})  # fmt: skip
PIPELINES = House("pipelines", "", {
    "pipelines": "pipelines.publishing pipelines.definition pipelines.model",
    "pipelines.publishing": "pipelines.definition pipelines.model pipelines.names",
    "pipelines.definition": "pipelines.model pipelines.names",
    "pipelines.model": "",
    "pipelines.names": "",
})  # fmt: skip
HOUSES = (APP, SCRIPTS, COMMAND, LOCAL_CLOUD, SAGEMAKER, PIPELINES, BENCHMARKS)
LONGER = {  # file -> why it is over 300 lines
    "localcloud/front/moto_patches.py": "a table: one row for each symbol of moto that is replaced",
}


@cache
def modules(house: House) -> dict[str, Path]:
    """Every module of a house by its dotted name; a package is its ``__init__``. The house's own is its face to others,
    and imports what they may use.
    """
    start, face = ROOT / house.root, ROOT / house.folder / "__init__.py"
    paths = (path for path in (ROOT / house.folder).rglob("*.py") if "compiled" not in path.parts and path != face)
    return {".".join(path.relative_to(start).with_suffix("").parts).removesuffix(".__init__"): path for path in paths}


@cache
def imports(house: House) -> dict[str, set[str]]:
    """Module -> the modules of its own house that it imports, wherever in the file; types alone do not count."""
    return {name: set(_imported(path, modules(house))) - {name} for name, path in modules(house).items()}


def _imported(path: Path, known: Mapping[str, Path]) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    for guard in [node for node in ast.walk(tree) if isinstance(node, ast.If)]:
        if ast.unparse(guard.test) == "TYPE_CHECKING":
            guard.body = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                name = f"{node.module}.{alias.name}"
                yield from (found for found in [name if name in known else node.module] if found in known)


def room_of(house: House, module: str) -> str:
    """The room that a module lies in."""
    rooms = [room for room in house.arrows if not room or f"{module}.".startswith(f"{room}.")]
    return max(rooms, key=len)


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_rooms_import_only_what_the_arrows_allow(house: House) -> None:
    wrong = [
        f"{module} imports {other}"
        for module, others in imports(house).items()
        for other in others
        if (room := room_of(house, module)) != (to := room_of(house, other)) and to not in house.arrows[room].split()
    ]

    assert wrong == []


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_every_arrow_is_used(house: House) -> None:
    used = {
        (room_of(house, module), room_of(house, other)) for module, others in imports(house).items() for other in others
    }
    drawn = {(room, to) for room, line in house.arrows.items() for to in line.split()}

    assert drawn - used == set()


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_every_folder_of_a_house_has_its_row(house: House) -> None:
    top = ROOT / house.folder
    names = {".".join(path.parent.relative_to(ROOT / house.root).parts) for path in top.glob("*/__init__.py")}

    assert names - set(house.arrows) == set()


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_arrows_run_one_way(house: House) -> None:
    graph = {room: to.split() for room, to in house.arrows.items()}

    assert len(list(TopologicalSorter(graph).static_order())) == len(house.arrows)


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_modules_form_no_circle(house: House) -> None:
    try:
        list(TopologicalSorter(imports(house)).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("house", HOUSES, ids=lambda house: house.folder)
def test_every_room_has_at_most_16_files(house: House) -> None:
    folders = {path.parent for path in modules(house).values()} - {ROOT / "functions"}  # a file there is a Lambda
    full = {str(folder.relative_to(ROOT)): len(list(folder.glob("*.py"))) for folder in folders}

    assert {folder: files for folder, files in full.items() if files > MOST_FILES} == {}


def test_a_file_over_300_lines_has_its_reason_here() -> None:
    sizes = {
        path.relative_to(ROOT).as_posix(): len(path.read_text().splitlines())
        for house in HOUSES
        for path in modules(house).values()
    }

    assert {name for name, lines in sizes.items() if lines > MOST_LINES} == set(LONGER)


JOBS = " ".join(room for room in SCRIPTS.arrows if room)  # the rooms of processing_scripts, by their names there


@pytest.mark.parametrize(("folder", "strangers"), [
    ("functions", f"localcloud pipelines cli {JOBS}"), ("processing_scripts", "app localcloud pipelines cli"),
    ("pipelines", "app localcloud cli"), ("localcloud", f"app pipelines cli {JOBS}"),
])  # fmt: skip
def test_the_houses_meet_only_in_the_template_and_over_http(folder: str, strangers: str) -> None:
    known = dict.fromkeys(strangers.split(), ROOT)
    wrong = {}
    for path in (ROOT / folder).rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        if found := {name for name in names if name.partition(".")[0] in known}:
            wrong[str(path.relative_to(ROOT))] = found

    assert wrong == {}


def test_the_command_shares_decisions_and_the_ledger_with_its_errors_with_the_app_and_no_more() -> None:
    wrong = {}
    for path in (ROOT / "cli").rglob("*.py"):
        tree = ast.parse(path.read_text())
        names = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
        app = {name for name in names if name.partition(".")[0] == "app"}
        if found := {name for name in app if not name.startswith(("app.decide", "app.errors", "app.ledger"))}:
            wrong[str(path.relative_to(ROOT))] = found

    assert wrong == {}
