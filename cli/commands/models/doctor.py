"""``retrain doctor``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.commands import command
from cli.errors import UserError
from cli.options import Json, Models, Stack
from cli.show.console import NO, confirm, err, print_report, target_of
from cli.stack.target import DEFAULT_STACK

if TYPE_CHECKING:
    from cli.stack.target import Target


@command(after="down")
def doctor(
    models: Models = None,
    bound_job_logs: Annotated[
        bool, typer.Option("--bound-job-logs", help="Bound the account's logs of jobs as the stack's: asks first.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Bound without asking.")] = False,
    stack: Stack = DEFAULT_STACK,
    as_json: Json = False,
) -> None:
    """Ask the account what its models would meet.

    Whose it is, images, quotas, the roles of what serves, logs of jobs. Nothing is changed, nothing costs.

    Exit code 1 when something lacks; each missing quota comes with the command that requests the raise.

    With --bound-job-logs nothing is examined: the log groups of SageMaker's jobs, which are the account's, get the
    stack's retention, and its key where that is one of your own. Exit code 1 when one could not be bounded.
    """
    from cli import model_files
    from cli.stack.account import examination

    if bound_job_logs and models:
        raise UserError("logs of jobs are the account's: --bound-job-logs takes no models")
    if yes and not bound_job_logs:
        raise UserError("--yes goes with --bound-job-logs; nothing else is asked")
    target = target_of(stack, as_json)
    if bound_job_logs:
        _bound(target, yes, as_json)
        return
    found = examination.examine(target, [model_files.load(name) for name in models or model_files.names()])
    print_report(found.data(), examination.render_text(found), as_json)
    if not found.good:
        raise typer.Exit(NO)


def _bound(target: "Target", yes: bool, as_json: bool) -> None:
    from cli import changes
    from cli.plans import job_logs
    from cli.stack.account import log_groups

    bound, logs = job_logs.bound_of(target.stack, target.parameters()), target.client("logs")
    groups = log_groups.found(logs)
    plan = job_logs.plan(groups, bound)
    if plan:
        err.print(job_logs.question(groups, bound, plan, target), markup=False, soft_wrap=True)
        if not yes:
            confirm("bound them?", "nothing was changed")
    done: list[job_logs.Change] = []
    left: list[dict[str, Any]] = []
    for change, problem in job_logs.execute(logs, plan, target):
        if problem:
            left.append({"kind": "log group", "name": change.name, "problem": problem})
        else:
            done.append(change)
    print_report({"changes": changes.as_data(done), "left": left}, job_logs.done_text(bound, done, left), as_json)
    if left:
        raise typer.Exit(NO)
