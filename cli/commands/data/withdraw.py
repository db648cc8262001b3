"""``retrain withdraw``."""

from typing import Annotated, Any

import typer

from cli.commands import command
from cli.options import DryRun, Json, Model, Stack
from cli.show.console import confirm, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK


@command(after="upload")
def withdraw(
    model: Model,
    keys: Annotated[list[str], typer.Argument(help="Uploads: names below incoming/MODEL/, or whole keys.")],
    reason: Annotated[str, typer.Option(help="Why; kept with each upload, and named in every later run.")],
    erase: Annotated[
        bool, typer.Option("--erase", help="Delete every copy, and what was prepared of it, too.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    dry_run: DryRun = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Take accepted uploads out of all future runs.

    Says which versions learnt from them.
    """
    from cli import changes
    from cli.plans import withdrawal

    target, wanted = target_of(stack, as_json), [withdrawal.normalised(model, key) for key in keys]
    plan: list[withdrawal.Change] = [*withdrawal.withdrawals(target, model, wanted, reason)]
    learnt = withdrawal.learnt_from(target, model, wanted)
    plan += withdrawal.erasures(target, model, wanted, learnt) if erase else []
    versions = withdrawal.versions_of(target, model, learnt)
    report: dict[str, Any] = {"model": model, "keys": wanted, "versions": versions}
    if dry_run:
        text = f"{changes.dry_run_text({model: plan}, target)}\n{withdrawal.learnt_text(model, versions)}"
        print_report(report | {"changes": changes.as_data(plan)}, text, as_json)
        return
    if erase and not yes:
        said = f"this is done at {target}, and what is deleted is gone for good:\n{changes.render_text(plan)}"
        err.print(said, markup=False, soft_wrap=True)
        confirm("delete it?", "nothing was done")
    done = list(withdrawal.execute(target, plan))
    text = changes.render_text(done) or "nothing was left to do: withdrawn before"
    print_report(
        report | {"changes": changes.as_data(done)}, f"{text}\n{withdrawal.learnt_text(model, versions)}", as_json
    )
