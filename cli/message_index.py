"""``python -m cli.message_index``: every message that is raised, with the troubleshooting that it leads to.

It reads the sources and the page; ``make site`` writes what it prints to a page of the site.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import chain, groupby
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "guides" / "troubleshooting.md"
HOUSES = ("functions", "cli", "processing_scripts", "pipelines")  # whose messages people get to see
MACHINES = "statemachine"
REASON = re.compile(r"^ +reasons: \[(.+)\]$")
FILLED_IN = "…"
NOTHING: Mapping[str, str] = MappingProxyType({})
HEAD = f"""# Messages

Every message that the app, the jobs and the command raise, by where it leads; `{FILLED_IN}` stands for what is
filled in. Written from the sources when the site is built.
"""


class Message(NamedTuple):
    """A message as it stands in the code."""

    path: str
    line: int
    error: str  # what is raised
    text: str


@cache
def messages() -> tuple[Message, ...]:
    """Every message that is raised, or a state machine's reason, with words of its own, by file and line."""
    paths = sorted(path for house in HOUSES for path in (ROOT / house).rglob("*.py"))
    machines = sorted((ROOT / MACHINES).glob("*.yaml"))
    return tuple(chain(chain.from_iterable(map(_raised, paths)), chain.from_iterable(map(_reasons, machines))))


def sections() -> dict[str, str]:
    """The folders and files that speak, and the heading of the page that they lead to."""
    found = {}
    for section in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        heading = section.partition("\n")[0]
        for said_by in re.findall(r"^Said by (.*)\.$", section, re.MULTILINE):
            found.update(dict.fromkeys(re.findall(r"`([^`]+)`", said_by), heading))
    return found


def section_of(path: str, known: dict[str, str]) -> str:
    """The heading that a file's messages lead to: that of the longest name which the file begins with.

    Raises:
        LookupError: no section speaks of it.
    """
    fitting = [name for name in known if path.startswith(name)]
    if not fitting:
        raise LookupError(f"{path} raises messages, and no section of {PAGE.name} names it")
    return known[max(fitting, key=len)]


def page() -> str:
    """All messages by section, as Markdown."""
    known = sections()
    order = list(dict.fromkeys(known.values()))
    led = sorted((order.index(section_of(message.path, known)), message) for message in messages())
    return "\n".join([HEAD, *(_section(order[at], [one for _, one in group]) for at, group in groupby(led, _first))])


def _first(pair: tuple[int, Message]) -> int:
    return pair[0]


def _section(heading: str, said: list[Message]) -> str:
    rows = [f"| {_plain(one.text)} | `{one.error}` | {one.path}, line {one.line} |" for one in said]
    slug = re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-")
    head = [
        f"## {heading}",
        "",
        f"[What to do]({PAGE.name}#{slug})",
        "",
        "| it says | error | said in |",
        "|---|---|---|",
    ]
    return "\n".join([*head, *rows, ""])


def _plain(text: str) -> str:
    """A message as a table's cell has it."""
    return re.sub(r"([\\`*_<>|\[\]{}])", r"\\\1", " ".join(text.split()))


def _raised(path: Path) -> Iterator[Message]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    within = {id(node): owner for owner in owners for node in ast.walk(owner) if isinstance(node, ast.Raise)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            known = _named_before(within[id(node)], node.lineno) if id(node) in within else NOTHING
            text = "; ".join(filter(None, (text_of(argument, known) for argument in node.exc.args)))
            if text.strip(f"{FILLED_IN}; "):
                name = ast.unparse(node.exc.func).rpartition(".")[2]
                yield Message(path.relative_to(ROOT).as_posix(), node.lineno, name, text)


def _reasons(path: Path) -> Iterator[Message]:
    """The reasons that a state machine gives in words of its own."""
    for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if found := REASON.match(text):
            yield Message(path.relative_to(ROOT).as_posix(), line, "reason", found[1])


def _named_before(owner: ast.FunctionDef, line: int) -> Mapping[str, str]:
    """The texts that a function gives a name to above a line; of several the last."""
    named = [
        (node.lineno, node.targets[0].id, node.value)
        for node in ast.walk(owner)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.lineno < line
    ]
    return {name: text_of(value) for _, name, value in sorted(named, key=lambda one: one[0])}


def text_of(node: ast.expr, known: Mapping[str, str] = NOTHING) -> str:
    """What an expression says, with a mark for what is filled in; ``known`` names texts."""
    if isinstance(node, ast.JoinedStr):
        return "".join(text_of(part, known) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return text_of(node.value, known) if isinstance(node.value, ast.Name) else FILLED_IN
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return text_of(node.left, known) + text_of(node.right, known)
    if isinstance(node, ast.Name):
        return known.get(node.id, FILLED_IN)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else FILLED_IN


if __name__ == "__main__":
    print(page())
