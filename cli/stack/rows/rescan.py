"""Look for uploads of a model of which the stack heard nothing, by hand: what the reconciler does on its schedule."""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from app.decide.names.shown_text import shown
from app.decide.uploads.unheard import SWITCHED_ON

from cli.errors import UserError
from cli.stack import functions
from cli.stack.target import Target

RECONCILER, EVERY_MINUTES = "ReconcileRunsFunction", 5
MOST_LOOKS = 10_000  # of 3,000 object versions
FOUND_WITHIN_MINUTES = 2 * EVERY_MINUTES  # two looks, of which the first finds it too new


@dataclass(frozen=True)
class Rescan:
    """What was found: keys of uploads that nobody had heard of, which are recorded, or scored, now."""

    model: str
    unheard: tuple[str, ...]

    def report(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def rescan(target: Target, model: str) -> Rescan:
    """Go through all uploads of a model, however old.

    Raises:
        UserError: the stack cannot be asked, or has another release.
    """
    found: list[str] = []
    asked: dict[str, Any] = {"model": model}
    for _ in range(MOST_LOOKS):
        answer = functions.call(target, RECONCILER, {"grace_s": 0, "rescan": asked})
        found += answer["unheard"]
        if answer["done"]:
            return Rescan(model, tuple(found))
        asked = answer["at"]
    raise UserError(f"model '{model}' has more uploads than {MOST_LOOKS} looks can go through")


def render_text(done: Rescan) -> str:
    """What was found, for a person."""
    if not done.unheard:
        return f"all that lies in incoming/{done.model}/ and scoring/{done.model}/ is known"
    lines = "\n".join(f"  {shown(key)}" for key in done.unheard)
    return f"nobody had heard of {len(done.unheard)} uploads; they are recorded, or scored, now:\n{lines}"


def young_text(stack: str, model: str, created_at: datetime, now: datetime | None = None) -> str:
    """What to know of uploads to a stack that was created a moment ago; "" for one that was not."""
    age = (now or datetime.now(UTC)) - created_at
    if age >= SWITCHED_ON:
        return ""
    return (
        f"stack '{stack}' is {age.seconds // 60} minutes old, and S3 may tell of no upload in its first ones. One that"
        f" it does not tell of is found within {FOUND_WITHIN_MINUTES} minutes, or at once with"
        f" `retrain upload {model} --rescan`"
    )
