"""What a shell may complete where a person has typed the beginning of a name.

Nothing here may ask a person anything or make them wait: runs are asked of a local cloud alone, as AWS could want a
code of a second factor, in the middle of a line.
"""

from collections.abc import Iterable
from pathlib import Path

from cli.stack.target import DEFAULT_STACK

MODELS = Path("models")
MOST_RUNS = 20  # newest first


def models(incomplete: str) -> list[str]:
    """The models that have a file here."""
    return _begun(sorted(path.stem for path in MODELS.glob("*.yaml")), incomplete)


def models_and_runs(incomplete: str) -> list[str]:
    """Models, and the newest runs on a local cloud."""
    return [*models(incomplete), *_begun(_runs(), incomplete)]


def _begun(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]


def _runs() -> list[str]:
    from cli.errors import UserError, aws_errors
    from cli.stack.target import find

    target = find(DEFAULT_STACK)
    unreadable: tuple[type[Exception], ...] = (UserError, *aws_errors())
    if not target.local:
        return []
    try:
        return [run.id for run in target.ledger().runs(None)[:MOST_RUNS]]
    except unreadable:
        return []
