"""The Lambdas, and the message that each parses, as their own files say."""

import ast
import importlib
from pathlib import Path
from typing import Any

from app.decide.parsing import MESSAGES

FUNCTIONS = Path(__file__).parents[2] / "functions"
HANDLERS = sorted(path.stem for path in FUNCTIONS.glob("*.py"))
PARSED_BY_THE_FLOW = {"receive_decision": "DecisionMade"}  # which answers one that makes no sense with a notice


def message_of(handler: str) -> str:
    """The name of the one message that a function parses."""
    tree = ast.parse((FUNCTIONS / f"{handler}.py").read_text())
    parsed = [
        node.func.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "parse"
        and isinstance(node.func.value, ast.Name)
    ]
    (name,) = parsed or [PARSED_BY_THE_FLOW[handler]]
    return name


def message_types() -> dict[str, Any]:
    """Every registered message's class by name, of whatever module in ``decide``."""
    files = [path.relative_to(FUNCTIONS) for path in sorted((FUNCTIONS / "app" / "decide").rglob("*.py"))]
    modules = [importlib.import_module(".".join(path.with_suffix("").parts)) for path in files if path.stem[0] != "_"]
    found = {name: value for module in modules for name, value in vars(module).items() if name in MESSAGES}
    return {name: found[name] for name in MESSAGES}
