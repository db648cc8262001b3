"""The Lambdas, and the message that each parses, as their own files say."""

import ast
from pathlib import Path

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
