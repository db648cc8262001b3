"""``retrain retry``."""

from typing import Annotated, Any

import typer

from cli.commands import command
from cli.options import DryRun, Json, Model, Stack
from cli.show.console import print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="rollback")
def retry(
    model: Model,
    version: Annotated[int, typer.Argument(min=1, help="The version whose deployment failed.")],
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Deploy a version again whose deployment failed.

    For when the reason is gone.
    """
    from cli import changes
    from cli.plans import retry as retrying
    from cli.plans import rollback
    from cli.stack.serving import serving_version

    target = target_of(stack, as_json)
    versions, serves = rollback.versions_of(target, model), serving_version(target, model)
    why = str(target.ledger().versions(model).get(version, {}).get("failed", ""))
    plan = retrying.plan(model, versions, version, serves, target.resource(model), why)
    report: dict[str, Any] = {"model": model, "version": version, "serves": serves}
    if not plan:
        text = f"version {version} of '{model}' serves: there is nothing to try again"
        print_report(report | {"changes": []}, text, as_json)
    elif dry_run:
        print_report(report | {"changes": changes.as_data(plan)}, changes.dry_run_text({model: plan}, target), as_json)
    else:
        done = list(retrying.execute(target, plan))
        after = f"version {version} is deployed again; `retrain status {model}` says when it serves"
        print_report(report | {"changes": changes.as_data(done)}, f"{changes.render_text(done)}\n{after}", as_json)
