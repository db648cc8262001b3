"""``retrain redrive``."""

from typing import Annotated, Any

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import DryRun, Json, Stack
from cli.show.console import NO, confirm, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="retry")
def redrive(
    queue: Annotated[str | None, typer.Argument(help="arrivals or events; both when none is named.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Send dead letters again, when the reason is gone.

    They are uploads and events that a function could not take. Exit code 1 when AWS refused some, as who redrives may
    not decide: they are named, and stay.
    """
    from cli import changes
    from cli.plans import redrive as redriving

    queues = redriving.chosen(queue)
    target = target_of(stack, as_json)
    letters = redriving.read(target, queues)
    plan = redriving.plan(letters)
    counts = {name: sum(letter.queue == name for letter in letters) for name in queues}
    counted = ", ".join(f"{count} in {name}" for name, count in counts.items())
    report: dict[str, Any] = {"letters": counts, "changes": changes.as_data(plan)}
    if not letters:
        print_report(report, f"no dead letters: {counted}", as_json)
        return
    lines = "\n".join(f"  {change.heading}: {change.subject}" for change in plan)
    if dry_run:
        redriving.put_back(target, letters)
        print_report(report, f"this would be done at {target}; nothing was: {counted}\n{lines}", as_json)
        return
    err.print(f"dead letters: {counted}\n{lines}", markup=False, soft_wrap=True)
    if not yes:
        try:
            confirm("send them again?", "nothing was sent")
        except (UserError, typer.Abort):
            redriving.put_back(target, letters)
            raise
    outcomes = list(redriving.execute(target, plan))
    done = [one for one in outcomes if isinstance(one, redriving.Redrive)]
    kept = [str(one) for one in outcomes if isinstance(one, redriving.Kept)]
    left = len(plan) - len(done)
    text = f"{len(done)} sent again" + (f", {left} left where they are" if left else "")
    told = {"letters": counts, "changes": changes.as_data(done), "left": left, "refused": kept}
    print_report(told, "\n".join([text, *(f"  refused: {one}" for one in kept)]), as_json)
    if kept:
        raise typer.Exit(NO)
