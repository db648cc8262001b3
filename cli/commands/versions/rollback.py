"""``retrain rollback``."""

from typing import Annotated, Any

import typer

from cli.commands import command
from cli.options import DryRun, Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="reject")
def rollback(
    model: Model,
    reason: Annotated[str, typer.Option(help="Why; kept with each version that is rejected.")],
    to: Annotated[
        int | None, typer.Option(min=1, help="The version to go back to; else the newest approved below what serves.")
    ] = None,
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Go back to an older version.

    The approved newer ones are rejected, so that it is deployed.
    """
    from cli import changes
    from cli.plans import rollback as rolling_back
    from cli.stack.serving import serving_version

    target = target_of(stack, as_json)
    versions, serves = rolling_back.versions_of(target, model), serving_version(target, model)
    goal = rolling_back.goal(model, versions, serves, to)
    plan = rolling_back.plan(model, versions, goal, reason)
    report: dict[str, Any] = {"model": model, "serves": serves, "to": goal}
    if not plan:
        text = f"no approved version of '{model}' is newer than version {goal}: there is nothing to roll back"
        print_report(report | {"changes": []}, text, as_json)
        return
    if dry_run:
        print_report(report | {"changes": changes.as_data(plan)}, changes.dry_run_text({model: plan}, target), as_json)
        return
    done = list(rolling_back.execute(target, plan))
    after = f"version {goal} is deployed again; `retrain status {model}` says when it serves"
    print_report(report | {"changes": changes.as_data(done)}, f"{changes.render_text(done)}\n{after}", as_json)
